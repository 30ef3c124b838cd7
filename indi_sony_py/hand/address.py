"""Where a camera's hand listens: an abstract Unix socket, and who may talk on it (does I/O: sockets).

Rules kept here:

- One name for one user and one place on the bus. Binding it is the lock: of two that want to start a hand, one can.
- An abstract name has no file and so no permissions: both sides ask the kernel for the other's user (SO_PEERCRED).
"""

from __future__ import annotations

import errno
import os
import socket
import struct

from indi_sony_py import texts
from indi_sony_py.errors import OutsideError
from indi_sony_py.hand.places import safe_name

__all__ = ["bind", "connect", "name_of", "peer_is_us"]

_UCRED = struct.Struct("3i")


def name_of(key: str, uid: int | None = None) -> bytes:
    """The abstract name for the camera at `key`, below 108 bytes."""
    return b"\0indi_sony_py/%d/%s" % (os.getuid() if uid is None else uid, safe_name(key).encode())


def bind(key: str) -> socket.socket | None:
    """A listening socket for `key`, or None when somebody listens there already."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        listener.bind(name_of(key))
        listener.listen(8)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            return None
        raise OutsideError(texts.driver.NO_SOCKET, reason=error.strerror) from error
    return listener


def connect(key: str) -> socket.socket | None:
    """A socket that is connected to the hand for `key`; None when there is none, or it belongs to another user."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        sock.setblocking(False)
        sock.connect(name_of(key))
        if peer_is_us(sock):
            return sock
    except OSError:
        pass
    sock.close()
    return None


def peer_is_us(sock: socket.socket) -> bool:
    """Whether the other side runs as the same user. Root's own processes are no exception."""
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    return bool(_UCRED.unpack(raw)[1] == os.getuid())
