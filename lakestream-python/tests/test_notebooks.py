# SPDX-License-Identifier: Apache-2.0
"""The notebooks: what their saved outputs may say, and that they still say it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = REPOSITORY / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MAX_BYTES = 200_000
A_MACHINES_OWN = re.compile(
    r"""(?<![\w.])/(?:bin|etc|home|mnt|opt|private|root|srv|tmp|usr|Users|var|work)\b  # a path
      | \b[A-Za-z]:\\\\? | file:/ | \blocalhost\b | \b\d{1,3}(?:\.\d{1,3}){3}\b""",
    re.VERBOSE,
)

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def code_cells(path: Path) -> list[dict[str, Any]]:
    """The cells that have been executed."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def outputs(path: Path) -> list[dict[str, Any]]:
    """What all cells put out."""
    return [output for cell in code_cells(path) for output in cell["outputs"]]


def texts(path: Path) -> str:
    """All that the outputs say, pictures excepted."""
    found: list[str] = []
    for output in outputs(path):
        data = {"": output.get("text", ""), **output.get("data", {})}
        found += ["".join(text) for kind, text in data.items() if not kind.startswith("image/")]
    return "\n".join(found)


def test_there_are_notebooks() -> None:
    assert len(NOTEBOOKS) == 3


@each_notebook
def test_saved_outputs_name_nothing_of_the_machine(path: Path) -> None:
    text = texts(path)
    assert text
    assert A_MACHINES_OWN.findall(text) == []
    names = {socket.gethostname(), socket.getfqdn()}
    assert [name for name in names if re.search(rf"\b{re.escape(name)}\b", text)] == []


@pytest.mark.parametrize(
    "text", ["/tmp/x/stream", "file:/lake", r"C:\Users", "10.0.0.7", "in '/home/me/x'"]
)
def test_what_a_machine_would_leave_is_recognized(text: str) -> None:
    assert A_MACHINES_OWN.search(text)


@each_notebook
def test_saved_outputs_are_of_a_clean_run_without_errors(path: Path) -> None:
    cells = code_cells(path)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    kinds = {(output["output_type"], output.get("name")) for output in outputs(path)}
    assert kinds <= {("execute_result", None), ("display_data", None), ("stream", "stdout")}


@each_notebook
def test_notebooks_have_plots_and_are_small(path: Path) -> None:
    assert any("image/png" in output.get("data", {}) for output in outputs(path))
    assert path.stat().st_size < MAX_BYTES


@pytest.mark.skipif(
    os.environ.get("LAKESTREAM_BUILD") != "never",
    reason="needs the packaged jars: ./mvnw verify sets LAKESTREAM_BUILD=never",
)
@pytest.mark.skipif(
    find_spec("pyspark") is None or find_spec("nbclient") is None,
    reason="needs what ./environment notebooks installs",
)
@each_notebook
def test_notebooks_still_say_the_same(path: Path) -> None:
    """From a clean kernel, as the command that CONTRIBUTING.md gives."""
    result = subprocess.run(
        [sys.executable, str(FOLDER / "execute.py"), path.stem],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.skipif(find_spec("pyspark") is None, reason="needs ./environment notebooks")
def test_the_notebooks_have_the_spark_of_the_build(repository: Path) -> None:
    pom = (repository / "pom.xml").read_text(encoding="utf-8")
    spark = re.search(r"<spark.version>([\d.]+)</spark.version>", pom)
    assert spark is not None
    assert version("pyspark") == spark[1]
