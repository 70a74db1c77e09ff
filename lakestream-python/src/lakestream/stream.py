# SPDX-License-Identifier: Apache-2.0
"""A stream as a reader sees it: the folded log, and how to follow it."""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, TypeVar

from lakestream import keys, snapshot
from lakestream.ahead import Background
from lakestream.cursor import NO_DIGEST, Cursor
from lakestream.eager import EagerReads
from lakestream.errors import (
    CorruptObjectError,
    CursorMismatchError,
    TrimmedStepError,
)
from lakestream.fork import Ancestry
from lakestream.history import History
from lakestream.log import Identity, decode_stream
from lakestream.sealed import SMALL_LIMIT
from lakestream.store import ObjectStore, store_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lakestream.fold import Producer, Skip, State
    from lakestream.history import View
    from lakestream.reader import Reader
    from lakestream.schema import StreamSchema
    from lakestream.snapshot import Commit, Segments
    from lakestream.steps import StepPlace

T = TypeVar("T")


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
        self._reads.expect_get(keys.HINT, SMALL_LIMIT)
        self._reads.expect_list(keys.HORIZON)
        self.identity: Identity = decode_stream(store.get(keys.STREAM, SMALL_LIMIT))
        self._segments: Segments = snapshot.Segments(self._reads, self.identity.id)
        self._following = threading.RLock()  # Taken before the other, and held while requests last.
        self._lock = threading.RLock()
        self._history = History(
            store, self._reads, self.identity, self._segments, start_step, self._lock
        )
        origin = self.identity.fork
        self._ancestry = Ancestry(store, origin, Stream) if origin is not None else None
        self.background = Background()
        self._folded = self._history.at_tail()
        self._torn = False
        _streams.add(self)

    @property
    def _view(self) -> View:
        if self._torn:
            with self._lock:
                self._folded = self._history.at_tail()
                self._torn = False
        return self._folded

    @_view.setter
    def _view(self, view: View) -> None:
        self._folded = view

    def _after_fork(self) -> None:
        """In the child, where no thread but this one is: none may have been in the middle."""
        self._following = threading.RLock()
        if self._lock.acquire(blocking=False):
            self._lock.release()
        else:
            self._lock = self._history.lock = threading.RLock()
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
        return self._follow(self._history.follow)

    def glance(self) -> bool:
        """As `refresh`, for who looks again soon: with fewer requests while nothing is committed.

        It does not make sure that what comes next was not removed, together with all before it, as
        happens to who sleeps for long. So one look in a few must be a `refresh`.
        """
        return self._follow(self._history.glance)

    def _follow(self, follow: Callable[[View], bool]) -> bool:
        with self._following:
            before = self._view.state.version
            if not self._look_up(follow):
                self._view = self._history.at_tail(at_least=before)
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

    def _look_up(self, run: Callable[[View], T]) -> T:
        """What `run` finds in the view; in another one if the view's root names what is damaged."""
        try:
            return run(self._view)
        except CorruptObjectError as damage:
            self._view = self._history.instead_of(self._view, damage)
        return self._look_up(run)  # Ends: each time another root is used up.


def _latest_first(producers: dict[str, Producer]) -> list[Producer]:
    return sorted(producers.values(), key=lambda producer: (-producer.time, producer.id))
