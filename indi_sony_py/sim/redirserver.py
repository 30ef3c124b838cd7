"""The TCP end of usbredir (does I/O): one guest at a time, on the loopback only.

The port listens also while the camera is unplugged: the guest stays connected, as a machine does without its camera. A
guest that sends what is no usbredir is cut off, with a line in the log.
"""

from __future__ import annotations

import logging
import selectors
import socket
from collections.abc import Callable
from contextlib import suppress

from indi_sony_py.clock import Clock
from indi_sony_py.errors import BadData
from indi_sony_py.sim.front import next_change_s
from indi_sony_py.sim.hostside import HostSide
from indi_sony_py.sim.listener import listen_tcp
from indi_sony_py.sim.stream import Stream
from indi_sony_py.sim.usbredir import RedirHost

__all__ = ["RedirPlug"]

_log = logging.getLogger(__name__)


class RedirPlug:
    """A camera behind a TCP port (`sim.front.Front`)."""

    def __init__(self, host: HostSide, address: tuple[str, int], selector: selectors.BaseSelector) -> None:
        """Listens at once; port 0 is any free one. Raises OSError."""
        self._host = host
        self._selector = selector
        self._guest: _Guest | None = None
        self._socket = listen_tcp(*address, 4)
        self.port = int(self._socket.getsockname()[1])
        selector.register(self._socket, selectors.EVENT_READ, self._on_ready)

    @property
    def used(self) -> bool:
        """Whether a guest is connected."""
        return self._guest is not None

    def follow(self) -> None:
        self._host.device.advance()
        if self._guest is not None:
            self._guest.follow()

    def wait(self, clock: Clock, speed: float, looked: float) -> float | None:
        return next_change_s(self._host.device, clock, speed, looked)

    def close(self) -> None:
        if self._guest is not None:
            self._guest.close()
        self._selector.unregister(self._socket)
        self._socket.close()

    def _on_ready(self, mask: int) -> None:
        with suppress(BlockingIOError, ConnectionError):
            client, _ = self._socket.accept()
            if self._guest is not None:
                _log.warning("a second guest was turned away")
                client.close()
                return
            self._guest = _Guest(client, self._host, self._selector, self._on_gone)

    def _on_gone(self) -> None:
        self._guest = None


class _Guest:
    """A connected virtual machine."""

    def __init__(
        self, client: socket.socket, host: HostSide, selector: selectors.BaseSelector, gone: Callable[[], None]
    ) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._gone = gone
        self._redir = RedirHost(host)
        self._ended = False
        self._stream = Stream(client, selector, self._on_ready)
        self._send()

    def follow(self) -> None:
        if not self._ended:
            self._redir.step()
            self._send()

    def close(self) -> None:
        if not self._ended:
            self._ended = True
            self._redir.close()
            self._stream.close()
            self._gone()

    def _on_ready(self, mask: int) -> None:
        if mask & selectors.EVENT_WRITE:
            self._send()
        if mask & selectors.EVENT_READ and not self._ended:
            self._receive()

    def _receive(self) -> None:
        data = self._stream.receive()
        if data is None:
            return
        if not data:
            self.close()
            return
        try:
            self._redir.feed(data)
        except BadData as error:
            _log.warning("a guest does not speak usbredir: %s", error)
            self.close()
            return
        self._send()

    def _send(self) -> None:
        if not self._stream.send(self._redir.outbox):
            self.close()
