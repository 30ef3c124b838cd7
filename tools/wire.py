"""A client that speaks bare XML: for clients that misbehave, and what the library hides. Talks to a server."""

from __future__ import annotations

import array
import binascii
import os
import socket
import time
from pathlib import Path
from xml.sax.saxutils import quoteattr

from tools.processes import Late
from tools.rig import DEVICE

__all__ = ["Wire", "blobs", "enable_blob", "new_vector"]

_PIECE = 1 << 16
_MOST_FDS = 16


def new_vector(kind: str, device: str, name: str, **elements: str | float) -> bytes:
    """A `newNumberVector` (kind "Number"), `newSwitchVector` or `newTextVector`."""
    inside = "".join(f"<one{kind} name={quoteattr(key)}>{value}</one{kind}>" for key, value in elements.items())
    return f"<new{kind}Vector device={quoteattr(device)} name={quoteattr(name)}>{inside}</new{kind}Vector>".encode()


def enable_blob(how: str, element: str = "", device: str = DEVICE) -> bytes:
    """`how` is Never, Also or Only; `element`: for one property."""
    name = f" name={quoteattr(element)}" if element else ""
    return f"<enableBLOB device={quoteattr(device)}{name}>{how}</enableBLOB>".encode()


def blobs(received: bytes | bytearray) -> list[bytes]:
    """The contents of all inline BLOBs that came whole; those beside the text, or empty, are left out."""
    found = []
    with memoryview(received) as view:
        start = 0
        while (end := received.find(b"</oneBLOB>", start)) >= 0:
            begin = received.find(b">", received.rfind(b"<oneBLOB", start, end)) + 1
            if begin < end:
                found.append(binascii.a2b_base64(view[begin:end]))
            start = end + 1
    return found


class Wire:
    """One connection, to a TCP port of this machine or the server's Unix socket; `received` holds all that came so far.

    `fds` are the descriptors that came beside it (Unix sockets only). Use as a context manager.
    """

    def __init__(self, place: int | Path, buffer: int | None = None) -> None:
        self._socket = socket.socket(socket.AF_INET if isinstance(place, int) else socket.AF_UNIX)
        if buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        # The server's socket has a name outside the file system.
        self._socket.connect(("127.0.0.1", place) if isinstance(place, int) else b"\0" + os.fsencode(place))
        self.received = bytearray()
        self.fds: list[int] = []

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()
        self.forget_fds()

    def forget_fds(self) -> None:
        while self.fds:
            os.close(self.fds.pop())

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def get_properties(self) -> None:
        self.send(b'<getProperties version="1.7"/>')

    def until(self, wanted: bytes | tuple[bytes, ...], limit_s: float, start: int = 0) -> int:
        """Reads until `wanted`, or one of several, came after position `start`; its place. Raises `Late`."""
        deadline = time.monotonic() + limit_s
        names = (wanted,) if isinstance(wanted, bytes) else wanted
        longest = max(map(len, names))
        while (place := self._place(names, start)) < 0:
            start = max(start, len(self.received) - longest)
            left = deadline - time.monotonic()
            if left <= 0:
                raise Late(f"no {wanted!r} within {limit_s} s; the end of what came: {bytes(self.received[-2000:])!r}")
            self._socket.settimeout(left)
            try:
                data = self._receive()
            except TimeoutError:
                continue
            if not data:
                raise Late(f"the server closed before {wanted!r}")
            self.received += data
        return place

    def _place(self, names: tuple[bytes, ...], start: int) -> int:
        return min((at for name in names if (at := self.received.find(name, start)) >= 0), default=-1)

    def forget(self) -> None:
        """What was read is read: a night has more frames than memory."""
        self.received.clear()

    def closed_within(self, limit_s: float) -> bool:
        """Whether the server ends this connection; what still comes is read, and not kept."""
        deadline = time.monotonic() + limit_s
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                if not self._socket.recv(_PIECE):
                    return True
            except TimeoutError:
                break
            except ConnectionResetError:
                return True
        return False

    def _receive(self) -> bytes:
        if self._socket.family != socket.AF_UNIX:
            return self._socket.recv(_PIECE)
        handles = array.array("i")
        data, beside, _, _ = self._socket.recvmsg(_PIECE, socket.CMSG_SPACE(_MOST_FDS * handles.itemsize))
        for level, kind, content in beside:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                handles.frombytes(content[: len(content) - len(content) % handles.itemsize])
        self.fds += handles
        return data
