"""Read tables from Parquet files, with pyarrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crucible_datasets.errors import DatasetError
from crucible_datasets.optional_package import require
from crucible_datasets.table import Table, check_columns

_MAGIC = b"PAR1"  # first and last bytes of every Parquet file (format specification, "File format")
_BATCH = 8192  # rows decoded at a time


def read_parquet(path: Path, *, limit: int | None = None) -> Table:
    """Read a Parquet file; row groups beyond ``limit`` rows are not read.

    Values become Python's: numbers, strings, booleans, None, lists, dicts, dates and times. A NaN stays a NaN.

    Raises:
        DatasetError: ``malformed_file``, ``duplicate_columns``, or ``missing_package`` without pyarrow.
    """
    if not _has_magic(path):
        raise DatasetError("malformed_file", f"{path} is no Parquet file: it does not begin and end with PAR1")
    parquet = require("pyarrow.parquet", "pyarrow", "a Parquet file")
    arrow = require("pyarrow", "pyarrow", "a Parquet file")
    try:
        with parquet.ParquetFile(path, pre_buffer=False) as file:
            columns = check_columns(file.schema_arrow.names, str(path))
            return Table(columns, list(_rows(file, limit)))
    except (arrow.ArrowException, OSError) as error:
        raise DatasetError("malformed_file", f"{path} is a broken Parquet file: {error}") from error


def _has_magic(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.read(len(_MAGIC))
        file.seek(max(0, path.stat().st_size - len(_MAGIC)))
        return first == file.read() == _MAGIC


def _rows(file: Any, limit: int | None) -> Iterator[dict[str, Any]]:
    left = limit
    for batch in file.iter_batches(batch_size=_BATCH if limit is None else min(_BATCH, limit), use_threads=False):
        rows = batch.to_pylist()
        yield from rows if left is None else rows[:left]
        if left is not None:
            left -= len(rows)
            if left <= 0:
                return
