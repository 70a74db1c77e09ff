# SPDX-License-Identifier: Apache-2.0
"""What the tests share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(os.environ.get("LAKESTREAM_ROOT") or Path(__file__).parents[2])
"""The root of the repository, where golden files and the command line are found.

The build says where it is; a pytest started by hand looks for itself.
"""


@pytest.fixture(scope="session")
def repository() -> Path:
    """`REPOSITORY`."""
    return REPOSITORY


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session of a stock PySpark that has our jar, with a catalog ``lake``."""
    from pyspark.sql import SparkSession

    jar = next(REPOSITORY.glob("lakestream-spark-runtime/target/lakestream-spark-runtime-*.jar"))
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.jars", str(jar))
        .config("spark.ui.enabled", False)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", 2)
        .config("spark.sql.catalog.lake", "dev.lakestream.spark.LakestreamCatalog")
        .config("spark.sql.catalog.lake.root", str(tmp_path_factory.getbasetemp() / "lake"))
        .getOrCreate()
    )
    yield session
    session.stop()
