# SPDX-License-Identifier: Apache-2.0
"""Checks in the background: each cell's outcome is its own, and a fork leaves none behind."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

import lakestream
from lakestream import share
from lakestream.ahead import Background
from streams import build

if TYPE_CHECKING:
    from pathlib import Path


def _fail() -> None:
    raise ValueError("damaged")


def test_a_failure_is_told_only_to_who_waits_for_it() -> None:
    first, second, third = Background().begin([lambda: None, _fail, lambda: None])
    first.wait()
    with pytest.raises(ValueError, match="damaged"):
        second.wait()
    third.wait()


def test_a_child_knows_that_its_parents_checks_never_end() -> None:
    background = Background()
    (check,) = background.begin([lambda: None])
    assert check.mine
    child = os.fork()
    if child == 0:
        fresh = background.begin([lambda: None])[0]
        fresh.wait()
        os._exit(0 if not check.mine and fresh.mine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_damage_found_in_the_background_is_told_where_it_is_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share, "_LARGE_CELL", 1)
    monkeypatch.setattr(share, "_WORTH_THREADS", 1)
    build(tmp_path, steps=4).act({"type": "seal"})
    want = [(step, batch.to_pylist()) for step, batch in lakestream.open(str(tmp_path)).reader()]
    path = next(tmp_path.glob("data/**/*.arrow"))
    data = bytearray(path.read_bytes())
    entry = json.loads((tmp_path / "log" / f"{1:020d}.json").read_bytes())
    runs = entry["bundles"][0]["runs"]
    end = runs["starts"][-1] if "starts" in runs else runs["base"] + 4 * runs["stride"]
    data[end - 200] ^= 1
    path.unlink()  # what a thread may still have mapped must not change under it
    path.write_bytes(data)
    got: list[Any] = []
    with pytest.raises(lakestream.CorruptObjectError, match=r"slot 3, step 1 .*: CRC32C"):
        got.extend(
            (step, batch.to_pylist()) for step, batch in lakestream.open(str(tmp_path)).reader()
        )
    assert got == want[: len(got)]
    assert len(got) % 4 == 3, "everything before the damaged cell was delivered"
