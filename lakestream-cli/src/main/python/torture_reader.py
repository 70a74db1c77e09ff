# SPDX-License-Identifier: Apache-2.0
"""One reader of the torture, in Python: reads its share of each step and looks at every value.

It writes down which rows it got; a line of its journal is its checkpoint. The Java reader,
`TortureReaderCommand`, does the same.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import lakestream

if TYPE_CHECKING:
    import pyarrow as pa


def resume(journal: Path) -> lakestream.Cursor | None:
    """The cursor of the last whole line; cuts off a torn one."""
    content = journal.read_bytes() if journal.exists() else b""
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(journal, len(whole))
    if not whole:
        return None
    return lakestream.Cursor.from_json(json.loads(whole.splitlines()[-1])["cursor"])


def delivered(slot: int, batch: pa.RecordBatch) -> list[int]:
    """Slot, producer, first row and number of rows, after a look at each value."""
    producers = batch.column("producer").to_pylist()
    rows = batch.column("row").to_pylist()
    first = rows[0]
    for i, values in enumerate(batch.column("values").to_pylist()):
        expected = [
            (producers[0] * 1_000_003 + (first + i) * 7919 + v * 31) & 0x7FFFFFFF
            for v in range(len(values))
        ]
        if values != expected or producers[i] != producers[0] or rows[i] != first + i:
            message = f"slot {slot} has wrong values in row {i} after row {first}"
            raise ValueError(message)
    return [slot, producers[0], first, len(rows)]


def main() -> None:
    """Reads until the stream ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("uri")
    parser.add_argument("--rank", type=int, required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--journal", type=Path, required=True)
    args = parser.parse_args()
    cursor = resume(args.journal)
    reader = lakestream.open(args.uri).reader(
        dp_rank=args.rank,
        dp_size=args.size,
        cursor=cursor,
        start_step=0 if cursor is None else None,
        deadline=120.0,
    )
    with args.journal.open("ab") as journal:
        for step in reader.steps():
            slots = [
                delivered(slot, batch) for slot, batch in zip(step.slots, step.batches, strict=True)
            ]
            line = {"step": step.step, "slots": slots, "cursor": reader.cursor.to_json()}
            journal.write(json.dumps(line).encode() + b"\n")
            journal.flush()


if __name__ == "__main__":
    main()
