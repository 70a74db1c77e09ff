# SPDX-License-Identifier: Apache-2.0
"""Thrift's compact protocol, as far as a Parquet file's footer and headers of pages need it."""

from __future__ import annotations

from typing import TypeAlias

Value: TypeAlias = "int | Struct | list[Value] | None"
"""A number, a struct, a list of either, or None for whatever else there is."""

Struct: TypeAlias = "dict[int, Value]"
"""Fields by their number."""

_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
_MAX_DEPTH = 16
_MANY = 15
"""In the head of a list: how many follows."""


def read_struct(data: memoryview) -> tuple[Struct, int]:
    """The struct at the beginning of `data`, and its length. Raises `ValueError`."""
    reader = _Reader(data)
    try:
        return reader.struct(0), reader.at
    except IndexError:
        raise ValueError("a footer or the header of a page ends too early") from None


class _Reader:
    def __init__(self, data: memoryview) -> None:
        self._data = data
        self.at = 0

    def struct(self, depth: int) -> Struct:
        if depth > _MAX_DEPTH:
            raise ValueError("a footer or the header of a page is nested too deep")
        fields: Struct = {}
        number = 0
        while (head := self._byte()) != 0:
            delta, kind = head >> 4, head & 15
            number = number + delta if delta else self._signed()
            if number in fields:
                raise ValueError("a footer or the header of a page has a field twice")
            fields[number] = self._value(kind, depth)
        return fields

    def _list(self, depth: int) -> list[Value]:
        if depth > _MAX_DEPTH:
            raise ValueError("a footer or the header of a page is nested too deep")
        head = self._byte()
        count, kind = head >> 4, head & 15
        if count == _MANY:
            count = self._varint()
        if count > len(self._data) - self.at:
            raise IndexError
        if kind in (_TRUE, _FALSE):
            kind = _BYTE
        return [self._value(kind, depth) for _ in range(count)]

    def _value(self, kind: int, depth: int) -> Value:
        if kind in (_TRUE, _FALSE):
            return int(kind == _TRUE)
        if kind in (_I16, _I32, _I64):
            return self._signed()
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            return self._list(depth + 1)
        if kind in (_BYTE, _DOUBLE, _BINARY):
            self._skip({_BYTE: 1, _DOUBLE: 8}.get(kind) or self._varint())
            return None
        raise ValueError(f"a footer or the header of a page has a value of kind {kind}")

    def _skip(self, count: int) -> None:
        if count > len(self._data) - self.at:
            raise IndexError
        self.at += count

    def _byte(self) -> int:
        value = self._data[self.at]
        self.at += 1
        return value

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise ValueError("a number in a footer or the header of a page is too long")

    def _signed(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
