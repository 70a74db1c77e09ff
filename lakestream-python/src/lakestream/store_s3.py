# SPDX-License-Identifier: Apache-2.0
"""S3, and servers that speak its protocol, as a store.

The client is obstore: one wheel without dependencies for each platform, ranged reads without a HEAD
before them, listings that begin after a key, and the endpoint, region and credentials from the
variables that AWS's own tools read. pyarrow's S3 client asks for each file's size first, and lists
folders whole.
"""

from __future__ import annotations

import ctypes
import os
import re
import threading
import time
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import pyarrow as pa

from lakestream.errors import CorruptObjectError, InvalidKeyError, ObjectNotFoundError, StoreError
from lakestream.keys import key_problem
from lakestream.memory import RangeMemory
from lakestream.s3_client import library
from lakestream.threads import Workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from obstore.store import ClientConfig

T = TypeVar("T")

_RANGE_BYTES = 8 << 20
"""Larger reads are made of parallel ranges of so many bytes."""

_CHUNK_BYTES = 1 << 20
"""An answer is copied in pieces of so many bytes: not more of it is held beside its target."""

_LARGE = 64 << 20
_CONNECTIONS = 16
_ATTEMPTS = 5
_FIRST_PAUSE_SECONDS = 0.05
_HEDGE_SECONDS = 2.0
"""An answer that takes longer is asked for a second time; whichever comes first is taken."""

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
_CODE = re.compile(r"<Code>([A-Za-z0-9]{1,64})</Code>")
_STATUS = re.compile(r"\b(?:status(?: code)?:?|code:?) ?([1-5][0-9]{2})\b", re.IGNORECASE)

_PASSING = {
    *("409", "500", "502", "503", "504"),
    *("ConditionalRequestConflict", "InternalError", "OperationAborted", "RequestTimeout"),
    *("ServiceUnavailable", "SlowDown"),
}
_FINAL = ("error sending request", "incorrectly configured region")
"""What the client says when asking again will not help, or when it has done so itself."""

_PAST_THE_END = ("InvalidRange", "416")
_ADVICE = {
    "NoSuchBucket": "the bucket does not exist; mend the URI or AWS_ENDPOINT_URL",
    "SignatureDoesNotMatch": "the credentials are wrong; look at AWS_SECRET_ACCESS_KEY",
    "InvalidAccessKeyId": "the credentials are wrong; look at AWS_ACCESS_KEY_ID",
    "ExpiredToken": "the credentials have expired; renew them",
    "RequestTimeTooSkewed": "the clock of this machine is too far from the store's; set it",
    "InvalidToken": "the credentials are wrong; look at AWS_SESSION_TOKEN",
    "PermanentRedirect": "the bucket is in another region; name it by AWS_REGION",
    "AuthorizationHeaderMalformed": "the bucket is in another region; name it by AWS_REGION",
    "AccessDenied": "the store forbids it; the credentials need s3:GetObject and s3:ListBucket",
}


