# SPDX-License-Identifier: Apache-2.0
"""Snapshots: the log folded up to a version, as a small root and segments loaded when needed."""

from __future__ import annotations

import hashlib
import itertools
import threading
from bisect import bisect_right
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from lakestream.errors import CorruptObjectError, ObjectNotFoundError
from lakestream.fold import Intent, Producer, State
from lakestream.keys import is_segment_key, snapshot
from lakestream.log import (
    MAX_ATTACHMENTS,
    MAX_STATE_BYTES,
    ProducerStamp,
    RepeatRange,
    SegmentRef,
    check_format,
    check_requirements,
    decode_attachment,
    decode_defaults,
    decode_recorded_skip,
    decode_repeat,
    decode_stamp,
    decode_steps,
)
from lakestream.packed import StepsRef, StepsRefs
from lakestream.schema import StreamSchema, decode_schema
from lakestream.sealed import LARGE_LIMIT, MAX_INTEGER, Members, unseal, unseal_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lakestream.steps import Content

MAX_NODE_DEPTH = 4
MAX_KEY = 256
_CACHED_SEGMENTS = 16

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ref:
    """A keyed segment of a snapshot, with `count` producers or keys from `first` to `last`."""

    key: str
    size: int
    sha256: str
    kind: str
    first: bytes
    last: bytes
    count: int

    @property
    def is_node(self) -> bool:
        """Whether the segment holds refs."""
        return self.kind.endswith("node")


@dataclass(frozen=True, slots=True)
class Commit:
    """A valid entry with steps, as the index of steps holds it. `digest` is that of the entry."""

    version: int
    digest: str
    time: int
    producer: ProducerStamp | None
    first_step: int
    first_row: int
    first_token: int
    content: Content
    segments: tuple[SegmentRef, ...]
    repeat: RepeatRange | None = None

    @property
    def steps(self) -> int:
        """The number of its steps."""
        if not self.segments:
            return self.content.steps
        return sum(segment.steps for segment in self.segments)

    @property
    def rows(self) -> int:
        """The rows of its steps."""
        return self.content.rows + sum(segment.rows for segment in self.segments)

    @property
    def tokens(self) -> int:
        """The tokens of its steps."""
        return self.content.tokens + sum(segment.tokens for segment in self.segments)

    @property
    def before(self) -> tuple[int, int, int]:
        """Steps, rows and tokens of the stream before it."""
        return self.first_step, self.first_row, self.first_token

    @property
    def after(self) -> tuple[int, int, int]:
        """Steps, rows and tokens of the stream with it."""
        return (
            self.first_step + self.steps,
            self.first_row + self.rows,
            self.first_token + self.tokens,
        )


@dataclass(frozen=True, slots=True)
class Root:
    """A decoded snapshot root. What `recent` says of a producer counts more than `producers`."""

    version: int
    state: State
    index: StepsRefs
    recent: tuple[Ref, ...]
    producers: tuple[Ref, ...]
    keys: tuple[Ref, ...]


class Reads(Protocol):
    """What loading segments needs of a store."""

    def get(self, key: str, limit: int) -> bytes:
        """As `ObjectStore.get`."""
        ...


