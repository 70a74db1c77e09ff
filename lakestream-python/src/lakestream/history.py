# SPDX-License-Identifier: Apache-2.0
"""The log as it is read: from the newest snapshot that is of use to the tail, and on from there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from lakestream import fold, keys, snapshot
from lakestream.errors import CorruptObjectError, ObjectNotFoundError, StoreError
from lakestream.index import StepIndex
from lakestream.log import Identity, decode_entry
from lakestream.sealed import LARGE_LIMIT, SMALL_LIMIT, unseal

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from lakestream.eager import EagerReads
    from lakestream.fold import State
    from lakestream.log import Entry
    from lakestream.snapshot import Segments
    from lakestream.store import ObjectStore

_BATCH = 64
"""Log entries read before the horizon is checked for all of them."""

_REMOTE_BATCH = 256
"""The same where many are read at once."""

_REBUILDS = 5


@dataclass(slots=True)
class View:
    """The state and the index that belongs to it. `base` is the version of the root, −1 if none."""

    state: State
    index: StepIndex
    base: int = -1
    voids: dict[int, str] = field(default_factory=dict)


class History:
    """Makes views of a stream, and takes them on to the tail.

    Not thread-safe: who uses it sees to that. `lock` is held while a view changes, so that others
    may look at it meanwhile.
    """

    def __init__(
        self,
        store: ObjectStore,
        reads: EagerReads,
        identity: Identity,
        segments: Segments,
        start_step: int | None,
        lock: threading.RLock,
    ) -> None:
        """`start_step` is where reading will begin; by default at the first readable step."""
        self._store = store
        self._reads = reads
        self._identity = identity
        self._segments = segments
        self._start_step = start_step
        self.lock = lock
        self._damaged: set[int] = set()  # Versions of roots that name damaged segments.
        self._listed = -1  # The last version in a listing; entries up to there were announced.

    def instead_of(self, damaged: View, damage: CorruptObjectError) -> View:
        """A view at the same version from another root, or from the beginning of the log.

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
                    data = self._store.get(keys.log_entry(version), SMALL_LIMIT)
                    self._fold(view, decode_entry(data, version))
                if view.state.summary == reached.summary:
                    return view
        raise damage

    def at_tail(self, at_least: int = -1) -> View:
        """A view from the newest usable snapshot, followed to the tail."""
        for _ in range(_REBUILDS):
            view = self._usable_view()
            if view is not None and view.state.version >= at_least:
                return view
        raise StoreError(
            f"{self._store!r}: the horizon moved again and again while the log was read"
        )

    def _usable_view(self) -> View | None:
        """A view at the tail, or None if the horizon overtook it."""
        horizon = self._horizon()
        broken: CorruptObjectError | None = None
        for version in self._candidates(horizon):
            try:
                view = self._view_of(version)
                return view if self.follow(view) else None
            except (CorruptObjectError, ObjectNotFoundError) as error:  # noqa: PERF203
                if error.key != keys.snapshot(version) and not error.key.startswith(keys.SEGMENTS):
                    raise
                if isinstance(error, CorruptObjectError):
                    broken = broken or error
        if horizon > 0:
            problem = f"none of them can be read, and the log begins at the horizon {horizon}"
            raise broken or CorruptObjectError(keys.SNAPSHOTS.rstrip("/"), problem)
        view = self._view_of(-1)
        return view if self.follow(view) else None

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

    def _view_of(self, version: int) -> View:
        """The view that begins with the root of this version, or before the log for −1."""
        if version < 0:
            view = View(fold.initial(self._identity), StepIndex(self._segments))
            if self._store.remote:
                self._warm(view)
            return view
        data = self._reads.get(keys.snapshot(version), LARGE_LIMIT)
        root = snapshot.decode_root(data, version, self._identity.id)
        origin = self._identity.fork
        if root.state.first_own != (origin.step if origin else 0):
            raise CorruptObjectError(keys.snapshot(version), "'first_own' is not the stream's")
        snapshot.attach_tables(root, self._segments)
        view = View(root.state, StepIndex(self._segments, root.index), version)
        if self._store.remote:
            self._warm(view)
        return view

    def _warm(self, view: View) -> None:
        """Sends for what will be needed: entries, their producers, and where reading begins."""
        first = view.state.version + 1
        listed = self._reads.list(keys.LOG, keys.log_entry(first - 1) if first > 0 else "")
        found = [v for key in listed if (v := keys.version_of(key, keys.LOG)) is not None]
        self._listed = max(found, default=first - 1)
        for version in range(first, min(self._listed + 2, first + self._batch)):
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
        return _REMOTE_BATCH if self._store.remote else _BATCH

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

    def follow(self, view: View) -> bool:
        """Folds the log to its tail. False if the horizon is above what was found, or not found.

        An entry counts only if a listing of the horizon that began after it was read shows none
        above it; one listing serves a whole batch.
        """
        return self._follow(view, sure=True)

    def glance(self, view: View) -> bool:
        """As `follow`, but where there is no entry it may have been removed.

        Nothing wrong comes of that, but that a tail is believed in that is none any more.
        """
        return self._follow(view, sure=False)

    def _follow(self, view: View, *, sure: bool) -> bool:
        while True:
            entries = self._next_entries(view.state.version + 1)
            if (entries or sure) and self._horizon() > view.state.version + 1:
                return False
            with self.lock:
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
                    if version + ahead - 1 > self._listed:
                        for more in range(ahead, min(2 * ahead, self._batch)):
                            self._reads.expect_get(keys.log_entry(version + more), SMALL_LIMIT)
                    ahead *= 2
        except ObjectNotFoundError:
            pass
        finally:
            self._reads.forget()
        return entries

    def _fold(self, view: View, entry: Entry) -> None:
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
