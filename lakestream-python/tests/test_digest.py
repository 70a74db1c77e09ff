# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import struct
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from lakestream.digest import encode, row_digests


def i64(value: int) -> bytes:
    return struct.pack("<q", value)


CASES: list[tuple[pa.DataType, Any, bytes]] = [
    (pa.int8(), -2, b"\x01" + i64(-2)),
    (pa.int64(), 2**62, b"\x01" + i64(2**62)),
    (pa.uint64(), 2**64 - 1, b"\x01" + i64(-1)),
    (pa.date32(), 3, b"\x01" + i64(3)),
    (pa.timestamp("us", "UTC"), 5, b"\x01" + i64(5)),
    (pa.float32(), 0.5, b"\x02" + struct.pack("<d", 0.5)),
    (pa.float64(), -1.25, b"\x02" + struct.pack("<d", -1.25)),
    (pa.bool_(), True, b"\x03\x01"),
    (pa.bool_(), False, b"\x03\x00"),
    (pa.utf8(), "é", b"\x04" + i64(2) + "é".encode()),
    (pa.large_utf8(), "", b"\x04" + i64(0)),
    (pa.binary(), b"\x00", b"\x04" + i64(1) + b"\x00"),
    (pa.binary(2), b"ab", b"\x04" + i64(2) + b"ab"),
    (pa.decimal128(9, 2), Decimal("1.23"), b"\x04" + i64(16) + (123).to_bytes(16, "little")),
    (pa.list_(pa.int16()), [1, -1], b"\x07\x02" + i64(2) + struct.pack("<hh", 1, -1)),
    (pa.list_(pa.float64(), 1), [0.5], b"\x07\x08" + i64(1) + struct.pack("<d", 0.5)),
    (pa.large_list(pa.uint8()), [], b"\x07\x01" + i64(0)),
    (pa.list_(pa.int8()), [1, None], b"\x05" + i64(2) + b"\x01" + i64(1) + b"\x00"),
    (pa.list_(pa.utf8()), ["a"], b"\x05" + i64(1) + b"\x04" + i64(1) + b"a"),
    (pa.struct([("a", pa.int8()), ("b", pa.bool_())]), {"a": 1, "b": None},
     b"\x06a\x00\x01" + i64(1) + b"b\x00\x00"),
    (pa.map_(pa.utf8(), pa.int8()), [("k", 1)],
     b"\x05" + i64(1) + b"\x06key\x00\x04" + i64(1) + b"k" + b"value\x00\x01" + i64(1)),
    (pa.null(), None, b"\x00"),
    (pa.int32(), None, b"\x00"),
    (pa.list_(pa.int32()), None, b"\x00"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "value", "encoded"), CASES, ids=str)
def test_values_have_one_encoding(type_: pa.DataType, value: Any, encoded: bytes) -> None:
    assert encode(pa.array([value], type_)) == [encoded]
    # Neither an offset nor the neighbours matter.
    longer = pa.array([value, None, value, value], type_)
    assert encode(longer.slice(1, 2)) == [b"\x00", encoded]
    nested = pa.array([{"x": None}, {"x": value}], pa.struct([("x", type_)])).slice(1)
    assert encode(nested) == [b"\x06x\x00" + encoded]


def test_rows_are_hashed_column_by_column() -> None:
    batch = pa.RecordBatch.from_pydict({"a": pa.array([1], pa.int32()), "b": pa.array(["x"])})
    encoded = b"a\x00\x01" + i64(1) + b"b\x00\x04" + i64(1) + b"x"
    assert row_digests(batch) == [hashlib.sha256(encoded).hexdigest()]
    assert row_digests(batch.slice(0, 0)) == []


def test_types_without_an_encoding_are_refused() -> None:
    with pytest.raises(TypeError, match="have no digest"):
        encode(pa.array([], pa.month_day_nano_interval()))
