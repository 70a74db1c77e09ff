# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

import lakestream
from lakestream.waiting import LONGEST, Clock, Rhythm
from streams import append, build
from test_snapshot import put_horizon, write_snapshot

if TYPE_CHECKING:
    from pathlib import Path


class FakeClock:
    """Time that only sleeping moves; `events` happen at their second."""

    def __init__(self, wall: float = 0.0) -> None:
        self.now = 0.0
        self.wall = wall
        self.sleeps: list[float] = []
        self.events: list[tuple[float, Any]] = []

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds
        while self.events and self.events[0][0] <= self.now:
            self.events.pop(0)[1]()

    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: self.wall + self.now, self.sleep)


def test_deadline_says_what_is_known(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    writer.open("tok-3")
    fake = FakeClock(wall=writer.time / 1000 + 47)
    reader = lakestream.open(str(tmp_path)).reader(deadline=120, start_step=2, clock=fake.clock())
    message = (
        "step 2 is not committed after 120 s: the tail is 1; producer p last committed 167 s ago;"
        " producer tok-3 last committed 167 s ago"
    )
    with pytest.raises(lakestream.StepTimeoutError) as caught:
        next(iter(reader))
    assert str(caught.value) == message
    assert fake.now == pytest.approx(120, abs=5)  # Time does not stop for the error.
    assert len(fake.sleeps) < 200
    assert reader.cursor.next_step == 2
    append(writer, range(2, 4), 4, 1, 2)
    assert next(iter(reader))[0] == 2


def test_deadline_looks_at_producers_of_the_snapshot(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    for name in ("d", "c", "b"):
        writer.time += 1000
        writer.open(name)
    write_snapshot(writer)
    writer.time += 1000
    writer.open("a")
    fake = FakeClock(wall=writer.time / 1000)
    reader = lakestream.open(str(tmp_path)).reader(deadline=1, clock=fake.clock())
    with pytest.raises(lakestream.StepTimeoutError) as caught:
        list(reader)
    assert str(caught.value).endswith(
        "; producer a last committed 1 s ago; producer b last committed 2 s ago;"
        " producer c last committed 3 s ago; 2 more committed before that"
    )


def test_deadline_without_the_producers_of_the_snapshot(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    refs = write_snapshot(writer)
    reader = lakestream.open(str(tmp_path)).reader(deadline=1, clock=FakeClock().clock())
    put_horizon(writer, writer.version)
    (tmp_path / refs["producers"]["key"]).unlink()
    with pytest.raises(lakestream.StepTimeoutError, match=r"the tail is 1; .* cannot be read"):
        list(reader)


def test_deadline_of_an_empty_stream(tmp_path: Path) -> None:
    build(tmp_path, steps=0)
    fake = FakeClock()
    with pytest.raises(
        TimeoutError, match="step 0 is not committed after 1 s: the stream has no step"
    ):
        next(iter(lakestream.open(str(tmp_path)).reader(deadline=1, clock=fake.clock())))


def test_deadline_counts_for_each_step(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=0)
    fake = FakeClock()
    for number in range(5):
        steps = range(2 * number, 2 * number + 2)
        fake.events.append((8.0 * (number + 1), lambda steps=steps: append(writer, steps, 4, 1, 2)))
    fake.events.append((45, lambda: writer.act({"type": "seal"})))
    reader = lakestream.open(str(tmp_path)).reader(deadline=10, clock=fake.clock())
    assert [step.step for step in reader.steps()] == list(range(10))
    assert fake.now < 50


def test_rhythm_follows_the_commits() -> None:
    rhythm = Rhythm()
    eager = rhythm.pause(0)
    for _ in range(20):
        rhythm.observe(4)
    assert eager < 0.1
    assert rhythm.pause(0) > 1
    # Around the expected commit looks are close together.
    assert 0.1 < rhythm.pause(4) < 0.15
    assert rhythm.pause(3) < 0.4
    assert rhythm.pause(1000) == LONGEST


@pytest.mark.parametrize("gap", [0.05, 0.25, 3])
def test_a_punctual_commit_is_found_soon_and_with_few_looks(gap: float) -> None:
    rhythm = Rhythm()
    for _ in range(20):
        rhythm.observe(gap)
    for percent in range(90, 111):
        commit = gap * percent / 100
        since, looks = 0.0, 0
        while since < commit:
            since += rhythm.pause(since)
            looks += 1
        assert since - commit <= gap / 20
        assert looks < 16


def test_following_while_another_thread_appends(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=0)

    def produce() -> None:
        for first in range(0, 40, 2):
            append(writer, range(first, first + 2), 4, 1, 2)
        writer.act({"type": "seal"})

    thread = threading.Thread(target=produce)
    stream = lakestream.open(str(tmp_path))
    readers = [stream.reader(dp_rank=rank, dp_size=2, deadline=30) for rank in range(2)]
    thread.start()
    seen: list[list[int]] = [[], []]

    def consume(rank: int) -> None:
        seen[rank] = [row for _, batch in readers[rank] for row in batch.column("row").to_pylist()]

    consumers = [threading.Thread(target=consume, args=(rank,)) for rank in range(2)]
    for consumer in consumers:
        consumer.start()
    for each in (thread, *consumers):
        each.join()
    assert sorted(seen[0] + seen[1]) == list(range(40 * 8))
    assert readers[0].cursor == readers[1].cursor


def test_skips_that_come_while_reading_do_not_apply(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=4)
    reader = lakestream.open(str(tmp_path)).reader()
    steps = reader.steps()
    next(steps)
    writer.act({"type": "skip", "from": 1, "to": 4, "reason": "x"}, {"type": "seal"})
    assert [step.step for step in steps] == [1, 2, 3]
    assert reader.rules == -1
