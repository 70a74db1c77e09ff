# SPDX-License-Identifier: Apache-2.0
"""The cache of a host, as one process sees it."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import lakestream
from conftest import REPOSITORY
from lakestream.errors import StoreError
from lakestream.host_cache import HostCache, host_cache
from lakestream.range_file import FOOTER_BYTES, range_name
from lakestream.store import FolderStore
from slow_store import FarStore
from streams import build

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAM = "9d7b0a51-0a56-4c2a-9f0e-3c0f7f2f5a11"
OTHER = "1c8f2f9e-5b43-4f5e-8f43-0f4c1f6f7a22"
KEY = "data/00/p/1/bundle.arrow"
SIZE = 10_000


class Source:
    """What the store has, and how often it was asked."""

    def __init__(self, seed: int = 0, size: int = SIZE) -> None:
        self.content = bytes((seed + position) % 251 for position in range(size))
        self.asked = 0

    def __call__(self) -> pa.Buffer:
        self.asked += 1
        return pa.py_buffer(self.content)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[HostCache]:
    cache = HostCache(str(tmp_path / "cache"), 10 * (SIZE + FOOTER_BYTES))
    yield cache
    cache.leave()


def read(cache: HostCache, source: Source, start: int = 0, stream: str = STREAM) -> bool:
    """Reads a range and compares it; whether it was there."""
    found, hit = cache.map(stream, KEY, start, len(source.content), source)
    assert found.to_pybytes() == source.content
    return hit


def files(cache: HostCache) -> list[Path]:
    return sorted(file for file in Path(cache.folder).iterdir() if file.name != "locks")


def test_a_range_is_fetched_once(cache: HostCache) -> None:
    source = Source()
    assert not read(cache, source)
    for _ in range(3):
        assert read(cache, source)
    assert source.asked == 1
    assert [file.name for file in files(cache)] == [range_name(STREAM, KEY, 0, SIZE)]


def test_names_and_footers_are_those_of_java(cache: HostCache) -> None:
    name = range_name(STREAM, KEY, 128, 4)
    assert name == "9c45709ce402027ef2e3f6e0565725dc53539ba835ea167de2679eb7f8e291b7"
    cache.map(STREAM, KEY, 128, 4, lambda: pa.py_buffer(b"abcd"))
    magic, length, abcd = b"LSRANGE1", 4, "310ac892"
    footer = magic + length.to_bytes(8, "little") + bytes.fromhex(name + abcd) + bytes(8)
    assert files(cache)[0].read_bytes() == b"abcd" + footer + bytes.fromhex("c5b23322")


def test_what_a_reader_writes_reaches_nobody(cache: HostCache) -> None:
    source = Source()
    for _ in range(3):
        found, _ = cache.map(STREAM, KEY, 0, SIZE, source)
        memoryview(found).cast("B")[:4] = b"mine"
        assert found.address % 64 == 0
    assert read(cache, source)


@pytest.mark.parametrize("damage", ["flip", "truncate", "extend", "empty", "footer", "another"])
def test_what_is_damaged_is_fetched_again(cache: HostCache, damage: str) -> None:
    source = Source()
    read(cache, source)
    (file,) = files(cache)
    content = bytearray(file.read_bytes())
    if damage == "flip":
        content[SIZE // 2] ^= 1
    elif damage == "truncate":
        del content[SIZE // 2 :]
    elif damage == "extend":
        content += b"more"
    elif damage == "empty":
        content.clear()
    elif damage == "footer":
        content[-1] ^= 1
    else:
        read(cache, Source(7), start=SIZE)
        other = range_name(STREAM, KEY, SIZE, SIZE)
        content = bytearray((file.parent / other).read_bytes())
    replacement = file.with_name("new")
    replacement.write_bytes(content)
    replacement.rename(file)
    assert not read(cache, source)
    assert source.asked == 2
    assert read(cache, source)


def test_links_and_folders_are_no_ranges(cache: HostCache, tmp_path: Path) -> None:
    source = Source()
    read(cache, source)
    (file,) = files(cache)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert not read(cache, source)
    file.unlink()
    file.mkdir()
    assert not read(cache, source)


def test_streams_keys_and_ranges_do_not_mix(cache: HostCache) -> None:
    one, two = Source(1), Source(2)
    assert not read(cache, one)
    assert not read(cache, two, stream=OTHER)
    assert not read(cache, two, start=64)
    assert read(cache, one)
    assert read(cache, two, stream=OTHER)


def test_the_files_stay_within_the_bound(cache: HostCache) -> None:
    for number in range(25):
        read(cache, Source(number), start=64 * number)
        assert sum(file.stat().st_size for file in files(cache)) <= cache.limit
    assert len(files(cache)) == 10
    assert not read(cache, Source(0))


def test_what_was_opened_longest_ago_goes_first(cache: HostCache) -> None:
    for number in range(10):
        read(cache, Source(number), start=64 * number)
        name = range_name(STREAM, KEY, 64 * number, SIZE)
        os.utime(os.path.join(cache.folder, name), (0, time.time() - 100 + number))  # noqa: PTH118
    assert read(cache, Source(0))
    read(cache, Source(10), start=640)
    assert read(cache, Source(0)), "it was opened last"
    assert not read(cache, Source(1), start=64)


def test_what_is_larger_than_the_cache_passes_by(cache: HostCache) -> None:
    large = Source(size=cache.limit)
    assert not read(cache, large)
    assert not read(cache, large)
    assert files(cache) == []


def test_what_nobody_opened_for_long_goes(cache: HostCache) -> None:
    read(cache, Source())
    (old,) = files(cache)
    os.utime(old, (0, 0))
    read(cache, Source(1), start=64)
    assert old not in files(cache)


def test_a_fetch_that_fails_fails_for_one(cache: HostCache) -> None:
    def fail() -> pa.Buffer:
        raise StoreError("no")

    with pytest.raises(StoreError):
        cache.map(STREAM, KEY, 0, SIZE, fail)
    source = Source()
    assert not read(cache, source)
    assert read(cache, source)


def test_threads_fetch_once(cache: HostCache) -> None:
    source = Source()
    begin = threading.Barrier(8)

    def run() -> bool:
        begin.wait()
        return read(cache, source)

    with ThreadPoolExecutor(8) as threads:
        hits = [future.result() for future in [threads.submit(run) for _ in range(8)]]
    assert source.asked == 1
    assert sorted(hits) == [False] + 7 * [True]


def test_who_takes_too_long_is_not_waited_for(tmp_path: Path) -> None:
    cache = HostCache(str(tmp_path / "cache"), patience=0.1)
    source, begun, end = Source(), threading.Event(), threading.Event()

    def slow() -> pa.Buffer:
        begun.set()
        end.wait(30)
        return source()

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(cache.map, STREAM, KEY, 0, SIZE, slow)
        assert begun.wait(30)
        assert not read(cache, source)
        assert files(cache) == [], "only the first one makes a file"
        end.set()
        assert first.result()[0].to_pybytes() == source.content
    assert read(cache, source)


def test_what_a_crash_left_half_written_goes(cache: HostCache) -> None:
    dead = Path(cache.folder) / f".{range_name(STREAM, KEY, 5, 5)}.{uuid.uuid4()}"
    dead.write_bytes(bytes(100))

    def fetch() -> pa.Buffer:
        mine = Path(cache.folder) / f".{range_name(STREAM, KEY, 0, SIZE)}.{uuid.uuid4()}"
        mine.write_bytes(bytes(100))
        read(cache, Source(1), start=64)
        assert mine.exists(), "whoever writes it is alive"
        assert not dead.exists()
        return Source()()

    cache.map(STREAM, KEY, 0, SIZE, fetch)


def test_a_folder_that_vanishes_costs_only_the_cache(cache: HostCache) -> None:
    for file in files(cache):
        file.unlink()
    os.unlink(os.path.join(cache.folder, "locks"))  # noqa: PTH108, PTH118
    os.rmdir(cache.folder)  # noqa: PTH106
    source = Source()
    assert not read(cache, source)
    assert not read(cache, source)


def test_only_a_folder_of_ones_own_is_used(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o700)
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "file").write_bytes(b"")
    for name in ("open", "file"):
        with pytest.raises(ValueError, match="cache"):
            HostCache(str(tmp_path / name))
    cache = HostCache(str(tmp_path / "own"))
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700
    read(cache, Source())
    assert files(cache)[0].stat().st_mode & 0o777 == 0o600


def test_the_environment_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert host_cache(None, None) is None
    monkeypatch.setenv("LAKESTREAM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LAKESTREAM_CACHE_BYTES", "12345")
    found = host_cache(None, None)
    assert found is not None
    assert found.limit == 12345
    assert host_cache(tmp_path / "cache", None) is found, "locks are those of a process"
    monkeypatch.setenv("LAKESTREAM_CACHE_BYTES", "much")
    with pytest.raises(ValueError, match="LAKESTREAM_CACHE_BYTES"):
        host_cache(None, None)


def test_a_fork_goes_on(cache: HostCache) -> None:
    source = Source()

    def fetch() -> pa.Buffer:
        # Its thread is not in the child, and neither are its locks.
        child = os.fork()
        if child == 0:
            known = read(cache, Source(1), start=64)
            os._exit(0 if read(cache, Source(1), start=64) and not known else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        return source()

    cache.map(STREAM, KEY, 0, SIZE, fetch)
    assert read(cache, source)
    assert read(cache, Source(1), start=64)


def test_the_next_one_fetches_where_another_process_is_killed(cache: HostCache) -> None:
    script = f"""
