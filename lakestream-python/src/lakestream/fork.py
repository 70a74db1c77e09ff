# SPDX-License-Identifier: Apache-2.0
"""What a fork has of the stream above it: the steps before its first own one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lakestream.cursor import NO_DIGEST, Cursor
from lakestream.errors import CorruptObjectError, CursorMismatchError, ObjectNotFoundError
from lakestream.keys import STREAM
from lakestream.store import FolderStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from lakestream.log import ForkOrigin
    from lakestream.store import ObjectStore
    from lakestream.stream import Stream


class Ancestry:
    """The parent of a fork, opened when it is needed first. Its owner locks.

    Before it is used it is checked to be the one that was forked; what differs is a
    `CorruptObjectError` about the fork's `stream.json`.
    """

    def __init__(
        self, store: ObjectStore, origin: ForkOrigin, open_stream: Callable[[ObjectStore], Stream]
    ) -> None:
        self.origin = origin
        self._store = store
        self._open_stream = open_stream
        self._parent: Stream | None = None

    @property
    def parent(self) -> Stream:
        """The parent, which has the history that the fork goes on from."""
        if self._parent is None:
            parent = self._open()
            self._check(parent)
            self._parent = parent
        return self._parent

    def cursor_at(self, fork: str, step: int, rules: int) -> Cursor:
        """The fork's cursor at a step that is not beyond its first own one."""
        if step == self.origin.step:
            return Cursor(fork, step, rules, self.origin.chain, self.origin.digest)
        return replace(self.parent.cursor_at(step, rules), stream=fork)

    def adopt(self, fork: str, cursor: Cursor) -> Cursor:
        """A cursor of an ancestor as one of the fork; its history is still to be compared.

        Raises `CursorMismatchError` if it is of no ancestor, or went on after the fork.
        """
        origin = self.origin
        if cursor.stream != origin.parent:
            self.parent.adopt(cursor)
        if cursor.next_step > origin.step:
            problem = f"the cursor of {cursor.stream} is at step {cursor.next_step}"
            raise CursorMismatchError(f"{problem}, but this fork left it at step {origin.step}")
        if cursor.rules > origin.version:
            problem = f"the cursor of {cursor.stream} has rules version {cursor.rules}"
            raise CursorMismatchError(
                f"{problem}, but this fork left it at version {origin.version}: what was skipped"
                " later is not skipped here"
            )
        return replace(cursor, stream=fork)

    def _open(self) -> Stream:
        origin = self.origin
        if not isinstance(self._store, FolderStore):
            raise CorruptObjectError(
                STREAM,
                f"it is a fork of {origin.parent}, and {self._store!r} is no folder"
                f" forks/{origin.name} below a stream",
            )
        above = self._store.parent
        try:
            return self._open_stream(above)
        except ObjectNotFoundError:
            problem = f"it is a fork of {origin.parent}, which is not at {above!r}"
            raise CorruptObjectError(STREAM, problem) from None

    def _check(self, parent: Stream) -> None:
        origin = self.origin
        if parent.id != origin.parent:
            problem = f"it is a fork of {origin.parent}, the stream above it is {parent.id}"
            raise CorruptObjectError(STREAM, problem)
        left = f"it left {origin.parent} at step {origin.step}"
        if parent.next_step < origin.step:
            raise CorruptObjectError(STREAM, f"{left}, which has {parent.next_step} steps")
        comparable = origin.chain != NO_DIGEST and parent.earliest < origin.step
        if origin.step > 0 and not comparable:
            return
        actual = parent.cursor_at(origin.step)
        for name, theirs, ours in (
            ("chain", actual.chain, origin.chain),
            ("digest", actual.digest, origin.digest),
        ):
            if theirs != ours:
                raise CorruptObjectError(STREAM, f"{left} with {name} {ours}, it has {theirs}")
