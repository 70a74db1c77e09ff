# SPDX-License-Identifier: Apache-2.0
"""Loaders that deliver the same rows of tokens, each set up as its makers advise.

A global batch has STEP_ROWS rows, a rank of W gets STEP_ROWS ÷ W of them, whoever delivers them; so
a run with fewer ranks has larger batches. A row's first token is its number.
"""

# States are what each loader makes of them; what an override does, its base says.
# ruff: noqa: ANN401, ARG002, ARG004, D102

from __future__ import annotations

import gc
import itertools
import os
import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch.utils.data import BatchSampler, DataLoader, Dataset, DistributedSampler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROW_TOKENS = 2048
SLOTS = 8
STEP_ROWS = 256
SEED = 17

# Names a folder that the ranks of a host share, for loaders that want one.
CACHE = "LOADER_CACHE"


@dataclass(frozen=True)
class Place:
    """Where a corpus lies, and who reads how much of it."""

    root: str
    rank: int = 0
    world: int = 1
    workers: int = 0
    shuffle: bool = False

    @property
    def remote(self) -> bool:
        """Whether it is in S3, at the endpoint that the environment names."""
        return self.root.startswith("s3://")

    @property
    def batch_rows(self) -> int:
        """This rank's rows of a global batch."""
        return STEP_ROWS // self.world

    @property
    def worker_options(self) -> dict[str, Any]:
        """What a `DataLoader` is given."""
        if not self.workers:
            return {"num_workers": 0}
        return {"num_workers": self.workers, "prefetch_factor": 4, "persistent_workers": False}


class Loader(ABC):
    """One rank's batches from a state on. `state` tells what a new run needs."""

    workers: ClassVar[tuple[int, ...]] = (0, 1, 2)

    def __init__(self, place: Place) -> None:
        self.place = place

    @abstractmethod
    def __iter__(self) -> Iterator[torch.Tensor]:
        """Tensors of rows; may go on for ever after the last row."""

    @abstractmethod
    def state(self, steps: int) -> Any:
        """After so many global batches of this epoch, the last of which was just taken."""

    @staticmethod
    def merge(states: list[Any], rank: int) -> Any:
        """What a rank of the next run is given of the states of all ranks of the last one."""
        return states[0]

    def close(self) -> None:
        """Lets go of workers."""
        gc.collect()


class Lakestream(Loader):
    """The torch dataset of a stream; batches are the slots as they were written."""

    def __init__(self, place: Place, state: Any = None) -> None:
        super().__init__(place)
        from lakestream.torch import StreamDataset

        self.dataset = StreamDataset(
            f"{place.root}/stream", dp_rank=place.rank, dp_size=place.world
        )
        if state is not None:
            self.dataset.load_state_dict(state)
        self.loader = DataLoader(self.dataset, batch_size=None, num_workers=place.workers)

    def __iter__(self) -> Iterator[torch.Tensor]:
        for batch in self.loader:
            yield batch["tokens"]

    def state(self, steps: int) -> Any:
        return self.dataset.state_after(steps - 1)


class Mosaic(Loader):
    """MosaicML StreamingDataset; without `remote` its shards are where it would download them."""

    def __init__(self, place: Place, state: Any = None) -> None:
        super().__init__(place)
        os.environ.setdefault("S3_ENDPOINT_URL", os.environ.get("AWS_ENDPOINT_URL", ""))
        from streaming import StreamingDataLoader, StreamingDataset

        where = (
            {"remote": f"{place.root}/mds", "local": os.environ[CACHE]}
            if place.remote
            else {"local": f"{place.root}/mds"}
        )
        self.dataset = StreamingDataset(
            **where,
            batch_size=place.batch_rows,
            shuffle=place.shuffle,
            shuffle_seed=SEED,
        )
        self.loader = StreamingDataLoader(
            self.dataset, batch_size=place.batch_rows, **place.worker_options
        )
        if state is not None:
            self.loader.load_state_dict(state)

    def __iter__(self) -> Iterator[torch.Tensor]:
        for batch in self.loader:
            yield batch["tokens"]

    def state(self, steps: int) -> Any:
        return self.loader.state_dict()

    def close(self) -> None:
        from streaming.base.util import clean_stale_shared_memory

        del self.loader, self.dataset
        super().close()
        if self.place.world == 1:
            clean_stale_shared_memory()


def _storage_options() -> dict[str, str]:
    return {
        "aws_endpoint": os.environ["AWS_ENDPOINT_URL"],
        "aws_region": os.environ.get("AWS_REGION", "us-east-1"),
        "allow_http": "true",
    }


class LanceDb(Loader):
    """LanceDB's StreamingDataset, with as many splits as the stream has slots."""

    # Its threads fetch and decode ahead in any process, and it cannot be forked.
    workers = (0,)

    def __init__(self, place: Place, state: Any = None) -> None:
        super().__init__(place)
        import lancedb
        from lancedb.streaming import StreamingDataLoader, StreamingDataset

        options = {"storage_options": _storage_options()} if place.remote else {}
        table = lancedb.connect(f"{place.root}/lance", **options).open_table("rows")
        self.dataset = StreamingDataset(
            table,
            num_splits=SLOTS,
            shuffle=place.shuffle,
            shuffle_seed=SEED,
            rank=place.rank,
            world_size=place.world,
            columns=["tokens"],
            transform=_rows_of,
        )
        if state is not None:
            self.dataset.load_state_dict(state)
        self.loader = StreamingDataLoader(
            self.dataset, batch_size=place.batch_rows, num_workers=place.workers
        )

    def __iter__(self) -> Iterator[torch.Tensor]:
        yield from self.loader

    def state(self, steps: int) -> Any:
        return self.dataset.state_dict()

    @staticmethod
    def merge(states: list[Any], rank: int) -> Any:
        from lancedb.streaming import StreamingDataset

        return StreamingDataset.merge_state_dicts(states)


