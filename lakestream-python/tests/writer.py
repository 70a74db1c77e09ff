# SPDX-License-Identifier: Apache-2.0
"""An independent writer of streams for tests, made from the format document alone.

It shares no code with the reader: what both get wrong the same way they would have to get wrong
twice. It does not defend itself; tests make it write nonsense.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import struct
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from crc32c import crc32c

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Json = dict[str, Any]
NO_DIGEST = "0" * 64


def seal(members: Json) -> bytes:
    """The sealed object with these members."""
    return seal_text(json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode())


def seal_text(text: bytes) -> bytes:
    """Seals the text of a JSON object, whatever is in it."""
    head = text[:-1]
    return head + b',"crc32c":"%08x"}\n' % crc32c(head)


def plain(name: str, **more: Any) -> Json:
    """A type."""
    return {"name": name, **more}


def column(name: str, type_: str | Json, *, nullable: bool = False) -> Json:
    """A field."""
    return {
        "name": name,
        "type": plain(type_) if isinstance(type_, str) else type_,
        "nullable": nullable,
    }


def list_of(item: str, *, size: int | None = None) -> Json:
    """A list type, of a fixed size if one is given."""
    members = {"item": column("item", item)}
    return (
        plain("list", **members) if size is None else plain("fixed_size_list", **members, size=size)
    )


def pad(length: int) -> int:
    """`length` rounded up to a multiple of 64."""
    return (length + 63) // 64 * 64


def encode_cell(batch: pa.RecordBatch, compression: str | None = None) -> bytes:
    """A record batch message whose body and buffers are aligned to 64 bytes.

    Arrow aligns to 8, so its buffers are moved apart and their places patched in the metadata.
    """
    options = pa.ipc.IpcWriteOptions(compression=compression)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=options) as stream:
        stream.write_batch(batch)
    message = sink.getvalue().to_pybytes()
    message = message[8 + int(struct.unpack_from("<i", message, 4)[0]) : -8]
    length = struct.unpack_from("<i", message, 4)[0]
    metadata = bytearray(message[8 : 8 + length])
    old = message[8 + length :]
    root = struct.unpack_from("<I", metadata, 0)[0]
    header = _target(metadata, root, 2)
    buffers = _target(metadata, header, 2)
    body = bytearray()
    for number in range(struct.unpack_from("<I", metadata, buffers)[0]):
        at = buffers + 4 + 16 * number
        offset, size = struct.unpack_from("<qq", metadata, at)
        struct.pack_into("<qq", metadata, at, len(body), size)
        body += old[offset : offset + size]
        body += bytes(pad(len(body)) - len(body))
    if _place(metadata, root, 3) != root:  # A field that is 0 is left out.
        struct.pack_into("<q", metadata, _place(metadata, root, 3), len(body))
    assert not body or _place(metadata, root, 3) != root
    metadata += bytes(pad(8 + len(metadata)) - 8 - len(metadata))
    return b"\xff\xff\xff\xff" + struct.pack("<i", len(metadata)) + metadata + body


def _place(data: bytes | bytearray, table: int, number: int) -> int:
    """Where a field of a flatbuffer table is, or the table itself if it is left out."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    if 4 + 2 * number >= struct.unpack_from("<H", data, vtable)[0]:
        return table
    return table + int(struct.unpack_from("<H", data, vtable + 4 + 2 * number)[0])


def _target(data: bytes | bytearray, table: int, number: int) -> int:
    at = _place(data, table, number)
    return at + int(struct.unpack_from("<I", data, at)[0])


def encode_directory(
    cells: Sequence[bytes],
    rows: Sequence[int],
    tokens: Sequence[int],
    piece: int,
    slot: int,
    id_: str,
) -> tuple[bytes, list[bytes]]:
    """A run directory with padding, and its entries."""
    entries = [
        struct.pack("<QQQII", len(cell), n, count, crc32c(cell), 0)
        for cell, n, count in zip(cells, rows, tokens, strict=True)
    ]
    prefix = uuid.UUID(id_).bytes[:8]
    head = b"LSRD" + struct.pack("<III", len(cells), piece, slot) + prefix + bytes(4)
    crc = crc32c(head + bytes(4) + b"".join(entries))
    data = head + struct.pack("<I", crc) + b"".join(entries)
    return data + bytes(pad(len(data)) - len(data)), entries


