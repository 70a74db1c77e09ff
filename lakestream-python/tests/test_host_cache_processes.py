# SPDX-License-Identifier: Apache-2.0
"""Processes of one host, Python's and Java's, that read a stream in S3 through a cache."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cached_reading
from s3_server import BUCKET, CLASS_PATH, Endpoints, needs_server, started, upload, use
from streams import build
from watching_proxy import WatchingProxy, watching

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS, SLOTS, PER_BUNDLE = 12, 4, 4
BUNDLES = STEPS // PER_BUNDLE
PATIENCE = 60

pytestmark = needs_server


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
    with reading(uri, cache=cache) as a, reading(uri, cache=cache) as b:
        with reading(uri, cache=cache) as c, reading(uri, cache=cache) as d:
            answers = [answer(process) for process in (a, b, c, d)]
            assert {answer["digest"] for answer in answers} == {expected}
            assert len(proxy.ranges) == BUNDLES
            assert len(set(proxy.ranges)) == BUNDLES
            assert sum(answer["shared"] for answer in answers) == 3 * BUNDLES
            for process in (a, b, c, d):
                end(process)
    assert left_in(tmp_path / "cache") == [], "nobody needs it"


def test_ranks_share_with_their_own_peers(proxy: WatchingProxy, uri: str, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    options = [{"dp_rank": rank, "dp_size": 2, "cache": cache} for rank in (0, 0, 1, 1)]
    with reading(uri, **options[0]) as a, reading(uri, **options[1]) as b:
        with reading(uri, **options[2]) as c, reading(uri, **options[3]) as d:
            first, second, third, fourth = (answer(process) for process in (a, b, c, d))
    assert first["digest"] == second["digest"] != third["digest"] == fourth["digest"]
    assert max(Counter(proxy.ranges).values()) == 1
    assert len(proxy.ranges) == 2 * BUNDLES


def test_peers_cut_the_same_range(proxy: WatchingProxy, uri: str, tmp_path: Path) -> None:
    """Context parallelism of whole rows, cut in memory."""
    cache = str(tmp_path / "cache")
    alone = [cached_reading.read(uri, cp_rank=rank, cp_size=2)["digest"] for rank in (0, 1)]
    proxy.ranges.clear()
    with reading(uri, cp_rank=0, cp_size=2, cache=cache) as a:
        with reading(uri, cp_rank=1, cp_size=2, cache=cache) as b:
            assert [answer(process)["digest"] for process in (a, b)] == alone
    assert len(proxy.ranges) == BUNDLES


def test_another_one_takes_over_from_who_is_killed(
    proxy: WatchingProxy, uri: str, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    expected = cached_reading.read(uri)["digest"]
    for _ in range(BUNDLES):
        assert proxy.asked.acquire(timeout=PATIENCE)
    proxy.ranges.clear()
    with reading(uri, cache=str(cache)) as warm:
        answer(warm)
        for _ in range(BUNDLES):
            assert proxy.asked.acquire(timeout=PATIENCE)
        proxy.ranges.clear()
        for name in left_in(cache):
            (cache / name).unlink()
        with reading(uri, cache=str(cache)) as killed:
            hold_data(proxy)
            assert proxy.asked.acquire(timeout=PATIENCE), "it is in the middle"
            with reading(uri, cache=str(cache)) as other:
                killed.send_signal(signal.SIGKILL)
                assert killed.wait(PATIENCE) == -signal.SIGKILL
                assert proxy.asked.acquire(timeout=PATIENCE), "the other one asks"
                proxy.let_go.set()
                assert answer(other)["digest"] == expected
                end(other)
        end(warm)
    assert left_in(cache) == []


def hold_data(proxy: WatchingProxy) -> None:
    """Answers with data stay with the proxy from now on."""
    proxy.let_go.clear()


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
