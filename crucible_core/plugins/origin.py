"""Write down where a plugin was installed from, so that it can be installed again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_core.plugins.record import PluginRecord

__all__ = ["file_of", "requirement_line"]


def requirement_line(record: PluginRecord) -> str:
    """Return a line for a requirements file.

    ``-e path`` for an editable install, ``name @ URL`` for one from a directory, an archive or a repository,
    ``name==version`` for one from an index.
    """
    if record.source is None:
        return f"{record.name}=={record.version}"
    file = file_of(record.source)
    if record.editable and file is not None:
        return f"-e {shlex.quote(file)}"
    return f"{record.name} @ {record.source}"


def file_of(url: str) -> str | None:
    """Return the path that a ``file:`` URL means; None for any other URL."""
    if not url.startswith("file://"):
        return None
    from urllib.parse import unquote, urlsplit

    return unquote(urlsplit(url).path)
