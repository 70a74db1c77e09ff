# SPDX-License-Identifier: Apache-2.0
"""Pins against trims: whoever comes first, never do both succeed."""

from __future__ import annotations

import hashlib
import itertools
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import lakestream
from lakestream.errors import LakestreamError, PinError, StoreError, TrimmedStepError
from lakestream.sealed import unseal
from lakestream.store import LocalStore
from streams import build
from test_prefetch import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from writer import StreamWriter


def catch_up(writer: StreamWriter) -> None:
    """Lets a writer go on after what others committed."""
    while (path := writer.root / "log" / f"{writer.version + 1:020d}.json").exists():
        writer.version += 1
        writer.digest = hashlib.sha256(path.read_bytes()).hexdigest()
        writer.time = max(writer.time, json.loads(path.read_bytes())["time"])


def pins(root: Path) -> list[Path]:
    return sorted(root.glob("pins/*/*.json"))


def announce(writer: StreamWriter, to: int) -> int:
    catch_up(writer)
    return writer.act({"type": "intent", "to": to})


def trim(writer: StreamWriter, to: int, intent: int) -> None:
    """Trims as far as pins allow, as a trimmer must."""
    found = [json.loads(path.read_bytes())["from"] for path in pins(writer.root)]
    catch_up(writer)
    writer.act({"type": "trim", "to": min([to, *found]), "intent": intent})


