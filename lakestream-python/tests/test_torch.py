# SPDX-License-Identifier: Apache-2.0
"""Needs PyTorch, which the plain environment leaves out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import lakestream
from streams import LENGTH, append, build, original

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch.utils.data import DataLoader  # noqa: E402

from lakestream.torch import StreamDataset, WorkerStateError, to_tensor, to_tensors  # noqa: E402


@pytest.fixture
def sealed(tmp_path: Path) -> str:
    build(tmp_path).act({"type": "seal"})
    return str(tmp_path)


def test_tensors_are_the_mapped_memory(sealed: str) -> None:
    for _, batch in lakestream.open(sealed).reader(dp_size=2):
        tensors = to_tensors(batch)
        fixed = tensors["fixed"]
        assert fixed.shape == (2, LENGTH)
        assert fixed.dtype == torch.int16
        assert fixed.data_ptr() == batch.column("fixed").values.buffers()[1].address
        assert tensors["row"].data_ptr() == batch.column("row").buffers()[1].address
        assert fixed.tolist() == batch.column("fixed").to_pylist()


def test_writing_into_a_tensor_does_not_reach_the_file(sealed: str) -> None:
    for path in Path(sealed).glob("data/**/*.arrow"):
        path.chmod(0o444)
    before = [path.read_bytes() for path in Path(sealed).glob("data/**/*.arrow")]
    for item in StreamDataset(sealed):
        item["fixed"].fill_(-1)
        item["row"] += 1
    assert [path.read_bytes() for path in Path(sealed).glob("data/**/*.arrow")] == before


def test_columns_that_are_no_tensors(sealed: str) -> None:
    item = next(iter(StreamDataset(sealed)))
    assert isinstance(item["text"], pa.Array)
    assert isinstance(item["tokens"], pa.Array)
    assert set(next(iter(StreamDataset(sealed, others="drop")))) == {
        "step",
        "ends_step",
        "row",
        "fixed",
    }
    with pytest.raises(TypeError, match="column 'tokens' of type list"):
        next(iter(StreamDataset(sealed, others="refuse")))
    assert to_tensor(pa.array([True, False])).tolist() == [True, False]
    assert to_tensor(pa.array([1, None])) is None
    nested = pa.array([[[1, 2], [3, 4]]], pa.list_(pa.list_(pa.int8(), 2), 2))
    assert to_tensor(nested).tolist() == [[[1, 2], [3, 4]]]
    assert to_tensor(pa.array([[1], None], pa.list_(pa.int8(), 1))) is None
    assert to_tensor(pa.array([], pa.list_(pa.int8(), 4))).shape == (0, 4)


@pytest.mark.parametrize("workers", [0, 1])
def test_loader_delivers_in_order(sealed: str, workers: int) -> None:
    loader: Any = DataLoader(StreamDataset(sealed, dp_rank=1, dp_size=2), None, num_workers=workers)
    got = [(item["step"], item["row"].tolist()) for item in loader]
    want = [(s, [(s * 4 + slot) * 2 + r for r in range(2)]) for s in range(6) for slot in (2, 3)]
    assert got == want


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_several_workers_take_steps_in_turn(sealed: str, context: str) -> None:
    dataset = StreamDataset(sealed, dp_rank=1, dp_size=4)
    loader: Any = DataLoader(dataset, None, num_workers=2, multiprocessing_context=context)
    steps = []
    for item in loader:
        steps.append(item["step"])
        if len(steps) == 3:
            state = dataset.state_after(item["step"])
            with pytest.raises(WorkerStateError, match="use state_after"):
                dataset.state_dict()
    assert steps == list(range(6))
    again = StreamDataset(sealed, dp_rank=1, dp_size=4)
    again.load_state_dict(state)
    rest: Any = DataLoader(again, None, num_workers=2)
    assert [item["step"] for item in rest] == [3, 4, 5]


def test_several_workers_refuse_several_micro_batches(sealed: str) -> None:
    loader: Any = DataLoader(StreamDataset(sealed), None, num_workers=2)
    with pytest.raises(lakestream.TopologyError, match="more than one micro-batch"):
        list(loader)


def test_state_goes_on_without_workers(sealed: str) -> None:
    dataset = StreamDataset(sealed, dp_size=4)
    iterator = iter(dataset)
    for _ in range(2):
        next(iterator)
    state = dataset.state_dict()
    assert state == dataset.state_after(1)
    again = StreamDataset(sealed, dp_size=4)
    again.load_state_dict(state)
    assert [item["step"] for item in again] == [2, 3, 4, 5]
    assert next(iter(StreamDataset(sealed)))["row"].tolist() == [original(0)["row"], 1]


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_seal_that_comes_while_reading_ends_it(tmp_path: Path, workers: int) -> None:
    """Workers are ahead of the loop: when it has the last step, they wait for another one."""
    writer = build(tmp_path)
    dataset = StreamDataset(str(tmp_path), dp_rank=1, dp_size=4, deadline=60)
    loader: Any = DataLoader(dataset, None, num_workers=workers)
    steps = []
    for item in loader:
        steps.append(item["step"])
        if len(steps) == 6:
            append(writer, range(6, 8), 4, 1, 2)
        if len(steps) == 8:
            writer.act({"type": "seal"})
    assert steps == list(range(8))
    assert dataset.state_after(7)["next_step"] == 8


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_nothing_follows_the_last_step_of_a_sealed_stream(sealed: str, workers: int) -> None:
    finished = StreamDataset(sealed, dp_rank=1, dp_size=4).state_after(5)
    dataset = StreamDataset(sealed, dp_rank=1, dp_size=4)
    dataset.load_state_dict(finished)
    loader: Any = DataLoader(dataset, None, num_workers=workers)
    for _epoch in range(2):
        assert list(loader) == []
    if workers == 0:
        assert dataset.state_dict() == finished


@pytest.mark.parametrize("workers", [0, 2])
def test_a_sealed_stream_without_steps_ends_at_once(tmp_path: Path, workers: int) -> None:
    build(tmp_path, steps=0).act({"type": "seal"})
    loader: Any = DataLoader(StreamDataset(str(tmp_path)), None, num_workers=workers)
    assert list(loader) == []


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_stream_without_a_seal_does_not_end(tmp_path: Path, workers: int) -> None:
    build(tmp_path)
    dataset = StreamDataset(str(tmp_path), dp_rank=1, dp_size=4, deadline=0.1)
    loader: Any = DataLoader(dataset, None, num_workers=workers)
    with pytest.raises(lakestream.StepTimeoutError, match="step 6"):
        list(loader)
