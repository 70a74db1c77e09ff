# SPDX-License-Identifier: Apache-2.0
"""Streams that several tests read."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from writer import StreamWriter, column, list_of

if TYPE_CHECKING:
    from pathlib import Path

LENGTH = 32

FIELDS = [
    column("row", "int64"),
    column("tokens", list_of("int32")),
    column("fixed", list_of("int16", size=LENGTH)),
    column("docs", list_of("int32")),
    column("text", "utf8", nullable=True),
]


def arrow_schema(length: int = LENGTH) -> pa.Schema:
    def of(type_: pa.DataType) -> pa.Field[Any]:
        return pa.field("item", type_, nullable=False)

    return pa.schema(
        [
            pa.field("row", pa.int64(), nullable=False),
            pa.field("tokens", pa.list_(of(pa.int32())), nullable=False),
            pa.field("fixed", pa.list_(of(pa.int16()), length), nullable=False),
            pa.field("docs", pa.list_(of(pa.int32())), nullable=False),
            pa.field("text", pa.utf8()),
        ]
    )


def document_bounds(row: int) -> list[int]:
    """Bounds of documents, all multiples of 8, among them empty ones."""
    return [[0, LENGTH], [0, 8, LENGTH], [0, 16, 16, 24, LENGTH], [0, 0, 24, LENGTH]][row % 4]


def original(row: int) -> dict[str, Any]:
    """A row as a training job knows it."""
    return {
        "row": row,
        "tokens": [1000 * row + position for position in range(LENGTH)],
        "fixed": [100 * (row % 300) + position for position in range(LENGTH)],
        "docs": document_bounds(row),
        "text": None if row % 3 == 0 else f"row {row}",
    }


def chunks(values: list[Any], bounds: list[int], parts: int, wanted: list[int]) -> list[Any]:
    """The chunks `wanted` out of `parts`, of each document between `bounds`."""
    result = []
    for start, stop in itertools.pairwise(bounds):
        size = (stop - start) // parts
        assert size * parts == stop - start
        for chunk in wanted:
            result += values[start + chunk * size : start + (chunk + 1) * size]
    return result


def cut_row(
    row: dict[str, Any], parts: int, wanted: list[int], *, per_document: bool
) -> dict[str, Any]:
    """A row with its sequences cut."""
    bounds = row["docs"] if per_document else [0, LENGTH]
    cut = {name: chunks(row[name], bounds, parts, wanted) for name in ("tokens", "fixed")}
    return {**row, **cut}


def slot_pieces(rows: range, pieces: int, *, per_document: bool) -> list[pa.RecordBatch]:
    """The cells of a slot, one for each piece."""
    schema = arrow_schema(LENGTH // pieces)
    return [
        pa.RecordBatch.from_pylist(
            [cut_row(original(row), pieces, [piece], per_document=per_document) for row in rows],
            schema=schema,
        )
        for piece in range(pieces)
    ]


def build(
    root: Path,
    *,
    steps: int = 6,
    slots: int = 4,
    pieces: int = 1,
    rows: int = 2,
    per_bundle: int = 2,
    declared: bool = True,
    **options: Any,
) -> StreamWriter:
    """A stream of `steps` steps; slot s of step t holds rows (t × slots + s) × rows onwards."""
    boundaries = "docs" if declared else None
    writer = (
        StreamWriter(root).create(FIELDS, ["tokens", "fixed"], boundaries, slots, pieces).open()
    )
    for first in range(0, steps, per_bundle):
        append(
            writer,
            range(first, min(steps, first + per_bundle)),
            slots,
            pieces,
            rows,
            declared,
            **options,
        )
    return writer


def append(
    writer: StreamWriter,
    steps: range,
    slots: int,
    pieces: int,
    rows: int,
    declared: bool = True,
    **options: Any,
) -> int:
    """Appends a bundle of `steps` to such a stream."""

    def cells(step: int, slot: int) -> list[pa.RecordBatch]:
        first = (step * slots + slot) * rows
        return slot_pieces(range(first, first + rows), pieces, per_document=declared)

    return writer.write([[cells(k, slot) for slot in range(slots)] for k in steps], **options)
