# SPDX-License-Identifier: Apache-2.0
"""The context-parallel cut: which values of a row's sequences a rank gets.

One mechanism serves every way of storing and of asking. A `Cut` says which ranges of the
*original* row a rank wants; the stored pieces say where a position of the original row *is*. The
plan of a row composes the two into copies (piece, offset, length), and is the same for all of its
sequence columns. Where one stored piece is the whole answer nothing is copied at all.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

from lakestream.errors import CorruptObjectError, TopologyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lakestream.schema import StreamSchema
    from lakestream.topology import Topology

MAX_VALUES = 2**31 - 1
"""What the 32-bit offsets of a list column can count."""

Column: TypeAlias = Any
"""An Arrow array. The stubs do not know what arrays of one type have that others lack."""

ListType: TypeAlias = Any
"""The Arrow type of a sequence column."""

Copy: TypeAlias = tuple[int, int, int]
"""Piece, offset in its row, length; in values."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What a cp rank wants: `chunks` in order, of each of `parts` equal chunks of a sequence.

    With `boundaries` every document is divided for itself; otherwise the whole sequence is.
    """

    parts: int
    chunks: tuple[int, ...]
    boundaries: str | None

    @property
    def whole(self) -> bool:
        """Whether the rank gets whole rows."""
        return self.parts == 1

    def ranges(self, bounds: Sequence[int]) -> Iterator[tuple[int, int]]:
        """The wanted [start, stop) of a row whose documents lie between `bounds`, in order.

        Raises `ValueError` naming a document that cannot be divided.
        """
        for number, (start, stop) in enumerate(pairwise(bounds)):
            size, rest = divmod(stop - start, self.parts)
            if rest:
                what = f"document {number}" if self.boundaries else "the sequence"
                raise ValueError(
                    f"{what} has {stop - start} values, not a multiple of {self.parts}"
                )
            for chunk in self.chunks:
                yield start + chunk * size, start + (chunk + 1) * size


def cut_of(topology: Topology, boundaries: str | None) -> Cut:
    """The cut of a rank; `boundaries` names the column to divide per document by."""
    rank, size = topology.cp_rank, topology.cp_size
    if size == 1:
        return Cut(1, (0,), None)
    if topology.split == "zigzag":
        return Cut(2 * size, (rank, 2 * size - 1 - rank), boundaries)
    return Cut(size, (rank,), boundaries)


def pieces_needed(cut: Cut, pieces: int, stored: str | None) -> tuple[int, ...]:
    """The pieces to read, ascending, of a bundle of `pieces` that was cut along `stored`."""
    if cut.whole or pieces == 1 or cut.boundaries != stored or pieces % cut.parts:
        return tuple(range(pieces))
    each = pieces // cut.parts
    inside = {chunk * each + number for chunk in cut.chunks for number in range(each)}
    return tuple(sorted(inside))


def assemble(
    batches: Mapping[int, pa.RecordBatch], pieces: int, schema: StreamSchema, cut: Cut, key: str
) -> pa.RecordBatch:
    """The rows of one slot as `cut` wants them, from the needed pieces of it.

    `schema` is the one that the bundle `key` was written with. Raises `CorruptObjectError` where
    pieces contradict each other, `TopologyError` where a sequence cannot be divided that way.
    """
    first = next(iter(batches.values()))
    present = [name for name in schema.sequence if name in first.schema.names]
    if not present or (len(batches) == 1 and (pieces > 1 or cut.whole)):
        _check_alike(batches, key)
        return first
    _check_alike(batches, key)
    sources = {
        name: {piece: _Values(batch.column(name)) for piece, batch in batches.items()}
        for name in present
    }
    plans = _Planner(first, pieces, schema, cut, key, sources).plans(first.num_rows)
    columns, fields = [], []
    for field, column in zip(first.schema, first.columns, strict=True):
        if field.name in sources:
            column = _copied(_cut_type(column.type, pieces, cut), plans, sources[field.name], key)
            field = field.with_type(column.type)
        columns.append(column)
        fields.append(field)
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


def _check_alike(batches: Mapping[int, pa.RecordBatch], key: str) -> None:
    if len({batch.num_rows for batch in batches.values()}) != 1:
        raise CorruptObjectError(key, "the pieces of a slot differ in rows")


class _Values:
    """The values of a sequence column: raw bytes, the width of an item, and where rows start."""

    __slots__ = ("data", "starts", "width")

    def __init__(self, column: Column) -> None:
        item = column.type.value_type
        self.width = item.bit_width // 8
        rows = len(column)
        if pa.types.is_fixed_size_list(column.type):
            size = column.type.list_size
            first = column.offset * size
            self.starts: Sequence[int] = range(first, first + rows * size + 1, size)
        elif rows:
            offsets = _integers(column.buffers()[1])
            self.starts = offsets[column.offset : column.offset + rows + 1]
        else:
            self.starts = [0]
        values = column.values
        buffer = values.buffers()[1]
        skipped = values.offset * self.width
        self.data = memoryview(buffer if buffer is not None else b"")[skipped:]

    def length(self, row: int) -> int:
        return self.starts[row + 1] - self.starts[row]


class _Planner:
    """Makes the plan of each row; rows that are cut as a whole share it by their length."""

    def __init__(
        self,
        batch: pa.RecordBatch,
        pieces: int,
        schema: StreamSchema,
        cut: Cut,
        key: str,
        sources: Mapping[str, Mapping[int, _Values]],
    ) -> None:
        self._pieces = pieces
        self._cut = cut
        self._key = key
        self._sources = sources
        self._stored = (
            _bounds(batch, schema.boundaries) if pieces > 1 and schema.boundaries else None
        )
        self._wanted = _bounds(batch, cut.boundaries) if cut.boundaries else None
        self._by_length: dict[int, list[Copy]] = {}

    def plans(self, rows: int) -> list[list[Copy]]:
        return [self._plan(row) for row in range(rows)]

    def _plan(self, row: int) -> list[Copy]:
        length = self._length(row)
        if self._stored is None and self._wanted is None:
            plan = self._by_length.get(length)
            if plan is None:
                plan = self._by_length[length] = self._compose(row, [0, length], [0, length])
            return plan
        stored = self._row_bounds(self._stored, row, length)
        return self._compose(row, stored, self._row_bounds(self._wanted, row, length))

    def _length(self, row: int) -> int:
        """The length of the original sequences of `row`, on which columns and pieces must agree."""
        lengths = {
            values.length(row) for column in self._sources.values() for values in column.values()
        }
        if len(lengths) != 1:
            raise CorruptObjectError(
                self._key, f"row {row} of a slot: its sequences or pieces differ in length"
            )
        return lengths.pop() * self._pieces

    def _row_bounds(
        self, bounds: list[Sequence[int]] | None, row: int, length: int
    ) -> Sequence[int]:
        if bounds is None:
            return (0, length)
        found = bounds[row]
        sound = len(found) and found[0] == 0 and found[-1] == length
        if not sound or any(start > stop for start, stop in pairwise(found)):
            raise CorruptObjectError(
                self._key, f"row {row} of a slot: document bounds do not cover {length} values"
            )
        return found

    def _compose(self, row: int, stored: Sequence[int], wanted: Sequence[int]) -> list[Copy]:
        if any((stop - start) % self._pieces for start, stop in pairwise(stored)):
            problem = f"row {row} of a slot: a document is not a multiple of {self._pieces} pieces"
            raise CorruptObjectError(self._key, problem)
        try:
            ranges = list(self._cut.ranges(wanted))
        except ValueError as error:
            raise TopologyError(
                f"{self._key}: row {row} of a slot cannot be cut: {error}"
            ) from None
        if self._pieces == 1:
            return [(0, start, stop - start) for start, stop in ranges if stop > start]
        return [
            copy for start, stop in ranges for copy in locate(start, stop, stored, self._pieces)
        ]


def locate(start: int, stop: int, bounds: Sequence[int], pieces: int) -> Iterator[Copy]:
    """Where [start, stop) of an original row is stored, if each document was cut into `pieces`."""
    document = bisect_right(bounds, start) - 1
    while start < stop:
        first, last = bounds[document], min(bounds[document + 1], stop)
        size = (bounds[document + 1] - first) // pieces
        while start < last:
            piece, within = divmod(start - first, size)
            count = min(size - within, last - start)
            yield piece, first // pieces + within, count
            start += count
        document += 1


def _integers(data: Any) -> memoryview:  # noqa: ANN401
    """Bytes as int32; what does not make a whole one is left out."""
    raw = memoryview(data)
    return raw[: len(raw) // 4 * 4].cast("i")


def _bounds(batch: pa.RecordBatch, name: str) -> list[Sequence[int]]:
    """The document bounds of each row."""
    values = _Values(batch.column(name))
    data = _integers(values.data)
    return [data[start:stop] for start, stop in pairwise(values.starts)]


def _copied(
    type_: ListType, plans: list[list[Copy]], sources: Mapping[int, _Values], key: str
) -> Column:
    """A column of the rows that `plans` makes of `sources`."""
    width = next(iter(sources.values())).width
    lengths = [sum(copy[2] for copy in plan) for plan in plans]
    total = sum(lengths)
    if total > MAX_VALUES:
        raise TopologyError(f"{key}: a cut of {total} values does not fit into one batch")
    data = pa.allocate_buffer(total * width)
    target = memoryview(data)
    at = 0
    for row, plan in enumerate(plans):
        for piece, offset, count in plan:
            values = sources[piece]
            source = (values.starts[row] + offset) * width
            size = count * width
            target[at : at + size] = values.data[source : source + size]
            at += size
    items = pa.Array.from_buffers(type_.value_type, total, [None, data])
    if not pa.types.is_fixed_size_list(type_):
        offsets = array("i", [0])
        position = 0
        for length in lengths:
            position += length
            offsets.append(position)
        buffers = [None, pa.py_buffer(offsets)]
        return pa.Array.from_buffers(type_, len(plans), buffers, children=[items])
    if any(length != type_.list_size for length in lengths):
        raise CorruptObjectError(key, "rows of a fixed-size sequence differ in length")
    return pa.Array.from_buffers(type_, len(plans), [None], children=[items])


def _cut_type(type_: ListType, pieces: int, cut: Cut) -> ListType:
    """The type that a stored sequence column has after the cut."""
    if not pa.types.is_fixed_size_list(type_):
        return type_
    size = type_.list_size * pieces * len(cut.chunks) // cut.parts
    return pa.list_(type_.value_field, size)
