# SPDX-License-Identifier: Apache-2.0
"""The golden streams that both languages read: `golden/good` and `golden/bad`."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

import lakestream
from lakestream.digest import row_digests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ERRORS: dict[str, type[lakestream.LakestreamError]] = {
    "corrupt": lakestream.CorruptObjectError,
    "unsupported": lakestream.UnsupportedFeatureError,
    "trimmed": lakestream.TrimmedStepError,
    "not-found": lakestream.ObjectNotFoundError,
}


def histories(repository: Path, kind: str) -> Iterator[tuple[Path, Any]]:
    """The streams of a kind and what is expected of each. There must be some."""
    if not (repository / "golden").exists():
        pytest.skip("there are no golden streams yet")
    folders = sorted((repository / "golden" / kind).iterdir())
    assert folders
    for folder in folders:
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        yield folder / "stream", expected


def rows_digest(stream: lakestream.Stream) -> str:
    """SHA-256 over the digests of all rows, in order, each with a line feed."""
    total = hashlib.sha256()
    for _, batch in stream.reader(deadline=0):
        for digest in row_digests(batch):
            total.update(f"{digest}\n".encode())
    return total.hexdigest()


def state_of(stream: lakestream.Stream) -> dict[str, Any]:
    """What both languages compare after the fold."""
    state = stream.state
    return {
        "version": state.version,
        "digest": state.digest,
        "next_step": state.next_step,
        "rows": state.rows,
        "tokens": state.tokens,
        "first_readable": state.first_readable,
        "sealed": state.sealed,
        "voids": sorted(stream.voids),
    }


def test_good_histories_are_read_alike(repository: Path) -> None:
    for root, expected in histories(repository, "good"):
        stream = lakestream.open(str(root))
        actual = state_of(stream) | {"rows_digest": rows_digest(stream)}
        for name, value in actual.items():
            if name in expected:
                assert value == expected[name], f"{root}: {name}"


def test_bad_histories_are_refused_alike(repository: Path) -> None:
    for root, expected in histories(repository, "bad"):
        with pytest.raises(ERRORS[expected["error"]]) as caught:
            list(lakestream.open(str(root)).reader(deadline=0))
        assert getattr(caught.value, "key", None) == expected["object"], str(root)
