# SPDX-License-Identifier: Apache-2.0
"""Heartbeats: where a reading job says how far it got, so that producers do not run far ahead."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from lakestream import keys
from lakestream.errors import LakestreamError
from lakestream.sealed import SMALL_LIMIT, seal
from lakestream.store import writable
from lakestream.threads import start_daemon

if TYPE_CHECKING:
    from collections.abc import Callable

    from lakestream.stream import Stream

BEAT_SECONDS: Final = 30.0
"""They expire after ten minutes."""

_FAREWELL_SECONDS: Final = 2.0
"""How long the end of a reader waits until the store was told."""


class Heartbeat:
    """Says in the background, now and then, which step a job reads next.

    Nothing depends on it but the producers' patience: what fails is tried again the next time.

    A reader that ends, whether at the end of the stream or earlier, takes back what it said, so
    that producers are not held back by nobody. A job that is killed says nothing any more; what it
    said last counts for ten minutes.
    """

    def __init__(self, stream: Stream, job: str, next_step: Callable[[], int]) -> None:
        if not keys.is_name(job):
            raise ValueError(f"the job {job!r:.200} is no name: letters, digits, and . _ - inside")
        self._store = writable(stream.store)
        self._stream = stream.id
        self._job = job
        self._next_step = next_step
        self._said = b""
        self._pid = os.getpid()
        self._stop = threading.Event()
        self._thread = start_daemon("lakestream-heartbeat", self._run, self._stop.set)

    def stop(self) -> None:
        """Ends, and waits a little until the store knows. Does nothing in the child of a fork."""
        self._stop.set()
        if self._pid == os.getpid() and threading.current_thread() is not self._thread:
            self._thread.join(_FAREWELL_SECONDS)

    @property
    def _key(self) -> str:
        return f"{keys.PROGRESS}{self._job}.json"

    def _run(self) -> None:
        while not self._stop.is_set():
            with suppress(LakestreamError):
                self._said = self._beat()
                self._store.put(self._key, self._said)
            self._stop.wait(BEAT_SECONDS)
        with suppress(LakestreamError):
            self._take_back()

    def _take_back(self) -> None:
        """Another reader of the job may have begun; what that one said stays."""
        if self._store.get(self._key, SMALL_LIMIT) == self._said:
            self._store.delete(self._key)

    def _beat(self) -> bytes:
        return seal(
            {
                "lakestream": 1,
                "stream": self._stream,
                "job": self._job,
                "next_step": self._next_step(),
                "time": time.time_ns() // 1_000_000,
            }
        )
