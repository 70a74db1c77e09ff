# SPDX-License-Identifier: Apache-2.0
"""A stock PySpark with the one jar: DataFrames and queries of streams that have but a path."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

import pytest

import lakestream
from stock_spark import NEEDS_SPARK, collected, read_by_path, read_by_trainers

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = NEEDS_SPARK


def write(frame: Any, root: Path, mode: str = "append", **options: Any) -> None:
    given = {"globalBatchSize": 4, "slots": 2} | options
    frame.write.format("lakestream").mode(mode).options(**given).save(str(root))


def start(frame: Any, root: Path, checkpoint: Path, **options: Any) -> Any:
    """Runs a query until it has read all that there is, into a stream."""
    query = (
        frame.writeStream.format("lakestream")
        .options(**({"globalBatchSize": 4, "slots": 2} | options))
        .option("checkpointLocation", str(checkpoint))
        .trigger(availableNow=True)
        .start(str(root))
    )
    query.awaitTermination()
    return query


@pytest.fixture(scope="module")
def three_jobs(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stream of three jobs: steps 0 and 1, steps 2 and 3, step 4; its rows are in order."""
    root = tmp_path_factory.mktemp("jobs") / "stream"
    for start, stop in ((0, 8), (8, 16), (16, 20)):
        frame = spark.range(start, stop, 1, 3).selectExpr("id", "id * 10 AS ten")
        write(frame, root, producer=f"job-{start}", order="ordered")
    return root


@pytest.mark.parametrize("compression", ["none", "lz4", "zstd"])
@pytest.mark.parametrize("files", ["arrow", "parquet"])
def test_bundles_of_every_kind_carry_rows_and_counters(
    spark: Any, tmp_path: Path, files: str, compression: str
) -> None:
    frame = spark.range(0, 10, 1, 2).selectExpr(
        "id",
        "transform(sequence(0, 99), i -> cast(id AS int)) AS tokens",
        "transform(sequence(0, 99), i -> i < id) AS mask",
        "if(id % 4 = 0, 'web', 'code') AS origin",
    )
    root = tmp_path / "stream"
    write(
        frame,
        root,
        bundleFormat=files,
        compression=compression,
        tokensColumn="size(tokens)",
        lossTokensColumn="mask",
        sourceColumn="origin",
    )
    assert sorted(collected(read_by_path(spark, root))) == sorted(collected(frame))
    bundles = read_by_path(spark, root, table="bundles").select("format").distinct()
    assert collected(bundles) == [(files,)]
    counted = read_by_path(spark, root, table="steps").collect()
    assert sum(step.tokens for step in counted) == 1000
    assert sum(step.loss_tokens for step in counted) == sum(range(10))
    assert sum(step.sources.get("web", 0) for step in counted) == 3
    found = read_by_trainers(spark, root)
    assert sorted((row["id"], row["tokens"]) for row in found) == [
        (row, [row] * 100) for row in range(10)
    ]


def test_modes_and_jobs_are_what_they_say(spark: Any, tmp_path: Path) -> None:
    root = tmp_path / "stream"
    frame = spark.range(0, 8, 1, 2)
    write(frame, root, mode="errorifexists")
    with pytest.raises(Exception, match=r'to add steps to it, say mode\("append"\)'):
        write(frame, root, mode="errorifexists")
    with pytest.raises(Exception, match="can't be overwritten"):
        write(frame, root, mode="overwrite")
    with pytest.raises(Exception, match="'slot' is unknown"):
        write(frame, root, slot=2)
    write(frame, root, mode="ignore")
    for version in (1, 1, 2, 1):
        write(frame, root, jobId="nightly", jobVersion=version)
    assert lakestream.open(str(root)).next_step == 3 * 2


def test_rows_say_their_step_and_slot(spark: Any, tmp_path: Path) -> None:
    root = tmp_path / "stream"
    frame = spark.range(0, 12, 1, 3).selectExpr(
        "id", "id % 3 AS _step", "cast(id % 2 AS int) AS _slot"
    )
    write(frame, root, order="explicit")
    read = read_by_path(spark, root).select("id", "_step", "_slot")
    assert sorted(collected(read)) == [(row, row % 3, row % 2) for row in range(12)]


