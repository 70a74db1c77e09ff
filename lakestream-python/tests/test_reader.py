# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import lakestream
from streams import FIELDS, LENGTH, append, build, cut_row, original
from writer import StreamWriter, column

if TYPE_CHECKING:
    from pathlib import Path


def rows_of(reader: lakestream.Reader) -> list[tuple[int, list[dict[str, Any]]]]:
    return [(step, batch.to_pylist()) for step, batch in reader]


def expected(
    steps: int, slots: range, of: int, rows: int = 2, start: int = 0
) -> list[tuple[int, list[dict[str, Any]]]]:
    return [
        (step, [original((step * of + slot) * rows + row) for row in range(rows)])
        for step in range(start, steps)
        for slot in slots
    ]


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    build(tmp_path).act({"type": "seal"})
    return tmp_path


@pytest.mark.parametrize("pieces", [1, 2])
@pytest.mark.parametrize("dp_size", [1, 2, 4])
def test_digests_of_all_ranks_slots_make_the_steps_digest(
    tmp_path: Path, pieces: int, dp_size: int
) -> None:
    build(tmp_path, pieces=pieces).act({"type": "seal"})
    stream = lakestream.open(str(tmp_path))
    ranks = [stream.reader(dp_rank=rank, dp_size=dp_size).steps() for rank in range(dp_size)]
    for shares in zip(*ranks, strict=True):
        digests = b"".join(bytes.fromhex(one) for share in shares for one in share.slot_digests)
        assert hashlib.sha256(digests).hexdigest() == shares[0].record.digest


def test_slots_have_no_digest_where_pieces_are_not_read(tmp_path: Path) -> None:
    build(tmp_path, pieces=2).act({"type": "seal"})
    reader = lakestream.open(str(tmp_path)).reader(cp_size=2)
    assert [step.slot_digests for step in reader.steps()] == [()] * 6


@pytest.mark.parametrize("dp_size", [1, 2, 4])
def test_every_topology_gets_its_slots(sealed: Path, dp_size: int) -> None:
    stream = lakestream.open(str(sealed))
    share = 4 // dp_size
    for rank in range(dp_size):
        reader = stream.reader(dp_rank=rank, dp_size=dp_size)
        assert rows_of(reader) == expected(6, range(rank * share, (rank + 1) * share), 4)


@pytest.mark.parametrize("per_document", [False, True])
@pytest.mark.parametrize("split", ["contiguous", "zigzag"])
@pytest.mark.parametrize("declared", [False, True])
@pytest.mark.parametrize("pieces", [1, 2, 4, 8])
def test_cut_is_the_same_however_it_is_stored(
    tmp_path: Path, pieces: int, declared: bool, split: str, per_document: bool
) -> None:
    build(tmp_path, steps=2, pieces=pieces, declared=declared).act({"type": "seal"})
    stream = lakestream.open(tmp_path.as_uri())
    for cp_size in (1, 2, 4):
        for rank in range(cp_size):
            reader = stream.reader(
                cp_rank=rank,
                cp_size=cp_size,
                split=split,
                boundaries="docs" if per_document else None,
            )
            parts = 2 * cp_size if split == "zigzag" else cp_size
            wanted = [rank, parts - 1 - rank] if split == "zigzag" else [rank]
            if cp_size == 1:
                parts, wanted = 1, [0]
            want = [
                (step, [cut_row(row, parts, wanted, per_document=per_document) for row in rows])
                for step, rows in expected(2, range(4), 4)
            ]
            batches = list(reader)
            assert [(step, batch.to_pylist()) for step, batch in batches] == want
            fixed = batches[0][1].schema.field("fixed").type
            assert fixed.list_size == LENGTH // cp_size


def test_boundaries_come_from_the_schema_unless_said_otherwise(tmp_path: Path) -> None:
    build(tmp_path, steps=1, per_bundle=1).act({"type": "seal"})
    stream = lakestream.open(str(tmp_path))
    by_schema = rows_of(stream.reader(cp_size=2))
    assert by_schema == rows_of(stream.reader(cp_size=2, boundaries="docs"))
    assert by_schema != rows_of(stream.reader(cp_size=2, boundaries=None))


def test_compressed_cells_are_read(tmp_path: Path) -> None:
    for codec in ("lz4", "zstd"):
        root = tmp_path / codec
        build(root, steps=2, compression=codec).act({"type": "seal"})
        assert rows_of(lakestream.open(str(root)).reader()) == expected(2, range(4), 4)