class S3Store:
    """A prefix of an S3 bucket as an object store. Thread-safe.

    It may be pickled and carried over a fork: each process makes a client of its own.
    """

    remote = True

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        prefix = parts.path.strip("/")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError(
                "an S3 root is s3://bucket/prefix; credentials come from the environment"
            )
        if not parts.netloc or (prefix and key_problem(prefix) is not None):
            raise ValueError(f"{uri}: an S3 root is s3://bucket/prefix")
        self.bucket = parts.netloc
        self.prefix = prefix
        self.root = f"s3://{self.bucket}/{prefix}"
        self._connection: _Connection | None = None

    def __repr__(self) -> str:
        return f"S3Store({self.root!r})"

    def __reduce__(self) -> tuple[type[S3Store], tuple[str]]:
        return S3Store, (self.root,)

    def get(self, key: str, limit: int) -> bytes:
        _check(key)
        # A range, so that the answer says how large the object is beside how much is sent.
        return self._retrying(key, lambda: self._get(key, limit))

    def _get(self, key: str, limit: int) -> bytes:
        here = self._here()

        def ask() -> bytes:
            answer = here.library.get(here.client, key, options={"range": (0, max(1, limit))})
            size = answer.meta["size"]
            if size > limit:
                raise CorruptObjectError(key, f"{size} bytes exceed the limit of {limit}")
            data = bytes(answer.bytes())
            if len(data) != size:
                raise _BrokenAnswerError(f"{len(data)} of {size} bytes came")
            return data

        try:
            return self._hedged(ask)
        except here.failure as error:
            # Nothing has no first byte.
            if _code(error) in _PAST_THE_END and self._head(key) == 0:
                return b""
            raise

    def get_range(self, key: str, start: int, length: int) -> bytes:
        return self.map(key, start, length).to_pybytes()

    def map(self, key: str, start: int, length: int) -> pa.Buffer:
        _check(key)
        if start < 0 or length < 0:
            raise CorruptObjectError(key, f"bytes {start} to {start + length} are wanted")
        if length == 0:
            if start > self.head(key):
                raise CorruptObjectError(key, f"it ends before byte {start}")
            return pa.py_buffer(b"")
        if length > _LARGE and self.head(key) < start + length:
            # Before so much memory is taken.
            raise CorruptObjectError(key, f"it ends before byte {start + length}")
        # 64-aligned, which what comes from the client is not: this copy is the only one.
        buffer = self._here().memory.buffer(length)
        if length <= _RANGE_BYTES:
            self._part(key, start, buffer)
            return buffer
        begins = range(0, length, _RANGE_BYTES)
        workers = self._here().workers
        parts = [
            workers.submit(self._part, key, start + begin, buffer[begin : begin + _RANGE_BYTES])
            for begin in begins
        ]
        wait(parts)
        for part in parts:
            part.result()
        return buffer

    def _part(self, key: str, start: int, target: pa.Buffer) -> None:
        self._retrying(key, lambda: self._range(key, start, target))

    def _range(self, key: str, start: int, target: pa.Buffer) -> None:
        """Fills `target`. Never more than a chunk of an answer is held beside it."""
        here = self._here()
        size, filled = -1, 0
        try:
            options = {"range": (start, start + target.size)}
            # The beginning of the answer: where its body stalls the client itself goes on.
            answer = self._hedged(lambda: here.library.get(here.client, key, options=options))
            size = answer.meta["size"]
            for chunk in answer.stream(min_chunk_size=_CHUNK_BYTES):
                part = pa.py_buffer(chunk)
                length = min(part.size, target.size - filled)
                # Unlike a slice of a memoryview it leaves the interpreter to others meanwhile.
                ctypes.memmove(target.address + filled, part.address, length)
                filled += length
        except here.failure as error:
            if _code(error) not in _PAST_THE_END:
                raise
        if filled != target.size:
            if size < 0:
                size = self._head(key)
            if size >= start + target.size:
                raise _BrokenAnswerError(f"{filled} of {target.size} bytes came")
            raise CorruptObjectError(
                key, f"it ends at byte {size}; bytes {start} to {start + target.size} are missing"
            )

    def _hedged(self, ask: Callable[[], T]) -> T:
        """What comes first, where one is slow to come."""
        requests = self._here().requests
        first = requests.submit(ask)
        done, _ = wait([first], timeout=_HEDGE_SECONDS)
        if done:
            return first.result()
        second = requests.submit(ask)
        done, _ = wait([first, second], return_when=FIRST_COMPLETED)
        winner = done.pop()
        if winner.exception() is None:
            return winner.result()
        return (second if winner is first else first).result()

    def head(self, key: str) -> int:
        _check(key)
        return self._retrying(key, lambda: self._head(key))

    def _head(self, key: str) -> int:
        here = self._here()
        size: int = here.library.head(here.client, key)["size"]
        return size

    def list(self, prefix: str, start_after: str = "") -> list[str]:
        folder = prefix.rstrip("/")
        if folder:
            _check(folder)

        def read() -> list[str]:
            here = self._here()
            found = here.library.list(
                here.client, folder or None, offset=start_after or None, chunk_size=1000
            )
            return [info["path"] for page in found for info in page]

        keys = self._retrying(prefix, read)
        return sorted(
            key
            for key in keys
            if key.startswith(prefix) and "/" not in key[len(prefix) :] and key > start_after
        )

    def put_if_absent(self, key: str, data: bytes) -> bool:
        _check(key)

        def attempt() -> bool:
            here = self._here()
            try:
                # Asked once, by a client that never asks again: after a success that would be 412.
                here.library.put(here.once, key, data, mode="create", use_multipart=False)
            except here.library.exceptions.AlreadyExistsError:
                return False
            except FileExistsError:
                return False
            return True

        return self._retrying(key, attempt, once=True)

    def put(self, key: str, data: bytes) -> None:
        _check(key)
        here = self._here()
        self._retrying(key, lambda: here.library.put(here.client, key, data, use_multipart=False))

    def delete(self, key: str) -> None:
        _check(key)
        here = self._here()
        with suppress(ObjectNotFoundError):
            self._retrying(key, lambda: here.library.delete(here.client, key))

    def _here(self) -> _Connection:
        """The client of this process: what a fork copies of another's does not work."""
        connection = self._connection
        if connection is None or connection.owner != os.getpid():
            with _connecting:
                connection = _Connection(self.bucket, self.prefix)
                self._connection = connection
        return connection

    def _retrying(self, key: str, action: Callable[[], T], *, once: bool = False) -> T:
        """Repeats what broke off; what the store refuses is an error at once.

        `once` says that the client has not repeated by itself what passes.
        """
        for attempt in range(_ATTEMPTS):
            try:
                return action()
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise self._error(key, error) from None
                raise ObjectNotFoundError(key, self.root) from None
            except (PermissionError, self._here().failure, _BrokenAnswerError) as error:
                refused = isinstance(error, (PermissionError, *self._here().refusals))
                passes = _may_pass(error) or (once and _code(error) in _PASSING)
                if refused or attempt == _ATTEMPTS - 1 or not passes:
                    raise self._error(key, error) from None
            time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)
        raise AssertionError("unreachable")

    def _error(self, key: str, error: Exception) -> StoreError:
        """What the client says may hold the signature's parts: only the code is repeated."""
        code = _code(error)
        advice = _ADVICE.get(code, "")
        if not advice and isinstance(error, _BrokenAnswerError):
            advice = str(error)
        if not advice:
            where = next((name for name in _ENDPOINTS if os.environ.get(name)), "AWS")
            advice = f"the store ({where}) cannot be reached, or answers with errors"
            if _endpoint().startswith("https://"):
                advice += "; if nobody else signed its certificate, AWS_CA_BUNDLE must name that"
        return StoreError(
            f"{key} cannot be read from {self.root}: {advice}" + (f" ({code})" if code else "")
        )