def _rows_of(batch: Any) -> list[torch.Tensor]:
    values = batch.column(0).flatten().to_numpy(zero_copy_only=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nobody writes into what is read-only
        return list(torch.from_numpy(values).reshape(-1, ROW_TOKENS))


class Lance(Loader):
    """Lance's LanceDataset, which has no state: a resumed run skips what it had."""

    workers = (0,)

    def __init__(self, place: Place, state: Any = None) -> None:
        super().__init__(place)
        from lance.sampler import ShardedBatchSampler
        from lance.torch.data import LanceDataset

        self.skipped = 0 if state is None else state
        options = {"storage_options": _storage_options()} if place.remote else {}
        self.dataset = LanceDataset(
            f"{place.root}/lance/rows.lance",
            batch_size=place.batch_rows,
            columns=["tokens"],
            sampler=ShardedBatchSampler(place.rank, place.world, place.shuffle, SEED),
            dataset_options=options,
        )

    def __iter__(self) -> Iterator[torch.Tensor]:
        return itertools.islice(iter(self.dataset), self.skipped, None)

    def state(self, steps: int) -> Any:
        return steps


class _Rows(Dataset[torch.Tensor]):
    """A mapped file of rows; a batch is gathered at once."""

    def __init__(self, file: str) -> None:
        self.rows = np.memmap(file, np.int32, "r").reshape(-1, ROW_TOKENS)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.from_numpy(self.rows[index].copy())

    def __getitems__(self, indices: list[int]) -> torch.Tensor:
        return torch.from_numpy(self.rows[indices])


def _as_it_is(batch: torch.Tensor) -> torch.Tensor:
    return batch


class _Skipping(DistributedSampler[Any]):
    """Begins after so many samples of this rank, without looking at them."""

    skipped = 0

    def __iter__(self) -> Iterator[Any]:
        return itertools.islice(super().__iter__(), self.skipped, None)


class Plain(Loader):
    """A DataLoader over a mapped file; whoever resumes says how many global batches to skip."""

    def __init__(self, place: Place, state: Any = None) -> None:
        super().__init__(place)
        rows = _Rows(f"{place.root}/tokens.bin")
        sampler = _Skipping(
            rows, num_replicas=place.world, rank=place.rank, shuffle=place.shuffle, seed=SEED
        )
        sampler.skipped = 0 if state is None else state * place.batch_rows
        self.loader = DataLoader(
            rows,
            batch_sampler=BatchSampler(sampler, place.batch_rows, drop_last=False),
            collate_fn=_as_it_is,
            **place.worker_options,
        )

    def __iter__(self) -> Iterator[torch.Tensor]:
        return iter(self.loader)

    def state(self, steps: int) -> Any:
        return steps


class Stateful(Loader):
    """The same with torchdata's StatefulDataLoader: each rank saves a state and loads it again."""

    def __init__(self, place: Place, state: Any = None) -> None:
        super().__init__(place)
        from torchdata.stateful_dataloader import StatefulDataLoader
        from torchdata.stateful_dataloader.sampler import StatefulDistributedSampler

        rows = _Rows(f"{place.root}/tokens.bin")
        sampler = StatefulDistributedSampler(
            rows, num_replicas=place.world, rank=place.rank, shuffle=place.shuffle, seed=SEED
        )
        self.loader = StatefulDataLoader(
            rows,
            batch_size=place.batch_rows,
            sampler=sampler,
            collate_fn=_as_it_is,
            **place.worker_options,
        )
        if state is not None:
            self.loader.load_state_dict(state)

    def __iter__(self) -> Iterator[torch.Tensor]:
        return iter(self.loader)

    def state(self, steps: int) -> Any:
        return self.loader.state_dict()

    @staticmethod
    def merge(states: list[Any], rank: int) -> Any:
        """A rank finds the state of its own number."""
        return states[rank]


KINDS: dict[str, type[Any]] = {
    "lakestream": Lakestream,
    "mosaicml-streaming": Mosaic,
    "lancedb": LanceDb,
    "lance": Lance,
    "dataloader": Plain,
    "statefuldataloader": Stateful,
}


def write(root: Path, rows: int) -> dict[str, Any]:
    """Makes a corpus and leaves it in the peers' own formats. A stream is made of `tokens.bin`."""
    import lancedb
    import pyarrow as pa
    from streaming import MDSWriter

    tokens = np.random.default_rng(SEED).integers(0, 100_000, (rows, ROW_TOKENS), np.int32)
    tokens[:, 0] = np.arange(rows)
    tokens.tofile(root / "tokens.bin")
    with MDSWriter(out=str(root / "mds"), columns={"tokens": f"ndarray:int32:{ROW_TOKENS}"}) as out:
        for row in tokens:
            out.write({"tokens": row})
    flat = pa.array(tokens.reshape(-1))
    table = pa.table({"tokens": pa.FixedSizeListArray.from_arrays(flat, ROW_TOKENS)})
    lancedb.connect(root / "lance").create_table("rows", table)
    return {"sum": int(tokens.sum(dtype=np.int64)), "digest": digest(torch.from_numpy(tokens))}


def digest(rows: torch.Tensor) -> int:
    """Of the rows in any order."""
    from crc32c import crc32c

    result = 0
    for row in rows.numpy():
        result ^= crc32c(np.ascontiguousarray(row))
    return result
