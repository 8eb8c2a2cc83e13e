"""A dataset in the context: rows, where they came from, and how they are split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class DatasetManifest:
    """Where a dataset came from and what it holds; recorded in the manifest of every run that uses it.

    Args:
        source: A path, or the name of a dataset with its provider, e.g. ``sklearn:iris``.
        sha256: Hash of the bytes read, or of the canonical JSON of the rows where there is no file.
        rows: Number of rows.
        columns: Names of the columns, in order.
        split: How the rows are split: method, sizes and seed; empty where they are not.
    """

    source: str
    sha256: str
    rows: int
    columns: tuple[str, ...]
    split: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest as JSON values."""
        return {
            "source": self.source,
            "sha256": self.sha256,
            "rows": self.rows,
            "columns": list(self.columns),
            "split": dict(self.split),
        }


@dataclass(frozen=True)
class Dataset:
    """Rows, each a mapping from column to value, with their manifest.

    Args:
        rows: All rows, in order. They are shared, not copied: nobody may change them.
        manifest: Where they came from.
        splits: Name of a split to the indices of its rows.
    """

    rows: Sequence[Mapping[str, Any]]
    manifest: DatasetManifest
    splits: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def split(self, name: str) -> list[Mapping[str, Any]]:
        """Return the rows of one split.

        Raises:
            KeyError: There is no split of that name; the message names those there are.
        """
        if name not in self.splits:
            known = ", ".join(self.splits) or "none"
            raise KeyError(f"no split named {name!r} in {self.manifest.source}; there are: {known}")
        return [self.rows[index] for index in self.splits[name]]

    def __len__(self) -> int:
        """Count all rows."""
        return len(self.rows)
