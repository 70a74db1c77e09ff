# SPDX-License-Identifier: Apache-2.0
"""What happens behind the training loop's back, and what it sees of it."""

from __future__ import annotations

import itertools
import os
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import lakestream
from lakestream.errors import CorruptObjectError, StepTimeoutError, StoreError
from lakestream.share import ShareCache
from lakestream.threads import Patrol
from slow_store import FarStore
from streams import append, build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lakestream.share import StepShare


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Waits for what a thread is about to do."""
    patience = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < patience, "it did not happen"
        time.sleep(0.001)


class ReaderThreads:
    """The threads that readers have started since this was made, and that have not ended."""

    def __init__(self) -> None:
        self._before = set(threading.enumerate())

    def __len__(self) -> int:
        return len(self.all())

    def all(self) -> list[threading.Thread]:
        started = set(threading.enumerate()) - self._before
        names = "lakestream-planner", "lakestream-preparer"
        return [thread for thread in started if thread.name in names]


def data_of(store: FarStore) -> list[str]:
    return [key for key in store.requests if key.startswith("data/")]


def rows_of(step: lakestream.Step) -> list[Any]:
    return [batch.column("row").to_pylist() for batch in step.batches]


def test_one_range_serves_all_steps_of_a_bundle(tmp_path: Path) -> None:
    build(tmp_path, steps=12, per_bundle=4).act({"type": "seal"})
    store = FarStore(tmp_path)
    reader = lakestream.Stream(store).reader(dp_rank=1, dp_size=2)
    assert [step.step for step in reader.steps()] == list(range(12))
    assert len(data_of(store)) == len(set(data_of(store))) == 3
    stats = reader.stats()
    assert stats.ranges_fetched == 3
    assert stats.bytes_fetched > 0


@pytest.mark.parametrize(("bundles", "fetched"), [(0, 1), (2, 2), (100, 5)])
def test_what_is_fetched_ahead_fits_the_budget(tmp_path: Path, bundles: int, fetched: int) -> None:
    build(tmp_path, steps=10).act({"type": "seal"})
    size = lakestream.Stream(FarStore(tmp_path)).reader()
    kept = size.steps()
    next(kept)
    until(lambda: size.stats().ranges_fetched == 5)
    one = max(size.stats().bytes_fetched // 5, 1)
    store = FarStore(tmp_path)
    reader = lakestream.Stream(store).reader(prefetch_bytes=bundles * (one + 64))
    steps = reader.steps()
    next(steps)
    until(lambda: len(data_of(store)) == fetched)
    time.sleep(0.1)
    assert len(data_of(store)) == fetched
    assert [step.step for step in steps] == list(range(1, 10))
    assert len(data_of(store)) == 5


def test_the_next_step_is_there_before_it_is_asked_for(tmp_path: Path) -> None:
    build(tmp_path, steps=20).act({"type": "seal"})
    reader = lakestream.Stream(FarStore(tmp_path, 0.05)).reader()
    steps = reader.steps()
    next(steps)
    for number in range(1, 20):
        until(lambda: reader.stats().ahead_steps == 0 or reader.stats().ahead_bytes > 0)
        time.sleep(0.06)
        began = time.perf_counter()
        assert next(steps).step == number
        assert time.perf_counter() - began < 0.05, "it came from the store"


@pytest.fixture
def prepared_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the threads that prepared steps, in order."""
    threads: list[str] = []
    prepare = ShareCache.prepare

    def watched(self: ShareCache, share: StepShare) -> None:
        threads.append(threading.current_thread().name)
        prepare(self, share)

    monkeypatch.setattr(ShareCache, "prepare", watched)
    return threads


def test_a_loop_that_computes_finds_its_steps_prepared(
    tmp_path: Path, prepared_by: list[str]
) -> None:
    build(tmp_path, steps=8).act({"type": "seal"})
    steps = lakestream.open(str(tmp_path)).reader().steps()
    next(steps)
    until(lambda: len(prepared_by) >= 4)
    del prepared_by[:]
    assert [next(steps).step for _ in range(3)] == [1, 2, 3]
    assert threading.main_thread().name not in prepared_by


