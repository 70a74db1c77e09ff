# SPDX-License-Identifier: Apache-2.0
"""A stream as a PyTorch dataset.

    dataset = StreamDataset("/data/web", dp_rank=rank, dp_size=world)
    loader = DataLoader(dataset, batch_size=None)
    for batch in loader:
        train(batch["tokens"])
        checkpoint["data"] = dataset.state_after(batch["step"])

Tensors are not copied: they lie in the mapped bundle. The map is private to the process, so that
writing into a tensor is allowed and never reaches the file.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import torch
from torch.utils.data import IterableDataset, get_worker_info
from torch.utils.dlpack import from_dlpack

from lakestream.cursor import Cursor
from lakestream.errors import LakestreamError, TopologyError
from lakestream.stream import Stream
from lakestream.stream import open as open_stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lakestream.reader import Reader

Others = Literal["keep", "drop", "refuse"]


class WorkerStateError(LakestreamError):
    """This process cannot know how far reading got, since other processes read."""


class StreamDataset(IterableDataset[dict[str, Any]]):
    """One rank's micro-batches as dictionaries: tensors of columns, `"step"` and `"ends_step"`.

    Columns of numbers and booleans become 1-D tensors of one value a row, `fixed_size_list` columns
    of numbers become tensors of shape (rows, size, …). What cannot be a tensor, nulls included, is
    treated as `others` says: kept as a pyarrow array, dropped, or refused with `TypeError`.
    `"ends_step"` is true for the rank's last micro-batch of a step: there an optimizer steps,
    however many micro-batches the number of ranks makes of it.

    Give it to a `DataLoader` with `batch_size=None`: batches were made when the data was written.
    With several workers, worker w reads every W-th step, which keeps the order of steps only where
    a rank has one micro-batch a step; otherwise that is refused with `TopologyError`. Threads read
    ahead of the training loop anyway, so no worker, or one, is enough.

    Where workers read, this process does not know how far training got, and workers are ahead of
    it; so `state_dict` refuses here, and `state_after(step)` gives the cursor after a step that the
    training loop has finished. A `StatefulDataLoader` asks each worker for its own state instead.

    With `pin_memory` tensors are copied to page-locked memory, from where a device can fetch them
    while it computes. In workers the loader does that: give `pin_memory` to it instead.
    """

    def __init__(
        self,
        stream: str | Stream,
        *,
        others: Others = "keep",
        pin_memory: bool = False,
        **options: Any,  # noqa: ANN401
    ) -> None:
        """Prepares to read `stream`, a URI or an open stream; `options` are those of `Reader`."""
        if others not in ("keep", "drop", "refuse"):
            raise ValueError(f"others {others!r} must be 'keep', 'drop' or 'refuse'")
        self._source = stream
        self._options = options
        self._others = others
        self._pin_memory = pin_memory
        self._reader: Reader | None = None
        self._turn: int | None = None
        self._in_workers = _shared_flag()

    def __getstate__(self) -> dict[str, Any]:
        """For workers that are spawned: they open the stream themselves."""
        if isinstance(self._source, Stream):
            raise TypeError("give StreamDataset a URI instead of a stream to use it in workers")
        return {**self.__dict__, "_reader": None, "_options": self._options_from_here()}

    def _options_from_here(self) -> dict[str, Any]:
        return self._options if self._reader is None else self._options_at(self._reader.cursor)

    def _options_at(self, cursor: Cursor) -> dict[str, Any]:
        kept = {
            k: v for k, v in self._options.items() if k not in ("cursor", "start_step", "rules")
        }
        return {**kept, "cursor": cursor}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Goes on at the cursor. See the class about workers."""
        worker = get_worker_info()
        if worker is None:
            return self._tensors(self._own_reader(), 0, 1)
        if self._pin_memory:
            raise ValueError("in workers nothing can be pinned: give pin_memory to the DataLoader")
        self._in_workers[0] = 1
        self._reader = self._new_reader()
        turn = worker.id if self._turn is None else self._turn
        return self._tensors(self._reader, turn, worker.num_workers)

    def _tensors(self, reader: Reader, turn: int, of: int) -> Iterator[dict[str, Any]]:
        pin = self._pin_memory and _can_pin()
        self._turn = turn
        for step, batch, ends_step in reader.micro_batches(turn, of):
            if of > 1 and not ends_step:
                raise TopologyError(
                    f"step {step} has more than one micro-batch for this rank: {of} workers would"
                    " deliver them out of order; use num_workers 0 or 1, or a larger dp_size"
                )
            if ends_step:
                self._turn = of - 1
            tensors = to_tensors(batch, self._others)
            if pin:
                tensors = {name: _pinned(value) for name, value in tensors.items()}
            yield {"step": step, "ends_step": ends_step, **tensors}

    def _own_reader(self) -> Reader:
        if self._reader is None:
            self._reader = self._new_reader()
        return self._reader

    def _new_reader(self) -> Reader:
        options = self._options_from_here()
        source = self._source
        if not isinstance(source, Stream):
            source = open_stream(source, cursor=options.get("cursor"))
        return source.reader(**options)

    def state_dict(self) -> dict[str, Any]:
        """The cursor of this process's own reading; `WorkerStateError` if workers read.

        In a worker it is the worker's own, for a `StatefulDataLoader` with as many workers.
        """
        worker = get_worker_info()
        if worker is not None:
            turn = worker.id if self._turn is None else self._turn
            return {
                "cursor": self._own_reader().state_dict(),
                "turn": turn,
                "workers": worker.num_workers,
            }
        if self._in_workers[0]:
            raise WorkerStateError(
                "worker processes read ahead of the training loop, so there is no state here that"
                " says what was trained on: use state_after(step) with the last finished step"
            )
        return self._own_reader().state_dict()

    def state_after(self, step: int) -> dict[str, Any]:
        """The cursor of a run that has finished `step`; right with and without workers."""
        reader = self._own_reader()
        if step >= reader.stream.next_step:
            reader.stream.refresh()
        return reader.stream.cursor_at(step + 1, reader.rules).to_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on at a cursor; call it before a `DataLoader` starts its workers.

        Raises what `Reader` does for a cursor that does not fit, at once or when reading begins.
        """
        worker = get_worker_info()
        turn = None
        if "cursor" in state:
            workers = worker.num_workers if worker is not None else 0
            if state.get("workers") != workers:
                raise WorkerStateError(
                    f"the state is that of one of {state.get('workers')} workers, here are"
                    f" {workers}: use state_after(step), which fits any number"
                )
            turn, state = state["turn"], state["cursor"]
        cursor = Cursor.from_dict(state)
        if self._reader is not None:
            self._reader.load_state_dict(state)
        self._turn = turn
        self._options = self._options_at(cursor)
        self._in_workers = _shared_flag()

    def checkpoint(self, checkpoint: str, step: int) -> dict[str, Any]:
        """Pins a checkpoint of a run that has finished `step`, and returns its cursor.

        Needs `job`, an option of `Reader`; see `Reader.checkpoint`.
        """
        state = self.state_after(step)
        self._own_reader().checkpoint(checkpoint, at=Cursor.from_dict(state))
        return state

    def release(self, checkpoint: str) -> int:
        """Ends the pins of a checkpoint that was deleted; how many they were."""
        return self._own_reader().release(checkpoint)


def _can_pin() -> bool:
    if getattr(torch, "accelerator", torch.cuda).is_available():
        return True
    warnings.warn("pin_memory: there is no accelerator, so memory is not page-locked", stacklevel=4)
    return False


def _pinned(value: Any) -> Any:  # noqa: ANN401 - a tensor, or what is none
    return value.pin_memory() if isinstance(value, torch.Tensor) else value


def _shared_flag() -> torch.Tensor:
    """A byte that this process and its workers share."""
    flag: Any = torch.zeros(1, dtype=torch.uint8)
    flag.share_memory_()
    return flag  # type: ignore[no-any-return, unused-ignore]


def to_tensors(batch: pa.RecordBatch, others: Others = "keep") -> dict[str, Any]:
    """The columns of `batch` by name, as tensors that share its memory where they can."""
    result: dict[str, Any] = {}
    for field, column in zip(batch.schema, batch.columns, strict=True):
        tensor = to_tensor(column)
        if tensor is not None:
            result[field.name] = tensor
        elif others == "keep":
            result[field.name] = column
        elif others == "refuse":
            nulls = " with nulls" if column.null_count else ""
            raise TypeError(f"column {field.name!r} of type {column.type}{nulls} is no tensor")
    return result


def to_tensor(column: Any) -> torch.Tensor | None:  # noqa: ANN401
    """`column` as a tensor over the same memory, or None if its type or a null forbids that.

    Booleans, which Arrow packs into bits, are copied.
    """
    shape = [len(column)]
    while pa.types.is_fixed_size_list(column.type):
        if column.null_count:
            return None
        shape.append(column.type.list_size)
        column = column.flatten()
    if column.null_count:
        return None
    if pa.types.is_boolean(column.type):
        return from_dlpack(column.cast(pa.uint8())).bool().reshape(shape)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return None
    return from_dlpack(column).reshape(shape)
