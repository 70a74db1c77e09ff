# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import json
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from crc32c import crc32c

import lakestream
from streams import FIELDS, append, build, slot_pieces
from writer import Json, StreamWriter, column, seal

if TYPE_CHECKING:
    from pathlib import Path


def write_snapshot(
    writer: StreamWriter,
    *,
    levels: int = 0,
    per_leaf: int = 2,
    followed_by: bytes | None = None,
    **changes: Any,
) -> dict[str, Json]:
    """Snapshots the whole log, made from the entries by hand; one ref of each kind."""
    state = lakestream.open(str(writer.root)).state
    commits = []
    for version in range(writer.version + 1):
        data = (writer.root / "log" / f"{version:020d}.json").read_bytes()
        entry = json.loads(data)
        kept: tuple[str, ...] = (
            "version",
            "time",
            "producer",
            "first_step",
            "first_row",
            "first_token",
        )
        kept += ("bundles", "steps", "segments")
        commit = {name: entry[name] for name in kept if name in entry}
        commit["digest"] = hashlib.sha256(data).hexdigest()
        if "steps" in commit or "segments" in commit:
            commits.append(commit)
    refs: dict[str, Json] = {}

    def segment(kind: str, name: str, items: list[Any], **more: Any) -> Json:
        refs[kind] = put(kind, {name: items}, **more)
        return refs[kind]

    def put(kind: str, content: Json, rest: bytes = b"", **more: Any) -> Json:
        data = seal({"lakestream": 1, "kind": kind, "stream": writer.id, **content}) + rest
        key = f"segments/{writer.version:020d}/{uuid.uuid4()}.json"
        digest = writer.put(key, data)
        return {"key": key, "bytes": len(data), "sha256": digest, "kind": kind, **more}

    def covered(commit: Json) -> list[int]:
        steps = commit.get("segments") or [
            {"steps": 1, **record} for group in commit["steps"] for record in group["steps"]
        ]
        return [sum(step[name] for step in steps) for name in ("steps", "rows", "tokens")]

    def leaf_of(commits: list[Json]) -> Json:
        sums = [sum(each) for each in zip(*map(covered, commits), strict=True)]
        return segment("steps", "commits", commits, height=0, covered=sums)

    def node_of(children: list[Json]) -> Json:
        sums = [sum(each) for each in zip(*(c["covered"] for c in children), strict=True)]
        height = children[0]["height"] + 1
        refs["node"] = put("node", *packed(children), height=height, covered=sums)
        return refs["node"]

    def span_of(names: list[str]) -> Json:
        return {"first": names[0], "last": names[-1], "count": len(names)}

    index = [leaf_of(commits[at : at + per_leaf]) for at in range(0, len(commits), per_leaf)]
    for _ in range(levels):
        index = [node_of(index)]
    producers = [
        {
            "id": p.id,
            "epoch": p.epoch,
            "sequence": p.sequence,
            "state": p.state or "",
            "attachments": [],
            "version": p.version,
            "time": p.time,
            "retired": p.retired,
        }
        for p in sorted(state.producers.values(), key=lambda p: p.id)
    ]
    ids = [str(producer["id"]) for producer in producers]
    names = sorted(state.keys) or ["k"]
    keys = [[name, state.keys.get(name, 0)] for name in names]
    created = json.loads((writer.root / "stream.json").read_bytes())
    schemas = [{k: v for k, v in created["actions"][0].items() if k != "type"}]
    for version in range(writer.version + 1):
        entry = json.loads((writer.root / "log" / f"{version:020d}.json").read_bytes())
        for action in entry.get("actions", []):
            if action["type"] == "schema":
                schemas += [{**action, "version": version}]
    root = {
        "lakestream": 1,
        "stream": writer.id,
        "version": writer.version,
        "digest": writer.digest,
        "time": state.time,
        "requires": [],
        "next_step": state.next_step,
        "rows": state.rows,
        "tokens": state.tokens,
        "first_readable": state.first_readable,
        "sealed": state.sealed,
        "schemas": schemas,
        "defaults": {"slots": 4, "pieces": 1},
        "skips": [
            {"version": s.version, "from": s.start, "to": s.stop, "reason": s.reason}
            for s in state.skips
        ],
        "index": packed(index).members,
        "producers": [segment("producers", "producers", producers, **span_of(ids))],
        "keys": [segment("keys", "keys", keys, **span_of(names))],
        **changes,
    }
    if state.intent is not None:
        root["intent"] = {"version": state.intent.version, "to": state.intent.to}
    rest = packed(index).data if followed_by is None else followed_by
    writer.put(f"snapshots/{writer.version:020d}.json", seal(root) + rest)
    return refs


