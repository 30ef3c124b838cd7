"""A client that speaks bare XML over TCP: for clients that misbehave, and what the library hides. Talks to a server."""

from __future__ import annotations

import socket
import time
from xml.sax.saxutils import quoteattr

from tools.processes import Late

__all__ = ["Wire", "new_vector"]


def new_vector(kind: str, device: str, name: str, **elements: str | float) -> bytes:
    """A `newNumberVector` (kind "Number"), `newSwitchVector` or `newTextVector`."""
    inside = "".join(f"<one{kind} name={quoteattr(key)}>{value}</one{kind}>" for key, value in elements.items())
    return f"<new{kind}Vector device={quoteattr(device)} name={quoteattr(name)}>{inside}</new{kind}Vector>".encode()


class Wire:
    """One TCP connection; `received` holds all that came so far. Use as a context manager."""

    def __init__(self, port: int, buffer: int | None = None) -> None:
        self._socket = socket.socket()
        if buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._socket.connect(("127.0.0.1", port))
        self.received = bytearray()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def get_properties(self) -> None:
        self.send(b'<getProperties version="1.7"/>')

    def until(self, wanted: bytes, limit_s: float, start: int = 0) -> int:
        """Reads until `wanted` came after position `start`; its place. Raises `Late`."""
        deadline = time.monotonic() + limit_s
        while (place := self.received.find(wanted, start)) < 0:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Late(f"no {wanted!r} within {limit_s} s; the end of what came: {bytes(self.received[-2000:])!r}")
            self._socket.settimeout(left)
            try:
                data = self._socket.recv(1 << 16)
            except TimeoutError:
                continue
            if not data:
                raise Late(f"the server closed before {wanted!r}")
            self.received += data
        return place
