# SPDX-License-Identifier: Apache-2.0
"""Keys and names: the strings that address objects below a stream's root.

A key is checked before it is followed; nothing here touches a store.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_KEY_LENGTH = 1024
VERSION_DIGITS = 20

STREAM = "stream.json"
HINT = "hint.json"
LOG = "log/"
SNAPSHOTS = "snapshots/"
SEGMENTS = "segments/"
HORIZON = "horizon/"
PINS = "pins/"
PROGRESS = "progress/"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_SEGMENT_OF_KEY = r"[A-Za-z0-9_=-][A-Za-z0-9._=-]{0,254}"
_KEY = re.compile(rf"{_SEGMENT_OF_KEY}(?:/{_SEGMENT_OF_KEY}){{0,31}}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DATA = re.compile(
    r"data/([0-9a-f]{2})/([A-Za-z0-9][A-Za-z0-9._-]{0,127})/(0|[1-9][0-9]{0,15})"
    rf"/({_UUID.pattern})\.(arrow|parquet|json)"
)
_SEGMENT = re.compile(rf"segments/[0-9]{{{VERSION_DIGITS}}}/{_UUID.pattern}\.json")


def is_name(text: str) -> bool:
    """Whether `text` may name a producer, job, checkpoint or attachment."""
    return _NAME.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    """Whether `text` is a UUID in lower case."""
    return _UUID.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """Whether `text` is a SHA-256 in 64 lower-case hex digits."""
    return _DIGEST.fullmatch(text) is not None


def key_problem(key: str) -> str | None:
    """What makes `key` unfit to be followed, or None."""
    if len(key) > MAX_KEY_LENGTH:
        return f"longer than {MAX_KEY_LENGTH} characters"
    if _KEY.fullmatch(key) is None:
        return (
            "it must be 1 to 32 segments joined by /, each of 1 to 255 characters of"
            " A-Z a-z 0-9 . _ = - and not beginning with a dot"
        )
    return None


def log_entry(version: int) -> str:
    """The key of the log entry `version`."""
    return f"{LOG}{version:0{VERSION_DIGITS}d}.json"


def snapshot(version: int) -> str:
    """The key of the snapshot root `version`."""
    return f"{SNAPSHOTS}{version:0{VERSION_DIGITS}d}.json"


def segment(version: int, uuid: str) -> str:
    """The key of a segment of the snapshot `version`."""
    return f"{SEGMENTS}{version:0{VERSION_DIGITS}d}/{uuid}.json"


def version_of(key: str, prefix: str) -> int | None:
    """The version in a key `<prefix><20 digits>.json`, or None for any other key."""
    digits = key[len(prefix) : -len(".json")]
    fits = key.startswith(prefix) and key.endswith(".json") and len(digits) == VERSION_DIGITS
    if not fits or not (digits.isascii() and digits.isdigit()) or int(digits) >= 2**53:
        return None
    return int(digits)


@dataclass(frozen=True, slots=True)
class DataKey:
    """The parts of `data/<spread>/<producer>/<epoch>/<uuid>.<suffix>`."""

    spread: str
    producer: str
    epoch: int
    uuid: str
    suffix: str

    @staticmethod
    def parse(key: str) -> DataKey | None:
        """The parts of `key`, or None if it is not of that form or has a wrong spread."""
        match = _DATA.fullmatch(key)
        if match is None or not match[4].startswith(match[1]):
            return None
        return DataKey(match[1], match[2], int(match[3]), match[4], match[5])

    @property
    def prefix(self) -> bytes:
        """The first 8 bytes of the UUID, as run directories hold them."""
        return bytes.fromhex(self.uuid.replace("-", "")[:16])


def is_bundle_key(key: str) -> bool:
    """Whether `key` is one that some session would give to a bundle."""
    parts = DataKey.parse(key)
    return parts is not None and parts.suffix != "json" and 1 <= parts.epoch < 2**53


def is_segment_key(key: str) -> bool:
    """Whether `key` may be a segment that a snapshot names."""
    return _SEGMENT.fullmatch(key) is not None
