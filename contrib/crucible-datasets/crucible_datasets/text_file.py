"""Text files, plain or compressed with gzip, whose errors say where the bad byte is."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from crucible_datasets.errors import DatasetError

_CHUNK = 1 << 16  # bytes read at a time while looking for the bad one


@contextmanager
def open_text(path: Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    """Open a text file, line ends untouched; a byte order mark is dropped, ``.gz`` is unpacked on the way.

    Raises:
        DatasetError: ``unknown_encoding`` now; ``bad_encoding`` or ``malformed_file`` while it is read.
    """
    codec = _codec(encoding)
    try:
        with _open_bytes(path) as raw, io.TextIOWrapper(raw, _without_mark(codec), newline="") as text:
            yield text
    except UnicodeError as error:
        raise _undecodable(path, codec, encoding, error) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DatasetError(
            "malformed_file", f"{path} is not a whole gzip file: {error}; fetch or pack it again"
        ) from error


def _open_bytes(path: Path) -> gzip.GzipFile | io.BufferedReader:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def _codec(encoding: str) -> str:
    try:
        info = codecs.lookup(encoding)
        "".encode(info.name)  # refuses codecs such as base64, which turn bytes into bytes
    except (LookupError, TypeError, ValueError) as error:
        raise DatasetError(
            "unknown_encoding",
            f"there is no text encoding {encoding!r}; common ones are utf-8, latin-1, cp1252, utf-16",
            encoding=encoding,
        ) from error
    return info.name


def _without_mark(codec: str) -> str:
    return "utf-8-sig" if codec == "utf-8" else codec


def _undecodable(path: Path, codec: str, encoding: str, error: UnicodeError) -> DatasetError:
    """Return the error for a file that is no text, with the place of its first bad byte."""
    found = _first_bad_byte(path, codec)
    if found is None:
        return DatasetError("bad_encoding", f"{path} is not {encoding} text: {error}; set `encoding`")
    offset, line, byte = found
    why = f" ({error.reason})" if isinstance(error, UnicodeDecodeError) else ""
    return DatasetError(
        "bad_encoding",
        f"{path} is not {encoding} text: byte {offset} (0x{byte:02x}, in line {line}) cannot be decoded{why}; "
        "set `encoding` to the file's own (often latin-1 or cp1252), or save the file as UTF-8",
        line=line,
        byte=offset,
    )


def _first_bad_byte(path: Path, codec: str) -> tuple[int, int, int] | None:
    """Return offset (from 0), line (from 1) and value of the first byte that cannot be decoded."""
    decoder = codecs.getincrementaldecoder(codec)()
    offset, line = 0, 1
    with _open_bytes(path) as raw:
        while True:
            chunk = raw.read(_CHUNK)
            start = offset - len(decoder.getstate()[0])
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(codec, "replace")
                return start + error.start, line + good.count("\n"), error.object[error.start]
            except UnicodeError:
                return None
            if not chunk:
                return None
            offset += len(chunk)
