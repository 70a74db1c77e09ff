# SPDX-License-Identifier: Apache-2.0
"""Cells: what one must look like, and its record batch without a copy.

What is checked here makes hostile bytes harmless: every buffer lies inside of the cell and fits
schema and rows. Its checksum was compared before.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa

from lakestream.steps import ALIGNMENT

MAX_UNCOMPRESSED_BYTES = 1 << 32
"""What one compressed cell may expand to, so that a few bytes cannot claim all memory."""

_read_record_batch = pa.ipc.read_record_batch
_CONTINUATION = b"\xff\xff\xff\xff"
_RECORD_BATCH = 3
_KNOWN_LENGTH = 4096
_BUFFER_COUNTS = {
    "null": 0,
    "fixed_size_list": 1,
    "struct": 1,
    "list": 2,
    "large_list": 2,
    "map": 2,
}
_ANY_VALUE = ("integer", "floating", "boolean", "fixed_size_binary", "fixed_size_list", "struct")
"""Types that have no offsets, and no values that others than Arrow might take for wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class CellLayout:
    """What a schema says about a record batch message: nodes, buffers, and nodes without nulls.

    `any_value` says that no value of its types is unsound, so that a batch without nulls is sound
    or not whatever its values are.
    """

    schema: pa.Schema
    columns: tuple[int, ...]
    nodes: int
    buffers: int
    non_null: tuple[int, ...]
    any_value: bool


@lru_cache(maxsize=256)
def layout_of(schema: pa.Schema) -> CellLayout:
    """The layout of cells of `schema`, in the order of its flattened fields."""
    nodes = buffers = 0
    any_value = True
    columns: list[int] = []
    non_null: list[int] = []

    def visit(field: pa.Field[Any], filled: bool) -> None:
        nonlocal nodes, buffers, any_value
        filled = filled and not field.nullable
        if filled and not pa.types.is_null(field.type):
            non_null.append(nodes)
        nodes += 1
        buffers += _buffer_count(field.type)
        any_value = any_value and any(getattr(pa.types, f"is_{t}")(field.type) for t in _ANY_VALUE)
        for number in range(field.type.num_fields):
            visit(field.type.field(number), filled)

    for field in schema:
        columns.append(nodes)
        visit(field, True)
    return CellLayout(schema, tuple(columns), nodes, buffers, tuple(non_null), any_value)


def _buffer_count(type_: pa.DataType) -> int:
    for name, count in _BUFFER_COUNTS.items():
        if getattr(pa.types, f"is_{name}")(type_):
            return count
    variable = ("string", "large_string", "binary", "large_binary")
    return 3 if any(getattr(pa.types, f"is_{name}")(type_) for name in variable) else 2


def decode_cell(cell: pa.Buffer, rows: int, layout: CellLayout) -> pa.RecordBatch:
    """The record batch in `cell`, pointing into it.

    Raises `ValueError` or an Arrow error for anything that is not a sound batch of `rows` rows of
    the layout's schema; the caller adds the key.
    """
    return _decode(cell, rows, layout)[0]


def _decode(cell: pa.Buffer, rows: int, layout: CellLayout) -> tuple[pa.RecordBatch, bool]:
    """As `decode_cell`, and whether the message and the layout alone make the batch sound."""
    plain = _check_message(memoryview(cell).cast("B"), rows, layout)
    batch = _read_record_batch(cell, layout.schema)
    if batch.num_rows != rows:
        raise ValueError(f"it has {batch.num_rows} rows, the directory says {rows}")
    batch.validate(full=True)
    return batch, plain and layout.any_value


class OpenRange:
    """Bytes of a bundle that have come, to look at and to decode cells of. Thread-safe."""

    __slots__ = ("buffer", "view")

    def __init__(self, buffer: pa.Buffer) -> None:
        self.buffer = buffer
        self.view = memoryview(buffer).cast("B")


class CellDecoder:
    """Decodes cells of one layout. Thread-safe.

    Cells of as many rows as a rule have the same message, which says all about them but their
    values. Where these don't matter, it is checked once and compared from then on.
    """

    __slots__ = ("_sound", "layout")

    def __init__(self, layout: CellLayout) -> None:
        self.layout = layout
        self._sound = b"", -1, -1
        """A message that makes a cell sound, with the cell's length and rows."""

    def decode(self, opened: OpenRange, at: int, length: int, rows: int) -> pa.RecordBatch:
        """As `decode_cell`, of the `length` bytes from `at` on."""
        cell = opened.buffer.slice(at, length)
        message, sound_length, sound_rows = self._sound
        if length == sound_length and rows == sound_rows:
            begin = opened.view[at : at + len(message)]
            if begin.tobytes() == message:
                return _read_record_batch(cell, self.layout.schema)
        batch, sound = _decode(cell, rows, self.layout)
        if sound:
            view = opened.view[at : at + length]
            message = view[: 8 + int.from_bytes(view[4:8], "little")].tobytes()
            self._sound = message, length, rows
        return batch


@lru_cache(maxsize=256)
def decoder_of(schema: pa.Schema) -> CellDecoder:
    """The one decoder of cells of `schema`, which knows what all readers have seen."""
    return CellDecoder(layout_of(schema))


