# SPDX-License-Identifier: Apache-2.0
"""What a reader tells about itself: how long the training loop waited, and what was fetched."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

_SHORTEST: Final = 1e-6
_PER_OCTAVE: Final = 8
_BUCKETS: Final = 34 * _PER_OCTAVE
"""From a microsecond to some hours, in steps of 9 %."""

_BOUNDS: Final = [_SHORTEST * 2 ** (number / _PER_OCTAVE) for number in range(_BUCKETS - 1)]
"""The longest time of each bucket but the last."""


class Waits:
    """How long each step was waited for, in constant memory. One thread adds."""

    __slots__ = ("_buckets", "longest", "seconds", "steps")

    def __init__(self) -> None:
        self._buckets = [0] * _BUCKETS
        self.steps = 0
        self.seconds = 0.0
        self.longest = 0.0

    def add(self, seconds: float) -> None:
        """One step was waited for."""
        self._buckets[bisect_left(_BOUNDS, seconds)] += 1
        self.steps += 1
        self.seconds += seconds
        if seconds > self.longest:
            self.longest = seconds

    def quantile(self, share: float) -> float:
        """The seconds that so large a share of the steps took at most, 0 if there was none.

        At most 9 % too large.
        """
        wanted, seen = share * self.steps, 0
        for bucket, count in enumerate(self._buckets):
            seen += count
            if count and seen >= wanted:
                return min(_BOUNDS[bucket], self.longest) if bucket < len(_BOUNDS) else self.longest
        return 0.0


@dataclass(frozen=True, slots=True)
class ReaderStats:
    """A reader's figures since it was made. Times are in seconds.

    `wait_p50` and `wait_p99` are quantiles of the time that the training loop waited for each step,
    `wait_seconds` their sum, `wait_longest` the longest of them. `ranges_fetched` and
    `bytes_fetched` count what was asked for the data of steps, `ranges_shared` and `bytes_shared`
    what of it another process of the host had fetched. `lead_steps` says how many
    committed steps there are beyond those delivered, which is how far producers lead;
    `ahead_steps` and `ahead_bytes` what of it is fetched or being fetched.
    """

    steps: int
    next_step: int
    wait_p50: float
    wait_p99: float
    wait_longest: float
    wait_seconds: float
    ranges_fetched: int
    bytes_fetched: int
    ranges_shared: int
    bytes_shared: int
    lead_steps: int
    ahead_steps: int
    ahead_bytes: int

    def prometheus(self, **labels: str) -> str:
        """The figures in Prometheus' text format, each with these labels."""
        shown = ",".join(f'{name}="{_escaped(value)}"' for name, value in sorted(labels.items()))
        lines: list[str] = []
        for name, kind, text in _METRICS:
            metric = f"lakestream_reader_{name}"
            lines += [f"# HELP {metric} {text}", f"# TYPE {metric} {kind}"]
            if kind == "summary":
                for quantile, value in (("0.5", self.wait_p50), ("0.99", self.wait_p99)):
                    both = ",".join(filter(None, (shown, f'quantile="{quantile}"')))
                    lines.append(f"{metric}{{{both}}} {value!r}")
                braced = f"{{{shown}}}" if shown else ""
                lines.append(f"{metric}_sum{braced} {self.wait_seconds!r}")
                lines.append(f"{metric}_count{braced} {self.steps}")
            else:
                value = getattr(self, _FIELDS.get(name, name))
                lines.append(f"{metric}{{{shown}}} {value!r}" if shown else f"{metric} {value!r}")
        return "\n".join(lines) + "\n"


_METRICS: Final = (
    ("wait_seconds", "summary", "Time that the training loop waited for a step."),
    ("wait_longest_seconds", "gauge", "Longest wait for a step."),
    ("next_step", "gauge", "The step that is read next."),
    ("ranges_fetched_total", "counter", "Ranges of data asked for."),
    ("bytes_fetched_total", "counter", "Bytes of data asked for."),
    ("ranges_shared_total", "counter", "Ranges that another process of the host had fetched."),
    ("bytes_shared_total", "counter", "Bytes that another process of the host had fetched."),
    ("lead_steps", "gauge", "Committed steps that have not been delivered."),
    ("ahead_steps", "gauge", "Steps that are fetched or being fetched."),
    ("ahead_bytes", "gauge", "Bytes that are fetched or being fetched."),
)
_FIELDS: Final = {
    "wait_longest_seconds": "wait_longest",
    "ranges_fetched_total": "ranges_fetched",
    "bytes_fetched_total": "bytes_fetched",
    "ranges_shared_total": "ranges_shared",
    "bytes_shared_total": "bytes_shared",
}


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


class Fetched:
    """What was asked of the store. One thread adds."""

    __slots__ = ("bytes", "ranges")

    def __init__(self) -> None:
        self.ranges = 0
        self.bytes = 0

    def add(self, size: int) -> None:
        """One range was asked for."""
        self.ranges += 1
        self.bytes += size
