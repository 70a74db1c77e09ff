# SPDX-License-Identifier: Apache-2.0
"""A stream as a reader sees it: the folded log, and how to follow it."""

from __future__ import annotations

import os
import threading
import weakref
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from lakestream import fold, keys, snapshot
from lakestream.ahead import Background
from lakestream.cursor import NO_DIGEST, Cursor
from lakestream.eager import EagerReads
from lakestream.errors import (
    CorruptObjectError,
    CursorMismatchError,
    ObjectNotFoundError,
    StoreError,
    TrimmedStepError,
)
from lakestream.fork import Ancestry
from lakestream.index import StepIndex
from lakestream.log import Identity, decode_entry, decode_stream
from lakestream.sealed import LARGE_LIMIT, SMALL_LIMIT, unseal
from lakestream.store import ObjectStore, store_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from lakestream.fold import Producer, Skip, State
    from lakestream.log import Entry
    from lakestream.reader import Reader
    from lakestream.schema import StreamSchema
    from lakestream.snapshot import Commit, Segments
    from lakestream.steps import StepPlace

_BATCH = 64
"""Log entries read before the horizon is checked for all of them."""

_REMOTE_BATCH = 256
"""The same where many are read at once."""

_REBUILDS = 5

T = TypeVar("T")


@dataclass(slots=True)
class _View:
    """The state and the index that belongs to it. `base` is the version of the root, −1 if none."""

    state: State
    index: StepIndex
    base: int = -1
    voids: dict[int, str] = field(default_factory=dict)


def open(  # noqa: A001
    uri: str, *, cursor: Cursor | Mapping[str, Any] | None = None
) -> Stream:
    """Opens the stream whose root is `uri`, a path or a URI, and folds its log to the tail.

    `cursor` says where reading will go on, which is then looked up at the same time; it is not
    checked here.

    Raises `ValueError` for a scheme that is not supported, `ObjectNotFoundError` where there is no
    stream, `UnsupportedFeatureError` for a newer one, `CorruptObjectError` for a damaged one.
    """
    if cursor is not None and not isinstance(cursor, Cursor):
        cursor = Cursor.from_dict(cursor)
    return Stream(store_for(uri), start_step=cursor.next_step if cursor is not None else None)


_streams: weakref.WeakSet[Stream] = weakref.WeakSet()


def _after_fork() -> None:
    for stream in list(_streams):
        stream._after_fork()  # noqa: SLF001


os.register_at_fork(after_in_child=_after_fork)


