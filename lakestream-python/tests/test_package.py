# SPDX-License-Identifier: Apache-2.0
import re
from importlib.resources import files
from pathlib import Path

import crc32c

import lakestream


def test_version_is_that_of_the_java_build(repository: Path) -> None:
    pom = (repository / "pom.xml").read_text(encoding="utf-8")
    java = re.search(r"<version>([\d.]+)(-SNAPSHOT)?</version>", pom)
    assert java is not None
    assert lakestream.__version__ == java[1] + (".dev0" if java[2] else "")


def test_package_declares_its_types() -> None:
    assert files("lakestream").joinpath("py.typed").is_file()


def test_checksums_are_crc32c() -> None:
    # The check value of CRC-32C (Castagnoli): another polynomial would reject every cell.
    assert crc32c.crc32c(b"123456789") == 0xE3069283
