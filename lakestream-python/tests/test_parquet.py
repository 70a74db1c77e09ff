# SPDX-License-Identifier: Apache-2.0
"""Cells that are Parquet files: the types that come back, and what becomes of hostile ones.

The golden streams have those that Java has written; here Arrow itself writes them.
"""

from __future__ import annotations

import struct
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakestream.parquet import decode_parquet_cell
from lakestream.thrift import read_struct

NUMBERS = pa.list_(pa.field("element", pa.int32(), nullable=False))
SCHEMA = pa.schema(
    [
        pa.field("tokens", NUMBERS, nullable=False),
        pa.field("text", pa.string()),
        pa.field("deep", pa.struct([pa.field("a", pa.list_(pa.field("x", pa.int16()), 2))])),
        pa.field("map", pa.map_(pa.string(), pa.list_(pa.field("y", pa.bool_()), 1))),
        pa.field("decimal", pa.decimal128(20, 3)),
        pa.field("duration", pa.duration("us")),
        pa.field("day", pa.date64()),
        pa.field("at", pa.timestamp("us", tz="Europe/Berlin")),
        pa.field("nothing", pa.null()),
    ]
)
ROWS: list[dict[str, Any]] = [
    {
        "tokens": list(range(row * 7)),
        "text": None if row % 3 == 0 else f"word {row}",
        "deep": None if row % 4 == 0 else {"a": None if row % 4 == 1 else [row, None]},
        "map": [(f"k{row}", None if row % 2 else [True])] * (row % 3),
        "decimal": row * 1000,
        "duration": row,
        "day": row * 86_400_000,
        "at": row,
        "nothing": None,
    }
    for row in range(20)
]


def batch(rows: int = 20) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(ROWS[:rows], SCHEMA)


def stored(rows: int = 20) -> pa.Table:
    """What the file of a cell has: Parquet's own types and names."""
    whole = pa.Table.from_batches([batch(rows)])
    lists = pa.struct([pa.field("a", pa.list_(pa.field("element", pa.int16())))])
    items = pa.list_(pa.field("element", pa.bool_()))
    replaced: dict[str, Any] = {
        "deep": pa.array([row["deep"] for row in ROWS[:rows]], lists),
        "map": pa.array([row["map"] for row in ROWS[:rows]], pa.map_(pa.string(), items)),
        "duration": whole.column("duration").cast(pa.int64()),
        "day": whole.column("day").combine_chunks().view(pa.int64()),
    }
    for name, column in replaced.items():
        number = whole.schema.get_field_index(name)
        whole = whole.set_column(number, name, column)
    return whole


def cell(rows: int = 20, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    plain: dict[str, Any] = {
        "use_dictionary": False,
        "write_statistics": False,
        "compression": "none",
    }
    pq.write_table(stored(rows), sink, store_schema=False, **plain | options)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("compression", ["none", "lz4", "zstd"])
@pytest.mark.parametrize("rows", [1, 20])
def test_every_type_comes_back_with_the_schema_that_was_declared(
    compression: str, rows: int
) -> None:
    found = decode_parquet_cell(pa.py_buffer(cell(rows, compression=compression)), rows, SCHEMA)
    assert found.schema.equals(SCHEMA, check_metadata=True)
    assert found.to_pylist() == batch(rows).to_pylist()


def test_only_wanted_columns_are_read() -> None:
    found = decode_parquet_cell(pa.py_buffer(cell()), 20, SCHEMA, ["day", "tokens"])
    assert found.schema.names == ["tokens", "day"]
    assert found.to_pylist() == batch().select(["tokens", "day"]).to_pylist()


def test_other_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="says 20 rows in 1 row groups, the directory 21 rows"):
        decode_parquet_cell(pa.py_buffer(cell()), 21, SCHEMA)


def test_other_row_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="in 2 row groups"):
        decode_parquet_cell(pa.py_buffer(cell(row_group_size=10)), 20, SCHEMA)


def test_another_schema_is_refused() -> None:
    other = SCHEMA.set(1, pa.field("text", pa.binary()))
    with pytest.raises(ValueError, match="another schema"):
        decode_parquet_cell(pa.py_buffer(cell()), 20, other)


@pytest.mark.parametrize(
    "options",
    [
        {"use_dictionary": True},
        {"data_page_version": "2.0"},
        {"compression": "gzip"},
        {"column_encoding": {"text": "DELTA_BYTE_ARRAY"}},
    ],
    ids=str,
)
def test_what_could_expand_without_bound_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"dictionary|plain values|codec 2"):
        decode_parquet_cell(pa.py_buffer(cell(**options)), 20, SCHEMA)


def test_a_codec_that_nobody_knows_does_not_end_the_process() -> None:
    good = cell(compression="zstd")
    begin = len(good) - 8 - int.from_bytes(good[-8:-4], "little")
    refused = 0
    for at in range(begin, len(good) - 8):
        if good[at] == 2 * 6:  # the codec, or another number of that value
            mutated = bytearray(good)
            mutated[at] = 2 * 47
            try:
                decode_parquet_cell(pa.py_buffer(bytes(mutated)), 20, SCHEMA)
            except (ValueError, OSError, pa.ArrowException) as error:
                refused += "codec 47" in str(error)
    assert refused == len(pq.read_metadata(pa.BufferReader(good)).schema)


@pytest.mark.parametrize("length", [0, 4, 11, 12, 100, 1000])
def test_truncated_cells_are_refused(length: int) -> None:
    with pytest.raises((ValueError, OSError)):
        decode_parquet_cell(pa.py_buffer(cell()[:length]), 20, SCHEMA)


@pytest.mark.parametrize("compression", ["none", "lz4", "zstd"])
@settings(max_examples=400, deadline=None, database=None)
@given(data=st.data())
def test_mutated_cells_are_refused_or_sound(compression: str, data: st.DataObject) -> None:
    """Cells whose checksum matches but whose content lies."""
    mutated = bytearray(cell(compression=compression))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(mutated) - 8))
        if data.draw(st.booleans()):
            mutated[at] = data.draw(st.integers(0, 255))
        else:
            value = data.draw(st.sampled_from([-1, 0, 1, 2**31 - 1, 2**31, 2**62, -(2**63)]))
            struct.pack_into("<q", mutated, at, value)
    try:
        found = decode_parquet_cell(pa.py_buffer(bytes(mutated)), 20, SCHEMA)
    except (ValueError, OSError, pa.ArrowException):
        return
    found.validate(full=True)
    assert found.num_rows == 20
    assert found.schema.equals(SCHEMA)


@settings(max_examples=400, deadline=None, database=None)
@given(data=st.binary(max_size=64))
def test_any_bytes_are_a_header_or_refused(data: bytes) -> None:
    try:
        _, length = read_struct(memoryview(data))
    except ValueError:
        return
    assert 0 < length <= len(data)
