# SPDX-License-Identifier: Apache-2.0
"""What was in a step, as pyarrow tables.

For whoever asks what came in step 41,207, where the loss jumped:

    told = lakestream.explain("/data/web", 41_207, dp_rank=3, dp_size=64)
    told.facts["producer"], told.facts["state_before"]
    told.rows.to_pandas()
    lakestream.diff("/data/web", (0, 1000), (41_000, 42_000)).sources

The same is told by `lakestream explain` and `lakestream diff` in a shell.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lakestream import fold, keys, snapshot
from lakestream.bundle import step_digest
from lakestream.errors import CorruptObjectError, ObjectNotFoundError
from lakestream.log import decode_entry, decode_stream
from lakestream.sealed import LARGE_LIMIT, SMALL_LIMIT, digest_of
from lakestream.sequence import cut_of, pieces_needed
from lakestream.stream import Stream
from lakestream.tables import STEPS, check_step, columns, open_slots, opened, step_row, table
from lakestream.topology import Split, Topology

if TYPE_CHECKING:
    from lakestream.cursor import Cursor
    from lakestream.fold import State
    from lakestream.log import Entry
    from lakestream.snapshot import Commit
    from lakestream.steps import Bundle, StepPlace
    from lakestream.store import ObjectStore

_BUNDLES = columns(
    {
        "key": pa.utf8(),
        "bytes": pa.int64(),
        "schema": pa.int32(),
        "steps": pa.int32(),
        "slots": pa.int32(),
        "pieces": pa.int32(),
    }
)
_SLOTS = columns(
    {"slot": pa.int32(), "rows": pa.int64(), "tokens": pa.int64(), "digest": pa.utf8()}
)
_CELLS = columns(
    {
        "slot": pa.int32(),
        "piece": pa.int32(),
        "bundle": pa.utf8(),
        "bundle_slot": pa.int32(),
        "bundle_step": pa.int32(),
        "offset": pa.int64(),
        "bytes": pa.int64(),
        "rows": pa.int64(),
        "tokens": pa.int64(),
        "crc32c": pa.utf8(),
    }
)
_SKIPS = columns({"rules": pa.int64(), "from": pa.int64(), "to": pa.int64(), "reason": pa.utf8()})


@dataclass(frozen=True)
class Explanation:
    """What can be told of a step.

    Attributes:
        facts: what there is one of: the row of `steps`, the stream that the step is of
            (`from_stream`), the commit (`entry_digest`, `first_step`, and `id`, `idempotence`,
            `repeat`, `attachments` while its entry is there), the producer's `state_before` and
            `state_after` (None where the log does not reach back so far), whether it is
            `delivered` under the rules.
        cursor: the cursor with which a run goes on at this step.
        steps: a table with one row, the step.
        bundles: those that it has cells in.
        slots: rows, tokens and digest of each slot, or of each slot of the rank.
        cells: where the bytes lie that the rank reads.
        skips: the skips that cover the step, with the rules version that each needs.
        rows: the first rows as the rank gets them, with the slot of each as `_slot`.
    """

    facts: dict[str, Any]
    cursor: Cursor
    steps: pa.Table
    bundles: pa.Table
    slots: pa.Table
    cells: pa.Table
    skips: pa.Table
    rows: pa.Table


def explain(
    stream: Stream | str,
    step: int,
    *,
    dp_rank: int = 0,
    dp_size: int = 1,
    cp_rank: int = 0,
    cp_size: int = 1,
    split: Split = "contiguous",
    rules: int = -1,
    rows: int = 3,
) -> Explanation:
    """Tells what was in a visible step, and which part of it a rank got.

    Takes the rank's share of the step's bundles, or all of it: where the store does not map its
    objects, as S3, that is fetched.

    Raises `IndexError` for a step that is not committed, `TrimmedStepError` for one that was
    trimmed, `TopologyError` if the topology does not divide it, `ValueError` for other nonsense.
    """
    stream = opened(stream)
    check_step(stream, step)
    if not -1 <= rules <= stream.version:
        raise ValueError(f"rules version {rules}: must be -1 to {stream.version}")
    if rows < 0:
        raise ValueError(f"{rows} rows")
    topology = Topology(dp_rank, dp_size, cp_rank, cp_size, split)
    commit, place = stream.place(step)
    slots = topology.slots(step, place.slots)
    covering = [skip for skip in stream.state.skips if skip.start <= step < skip.stop]
    skips = [
        {"rules": skip.version, "from": skip.start, "to": skip.stop, "reason": skip.reason}
        for skip in covering
    ]
    facts = step_row(step, commit, place)
    facts |= _commit_facts(_home(stream, step), commit)
    facts["delivered"] = all(skip.version > rules for skip in covering)
    runs = list(open_slots(stream, step, place, slots))
    if len(slots) == place.slots:
        facts["digest_fits"] = step_digest(run.digest() for run in runs) == facts["digest"]
    pieces = pieces_needed(
        cut_of(topology, stream.schema.boundaries),
        place.pieces,
        stream.schema_of(place.schema, place.cells[0][0].key).boundaries,
    )
    bundles = {bundle.key: bundle for bundle, _ in place.cells}
    return Explanation(
        facts,
        stream.cursor_at(step, rules),
        table([step_row(step, commit, place)], STEPS),
        table([_bundle(bundle) for bundle in bundles.values()], _BUNDLES),
        table([run.summary() for run in runs], _SLOTS),
        table([cell for run in runs for cell in run.cells(pieces)], _CELLS),
        table(skips, _SKIPS),
        _first_rows(stream, step, place, slots, topology, rows),
    )


def _bundle(bundle: Bundle) -> dict[str, Any]:
    return {
        "key": bundle.key,
        "bytes": bundle.size,
        "schema": bundle.schema,
        "steps": bundle.steps,
        "slots": bundle.slots,
        "pieces": bundle.pieces,
    }


def _first_rows(
    stream: Stream, step: int, place: StepPlace, slots: range, topology: Topology, limit: int
) -> pa.Table:
    """The first rows, slot by slot, so that no more is fetched than they need."""
    found: list[pa.Table] = []
    left = limit
    for slot in slots:
        if left == 0 and found:
            break
        reader = stream.reader(
            dp_rank=slot,
            dp_size=place.slots,
            cp_rank=topology.cp_rank,
            cp_size=topology.cp_size,
            split=topology.split,
            start_step=step,
            prefetch_bytes=0,
            deadline=0,
        )
        batch = next(iter(reader.steps())).batches[0].slice(0, left)
        left -= batch.num_rows
        numbers = pa.array([slot] * batch.num_rows, pa.int32())
        found.append(pa.Table.from_batches([batch]).add_column(0, "_slot", numbers))
    return pa.concat_tables(found)


def _home(stream: Stream, step: int) -> Stream:
    """The stream that committed a step: for a fork perhaps an ancestor."""
    store = stream.home(step)
    return stream if store is stream.store else Stream(store)


def _commit_facts(home: Stream, commit: Commit) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "from_stream": home.id,
        "entry": keys.log_entry(commit.version),
        "entry_digest": commit.digest,
        "first_step": commit.first_step,
        "steps": commit.steps,
        "entry_is_there": False,
        "state_before": None,
        "state_after": _state_now(home, commit),
    }
    try:
        data = home.store.get(keys.log_entry(commit.version), SMALL_LIMIT)
    except ObjectNotFoundError:
        return facts
    if digest_of(data) != commit.digest:
        problem = f"its digest is {digest_of(data)}, the index says {commit.digest}"
        raise CorruptObjectError(keys.log_entry(commit.version), problem)
    entry = decode_entry(data, commit.version)
    before = _state_before(home.store, entry)
    after = entry.state if entry.state is not None else before
    return facts | {
        "entry_is_there": True,
        "id": entry.id,
        "idempotence": entry.idempotence,
        "repeat": (entry.repeat.start, entry.repeat.stop) if entry.repeat else None,
        "attachments": [attachment.name for attachment in entry.attachments],
        "state_before": before,
        "state_after": facts["state_after"] if after is None else after,
    }


def _state_now(home: Stream, commit: Commit) -> str | None:
    """What the producer says now, if it has not committed since."""
    for producer in home.producers():
        if commit.producer and producer.id == commit.producer.id:
            return (producer.state or "") if producer.version == commit.version else None
    return None


def _state_before(store: ObjectStore, entry: Entry) -> str | None:
    """The producer's state before an entry, from the newest snapshot below it.

    None if a vacuum has removed what that would need.
    """
    if entry.producer is None:
        return None
    with suppress(ObjectNotFoundError, CorruptObjectError):
        state = _root_below(store, entry.version)
        while state.version < entry.version - 1:
            key = keys.log_entry(state.version + 1)
            fold.apply(state, decode_entry(store.get(key, SMALL_LIMIT), state.version + 1))
        if state.digest == entry.prev:
            producer = state.producer(entry.producer.id)
            return (producer.state or "") if producer else ""
    return None


def _root_below(store: ObjectStore, version: int) -> State:
    """The state of the newest sound root below a version; that before the log if there is none."""
    identity = decode_stream(store.get(keys.STREAM, SMALL_LIMIT))
    listed = (keys.version_of(key, keys.SNAPSHOTS) for key in store.list(keys.SNAPSHOTS, ""))
    below = sorted(found for found in listed if found is not None and found < version)
    for root in reversed(below):
        with suppress(ObjectNotFoundError, CorruptObjectError):
            data = store.get(keys.snapshot(root), LARGE_LIMIT)
            decoded = snapshot.decode_root(data, root, identity.id)
            snapshot.attach_tables(decoded, snapshot.Segments(store, identity.id))
            return decoded.state
    return fold.initial(identity)
