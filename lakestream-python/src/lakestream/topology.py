# SPDX-License-Identifier: Apache-2.0
"""Topology: how a rank divides a step, by slots (dp) and along sequences (cp)."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import Literal

from lakestream.errors import TopologyError

Split = Literal["contiguous", "zigzag"]


@dataclass(frozen=True, slots=True)
class Topology:
    """Rank and size along both axes. `TopologyError` for values that make no sense."""

    dp_rank: int = 0
    dp_size: int = 1
    cp_rank: int = 0
    cp_size: int = 1
    split: Split = "contiguous"

    def __post_init__(self) -> None:
        for axis, rank, size in (
            ("dp", self.dp_rank, self.dp_size),
            ("cp", self.cp_rank, self.cp_size),
        ):
            if size < 1 or not 0 <= rank < size:
                raise TopologyError(
                    f"{axis}_rank {rank} of {axis}_size {size}: must be 0 to size-1"
                )
        if self.split not in ("contiguous", "zigzag"):
            raise TopologyError(f"split {self.split!r} must be 'contiguous' or 'zigzag'")

    def slots(self, step: int, slots: int) -> range:
        """The slots of `step` that the rank owns, out of `slots`."""
        if slots % self.dp_size:
            raise TopologyError(
                f"dp_size {self.dp_size} does not divide the {slots} slots of step {step};"
                f" it may be {_list(divisors(slots))}"
            )
        share = slots // self.dp_size
        return range(self.dp_rank * share, (self.dp_rank + 1) * share)


def divisors(number: int) -> list[int]:
    """All divisors, ascending."""
    small = [n for n in range(1, isqrt(number) + 1) if number % n == 0]
    return sorted({*small, *(number // n for n in small)})


def _list(numbers: list[int]) -> str:
    texts = [str(number) for number in numbers]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"
