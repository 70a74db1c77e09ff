# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import lakestream
from writer import Json, StreamWriter, column, list_of, plain

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = [
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("utf8", "large_utf8", "binary", "large_binary", "date32", "date64", "null"),
]
TYPES: list[tuple[Json, pa.DataType]] = [
    *((plain(name), getattr(pa, f"{name}_" if name == "bool" else name)()) for name in PLAIN),
    (plain("float16"), pa.float16()),
    (plain("float32"), pa.float32()),
    (plain("float64"), pa.float64()),
    (plain("fixed_size_binary", width=3), pa.binary(3)),
    (plain("decimal128", precision=9, scale=2), pa.decimal128(9, 2)),
    (plain("timestamp", unit="us"), pa.timestamp("us")),
    (plain("timestamp", unit="s", timezone="UTC"), pa.timestamp("s", "UTC")),
    (plain("time32", unit="ms"), pa.time32("ms")),
    (plain("time64", unit="ns"), pa.time64("ns")),
    (plain("duration", unit="s"), pa.duration("s")),
    (plain("interval", unit="month_day_nano"), pa.month_day_nano_interval()),
    (list_of("int8"), pa.list_(pa.field("item", pa.int8(), nullable=False))),
    (list_of("int8", size=3), pa.list_(pa.field("item", pa.int8(), nullable=False), 3)),
    (
        plain("large_list", item=column("e", "utf8")),
        pa.large_list(pa.field("e", pa.utf8(), nullable=False)),
    ),
    (plain("struct", fields=[column("a", "int8", nullable=True)]), pa.struct([("a", pa.int8())])),
    (
        plain("map", key=column("k", "utf8"), value=column("v", "int8", nullable=True)),
        pa.map_(pa.field("k", pa.utf8(), nullable=False), pa.field("v", pa.int8())),
    ),
]


@pytest.mark.parametrize(("type_", "arrow"), TYPES, ids=lambda value: str(value)[:40])
def test_every_type_can_be_declared_and_read(
    tmp_path: Path, type_: Json, arrow: pa.DataType
) -> None:
    nullable = True
    writer = StreamWriter(tmp_path).create([column("x", type_, nullable=nullable)], slots=1).open()
    schema = pa.schema([pa.field("x", arrow, nullable=nullable)])
    batch = pa.RecordBatch.from_arrays([pa.nulls(3, arrow)], schema=schema)
    writer.write([[[batch]]], actions=[{"type": "seal"}])
    stream = lakestream.open(str(tmp_path))
    assert stream.schema.arrow.equals(schema)
    ((_, got),) = list(stream.reader())
    assert got.equals(batch)


def test_intervals_that_pyarrow_lacks_are_unsupported(tmp_path: Path) -> None:
    StreamWriter(tmp_path).create([column("x", plain("interval", unit="months"))])
    with pytest.raises(lakestream.UnsupportedFeatureError, match="months"):
        lakestream.open(str(tmp_path)).reader()
