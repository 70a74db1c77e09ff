# SPDX-License-Identifier: Apache-2.0
"""Heartbeats: where a reading job says how far it got, so that producers do not run far ahead."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from lakestream import keys
from lakestream.errors import LakestreamError
from lakestream.sealed import seal
from lakestream.store import writable
from lakestream.threads import start_daemon

if TYPE_CHECKING:
    from collections.abc import Callable

    from lakestream.stream import Stream

BEAT_SECONDS: Final = 30.0
"""They expire after ten minutes."""


class Heartbeat:
    """Says in the background, now and then, which step a job reads next.

    Nothing depends on it but the producers' patience: what fails is tried again the next time.
    """

    def __init__(self, stream: Stream, job: str, next_step: Callable[[], int]) -> None:
        if not keys.is_name(job):
            raise ValueError(f"the job {job!r:.200} is no name: letters, digits, and . _ - inside")
        self._store = writable(stream.store)
        self._stream = stream.id
        self._job = job
        self._next_step = next_step
        self._ended = False
        self._stop = threading.Event()
        start_daemon("lakestream-heartbeat", self._run, self._stop.set)

    def stop(self, *, ended: bool) -> None:
        """Says no more; a job that has `ended` holds no producer back from now on."""
        self._ended = ended
        self._stop.set()

    @property
    def _key(self) -> str:
        return f"{keys.PROGRESS}{self._job}.json"

    def _run(self) -> None:
        while not self._stop.is_set():
            with suppress(LakestreamError):
                self._store.put(self._key, self._beat())
            self._stop.wait(BEAT_SECONDS)
        if self._ended:
            with suppress(LakestreamError):
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
