# SPDX-License-Identifier: Apache-2.0
"""Pins: the steps that a live checkpoint needs stay readable until it is released.

A pin is put before the log is read, and who trims announces it in the log before pins are listed;
so of a pinner and a trimmer that race, at least one sees the other. No clock ends a pin.
"""

from __future__ import annotations

import re
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lakestream import keys
from lakestream.errors import LakestreamError, ObjectNotFoundError, PinError, TrimmedStepError
from lakestream.log import CancelAction
from lakestream.sealed import seal
from lakestream.store import writable

if TYPE_CHECKING:
    from lakestream.fold import Intent
    from lakestream.stream import Stream

_MAX_CANCELLED: Final = 64
_WRITER: Final = "lakestream-python"


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin as it was put: `start` and all steps after it stay readable."""

    key: str
    job: str
    checkpoint: str
    start: int


class Pins:
    """The pins of one job. Not thread-safe; moves the stream to its tail."""

    def __init__(self, stream: Stream, job: str) -> None:
        self._stream = stream
        self._store = writable(stream.store)
        self._job = _checked("job", job)

    def pin(self, checkpoint: str, start: int) -> Pin:
        """Keeps the steps from `start` on, also those to come.

        Once this returns, the checkpoint may be relied on. An announced trim that would take the
        steps is cancelled; the trimmer tries again later.

        Raises `TrimmedStepError` if some are gone, `PinError` if they cannot be kept; then there is
        no pin, unless the error says so.
        """
        _checked("checkpoint", checkpoint)
        self._stream.refresh()
        if not 0 <= start <= self._stream.next_step:
            raise PinError(f"step {start} is beyond the tail: there are {self._stream.next_step}")
        self._check_readable(start)
        key = f"{keys.PINS}{self._job}/{checkpoint}-{uuid.uuid4()}.json"
        pin = {
            "lakestream": 1,
            "stream": self._stream.id,
            "job": self._job,
            "checkpoint": checkpoint,
            "from": start,
            "created": time.time_ns() // 1_000_000,
        }
        try:
            self._store.put_if_absent(key, seal(pin))
            self._make_sure(start)
        except BaseException as error:
            try:
                self._store.delete(key)
            except LakestreamError:
                raise PinError(f"{error}; the pin {key} may still be there: release it") from error
            raise
        return Pin(key, self._job, checkpoint, start)

    def release(self, checkpoint: str) -> int:
        """Ends all pins of a checkpoint, readable or not; how many they were."""
        _checked("checkpoint", checkpoint)
        folder = f"{keys.PINS}{self._job}/"
        # A checkpoint's name may be the beginning of another one's: only a UUID may follow.
        named = re.compile(
            re.escape(folder + checkpoint) + r"-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json"
        )
        found = [key for key in self._store.list(folder) if named.fullmatch(key)]
        for key in found:
            with suppress(ObjectNotFoundError):
                self._store.delete(key)
        return len(found)

    def _check_readable(self, start: int) -> None:
        if start < self._stream.first_readable:
            raise TrimmedStepError(start, self._stream.first_readable)

    def _make_sure(self, start: int) -> None:
        """The pin is there; what the log says from now on was written in its sight."""
        for _ in range(_MAX_CANCELLED + 1):
            self._stream.refresh()
            self._check_readable(start)
            intent = self._stream.state.intent
            if intent is None or intent.to <= start:
                return
            self._cancel(intent)
        raise PinError(
            f"step {start} cannot be pinned: a trim above it was announced again and again,"
            f" {_MAX_CANCELLED} times; stop who does that"
        )

    def _cancel(self, intent: Intent) -> None:
        """Tries to commit a cancellation behind the tail; the log says what became of it."""
        state = self._stream.state
        version = state.version + 1
        action = CancelAction(intent.version)
        entry = {
            "version": version,
            "id": str(uuid.uuid4()),
            "prev": state.digest,
            "time": max(time.time_ns() // 1_000_000, state.time),
            "writer": _WRITER,
            "requires": [],
            "first_step": state.next_step,
            "first_row": state.rows,
            "first_token": state.tokens,
            "actions": [{"type": "cancel", "intent": action.intent}],
        }
        self._store.put_if_absent(keys.log_entry(version), seal(entry))


def _checked(what: str, name: str) -> str:
    if not keys.is_name(name):
        raise ValueError(
            f"the {what} {name!r:.200} must be 1 to 128 characters of A-Z a-z 0-9 . _ -, and not"
            " begin with one of . _ -"
        )
    return name
