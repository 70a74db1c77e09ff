# SPDX-License-Identifier: Apache-2.0
"""How two ranges of steps differ, as pyarrow tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lakestream.tables import STEPS, columns, open_slots, opened, range_of, step_row, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lakestream.stream import Stream


@dataclass(frozen=True)
class Difference:
    """How two ranges of steps differ, the i-th step of one compared with the i-th of the other.

    Attributes:
        identical: whether there are as many steps, each with the digest of its counterpart.
        first: offset, steps and, if both have a step there, the slot of the first difference.
        same_in_any_order: how many steps have a twin of the same content on the other side.
        steps: a row for each offset: both steps, digests, rows, tokens, producers, and `same`.
        totals: a row for each side.
        producers: steps, rows and tokens by producer, side by side.
        sources: rows by source, side by side.
    """

    identical: bool
    first: dict[str, int] | None
    same_in_any_order: int
    steps: pa.Table
    totals: pa.Table
    producers: pa.Table
    sources: pa.Table


def diff(
    stream: Stream | str,
    left: tuple[int | None, int | None],
    right: tuple[int | None, int | None],
    *,
    other: Stream | str | None = None,
) -> Difference:
    """Compares the steps [left) of a stream with the steps [right) of it, or of the stream `other`.

    None stands for the first readable step and for the tail. Raises what `explain`
    raises for a step that cannot be read, and `ValueError` for a range without steps.
    """
    first = opened(stream)
    second = first if other is None else opened(other)
    sides = (first, range_of(first, left)), (second, range_of(second, right))
    listed = [[step_row(step, *of.place(step)) for step in steps_] for of, steps_ in sides]
    count = max(len(side) for side in listed)
    pairs = [tuple(side[i] if i < len(side) else None for side in listed) for i in range(count)]
    same = [a is not None and b is not None and a["digest"] == b["digest"] for a, b in pairs]
    digests = [Counter(step["digest"] for step in side) for side in listed]
    return Difference(
        all(same),
        None
        if all(same)
        else _first_difference(first, second, *pairs[same.index(False)])
        | {"offset": same.index(False)},
        (digests[0] & digests[1]).total(),
        _pairs(pairs, same),
        _totals(sides, listed),
        _by_producer(listed),
        _by_source(listed),
    )


def _first_difference(
    left: Stream, right: Stream, a: dict[str, Any] | None, b: dict[str, Any] | None
) -> dict[str, int]:
    found = {}
    if a is not None:
        found["left_step"] = a["step"]
    if b is not None:
        found["right_step"] = b["step"]
    if a is None or b is None:
        return found
    digests = [_slot_digests(of, step["step"]) for of, step in ((left, a), (right, b))]
    shorter = min(len(side) for side in digests)
    slot = 0
    while slot < shorter and digests[0][slot] == digests[1][slot]:
        slot += 1
    return found | {"slot": slot, "left_slots": len(digests[0]), "right_slots": len(digests[1])}


def _slot_digests(stream: Stream, step: int) -> list[bytes]:
    _, place = stream.place(step)
    return [run.digest() for run in open_slots(stream, step, place, range(place.slots))]


def _pairs(pairs: Sequence[tuple[dict[str, Any] | None, ...]], same: Sequence[bool]) -> pa.Table:
    names = ("step", "rows", "tokens", "loss_tokens", "version", "producer", "digest")
    types: dict[str, pa.DataType] = {"offset": pa.int64(), "same": pa.bool_()}
    types |= {f"{side}_{n}": STEPS.field(n).type for n in names for side in ("left", "right")}
    rows = []
    for offset, (pair, equal) in enumerate(zip(pairs, same, strict=True)):
        row: dict[str, Any] = {"offset": offset, "same": equal}
        for side, step in zip(("left", "right"), pair, strict=True):
            row |= {f"{side}_{name}": step[name] if step else None for name in names}
        rows.append(row)
    return table(rows, columns(types))


def _totals(
    sides: Sequence[tuple[Stream, range]], listed: Sequence[Sequence[dict[str, Any]]]
) -> pa.Table:
    rows = []
    for name, (of, numbers), side in zip(("left", "right"), sides, listed, strict=True):
        said = [step["loss_tokens"] for step in side if step["loss_tokens"] is not None]
        rows.append(
            {
                "side": name,
                "stream": of.id,
                "from": numbers.start,
                "to": numbers.stop,
                "steps": len(side),
                "rows": sum(step["rows"] for step in side),
                "tokens": sum(step["tokens"] for step in side),
                "loss_tokens": sum(said) if said else None,
                "steps_with_loss_tokens": len(said),
            }
        )
    texts = ("side", "stream")
    types = {name: pa.utf8() if name in texts else pa.int64() for name in rows[0]}
    return table(rows, columns(types))


def _by_producer(listed: Sequence[Sequence[dict[str, Any]]]) -> pa.Table:
    counts: dict[str, Counter[str]] = {}
    for name, side in zip(("left", "right"), listed, strict=True):
        for step in side:
            counter = counts.setdefault(str(step["producer"]), Counter())
            counter.update({f"{name}_steps": 1})
            counter.update({f"{name}_{what}": step[what] for what in ("rows", "tokens")})
    return _side_by_side("producer", counts, ("steps", "rows", "tokens"))


def _by_source(listed: Sequence[Sequence[dict[str, Any]]]) -> pa.Table:
    counts: dict[str, Counter[str]] = {}
    for name, side in zip(("left", "right"), listed, strict=True):
        for step in side:
            for source, rows in step["sources"].items():
                counts.setdefault(source, Counter()).update({f"{name}_rows": rows})
    return _side_by_side("source", counts, ("rows",))


def _side_by_side(key: str, counts: dict[str, Counter[str]], whats: Sequence[str]) -> pa.Table:
    names = [f"{side}_{what}" for what in whats for side in ("left", "right")]
    rows = [{key: name} | {n: counts[name][n] for n in names} for name in sorted(counts)]
    return table(rows, columns({key: pa.utf8()} | dict.fromkeys(names, pa.int64())))
