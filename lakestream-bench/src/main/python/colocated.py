# SPDX-License-Identifier: Apache-2.0
"""The Python side of `bench compare colocated`: a training loop on one core, and what feeds it.

colocated.py FOLDER STEPS VOCABULARY   measures for each line of standard input

FOLDER has a file of text for each step, documents with a zero byte between them; VOCABULARY is that
of cl100k_base, as tiktoken would download it. The batch of a step is all whole rows that its tokens
give.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tiktoken
import tiktoken.load
import torch
from crc32c import crc32c
from tiktoken_ext import openai_public
from torch.utils.data import DataLoader, Dataset

from lakestream.torch import StreamDataset

if TYPE_CHECKING:
    from collections.abc import Iterator

ROW_TOKENS = 2048
END_OF_TEXT = np.array([100_257], np.int32)
MATRIX = 256


def tokenizer(vocabulary: str) -> tiktoken.Encoding:
    """The cl100k_base of tiktoken, without the network; it compares the digest of the file."""
    load = tiktoken.load.load_tiktoken_bpe
    openai_public.load_tiktoken_bpe = lambda _, expected_hash: load(vocabulary, expected_hash)
    return tiktoken.Encoding(**openai_public.cl100k_base())


class Steps(Dataset[torch.Tensor]):
    """Tokenizes and packs the text of a step, whoever asks."""

    def __init__(self, folder: str, steps: int, encoding: tiktoken.Encoding) -> None:
        self.files = [Path(folder) / f"{step}.txt" for step in range(steps)]
        self.encoding = encoding

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, step: int) -> torch.Tensor:
        parts = []
        for document in self.files[step % len(self.files)].read_text("utf-8").split("\0"):
            parts.append(self.encoding.encode_to_numpy(document, disallowed_special=()))
            parts.append(END_OF_TEXT)
        tokens = np.concatenate(parts, dtype=np.int32, casting="unsafe")
        rows = len(tokens) // ROW_TOKENS
        return torch.from_numpy(tokens[: rows * ROW_TOKENS].reshape(rows, ROW_TOKENS))


class Compute:
    """Work of a fixed amount on this core: products of matrices, which stand for the model's."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.factor = torch.rand(MATRIX, MATRIX) / MATRIX
        self.product = torch.empty(MATRIX, MATRIX)
        self.run(200)
        began = [time.perf_counter()]
        for _ in range(20):
            self.run(50)
            began.append(time.perf_counter())
        # The fastest tell what the core does when nobody else is on it.
        self.seconds = min(b - a for a, b in itertools.pairwise(began)) / 50

    def run(self, times: int) -> None:
        """So many products."""
        for _ in range(times):
            torch.mm(self.factor, self.factor, out=self.product)

    def times(self, seconds: float) -> int:
        """How many products take so long when nothing disturbs them."""
        return max(1, round(seconds / self.seconds))


def to_cores(cores: list[int]) -> None:
    """All threads that this process starts from now on, and this one."""
    os.sched_setaffinity(0, cores)


class Colocated:
    """The loop, on the first core; workers and producers have the second, or both."""

    def __init__(self, folder: str, steps: int, vocabulary: str) -> None:
        torch.set_num_threads(1)
        self.cores = sorted(os.sched_getaffinity(0))[:2]
        if len(self.cores) < 2:
            raise SystemExit("this benchmark needs two cores")
        to_cores(self.cores[:1])
        self.data = Steps(folder, steps, tokenizer(vocabulary))
        self.compute = Compute()

    def cost(self) -> dict[str, Any]:
        """What a step takes to tokenize on one core, and what comes of it."""
        millis, sums, rows = [], [], 0
        self.data[0]
        for step in range(len(self.data)):
            began = time.perf_counter()
            batch = self.data[step]
            millis.append(1e3 * (time.perf_counter() - began))
            sums.append(crc32c(batch.numpy()))
            rows += len(batch)
        return {
            "ms": statistics.median(millis),
            "sums": sums,
            "rows": rows,
            "cores": self.cores,
            "product us": 1e6 * self.compute.seconds,
        }

    def colocated(self, workers: int, cores: int, steps: int) -> DataLoader[torch.Tensor]:
        """A DataLoader whose workers tokenize: on the second core, or on both."""
        options: dict[str, Any] = {}
        if workers:
            where = self.cores[-1:] if cores == 1 else self.cores
            options = {
                "prefetch_factor": 4,
                "persistent_workers": True,
                "worker_init_fn": lambda _: to_cores(where),
            }
        return DataLoader(
            self.data, batch_size=None, sampler=range(steps), num_workers=workers, **options
        )

    def stream(self, uri: str, workers: int) -> DataLoader[Any]:
        """The torch dataset of a stream; its worker, if any, is on the second core."""
        options: dict[str, Any] = {}
        if workers:
            options = {"worker_init_fn": lambda _: to_cores(self.cores[-1:])}
        return DataLoader(StreamDataset(uri), batch_size=None, num_workers=workers, **options)

    def train(self, request: dict[str, Any]) -> dict[str, Any]:
        """So many steps; the time of each but the first, and a checksum of its batch."""
        steps, times = request["steps"], self.compute.times(request["compute_ms"] / 1e3)
        began = time.perf_counter()
        if "uri" in request:
            loader: Any = self.stream(request["uri"], request["workers"])
        else:
            loader = self.colocated(request["workers"], request["cores"], steps)
        ended, sums = [], []
        batches: Iterator[Any] = iter(loader)
        first = 0.0
        for _ in range(steps):
            batch = next(batches)
            tokens = batch["tokens"] if isinstance(batch, dict) else batch
            first = first or time.perf_counter() - began
            sums.append(crc32c(tokens.numpy()))
            self.compute.run(times)
            ended.append(time.perf_counter())
        del batches, loader
        return {
            "rate": (steps - 1) / (ended[-1] - ended[0]),
            "millis": [1e3 * (b - a) for a, b in itertools.pairwise(ended)],
            "first": 1e3 * first,
            "sums": sums,
        }


def main() -> None:
    """Answers each line of standard input."""
    out, sys.stdout = sys.stdout, sys.stderr
    loop = Colocated(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    for line in sys.stdin:
        request = json.loads(line)
        answer = loop.cost() if request["do"] == "cost" else loop.train(request)
        out.write(json.dumps(answer) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
