# SPDX-License-Identifier: Apache-2.0
"""Packed refs: the index of steps as roots and nodes hold it, thousands of refs in little room."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from crc32c import crc32c

from lakestream.keys import segment
from lakestream.sealed import LARGE_LIMIT, MAX_INTEGER

if TYPE_CHECKING:
    from lakestream.sealed import Members

MAX_HEIGHT = 4
_UUID = 16
_SHA256 = 32
_MAX_BYTES = 8

Totals = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class StepsRef:
    """A segment of the index: steps, rows and tokens of the stream `before` and `after` it.

    Its height is 0 if it holds commits; otherwise it holds refs, all of lower heights.
    """

    key: str
    size: int
    sha256: str
    height: int
    before: Totals
    after: Totals

    @property
    def kind(self) -> str:
        """The kind of the segment."""
        return "node" if self.height else "steps"


class StepsRefs:
    """Dense refs in order. All are checked at once; each is made when somebody asks for it."""

    def __init__(self, members: Members, data: bytes) -> None:
        """The refs of `members`, a root's `index` or a node, in the bytes after its seal.

        Raises `CorruptObjectError`.
        """
        self._members = members
        self._data = _checked(members.object("refs"), data)
        totals = tuple(members.integer(f"first_{name}") for name in ("step", "row", "token"))
        self._steps, self._rows, self._tokens = ([total] for total in totals)
        self._offsets: list[int] = []
        position, height = 0, MAX_HEIGHT
        while position < len(self._data):
            self._offsets.append(position)
            position, height = self._add(position, height)

    def _add(self, position: int, highest: int) -> tuple[int, int]:
        height = self._data[position]
        if height > highest:
            raise self._members.fail(f"a ref of height {height} comes after one of {highest}")
        _, position = self._number(position + 1)
        size, position = self._number(position + _UUID)
        steps, position = self._number(position + _SHA256)
        rows, position = self._number(position)
        tokens, position = self._number(position)
        if not 1 <= size <= LARGE_LIMIT or steps < 1:
            raise self._members.fail(f"a ref of {steps} steps in {size} bytes")
        for totals, added in ((self._steps, steps), (self._rows, rows), (self._tokens, tokens)):
            totals.append(totals[-1] + added)
            if totals[-1] > MAX_INTEGER:
                raise self._members.fail("its totals exceed 2^53-1")
        return position, height

    def _number(self, position: int) -> tuple[int, int]:
        """The number that begins at `position`, and where it ends."""
        data, value = self._data, 0
        for byte in range(_MAX_BYTES):
            if position >= len(data):
                raise self._members.fail("a ref is torn")
            value |= (data[position] & 0x7F) << (7 * byte)
            position += 1
            if data[position - 1] < 0x80:
                if value > MAX_INTEGER:
                    raise self._members.fail(f"a number of a ref is {value}")
                return value, position
        raise self._members.fail(f"a number of a ref has more than {_MAX_BYTES} bytes")

    @property
    def before(self) -> Totals:
        """Steps, rows and tokens of the stream before the first ref."""
        return self._totals(0)

    @property
    def after(self) -> Totals:
        """Steps, rows and tokens of the stream with the last ref."""
        return self._totals(len(self))

    def _totals(self, number: int) -> Totals:
        return self._steps[number], self._rows[number], self._tokens[number]

    def __len__(self) -> int:
        return len(self._offsets)

    def __getitem__(self, number: int) -> StepsRef:
        data, offset = self._data, self._offsets[number]
        version, position = self._number(offset + 1)
        uuid = UUID(bytes=data[position : position + _UUID])
        size, position = self._number(position + _UUID)
        sha256 = data[position : position + _SHA256].hex()
        ends = self._totals(number), self._totals(number + 1)
        return StepsRef(segment(version, str(uuid)), size, sha256, data[offset], *ends)

    def covering(self, step: int) -> StepsRef | None:
        """The ref that covers `step`, if one does."""
        number = bisect_right(self._steps, step) - 1
        return self[number] if 0 <= number < len(self) else None


def _checked(refs: Members, data: bytes) -> bytes:
    """`data`, if it is what `refs` says of it."""
    if refs.integer("bytes") != len(data):
        raise refs.fail(f"{len(data)} bytes of refs follow, {refs.integer('bytes')} should")
    if refs.string("crc32c") != f"{crc32c(data):08x}":
        raise refs.fail("its checksum is not that of the refs that follow")
    return data
