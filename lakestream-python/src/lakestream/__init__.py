# SPDX-License-Identifier: Apache-2.0
"""Reads the steps of a Lakestream stream, each rank its own share."""

from importlib.metadata import version

__version__ = version("lakestream")

__all__ = ["__version__"]
