# SPDX-License-Identifier: Apache-2.0
"""A stock PySpark with the one jar prepares rows; the examples of docs/prepare.md are executed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import lakestream
from conftest import REPOSITORY
from stock_spark import NEEDS_SPARK, collected, read_by_path, read_by_trainers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = NEEDS_SPARK

PAGE = REPOSITORY / "docs/prepare.md"


@pytest.fixture(scope="module")
def documents(spark: Any) -> Iterator[Any]:
    """Thirty of them, with texts of different lengths; as a DataFrame and as a view."""
    frame = spark.range(30).selectExpr(
        "id", "concat('document ', id, repeat(' and more', cast(id % 5 AS int))) AS text"
    )
    frame.createOrReplaceTempView("documents")
    yield frame
    spark.catalog.dropTempView("documents")


def examples(language: str) -> list[str]:
    """The blocks of the page, in their order."""
    found = re.findall(
        rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert found
    return [str(block) for block in found]


def run(example: str, **names: Any) -> dict[str, Any]:
    exec(compile(example, str(PAGE), "exec"), names)
    return names


def tokens_of(spark: Any) -> int:
    """How many the documents have."""
    counted = spark.sql("SELECT sum(size(ls_tokenize(text, 'cl100k_base'))) FROM documents")
    return int(counted.first()[0])


def packed_tokens(sequences: Any) -> int:
    """How many the sequences have, without their padding."""
    padding = "filter(zip_with(document_ids, sequence(1, size(document_ids)), (id, i) ->"
    padding += " if(id < 0, documents[i] - documents[i - 1], 0)), n -> n > 0)"
    of_rows = sequences.selectExpr("size(tokens) AS length", f"{padding} AS padding").collect()
    return sum(row.length - sum(row.padding) for row in of_rows)


def test_the_sequences_of_the_page_become_a_stream(
    spark: Any, tmp_path: Path, documents: Any
) -> None:
    root = tmp_path / "corpus"
    example = examples("python")[0].replace("/lake/corpus", str(root))
    shuffled = run(example, documents=documents)["shuffled"]
    assert packed_tokens(read_by_path(spark, root)) == tokens_of(spark)
    found = [(row["document_ids"], len(row["tokens"])) for row in read_by_trainers(spark, root)]
    assert found == [(row.document_ids, 2048) for row in shuffled.collect()]
    assert lakestream.open(str(root)).schema.boundaries == "documents"


@pytest.mark.parametrize("packing", ["greedy", "best_fit"])
def test_the_packing_of_the_page_loses_no_token(spark: Any, documents: Any, packing: str) -> None:
    (example,) = (block for block in examples("sql") if "ls_pack" in block)
    sql = example.replace("2048", "16").replace("best_fit", packing).replace("1000", "3")
    sequences = spark.sql(sql)
    assert packed_tokens(sequences) == tokens_of(spark)
    for row in sequences.collect():
        assert len(row.tokens) == len(row.positions) == row.documents[-1] == 16
        for start in row.documents[:-1]:
            assert row.positions[start] == 0 or packing == "greedy"
    ids = sequences.selectExpr("explode(document_ids) AS id").where("id >= 0").distinct()
    assert ids.count() == documents.count()


def test_the_shuffle_of_the_page_is_that_of_its_seed(spark: Any) -> None:
    from pyspark.sql import functions as f

    (example,) = re.findall(r"`(rows\.orderBy\(.*?\))`", PAGE.read_text("utf-8"), re.DOTALL)

    def shuffled(partitions: int) -> list[tuple[Any, ...]]:
        return collected(eval(example, {"f": f, "rows": spark.range(0, 40, 1, partitions)}))

    assert shuffled(1) == shuffled(5)
    assert shuffled(1) != sorted(shuffled(1))
    assert sorted(shuffled(1)) == [(row,) for row in range(40)]


def test_the_mixture_of_the_page_has_its_quota_in_every_step(spark: Any, tmp_path: Path) -> None:
    web = spark.range(1000)
    code = spark.range(1000).selectExpr("id", "concat('r', id) AS repo", "'x' AS path")
    mixed = run(examples("python")[1], spark=spark, web=web, code=code.select("id"))["mixed"]
    root = tmp_path / "mixed"
    mixed.write.format("lakestream").mode("append").options(
        globalBatchSize=512, slots=64, order="explicit", sourceColumn="source"
    ).save(str(root))
    steps = read_by_path(spark, root, table="steps")
    assert [row.sources for row in steps.collect()] == [{"web": 358, "code": 154}] * 2

    code.writeTo("lake.code").tableProperty("slots", "2").option("globalBatchSize", 500).create()
    web.selectExpr("id", "'w' AS repo", "'x' AS path").createOrReplaceTempView("web")
    (example,) = (block for block in examples("sql") if "lakestream_mixture" in block)
    spark.sql(example.rstrip().removesuffix(";"))
    quotas = spark.sql("SELECT _step, source, count(*) FROM mixed GROUP BY ALL ORDER BY ALL")
    assert collected(quotas) == [
        (step, source, rows) for step in (0, 1) for source, rows in (("code", 154), ("web", 358))
    ]
