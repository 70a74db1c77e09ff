# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import lakestream
from lakestream.bundle import slot_digest, step_digest
from lakestream.cell import layout_of
from lakestream.topology import Topology, divisors
from streams import LENGTH, build, original

if TYPE_CHECKING:
    from pathlib import Path


def test_digests_are_those_of_the_format() -> None:
    raw = [bytes([n]) * 32 for n in range(4)]
    slots = [slot_digest(raw[:2]), slot_digest(raw[2:])]
    assert slots[0] == hashlib.sha256(raw[0] + raw[1]).digest()
    assert step_digest(slots) == hashlib.sha256(slots[0] + slots[1]).hexdigest()


def test_layout_counts_nodes_and_buffers() -> None:
    inner = pa.struct([pa.field("a", pa.utf8()), pa.field("b", pa.null())])
    schema = pa.schema(
        [
            pa.field("x", pa.int8(), nullable=False),
            pa.field("l", pa.list_(pa.field("item", inner, nullable=False)), nullable=False),
            pa.field("f", pa.list_(pa.bool_(), 2)),
        ]
    )
    layout = layout_of(schema)
    assert layout.columns == (0, 1, 5)
    assert (layout.nodes, layout.buffers) == (7, 2 + 2 + 1 + 3 + 0 + 1 + 2)
    assert layout.non_null == (0, 1, 2)


def test_divisors() -> None:
    assert divisors(64) == [1, 2, 4, 8, 16, 32, 64]
    assert divisors(1) == [1]
    assert divisors(36) == [1, 2, 3, 4, 6, 9, 12, 18, 36]


@pytest.mark.parametrize("dp_size", [1, 2, 3, 4, 6, 12])
def test_slots_are_divided_without_rest(dp_size: int) -> None:
    ranks = [Topology(dp_rank=rank, dp_size=dp_size) for rank in range(dp_size)]
    assert [slot for rank in ranks for slot in rank.slots(0, 12)] == list(range(12))


@pytest.mark.parametrize("pieces", [1, 2, 4])
def test_every_rank_of_every_topology_together_get_every_value_once(
    tmp_path: Path, pieces: int
) -> None:
    """12 slots, bundles of 3, 3 and 1 steps, all divisors as dp, all cp that divide documents."""
    build(tmp_path, steps=7, slots=12, pieces=pieces, rows=1, per_bundle=3).act({"type": "seal"})
    stream = lakestream.open(str(tmp_path))
    want = sorted(value for row in range(7 * 12) for value in original(row)["tokens"])
    for dp_size in (1, 2, 3, 4, 6, 12):
        for cp_size in (1, 2, 4):
            for split in ("contiguous", "zigzag"):
                got: list[Any] = []
                for rank in range(dp_size * cp_size):
                    reader = stream.reader(
                        dp_rank=rank // cp_size,
                        dp_size=dp_size,
                        cp_rank=rank % cp_size,
                        cp_size=cp_size,
                        split=split,
                        columns=["tokens"],
                    )
                    for _, batch in reader:
                        assert batch.num_rows == 1
                        got += batch.to_pylist()[0]["tokens"]
                assert sorted(got) == want
    assert len(want) == 7 * 12 * LENGTH
