# SPDX-License-Identifier: Apache-2.0
"""Which entries are valid, void or malformed, as the format lists it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

import lakestream
from lakestream.store_s3 import S3Store
from writer import Json, StreamWriter, column, list_of, seal, seal_text

if TYPE_CHECKING:
    from pathlib import Path

OTHER = "00000000-0000-4000-8000-000000000000"
FIELDS = [column("tokens", list_of("int32")), column("x", "int64", nullable=True)]
DIGEST = "ab" * 32


def record(rows: int = 10, **more: Any) -> Json:
    return {"rows": rows, "tokens": 2 * rows, "digest": DIGEST, **more}


def descriptor(key: str, **changes: Any) -> Json:
    members: Json = {
        "key": key,
        "bytes": 4096,
        "format": "arrow",
        "schema": 0,
        "steps": 2,
        "slots": 4,
        "pieces": 1,
        "runs": {"base": 64, "stride": 128},
    }
    return {name: value for name, value in (members | changes).items() if value is not None}


@pytest.fixture
def writer(tmp_path: Path) -> StreamWriter:
    """A stream with one commit of two steps by p, an attachment, and a closed producer q."""
    writer = StreamWriter(tmp_path).create(FIELDS, ["tokens"]).open("p").open("q")
    key = writer.data_key()
    kept = writer.data_key()
    writer.commit(
        [descriptor(key)],
        [{"bundle": 0, "steps": [record(), record()]}],
        state="offset 7",
        idempotence="day-1",
        attachments=[{"name": "rest-0", "bundle": descriptor(kept)}],
    )
    writer.act({"type": "retire", "producer": "q", "epoch": 1})
    return writer


def commit(writer: StreamWriter, **changes: Any) -> Json:
    """A valid continuation of p with two steps, changed."""
    members: Json = {
        "producer": {"id": "p", "epoch": 1, "sequence": 2},
        "bundles": [descriptor(writer.data_key())],
        "steps": [{"bundle": 0, "steps": [record(), record()]}],
    }
    return writer.entry(**(members | changes))


def kept_key(writer: StreamWriter) -> str:
    return lakestream.open(str(writer.root)).state.producers["p"].attachments[0].bundle.key


def with_key(key: str) -> Any:
    return lambda writer: commit(writer, bundles=[descriptor(key)])


def acting(*actions: Json, **members: Any) -> Any:
    return lambda writer: writer.entry(actions=list(actions), **members)


def schema(**changes: Any) -> Json:
    fields = [*FIELDS, column("_source", "utf8", nullable=True)]
    return {"type": "schema", "id": 1, "fields": fields, "sequence": ["tokens"], **changes}


def segment_ref(key: str, **changes: Any) -> Json:
    return {"key": key, "bytes": 9, "sha256": DIGEST, "steps": 3, "rows": 5, "tokens": 6, **changes}


UUID = "3f0a1111-2222-4333-8444-555566667777"
VALID = {
    "commit": commit,
    "nothing at all": lambda w: w.entry(),
    "opening": lambda w: w.entry(producer={"id": "p", "epoch": 2, "sequence": 0}),
    "opening of a new one": lambda w: w.entry(producer={"id": "n", "epoch": 1, "sequence": 0}),
    "opening after retiring": lambda w: w.entry(producer={"id": "q", "epoch": 2, "sequence": 0}),
    "opening with empty lists": lambda w: w.entry(
        producer={"id": "p", "epoch": 2, "sequence": 0}, bundles=[], steps=[], attachments=[]
    ),
    "attachment used": lambda w: commit(w, bundles=[descriptor(kept_key(w))]),
    "segments": lambda w: commit(
        w, bundles=None, steps=None, segments=[segment_ref(w.data_key(suffix="json"))]
    ),
    "later": lambda w: commit(w, time=w.time + 1),
    "another key": lambda w: commit(w, idempotence="day-2"),
    "skip": acting({"type": "skip", "from": 0, "to": 2, "reason": ""}),
    "intent": acting({"type": "intent", "to": 2}),
    "intent and trim": acting({"type": "intent", "to": 2}, {"type": "trim", "to": 1, "intent": 4}),
    "intent and cancel": acting({"type": "intent", "to": 2}, {"type": "cancel", "intent": 4}),
    "seal": acting({"type": "seal"}),
    "schema": acting(schema()),
    "defaults": acting({"type": "defaults", "slots": 8, "pieces": 2}),
    "retire": acting({"type": "retire", "producer": "p", "epoch": 1}),
    "retire again": acting({"type": "retire", "producer": "q", "epoch": 1}),
    "skip of its own steps": lambda w: commit(
        w, actions=[{"type": "skip", "from": 2, "to": 4, "reason": "x"}]
    ),
    "unknown members": lambda w: commit(w, later=[-1.5e9, None, {"x": True}]),
    "group with an empty list": lambda w: commit(
        w, steps=[{"bundle": 0, "cells": [], "steps": [record(), record()]}]
    ),
    "runs with an empty list": lambda w: commit(
        w,
        bundles=[
            descriptor(w.data_key(), runs={"base": 64, "stride": 64, "starts": []}),
        ],
    ),
    "struct without fields": acting(
        schema(fields=[*FIELDS, column("y", {"name": "struct"}, nullable=True)])
    ),
}
VOID = {
    "time goes back": lambda w: commit(w, time=w.time - 1),
    "first step": lambda w: commit(w, first_step=1),
    "first row": lambda w: commit(w, first_row=21),
    "first token": lambda w: commit(w, first_token=0),
    "old epoch opened": lambda w: w.entry(producer={"id": "p", "epoch": 1, "sequence": 0}),
    "epoch left out": lambda w: w.entry(producer={"id": "p", "epoch": 3, "sequence": 0}),
    "new one not at 1": lambda w: w.entry(producer={"id": "n", "epoch": 2, "sequence": 0}),
    "opening with state": lambda w: w.entry(
        producer={"id": "p", "epoch": 2, "sequence": 0}, state=""
    ),
    "opening with key": lambda w: w.entry(
        producer={"id": "p", "epoch": 2, "sequence": 0}, idempotence="x"
    ),
    "unknown producer": lambda w: w.entry(producer={"id": "n", "epoch": 1, "sequence": 1}),
    "retired producer": lambda w: w.entry(producer={"id": "q", "epoch": 1, "sequence": 1}),
    "wrong epoch": lambda w: w.entry(producer={"id": "p", "epoch": 2, "sequence": 2}),
    "sequence again": lambda w: w.entry(producer={"id": "p", "epoch": 1, "sequence": 1}),
    "sequence left out": lambda w: w.entry(producer={"id": "p", "epoch": 1, "sequence": 3}),
    "key taken": lambda w: commit(w, idempotence="day-1"),
    "unknown schema": lambda w: commit(w, bundles=[descriptor(w.data_key(), schema=1)]),
    "schema of the same entry": lambda w: commit(
        w, bundles=[descriptor(w.data_key(), schema=1)], actions=[schema()]
    ),
    "other producer's key": with_key(f"data/3f/q/1/{UUID}.arrow"),
    "other epoch's key": with_key(f"data/3f/p/2/{UUID}.arrow"),
    "wrong spread": with_key(f"data/3e/p/1/{UUID}.arrow"),
    "wrong suffix": with_key(f"data/3f/p/1/{UUID}.json"),
    "key elsewhere": with_key("log/00000000000000000000.json"),
    "epoch with zeros": with_key(f"data/3f/p/01/{UUID}.arrow"),
    "key twice": lambda w: commit(w, bundles=[descriptor(f"data/3f/p/1/{UUID}.arrow")] * 2),
    "foreign attachment": lambda w: commit(
        w, attachments=[{"name": "a", "bundle": descriptor(f"data/3f/q/1/{UUID}.arrow")}]
    ),
    "foreign segment": lambda w: commit(
        w, bundles=None, steps=None, segments=[segment_ref(f"data/3f/q/1/{UUID}.json")]
    ),
    "skip of nothing": acting({"type": "skip", "from": 1, "to": 1, "reason": ""}),
    "skip beyond the tail": acting({"type": "skip", "from": 1, "to": 3, "reason": ""}),
    "intent beyond the tail": acting({"type": "intent", "to": 3}),
    "trim without intent": acting({"type": "trim", "to": 1, "intent": 3}),
    "trim above intent": acting(
        {"type": "intent", "to": 1}, {"type": "trim", "to": 2, "intent": 4}
    ),
    "trim after cancel": acting(
        {"type": "intent", "to": 2},
        {"type": "cancel", "intent": 4},
        {"type": "trim", "to": 2, "intent": 4},
    ),
    "cancel of nothing": acting({"type": "cancel", "intent": 4}),
    "seal twice": acting({"type": "seal"}, {"type": "seal"}),
    "schema id": acting(schema(id=2)),
    "schema without a field": acting(schema(fields=FIELDS[:1])),
    "schema with a filled field": acting(schema(fields=[*FIELDS, column("y", "int8")])),
    "schema with another type": acting(
        schema(fields=[FIELDS[0], column("x", "int32", nullable=True)])
    ),
    "schema with another sequence": acting(schema(sequence=[])),
    "retire of nobody": acting({"type": "retire", "producer": "n", "epoch": 1}),
    "retire of another epoch": acting({"type": "retire", "producer": "p", "epoch": 2}),
    "one bad action of two": acting({"type": "seal"}, {"type": "cancel", "intent": 1}),
}


def group(**changes: Any) -> Any:
    def entry(writer: StreamWriter) -> Json:
        members = {"bundle": 0, "steps": [record(), record()]} | changes
        steps = {name: value for name, value in members.items() if value is not None}
        return commit(writer, steps=[steps])

    return entry


def cells(*items: Any, records: int = 1) -> Any:
    return group(bundle=None, cells=list(items), steps=[record()] * records)


def bundle(**changes: Any) -> Any:
    return lambda w: commit(w, bundles=[descriptor(w.data_key(), **changes)])


def changed_record(**changes: Any) -> Any:
    return group(steps=[record(**changes), record()])


def changed_schema(*fields: Json, **changes: Any) -> Any:
    return acting(schema(fields=[*FIELDS, *fields], **changes))


def nested(depth: int) -> Json:
    type_: Json = {"name": "int8"}
    for _ in range(depth):
        type_ = {"name": "list", "item": column("item", type_)}
    return column("deep", type_, nullable=True)


MALFORMED = {
    "version": lambda w: w.entry(version=7),
    "chain": lambda w: w.entry(prev=DIGEST),
    "no id": lambda w: w.entry(id=None),
    "id": lambda w: w.entry(id=OTHER.replace("-", "")),
    "negative": lambda w: w.entry(time=-1),
    "fraction": lambda w: w.entry(time=w.time + 0.5),
    "too large": lambda w: w.entry(time=2**53),
    "very large": lambda w: w.entry(time=10**400),
    "boolean": lambda w: w.entry(time=True),
    "null": lambda w: w.entry(actions=[None]),
    "state without producer": lambda w: w.entry(state="x"),
    "state too large": lambda w: commit(w, state="é" * 2049),
    "lone surrogate": lambda w: commit(w, state="\\ud800"),
    "name": lambda w: w.entry(producer={"id": "-x", "epoch": 1, "sequence": 0}),
    "empty key": lambda w: commit(w, idempotence=""),
    "too many attachments": lambda w: commit(
        w, attachments=[{"name": "a", "bundle": descriptor(w.data_key())}] * 1025
    ),
    "key outside": with_key("../x"),
    "key inside of dots": with_key("data/../../x"),
    "key absolute": with_key("/etc/passwd"),
    "key without a name": with_key(""),
    "key with an empty segment": with_key("data//x"),
    "key with a hidden segment": with_key("data/.x"),
    "key of many segments": with_key("/".join("x" * 33)),
    "key too long": with_key("x/" * 600 + "x"),
    "key with NUL": with_key("data/\\u0000"),
    "format": bundle(format="orc"),
    "format of a feature": bundle(format="parquet"),
    "no slots": bundle(slots=0),
    "slots": bundle(slots=65_537),
    "pieces": bundle(pieces=1025),
    "runs": bundle(slots=65_536, pieces=17),
    "bundle steps": bundle(steps=65_537),
    "bundle bytes": bundle(bytes=2**43 + 1),
    "base": bundle(runs={"base": 0, "stride": 64}),
    "base unaligned": bundle(runs={"base": 96, "stride": 64}),
    "stride": bundle(runs={"base": 64, "stride": 0}),
    "runs beyond the end": bundle(runs={"base": 64, "stride": 1024}),
    "runs overflow": bundle(runs={"base": 64, "stride": 2**52}),
    "starts too few": bundle(runs={"starts": [64, 128, 192, 256]}),
    "starts fall": bundle(runs={"starts": [64, 128, 128, 256, 320]}),
    "starts beyond the end": bundle(runs={"starts": [64, 128, 192, 256, 8192]}),
    "starts of text": bundle(runs={"starts": "abcde"}),
    "runs of nothing": bundle(runs={}),
    "no such bundle": group(bundle=1),
    "records": group(steps=[record()]),
    "bundle and cells": group(cells=[[0, 0, 1, 0]]),
    "neither": group(bundle=None),
    "cell too short": cells([0, 0, 1]),
    "cell of text": cells("abcd"),
    "cell bundle": cells([1, 0, 1, 0]),
    "cell slots": cells([0, 3, 2, 0]),
    "cell step": cells([0, 0, 1, 2]),
    "no slot at all": cells([0, 0, 0, 0]),
    "no slot of one": cells([0, 0, 1, 0], [0, 1, 0, 0]),
    "no cells": cells(),
    "totals": lambda w: w.entry(
        first_row=2**53 - 1,
        producer={"id": "p", "epoch": 1, "sequence": 2},
        bundles=[descriptor(w.data_key())],
        steps=[{"bundle": 0, "steps": [record(), record()]}],
    ),
    "two records": cells([0, 0, 1, 0], records=2),
    "cells of two schemas": lambda w: commit(
        w,
        bundles=[descriptor(w.data_key()), descriptor(w.data_key(), pieces=2)],
        steps=[{"cells": [[0, 0, 1, 0], [1, 0, 1, 0]], "steps": [record()]}],
    ),
    "digest": changed_record(digest="AB" * 32),
    "tags": changed_record(tags=["x"] * 33),
    "tag": changed_record(tags=["x" * 65]),
    "sources": changed_record(sources={str(n): 1 for n in range(257)}),
    "source": changed_record(sources={"x" * 129: 1}),
    "source count": changed_record(sources={"x": "1"}),
    "attributes": changed_record(attributes={"a": "é" * 2048}),
    "attribute": changed_record(attributes={"a": 1}),
    "segments and bundles": lambda w: commit(w, segments=[segment_ref(w.data_key(suffix="json"))]),
    "commit too long": lambda w: commit(
        w,
        bundles=None,
        steps=None,
        segments=[segment_ref(w.data_key(suffix="json"), steps=1_048_577)],
    ),
    "segment too large": lambda w: commit(
        w, bundles=None, steps=None, segments=[segment_ref(w.data_key(suffix="json"), bytes=2**25)]
    ),
    "rows of segments": lambda w: commit(
        w,
        bundles=None,
        steps=None,
        segments=[segment_ref(w.data_key(suffix="json"), rows=2**53 - 1) for _ in "ab"],
    ),
    "rows of steps": group(steps=[record(2**53 - 1), record(1)]),
    "slots and pieces of a step": lambda w: commit(
        w,
        bundles=[
            descriptor(
                w.data_key(),
                slots=1024,
                pieces=1024,
                bytes=2**40,
                runs={"base": 64, "stride": 64},
            )
        ],
        steps=[{"cells": [[0, 0, 1024, 0], [0, 0, 1, 0]], "steps": [record()]}],
    ),
    "actions": acting(*[{"type": "defaults", "slots": 1, "pieces": 1}] * 1025),
    "schema id": acting(schema(id=2**31)),
    "schema of a bundle": bundle(schema=2**31),
    "requirements": lambda w: w.entry(requires=["x"] * 65),
    "requirement": lambda w: w.entry(requires=["x" * 65]),
    "action type": acting({"type": "x" * 65}),
    "time zone": changed_schema(
        column("y", {"name": "timestamp", "unit": "s", "timezone": "x" * 65}, nullable=True)
    ),
    "boundaries too long": changed_schema(boundaries="x" * 256),
    "empty schema": acting(schema(fields=[])),
    "reason": acting({"type": "skip", "from": 0, "to": 1, "reason": "x" * 1025}),
    "skip without reason": acting({"type": "skip", "from": 0, "to": 1}),
    "action without type": acting({"to": 1}),
    "reserved column": changed_schema(column("_x", "int8", nullable=True)),
    "source not utf8": changed_schema(column("_source", "int8", nullable=True)),
    "same name": changed_schema(column("x", "int8", nullable=True)),
    "unknown type": changed_schema(column("y", "int7", nullable=True)),
    "too deep": changed_schema(nested(16)),
    "nullable sequence": changed_schema(sequence=["x"]),
    "absent boundaries": changed_schema(boundaries="y"),
    "boundaries of another type": changed_schema(boundaries="x"),
    "decimal": changed_schema(
        column("y", {"name": "decimal128", "precision": 39, "scale": 0}, nullable=True)
    ),
    "decimal scale": changed_schema(
        column("y", {"name": "decimal128", "precision": 5, "scale": 6}, nullable=True)
    ),
    "list size": changed_schema(column("y", list_of("int8", size=0), nullable=True)),
    "list size overflow": changed_schema(column("y", list_of("int8", size=2**40), nullable=True)),
    "unit": changed_schema(column("y", {"name": "time32", "unit": "ns"}, nullable=True)),
}


@pytest.mark.parametrize("case", VALID)
def test_valid(writer: StreamWriter, case: str) -> None:
    version = writer.append(VALID[case](writer))
    stream = lakestream.open(str(writer.root))
    assert stream.version == version
    assert stream.voids == {}


def test_minus_zero_is_zero(writer: StreamWriter) -> None:
    skip = {"type": "skip", "from": 0, "to": 1, "reason": ""}
    text = seal(writer.entry(actions=[skip])).replace(b'"from":0', b'"from":-0')
    writer.append_bytes(seal_text(text[:-22] + b"}"))
    stream = lakestream.open(str(writer.root))
    assert stream.voids == {}
    assert stream.skips(stream.version)[-1].start == 0


@pytest.mark.parametrize("case", VOID)
def test_void(writer: StreamWriter, case: str) -> None:
    before = lakestream.open(str(writer.root)).state
    version = writer.append(VOID[case](writer))
    stream = lakestream.open(str(writer.root))
    assert list(stream.voids) == [version]
    for name in ("time", "next_step", "rows", "tokens", "producers", "keys", "schemas", "intent"):
        assert getattr(stream.state, name) == getattr(before, name)
    assert writer.append(writer.entry()) == version + 1
    assert stream.refresh()
    assert list(stream.voids) == [version]


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed(writer: StreamWriter, case: str) -> None:
    data = seal(MALFORMED[case](writer)).replace(b"\\\\u", b"\\u")
    version = writer.append_bytes(seal_text(data[:-22] + b"}"))
    with pytest.raises(lakestream.CorruptObjectError) as caught:
        lakestream.open(str(writer.root))
    assert caught.value.key == f"log/{version:020d}.json"


@pytest.mark.parametrize(
    "entry",
    [
        lambda w: w.entry(requires=["time-travel"], bundles=17),
        acting({"type": "rename"}),
    ],
)
def test_unsupported(writer: StreamWriter, entry: Any) -> None:
    writer.append(entry(writer))
    with pytest.raises(lakestream.UnsupportedFeatureError):
        lakestream.open(str(writer.root))


def test_sealed_streams_take_no_steps_but_trims(writer: StreamWriter) -> None:
    writer.act({"type": "seal"})
    writer.append(commit(writer))
    writer.append(writer.entry(actions=[schema()]))
    writer.append(writer.entry(actions=[{"type": "defaults", "slots": 1, "pieces": 1}]))
    intent = writer.act({"type": "intent", "to": 1})
    writer.act({"type": "trim", "to": 1, "intent": intent})
    stream = lakestream.open(str(writer.root))
    assert list(stream.voids) == [5, 6, 7]
    assert (stream.first_readable, stream.sealed) == (1, True)


def test_applying_moves_producer_state_and_attachments(writer: StreamWriter) -> None:
    state = lakestream.open(str(writer.root)).state
    assert (state.next_step, state.rows, state.tokens) == (2, 20, 40)
    assert state.keys == {"day-1": 2}
    producer = state.producers["p"]
    assert (producer.epoch, producer.sequence, producer.state) == (1, 1, "offset 7")
    writer.open("p")
    producer = lakestream.open(str(writer.root)).state.producers["p"]
    assert (producer.epoch, producer.sequence, producer.state) == (2, 0, "offset 7")
    assert [attachment.name for attachment in producer.attachments] == ["rest-0"]
    writer.append(writer.entry(producer=writer.stamp("p")))
    producer = lakestream.open(str(writer.root)).state.producers["p"]
    assert (producer.state, producer.attachments) == ("offset 7", ())


def test_newer_format_is_refused(tmp_path: Path) -> None:
    StreamWriter(tmp_path).create(FIELDS, lakestream=2)
    with pytest.raises(
        lakestream.UnsupportedFeatureError, match="format version 2; the newest known is 1"
    ):
        lakestream.open(str(tmp_path))


def test_without_an_endpoint_s3_is_the_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert "bucket" in repr(S3Store("s3://bucket/x")._here().client)  # noqa: SLF001


def test_unknown_scheme_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'gs' is not supported"):
        lakestream.open("gs://bucket/x")
    with pytest.raises(lakestream.ObjectNotFoundError):
        lakestream.open(str(tmp_path / uuid.uuid4().hex))
