"""Load a data set from wherever it is, with the manifest that says what was loaded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from crucible_core import Dataset, DatasetManifest
from crucible_datasets import accepted
from crucible_datasets.checksum import sha256_of_file, sha256_of_rows
from crucible_datasets.errors import DatasetError
from crucible_datasets.field_mapping import map_fields
from crucible_datasets.hub import load_hub
from crucible_datasets.locate import find_file, find_package_file
from crucible_datasets.packages import check_sklearn, check_statsmodels, load_sklearn, load_statsmodels
from crucible_datasets.reading import NULL_VALUES, Format, Reading, check_applies, check_whole, read_as
from crucible_datasets.splits import DEFAULT_FOLDS, Method, Splits, Splitting, random_order, split_as
from crucible_datasets.table import Table

if TYPE_CHECKING:
    from crucible_datasets.cell_types import ColumnType


@dataclass(frozen=True)
class Selection:
    """Which rows and columns to take; see `load_dataset` for what each field means."""

    fields: Mapping[str, str] | None = None
    keep_other_columns: bool = False
    shuffle: bool = False
    limit: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if self.limit is not None:
            accepted.whole_number("limit", self.limit, least=1)
        if self.fields is not None:
            accepted.names("fields", self.fields)
            if not self.fields:
                raise accepted.bad_option("fields", {}, "name at least one field, or leave it out for all columns")
        if self.keep_other_columns and self.fields is None:
            raise DatasetError(
                "inconsistent_options",
                "`keep_other_columns` applies beside `fields`; without them all columns are kept: leave it out",
                option="keep_other_columns",
            )


def load_dataset(
    source: str | PathLike[str],
    *,
    format: Format | None = None,  # noqa: A002 - the word every user of pandas and polars looks for
    delimiter: str | None = None,
    encoding: str = "utf-8",
    null_values: Collection[str] = NULL_VALUES,
    types: Mapping[str, ColumnType] | None = None,
    fields: Mapping[str, str] | None = None,
    keep_other_columns: bool = False,
    shuffle: bool = False,
    limit: int | None = None,
    split: Method = "none",
    sizes: Mapping[str, float] | None = None,
    folds: int = DEFAULT_FOLDS,
    split_column: str | None = None,
    stratify_by: str | None = None,
    seed: int = 0,
    next_to: Path | None = None,
) -> Dataset:
    """Load a data set: read, shuffle, limit, split, map fields, in this order.

    All options but the keys of ``fields`` name the columns of the source.

    Args:
        source: A path; ``package:NAME/path`` for a file inside an installed package; ``sklearn:NAME``;
            ``statsmodels:NAME``; ``hub:ORGANISATION/NAME[:CONFIGURATION][@REVISION]``.
        format: See `crucible_datasets.reading.read_table`, as for the following four.
        delimiter: See there.
        encoding: See there.
        null_values: See there.
        types: See there.
        fields: New name to column; None for all columns as they are.
        keep_other_columns: Keep the columns that ``fields`` does not name.
        shuffle: Put the rows into random order.
        limit: Number of rows at most, after the shuffle; without one, nothing beyond them is read.
        split: See `crucible_datasets.splits.split_indices`, as for the following four.
        sizes: See there.
        folds: See there.
        split_column: See there.
        stratify_by: See there.
        seed: What shuffle and split are drawn from.
        next_to: A second directory in which relative paths are looked for.

    Raises:
        DatasetError: See `crucible_datasets.errors.CODES`.
    """
    source = accepted.source(source)
    reading = Reading(format, delimiter, encoding, null_values, types or {})
    selection = Selection(fields, keep_other_columns, shuffle, limit)
    splitting = Splitting(split, sizes, folds, split_column, stratify_by)
    table, sha256 = _read_source(source, reading, None if shuffle else limit, next_to)
    rows = _selected(table, selection, seed)
    splits = split_as(rows, splitting, _stream(seed, "split"))
    chosen = Table(table.columns, rows)
    if fields is not None:
        chosen = map_fields(chosen, fields, keep_others=keep_other_columns)
    manifest = DatasetManifest(
        source=source,
        sha256=sha256,
        rows=len(rows),
        columns=chosen.columns,
        split=_split_facts(splitting, selection, splits, len(rows), seed),
    )
    return Dataset(rows=chosen.rows, manifest=manifest, splits=splits)


def check_source(source: str) -> bool:
    """Make sure that a source is there, reading none of it.

    Returns:
        False where that cannot be told without a network.

    Raises:
        DatasetError: It is not; as of `load_dataset`.
    """
    provider, colon, name = source.partition(":")
    if colon and provider == "hub":
        return False
    if colon and provider in _CHECKS:
        _CHECKS[provider](name)
    else:
        find_file(source)
    return True


def _read_source(source: str, reading: Reading, limit: int | None, next_to: Path | None) -> tuple[Table, str]:
    """Return the rows of a source and their hash: of the file's bytes, or where there is no file, of the rows."""
    provider, colon, name = source.partition(":")
    if colon and provider in _PROVIDERS:
        check_applies(reading, (), f"{source}, which is no file")
        table = _PROVIDERS[provider](name, limit)
        if not table.rows:
            raise DatasetError("no_rows", f"{source} has no rows")
        return check_whole(table, source), sha256_of_rows(table.rows)
    path = find_package_file(name) if colon and provider == "package" else find_file(source, next_to)
    return read_as(path, reading, limit), sha256_of_file(path)


_PROVIDERS: dict[str, Callable[[str, int | None], Table]] = {
    "sklearn": lambda name, _: load_sklearn(name),
    "statsmodels": lambda name, _: load_statsmodels(name),
    "hub": lambda name, limit: load_hub(name, limit=limit),
}


_CHECKS: dict[str, Callable[[str], object]] = {
    "sklearn": check_sklearn,
    "statsmodels": check_statsmodels,
    "package": find_package_file,
}


def _selected(table: Table, selection: Selection, seed: int) -> list[dict[str, Any]]:
    rows = list(table.rows)
    if selection.shuffle:
        rows = [rows[index] for index in random_order(len(rows), _stream(seed, "shuffle"))]
    return rows[: selection.limit]


def _stream(seed: int, name: str) -> Random:
    """Return a generator of its own for each purpose (seeding by text is stable and ignores the hash seed)."""
    return Random(f"{seed}/{name}")  # noqa: S311 - not for secrets


def _split_facts(splitting: Splitting, selection: Selection, splits: Splits, rows: int, seed: int) -> dict[str, Any]:
    """Return what the manifest says of order and splits; empty for all rows in their own order without splits."""
    drawn = selection.shuffle or splitting.method in ("random", "stratified", "kfold")
    facts: dict[str, Any] = {}
    if splitting.method != "none":
        sizes = {name: len(indices) for name, indices in splits.items()}
        facts = {"method": splitting.method, "sizes": sizes, "unassigned": rows - sum(sizes.values())}
    if splitting.column is not None:
        facts["column"] = splitting.column
    if selection.shuffle:
        facts["shuffled"] = True
    if selection.limit is not None:
        facts["limit"] = selection.limit
    if drawn:
        facts["seed"] = seed
    return facts
