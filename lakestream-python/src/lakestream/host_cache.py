# SPDX-License-Identifier: Apache-2.0
"""Ranges of bundles that the processes of one host fetch once: a folder, and no daemon.

Peers along tensor, pipeline and context parallelism read the same ranges. The first of them fetches
and leaves a file; the others map it. Everything that must not outlive a process is a lock on a byte
of the file `locks`, which the kernel releases whatever becomes of its owner:

- byte 0 is shared by all processes that use the folder; the last one to leave empties it;
- byte 1 + n belongs to whoever fetches the range whose name begins with the number n;
- the last byte belongs to whoever makes room.

A file is written under a name of its own and renamed when it is complete. Its footer says which
range it holds and has a checksum of it, which every process compares before it uses the file: what
is not as it must be is removed and fetched again. Whatever goes wrong with the cache, a reader gets
its bytes from the store.

Java's `HostCache` uses the same names, locks and footers.
"""

from __future__ import annotations

import fcntl
import os
import re
import threading
import time
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Final

from lakestream.range_file import FOOTER_BYTES, fill, open_verified, range_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from lakestream.store import ObjectStore, Ranges

FOLDER_VARIABLE: Final = "LAKESTREAM_CACHE"
BYTES_VARIABLE: Final = "LAKESTREAM_CACHE_BYTES"
DEFAULT_BYTES: Final = 4 << 30

_RANGE = re.compile("[0-9a-f]{64}")
_SCRATCH = re.compile(r"\.([0-9a-f]{64})\.[0-9a-f-]{36}")

_PRESENCE_AT = 0
_ROOM_AT = (1 << 62) + 1

_PATIENCE_SECONDS = 20.0
"""How long another process may take to fetch a range before it is fetched beside the cache."""

_ROOM_SECONDS = 2.0
_IDLE_SECONDS = 600.0
"""What nobody has opened for so long is removed by whoever makes room."""

_FIRST_PAUSE_SECONDS = 0.0005
_LONGEST_PAUSE_SECONDS = 0.008


