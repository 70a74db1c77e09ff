# SPDX-License-Identifier: Apache-2.0
"""The store: bytes under keys. It knows nothing of what they mean.

`ObjectStore` is what a reader needs of one; `LocalStore` is a directory, `store_s3` a bucket.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import unquote, urlsplit

from lakestream.errors import (
    CorruptObjectError,
    InvalidKeyError,
    LakestreamError,
    ObjectNotFoundError,
    StoreError,
)
from lakestream.keys import key_problem
from lakestream.mapping import map_range
from lakestream.opening import open_linkless

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

_SCRATCH = ".tmp"
"""Where files get their content before they get their name, which then is never half-written."""

_KERNEL_TELLS = hasattr(os, "O_PATH") and os.path.isdir("/proc/self/fd")


class Ranges(Protocol):
    """Where the bytes of ranges come from."""

    def map(self, key: str, start: int, length: int) -> pa.Buffer:
        """As `ObjectStore.map`."""
        ...


class ObjectStore(Protocol):
    """Read access to the objects below one root.

    Every method checks its key first and raises `InvalidKeyError` for one that is not allowed,
    `ObjectNotFoundError` for one without an object, and `StoreError` where the store fails. Objects
    are immutable, but for hints and heartbeats. Implementations must be thread-safe. Nothing is
    promised about the order or the completeness of listings while others write.
    """

    @property
    def remote(self) -> bool:
        """Whether each request takes a round trip, so that several are better sent at once."""
        ...

    def get(self, key: str, limit: int) -> bytes:
        """The whole object. `CorruptObjectError`, before reading, if it exceeds `limit` bytes."""
        ...

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """`length` bytes from `start` on. `CorruptObjectError` if the object ends before that."""
        ...

    def map(self, key: str, start: int, length: int) -> pa.Buffer:
        """As `get_range`, but without a copy where the store can.

        The buffer keeps its own resources. It begins at a multiple of 64 in memory if `start` is
        one. Whoever holds it may write to it; that never reaches the store.
        """
        ...

    def head(self, key: str) -> int:
        """The size in bytes."""
        ...

    def list(self, prefix: str, start_after: str = "") -> list[str]:
        """The keys right in the folder `prefix` (ends with /), after `start_after`, sorted."""
        ...


class WritableStore(ObjectStore, Protocol):
    """A store that a reader may also put its pins and heartbeats into.

    What was put is durable on return. `StoreError` means that the store did not say what became of
    a put, or refused it: whether the object is there is unknown.
    """

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Puts a new object; whether this call created it.

        After an unknown outcome the same bytes are put again until the store says that the object
        is there. So False may also mean that an attempt of our own came first: compare.
        """
        ...

    def put(self, key: str, data: bytes) -> None:
        """Puts an object, in place of any other under the same key."""
        ...

    def delete(self, key: str) -> None:
        """Deletes an object, if it is there."""
        ...


_FORK = "forks/[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
_FORKS = re.compile(rf"{_FORK}(?:/{_FORK})*")
_FORKED = re.compile(rf"(.*?)((?:^|/){_FORKS.pattern})/*", re.DOTALL)


def store_for(uri: str) -> ObjectStore:
    """The store at `uri`: a path, a file URI or an S3 URI.

    `ValueError` names a scheme that is not known.
    A root that ends with `forks/<name>` is opened as a folder of the store above it, so that a fork
    can reach its parent.
    """
    forked = _FORKED.fullmatch(uri)
    if forked is None:
        return _outermost(uri)
    above = forked[1] or ("/" if forked[2].startswith("/") else ".")
    return FolderStore(_outermost(above), forked[2].lstrip("/"))


def writable(store: ObjectStore) -> WritableStore:
    """`store` itself; `StoreError` if it can only be read."""
    if not hasattr(store, "put_if_absent"):
        raise StoreError(f"{store!r} can only be read")
    return cast("WritableStore", store)


def _outermost(uri: str) -> ObjectStore:
    parts = urlsplit(uri)
    if parts.scheme == "s3":
        from lakestream.store_s3 import S3Store

        return S3Store(uri)
    if "://" not in uri and not uri.startswith("file:"):
        return LocalStore(uri)
    if parts.scheme != "file":
        raise ValueError(
            f"{uri}: the scheme {parts.scheme!r} is not supported; use a path, file:// or s3://"
        )
    if parts.netloc not in ("", "localhost"):
        raise ValueError(f"{uri}: a file URI must not name the host {parts.netloc!r}")
    return LocalStore(unquote(parts.path))


