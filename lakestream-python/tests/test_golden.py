# SPDX-License-Identifier: Apache-2.0
"""The golden streams that all implementations read: `golden/good` and `golden/bad`.

Each is the objects of a stream and `expected.json`, which says what is to be read of it, or what
must fail. Those without data have bundles that do not exist; only their log is read.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import lakestream
from conftest import REPOSITORY
from lakestream.digest import row_digests
from lakestream.reader import FROM_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOLDEN = REPOSITORY / "golden"
ERRORS: dict[str, type[lakestream.LakestreamError]] = {
    "corrupt": lakestream.CorruptObjectError,
    "unsupported": lakestream.UnsupportedFeatureError,
    "not_found": lakestream.ObjectNotFoundError,
}
WHOLE: dict[str, Any] = {
    "dp_rank": 0,
    "dp_size": 1,
    "cp_rank": 0,
    "cp_size": 1,
    "split": "contiguous",
    "documents": None,
}


def folders(verdict: str) -> list[Any]:
    """A test case for each stream."""
    found = sorted((GOLDEN / verdict).iterdir()) if (GOLDEN / verdict).is_dir() else []
    return [pytest.param(folder, id=folder.name) for folder in found]


GOOD = folders("good")
BAD = folders("bad")


def expectation(folder: Path) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return expected


def open_in(folder: Path) -> lakestream.Stream:
    return lakestream.open(str(folder / "stream" / expectation(folder).get("open", "")))


def log_of(stream: lakestream.Stream) -> dict[str, Any]:
    """What the log says, in the words of `expected.json`."""
    state = stream.state
    producers = sorted(stream.producers(), key=lambda producer: producer.id.encode())
    return {
        "version": state.version,
        "digest": state.digest,
        "time": state.time,
        "next_step": state.next_step,
        "rows": state.rows,
        "tokens": state.tokens,
        "first_readable": state.first_readable,
        "sealed": state.sealed,
        "schemas": len(state.schemas),
        "defaults": {"slots": state.defaults.slots, "pieces": state.defaults.pieces},
        "skips": [
            {"version": skip.version, "from": skip.start, "to": skip.stop, "reason": skip.reason}
            for skip in state.skips
        ],
        "intent": state.intent and {"version": state.intent.version, "to": state.intent.to},
        "producers": [
            {
                "id": producer.id,
                "epoch": producer.epoch,
                "sequence": producer.sequence,
                "state": producer.state or "",
                "attachments": [attachment.name for attachment in producer.attachments],
                "retired": producer.retired,
            }
            for producer in producers
        ],
        "void": sorted(stream.voids),
        "steps": [step_of(stream, step) for step in range(state.first_readable, state.next_step)],
    }


def step_of(stream: lakestream.Stream, step: int) -> dict[str, Any]:
    """What the log says of a step."""
    commit, place = stream.place(step)
    assert commit.producer is not None
    return {
        "step": step,
        "version": commit.version,
        "producer": commit.producer.id,
        "rows": place.record.rows,
        "tokens": place.record.tokens,
        "digest": place.record.digest,
        "slots": place.slots,
        "pieces": place.pieces,
    }


def read(stream: lakestream.Stream, rank: dict[str, Any]) -> list[dict[str, Any]]:
    """What a rank of this topology gets of all readable steps."""
    boundaries = {None: FROM_SCHEMA, "declared": FROM_SCHEMA, "whole": None}
    documents = rank["documents"]
    reader = stream.reader(
        dp_rank=rank["dp_rank"],
        dp_size=rank["dp_size"],
        cp_rank=rank["cp_rank"],
        cp_size=rank["cp_size"],
        split=rank["split"],
        boundaries=boundaries.get(documents, documents),
        deadline=0,
    )
    steps = []
    for step in reader.steps():
        slots = [
            {"slot": slot, "rows": batch.num_rows, "digest": digest_of(batch)}
            for slot, batch in zip(step.slots, step.batches, strict=True)
        ]
        steps.append({"step": step.step, "slots": slots})
        if step.step + 1 == stream.next_step:
            break
    return steps


def read_all(stream: lakestream.Stream, *, data: bool) -> None:
    """Reads all steps that the log has, or the log only."""
    log_of(stream)
    if data:
        read(stream, WHOLE)


def digest_of(batch: Any) -> str:
    """SHA-256 over the digests of the rows, each with a line feed."""
    return hashlib.sha256("".join(f"{row}\n" for row in row_digests(batch)).encode()).hexdigest()


def test_there_are_golden_streams() -> None:
    assert len(GOOD) > 20
    assert len(BAD) > 70


@pytest.mark.parametrize("folder", GOOD)
def test_good_streams_are_read_as_they_say(folder: Path) -> None:
    expected = expectation(folder)
    data, reads = expected.pop("data"), expected.pop("reads", [])
    expected.pop("open", None)
    assert bool(reads) is data
    stream = open_in(folder)
    assert log_of(stream) == expected
    for rank in reads:
        assert read(stream, rank) == rank["steps"], {**rank, "steps": ...}


@pytest.mark.parametrize("folder", BAD)
def test_bad_streams_fail_as_they_say(folder: Path) -> None:
    expected = expectation(folder)
    assert expected["when"] in ("open", "read")
    if expected["when"] == "open":
        fails: Callable[[], object] = partial(open_in, folder)
    else:
        fails = partial(read_all, open_in(folder), data=expected["data"])
    with pytest.raises(ERRORS[expected["error"]]) as caught:
        fails()
    assert type(caught.value) is ERRORS[expected["error"]]
    assert (expected["object"] or "") in str(caught.value)


def test_bundles_of_the_format_parquet_are_files_for_any_tool() -> None:
    """In the order of the file: slot after slot, as a rank gets them of a bundle of one step."""
    folder = GOLDEN / "good" / "data-parquet-all-types"
    (file,) = (folder / "stream").rglob("*.parquet")
    table = pq.read_table(file)
    batches = list(next(iter(open_in(folder).reader(deadline=0).steps())).batches)
    assert table.num_rows == sum(batch.num_rows for batch in batches) > 0
    assert table.schema.names == batches[0].schema.names
    whole = pa.Table.from_batches(batches)
    for name in ("r1", "n2", "deep", "map", "fixed", "lists"):
        assert table.column(name).to_pylist() == whole.column(name).to_pylist()


def test_cells_of_the_format_parquet_are_files_as_well() -> None:
    """As they stand in a bundle, and the row groups of its footer are theirs."""
    for file in (GOLDEN / "good" / "data-parquet" / "stream").rglob("*.parquet"):
        data = file.read_bytes()
        groups = pq.read_metadata(file)
        starts = [
            groups.row_group(number).column(0).data_page_offset
            for number in range(groups.num_row_groups)
        ]
        assert starts == sorted(starts)
        for number, start in enumerate(starts):
            assert data[start - 4 : start] == b"PAR1"
            assert (start - 4) % 64 == 0
            end = data.index(b"PAR1", start) + 4
            cell = pq.read_table(pa.BufferReader(data[start - 4 : end]))
            assert cell.num_rows == groups.row_group(number).num_rows
