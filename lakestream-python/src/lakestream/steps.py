# SPDX-License-Identifier: Apache-2.0
"""What a commit says about its steps: bundles, groups of cells, and a record for each step.

The same JSON stands in a log entry, in a segment of a commit, and in a condensed commit of a
snapshot; this module decodes all three. It knows nothing of Arrow.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from lakestream.errors import CorruptObjectError
from lakestream.keys import DataKey
from lakestream.sealed import MAX_INTEGER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lakestream.sealed import Members

MAX_SLOTS = 65_536
MAX_PIECES = 1_024
MAX_RUNS = 1_048_576
MAX_BUNDLE_STEPS = 65_536
MAX_SCHEMA_ID = 2**31 - 1
MAX_COMMIT_STEPS = 1_048_576
MAX_BUNDLE_BYTES = 1 << 43
ALIGNMENT = 64
ARROW, PARQUET = "arrow", "parquet"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as a commit describes it, of `size` bytes.

    It has `steps` × `slots` × `pieces` cells in runs.

    Runs start at `base` + r × `stride`, or at `starts[r]` where `starts` is given (n + 1 values).
    """

    key: str
    size: int
    schema: int
    steps: int
    slots: int
    pieces: int
    base: int
    stride: int
    starts: tuple[int, ...] = ()
    format: str = ARROW

    def start(self, run: int) -> int:
        """The byte at which `run` starts, and the run before it ends."""
        return self.starts[run] if self.starts else self.base + run * self.stride

    @property
    def uuid_prefix(self) -> bytes:
        """The first 8 bytes of the UUID in the key."""
        return _uuid_prefix(self.key)


