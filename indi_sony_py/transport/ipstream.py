"""One TCP connection to a camera, with a deadline on each call (does I/O: sockets).

- Errors of sockets are ours from here on: what ended or was refused is `CameraGone`, what took too long `CameraSilent`.
- TCP_NODELAY: a command waits for no acknowledgement of an earlier one. What the camera does not acknowledge within
  `UNANSWERED_S` ends the connection, also when the network is gone without a word.
- A name is looked up in a thread of its own: the system's resolver knows no deadline.
"""

from __future__ import annotations

import errno
import select
import socket
import threading
from typing import Protocol

from indi_sony_py.clock import Deadline
from indi_sony_py.errors import CameraGone, CameraSilent
from indi_sony_py.texts import network as texts
from indi_sony_py.transport.ipaddress import NetworkPlace

__all__ = ["UNANSWERED_S", "SocketStream", "Stream", "dial"]

UNANSWERED_S = 20.0
_CONNECT_S = 5.0
_ADDRESSES = 4
_IN_PROGRESS = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN)
_BUFFER = 4 * 1024 * 1024


class Stream(Protocol):
    """A connection. One thread uses it."""

    def send(self, data: bytes, deadline: Deadline) -> None:
        """All of `data`. `CameraGone` when the connection has ended, `CameraSilent` when it is not taken in time."""

    def receive(self, most: int, deadline: Deadline) -> bytes:
        """What is there, at least one byte; b"" when nothing came by the deadline. `CameraGone` at its end."""

    def close(self) -> None:
        """Never raises; calling it again does nothing."""


class SocketStream:
    """`Stream` over a connected socket."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNANSWERED_S * 1000))
        self._socket = connected

    def send(self, data: bytes, deadline: Deadline) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._socket.send(view) :]
            except BlockingIOError:
                if not self._ready(select.POLLOUT, deadline):
                    raise CameraSilent(texts.TAKES_NOTHING) from None
            except OSError as error:
                raise _ended(error) from error

    def receive(self, most: int, deadline: Deadline) -> bytes:
        while True:
            try:
                data = self._socket.recv(most)
            except BlockingIOError:
                if not self._ready(select.POLLIN, deadline):
                    return b""
                continue
            except OSError as error:
                raise _ended(error) from error
            if not data:
                raise CameraGone(texts.CLOSED)
            return data

    def close(self) -> None:
        self._socket.close()

    def _ready(self, wanted: int, deadline: Deadline) -> bool:
        return _ready(self._socket, wanted, deadline)


def dial(place: NetworkPlace, deadline: Deadline) -> SocketStream:
    """Connect. `CameraGone` when nothing answers or the name is unknown, `CameraSilent` when it takes too long."""
    fault: OSError | None = None
    for family, address in _addresses(place, deadline):
        connection = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            _connect(connection, address, deadline.within(_CONNECT_S))
            return SocketStream(connection)
        except OSError as error:
            connection.close()
            fault = error
        except BaseException:
            connection.close()
            raise
    assert fault is not None
    raise CameraGone(texts.NOTHING_THERE, place=place, detail=fault.strerror or fault) from fault


def _connect(connection: socket.socket, address: tuple[object, ...], deadline: Deadline) -> None:
    connection.setblocking(False)
    code = connection.connect_ex(address)
    if code in _IN_PROGRESS:
        if not _ready(connection, select.POLLOUT, deadline):
            raise TimeoutError(errno.ETIMEDOUT, "no answer")
        code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, _name(code))


def _addresses(place: NetworkPlace, deadline: Deadline) -> list[tuple[socket.AddressFamily, tuple[object, ...]]]:
    found: list[tuple[socket.AddressFamily, tuple[object, ...]]] = []
    fault: list[OSError] = []

    def look_up() -> None:
        try:
            for family, _, _, _, address in socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM):
                found.append((family, address))
        except OSError as error:
            fault.append(error)

    thread = threading.Thread(target=look_up, name="look-up", daemon=True)
    thread.start()
    thread.join(deadline.remaining())
    if thread.is_alive():
        raise CameraSilent(texts.NAME_TAKES_LONG, host=place.host)
    if fault or not found:
        raise CameraGone(texts.NO_SUCH_NAME, host=place.host)
    return list(dict.fromkeys(found))[:_ADDRESSES]


def _ready(connection: socket.socket, wanted: int, deadline: Deadline) -> bool:
    poll = select.poll()
    poll.register(connection, wanted)
    return bool(poll.poll(max(0.0, deadline.remaining()) * 1000))


def _ended(error: OSError) -> CameraGone:
    return CameraGone(texts.BROKE_OFF, detail=error.strerror or error)


def _name(code: int) -> str:
    import os

    return os.strerror(code)
