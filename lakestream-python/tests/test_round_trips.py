# SPDX-License-Identifier: Apache-2.0
"""How many requests wait for one another, from opening a stream to the first batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lakestream
from slow_store import FarStore, RoundsStore
from streams import append, build
from test_follow import FakeClock
from test_snapshot import put_horizon, write_snapshot
from writer import seal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("steps", "levels", "since"),
    [(10, 0, 0), (10, 0, 3), (60, 1, 40), (60, 1, 0), (30, -1, 0)],
)
def test_five_round_trips_to_the_first_batch(
    tmp_path: Path, steps: int, levels: int, since: int
) -> None:
    writer = build(tmp_path, steps=steps)
    if levels >= 0:
        write_snapshot(writer, levels=levels)
        writer.put("hint.json", seal({"version": writer.version}))
    for first in range(steps, steps + since):
        append(writer, range(first, first + 1), 4, 1, 2)
    local = lakestream.open(str(tmp_path))
    for start in (steps // 2, steps + since - 1):
        store = RoundsStore(tmp_path)
        cursor = local.cursor_at(start)
        reader = lakestream.Stream(store, start_step=start).reader(cursor=cursor)
        step, batch = next(iter(reader))
        first = 1 + next(
            number
            for number, requests in enumerate(store.rounds)
            if any(key.startswith("data/") for key in requests)
        )
        assert step == start
        assert batch.num_rows == 2
        assert first <= 5, store.rounds[:6]


def test_catching_up_reads_more_and_more_at_once(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    store = RoundsStore(tmp_path)
    stream = lakestream.Stream(store)
    append(writer, range(2, 3), 4, 1, 2)
    for first in range(3, 60):
        append(writer, range(first, first + 1), 4, 1, 2)
    store.rounds.clear()
    stream.refresh()
    assert stream.next_step == 60
    assert len(store.rounds) <= 8, "1, 1, 2, 4, … 32 entries, and the horizon"
    store.rounds.clear()
    stream.refresh()
    assert len(store.rounds) == 2, "nothing new: the next entry, and the horizon"


def test_an_answer_that_nobody_took_is_not_believed_later(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    stream = lakestream.Stream(FarStore(tmp_path))
    for first in range(2, 20):
        append(writer, range(first, first + 1), 4, 1, 2)
        assert stream.refresh()
        assert stream.next_step == first + 1


def test_an_opener_asks_for_nothing_that_the_listing_does_not_have(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    for first in range(2, 8):
        append(writer, range(first, first + 1), 4, 1, 2)
    store = FarStore(tmp_path)
    stream = lakestream.Stream(store)
    assert stream.next_step == 8
    asked = [key for key in store.requests if key.startswith("log/0")]
    assert sorted(asked) == [f"log/{version:020d}.json" for version in range(stream.version + 2)]
    assert len(store.requests) - len(asked) == 6, "identity, hint, horizon twice, log, snapshots"


def test_a_glance_makes_sure_only_of_what_it_finds(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    store = FarStore(tmp_path)
    stream = lakestream.Stream(store)
    store.requests.clear()
    assert not stream.glance()
    assert store.requests == [f"log/{stream.version + 1:020d}.json"]
    append(writer, range(2, 3), 4, 1, 2)
    store.requests.clear()
    assert stream.glance()
    assert store.requests[-1] == "horizon/"
    assert stream.next_step == 3


def test_who_waits_at_the_tail_seldom_lists_the_horizon(tmp_path: Path) -> None:
    build(tmp_path, steps=2)
    store = FarStore(tmp_path)
    reader = lakestream.Stream(store).reader(
        start_step=2, deadline=60, clock=FakeClock().clock(), prefetch_bytes=0
    )
    store.requests.clear()
    with pytest.raises(lakestream.StepTimeoutError):
        next(iter(reader))
    looks = sum(key.startswith("log/0") for key in store.requests)
    assert looks > 32
    assert looks // 16 - 1 <= store.requests.count("horizon/") <= looks // 16 + 3


def test_who_wakes_up_below_the_horizon_notices(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    fake = FakeClock()
    reader = lakestream.open(str(tmp_path)).reader(start_step=2, deadline=600, clock=fake.clock())

    def wake_up() -> None:
        before = writer.version
        append(writer, range(2, 6), 4, 1, 2)
        write_snapshot(writer)
        put_horizon(writer, writer.version)
        for version in range(before, writer.version):
            (tmp_path / f"log/{version:020d}.json").unlink()

    fake.events.append((30.0, wake_up))
    assert next(iter(reader))[0] == 2
    assert fake.now < 80