def test_bundles_are_plain_arrow_files(sealed: Path) -> None:
    for path in sealed.glob("data/**/*.arrow"):
        with pa.ipc.open_file(io.BytesIO(path.read_bytes())) as file:
            assert file.num_record_batches == 8
            for number in range(8):
                file.get_batch(number).validate(full=True)


def test_dp_size_that_does_not_divide_names_those_that_do(sealed: Path) -> None:
    reader = lakestream.open(str(sealed)).reader(dp_size=3)
    message = r"dp_size 3 does not divide the 4 slots of step 0; it may be 1, 2 or 4"
    with pytest.raises(lakestream.TopologyError, match=message):
        next(iter(reader))


def test_sequence_that_cannot_be_divided_is_refused(sealed: Path) -> None:
    reader = lakestream.open(str(sealed)).reader(cp_size=8, split="zigzag")
    with pytest.raises(lakestream.TopologyError, match="not a multiple of 16"):
        next(iter(reader))


@pytest.mark.parametrize(
    "options", [{"dp_rank": 1}, {"cp_rank": 2, "cp_size": 2}, {"split": "odd"}]
)
def test_senseless_topologies_are_refused(sealed: Path, options: dict[str, Any]) -> None:
    with pytest.raises(lakestream.TopologyError):
        lakestream.open(str(sealed)).reader(**options)


def test_columns_can_be_chosen(sealed: Path) -> None:
    stream = lakestream.open(str(sealed))
    _, batch = next(iter(stream.reader(columns=["fixed", "row"], cp_size=2)))
    assert batch.schema.names == ["fixed", "row"]
    assert batch.column("fixed").type.list_size == LENGTH // 2
    with pytest.raises(lakestream.TopologyError, match="there is no column 'x'"):
        stream.reader(columns=["x"])


def test_batches_point_into_the_mapped_file(sealed: Path) -> None:
    ranges = []
    store = lakestream.store.LocalStore(sealed)

    class Spy(lakestream.store.LocalStore):
        def map(self, key: str, start: int, length: int) -> pa.Buffer:
            ranges.append((start, super().map(key, start, length)))
            return ranges[-1][1]

    stream = lakestream.Stream(Spy(store.root))
    reader = stream.reader(dp_rank=1, dp_size=2)
    batches = [batch for _, batch in reader]
    assert len(ranges) == 3, "one range for the rank's slots of each bundle of two steps"
    for batch in batches:
        for array in batch.columns:
            for buffer in filter(None, array.buffers()):
                assert any(m.address <= buffer.address <= m.address + m.size for _, m in ranges)
                assert buffer.size == 0 or buffer.address % 64 == 0


def test_a_whole_piece_is_not_copied(tmp_path: Path) -> None:
    build(tmp_path, steps=1, per_bundle=1, pieces=2).act({"type": "seal"})
    mapped = []

    class Spy(lakestream.store.LocalStore):
        def map(self, key: str, start: int, length: int) -> pa.Buffer:
            mapped.append(super().map(key, start, length))
            return mapped[-1]

    _, batch = next(iter(lakestream.Stream(Spy(tmp_path)).reader(cp_size=2, cp_rank=1)))
    values = batch.column("tokens").values.buffers()[1]
    assert len(mapped) == 1
    assert mapped[0].address <= values.address < mapped[0].address + mapped[0].size


