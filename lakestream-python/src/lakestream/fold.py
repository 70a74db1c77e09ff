# SPDX-License-Identifier: Apache-2.0
"""The fold of the log: the state after a version, and the one predicate `valid`.

Pure: no I/O but the lookups of producers and idempotence keys, which a snapshot may provide
lazily. `problem(state, entry)` is the predicate of the format, told as the first rule that an
entry breaks; `apply` moves the state on.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lakestream.errors import CorruptObjectError
from lakestream.keys import DataKey, is_bundle_key, log_entry
from lakestream.log import (
    Action,
    Attachment,
    CancelAction,
    DefaultsAction,
    Entry,
    Identity,
    IntentAction,
    RecordedSkip,
    RetireAction,
    SchemaAction,
    SealAction,
    SkipAction,
    TrimAction,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from lakestream.schema import StreamSchema


@dataclass(frozen=True, slots=True)
class Producer:
    """What the log knows of a producer; `version` and `time` are those of its last entry."""

    id: str
    epoch: int
    sequence: int
    state: str | None
    attachments: tuple[Attachment, ...]
    version: int
    time: int
    retired: bool = False


Skip = RecordedSkip


@dataclass(frozen=True, slots=True)
class Intent:
    """An open trim intent of entry `version`, to at most step `to`."""

    version: int
    to: int


def _nothing(_: str) -> None:
    return None


@dataclass(slots=True)
class State:
    """The log folded up to `version`. Not thread-safe; only `apply` changes it.

    `producers` and `keys` hold what was seen since the snapshot, if there was one;
    `older_producer`, `older_producers`, `older_recent` and `older_key` look up the rest.
    """

    version: int
    digest: str
    time: int
    next_step: int
    rows: int
    tokens: int
    first_readable: int
    sealed: bool
    schemas: list[StreamSchema]
    schema_versions: list[int]
    defaults: DefaultsAction
    skips: list[Skip] = field(default_factory=list)
    intent: Intent | None = None
    producers: dict[str, Producer] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    first_own: int = 0
    """The first step that is not the parent's; 0 unless the stream is a fork."""
    older_producer: Callable[[str], Producer | None] = _nothing
    older_producers: Callable[[], dict[str, Producer]] = dict
    older_recent: Callable[[], dict[str, Producer]] = dict
    older_key: Callable[[str], int | None] = _nothing

    @property
    def summary(self) -> tuple[object, ...]:
        """All but what lies in tables: equal for folds of the same history."""
        return (
            (self.version, self.digest, self.time, self.next_step, self.rows, self.tokens),
            (self.first_readable, self.sealed, self.intent, tuple(self.skips)),
            (tuple(self.schemas), tuple(self.schema_versions), self.defaults),
        )

    def producer(self, name: str) -> Producer | None:
        """The producer called `name`, or None if the log never saw it."""
        return self.producers.get(name) or self.older_producer(name)

    def all_producers(self) -> dict[str, Producer]:
        """All producers that the log ever saw, by id."""
        return self.older_producers() | self.producers

    def recent_producers(self) -> dict[str, Producer]:
        """Those that committed last, by id: not many, however many there ever were."""
        return self.older_recent() | self.producers

    def has_key(self, key: str) -> bool:
        """Whether an idempotence key is taken."""
        return key in self.keys or self.older_key(key) is not None

    def schema_at(self, version: int) -> StreamSchema:
        """The newest schema that the state after `version` had."""
        return self.schemas[bisect_right(self.schema_versions, version) - 1]

    def schemas_before(self, version: int) -> int:
        """How many schemas there were before the entry `version`."""
        return bisect_left(self.schema_versions, version)


def initial(identity: Identity) -> State:
    """The state before the first entry."""
    origin = identity.fork
    if origin is not None:
        return State(
            version=origin.version,
            digest=identity.digest,
            time=identity.created,
            next_step=origin.step,
            rows=origin.rows,
            tokens=origin.tokens,
            first_readable=origin.first_readable,
            sealed=False,
            schemas=[identity.schema, *(schema for schema, _ in origin.schemas)],
            schema_versions=[-1, *(version for _, version in origin.schemas)],
            defaults=identity.defaults,
            skips=list(origin.skips),
            first_own=origin.step,
        )
    return State(
        version=-1,
        digest=identity.digest,
        time=identity.created,
        next_step=0,
        rows=0,
        tokens=0,
        first_readable=0,
        sealed=False,
        schemas=[identity.schema],
        schema_versions=[-1],
        defaults=identity.defaults,
    )


