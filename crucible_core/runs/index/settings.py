"""Which shared index the settings name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from crucible_core.plugins.configuration import find_project_file, read_table, setting_error, user_file

__all__ = ["VARIABLE", "configured_index"]

VARIABLE = "CRUCIBLE_INDEX"

_KEYS = ("index",)


def configured_index(environ: Mapping[str, str] | None = None, cwd: str | os.PathLike[str] | None = None) -> str | None:
    """Return the URL of the shared index that runs are pushed to; None where there is none.

    The variable ``CRUCIBLE_INDEX`` beats ``[runs] index`` of the project's ``crucible.toml``, and that the user's; an
    empty text means none.

    Args:
        environ: Environment variables; ``os.environ`` when None.
        cwd: Where to look for the project's file, and above; the working directory when None.

    Raises:
        SettingsError: A configuration file is malformed.
    """
    environ = os.environ if environ is None else environ
    if VARIABLE in environ:
        return environ[VARIABLE] or None
    for file in (find_project_file(Path(cwd or os.curdir).resolve()), user_file(environ)):
        if file is not None and file.is_file():
            text, table = read_table(file, "runs", _KEYS)
            if "index" in table:
                if not isinstance(table["index"], str):
                    raise setting_error(file, text, "index", '[runs] index must be a URL, as in "postgresql://db/runs"')
                return table["index"] or None
    return None
