"""Write ``[plugins]`` tables of configuration files, keeping everything a person wrote there."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.configuration import read_plugin_table
from crucible_core.plugins.errors import SettingsError
from crucible_core.plugins.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["switch_off", "switch_on"]


def switch_off(file: Path, name: str, spellings: Iterable[str]) -> bool:
    """List a name under ``disabled``.

    Args:
        file: The configuration file; made when it is not there.
        name: The name to write.
        spellings: Every name that means the same thing, to be taken out of ``enabled``.

    Returns:
        Whether the file changed.

    Raises:
        SettingsError: The file is malformed or cannot be written.
    """
    return _edit(file, add=("disabled", name), remove=("enabled", spellings))


def switch_on(file: Path, spellings: Iterable[str], *, name: str | None = None) -> bool:
    """Take names out of ``disabled`` and, where ``name`` is given, list it under ``enabled``.

    Returns:
        Whether the file changed.

    Raises:
        SettingsError: The file is malformed or cannot be written.
    """
    return _edit(file, add=("enabled", name) if name else None, remove=("disabled", spellings))


def _edit(file: Path, *, add: tuple[str, str] | None, remove: tuple[str, Iterable[str]]) -> bool:
    import tomlkit

    text = ""
    if file.exists():
        read_plugin_table(file)  # a malformed file is an error with its line, not something to write over
        text = file.read_bytes().decode()
    elif add is None:
        return False
    document = tomlkit.parse(text)
    if "plugins" not in document:
        document["plugins"] = tomlkit.table()
    table: Any = document["plugins"]
    unwanted = set(map(normalise, remove[1]))
    for listed in [one for one in table.get(remove[0], ()) if normalise(one) in unwanted]:
        table[remove[0]].remove(listed)
    if add is not None and normalise(add[1]) not in map(normalise, table.get(add[0], ())):
        if add[0] not in table:
            table[add[0]] = []
        table[add[0]].append(add[1])
    changed = tomlkit.dumps(document)
    if changed == text or (add is None and not text):
        return False
    _write(file.resolve(), changed)
    return True


def _write(file: Path, text: str) -> None:
    """Replace a file in one step, so that nobody ever sees half of it."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(text.encode())
        if file.exists():
            shutil.copymode(file, draft)
        draft.replace(file)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise SettingsError(f"{file}: cannot be written: {error.strerror}", hint="make it writable") from None
