# SPDX-License-Identifier: Apache-2.0
"""The reader of one rank: its micro-batches, step after step, and the cursor behind them."""

from __future__ import annotations

import weakref
from concurrent.futures import TimeoutError as NoAnswer
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, NoReturn

from lakestream.cursor import Cursor
from lakestream.errors import (
    CorruptObjectError,
    CursorMismatchError,
    LakestreamError,
    StepTimeoutError,
    TrimmedStepError,
)
from lakestream.heartbeat import Heartbeat
from lakestream.host_cache import SharedRanges, host_cache
from lakestream.pins import Pins
from lakestream.prefetch import LateError, Prefetch
from lakestream.sequence import cut_of
from lakestream.share import ColumnPlan, ShareCache
from lakestream.skips import AppliedSkips
from lakestream.stats import Fetched, ReaderStats, Waits
from lakestream.threads import Workers
from lakestream.topology import Split, Topology
from lakestream.waiting import Clock, timeout_message

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from lakestream.fold import Producer
    from lakestream.share import SlotDigests, StepShare
    from lakestream.snapshot import Commit
    from lakestream.steps import StepRecord
    from lakestream.stream import Stream

_ASKING_SECONDS: Final = 2.0
"""How long a store is asked about producers when a step is late."""

FROM_SCHEMA: Final = "\0schema"
"""The default of `boundaries`: the column that the schema declares, if it declares one."""


class Step:
    """A rank's share of a step: a batch for each of its slots, in order, and the step's record."""

    __slots__ = ("_digests", "batches", "record", "slots", "step")

    def __init__(
        self,
        step: int,
        slots: range,
        batches: tuple[pa.RecordBatch, ...],
        record: StepRecord,
        digests: SlotDigests,
    ) -> None:
        self.step = step
        self.slots = slots
        self.batches = batches
        self.record = record
        self._digests = digests

    def __repr__(self) -> str:
        return f"Step(step={self.step}, slots={self.slots}, record={self.record})"

    @property
    def slot_digests(self) -> tuple[str, ...]:
        """The digests of the cells that the batches were made of.

        SHA-256 over the 32 bytes of each, of all slots of a step, is `record.digest`: so ranks can
        prove that together they had the whole step, and nothing twice. They are left out where the
        rank reads only some pieces.
        """
        return tuple([digest.hex() for digest in self._digests.raw()])


