# SPDX-License-Identifier: Apache-2.0
"""What is told of steps: against what was written, and against what the command line says."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

import lakestream
from conftest import REPOSITORY
from lakestream.errors import ObjectNotFoundError
from streams import append, build, original

if TYPE_CHECKING:
    from pathlib import Path

    from writer import StreamWriter

EXPLAINED = REPOSITORY / "golden" / "explained"
OPTIONS = {
    "--step": "step",
    "--rank": "dp_rank",
    "--dp": "dp_size",
    "--cp-rank": "cp_rank",
    "--cp": "cp_size",
    "--split": "split",
    "--rows": "rows",
}


def cases(command: str) -> list[Any]:
    """What the command line said of golden streams."""
    told = []
    for file in sorted(EXPLAINED.iterdir()):
        golden = json.loads(file.read_text(encoding="utf-8"))
        if golden["command"][0] == command:
            told.append(pytest.param(golden["command"][1:], golden["said"], id=file.stem))
    return told


def uri(name: str) -> str:
    stream, _, below = name.partition("/")
    return str(REPOSITORY / "golden" / "good" / stream / "stream" / below)


def explained(words: list[str]) -> lakestream.Explanation:
    """What Python says where the command line was given these words."""
    given: dict[str, Any] = {}
    for word in words[1:]:
        name, _, value = word.partition("=")
        given[OPTIONS[name]] = value if name == "--split" else int(value)
    return lakestream.explain(uri(words[0]), given.pop("step"), **given)


@pytest.mark.parametrize(("words", "said"), cases("explain"))
def test_steps_are_explained_as_on_the_command_line(words: list[str], said: Any) -> None:
    told = explained(words)
    facts, commit = told.facts, said["commit"]
    for name in ("step", "version", "producer", "epoch", "sequence", "rows", "tokens", "slots"):
        assert facts[name] == said[name], name
    for name in ("pieces", "schema", "digest", "delivered"):
        assert facts[name] == said[name], name
    assert facts["loss_tokens"] == said.get("loss_tokens")
    assert facts["sources"] == said.get("sources", {})
    assert facts.get("digest_fits") == said.get("digest_fits")
    assert facts["from_stream"] == said["from_stream"]["id"]
    for name in ("entry", "entry_digest", "first_step", "steps", "entry_is_there", "id"):
        assert facts[name] == commit[name], name
    for name in ("state_before", "state_after", "attachments"):
        assert facts[name] == commit[name], name
    repeat = commit.get("repeat")
    assert facts["repeat"] == (repeat and (repeat["from"], repeat["to"]))
    assert told.cursor.to_dict() == said["cursor"]
    assert told.bundles.to_pylist() == said["bundles"]
    assert told.slots.to_pylist() == said["slot_counts"]
    assert told.skips.to_pylist() == said["skips"]
    by_slot = sorted(told.cells.to_pylist(), key=lambda cell: (cell["slot"], cell["piece"]))
    assert by_slot == said["stored_cells"]
    assert [row["_slot"] for row in told.rows.to_pylist()] == [
        row["_slot"] for row in said["first_rows"]
    ]
    if said["first_rows"]:
        assert told.rows.to_pylist() == said["first_rows"]
    committed = told.steps.column("committed")[0].as_py()
    expected = datetime.fromisoformat(said["committed"].replace("Z", "+00:00"))
    assert committed.astimezone(timezone.utc) == expected


@pytest.mark.parametrize(("words", "said"), cases("diff"))
def test_ranges_differ_as_on_the_command_line(words: list[str], said: Any) -> None:
    def bounds(text: str) -> tuple[int | None, int | None]:
        start, _, stop = text.partition("..")
        return (int(start) if start else None), (int(stop) if stop else None)

    other = uri(words[2]) if len(words) == 4 else None
    found = lakestream.diff(uri(words[0]), bounds(words[1]), bounds(words[-1]), other=other)
    assert found.identical is said["identical"]
    assert found.first == said.get("first_difference")
    assert found.same_in_any_order == said["same_in_any_order"]
    assert found.steps.column("same").to_pylist().count(True) == said["same_steps"]
    for total in found.totals.to_pylist():
        side = total["side"]
        for name in ("stream", "from", "to", "steps", "rows", "tokens"):
            assert total[name] == said[side][name], name
        producers = {
            row["producer"]: {n: row[f"{side}_{n}"] for n in ("steps", "rows", "tokens")}
            for row in found.producers.to_pylist()
            if row[f"{side}_steps"]
        }
        assert producers == said[side]["producers"]
        sources = {
            row["source"]: row[f"{side}_rows"]
            for row in found.sources.to_pylist()
            if row[f"{side}_rows"]
        }
        assert sources == said[side]["sources"]
    for pair in said["differences"]:
        row = found.steps.slice(pair["offset"], 1).to_pylist()[0]
        for side in ("left", "right"):
            digest = pair[side]["digest"] if side in pair else None
            assert row[f"{side}_digest"] == digest


def test_a_rank_gets_its_rows_and_the_bytes_of_its_cells(tmp_path: Path) -> None:
    build(tmp_path, steps=4, slots=4, rows=2)
    told = lakestream.explain(str(tmp_path), 3, dp_rank=1, dp_size=2, rows=3)
    first = (3 * 4 + 2) * 2
    assert told.rows.column("row").to_pylist() == [first, first + 1, first + 2]
    assert told.rows.column("_slot").to_pylist() == [2, 2, 3]
    assert told.rows.column("tokens").to_pylist()[0] == original(first)["tokens"]
    assert told.slots.column("slot").to_pylist() == [2, 3]
    assert "digest_fits" not in told.facts
    for cell in told.cells.to_pylist():
        data = (tmp_path / cell["bundle"]).read_bytes()
        message = data[cell["offset"] : cell["offset"] + cell["bytes"]]
        assert message[:4] == b"\xff\xff\xff\xff"
        assert lakestream.open(str(tmp_path)).store.head(cell["bundle"]) >= cell["offset"]


def test_no_rows_have_columns_all_the_same(tmp_path: Path) -> None:
    build(tmp_path)
    assert lakestream.explain(str(tmp_path), 0, rows=0).rows.num_rows == 0
    assert "tokens" in lakestream.explain(str(tmp_path), 0, rows=0).rows.column_names


def test_the_cursor_leads_to_the_step(tmp_path: Path) -> None:
    build(tmp_path)
    stream = lakestream.open(str(tmp_path))
    for step in range(stream.next_step):
        cursor = lakestream.explain(stream, step).cursor
        assert next(iter(stream.reader(cursor=cursor).steps())).step == step


def test_the_state_is_that_before_and_after_the_commit(tmp_path: Path) -> None:
    writer = build(tmp_path, steps=2, per_bundle=1, slots=1)
    append(writer, range(2, 3), 1, 1, 2, state="at 3")
    append(writer, range(3, 4), 1, 1, 2, state="at 4")
    append(writer, range(4, 5), 1, 1, 2)
    states = [
        (facts["state_before"], facts["state_after"])
        for facts in (lakestream.explain(str(tmp_path), step).facts for step in range(5))
    ]
    assert states == [("", ""), ("", ""), ("", "at 3"), ("at 3", "at 4"), ("at 4", "at 4")]


def test_an_entry_that_is_not_the_one_meant_is_damage(tmp_path: Path) -> None:
    writer = build(tmp_path)
    stream = lakestream.open(str(tmp_path))
    entry = next(tmp_path.glob("log/*2.json"))
    version = int(entry.stem)
    writer.put(f"log/{version:020d}.json", entry.read_bytes() + b" ")
    step = next(
        step for step in range(stream.next_step) if stream.place(step)[0].version == version
    )
    with pytest.raises(lakestream.CorruptObjectError, match="its digest is"):
        lakestream.explain(stream, step)
    entry.unlink()
    facts = lakestream.explain(stream, step).facts
    assert not facts["entry_is_there"]
    assert "id" not in facts
    assert facts["state_before"] is None


def test_skips_are_told_with_their_rules(tmp_path: Path) -> None:
    writer = build(tmp_path)
    rules = writer.act({"type": "skip", "from": 1, "to": 3, "reason": "spike"})
    told = lakestream.explain(str(tmp_path), 2)
    assert told.facts["delivered"]
    assert told.skips.to_pylist() == [{"rules": rules, "from": 1, "to": 3, "reason": "spike"}]
    assert not lakestream.explain(str(tmp_path), 2, rules=rules).facts["delivered"]
    assert lakestream.explain(str(tmp_path), 3, rules=rules).facts["delivered"]
    with pytest.raises(ValueError, match="rules version 99"):
        lakestream.explain(str(tmp_path), 2, rules=99)


def test_what_producers_said_of_a_step_is_in_the_tables(tmp_path: Path) -> None:
    writer: StreamWriter = build(tmp_path, steps=2)
    bundle = writer.bundle([[[cell] for cell in _cells(tmp_path)]])
    said = {
        "loss_tokens": 5,
        "sources": {"web": 3, "books": 5},
        "tags": ["warm"],
        "attributes": {"mix": "v2"},
    }
    record = bundle.records[0] | said
    writer.commit([bundle.descriptor], [{"bundle": 0, "steps": [record]}])
    row = lakestream.steps_table(str(tmp_path), 2).to_pylist()[0]
    assert row["loss_tokens"] == 5
    assert dict(row["sources"]) == said["sources"]
    assert row["tags"] == ["warm"]
    assert dict(row["attributes"]) == {"mix": "v2"}
    found = lakestream.diff(str(tmp_path), (0, 2), (1, 3))
    assert found.sources.to_pylist() == [
        {"source": "books", "left_rows": 0, "right_rows": 5},
        {"source": "web", "left_rows": 0, "right_rows": 3},
    ]
    assert found.totals.column("loss_tokens").to_pylist() == [None, 5]


def _cells(root: Path) -> list[Any]:
    """The batches of a step, to write them once more."""
    return list(next(iter(lakestream.open(str(root)).reader().steps())).batches)


def test_equal_ranges_are_identical(tmp_path: Path) -> None:
    build(tmp_path)
    found = lakestream.diff(str(tmp_path), (0, 3), (0, 3))
    assert found.identical
    assert found.first is None
    moved = lakestream.diff(str(tmp_path), (None, None), (1, None))
    assert not moved.identical
    assert moved.first == {
        "offset": 0,
        "left_step": 0,
        "right_step": 1,
        "slot": 0,
        "left_slots": 4,
        "right_slots": 4,
    }
    assert moved.same_in_any_order == 5


@pytest.mark.parametrize(
    ("step", "options", "error", "message"),
    [
        (6, {}, IndexError, "the tail is 5"),
        (-1, {}, ValueError, "begin with 0"),
        (2, {}, lakestream.TrimmedStepError, "first readable step is 3"),
        (3, {"dp_size": 3}, lakestream.TopologyError, "does not divide the 4 slots"),
        (3, {"dp_rank": 2, "dp_size": 2}, lakestream.TopologyError, "dp_rank 2"),
        (3, {"rows": -1}, ValueError, "-1 rows"),
    ],
)
def test_nonsense_is_refused(
    tmp_path: Path, step: int, options: Any, error: type[Exception], message: str
) -> None:
    writer = build(tmp_path)
    intent = writer.act({"type": "intent", "to": 3})
    writer.act({"type": "trim", "to": 3, "intent": intent})
    with pytest.raises(error, match=message):
        lakestream.explain(str(tmp_path), step, **options)


def test_ranges_that_are_none_are_refused(tmp_path: Path) -> None:
    build(tmp_path)
    with pytest.raises(ValueError, match="no steps"):
        lakestream.diff(str(tmp_path), (3, 3), (0, 1))
    with pytest.raises(IndexError, match="step 6 is not committed"):
        lakestream.diff(str(tmp_path), (0, 7), (0, 1))
    with pytest.raises(ObjectNotFoundError):
        lakestream.diff(str(tmp_path), (0, 1), (0, 1), other=str(tmp_path / "none"))
