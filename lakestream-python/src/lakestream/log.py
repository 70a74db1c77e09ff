# SPDX-License-Identifier: Apache-2.0
"""Log entries: what one object under `log/` says, decoded and checked for form.

Form only: whether an entry is valid depends on the state before it, and is decided in `fold`.
"""

from __future__ import annotations

from dataclasses import dataclass

from lakestream.errors import CorruptObjectError, UnsupportedFeatureError
from lakestream.keys import STREAM, DataKey, log_entry
from lakestream.schema import StreamSchema, decode_schema
from lakestream.sealed import (
    LARGE_LIMIT,
    MAX_INTEGER,
    MAX_LABEL,
    SMALL_LIMIT,
    Members,
    digest_of,
    unseal,
)
from lakestream.steps import (
    EMPTY,
    MAX_COMMIT_STEPS,
    MAX_PIECES,
    MAX_RUNS,
    MAX_SLOTS,
    Bundle,
    Content,
    decode_bundle,
    decode_content,
)

FORMAT_VERSION = 1
KNOWN_FEATURES: frozenset[str] = frozenset()
MAX_STATE_BYTES = 4096
MAX_ATTACHMENTS = 1024
MAX_ACTIONS = 1024
MAX_FEATURES = 64


@dataclass(frozen=True, slots=True)
class ProducerStamp:
    """Who wrote an entry: producer id, its epoch, and its sequence within the epoch."""

    id: str
    epoch: int
    sequence: int


@dataclass(frozen=True, slots=True)
class SegmentRef:
    """A segment with bundles and steps of a commit; `size` (bytes) and `sha256` bind it."""

    key: str
    size: int
    sha256: str
    steps: int
    rows: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A bundle that a producer keeps reachable under a name."""

    name: str
    bundle: Bundle


@dataclass(frozen=True, slots=True)
class SchemaAction:
    """Adds a schema."""

    schema: StreamSchema


@dataclass(frozen=True, slots=True)
class DefaultsAction:
    """Sets slots and pieces for new bundles."""

    slots: int
    pieces: int


@dataclass(frozen=True, slots=True)
class SkipAction:
    """Readers whose rules version reaches the entry's do not deliver [start, stop)."""

    start: int
    stop: int
    reason: str


@dataclass(frozen=True, slots=True)
class IntentAction:
    """Announces a trim to at most step `to`."""

    to: int


@dataclass(frozen=True, slots=True)
class CancelAction:
    """Cancels the open intent of entry `intent`."""

    intent: int


@dataclass(frozen=True, slots=True)
class TrimAction:
    """Makes `to` the first readable step, under the open intent of entry `intent`."""

    to: int
    intent: int


@dataclass(frozen=True, slots=True)
class SealAction:
    """No step follows."""


@dataclass(frozen=True, slots=True)
class RetireAction:
    """Fences a producer at `epoch`."""

    producer: str
    epoch: int


