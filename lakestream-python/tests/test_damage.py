# SPDX-License-Identifier: Apache-2.0
"""Damaged and hostile objects: an error that names the object, never wrong data, never a crash."""

from __future__ import annotations

import contextlib
import json
import os
import random
import struct
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from crc32c import crc32c
from hypothesis import given, settings
from hypothesis import strategies as st

import lakestream
from lakestream import bundle, log, snapshot
from lakestream import cell as cell_module
from lakestream.cell import CellDecoder, OpenRange, decode_cell, layout_of
from lakestream.packed import StepsRef
from lakestream.sealed import parse_object, unseal
from lakestream.steps import Bundle
from lakestream.store import LocalStore
from streams import arrow_schema, build, slot_pieces
from test_snapshot import write_snapshot
from writer import encode_cell, encode_directory, seal, seal_text

if TYPE_CHECKING:
    from collections.abc import Callable

UUID = "3f0a1111-2222-4333-8444-555566667777"
KEY = f"data/3f/p/1/{UUID}.arrow"
ALLOWED = (lakestream.CorruptObjectError, lakestream.UnsupportedFeatureError)


def only_bundle(root: Path) -> Path:
    return next(root.glob("data/**/*.arrow"))


def read_all(root: Path) -> list[Any]:
    return [(step, batch.to_pylist()) for step, batch in lakestream.open(str(root)).reader()]


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    build(tmp_path, steps=2).act({"type": "seal"})
    return tmp_path


def test_every_flipped_bit_of_a_bundle_is_noticed(sealed: Path) -> None:
    path = only_bundle(sealed)
    good = path.read_bytes()
    want = read_all(sealed)
    entry = json.loads((sealed / "log" / f"{1:020d}.json").read_bytes())
    start, stop = 448, len(good)
    runs = entry["bundles"][0]["runs"]
    start = runs["starts"][0] if "starts" in runs else runs["base"]
    stop = runs["starts"][-1] if "starts" in runs else runs["base"] + 4 * runs["stride"]
    stream = lakestream.open(str(sealed))
    random_ = random.Random(1)
    noticed = 0
    for at in {*range(start, start + 128), *random_.sample(range(start, stop), 400)}:
        data = bytearray(good)
        data[at] ^= 1 << random_.randrange(8)
        path.write_bytes(data)
        try:
            got = [(step, batch.to_pylist()) for step, batch in stream.reader()]
        except lakestream.CorruptObjectError as error:
            noticed += error.key in str(path)
        else:
            assert got == want, "only padding may change"
    assert noticed > 300


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
def test_truncated_bundles_are_noticed(sealed: Path, part: float) -> None:
    path = only_bundle(sealed)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(lakestream.CorruptObjectError, match="it ends at byte"):
        read_all(sealed)


def test_missing_bundles_are_noticed(sealed: Path) -> None:
    only_bundle(sealed).unlink()
    with pytest.raises(lakestream.CorruptObjectError, match="it is named, but does not exist"):
        read_all(sealed)


def test_swapped_bundles_are_noticed(tmp_path: Path) -> None:
    build(tmp_path, steps=4).act({"type": "seal"})
    a, b = tmp_path.glob("data/**/*.arrow")
    first, second = a.read_bytes(), b.read_bytes()
    a.write_bytes(second)
    b.write_bytes(first)
    with pytest.raises(lakestream.CorruptObjectError, match="it belongs to another bundle"):
        read_all(tmp_path)


@pytest.mark.parametrize("name", ["stream.json", f"log/{1:020d}.json"])
def test_every_flipped_bit_and_every_torn_end_of_json_is_noticed(sealed: Path, name: str) -> None:
    path = sealed / name
    good = path.read_bytes()
    decode: Callable[[bytes], Any] = (
        log.decode_stream if name == "stream.json" else lambda data: log.decode_entry(data, 1)
    )
    decode(good)
    for at in range(len(good)):
        data = bytearray(good)
        data[at] ^= 1 << (at % 8)
        with pytest.raises(lakestream.CorruptObjectError):
            decode(bytes(data))
        with pytest.raises(lakestream.CorruptObjectError):
            decode(good[:at])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"1}",
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":01}',
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1}{"b":2}',
        b'{"a":"\n"}',
        b'{"a":' + b"[" * 64 + b"]" * 64 + b"}",
        b'{"a":' + b"[" * 1_000_000,
        b'{"a":' + b'{"a":' * 100_000,
        b'{"a":"' + b"\\" * 999,
    ],
)
def test_what_is_not_json_is_noticed(text: bytes) -> None:
    with pytest.raises(lakestream.CorruptObjectError):
        unseal("x", seal_text(text + b"}" if not text.endswith(b"}") else text), 1 << 22)
    with pytest.raises(lakestream.CorruptObjectError):
        parse_object("x", text)