def test_places_prune_and_versions_and_times_are_seen(spark: Any, three_jobs: Path) -> None:
    whole = read_by_path(spark, three_jobs)
    assert whole.columns == ["id", "ten"]
    commits = read_by_path(spark, three_jobs, table="commits").orderBy("version").collect()
    assert [commit.producer for commit in commits] == ["job-0", "job-8", "job-16"]
    second = commits[1].version

    place = whole.select("_step", "_slot", "_producer", "_version", "_committed", "id")
    assert collected(place.where(f"_version = {second} AND _slot = 1").orderBy("id")) == [
        (step, 1, "job-8", second, commits[1].committed, row)
        for step, row in ((2, 10), (2, 11), (3, 14), (3, 15))
    ]
    pruned = whole.where("_producer = 'job-8' AND _step < 3").select("id")
    plan = pruned._jdf.queryExecution().executedPlan().toString()  # noqa: SLF001
    assert " Filter " not in plan
    assert "ten" not in plan
    assert sorted(collected(pruned)) == [(row,) for row in range(8, 12)]
    later = whole.where(whole["_committed"] > commits[1].committed).select("id")
    assert sorted(collected(later)) == [(row,) for row in range(16, 20)]
    assert collected(whole.selectExpr("count(*)", "max(_step)", "min(_version)")) == [
        (20, 4, commits[0].version)
    ]
    assert whole.limit(3).count() == 3

    assert read_by_path(spark, three_jobs, versionAsOf=second).count() == 16
    then = commits[0].committed.isoformat(sep=" ")
    assert read_by_path(spark, three_jobs, timestampAsOf=then).count() == 8
    assert read_by_path(spark, three_jobs, startStep=1, endStep=4).count() == 12
    assert spark.sql(f"SELECT * FROM lake.`{three_jobs}` VERSION AS OF {second}").count() == 16
    travelled = spark.sql(f"SELECT * FROM lake.`{three_jobs}` TIMESTAMP AS OF '{then}'")
    assert travelled.count() == 8


@pytest.mark.parametrize(
    ("begin", "first"),
    [
        ({}, 0),
        ({"startStep": 3}, 12),
        ({"startVersion": 2}, 8),
        ({"startTimestamp": 1}, 8),
    ],
)
def test_a_query_copies_a_stream_from_where_it_is_told(
    spark: Any, tmp_path: Path, three_jobs: Path, begin: dict[str, Any], first: int
) -> None:
    commits = read_by_path(spark, three_jobs, table="commits").orderBy("version").collect()
    options = dict(begin)
    if "startVersion" in options:
        options["startVersion"] = commits[1].version
    if "startTimestamp" in options:
        options["startTimestamp"] = commits[1].committed.isoformat(sep=" ")
    rows = (
        spark.readStream.format("lakestream")
        .schema("id long")
        .options(maxStepsPerTrigger=2, **options)
        .load(str(three_jobs))
    )
    root, checkpoint = tmp_path / "stream", tmp_path / "checkpoint"
    query = start(rows, root, checkpoint)
    steps = 5 - first // 4
    epochs = [epoch for epoch in query.recentProgress if epoch["numInputRows"]]
    assert len(epochs) == (steps + 1) // 2
    assert max(epoch["numInputRows"] for epoch in epochs) <= 2 * 4
    start(rows, root, checkpoint)  # Once more: there is nothing new, so nothing is written.
    assert sorted(collected(read_by_path(spark, root))) == [(row,) for row in range(first, 20)]


def test_a_query_that_has_ended_is_flushed(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input/rows.json").write_text("".join(f'{{"id":{i}}}\n' for i in range(7)))
    rows = spark.readStream.schema("id long").json(str(tmp_path / "input"))
    root = tmp_path / "stream"
    start(rows, root, tmp_path / "checkpoint", producer="tok")
    assert read_by_path(spark, root).count() == 4
    carried = read_by_path(spark, root, table="producers").where("size(attachments) > 0")
    assert collected(carried.select("producer")) == [("tok",)]
    flushed = spark.sql(f"CALL lake.system.flush(table => '{root}', producer => 'tok')").first()
    assert (flushed.steps, flushed.rows, flushed.dropped_rows) == (1, 3, 0)
    assert read_by_path(spark, root).count() == 7


def test_times_of_a_day_arrive(spark: Any, tmp_path: Path) -> None:
    root = tmp_path / "times"
    spark.conf.set("spark.sql.timeType.enabled", True)
    try:
        write(spark.sql("SELECT make_time(23, 59, 1.000002) AS at FROM range(2)"), root)
        read = read_by_path(spark, root).selectExpr("cast(at as string)")
        assert collected(read) == [("23:59:01.000002",)] * 2
    finally:
        spark.conf.unset("spark.sql.timeType.enabled")
    assert read_by_trainers(spark, root) == [{"at": time(23, 59, 1, 2)}] * 2
