# SPDX-License-Identifier: Apache-2.0
"""A stock PySpark with the one jar: SQL, time travel, tables of the log, procedures."""

from __future__ import annotations

import os
from datetime import time
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


def read_by_trainers(root: Path) -> list[dict[str, Any]]:
    """All rows of a sealed stream, as a trainer gets them."""
    reader = lakestream.open(str(root)).reader()
    return [row for _, batch in reader for row in batch.to_pylist()]


def test_text_becomes_sequences_of_a_stream(spark: Any, tmp_path: Path) -> None:
    """The way of docs/prepare.md: tokens, packed, shuffled, written in that order."""
    from pyspark.sql import functions as f

    documents = spark.range(30).select(
        "id", f.concat(f.lit("document "), "id", f.lit(" of thirty")).alias("text")
    )
    tokens = documents.withColumn(
        "tokens", f.call_function("ls_tokenize", "text", f.lit("cl100k_base"))
    )
    groups = tokens.groupBy((f.col("id") % 3).alias("group")).agg(
        f.expr("sort_array(collect_list(struct(id, tokens)))").alias("documents")
    )
    packed = groups.select(
        f.call_function("ls_pack", "documents", f.lit(16), f.lit(0), f.lit("best_fit")).alias(
            "sequences"
        )
    ).selectExpr("inline(sequences)")
    shuffled = packed.orderBy(f.xxhash64(f.lit(42), "document_ids"), "document_ids")
    root = tmp_path / "sequences"
    shuffled.write.format("lakestream").mode("append").options(
        globalBatchSize=4, slots=2, order="ordered", remainder="drop", boundaries="documents"
    ).option("fixedLength.tokens", 16).save(str(root))
    spark.sql(f"CALL lake.system.seal('{root}')")
    wanted = [tuple(row.document_ids) for row in shuffled.collect()]
    found = [tuple(row["document_ids"]) for row in read_by_trainers(root)]
    assert found == wanted[: len(wanted) // 4 * 4]
    assert len(found) >= 8


def test_a_mixture_has_its_quota_in_every_step(spark: Any, tmp_path: Path) -> None:
    spark.range(50).createOrReplaceTempView("web")
    spark.range(100).createOrReplaceTempView("code")
    mixed = (
        spark.read.format("lakestream_mixture")
        .options(globalBatchSize=10, seed=42)
        .options(**{"web.table": "web", "web.weight": 0.7, "web.identity": "id"})
        .options(**{"code.table": "code", "code.weight": 0.3, "code.identity": "id"})
        .load()
    )
    root = tmp_path / "mixed"
    mixed.write.format("lakestream").mode("append").options(
        globalBatchSize=10, slots=5, order="explicit", sourceColumn="source"
    ).save(str(root))
    steps = spark.read.format("lakestream").option("table", "steps").load(str(root))
    assert [row.sources for row in steps.collect()] == [{"web": 7, "code": 3}] * 7


def test_sql_writes_in_order_and_repeats(spark: Any, tmp_path: Path) -> None:
    spark.sql("CREATE TABLE lake.web.sorted (id BIGINT) TBLPROPERTIES (slots = 2)")
    frame = spark.range(0, 12, 1, 5).orderBy("id", ascending=False)
    frame.writeTo("lake.web.sorted").options(globalBatchSize=4, order="ordered").append()
    repeated = spark.sql(
        "CALL lake.system.repeat(table => 'web.sorted', from_step => 0, to_step => 3, seed => 7)"
    ).first()
    assert (repeated.first_step, repeated.steps) == (3, 3)
    spark.sql("CALL lake.system.seal('web.sorted')")
    found = [row["id"] for row in read_by_trainers(tmp_path.parent / "lake/web/sorted")]
    assert found[:12] == list(range(11, -1, -1))
    assert sorted(found[12:]) == list(range(12))


def test_a_query_that_has_ended_is_flushed(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input/rows.json").write_text("".join(f'{{"id":{i}}}\n' for i in range(7)))
    root = tmp_path / "stream"
    query = (
        spark.readStream.schema("id long")
        .json(str(tmp_path / "input"))
        .writeStream.format("lakestream")
        .options(globalBatchSize=4, slots=2, producer="tok")
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .trigger(availableNow=True)
        .start(str(root))
    )
    query.awaitTermination()
    assert spark.read.format("lakestream").load(str(root)).count() == 4
    flushed = spark.sql(f"CALL lake.system.flush(table => '{root}', producer => 'tok')").first()
    assert (flushed.steps, flushed.rows, flushed.dropped_rows) == (1, 3, 0)
    assert spark.read.format("lakestream").load(str(root)).count() == 7


def test_times_of_a_day_arrive(spark: Any, tmp_path: Path) -> None:
    root = tmp_path / "times"
    spark.conf.set("spark.sql.timeType.enabled", True)
    try:
        spark.sql("SELECT make_time(23, 59, 1.000002) AS at FROM range(2)").write.format(
            "lakestream"
        ).mode("append").options(globalBatchSize=2, slots=1).save(str(root))
        spark.sql(f"CALL lake.system.seal('{root}')")
        read = spark.read.format("lakestream").load(str(root)).selectExpr("cast(at as string)")
        assert rows(read) == [("23:59:01.000002",)] * 2
    finally:
        spark.conf.unset("spark.sql.timeType.enabled")
    assert read_by_trainers(root) == [{"at": time(23, 59, 1, 2)}] * 2
