# SPDX-License-Identifier: Apache-2.0
"""Checksums of cells that will be wanted soon, computed in the background.

The checksum is what reading costs: everything else is a few microseconds a cell. Its computation
releases the interpreter, so a second core can do it while the training loop does something else.
"""

from __future__ import annotations

import os
import threading
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_THREADS = 2


class Background:
    """A few threads for the readers of a stream, started when first used and ended with it.

    Threads do not survive a fork. A child gets new ones, and `Check.mine` tells what its parent had
    begun from what it has begun itself. Thread-safe.
    """

    __slots__ = ("__weakref__", "_lock", "_pid", "_pool")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._pid = -1

    def begin(self, checks: Sequence[Callable[[], None]]) -> list[Check]:
        """Begins checks, one after the other in one thread; gives a handle on each."""
        with self._lock:
            if self._pool is None or self._pid != os.getpid():
                self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="lakestream")
                self._pid = os.getpid()
                weakref.finalize(self, self._pool.shutdown, wait=False, cancel_futures=True)
            future = self._pool.submit(_outcomes, tuple(checks))
            return [Check(future, number, self._pid) for number in range(len(checks))]


def _outcomes(checks: Sequence[Callable[[], None]]) -> list[Exception | None]:
    """What each check raised. One that fails says nothing of the others."""
    outcomes: list[Exception | None] = []
    for check in checks:
        try:
            check()
        except Exception as error:  # noqa: BLE001, PERF203 - raised where it is waited for
            outcomes.append(error)
        else:
            outcomes.append(None)
    return outcomes


class Check:
    """A check that has been begun."""

    __slots__ = ("_future", "_number", "_pid")

    def __init__(self, future: Future[list[Exception | None]], number: int, pid: int) -> None:
        self._future = future
        self._number = number
        self._pid = pid

    @property
    def mine(self) -> bool:
        """Whether it was begun by this process; another's will never end here."""
        return self._pid == os.getpid()

    def wait(self) -> None:
        """Returns once the check has passed; raises what it found."""
        outcome = self._future.result()[self._number]
        if outcome is not None:
            raise outcome
