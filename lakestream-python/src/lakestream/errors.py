# SPDX-License-Identifier: Apache-2.0
"""Errors, named by what the caller may do next.

Everything that this package raises about a stream is a `LakestreamError`. No decoder lets any
other exception out, whatever bytes it is given.
"""

from __future__ import annotations


class LakestreamError(Exception):
    """Base of all errors about a stream, its objects and the way it is read."""


class CorruptObjectError(LakestreamError):
    """An object is torn, damaged, hostile, or breaks a rule of the format.

    Reading again does not help. `key` names the object, `problem` what is wrong with it.
    """

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key} is corrupt: {problem}")
        self.key = key
        self.problem = problem


class UnsupportedFeatureError(LakestreamError):
    """An object needs something that this version of the reader does not know. Upgrade it."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key} cannot be read by this version: {problem}")
        self.key = key
        self.problem = problem


class ObjectNotFoundError(LakestreamError):
    """There is no object under this key."""

    def __init__(self, key: str, where: str) -> None:
        super().__init__(f"{key} does not exist in {where}")
        self.key = key


class StoreError(LakestreamError):
    """The store refused or failed; reading again may help."""


class InvalidKeyError(LakestreamError):
    """A key that is not allowed, or that leads outside of the stream's root."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"the key {key[:200]!r} is refused: {problem}")
        self.key = key


class StepTimeoutError(LakestreamError, TimeoutError):
    """A step was not committed within the deadline. The reader's cursor is unchanged."""


class TrimmedStepError(LakestreamError):
    """A step was trimmed and is not readable any more."""

    def __init__(self, step: int, first_readable: int) -> None:
        super().__init__(f"step {step} was trimmed: the first readable step is {first_readable}")
        self.step = step
        self.first_readable = first_readable


class PinError(LakestreamError):
    """The steps of a checkpoint cannot be kept; it must not be relied on."""


class CursorMismatchError(LakestreamError):
    """A cursor does not belong to this stream, or to this history of it."""


class TopologyError(LakestreamError, ValueError):
    """A step cannot be divided the way the topology asks. Choose another one."""
