# SPDX-License-Identifier: Apache-2.0
"""Bundles: run directories, where cells are and that they are whole, and the digests over them."""

from __future__ import annotations

import hashlib
import struct
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
from crc32c import crc32c

from lakestream.cell import OpenRange
from lakestream.errors import CorruptObjectError, LakestreamError, ObjectNotFoundError
from lakestream.parquet import decode_parquet_cell
from lakestream.steps import ALIGNMENT, PARQUET, Bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Future

    from lakestream.cell import CellDecoder
    from lakestream.store import Ranges
    from lakestream.threads import Workers

MAX_CELL_ROWS = 2**31 - 1
_HEADER = struct.Struct("<4sIII8sII")
_ENTRY = struct.Struct("<QQQII")
_MAGIC = b"LSRD"


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

    def starts(self, run: int) -> list[int]:
        """Where each cell begins in a range whose byte `run` this directory is the first of."""
        lengths = (entry[0] for entry in self.fields)
        return list(accumulate(lengths, initial=run + directory_length(len(self.fields))))[:-1]


def directory_length(cells: int) -> int:
    """The bytes that the directory of a run with that many cells takes, padding included."""
    return (32 + 32 * cells + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT


def decode_directory(bundle: Bundle, piece: int, slot: int, run: memoryview) -> Directory:
    """The directory at the start of `run`. Raises `CorruptObjectError`."""
    size = 32 + 32 * bundle.steps
    if len(run) < directory_length(bundle.steps):
        raise _bad_directory(bundle, piece, slot, f"the run of {len(run)} bytes is too short")
    data = run[:size].tobytes()
    magic, count, its_piece, its_slot, prefix, _, crc = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise _bad_directory(bundle, piece, slot, f"it starts with {magic!r}, not {_MAGIC!r}")
    if (count, its_piece, its_slot) != (bundle.steps, piece, slot):
        problem = f"it has {count} cells of piece {its_piece}, slot {its_slot}"
        raise _bad_directory(bundle, piece, slot, f"{problem}, expected {bundle.steps}")
    if prefix != bundle.uuid_prefix:
        raise _bad_directory(bundle, piece, slot, "it belongs to another bundle")
    actual = crc32c(data[32:], crc32c(data[:28] + bytes(4)))
    if actual != crc:
        raise _bad_directory(bundle, piece, slot, f"CRC32C is {actual:08x}, not {crc:08x}")
    directory = Directory(data)
    left = len(run) - directory_length(count)
    for k, (length, rows, _, _, _) in enumerate(directory.fields):
        if length % ALIGNMENT or not ALIGNMENT <= length <= left or rows > MAX_CELL_ROWS:
            raise _bad_directory(bundle, piece, slot, f"cell {k} has {length} bytes, {rows} rows")
        left -= length
    if left:
        raise _bad_directory(bundle, piece, slot, f"its cells leave {left} bytes of the run")
    return directory


def _bad_directory(bundle: Bundle, piece: int, slot: int, problem: str) -> CorruptObjectError:
    where = f"run directory of piece {piece}, slot {slot}"
    return CorruptObjectError(bundle.key, f"{where}: {problem}")


class OpenRun(NamedTuple):
    """A run whose directory was checked: the range that it lies in, and its cells there."""

    range: OpenRange
    fields: list[tuple[int, int, int, int, int]]
    """As in the directory."""
    starts: list[int]
    """Where each cell begins in the range."""


class Share:
    """The runs of one piece of a bundle for slots [first, stop): one range, fetched once.

    It is fetched with `fetch`, or else when it is first needed. Directories are decoded when a slot
    is first asked for. Any thread may use it once it is fetched.
    """

    __slots__ = ("_base", "_fetched", "_opened", "_runs", "_store", "bundle", "piece", "size")

    def __init__(self, store: Ranges, bundle: Bundle, piece: int, first: int, stop: int) -> None:
        self.bundle = bundle
        self.piece = piece
        self._store = store
        self._base = bundle.start(piece * bundle.slots + first)
        self.size = bundle.start(piece * bundle.slots + stop) - self._base
        self._fetched: Future[pa.Buffer] | None = None
        self._opened: OpenRange | None = None
        self._runs: dict[int, tuple[Directory, list[int]]] = {}

    def fetch(self, workers: Workers | None = None) -> None:
        """Begins to fetch, in one of `workers`; without them it has ended on return.

        What fails is told when the bytes are needed.
        """
        if workers is not None:
            self._fetched = workers.submit(self._map)
            return
        with suppress(LakestreamError):
            self._open()

    def _map(self) -> pa.Buffer:
        try:
            return self._store.map(self.bundle.key, self._base, self.size)
        except ObjectNotFoundError:
            raise CorruptObjectError(self.bundle.key, "it is named, but does not exist") from None

    @property
    def fetched(self) -> bool:
        """Whether nothing of it has to be waited for."""
        return self._opened is not None or (self._fetched is not None and self._fetched.done())

    def _open(self) -> OpenRange:
        if self._opened is None:
            fetched = self._map() if self._fetched is None else self._fetched.result()
            self._opened = OpenRange(fetched)
        return self._opened

    def check(self, slot: int, k: int) -> None:
        """Compares the checksum of a cell."""
        directory, starts = self._runs.get(slot) or self._open_run(slot)
        length, _, _, crc, _ = directory.fields[k]
        at = starts[k]
        actual = crc32c(self._open().view[at : at + length])
        if actual != crc:
            raise self.damaged(slot, k, f"CRC32C is {actual:08x}, not {crc:08x}")

    def run(self, slot: int) -> OpenRun:
        """The run of `slot`, for who takes its cells without being told what is wrong with one."""
        directory, starts = self._runs.get(slot) or self._open_run(slot)
        return OpenRun(self._open(), directory.fields, starts)

    def directory(self, slot: int) -> Directory:
        """The directory of the run of `slot`."""
        return (self._runs.get(slot) or self._open_run(slot))[0]

    def batch(
        self,
        slot: int,
        k: int,
        decoder: CellDecoder,
        verify: bool = True,
        wanted: Sequence[str] | None = None,
    ) -> pa.RecordBatch:
        """The record batch of a cell, whose checksum is compared or was before.

        Buffers of an Arrow cell's batch point into the range; it has all columns. A Parquet cell's
        batch has memory of its own, and the `wanted` columns only.
        """
        directory, starts = self._runs.get(slot) or self._open_run(slot)
        length, rows, _, crc, _ = directory.fields[k]
        opened, at = self._opened or self._open(), starts[k]
        if verify and crc32c(opened.view[at : at + length]) != crc:
            self.check(slot, k)
        try:
            if self.bundle.format == PARQUET:
                cell = opened.buffer.slice(at, length)
                return decode_parquet_cell(cell, rows, decoder.layout.schema, wanted)
            return decoder.decode(opened, at, length, rows)
        except (ValueError, OSError, pa.ArrowException, MemoryError, OverflowError) as error:
            raise self.damaged(slot, k, str(error)) from None

    def damaged(self, slot: int, k: int, problem: str) -> CorruptObjectError:
        """An error about one cell, for the caller to raise."""
        where = f"cell of piece {self.piece}, slot {slot}, step {k} of the bundle"
        return CorruptObjectError(self.bundle.key, f"{where}: {problem}")

    def _open_run(self, slot: int) -> tuple[Directory, list[int]]:
        number = self.piece * self.bundle.slots + slot
        start = self.bundle.start(number) - self._base
        run = self._open().view[start : self.bundle.start(number + 1) - self._base]
        directory = decode_directory(self.bundle, self.piece, slot, run)
        self._runs[slot] = opened = directory, directory.starts(start)
        return opened


def slot_digest(entries: Iterable[bytes]) -> bytes:
    """SHA-256 over the bytes of the entries of a slot's pieces, in order."""
    return hashlib.sha256(b"".join(entries)).digest()


def step_digest(slots: Iterable[bytes]) -> str:
    """SHA-256 over the slot digests of a step, in hex."""
    return hashlib.sha256(b"".join(slots)).hexdigest()
