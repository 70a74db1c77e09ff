# SPDX-License-Identifier: Apache-2.0
"""The index of steps: from a step's number to the commit that made it visible."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from lakestream.errors import CorruptObjectError
from lakestream.log import SegmentRef, decode_commit_segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from lakestream.packed import StepsRefs
    from lakestream.snapshot import Commit, Segments
    from lakestream.steps import Content, StepPlace


class StepIndex:
    """Finds the commit of a step: in memory for the followed log, in segments for what is older.

    Not thread-safe; its owner locks.
    """

    def __init__(self, segments: Segments, refs: StepsRefs | None = None) -> None:
        self._segments = segments
        self.refs = refs
        self._commits: list[Commit] = []

    def append(self, commit: Commit) -> None:
        """Adds the commit of the steps that follow."""
        self._commits.append(commit)

    def commit(self, step: int) -> Commit:
        """The commit of a visible step. Raises `KeyError` for one that the index does not hold."""
        commits = self._commits
        if commits and step >= commits[0].first_step:
            return _commit_of(commits, step)
        return _commit_of(self._leaf(step), step)

    def place(self, step: int, schemas_before: Callable[[int], int]) -> tuple[Commit, StepPlace]:
        """The commit of a visible step, and where the step's cells are.

        `schemas_before` says how many schemas there were before an entry.
        """
        commit = self.commit(step)
        number = step - commit.first_step
        for segment in commit.segments:
            if number < segment.steps:
                content = self._content(commit, segment, schemas_before(commit.version))
                return commit, content.place(number)
            number -= segment.steps
        return commit, commit.content.place(number)

    def _content(self, commit: Commit, segment: SegmentRef, schemas: int) -> Content:
        producer, stream = commit.producer, self._segments.stream
        if producer is None:
            raise CorruptObjectError(segment.key, "it is named by a commit without a producer")
        return self._segments.load(
            segment,
            lambda data: decode_commit_segment(
                data, segment, stream, producer, schemas, repeats=commit.repeat is not None
            ),
        )

    def _leaf(self, step: int) -> tuple[Commit, ...]:
        ref = self.refs.covering(step) if self.refs is not None else None
        while ref is not None and ref.height > 0:
            ref = self._segments.steps_below(ref).covering(step)
        if ref is None:
            raise KeyError(step)
        return self._segments.commits(ref)


def _commit_of(commits: list[Commit] | tuple[Commit, ...], step: int) -> Commit:
    position = bisect_right(commits, step, key=lambda commit: commit.first_step) - 1
    if position < 0 or step >= commits[position].first_step + commits[position].steps:
        raise KeyError(step)
    return commits[position]
