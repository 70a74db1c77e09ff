# SPDX-License-Identifier: Apache-2.0
"""The command line and the demo as a person runs them: real processes, a real Spark, real kills."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

import lakestream

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    os.environ.get("LAKESTREAM_BUILD") != "never",
    reason="needs the packaged command line: ./mvnw verify sets LAKESTREAM_BUILD=never",
)


def run(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the packaged command line."""
    return subprocess.run(
        [str(repository / "bin" / "lakestream"), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def demo(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the demo says of itself."""
    root = tmp_path_factory.mktemp("demo") / "stream"
    result = run(repository, "demo", "--json", "--root", str(root))
    assert result.returncode == 0, result.stdout + result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def test_the_demo_proves_that_every_row_came_once(demo: dict[str, Any]) -> None:
    assert demo["exactly_once"] is True
    assert demo["faults"] == []
    assert int(demo["starts_of_ranks_in_first_phase"]) == 6, "four ranks and two that were killed"
    assert int(demo["rows_checked"]) > int(demo["sequences"]) > 5000


def test_the_demos_stream_is_sound(repository: Path, demo: dict[str, Any]) -> None:
    result = run(repository, "verify", demo["uri"], "--json")
    report = json.loads(result.stdout)
    assert report["ok"] is True, report["faults"]
    assert report["rows"] == int(demo["sequences"])


def test_python_agrees_with_the_command_line(repository: Path, demo: dict[str, Any]) -> None:
    steps = run(repository, "steps", demo["uri"], "--from", "0", "--json").stdout.splitlines()
    told = [json.loads(line) for line in steps]
    stream = lakestream.open(demo["uri"])
    seen = list(stream.reader().steps())
    assert len(seen) == len(told) == stream.next_step
    for step, line in zip(seen, told, strict=True):
        assert step.step == line["step"]
        assert step.record.digest == line["digest"]
        assert sum(batch.num_rows for batch in step.batches) == line["rows"]


def test_every_row_is_accounted_for_after_a_minute_of_torture(
    repository: Path, tmp_path: Path
) -> None:
    """13 processes, killed, stopped and doubled at random; longer: `bin/lakestream torture`."""
    result = run(repository, "torture", "--minutes=1", "--json", f"--folder={tmp_path}")
    report = json.loads(result.stdout)
    assert report["faults"] == []
    assert result.returncode == 0, result.stderr
    assert report["accounted_for"] is True
    assert report["producers_killed"] > 4
    assert report["readers_killed"] > 2
    assert report["first_readable_step"] > 0, "the vacuum trims what no checkpoint needs"
    assert report["acknowledged_commits"] > 20
    assert report["rows"] > 1000
    verified = run(repository, "verify", report["uri"], "--json")
    assert json.loads(verified.stdout)["faults"] == []


def test_python_reads_a_fork(repository: Path, demo: dict[str, Any]) -> None:
    uri = demo["uri"]
    parent = lakestream.open(uri)
    forked = run(repository, "fork", uri, "--name", "x", "--step", "7", "--json")
    fork = lakestream.open(json.loads(forked.stdout)["uri"])
    seen = list(itertools.islice(fork.reader().steps(), 7))
    expected = list(itertools.islice(parent.reader().steps(), 7))
    assert [step.batches for step in seen] == [step.batches for step in expected]
    fork_reader = fork.reader(cursor=parent.cursor_at(7), deadline=0)
    assert fork_reader.cursor == fork.cursor_at(7)


def test_pins_and_heartbeats_of_python_are_understood(
    repository: Path, demo: dict[str, Any]
) -> None:
    uri = demo["uri"]
    reader = lakestream.open(uri).reader(job="python-run", start_step=3)
    steps = reader.steps()
    next(steps)
    state = reader.checkpoint("step-4")
    listed = run(repository, "pins", uri, "--json")
    assert listed.returncode == 0, listed.stderr
    (pin,) = [
        line for line in map(json.loads, listed.stdout.splitlines()) if line["job"] == "python-run"
    ]
    assert (pin["checkpoint"], pin["from"]) == ("step-4", 4)
    assert state["next_step"] == 4
    beats = run(repository, "progress", uri, "--json")
    assert any("python-run" in line for line in beats.stdout.splitlines()), beats.stderr
    unpinned = run(repository, "unpin", uri, "--job", "python-run", "--checkpoint", "step-4")
    assert unpinned.returncode == 0, unpinned.stderr
    assert reader.release("step-4") == 0
    pinned = run(
        repository,
        *("pin", uri, "--job", "python-run", "--checkpoint", "java", "--from", "4"),
    )
    assert pinned.returncode == 0, pinned.stderr
    assert reader.release("java") == 1


def test_errors_are_one_line(repository: Path, tmp_path: Path) -> None:
    result = run(repository, "describe", str(tmp_path / "none"))
    assert result.returncode == 1
    assert result.stderr.startswith("error: there is no stream at")
    assert len(result.stderr.splitlines()) == 1