def test_nesting_up_to_the_limit_is_read() -> None:
    unseal("x", seal_text(b'{"a":' + b"[" * 31 + b"]" * 31 + b"}"), 1 << 20)
    unseal("x", seal_text(b'{"a":"' + b"[{" * 50 + b'\\"]"}'), 1 << 20)


def test_too_large_objects_are_not_read(sealed: Path) -> None:
    (sealed / "log" / f"{3:020d}.json").write_bytes(b" " * ((1 << 20) + 1))
    with pytest.raises(lakestream.CorruptObjectError, match="exceed the limit"):
        lakestream.open(str(sealed))


@pytest.mark.parametrize(
    "key", ["../x", "/x", "", "a//b", "a/./b", "a/../../x", "x" * 2000, "a\0b", "a b"]
)
def test_keys_are_checked_before_they_are_followed(tmp_path: Path, key: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "x").write_text("secret")
    store = LocalStore(root)
    for read in (lambda: store.get(key, 9), lambda: store.map(key, 0, 1), lambda: store.head(key)):
        with pytest.raises(lakestream.InvalidKeyError):
            read()


def open_below(folder: Path) -> list[Path]:
    """What this process has open in `folder`."""
    opened = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # That of the listing itself.
            opened.append(descriptor.readlink())
    return [path for path in opened if path.is_relative_to(folder)]


@pytest.mark.parametrize("kernel", ["opens", "tells", "does neither"])
def test_links_that_lead_outside_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernel: str
) -> None:
    if kernel != "opens":
        monkeypatch.setattr("lakestream.opening._SYSCALL", None)
    if kernel == "does neither":
        monkeypatch.setattr("lakestream.store._KERNEL_TELLS", False)
    root = tmp_path / "root"
    (root / "in").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (root / "in" / "file").write_text("fine")
    (root / "out").symlink_to(tmp_path)
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "fine").symlink_to(root / "in")
    (root / "nowhere").symlink_to(tmp_path / "none")
    (root / "within").symlink_to(root / "none")
    (root / "round").symlink_to(root / "round")
    os.mkfifo(root / "pipe")
    store = LocalStore(root)
    assert store.get("fine/file", 9) == b"fine"
    for key in ("out/secret", "link", "pipe", "in", "nowhere"):
        with pytest.raises(lakestream.InvalidKeyError):
            store.get(key, 99)
    for key in ("within", "none", "in/file/x"):
        with pytest.raises(lakestream.ObjectNotFoundError):
            store.get(key, 99)
    with pytest.raises(lakestream.StoreError):
        store.get("round", 99)
    assert not open_below(tmp_path)
    with pytest.raises(lakestream.InvalidKeyError):
        store.list("out/")


# Mutations: valid objects, changed in one or several places and sealed anew.

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, 1, 63, 64, 2**31, 2**53 - 1, 2**53]),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["../x", "/", "arrow", "parquet", "\ud800", "0" * 64, UUID, KEY]),
    st.lists(st.integers(0, 3), max_size=5),
    st.dictionaries(st.sampled_from(["name", "type", "a"]), st.integers(), max_size=2),
)


def places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in list(items):
        found.append((value, name))
        if isinstance(inner, dict | list):
            found += places(inner)
    return found


def mutated(data: st.DataObject, good: bytes) -> bytes:
    head, _, rest = good.partition(b"\n")
    members = json.loads(head)
    del members["crc32c"]
    for _ in range(data.draw(st.integers(1, 3))):
        found = places(members)
        holder, name = found[data.draw(st.integers(0, len(found) - 1))]
        if data.draw(st.booleans()) and isinstance(holder, dict):
            del holder[name]
        else:
            holder[name] = data.draw(JUNK)
        if not members:
            return seal({"x": 1}) + rest
    text = json.dumps(members, separators=(",", ":")).encode()
    return seal_text(text) + rest


