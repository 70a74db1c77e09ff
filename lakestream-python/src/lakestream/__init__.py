# SPDX-License-Identifier: Apache-2.0
"""Reads training data, step by step and rank by rank, from a Lakestream stream.

import lakestream

stream = lakestream.open("/data/web")
reader = stream.reader(dp_rank=rank, dp_size=world, cursor=checkpoint.get("data"))
for step, batch in reader:
    train(batch)
    checkpoint["data"] = reader.state_dict()
"""

from importlib.metadata import version

from lakestream.cursor import Cursor
from lakestream.difference import Difference, diff
from lakestream.errors import (
    CorruptObjectError,
    CursorMismatchError,
    InvalidKeyError,
    LakestreamError,
    ObjectNotFoundError,
    PinError,
    StepTimeoutError,
    StoreError,
    TopologyError,
    TrimmedStepError,
    UnsupportedFeatureError,
)
from lakestream.explain import Explanation, explain
from lakestream.reader import Reader, Step
from lakestream.stats import ReaderStats
from lakestream.stream import Stream, open  # noqa: A004
from lakestream.tables import steps_table

__version__ = version("lakestream")

__all__ = [
    "CorruptObjectError",
    "Cursor",
    "CursorMismatchError",
    "Difference",
    "Explanation",
    "InvalidKeyError",
    "LakestreamError",
    "ObjectNotFoundError",
    "PinError",
    "Reader",
    "ReaderStats",
    "Step",
    "StepTimeoutError",
    "StoreError",
    "Stream",
    "TopologyError",
    "TrimmedStepError",
    "UnsupportedFeatureError",
    "__version__",
    "diff",
    "explain",
    "open",
    "steps_table",
]