class Packed(NamedTuple):
    """What an object says of the refs that follow it, and these."""

    members: Json
    data: bytes


def packed(refs: list[Json]) -> Packed:
    """An index, or the children of a node, that begins with step 0."""
    data = bytearray()
    for ref in refs:
        _, version, name = ref["key"].split("/")
        uuid_ = uuid.UUID(name.removesuffix(".json"))
        data += bytes([ref["height"]]) + number(int(version)) + uuid_.bytes
        data += number(ref["bytes"]) + bytes.fromhex(ref["sha256"])
        for total in ref["covered"]:
            data += number(total)
    totals = {f"first_{name}": 0 for name in ("step", "row", "token")}
    described = {"bytes": len(data), "crc32c": f"{crc32c(data):08x}"}
    return Packed({**totals, "refs": described}, bytes(data))


def number(value: int) -> bytes:
    low = [(value >> shift) & 0x7F for shift in range(0, max(1, value.bit_length()), 7)]
    return bytes([*(byte | 0x80 for byte in low[:-1]), low[-1]])


def put_horizon(writer: StreamWriter, version: int) -> None:
    members = {"lakestream": 1, "stream": writer.id, "version": version, "time": 0}
    writer.put(f"horizon/{version:020d}.json", seal(members))


def rows(root: Path, **options: Any) -> list[Any]:
    reader = lakestream.open(str(root)).reader(**options)
    return [(step, batch.to_pylist()) for step, batch in reader]


@pytest.mark.parametrize("levels", [0, 1, 4])
@pytest.mark.parametrize("segmented", [False, True])
def test_snapshot_replaces_the_log_before_it(tmp_path: Path, levels: int, segmented: bool) -> None:
    writer = build(tmp_path, steps=8, segmented=segmented, idempotence=None)
    writer.append(writer.entry(producer=writer.stamp(), idempotence="day-1"))
    skip = writer.act({"type": "skip", "from": 2, "to": 3, "reason": "x"})
    write_snapshot(writer, levels=levels)
    append(writer, range(8, 10), 4, 1, 2)
    writer.append(writer.entry(producer={"id": "p", "epoch": 1, "sequence": 99}))
    writer.append(writer.entry(producer=writer.stamp(), idempotence="day-1"))
    writer.act({"type": "seal"})
    replayed = rows_without_snapshots(tmp_path)
    whole = rows(tmp_path)
    assert whole == replayed
    for version in range(skip + 1):
        (tmp_path / "log" / f"{version:020d}.json").unlink()
    put_horizon(writer, skip + 1 - 1)
    stream = lakestream.open(str(tmp_path))
    assert list(stream.voids) == [skip + 2, skip + 3], "producers and keys come from segments"
    assert rows(tmp_path) == whole
    assert rows(tmp_path, rules=skip) == [(step, r) for step, r in whole if step != 2]
    assert stream.cursor_at(3).chain == chain_of(stream, 2)


def chain_of(stream: lakestream.Stream, step: int) -> str:
    return stream.place(step)[0].digest


def rows_without_snapshots(root: Path) -> list[Any]:
    (root / "snapshots").rename(root / "hidden")
    try:
        return rows(root)
    finally:
        (root / "hidden").rename(root / "snapshots")


def test_broken_snapshots_are_passed_over(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=4)
    write_snapshot(writer)
    older = writer.version
    append(writer, range(4, 6), 4, 1, 2)
    refs = write_snapshot(writer)
    newest = tmp_path / "snapshots" / f"{writer.version:020d}.json"
    writer.act({"type": "seal"})
    whole = rows(tmp_path)
    good = newest.read_bytes()
    for version in range(older + 1):
        (tmp_path / "log" / f"{version:020d}.json").unlink()
    newest.write_bytes(good[:-30])
    assert rows(tmp_path) == whole
    newest.write_bytes(good)
    put_horizon(writer, older + 1)
    assert rows(tmp_path) == whole
    newest.write_bytes(good[:-30])
    with pytest.raises(lakestream.CorruptObjectError):
        lakestream.open(str(tmp_path))
    newest.write_bytes(good)
    (tmp_path / refs["steps"]["key"]).write_bytes(b"{}")
    with pytest.raises(lakestream.CorruptObjectError, match="segments/"):
        rows(tmp_path)


