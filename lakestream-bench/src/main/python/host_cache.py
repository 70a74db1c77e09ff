# SPDX-License-Identifier: Apache-2.0
"""The Python side of `bench host-cache`: processes that read the same ranges, as peers do.

host_cache.py peers URI COUNT RUNS   a pass of all peers through a cache, and without one, in turn
host_cache.py peer URI               one of them: a pass whenever it is told to, with this cache
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import lakestream

BUDGET = 256 << 20


def say(figures: dict[str, object]) -> None:
    """One line of JSON for whoever started this process."""
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


def peers(uri: str, count: int, runs: int) -> dict[str, object]:
    """MB/s that each peer gets, and the share of all ranges that came from another one."""
    parent = "/dev/shm" if Path("/dev/shm").is_dir() else None
    started = [
        subprocess.Popen(
            [sys.executable, __file__, "peer", uri],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    rates: dict[str, list[float]] = {"cached": [], "plain": []}
    shared = 0.0
    for run in range(-1, runs):
        for kind in ("plain", "cached"):
            folder = tempfile.mkdtemp(dir=parent) if kind == "cached" else ""
            began = time.perf_counter()
            for peer in started:
                assert peer.stdin is not None
                peer.stdin.write(folder + "\n")
                peer.stdin.flush()
            answers = [json.loads(peer.stdout.readline()) for peer in started if peer.stdout]
            seconds = time.perf_counter() - began
            if run >= 0:
                rates[kind].append(answers[0]["bytes"] / 1e6 / seconds)
            if folder:
                ranges = sum(answer["ranges"] for answer in answers)
                shared = sum(answer["shared"] for answer in answers) / ranges
                shutil.rmtree(folder)
    for peer in started:
        peer.kill()
        peer.wait()
    return {**rates, "shared": shared}


def peer(uri: str) -> None:
    """Reads the stream once for each line of input, which names the cache."""
    for line in sys.stdin:
        stream = lakestream.open(uri)
        reader = stream.reader(prefetch_bytes=BUDGET, cache=line.strip() or None)
        steps = reader.steps()
        for step in steps:
            if step.step + 1 == stream.next_step:
                break
        del step
        steps.close()  # type: ignore[attr-defined]
        stats = reader.stats()
        figures = {
            "bytes": stats.bytes_fetched,
            "ranges": stats.ranges_fetched,
            "shared": stats.ranges_shared,
        }
        say(figures)


if __name__ == "__main__":
    if sys.argv[1] == "peers":
        say(peers(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
    else:
        peer(sys.argv[2])
