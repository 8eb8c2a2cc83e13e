"""Data sets of the Hugging Face hub, with the ``datasets`` library; the only source that needs a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crucible_datasets.errors import DatasetError
from crucible_datasets.hub_name import parse_hub_name
from crucible_datasets.optional_package import require
from crucible_datasets.table import Table, check_columns

HUB_SPLIT = "hub_split"
"""The column that says to which of the hub's own splits a row belongs."""


def load_hub(text: str, *, limit: int | None = None) -> Table:
    """Load all splits of a data set of the hub, one after the other, with their names in the column ``hub_split``.

    With a limit the rows are streamed and nothing after them is fetched; without one the files go through the
    library's own cache.

    Raises:
        DatasetError: ``unavailable_dataset``, ``duplicate_columns``, or ``missing_package`` without ``datasets``.
    """
    name = parse_hub_name(text)
    if Path(name.repository).exists():
        raise DatasetError(
            "unavailable_dataset",
            f"hub:{text}: the directory {name.repository!r} here would be read in place of the hub's data set; give "
            "the path of its file as the source, or run in another directory",
            name=text,
        )
    library = require("datasets", "datasets", f"hub:{text}")
    try:
        splits = library.load_dataset(
            name.repository, name.configuration, revision=name.revision, streaming=limit is not None
        )
        rows = _rows(splits, limit)
    except Exception as error:  # the hub's client lets through errors of four libraries, which have no base
        raise DatasetError(
            "unavailable_dataset",
            f"hub:{text} cannot be loaded: {type(error).__name__}: {error}; check the name at huggingface.co/datasets, "
            "the network, and whether the data set needs a configuration (organisation/name:configuration)",
            name=text,
        ) from error
    columns = check_columns([*dict.fromkeys(key for _, row in rows for key in row), HUB_SPLIT], f"hub:{text}")
    return Table(columns, [{**dict.fromkeys(columns), **row, HUB_SPLIT: split} for split, row in rows])


def _rows(splits: Any, limit: int | None) -> list[tuple[str, dict[str, Any]]]:
    rows: list[tuple[str, dict[str, Any]]] = []
    for split, dataset in splits.items():
        for row in dataset:
            if len(rows) == limit:
                return rows
            rows.append((str(split), row))
    return rows
