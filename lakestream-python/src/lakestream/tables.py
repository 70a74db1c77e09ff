# SPDX-License-Identifier: Apache-2.0
"""Steps and slots as rows of pyarrow tables, for `explain` and `difference`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lakestream.bundle import Share, directory_length, slot_digest
from lakestream.errors import TrimmedStepError
from lakestream.stream import Stream
from lakestream.stream import open as open_stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lakestream.snapshot import Commit
    from lakestream.steps import StepPlace


def columns(types: Mapping[str, pa.DataType]) -> pa.Schema:
    """A schema with columns of these names and types."""
    return pa.schema([pa.field(name, type_) for name, type_ in types.items()])


_COUNTS = pa.map_(pa.utf8(), pa.int64())
_TEXTS = pa.map_(pa.utf8(), pa.utf8())

STEPS = columns(
    {
        "step": pa.int64(),
        "version": pa.int64(),
        "committed": pa.timestamp("ms", "UTC"),
        "producer": pa.utf8(),
        "epoch": pa.int64(),
        "sequence": pa.int64(),
        "rows": pa.int64(),
        "tokens": pa.int64(),
        "loss_tokens": pa.int64(),
        "slots": pa.int32(),
        "pieces": pa.int32(),
        "schema": pa.int32(),
        "digest": pa.utf8(),
        "sources": _COUNTS,
        "tags": pa.list_(pa.utf8()),
        "attributes": _TEXTS,
    }
)
"""The columns of a table of steps."""


def steps_table(
    stream: Stream | str, start: int | None = None, stop: int | None = None
) -> pa.Table:
    """What the log says of the steps [start, stop), a row each; of all readable ones by default.

    Raises what `explain` raises for a step that cannot be read.
    """
    stream = opened(stream)
    found = range_of(stream, (start, stop))
    return table([step_row(step, *stream.place(step)) for step in found], STEPS)


def opened(stream: Stream | str) -> Stream:
    """The stream, opened if a URI is given."""
    return open_stream(stream) if isinstance(stream, str) else stream


def check_step(stream: Stream, step: int) -> None:
    """Refuses a step that cannot be read, and says why."""
    if step < 0:
        raise ValueError(f"step {step}: steps begin with 0")
    if step >= stream.next_step:
        raise IndexError(f"step {step} is not committed: the tail is {stream.next_step - 1}")
    if step < stream.earliest:
        raise TrimmedStepError(step, stream.earliest)


def range_of(stream: Stream, wanted: tuple[int | None, int | None]) -> range:
    """The steps [start, stop) of a stream; None stands for the first readable and the tail."""
    start = stream.earliest if wanted[0] is None else wanted[0]
    stop = stream.next_step if wanted[1] is None else wanted[1]
    if start >= stop:
        raise ValueError(f"[{start}, {stop}) has no steps")
    check_step(stream, start)
    check_step(stream, stop - 1)
    return range(start, stop)


def table(rows: Sequence[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table."""
    return pa.Table.from_pylist(list(rows), schema=schema)


def step_row(step: int, commit: Commit, place: StepPlace) -> dict[str, Any]:
    """The row of a step."""
    producer, record = commit.producer, place.record
    return {
        "step": step,
        "version": commit.version,
        "committed": commit.time,
        "producer": producer.id if producer else None,
        "epoch": producer.epoch if producer else None,
        "sequence": producer.sequence if producer else None,
        "rows": record.rows,
        "tokens": record.tokens,
        "loss_tokens": record.loss_tokens,
        "slots": place.slots,
        "pieces": place.pieces,
        "schema": place.schema,
        "digest": record.digest,
        "sources": dict(record.sources),
        "tags": list(record.tags),
        "attributes": dict(record.attributes),
    }


@dataclass(frozen=True)
class OpenSlot:
    """One slot, and the open runs that it is among, one for each piece of the bundle."""

    slot: int
    bundle_slot: int
    k: int
    runs: tuple[Share, ...]

    def digest(self) -> bytes:
        """The slot's digest, over all pieces of the step."""
        return slot_digest(run.directory(self.bundle_slot).raw(self.k) for run in self.runs)

    def summary(self) -> dict[str, Any]:
        """The row of the slot."""
        entry = self.runs[0].directory(self.bundle_slot)[self.k]
        return {
            "slot": self.slot,
            "rows": entry.rows,
            "tokens": entry.tokens,
            "digest": self.digest().hex(),
        }

    def cells(self, pieces: Iterable[int]) -> Iterator[dict[str, Any]]:
        """A row for each cell of these pieces."""
        for piece in pieces:
            run = self.runs[piece]
            directory = run.directory(self.bundle_slot)
            entry = directory[self.k]
            before = (length for length, *_ in directory.fields[: self.k])
            start = run.bundle.start(piece * run.bundle.slots + self.bundle_slot)
            yield {
                "slot": self.slot,
                "piece": piece,
                "bundle": run.bundle.key,
                "bundle_slot": self.bundle_slot,
                "bundle_step": self.k,
                "offset": start + directory_length(run.bundle.steps) + sum(before),
                "bytes": entry.length,
                "rows": entry.rows,
                "tokens": entry.tokens,
                "crc32c": f"{entry.crc:08x}",
            }


def open_slots(stream: Stream, step: int, place: StepPlace, slots: range) -> Iterator[OpenSlot]:
    """Slots of a visible step, with the runs of all their pieces open."""
    home, base = stream.home(step), 0
    for bundle, cells in place.cells:
        first = cells.slot + max(slots.start, base) - base
        stop = cells.slot + min(slots.stop, base + cells.count) - base
        if first < stop:
            pieces = range(bundle.pieces)
            runs = tuple(Share(home, bundle, piece, first, stop) for piece in pieces)
            for slot in range(first, stop):
                yield OpenSlot(base + slot - cells.slot, slot, cells.k, runs)
        base += cells.count
