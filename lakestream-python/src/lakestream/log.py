# SPDX-License-Identifier: Apache-2.0
"""Log entries: what one object under `log/` says, decoded and checked for form.

Form only: whether an entry is valid depends on the state before it, and is decided in `fold`.
"""

from __future__ import annotations

from dataclasses import dataclass

from lakestream.errors import CorruptObjectError, UnsupportedFeatureError
from lakestream.keys import STREAM, DataKey, is_bundle_key, log_entry
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
    PARQUET,
    Bundle,
    Content,
    decode_bundle,
    decode_content,
)

FORMAT_VERSION = 1
FORK = "fork"
REPEAT = "repeat"
PARQUET_BUNDLES = "parquet"
KNOWN_FEATURES: frozenset[str] = frozenset({FORK, REPEAT, PARQUET_BUNDLES})
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
class RepeatRange:
    """The steps [start, stop) whose cells an entry commits once more."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class RecordedSkip:
    """Steps [start, stop) that readers with a rules version of at least `version` pass over."""

    version: int
    start: int
    stop: int
    reason: str


@dataclass(frozen=True, slots=True)
class ForkOrigin:
    """Where a fork leaves its parent: at `step`, when the parent was at `version`.

    `schemas` are the parent's from id 1 on, each with its version. `chain` and `digest` are those
    of the parent's cursor there.
    """

    parent: str
    name: str
    version: int
    step: int
    rows: int
    tokens: int
    first_readable: int
    chain: str
    digest: str
    schemas: tuple[tuple[StreamSchema, int], ...]
    skips: tuple[RecordedSkip, ...]


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
    repeat: RepeatRange | None = None

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
    fork: ForkOrigin | None = None


def decode_stream(data: bytes, key: str = STREAM) -> Identity:
    """Decodes `stream.json`. Raises `CorruptObjectError` or `UnsupportedFeatureError`."""
    members = unseal(key, data, SMALL_LIMIT)
    check_format(members)
    requires = check_requirements(members)
    members.string("writer", 0, 128)
    match [_decode_action(action) for action in members.objects("actions", MAX_ACTIONS)]:
        case [SchemaAction(schema), DefaultsAction() as defaults] if schema.id == 0:
            pass
        case _:
            raise members.fail("'actions' must be a schema action with id 0, then defaults")
    created = members.integer("created")
    if ("fork" in members) != (FORK in requires):
        raise members.fail("it must have both the member 'fork' and that feature, or neither")
    fork = _decode_origin(members.object("fork"), schema) if "fork" in members else None
    return Identity(members.uuid("id"), created, digest_of(data), schema, defaults, fork)


def _decode_origin(members: Members, first: StreamSchema) -> ForkOrigin:
    version = members.integer("version") if "version" in members else -1
    step, rows, tokens = (members.integer(name) for name in ("step", "rows", "tokens"))
    if step == 0 and (rows or tokens):
        raise members.fail("it begins with step 0 and has rows or tokens before it")
    schemas: list[tuple[StreamSchema, int]] = []
    former, earliest = first, 0
    for item in members.objects("schemas"):
        schema = decode_schema(item)
        earliest = item.integer("version", earliest, max(version, 0))
        if version < 0 or not schema.follows(former):
            raise item.fail(f"schema {schema.id} does not follow")
        schemas.append((schema, earliest))
        former = schema
    skips = tuple(decode_recorded_skip(skip) for skip in members.objects("skips"))
    for skip in skips:
        if skip.version > version or not skip.start < skip.stop <= step:
            raise members.fail(f"it can't have a skip of [{skip.start}, {skip.stop})")
    return ForkOrigin(
        members.uuid("parent"),
        members.name("name"),
        version,
        step,
        rows,
        tokens,
        members.integer("first_readable", 0, step),
        members.digest("chain"),
        members.digest("digest"),
        tuple(schemas),
        skips,
    )


def decode_entry(data: bytes, version: int) -> Entry:
    """Decodes the entry that was stored as `version`. Raises as `decode_stream` does."""
    key = log_entry(version)
    members = unseal(key, data, SMALL_LIMIT)
    if members.integer("version") != version:
        raise members.fail(f"it says that it is version {members.integer('version')}")
    requires = check_requirements(members)
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
    repeat = decode_repeat(members)
    if repeat is not None and REPEAT not in requires:
        raise members.fail("it repeats steps and does not require the feature 'repeat'")
    named = (*content.bundles, *(attachment.bundle for attachment in attachments))
    if PARQUET_BUNDLES not in requires and any(bundle.format == PARQUET for bundle in named):
        raise members.fail("it names Parquet bundles and does not require the feature 'parquet'")
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
        repeat,
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


def check_requirements(members: Members) -> frozenset[str]:
    """The features that one must know. Stops at one that this version does not know."""
    requires = frozenset(members.strings("requires", MAX_FEATURES, MAX_LABEL))
    for feature in sorted(requires - KNOWN_FEATURES):
        raise UnsupportedFeatureError(members.key, f"it requires the feature {feature!r}")
    return requires


def decode_repeat(members: Members) -> RepeatRange | None:
    """The range that an entry or a condensed commit repeats, if it does."""
    if "repeat" not in members:
        return None
    repeat = members.object("repeat")
    return RepeatRange(repeat.integer("from"), repeat.integer("to"))


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
    data: bytes,
    ref: SegmentRef,
    stream: str,
    producer: ProducerStamp,
    schemas: int,
    *,
    repeats: bool = False,
) -> Content:
    """Decodes a segment of a commit by `producer`, before which there were so many `schemas`.

    Bundles are the producer's own, or anybody's if the commit `repeats` steps. Size and digest must
    have been checked.
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
        owned = parts is not None and parts.suffix != "json" and parts.producer == producer.id
        mine = parts is not None and owned and parts.epoch <= producer.epoch
        if not (is_bundle_key(bundle.key) if repeats else mine):
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


def decode_recorded_skip(members: Members) -> RecordedSkip:
    """A skip with the version of its entry, in a snapshot or a fork."""
    skip = decode_skip(members)
    return RecordedSkip(members.integer("version"), skip.start, skip.stop, skip.reason)


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