Action = (
    SchemaAction
    | DefaultsAction
    | SkipAction
    | IntentAction
    | CancelAction
    | TrimAction
    | SealAction
    | RetireAction
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One log entry. `digest` is the SHA-256 of its bytes."""

    version: int
    digest: str
    id: str
    prev: str
    time: int
    first_step: int
    first_row: int
    first_token: int
    producer: ProducerStamp | None
    state: str | None
    attachments: tuple[Attachment, ...]
    idempotence: str | None
    content: Content
    segments: tuple[SegmentRef, ...]
    actions: tuple[Action, ...]

    @property
    def steps(self) -> int:
        """The number of steps that it makes visible."""
        return self.content.steps + sum(segment.steps for segment in self.segments)

    @property
    def rows(self) -> int:
        """The rows of its steps."""
        return self.content.rows + sum(segment.rows for segment in self.segments)

    @property
    def tokens(self) -> int:
        """The tokens of its steps."""
        return self.content.tokens + sum(segment.tokens for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Identity:
    """What `stream.json` says: the stream's id and how it began. `digest` is that of its bytes."""

    id: str
    created: int
    digest: str
    schema: StreamSchema
    defaults: DefaultsAction


def decode_stream(data: bytes, key: str = STREAM) -> Identity:
    """Decodes `stream.json`. Raises `CorruptObjectError` or `UnsupportedFeatureError`."""
    members = unseal(key, data, SMALL_LIMIT)
    check_format(members)
    check_requirements(members)
    members.string("writer", 0, 128)
    match [_decode_action(action) for action in members.objects("actions", MAX_ACTIONS)]:
        case [SchemaAction(schema), DefaultsAction() as defaults] if schema.id == 0:
            pass
        case _:
            raise members.fail("'actions' must be a schema action with id 0, then defaults")
    created = members.integer("created")
    return Identity(members.uuid("id"), created, digest_of(data), schema, defaults)


def decode_entry(data: bytes, version: int) -> Entry:
    """Decodes the entry that was stored as `version`. Raises as `decode_stream` does."""
    key = log_entry(version)
    members = unseal(key, data, SMALL_LIMIT)
    if members.integer("version") != version:
        raise members.fail(f"it says that it is version {members.integer('version')}")
    check_requirements(members)
    content, segments = decode_steps(members)
    attachments = tuple(
        decode_attachment(a) for a in members.objects("attachments", MAX_ATTACHMENTS)
    )
    state = members.optional_string("state", 0, MAX_STATE_BYTES)
    if state is not None and len(state.encode()) > MAX_STATE_BYTES:
        raise members.fail(f"'state' exceeds {MAX_STATE_BYTES} bytes")
    producer = decode_stamp(members.object("producer")) if "producer" in members else None
    if producer is None and (
        state is not None or attachments or segments or content.bundles or content.groups
    ):
        raise members.fail("the member 'producer' is missing")
    if "writer" in members:
        members.string("writer", 0, 128)
    entry = Entry(
        version,
        digest_of(data),
        members.uuid("id"),
        members.digest("prev"),
        members.integer("time"),
        members.integer("first_step"),
        members.integer("first_row"),
        members.integer("first_token"),
        producer,
        state,
        attachments,
        members.optional_string("idempotence", 1, 256),
        content,
        segments,
        tuple(_decode_action(action) for action in members.objects("actions", MAX_ACTIONS)),
    )
    after = (
        entry.first_step + entry.steps,
        entry.first_row + entry.rows,
        entry.first_token + entry.tokens,
    )
    if max(after) > MAX_INTEGER:
        raise members.fail("its totals exceed 2^53-1")
    return entry


def check_format(members: Members) -> None:
    """Stops at a newer format version."""
    version = members.integer("lakestream", 1)
    if version > FORMAT_VERSION:
        problem = f"it has format version {version}; the newest known is {FORMAT_VERSION}"
        raise UnsupportedFeatureError(members.key, problem)


def check_requirements(members: Members) -> None:
    """Stops at a feature that one must know and that this version does not."""
    for feature in members.strings("requires", MAX_FEATURES, MAX_LABEL):
        if feature not in KNOWN_FEATURES:
            raise UnsupportedFeatureError(members.key, f"it requires the feature {feature!r}")


def decode_stamp(members: Members) -> ProducerStamp:
    """The producer of an entry."""
    return ProducerStamp(
        members.name("id"), members.integer("epoch", 1), members.integer("sequence")
    )


def decode_steps(members: Members) -> tuple[Content, tuple[SegmentRef, ...]]:
    """The steps of an entry or of a condensed commit: in place, or as segments."""
    segments = tuple(_decode_segment_ref(segment) for segment in members.objects("segments"))
    if sum(segment.steps for segment in segments) > MAX_COMMIT_STEPS:
        raise members.fail(f"a commit has at most {MAX_COMMIT_STEPS} steps")
    if not segments:
        return decode_content(members), ()
    if members.has_items("bundles") or members.has_items("steps"):
        raise members.fail("either segments, or bundles and steps")
    for count in ("rows", "tokens"):
        if sum(getattr(segment, count) for segment in segments) > MAX_INTEGER:
            raise members.fail(f"its {count} exceed 2^53-1")
    return EMPTY, segments


def decode_commit_segment(
    data: bytes, ref: SegmentRef, stream: str, producer: ProducerStamp, schemas: int
) -> Content:
    """Decodes a segment of a commit by `producer`, before which there were so many `schemas`.

    Size and digest must have been checked.
    """
    key = ref.key
    members = unseal(key, data, ref.size)
    check_format(members)
    members.choice("kind", ("commit",))
    if members.string("stream") != stream:
        raise members.fail("it belongs to another stream")
    content = decode_content(members)
    if (content.steps, content.rows, content.tokens) != (ref.steps, ref.rows, ref.tokens):
        raise CorruptObjectError(key, "its steps, rows or tokens are not those of its reference")
    for bundle in content.bundles:
        parts = DataKey.parse(bundle.key)
        owned = parts is not None and parts.suffix == "arrow" and parts.producer == producer.id
        if parts is None or not owned or parts.epoch > producer.epoch:
            problem = f"the bundle {bundle.key} is not one of producer {producer.id}"
            raise CorruptObjectError(key, problem)
        if bundle.schema >= schemas:
            raise CorruptObjectError(key, f"schema {bundle.schema} of {bundle.key} is unknown")
    return content


def _decode_segment_ref(members: Members) -> SegmentRef:
    return SegmentRef(
        members.object_key("key"),
        members.integer("bytes", 1, LARGE_LIMIT),
        members.digest("sha256"),
        members.integer("steps", 1, MAX_COMMIT_STEPS),
        members.integer("rows"),
        members.integer("tokens"),
    )


def decode_attachment(members: Members) -> Attachment:
    """One attachment of an entry or of a producer in a snapshot."""
    return Attachment(members.name("name"), decode_bundle(members.object("bundle")))


def decode_defaults(members: Members) -> DefaultsAction:
    """The members `slots` and `pieces` of a defaults action or a snapshot."""
    slots = members.integer("slots", 1, MAX_SLOTS)
    pieces = members.integer("pieces", 1, MAX_PIECES)
    if slots * pieces > MAX_RUNS:
        raise members.fail(f"slots × pieces is {slots * pieces}, more than {MAX_RUNS}")
    return DefaultsAction(slots, pieces)


def decode_skip(members: Members) -> SkipAction:
    """The members of a skip action or of a skip in a snapshot."""
    reason = members.string("reason", 0, 1024)
    return SkipAction(members.integer("from"), members.integer("to"), reason)


def _decode_action(members: Members) -> Action:
    match members.label("type"):
        case "schema":
            return SchemaAction(decode_schema(members))
        case "defaults":
            return decode_defaults(members)
        case "skip":
            return decode_skip(members)
        case "intent":
            return IntentAction(members.integer("to"))
        case "cancel":
            return CancelAction(members.integer("intent"))
        case "trim":
            return TrimAction(members.integer("to"), members.integer("intent"))
        case "seal":
            return SealAction()
        case "retire":
            return RetireAction(members.name("producer"), members.integer("epoch", 1))
        case unknown:
            raise UnsupportedFeatureError(members.key, f"the action type {unknown!r}")
