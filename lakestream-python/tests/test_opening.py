# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from lakestream.opening import open_linkless

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a call of Linux")


def read(path: Path) -> bytes | None:
    descriptor = open_linkless(os.fsencode(path))
    if descriptor is None:
        return None
    try:
        return os.read(descriptor, 99)
    finally:
        os.close(descriptor)


def test_a_file_is_opened_to_be_read_and_by_this_process_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("fine")
    assert read(tmp_path / "file") == b"fine"
    descriptor = open_linkless(os.fsencode(tmp_path / "file"))
    assert descriptor is not None
    try:
        assert not os.get_inheritable(descriptor)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(descriptor, b"x")
    finally:
        os.close(descriptor)


def test_no_link_is_followed_wherever_it_stands_and_leads(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("fine")
    (tmp_path / "absolute").symlink_to(tmp_path / "folder")
    (tmp_path / "relative").symlink_to("folder")
    (tmp_path / "last").symlink_to("folder/file")
    assert read(tmp_path / "folder" / "file") == b"fine"
    for path in ("absolute/file", "relative/file", "last"):
        assert (tmp_path / path).read_text() == "fine"
        assert read(tmp_path / path) is None
    open_file = os.open(tmp_path / "folder" / "file", os.O_RDONLY)
    try:
        assert read(Path(f"/proc/self/fd/{open_file}")) is None
    finally:
        os.close(open_file)


def test_what_is_not_there_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("fine")
    for path in ("none", "file/x", "x" * 300):
        assert read(tmp_path / path) is None


def test_a_pipe_that_nobody_writes_to_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    descriptor = open_linkless(os.fsencode(tmp_path / "pipe"))
    assert descriptor is not None
    try:
        assert stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    finally:
        os.close(descriptor)