class Hooked(LocalStore):
    """Calls `hooks[n]` right before the n-th operation."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.hooks: dict[int, list[Callable[[], None]]] = {}
        self.count = 0

    def _inside(self, key: str) -> str:
        for hook in self.hooks.pop(self.count, []):
            hook()
        self.count += 1
        return super()._inside(key)


def test_a_checkpoint_is_pinned_until_it_is_released(tmp_path: Path) -> None:
    writer = build(tmp_path)
    stream = lakestream.open(str(tmp_path))
    reader = stream.reader(job="run-7")
    steps = reader.steps()
    for _ in range(3):
        next(steps)
    assert reader.checkpoint("step-3") == reader.state_dict()
    (path,) = pins(tmp_path)
    assert path.name.startswith("step-3-")
    pin = unseal("x", path.read_bytes(), 1 << 20)
    assert (pin.string("stream"), pin.string("job")) == (stream.id, "run-7")
    assert (pin.integer("from"), pin.integer("lakestream")) == (3, 1)
    trim(writer, 5, announce(writer, 5))
    assert lakestream.open(str(tmp_path)).first_readable == 3
    other = stream.reader(job="run-7", start_step=4)
    other.checkpoint("step-3-a")
    assert reader.release("step-3") == 1
    assert [path.name[:9] for path in pins(tmp_path)] == ["step-3-a-"]
    assert reader.release("step-3") == 0
    assert not list((tmp_path / ".tmp").iterdir())


def test_what_cannot_be_pinned(tmp_path: Path) -> None:
    writer = build(tmp_path)
    early = lakestream.open(str(tmp_path)).reader(job="run")
    trim(writer, 2, announce(writer, 2))
    with pytest.raises(TrimmedStepError):
        early.checkpoint("a")
    assert not pins(tmp_path)
    with pytest.raises(ValueError, match="job="):
        lakestream.open(str(tmp_path)).reader().checkpoint("a")
    reader = lakestream.open(str(tmp_path)).reader(job="run")
    for name in ("", "../x", "a/b", ".x", "x" * 129):
        with pytest.raises(ValueError, match="must be 1 to 128"):
            reader.checkpoint(name)
    with pytest.raises(PinError, match="beyond the tail"):
        lakestream.pins.Pins(reader.stream, "run").pin("a", 99)


def test_an_announced_trim_is_cancelled(tmp_path: Path) -> None:
    writer = build(tmp_path)
    intent = announce(writer, 5)
    stream = lakestream.open(str(tmp_path))
    stream.reader(job="run", start_step=2).checkpoint("a")
    catch_up(writer)
    writer.act({"type": "trim", "to": 5, "intent": intent})
    fresh = lakestream.open(str(tmp_path))
    assert fresh.first_readable == 0
    assert fresh.state.intent is None
    assert list(fresh.voids) == [writer.version], "the trim is void, and nothing else"


def test_a_pin_and_a_trim_never_both_succeed(tmp_path: Path) -> None:
    build(tmp_path / "count")
    store = Hooked(tmp_path / "count")
    reader = lakestream.Stream(store).reader(job="run", start_step=2)
    store.count = 0
    reader.checkpoint("a")
    operations = store.count
    assert operations >= 5
    pinned = trimmed = 0
    for at, then in itertools.combinations_with_replacement(range(operations + 1), 2):
        root = tmp_path / f"{at}-{then}"
        writer = build(root)
        store = Hooked(root)
        reader = lakestream.Stream(store).reader(job="run", start_step=2)
        intents: list[int] = []
        store.hooks.setdefault(at, []).append(
            lambda w=writer, i=intents: i.append(announce(w, 5))  # type: ignore[misc]
        )
        store.hooks.setdefault(then, []).append(
            lambda w=writer, i=intents: trim(w, 5, i[0])  # type: ignore[misc]
        )
        store.count = 0
        try:
            reader.checkpoint("a")
        except TrimmedStepError:
            assert not pins(root)
            trimmed += 1
            assert lakestream.open(str(root)).first_readable > 2
        else:
            pinned += 1
            assert lakestream.open(str(root)).first_readable <= 2
            assert len(pins(root)) == 1
    assert pinned
    assert trimmed


def test_a_pin_that_could_not_be_checked_is_not_left_behind(tmp_path: Path) -> None:
    build(tmp_path)

    class Failing(LocalStore):
        down = False

        def put_if_absent(self, key: str, data: bytes) -> bool:
            created = super().put_if_absent(key, data)
            self.down = True
            return created

        def list(self, prefix: str, start_after: str = "") -> list[str]:
            if self.down:
                raise StoreError(f"{prefix} cannot be listed")
            return super().list(prefix, start_after)

    reader = lakestream.Stream(Failing(tmp_path)).reader(job="run")
    with pytest.raises(StoreError, match="cannot be listed"):
        reader.checkpoint("a")
    assert not pins(tmp_path)


def test_a_store_that_can_only_be_read_says_so(tmp_path: Path) -> None:
    build(tmp_path)

    class ReadOnly:
        remote = False

        def __init__(self) -> None:
            store = LocalStore(tmp_path)
            for name in ("get", "get_range", "map", "head", "list"):
                setattr(self, name, getattr(store, name))

    reader = lakestream.Stream(ReadOnly()).reader(job="run")  # type: ignore[arg-type]
    with pytest.raises(LakestreamError, match="can only be read"):
        reader.checkpoint("a")


def test_heartbeats_say_how_far_the_first_rank_got(tmp_path: Path) -> None:
    build(tmp_path).act({"type": "seal"})
    stream = lakestream.open(str(tmp_path))
    path = tmp_path / "progress" / "run.json"
    second = stream.reader(job="run", dp_rank=1, dp_size=2).steps()
    next(second)
    assert not path.exists()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lakestream.heartbeat.BEAT_SECONDS", 0.01)
        steps = stream.reader(job="run", dp_rank=0, dp_size=2).steps()
        for _ in range(4):
            next(steps)

        def beat() -> int:
            members = unseal("progress/run.json", path.read_bytes(), 1 << 20)
            assert (members.string("stream"), members.string("job")) == (stream.id, "run")
            assert members.integer("time") > 0
            return members.integer("next_step")

        until(lambda: path.exists() and beat() == 4)
        assert [step.step for step in steps] == [4, 5]
    assert not path.exists(), "a job that ended holds nobody back"
    with pytest.raises(ValueError, match="is no name"):
        next(stream.reader(job="../x").steps())


def test_a_reader_that_is_closed_early_holds_nobody_back(tmp_path: Path) -> None:
    build(tmp_path)
    stream = lakestream.open(str(tmp_path))
    path = tmp_path / "progress" / "run.json"
    steps = stream.reader(job="run").steps()
    next(steps)
    until(path.exists)
    steps.close()  # type: ignore[attr-defined]
    assert not path.exists()


def test_a_reader_that_is_closed_leaves_what_another_one_said(tmp_path: Path) -> None:
    build(tmp_path)
    stream = lakestream.open(str(tmp_path))
    path = tmp_path / "progress" / "run.json"
    first = stream.reader(job="run").steps()
    next(first)
    until(path.exists)
    said = path.read_bytes()
    second = stream.reader(job="run", start_step=3).steps()
    next(second)
    until(lambda: path.read_bytes() != said)
    said = path.read_bytes()
    first.close()  # type: ignore[attr-defined]
    assert path.read_bytes() == said
    second.close()  # type: ignore[attr-defined]
    assert not path.exists()


def test_a_process_that_ends_takes_back_what_it_said(tmp_path: Path) -> None:
    build(tmp_path)
    code = (
        "import sys, time, pathlib, lakestream\n"
        "root = pathlib.Path(sys.argv[1])\n"
        "steps = lakestream.open(str(root)).reader(job='run').steps()\n"
        "next(steps)\n"
        "while not (root / 'progress/run.json').exists():\n"
        "    time.sleep(0.01)\n"
        "print('beat')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout == "beat\n"
    assert not (tmp_path / "progress" / "run.json").exists()
