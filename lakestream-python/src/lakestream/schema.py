# SPDX-License-Identifier: Apache-2.0
"""Schemas: from the JSON of a schema action to an Arrow schema, and how one may follow another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

from lakestream.errors import UnsupportedFeatureError
from lakestream.sealed import MAX_LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lakestream.sealed import Members

MAX_TYPE_DEPTH = 16
MAX_FIELDS = 4096
MAX_NAME = 255
MAX_WIDTH = 2**31 - 1
"""Arrow holds widths and list sizes in 32 bits with a sign."""

ArrowType: TypeAlias = Any
"""Any Arrow type; the stubs have a class for each."""

_PLAIN: dict[str, Callable[[], pa.DataType]] = {
    "bool": pa.bool_,
    **{f"int{bits}": getattr(pa, f"int{bits}") for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": getattr(pa, f"uint{bits}") for bits in (8, 16, 32, 64)},
    **{f"float{bits}": getattr(pa, f"float{bits}") for bits in (16, 32, 64)},
    "utf8": pa.utf8,
    "large_utf8": pa.large_utf8,
    "binary": pa.binary,
    "large_binary": pa.large_binary,
    "null": pa.null,
    "date32": pa.date32,
    "date64": pa.date64,
}
_UNITS: dict[str, tuple[str, ...]] = {
    "timestamp": ("s", "ms", "us", "ns"),
    "time32": ("s", "ms"),
    "time64": ("us", "ns"),
    "duration": ("s", "ms", "us", "ns"),
    "interval": ("months", "day_time", "month_day_nano"),
}
_NO_FIXED_WIDTH = {
    *("bool", "null", "utf8", "large_utf8", "binary", "large_binary"),
    *("list", "large_list", "fixed_size_list", "struct", "map"),
}
_ALL_TYPES = (
    *_PLAIN,
    *_UNITS,
    *("fixed_size_binary", "decimal128", "list", "large_list", "fixed_size_list", "struct", "map"),
)


@dataclass(frozen=True, slots=True)
class Type:
    """A type of the format: its name, its parameters in a fixed order, its child fields."""

    name: str
    parameters: tuple[int | str | None, ...] = ()
    children: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A named, typed column or child of one."""

    name: str
    type: Type
    nullable: bool


@dataclass(frozen=True)
class StreamSchema:
    """A schema of the stream: `id`, fields, and which columns context parallelism divides.

    Immutable; two are equal when ids, fields and roles are.
    """

    id: int
    fields: tuple[Field, ...]
    sequence: tuple[str, ...] = ()
    boundaries: str | None = None

    @cached_property
    def arrow(self) -> pa.Schema:
        """As an Arrow schema. Raises `UnsupportedFeatureError` for what pyarrow has no type for."""
        return pa.schema([_to_arrow_field(field) for field in self.fields])

    def follows(self, former: StreamSchema) -> bool:
        """Whether this may be the next schema after `former`: it only adds nullable fields."""
        size = len(former.fields)
        return (
            self.id == former.id + 1
            and self.fields[:size] == former.fields
            and all(field.nullable for field in self.fields[size:])
            and self.sequence == former.sequence
            and self.boundaries == former.boundaries
        )


def decode_schema(members: Members) -> StreamSchema:
    """The schema in a schema action or in a snapshot. Raises `CorruptObjectError`."""
    fields = tuple(_Decoder().fields(members, "fields", 1))
    if not fields:
        raise members.fail("a schema has at least one column")
    by_name = {field.name: field for field in fields}
    for name in by_name:
        if name.startswith("_") and name not in ("_sample_id", "_source"):
            raise members.fail(f"the column name {name[:100]!r} is reserved")
    if "_source" in by_name and by_name["_source"].type.name != "utf8":
        raise members.fail("the column _source must be utf8")
    sequence = tuple(members.strings("sequence", MAX_FIELDS, MAX_NAME))
    if len(set(sequence)) != len(sequence):
        raise members.fail("'sequence' names a column twice")
    for name in sequence:
        if name not in by_name or not _can_be_sequence(by_name[name]):
            raise members.fail(
                f"the sequence column {name!r} must be a non-nullable list or fixed_size_list"
                " of non-nullable items of a fixed width"
            )
    boundaries = members.optional_string("boundaries", 0, MAX_NAME)
    if boundaries is not None:
        fits = boundaries in by_name and can_be_boundaries(by_name[boundaries])
        if not fits or boundaries in sequence:
            raise members.fail(
                f"the boundaries column {boundaries[:100]!r} must be a non-nullable list"
                " of non-nullable int32 and not a sequence column"
            )
    return StreamSchema(members.integer("id", 0, MAX_WIDTH), fields, sequence, boundaries)


