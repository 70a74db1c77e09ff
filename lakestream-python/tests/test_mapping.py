# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import errno
import mmap
import os
import resource
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import lakestream
from lakestream.errors import StoreError
from lakestream.mapping import UNMAPPING, map_range
from lakestream.store import LocalStore
from streams import build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

PAGE = mmap.ALLOCATIONGRANULARITY


def mapped_of(path: Path, start: int, length: int) -> pa.Buffer:
    """A map of a file that is closed by then."""
    file = os.open(path, os.O_RDONLY)
    try:
        return map_range(file, start, length)
    finally:
        os.close(file)


def maps_of(path: Path) -> int:
    """How many maps of `path` this process has."""
    return Path("/proc/self/maps").read_text().count(str(path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(np.arange(3 * PAGE, dtype=np.uint32).tobytes()[: 3 * PAGE + 10])
    return path


@pytest.mark.parametrize(
    ("start", "length"),
    [(0, 3 * PAGE + 10), (0, 1), (1, PAGE), (PAGE, 7), (PAGE - 1, 2), (3 * PAGE + 9, 1), (5, 0)],
)
def test_a_range_is_mapped_wherever_it_begins(path: Path, start: int, length: int) -> None:
    buffer = mapped_of(path, start, length)
    assert buffer.to_pybytes() == path.read_bytes()[start : start + length]


def test_who_holds_a_map_may_write_and_nobody_else_sees_it(path: Path) -> None:
    before = path.read_bytes()
    mine, other = mapped_of(path, 8, 100), mapped_of(path, 8, 100)
    assert mine.is_mutable
    np.frombuffer(memoryview(mine), np.uint8)[:] = 255
    assert mine.to_pybytes() == b"\xff" * 100
    assert other.to_pybytes() == before[8:108]
    assert path.read_bytes() == before


def test_a_map_ends_with_the_last_slice_of_it(path: Path) -> None:
    whole = mapped_of(path, 100, 2 * PAGE)
    part = np.frombuffer(memoryview(whole.slice(PAGE, 3)), np.uint8)
    expected = path.read_bytes()[100 + PAGE : 103 + PAGE]
    del whole
    assert maps_of(path) == 1
    assert part.tobytes() == expected
    del part
    UNMAPPING.end_all()
    assert maps_of(path) == 0


def outcome(result: int | OSError) -> Callable[..., int]:
    def read(*_: object) -> int:
        if isinstance(result, OSError):
            raise result
        return result

    return read


@pytest.mark.parametrize(
    ("result", "advised"),
    [
        (1, False),
        (0, True),
        (BlockingIOError(errno.EAGAIN, "not in memory"), True),
        (OSError(errno.EOPNOTSUPP, "cannot tell"), True),
    ],
)
def test_what_is_not_in_memory_is_announced_to_the_kernel(
    path: Path, monkeypatch: pytest.MonkeyPatch, result: int | OSError, advised: bool
) -> None:
    announced: list[tuple[int, ...]] = []
    monkeypatch.setattr("lakestream.mapping._MADVISE", lambda *advice: announced.append(advice))
    monkeypatch.setattr("lakestream.mapping._NO_WAIT", 8)
    monkeypatch.setattr("os.preadv", outcome(result))
    mapped = mapped_of(path, PAGE + 5, PAGE)
    assert mapped.to_pybytes() == path.read_bytes()[PAGE + 5 : 2 * PAGE + 5]
    expected = [(mapped.address - 5, PAGE + 5, mmap.MADV_WILLNEED)]
    assert announced == (expected if advised else [])


def test_where_the_kernel_cannot_be_asked_everything_is_announced(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced: list[tuple[int, ...]] = []
    monkeypatch.setattr("lakestream.mapping._MADVISE", lambda *advice: announced.append(advice))
    monkeypatch.setattr("lakestream.mapping._NO_WAIT", None)
    mapped_of(path, 0, PAGE)
    assert len(announced) == 1


def test_what_cannot_be_mapped_says_why() -> None:
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)) as raised:
        map_range(2**20, 0, 10)
    assert raised.value.errno == errno.EBADF


def test_a_store_that_cannot_map_names_the_object(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    monkeypatch.setattr("lakestream.store.map_range", fail)
    with pytest.raises(StoreError, match=r"file cannot be mapped: .*Cannot allocate memory"):
        LocalStore(path.parent).map("file", 0, 10)


@contextmanager
def descriptors_left(count: int) -> Iterator[None]:
    """Lets this process open `count` more files at most."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    opened = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (opened + count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_batches_of_more_bundles_than_a_process_may_have_files_can_be_held(tmp_path: Path) -> None:
    build(tmp_path, steps=60, slots=2, rows=1, per_bundle=1).act({"type": "seal"})
    stream = lakestream.open(str(tmp_path))
    with descriptors_left(20):
        steps = list(stream.reader().steps())
    assert [step.step for step in steps] == list(range(60))
