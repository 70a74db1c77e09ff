# SPDX-License-Identifier: Apache-2.0
"""What the tests of a stock PySpark with the one jar share. Its session is in `conftest`."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

import lakestream

if TYPE_CHECKING:
    from pathlib import Path

NEEDS_SPARK = [
    # PySpark leaves sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.skipif(
        os.environ.get("LAKESTREAM_BUILD") != "never",
        reason="needs the packaged jars: ./mvnw verify sets LAKESTREAM_BUILD=never",
    ),
    pytest.mark.skipif(find_spec("pyspark") is None, reason="needs ./environment notebooks"),
]


def collected(frame: Any) -> list[tuple[Any, ...]]:
    """The rows of a DataFrame."""
    return [tuple(row) for row in frame.collect()]


def read_by_path(spark: Any, root: Path, **options: Any) -> Any:
    """The DataFrame of a stream, or of one of its tables."""
    return spark.read.format("lakestream").options(**options).load(str(root))


def read_by_trainers(spark: Any, root: Path) -> list[dict[str, Any]]:
    """All rows of a stream, which ends with this, as a trainer gets them."""
    spark.sql(f"CALL lake.system.seal('{root}')")
    reader = lakestream.open(str(root)).reader()
    return [row for _, batch in reader for row in batch.to_pylist()]
