# SPDX-License-Identifier: Apache-2.0
"""A rank's share of a step: which ranges it takes of which bundles, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
from crc32c import crc32c

from lakestream.bundle import Share, slot_digest, step_digest
from lakestream.cell import decoder_of
from lakestream.errors import CorruptObjectError, TopologyError, TrimmedStepError
from lakestream.schema import StreamSchema, divided_schema
from lakestream.sequence import Cut, assemble, pieces_needed
from lakestream.steps import ARROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lakestream.ahead import Check
    from lakestream.bundle import Directory, OpenRun
    from lakestream.cell import CellDecoder
    from lakestream.host_cache import SharedRanges
    from lakestream.snapshot import Commit
    from lakestream.steps import Bundle, StepRecord
    from lakestream.store import Ranges
    from lakestream.stream import Stream
    from lakestream.topology import Topology


_LARGE_CELL = 512 << 10
"""Of smaller cells the interpreter does more than the checksum: a thread would be in its way."""

_WORTH_THREADS = 4 << 20
"""Bytes of a share, and of what a thread is given at a time. Less is sooner done than given."""


class ColumnPlan:
    """Which columns a rank wants, how sequences are cut, and the schema that it gets."""

    def __init__(
        self, stream: Stream, cut: Cut, cp_size: int, names: tuple[str, ...] | None
    ) -> None:
        self.cut = cut
        self._stream = stream
        self._cp_size = cp_size
        self._names = names
        self._delivered: dict[int, pa.Schema] = {}
        self._decoders: dict[tuple[int, int], CellDecoder] = {}
        self._handlings: dict[tuple[int, int, int], _Handling] = {}
        self._check(stream.schema)

    def _check(self, schema: StreamSchema) -> None:
        known = schema.arrow.names
        for name in self._names or ():
            if name not in known:
                raise TopologyError(f"there is no column {name!r}; there are {', '.join(known)}")
        if self.cut.boundaries is not None:
            named = [field for field in schema.fields if field.name == self.cut.boundaries]
            if not named or not pa.types.is_list(schema.arrow.field(named[0].name).type):
                raise TopologyError(f"{self.cut.boundaries!r} is no column of document bounds")

    def delivered(self, version: int) -> pa.Schema:
        """What the rank gets for steps that entry `version` made visible."""
        schema = self._stream.schema_at(version)
        if schema.id not in self._delivered:
            arrow = divided_schema(schema, self._cp_size)
            if arrow is None:
                raise TopologyError(
                    f"cp_size {self._cp_size} does not divide the schema's fixed-size sequences"
                )
            if self._names is not None:
                arrow = pa.schema(
                    [arrow.field(name) for name in self._names if name in arrow.names]
                )
            self._delivered[schema.id] = arrow
        return self._delivered[schema.id]

    def decoder(self, bundle: Bundle) -> CellDecoder:
        """What knows how the cells of `bundle` look."""
        kind = bundle.schema, bundle.pieces
        if kind not in self._decoders:
            schema = divided_schema(self.schema_of(bundle), bundle.pieces)
            if schema is None:
                problem = f"{bundle.pieces} pieces do not divide its fixed-size sequences"
                raise CorruptObjectError(bundle.key, problem)
            self._decoders[kind] = decoder_of(schema)
        return self._decoders[kind]

    def handling(self, bundle: Bundle, delivered: pa.Schema) -> _Handling:
        """What becomes of the cells of `bundle` where the rank gets `delivered`."""
        kind = bundle.schema, bundle.pieces, id(delivered)
        if kind not in self._handlings:
            decoder, schema = self.decoder(bundle), self.schema_of(bundle)
            plain = self.cut.whole and bundle.pieces == 1 and self._names is None
            plain = plain and decoder.layout.schema.equals(delivered)
            self._handlings[kind] = _Handling(
                decoder, schema, self.pieces(bundle), self.needed(schema), plain
            )
        return self._handlings[kind]

    def schema_of(self, bundle: Bundle) -> StreamSchema:
        """The schema that `bundle` was written with."""
        return self._stream.schema_of(bundle.schema, bundle.key)

    def pieces(self, bundle: Bundle) -> tuple[int, ...]:
        """The pieces of `bundle` that the rank reads."""
        return pieces_needed(self.cut, bundle.pieces, self.schema_of(bundle).boundaries)

    def needed(self, schema: StreamSchema) -> tuple[str, ...] | None:
        """The columns of `schema` that the rank or the cut wants; None for all of them."""
        if self._names is None:
            return None
        wanted = {*self._names, self.cut.boundaries, schema.boundaries}
        return tuple(field.name for field in schema.fields if field.name in wanted)


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """`batch` with the columns of `schema`; those that it lacks are null."""
    if batch.schema.equals(schema):
        return batch
    present = set(batch.schema.names)
    columns = [
        batch.column(field.name) if field.name in present else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    if not columns:
        return batch.select([])
    return pa.RecordBatch.from_arrays(columns, schema=schema)


@dataclass(frozen=True, slots=True)
class _Handling:
    """What is done with the cells of one kind of bundle.

    Of these pieces the `wanted` columns are taken, all if None; `plain` cells are handed on as they
    are.
    """

    decoder: CellDecoder
    schema: StreamSchema
    pieces: tuple[int, ...]
    wanted: tuple[str, ...] | None
    plain: bool


class _Range:
    """An open range and the last step that is known to use it."""

    __slots__ = ("last", "share")

    def __init__(self, share: Share, last: int) -> None:
        self.share = share
        self.last = last


_Cell = tuple[tuple[Share, ...], int, int, _Handling]
"""The open runs of each piece that the rank reads, the slot in them, k, and what becomes of it."""

_PlainCell = tuple["OpenRun", int, "CellDecoder"]
"""The one run of a cell that is handed on as it is, k, and what decodes it."""


class SlotDigests:
    """The digests of a rank's slots in a step, computed when they are asked for.

    It keeps the directories of their runs, and nothing of the ranges.
    """

    __slots__ = ("_ahead", "_entries")

    def __init__(self, entries: Sequence[tuple[Sequence[Directory], int]], ahead: int) -> None:
        self._entries = entries
        self._ahead = ahead

    def raw(self) -> list[bytes]:
        """The 32 bytes of each."""
        ahead = self._ahead
        return [
            slot_digest([directory.raw(first + ahead) for directory in directories])
            for directories, first in self._entries
        ]


class _Block:
    """The rank's share of consecutive steps that differ in nothing but k and their records.

    `cells` are those of the first of them.
    """

    __slots__ = (
        "_entries",
        "_plain",
        "all_pieces",
        "cells",
        "commit",
        "delivered",
        "ranges",
        "records",
        "slots",
        "start",
        "stop",
        "worth_threads",
    )

    def __init__(
        self,
        start: int,
        records: tuple[StepRecord, ...],
        slots: range,
        commit: Commit,
        delivered: pa.Schema,
        cells: list[_Cell],
        ranges: list[_Range],
    ) -> None:
        self.start, self.stop = start, start + len(records)
        self.records = records
        self.slots = slots
        self.commit = commit
        self.delivered = delivered
        self.cells = cells
        self.ranges = ranges
        self.all_pieces = all(len(runs) == runs[0].bundle.pieces for runs, _, _, _ in cells)
        """Whether the rank reads all pieces of its slots."""
        size = sum([range_.share.size for range_ in ranges])
        cells_in = sum([len(runs) * runs[0].bundle.steps for runs, _, _, _ in cells])
        self.worth_threads = size >= _WORTH_THREADS and size >= _LARGE_CELL * cells_in
        self._entries: list[tuple[list[Directory], int]] | None = None
        self._plain: list[_PlainCell] | None = None

    def plain(self) -> list[_PlainCell]:
        """All cells, opened, if nothing has to be done with any of them; else none."""
        if self._plain is None:
            self._plain = [
                (runs[0].run(slot), k, handling.decoder)
                for runs, slot, k, handling in self.cells
                if handling.plain and runs[0].bundle.format == ARROW
            ]
            if len(self._plain) < len(self.cells):
                self._plain = []
        return self._plain

    def entries(self) -> list[tuple[list[Directory], int]]:
        """Of each slot the directories of its pieces, and k in the first of the steps."""
        if self._entries is None:
            self._entries = [
                ([run.directory(slot) for run in runs], k) for runs, slot, k, _ in self.cells
            ]
        return self._entries


class StepShare:
    """The share of one rank in one step, opened; batches are decoded one at a time."""

    __slots__ = (
        "_ahead",
        "_block",
        "_checks",
        "_cut",
        "_ready",
        "_sound",
        "_verify",
        "commit",
        "record",
        "slots",
        "step",
    )

    def __init__(self, step: int, block: _Block, cut: Cut, *, verify: bool) -> None:
        self.step = step
        self._block = block
        self._ahead = ahead = step - block.start
        self.record = block.records[ahead]
        self.slots = block.slots
        """The rank's slots."""
        self.commit = block.commit
        """What made the step visible."""
        self._cut = cut
        self._verify = verify
        self._checks: dict[int, Check] | None = None
        self._ready: list[pa.RecordBatch | Exception | None] | None = None
        self._sound = False
        """Whether all micro-batches are ready, and nobody has one."""

    def batch(self, number: int) -> pa.RecordBatch:
        """The micro-batch of the rank's slot `number`; whoever has it is the only one."""
        ready = self._ready
        if ready is None or (found := ready[number]) is None:
            return self._decode(number)
        ready[number] = None
        self._sound = False
        if isinstance(found, Exception):
            raise found
        return found

    def batches(self) -> tuple[pa.RecordBatch, ...]:
        """All micro-batches; whoever has them is the only one."""
        ready = self._ready
        if ready is None or not self._sound:
            return tuple([self.batch(number) for number in range(len(self._block.cells))])
        self._ready = None
        return tuple(ready)  # type: ignore[arg-type]

    def prepare(self) -> None:
        """Verifies and decodes all micro-batches; what is wrong with one is told by `batch`."""
        if self._checks is None:
            try:
                plain = self._block.plain()
                if plain:
                    self._ready = _decode_all(plain, self._ahead, self._verify)
                    self._sound = True
                    return
            except Exception:  # noqa: BLE001 - met again below, and told
                pass
        ready: list[pa.RecordBatch | Exception | None] = []
        self._sound = True
        for number in range(len(self._block.cells)):
            try:
                ready.append(self._decode(number))
            except Exception as error:  # noqa: BLE001, PERF203 - as above
                ready.append(error)
                self._sound = False
        self._ready = ready

    def _decode(self, number: int) -> pa.RecordBatch:
        runs, slot, first, handling = self._block.cells[number]
        k = first + self._ahead
        verify = self._verify and (self._checks is None or not self._was_checked(number))
        if handling.plain:
            return runs[0].batch(slot, k, handling.decoder, verify)
        batches = {}
        wanted = handling.wanted
        for run in runs:
            batch = run.batch(slot, k, handling.decoder, verify, wanted)
            batches[run.piece] = batch if wanted is None else batch.select(wanted)
        bundle = runs[0].bundle
        whole = assemble(batches, bundle.pieces, handling.schema, self._cut, bundle.key)
        return conform(whole, self._block.delivered)

    def unchecked(self) -> Iterator[tuple[int, int, Callable[[], None]]]:
        """The large cells that are still to be verified: number, bytes, and how."""
        if self._verify and self._checks is None:
            for number, (runs, slot, first, _) in enumerate(self._block.cells):
                k = first + self._ahead
                size = sum([run.directory(slot).fields[k][0] for run in runs])
                if size >= _LARGE_CELL:
                    yield number, size, partial(_check, runs, slot, k)

    def expect(self, number: int, check: Check) -> None:
        """Takes the check of a cell; `batch` waits for it instead of computing."""
        if self._checks is None:
            self._checks = {}
        self._checks[number] = check

    def _was_checked(self, number: int) -> bool:
        check = self._checks.get(number) if self._checks is not None else None
        if check is None or not check.mine:
            return False
        check.wait()
        return True

    @property
    def fetched(self) -> bool:
        """Whether nothing of it has to be waited for."""
        return all(range_.share.fetched for range_ in self._block.ranges)

    @property
    def worth_threads(self) -> bool:
        """Whether its cells are large on average, as far as can be told without the directories."""
        return self._block.worth_threads

    @property
    def size(self) -> int:
        """The bytes of its cells."""
        return sum(
            run.directory(slot).fields[first + self._ahead][0]
            for runs, slot, first, _ in self._block.cells
            for run in runs
        )

    def check_digest(self) -> None:
        """Compares the step's digest with its record, if the rank reads all pieces.

        Only where the share is the whole step.
        """
        if not self._block.all_pieces:
            return
        digest = step_digest(self.slot_digests().raw())
        if digest != self.record.digest:
            problem = (
                f"step {self.step} has the digest {digest}, its record says {self.record.digest}"
            )
            raise CorruptObjectError(self._block.cells[0][0][0].bundle.key, problem)

    def slot_digests(self) -> SlotDigests:
        """The digest of each slot; none where the rank does not read all pieces."""
        return SlotDigests(self._block.entries() if self._block.all_pieces else (), self._ahead)


