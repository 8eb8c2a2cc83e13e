"""Read a file into a table, in whatever format it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from crucible_datasets import accepted
from crucible_datasets.csv_file import read_csv
from crucible_datasets.errors import DatasetError, did_you_mean
from crucible_datasets.half_characters import check_characters
from crucible_datasets.json_files import read_json, read_jsonl
from crucible_datasets.parquet_file import read_parquet

if TYPE_CHECKING:
    from crucible_datasets.cell_types import ColumnType
    from crucible_datasets.table import Table

Format = Literal["csv", "jsonl", "json", "parquet"]
NULL_VALUES: Final = ("",)

_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
}


@dataclass(frozen=True)
class Reading:
    """How to read a file; see `read_table` for what each field means."""

    format: Format | None = None
    delimiter: str | None = None
    encoding: str = "utf-8"
    null_values: Collection[str] = NULL_VALUES
    types: Mapping[str, ColumnType] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what would be taken for something else."""
        accepted.words("null_values", self.null_values)
        accepted.names("types", self.types)
        if self.delimiter is not None:
            accepted.delimiter(self.delimiter)

    def given(self) -> list[str]:
        """Name the fields that differ from their defaults."""
        default = Reading()
        values = {**vars(self), "null_values": tuple(self.null_values), "types": dict(self.types)}
        return [name for name, value in values.items() if value != getattr(default, name)]


def read_table(
    path: str | Path,
    *,
    format: Format | None = None,  # noqa: A002 - the word every user of pandas and polars looks for
    delimiter: str | None = None,
    encoding: str = "utf-8",
    null_values: Collection[str] = NULL_VALUES,
    types: Mapping[str, ColumnType] | None = None,
    limit: int | None = None,
) -> Table:
    """Read a table from a CSV, JSON Lines, JSON or Parquet file.

    Args:
        path: The file; a text format may be compressed (``.gz``).
        format: ``csv``, ``jsonl``, ``json`` or ``parquet``; by the file's suffix where not given.
        delimiter: What separates the cells of CSV: a comma, in ``.tsv`` a tab, where not given.
        encoding: Text encoding of CSV and JSON; a UTF-8 byte order mark is dropped.
        null_values: CSV cells that mean "no value".
        types: CSV column to ``string``, ``integer``, ``float`` or ``boolean``, in place of what its cells look like.
        limit: Number of rows at most, from the top.

    Returns:
        The table; it has at least one row.

    Raises:
        DatasetError: See `crucible_datasets.errors.CODES`.
    """
    if limit is not None:
        accepted.whole_number("limit", limit, least=1)
    reading = Reading(format, delimiter, encoding, null_values, types or {})
    return read_as(Path(accepted.source(path)), reading, limit)


def read_as(path: Path, reading: Reading, limit: int | None = None) -> Table:
    """Do what `read_table` does, its options in one value."""
    if reading.format is not None:
        accepted.one_of("format", reading.format, _APPLIES)
    chosen = reading.format or format_of(path)
    check_applies(replace(reading, format=None), _APPLIES[chosen], f"a {chosen} file")
    if path.stat().st_size == 0:
        raise DatasetError("empty_file", f"{path} is empty: it has 0 bytes; was it written to the end?")
    table = _read(path, chosen, reading, limit)
    if not table.rows:
        what = f"only the header ({', '.join(table.columns)})" if table.columns else "an empty list"
        raise DatasetError("no_rows", f"{path} has no rows: {what}")
    return check_whole(table, str(path))


def check_whole(table: Table, source: str) -> Table:
    """Return a table once it is known to have columns and whole texts.

    Raises:
        DatasetError: ``no_columns`` or ``bad_encoding``.
    """
    if not table.columns:
        raise DatasetError("no_columns", f"{source}: its {len(table.rows)} rows are all empty; they have no columns")
    return check_characters(table, source)


def format_of(path: Path) -> Format:
    """Return the format a file's suffix names, ``.gz`` aside.

    Raises:
        DatasetError: ``unknown_format``.
    """
    suffix = _suffix(path)
    if suffix not in _FORMATS:
        raise DatasetError(
            "unknown_format",
            f"{path}: the suffix {suffix!r} names no format that can be read.{did_you_mean(suffix, _FORMATS)} "
            f"Known are {', '.join(_FORMATS)} (all but Parquet also with .gz); or set `format`",
            suffix=suffix,
        )
    return _FORMATS[suffix]


def _suffix(path: Path) -> str:
    """Return what the file's name ends in, in lower case and before ``.gz``."""
    unpacked = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return unpacked.suffix.lower()


def check_applies(reading: Reading, applying: Collection[str], where: str) -> None:
    """Refuse options that have no meaning where they were given.

    Raises:
        DatasetError: ``inconsistent_options``.
    """
    for option in reading.given():
        if option not in applying:
            raise DatasetError(
                "inconsistent_options", f"`{option}` does not apply to {where}; leave it out", option=option
            )


_APPLIES: dict[Format, tuple[str, ...]] = {
    "csv": ("delimiter", "encoding", "null_values", "types"),
    "jsonl": ("encoding",),
    "json": ("encoding",),
    "parquet": (),
}


def _read(path: Path, chosen: Format, reading: Reading, limit: int | None) -> Table:
    match chosen:
        case "csv":
            return read_csv(
                path,
                delimiter=reading.delimiter or ("\t" if _suffix(path) == ".tsv" else ","),
                encoding=reading.encoding,
                null_values=reading.null_values,
                types=reading.types,
                limit=limit,
            )
        case "jsonl":
            return read_jsonl(path, encoding=reading.encoding, limit=limit)
        case "json":
            return read_json(path, encoding=reading.encoding, limit=limit)
        case "parquet":
            return read_parquet(path, limit=limit)
