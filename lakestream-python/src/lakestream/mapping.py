# SPDX-License-Identifier: Apache-2.0
"""Files as memory, without a descriptor for as long as the memory is used.

The `mmap` of the standard library keeps a descriptor for each map (until Python 3.13 it cannot be
told not to), Arrow's memory-mapped files do too. Who collects the batches of a thousand bundles in
a list would run out of them: a process has 1,024 as a rule.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from typing import Final

import pyarrow as pa

from lakestream.unmapping import Unmapping

_NO_RESERVE = getattr(mmap, "MAP_NORESERVE", 0x4000 if sys.platform == "linux" else 0)
"""Private maps of large bundles must not count as memory that may be needed."""

_FLAGS: Final = mmap.MAP_PRIVATE | _NO_RESERVE
"""Whoever holds a map may write to it, and nobody else sees that."""

_NO_WAIT: Final[int | None] = getattr(os, "RWF_NOWAIT", None)

_FAILED: Final = ctypes.c_void_p(-1).value

_C: Final = ctypes.CDLL(None, use_errno=True)
_MMAP: Final = _C.mmap
_MMAP.restype = ctypes.c_void_p
_MMAP.argtypes = (
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_ssize_t,
)
_MUNMAP: Final = _C.munmap
_MUNMAP.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
_MADVISE: Final = _C.madvise
_MADVISE.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


UNMAPPING: Final = Unmapping(_MUNMAP)
"""That of this process."""


class _Map(ctypes.Array[ctypes.c_char]):
    """A map and whatever lies behind it, so that one type serves maps of every length.

    Releases the map when nobody looks at it any more.
    """

    _type_ = ctypes.c_char
    _length_ = sys.maxsize
    length = 0
    """The bytes of all its pages."""

    def __del__(self, release=UNMAPPING.release, address=ctypes.addressof) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        # The module may be gone when the interpreter is taken down.
        release(address(self), self.length)


def map_range(descriptor: int, start: int, length: int) -> pa.Buffer:
    """`length` bytes of an open file from `start` on; the file may be closed.

    The kernel is told to bring them into memory, unless the last of them is there: to walk along
    what is there already takes it longer than to open the file.

    The caller knows that the file has them: the process dies of a look at what is not there.
    Raises `OSError`.
    """
    if length == 0:
        return pa.py_buffer(b"")
    before = start % mmap.ALLOCATIONGRANULARITY
    whole = before + length
    address = _MMAP(
        None, whole, mmap.PROT_READ | mmap.PROT_WRITE, _FLAGS, descriptor, start - before
    )
    if address == _FAILED:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    mapped = _Map.from_address(address)
    mapped.length = -(-whole // mmap.PAGESIZE) * mmap.PAGESIZE
    if not _is_cached(descriptor, start + length - 1):
        _MADVISE(address, whole, mmap.MADV_WILLNEED)
    return pa.py_buffer(memoryview(mapped)[before:whole])


def _is_cached(descriptor: int, at: int) -> bool:
    """Whether the byte `at` of a file is in memory, as far as the kernel tells without waiting."""
    if _NO_WAIT is None:
        return False
    try:
        return os.preadv(descriptor, [bytearray(1)], at, _NO_WAIT) == 1
    except OSError:
        return False  # EAGAIN, or a file system that cannot tell.