class Stream:
    """A stream, folded up to some version. Thread-safe; many readers may share one.

    A child of a fork may go on with it.

    Nothing moves by itself: `refresh` folds what was committed since, and readers call it when they
    reach the tail.
    """

    def __init__(self, store: ObjectStore, *, start_step: int | None = None) -> None:
        """Opens the stream at the root of `store`. Raises what `open` does.

        `start_step` is the step to look up at the same time; by default the first readable one.
        """
        self.store = store
        self._reads = EagerReads(store)
        self._start_step = start_step
        self._reads.expect_get(keys.HINT, SMALL_LIMIT)
        self._reads.expect_list(keys.HORIZON)
        self.identity: Identity = decode_stream(store.get(keys.STREAM, SMALL_LIMIT))
        self._segments: Segments = snapshot.Segments(self._reads, self.identity.id)
        self._following = threading.RLock()  # Taken before the other, and held while requests last.
        self._lock = threading.RLock()
        self._damaged: set[int] = set()  # Versions of roots that name damaged segments.
        origin = self.identity.fork
        self._ancestry = Ancestry(store, origin, Stream) if origin is not None else None
        self.background = Background()
        self._folded = self._build()
        self._torn = False
        _streams.add(self)

    @property
    def _view(self) -> _View:
        if self._torn:
            with self._lock:
                self._folded = self._build()
                self._torn = False
        return self._folded

    @_view.setter
    def _view(self, view: _View) -> None:
        self._folded = view

    def _after_fork(self) -> None:
        """In the child, where no thread but this one is: none may have been in the middle."""
        self._following = threading.RLock()
        if self._lock.acquire(blocking=False):
            self._lock.release()
        else:
            self._lock = threading.RLock()
            self._torn = True
        self._segments.after_fork()
        self._reads.after_fork()

    def __repr__(self) -> str:
        return f"Stream({self.store!r}, id={self.id}, next_step={self.next_step})"

    @property
    def id(self) -> str:
        """The stream's UUID."""
        return self.identity.id

    @property
    def version(self) -> int:
        """The version of the last entry folded, −1 if there was none."""
        return self._view.state.version

    @property
    def next_step(self) -> int:
        """The number of steps visible so far, skipped and trimmed ones included."""
        return self._view.state.next_step

    @property
    def first_readable(self) -> int:
        """The first step that was not trimmed."""
        return self._view.state.first_readable

    @property
    def earliest(self) -> int:
        """The first step that can be read: as `first_readable`, and by the parent of a fork."""
        with self._lock:
            state = self._view.state
            if state.first_readable >= state.first_own:
                return state.first_readable
            return max(state.first_readable, min(state.first_own, self._parent.earliest))

    @property
    def sealed(self) -> bool:
        """Whether no step follows."""
        return self._view.state.sealed

    @property
    def schema(self) -> StreamSchema:
        """The newest schema."""
        return self._view.state.schemas[-1]

    @property
    def state(self) -> State:
        """The folded state, to look at; it moves when the stream is refreshed."""
        return self._view.state

    @property
    def voids(self) -> dict[int, str]:
        """Versions of void entries since the snapshot, and the rule that each broke."""
        return dict(self._view.voids)

    def refresh(self) -> bool:
        """Folds what was committed since the last time; whether there was anything."""
        with self._following:
            before = self._view.state.version
            if not self._look_up(self._follow):
                self._view = self._build(at_least=before)
            return self._view.state.version != before

    def refresh_earliest(self) -> int:
        """As `earliest`, after another look at the log and at those of the parents."""
        self.refresh()
        with self._lock:
            if self._view.state.first_readable < self._view.state.first_own:
                self._parent.refresh_earliest()
        return self.earliest

    @property
    def _parent(self) -> Stream:
        if self._ancestry is None:
            raise CorruptObjectError(
                keys.SNAPSHOTS.rstrip("/"), "of a fork, and the stream is none"
            )
        return self._ancestry.parent

    def home(self, step: int) -> ObjectStore:
        """The store that the bundles of a visible step lie in: a fork's, or that of an ancestor."""
        return self.owner(step).store

    def owner(self, step: int) -> Stream:
        """The stream that a visible step was written to: this one, or an ancestor of a fork."""
        with self._lock:
            inherited = step < self._view.state.first_own
            return self._parent.owner(step) if inherited else self

    def place(self, step: int) -> tuple[Commit, StepPlace]:
        """The commit and the cells of a visible step. `TrimmedStepError` if it was trimmed."""
        with self._lock:
            state = self._view.state
            if step < state.first_readable:
                raise TrimmedStepError(step, state.first_readable)
            if step >= state.next_step:
                raise IndexError(f"step {step} is not committed: the tail is {state.next_step - 1}")
            if step < state.first_own:
                return self._parent.place(step)
            return self._look_up(lambda view: view.index.place(step, view.state.schemas_before))

    def schema_at(self, version: int) -> StreamSchema:
        """The newest schema of the state after `version`."""
        with self._lock:
            return self._view.state.schema_at(version)

    def schema_of(self, number: int, key: str) -> StreamSchema:
        """The schema with the id `number`, which the bundle `key` names."""
        with self._lock:
            schemas = self._view.state.schemas
            if number >= len(schemas):
                raise CorruptObjectError(key, f"its schema {number} is unknown")
            return schemas[number]

    def skips(self, rules: int) -> list[Skip]:
        """The skips that apply under the rules version `rules`."""
        with self._lock:
            return [skip for skip in self._view.state.skips if skip.version <= rules]

    def producers(self) -> list[Producer]:
        """All producers that the log ever saw, the latest to commit first.

        Reads all segments of producers of the snapshot.
        """
        with self._lock:
            found = self._look_up(lambda view: view.state.all_producers())
        return _latest_first(found)

    def recent_producers(self) -> list[Producer]:
        """The producers that committed last: not many, however many there ever were."""
        with self._lock:
            found = self._look_up(lambda view: view.state.recent_producers())
        return _latest_first(found)

    def cursor_at(self, step: int, rules: int = -1) -> Cursor:
        """The cursor of a run that has consumed all steps before the visible or next step `step`.

        Where the step before was trimmed there is nothing to compare any more, and chain and digest
        are 64 zeros.
        """
        if 0 < step <= self.first_readable:
            return Cursor(self.id, step, rules, NO_DIGEST, NO_DIGEST)
        if self._ancestry is not None and step <= self._ancestry.origin.step:
            return self._ancestry.cursor_at(self.id, step, rules)
        if step == 0:
            return Cursor(self.id, 0, rules, self.identity.digest, NO_DIGEST)
        commit, place = self.place(step - 1)
        return Cursor(self.id, step, rules, commit.digest, place.record.digest)

    def adopt(self, cursor: Cursor) -> Cursor:
        """A cursor of this stream or, for a fork, of an ancestor, as one of this stream.

        Raises `CursorMismatchError` for any other. Its history is still to be compared.
        """
        if cursor.stream == self.id:
            return cursor
        if self._ancestry is None:
            raise CursorMismatchError(f"the cursor is of stream {cursor.stream}, this is {self.id}")
        with self._lock:
            return self._ancestry.adopt(self.id, cursor)

    def check(self, cursor: Cursor) -> None:
        """Refuses a cursor that is not of this stream or of this history.

        A fork accepts cursors of the streams that it is a fork of, from before it left them.
        Raises `CursorMismatchError`, which says what differs, or `TrimmedStepError`.
        """
        cursor = self.adopt(cursor)
        if cursor.next_step > self.next_step:
            self.refresh()
        if cursor.next_step > self.next_step:
            problem = f"the tail of the stream is {self.next_step - 1}"
            raise CursorMismatchError(f"the cursor is at step {cursor.next_step}, but {problem}")
        if cursor.next_step < self.first_readable:
            raise TrimmedStepError(cursor.next_step, self.first_readable)
        if 0 < cursor.next_step <= self.first_readable:
            return
        actual = self.cursor_at(cursor.next_step, cursor.rules)
        step = f"step {cursor.next_step - 1}" if cursor.next_step else "the stream's beginning"
        for name, theirs, ours in (
            ("chain", cursor.chain, actual.chain),
            ("digest", cursor.digest, actual.digest),
        ):
            if theirs != ours:
                problem = f"the cursor has {theirs}, the stream {ours}"
                raise CursorMismatchError(f"the {name} of {step} differs: {problem}")

    def reader(self, **options: Any) -> Reader:  # noqa: ANN401
        """A reader of one rank's share; see `lakestream.reader.Reader` for the options."""
        from lakestream.reader import Reader

        return Reader(self, **options)

    def _look_up(self, run: Callable[[_View], T]) -> T:
        """What `run` finds in the view; in another one if the view's root names what is damaged."""
        try:
            return run(self._view)
        except CorruptObjectError as damage:
            self._pass_over(self._view, damage)
        return self._look_up(run)  # Ends: each time another root is used up.

    def _pass_over(self, damaged: _View, damage: CorruptObjectError) -> None:
        """Goes on, at the same version, from another root or the beginning of the log.

        A folder that slept for long may have put a root whose segments are gone. Raises `damage` if
        nothing else stands for this history.
        """
        if not damage.key.startswith(keys.SEGMENTS):
            raise damage
        self._damaged.add(damaged.base)
        reached = damaged.state
        horizon = self._horizon()
        roots = [root for root in self._roots() if horizon <= root <= reached.version]
        for base in [root for root in roots if root not in self._damaged] + [-1][: horizon == 0]:
            with suppress(CorruptObjectError, ObjectNotFoundError):
                view = self._view_of(base)
                for version in range(view.state.version + 1, reached.version + 1):
                    data = self.store.get(keys.log_entry(version), SMALL_LIMIT)
                    self._fold(view, decode_entry(data, version))
                if view.state.summary == reached.summary:
                    self._view = view
                    return
        raise damage

    def _build(self, at_least: int = -1) -> _View:
        """A view from the newest usable snapshot, followed to the tail."""
        for _ in range(_REBUILDS):
            view = self._usable_view()
            if view is not None and view.state.version >= at_least:
                return view
        raise StoreError(
            f"{self.store!r}: the horizon moved again and again while the log was read"
        )

    def _usable_view(self) -> _View | None:
        """A view at the tail, or None if the horizon overtook it."""
        horizon = self._horizon()
        broken: CorruptObjectError | None = None
        for version in self._candidates(horizon):
            try:
                view = self._view_of(version)
                return view if self._follow(view) else None
            except (CorruptObjectError, ObjectNotFoundError) as error:  # noqa: PERF203
                if error.key != keys.snapshot(version) and not error.key.startswith(keys.SEGMENTS):
                    raise
                if isinstance(error, CorruptObjectError):
                    broken = broken or error
        if horizon > 0:
            problem = f"none of them can be read, and the log begins at the horizon {horizon}"
            raise broken or CorruptObjectError(keys.SNAPSHOTS.rstrip("/"), problem)
        view = self._view_of(-1)
        return view if self._follow(view) else None

    def _candidates(self, horizon: int) -> Iterator[int]:
        """Versions of roots to try, the newest first: those from the hint on, then all others."""
        tried = set(self._damaged)
        hint = self._hint()
        if hint > horizon:
            self._reads.expect_get(keys.snapshot(hint), LARGE_LIMIT)
        self._reads.expect_list(keys.LOG, keys.log_entry(hint) if hint > horizon else "")
        for lowest in (hint, horizon) if hint > horizon else (horizon,):
            for version in self._roots(lowest):
                if version not in tried:
                    tried.add(version)
                    yield version

    def _view_of(self, version: int) -> _View:
        """The view that begins with the root of this version, or before the log for −1."""
        if version < 0:
            view = _View(fold.initial(self.identity), StepIndex(self._segments))
            if self.store.remote:
                self._warm(view)
            return view
        data = self._reads.get(keys.snapshot(version), LARGE_LIMIT)
        root = snapshot.decode_root(data, version, self.id)
        origin = self.identity.fork
        if root.state.first_own != (origin.step if origin else 0):
            raise CorruptObjectError(keys.snapshot(version), "'first_own' is not the stream's")
        snapshot.attach_tables(root, self._segments)
        view = _View(root.state, StepIndex(self._segments, root.index), version)
        if self.store.remote:
            self._warm(view)
        return view

    def _warm(self, view: _View) -> None:
        """Sends for what will be needed: entries, their producers, and where reading begins."""
        first = view.state.version + 1
        listed = self._reads.list(keys.LOG, keys.log_entry(first - 1) if first > 0 else "")
        found = [v for key in listed if (v := keys.version_of(key, keys.LOG)) is not None]
        for version in range(first, min(max(found, default=first - 1) + 2, first + self._batch)):
            self._reads.expect_get(keys.log_entry(version), SMALL_LIMIT)
        if found:
            self._reads.begin(view.state.recent_producers)
        start = self._start_step
        start = view.state.first_readable if start is None else start
        index = StepIndex(self._segments, view.index.refs)
        for step in {max(start - 1, 0), start}:
            if step < view.state.next_step:
                self._reads.begin(partial(index.commit, step))

    @property
    def _batch(self) -> int:
        return _REMOTE_BATCH if self.store.remote else _BATCH

    def _roots(self, lowest: int = 0) -> list[int]:
        """The versions of roots from `lowest` on, good or broken, the newest first."""
        start_after = keys.snapshot(lowest - 1) if lowest > 0 else ""
        listed = self._reads.list(keys.SNAPSHOTS, start_after)
        found = (keys.version_of(key, keys.SNAPSHOTS) for key in listed)
        return sorted((v for v in found if v is not None and v >= lowest), reverse=True)

    def _hint(self) -> int:
        """A version that there may be a root of. Nobody trusts it; 0 where it is of no use."""
        with suppress(CorruptObjectError, ObjectNotFoundError):
            data = self._reads.get(keys.HINT, SMALL_LIMIT)
            return unseal(keys.HINT, data, SMALL_LIMIT).integer("version")
        return 0

    def _horizon(self) -> int:
        found = (keys.version_of(key, keys.HORIZON) for key in self._reads.list(keys.HORIZON))
        return max((version for version in found if version is not None), default=0)

    def _follow(self, view: _View) -> bool:
        """Folds the log to its tail. False if the horizon is above what was found, or not found.

        An entry counts only if a listing of the horizon that began after it was read shows none
        above it; one listing serves a whole batch.
        """
        while True:
            entries = self._next_entries(view.state.version + 1)
            if self._horizon() > view.state.version + 1:
                return False
            with self._lock:
                for entry in entries:
                    self._fold(view, entry)
            if len(entries) < self._batch:
                return True

    def _next_entries(self, version: int) -> list[Entry]:
        entries: list[Entry] = []
        ahead = 1
        try:
            while len(entries) < self._batch:
                key = keys.log_entry(version + len(entries))
                entries.append(
                    decode_entry(self._reads.get(key, SMALL_LIMIT), version + len(entries))
                )
                if len(entries) == ahead:  # Where there are some there are more.
                    for more in range(ahead, min(2 * ahead, self._batch)):
                        self._reads.expect_get(keys.log_entry(version + more), SMALL_LIMIT)
                    ahead *= 2
        except ObjectNotFoundError:
            pass
        finally:
            self._reads.forget()
        return entries

    def _fold(self, view: _View, entry: Entry) -> None:
        void = fold.apply(view.state, entry)
        if void is not None:
            view.voids[entry.version] = void
        elif entry.steps:
            commit = snapshot.Commit(
                entry.version,
                entry.digest,
                entry.time,
                entry.producer,
                entry.first_step,
                entry.first_row,
                entry.first_token,
                entry.content,
                entry.segments,
                entry.repeat,
            )
            view.index.append(commit)


def _latest_first(producers: dict[str, Producer]) -> list[Producer]:
    return sorted(producers.values(), key=lambda producer: (-producer.time, producer.id))
