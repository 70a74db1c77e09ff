# SPDX-License-Identifier: Apache-2.0
"""Streams in S3: a real server, which each run of these tests starts, and faults on the wire."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import socket
import subprocess
from itertools import islice
from typing import TYPE_CHECKING

import pytest

import lakestream
from java_build import needs_java
from lakestream.errors import (
    CorruptObjectError,
    InvalidKeyError,
    LakestreamError,
    ObjectNotFoundError,
    StoreError,
)
from lakestream.store_s3 import S3Store
from s3_server import BUCKET, SECRET, Endpoints, started, upload, use
from streams import build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STEPS = 6

pytestmark = needs_java


@pytest.fixture(scope="module")
def server() -> Iterator[Endpoints]:
    with started() as endpoints:
        yield endpoints


@pytest.fixture(autouse=True)
def environment(server: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    use(server.clean, monkeypatch)


@pytest.fixture(scope="module")
def content() -> bytes:
    return bytes(range(256)) * (4 << 10) * 20 + b"the end"


@pytest.fixture
def store(server: Endpoints, content: bytes, tmp_path: Path) -> S3Store:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "large").write_bytes(content)
    (tmp_path / "data" / "empty").write_bytes(b"")
    upload(server, tmp_path, "store")
    return S3Store(f"s3://{BUCKET}/store")


def test_reads_whole_objects(store: S3Store, content: bytes) -> None:
    assert store.get("data/large", len(content)) == content
    assert store.get("data/empty", 10) == b""
    with pytest.raises(CorruptObjectError, match="exceed"):
        store.get("data/large", len(content) - 1)
    with pytest.raises(ObjectNotFoundError, match="data/none"):
        store.get("data/none", 10)


def test_reads_ranges_in_parallel_into_aligned_memory(store: S3Store, content: bytes) -> None:
    for start, length in ((0, len(content)), (64, 17 << 20), (1, 3), (len(content) - 1, 1)):
        buffer = store.map("data/large", start, length)
        assert buffer.address % 64 == 0
        assert buffer.to_pybytes() == content[start : start + length]
    assert store.get_range("data/large", 5, 0) == b""
    for start, length in ((len(content), 1), (0, len(content) + 1), (1 << 40, 1), (0, 1 << 40)):
        with pytest.raises(CorruptObjectError):
            store.map("data/large", start, length)
    with pytest.raises(ObjectNotFoundError):
        store.map("data/none", 0, 1)


def test_heads_and_lists(store: S3Store, content: bytes) -> None:
    assert store.head("data/large") == len(content)
    with pytest.raises(ObjectNotFoundError):
        store.head("data/none")
    assert store.list("data/") == ["data/empty", "data/large"]
    assert store.list("data/", "data/empty") == ["data/large"]
    assert store.list("none/") == []


def test_no_key_leads_outside(store: S3Store) -> None:
    for key in ("../x", "/x", "a//b", ".tmp/x"):
        with pytest.raises(InvalidKeyError):
            store.get(key, 10)
    for uri in ("s3://", "s3://b/../x", "s3://user:pass@b/x", "s3://b/x?y", "s3://b/.x"):
        with pytest.raises(ValueError, match="s3://bucket/prefix"):
            S3Store(uri)


def test_it_goes_to_other_processes(store: S3Store, content: bytes) -> None:
    store.head("data/large")
    copy = pickle.loads(pickle.dumps(store))
    assert copy.get("data/large", len(content)) == content


def test_a_stream_reads_as_from_a_directory(server: Endpoints, tmp_path: Path) -> None:
    build(tmp_path, steps=STEPS)
    upload(server, tmp_path, "stream")
    local = lakestream.open(str(tmp_path)).reader().steps()
    remote = lakestream.open(f"s3://{BUCKET}/stream").reader().steps()
    for expected, seen in islice(zip(local, remote, strict=True), STEPS):
        assert seen.step == expected.step
        assert seen.batches == expected.batches


def test_faults_on_the_wire_reach_nobody(
    server: Endpoints, store: S3Store, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.faulty)
    faulty = S3Store(store.root)
    for _ in range(15):
        assert faulty.map("data/large", 0, len(content)).to_pybytes() == content
        assert faulty.get("data/large", len(content)) == content
        assert faulty.head("data/large") == len(content)
        assert faulty.list("data/") == ["data/empty", "data/large"]


def test_puts_if_absent_puts_and_deletes(
    server: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, endpoint in enumerate((server.clean, *[server.faulty] * 5)):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        store = S3Store(f"s3://{BUCKET}/written-{number}")
        created = store.put_if_absent("pins/a", b"first")
        assert created or endpoint == server.faulty, "an attempt of ours may have come first"
        assert not store.put_if_absent("pins/a", b"second")
        assert store.get("pins/a", 10) == b"first"
        store.put("pins/a", b"third")
        assert store.get("pins/a", 10) == b"third"
        store.delete("pins/a")
        store.delete("pins/a")
        with pytest.raises(ObjectNotFoundError):
            store.get("pins/a", 10)


def test_a_child_of_a_process_that_used_s3_can_use_it(store: S3Store, content: bytes) -> None:
    assert store.head("data/large") == len(content)
    for _ in range(2):
        child = os.fork()
        if child == 0:
            same = store.map("data/large", 0, len(content)).to_pybytes() == content
            missing = False
            try:
                store.get("data/none", 10)
            except ObjectNotFoundError:
                missing = True
            grandchild = os.fork()
            if grandchild == 0:
                os._exit(0 if store.list("data/") == ["data/empty", "data/large"] else 1)
            last = os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1])
            os._exit(0 if same and missing and last == 0 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.get("data/large", len(content)) == content


def error_of(uri: str) -> str:
    with pytest.raises(LakestreamError) as caught:
        S3Store(uri).get("log/x", 10)
    text = str(caught.value)
    assert SECRET not in text
    assert "lakestream-test-key" not in text
    assert isinstance(caught.value, StoreError)
    return text


def test_errors_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "bucket does not exist" in error_of("s3://no-such-bucket/x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    assert "AWS_SECRET_ACCESS_KEY" in error_of(f"s3://{BUCKET}/x")


def test_an_endpoint_that_is_down_is_an_error_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert "AWS_ENDPOINT_URL" in error_of(f"s3://{BUCKET}/x")


def keytool(*arguments: str) -> None:
    subprocess.run(["keytool", *arguments], check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("keytool") is None, reason="needs a JDK's keytool")
def test_tls_with_a_certificate_that_nobody_else_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, password = str(tmp_path / "server.p12"), "for-this-test"
    of_store = ("-keystore", store, "-storepass", password, "-alias", "server")
    keytool("-genkeypair", *of_store, "-keyalg", "EC", "-dname", "CN=127.0.0.1",
            "-ext", "san=ip:127.0.0.1", "-storetype", "PKCS12")  # fmt: skip
    certificate = tmp_path / "server.pem"
    keytool("-exportcert", *of_store, "-rfc", "-file", str(certificate))
    with started(store, password) as secure:
        assert secure.clean.startswith("https://")
        monkeypatch.setenv("AWS_ENDPOINT_URL", secure.clean)
        assert "AWS_CA_BUNDLE" in error_of(f"s3://{BUCKET}/x")
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
        with pytest.raises(ObjectNotFoundError, match="log/x"):
            S3Store(f"s3://{BUCKET}/x").get("log/x", 10)


needs_command_line = pytest.mark.skipif(
    os.environ.get("LAKESTREAM_BUILD") != "never", reason="needs the packaged command line"
)


def run(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the packaged command line."""
    return subprocess.run(
        [str(repository / "bin" / "lakestream"), *arguments],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


@needs_command_line
def test_the_demo_proves_itself_on_s3(
    server: Endpoints, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark, the command line, Java and Python ranks, all by the option."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    result = run(
        repository,
        "demo",
        "--json",
        f"--root=s3://{BUCKET}/demo",
        f"--store=s3.endpoint={server.clean}",
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert json.loads(result.stdout)["exactly_once"] is True


@needs_command_line
def test_every_row_is_accounted_for_after_torture_on_a_faulty_wire(
    repository: Path, tmp_path: Path
) -> None:
    """Real processes, killed at random, all of whose requests pass a proxy that breaks some.

    Longer: `bin/lakestream torture --root s3://… --wire-faults 0.03 --pause 2 --minutes 30`.
    """
    result = run(
        repository,
        "torture",
        "--json",
        "--minutes=0.8",
        "--pause=2",
        "--producers=3",
        "--readers=4",
        "--python-readers=2",
        "--wire-faults=0.03",
        f"--root=s3://{BUCKET}/torture",
        f"--folder={tmp_path}",
    )
    assert result.stdout, result.stderr
    report = json.loads(result.stdout)
    assert report["faults"] == []
    assert result.returncode == 0, result.stderr
    assert report["accounted_for"] is True
    assert report["acknowledged_commits"] > 5
    assert report["rows"] > 100
    for fault in ("lost_response", "reset", "half_body", "wrong_length", "stall", "slow_down"):
        assert report[f"wire_{fault}"] > 0, "the wire breaks in each way"
    assert report["producers_killed"] + report["readers_killed"] > 2
    verified = run(repository, "verify", report["uri"], "--json")
    assert json.loads(verified.stdout)["faults"] == []