class Segments:
    """Loads segments, checks them against their references, and keeps the last few. Thread-safe."""

    def __init__(self, store: Reads, stream: str) -> None:
        self._store = store
        self.stream = stream
        self._kept: OrderedDict[Ref | StepsRef | SegmentRef, object] = OrderedDict()
        self._loading: dict[Ref | StepsRef | SegmentRef, Future[object]] = {}
        self._lock = threading.Lock()

    def after_fork(self) -> None:
        """In the child: a thread that held the lock, or was loading, is not here."""
        self._lock = threading.Lock()
        self._loading = {}

    def load(self, ref: Ref | StepsRef | SegmentRef, decode: Callable[[bytes], T]) -> T:
        """The decoded content of `ref`, which is read once if several ask at the same time."""
        with self._lock:
            if ref in self._kept:
                self._kept.move_to_end(ref)
                return self._kept[ref]  # type: ignore[return-value]
            others = self._loading.get(ref)
            if others is None:
                mine = self._loading[ref] = Future[object]()
        if others is not None:
            return others.result()  # type: ignore[return-value]
        try:
            content = decode(self._bytes(ref))
        except BaseException as error:
            with self._lock:
                del self._loading[ref]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._loading[ref]
            self._kept[ref] = content
            while len(self._kept) > _CACHED_SEGMENTS:
                self._kept.popitem(last=False)
        mine.set_result(content)
        return content

    def _bytes(self, ref: Ref | StepsRef | SegmentRef) -> bytes:
        try:
            data = self._store.get(ref.key, ref.size)
        except ObjectNotFoundError:
            raise CorruptObjectError(ref.key, "it is named, but does not exist") from None
        if len(data) != ref.size or hashlib.sha256(data).hexdigest() != ref.sha256:
            raise CorruptObjectError(ref.key, "its size or SHA-256 is not that of its reference")
        return data

    def commits(self, ref: StepsRef) -> tuple[Commit, ...]:
        """The commits of an index segment of kind `steps`."""
        return self.load(ref, lambda data: decode_commits(ref, data, self.stream))

    def steps_below(self, ref: StepsRef) -> StepsRefs:
        """The children of an index segment of kind `node`."""
        return self.load(ref, lambda data: decode_node(ref, data, self.stream))

    def children(self, ref: Ref) -> tuple[Ref, ...]:
        """The children of a keyed segment of refs."""
        return self.load(ref, lambda data: decode_keyed_node(ref, data, self.stream))

    def producers(self, ref: Ref) -> dict[str, Producer]:
        """The producers of a segment, by id."""
        return self.load(ref, lambda data: decode_producers(ref, data, self.stream))

    def keys(self, ref: Ref) -> dict[str, int]:
        """The idempotence keys of a segment and their versions."""
        return self.load(ref, lambda data: decode_keys(ref, data, self.stream))


def decode_root(data: bytes, version: int, stream: str) -> Root:
    """Decodes the root that was stored as `version`.

    Raises `CorruptObjectError`, and `UnsupportedFeatureError` for what it requires.
    """
    members, packed = _open_packed(snapshot(version), data, stream)
    check_requirements(members)
    if members.integer("version") != version:
        raise members.fail(f"it says that it is version {members.integer('version')}")
    schemas, versions = _decode_schemas(members, version)
    state = State(
        version=version,
        digest=members.digest("digest"),
        time=members.integer("time"),
        next_step=members.integer("next_step"),
        rows=members.integer("rows"),
        tokens=members.integer("tokens"),
        first_readable=members.integer("first_readable"),
        sealed=members.boolean("sealed"),
        schemas=schemas,
        schema_versions=versions,
        defaults=decode_defaults(members.object("defaults")),
        skips=[decode_recorded_skip(skip) for skip in members.objects("skips")],
        intent=_decode_intent(members),
        first_own=members.optional_integer("first_own") or 0,
    )
    if state.first_readable > state.next_step:
        raise members.fail("'first_readable' is after 'next_step'")
    index = StepsRefs(members.object("index"), packed)
    if state.first_own > state.next_step:
        raise members.fail("'first_own' is after 'next_step'")
    first = max(state.first_readable, state.first_own)
    if not state.first_own <= index.before[0] <= first:
        raise members.fail("'index' does not begin between 'first_own' and 'first_readable'")
    if index.after != (state.next_step, state.rows, state.tokens):
        raise members.fail("'index' does not reach to 'next_step'")
    return Root(
        version,
        state,
        index,
        _decode_keyed(members, "recent", "producers"),
        _decode_keyed(members, "producers", "producers"),
        _decode_keyed(members, "keys", "keys"),
    )


