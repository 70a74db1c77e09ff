# SPDX-License-Identifier: Apache-2.0
"""Waiting for a step: how often to look, and what to say when the patience is over."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lakestream.fold import Producer

SHORTEST = 0.002
LONGEST = 2.0
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as a reader sees it, in seconds: `monotonic` for deadlines, `wall` for ages.

    `sleep` is for tests; without it, waiting ends early where there is something to do.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] | None = None


class Rhythm:
    """How often to poll: often enough for the pace of commits, seldom enough for the store.

    Looks are closer together around the time at which the next commit is to be expected, and come
    ever less often when it is overdue: some ten of them find a punctual commit within a
    thirty-second of the usual gap.
    """

    def __init__(self) -> None:
        self._gap = 4 * SHORTEST

    def observe(self, waited: float) -> None:
        """Something was committed after `waited` seconds."""
        self._gap = 0.5 * self._gap + 0.5 * waited

    def pause(self, waited: float) -> float:
        """Seconds until the next look, having waited for `waited` seconds."""
        return min(max(abs(self._gap - waited) / 3, self._gap / 32, SHORTEST), LONGEST)


def timeout_message(
    step: int, tail: int, waited: float, producers: Sequence[Producer] | None, now: float
) -> str:
    """What to say of a step that did not come; `now` is wall time in seconds.

    `producers` are all of the stream, the latest to commit first, or None where nobody knows.
    """
    known = f"the tail is {tail}" if tail >= 0 else "the stream has no step yet"
    text = f"step {step} is not committed after {waited:.0f} s: {known}"
    if producers is None:
        return f"{text}; when producers committed last cannot be read"
    for producer in producers[:_NAMED]:
        age = max(0.0, now - producer.time / 1000)
        text += f"; producer {producer.id} last committed {age:.0f} s ago"
    if len(producers) > _NAMED:
        text += f"; {len(producers) - _NAMED} more committed before that"
    return text if producers else f"{text}; no producer ever committed"
