# SPDX-License-Identifier: Apache-2.0
"""Processes of one host, Python's and Java's, that read a stream in S3 through a cache."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

import cached_reading
import lakestream
from java_build import CLASS_PATH, needs_java
from s3_server import BUCKET, Endpoints, started, upload, use
from streams import build
from watching_proxy import WatchingProxy, watching

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STEPS, SLOTS, PER_BUNDLE = 12, 4, 4
BUNDLES = STEPS // PER_BUNDLE
PATIENCE = 60

pytestmark = needs_java


@pytest.fixture(scope="module")
def server() -> Iterator[Endpoints]:
    with started() as endpoints:
        yield endpoints


@pytest.fixture
def uri(server: Endpoints, tmp_path: Path) -> str:
    folder = tmp_path / "stream"
    build(folder, steps=STEPS, slots=SLOTS, per_bundle=PER_BUNDLE)
    upload(server, folder, tmp_path.name)
    return f"s3://{BUCKET}/{tmp_path.name}"


@pytest.fixture
def proxy(server: Endpoints, monkeypatch: pytest.MonkeyPatch) -> Iterator[WatchingProxy]:
    with watching(server.clean) as proxy:
        use(proxy.endpoint, monkeypatch)
        yield proxy


@contextmanager
def reading(uri: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A Python process that reads the stream; it stays until its input ends."""
    command = [sys.executable, cached_reading.__file__, uri, json.dumps(options)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    result: dict[str, Any] = json.loads(process.stdout.readline())
    return result


def end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(PATIENCE) == 0


def left_in(cache: Path) -> list[str]:
    return [file.name for file in cache.iterdir() if file.name != "locks"]


def test_peers_fetch_each_range_once(proxy: WatchingProxy, uri: str, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    expected = cached_reading.read(uri)["digest"]
    assert len(proxy.ranges) == BUNDLES
    proxy.ranges.clear()
    with ExitStack() as stack:
        peers = [stack.enter_context(reading(uri, cache=cache)) for _ in range(4)]
        answers = [answer(peer) for peer in peers]
        assert {answer["digest"] for answer in answers} == {expected}
        assert len(proxy.ranges) == BUNDLES
        assert len(set(proxy.ranges)) == BUNDLES
        assert sum(answer["shared"] for answer in answers) == 3 * BUNDLES
        for peer in peers:
            end(peer)
    assert left_in(tmp_path / "cache") == [], "nobody needs it"


def test_ranks_share_with_their_own_peers(proxy: WatchingProxy, uri: str, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    options = [{"dp_rank": rank, "dp_size": 2, "cache": cache} for rank in (0, 0, 1, 1)]
    with ExitStack() as stack:
        ranks = [stack.enter_context(reading(uri, **each)) for each in options]
        digests = [answer(rank)["digest"] for rank in ranks]
    assert digests[0] == digests[1] != digests[2] == digests[3]
    assert max(Counter(proxy.ranges).values()) == 1
    assert len(proxy.ranges) == 2 * BUNDLES


def test_peers_cut_the_same_range(proxy: WatchingProxy, uri: str, tmp_path: Path) -> None:
    """Context parallelism of whole rows, cut in memory."""
    cache = str(tmp_path / "cache")
    alone = [cached_reading.read(uri, cp_rank=rank, cp_size=2)["digest"] for rank in (0, 1)]
    proxy.ranges.clear()
    with ExitStack() as stack:
        ranks = [
            stack.enter_context(reading(uri, cp_rank=rank, cp_size=2, cache=cache))
            for rank in (0, 1)
        ]
        assert [answer(rank)["digest"] for rank in ranks] == alone
    assert len(proxy.ranges) == BUNDLES


def test_another_one_takes_over_from_who_is_killed(
    proxy: WatchingProxy, uri: str, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    expected = cached_reading.read(uri)["digest"]
    for _ in range(BUNDLES):
        assert proxy.asked.acquire(timeout=PATIENCE)
    proxy.let_go.clear()
    with reading(uri, cache=str(cache)) as killed:
        assert proxy.asked.acquire(timeout=PATIENCE), "it is in the middle"
        with reading(uri, cache=str(cache)) as other:
            killed.send_signal(signal.SIGKILL)
            assert killed.wait(PATIENCE) == -signal.SIGKILL
            proxy.let_go.set()
            seen = answer(other)
            assert seen["digest"] == expected
            assert seen["shared"] == 0, "nothing had come when the first one was killed"
            end(other)
    assert left_in(cache) == []


def test_damage_is_read_again(proxy: WatchingProxy, uri: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with reading(uri, cache=str(cache)) as first:
        expected = answer(first)["digest"]
        for number, name in enumerate(sorted(left_in(cache))):
            content = bytearray((cache / name).read_bytes())
            content[len(content) // (number + 2)] ^= 0x10
            (cache / name).unlink()
            (cache / name).write_bytes(content)
        proxy.ranges.clear()
        with reading(uri, cache=str(cache), verify=False) as second:
            assert answer(second)["digest"] == expected
    assert len(proxy.ranges) == BUNDLES


def test_what_killed_readers_leave_is_bounded_and_of_use(
    proxy: WatchingProxy, uri: str, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    with reading(uri, cache=str(cache)) as killed:
        expected = answer(killed)["digest"]
        killed.send_signal(signal.SIGKILL)
        killed.wait(PATIENCE)
    proxy.ranges.clear()
    assert len(left_in(cache)) == BUNDLES
    with reading(uri, cache=str(cache)) as next_one:
        seen = answer(next_one)
        assert seen["digest"] == expected
        assert proxy.ranges == []
        end(next_one)
    assert left_in(cache) == []


def test_java_shares_with_python(proxy: WatchingProxy, uri: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    stream = lakestream.open(uri).id
    with reading(uri, cache=str(cache)) as first:
        answer(first)
        prefix = "/" + uri.removeprefix("s3://") + "/"
        wanted: list[tuple[str, int, int]] = []
        for path, range_ in proxy.ranges:
            begin, last = map(int, range_.split("-"))
            wanted.append((path.removeprefix(prefix), begin, last + 1))
        proxy.ranges.clear()
        names = [name for key, at, stop in wanted for name in (key, str(at), str(stop - at))]
        with reading_in_java(uri, str(cache), stream, *names) as java:
            for key, at, stop in wanted:
                data = (tmp_path / "stream" / key).read_bytes()[at:stop]
                assert java.stdout is not None
                assert java.stdout.readline().strip() == sha256(data).hexdigest()
            assert proxy.ranges == []
            end(first)
            assert len(left_in(cache)) == BUNDLES, "Java is there"
            with reading(uri, cache=str(cache)) as second:
                assert answer(second)["shared"] == BUNDLES
                end(second)
            assert proxy.ranges == []
            end(java)
    assert left_in(cache) == []


def test_python_waits_for_what_java_fetches(proxy: WatchingProxy, uri: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    stream = lakestream.open(uri).id
    expected = cached_reading.read(uri)
    path, range_ = proxy.ranges[0]
    key = path.removeprefix("/" + uri.removeprefix("s3://") + "/")
    begin, last = map(int, range_.split("-"))
    for _ in range(BUNDLES):
        assert proxy.asked.acquire(timeout=PATIENCE)
    proxy.ranges.clear()
    proxy.let_go.clear()
    with reading_in_java(uri, str(cache), stream, key, str(begin), str(last + 1 - begin)) as java:
        assert proxy.asked.acquire(timeout=PATIENCE)
        with reading(uri, cache=str(cache)) as python:
            proxy.let_go.set()
            seen = answer(python)
            assert seen["digest"] == expected["digest"]
            assert seen["shared"] == 1
            end(python)
        end(java)


@contextmanager
def reading_in_java(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Java process that reads ranges through its own `HostCache`."""
    main = "dev.lakestream.store.host.CachingProcess"
    command = ["java", "-cp", CLASS_PATH.read_text().strip(), main, *arguments]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
