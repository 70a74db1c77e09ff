# SPDX-License-Identifier: Apache-2.0
"""The S3 client library, in a copy that works in this process.

obstore runs on threads of its own, which a fork leaves behind: in a child of a process that has
sent a request, every request hangs. There is no way to start them anew, but a second copy of the
library has threads of its own. So a child loads one, from an anonymous file in memory, as a library
is known by its file.
"""

from __future__ import annotations

import importlib
import os
import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import obstore
import obstore.exceptions
import obstore.store

from lakestream.errors import StoreError

_BINARY = "obstore._obstore"


class _Library:
    """The modules in use, and the process that may use them; None while nobody has."""

    modules: Any = obstore
    owner: int | None = None


def library() -> Any:  # noqa: ANN401 - a module, or a copy of it
    """The package `obstore`, or a copy of it. Called before any use of it, in every process.

    Not thread-safe in a child of a fork until it returned once.
    """
    here = os.getpid()
    if _Library.owner is None:
        _Library.owner = here
    elif _Library.owner != here:
        _Library.modules = _copy()
        _Library.owner = here
    return _Library.modules


def _copy() -> Any:  # noqa: ANN401 - as above
    if not hasattr(os, "memfd_create"):
        raise StoreError(
            "this process was forked from one that had used S3, which works on Linux only:"
            " start it with the multiprocessing context 'spawn'"
        )
    known = {name: module for name, module in sys.modules.items() if _ours(name)}
    source = known[_BINARY].__file__
    assert source is not None
    descriptor = os.memfd_create("lakestream-obstore")
    try:
        with Path(source).open("rb") as file:
            while os.sendfile(descriptor, file.fileno(), None, 1 << 30):
                pass
        path = f"/proc/self/fd/{descriptor}"
        spec = spec_from_file_location(_BINARY, path, loader=ExtensionFileLoader(_BINARY, path))
        assert spec is not None
        assert spec.loader is not None
        binary = module_from_spec(spec)
        for name in known:
            del sys.modules[name]
        spec.loader.exec_module(binary)  # It puts modules of its own beside itself.
        sys.modules[_BINARY] = binary
        package = importlib.import_module("obstore")
        importlib.import_module("obstore.store")
        importlib.import_module("obstore.exceptions")
    finally:
        os.close(descriptor)
        for name in [name for name in sys.modules if _ours(name)]:
            del sys.modules[name]
        sys.modules.update(known)
    return package


def _ours(name: str) -> bool:
    return name == "obstore" or name.startswith("obstore.")
