# SPDX-License-Identifier: Apache-2.0
"""Cells that are Parquet files: their checks, and how they become record batches.

A cell is not trusted. Footer and headers of pages are checked before Arrow acts on them: what a
page holds must be plain values, so that a few bytes cannot become very many.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lakestream.thrift import Struct, read_struct

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_EXPANDED_BYTES = 1 << 32
"""What the values of one cell may take, however few bytes they are stored in."""

_MAGIC = b"PAR1"
_UNCOMPRESSED = 0
_CODECS = {_UNCOMPRESSED, 5, 6, 7}
"""None, LZ4, Zstandard, LZ4 without a frame."""

_ROW_GROUPS, _CHUNKS, _FILE_PATH, _CHUNK_FACTS = 4, 1, 1, 3
_CODEC, _NUM_VALUES, _COMPRESSED_SIZE, _DATA_PAGE_OFFSET, _DICTIONARY_PAGE_OFFSET = 4, 5, 7, 9, 11
"""Fields of FileMetaData, RowGroup, ColumnChunk, and ColumnMetaData."""

_MAX_FOOTER_BYTES = 16 << 20
_HEADER_BYTES = 256
_DATA_PAGE, _PLAIN, _RLE = 0, 0, 3
_BYTES_OF_LEVEL = 8

ArrowType: TypeAlias = Any
"""Any Arrow type; the stubs have a class for each."""

ArrowArray: TypeAlias = Any
"""Any Arrow array, likewise."""


def decode_parquet_cell(
    cell: pa.Buffer, rows: int, schema: pa.Schema, wanted: Sequence[str] | None = None
) -> pa.RecordBatch:
    """The record batch in `cell`, of `schema`, or of its `wanted` columns in its order.

    Raises `ValueError` or an Arrow error for anything that is not a sound file of `rows` rows of
    the schema; the caller adds the key.
    """
    names = [name for name in schema.names if wanted is None or name in wanted]
    numbers = [schema.get_field_index(name) for name in names]
    delivered = pa.schema([schema.field(number) for number in numbers])
    metadata = _checked_footer(cell, rows, schema)
    if not rows:
        return pa.RecordBatch.from_arrays(
            [pa.array([], field.type) for field in delivered], schema=delivered
        )
    _check_pages(cell, metadata)
    file = pq.ParquetFile(pa.BufferReader(cell), metadata=metadata)
    table = file.read_row_group(0, columns=names, use_threads=False)
    if table.num_rows != rows or table.column_names != names:
        raise ValueError(f"it has {table.num_rows} rows, the directory says {rows}")
    columns = [
        _as_type(_whole(table.column(number)), field.type) for number, field in enumerate(delivered)
    ]
    batch = pa.RecordBatch.from_arrays(columns, schema=delivered)
    batch.validate(full=True)
    return batch


def _whole(column: pa.ChunkedArray[Any]) -> pa.Array[Any]:
    chunks = column.combine_chunks()
    if isinstance(chunks, pa.ChunkedArray):
        raise ValueError("a column has more than 2 GiB of values")
    return chunks


def _checked_footer(cell: pa.Buffer, rows: int, schema: pa.Schema) -> pq.FileMetaData:
    data = memoryview(cell).cast("B")
    if len(data) < 12 or data[:4] != _MAGIC or data[-4:] != _MAGIC:
        raise ValueError("it is no Parquet file")
    length = int.from_bytes(data[-8:-4], "little")
    if length > len(data) - 12:
        raise ValueError(f"its footer of {length} bytes is not inside of it")
    metadata = pq.read_metadata(pa.BufferReader(cell))
    if metadata.num_rows != rows or metadata.num_row_groups != (1 if rows else 0):
        raise ValueError(
            f"its footer says {metadata.num_rows} rows in {metadata.num_row_groups} row groups,"
            f" the directory {rows} rows"
        )
    found = metadata.schema.to_arrow_schema()
    if not found.equals(_stored(schema)):
        raise ValueError("its footer has another schema")
    return metadata


@lru_cache(maxsize=256)
def _stored(schema: pa.Schema) -> pa.Schema:
    """The schema that Arrow reads from the file of a cell of `schema`."""
    return pa.schema([_stored_field(field, field.name) for field in schema])


def _stored_field(field: pa.Field[Any], name: str) -> pa.Field[Any]:
    nullable = field.nullable or pa.types.is_null(field.type)
    return pa.field(name, _stored_type(field.type), nullable=nullable)


_AS_STORED: dict[str, ArrowType] = {
    "large_string": pa.string(),
    "large_binary": pa.binary(),
    "date64[ms]": pa.int64(),
    "time32[s]": pa.int32(),
    "timestamp[s]": pa.int64(),
    **{f"duration[{unit}]": pa.int64() for unit in ("s", "ms", "us", "ns")},
}


def _stored_type(type_: ArrowType) -> ArrowType:
    types = pa.types
    if types.is_map(type_):
        return pa.map_(
            _stored_field(type_.key_field, "key"), _stored_field(type_.item_field, "value")
        )
    if _is_list(type_):
        return pa.list_(_stored_field(type_.value_field, "element"))
    if types.is_struct(type_):
        return pa.struct([_stored_field(field, field.name) for field in type_.fields])
    if types.is_timestamp(type_):
        if type_.unit == "s":
            return pa.int64()
        return pa.timestamp(type_.unit, tz="UTC" if type_.tz else None)
    return _AS_STORED.get(str(type_), type_)


def _is_list(type_: ArrowType) -> bool:
    types = pa.types
    return types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_)


def _check_pages(cell: pa.Buffer, metadata: pq.FileMetaData) -> None:
    """Checks every chunk and the headers of its pages, and what they claim together."""
    data = memoryview(cell).cast("B")
    end = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    left = MAX_EXPANDED_BYTES
    for number, (chunk, facts) in enumerate(_chunks(data[end:-8], metadata.num_columns)):
        column = metadata.schema.column(number)
        where = f"column {column.path!r}"
        codec = _number(facts, _CODEC)
        if _FILE_PATH in chunk or _DICTIONARY_PAGE_OFFSET in facts or codec not in _CODECS:
            raise ValueError(f"{where} is elsewhere, has a dictionary, or codec {codec}")
        start, length = _number(facts, _DATA_PAGE_OFFSET), _number(facts, _COMPRESSED_SIZE)
        if start < 4 or length < 0 or start + length > end:
            raise ValueError(f"{where} has {length} bytes at {start}, outside of it")
        values = 0
        for count, compressed, expanded in _pages(data[start : start + length], where):
            if codec == _UNCOMPRESSED and compressed != expanded:
                raise ValueError(f"{where}: the two lengths of a page differ")
            values += count
            left -= expanded + _BYTES_OF_LEVEL * count
        if values != _number(facts, _NUM_VALUES):
            claimed = _number(facts, _NUM_VALUES)
            raise ValueError(f"{where}: its pages have {values} values, not {claimed}")
        left -= _width(column) * values
        if left < 0:
            raise ValueError(f"its values claim more than {MAX_EXPANDED_BYTES} bytes")


def _chunks(footer: memoryview, columns: int) -> list[tuple[Struct, Struct]]:
    """Each chunk of the one row group as the footer has it, and what that says of its column.

    To ask Arrow for a chunk whose facts contradict each other ends the process.
    """
    if len(footer) > _MAX_FOOTER_BYTES:
        raise ValueError(f"its footer has {len(footer)} bytes")
    found, _ = read_struct(footer)
    groups = found.get(_ROW_GROUPS)
    group = groups[0] if isinstance(groups, list) and groups else None
    listed = group.get(_CHUNKS) if isinstance(group, dict) else None
    chunks: list[tuple[Struct, Struct]] = []
    for chunk in listed if isinstance(listed, list) else []:
        facts = chunk.get(_CHUNK_FACTS) if isinstance(chunk, dict) else None
        if isinstance(chunk, dict) and isinstance(facts, dict):
            chunks.append((chunk, facts))
    if len(chunks) != columns:
        raise ValueError("its footer has another number of chunks")
    return chunks


def _number(facts: Struct, field: int) -> int:
    number = facts.get(field)
    if not isinstance(number, int):
        raise ValueError(f"its footer does not say field {field} of a chunk")
    return number


def _width(column: pq.ColumnSchema) -> int:
    """What a null may take, of values that all have as many bytes."""
    return int(column.length or 0) if column.physical_type == "FIXED_LEN_BYTE_ARRAY" else 0


def _pages(chunk: memoryview, where: str) -> list[tuple[int, int, int]]:
    """Of each page of a chunk: how many levels it has, its bytes, and those when expanded."""
    pages = []
    at = 0
    while at < len(chunk):
        header, length = read_struct(chunk[at : at + _HEADER_BYTES])
        at += length
        expanded, compressed, page = header.get(2), header.get(3), header.get(5)
        if (
            header.get(1) != _DATA_PAGE
            or not isinstance(page, dict)
            or (page.get(2), page.get(3), page.get(4)) != (_PLAIN, _RLE, _RLE)
        ):
            raise ValueError(f"{where}: a page is no data page (v1) of plain values")
        count = page.get(1)
        if not (isinstance(expanded, int) and isinstance(compressed, int)):
            raise ValueError(f"{where}: a page has no length")
        if not isinstance(count, int) or count < 0 or expanded < 0:
            raise ValueError(f"{where}: a page of {count} values in {expanded} bytes")
        if not 0 <= compressed <= len(chunk) - at:
            raise ValueError(f"{where}: a page of {compressed} bytes is not inside of it")
        at += compressed
        pages.append((count, compressed, expanded))
    return pages


def _as_type(array: ArrowArray, type_: ArrowType) -> ArrowArray:
    """`array`, which was read from a file, as the type that the schema declares."""
    if array.type.equals(type_, check_metadata=True):
        return array
    if pa.types.is_date64(type_):
        return array.view(type_)
    if pa.types.is_struct(type_):
        absent = array.is_null()
        fields = list(type_.fields)
        children = [
            _as_type(_without(array.field(number), absent, field.type), field.type)
            for number, field in enumerate(fields)
        ]
        return pa.StructArray.from_arrays(children, fields=fields, mask=absent)
    if pa.types.is_map(type_):
        keys, items = _as_type(array.keys, type_.key_type), _as_type(array.items, type_.item_type)
        from_arrays: Any = pa.MapArray.from_arrays
        return from_arrays(array.offsets, keys, items, type=type_, mask=array.is_null())
    if not _is_list(type_):
        return array.cast(type_)
    plain = pa.list_(type_.value_field)
    values = _as_type(array.values, type_.value_type)
    lists = pa.ListArray.from_arrays(array.offsets, values, type=plain, mask=array.is_null())
    return lists if pa.types.is_list(type_) else lists.cast(type_)


def _without(child: ArrowArray, absent: ArrowArray, type_: ArrowType) -> ArrowArray:
    """A field of a struct; where the struct is null, no list of a fixed size is wanted of it."""
    if not pa.types.is_fixed_size_list(type_) or not pc.any(absent).as_py():
        return child
    return pc.if_else(absent, pa.scalar(None, child.type), child)
