# SPDX-License-Identifier: Apache-2.0
"""Files opened by a path that no symbolic link is part of, in one call to the kernel.

Where a path leads to takes four calls to find out otherwise: to open it without effect, to ask the
kernel where that is, to open it again, and to close the first. Sequences of small files are read at
the speed at which they are opened.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Final

_OPENAT2: Final = 437
"""The same number on all architectures but Alpha, since Linux 5.6 (openat2(2))."""

_HERE: Final = -100
_NO_SYMLINKS: Final = 0x04
_FLAGS: Final = sum(
    getattr(os, name, 0) for name in ("O_RDONLY", "O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY")
)
_HOW: Final = (ctypes.c_uint64 * 3)(_FLAGS, 0, _NO_SYMLINKS)
_HOW_AT: Final = ctypes.addressof(_HOW)
_HOW_SIZE: Final = ctypes.sizeof(_HOW)


def _syscall() -> ctypes._FuncPointer:
    call = ctypes.CDLL(None).syscall
    call.restype = ctypes.c_long
    call.argtypes = (
        ctypes.c_long,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_void_p,
        ctypes.c_size_t,
    )
    return call


_SYSCALL: Final = _syscall() if sys.platform == "linux" else None


def open_linkless(path: bytes) -> int | None:
    """A descriptor to read what is at `path`; None if it was not opened, for whatever reason.

    A symbolic link anywhere in the path is such a reason, an older kernel another, or one that
    keeps the call from a container. What is opened need not be a file; nothing waits for what is a
    pipe.
    """
    if _SYSCALL is None:
        return None
    descriptor = _SYSCALL(_OPENAT2, _HERE, path, _HOW_AT, _HOW_SIZE)
    return None if descriptor < 0 else descriptor
