# SPDX-License-Identifier: Apache-2.0
"""The trainers' tools as they are: torchdata, Lightning, torchrun, signals."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

from streams import build

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch.utils.data import DataLoader  # noqa: E402

from lakestream.torch import StreamDataset, WorkerStateError  # noqa: E402

SLOTS, STEPS = 4, 12


@pytest.fixture
def sealed(tmp_path: Path) -> str:
    build(tmp_path / "stream", steps=STEPS, slots=SLOTS).act({"type": "seal"})
    return str(tmp_path / "stream")


def seen(items: Any) -> list[tuple[int, list[int]]]:
    return [(item["step"], item["row"].tolist()) for item in items]


def expected(dp_size: int = 1, rank: int = 0, start: int = 0) -> list[tuple[int, list[int]]]:
    share = SLOTS // dp_size
    return [
        (step, [(step * SLOTS + slot) * 2 + row for row in range(2)])
        for step in range(start, STEPS)
        for slot in range(rank * share, (rank + 1) * share)
    ]


def test_the_last_micro_batch_says_so(sealed: str) -> None:
    ends = [item["ends_step"] for item in StreamDataset(sealed, dp_size=2)]
    assert ends == [False, True] * STEPS


def test_pinning_without_an_accelerator_says_so(sealed: str) -> None:
    if torch.accelerator.is_available():
        pytest.skip("here is one")
    with pytest.warns(UserWarning, match="there is no accelerator"):
        assert seen(StreamDataset(sealed, pin_memory=True)) == expected()
    loader: Any = DataLoader(StreamDataset(sealed, pin_memory=True), None, num_workers=1)
    with pytest.raises(ValueError, match="give pin_memory to the DataLoader"):
        list(loader)


@pytest.mark.filterwarnings("ignore:'set_vital' is deprecated")  # What torchdata calls at once.
@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_stateful_loader_goes_on_where_it_was(sealed: str, workers: int) -> None:
    module = pytest.importorskip("torchdata.stateful_dataloader", reason="no torchdata")
    options: dict[str, Any] = {"batch_size": None, "num_workers": workers}

    def loader() -> Any:
        return module.StatefulDataLoader(StreamDataset(sealed, dp_rank=1, dp_size=SLOTS), **options)

    for taken in (0, 1, 4, 5):
        first = loader()
        head = seen(itertools.islice(iter(first), taken)) if taken else []
        state = first.state_dict()
        del first
        second = loader()
        second.load_state_dict(state)
        assert head + seen(second) == expected(SLOTS, 1)


def test_a_state_of_a_worker_fits_as_many_workers_only(sealed: str) -> None:
    dataset = StreamDataset(sealed)
    cursor = dataset.state_dict()
    with pytest.raises(WorkerStateError, match="one of 3 workers, here are 0"):
        dataset.load_state_dict({"cursor": cursor, "turn": 1, "workers": 3})


def test_lightning_goes_on_where_it_was(sealed: str, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lightning = pytest.importorskip("pytorch_lightning", reason="no Lightning")

    class Data(lightning.LightningDataModule):  # type: ignore[misc, name-defined, unused-ignore]
        """As docs/trainers.md shows it."""

        def __init__(self) -> None:
            super().__init__()
            self.dataset = StreamDataset(sealed, dp_size=2, others="drop")
            self.last_step: int | None = None

        def train_dataloader(self) -> Any:
            return DataLoader(self.dataset, batch_size=None, num_workers=1)

        def state_dict(self) -> dict[str, Any]:
            if self.last_step is None:
                return self.dataset.state_dict()
            return self.dataset.state_after(self.last_step)

        def load_state_dict(self, state_dict: dict[str, Any]) -> None:
            self.dataset.load_state_dict(state_dict)

    class Model(lightning.LightningModule):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(1, 1)
            self.seen: list[tuple[int, list[int]]] = []

        def training_step(self, batch: dict[str, Any], _: int) -> Any:
            self.seen.append((int(batch["step"]), batch["row"].tolist()))
            if batch["ends_step"]:
                self.trainer.datamodule.last_step = int(batch["step"])
            return self.layer(batch["row"].float().reshape(-1, 1)).sum()

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=1e-9)

    def fit(max_steps: int, checkpoint: str | None) -> Model:
        model = Model()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trainer = lightning.Trainer(
                max_steps=max_steps,
                max_epochs=-1,
                accumulate_grad_batches=2,
                accelerator="cpu",
                logger=False,
                enable_progress_bar=False,
                enable_model_summary=False,
                enable_checkpointing=False,
                default_root_dir=tmp_path,
            )
            trainer.fit(model, datamodule=Data(), ckpt_path=checkpoint, weights_only=False)
            trainer.save_checkpoint(tmp_path / "checkpoint")
        return model

    first = fit(5, None)
    second = fit(STEPS, str(tmp_path / "checkpoint"))
    assert len(first.seen) == 10
    assert first.seen + second.seen == expected(2)


RANK = """
import json, os, sys
import torch.distributed as dist
from torch.utils.data import DataLoader
from lakestream.torch import StreamDataset

