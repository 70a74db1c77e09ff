# SPDX-License-Identifier: Apache-2.0
"""One rank of the demo, in Python: reads its share of each step and writes down what it got.

A line of the log is the rank's checkpoint: it has the digests of the step's rows and the cursor
after it, so that a rank that was killed goes on where its last whole line ends.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import struct
import time
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

import lakestream


def arguments() -> argparse.Namespace:
    """What the rank was started with, the same as for the Java rank."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("uri")
    parser.add_argument("--log", type=Path, required=True)
    for name in ("dp-rank", "dp-size", "cp-rank", "cp-size", "until", "step-millis"):
        parser.add_argument(f"--{name}", type=int, required=True)
    return parser.parse_args()


def resume(log: Path) -> lakestream.Cursor | None:
    """The cursor of the last whole line, or the one to begin with; cuts off a torn line."""
    content = log.read_bytes() if log.exists() else b""
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(log, len(whole))
    cursors = [line["cursor"] for line in map(json.loads, whole.splitlines()) if "cursor" in line]
    checkpoint = log.with_name(log.name + ".cursor")
    if not cursors and checkpoint.exists():
        cursors = [checkpoint.read_text()]
    return lakestream.Cursor.from_json(cursors[-1]) if cursors else None


def rows(batch: pa.RecordBatch) -> list[list[object]]:
    """Id and digest of each row."""
    ids = batch.column("id").to_pylist()
    sources = batch.column("source").to_pylist()
    documents = lists(batch.column("documents"))
    tokens = lists(batch.column("tokens"))
    return [
        [row_id, digest(row_id, source, document, token)]
        for row_id, source, document, token in zip(ids, sources, documents, tokens, strict=True)
    ]


def lists(column: pa.Array) -> list[memoryview]:
    """The int32 values of each row of a list column, as views of the column's memory."""
    flat = column.flatten()
    width = 4
    data = memoryview(flat.buffers()[1])[flat.offset * width :]
    if pa.types.is_fixed_size_list(column.type):
        size = column.type.list_size * width
        return [data[row * size : (row + 1) * size] for row in range(len(column))]
    ends = column.value_lengths().to_pylist()
    parts, begin = [], 0
    for length in ends:
        parts.append(data[begin : begin + length * width])
        begin += length * width
    return parts


def digest(row_id: int, source: str, documents: memoryview, tokens: memoryview) -> str:
    """SHA-256 over id, source, documents and tokens, integers little-endian; half of it."""
    sha = hashlib.sha256(struct.pack("<q", row_id))
    sha.update(source.encode())
    sha.update(documents)
    sha.update(tokens)
    return sha.hexdigest()[:32]


def write(log: BinaryIO, line: dict[str, object]) -> None:
    """Adds a line to the log, in one write."""
    log.write(json.dumps(line).encode() + b"\n")
    log.flush()


def main() -> None:
    """Reads until the phase or the stream ends."""
    args = arguments()
    cursor = resume(args.log)
    reader = lakestream.open(args.uri).reader(
        dp_rank=args.dp_rank,
        dp_size=args.dp_size,
        cp_rank=args.cp_rank,
        cp_size=args.cp_size,
        split="zigzag",
        boundaries=None,
        cursor=cursor,
        deadline=120.0,
    )
    with args.log.open("ab") as log:
        write(log, {"start": os.getpid()})
        for step in reader.steps():
            slots = [
                {"slot": slot, "rows": rows(batch)}
                for slot, batch in zip(step.slots, step.batches, strict=True)
            ]
            write(log, {"step": step.step, "slots": slots, "cursor": reader.cursor.to_json()})
            if reader.cursor.next_step >= args.until:
                break
            time.sleep(args.step_millis / 1000)


if __name__ == "__main__":
    main()
