"""Tables of Arrow in Parquet files, and whether two of them are the same."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["read_table", "same_tables", "write_table", "write_texts"]

_SCHEMA = b"crucible:schema"  # of which Parquet, and what pyarrow adds to it, do not keep everything
_LARGE = (1 << 31) - 1  # what is said about columns may be as long as Parquet can count


def write_table(table: pa.Table, stream: BinaryIO) -> None:
    """Write a table as Parquet; the same table gives the same bytes."""
    compression = "zstd" if pa.Codec.is_available("zstd") else "snappy"
    schema = {**(table.schema.metadata or {}), _SCHEMA: b64encode(table.schema.serialize())}
    pq.write_table(table.replace_schema_metadata(schema), stream, compression=compression)


def read_table(stream: BinaryIO) -> pa.Table:
    """Read a table with the schema it was written with."""
    file = pq.ParquetFile(stream, thrift_string_size_limit=_LARGE, thrift_container_size_limit=_LARGE)
    table = file.read()
    schema = pa.ipc.read_schema(pa.py_buffer(b64decode(table.schema.metadata[_SCHEMA])))
    columns = [
        # Parquet counts seconds in thousandths, and calls the items of lists "element"; == does not look at names
        column if str(field.type) == str(column.type) else column.cast(field.type)
        for field, column in zip(schema, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema) if columns else table.replace_schema_metadata(schema.metadata)


def write_texts(table: pa.Table, stream: BinaryIO) -> None:
    """Write the columns that may hold texts, and what is said about all, without compression."""
    numbers = [index for index, field in enumerate(table.schema) if pa.types.is_primitive(field.type)]
    texts = table.select([index for index in range(table.num_columns) if index not in set(numbers)])
    stream.write(table.schema.serialize())
    with pa.ipc.new_stream(stream, texts.schema) as writer:
        writer.write_table(texts)


def same_tables(one: pa.Table, other: pa.Table) -> str:
    """Return the name of the first column in which two tables differ, their schema if it is that; empty if they do not.

    Not-a-numbers are the same where they are the same bits.
    """
    if not one.schema.equals(other.schema, check_metadata=True) or one.num_rows != other.num_rows:
        return "what is said about it"
    pairs = zip(one.column_names, one.columns, other.columns, strict=True)
    return next((name for name, left, right in pairs if not _same_columns(left, right)), "")


def _same_columns(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    if one.equals(other):
        return True
    left, right = _whole(one), _whole(other)
    if not pa.types.is_floating(one.type):
        return repr(left.to_pylist()) == repr(right.to_pylist())  # lists of floats and their like
    bits = {16: pa.uint16(), 32: pa.uint32(), 64: pa.uint64()}[one.type.bit_width]
    return bool(left.view(bits).equals(right.view(bits)))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
