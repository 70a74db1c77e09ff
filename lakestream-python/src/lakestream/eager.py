# SPDX-License-Identifier: Apache-2.0
"""Requests sent before their answers are needed, so that a chain of round trips gets shorter."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from lakestream.threads import Workers

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from lakestream.store import ObjectStore

_THREADS = 64


class EagerReads:
    """Whole objects and listings of a store; those that were announced are under way already.

    An announcement serves one read. Where the store is not remote nothing is sent ahead, and an
    announcement does nothing. Thread-safe.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._workers = Workers(_THREADS, "lakestream-eager")
        self.after_fork()

    def after_fork(self) -> None:
        """In the child: no answer will come."""
        self._lock = threading.Lock()
        self._gets: dict[str, Future[bytes]] = {}
        self._lists: dict[tuple[str, str], Future[list[str]]] = {}

    @property
    def remote(self) -> bool:
        """Whether announcements are of use."""
        return self._store.remote

    def expect_get(self, key: str, limit: int) -> None:
        """`get` will be called with these."""
        if self.remote and key not in self._gets:
            with self._lock:
                self._gets[key] = self._workers.submit(self._store.get, key, limit)

    def expect_list(self, prefix: str, start_after: str = "") -> None:
        """`list` will be called with these."""
        if self.remote:
            with self._lock:
                future = self._workers.submit(self._store.list, prefix, start_after)
                self._lists[prefix, start_after] = future

    def begin(self, run: Callable[[], object]) -> None:
        """Runs something that warms a cache; what it raises nobody hears."""
        if self.remote:
            self._workers.submit(run)

    def get(self, key: str, limit: int) -> bytes:
        """The whole object, as `ObjectStore.get`."""
        with self._lock:
            expected = self._gets.pop(key, None)
        return self._store.get(key, limit) if expected is None else expected.result()

    def list(self, prefix: str, start_after: str = "") -> list[str]:
        """The keys of a folder, as `ObjectStore.list`."""
        with self._lock:
            expected = self._lists.pop((prefix, start_after), None)
        return self._store.list(prefix, start_after) if expected is None else expected.result()

    def forget(self) -> None:
        """Drops answers that nobody took: they get old."""
        with self._lock:
            self._gets.clear()
            self._lists.clear()
