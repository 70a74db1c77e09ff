# SPDX-License-Identifier: Apache-2.0
"""The Python side of `bench loader`: one measurement a process, one line of JSON with its figures.

loader.py wait URI STEPS      waiting times of a loop whose steps take 50 ms
loader.py rate URI            bytes a second of a whole pass, beside a plain download in turn
loader.py memory URI STEPS    anonymous memory while so many steps are read
loader.py open URI STEP       round trips from opening to the first batch of a step
"""

from __future__ import annotations

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obstore
import obstore.store

import lakestream
from lakestream.store import LocalStore
from lakestream.store_s3 import S3Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEP_SECONDS = 0.05
DP_SIZE = 4
BUDGET = 256 << 20
PART = 8 << 20
THREADS = 16


def wait(uri: str, steps: int) -> dict[str, float]:
    """How long a loop waits for data."""
    stream = lakestream.open(uri)
    reader = stream.reader(dp_rank=1, dp_size=DP_SIZE, prefetch_bytes=BUDGET)
    waits = []
    batches = iter(reader.steps())
    next(batches)
    time.sleep(1)
    for _ in range(steps):
        began = time.perf_counter()
        next(batches)
        waits.append(time.perf_counter() - began)
        time.sleep(STEP_SECONDS)
    lead = reader.stats().lead_steps
    waits.sort()
    return {
        "p50": 1e3 * waits[len(waits) // 2],
        "p99": 1e3 * waits[min(len(waits) - 1, len(waits) * 99 // 100)],
        "longest": 1e3 * waits[-1],
        "lead at the end": lead,
    }


def rate(uri: str) -> dict[str, float]:
    """One pass over an opened stream, and a plain download of the same ranges into one buffer.

    What opening costs is another measurement; it is the same however long the pass is.
    """
    stream = lakestream.open(uri)
    total = sum(range_[2] for range_ in ranges(stream))
    client = client_for(uri)

    def read() -> None:
        for step in stream.reader(prefetch_bytes=BUDGET).steps():
            if step.step + 1 == stream.next_step:
                break

    plain, ours, cpu = [], [], []
    for _ in range(5):
        rate, its_cpu = timed(total, lambda: download(client, stream))
        plain.append(rate)
        rate, our_cpu = timed(total, read)
        ours.append(rate)
        cpu.append(our_cpu / its_cpu)
    return {"ours": ours[1:], "plain": plain[1:], "cpu": cpu[1:]}  # type: ignore[dict-item]


def timed(total: int, run: Callable[[], None]) -> tuple[float, float]:
    """MB/s, and seconds of processor time of this process."""
    began, began_cpu = time.perf_counter(), time.process_time()
    run()
    ended_cpu = time.process_time()
    return total / 1e6 / (time.perf_counter() - began), ended_cpu - began_cpu


def ranges(stream: lakestream.Stream) -> list[tuple[str, int, int]]:
    """The ranges that all steps lie in: a bundle's runs, from the first to the last."""
    found, step = [], 0
    while step < stream.next_step:
        _, place = stream.place(step)
        bundle = place.cells[0][0]
        start, stop = bundle.start(0), bundle.start(bundle.slots * bundle.pieces)
        found.append((bundle.key, start, stop - start))
        step += bundle.steps
    return found


def client_for(uri: str) -> Any:  # noqa: ANN401
    """The same client, bare."""
    if uri.startswith("s3://"):
        return S3Store(uri)._here().client  # noqa: SLF001
    return obstore.store.LocalStore(uri)


def download(client: Any, stream: lakestream.Stream) -> None:  # noqa: ANN401
    """Each range of a bundle in parts, by so many threads, into a buffer that is used again."""
    wanted = ranges(stream)
    buffer = memoryview(bytearray(max(length for _, _, length in wanted)))

    def part(key: str, start: int, begin: int, length: int) -> None:
        data = obstore.get_range(client, key, start=start + begin, length=length)
        buffer[begin : begin + length] = memoryview(data).cast("B")

    with ThreadPoolExecutor(THREADS) as pool:
        for key, start, length in wanted:
            parts = [
                pool.submit(part, key, start, begin, min(PART, length - begin))
                for begin in range(0, length, PART)
            ]
            for each in parts:
                each.result()


def memory(uri: str, steps: int) -> dict[str, float]:
    """Anonymous memory above that after the imports, in the middle and at the end."""
    before = anonymous()
    stream = lakestream.open(uri)
    reader = stream.reader(dp_rank=1, dp_size=DP_SIZE, prefetch_bytes=BUDGET)
    peaks = [0.0, 0.0]
    for number, _ in enumerate(reader.steps()):
        half = 2 * number // steps
        if number % 20 == 0:
            peaks[min(half, 1)] = max(peaks[min(half, 1)], anonymous() - before)
        if number + 1 == steps or number + 1 == stream.next_step:
            break
    return {
        "first half": peaks[0],
        "second half": peaks[1],
        "budget": BUDGET / 1e6,
        "steps": number + 1,
    }


def anonymous() -> float:
    """The process's anonymous memory in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("/proc/self/status has no RssAnon")


class Chain:
    """Counts requests that waited for one another."""

    def __init__(self) -> None:
        self.depth = 0
        self.first_data = 0
        self.requests = 0
        self._lock = threading.Lock()

    @contextmanager
    def request(self, key: str) -> Iterator[None]:
        """A request; its place in the chain is after those that had ended when it began."""
        with self._lock:
            depth = self.depth + 1
            if key.startswith("data/") and not self.first_data:
                self.first_data = depth
            if not self.first_data:
                self.requests += 1
        yield
        with self._lock:
            self.depth = max(self.depth, depth)


def counted(base: type, chain: Chain) -> type:
    """`base` with its requests counted."""

    class Counted(base):  # type: ignore[misc, valid-type]
        remote = True

        def get(self, key: str, limit: int) -> bytes:
            with chain.request(key):
                return super().get(key, limit)  # type: ignore[no-any-return]

        def map(self, key: str, start: int, length: int) -> Any:  # noqa: ANN401
            with chain.request(key):
                return super().map(key, start, length)

        def list(self, prefix: str, start_after: str = "") -> list[str]:
            with chain.request(prefix):
                return super().list(prefix, start_after)  # type: ignore[no-any-return]

    return Counted


def opening(uri: str, step: int) -> dict[str, float]:
    """The place of the first request for data in the chain, and the time to the first batch."""
    chain = Chain()
    store = counted(S3Store if uri.startswith("s3://") else LocalStore, chain)(uri)
    began = time.perf_counter()
    reader = lakestream.Stream(store, start_step=step).reader(start_step=step)
    next(iter(reader))
    return {
        "round trips": chain.first_data,
        "requests before data": chain.requests,
        "ms": 1e3 * (time.perf_counter() - began),
    }


def main() -> None:
    """Measures what the first argument says."""
    what, uri, *rest = sys.argv[1:]
    number = int(rest[0]) if rest else 0
    measured = {
        "wait": lambda: wait(uri, number),
        "rate": lambda: rate(uri),
        "memory": lambda: memory(uri, number),
        "open": lambda: opening(uri, number),
    }[what]()
    sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
