# SPDX-License-Identifier: Apache-2.0
"""A store as far away as a test wants it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

from lakestream.store import LocalStore

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator


class FarStore(LocalStore):
    """A directory whose every request takes a while, or waits until it is let go.

    Requests that overlap in time are one round trip of a chain: `chain` counts the longest chain,
    `depths` has the place of each request in it.
    Ranges are copied into memory, as they come from a network.
    """

    remote = True

    def __init__(self, root: str | os.PathLike[str], seconds: float = 0.0) -> None:
        super().__init__(root)
        self.seconds = seconds
        self.requests: list[str] = []
        self.failing: set[str] = set()
        self.let_go = threading.Event()
        self.let_go.set()
        self.chain = 0
        self.depths: list[tuple[int, str]] = []
        self._lock = threading.Lock()

    @contextmanager
    def _travel(self, what: str) -> Iterator[None]:
        with self._lock:
            self.requests.append(what)
            depth = self.chain
            self.depths.append((depth + 1, what))
        time.sleep(self.seconds)
        self.let_go.wait(30)
        if what in self.failing:
            raise ConnectionError(what)
        yield
        with self._lock:
            self.chain = max(self.chain, depth + 1)

    def get(self, key: str, limit: int) -> bytes:
        with self._travel(key):
            pass
        return super().get(key, limit)

    def get_range(self, key: str, start: int, length: int) -> bytes:
        with self._travel(key):
            pass
        return super().get_range(key, start, length)

    def map(self, key: str, start: int, length: int) -> pa.Buffer:
        with self._travel(key):
            pass
        data = super().get_range(key, start, length)
        target = pa.allocate_buffer(length)
        memoryview(target).cast("B")[:] = data
        return target

    def head(self, key: str) -> int:
        with self._travel(key):
            pass
        return super().head(key)

    def list(self, prefix: str, start_after: str = "") -> list[str]:
        with self._travel(prefix):
            pass
        return super().list(prefix, start_after)
