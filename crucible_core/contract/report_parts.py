"""Parts of a report that stages put into artifacts and the core renders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A vector picture.

    Args:
        svg: One complete ``<svg>`` element; scripts and references to other files are refused when it is rendered.
        title: What the picture shows, a few words.
        alt: What a reader who cannot see it needs to know, numbers included.
    """

    svg: str
    title: str
    alt: str

    def to_dict(self) -> dict[str, Any]:
        """Return the figure as JSON values."""
        return {"kind": "figure", "title": self.title, "alt": self.alt, "svg": self.svg}


@dataclass(frozen=True)
class Table:
    """Rows under named columns; every row has one cell a column, each a string, a number, a boolean or None."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    title: str = ""

    def __post_init__(self) -> None:
        """Refuse ragged rows where they are written."""
        for index, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"row {index} of table {self.title!r} has {len(row)} cells for {len(self.columns)} columns"
                )

    def to_dict(self) -> dict[str, Any]:
        """Return the table as JSON values."""
        return {
            "kind": "table",
            "title": self.title,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
        }


@dataclass(frozen=True)
class Text:
    """A passage in Markdown."""

    markdown: str
    title: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the text as JSON values."""
        return {"kind": "text", "title": self.title, "markdown": self.markdown}


ReportPart = Figure | Table | Text


def report_parts(artifact: Any) -> tuple[ReportPart, ...]:
    """Return the report parts an artifact consists of: itself, those of a list or tuple of parts, or none."""
    if isinstance(artifact, (Figure, Table, Text)):
        return (artifact,)
    if isinstance(artifact, (list, tuple)) and all(isinstance(part, (Figure, Table, Text)) for part in artifact):
        return tuple(artifact)
    return ()
