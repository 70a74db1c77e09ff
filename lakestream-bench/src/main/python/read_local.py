# SPDX-License-Identifier: Apache-2.0
"""The Python side of `bench read-local`: for each line that comes in, reads and prints the seconds.

First those of the reader, then those of the bare calls that none in Python can do without: each
bundle opened and mapped once, the checksum of each cell, and Arrow's record batch of it. Where the
cells lie is known beforehand, and nothing else is checked, counted or handed on.
"""

from __future__ import annotations

import mmap
import os
import sys
import time
from typing import TYPE_CHECKING

import pyarrow as pa
from crc32c import crc32c

import lakestream
from lakestream.bundle import Share
from lakestream.store import LocalStore
from lakestream.topology import Topology

if TYPE_CHECKING:
    from collections.abc import Iterator


class BareCalls:
    """A rank's cells, where they lie, and the calls that turn them into batches."""

    def __init__(self, stream: lakestream.Stream, dp_size: int) -> None:
        self._schema = stream.schema.arrow
        self._ranges = list(_ranges(stream, dp_size))

    def run(self) -> None:
        """One pass over all cells, in the order of steps."""
        for path, start, length, cells in self._ranges:
            file = os.open(path, os.O_RDONLY)
            before = start % mmap.ALLOCATIONGRANULARITY
            mapped = mmap.mmap(
                file, before + length, access=mmap.ACCESS_READ, offset=start - before
            )
            os.close(file)
            view = memoryview(mapped)[before:]
            buffer = pa.py_buffer(view)
            for at, size, crc in cells:
                if crc32c(view[at : at + size]) != crc:
                    raise ValueError(f"{path}: a cell is damaged")
                pa.ipc.read_record_batch(buffer.slice(at, size), self._schema)


def _ranges(
    stream: lakestream.Stream, dp_size: int
) -> Iterator[tuple[str, int, int, list[tuple[int, int, int]]]]:
    """Of each bundle: its file, the rank's range, and place, length and checksum of its cells."""
    store = stream.store
    assert isinstance(store, LocalStore)
    step = 0
    while step < stream.next_step:
        place = stream.place(step)[1]
        bundle = place.cells[0][0]
        slots = Topology(dp_rank=0, dp_size=dp_size).slots(step, place.slots)
        start, stop = bundle.start(slots.start), bundle.start(slots.stop)
        share = Share(store, bundle, 0, slots.start, slots.stop)
        runs = [
            (directory.fields, directory.starts(bundle.start(slot) - start))
            for slot in slots
            for directory in [share.directory(slot)]
        ]
        cells = [
            (starts[k], fields[k][0], fields[k][3])
            for k in range(bundle.steps)
            for fields, starts in runs
        ]
        yield f"{store.root}/{bundle.key}", start, stop - start, cells
        step += bundle.steps


def main() -> None:
    """Reads the stream as rank 0, so many times, whenever it is asked."""
    uri, dp_size, passes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    stream = lakestream.open(uri)
    bare = BareCalls(stream, dp_size)
    for _ in sys.stdin:
        begin = time.perf_counter()
        for _pass in range(passes):
            for step in stream.reader(dp_rank=0, dp_size=dp_size).steps():
                if step.step + 1 == stream.next_step:
                    break
        middle = time.perf_counter()
        for _pass in range(passes):
            bare.run()
        sys.stdout.write(f"{middle - begin} {time.perf_counter() - middle}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
