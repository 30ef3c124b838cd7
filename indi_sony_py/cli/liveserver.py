"""Live view for a browser of this computer: a page, a stream of JPEGs, the newest picture, the numbers (sockets).

Rules kept here:

- The loopback address alone, and names of it alone: what a camera sees is nobody else's, and a page of the internet in
  the same browser cannot read it by another name for this computer.
- Each one who looks has a thread and gets the newest picture, never a queue; one that takes nothing is let go of.
- It ends with the command: streams end, threads are waited for by nobody.
"""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import ClassVar

from indi_sony_py.texts import tool

__all__ = ["LiveServer"]

_HOST = "127.0.0.1"
_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_BOUNDARY = "picture"
_STUCK_S = 10.0
_MOST = 16
_PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{background:#111;color:#c66;font:1.1em sans-serif;margin:1em}}img{{width:100%;max-width:75em}}</style>
<img src="stream" alt=""><p id="told"></p>
<script>
const told = document.getElementById("told");
const ask = () => fetch("status.json").then(a => a.json()).then(a => {{ told.textContent = a.text; }})
  .catch(() => {{ told.textContent = {over}; }});
ask();
setInterval(ask, 500);
</script></html>
"""


class _Shelf:
    """The newest picture, for all threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._data = b""
        self._number = 0
        self._told = b"{}"
        self.over = False

    def put(self, data: bytes) -> None:
        with self._changed:
            self._data, self._number = data, self._number + 1
            self._changed.notify_all()

    def tell(self, told: bytes) -> None:
        self._told = told

    @property
    def told(self) -> bytes:
        return self._told

    def newer(self, number: int) -> tuple[int, bytes] | None:
        """The picture after `number`, as soon as it is there; None where none came in time, or none will."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > number or self.over, _STUCK_S)
            return (self._number, self._data) if self._number > number and not self.over else None

    def end(self) -> None:
        with self._changed:
            self.over = True
            self._changed.notify_all()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], shelf: _Shelf) -> None:
        super().__init__(address, _Viewer)
        self.shelf = shelf
        self.places = threading.BoundedSemaphore(_MOST)

    def server_bind(self) -> None:
        """Without the look-up of a name that the standard library does here: on a mountain nobody answers it."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = _HOST, self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Somebody closed the page in the middle of a picture: no fault of ours."""


class _Viewer(BaseHTTPRequestHandler):
    server: _Server
    timeout = _STUCK_S
    _WAYS: ClassVar[Mapping[str, str]] = {
        "/": "_page", "/stream": "_stream", "/frame.jpg": "_frame", "/status.json": "_status",
    }  # fmt: skip

    def do_GET(self) -> None:
        """One of the four."""
        name, colon, _ = (self.headers.get("Host") or "").rpartition(":")
        way = self._WAYS.get(self.path.partition("?")[0])
        if (name if colon else self.headers.get("Host")) not in _NAMES:
            self.send_error(HTTPStatus.FORBIDDEN)
        elif way is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif not self.server.places.acquire(blocking=False):
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            try:
                getattr(self, way)()
            finally:
                self.server.places.release()

    def log_message(self, *_: object) -> None:
        """Nothing: standard error is the command's."""

    def _answer(self, kind: str, data: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def _page(self) -> None:
        page = _PAGE.format(title=html.escape(tool.LIVE_TITLE()), over=json.dumps(tool.LIVE_OVER()))
        self._answer("text/html; charset=utf-8", page.encode())

    def _status(self) -> None:
        self._answer("application/json", self.server.shelf.told)

    def _frame(self) -> None:
        found = self.server.shelf.newer(0)
        if found is None:
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self._answer("image/jpeg", found[1])

    def _stream(self) -> None:
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        number = 0
        while (found := self.server.shelf.newer(number)) is not None:
            number, data = found
            head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            self.wfile.write(head.encode() + data + b"\r\n")


class LiveServer:
    """Listens from its making on; use as a context manager. OSError where the port cannot be had; 0 is any free one."""

    def __init__(self, port: int) -> None:
        self._shelf = _Shelf()
        self._server = _Server((_HOST, port), self._shelf)
        self.port: int = self._server.server_address[1]
        self.url = f"http://{_HOST}:{self.port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="live pages", daemon=True)

    def __enter__(self) -> LiveServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._shelf.end()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def show(self, data: bytes) -> None:
        """The newest picture."""
        self._shelf.put(data)

    def tell(self, words: str, data: Mapping[str, object]) -> None:
        """The newest numbers."""
        self._shelf.tell(json.dumps({"text": words, **data}).encode())
