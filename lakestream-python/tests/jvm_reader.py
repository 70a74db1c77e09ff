# SPDX-License-Identifier: Apache-2.0
"""A JVM in a Python process: reads a stream with the Java reader, takes its vectors over.

Started by `test_jvm_export.py` in a process of its own, as a JVM cannot be started twice. Prints
one line of JSON.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
from pathlib import Path
from typing import Any

import jpype
import pyarrow as pa

ARRAY_BYTES = 80
SCHEMA_BYTES = 72


def main() -> None:
    """Reads the stream at the root given; the class path is in the file given."""
    root, class_path = sys.argv[1:]
    jpype.startJVM(
        "--add-opens=java.base/java.nio=ALL-UNNAMED",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        classpath=Path(class_path).read_text().strip().split(":"),
    )
    allocator = jpype.JClass("org.apache.arrow.memory.RootAllocator")()
    local = jpype.JClass("dev.lakestream.store.LocalObjectStore")
    path = jpype.JClass("java.nio.file.Path").of(root)
    store = local.at(path, local.Durability.PROCESS)
    stream = jpype.JClass("dev.lakestream.stream.LakeStream").open(store)
    options = jpype.JClass("dev.lakestream.arrow.reader.ReaderOptions").defaults()
    whole = jpype.JClass("dev.lakestream.reader.Topology").whole()
    reader = jpype.JClass("dev.lakestream.arrow.reader.StepReader").open(
        stream, whole, jpype.JLong(0), options, allocator
    )
    export = jpype.JClass("dev.lakestream.arrow.export.BatchExport")(allocator)
    batches, places = [], []
    while reader.next():
        for slot in reader.batches():
            theirs = slot.root().getVector("row").getDataBuffer().memoryAddress()
            array = ctypes.create_string_buffer(ARRAY_BYTES)
            schema = ctypes.create_string_buffer(SCHEMA_BYTES)
            export.handOver(slot, ctypes.addressof(array), ctypes.addressof(schema))
            take_over: Any = pa.RecordBatch._import_from_c  # noqa: SLF001 - pyarrow's only way
            batch = take_over(ctypes.addressof(array), ctypes.addressof(schema))
            batches.append(batch)
            places.append((int(theirs), batch.column("row").buffers()[1].address))
    reader.close()
    held = int(allocator.getAllocatedMemory())
    rows = [row for batch in batches for row in batch.to_pylist()]
    del batches, batch
    gc.collect()
    released = int(allocator.getAllocatedMemory())
    allocator.close()
    store.close()
    sys.stdout.write(
        json.dumps({"rows": rows, "places": places, "held": held, "released": released}) + "\n"
    )


if __name__ == "__main__":
    main()