class _Connection:
    """The client of one process, and the threads that use it."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self.owner = os.getpid()
        self.library = library()
        exceptions = self.library.exceptions
        self.failure: type[Exception] = exceptions.BaseError
        self.refusals: tuple[type[Exception], ...] = (
            exceptions.PermissionDeniedError,
            exceptions.UnauthenticatedError,
        )
        endpoint = _endpoint()

        def client(retries: int) -> Any:  # noqa: ANN401 - untyped, by copies
            return self.library.store.S3Store(
                bucket,
                prefix=prefix or None,
                config={"aws_endpoint_url_s3": endpoint} if endpoint else None,
                client_options=_client_options(endpoint),
                retry_config={
                    "max_retries": retries,
                    "retry_timeout": timedelta(seconds=30),
                    "backoff": {
                        "init_backoff": timedelta(milliseconds=50),
                        "max_backoff": timedelta(seconds=5),
                        "base": 2,
                    },
                },
            )

        self.client = client(_ATTEMPTS - 1)
        self.once = client(0)
        self.workers = Workers(_CONNECTIONS, "lakestream-s3")
        self.memory = RangeMemory()
        self.requests = Workers(2 * _CONNECTIONS, "lakestream-s3-request")


_connecting = threading.Lock()


def _renew_lock() -> None:
    """A thread that held it is not in the child."""
    global _connecting
    _connecting = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)


def _endpoint() -> str:
    """The address that the environment names, or nothing for AWS itself."""
    values = [os.environ[name].strip() for name in _ENDPOINTS if name in os.environ]
    named = next(filter(None, values), "")
    if named or not values:
        return named
    # The client takes a variable that is empty for an address.
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    return f"https://s3.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")


def _client_options(endpoint: str) -> ClientConfig:
    options: ClientConfig = {
        "allow_http": endpoint.startswith("http://"),
        "connect_timeout": timedelta(seconds=3),
        # Without a byte: then the client goes on where the body stalled.
        "read_timeout": timedelta(seconds=5),
        "timeout": timedelta(seconds=30),
    }
    bundle = os.environ.get("AWS_CA_BUNDLE")
    if bundle:
        try:
            options["root_certificate"] = Path(bundle).read_bytes()
        except OSError as error:
            raise StoreError(
                f"AWS_CA_BUNDLE names {bundle}, which cannot be read: {error}"
            ) from None
    return options


class _BrokenAnswerError(Exception):
    """An answer that ended early: ask again."""


def _code(error: Exception) -> str:
    text = str(error)
    if "incorrectly configured region" in text:
        # So the client puts it.
        return "PermanentRedirect"
    found = _CODE.search(text) or _STATUS.search(text)
    return found.group(1) if found else ""


def _may_pass(error: Exception) -> bool:
    """Whether asking again can help. The client itself has repeated what it knows to be passing."""
    if isinstance(error, _BrokenAnswerError):
        return True
    text = str(error)
    return _CODE.search(text) is None and not any(phrase in text for phrase in _FINAL)


def _check(key: str) -> None:
    problem = key_problem(key)
    if problem is not None:
        raise InvalidKeyError(key, problem)