class FolderStore:
    """The folder of a fork as a store of its own. Thread-safe.

    No key leads out of the folder; `parent` leads up, and never out of the store that this is a
    folder of.
    """

    MAX_NESTING = 8
    MAX_LENGTH = 512

    def __init__(self, store: ObjectStore, folder: str) -> None:
        """The folder `forks/<name>`, once for each level, of the outermost stream's `store`."""
        levels = folder.count("/") + 1
        too_deep = levels > 2 * self.MAX_NESTING or len(folder) > self.MAX_LENGTH
        if _FORKS.fullmatch(folder) is None or too_deep:
            raise InvalidKeyError(folder, "it is no folder forks/<name>, or forks nest too deep")
        self._store = store
        self._folder = folder + "/"

    def __repr__(self) -> str:
        return f"FolderStore({self._store!r}, {self._folder!r})"

    @property
    def remote(self) -> bool:
        return self._store.remote

    @property
    def parent(self) -> ObjectStore:
        """The store of the stream that the one here is a fork of."""
        above, _, _ = self._folder.rstrip("/").rpartition("forks/")
        return FolderStore(self._store, above.rstrip("/")) if above else self._store

    def get(self, key: str, limit: int) -> bytes:
        try:
            return self._store.get(self._outer(key), limit)
        except (CorruptObjectError, ObjectNotFoundError) as error:
            raise self._inner(key, error) from None

    def get_range(self, key: str, start: int, length: int) -> bytes:
        try:
            return self._store.get_range(self._outer(key), start, length)
        except (CorruptObjectError, ObjectNotFoundError) as error:
            raise self._inner(key, error) from None

    def map(self, key: str, start: int, length: int) -> pa.Buffer:
        try:
            return self._store.map(self._outer(key), start, length)
        except (CorruptObjectError, ObjectNotFoundError) as error:
            raise self._inner(key, error) from None

    def head(self, key: str) -> int:
        try:
            return self._store.head(self._outer(key))
        except (CorruptObjectError, ObjectNotFoundError) as error:
            raise self._inner(key, error) from None

    def list(self, prefix: str, start_after: str = "") -> list[str]:
        after = self._folder + start_after if start_after else ""
        found = self._store.list(self._folder + prefix, after)
        return [key.removeprefix(self._folder) for key in found]

    def put_if_absent(self, key: str, data: bytes) -> bool:
        return self._writable.put_if_absent(self._outer(key), data)

    def put(self, key: str, data: bytes) -> None:
        self._writable.put(self._outer(key), data)

    def delete(self, key: str) -> None:
        self._writable.delete(self._outer(key))

    @property
    def _writable(self) -> WritableStore:
        return writable(self._store)

    def _outer(self, key: str) -> str:
        problem = key_problem(key)
        if problem is not None:
            raise InvalidKeyError(key, problem)
        return self._folder + key

    def _inner(self, key: str, error: CorruptObjectError | ObjectNotFoundError) -> LakestreamError:
        """The same error, of the object as users of this store call it."""
        if isinstance(error, CorruptObjectError):
            return CorruptObjectError(key, error.problem)
        return ObjectNotFoundError(key, repr(self))


