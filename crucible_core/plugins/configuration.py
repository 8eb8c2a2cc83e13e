"""Read ``crucible.toml``: where it is, and what its table about plugins says."""

from __future__ import annotations

import math
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from crucible_core.plugins.errors import SettingsError
from crucible_core.plugins.names import near_matches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = [
    "FILE_NAME",
    "PluginTable",
    "find_project_file",
    "read_plugin_table",
    "read_table",
    "setting_error",
    "user_file",
]

FILE_NAME = "crucible.toml"
_KEYS = ("disabled", "enabled", "stages", "timeout")
_POSITION = re.compile(r"\(at line (\d+), column (\d+)\)")


class PluginTable(NamedTuple):
    """The ``[plugins]`` table of one file: names switched off and on, winners of stage names, seconds to wait."""

    disabled: tuple[str, ...] = ()
    enabled: tuple[str, ...] = ()
    stages: tuple[tuple[str, str], ...] = ()
    timeout: float | None = None


def find_project_file(directory: Path) -> Path | None:
    """Return the nearest ``crucible.toml`` in a directory or above it."""
    for folder in (directory, *directory.parents):
        file = folder / FILE_NAME
        if file.is_file():
            return file
    return None


def user_file(environ: Mapping[str, str]) -> Path:
    """Return the user's ``crucible.toml``; ``CRUCIBLE_CONFIG_DIR`` moves it."""
    from pathlib import Path

    if environ.get("CRUCIBLE_CONFIG_DIR"):
        return Path(environ["CRUCIBLE_CONFIG_DIR"]) / FILE_NAME
    if sys.platform == "linux":  # what platformdirs would say; importing it takes as long as finding twenty plugins
        given = Path(environ.get("XDG_CONFIG_HOME", ""))
        return (given if given.is_absolute() else Path("~/.config").expanduser()) / "crucible" / FILE_NAME
    else:  # noqa: RET505 - mypy takes what follows a return on this platform for dead code
        from platformdirs import user_config_dir

        return Path(user_config_dir("crucible")) / FILE_NAME


def read_plugin_table(file: Path) -> PluginTable:
    """Read what a file says about plugins.

    Raises:
        SettingsError: The file cannot be read, is not TOML, or its ``[plugins]`` table has a wrong key or
            type. The message begins with ``file:line``.
    """
    text, table = read_table(file, "plugins", _KEYS)
    return PluginTable(
        _names(file, text, "disabled", table.get("disabled", [])),
        _names(file, text, "enabled", table.get("enabled", [])),
        _stages(file, text, table.get("stages", {})),
        _timeout(file, text, table.get("timeout")),
    )


def read_table(file: Path, name: str, keys: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Return the text of a file, and what its table of this name says.

    Args:
        file: The file.
        name: The name of the table.
        keys: The keys it may have.

    Raises:
        SettingsError: The file cannot be read, is not TOML, or the table has another key. The message begins with
            ``file:line``.
    """
    text = _text(file)
    table = _parse(file, text).get(name, {})
    if not isinstance(table, dict):
        raise setting_error(file, text, name, f"[{name}] must be a table")
    for key in table:
        if key not in keys:
            meant = near_matches(key, keys, limit=1)
            ending = f"; did you mean {meant[0]!r}?" if meant else f"; it may have {', '.join(keys)}"
            raise setting_error(file, text, key, f"[{name}] has no key {key!r}{ending}")
    return text, table


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}", hint="make it readable or remove it") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: is not UTF-8 text (byte {error.start})", hint="save it as UTF-8") from None


def _parse(file: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        position = _POSITION.search(message)  # TOMLDecodeError has numbers of its own only from Python 3.14 on
        line, column = position.groups() if position else (str(text.count("\n") + 1), "1")
        what = _POSITION.sub("", message).removesuffix("(at end of document)").strip()
        raise SettingsError(f"{file}:{line}:{column}: not valid TOML: {what}", hint="correct that line") from None


def _names(file: Path, text: str, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) and name.strip() for name in value):
        example = f'{key} = ["crucible-bench"]'
        raise setting_error(file, text, key, f"[plugins] {key} must be a list of names, as in {example}")
    return tuple(value)


def _stages(file: Path, text: str, value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise setting_error(file, text, "stages", "[plugins.stages] must be a table of stage = distribution")
    for stage, distribution in value.items():
        if not isinstance(distribution, str) or not distribution.strip():
            raise setting_error(file, text, stage, f"[plugins.stages] {stage} must be the name of a distribution")
    return tuple(value.items())


def _timeout(file: Path, text: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise setting_error(file, text, "timeout", "[plugins] timeout must be a number of seconds, 0 for no limit")
    return float(value)


def setting_error(file: Path, text: str, key: str, message: str) -> SettingsError:
    """Make an error that points at the first line a key is on."""
    mark = re.compile(rf"^\s*(\[[^\]]*\b{re.escape(key)}\b|[\"']?{re.escape(key)}\b)")
    line = next((number for number, content in enumerate(text.splitlines(), 1) if mark.match(content)), 1)
    return SettingsError(f"{file}:{line}: {message}", hint="correct that line")
