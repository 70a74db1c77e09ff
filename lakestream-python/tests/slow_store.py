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
        self._lock = threading.Lock()

    @contextmanager
    def _travel(self, what: str) -> Iterator[None]:
        with self._lock:
            self.requests.append(what)
        time.sleep(self.seconds)
        self.let_go.wait(30)
        if what in self.failing:
            raise ConnectionError(what)
        yield

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


class RoundsStore(FarStore):
    """Answers all requests that are under way together, once no other has come for a while.

    So what is in the same round did not wait for one another, however slow the machine is.
    """

    def __init__(self, root: str | os.PathLike[str], quiet_seconds: float = 0.3) -> None:
        super().__init__(root)
        self.rounds: list[list[str]] = []
        self._quiet = quiet_seconds
        self._arrived = threading.Condition()
        self._pending: list[str] = []
        self._answered = threading.Event()
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        while True:
            with self._arrived:
                while not self._pending:
                    self._arrived.wait()
                count = 0
                while count < len(self._pending):
                    count = len(self._pending)
                    self._arrived.wait_for(lambda n=count: len(self._pending) > n, self._quiet)  # type: ignore[misc]
                self.rounds.append(self._pending)
                self._pending = []
                answered, self._answered = self._answered, threading.Event()
            answered.set()

    @contextmanager
    def _travel(self, what: str) -> Iterator[None]:
        with self._arrived:
            self._pending.append(what)
            self._arrived.notify_all()
            answered = self._answered
        answered.wait(60)
        yield
