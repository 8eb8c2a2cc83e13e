"""Write down where a plugin was installed from, so that it can be installed again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_core.plugins.record import PluginRecord

__all__ = ["requirement_line"]


def requirement_line(record: PluginRecord) -> str:
    """Return a line for a requirements file.

    ``-e path`` for an editable install, ``name @ URL`` for one from a directory, an archive or a repository,
    ``name==version`` for one from an index.
    """
    if record.source is None:
        return f"{record.name}=={record.version}"
    if record.editable and record.source.startswith("file://"):
        return f"-e {shlex.quote(_path(record.source))}"
    return f"{record.name} @ {record.source}"


def _path(url: str) -> str:
    from urllib.parse import unquote, urlsplit

    return unquote(urlsplit(url).path)
