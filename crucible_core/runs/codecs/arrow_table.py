"""Tables of Arrow as Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from crucible_core.runs.codecs.parquet import read_table, same_tables, write_table, write_texts

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ArrowTable"]


class ArrowTable:
    """Writes tables; how they are cut into chunks is not kept."""

    name = "arrow"
    suffix = ".parquet"

    def write(self, value: pa.Table, stream: BinaryIO) -> None:
        """Write a table.

        Raises:
            pyarrow.ArrowException: It has a column that Parquet has no type for.
        """
        write_table(value, stream)

    def read(self, stream: BinaryIO) -> pa.Table:
        """Read a table."""
        return read_table(stream)

    def verify(self, value: pa.Table, stream: BinaryIO) -> None:
        """Read what was written and compare.

        Raises:
            ValueError: Parquet made something else of it.
        """
        different = same_tables(value, read_table(stream))
        if different:
            raise ValueError(f"Parquet brings {different!r} back as something else")

    def write_plain(self, value: pa.Table, stream: BinaryIO) -> None:
        """Write what may hold texts, without compression."""
        write_texts(value, stream)
