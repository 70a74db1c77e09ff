# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from lakestream.memory import RangeMemory

MIB = 1 << 20


def test_memory_is_used_again_once_the_last_slice_is_gone() -> None:
    memory = RangeMemory()
    buffer = memory.buffer(4 * MIB)
    address, part = buffer.address, buffer.slice(64, 128)
    assert address % 64 == 0
    assert buffer.is_mutable
    del buffer
    assert memory.idle_bytes == 0, "a slice is still held"
    assert memory.buffer(4 * MIB).address != address
    del part
    gc.collect()
    assert memory.idle_bytes >= 4 * MIB
    again = [memory.buffer(4 * MIB - 64 * number) for number in range(2)]
    assert address in {buffer.address for buffer in again}
    assert [buffer.size for buffer in again] == [4 * MIB, 4 * MIB - 64]


def test_memory_of_another_size_is_not_kept_beside_fresh_memory() -> None:
    memory = RangeMemory()
    memory.buffer(8 * MIB)
    gc.collect()
    assert memory.idle_bytes == 8 * MIB
    small = memory.buffer(2 * MIB)
    assert (small.size, memory.idle_bytes) == (2 * MIB, 0)


def test_what_is_kept_is_bounded() -> None:
    memory = RangeMemory()
    held = [memory.buffer(32 * MIB) for _ in range(4)]
    held.clear()
    gc.collect()
    assert 0 < memory.idle_bytes <= 80 * MIB


def test_small_buffers_are_those_of_arrow() -> None:
    memory = RangeMemory()
    before = pa.total_allocated_bytes()
    buffer = memory.buffer(MIB - 64)
    assert pa.total_allocated_bytes() - before == buffer.size
    del buffer
    assert memory.idle_bytes == 0


def test_threads_never_share_memory() -> None:
    memory = RangeMemory()

    def write(number: int) -> bool:
        buffer = memory.buffer(MIB)
        view = memoryview(buffer).cast("B")
        view[:] = bytes([number % 251]) * MIB
        return view.tobytes() == bytes([number % 251]) * MIB

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(write, range(200)))
