# SPDX-License-Identifier: Apache-2.0
"""What the tests share."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(os.environ.get("LAKESTREAM_ROOT") or Path(__file__).parents[2])
"""The root of the repository, where golden files and the command line are found.

The build says where it is; a pytest started by hand looks for itself.
"""


@pytest.fixture(scope="session")
def repository() -> Path:
    """`REPOSITORY`."""
    return REPOSITORY