def test_full_log_is_the_last_resort(tmp_path: Path) -> None:
    writer = build(tmp_path)
    write_snapshot(writer)
    writer.act({"type": "seal"})
    whole = rows(tmp_path)
    next(tmp_path.glob("snapshots/*")).write_bytes(b"")
    assert rows(tmp_path) == whole


def test_broken_segment_of_producers_is_passed_over(tmp_path: Path) -> None:
    writer = build(tmp_path)
    refs = write_snapshot(writer)
    append(writer, range(6, 8), 4, 1, 2)
    writer.act({"type": "seal"})
    (tmp_path / refs["producers"]["key"]).unlink()
    assert len(rows(tmp_path)) == 8 * 4


@pytest.mark.parametrize(
    "changes",
    [
        {"first_readable": 99},
        {"next_step": 5},
        {"stream": str(uuid.uuid4())},
        {"version": 0},
        {"schemas": []},
        {"index": packed([]).members, "followed_by": b""},
        {"index": packed([]).members},
        {"followed_by": b""},
        {"followed_by": b"\0"},
        {"index": packed([]).members | {"refs": "AAAA"}},
        {"index": packed([]).members | {"refs": {"bytes": 0}}, "followed_by": b""},
        {"index": []},
    ],
)
def test_roots_that_contradict_themselves_are_broken(tmp_path: Path, changes: Json) -> None:
    writer = build(tmp_path)
    write_snapshot(writer, **changes)
    put_horizon(writer, 1)
    with pytest.raises(lakestream.CorruptObjectError, match="snapshots/"):
        lakestream.open(str(tmp_path))


def test_followers_survive_a_horizon_that_overtakes_them(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    stream = lakestream.open(str(tmp_path))
    append(writer, range(2, 6), 4, 1, 2)
    writer.act({"type": "seal"})
    write_snapshot(writer)
    for version in range(writer.version):
        (tmp_path / "log" / f"{version:020d}.json").unlink()
    put_horizon(writer, writer.version)
    assert stream.refresh()
    assert stream.version == writer.version
    assert len(list(stream.reader())) == 6 * 4


def test_entry_below_the_horizon_does_not_count(tmp_path: Path) -> None:
    """A stalled writer may create an entry anew that was deleted."""
    writer = build(tmp_path, steps=2)
    stream = lakestream.open(str(tmp_path))
    ghost = writer.entry()
    append(writer, range(2, 3), 4, 1, 2)
    append(writer, range(3, 4), 4, 1, 2)
    write_snapshot(writer)
    version = writer.version
    put_horizon(writer, version)
    writer.put(f"log/{2:020d}.json", seal(ghost))
    assert stream.refresh()
    assert (stream.version, stream.next_step) == (version, 4)


def test_schema_of_a_step_does_not_depend_on_a_snapshot(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2)
    fields = [*FIELDS, column("late", "int8", nullable=True)]
    sequence = {"sequence": ["tokens", "fixed"], "boundaries": "docs"}
    writer.act({"type": "schema", "id": 1, "fields": fields, **sequence})
    append(writer, range(2, 4), 4, 1, 2)
    writer.act({"type": "seal"})
    whole = rows(tmp_path)
    write_snapshot(writer)
    for path in tmp_path.glob("log/*"):
        path.unlink()
    put_horizon(writer, writer.version)
    assert rows(tmp_path) == whole
    assert ["late" in batch[0] for _, batch in whole] == [False] * 8 + [True] * 8


def test_segments_of_a_commit_name_only_bundles_of_its_producer(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=0)
    writer.open("other")
    bundle = writer.bundle([[slot_pieces(range(2), 1, per_document=True)] * 4], "other")
    group = {"bundle": 0, "steps": bundle.records}
    writer.commit([bundle.descriptor], [group], "p", segmented=True)
    with pytest.raises(lakestream.CorruptObjectError, match="is not one of producer p"):
        next(iter(lakestream.open(str(tmp_path)).reader()))