def attach_tables(root: Root, segments: Segments) -> None:
    """Lets the root's state look up producers and keys in the root's segments."""

    def producer(name: str) -> Producer | None:
        for refs in (root.recent, root.producers):
            ref = _leaf_of(refs, name.encode(), segments)
            found = segments.producers(ref).get(name) if ref else None
            if found is not None:
                return found
        return None

    def key(name: str) -> int | None:
        ref = _leaf_of(root.keys, name.encode(), segments)
        return segments.keys(ref).get(name) if ref else None

    def recent() -> dict[str, Producer]:
        found: dict[str, Producer] = {}
        for ref in _leaves(root.recent or root.producers, segments):
            found.update(segments.producers(ref))
        return found

    def producers() -> dict[str, Producer]:
        found: dict[str, Producer] = {}
        for ref in _leaves(root.producers, segments):
            found.update(segments.producers(ref))
        return found | recent()

    root.state.older_producer = producer
    root.state.older_producers = producers
    root.state.older_recent = recent
    root.state.older_key = key


def _leaf_of(refs: tuple[Ref, ...], name: bytes, segments: Segments) -> Ref | None:
    """The leaf of a tree of keyed segments that `name` is in, if it is anywhere."""
    for _ in range(MAX_NODE_DEPTH + 1):
        position = bisect_right(refs, name, key=lambda ref: ref.first) - 1
        if position < 0 or name > refs[position].last:
            return None
        if not refs[position].is_node:
            return refs[position]
        refs = segments.children(refs[position])
    raise CorruptObjectError(refs[0].key, f"nodes nest deeper than {MAX_NODE_DEPTH}")


def _leaves(refs: tuple[Ref, ...], segments: Segments, depth: int = 0) -> Iterator[Ref]:
    for ref in refs:
        if not ref.is_node:
            yield ref
        elif depth >= MAX_NODE_DEPTH:
            raise CorruptObjectError(ref.key, f"nodes nest deeper than {MAX_NODE_DEPTH}")
        else:
            yield from _leaves(segments.children(ref), segments, depth + 1)


def _open_object(key: str, data: bytes, stream: str, kind: str) -> Members:
    members = unseal(key, data, LARGE_LIMIT)
    _check_stream(members, stream)
    members.choice("kind", (kind,))
    return members


def _open_packed(key: str, data: bytes, stream: str) -> tuple[Members, bytes]:
    """An object that refs follow, with these."""
    members, packed = unseal_head(key, data, LARGE_LIMIT)
    _check_stream(members, stream)
    return members, packed


def _check_stream(members: Members, stream: str) -> None:
    check_format(members)
    if members.string("stream") != stream:
        raise members.fail("it belongs to another stream")


def _decode_schemas(members: Members, version: int) -> tuple[list[StreamSchema], list[int]]:
    schemas: list[StreamSchema] = []
    versions: list[int] = []
    for item in members.objects("schemas"):
        schema = decode_schema(item)
        added = item.integer("version", versions[-1] if schemas else 0, version) if schemas else -1
        if schema.id != len(schemas) or (schemas and not schema.follows(schemas[-1])):
            raise item.fail(f"schema {schema.id} does not follow")
        schemas.append(schema)
        versions.append(max(added, -1))
    if not schemas:
        raise members.fail("'schemas' is empty")
    return schemas, versions


def _decode_intent(members: Members) -> Intent | None:
    if "intent" not in members:
        return None
    intent = members.object("intent")
    return Intent(intent.integer("version"), intent.integer("to"))


def _decode_ref(members: Members, kinds: tuple[str, ...]) -> Ref:
    key = members.object_key("key")
    if not is_segment_key(key):
        raise members.fail(f"{key[:200]!r} is not the key of a segment")
    size = members.integer("bytes", 1, LARGE_LIMIT)
    kind = members.choice("kind", kinds)
    digest = members.digest("sha256")
    first, last = (members.string(name, 0, MAX_KEY).encode() for name in ("first", "last"))
    count = members.integer("count", 1)
    return Ref(key, size, digest, kind, first, last, count)


def _decode_keyed(members: Members, name: str, kind: str) -> tuple[Ref, ...]:
    """The refs in the member `name`, of segments that hold `kind` or refs of such."""
    refs = tuple(_decode_ref(ref, (kind, f"{kind}-node")) for ref in members.objects(name))
    bounds = [bound for ref in refs for bound in (ref.first, ref.last)]
    if any(a > b for a, b in itertools.pairwise(bounds)):
        raise members.fail(f"{name!r} is not in order")
    if any(a.last == b.first for a, b in itertools.pairwise(refs)):
        raise members.fail(f"{name!r} overlaps")
    return refs