from lakestream.host_cache import HostCache

def fetch():
    print("fetching", flush=True)
    input()

HostCache({cache.folder!r}).map({STREAM!r}, {KEY!r}, 0, {SIZE}, fetch)
"""
    source = Source()
    other = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other, ThreadPoolExecutor(1) as threads:
        assert other.stdout is not None
        assert other.stdout.readline() == "fetching\n"
        waiting = threads.submit(read, cache, source)
        with pytest.raises(NotYet):
            waiting.result(0.5)
        assert source.asked == 0
        other.kill()
        assert waiting.result(10) is False
    assert source.asked == 1
    assert read(cache, source)


def test_the_last_one_to_leave_empties_the_folder(cache: HostCache) -> None:
    script = f"""
from lakestream.host_cache import HostCache
import pyarrow as pa
cache = HostCache({cache.folder!r})
cache.map("s", "k", 0, 3, lambda: pa.py_buffer(b"abc"))
print("there", flush=True)
input()
"""
    read(cache, Source())
    other = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "there\n"
        cache.leave()
        assert len(files(cache)) == 2, "somebody is there"
        other.stdin.write("\n")
        other.stdin.close()
        assert other.wait(30) == 0
    assert files(cache) == []
    assert not read(cache, Source())


def test_readers_share_ranges_and_say_so(tmp_path: Path) -> None:
    build(tmp_path / "stream", steps=6)
    stores = [FarStore(tmp_path / "stream") for _ in range(2)]
    seen = []
    for store in stores:
        stream = lakestream.Stream(store)
        reader = stream.reader(cache=tmp_path / "cache")
        seen.append([step.batches for _, step in zip(range(6), reader.steps(), strict=False)])
        stats = reader.stats()
        assert stats.ranges_shared == (0 if store is stores[0] else stats.ranges_fetched)
        assert (stats.bytes_shared > 0) == (store is stores[1])
    assert seen[0] == seen[1]
    assert [key for key in stores[0].requests if key.startswith("data/")]
    assert not [key for key in stores[1].requests if key.startswith("data/")]


def test_a_reader_finds_what_one_that_is_no_more_has_fetched(tmp_path: Path) -> None:
    store = FarStore(tmp_path / "stream")
    build(tmp_path / "stream", steps=2).act({"type": "seal"})
    expected = all_rows(store)
    assert all_rows(store, cache=tmp_path / "cache") == expected
    store.requests.clear()
    gc.collect()
    assert all_rows(store, cache=tmp_path / "cache") == expected
    assert not [key for key in store.requests if key.startswith("data/")]


def test_files_that_are_mapped_anyway_are_not_cached(tmp_path: Path) -> None:
    build(tmp_path / "stream", steps=2)
    reader = lakestream.open(str(tmp_path / "stream")).reader(cache=tmp_path / "cache")
    assert next(reader.steps()).batches
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["locks"]


def test_a_fork_and_its_parent_share_the_steps_before_it(tmp_path: Path) -> None:
    far = FarStore(REPOSITORY / "golden" / "good" / "data-fork" / "stream")
    fork = FolderStore(far, "forks/x")
    cached = {"cache": tmp_path / "cache"}
    expected = [all_rows(store) for store in (far, fork)]
    fetched = [request for request in far.requests if "data/" in request]
    assert len(fetched) > len(set(fetched)), "without a cache each fetches for itself"
    far.requests.clear()
    assert [all_rows(store, **cached) for store in (far, fork)] == expected
    fetched = [request for request in far.requests if "data/" in request]
    assert len(fetched) == len(set(fetched))
    assert any(request.startswith("forks/x/data/") for request in fetched), "its own steps"
    assert all_rows(far, **cached) == expected[0], "with the fork's files beside its own"


def all_rows(store: FarStore | FolderStore, **options: Any) -> list[tuple[int, Any]]:
    stream = lakestream.Stream(store)
    rows = []
    for step in stream.reader(**options).steps():
        rows += [(step.step, batch.to_pylist()) for batch in step.batches]
        if step.step + 1 == stream.next_step:
            break
    return rows