@dataclass
class WrittenBundle:
    """A bundle's bytes, its descriptor, and a record for each step."""

    data: bytes
    descriptor: Json
    records: list[Json]


def encode_bundle(
    key: str,
    cells: Sequence[Sequence[Sequence[pa.RecordBatch]]],
    schema_id: int = 0,
    compression: str | None = None,
) -> WrittenBundle:
    """A bundle of `cells[step][slot][piece]`."""
    steps, slots, pieces = len(cells), len(cells[0]), len(cells[0][0])
    schema = cells[0][0][0].schema
    frame = _file_frame(schema, steps * slots * pieces)
    data = bytearray(frame.head)
    data += bytes(pad(len(data)) - len(data))
    starts, blocks = [], []
    entries: dict[tuple[int, int, int], bytes] = {}
    id_ = Path(key).stem
    for piece in range(pieces):
        for slot in range(slots):
            starts.append(len(data))
            batches = [cells[k][slot][piece] for k in range(steps)]
            encoded = [encode_cell(batch, compression) for batch in batches]
            rows = [batch.num_rows for batch in batches]
            directory, its = encode_directory(encoded, rows, rows, piece, slot, id_)
            data += directory
            for k, cell in enumerate(encoded):
                entries[k, slot, piece] = its[k]
                blocks.append((len(data), 8 + struct.unpack_from("<i", cell, 4)[0], cell))
                data += cell
    starts.append(len(data))
    data += b"\xff\xff\xff\xff\x00\x00\x00\x00" + frame.foot(blocks)
    records = []
    for k in range(steps):
        digests = [
            hashlib.sha256(b"".join(entries[k, slot, piece] for piece in range(pieces))).digest()
            for slot in range(slots)
        ]
        rows_ = sum(cells[k][slot][0].num_rows for slot in range(slots))
        digest = hashlib.sha256(b"".join(digests)).hexdigest()
        records.append({"rows": rows_, "tokens": rows_, "digest": digest})
    descriptor = {
        "key": key,
        "bytes": len(data),
        "format": "arrow",
        "schema": schema_id,
        "steps": steps,
        "slots": slots,
        "pieces": pieces,
        "runs": runs_of(starts),
    }
    return WrittenBundle(bytes(data), descriptor, records)


def runs_of(starts: list[int]) -> Json:
    """Runs, compressed where they are equal."""
    strides = {b - a for a, b in itertools.pairwise(starts)}
    return {"base": starts[0], "stride": strides.pop()} if len(strides) == 1 else {"starts": starts}


@dataclass
class _Frame:
    head: bytes
    foot: Callable[[list[tuple[int, int, bytes]]], bytes]