def decode_node(ref: StepsRef, data: bytes, stream: str) -> StepsRefs:
    """Decodes a segment of refs of the index of steps."""
    members, packed = _open_packed(ref.key, data, stream)
    members.choice("kind", ("node",))
    children = StepsRefs(members, packed)
    if (children.before, children.after) != (ref.before, ref.after):
        raise members.fail("its children do not cover the steps of its reference")
    if children[0].height >= ref.height:
        raise members.fail(f"a child of it has the height {children[0].height}, as it has, or more")
    return children


def decode_keyed_node(ref: Ref, data: bytes, stream: str) -> tuple[Ref, ...]:
    """Decodes a segment of refs of keyed segments."""
    members = _open_object(ref.key, data, stream, ref.kind)
    children = _decode_keyed(members, "children", ref.kind.removesuffix("-node"))
    if (
        not children
        or (children[0].first, children[-1].last) != (ref.first, ref.last)
        or sum(child.count for child in children) != ref.count
    ):
        raise members.fail("its children are not those of its reference")
    return children


def decode_commits(ref: StepsRef, data: bytes, stream: str) -> tuple[Commit, ...]:
    """Decodes a leaf of the index of steps."""
    members = _open_object(ref.key, data, stream, "steps")
    commits: list[Commit] = []
    expected, version = ref.before, -1
    for item in members.objects("commits"):
        commit = _decode_commit(item)
        if commit.before != expected or commit.version <= version or not commit.steps:
            raise item.fail("commits must be dense and in order")
        expected, version = commit.after, commit.version
        if max(expected) > MAX_INTEGER:
            raise item.fail("its totals exceed 2^53-1")
        commits.append(commit)
    if expected != ref.after:
        raise members.fail("its commits do not cover the steps of its reference")
    return tuple(commits)


def _decode_commit(members: Members) -> Commit:
    content, segments = decode_steps(members)
    return Commit(
        members.integer("version"),
        members.digest("digest"),
        members.integer("time"),
        decode_stamp(members.object("producer")),
        members.integer("first_step"),
        members.integer("first_row"),
        members.integer("first_token"),
        content,
        segments,
        decode_repeat(members),
    )


def decode_producers(ref: Ref, data: bytes, stream: str) -> dict[str, Producer]:
    """Decodes a segment of producers."""
    members = _open_object(ref.key, data, stream, "producers")
    producers: dict[str, Producer] = {}
    names: list[bytes] = []
    for item in members.objects("producers"):
        producer = _decode_producer(item)
        producers[producer.id] = producer
        names.append(producer.id.encode())
    _check_order(members, ref, names)
    return producers


def _check_order(members: Members, ref: Ref, names: list[bytes]) -> None:
    """What is out of its place would not be found, as if it did not exist."""
    ascending = all(a < b for a, b in itertools.pairwise(names))
    fits = len(names) == ref.count and (names[0], names[-1]) == (ref.first, ref.last)
    if not fits or not ascending:
        raise members.fail("it is not in order, or not from first to last of its reference")


def _decode_producer(members: Members) -> Producer:
    state = members.optional_string("state", 0, MAX_STATE_BYTES)
    return Producer(
        members.name("id"),
        members.integer("epoch", 1),
        members.integer("sequence"),
        state,
        tuple(decode_attachment(a) for a in members.objects("attachments", MAX_ATTACHMENTS)),
        members.integer("version"),
        members.integer("time"),
        members.boolean("retired"),
    )


def decode_keys(ref: Ref, data: bytes, stream: str) -> dict[str, int]:
    """Decodes a segment of idempotence keys."""
    members = _open_object(ref.key, data, stream, "keys")
    keys: dict[str, int] = {}
    names: list[bytes] = []
    for item in members.values("keys"):
        if type(item) is not list or len(item) != 2 or type(item[1]) is not int:
            raise members.fail("'keys' must hold [key, version]")
        name = members.check_string("keys", item[0], 1, MAX_KEY)
        keys[name] = item[1]
        names.append(name.encode())
    _check_order(members, ref, names)
    return keys
