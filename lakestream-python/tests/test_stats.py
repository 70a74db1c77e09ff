# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

import lakestream
from lakestream.stats import Waits
from streams import build

if TYPE_CHECKING:
    from pathlib import Path


def test_quantiles_are_within_nine_percent() -> None:
    chance = random.Random(7)
    waits = Waits()
    assert waits.quantile(0.99) == 0
    values = sorted(chance.lognormvariate(-7, 2) for _ in range(5000))
    for value in values:
        waits.add(value)
    for share in (0.5, 0.99):
        exact = values[round(share * len(values)) - 1]
        assert exact <= waits.quantile(share) <= exact * 1.1
    assert waits.quantile(1) == waits.longest == values[-1]
    waits.add(0)
    waits.add(1e9)
    assert waits.quantile(1) <= waits.longest == 1e9


def test_a_reader_tells_what_it_did(tmp_path: Path) -> None:
    build(tmp_path, steps=6)
    reader = lakestream.open(str(tmp_path)).reader()
    assert (reader.stats().steps, reader.stats().lead_steps) == (0, 6)
    steps = reader.steps()
    for _ in range(4):
        next(steps)
    stats = reader.stats()
    assert (stats.steps, stats.next_step, stats.lead_steps) == (4, 4, 2)
    assert 0 < stats.wait_p50 <= stats.wait_p99 <= stats.wait_longest <= stats.wait_seconds
    sizes = [path.stat().st_size for path in tmp_path.glob("data/**/*.arrow")]
    assert 2 <= stats.ranges_fetched <= 3
    assert 0 < stats.bytes_fetched < sum(sizes)
    with pytest.raises(AttributeError):
        stats.steps = 3  # type: ignore[misc]


def test_the_text_is_what_prometheus_reads(tmp_path: Path) -> None:
    build(tmp_path, steps=2)
    reader = lakestream.open(str(tmp_path)).reader()
    next(reader.steps())
    stats = reader.stats()
    number = r"[0-9.e+-]+"
    for text in (stats.prometheus(), stats.prometheus(job='a"b\\c', rank="0")):
        for line in text.splitlines():
            assert re.fullmatch(rf'# .*|lakestream_reader_[a-z_]+({{.+=".*"}})? {number}', line)
    plain = stats.prometheus()
    assert "lakestream_reader_next_step 1\n" in plain
    assert "lakestream_reader_wait_seconds_count 1\n" in plain
    assert re.search(r'lakestream_reader_wait_seconds\{quantile="0.99"\} ', plain)
    labelled = stats.prometheus(job='a"b\\c')
    assert r'lakestream_reader_next_step{job="a\"b\\c"} 1' in labelled
