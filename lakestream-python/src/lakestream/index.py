# SPDX-License-Identifier: Apache-2.0
"""The index of steps: from a step's number to the commit that made it visible."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from lakestream.errors import CorruptObjectError
from lakestream.log import SegmentRef, decode_commit_segment
from lakestream.snapshot import MAX_NODE_DEPTH, Commit, Ref, Segments

if TYPE_CHECKING:
    from collections.abc import Callable

    from lakestream.steps import Content, StepPlace


class StepIndex:
    """Finds the commit of a step: in memory for the followed log, in segments for what is older.

    Not thread-safe; its owner locks.
    """

    def __init__(self, segments: Segments, refs: tuple[Ref, ...] = ()) -> None:
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
        refs = self.refs
        for _ in range(MAX_NODE_DEPTH + 1):
            position = bisect_right(refs, step, key=lambda ref: ref.first_step) - 1
            if position < 0 or step >= refs[position].first_step + refs[position].steps:
                raise KeyError(step)
            ref = refs[position]
            if ref.kind == "steps":
                return self._segments.commits(ref)
            refs = self._segments.children(ref)
        raise CorruptObjectError(refs[0].key, f"nodes nest deeper than {MAX_NODE_DEPTH}")


def _commit_of(commits: list[Commit] | tuple[Commit, ...], step: int) -> Commit:
    position = bisect_right(commits, step, key=lambda commit: commit.first_step) - 1
    if position < 0 or step >= commits[position].first_step + commits[position].steps:
        raise KeyError(step)
    return commits[position]
