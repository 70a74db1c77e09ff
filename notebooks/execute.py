# SPDX-License-Identifier: Apache-2.0
"""Executes the notebooks, each in a kernel of its own, and compares or keeps what they say.

    python execute.py                    # all of them: fails where a cell does, or says otherwise
    python execute.py 1-quickstart       # one
    python execute.py --save             # keeps the outputs: what goes into the repository

Every text must be what it was, except in cells with the tag `varies`, which show times: those must
have outputs of the same kinds, as plots everywhere. Cells with the tag `torch` are left out where
PyTorch is not installed.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
SECONDS_OF_A_CELL = 300
NO_CAPTURE = "--IPKernelApp.capture_fd_output=False"
"""What the JVM of Spark writes to the terminal is no output of a cell."""

Cell = Any
Notebook = Any


def main() -> int:
    """Executes what the command line names; the exit code."""
    parser = argparse.ArgumentParser(description="Executes the notebooks.")
    parser.add_argument("names", nargs="*", help="which; all by default")
    parser.add_argument("--save", action="store_true", help="keep the outputs")
    options = parser.parse_args()
    names = options.names or sorted(path.stem for path in HERE.glob("*.ipynb"))
    if options.save and not has_torch():
        parser.error("to save outputs install PyTorch: ./environment torch")
    return sum(run(name, save=options.save) for name in names)


def run(name: str, *, save: bool) -> int:
    """Executes one notebook; how many problems there are, after they were told."""
    path = HERE / f"{name}.ipynb"
    notebook: Notebook = nbformat.read(path, as_version=4)
    if not has_torch():
        notebook.cells = [cell for cell in notebook.cells if not tagged(cell, "torch")]
    before = [(cell, cell.get("outputs", [])) for cell in notebook.cells]
    try:
        execute(notebook)
    except CellExecutionError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    if save:
        notebook.metadata = {"kernelspec": notebook.metadata.kernelspec}
        nbformat.write(notebook, path)
        print(f"{name}: saved")
        return 0
    problems = [problem for cell, saved in before for problem in differences(cell, saved)]
    for problem in problems:
        print(f"{name}: {problem}", file=sys.stderr)
    print(f"{name}: {len(problems)} differences")
    return len(problems)


def execute(notebook: Notebook) -> None:
    """Executes all cells in a new kernel; `CellExecutionError` where one fails."""
    with (
        TemporaryDirectory() as sockets
    ):  # Nobody else may talk to the kernel, as they could by TCP.
        kernel = {"transport": "ipc", "ip": str(Path(sockets) / "kernel")}
        NotebookClient(
            notebook,
            timeout=SECONDS_OF_A_CELL,
            kernel_name="python3",
            extra_arguments=[NO_CAPTURE],
            config=Config(KernelManager=kernel),
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(HERE)}},
        ).execute()


def has_torch() -> bool:
    """Whether PyTorch is installed."""
    return find_spec("torch") is not None


def tagged(cell: Cell, tag: str) -> bool:
    """Whether a cell has a tag."""
    return tag in cell.metadata.get("tags", [])


def differences(cell: Cell, saved: list[Any]) -> Iterator[str]:
    """How a cell's outputs differ from those that were saved."""
    fresh = cell.get("outputs", [])
    if [kinds(output) for output in fresh] != [kinds(output) for output in saved]:
        yield (
            f"cell {cell.id}: outputs were {[kinds(output) for output in saved]},"
            f" now {[kinds(output) for output in fresh]}"
        )
    elif not tagged(cell, "varies"):
        for was, now in zip(saved, fresh, strict=True):
            if text(was) != text(now):
                yield f"cell {cell.id}: was\n{text(was)}\nnow\n{text(now)}"


def kinds(output: Any) -> list[str]:  # noqa: ANN401 - a node of nbformat
    """What an output is: its types, as a browser chooses among them."""
    return [output.output_type, output.get("name", ""), *sorted(output.get("data", {}))]


def text(output: Any) -> str:  # noqa: ANN401 - a node of nbformat
    """What an output says."""
    return str(output.get("text", output.get("data", {}).get("text/plain", "")))


if __name__ == "__main__":
    sys.exit(main())
