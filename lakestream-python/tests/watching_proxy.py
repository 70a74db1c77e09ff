# SPDX-License-Identifier: Apache-2.0
"""A proxy that tells which ranges were asked of a server, and can keep their answers back."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = re.compile(rb"GET (\S*/data/\S*) HTTP/1\.1\r\n")
_RANGE = re.compile(rb"\r\nrange: *bytes=(\S+)\r\n", re.IGNORECASE)


class WatchingProxy:
    """Stands before an HTTP server and remembers each range of a bundle that is asked for."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        assert parts.hostname is not None
        assert parts.port is not None
        self._upstream = parts.hostname, parts.port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.ranges: list[tuple[str, str]] = []
        self.asked = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.let_go.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Takes no more connections."""
        self.let_go.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._upstream)
                data = threading.Event()
                for pump in (self._requests, self._answers):
                    threading.Thread(target=pump, args=(client, server, data), daemon=True).start()

    def _requests(
        self, client: socket.socket, server: socket.socket, data: threading.Event
    ) -> None:
        seen = b""
        with suppress(OSError), client, server:
            while chunk := client.recv(1 << 16):
                seen += chunk
                *heads, seen = seen.split(b"\r\n\r\n")
                for head in heads:
                    self._note(head + b"\r\n", data)
                server.sendall(chunk)

    def _note(self, head: bytes, data: threading.Event) -> None:
        request, range_ = _HEAD.search(head), _RANGE.search(head)
        if request is not None and range_ is not None:
            self.ranges.append((request[1].decode(), range_[1].decode()))
            data.set()
            self.asked.release()
        else:
            data.clear()

    def _answers(self, client: socket.socket, server: socket.socket, data: threading.Event) -> None:
        with suppress(OSError), client, server:
            while chunk := server.recv(1 << 16):
                if data.is_set():
                    self.let_go.wait(60)
                client.sendall(chunk)


@contextmanager
def watching(upstream: str) -> Iterator[WatchingProxy]:
    """A proxy before `upstream` for as long as this lasts."""
    proxy = WatchingProxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()