def _check_message(cell: memoryview, rows: int, layout: CellLayout) -> bool:
    """Checks the metadata of a record batch message before Arrow acts on it.

    Says whether its buffers are just values: neither compressed, nor some of them null.
    """
    length = int.from_bytes(cell[4:8], "little")
    body = 8 + length
    if cell[:4] != _CONTINUATION or body > len(cell) or body % ALIGNMENT:
        raise ValueError("it is not a record batch message whose body is aligned")
    check = _check_known if length <= _KNOWN_LENGTH else _check_metadata
    try:
        compressed, nulls = check(bytes(cell[8:body]), len(cell) - body, rows, layout)
    except struct.error:
        raise ValueError("its metadata points outside of itself") from None
    if compressed:
        _check_expansion(cell[body:], compressed)
    return not (compressed or nulls)


class _Flat:
    """The few reads of a flatbuffer that the checks need. Every read is inside of the metadata."""

    __slots__ = ("_data",)

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, form: struct.Struct, at: int) -> tuple[int, ...]:
        if at < 0:
            raise struct.error
        return form.unpack_from(self._data, at)

    def root(self) -> int:
        return self.read(_U32, 0)[0]

    def field(self, table: int, number: int) -> int | None:
        """Where field `number` of `table` is stored, or None if it is absent."""
        vtable = table - self.read(_I32, table)[0]
        if 4 + 2 * number >= self.read(_U16, vtable)[0]:
            return None
        offset = self.read(_U16, vtable + 4 + 2 * number)[0]
        return table + offset if offset else None

    def integer(self, form: struct.Struct, table: int, number: int) -> int:
        at = self.field(table, number)
        return 0 if at is None else self.read(form, at)[0]

    def target(self, table: int, number: int) -> int | None:
        """What the offset in field `number` points to."""
        at = self.field(table, number)
        return None if at is None else at + self.read(_U32, at)[0]

    def pairs(self, table: int, number: int, expected: int) -> tuple[int, ...]:
        """A vector of `expected` pairs of int64, flat."""
        at = self.target(table, number)
        count = 0 if at is None else self.read(_U32, at)[0]
        if count != expected:
            raise ValueError(f"its metadata has {count} parts where the schema has {expected}")
        return () if at is None else self.read(_pairs(count), at + 4)


_U16, _U32, _I32 = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<i")
_U8, _I64 = struct.Struct("<B"), struct.Struct("<q")


@lru_cache(maxsize=256)
def _pairs(count: int) -> struct.Struct:
    return struct.Struct(f"<{2 * count}q")


def _check_metadata(
    metadata: bytes, room: int, rows: int, layout: CellLayout
) -> tuple[tuple[int, ...], bool]:
    """Checks a message against its rows and the `room` for its body; a pure function.

    Returns offset and length of each buffer if they are compressed, else nothing; and whether there
    are nulls.
    """
    flat = _Flat(metadata)
    message = flat.root()
    batch = flat.target(message, 2)
    if flat.integer(_U8, message, 1) != _RECORD_BATCH or batch is None:
        raise ValueError("it is not a record batch")
    size = flat.integer(_I64, message, 3)
    if not 0 <= size <= room:
        raise ValueError(f"its body of {size} bytes exceeds the {room} of the cell")
    if flat.integer(_I64, batch, 0) != rows:
        raise ValueError(f"it has {flat.integer(_I64, batch, 0)} rows, the directory says {rows}")
    nodes = flat.pairs(batch, 1, layout.nodes)
    if any(nodes[2 * node] != rows for node in layout.columns):
        raise ValueError("its columns differ in length")
    if any(nodes[2 * node + 1] for node in layout.non_null):
        raise ValueError("a column that is not nullable has nulls")
    if any(not 0 <= nulls <= n for n, nulls in zip(nodes[::2], nodes[1::2], strict=True)):
        raise ValueError("it has a negative length or more nulls than values")
    buffers = flat.pairs(batch, 2, layout.buffers)
    for offset, length in zip(buffers[::2], buffers[1::2], strict=True):
        if offset < 0 or length < 0 or offset + length > size or offset % ALIGNMENT:
            raise ValueError(f"a buffer at {offset} of {length} bytes in a body of {size}")
    return buffers if flat.field(batch, 3) is not None else (), any(nodes[1::2])


_check_known = lru_cache(maxsize=1024)(_check_metadata)
"""Cells of equal shape have equal metadata, which is then checked once."""


def _check_expansion(body: memoryview, buffers: tuple[int, ...]) -> None:
    """Checks what compressed buffers claim to expand to."""
    total = 0
    for offset, length in zip(buffers[::2], buffers[1::2], strict=True):
        if not length:
            continue
        if length < 8:
            raise ValueError("a compressed buffer is too short")
        claimed = _I64.unpack_from(body, offset)[0]
        if claimed < -1:
            raise ValueError("a compressed buffer claims a negative length")
        total += length - 8 if claimed == -1 else claimed
    if total > MAX_UNCOMPRESSED_BYTES:
        raise ValueError(f"it expands to {total} bytes, more than {MAX_UNCOMPRESSED_BYTES}")
