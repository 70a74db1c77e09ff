# SPDX-License-Identifier: Apache-2.0
"""Memory for ranges that are fetched, used again when nobody looks at it any more.

Fresh memory is cleared by the kernel, page by page as it is touched, which costs as much as to copy
into it.
"""

from __future__ import annotations

import ctypes
import mmap
import threading
import weakref
from collections import deque

import pyarrow as pa

_SMALLEST = 1 << 20
"""Less is Arrow's business."""

_MOST_IDLE = 80 << 20
"""What is kept of memory that nobody uses."""

_SPARE = 4
"""A region serves what leaves less than one of so many parts of it unused."""


class RangeMemory:
    """Gives buffers, and takes their memory back when the last slice of one is gone. Thread-safe.

    What it keeps it has given before, and it keeps nothing while it gives fresh memory; so together
    there never is more of it than was in use at a time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Memory comes back in whatever thread drops the last buffer, maybe in the middle of a
        # collection: nothing may be waited for then.
        self._idle: deque[mmap.mmap] = deque()

    @property
    def idle_bytes(self) -> int:
        """What is kept for the next buffer."""
        return sum(len(region) for region in list(self._idle))

    def buffer(self, length: int) -> pa.Buffer:
        """Writable memory of `length` bytes that begins at a multiple of 64, with any content."""
        if length < _SMALLEST:
            return pa.allocate_buffer(length)
        region = self._take(length)
        # Nobody else knows it: when it dies, so have all buffers over it.
        lease = (ctypes.c_char * length).from_buffer(region)
        weakref.finalize(lease, self._give_back, region).atexit = False
        return pa.py_buffer(lease)

    def _take(self, length: int) -> mmap.mmap:
        with self._lock:
            for region in list(self._idle):
                if length <= len(region) <= length + length // _SPARE:
                    self._idle.remove(region)
                    return region
            self._idle.clear()
        return mmap.mmap(-1, length, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)

    def _give_back(self, region: mmap.mmap) -> None:
        if self.idle_bytes + len(region) <= _MOST_IDLE:
            self._idle.append(region)
