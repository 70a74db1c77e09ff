# SPDX-License-Identifier: Apache-2.0
"""Digests of rows: the same values give the same digest, here and in the Java implementation.

A row is encoded column by column, in the order of the schema, and hashed with SHA-256. A column is
its name in UTF-8, a zero byte, and its value:

| value | encoding |
| --- | --- |
| null | `00` |
| integers; date, time, timestamp, duration as their integer | `01`, 8 bytes little-endian, signed |
| floats | `02`, 8 bytes, an IEEE double |
| booleans | `03`, `00` or `01` |
| utf8, binary, fixed-size binary; decimal128 as its 16 bytes | `04`, length, bytes |
| lists of other items; maps as lists of their entries | `05`, length, items |
| structs | `06`, then for each field its name, a zero byte, its value |
| lists of integers or floats without nulls | `07`, width in bytes as one byte, length, raw values |

Lengths are unsigned 64-bit little-endian; raw values are little-endian as Arrow holds them.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Column: TypeAlias = Any
"""An Arrow array. The stubs do not know what arrays of one type have that others lack."""

_INTEGER = struct.Struct("<Bq")
_FLOAT = struct.Struct("<Bd")
_LENGTH = struct.Struct("<BQ")
_RAW = struct.Struct("<BBQ")
_NULL = b"\x00"
_SIGN = 1 << 63


def row_digests(batch: pa.RecordBatch) -> list[str]:
    """The digest of each row of `batch`, in hex."""
    hashes = [hashlib.sha256() for _ in range(batch.num_rows)]
    for field, column in zip(batch.schema, batch.columns, strict=True):
        name = field.name.encode() + b"\0"
        for hash_, value in zip(hashes, encode(column), strict=True):
            hash_.update(name)
            hash_.update(value)
    return [hash_.hexdigest() for hash_ in hashes]


def encode(column: Column) -> list[bytes]:
    """The encoding of each value of `column`."""
    values = _encoder(column.type)(column)
    if not column.null_count:
        return list(values)
    null = column.is_null().to_pylist()
    return [_NULL if is_null else value for value, is_null in zip(values, null, strict=True)]


def _encoder(type_: pa.DataType) -> Callable[[Any], Iterable[bytes]]:
    types = pa.types
    if types.is_null(type_):
        return lambda column: [_NULL] * len(column)
    if types.is_boolean(type_):
        return lambda column: (
            b"\x03\x01" if value else b"\x03\x00" for value in column.to_pylist()
        )
    if types.is_integer(type_):
        return _integers
    if types.is_temporal(type_) and type_ != pa.month_day_nano_interval():
        width = pa.int32() if type_.bit_width == 32 else pa.int64()
        return lambda column: _integers(column.view(width))
    if types.is_floating(type_):
        return _floats
    if types.is_struct(type_):
        return _structs
    if types.is_fixed_size_list(type_) or types.is_list(type_) or types.is_large_list(type_):
        return _lists
    if types.is_map(type_):
        return _maps
    if types.is_decimal128(type_):
        return lambda column: _binaries(column.view(pa.binary(16)))
    if types.is_fixed_size_binary(type_) or types.is_binary(type_) or types.is_large_binary(type_):
        return _binaries
    if types.is_string(type_) or types.is_large_string(type_):
        binary = pa.binary() if types.is_string(type_) else pa.large_binary()
        return lambda column: _binaries(column.view(binary))
    raise TypeError(f"values of type {type_} have no digest")


def _integers(column: Column) -> Iterable[bytes]:
    for value in column.to_pylist():
        signed = value or 0
        yield _INTEGER.pack(1, signed - 2 * _SIGN if signed >= _SIGN else signed)


def _floats(column: Column) -> Iterable[bytes]:
    return (_FLOAT.pack(2, 0.0 if value is None else value) for value in column.to_pylist())


def _binaries(column: Column) -> Iterable[bytes]:
    return (_LENGTH.pack(4, len(value or b"")) + (value or b"") for value in column.to_pylist())


def _structs(column: Column) -> Iterable[bytes]:
    names = [field.name.encode() + b"\0" for field in column.type]
    children = [encode(column.field(number)) for number in range(column.type.num_fields)]
    children = [child[: len(column)] for child in children]
    for row in range(len(column)):
        parts = (name + child[row] for name, child in zip(names, children, strict=True))
        yield b"\x06" + b"".join(parts)


def _lists(column: Column) -> Iterable[bytes]:
    starts, values = _spans(column)
    item = column.type.value_type
    if not (pa.types.is_integer(item) or pa.types.is_floating(item)):
        yield from _items(starts, encode(values))
        return
    width = item.bit_width // 8
    buffer = values.buffers()[1] if len(values) else None
    data = memoryview(buffer if buffer is not None else b"").cast("B")
    has_nulls = values.null_count > 0
    for start, stop in starts:
        if has_nulls and values.slice(start, stop - start).null_count:
            items = encode(values.slice(start, stop - start))
            yield _LENGTH.pack(5, len(items)) + b"".join(items)
        else:
            raw = data[(values.offset + start) * width : (values.offset + stop) * width]
            yield _RAW.pack(7, width, stop - start) + raw


def _maps(column: Column) -> Iterable[bytes]:
    starts, _ = _spans(column)
    key, value = column.type.key_field, column.type.item_field
    keys, items = encode(column.keys), encode(column.items)
    names = key.name.encode() + b"\0", value.name.encode() + b"\0"
    entries = [b"\x06" + names[0] + k + names[1] + v for k, v in zip(keys, items, strict=True)]
    yield from _items(starts, entries)


def _items(starts: Sequence[tuple[int, int]], items: list[bytes]) -> Iterable[bytes]:
    return (_LENGTH.pack(5, stop - start) + b"".join(items[start:stop]) for start, stop in starts)


def _spans(column: Column) -> tuple[list[tuple[int, int]], Column]:
    """The [start, stop) of each row among the values, and the values. A null row spans nothing."""
    rows = len(column)
    if pa.types.is_fixed_size_list(column.type):
        size, first = column.type.list_size, column.offset
        return [((first + n) * size, (first + n + 1) * size) for n in range(rows)], column.values
    offsets = column.offsets.to_pylist()
    values = column.values if not pa.types.is_map(column.type) else column.keys
    return [(offsets[n], offsets[n + 1]) for n in range(rows)], values
