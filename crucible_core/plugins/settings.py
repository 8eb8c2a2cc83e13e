"""Gather what flags, environment and configuration files say about plugins."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from crucible_core.plugins.builtin import BUILTIN_STAGES
from crucible_core.plugins.configuration import find_project_file, read_plugin_table, user_file
from crucible_core.plugins.errors import SettingsError
from crucible_core.plugins.levels import TIMEOUT, Level, Settings, StageChoice
from crucible_core.plugins.names import normalise
from crucible_core.plugins.record import CORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["ALLOW_VARIABLE", "DISABLE_VARIABLE", "TIMEOUT_VARIABLE", "Settings", "load_settings"]

DISABLE_VARIABLE = "CRUCIBLE_DISABLE_PLUGINS"
ALLOW_VARIABLE = "CRUCIBLE_PLUGINS"
TIMEOUT_VARIABLE = "CRUCIBLE_PLUGIN_TIMEOUT"


def load_settings(
    environ: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    *,
    no_plugins: bool = False,
    disable: Iterable[str] = (),
    strict: bool = False,
    tolerant: bool = False,
) -> Settings:
    """Gather the settings; flag beats environment beats project file beats user file.

    Args:
        environ: Environment variables; ``os.environ`` when None.
        cwd: Where to look for the project's ``crucible.toml``, and above; the working directory when None.
        no_plugins: The flag ``--no-plugins``.
        disable: The names given to ``--disable``.
        strict: The flag ``--strict``.
        tolerant: Collect what is wrong in ``Settings.problems`` instead of raising; for the commands that
            must work when the configuration is broken.

    Raises:
        SettingsError: A file or ``CRUCIBLE_PLUGIN_TIMEOUT`` is malformed or a built-in stage is switched off (unless
            ``tolerant``).
    """
    environ = os.environ if environ is None else environ
    problems: list[SettingsError] = []
    levels = [*_flags(disable, no_plugins=no_plugins), *_variables(environ)]
    choices: list[StageChoice] = []
    timeouts: list[float] = []
    try:
        timeouts += _timeout_variable(environ)
    except SettingsError as error:
        problems.append(error)
    for file, flag in _files(environ, cwd):
        try:
            table = read_plugin_table(file)
        except SettingsError as error:
            problems.append(error)
            continue
        undo = f"crucible plugins enable {{name}}{flag}"
        levels.append(Level(str(file), undo, table.disabled, table.enabled))
        choices += [StageChoice(stage, distribution, str(file)) for stage, distribution in table.stages]
        timeouts += [] if table.timeout is None else [table.timeout]
    problems += filter(None, map(_essential, levels))
    if problems and not tolerant:
        raise problems[0]
    return Settings(tuple(levels), strict, tuple(choices), tuple(map(_told, problems)), next(iter(timeouts), TIMEOUT))


def _flags(disable: Iterable[str], *, no_plugins: bool) -> list[Level]:
    names = _split(disable)
    levels = [Level("the flag --disable", "leave {name} out of --disable", names)] if names else []
    return [Level("the flag --no-plugins", "leave out --no-plugins", only=()), *levels] if no_plugins else levels


def _variables(environ: Mapping[str, str]) -> list[Level]:
    disabled = _split([environ.get(DISABLE_VARIABLE, "")])
    levels = [Level(DISABLE_VARIABLE, f"unset {DISABLE_VARIABLE}", disabled)] if disabled else []
    if ALLOW_VARIABLE in environ:
        only = _split([environ[ALLOW_VARIABLE]])
        levels.append(Level(ALLOW_VARIABLE, f"unset {ALLOW_VARIABLE}", only=only))
    return levels


def _timeout_variable(environ: Mapping[str, str]) -> list[float]:
    text = environ.get(TIMEOUT_VARIABLE, "").strip()
    try:
        seconds = float(text or "0")
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        reason = f"{TIMEOUT_VARIABLE} must be a number of seconds, 0 for no limit, got {text!r}"
        raise SettingsError(reason, hint=f"unset {TIMEOUT_VARIABLE}")
    return [seconds] if text else []


def _split(texts: Iterable[str]) -> tuple[str, ...]:
    """Split comma-separated names; a flag may be given more than once."""
    texts = [texts] if isinstance(texts, str) else texts
    return tuple(name.strip() for text in texts for name in text.split(",") if name.strip())


def _files(environ: Mapping[str, str], cwd: str | os.PathLike[str] | None) -> list[tuple[Path, str]]:
    """Return the configuration files that exist, the project's first, with the flag that edits each."""
    from pathlib import Path

    project = find_project_file(Path(cwd or os.curdir).resolve())
    user = user_file(environ)
    files = [(project, "")] if project else []
    if user.is_file() and not (project and user.samefile(project)):
        files.append((user, " --user"))
    return files


def _essential(level: Level) -> SettingsError | None:
    """Refuse to switch off what the core cannot do without."""
    essential = {normalise(name) for name in (CORE, *BUILTIN_STAGES)}
    essential |= {f"{CORE}:{normalise(name)}" for name in BUILTIN_STAGES}
    for name in level.disabled:
        if normalise(name) in essential:
            return SettingsError(
                f"{level.source} switches off {name!r}, which is built in and cannot be switched off",
                hint=f"take {name!r} out of it; a stage runs only where an experiment names it. "
                f"A plugin's stage of that name is written distribution:{name}",
            )
    return None


def _told(error: SettingsError) -> str:
    return f"{error}; {error.hint}" if error.hint else str(error)