def main():
    dist.init_process_group("gloo")
    rank, world = dist.get_rank(), dist.get_world_size()
    dataset = StreamDataset(sys.argv[1], dp_rank=rank, dp_size=world)
    if sys.argv[3]:
        dataset.load_state_dict(json.loads(sys.argv[3]))
    context = sys.argv[4]
    loader = DataLoader(dataset, None, num_workers=1, multiprocessing_context=context)
    steps = set()
    rows = []
    for item in loader:
        rows.append((item["step"], item["row"].tolist()))
        if item["ends_step"]:
            steps.add(item["step"])
            if len(steps) == int(sys.argv[2]):
                break
    gathered = [None] * world
    dist.all_gather_object(gathered, (rows, dataset.state_after(max(steps))))
    if rank == 0:
        print(json.dumps(gathered))
    dist.destroy_process_group()

if __name__ == "__main__":
    main()
"""


def torchrun(script: Path, processes: int, *arguments: str) -> list[Any]:
    result = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
            *(f"--nproc-per-node={processes}", str(script), *arguments),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert result.returncode == 0, result.stderr
    gathered: list[Any] = json.loads(result.stdout.splitlines()[-1])
    return gathered


def test_torchrun_goes_on_with_another_number_of_processes(sealed: str, tmp_path: Path) -> None:
    script = tmp_path / "rank.py"
    script.write_text(textwrap.dedent(RANK))
    batches: dict[int, list[int]] = {}
    state = ""
    for processes, steps, context in ((2, 5, "fork"), (1, 100, "spawn")):
        gathered = torchrun(script, processes, sealed, str(steps), state, context)
        assert all(states == gathered[0][1] for _, states in gathered)
        state = json.dumps(gathered[0][1])
        for rows, _ in gathered:
            for step, numbers in rows:
                batches.setdefault(step, []).extend(numbers)
    assert batches == {step: list(range(step * 8, step * 8 + 8)) for step in range(STEPS)}


LOOP = """
import sys, time
from torch.utils.data import DataLoader
from lakestream.torch import StreamDataset

if __name__ == "__main__":
    dataset = StreamDataset(sys.argv[1], deadline=600, job="run")
    workers, context = int(sys.argv[2]), sys.argv[3] or None
    loader = DataLoader(dataset, None, num_workers=workers, multiprocessing_context=context)
    for item in loader:
        print(item["step"], flush=True)
"""


def children(pid: int) -> list[int]:
    """All processes below `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(stat.parent.name)
            found += [child, *children(child)]
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc and /dev/shm")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize(("workers", "context"), [(0, ""), (1, "fork"), (1, "spawn")])
def test_nothing_is_left_behind(
    tmp_path: Path, workers: int, context: str, how: signal.Signals
) -> None:
    root = tmp_path / "stream"
    build(root, steps=4)  # Not sealed: all wait for the next step when they are stopped.
    script = tmp_path / "loop.py"
    script.write_text(textwrap.dedent(LOOP))
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    before = {path for path in root.rglob("*") if path.is_file()}
    shared = set(Path("/dev/shm").iterdir())
    with subprocess.Popen(
        [sys.executable, str(script), str(root), str(workers), context],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for _ in range(4 * SLOTS):
            assert process.stdout.readline()
        below = children(process.pid)
        assert len(below) >= workers
        began = time.monotonic()
        os.killpg(process.pid, how) if how == signal.SIGINT else process.send_signal(how)
        errors = process.stderr.read()
        assert process.wait(60) != 0
        assert time.monotonic() - began < 30
    if how == signal.SIGINT:
        assert "KeyboardInterrupt" in errors
        assert "Fatal" not in errors
    patience = time.monotonic() + 30
    while any(alive(pid) for pid in below):
        assert time.monotonic() < patience, "a worker outlives the trainer"
        time.sleep(0.05)
    left = {path for path in root.rglob("*") if path.is_file()} - before
    assert {path.relative_to(root).as_posix() for path in left} <= {"progress/run.json"}
    if how == signal.SIGINT:
        names = {path.name for path in set(Path("/dev/shm").iterdir()) - shared}
        assert not {name for name in names if "lakestream" in name}
        assert not [path for path in temporary.rglob("*") if "lakestream" in path.name]
