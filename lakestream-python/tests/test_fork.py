# SPDX-License-Identifier: Apache-2.0
"""Forks: what is read through one, and which cursors go on in it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import lakestream
from conftest import REPOSITORY
from lakestream.errors import InvalidKeyError, ObjectNotFoundError
from lakestream.store import FolderStore, LocalStore, store_for

GOOD = REPOSITORY / "golden" / "good"


def told(stream: lakestream.Stream, step: int) -> tuple[object, ...]:
    """What the log says of a step."""
    commit, place = stream.place(step)
    return commit.version, commit.digest, commit.time, commit.producer, place


@pytest.fixture
def root(tmp_path: Path) -> str:
    """A copy of a stream with a fork `x` at step 6, which may be changed."""
    shutil.copytree(GOOD / "fork" / "stream", tmp_path / "stream")
    return str(tmp_path / "stream")


def test_a_fork_has_the_steps_of_its_parent(root: str) -> None:
    parent, fork = lakestream.open(root), lakestream.open(root + "/forks/x/")
    for step in range(6):
        assert told(fork, step) == told(parent, step)
        assert fork.home(step) is not fork.store
        assert fork.home(step).head("stream.json") == parent.store.head("stream.json")
    assert told(fork, 6) != told(parent, 6)
    assert fork.home(6) is fork.store
    assert fork.earliest == 0


def test_cursors_from_before_the_fork_go_on(root: str) -> None:
    parent, fork = lakestream.open(root), lakestream.open(root + "/forks/x")
    for step in range(7):
        cursor = parent.cursor_at(step)
        assert fork.adopt(cursor) == fork.cursor_at(step)
        assert fork.reader(cursor=cursor).cursor.stream == fork.id
    with pytest.raises(lakestream.CursorMismatchError, match="left it at step 6"):
        fork.check(parent.cursor_at(7))
    with pytest.raises(lakestream.CursorMismatchError, match="rules version"):
        fork.check(replace(parent.cursor_at(3), rules=parent.version + 1))
    with pytest.raises(lakestream.CursorMismatchError, match="chain"):
        fork.check(replace(parent.cursor_at(3), chain="1" * 64))
    with pytest.raises(lakestream.CursorMismatchError):
        parent.check(fork.cursor_at(3))
    with pytest.raises(lakestream.CursorMismatchError, match="is of stream"):
        fork.check(replace(parent.cursor_at(3), stream="0" * 8 + parent.id[8:]))


def test_a_fork_of_a_fork_reaches_through_both() -> None:
    root = str(GOOD / "fork-of-a-fork" / "stream")
    outermost, inner = lakestream.open(root), lakestream.open(root + "/forks/x/forks/y")
    middle = lakestream.open(root + "/forks/x")
    assert told(inner, 5) == told(outermost, 5)
    assert told(inner, 8) == told(middle, 8)
    assert inner.adopt(outermost.cursor_at(6)) == inner.cursor_at(6)
    with pytest.raises(lakestream.TrimmedStepError):
        inner.place(1)
    with pytest.raises(lakestream.CursorMismatchError, match="left it at step 6"):
        inner.check(outermost.cursor_at(7))


def test_a_fork_moved_away_from_its_parent_has_none(root: str, tmp_path: Path) -> None:
    shutil.move(root + "/forks/x", tmp_path / "moved")
    fork = lakestream.open(str(tmp_path / "moved"))
    assert fork.place(6)
    with pytest.raises(lakestream.CorruptObjectError, match="no folder forks/x"):
        fork.place(0)


def test_a_parent_that_is_gone_is_told(root: str) -> None:
    Path(root, "stream.json").unlink()
    with pytest.raises(lakestream.CorruptObjectError, match="which is not at"):
        lakestream.open(root + "/forks/x").place(0)


def test_a_folder_is_a_store_of_its_own(root: str) -> None:
    top = LocalStore(root)
    folder = FolderStore(FolderStore(top, "forks/x"), "forks/y")
    assert folder.list("log/") == []
    fork = FolderStore(top, "forks/x")
    assert fork.list("log/")[0].startswith("log/")
    assert fork.get("stream.json", 1 << 20) == top.get("forks/x/stream.json", 1 << 20)
    assert fork.parent is top
    with pytest.raises(ObjectNotFoundError) as missing:
        fork.get("log/none", 10)
    assert missing.value.key == "log/none"
    with pytest.raises(lakestream.CorruptObjectError) as large:
        fork.get("stream.json", 1)
    assert large.value.key == "stream.json"
    for key in ("../stream.json", "/etc/passwd", ""):
        with pytest.raises(InvalidKeyError):
            fork.head(key)
    for name in ("forks", "forks/.x", "x/forks", "forks/x/y", "forks/a" + "/forks/a" * 8):
        with pytest.raises(InvalidKeyError):
            FolderStore(top, name)


def test_uris_of_forks() -> None:
    nested = store_for("/s/forks/a/forks/b")
    assert isinstance(nested, FolderStore)
    assert isinstance(nested.parent, FolderStore)
    assert isinstance(nested.parent.parent, LocalStore)
    assert isinstance(store_for("file:///s/forks/a/"), FolderStore)
    assert isinstance(store_for("/s/forks"), LocalStore)
    assert isinstance(store_for("/s/myforks/a"), LocalStore)