def test_resuming_after_every_step_gives_the_same_rest(sealed: Path) -> None:
    stream = lakestream.open(str(sealed))
    whole = rows_of(stream.reader(dp_rank=1, dp_size=2))
    for taken in range(len(whole) + 1):
        reader = stream.reader(dp_rank=1, dp_size=2)
        iterator = iter(reader)
        for _ in range(taken):
            next(iterator)
        state = reader.state_dict()
        assert state["next_step"] == taken // 2
        again = lakestream.open(str(sealed)).reader(dp_rank=1, dp_size=2, cursor=state)
        assert rows_of(again) == whole[taken // 2 * 2 :]
        other = lakestream.open(str(sealed)).reader(cursor=state)
        assert rows_of(other) == expected(6, range(4), 4, start=taken // 2)


def test_load_state_dict_goes_on_there(sealed: Path) -> None:
    reader = lakestream.open(str(sealed)).reader()
    for step in reader.steps():
        if step.step == 2:
            break
    state = reader.state_dict()
    fresh = lakestream.open(str(sealed)).reader()
    fresh.load_state_dict(state)
    assert [step.step for step in fresh.steps()] == [3, 4, 5]


def test_steps_carry_their_record(sealed: Path) -> None:
    steps = list(lakestream.open(str(sealed)).reader(start_step=4).steps())
    assert [(step.step, len(step.batches), step.record.rows) for step in steps] == [
        (4, 4, 8),
        (5, 4, 8),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stream": "00000000-0000-4000-8000-000000000000"}, "the cursor is of stream 0000"),
        ({"next_step": 7}, "the cursor is at step 7, but the tail of the stream is 5"),
        ({"next_step": 4}, "the chain of step 3 differs|the digest of step 3 differs"),
        ({"chain": "0" * 64}, "the chain of step 2 differs: the cursor has 0000"),
        ({"digest": "0" * 64}, "the digest of step 2 differs: the cursor has 0000"),
        ({"rules": 99}, "rules version 99: must be -1 to the log's last version 4"),
        ({"rules": -2}, "'rules' is -2"),
        ({"next_step": "3"}, "'next_step' is '3'"),
        ({"digest": None}, "'digest' is not a digest"),
    ],
)
def test_cursor_that_does_not_fit_is_refused(
    sealed: Path, change: dict[str, Any], message: str
) -> None:
    stream = lakestream.open(str(sealed))
    cursor = stream.cursor_at(3).to_dict() | change
    with pytest.raises(lakestream.CursorMismatchError, match=message):
        stream.reader(cursor=cursor)


def test_cursor_survives_json(sealed: Path) -> None:
    cursor = lakestream.open(str(sealed)).cursor_at(3)
    assert lakestream.Cursor.from_json(cursor.to_json()) == cursor
    twice = cursor.to_json().replace('"rules"', '"next_step":4,"rules"')
    text_for_number = cursor.to_json().replace('"next_step":3', '"next_step":"3"')
    deep = cursor.to_json()[:-1] + ',"x":' + "[" * 64 + "]" * 64 + "}"
    for text in ("[]", "{", "{}", "[" * 100_000, twice, text_for_number, deep):
        with pytest.raises(lakestream.CursorMismatchError):
            lakestream.Cursor.from_json(text)


def test_skips_apply_under_their_rules_version(tmp_path: Path) -> None:
    writer = build(tmp_path)
    first = writer.act({"type": "skip", "from": 1, "to": 3, "reason": "spike"})
    second = writer.act({"type": "skip", "from": 3, "to": 4, "reason": "spike"})
    writer.act({"type": "seal"})
    stream = lakestream.open(str(tmp_path))

    def steps(rules: int | None = None, **options: Any) -> list[int]:
        return [step.step for step in stream.reader(rules=rules, **options).steps()]

    assert steps() == [0, 1, 2, 3, 4, 5]
    assert steps(first) == [0, 3, 4, 5]
    assert steps(second) == [0, 4, 5]
    reader = stream.reader(rules=first)
    next(reader.steps())
    assert reader.cursor.next_step == 1
    assert steps(cursor=reader.state_dict()) == [3, 4, 5]
    assert steps(second, cursor=reader.state_dict()) == [4, 5]


def test_ranks_agree_whatever_they_have_seen_of_the_log(tmp_path: Path) -> None:
    writer = build(tmp_path)
    early = lakestream.open(str(tmp_path))
    running = early.reader(deadline=0, start_step=0).steps()
    assert next(running).step == 0
    rules = writer.act({"type": "skip", "from": 1, "to": 3, "reason": "spike"})
    late = lakestream.open(str(tmp_path))
    overlapping = writer.act({"type": "skip", "from": 2, "to": 4, "reason": "spike"})
    writer.act({"type": "seal"})
    latest = lakestream.open(str(tmp_path))
    assert late.version < latest.version
    for stream in (early, late, latest):
        steps = [step.step for step in stream.reader(rules=rules, start_step=0).steps()]
        assert steps == [0, 3, 4, 5]
    for stream in (early, late, latest):
        steps = [step.step for step in stream.reader(rules=overlapping, start_step=0).steps()]
        assert steps == [0, 4, 5]
    assert [step.step for step in running] == [1, 2, 3, 4, 5], "rules never change while reading"


def test_a_skip_that_is_trimmed_in_part_covers_the_rest(tmp_path: Path) -> None:
    writer = build(tmp_path)
    intent = writer.act({"type": "intent", "to": 2})
    writer.act({"type": "trim", "to": 2, "intent": intent})
    rules = writer.act({"type": "skip", "from": 1, "to": 4, "reason": "late"}, {"type": "seal"})
    stream = lakestream.open(str(tmp_path))
    assert [step.step for step in stream.reader().steps()] == [2, 3, 4, 5]
    assert [step.step for step in stream.reader(rules=rules).steps()] == [4, 5]


def test_trimmed_steps_are_refused(tmp_path: Path) -> None:
    writer = build(tmp_path)
    cursor = lakestream.open(str(tmp_path)).cursor_at(1)
    intent = writer.act({"type": "intent", "to": 4})
    reader = lakestream.open(str(tmp_path)).reader(deadline=0)
    writer.act({"type": "trim", "to": 3, "intent": intent}, {"type": "seal"})
    stream = lakestream.open(str(tmp_path))
    with pytest.raises(
        lakestream.TrimmedStepError, match="step 1 was trimmed: the first readable step is 3"
    ):
        stream.reader(cursor=cursor)
    with pytest.raises(lakestream.TrimmedStepError):
        stream.reader(start_step=2)
    assert [step.step for step in stream.reader().steps()] == [3, 4, 5]
    assert stream.reader().cursor.digest == "0" * 64
    stream.reader(cursor=stream.cursor_at(4))
    for path in tmp_path.glob("data/**/*.arrow"):
        path.unlink()
    with pytest.raises(lakestream.TrimmedStepError):
        next(iter(reader))


def test_cells_of_several_bundles_make_a_step(tmp_path: Path) -> None:
    schema = pa.schema([pa.field("x", pa.int32(), nullable=False)])

    def cell(*values: int) -> list[pa.RecordBatch]:
        return [pa.RecordBatch.from_pydict({"x": list(values)}, schema=schema)]

    writer = StreamWriter(tmp_path).create([column("x", "int32")]).open()
    a = writer.bundle([[cell(1), cell(2), cell(3)], [cell(11), cell(12), cell(13)]])
    b = writer.bundle([[cell(4, 5), cell()]])
    group = {
        "cells": [[0, 1, 2, 1], [1, 0, 2, 0], [0, 0, 1, 0], [1, 0, 1, 0]],
        "steps": [{"rows": 7, "tokens": 0, "digest": "0" * 64}],
    }
    writer.commit([a.descriptor, b.descriptor], [group], actions=[{"type": "seal"}])
    stream = lakestream.open(str(tmp_path))
    got = [
        batch.column("x").to_pylist()
        for rank in range(3)
        for _, batch in stream.reader(dp_rank=rank, dp_size=3, prefetch_bytes=0)
    ]
    assert got == [[12], [13], [4, 5], [], [1], [4, 5]]
    with pytest.raises(lakestream.CorruptObjectError, match="step 0 has the digest"):
        list(stream.reader())


def test_older_bundles_get_the_newer_columns_as_nulls(tmp_path: Path) -> None:
    fields = [column("x", "int32"), column("_source", "utf8", nullable=True)]
    old = pa.schema([pa.field("x", pa.int32(), nullable=False)])
    new = old.append(pa.field("_source", pa.utf8()))
    writer = StreamWriter(tmp_path).create(fields[:1], slots=1).open()
    first = pa.RecordBatch.from_pydict({"x": [1]}, schema=old)
    writer.write([[[first]]])
    writer.act({"type": "schema", "id": 1, "fields": fields, "sequence": []})
    writer.write([[[first]]])
    second = pa.RecordBatch.from_pydict({"x": [1], "_source": ["web"]}, schema=new)
    writer.write([[[second]]], schema_id=1, actions=[{"type": "seal"}])
    batches = [batch for _, batch in lakestream.open(str(tmp_path)).reader()]
    assert [batch.schema for batch in batches] == [old, new, new]
    assert [batch.to_pylist()[0].get("_source") for batch in batches] == [None, None, "web"]


def test_empty_slots_are_delivered(tmp_path: Path) -> None:
    for pieces in (1, 2):
        root = tmp_path / str(pieces)
        build(root, steps=2, pieces=pieces, rows=0).act({"type": "seal"})
        for cp_size in (1, 2, 4):
            batches = list(lakestream.open(str(root)).reader(cp_size=cp_size))
            assert [(step, batch.num_rows) for step, batch in batches] == [
                (step, 0) for step in (0, 1) for _ in range(4)
            ]


def test_segmented_commits_are_read(tmp_path: Path) -> None:
    build(tmp_path, segmented=True).act({"type": "seal"})
    assert rows_of(lakestream.open(str(tmp_path)).reader()) == expected(6, range(4), 4)


def test_fields_match_their_arrow_schema(sealed: Path) -> None:
    stream = lakestream.open(str(sealed))
    assert [field.name for field in stream.schema.fields] == [field["name"] for field in FIELDS]
    append_after = lakestream.open(str(sealed)).next_step
    assert append_after == 6
    assert append is not None