class Reader:
    """Reads one rank's share of a stream. Iterating yields `(step, pyarrow.RecordBatch)`.

    There is one pair for each slot (micro-batch) of the rank, in order, also where a slot has no
    rows. What comes is a pure function of the stream, the rules version, the topology and the step.
    Batches point into mapped memory wherever nothing had to be cut or decompressed; they stay
    valid as long as they are held.

    Data is fetched, verified and decoded by threads in the background, which also follow the log;
    what fails there is raised for the step that it concerns. They are daemons, and end with the
    iterator.

    At the tail iteration waits, at most `deadline` seconds for each step, then raises
    `StepTimeoutError`; it ends after the last step of a sealed stream. An iterator that was left in
    the middle of a step is replaced by a new one that begins that step again.

    Not thread-safe: one thread at a time may use a reader. Many readers may share a stream.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        dp_rank: int = 0,
        dp_size: int = 1,
        cp_rank: int = 0,
        cp_size: int = 1,
        split: Split = "contiguous",
        boundaries: str | None = FROM_SCHEMA,
        cursor: Cursor | Mapping[str, Any] | None = None,
        start_step: int | None = None,
        rules: int | None = None,
        columns: Sequence[str] | None = None,
        deadline: float = 600.0,
        prefetch_bytes: int = 256 << 20,
        verify: bool = True,
        job: str | None = None,
        cache: str | os.PathLike[str] | None = None,
        cache_bytes: int | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Prepares to read; nothing but the log has been read when it returns.

        Args:
            stream: what to read; following it is shared with its other readers.
            dp_rank: the rank along data parallelism.
            dp_size: must divide the slots of each step read.
            cp_rank: the rank along context parallelism.
            cp_size: 1 for whole rows.
            split: how sequences are divided among cp ranks.
            boundaries: the column of document starts by which sequences are cut, None to cut them
                as a whole.
            cursor: where to go on, as `Reader.cursor` or `state_dict` gave it.
            start_step: where to begin without a cursor; the first readable step by default.
            rules: the version whose skips apply, −1 for none; by default that of the cursor, or −1.
            columns: what to deliver, in this order; all by default.
            deadline: seconds to wait for a step.
            prefetch_bytes: how many bytes to hold or fetch ahead, in the background. The next step
                is fetched whatever it takes, and a bundle's steps come together; so it should be
                several times the rank's share of a bundle.
            verify: whether checksums of cells and the digests of whole steps are compared.
            job: the name of the training run, for pins; rank 0 also says in its name how far it
                got (`progress/<job>.json`), so that producers do not run too far ahead, until its
                iterator ends or is closed.
            cache: a folder that the processes of this host share: what several of them read is
                fetched once. LAKESTREAM_CACHE by default; without either there is none. Stores
                whose files are mapped anyway are read without it.
            cache_bytes: what its files may take; LAKESTREAM_CACHE_BYTES, or 4 GiB, by default.
            clock: time, for tests.

        Raises:
            ValueError: the cache is no folder of one's own.
            CursorMismatchError: the cursor, rules or start do not fit the stream.
            TrimmedStepError: the step to begin with was trimmed.
            TopologyError: ranks, sizes, columns or boundaries make no sense.
        """
        if cursor is not None and start_step is not None:
            raise CursorMismatchError("either a cursor or a start_step")
        self.stream = stream
        self.topology = Topology(dp_rank, dp_size, cp_rank, cp_size, split)
        self.deadline = deadline
        self.job = job
        self._clock = clock or Clock()
        self._waits = Waits()
        self._fetched = Fetched()
        self._prefetch: Prefetch | None = None
        newest = stream.schema
        by = newest.boundaries if boundaries == FROM_SCHEMA else boundaries
        names = None if columns is None else tuple(columns)
        self._columns = ColumnPlan(stream, cut_of(self.topology, by), cp_size, names)
        self._verify = verify
        self._prefetch_bytes = prefetch_bytes
        found = host_cache(cache, cache_bytes)
        self._shared = None if found is None else SharedRanges(found)
        self._begin(cursor, start_step, rules)

    def _begin(
        self, cursor: Cursor | Mapping[str, Any] | None, start: int | None, rules: int | None
    ) -> None:
        if cursor is not None and not isinstance(cursor, Cursor):
            cursor = Cursor.from_dict(cursor)
        if rules is None:
            rules = cursor.rules if cursor is not None else -1
        if cursor is not None:
            self.stream.check(cursor)
        if rules > self.stream.version:
            self.stream.refresh()
        if not -1 <= rules <= self.stream.version:
            raise CursorMismatchError(
                f"rules version {rules}: must be -1 to the log's last version {self.stream.version}"
            )
        step = cursor.next_step if cursor is not None else start
        self._began_at = self._start_at(step, rules)
        self._finished: tuple[int, Commit, StepRecord] | None = None
        self._skips = AppliedSkips(self.stream.skips(rules))

    def _start_at(self, step: int | None, rules: int) -> Cursor:
        if step is None:
            step = self.stream.first_readable
        if step > self.stream.next_step:
            self.stream.refresh()
        if not 0 <= step <= self.stream.next_step:
            tail = self.stream.next_step - 1
            raise CursorMismatchError(f"start_step {step} is beyond the tail {tail}")
        if step < self.stream.first_readable:
            raise TrimmedStepError(step, self.stream.first_readable)
        return self.stream.cursor_at(step, rules)

    @property
    def cursor(self) -> Cursor:
        """Where to go on. It moves on once the last micro-batch of a step has been handed out."""
        finished = self._finished
        if finished is None:
            return self._began_at
        step, commit, record = finished
        return Cursor(self.stream.id, step + 1, self.rules, commit.digest, record.digest)

    @property
    def next_step(self) -> int:
        """The step of the cursor."""
        finished = self._finished
        return self._began_at.next_step if finished is None else finished[0] + 1

    @property
    def rules(self) -> int:
        """The rules version."""
        return self._began_at.rules

    def state_dict(self) -> dict[str, Any]:
        """The cursor, for a checkpoint."""
        return self.cursor.to_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on at a cursor; iterators made before are void. Raises what the constructor does."""
        self._begin(Cursor.from_dict(state), None, None)

    def checkpoint(self, checkpoint: str, *, at: Cursor | None = None) -> dict[str, Any]:
        """Pins a checkpoint at the cursor, or `at` another, under the reader's job, and returns it.

        From then on its next steps stay readable until `release(checkpoint)`, whatever is trimmed.
        One rank does this, before the checkpoint is relied on. Raises what `Pins.pin` does.
        """
        cursor = at or self.cursor
        self._pins().pin(checkpoint, cursor.next_step)
        return cursor.to_dict()

    def release(self, checkpoint: str) -> int:
        """Ends the pins of a checkpoint that was deleted; how many they were."""
        return self._pins().release(checkpoint)

    def _pins(self) -> Pins:
        if self.job is None:
            raise ValueError("pins have the name of a job: give the reader one with job=")
        return Pins(self.stream, self.job)

    def stats(self) -> ReaderStats:
        """How long the training loop waited so far, what was fetched, and how far producers lead.

        Any thread may ask.
        """
        waits, ahead, step = self._waits, self._prefetch, self.next_step
        return ReaderStats(
            steps=waits.steps,
            next_step=step,
            wait_p50=waits.quantile(0.5),
            wait_p99=waits.quantile(0.99),
            wait_longest=waits.longest,
            wait_seconds=waits.seconds,
            ranges_fetched=self._fetched.ranges,
            bytes_fetched=self._fetched.bytes,
            ranges_shared=self._shared.ranges if self._shared is not None else 0,
            bytes_shared=self._shared.bytes if self._shared is not None else 0,
            lead_steps=max(0, self.stream.next_step - step),
            ahead_steps=ahead.steps_ahead if ahead is not None else 0,
            ahead_bytes=ahead.bytes_held if ahead is not None else 0,
        )

    def __iter__(self) -> Iterator[tuple[int, pa.RecordBatch]]:
        return self.in_turns(0, 1)

    def in_turns(self, turn: int, of: int) -> Iterator[tuple[int, pa.RecordBatch]]:
        """As iterating, but only every `of`-th delivered step from the `turn`-th on.

        For worker processes that share the work of one rank; the cursor moves only along the steps
        that this reader delivers, so it says nothing about the others.
        """
        for step, batch, _ in self.micro_batches(turn, of):
            yield step, batch

    def micro_batches(self, turn: int, of: int) -> Iterator[tuple[int, pa.RecordBatch, bool]]:
        """As `in_turns`, and with each batch whether it is the rank's last one of its step.

        `turn` may be larger than `of`: so many steps are passed over at first.
        """
        for share in self._step_shares(turn, of):
            last = len(share.slots) - 1
            for number in range(len(share.slots)):
                batch = self._batch(share, number)
                if number == last:
                    self._finished = share.step, share.commit, share.record
                yield share.step, batch, number == last

    def steps(self) -> Iterator[Step]:
        """Whole steps instead of single micro-batches; the cursor moves with each."""
        for share in self._step_shares(0, 1):
            try:
                batches = share.batches()
            except CorruptObjectError:
                self._tell_trim(share.step)
                raise
            self._finished = share.step, share.commit, share.record
            yield Step(share.step, share.slots, batches, share.record, share.slot_digests())

    def _step_shares(self, turn: int, of: int) -> Iterator[StepShare]:
        step, number = self.next_step, 0
        first_delivered = self._skips.first_delivered
        prefetch = self._prefetch_from(step, turn, of)
        beats = self._heartbeat() if turn == 0 else None
        try:
            while True:
                step = first_delivered(step)
                if number >= turn and (number - turn) % of == 0:
                    if not prefetch.mine:
                        prefetch = self._prefetch_from(step, 0, of)
                    share = self._take(prefetch, step)
                    if share is None:
                        return
                    yield share
                    del share  # Its memory may be needed for the next.
                step, number = step + 1, number + 1
        finally:
            prefetch.close()
            if self._prefetch is prefetch:
                self._prefetch = None  # What it holds ends with its threads.
            if beats is not None:
                beats.stop()

    def _heartbeat(self) -> Heartbeat | None:
        """That of a job, from its first rank; the others have the same cursor."""
        if self.job is None or self.topology.dp_rank or self.topology.cp_rank:
            return None
        position = weakref.ref(self)
        known = self.next_step

        def next_step() -> int:
            reader = position()
            return known if reader is None else reader.next_step

        return Heartbeat(self.stream, self.job, next_step)

    def _prefetch_from(self, step: int, turn: int, of: int) -> Prefetch:
        shares = ShareCache(
            self.stream, self._columns, self.topology, verify=self._verify, shared=self._shared
        )
        prefetch = Prefetch(
            self.stream,
            shares,
            self._skips.first_delivered,
            start=step,
            turn=turn,
            of=of,
            budget=self._prefetch_bytes,
            clock=self._clock,
            fetched=self._fetched,
        )
        self._prefetch = prefetch
        return prefetch

    def _take(self, prefetch: Prefetch, step: int) -> StepShare | None:
        began = perf_counter()
        try:
            return prefetch.take(step, self.deadline)
        except LateError as late:
            self._too_late(step, late)
        except CorruptObjectError:
            self._tell_trim(step)
            raise
        finally:
            self._waits.add(perf_counter() - began)

    def _too_late(self, step: int, late: LateError) -> NoReturn:
        if late.visible:
            raise StepTimeoutError(
                f"step {step} is committed, but its bytes have not come after {late.waited:.0f} s:"
                f" {self.stream.store!r} is slow or cannot be reached"
            )
        tail, now = self.stream.next_step - 1, self._clock.wall()
        producers: list[Producer] | None = None
        # Of a snapshot, or of a store that hangs; what is late matters more.
        with suppress(LakestreamError, NoAnswer):
            asked = Workers(1, "lakestream-late").submit(self.stream.recent_producers)
            producers = asked.result(_ASKING_SECONDS)
        raise StepTimeoutError(timeout_message(step, tail, late.waited, producers, now)) from None

    def _tell_trim(self, step: int) -> None:
        """Damage that comes from a trim in the meantime is told as the trim."""
        earliest = self.stream.refresh_earliest()
        if step < earliest:
            raise TrimmedStepError(step, earliest) from None

    def _batch(self, share: StepShare, number: int) -> pa.RecordBatch:
        try:
            return share.batch(number)
        except CorruptObjectError:
            self._tell_trim(share.step)
            raise