def _can_be_sequence(field: Field) -> bool:
    if field.nullable or field.type.name not in ("list", "fixed_size_list"):
        return False
    item = field.type.children[0]
    return not item.nullable and item.type.name not in _NO_FIXED_WIDTH


def can_be_boundaries(field: Field) -> bool:
    """Whether a column may hold document starts: a list of int32 without nulls."""
    if field.nullable or field.type.name != "list":
        return False
    item = field.type.children[0]
    return not item.nullable and item.type.name == "int32"


class _Decoder:
    """Decodes fields, counting them over the whole schema."""

    def __init__(self) -> None:
        self._left = MAX_FIELDS

    def fields(self, members: Members, name: str, depth: int) -> Iterator[Field]:
        seen: set[str] = set()
        for item in members.objects(name, MAX_FIELDS):
            field = self.field(item, depth)
            if field.name in seen:
                raise members.fail(f"two fields are named {field.name[:100]!r}")
            seen.add(field.name)
            yield field

    def field(self, members: Members, depth: int) -> Field:
        self._left -= 1
        if self._left < 0:
            raise members.fail(f"a schema has at most {MAX_FIELDS} fields")
        if depth > MAX_TYPE_DEPTH:
            raise members.fail(f"types nest at most {MAX_TYPE_DEPTH} deep")
        name = members.string("name", 1, MAX_NAME)
        type_ = self.type(members.object("type"), depth)
        return Field(name, type_, members.boolean("nullable"))

    def type(self, members: Members, depth: int) -> Type:
        name = members.choice("name", _ALL_TYPES)
        if name in _UNITS:
            unit = members.choice("unit", _UNITS[name])
            zone = (
                members.optional_string("timezone", 0, MAX_LABEL) if name == "timestamp" else None
            )
            return Type(name, (unit, zone))
        if name == "fixed_size_binary":
            return Type(name, (members.integer("width", 1, MAX_WIDTH),))
        if name == "decimal128":
            precision = members.integer("precision", 1, 38)
            return Type(name, (precision, members.integer("scale", 0, precision)))
        if name in ("list", "large_list"):
            return Type(name, (), (self.field(members.object("item"), depth + 1),))
        if name == "fixed_size_list":
            size = members.integer("size", 1, MAX_WIDTH)
            return Type(name, (size,), (self.field(members.object("item"), depth + 1),))
        if name == "struct":
            return Type(name, (), tuple(self.fields(members, "fields", depth + 1)))
        if name == "map":
            key = self.field(members.object("key"), depth + 1)
            if key.nullable:
                raise members.fail("the key of a map must not be nullable")
            return Type(name, (), (key, self.field(members.object("value"), depth + 1)))
        return Type(name)


def _to_arrow_field(field: Field) -> pa.Field[Any]:
    return pa.field(field.name, _to_arrow(field.type), nullable=field.nullable)


def _to_arrow(type_: Type) -> ArrowType:
    children: list[Any] = [_to_arrow_field(child) for child in type_.children]
    parameters: list[Any] = list(type_.parameters)
    match type_.name:
        case "fixed_size_binary":
            return pa.binary(parameters[0])
        case "decimal128":
            return pa.decimal128(*parameters)
        case "timestamp":
            return pa.timestamp(parameters[0], tz=parameters[1])
        case "time32" | "time64" | "duration":
            return getattr(pa, type_.name)(parameters[0])
        case "interval":
            if parameters[0] != "month_day_nano":
                raise UnsupportedFeatureError(
                    "the schema", f"pyarrow lacks {parameters[0]} intervals"
                )
            return pa.month_day_nano_interval()
        case "list":
            return pa.list_(children[0])
        case "large_list":
            return pa.large_list(children[0])
        case "fixed_size_list":
            return pa.list_(children[0], parameters[0])
        case "struct":
            return pa.struct(children)
        case "map":
            return pa.map_(*children)
    return _PLAIN[type_.name]()


def divided_schema(schema: StreamSchema, parts: int) -> pa.Schema | None:
    """`schema` with fixed-size sequence columns of size / parts; None if that leaves a rest."""
    arrow = schema.arrow
    for name in schema.sequence:
        number = arrow.get_field_index(name)
        field = arrow.field(number)
        if pa.types.is_fixed_size_list(field.type):
            size, rest = divmod(field.type.list_size, parts)
            if rest or not size:
                return None
            arrow = arrow.set(number, field.with_type(pa.list_(field.type.value_field, size)))
    return arrow
