# SPDX-License-Identifier: Apache-2.0
"""Which root a stream is folded from: the hint, and roots that name what is gone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import lakestream
from lakestream.store import LocalStore
from streams import append, build
from test_snapshot import put_horizon, write_snapshot
from writer import seal

if TYPE_CHECKING:
    from pathlib import Path

    from lakestream.steps import StepPlace
    from writer import Json, StreamWriter


class ListingStore(LocalStore):
    """Remembers what was listed of the snapshots."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.listed: list[tuple[str, int]] = []

    def list(self, prefix: str, start_after: str = "") -> list[str]:
        found = super().list(prefix, start_after)
        if prefix == "snapshots/":
            self.listed.append((start_after, len(found)))
        return found


def change_root(writer: StreamWriter, version: int, **changes: Any) -> None:
    """Changes members of a root."""
    head, _, rest = (writer.root / root_key(version)).read_bytes().partition(b"\n")
    members = json.loads(head)
    del members["crc32c"]
    writer.put(root_key(version), seal({**members, **changes}) + rest)


def root_key(version: int) -> str:
    return f"snapshots/{version:020d}.json"


@pytest.mark.parametrize(
    ("hint", "lists"),
    [
        (None, [("", 3)]),
        ({"version": 2}, [(root_key(1), 2)]),
        ({"version": 1}, [(root_key(0), 3)]),
        ({"version": 0}, [("", 3)]),
        ({"version": 1000}, [(root_key(999), 0), ("", 3)]),
        ({"version": "2"}, [("", 3)]),
        ({"version": -1}, [("", 3)]),
    ],
)
def test_hint_only_shortens_the_listing(
    tmp_path: Path, hint: Json | None, lists: list[tuple[str, int]]
) -> None:
    writer = build(tmp_path, steps=2)
    for step in (2, 4, 6):
        write_snapshot(writer)
        append(writer, range(step, step + 2), 4, 1, 2)
    if hint is not None:
        writer.put("hint.json", seal(hint))
    store = ListingStore(tmp_path)
    stream = lakestream.Stream(store)
    assert (stream.version, stream.next_step) == (writer.version, 8)
    assert store.listed == lists


def test_hint_below_the_horizon_and_torn_hints_are_ignored(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    write_snapshot(writer)
    append(writer, range(2, 4), 4, 1, 2)
    write_snapshot(writer)
    put_horizon(writer, writer.version)
    writer.put("hint.json", seal({"version": writer.version - 1}))
    store = ListingStore(tmp_path)
    assert lakestream.Stream(store).next_step == 4
    assert store.listed == [(root_key(writer.version - 1), 1)]
    for torn in (b"", b"{}", b"\x00" * (2 << 20)):
        (tmp_path / "hint.json").write_bytes(torn)
        assert lakestream.open(str(tmp_path)).next_step == 4


def test_recent_producers_count_more(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    writer.time += 1
    writer.open("q")
    newest = write_snapshot(writer)["producers"]
    # `producers` of the root is unreadable: nobody needs it for those that are recent.
    older = {**newest, "count": newest["count"] + 1}
    change_root(writer, writer.version, recent=[newest], producers=[older])
    put_horizon(writer, writer.version)
    append(writer, range(2, 4), 4, 1, 2)
    stream = lakestream.open(str(tmp_path))
    assert stream.next_step == 4
    assert [producer.id for producer in stream.recent_producers()] == ["p", "q"]
    with pytest.raises(lakestream.CorruptObjectError, match="segments/"):
        stream.producers()


def of(stream: lakestream.Stream, step: int) -> tuple[str, StepPlace]:
    commit, place = stream.place(step)
    return commit.digest, place


@pytest.mark.parametrize("kind", ["steps", "node"])
def test_a_step_is_found_although_its_segment_is_gone(tmp_path: Path, kind: str) -> None:
    writer = build(tmp_path, steps=4)
    refs = write_snapshot(writer, levels=1)
    append(writer, range(4, 6), 4, 1, 2)
    stream = lakestream.open(str(tmp_path))
    places = [of(stream, step) for step in range(6)]
    append(writer, range(6, 8), 4, 1, 2)
    later = lakestream.open(str(tmp_path))
    append(writer, range(8, 10), 4, 1, 2)
    (tmp_path / refs[kind]["key"]).write_bytes(b"damaged")
    assert [of(later, step) for step in range(6)] == places
    assert (later.version, later.next_step) == (writer.version - 1, 8), "it did not move on"
    assert later.refresh()
    assert later.next_step == 10


def test_an_older_root_is_taken_where_the_log_is_gone(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=4)
    write_snapshot(writer)
    older = writer.version
    append(writer, range(4, 6), 4, 1, 2)
    refs = write_snapshot(writer, per_leaf=1)
    for version in range(older):
        (tmp_path / "log" / f"{version:020d}.json").unlink()
    put_horizon(writer, older)
    stream = lakestream.open(str(tmp_path))
    (tmp_path / refs["steps"]["key"]).unlink()
    assert stream.place(5)[0].version == writer.version
    put_horizon(writer, writer.version)
    with pytest.raises(lakestream.CorruptObjectError, match="segments/"):
        lakestream.open(str(tmp_path)).place(5)


def test_a_root_of_another_history_is_not_taken(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=4)
    write_snapshot(writer)
    older = writer.version
    append(writer, range(4, 6), 4, 1, 2)
    refs = write_snapshot(writer)
    change_root(writer, older, digest="0" * 64)
    for version in range(older):
        (tmp_path / "log" / f"{version:020d}.json").unlink()
    put_horizon(writer, older)
    stream = lakestream.open(str(tmp_path))
    (tmp_path / refs["steps"]["key"]).unlink()
    with pytest.raises(lakestream.CorruptObjectError, match=refs["steps"]["key"]):
        stream.place(5)
