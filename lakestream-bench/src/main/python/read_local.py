# SPDX-License-Identifier: Apache-2.0
"""The Python side of `bench read-local`: reads for each line that comes in, prints the seconds."""

from __future__ import annotations

import sys
import time

import lakestream


def main() -> None:
    """Reads the stream as rank 0, so many times, whenever it is asked."""
    uri, dp_size, passes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    stream = lakestream.open(uri)
    for _ in sys.stdin:
        begin = time.perf_counter()
        for _pass in range(passes):
            for step in stream.reader(dp_rank=0, dp_size=dp_size).steps():
                if step.step + 1 == stream.next_step:
                    break
        sys.stdout.write(f"{time.perf_counter() - begin}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
