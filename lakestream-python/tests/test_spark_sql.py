# SPDX-License-Identifier: Apache-2.0
"""A stock PySpark with the one jar: SQL, time travel, tables of the log, procedures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import lakestream
from stock_spark import NEEDS_SPARK, collected, read_by_trainers

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = NEEDS_SPARK


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


def test_sql_reads_what_sql_wrote(spark: Any, corpus: Path) -> None:
    counts = spark.sql("SELECT count(*), count(DISTINCT _step) FROM lake.web.corpus")
    assert collected(counts) == [(20, 5)]
    one = spark.sql("SELECT tokens FROM lake.web.corpus WHERE _step = 4 AND _slot = 1 LIMIT 1")
    assert collected(one) == [(list(range(8)),)]
    assert lakestream.open(str(corpus)).next_step == 5


def test_data_frames_travel_in_time(spark: Any, corpus: Path) -> None:
    commits = spark.table("lake.web.corpus.commits").orderBy("version")
    first, second = (row.version for row in commits.collect())
    assert first < second
    before = spark.sql(f"SELECT max(_step) FROM lake.web.corpus VERSION AS OF {first}")
    assert collected(before) == [(2,)]
    by_path = spark.read.format("lakestream").option("versionAsOf", first).load(str(corpus))
    assert by_path.count() == 12
    with pytest.raises(Exception, match="has no version 999"):
        spark.sql("SELECT * FROM lake.web.corpus VERSION AS OF 999").collect()


@pytest.mark.usefixtures("corpus")
def test_data_frames_are_appended_to_tables(spark: Any) -> None:
    frame = spark.table("lake.web.corpus").where("_step = 0").select("id", "tokens")
    frame.writeTo("lake.web.copy").tableProperty("slots", "2").option("globalBatchSize", 2).create()
    frame.writeTo("lake.web.copy").option("globalBatchSize", 4).append()
    assert collected(spark.sql("SELECT rows FROM lake.web.copy.steps ORDER BY step")) == [
        (2,),
        (2,),
        (4,),
    ]


def test_streams_are_tables_by_their_path_and_of_sparks_catalog(spark: Any, tmp_path: Path) -> None:
    root = tmp_path / "stream"
    spark.range(8).writeTo(f"lake.`{root}`").tableProperty("slots", "2").option(
        "globalBatchSize", 4
    ).create()
    spark.sql(f"INSERT INTO lake.`{root}` WITH (globalBatchSize = 2) SELECT id FROM range(4)")
    spark.sql(f"CREATE TABLE known USING lakestream OPTIONS (globalBatchSize 4) LOCATION '{root}'")
    try:
        spark.sql("INSERT INTO known SELECT id FROM range(8)")
        assert collected(spark.sql("SELECT count(*), max(_step) FROM known")) == [(20, 5)]
    finally:
        spark.sql("DROP TABLE known")
    assert [
        step.rows for step in spark.table(f"lake.`{root}`.steps").orderBy("step").collect()
    ] == [4, 4, 2, 2, 4, 4]


def rows_of_steps(spark: Any) -> list[tuple[Any, ...]]:
    """Of each readable step of the corpus: its number and its rows."""
    return collected(spark.sql("SELECT step, rows FROM lake.web.corpus.steps ORDER BY step"))


def test_procedures_operate_a_stream(spark: Any, corpus: Path) -> None:
    rules = spark.sql(
        "CALL lake.system.skip(table => 'web.corpus', from_step => 1, to_step => 2, reason => 'x')"
    ).first()[0]
    (skip,) = lakestream.open(str(corpus)).skips(rules)
    assert (skip.start, skip.stop, skip.reason) == (1, 2, "x")
    spark.sql("CALL lake.system.pin('web.corpus', 'run', 'c1', 3)")
    assert collected(spark.sql("SELECT job, from_step FROM lake.web.corpus.pins")) == [("run", 3)]
    trimmed = spark.sql("CALL lake.system.trim(table => 'web.corpus', to_step => 4)").first()
    assert (trimmed.outcome, trimmed.first_readable) == ("trimmed", 3)
    assert collected(spark.sql("SELECT min(_step), max(_step) FROM lake.web.corpus")) == [(3, 4)]
    plan = spark.sql("CALL lake.system.vacuum(table => 'web.corpus', dry_run => true)")
    assert {row.what for row in plan.collect()} == {
        "data",
        "history",
        "probes",
        "staging",
        "uploads",
    }
    released = spark.sql("CALL lake.system.unpin('web.corpus', 'run', 'c1')").first()
    assert released.released
    vacuumed = spark.sql("CALL lake.system.vacuum(table => 'web.corpus', to_step => 4)")
    assert "steps" in {row.what for row in vacuumed.collect()}
    assert rows_of_steps(spark) == [(4, 4)]
    fork = spark.sql("CALL lake.system.fork('web.corpus', 'other', 5)").first()
    assert fork.step == 5
    assert spark.table("lake.web.corpus.forks.other").count() == 4


def test_sql_writes_in_order_and_repeats(spark: Any, corpus: Path) -> None:
    spark.sql("CREATE TABLE lake.web.sorted (id BIGINT) TBLPROPERTIES (slots = 2)")
    frame = spark.range(0, 12, 1, 5).orderBy("id", ascending=False)
    frame.writeTo("lake.web.sorted").options(globalBatchSize=4, order="ordered").append()
    repeated = spark.sql(
        "CALL lake.system.repeat(table => 'web.sorted', from_step => 0, to_step => 3, seed => 7)"
    ).first()
    assert (repeated.first_step, repeated.steps) == (3, 3)
    found = [row["id"] for row in read_by_trainers(spark, corpus.parent / "sorted")]
    assert found[:12] == list(range(11, -1, -1))
    assert sorted(found[12:]) == list(range(12))
