# SPDX-License-Identifier: Apache-2.0
"""The Python side of `bench compare loaders`.

loaders.py versions                       versions of the loaders
loaders.py corpus ROOT ROWS               rows in every format but a stream's
loaders.py serve KIND ROOT ROWS           measures a pass for each request, in one process
loaders.py ranks KIND ROOT ROWS STEPS     4 ranks, then from the middle on 2: what came, and when
loaders.py upload ROOT URI                the same to S3
loaders.py wire KIND ROOT ROWS            4 ranks of one host, a pass of all
loaders.py rank …                         one of those ranks

Answers are lines of JSON.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import pickle
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from loader_kinds import CACHE, KINDS, STEP_ROWS, Loader, Place, digest, write

if TYPE_CHECKING:
    from collections.abc import Iterator

BEFORE = 4
AFTER = 2
PACKAGES = ("torch", "torchdata", "mosaicml-streaming", "lancedb", "pylance", "pyarrow", "numpy")


def say(figures: dict[str, Any]) -> None:
    """One line of JSON for whoever started this process."""
    sys.__stdout__.write(json.dumps(figures) + "\n")
    sys.__stdout__.flush()


def taken(loader: Loader, rows: int) -> Iterator[torch.Tensor]:
    """Batches until there were so many rows, or no more come."""
    left = rows
    batches = iter(loader)
    while left > 0:
        batch = next(batches, None)
        if batch is None:
            break
        left -= len(batch)
        yield batch


def measure(kind: str, root: str, rows: int, request: dict[str, Any]) -> dict[str, Any]:
    """One pass from the beginning or from a state, and what came of it."""
    place = Place(root, workers=request["workers"])
    state = request.get("state")
    done = request.get("steps", 0) * STEP_ROWS
    began = time.perf_counter()
    loader = KINDS[kind](place, state)
    first, total, got, numbers, digested = 0.0, 0, 0, [], 0
    for batch in taken(loader, rows - done):
        if not got:
            first = time.perf_counter()
            first_rows = len(batch)
        got += len(batch)
        # Every token is looked at, as a training step would.
        total += int(batch.sum(dtype=torch.int64))
        numbers.append(batch[:, 0].clone())
        if request.get("digest"):
            digested ^= digest(batch)
        if request.get("only_first"):
            break
    ended = time.perf_counter()
    loader.close()
    return {
        "first": 1e3 * (first - began),
        "rate": (got - first_rows) / (ended - first) if got > first_rows else 0,
        "rows": got,
        "different rows": len(set(torch.cat(numbers).tolist())),
        "smallest row": int(torch.cat(numbers).min()),
        "sum": total,
        "digest": digested,
    }


def state_after(kind: str, root: str, workers: int, steps: int) -> Any:  # noqa: ANN401
    """The state of a run that has taken so many global batches."""
    loader = KINDS[kind](Place(root, workers=workers), None)
    for _ in taken(loader, steps * STEP_ROWS):
        pass
    state = loader.state(steps)
    loader.close()
    return state


def serve(kind: str, root: str, rows: int) -> None:
    """Answers each line of standard input."""
    # A loop that looks at batches with several threads would measure those.
    torch.set_num_threads(1)
    states: dict[tuple[int, int], Any] = {}
    for line in sys.stdin:
        request = json.loads(line)
        steps, workers = request.get("steps", 0), request["workers"]
        if steps:
            if (steps, workers) not in states:
                states[steps, workers] = state_after(kind, root, workers, steps)
            request["state"] = states[steps, workers]
        say(measure(kind, root, rows, request))


def rank(arguments: dict[str, Any]) -> None:
    """Reads this rank's rows, says their numbers, and leaves a state in the middle."""
    place = Place(
        arguments["root"],
        rank=arguments["rank"],
        world=arguments["world"],
        workers=arguments["workers"],
        shuffle=arguments["shuffle"],
    )
    kind = KINDS[arguments["kind"]]
    state = None
    if arguments["states"]:
        states = [pickle.loads(Path(file).read_bytes()) for file in arguments["states"]]
        state = kind.merge(states, place.rank)
    loader = kind(place, state)
    numbers: list[int] = []
    saved = False
    for batch in taken(loader, arguments["rows"] // place.world):
        numbers += batch[:, 0].tolist()
        if not saved and len(numbers) == arguments["save_after"] * place.batch_rows:
            saved = True
            kept = loader.state(arguments["save_after"])
            Path(arguments["save"]).write_bytes(pickle.dumps(kept))
    say({"numbers": numbers})
    # Some keep threads and workers that wait for a next epoch.
    sys.__stdout__.flush()
    os._exit(0)


def all_ranks(
    common: dict[str, Any], world: int, saves: list[str] | None = None
) -> list[list[int]]:
    """Runs them as processes of one host; the numbers of each one's rows, in order."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = []
    for number in range(world):
        environment = {
            **os.environ,
            "RANK": str(number),
            "WORLD_SIZE": str(world),
            "LOCAL_RANK": str(number),
            "LOCAL_WORLD_SIZE": str(world),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(port),
        }
        arguments = {
            **common,
            "rank": number,
            "world": world,
            "save": saves[number] if saves else "",
        }
        running.append(
            subprocess.Popen(
                [sys.executable, __file__, "rank", json.dumps(arguments)],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
    answers = [process.communicate()[0] for process in running]
    for process, answer in zip(running, answers, strict=True):
        if process.returncode or not answer:
            raise RuntimeError(f"a rank of {common['kind']} failed; what it said is above")
    return [json.loads(answer)["numbers"] for answer in answers]


def ranks(kind: str, root: str, rows: int, steps: int) -> dict[str, Any]:
    """An epoch with 4 ranks; then again, but with 2 ranks from the state after `steps` on."""
    with tempfile.TemporaryDirectory() as folder:
        saves = [f"{folder}/{number}" for number in range(BEFORE)]
        common = {"kind": kind, "root": root, "rows": rows, "states": [], "save_after": steps}
        common |= {"workers": min(1, max(KINDS[kind].workers)), "shuffle": True}
        whole = all_ranks(common, BEFORE, saves)
        resumed = {**common, "rows": rows - steps * STEP_ROWS, "states": saves, "save_after": -1}
        rest = all_ranks(resumed, AFTER)
    first = [numbers[: steps * STEP_ROWS // BEFORE] for numbers in whole]
    delivered = Counter(number for numbers in first + rest for number in numbers)
    epoch = Counter(number for numbers in whole for number in numbers)
    undisturbed = batches(whole, BEFORE)
    same = sum(
        one == other for one, other in zip(undisturbed[steps:], batches(rest, AFTER), strict=False)
    )
    return {
        "lost": sum(number not in delivered for number in range(rows)),
        "repeated": sum(count - 1 for count in delivered.values()),
        "lost undisturbed": sum(number not in epoch for number in range(rows)),
        "repeated undisturbed": sum(count - 1 for count in epoch.values()),
        "batches as undisturbed": same,
        "batches after": rows // STEP_ROWS - steps,
    }


def batches(by_rank: list[list[int]], world: int) -> list[frozenset[int]]:
    """The rows of each global batch."""
    part = STEP_ROWS // world
    count = min(len(numbers) for numbers in by_rank) // part
    return [
        frozenset(n for numbers in by_rank for n in numbers[i * part : (i + 1) * part])
        for i in range(count)
    ]


def wire(kind: str, root: str, rows: int) -> dict[str, Any]:
    """A pass of 4 ranks."""
    common = {"kind": kind, "root": root, "rows": rows, "states": [], "save_after": -1}
    common |= {"workers": 0, "shuffle": False}
    with tempfile.TemporaryDirectory() as cache:
        os.environ[CACHE] = cache
        numbers = [n for numbers in all_ranks(common, BEFORE) for n in numbers]
    return {"rows": len(numbers), "different rows": len(set(numbers))}


def upload(root: Path, uri: str) -> dict[str, Any]:
    """Puts all files but the mapped one below a place in S3."""
    import boto3

    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    client = boto3.client("s3", region_name=os.environ.get("AWS_REGION", "us-east-1"))
    files = [file for file in root.rglob("*") if file.is_file() and file.parent != root]
    for file in files:
        client.upload_file(str(file), bucket, f"{prefix}/{file.relative_to(root).as_posix()}")
    return {"files": len(files)}


def main() -> None:
    """Does what the first argument says."""
    what, *rest = sys.argv[1:]
    # What loaders print must not come between the answers.
    sys.stdout = sys.stderr
    if what == "versions":
        found = {package: importlib.metadata.version(package) for package in PACKAGES}
        say({"python": platform.python_version(), **found})
    elif what == "corpus":
        say(write(Path(rest[0]), int(rest[1])))
    elif what == "serve":
        serve(rest[0], rest[1], int(rest[2]))
    elif what == "ranks":
        say(ranks(rest[0], rest[1], int(rest[2]), int(rest[3])))
    elif what == "upload":
        say(upload(Path(rest[0]), rest[1]))
    elif what == "wire":
        say(wire(rest[0], rest[1], int(rest[2])))
    else:
        rank(json.loads(rest[0]))


if __name__ == "__main__":
    main()
