# SPDX-License-Identifier: Apache-2.0
"""What a user is told when S3 says no: within seconds, what to do, and no credential."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from lakestream.errors import LakestreamError, ObjectNotFoundError, StoreError
from lakestream.store_s3 import S3Store

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "a-secret-of-this-test"
ACCESS_KEY = "an-access-key-of-this-test"
ROOT = "s3://bucket/stream"


class Answers(BaseHTTPRequestHandler):
    """Answers everything as the test wants, and repeats the credentials, as servers do."""

    status = 200
    code = ""
    requests = 0

    def do_GET(self) -> None:
        type(self).requests += 1
        body = (
            f"<Error><Code>{self.code}</Code><Message>{ACCESS_KEY}</Message>"
            f"<StringToSign>{SECRET}</StringToSign></Error>"
        ).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Answers]]:
    handler = type("TheseAnswers", (Answers,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        yield handler
        server.shutdown()


CONTENT = bytes(range(256)) * 256


class StallingAnswers(Answers):
    """Sends ranges of `CONTENT`; of the first answer only a half, and then nothing."""

    ranges: list[str]
    over: threading.Event

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.ranges.append(asked)
        first, last = (int(number) for number in asked.removeprefix("bytes=").split("-"))
        part = CONTENT[first : last + 1]
        self.send_response(206)
        self.send_header("Content-Length", str(len(part)))
        last = first + len(part) - 1
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(CONTENT)}")
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT")
        self.end_headers()
        if len(self.ranges) > 1:
            self.wfile.write(part)
        else:
            self.wfile.write(part[: len(part) // 2])
            self.wfile.flush()
            self.over.wait(60)


@pytest.mark.parametrize("whole", [True, False])
def test_a_body_that_stalls_is_asked_for_again(
    answers: type[Answers], monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """After two seconds; the client's time-out would take thirty."""
    over = threading.Event()
    ranges: list[str] = []
    monkeypatch.setattr(answers, "ranges", ranges, raising=False)
    monkeypatch.setattr(answers, "over", over, raising=False)
    monkeypatch.setattr(answers, "do_GET", StallingAnswers.do_GET)
    store = S3Store(ROOT)
    begin = time.monotonic()
    if whole:
        assert store.get("data/x", len(CONTENT)) == CONTENT
    else:
        assert store.map("data/x", 0, len(CONTENT)).to_pybytes() == CONTENT
    assert time.monotonic() - begin < 10
    assert len(ranges) == 2
    over.set()


def error_of(key: str = "log/x") -> str:
    begin = time.monotonic()
    with pytest.raises(LakestreamError) as caught:
        S3Store(ROOT).get(key, 10)
    assert time.monotonic() - begin < 20
    text = str(caught.value)
    assert SECRET not in text
    assert ACCESS_KEY not in text
    return text


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (403, "RequestTimeTooSkewed", "clock"),
        (403, "AccessDenied", "s3:GetObject"),
        (403, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
        (403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
        (400, "ExpiredToken", "renew"),
        (404, "NoSuchBucket", "bucket does not exist"),
        (301, "PermanentRedirect", "AWS_REGION"),
    ],
)
def test_what_is_refused_is_an_error_at_once(
    answers: type[Answers], status: int, code: str, advice: str
) -> None:
    answers.status, answers.code = status, code
    text = error_of()
    assert advice in text
    assert code in text
    assert answers.requests == 1, "asking again would not help"


def test_errors_that_stay_are_told_in_the_end(answers: type[Answers]) -> None:
    answers.status, answers.code = 503, "SlowDown"
    assert "SlowDown" in error_of()
    assert 1 < answers.requests <= 10


def test_a_key_that_vanished_is_named(answers: type[Answers]) -> None:
    answers.status, answers.code = 404, "NoSuchKey"
    with pytest.raises(ObjectNotFoundError, match="data/gone"):
        S3Store(ROOT).map("data/gone", 0, 10)


def test_an_empty_endpoint_counts_as_none(
    answers: type[Answers], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers.status, answers.code = 404, "NoSuchKey"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "")
    with pytest.raises(ObjectNotFoundError):
        S3Store(ROOT).get("log/x", 10)
    # AWS itself, which is not within reach of this test, or has no such bucket.
    monkeypatch.setenv("AWS_ENDPOINT_URL", " ")
    assert "the store (AWS)" in error_of() or "bucket" in error_of()
    assert answers.requests == 1


def test_a_bundle_of_certificates_that_is_not_there(
    answers: type[Answers], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers.status = 404
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such/file.pem")
    with pytest.raises(StoreError, match="AWS_CA_BUNDLE"):
        S3Store(ROOT).get("log/x", 10)
