# SPDX-License-Identifier: Apache-2.0
"""The Python side of `bench read-local`: reads a stream as rank 0 whenever a line comes in, prints the seconds."""

from __future__ import annotations

import sys
import time

import lakestream


def main() -> None:
    uri, dp_size, passes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    stream = lakestream.open(uri)
    for _ in sys.stdin:
        begin = time.perf_counter()
        for _ in range(passes):
            for step in stream.reader(dp_rank=0, dp_size=dp_size).steps():
                if step.step + 1 == stream.next_step:
                    break
        print(time.perf_counter() - begin, flush=True)


if __name__ == "__main__":
    main()
