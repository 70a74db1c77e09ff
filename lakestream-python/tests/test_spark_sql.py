# SPDX-License-Identifier: Apache-2.0
"""A stock PySpark with the one jar: SQL, time travel, tables of the log, procedures."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

import lakestream
from conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    # PySpark leaves sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.skipif(
        os.environ.get("LAKESTREAM_BUILD") != "never",
        reason="needs the packaged jars: ./mvnw verify sets LAKESTREAM_BUILD=never",
    ),
    pytest.mark.skipif(find_spec("pyspark") is None, reason="needs ./environment notebooks"),
]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session with a catalog ``lake``."""
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


@pytest.fixture(scope="module")
def corpus(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table with two inserts: three steps, then two. Where its stream is."""
    spark.sql(
        "CREATE TABLE lake.web.corpus (id BIGINT, tokens ARRAY<INT>) TBLPROPERTIES"
        " (slots = 2, globalBatchSize = 4, 'fixedLength.tokens' = 8, sequence = 'tokens')"
    )
    for rows in (12, 8):
        spark.sql(
            "INSERT INTO lake.web.corpus SELECT id, transform(sequence(0, 7), i -> cast(i AS int))"
            f" FROM range({rows})"
        )
    return tmp_path_factory.getbasetemp() / "lake/web/corpus"


def rows(frame: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in frame.collect()]


def test_sql_reads_what_sql_wrote(spark: Any, corpus: Path) -> None:
    counts = spark.sql("SELECT count(*), count(DISTINCT _step) FROM lake.web.corpus")
    assert rows(counts) == [(20, 5)]
    one = spark.sql("SELECT tokens FROM lake.web.corpus WHERE _step = 4 AND _slot = 1 LIMIT 1")
    assert rows(one) == [(list(range(8)),)]
    assert lakestream.open(str(corpus)).next_step == 5


def test_data_frames_travel_in_time(spark: Any, corpus: Path) -> None:
    commits = spark.table("lake.web.corpus.commits").orderBy("version")
    first, second = (row.version for row in commits.collect())
    assert first < second
    before = spark.sql(f"SELECT max(_step) FROM lake.web.corpus VERSION AS OF {first}")
    assert rows(before) == [(2,)]
    by_path = spark.read.format("lakestream").option("versionAsOf", first).load(str(corpus))
    assert by_path.count() == 12
    with pytest.raises(Exception, match="has no version 999"):
        spark.sql("SELECT * FROM lake.web.corpus VERSION AS OF 999").collect()


@pytest.mark.usefixtures("corpus")
def test_data_frames_are_appended_to_tables(spark: Any) -> None:
    frame = spark.table("lake.web.corpus").where("_step = 0").select("id", "tokens")
    frame.writeTo("lake.web.copy").tableProperty("slots", "2").option("globalBatchSize", 2).create()
    frame.writeTo("lake.web.copy").option("globalBatchSize", 4).append()
    assert rows(spark.sql("SELECT rows FROM lake.web.copy.steps ORDER BY step")) == [
        (2,),
        (2,),
        (4,),
    ]


def test_procedures_operate_a_stream(spark: Any, corpus: Path) -> None:
    rules = spark.sql(
        "CALL lake.system.skip(table => 'web.corpus', from_step => 1, to_step => 2, reason => 'x')"
    ).first()[0]
    (skip,) = lakestream.open(str(corpus)).skips(rules)
    assert (skip.start, skip.stop, skip.reason) == (1, 2, "x")
    spark.sql("CALL lake.system.pin('web.corpus', 'run', 'c1', 3)")
    assert rows(spark.sql("SELECT job, from_step FROM lake.web.corpus.pins")) == [("run", 3)]
    trimmed = spark.sql("CALL lake.system.trim(table => 'web.corpus', to_step => 4)").first()
    assert (trimmed.outcome, trimmed.first_readable) == ("trimmed", 3)
    assert rows(spark.sql("SELECT min(_step), max(_step) FROM lake.web.corpus")) == [(3, 4)]
    plan = spark.sql("CALL lake.system.vacuum(table => 'web.corpus', dry_run => true)")
    assert {row.what for row in plan.collect()} == {
        "data",
        "history",
        "probes",
        "staging",
        "uploads",
    }
    fork = spark.sql("CALL lake.system.fork('web.corpus', 'other', 4)").first()
    assert fork.step == 4
    assert spark.table("lake.web.corpus.forks.other").count() == 4
