# SPDX-License-Identifier: Apache-2.0
"""Sealed JSON: every JSON object of a stream ends with a checksum of itself.

`unseal` takes bytes that nobody has vouched for and returns their members, or raises
`CorruptObjectError`. `Members` is the only way in which the rest of this package looks into
decoded JSON: each accessor checks presence, type and range, and names object and member.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NoReturn

from crc32c import crc32c

from lakestream import keys
from lakestream.errors import CorruptObjectError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 64
MAX_LABEL = 64
SMALL_LIMIT = 1 << 20
LARGE_LIMIT = 16 << 20

_SEAL = re.compile(rb',"crc32c":"([0-9a-f]{8})"\}\n')
_SEAL_LENGTH = 22
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))


def digest_of(data: bytes) -> str:
    """SHA-256 in hex, as `prev`, `chain` and refs hold it."""
    return hashlib.sha256(data).hexdigest()


def seal(members: dict[str, object]) -> bytes:
    """The sealed object with these members."""
    text = json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()[:-1]
    return text + b',"crc32c":"%08x"}\n' % crc32c(text)


def unseal(key: str, data: bytes, limit: int) -> Members:
    """The members of the sealed object `data`, which was stored under `key`.

    `limit` is the size in bytes that its kind may have. Raises `CorruptObjectError`.
    """
    if len(data) > limit:
        raise CorruptObjectError(key, f"{len(data)} bytes exceed the limit of {limit}")
    seal = _SEAL.fullmatch(data, max(0, len(data) - _SEAL_LENGTH))
    if seal is None:
        raise CorruptObjectError(key, "it does not end with a seal; it may be torn")
    actual = crc32c(memoryview(data)[: len(data) - _SEAL_LENGTH])
    if actual != int(seal[1], 16):
        raise CorruptObjectError(key, f"CRC32C is {actual:08x}, the seal says {seal[1].decode()}")
    return parse_object(key, data)


def unseal_head(key: str, data: bytes, limit: int) -> tuple[Members, bytes]:
    """As `unseal`, for an object that goes on after its seal: with the bytes that follow it."""
    if len(data) > limit:
        raise CorruptObjectError(key, f"{len(data)} bytes exceed the limit of {limit}")
    end = data.find(b"\n") + 1
    return unseal(key, data[:end], limit), data[end:]


def parse_object(key: str, data: bytes) -> Members:
    """The members of one JSON object under the rules of sealed JSON, but without a seal."""
    try:
        return Members(key, "", parse_strictly(data, _integer))
    except ValueError as error:
        raise CorruptObjectError(key, str(error)) from None


def parse_strictly(data: bytes, integer: Callable[[str], object]) -> dict[str, Any]:
    """The members of one JSON object as strict as the format wants it; `ValueError` for others.

    `integer` makes values of the texts of integers.
    """
    if _depth(data, MAX_DEPTH) > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_int=integer,
            parse_constant=_no_constant,
        )
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _depth(data: bytes, limit: int) -> int:
    """The nesting depth of brackets outside of strings, or limit + 1 if it is more.

    Each pass removes the innermost brackets, so that no recursion is needed. Brackets that do not
    match never vanish; they count as too deep unless the parser finds them first.
    """
    brackets = _STRING.sub(b"", data).translate(_BRACKETS, _NO_BRACKETS)
    for depth in range(limit + 1):
        if not brackets:
            return depth
        smaller = brackets.replace(b"[]", b"")
        if len(smaller) == len(brackets):
            return 0 if len(brackets) <= limit else limit + 1
        brackets = smaller
    return limit + 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the member {twice[:100]!r} appears twice")
    return members


def _integer(text: str) -> int | float:
    """An integer of the format, or a float for what is none, which no accessor accepts."""
    if text == "-0":
        return 0
    if text[0] == "-" or len(text) > 16:
        return float("inf")
    return int(text)


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


class Members:
    """The members of one JSON object, with checked access.

    `path` says where in the object `key` it stands, for error messages.
    """

    __slots__ = ("_values", "key", "path")

    def __init__(self, key: str, path: str, values: dict[str, Any]) -> None:
        self.key = key
        self.path = path
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def fail(self, problem: str) -> CorruptObjectError:
        """An error about this object, to be raised by the caller."""
        return CorruptObjectError(self.key, f"{self.path}: {problem}" if self.path else problem)

    def _required(self, name: str) -> object:
        try:
            return self._values[name]
        except KeyError:
            raise self.fail(f"the member {name!r} is missing") from None

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def integer(self, name: str, low: int = 0, high: int = MAX_INTEGER) -> int:
        """A required integer in [low, high]."""
        return self._checked_integer(name, self._required(name), low, high)

    def optional_integer(self, name: str) -> int | None:
        """An integer, or None where it is absent."""
        if name not in self._values:
            return None
        return self._checked_integer(name, self._values[name], 0, MAX_INTEGER)

    def _checked_integer(self, name: str, value: object, low: int, high: int) -> int:
        if type(value) is not int:
            raise self.fail(f"{name!r} must be an integer from 0 to 2^53-1")
        if not low <= value <= high:
            raise self.fail(f"{name!r} is {value}, outside of {low} to {high}")
        return value

    def boolean(self, name: str) -> bool:
        """A required boolean."""
        value = self._required(name)
        if type(value) is not bool:
            raise self.fail(f"{name!r} must be true or false")
        return value

    def string(self, name: str, low: int = 0, high: int = MAX_INTEGER) -> str:
        """A required string of low to high characters."""
        return self.check_string(name, self._required(name), low, high)

    def optional_string(self, name: str, low: int = 0, high: int = MAX_INTEGER) -> str | None:
        """A string, or None where it is absent."""
        return self.string(name, low, high) if name in self._values else None

    def check_string(self, name: str, value: object, low: int, high: int) -> str:
        """`value`, if it is a string of low to high characters that UTF-8 can hold."""
        if type(value) is not str:
            raise self.fail(f"{name!r} must be a string")
        if not low <= len(value) <= high:
            raise self.fail(f"{name!r} has {len(value)} characters, outside of {low} to {high}")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise self.fail(f"{name!r} holds half of a surrogate pair") from None
        return value

    def label(self, name: str) -> str:
        """A required word of the format, known or not."""
        return self.string(name, 0, MAX_LABEL)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """A required string out of `choices`."""
        value = self.label(name)
        if value not in choices:
            raise self.fail(f"{name!r} is {value!r}, must be one of {', '.join(choices)}")
        return value

    def digest(self, name: str) -> str:
        """A required SHA-256 in hex."""
        value = self.string(name)
        if not keys.is_digest(value):
            raise self.fail(f"{name!r} must be 64 lower-case hex digits")
        return value

    def uuid(self, name: str) -> str:
        """A required UUID."""
        value = self.string(name)
        if not keys.is_uuid(value):
            raise self.fail(f"{name!r} must be a UUID in lower case")
        return value

    def name(self, name: str) -> str:
        """A required name of a producer, job, checkpoint or attachment."""
        value = self.string(name)
        if not keys.is_name(value):
            raise self.fail(f"{name!r} is {value[:100]!r}, which is not a name")
        return value

    def object_key(self, name: str) -> str:
        """A required key of another object. It is fit to be followed below the root."""
        value = self.string(name)
        problem = keys.key_problem(value)
        if problem is not None:
            raise self.fail(f"{name!r} is the key {value[:200]!r}: {problem}")
        return value

    def has_items(self, name: str) -> bool:
        """Whether there is a list with something in it; an empty one counts as absent."""
        return bool(self.values(name))

    def values(self, name: str, high: int = MAX_INTEGER) -> list[Any]:
        """A list of at most `high` items; an absent one is empty."""
        value = self._values.get(name, [])
        if type(value) is not list:
            raise self.fail(f"{name!r} must be a list")
        if len(value) > high:
            raise self.fail(f"{name!r} has {len(value)} items, more than {high}")
        return value

    def integers(self, name: str) -> list[int]:
        """A list of integers; an absent one is empty."""
        items = self.values(name)
        for item in items:
            if type(item) is not int or item > MAX_INTEGER:
                raise self.fail(f"{name!r} must hold integers from 0 to 2^53-1")
        return items

    def strings(self, name: str, items: int, length: int) -> list[str]:
        """A list of at most `items` strings of at most `length` characters each."""
        return [self.check_string(name, item, 0, length) for item in self.values(name, items)]

    def objects(self, name: str, high: int = MAX_INTEGER) -> Iterator[Members]:
        """The objects in a list of at most `high` items; an absent one is empty."""
        path = self._at(name)
        for number, item in enumerate(self.values(name, high)):
            if type(item) is not dict:
                raise self.fail(f"{name!r} must hold objects")
            yield Members(self.key, f"{path}[{number}]", item)

    def object(self, name: str) -> Members:
        """A required object."""
        value = self._required(name)
        if type(value) is not dict:
            raise self.fail(f"{name!r} must be an object")
        return Members(self.key, self._at(name), value)

    def mapping(self, name: str, high: int) -> dict[str, Any]:
        """An object used as a map with at most `high` members; an absent one is empty."""
        if name not in self._values:
            return {}
        value = self._required(name)
        if type(value) is not dict:
            raise self.fail(f"{name!r} must be an object")
        if len(value) > high:
            raise self.fail(f"{name!r} has {len(value)} members, more than {high}")
        return value