class LocalStore:
    """A directory as an object store. Thread-safe.

    Symbolic links are followed inside of the root and refused where they lead out of it; so is
    anything that is not a regular file.
    """

    remote = False

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = os.path.realpath(root)
        self._folder = self.root.rstrip("/") + "/"
        self._folder_bytes = os.fsencode(self._folder)

    def __repr__(self) -> str:
        return f"LocalStore({self.root!r})"

    def get(self, key: str, limit: int) -> bytes:
        descriptor, size = self._open(key)
        with open(descriptor, "rb") as file:
            if size > limit:
                raise CorruptObjectError(key, f"{size} bytes exceed the limit of {limit}")
            data = file.read(limit + 1)
        if len(data) > limit:
            raise CorruptObjectError(key, f"it exceeds the limit of {limit} bytes")
        return data

    def get_range(self, key: str, start: int, length: int) -> bytes:
        descriptor, size = self._open(key)
        with open(descriptor, "rb") as file:
            _check_range(key, start, length, size)
            file.seek(start)
            data = file.read(length)
        _check_range(key, start, length, start + len(data))
        return data

    def map(self, key: str, start: int, length: int) -> pa.Buffer:
        descriptor, size = self._open(key)
        try:
            _check_range(key, start, length, size)
            return map_range(descriptor, start, length)
        except OSError as error:
            raise StoreError(f"{key} cannot be mapped: {error}") from error
        finally:
            os.close(descriptor)

    def head(self, key: str) -> int:
        descriptor, size = self._open(key)
        os.close(descriptor)
        return size

    def list(self, prefix: str, start_after: str = "") -> list[str]:
        folder = prefix.rstrip("/")
        path = self._inside(folder) if folder else self.root
        try:
            names = os.listdir(path)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise StoreError(f"{prefix} cannot be listed: {error}") from error
        return sorted(key for name in names if (key := prefix + name) > start_after)

    def put_if_absent(self, key: str, data: bytes) -> bool:
        with self._scratch(key, data) as (scratch, target):
            try:
                os.link(scratch, target)
            except FileExistsError:
                return False
            return True

    def put(self, key: str, data: bytes) -> None:
        with self._scratch(key, data) as (scratch, target):
            os.rename(scratch, target)

    def delete(self, key: str) -> None:
        try:
            os.unlink(self._inside(key))
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise StoreError(f"{key} cannot be deleted: {error}") from error

    @contextmanager
    def _scratch(self, key: str, data: bytes) -> Iterator[tuple[str, str]]:
        """A durable file without a key yet, and where it is to go; its folder is synced after."""
        target = self._inside(key)
        folder = os.path.join(self.root, _SCRATCH)
        scratch = os.path.join(folder, str(uuid.uuid4()))
        try:
            os.makedirs(folder, exist_ok=True)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            try:
                with open(scratch, "xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                yield scratch, target
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(scratch)
            _sync(os.path.dirname(target))
        except OSError as error:
            raise StoreError(f"{key} cannot be written: {error}") from error

    def _path(self, key: str) -> str:
        problem = key_problem(key)
        if problem is not None:
            raise InvalidKeyError(key, problem)
        return self._folder + key

    def _inside(self, key: str) -> str:
        """The real path of `key`, which is below the root."""
        path = os.path.realpath(self._path(key))
        self._check_inside(key, path)
        return path

    def _check_inside(self, key: str, path: str) -> None:
        if not path.startswith(self._folder):
            raise InvalidKeyError(key, "a symbolic link leads outside of the stream's root")

    def _open(self, key: str) -> tuple[int, int]:
        """A descriptor of the object, for the caller to close, and its size.

        Nothing is read before it is known to be a file below the root. As a rule no link is on the
        way to it, which a single call makes sure of. Otherwise the kernel is asked where the path
        led to, if it tells, which is faster than to follow the links.
        """
        path = self._path(key)
        try:
            descriptor = open_linkless(self._folder_bytes + key.encode())
            if descriptor is not None:
                return _with_size(key, descriptor)
            if not _KERNEL_TELLS:
                flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
                return _with_size(key, os.open(self._inside(key), flags))
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                link = f"/proc/self/fd/{place}"
                self._check_inside(key, os.readlink(link))
                size = _size_of_file(key, place)
                return os.open(link, os.O_RDONLY | os.O_CLOEXEC), size
            finally:
                os.close(place)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                self._inside(key)
                raise ObjectNotFoundError(key, self.root) from None
            raise StoreError(f"{key} cannot be opened: {error}") from error


def _with_size(key: str, descriptor: int) -> tuple[int, int]:
    """The descriptor of a file and its size; it is closed if it is that of something else."""
    try:
        return descriptor, _size_of_file(key, descriptor)
    except BaseException:
        os.close(descriptor)
        raise


def _size_of_file(key: str, descriptor: int) -> int:
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        raise InvalidKeyError(key, "it is not a regular file")
    return facts.st_size


def _sync(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_range(key: str, start: int, length: int, size: int) -> None:
    if start < 0 or length < 0 or start + length > size:
        raise CorruptObjectError(
            key, f"it ends at byte {size}; bytes {start} to {start + length} are missing"
        )
