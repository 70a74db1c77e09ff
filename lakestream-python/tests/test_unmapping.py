# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import lakestream
from lakestream.mapping import UNMAPPING
from lakestream.unmapping import BYTES, MAPS, SECONDS, Unmapping
from streams import build

PAGE = 4096


class Pages:
    """Pages of memory that are mapped; to end one that is not is what may never happen."""

    def __init__(self, unmapping_at: float = 0.0) -> None:
        self.now = unmapping_at
        self.mapped: set[int] = set()
        self.calls = 0
        self.unmapping = Unmapping(self.unmap, lambda: self.now)

    def map(self, page: int, count: int = 1) -> tuple[int, int]:
        self.mapped |= set(range(page, page + count))
        return page * PAGE, count * PAGE

    def unmap(self, address: int, size: int) -> None:
        assert address % PAGE == 0
        assert size > 0
        assert size % PAGE == 0
        ended = set(range(address // PAGE, (address + size) // PAGE))
        assert ended <= self.mapped
        self.mapped -= ended
        self.calls += 1


def test_a_map_that_is_released_at_leisure_ends_at_once() -> None:
    pages = Pages()
    for number in range(3):
        pages.now += 2 * SECONDS
        pages.unmapping.release(*pages.map(10 + number))
        assert not pages.mapped
    assert pages.calls == 3


def test_neighbours_that_are_released_in_a_hurry_end_in_one_call() -> None:
    pages = Pages()
    for number in range(MAPS):
        assert len(pages.mapped) == number
        pages.unmapping.release(*pages.map(1000 - number))
    assert not pages.mapped
    assert pages.calls == 1


def test_what_lies_between_released_maps_stays() -> None:
    pages = Pages()
    pages.map(11)
    for page in (10, 12, 13):
        pages.unmapping.release(*pages.map(page))
    pages.unmapping.end_all()
    assert pages.mapped == {11}
    assert pages.calls == 2


def test_a_large_map_takes_those_along_that_wait() -> None:
    pages = Pages()
    pages.unmapping.release(*pages.map(10))
    pages.unmapping.release(*pages.map(100, BYTES // PAGE))
    assert not pages.mapped


def test_the_first_one_at_leisure_takes_those_along_that_wait() -> None:
    pages = Pages()
    for page in (10, 20):
        pages.unmapping.release(*pages.map(page))
    assert len(pages.mapped) == 2
    pages.now += 2 * SECONDS
    pages.unmapping.release(*pages.map(30))
    assert not pages.mapped


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 5), st.floats(0, 2 * SECONDS))))
def test_never_more_than_its_measure_waits_and_nothing_is_lost(
    maps: list[tuple[bool, int, float]],
) -> None:
    pages = Pages()
    place = 1
    waiting: set[int] = set()
    for gap, count, pause in maps:
        place += gap
        address, size = pages.map(place, count)
        place += count
        waiting.add(address)
        pages.now += pause
        pages.unmapping.release(address, size)
        waiting = {at for at in waiting if at // PAGE in pages.mapped}
        assert len(waiting) < MAPS
        assert len(pages.mapped) * PAGE < BYTES
    pages.unmapping.end_all()
    assert not pages.mapped


def test_maps_that_many_threads_release_end_once_each() -> None:
    pages = Pages()
    ended: list[tuple[int, int]] = []
    unmapping = Unmapping(lambda address, size: ended.append((address, size)), lambda: 0.0)

    def release(first: int) -> None:
        for number in range(2000):
            unmapping.release(*pages.map(10 * (first + number)))

    threads = [threading.Thread(target=release, args=(1 + 2000 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    unmapping.end_all()
    assert sorted(ended) == [(10 * PAGE * n, PAGE) for n in range(1, 8001)]


def maps_below(path: Path) -> int:
    return Path("/proc/self/maps").read_text().count(str(path))


def test_a_reader_leaves_no_map_behind(tmp_path: Path) -> None:
    build(tmp_path, steps=60, slots=2, rows=1, per_bundle=1).act({"type": "seal"})
    stream = lakestream.open(str(tmp_path))
    for step in stream.reader().steps():
        assert maps_below(tmp_path) > 0
        del step
    UNMAPPING.end_all()  # The last step was only just released.
    assert maps_below(tmp_path) == 0


def test_what_is_held_stays_as_it_is_while_others_end(tmp_path: Path) -> None:
    build(tmp_path, steps=60, slots=2, rows=1, per_bundle=1).act({"type": "seal"})
    stream = lakestream.open(str(tmp_path))
    held = [step.batches for step in stream.reader().steps() if step.step % 7 == 3]
    UNMAPPING.end_all()
    again = [step.batches for step in stream.reader().steps() if step.step % 7 == 3]
    assert [[batch.to_pydict() for batch in step] for step in held] == [
        [batch.to_pydict() for batch in step] for step in again
    ]
    assert maps_below(tmp_path) > 0
    del held, again
    UNMAPPING.end_all()
    assert maps_below(tmp_path) == 0


def test_maps_end_in_silence_while_the_interpreter_is_taken_down(tmp_path: Path) -> None:
    build(tmp_path, steps=60, slots=2, rows=1, per_bundle=1).act({"type": "seal"})
    script = """
import sys, lakestream
from lakestream import mapping, unmapping
steps = list(lakestream.open(sys.argv[1]).reader().steps())
for module in (mapping, unmapping):  # As Python does with modules that are still known.
    for name in [name for name in vars(module) if name != "__builtins__"]:
        setattr(module, name, None)
kept = steps[:5]
del steps[5:]
"""
    ended = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
