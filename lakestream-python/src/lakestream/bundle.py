# SPDX-License-Identifier: Apache-2.0
"""Bundles: run directories, cells, and the digests over them.

What is checked here makes hostile bytes harmless: a cell is handed out only if its checksum
matches and every buffer lies inside of it and fits schema and rows.
"""

from __future__ import annotations

import hashlib
import struct
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from crc32c import crc32c

from lakestream.errors import CorruptObjectError, ObjectNotFoundError
from lakestream.parquet import decode_parquet_cell
from lakestream.steps import ALIGNMENT, PARQUET, Bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lakestream.store import Ranges
    from lakestream.threads import Workers

MAX_CELL_ROWS = 2**31 - 1
MAX_UNCOMPRESSED_BYTES = 1 << 32
"""What one compressed cell may expand to, so that a few bytes cannot claim all memory."""

_HEADER = struct.Struct("<4sIII8sII")
_ENTRY = struct.Struct("<QQQII")
_MAGIC = b"LSRD"
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


@dataclass(frozen=True, slots=True)
class CellEntry:
    """A directory's entry: bytes, rows, tokens and CRC32C of a cell."""

    length: int
    rows: int
    tokens: int
    crc: int


class Directory:
    """The entries of a run, which become objects when they are asked for.

    A rank opens all of its runs of a bundle at once, and the training loop would wait meanwhile.
    """

    __slots__ = ("_data", "fields")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.fields: list[tuple[int, int, int, int, int]] = list(
            _ENTRY.iter_unpack(memoryview(data)[32:])
        )
        """Of each cell: bytes, rows, tokens, CRC32C, 0."""

    def __getitem__(self, k: int) -> CellEntry:
        length, rows, tokens, crc, _ = self.fields[k]
        return CellEntry(length, rows, tokens, crc)

    def raw(self, k: int) -> bytes:
        """The bytes of an entry."""
        return self._data[32 + 32 * k : 64 + 32 * k]

    def starts(self) -> list[int]:
        """Where each cell begins in its run, and where the run ends."""
        lengths = (entry[0] for entry in self.fields)
        return list(accumulate(lengths, initial=directory_length(len(self.fields))))


