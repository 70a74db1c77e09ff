# SPDX-License-Identifier: Apache-2.0
"""A rank's share of a step: which ranges it takes of which bundles, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from lakestream.bundle import CellLayout, Share, layout_of, slot_digest, step_digest
from lakestream.errors import CorruptObjectError, TopologyError
from lakestream.schema import StreamSchema, divided_schema
from lakestream.sequence import Cut, assemble, pieces_needed
from lakestream.steps import Bundle, CellRange, StepPlace, StepRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lakestream.ahead import Check
    from lakestream.host_cache import SharedRanges
    from lakestream.snapshot import Commit
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
        self._layouts: dict[tuple[int, int], CellLayout] = {}
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

    def layout(self, bundle: Bundle) -> CellLayout:
        """What the cells of `bundle` look like."""
        kind = bundle.schema, bundle.pieces
        if kind not in self._layouts:
            schema = divided_schema(self.schema_of(bundle), bundle.pieces)
            if schema is None:
                problem = f"{bundle.pieces} pieces do not divide its fixed-size sequences"
                raise CorruptObjectError(bundle.key, problem)
            self._layouts[kind] = layout_of(schema)
        return self._layouts[kind]

    def handling(self, bundle: Bundle, delivered: pa.Schema) -> _Handling:
        """What becomes of the cells of `bundle` where the rank gets `delivered`."""
        kind = bundle.schema, bundle.pieces, id(delivered)
        if kind not in self._handlings:
            layout = self.layout(bundle)
            plain = self.cut.whole and bundle.pieces == 1 and self._names is None
            plain = plain and layout.schema.equals(delivered)
            self._handlings[kind] = _Handling(layout, self.schema_of(bundle), plain)
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
class _Part:
    """Consecutive slots of a bundle in a rank's share: the open runs of each piece it reads."""

    runs: tuple[Share, ...]
    cells: CellRange


@dataclass(frozen=True, slots=True)
class _Handling:
    """What is done with the cells of one kind of bundle: `plain` ones are handed on as they are."""

    layout: CellLayout
    schema: StreamSchema
    plain: bool


class StepShare:
    """The share of one rank in one step, opened; batches are decoded one at a time."""

    def __init__(
        self,
        step: int,
        slots: range,
        commit: Commit,
        record: StepRecord,
        parts: tuple[_Part, ...],
        columns: ColumnPlan,
        delivered: pa.Schema,
        *,
        verify: bool,
    ) -> None:
        self.step = step
        self.slots = slots
        self.commit = commit
        self.record = record
        self._columns = columns
        self._delivered = delivered
        self._verify = verify
        self._checks: dict[int, Check] = {}
        self._ready: dict[int, pa.RecordBatch | Exception] = {}
        self._digests: list[bytes] = []
        self._runs = tuple(run for part in parts for run in part.runs)
        self._cells = [
            (part.runs, part.cells.slot + number, part.cells.k)
            for part in parts
            for number in range(part.cells.count)
        ]

    def batch(self, number: int) -> pa.RecordBatch:
        """The micro-batch of the rank's slot `number`; whoever has it is the only one."""
        ready = self._ready.pop(number, None)
        if ready is None:
            return self._decode(number)
        if isinstance(ready, Exception):
            raise ready
        return ready

    def prepare(self) -> None:
        """Verifies and decodes all micro-batches; what is wrong with one is told by `batch`."""
        for number in range(len(self._cells)):
            try:
                self._ready[number] = self._decode(number)
            except Exception as error:  # noqa: BLE001, PERF203 - as above
                self._ready[number] = error

    def _decode(self, number: int) -> pa.RecordBatch:
        runs, slot, k = self._cells[number]
        verify = self._verify and not self._was_checked(number)
        bundle = runs[0].bundle
        handling = self._columns.handling(bundle, self._delivered)
        if handling.plain:
            return runs[0].batch(slot, k, handling.layout, verify=verify)
        batches = {}
        wanted = self._columns.needed(handling.schema)
        for run in runs:
            batch = run.batch(slot, k, handling.layout, verify=verify, wanted=wanted)
            batches[run.piece] = batch if wanted is None else batch.select(wanted)
        cut = self._columns.cut
        whole = assemble(batches, bundle.pieces, handling.schema, cut, bundle.key)
        return conform(whole, self._delivered)

    def unchecked(self) -> Iterator[tuple[int, int, Callable[[], None]]]:
        """The large cells that are still to be verified: number, bytes, and how."""
        if self._verify and not self._checks:
            for number, (runs, slot, k) in enumerate(self._cells):
                size = sum([run.length(slot, k) for run in runs])
                if size >= _LARGE_CELL:
                    yield number, size, partial(_check, runs, slot, k)

    def expect(self, number: int, check: Check) -> None:
        """Takes the check of a cell; `batch` waits for it instead of computing."""
        self._checks[number] = check

    def _was_checked(self, number: int) -> bool:
        check = self._checks.get(number)
        if check is None or not check.mine:
            return False
        check.wait()
        return True

    @property
    def fetched(self) -> bool:
        """Whether nothing of it has to be waited for."""
        return all(run.fetched for run in self._runs)

    @property
    def first_bundle(self) -> Bundle:
        """The bundle of the share's first slot."""
        return self._cells[0][0][0].bundle

    def check_digest(self, first_key: str) -> None:
        """Compares the step's digest with its record; only where the share is the whole step."""
        self._digests = [self._slot_digest(cell) for cell in self._cells]
        digest = step_digest(self._digests)
        if digest != self.record.digest:
            problem = (
                f"step {self.step} has the digest {digest}, its record says {self.record.digest}"
            )
            raise CorruptObjectError(first_key, problem)

    def slot_digests(self) -> tuple[str, ...]:
        """The digest of each slot, in hex; none where the rank does not read all pieces."""
        if any(len(runs) != runs[0].bundle.pieces for runs, _, _ in self._cells):
            return ()
        digests = self._digests or [self._slot_digest(cell) for cell in self._cells]
        return tuple([digest.hex() for digest in digests])

    def _slot_digest(self, cell: tuple[tuple[Share, ...], int, int]) -> bytes:
        runs, slot, k = cell
        return slot_digest([run.raw_entry(slot, k) for run in runs])


