# SPDX-License-Identifier: Apache-2.0
"""Checksums of cells that will be wanted soon, computed in the background.

The checksum is what reading costs: everything else is a few microseconds a cell. Its computation
releases the interpreter, so a second core can do it while the training loop does something else.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lakestream.threads import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

_THREADS = 2


class Background:
    """A few threads for the readers of a stream, started when first used and ended with it.

    Threads do not survive a fork. A child gets new ones, and `Check.mine` tells what its parent had
    begun from what it has begun itself. Thread-safe.
    """

    __slots__ = ("_workers",)

    def __init__(self) -> None:
        self._workers = Workers(_THREADS, "lakestream-check")

    def begin(self, checks: Sequence[Callable[[], None]]) -> list[Check]:
        """Begins checks, one after the other in one thread; gives a handle on each."""
        future = self._workers.submit(_outcomes, tuple(checks))
        return [Check(future, number, os.getpid()) for number in range(len(checks))]


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
