"""A connected program's socket at the server's loop: it never blocks, and asks to be told when it may send on (I/O)."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable, MutableSequence

__all__ = ["Stream"]

_RECEIVE = 256 * 1024
_BUFFERS = 64


class Stream:
    """`on_ready` is called with the selector's mask."""

    def __init__(
        self, client: socket.socket, selector: selectors.BaseSelector, on_ready: Callable[[int], None]
    ) -> None:
        client.setblocking(False)
        self._socket = client
        self._selector = selector
        self._on_ready = on_ready
        self._blocked = False
        selector.register(client, selectors.EVENT_READ, on_ready)

    def receive(self) -> bytes | None:
        """What has come; empty when the other side is gone, None when there is nothing yet."""
        try:
            return self._socket.recv(_RECEIVE)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def send(self, outbox: MutableSequence[memoryview]) -> bool:
        """Send and remove as much as goes. False when the other side is gone."""
        try:
            while outbox:
                sent = self._socket.sendmsg([outbox[n] for n in range(min(len(outbox), _BUFFERS))])
                while outbox and sent >= len(outbox[0]):
                    sent -= len(outbox[0])
                    del outbox[0]
                if outbox:
                    outbox[0] = outbox[0][sent:]
        except BlockingIOError:
            pass
        except OSError:
            return False
        if bool(outbox) is not self._blocked:
            self._blocked = bool(outbox)
            mask = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._blocked else 0)
            self._selector.modify(self._socket, mask, self._on_ready)
        return True

    def close(self) -> None:
        """Once."""
        self._selector.unregister(self._socket)
        self._socket.close()
