# SPDX-License-Identifier: Apache-2.0
"""One cursor for all ranks: whoever goes on with it, the global batches stay the same."""

from __future__ import annotations

import itertools
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

import lakestream
from streams import build

if TYPE_CHECKING:
    from pathlib import Path

SLOTS, STEPS = 12, 11
SIZES = [1, 2, 3, 4, 6, 12]


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("stream")
    writer = build(root, steps=STEPS, slots=SLOTS, per_bundle=3)
    writer.act({"type": "skip", "from": 4, "to": 6, "reason": "spike"}, {"type": "seal"})
    return str(root)


def read(uri: str, dp_size: int, state: Any, count: int, chance: random.Random) -> tuple[Any, Any]:
    """What `dp_size` ranks read of the next steps together, step by step, and their states."""
    batches: dict[int, list[Any]] = {}
    states = []
    for rank in range(dp_size):
        stream = lakestream.open(uri, cursor=state)
        reader = stream.reader(
            dp_rank=rank,
            dp_size=dp_size,
            rules=None if state else stream.version,
            cursor=state,
            prefetch_bytes=chance.choice([0, 1000, 1 << 20]),
        )
        if chance.random() < 0.5:
            for step in itertools.islice(reader.steps(), count):
                rows = [batch.column("row").to_pylist() for batch in step.batches]
                batches.setdefault(step.step, []).extend(rows)
        else:
            steps = 0
            for step_, batch, ends_step in reader.micro_batches(0, 1):
                batches.setdefault(step_, []).append(batch.column("row").to_pylist())
                steps += ends_step
                if steps == count:
                    break
        states.append(json.loads(json.dumps(reader.state_dict())))
    assert all(state == states[0] for state in states)
    return batches, states[0]


@pytest.mark.parametrize("seed", range(25))
def test_another_topology_goes_on_with_the_same_global_batches(uri: str, seed: int) -> None:
    chance = random.Random(seed)
    stream = lakestream.open(uri)
    reader = stream.reader(rules=stream.version)
    expected = {
        step.step: [batch.column("row").to_pylist() for batch in step.batches]
        for step in reader.steps()
    }
    assert list(expected) == [0, 1, 2, 3, 6, 7, 8, 9, 10]
    state: Any = None
    seen: dict[int, list[Any]] = {}
    while len(seen) < len(expected):
        count = chance.randrange(1, 5)
        batches, state = read(uri, chance.choice(SIZES), state, count, chance)
        assert not seen.keys() & batches.keys()
        seen |= batches
    assert seen == expected


@pytest.mark.parametrize("workers", [1, 2, 3, 5])
def test_workers_take_turns(uri: str, workers: int) -> None:
    reader = lakestream.open(uri).reader(dp_rank=5, dp_size=12)
    expected = [(step, batch.column("row").to_pylist()) for step, batch in reader]
    turns = [
        [
            (step, batch.column("row").to_pylist())
            for step, batch in lakestream.open(uri)
            .reader(dp_rank=5, dp_size=12)
            .in_turns(turn, workers)
        ]
        for turn in range(workers)
    ]
    merged = [item for items in itertools.zip_longest(*turns) for item in items if item is not None]
    assert merged == expected


def test_a_state_that_does_not_fit_is_refused_by_digest(uri: str, tmp_path: Path) -> None:
    reader = lakestream.open(uri).reader()
    next(reader.steps())
    state = reader.state_dict()
    for name in ("chain", "digest"):
        forged = {**state, name: "ab" * 32}
        with pytest.raises(lakestream.CursorMismatchError, match=f"the {name} of step 0 differs"):
            reader.load_state_dict(forged)
    build(tmp_path, steps=STEPS, slots=SLOTS)
    other = lakestream.open(str(tmp_path)).reader()
    with pytest.raises(lakestream.CursorMismatchError, match="the cursor is of stream"):
        other.load_state_dict(state)
    assert other.cursor.next_step == 0, "what was refused changes nothing"