def _file_frame(schema: pa.Schema, count: int) -> _Frame:
    """Head and footer of an Arrow file, taken from one with as many empty batches."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, schema) as file:
        empty = pa.RecordBatch.from_arrays([pa.array([], f.type) for f in schema], schema=schema)
        for _ in range(count):
            file.write_batch(empty)
    data = sink.getvalue().to_pybytes()
    length = struct.unpack_from("<i", data, 12)[0]
    size = struct.unpack_from("<i", data, len(data) - 10)[0]
    footer = data[len(data) - 10 - size : len(data) - 10]

    def foot(blocks: list[tuple[int, int, bytes]]) -> bytes:
        patched = bytearray(footer)
        vector = _target(patched, struct.unpack_from("<I", patched, 0)[0], 3)
        for number, (at, metadata, cell) in enumerate(blocks):
            block = struct.pack("<qiiq", at, metadata, 0, len(cell) - metadata)
            patched[vector + 4 + 24 * number : vector + 28 + 24 * number] = block
        return bytes(patched) + struct.pack("<i", len(patched)) + b"ARROW1"

    return _Frame(data[: 16 + length], foot)


@dataclass
class StreamWriter:
    """Writes a stream below `root`, keeping count as a correct writer would."""

    root: Path
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    version: int = -1
    digest: str = ""
    time: int = 1_000_000
    steps: int = 0
    rows: int = 0
    tokens: int = 0
    producers: dict[str, tuple[int, int]] = field(default_factory=dict)

    def put(self, key: str, data: bytes) -> str:
        """Stores an object and returns its SHA-256."""
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.tmp")
        temporary.write_bytes(data)
        temporary.rename(path)
        return hashlib.sha256(data).hexdigest()

    def create(
        self,
        fields: list[Json],
        sequence: Sequence[str] = (),
        boundaries: str | None = None,
        slots: int = 4,
        pieces: int = 1,
        **more: Any,
    ) -> StreamWriter:
        """Writes stream.json."""
        schema: Json = {"type": "schema", "id": 0, "fields": fields, "sequence": list(sequence)}
        if boundaries is not None:
            schema["boundaries"] = boundaries
        members = {
            "lakestream": 1,
            "id": self.id,
            "created": self.time,
            "writer": "test",
            "requires": [],
            "actions": [schema, {"type": "defaults", "slots": slots, "pieces": pieces}],
            **more,
        }
        self.digest = self.put("stream.json", seal(members))
        return self

    def entry(self, **members: Any) -> Json:
        """An entry that follows, with `members` on top; None removes one."""
        entry: Json = {
            "version": self.version + 1,
            "id": str(uuid.uuid4()),
            "prev": self.digest,
            "time": self.time,
            "writer": "test",
            "requires": [],
            "first_step": self.steps,
            "first_row": self.rows,
            "first_token": self.tokens,
        }
        entry.update(members)
        return {name: value for name, value in entry.items() if value is not None}

    def append(self, entry: Json) -> int:
        """Stores an entry as the next version, without counting what it does."""
        return self.append_bytes(seal(entry))

    def append_bytes(self, data: bytes) -> int:
        """Stores bytes as the next entry."""
        self.version += 1
        self.digest = self.put(f"log/{self.version:020d}.json", data)
        return self.version

    def open(self, producer: str = "p") -> StreamWriter:
        """Opens a session."""
        epoch = self.producers.get(producer, (0, 0))[0] + 1
        self.producers[producer] = epoch, 0
        self.append(self.entry(producer={"id": producer, "epoch": epoch, "sequence": 0}))
        return self

    def stamp(self, producer: str = "p") -> Json:
        """The next stamp of a producer's session."""
        epoch, sequence = self.producers[producer]
        self.producers[producer] = epoch, sequence + 1
        return {"id": producer, "epoch": epoch, "sequence": sequence + 1}

    def act(self, *actions: Json, **members: Any) -> int:
        """Commits actions only."""
        return self.append(self.entry(actions=list(actions), **members))

    def data_key(self, producer: str = "p", suffix: str = "arrow") -> str:
        """A fresh key of a producer."""
        id_ = str(uuid.uuid4())
        return f"data/{id_[:2]}/{producer}/{self.producers[producer][0]}/{id_}.{suffix}"

    def bundle(
        self,
        cells: Sequence[Sequence[Sequence[pa.RecordBatch]]],
        producer: str = "p",
        schema_id: int = 0,
        compression: str | None = None,
    ) -> WrittenBundle:
        """Writes a bundle of `cells[step][slot][piece]`."""
        written = encode_bundle(self.data_key(producer), cells, schema_id, compression)
        self.put(written.descriptor["key"], written.data)
        return written

    def commit(
        self,
        bundles: Sequence[Json],
        groups: Sequence[Json],
        producer: str = "p",
        *,
        segmented: bool = False,
        **members: Any,
    ) -> int:
        """Commits steps and counts them."""
        records = [record for group in groups for record in group["steps"]]
        totals = {
            "steps": len(records),
            "rows": sum(record["rows"] for record in records),
            "tokens": sum(record["tokens"] for record in records),
        }
        content: Json = {"bundles": list(bundles), "steps": list(groups)}
        if segmented:
            data = seal({"lakestream": 1, "kind": "commit", "stream": self.id, **content})
            key = self.data_key(producer, "json")
            ref = {"key": key, "bytes": len(data), "sha256": self.put(key, data), **totals}
            content = {"segments": [ref]}
        version = self.append(self.entry(producer=self.stamp(producer), **content, **members))
        self.steps += totals["steps"]
        self.rows += totals["rows"]
        self.tokens += totals["tokens"]
        return version

    def write(
        self,
        cells: Sequence[Sequence[Sequence[pa.RecordBatch]]],
        producer: str = "p",
        **members: Any,
    ) -> int:
        """Writes one bundle and commits all of its steps."""
        schema_id = members.pop("schema_id", 0)
        bundle = self.bundle(cells, producer, schema_id, members.pop("compression", None))
        group = {"bundle": 0, "steps": bundle.records}
        return self.commit([bundle.descriptor], [group], producer, **members)
