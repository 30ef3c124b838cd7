"""The control socket of the simulated cameras (does I/O): lines in, lines out, to any number of clients."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable
from pathlib import Path

from indi_sony_py.sim.listener import Listener

__all__ = ["Console"]

_LINE = 64 * 1024


class Console:
    """Each line is handed to `handler`, its answer is sent as a line."""

    def __init__(self, path: Path, handler: Callable[[str], str], selector: selectors.BaseSelector) -> None:
        self._handler = handler
        self._selector = selector
        self._clients: dict[socket.socket, bytearray] = {}
        self._listener = Listener(path, self._accept, selector)

    def close(self) -> None:
        for client in list(self._clients):
            self._drop(client)
        self._listener.close()

    def _accept(self, client: socket.socket) -> None:
        # An answer is one short line: a client that does not read it within a second is dropped.
        client.settimeout(1.0)
        self._clients[client] = bytearray()
        self._selector.register(client, selectors.EVENT_READ, lambda _: self._on_ready(client))

    def _on_ready(self, client: socket.socket) -> None:
        inbox = self._clients.get(client)
        if inbox is None:
            return
        try:
            data = client.recv(_LINE)
            inbox += data
            *lines, rest = inbox.split(b"\n")
            inbox[:] = rest
            for line in lines:
                if line.strip():
                    client.sendall(self._handler(line.decode(errors="replace")).encode() + b"\n")
        except OSError:
            data = b""
        if not data or len(inbox) > _LINE:
            self._drop(client)

    def _drop(self, client: socket.socket) -> None:
        del self._clients[client]
        self._selector.unregister(client)
        client.close()
