"""Where the parts of a document stand in its text."""

from __future__ import annotations

from bisect import bisect_right


class Place:
    """Where a value and its key begin (line and column from 1, column None when unknown), and the places within."""

    __slots__ = ("children", "column", "key_column", "key_line", "line")

    def __init__(
        self,
        line: int,
        column: int | None,
        key_line: int | None = None,
        key_column: int | None = None,
        children: dict[str | int, Place] | None = None,
    ) -> None:
        self.line = line
        self.column = column
        self.key_line = key_line
        self.key_column = key_column
        self.children = {} if children is None else children

    def find(self, path: tuple[str | int, ...], *, key: bool) -> tuple[int, int | None]:
        """Return line and column of the value at a path, or of its key; of the nearest parent where there is none."""
        place = self
        for step in path:
            child = place.children.get(step)
            if child is None:
                return place.line, place.column
            place = child
        if key and place.key_line is not None:
            return place.key_line, place.key_column
        return place.line, place.column


class DuplicateKeyError(ValueError):
    """A key that stands twice in one mapping."""

    def __init__(self, key: str, line: int, column: int | None, first_line: int) -> None:
        super().__init__(f"the key {key!r} stands twice in this mapping, first at line {first_line}")
        self.line = line
        self.column = column


class LineStarts:
    """Turn offsets into a text into lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        find = text.find
        at = find("\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = find("\n", at + 1)

    def locate(self, offset: int) -> tuple[int, int]:
        """Return line and column, from 1, of an offset from 0."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1