@pytest.fixture(scope="module")
def objects(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, tuple[bytes, Callable[[bytes], Any]]]:
    root = tmp_path_factory.mktemp("stream")
    writer = build(root, steps=2, segmented=True)
    build_key = next(root.glob("data/**/*.json"))
    entry = json.loads((root / "log" / f"{1:020d}.json").read_bytes())
    ref = entry["segments"][0]
    segment = log.SegmentRef(
        *(ref[n] for n in ("key", "bytes", "sha256", "steps", "rows", "tokens"))
    )
    refs = write_snapshot(writer, levels=2)
    id_ = writer.id
    found: dict[str, tuple[bytes, Callable[[bytes], Any]]] = {
        "stream": ((root / "stream.json").read_bytes(), log.decode_stream),
        "opening": (
            (root / "log" / f"{0:020d}.json").read_bytes(),
            lambda data: log.decode_entry(data, 0),
        ),
        "commit": (
            build_key.read_bytes(),
            lambda data: log.decode_commit_segment(
                data,
                log.SegmentRef(segment.key, 1 << 20, "", 2, 16, 16),
                id_,
                log.ProducerStamp("p", 1, 1),
                1,
            ),
        ),
        "root": (
            (root / "snapshots" / f"{writer.version:020d}.json").read_bytes(),
            lambda data: snapshot.decode_root(data, writer.version, id_),
        ),
    }
    for kind, decode in (
        ("node", snapshot.decode_node),
        ("steps", snapshot.decode_commits),
        ("producers", snapshot.decode_producers),
        ("keys", snapshot.decode_keys),
    ):
        members = refs[kind]
        if kind in ("node", "steps"):
            its: Any = StepsRef(
                members["key"], 1 << 20, "", members["height"], (0, 0, 0), (*members["covered"],)
            )
        else:
            first, last = members["first"].encode(), members["last"].encode()
            its = snapshot.Ref(members["key"], 1 << 20, "", kind, first, last, members["count"])
        found[kind] = (
            (root / members["key"]).read_bytes(),
            lambda data, decode=decode, its=its: decode(its, data, id_),
        )
    inline = tmp_path_factory.mktemp("inline")
    build(inline, steps=2, state="x", idempotence="k")
    found["entry"] = (
        (inline / "log" / f"{1:020d}.json").read_bytes(),
        lambda data: log.decode_entry(data, 1),
    )
    return found


NAMES = ["stream", "opening", "entry", "commit", "root", "node", "steps", "producers", "keys"]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=150, deadline=None, database=None)
@given(data=st.data())
def test_mutated_json_raises_nothing_else(
    objects: dict[str, tuple[bytes, Callable[[bytes], Any]]], name: str, data: st.DataObject
) -> None:
    good, decode = objects[name]
    decode(good)
    with contextlib.suppress(ALLOWED):
        decode(mutated(data, good))


DESCRIBED = Bundle(KEY, 1 << 20, 0, 2, 4, 1, 64, 64)


