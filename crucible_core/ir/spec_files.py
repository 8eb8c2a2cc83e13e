"""Read the text of a spec file."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from crucible_core.ir.errors import Location, SpecError

if TYPE_CHECKING:
    from pathlib import Path

EXTENSIONS = (".yaml", ".yml", ".json", ".toml")


def read_text(path: Path) -> str:
    """Return the text of a spec file, without a byte order mark.

    Raises:
        SpecError: There is no such file, it cannot be read, or it is not UTF-8.
    """
    if path.suffix.lower() not in EXTENSIONS and not path.is_dir():
        raise SpecError.of(f"{path}: cannot tell the format from {path.suffix!r}; use one of {', '.join(EXTENSIONS)}")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise SpecError.of(f"{path}: no such file") from None
    except IsADirectoryError:
        raise SpecError.of(f"{path}: is a directory; name a spec file in it") from None
    except OSError as error:
        raise SpecError.of(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        offset = error.start + len(content) - len(error.object)
        line = content.count(b"\n", 0, offset) + 1
        message = f"not UTF-8: the byte 0x{content[offset]:02x} at offset {offset}; save the file as UTF-8"
        raise SpecError.of(message, location=Location(str(path), line)) from None
