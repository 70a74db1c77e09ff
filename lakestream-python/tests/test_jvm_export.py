# SPDX-License-Identifier: Apache-2.0
"""The Java reader in a Python process hands its vectors over by the Arrow C data interface."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from java_build import CLASS_PATH, needs_java
from streams import build, original

pytest.importorskip("jpype")


@needs_java
def test_vectors_of_a_jvm_are_taken_over_where_they_lie(tmp_path: Path) -> None:
    build(tmp_path, steps=4, slots=2, rows=3).act({"type": "seal"})
    script = Path(__file__).with_name("jvm_reader.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), str(CLASS_PATH)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["rows"] == [original(row) for row in range(4 * 2 * 3)]
    assert len(found["places"]) == 4 * 2
    assert all(theirs == ours != 0 for theirs, ours in found["places"])
    assert found["held"] > 0
    assert found["released"] == 0
