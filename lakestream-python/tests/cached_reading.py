# SPDX-License-Identifier: Apache-2.0
"""A process that reads a stream through a host's cache, says what it saw, and waits to be ended."""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from typing import Any

import lakestream


def read(uri: str, **options: Any) -> dict[str, Any]:
    """A digest of all steps that are there, and what of them came from other processes."""
    stream = lakestream.open(uri)
    reader = stream.reader(**options)
    digest = sha256()
    for step in reader.steps():
        for batch in step.batches:
            digest.update(json.dumps([step.step, batch.to_pylist()]).encode())
        if step.step == stream.next_step - 1:
            break
    stats = reader.stats()
    return {
        "digest": digest.hexdigest(),
        "ranges": stats.ranges_fetched,
        "shared": stats.ranges_shared,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(read(sys.argv[1], **json.loads(sys.argv[2]))) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