@settings(max_examples=300, deadline=None, database=None)
@given(
    st.lists(st.tuples(st.integers(0, 95), st.integers(0, 255)), min_size=1, max_size=4),
    st.booleans(),
)
def test_mutated_directories_raise_nothing_else(
    changes: list[tuple[int, int]], resealed: bool
) -> None:
    cells = [encode_cell(slot_pieces(range(2), 1, per_document=True)[0])] * 2
    directory, _ = encode_directory(cells, [2, 2], [2, 2], 0, 0, UUID)
    run = bytearray(directory + b"".join(cells))
    for at, value in changes:
        run[at] = value
    if resealed:
        crc = crc32c(bytes(run[:28]) + bytes(4) + bytes(run[32:96]))
        run[28:32] = struct.pack("<I", crc)
    try:
        entries = bundle.decode_directory(DESCRIBED, 0, 0, memoryview(run))
    except lakestream.CorruptObjectError:
        return
    assert sum(entry.length for entry in entries) == len(run) - 128


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
@settings(max_examples=400, deadline=None, database=None)
@given(data=st.data())
def test_mutated_cells_never_lead_outside(compression: str | None, data: st.DataObject) -> None:
    """Cells whose checksum matches but whose content lies: refused, or sound to the last value."""
    good = encode_cell(slot_pieces(range(3), 1, per_document=True)[0], compression)
    cell = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(cell) - 8))
        if data.draw(st.booleans()):
            cell[at] = data.draw(st.integers(0, 255))
        else:
            value = data.draw(st.sampled_from([-1, 0, 1, 64, 2**31 - 1, 2**31, 2**62, -(2**63)]))
            struct.pack_into("<q", cell, at // 8 * 8, value)
    layout = layout_of(arrow_schema())
    buffer = pa.py_buffer(bytes(cell))
    try:
        batch = decode_cell(buffer, 3, layout)
    except (ValueError, OSError, pa.ArrowException):
        return
    batch.validate(full=True)
    batch.to_pylist()
    assert batch.num_rows == 3
    if compression is None:
        for array in batch.columns:
            for part in filter(None, array.buffers()):
                if part.size:
                    assert buffer.address <= part.address
                    assert part.address + part.size <= buffer.address + buffer.size


FIXED_WIDTH = pa.schema(
    [
        pa.field("x", pa.int64(), nullable=False),
        pa.field("y", pa.list_(pa.field("item", pa.float32(), nullable=False), 4), nullable=False),
        pa.field("z", pa.struct([pa.field("a", pa.bool_())])),
    ]
)


@settings(max_examples=400, deadline=None, database=None)
@given(data=st.data())
def test_a_decoder_that_knows_a_sound_cell_lets_nothing_else_pass(data: st.DataObject) -> None:
    """What it takes for known is what would have passed all checks, and everything else has to."""
    rows: list[Any] = [{"x": n, "y": [n] * 4, "z": {"a": n > 1}} for n in range(3)]
    if data.draw(st.booleans()):
        rows[1]["z"] = None
    good = encode_cell(pa.RecordBatch.from_pylist(rows, schema=FIXED_WIDTH))
    decoder = CellDecoder(layout_of(FIXED_WIDTH))
    assert decoder.decode(OpenRange(pa.py_buffer(good)), 0, len(good), 3).to_pylist() == rows
    cell = bytearray(good)
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(cell) // 8 - 1))
        value = data.draw(st.sampled_from([-1, 0, 1, 3, 64, 2**31, 2**62, -(2**63)]))
        struct.pack_into("<q", cell, at * 8, value)
    buffer = pa.py_buffer(bytes(cell))
    try:
        want = decode_cell(buffer, 3, decoder.layout)
    except (ValueError, OSError, pa.ArrowException):
        with pytest.raises((ValueError, OSError, pa.ArrowException)):
            decoder.decode(OpenRange(buffer), 0, len(cell), 3)
        return
    got = decoder.decode(OpenRange(buffer), 0, len(cell), 3)
    got.validate(full=True)
    assert got.schema == want.schema
    assert [[b and b.to_pybytes() for b in column.buffers()] for column in got.columns] == [
        [b and b.to_pybytes() for b in column.buffers()] for column in want.columns
    ]


@pytest.mark.parametrize(
    ("schema", "rows", "known"),
    [
        (FIXED_WIDTH, [{"x": 1, "y": [0] * 4, "z": {"a": True}}], True),
        (FIXED_WIDTH, [{"x": 1, "y": [0] * 4, "z": None}], False),
        (FIXED_WIDTH, [{"x": 1, "y": [0] * 4, "z": {"a": None}}], False),
        (pa.schema([pa.field("s", pa.utf8())]), [{"s": "x"}], False),
        (pa.schema([pa.field("l", pa.list_(pa.int8()))]), [{"l": [1]}], False),
        (pa.schema([pa.field("t", pa.time32("s"))]), [{"t": time(0, 0, 5)}], False),
    ],
)
def test_only_where_no_value_matters_is_a_message_known(
    monkeypatch: pytest.MonkeyPatch, schema: pa.Schema, rows: list[Any], known: bool
) -> None:
    cell = encode_cell(pa.RecordBatch.from_pylist(rows, schema=schema))
    decoder = CellDecoder(layout_of(schema))
    opened = OpenRange(pa.py_buffer(cell))
    decoder.decode(opened, 0, len(cell), 1)
    checked: list[int] = []
    check = cell_module._decode  # noqa: SLF001

    def watched(*arguments: Any) -> Any:
        checked.append(1)
        return check(*arguments)

    monkeypatch.setattr(cell_module, "_decode", watched)
    assert decoder.decode(opened, 0, len(cell), 1).to_pylist() == rows
    assert bool(checked) != known


def test_compressed_cells_that_claim_too_much_are_refused() -> None:
    cell = bytearray(encode_cell(slot_pieces(range(3), 1, per_document=True)[0], "zstd"))
    start = 8 + struct.unpack_from("<i", cell, 4)[0]
    struct.pack_into("<q", cell, start, 1 << 40)
    with pytest.raises(ValueError, match="it expands to"):
        decode_cell(pa.py_buffer(bytes(cell)), 3, layout_of(arrow_schema()))


def test_cell_of_another_schema_is_refused() -> None:
    other = pa.schema([pa.field("x", pa.int64(), nullable=False)])
    cell = encode_cell(pa.RecordBatch.from_pydict({"x": [1, 2]}, schema=other))
    with pytest.raises(ValueError, match="parts where the schema has"):
        decode_cell(pa.py_buffer(cell), 2, layout_of(arrow_schema()))


def test_nulls_where_none_may_be_are_refused() -> None:
    nullable = pa.schema([pa.field("x", pa.int64())])
    cell = encode_cell(pa.RecordBatch.from_pydict({"x": [1, None]}, schema=nullable))
    strict = pa.schema([pa.field("x", pa.int64(), nullable=False)])
    decode_cell(pa.py_buffer(cell), 2, layout_of(nullable))
    with pytest.raises(ValueError, match="not nullable has nulls"):
        decode_cell(pa.py_buffer(cell), 2, layout_of(strict))
