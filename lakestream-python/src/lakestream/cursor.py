# SPDX-License-Identifier: Apache-2.0
"""The cursor: what a trainer stores to go on later. It is one value, the same for all ranks."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lakestream.errors import CursorMismatchError
from lakestream.keys import is_digest, is_uuid
from lakestream.sealed import MAX_INTEGER, parse_strictly

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_DIGEST = "0" * 64
"""The digest before step 0, and of a step that was trimmed."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a run stands in a stream: it has consumed all steps before `next_step`.

    `rules` is the rules version under which it read, −1 for none. `chain` is the digest of the log
    entry that made the step before visible, `digest` that of this step: they prove on resumption
    that the history is still the same.
    """

    stream: str
    next_step: int
    rules: int
    chain: str
    digest: str

    def to_dict(self) -> dict[str, Any]:
        """As the members that the format gives it, for a checkpoint."""
        return asdict(self)

    def to_json(self) -> str:
        """As JSON text."""
        return json.dumps(self.to_dict(), separators=(",", ":"))

    @staticmethod
    def from_dict(members: Mapping[str, Any]) -> Cursor:
        """The cursor in `members`; `CursorMismatchError` if they are none."""
        stream, next_step = members.get("stream"), members.get("next_step")
        rules = members.get("rules")
        chain, digest = members.get("chain"), members.get("digest")
        if type(stream) is not str or not is_uuid(stream):
            raise CursorMismatchError(f"not a cursor: 'stream' is {stream!r:.100}, not a UUID")
        if type(next_step) is not int or not 0 <= next_step <= MAX_INTEGER:
            raise CursorMismatchError(f"not a cursor: 'next_step' is {next_step!r:.100}")
        if type(rules) is not int or not -1 <= rules <= MAX_INTEGER:
            raise CursorMismatchError(f"not a cursor: 'rules' is {rules!r:.100}")
        if type(chain) is not str or not is_digest(chain):
            raise CursorMismatchError("not a cursor: 'chain' is not a digest")
        if type(digest) is not str or not is_digest(digest):
            raise CursorMismatchError("not a cursor: 'digest' is not a digest")
        return Cursor(stream, next_step, rules, chain, digest)

    @staticmethod
    def from_json(text: str) -> Cursor:
        """The cursor in `text`; `CursorMismatchError` if there is none."""
        try:
            members = parse_strictly(text.encode(), int)
        except ValueError as error:
            raise CursorMismatchError(f"not a cursor: {error}") from None
        return Cursor.from_dict(members)