def _check(runs: tuple[Share, ...], slot: int, k: int) -> None:
    for run in runs:
        run.cell(slot, k)


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
        self._open: dict[tuple[int, str, int, int, int], tuple[Share, int]] = {}
        self.held = 0
        """The bytes of all open ranges."""

    def plan(self, step: int) -> tuple[StepShare, list[Share]]:
        """The rank's share of a visible step, and the ranges to fetch that no other step has."""
        commit, place = self._stream.place(step)
        slots = self._topology.slots(step, place.slots)
        delivered = self._columns.delivered(commit.version)
        new: list[Share] = []
        parts = tuple(self._parts(step, place, slots, new))
        record = place.record
        share = StepShare(
            step, slots, commit, record, parts, self._columns, delivered, verify=self._verify
        )
        return share, new

    def prepare(self, share: StepShare) -> None:
        """Verifies and decodes a share whose ranges are being fetched.

        Raises what is wrong with the step as a whole; what is wrong with one of its micro-batches
        is told when that is asked for.
        """
        bundle = share.first_bundle
        all_pieces = len(self._columns.pieces(bundle)) == bundle.pieces
        if self._verify and self._topology.dp_size == 1 and all_pieces:
            share.check_digest(bundle.key)
        self._check_in_parallel(share)
        share.prepare()

    def _check_in_parallel(self, share: StepShare) -> None:
        """Begins to verify the checksums of a large share, some of its cells at a time."""
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
        for key in [key for key, (_, last) in self._open.items() if last < step]:
            self.held -= self._open.pop(key)[0].size

    def _parts(
        self, step: int, place: StepPlace, slots: range, new: list[Share]
    ) -> Iterator[_Part]:
        base = 0
        for bundle, cells in place.cells:
            low, high = max(slots.start, base), min(slots.stop, base + cells.count)
            if low < high:
                first = cells.slot + low - base
                own = CellRange(cells.bundle, first, high - low, cells.k)
                pieces = self._columns.pieces(bundle)
                runs = [self._share(step, bundle, piece, own, new) for piece in pieces]
                yield _Part(tuple(runs), own)
            base += cells.count

    def _share(
        self, step: int, bundle: Bundle, piece: int, cells: CellRange, new: list[Share]
    ) -> Share:
        owner = self._stream.owner(step)
        key = id(owner), bundle.key, piece, cells.slot, cells.count
        known = self._open.get(key)
        if known is None:
            stop = cells.slot + cells.count
            share = Share(self._ranges(owner), bundle, piece, cells.slot, stop)
            self.held += share.size
            new.append(share)
        else:
            share = known[0]
        self._open[key] = share, max(step, known[1] if known else step)
        return share

    def _ranges(self, owner: Stream) -> Ranges:
        """What is mapped anyway needs no cache."""
        if self._shared is None or not owner.store.remote:
            return owner.store
        return self._shared.of(owner.id, owner.store)
