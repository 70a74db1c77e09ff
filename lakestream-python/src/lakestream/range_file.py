# SPDX-License-Identifier: Apache-2.0
"""The file of a range in a host's cache: its name, its bytes, and a footer that vouches for both.

The footer has 64 bytes, little-endian: `LSRANGE1`, the length of the range (8), the name (32), the
CRC32C of the range (4), zeros (8), and the CRC32C of the footer up to here (4).
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from crc32c import crc32c

from lakestream.mapping import map_range

if TYPE_CHECKING:
    import pyarrow as pa

FOOTER_BYTES: Final = 64

_FOOTER = struct.Struct("<8sQ32sI8x")
_FOOTER_CRC = struct.Struct("<I")
_MAGIC = b"LSRANGE1"


def range_name(stream: str, key: str, start: int, length: int) -> str:
    """The file's name of a range of a bundle of `stream`."""
    text = f"lakestream range 1\n{stream}\n{key}\n{start}\n{length}\n"
    return hashlib.sha256(text.encode()).hexdigest()


def open_verified(path: str, name: str, length: int) -> pa.Buffer | None:
    """The range in a file, mapped; None if there is no such file.

    A file that is not what it should be is removed: it was torn, or somebody meddled with it.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        mapped = _verified(file, name, length)
        with suppress(FileNotFoundError):
            if mapped is None:
                os.unlink(path)
            else:
                os.utime(path)
    except (OSError, ValueError):
        return None
    finally:
        os.close(file)
    return mapped


def fill(file: int, name: str, data: pa.Buffer) -> pa.Buffer:
    """Writes the range and its footer to an open file; the range, mapped."""
    _write(file, data)
    _write(file, _footer(name, data.size, crc32c(data)))
    return map_range(file, 0, data.size)


def _footer(name: str, length: int, crc: int) -> bytes:
    facts = _FOOTER.pack(_MAGIC, length, bytes.fromhex(name), crc)
    return facts + _FOOTER_CRC.pack(crc32c(facts))


def _verified(file: int, name: str, length: int) -> pa.Buffer | None:
    facts = os.fstat(file)
    if not stat.S_ISREG(facts.st_mode) or facts.st_size != length + FOOTER_BYTES:
        return None
    footer = os.pread(file, FOOTER_BYTES, length)
    mapped = map_range(file, 0, length)
    return mapped if footer == _footer(name, length, crc32c(mapped)) else None


def _write(file: int, data: pa.Buffer | bytes) -> None:
    rest = memoryview(data).cast("B")
    while rest:
        rest = rest[os.write(file, rest) :]