def test_a_loop_that_comes_back_at_once_prepares_for_itself(
    tmp_path: Path, prepared_by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lakestream.prefetch._EAGER_SECONDS", 3600.0)
    build(tmp_path, steps=40).act({"type": "seal"})
    reader = lakestream.Stream(FarStore(tmp_path)).reader()
    steps = reader.steps()
    assert next(steps).step == 0
    until(lambda: reader.stats().ahead_steps == 39)
    del prepared_by[:]
    assert [step.step for step in steps] == list(range(1, 40))
    mine = prepared_by.count(threading.main_thread().name)
    assert mine >= 39 - 4, "the preparer gives what it had begun before, and no more"


def test_a_loop_over_mapped_files_that_comes_back_at_once_has_no_threads(
    tmp_path: Path, prepared_by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lakestream.prefetch._EAGER_SECONDS", 3600.0)
    monkeypatch.setattr("lakestream.prefetch._SLOW_SECONDS", 3600.0)
    monkeypatch.setattr("lakestream.prefetch.PATROL", Patrol(pause=3600))
    build(tmp_path, steps=40)
    threads = ReaderThreads()
    stream = lakestream.open(str(tmp_path))
    steps = stream.reader(dp_rank=1, dp_size=2, deadline=0).steps()
    assert [step.step for step in itertools.islice(steps, 40)] == list(range(40))
    assert set(prepared_by) == {threading.main_thread().name}
    assert not threads.all()
    with pytest.raises(StepTimeoutError):
        next(steps)


@pytest.mark.parametrize("late", [True, False])
def test_a_loop_that_is_late_or_slow_three_times_gets_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    monkeypatch.setattr("lakestream.prefetch._EAGER_SECONDS", 0 if late else 3600.0)
    monkeypatch.setattr("lakestream.prefetch._SLOW_SECONDS", 3600.0 if late else 0.0)
    monkeypatch.setattr("lakestream.prefetch._SLOW_RATE", 1e15)
    monkeypatch.setattr("lakestream.prefetch.PATROL", Patrol(pause=3600))
    build(tmp_path, steps=40).act({"type": "seal"})
    stream = lakestream.open(str(tmp_path))
    want = [(step.step, rows_of(step)) for step in lakestream.open(str(tmp_path)).reader().steps()]
    threads = ReaderThreads()
    steps = stream.reader().steps()
    got = []
    for number, step in enumerate(steps):
        got.append((step.step, rows_of(step)))
        if number < 4:
            assert bool(threads.all()) == (number >= (3 if late else 2))
    assert got == want


def test_workers_that_take_turns_go_on_with_threads_where_they_were_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lakestream.prefetch._EAGER_SECONDS", 0)
    build(tmp_path, steps=40).act({"type": "seal"})
    for turn in range(3):
        reader = lakestream.open(str(tmp_path)).reader()
        got = [step for step, _, ends in reader.micro_batches(turn, 3) if ends]
        assert got == list(range(turn, 40, 3))


def test_the_log_is_followed_in_the_background(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    stream = lakestream.open(str(tmp_path))
    reader = stream.reader(deadline=30)
    steps = reader.steps()
    next(steps)
    append(writer, range(2, 8), 4, 1, 2)
    until(lambda: reader.stats().lead_steps == 7)
    until(lambda: reader.stats().ahead_steps == 7)
    assert [step.step for step in itertools.islice(steps, 7)] == list(range(1, 8))


def test_a_failure_is_told_at_its_step_and_not_before(tmp_path: Path) -> None:
    build(tmp_path, steps=6).act({"type": "seal"})

    class Broken(FarStore):
        def map(self, key: str, start: int, length: int) -> pa.Buffer:
            if key in self.failing:
                raise StoreError(f"{key} cannot be read")
            return super().map(key, start, length)

    store = Broken(tmp_path)
    stream = lakestream.Stream(store)
    store.failing.add(stream.place(3)[1].cells[0][0].key)
    steps = stream.reader().steps()
    assert [next(steps).step for _ in range(2)] == [0, 1]
    with pytest.raises(StoreError, match="cannot be read"):
        next(steps)
    store.failing.clear()
    again = stream.reader(start_step=2).steps()
    assert [step.step for step in again] == [2, 3, 4, 5]


def test_a_missing_bundle_is_told_at_its_step(tmp_path: Path) -> None:
    build(tmp_path, steps=6).act({"type": "seal"})
    stream = lakestream.open(str(tmp_path))
    (tmp_path / stream.place(4)[1].cells[0][0].key).unlink()
    seen: list[int] = []
    with pytest.raises(CorruptObjectError, match="it is named, but does not exist"):
        seen.extend(step.step for step in stream.reader().steps())
    assert seen == [0, 1, 2, 3]


def test_a_log_that_cannot_be_read_matters_only_at_the_tail(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=4)

    class Offline(FarStore):
        down = False

        def get(self, key: str, limit: int) -> bytes:
            if self.down:
                raise StoreError(f"{key} cannot be read")
            return super().get(key, limit)

    store = Offline(tmp_path)
    reader = lakestream.Stream(store).reader(deadline=30)
    steps = reader.steps()
    next(steps)
    store.down = True
    assert [next(steps).step for _ in range(3)] == [1, 2, 3]
    with pytest.raises(StoreError, match="cannot be read"):
        next(steps)
    store.down = False
    append(writer, range(4, 6), 4, 1, 2)
    assert next(reader.steps()).step == 4


def test_a_store_that_hangs_does_not_outlast_the_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lakestream.prefetch._OVERTIME_SECONDS", 0.2)
    monkeypatch.setattr("lakestream.prefetch._DATA_SECONDS", 0.2)
    monkeypatch.setattr("lakestream.reader._ASKING_SECONDS", 0.2)
    build(tmp_path, steps=2)
    store = FarStore(tmp_path)
    stream = lakestream.Stream(store)
    store.let_go.clear()
    began = time.monotonic()
    with pytest.raises(StepTimeoutError, match="step 0 is committed, but its bytes have not come"):
        next(stream.reader(deadline=0.1).steps())
    with pytest.raises(StepTimeoutError, match=r"step 2 is not committed after .* last committed"):
        next(stream.reader(deadline=0.1, start_step=2).steps())
    assert time.monotonic() - began < 10
    store.let_go.set()


def test_threads_end_with_the_iterator(tmp_path: Path) -> None:
    build(tmp_path, steps=6)
    threads = ReaderThreads()
    steps = lakestream.open(str(tmp_path)).reader().steps()
    next(steps)
    until(lambda: len(threads) == 2)
    assert all(thread.daemon for thread in threads.all())
    del steps
    until(lambda: len(threads) == 0)


class Memory(bytearray):
    """Bytes of which one can tell whether somebody still holds them."""


class CountingStore(FarStore):
    """Knows which of the ranges that it gave are still held."""

    def __init__(self, root: Path, *, remote: bool) -> None:
        super().__init__(root)
        self.remote = remote
        self.held: set[int] = set()

    def map(self, key: str, start: int, length: int) -> pa.Buffer:
        memory = Memory(super().map(key, start, length))
        self.held.add(id(memory))
        weakref.finalize(memory, self.held.discard, id(memory))
        return pa.py_buffer(memory)


@pytest.mark.parametrize("steps", [1, 5, 7], ids=["left at once", "left late", "to the end"])
@pytest.mark.parametrize("threads", [False, True])
@pytest.mark.parametrize("remote", [False, True])
def test_nothing_that_was_read_outlives_its_iterator(
    tmp_path: Path, remote: bool, threads: bool, steps: int
) -> None:
    """Not the reader's state, nor the memory of its ranges, though the reader itself lives on."""
    build(tmp_path, steps=6, per_bundle=2).act({"type": "seal"})
    store = CountingStore(tmp_path, remote=remote)
    reader = lakestream.Stream(store).reader()
    first = reader.state_dict()
    running = ReaderThreads()
    for _ in range(3):
        iterator = reader.steps()
        for _ in range(steps):
            if next(iterator, None) is not None and threads:
                until(lambda: len(running) > 0)
        del iterator
        until(lambda: len(running) == 0)
        until(lambda: not store.held)  # A request may have been under way.
        assert reader.stats().ahead_bytes == reader.stats().ahead_steps == 0
        reader.load_state_dict(first)


def test_an_iterator_goes_on_in_a_child(tmp_path: Path) -> None:
    build(tmp_path, steps=6).act({"type": "seal"})
    steps = lakestream.Stream(FarStore(tmp_path, 0.01)).reader().steps()
    expected = [rows_of(step) for step in lakestream.open(str(tmp_path)).reader().steps()]
    seen = [rows_of(next(steps)), rows_of(next(steps))]
    child = os.fork()
    if child == 0:
        seen += [rows_of(step) for step in steps]
        os._exit(0 if seen == expected else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert seen + [rows_of(step) for step in steps] == expected


def test_a_fork_in_the_middle_of_a_look_leaves_a_stream_that_works(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    store = FarStore(tmp_path)
    stream = lakestream.Stream(store)
    append(writer, range(2, 4), 4, 1, 2)
    store.let_go.clear()
    looking = threading.Thread(target=stream.refresh, daemon=True)
    count = len(store.requests)
    looking.start()
    until(lambda: len(store.requests) > count)
    child = os.fork()
    if child == 0:
        store.let_go.set()
        stream.refresh()
        os._exit(0 if stream.next_step == 4 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    store.let_go.set()
    looking.join()
    assert stream.next_step == 4
