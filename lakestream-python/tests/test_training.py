# SPDX-License-Identifier: Apache-2.0
"""A real training run: the example, from a stream that Spark fills, killed and continued."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import lakestream
from lakestream import keys
from streams import LENGTH, build

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

import torch.distributed as dist  # noqa: E402

import train_gpt  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS, JOBS, EVERY = 40, 5, 4
SECONDS = 400
"""After which a process is killed, so that its output ends: far more than it takes."""

ENVIRONMENT = {**os.environ, "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
"""Else ranks that torchrun restarts may meet the addresses of those that died
(pytorch/pytorch#135712).
"""


@contextmanager
def process(command: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A process that is killed with its children in the end, and when it takes too long."""
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
    late = threading.Timer(SECONDS, kill_all, [started])
    late.start()
    try:
        yield started
    finally:
        late.cancel()
        kill_all(started)
        for pipe in filter(None, (started.stdout, started.stdin)):
            with suppress(BrokenPipeError):
                pipe.close()


def kill_all(agent: subprocess.Popen[str]) -> None:
    """SIGKILL to a process and its children: no handler runs, no file is closed."""
    if agent.poll() is None:
        agent.send_signal(signal.SIGSTOP)  # It starts no more of them.
        for child in children(agent.pid):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        agent.kill()
    agent.wait()


def children(parent: int) -> list[int]:
    """The processes that `parent` has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            # After the name, which may be anything in brackets: state and parent.
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(status.parent.name))
    return found


class Writer:
    """Spark, which appends the next part of the stream when it is told to."""

    def __init__(self, spark: subprocess.Popen[str]) -> None:
        self._spark = spark
        self._begun = 1
        assert spark.stdout is not None
        self.first = spark.stdout.readline()

    def reached(self, step: int) -> None:
        """A step is trained on. With the first of a job, Spark begins with the next job."""
        assert self._spark.stdin is not None
        while self._begun < JOBS and step >= (self._begun - 1) * STEPS // JOBS:
            self._spark.stdin.write("\n")
            self._spark.stdin.flush()
            self._begun += 1

    def finish(self) -> None:
        """Waits for the end of the stream."""
        assert self._spark.wait(SECONDS) == 0


def torchrun(ranks: int, uri: str, folder: Path, restarts: int = 0) -> list[str]:
    agent = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nnodes=1"]
    sizes = [f"--nproc-per-node={ranks}", f"--max-restarts={restarts}"]
    job = [f"--folder={folder}", f"--job={folder.name}", f"--checkpoint-every={EVERY}"]
    return [*agent, *sizes, train_gpt.__file__, uri, *job, f"--deadline={SECONDS}"]


def run(command: list[str], victims: dict[int, int | None], writer: Writer | None = None) -> int:
    """Trains; how often the first rank was started.

    After step s rank `victims[s]` is killed, if that is None everything.
    """
    victims = dict(victims)
    starts = 0
    pids: dict[int, int] = {}
    said = []
    expected_exit = 0
    with process(command, env=ENVIRONMENT) as agent:
        assert agent.stdout is not None
        for line in agent.stdout:
            said.append(line)
            if begun := re.match(r"rank (\d+) of \d+, process (\d+)", line):
                pids[int(begun[1])] = int(begun[2])
                starts += begun[1] == "0"
            elif trained := re.match(r"step (\d+): loss", line):
                step = int(trained[1])
                if writer is not None:
                    writer.reached(step)
                if step in victims:
                    victim = victims.pop(step)
                    if victim is None:
                        kill_all(agent)
                        expected_exit = -signal.SIGKILL
                        break
                    with suppress(ProcessLookupError):
                        os.kill(pids[victim], signal.SIGKILL)
        assert agent.wait(SECONDS) == expected_exit, "".join(said)
    assert not victims, "".join(said)
    return starts


def history(folder: Path) -> list[dict[str, Any]]:
    """What rank 0 wrote down of each step that was trained on, also of those that were lost."""
    return [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]


def content(uri: str, column: str) -> list[tuple[str, str]]:
    """The digest of each step as the log has it, and that of its tokens, read by one process."""
    steps = lakestream.open(uri).reader(deadline=0).steps()
    return [(step.record.digest, tokens_digest(step, column)) for step in steps]


def tokens_digest(step: Any, column: str) -> str:
    slots = (batch.column(column).flatten() for batch in step.batches)
    each = (hashlib.sha256(values.to_numpy().tobytes()).digest() for values in slots)
    return hashlib.sha256(b"".join(each)).hexdigest()


def faults(
    seen: list[dict[str, Any]], undisturbed: list[dict[str, Any]], stream: list[tuple[str, str]]
) -> list[str]:
    """What a run did differently than one that was never killed, from what both wrote down."""
    found = []
    expected = {line["step"]: line for line in undisturbed}
    if [line["step"] for line in undisturbed] != list(range(len(stream))):
        found.append("the undisturbed run did not go from the first step to the last")
    if missing := set(range(len(stream))) - {line["step"] for line in seen}:
        found.append(f"steps {sorted(missing)} are missing")
    for line in [*undisturbed, *seen]:
        step, other = line["step"], expected[line["step"]]
        if (line["digest"], line["tokens"]) != stream[step]:
            found.append(f"step {step} is not that of the stream")
        same = line["ranks"] == other["ranks"]
        if line["loss"] != pytest.approx(other["loss"], rel=0 if same else 1e-5, abs=0):
            found.append(f"step {step}: loss {line['loss']!r}, undisturbed {other['loss']!r}")
    return found


def pinned(uri: str, job: str) -> set[str]:
    """The checkpoints that the stream keeps data for."""
    names = (Path(key).name for key in lakestream.open(uri).store.list(f"{keys.PINS}{job}/"))
    return {name[: -len("-" + 36 * "x" + ".json")] for name in names}


@pytest.mark.skipif(
    os.environ.get("LAKESTREAM_BUILD") != "never",
    reason="needs the packaged command line: ./mvnw verify sets LAKESTREAM_BUILD=never",
)
def test_a_run_that_is_killed_and_continued_is_the_undisturbed_run(
    repository: Path, tmp_path: Path
) -> None:
    uri = str(tmp_path / "stream")
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    dice = random.Random(20)
    first, second, third = sorted(dice.sample(range(EVERY, STEPS - EVERY), 3))
    command = [str(repository / "bin" / "lakestream"), "demo-stream", uri, "--paced", "--json"]
    command += [f"--steps={STEPS}", f"--jobs={JOBS}"]

    with process(command, stdin=subprocess.PIPE) as spark:
        writer = Writer(spark)
        assert json.loads(writer.first) == {"from": 0, "to": STEPS // JOBS}
        # torchrun restarts all ranks when one of them dies. The third time it dies with them.
        victims = {first: dice.randrange(2), second: dice.randrange(2), third: None}
        assert run(torchrun(2, uri, killed, restarts=2), victims, writer) == 3
        assert run(torchrun(4, uri, killed), {}, writer) == 1
        writer.finish()
    assert run(torchrun(2, uri, undisturbed), {}) == 1

    seen, expected = history(killed), history(undisturbed)
    assert faults(seen, expected, content(uri, "tokens")) == []
    assert {line["ranks"] for line in expected} == {2}
    ranks = [line["ranks"] for line in seen]
    assert ranks == sorted(ranks)
    assert expected[-1]["loss"] < expected[0]["loss"] - 1, "it learns"
    for folder in (killed, undisturbed):
        kept = {path.stem for path in train_gpt.Checkpoints(folder).all()}
        assert len(kept) == train_gpt.KEPT
        assert pinned(uri, folder.name) == kept


@pytest.fixture
def alone() -> Iterator[None]:
    """This process is all ranks, and computes the same each time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    yield
    dist.destroy_process_group()
    torch.set_num_threads(threads)


def train(uri: str, folder: Path, until: int) -> None:
    folder.mkdir(exist_ok=True)
    reader = lakestream.open(uri).reader(job=folder.name, deadline=0)
    trainer = train_gpt.Trainer(LENGTH, seed=1, column="fixed")
    train_gpt.train(reader, trainer, folder, every=3, until=until)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("moved", "fault"),
    [(0, "None"), (1, r"steps \[4\] are missing"), (-1, "step 3: loss")],
    ids=["goes-on", "loses-a-step", "repeats-a-step"],
)
def test_a_wrong_cursor_in_a_checkpoint_is_found(tmp_path: Path, moved: int, fault: str) -> None:
    uri = str(tmp_path / "stream")
    build(tmp_path / "stream", steps=8).act({"type": "seal"})
    undisturbed, resumed = tmp_path / "undisturbed", tmp_path / "resumed"
    train(uri, undisturbed, 8)
    train(uri, resumed, 4)
    newest = train_gpt.Checkpoints(resumed).all()[-1]
    state = torch.load(newest, weights_only=True)
    assert state["data"]["next_step"] == 4
    state["data"] = lakestream.open(uri).cursor_at(4 + moved).to_dict()
    torch.save(state, newest)
    train(uri, resumed, 8)
    found = faults(history(resumed), history(undisturbed), content(uri, "fixed"))
    assert re.match(fault, str(found[0] if found else None))


@pytest.mark.usefixtures("alone")
def test_a_rank_without_its_share_is_found(tmp_path: Path) -> None:
    """Half of the slots are those of a second rank, which is not there."""
    uri = str(tmp_path / "stream")
    build(tmp_path / "stream", steps=1)
    step = next(lakestream.open(uri).reader(dp_size=2).steps())
    with pytest.raises(RuntimeError, match="of step 0, not"):
        train_gpt.Trainer(LENGTH, seed=1, column="fixed").train(step)