class HostCache:
    """A folder of ranges that the processes of a host share. Thread-safe; a fork may go on with it.

    The files take at most `limit` bytes; what was opened least recently goes first. Whoever has
    mapped a file keeps its bytes when the file goes.
    """

    def __init__(
        self, folder: str, limit: int = DEFAULT_BYTES, *, patience: float = _PATIENCE_SECONDS
    ) -> None:
        """Makes the folder if need be. `ValueError` if others may write to it, or it is none."""
        if limit < 0:
            raise ValueError(f"a cache of {limit} bytes")
        self.folder = os.path.realpath(folder)
        self.limit = limit
        self._patience = patience
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            facts = os.stat(self.folder)
            if facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
                raise ValueError(
                    f"the cache {self.folder} must be a folder of your own that nobody else may"
                    " write to: name one that does not exist yet"
                )
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._locks = os.open(os.path.join(self.folder, "locks"), flags, 0o600)
        except OSError as error:
            raise ValueError(f"the cache {self.folder} cannot be used: {error}") from error
        self._end: Finalize | None = None
        self.after_fork()
        self._enter()
        _caches.append(self)

    def after_fork(self) -> None:
        """In the child: it holds no locks, and nobody is at work for it."""
        self._lock = threading.Lock()
        self._room_lock = threading.Lock()
        self._busy: set[str] = set()
        self._present = False
        self._left = False

    def __repr__(self) -> str:
        return f"HostCache({self.folder!r}, {self.limit})"

    def map(
        self, stream: str, key: str, start: int, length: int, fetch: Callable[[], pa.Buffer]
    ) -> tuple[pa.Buffer, bool]:
        """The bytes of a range, and whether somebody else had fetched them.

        Unless there is a file, or one comes in time, `fetch` is called. What it raises goes to the
        caller, and to nobody who waits: the next one tries. Whoever holds the buffer may write to
        it, and nobody else sees that.
        """
        name = range_name(stream, key, start, length)
        self._enter()
        found = self._open(name, length)
        if found is not None:
            return found, True
        ours = self._await_turn(name)
        try:
            # Somebody may have fetched it meanwhile, or takes too long.
            found = self._open(name, length)
            if found is not None:
                return found, True
            data = fetch()
            return (self._keep(name, data) if ours else data), False
        finally:
            if ours:
                self._end_turn(name)

    def leave(self) -> None:
        """Ends this process's use of the folder. The last one to leave removes all files."""
        with self._lock:
            self._left = True
            self._present = False
            if not self._busy:
                _leave(self.folder, self._locks)

    def _enter(self) -> None:
        """Says that this process is there; if that fails, files may go earlier than need be."""
        with self._lock:
            if not self._present and _locked(self._locks, _PRESENCE_AT, shared=True):
                if self._end is not None:
                    self._end.cancel()
                # Of multiprocessing: its children know no other way to end in order.
                self._end = Finalize(self, _end, (self.folder, self._locks), exitpriority=1)
                self._present = True
                self._left = False

    def _open(self, name: str, length: int) -> pa.Buffer | None:
        return open_verified(os.path.join(self.folder, name), name, length)

    def _await_turn(self, name: str) -> bool:
        """Returns when it is this thread's turn to fetch; false once the file is there, or late."""
        path = os.path.join(self.folder, name)
        until = time.monotonic() + self._patience
        pause = _FIRST_PAUSE_SECONDS
        while not self._begin_turn(name):
            if time.monotonic() >= until:
                return False
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            if os.path.exists(path):
                return False
        return True

    def _begin_turn(self, name: str) -> bool:
        with self._lock:
            if name in self._busy or not _locked(self._locks, _turn_at(name)):
                return False
            self._busy.add(name)
            return True

    def _end_turn(self, name: str) -> None:
        with self._lock:
            self._busy.discard(name)
            _unlock(self._locks, _turn_at(name))

    def _keep(self, name: str, data: pa.Buffer) -> pa.Buffer:
        """Makes a file of what was fetched; the bytes are then those of the file, if there is."""
        scratch = os.path.join(self.folder, f".{name}.{uuid.uuid4()}")
        try:
            file = self._reserve(scratch, data.size + FOOTER_BYTES)
            if file is None:
                return data
            try:
                mapped = fill(file, name, data)
                os.rename(scratch, os.path.join(self.folder, name))
            except BaseException:
                with suppress(OSError):
                    os.unlink(scratch)
                raise
            finally:
                os.close(file)
        except OSError:
            return data  # A full disk, as a rule.
        return mapped

    def _reserve(self, scratch: str, size: int) -> int | None:
        """A new file of so many bytes, which count from now on; None if there is no room."""
        if size > self.limit or self._left:
            return None
        with self._room() as mine:
            if not mine or not self._make_room(size):
                return None
            file = os.open(scratch, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            os.ftruncate(file, size)
            return file

    @contextmanager
    def _room(self) -> Iterator[bool]:
        """One process at a time; false if another one takes too long."""
        with self._room_lock:
            until = time.monotonic() + _ROOM_SECONDS
            while not (mine := _locked(self._locks, _ROOM_AT)) and time.monotonic() < until:
                time.sleep(_FIRST_PAUSE_SECONDS)
            try:
                yield mine
            finally:
                if mine:
                    _unlock(self._locks, _ROOM_AT)

    def _make_room(self, size: int) -> bool:
        """Removes what no living process writes, what is idle, then what was opened longest ago."""
        idle = time.time() - _IDLE_SECONDS
        kept: list[tuple[float, int, str]] = []
        total = size
        for entry in os.scandir(self.folder):
            scratch = _SCRATCH.fullmatch(entry.name)
            if scratch is None and _RANGE.fullmatch(entry.name) is None:
                continue
            with suppress(FileNotFoundError):
                facts = entry.stat(follow_symlinks=False)
                if scratch is None and facts.st_mtime >= idle:
                    kept.append((facts.st_mtime, facts.st_size, entry.path))
                elif scratch is None or self._is_dead(scratch[1]):
                    os.unlink(entry.path)
                    continue
                total += facts.st_size
        for _, bytes_, path in sorted(kept):
            if total <= self.limit:
                break
            with suppress(FileNotFoundError):
                os.unlink(path)
            total -= bytes_
        return total <= self.limit

    def _is_dead(self, name: str) -> bool:
        """Whether nobody fetches a range, so that what is written of it was left by a crash."""
        with self._lock:
            if name in self._busy or not _locked(self._locks, _turn_at(name)):
                return False
            _unlock(self._locks, _turn_at(name))
            return True


class SharedRanges:
    """The ranges that one reader takes through a cache, and how many it had. Thread-safe."""

    def __init__(self, cache: HostCache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self.ranges = 0
        """Ranges that somebody else had fetched."""
        self.bytes = 0
        """The bytes of these."""

    def of(self, stream: str, store: ObjectStore) -> Ranges:
        """The bundles of one stream."""
        return _StreamRanges(self, stream, store)

    def map(self, stream: str, store: ObjectStore, key: str, start: int, length: int) -> pa.Buffer:
        """As `ObjectStore.map`, for a bundle of this stream in this store."""
        fetch = partial(store.map, key, start, length)
        found, hit = self._cache.map(stream, key, start, length, fetch)
        if hit:
            with self._lock:
                self.ranges += 1
                self.bytes += length
        return found


@dataclass(frozen=True, slots=True)
class _StreamRanges:
    shared: SharedRanges
    stream: str
    store: ObjectStore

    def map(self, key: str, start: int, length: int) -> pa.Buffer:
        return self.shared.map(self.stream, self.store, key, start, length)


def host_cache(folder: str | os.PathLike[str] | None, limit: int | None) -> HostCache | None:
    """The cache of this process for `folder`; None without one.

    By default folder and limit are those of LAKESTREAM_CACHE and LAKESTREAM_CACHE_BYTES. Raises
    `ValueError` for what is no folder of one's own, or no number.
    """
    named = os.fspath(folder) if folder is not None else os.environ.get(FOLDER_VARIABLE, "")
    if not named:
        return None
    if limit is None:
        text = os.environ.get(BYTES_VARIABLE) or str(DEFAULT_BYTES)
        if not text.isdecimal():
            raise ValueError(f"{BYTES_VARIABLE} is {text!r}, it must be a number of bytes")
        limit = int(text)
    path = os.path.realpath(named)
    # One for a folder: if a process closes a file, it loses all its locks on it.
    known = next((cache for cache in _caches if cache.folder == path), None)
    if known is not None:
        known.limit = limit
        return known
    return HostCache(path, limit)


_caches: list[HostCache] = []
"""Those of this process, which leaves them when it ends.

So what one epoch fetched the next one finds, whichever reader it has.
"""


def _after_fork() -> None:
    for cache in _caches:
        cache.after_fork()


os.register_at_fork(after_in_child=_after_fork)


def _end(folder: str, locks: int) -> None:
    _leave(folder, locks)
    os.close(locks)


def _leave(folder: str, locks: int) -> None:
    """Of those that leave at the same time one is the last: each lets go first, then looks."""
    _unlock(locks, _PRESENCE_AT)
    if not _locked(locks, _PRESENCE_AT):
        return
    with suppress(OSError):
        for entry in os.scandir(folder):
            if _RANGE.fullmatch(entry.name) or _SCRATCH.fullmatch(entry.name):
                with suppress(OSError):
                    os.unlink(entry.path)
    _unlock(locks, _PRESENCE_AT)


def _turn_at(name: str) -> int:
    return 1 + (int(name[:16], 16) >> 2)


def _locked(locks: int, at: int, *, shared: bool = False) -> bool:
    """Takes the lock of a byte, for this process, unless another has it."""
    try:
        fcntl.lockf(locks, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB, 1, at)
    except OSError:
        return False  # Or the file system has no locks: then nobody gets a turn.
    return True


def _unlock(locks: int, at: int) -> None:
    with suppress(OSError):
        fcntl.lockf(locks, fcntl.LOCK_UN, 1, at)