@lru_cache(maxsize=64)
def _uuid_prefix(key: str) -> bytes:
    """Kept, as the directories of all runs of a bundle have it."""
    parsed = DataKey.parse(key)
    if parsed is None:
        raise CorruptObjectError(key, "the key is not that of a bundle")
    return parsed.prefix


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step in words: totals over all slots, the digest, and what its producer noted."""

    rows: int
    tokens: int
    digest: str
    loss_tokens: int | None = None
    sources: Mapping[str, int] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CellRange:
    """The cells of step `k` of a bundle for `count` slots from `slot` on, with all pieces."""

    bundle: int
    slot: int
    count: int
    k: int


@dataclass(frozen=True, slots=True)
class Group:
    """Steps that are made the same way.

    `cells` is empty for a bundle group: step i of the group is step i of `bundle`. Otherwise the
    group is one step, whose slots are those of `cells` in order.
    """

    bundle: int
    cells: tuple[CellRange, ...]
    records: tuple[StepRecord, ...]


class StepPlace(NamedTuple):
    """Where the cells of one step are: ranges of slots over bundles, and its record.

    `group` are the records of all steps of its bundle where these are made the same way: that of
    step k of the bundle has the same cells with another k.
    """

    cells: tuple[tuple[Bundle, CellRange], ...]
    record: StepRecord
    slots: int
    pieces: int
    schema: int
    group: tuple[StepRecord, ...] = ()


class Content:
    """The bundles and groups of a commit or of one segment of it. Immutable."""

    __slots__ = ("_ends", "bundles", "groups", "rows", "steps", "tokens")

    def __init__(self, bundles: tuple[Bundle, ...], groups: tuple[Group, ...]) -> None:
        self.bundles = bundles
        self.groups = groups
        self._ends = list(accumulate(len(group.records) for group in groups))
        self.steps = self._ends[-1] if self._ends else 0
        self.rows = sum(record.rows for group in groups for record in group.records)
        self.tokens = sum(record.tokens for group in groups for record in group.records)

    def place(self, number: int) -> StepPlace:
        """Where step `number` of this content is, from 0; it must be below `steps`."""
        position = bisect_right(self._ends, number)
        group = self.groups[position]
        k = number - (self._ends[position - 1] if position else 0)
        if not group.cells:
            bundle = self.bundles[group.bundle]
            cells = CellRange(group.bundle, 0, bundle.slots, k)
            records = group.records
            return StepPlace(
                ((bundle, cells),), records[k], bundle.slots, bundle.pieces, bundle.schema, records
            )
        first = self.bundles[group.cells[0].bundle]
        return StepPlace(
            tuple([(self.bundles[cells.bundle], cells) for cells in group.cells]),
            group.records[0],
            sum([cells.count for cells in group.cells]),
            first.pieces,
            first.schema,
        )


EMPTY = Content((), ())


def decode_content(members: Members) -> Content:
    """The `bundles` and `steps` of an object. Raises `CorruptObjectError`."""
    bundles = tuple(decode_bundle(bundle) for bundle in members.objects("bundles"))
    groups = []
    left = MAX_COMMIT_STEPS
    for group in members.objects("steps"):
        groups.append(_decode_group(group, bundles))
        left -= len(groups[-1].records)
        if left < 0:
            raise members.fail(f"a commit has at most {MAX_COMMIT_STEPS} steps")
    content = Content(bundles, tuple(groups))
    if max(content.rows, content.tokens) > MAX_INTEGER:
        raise members.fail("the sum of its rows or of its tokens exceeds 2^53-1")
    return content


def decode_bundle(members: Members) -> Bundle:
    """One bundle descriptor. Raises `CorruptObjectError`."""
    key = members.object_key("key")
    format_ = members.choice("format", (ARROW, PARQUET))
    if key.endswith(".parquet") != (format_ == PARQUET):
        raise members.fail(f"a bundle of the format {format_!r} has the key {key}")
    size = members.integer("bytes", 0, MAX_BUNDLE_BYTES)
    slots = members.integer("slots", 1, MAX_SLOTS)
    pieces = members.integer("pieces", 1, MAX_PIECES)
    if slots * pieces > MAX_RUNS:
        raise members.fail(f"slots × pieces is {slots * pieces}, more than {MAX_RUNS}")
    base, stride, starts = _decode_runs(members.object("runs"), slots * pieces, size)
    return Bundle(
        key,
        size,
        members.integer("schema", 0, MAX_SCHEMA_ID),
        members.integer("steps", 1, MAX_BUNDLE_STEPS),
        slots,
        pieces,
        base,
        stride,
        starts,
        format_,
    )


def _decode_runs(members: Members, runs: int, size: int) -> tuple[int, int, tuple[int, ...]]:
    if members.has_items("starts"):
        if "base" in members or "stride" in members:
            raise members.fail("either base and stride, or starts")
        starts = tuple(members.integers("starts"))
        if len(starts) != runs + 1:
            raise members.fail(f"{len(starts)} starts for {runs} runs; there must be one more")
        if any(start % ALIGNMENT for start in starts):
            raise members.fail(f"starts must be multiples of {ALIGNMENT}")
        if any(start >= end for start, end in pairwise(starts)):
            raise members.fail("starts must increase")
        first, last = starts[0], starts[-1]
        base, stride = 0, 0
    else:
        starts = ()
        base, stride = members.integer("base"), members.integer("stride", ALIGNMENT)
        if base % ALIGNMENT or stride % ALIGNMENT:
            raise members.fail(f"base and stride must be multiples of {ALIGNMENT}")
        first, last = base, base + runs * stride
    if first < ALIGNMENT or last > size:
        raise members.fail(f"runs from {first} to {last} do not fit into {size} bytes")
    return base, stride, starts


def _decode_group(members: Members, bundles: tuple[Bundle, ...]) -> Group:
    if ("bundle" in members) == members.has_items("cells"):
        raise members.fail("a group has either a bundle or cells")
    records = tuple(_decode_record(record) for record in members.objects("steps"))
    if "bundle" in members:
        number = members.integer("bundle")
        if number >= len(bundles):
            raise members.fail(f"there is no bundle {number}")
        if len(records) != bundles[number].steps:
            raise members.fail(f"{len(records)} records for {bundles[number].steps} steps")
        return Group(number, (), records)
    if len(records) != 1:
        raise members.fail(f"{len(records)} records for the one step of a cell group")
    return Group(0, _decode_cells(members, bundles), records)


def _decode_cells(members: Members, bundles: tuple[Bundle, ...]) -> tuple[CellRange, ...]:
    cells = []
    for item in members.values("cells", MAX_SLOTS):
        if type(item) is not list or len(item) != 4 or any(type(part) is not int for part in item):
            raise members.fail("cells must be [bundle, slot, count, k]")
        cells.append(CellRange(*item))
        _check_cells(members, cells[-1], bundles)
    slots = sum(part.count for part in cells)
    if not 1 <= slots <= MAX_SLOTS:
        raise members.fail(f"a step of {slots} slots; there must be 1 to {MAX_SLOTS}")
    runs = slots * bundles[cells[0].bundle].pieces
    if runs > MAX_RUNS:
        raise members.fail(f"slots × pieces is {runs}, more than {MAX_RUNS}")
    if len({(bundles[part.bundle].schema, bundles[part.bundle].pieces) for part in cells}) != 1:
        raise members.fail("the bundles of one step differ in schema or pieces")
    return tuple(cells)


def _check_cells(members: Members, cells: CellRange, bundles: tuple[Bundle, ...]) -> None:
    if cells.bundle >= len(bundles):
        raise members.fail(f"there is no bundle {cells.bundle}")
    bundle = bundles[cells.bundle]
    if not cells.count or cells.slot + cells.count > bundle.slots:
        raise members.fail(f"slots {cells.slot} + {cells.count} of a bundle with {bundle.slots}")
    if cells.k >= bundle.steps:
        raise members.fail(f"step {cells.k} of a bundle with {bundle.steps}")


def _decode_record(members: Members) -> StepRecord:
    sources = members.mapping("sources", 256)
    for name in sources:
        members.check_string("sources", name, 0, 128)
    attributes = members.mapping("attributes", 4096)
    size = 0
    for name, value in attributes.items():
        members.check_string("attributes", name, 0, 4096)
        members.check_string("attributes", value, 0, 4096)
        size += len(name.encode()) + len(value.encode())
    if size > 4096:
        raise members.fail(f"attributes take {size} bytes, more than 4096")
    counts = members.object("sources") if sources else members
    return StepRecord(
        members.integer("rows"),
        members.integer("tokens"),
        members.digest("digest"),
        members.optional_integer("loss_tokens"),
        {name: counts.integer(name) for name in sources},
        tuple(members.strings("tags", 32, 64)),
        attributes,
    )
