# SPDX-License-Identifier: Apache-2.0
"""The Java of the build, which some tests start."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

CLASS_PATH = Path(
    os.environ.get("LAKESTREAM_JAVA_CLASS_PATH")
    or Path(__file__).parents[1] / "target" / "java.classpath"
)
"""A file that holds the class path of the tests."""

needs_java = pytest.mark.skipif(
    not CLASS_PATH.exists() or shutil.which("java") is None,
    reason="needs the Java of the build: ./mvnw verify says where it is",
)
