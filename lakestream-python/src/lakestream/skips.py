# SPDX-License-Identifier: Apache-2.0
"""The steps that a reader leaves out."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lakestream.fold import Skip


class AppliedSkips:
    """The skips of a rules version, as ranges that neither overlap nor touch. Immutable."""

    def __init__(self, skips: Iterable[Skip]) -> None:
        self._starts: list[int] = []
        self._stops: list[int] = []
        for start, stop in sorted((skip.start, skip.stop) for skip in skips):
            if self._stops and start <= self._stops[-1]:
                self._stops[-1] = max(self._stops[-1], stop)
            else:
                self._starts.append(start)
                self._stops.append(stop)

    def first_delivered(self, step: int) -> int:
        """The first step from `step` on that is delivered."""
        if not self._starts:
            return step
        position = bisect_right(self._starts, step) - 1
        return max(step, self._stops[position]) if position >= 0 else step
