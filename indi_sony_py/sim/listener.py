"""Listening sockets: a Unix one that owns its path, and a TCP one (does I/O).

A path that somebody listens at is never taken over, nor is anything that is no socket; a socket that was left behind is
replaced. At the end the path is removed, if it is still ours.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

__all__ = ["Listener", "listen_tcp"]


class Listener:
    """A listening socket that owns its path."""

    def __init__(self, path: Path, accept: Callable[[socket.socket], None], selector: selectors.BaseSelector) -> None:
        _clear_the_way(path)
        self._path = path
        self._accept = accept
        self._selector = selector
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.bind(os.fspath(path))
            self._inode = os.stat(path).st_ino
            self._socket.listen(16)
            self._socket.setblocking(False)
        except OSError as error:
            self._socket.close()
            # A socket's own errors do not name the path, and of one that is too long not even a number.
            raise OSError(error.errno or errno.ENAMETOOLONG, error.strerror or str(error), os.fspath(path)) from error
        selector.register(self._socket, selectors.EVENT_READ, self._on_ready)

    def close(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()
        with suppress(OSError):
            if os.stat(self._path).st_ino == self._inode:
                os.unlink(self._path)

    def _on_ready(self, mask: int) -> None:
        with suppress(BlockingIOError, ConnectionError):
            client, _ = self._socket.accept()
            self._accept(client)


def listen_tcp(host: str, port: int, backlog: int) -> socket.socket:
    """A TCP socket that listens and does not block; port 0 is any free one. OSError names the address."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(backlog)
    except OSError as error:
        listener.close()
        raise OSError(error.errno or errno.EADDRINUSE, error.strerror or str(error), f"tcp:{host}:{port}") from error
    listener.setblocking(False)
    return listener


def _clear_the_way(path: Path) -> None:
    """Remove a socket that nobody listens at. OSError EADDRINUSE, EEXIST when the path must not be taken."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise FileExistsError(errno.EEXIST, "something that is no socket is there", os.fspath(path))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            os.unlink(path)
            return
        except FileNotFoundError:
            return
        except OSError as error:
            raise OSError(errno.EADDRINUSE, f"somebody may listen there ({error})", os.fspath(path)) from error
    raise OSError(errno.EADDRINUSE, "another simulated camera listens there", os.fspath(path))
