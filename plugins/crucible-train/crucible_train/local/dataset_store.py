"""The dataset store of this machine: files of JSON lines, one for each split."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


class FileDatasetStore:
    """Loads ``NAME.jsonl``, whose rows are all the split ``train``, or a directory with ``SPLIT.jsonl`` for each split.

    See `crucible_core.ports.DatasetStore`.
    """

    def load_dataset(self, name: str, options: Mapping[str, Any]) -> Mapping[str, Sequence[Row]]:  # noqa: ARG002 - the port's
        """Return the rows of every split.

        Args:
            name: A path, with or without its ``.jsonl``.
            options: Not looked at.

        Raises:
            FileNotFoundError: There is no such file or directory.
            ValueError: A line is no JSON object.
        """
        place = Path(name)
        if place.is_dir():
            found = {file.stem: _rows(file) for file in sorted(place.glob("*.jsonl"))}
            if not found:
                raise FileNotFoundError(f"{place} holds no .jsonl file")
            return found
        file = place if place.suffix == ".jsonl" else place.with_name(f"{place.name}.jsonl")
        if not file.exists():
            raise FileNotFoundError(f"there is no {file.absolute()}")
        return {"train": _rows(file)}

    def get_split(self, dataset: Mapping[str, Sequence[Row]], split: str) -> Sequence[Row]:
        """Return the rows of one split.

        Raises:
            KeyError: There is none of that name; says which there are.
        """
        if split not in dataset:
            raise KeyError(f"there is no split {split!r}; there are {', '.join(dataset)}")
        return dataset[split]

    def shuffle(self, dataset: Sequence[Row], seed: int) -> Sequence[Row]:
        """Return the rows in an order that follows from the seed."""
        rows = list(dataset)
        random.Random(seed).shuffle(rows)  # noqa: S311 - not for secrets
        return rows

    def take(self, dataset: Sequence[Row], count: int) -> Sequence[Row]:
        """Return the first rows."""
        return dataset[:count]

    def skip(self, dataset: Sequence[Row], count: int) -> Sequence[Row]:
        """Return all but the first rows."""
        return dataset[count:]

    def select(self, dataset: Sequence[Row], indices: Iterable[int]) -> Sequence[Row]:
        """Return the rows at these indices."""
        return [dataset[index] for index in indices]

    def to_list(self, dataset: Sequence[Row]) -> Sequence[Row]:
        """Return the rows."""
        return dataset


def _rows(file: Path) -> list[Row]:
    rows: list[Row] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError(f"{file}:{number}: a row is a JSON object, not {line:.60}")  # noqa: TRY004 - data, not code
        rows.append(row)
    return rows
