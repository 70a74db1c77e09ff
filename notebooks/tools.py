# SPDX-License-Identifier: Apache-2.0
"""What notebooks share: a Spark that knows Lakestream, and its command line."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

ROOT = Path(__file__).parents[1]


def spark_session() -> SparkSession:
    """A Spark in this process, as in the first notebook."""
    jar = next(ROOT.glob("lakestream-spark-runtime/target/lakestream-spark-runtime-*.jar"))
    return (
        SparkSession.builder.master("local[2]")
        .config("spark.jars", str(jar))
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )


def lakestream(command: str) -> list[dict[str, Any]]:
    """Runs `bin/lakestream COMMAND --json`; each line of what it says."""
    words = [str(ROOT / "bin" / "lakestream"), *shlex.split(command), "--json"]
    # A build would change the jar under a Spark that uses it.
    environment = {**os.environ, "LAKESTREAM_BUILD": "never"}
    result = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    if result.returncode:
        raise RuntimeError(f"{command}: {result.stderr}")
    return [json.loads(line) for line in result.stdout.splitlines()]