def directory_length(cells: int) -> int:
    """The bytes that the directory of a run with that many cells takes, padding included."""
    return (32 + 32 * cells + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT


def decode_directory(bundle: Bundle, piece: int, slot: int, run: pa.Buffer) -> Directory:
    """The directory at the start of `run`. Raises `CorruptObjectError`."""
    where = f"run directory of piece {piece}, slot {slot}"
    size = 32 + 32 * bundle.steps
    if run.size < directory_length(bundle.steps):
        raise CorruptObjectError(bundle.key, f"{where}: the run of {run.size} bytes is too short")
    data = run.slice(0, size).to_pybytes()
    magic, count, its_piece, its_slot, prefix, _, crc = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise CorruptObjectError(bundle.key, f"{where}: it starts with {magic!r}, not {_MAGIC!r}")
    if (count, its_piece, its_slot) != (bundle.steps, piece, slot):
        problem = f"it has {count} cells of piece {its_piece}, slot {its_slot}"
        raise CorruptObjectError(bundle.key, f"{where}: {problem}, expected {bundle.steps}")
    if prefix != bundle.uuid_prefix:
        raise CorruptObjectError(bundle.key, f"{where}: it belongs to another bundle")
    actual = crc32c(data[32:], crc32c(data[:28] + bytes(4)))
    if actual != crc:
        raise CorruptObjectError(bundle.key, f"{where}: CRC32C is {actual:08x}, not {crc:08x}")
    directory = Directory(data)
    left = run.size - directory_length(count)
    for k, (length, rows, _, _, _) in enumerate(directory.fields):
        if length % ALIGNMENT or not ALIGNMENT <= length <= left or rows > MAX_CELL_ROWS:
            raise CorruptObjectError(
                bundle.key, f"{where}: cell {k} has {length} bytes, {rows} rows"
            )
        left -= length
    if left:
        raise CorruptObjectError(bundle.key, f"{where}: its cells leave {left} bytes of the run")
    return directory


class Share:
    """The runs of one piece of a bundle for slots [first, stop): one range, fetched once.

    It is fetched with `fetch`, or else when it is first needed. Directories are decoded when a slot
    is first asked for. Not thread-safe, but that any thread may fetch.
    """

    def __init__(self, store: Ranges, bundle: Bundle, piece: int, first: int, stop: int) -> None:
        self.bundle = bundle
        self.piece = piece
        self._store = store
        self._base = bundle.start(piece * bundle.slots + first)
        self.size = bundle.start(piece * bundle.slots + stop) - self._base
        self._fetched: Future[pa.Buffer] | None = None
        self._bytes: pa.Buffer | None = None
        self._runs: dict[int, tuple[Directory, list[int], int]] = {}

    def fetch(self, workers: Workers | None = None) -> None:
        """Begins to fetch, in one of `workers`; without them it has ended on return.

        What fails is told when the bytes are needed.
        """
        if workers is not None:
            self._fetched = workers.submit(self._map)
            return
        self._fetched = Future()
        try:
            self._fetched.set_result(self._map())
        except Exception as error:  # noqa: BLE001 - raised by whoever needs it
            self._fetched.set_exception(error)

    def _map(self) -> pa.Buffer:
        try:
            return self._store.map(self.bundle.key, self._base, self.size)
        except ObjectNotFoundError:
            raise CorruptObjectError(self.bundle.key, "it is named, but does not exist") from None

    @property
    def fetched(self) -> bool:
        """Whether nothing of it has to be waited for."""
        return self._fetched is not None and self._fetched.done()

    @property
    def _range(self) -> pa.Buffer:
        if self._bytes is None:
            if self._fetched is None:
                self.fetch()
            assert self._fetched is not None
            self._bytes = self._fetched.result()
        return self._bytes

    def cell(self, slot: int, k: int, *, verify: bool = True) -> tuple[int, pa.Buffer]:
        """The rows and the bytes of the cell of `slot` in step `k`; its checksum was compared."""
        directory, starts, base = self._runs.get(slot) or self._open_run(slot)
        length, rows, _, crc, _ = directory.fields[k]
        cell = self._range.slice(base + starts[k], length)
        if verify:
            actual = crc32c(cell)
            if actual != crc:
                raise self.damaged(slot, k, f"CRC32C is {actual:08x}, not {crc:08x}")
        return rows, cell

    def entry(self, slot: int, k: int) -> CellEntry:
        """The directory's entry of the cell of `slot` in step `k`."""
        return (self._runs.get(slot) or self._open_run(slot))[0][k]

    def raw_entry(self, slot: int, k: int) -> bytes:
        """The bytes of that entry, of which digests are made."""
        return (self._runs.get(slot) or self._open_run(slot))[0].raw(k)

    def length(self, slot: int, k: int) -> int:
        """The bytes of the cell of `slot` in step `k`."""
        return (self._runs.get(slot) or self._open_run(slot))[0].fields[k][0]

    def batch(
        self,
        slot: int,
        k: int,
        layout: CellLayout,
        *,
        verify: bool = True,
        wanted: Sequence[str] | None = None,
    ) -> pa.RecordBatch:
        """As `cell`, decoded.

        Buffers of an Arrow cell's batch point into the range; it has all columns. A Parquet cell's
        batch has memory of its own, and the `wanted` columns only.
        """
        rows, cell = self.cell(slot, k, verify=verify)
        try:
            if self.bundle.format == PARQUET:
                return decode_parquet_cell(cell, rows, layout.schema, wanted)
            return decode_cell(cell, rows, layout)
        except (ValueError, OSError, pa.ArrowException, MemoryError, OverflowError) as error:
            raise self.damaged(slot, k, str(error)) from None

    def damaged(self, slot: int, k: int, problem: str) -> CorruptObjectError:
        """An error about one cell, for the caller to raise."""
        where = f"cell of piece {self.piece}, slot {slot}, step {k} of the bundle"
        return CorruptObjectError(self.bundle.key, f"{where}: {problem}")

    def _open_run(self, slot: int) -> tuple[Directory, list[int], int]:
        number = self.piece * self.bundle.slots + slot
        start = self.bundle.start(number) - self._base
        run = self._range.slice(start, self.bundle.start(number + 1) - self._base - start)
        directory = decode_directory(self.bundle, self.piece, slot, run)
        self._runs[slot] = opened = directory, directory.starts(), start
        return opened


@dataclass(frozen=True, slots=True, eq=False)
class CellLayout:
    """What a schema says about a record batch message: nodes, buffers, and nodes without nulls."""

    schema: pa.Schema
    columns: tuple[int, ...]
    nodes: int
    buffers: int
    non_null: tuple[int, ...]


@lru_cache(maxsize=256)
def layout_of(schema: pa.Schema) -> CellLayout:
    """The layout of cells of `schema`, in the order of its flattened fields."""
    nodes = buffers = 0
    columns: list[int] = []
    non_null: list[int] = []

    def visit(field: pa.Field[Any], filled: bool) -> None:
        nonlocal nodes, buffers
        filled = filled and not field.nullable
        if filled and not pa.types.is_null(field.type):
            non_null.append(nodes)
        nodes += 1
        buffers += _buffer_count(field.type)
        for number in range(field.type.num_fields):
            visit(field.type.field(number), filled)

    for field in schema:
        columns.append(nodes)
        visit(field, True)
    return CellLayout(schema, tuple(columns), nodes, buffers, tuple(non_null))


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
    _check_message(memoryview(cell).cast("B"), rows, layout)
    batch = pa.ipc.read_record_batch(cell, layout.schema)
    if batch.num_rows != rows:
        raise ValueError(f"it has {batch.num_rows} rows, the directory says {rows}")
    batch.validate(full=True)
    return batch


def _check_message(cell: memoryview, rows: int, layout: CellLayout) -> None:
    """Checks the metadata of a record batch message before Arrow acts on it."""
    length = int.from_bytes(cell[4:8], "little")
    body = 8 + length
    if cell[:4] != _CONTINUATION or body > len(cell) or body % ALIGNMENT:
        raise ValueError("it is not a record batch message whose body is aligned")
    check = _check_known if length <= _KNOWN_LENGTH else _check_metadata
    try:
        compressed = check(bytes(cell[8:body]), len(cell) - body, rows, layout)
    except struct.error:
        raise ValueError("its metadata points outside of itself") from None
    if compressed:
        _check_expansion(cell[body:], compressed)


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


def _check_metadata(metadata: bytes, room: int, rows: int, layout: CellLayout) -> tuple[int, ...]:
    """Checks a message against its rows and the `room` for its body; a pure function.

    Returns offset and length of each buffer if they are compressed, nothing otherwise.
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
    return buffers if flat.field(batch, 3) is not None else ()


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


def slot_digest(entries: Iterable[bytes]) -> bytes:
    """SHA-256 over the bytes of the entries of a slot's pieces, in order."""
    return hashlib.sha256(b"".join(entries)).digest()


def step_digest(slots: Iterable[bytes]) -> str:
    """SHA-256 over the slot digests of a step, in hex."""
    return hashlib.sha256(b"".join(slots)).hexdigest()