def check_chain(state: State, entry: Entry) -> None:
    """Stops if `entry` does not follow the state's last entry: history may have been replaced."""
    if entry.version != state.version + 1:
        problem = f"it follows version {state.version}"
        raise CorruptObjectError(log_entry(entry.version), problem)
    if entry.prev != state.digest:
        raise CorruptObjectError(
            log_entry(entry.version), f"'prev' is {entry.prev}, its predecessor is {state.digest}"
        )


def valid(state: State, entry: Entry) -> bool:
    """`valid(state, entry)` of the format."""
    return problem(state, entry) is None


def problem(state: State, entry: Entry) -> str | None:
    """Why `entry` is void after `state`, or None if it is valid."""
    return (
        _time_problem(state, entry)
        or _totals_problem(state, entry)
        or _producer_problem(state, entry)
        or _idempotence_problem(state, entry)
        or _seal_problem(state, entry)
        or _bundle_problem(state, entry)
        or _actions_problem(state, entry)
        or _repeat_problem(state, entry)
    )


def _time_problem(state: State, entry: Entry) -> str | None:
    return f"time {entry.time} is before {state.time}" if entry.time < state.time else None


def _totals_problem(state: State, entry: Entry) -> str | None:
    claimed = (entry.first_step, entry.first_row, entry.first_token)
    actual = (state.next_step, state.rows, state.tokens)
    return f"totals {claimed} are not {actual}" if claimed != actual else None


def _producer_problem(state: State, entry: Entry) -> str | None:
    stamp = entry.producer
    if stamp is None:
        return None
    known = state.producer(stamp.id)
    if stamp.sequence == 0:
        expected = known.epoch + 1 if known else 1
        if stamp.epoch != expected:
            return f"{stamp.id} opens epoch {stamp.epoch}, the next is {expected}"
        carries = (
            (entry.state is not None or entry.idempotence is not None)
            or (entry.attachments or entry.segments)
            or (entry.content.bundles or entry.content.groups)
        )
        return "an opening carries more" if carries else None
    if known is None or known.retired:
        return f"{stamp.id} is {'retired' if known else 'unknown'}"
    if stamp.epoch != known.epoch:
        return f"{stamp.id} is at epoch {known.epoch}, not {stamp.epoch}"
    if stamp.sequence != known.sequence + 1:
        return f"{stamp.id} is at sequence {known.sequence}, {stamp.sequence} does not follow"
    return None


def _idempotence_problem(state: State, entry: Entry) -> str | None:
    key = entry.idempotence
    return f"the key {key!r} is taken" if key is not None and state.has_key(key) else None


def _seal_problem(state: State, entry: Entry) -> str | None:
    if not state.sealed:
        return None
    late = any(isinstance(a, SchemaAction | DefaultsAction | SealAction) for a in entry.actions)
    return "the stream is sealed" if entry.steps or late else None


def _bundle_problem(state: State, entry: Entry) -> str | None:
    stamp = entry.producer
    if stamp is None:
        return None
    bundles = [bundle.key for bundle in entry.content.bundles]
    segments = [segment.key for segment in entry.segments]
    if len(set(bundles)) != len(bundles) or len(set(segments)) != len(segments):
        return "a key appears twice"
    descriptors = [*entry.content.bundles, *(a.bundle for a in entry.attachments)]
    for bundle in descriptors:
        if bundle.schema >= len(state.schemas):
            return f"schema {bundle.schema} is unknown"
    known = state.producer(stamp.id)
    kept = {a.bundle.key for a in known.attachments} if known else set()
    for number, key in enumerate(bundle.key for bundle in descriptors):
        repeated = entry.repeat is not None and number < len(bundles) and is_bundle_key(key)
        if (
            not repeated
            and key not in kept
            and not _owned(key, stamp.id, stamp.epoch, "arrow", "parquet")
        ):
            return f"{key} is not owned"
    for key in segments:
        if not _owned(key, stamp.id, stamp.epoch, "json"):
            return f"{key} is not owned"
    return None


def _owned(key: str, producer: str, epoch: int, *suffixes: str) -> bool:
    parts = DataKey.parse(key)
    return (
        parts is not None
        and (parts.producer, parts.epoch) == (producer, epoch)
        and parts.suffix in suffixes
    )


