"""Rows of a data set, one a line, so that a million of them are never in memory twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from crucible_core.contract.persistent import Rows
from crucible_core.runs.codecs.decoder import Decoder
from crucible_core.runs.codecs.plain import as_text, is_plain
from crucible_core.runs.codecs.refusal import Refusal

if TYPE_CHECKING:
    from crucible_core.runs.codecs.encoder import Encoder
    from crucible_core.runs.codecs.protocols import Tags

__all__ = ["MANY", "JsonLinesReader", "JsonLinesWriter", "are_plain_rows"]

MANY = 100
"""Rows; more are written one after the other, so that they are never in memory twice."""

_AT_ONCE = 1000  # lines
_LONG_LINE = 1 << 30
_SEQUENCES: dict[str, Callable[[Iterable[Any]], Any]] = {"list": list, "tuple": tuple, "Rows": Rows}


def are_plain_rows(rows: list[Any]) -> bool:
    """Tell whether a list is many rows that JSON holds as they are, none of them twice."""
    return len(rows) > MANY and len(set(map(id, rows))) == len(rows) and all(is_plain(row, _LONG_LINE) for row in rows)


class JsonLinesWriter:
    """Writes a list, a tuple or `Rows`: a line that says which, and one for each row.

    Args:
        encoder: Of the value that the rows belong to.
        depth: Within how many containers they lie.
    """

    name = "rows"
    suffix = ".jsonl"

    def __init__(self, encoder: Encoder, depth: int) -> None:
        self._whole = encoder
        self._depth = depth
        self.objects: list[dict[str, Any]] = []
        """What stands for the objects that parts of rows became."""

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Write all rows."""
        stream.write(as_text({"sequence": type(value).__name__}).encode() + b"\n")
        rows, start = iter(value), 0
        while batch := list(islice(rows, _AT_ONCE)):
            lines = [self._line(row, start + index) for index, row in enumerate(batch)]
            stream.write(("\n".join(lines) + "\n").encode("utf-8", "backslashreplace"))
            start += len(batch)

    def _line(self, row: Any, index: int) -> str:
        if is_plain(row, _LONG_LINE):
            text = as_text(row)
            self._whole.kinds.forbid_secrets(text, row)
            return text
        try:
            part = self._whole.part()
            encoded = part.whole(row, self._depth)
            text = as_text(encoded)
            self._whole.kinds.forbid_secrets(text, encoded)
        except Refusal as refusal:
            raise refusal.within(index) from None
        self.objects += part.objects
        return text

    def write_plain(self, value: Any, stream: BinaryIO) -> None:
        """Write nothing: secrets were looked for line by line."""


class JsonLinesReader:
    """Reads what a `JsonLinesWriter` wrote.

    Args:
        tags: As for a `Decoder`.
        pickled: Likewise.
    """

    def __init__(self, tags: Tags, *, pickled: bool) -> None:
        self._tags = tags
        self._pickled = pickled

    def read(self, stream: BinaryIO) -> Any:
        """Read all rows."""
        sequence = _SEQUENCES[json.loads(stream.readline())["sequence"]]
        return sequence(map(self._row, stream))

    def _row(self, line: bytes) -> Any:
        encoded = json.loads(line)
        return Decoder(self._tags, pickled=self._pickled).decode(encoded) if b'"$"' in line else encoded
