# SPDX-License-Identifier: Apache-2.0
"""Maps that nobody looks at any more, and how they end: several in one call, where many end.

Each call that ends a map has the processor forget which addresses it has translated, those of the
interpreter too, and to find them again takes longer in a virtual machine than the call itself. A
loop that reads small ranges as fast as it can ends thousands of maps a second.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAPS = 16
"""So many maps end together at most,"""

BYTES = 16 << 20
"""or so many bytes of them. Until then they cost no memory but what somebody wrote to them."""

SECONDS = 0.002
"""A map that is released so long after the last one ends at once."""


class Unmapping:
    """Ends maps. Thread-safe, and whatever thread it is called in, it never waits."""

    # All are members: globals may be gone when the interpreter is taken down.
    __slots__ = (
        "_bytes",
        "_clock",
        "_last",
        "_most_bytes",
        "_most_maps",
        "_pause",
        "_released",
        "_sorted",
        "_unmap",
    )

    def __init__(
        self,
        unmap: Callable[[int, int], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`unmap` ends what is mapped from an address on, so many bytes; a multiple of pages."""
        self._unmap = unmap
        self._clock = clock
        self._sorted = sorted
        self._most_maps, self._most_bytes, self._pause = MAPS, BYTES, SECONDS
        self._released: deque[tuple[int, int]] = deque()
        self._bytes = 0
        self._last = clock()

    def release(self, address: int, size: int) -> None:
        """Ends a map of `size` bytes, a multiple of pages: now, or soon together with others."""
        now = self._clock()
        self._released.append((address, size))
        self._bytes += size
        hurried = now - self._last < self._pause
        self._last = now
        full = self._bytes >= self._most_bytes or len(self._released) >= self._most_maps
        if full or not hurried:
            self.end_all()

    def end_all(self) -> None:
        """Ends all maps that were released, neighbours in one call."""
        self._bytes = 0
        taken: list[tuple[int, int]] = []
        try:
            while True:  # Another thread may do the same: each map is taken once.
                taken.append(self._released.popleft())
        except IndexError:
            pass
        begin = end = 0
        for address, size in self._sorted(taken):
            if address != end:
                if end:
                    self._unmap(begin, end - begin)
                begin = address
            end = address + size
        if end:
            self._unmap(begin, end - begin)