def _repeat_problem(state: State, entry: Entry) -> str | None:
    repeat = entry.repeat
    if repeat is None:
        return None
    first = max(state.first_readable, state.first_own)
    if first <= repeat.start < repeat.stop <= state.next_step:
        return None
    claimed = f"[{repeat.start}, {repeat.stop})"
    return f"it repeats {claimed}, those from {first} to {state.next_step} may be repeated"


@dataclass(slots=True)
class _Trial:
    """The part of the state that actions see and change, tried out before it is kept."""

    version: int
    next_step: int
    first_readable: int
    sealed: bool
    intent: Intent | None
    schemas: list[StreamSchema]
    defaults: DefaultsAction
    skips: list[Skip]
    producers: dict[str, Producer]

    @staticmethod
    def after_steps(state: State, entry: Entry) -> _Trial:
        producers = {}
        if entry.producer is not None:
            producers[entry.producer.id] = _moved(state, entry)
        return _Trial(
            entry.version,
            state.next_step + entry.steps,
            state.first_readable,
            state.sealed,
            state.intent,
            list(state.schemas),
            state.defaults,
            [],
            producers,
        )


def _moved(state: State, entry: Entry) -> Producer:
    """The producer of `entry` after it."""
    stamp = entry.producer
    assert stamp is not None
    known = state.producer(stamp.id)
    attachments = entry.attachments if stamp.sequence else (known.attachments if known else ())
    former = known.state if known else None
    position = entry.state if entry.state is not None else former
    return Producer(
        stamp.id, stamp.epoch, stamp.sequence, position, attachments, entry.version, entry.time
    )


def _actions_problem(state: State, entry: Entry) -> str | None:
    if not entry.actions:
        return None
    trial = _Trial.after_steps(state, entry)
    for action in entry.actions:
        found = _act(state, trial, action)
        if found is not None:
            return found
    return None


def _act(state: State, trial: _Trial, action: Action) -> str | None:
    """Applies `action` to `trial`, or says why it is not valid there."""
    match action:
        case SchemaAction(schema):
            if not schema.follows(trial.schemas[-1]):
                return f"schema {schema.id} does not evolve schema {trial.schemas[-1].id}"
            trial.schemas.append(schema)
        case DefaultsAction():
            trial.defaults = action
        case SkipAction(start, stop, reason):
            if not start < stop <= trial.next_step:
                return f"skip of [{start}, {stop}) below step {trial.next_step}"
            trial.skips.append(Skip(trial.version, start, stop, reason))
        case IntentAction(to):
            if not trial.first_readable <= to <= trial.next_step:
                return f"intent to {to} outside of {trial.first_readable} to {trial.next_step}"
            trial.intent = Intent(trial.version, to)
        case CancelAction(intent):
            if trial.intent is None or trial.intent.version != intent:
                return f"intent {intent} is not open"
            trial.intent = None
        case TrimAction(to, intent):
            if trial.intent is None or trial.intent.version != intent:
                return f"intent {intent} is not open"
            if not trial.first_readable <= to <= trial.intent.to:
                return f"trim to {to} outside of {trial.first_readable} to {trial.intent.to}"
            trial.first_readable = to
            trial.intent = None
        case SealAction():
            if trial.sealed:
                return "the stream is sealed"
            trial.sealed = True
        case RetireAction(name, epoch):
            known = trial.producers.get(name) or state.producer(name)
            if known is None or known.epoch != epoch:
                return f"{name} is not at epoch {epoch}"
            trial.producers[name] = replace(known, retired=True)
    return None


def apply(state: State, entry: Entry) -> str | None:
    """Moves `state` on by `entry`, which must follow it; returns why it is void, or None."""
    check_chain(state, entry)
    void = problem(state, entry)
    if void is None:
        trial = _Trial.after_steps(state, entry)
        for action in entry.actions:
            _act(state, trial, action)
        state.time = entry.time
        state.next_step = trial.next_step
        state.rows += entry.rows
        state.tokens += entry.tokens
        state.first_readable = trial.first_readable
        state.sealed = trial.sealed
        state.intent = trial.intent
        state.defaults = trial.defaults
        state.skips.extend(trial.skips)
        state.producers.update(trial.producers)
        added = trial.schemas[len(state.schemas) :]
        state.schemas.extend(added)
        state.schema_versions.extend(entry.version for _ in added)
        if entry.idempotence is not None:
            state.keys[entry.idempotence] = entry.version
    state.version = entry.version
    state.digest = entry.digest
    return void
