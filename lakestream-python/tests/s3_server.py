# SPDX-License-Identifier: Apache-2.0
"""A real S3 server for tests, in a process of its own."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import obstore
from obstore.store import S3Store as Client

from java_build import CLASS_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

BUCKET = "lakestream-test"
SECRET = "lakestream-test-secret"


class Endpoints(NamedTuple):
    """Where the server is, and where it is reached with faults on the way."""

    clean: str
    faulty: str


@contextmanager
def started(*arguments: str) -> Iterator[Endpoints]:
    """A server in a process of its own."""
    with subprocess.Popen(
        [
            "java",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            CLASS_PATH.read_text().strip(),
            "dev.lakestream.testing.s3.S3Server",
            *arguments,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield Endpoints(process.stdout.readline().strip(), process.stdout.readline().strip())
        process.stdin.close()
        process.wait(30)


def use(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has this process, and those that it starts, take `endpoint` for S3."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "lakestream-test-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", "us-east-1")


def upload(server: Endpoints, folder: Path, prefix: str) -> None:
    client = Client(
        BUCKET, prefix=prefix, endpoint=server.clean, client_options={"allow_http": True}
    )
    for file in folder.rglob("*"):
        if file.is_file():
            obstore.put(client, file.relative_to(folder).as_posix(), file.read_bytes())