def _decode_all(
    cells: list[_PlainCell], ahead: int, verify: bool
) -> list[pa.RecordBatch | Exception | None]:
    """The batches of all cells. Raises something if there is anything wrong with any of them.

    All are verified before the first is decoded: what decodes is then in the processor's caches,
    from which each checksum drives out what was there.
    """
    if verify:
        for (range_, fields, starts), first, _ in cells:
            k = first + ahead
            at = starts[k]
            if crc32c(range_.view[at : at + fields[k][0]]) != fields[k][3]:
                raise ValueError("a checksum differs")
    return [
        decoder.decode(run.range, run.starts[k], run.fields[k][0], run.fields[k][1])
        for run, first, decoder in cells
        for k in (first + ahead,)
    ]


def _check(runs: tuple[Share, ...], slot: int, k: int) -> None:
    for run in runs:
        run.check(slot, k)


class ShareCache:
    """The open ranges of a rank. Each is fetched once and kept while a step near uses it.

    Not thread-safe, but for `prepare`, which may run beside the other methods.
    """

    def __init__(
        self,
        stream: Stream,
        columns: ColumnPlan,
        topology: Topology,
        *,
        verify: bool,
        shared: SharedRanges | None = None,
    ) -> None:
        self._stream = stream
        self._columns = columns
        self._topology = topology
        self._verify = verify
        self._shared = shared
        self._open: dict[tuple[int, str, int, int, int], _Range] = {}
        self._block: _Block | None = None
        self.held = 0
        """The bytes of all open ranges."""

    def plan(self, step: int) -> tuple[StepShare, list[Share]]:
        """The rank's share of a visible step, and the ranges to fetch that no other step has.

        Raises `TrimmedStepError`.
        """
        block = self._block
        new: list[Share] = []
        if block is None or not block.start <= step < block.stop:
            self._block = block = self._begin(step, new)
        elif step < self._stream.first_readable:
            raise TrimmedStepError(step, self._stream.first_readable)
        for range_ in block.ranges:
            if range_.last < step:
                range_.last = step
        return StepShare(step, block, self._columns.cut, verify=self._verify), new

    def _begin(self, step: int, new: list[Share]) -> _Block:
        """The block that begins with `step`."""
        commit, place = self._stream.place(step)
        owner = self._stream.owner(step)
        slots = self._topology.slots(step, place.slots)
        delivered = self._columns.delivered(commit.version)
        cells: list[_Cell] = []
        ranges: list[_Range] = []
        base = 0
        for bundle, part in place.cells:
            first = part.slot + max(slots.start, base) - base
            stop = part.slot + min(slots.stop, base + part.count) - base
            if first < stop:
                handling = self._columns.handling(bundle, delivered)
                own = [
                    self._range(owner, step, bundle, piece, first, stop, new)
                    for piece in handling.pieces
                ]
                runs = tuple([range_.share for range_ in own])
                cells += [(runs, slot, part.k, handling) for slot in range(first, stop)]
                ranges += own
            base += part.count
        # A parent of a fork says itself what of it was trimmed.
        alone = not place.group or owner is not self._stream
        records = (place.record,) if alone else place.group[place.cells[0][1].k :]
        return _Block(step, records, slots, commit, delivered, cells, ranges)

    def prepare(self, share: StepShare) -> None:
        """Verifies and decodes a share whose ranges are being fetched.

        Raises what is wrong with the step as a whole; what is wrong with one of its micro-batches
        is told when that is asked for.
        """
        if self._verify and self._topology.dp_size == 1:
            share.check_digest()
        self._check_in_parallel(share)
        share.prepare()

    def _check_in_parallel(self, share: StepShare) -> None:
        """Begins to verify the checksums of a large share, some of its cells at a time."""
        if not share.worth_threads:
            return
        try:
            cells = list(share.unchecked())
        except CorruptObjectError:
            return  # Of a directory. Each of its cells will tell.
        if sum(size for _, size, _ in cells) < _WORTH_THREADS:
            return
        group: list[tuple[int, Callable[[], None]]] = []
        waiting = 0
        for number, size, check in cells:
            group.append((number, check))
            waiting += size
            if waiting >= _WORTH_THREADS or number == cells[-1][0]:
                begun = self._stream.background.begin([check for _, check in group])
                for (cell, _), handle in zip(group, begun, strict=True):
                    share.expect(cell, handle)
                group, waiting = [], 0

    def forget_before(self, step: int) -> None:
        """Lets go of ranges that no step from `step` on has used."""
        for key in [key for key, range_ in self._open.items() if range_.last < step]:
            self.held -= self._open.pop(key).share.size

    def forget_all(self) -> None:
        """Lets go of all ranges; nobody plans any more."""
        self._open.clear()
        self._block = None
        self.held = 0

    def _range(
        self,
        owner: Stream,
        step: int,
        bundle: Bundle,
        piece: int,
        first: int,
        stop: int,
        new: list[Share],
    ) -> _Range:
        key = id(owner), bundle.key, piece, first, stop
        known = self._open.get(key)
        if known is None:
            share = Share(self._ranges(owner), bundle, piece, first, stop)
            self.held += share.size
            new.append(share)
            known = self._open[key] = _Range(share, step)
        return known

    def _ranges(self, owner: Stream) -> Ranges:
        """What is mapped anyway needs no cache."""
        if self._shared is None or not owner.store.remote:
            return owner.store
        return self._shared.of(owner.id, owner.store)
