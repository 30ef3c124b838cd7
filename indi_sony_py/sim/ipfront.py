"""A simulated camera behind a TCP port (does I/O): PTP/IP's command and event connections at `sim.server`'s loop.

- Both connections come to the same port, as with Sony's bodies (TCP 15740); the first packet says which it is.
- The port is there while the camera is; what the camera drops is closed or reset, as the fault says.
- TCP_NODELAY: without it each transaction waits 40 ms for the other side's acknowledgement.
"""

from __future__ import annotations

import logging
import selectors
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from enum import Enum

from indi_sony_py.clock import Clock
from indi_sony_py.errors import BadData
from indi_sony_py.ptp import ippacket as ip
from indi_sony_py.sim.front import next_change_s
from indi_sony_py.sim.ipdevice import IpDevice
from indi_sony_py.sim.listener import listen_tcp
from indi_sony_py.sim.stream import Stream

__all__ = ["IpFront"]

_log = logging.getLogger(__name__)
_SEND = 256 * 1024
_GREETING = 1024
_GUESTS = 16
_RESET = struct.pack("ii", 1, 0)


class IpFront:
    """`sim.front.Front` for one camera. `port` 0: any free one, then `port` is the real one."""

    def __init__(self, device: IpDevice, host: str, port: int, selector: selectors.BaseSelector) -> None:
        """OSError with the address as its file name when it cannot listen."""
        self.device = device
        self.port = port
        self._host = host
        self._selector = selector
        self._listener: socket.socket | None = None
        self._guests: list[_Guest] = []
        self._listen()

    @property
    def used(self) -> bool:
        """Whether a program is connected."""
        return bool(self._guests)

    def follow(self) -> None:
        """Bring the camera up to now, what it has to say to its host, and the sockets to what it is."""
        self.device.advance()
        if self.device.present and self._listener is None:
            self._listen()
        elif not self.device.present and self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
        for guest in self._guests:
            guest.follow()
        self._guests = [guest for guest in self._guests if not guest.over]

    def wait(self, clock: Clock, speed: float, looked: float) -> float | None:
        return next_change_s(self.device, clock, speed, looked)

    def close(self) -> None:
        """Let go of everything."""
        for guest in self._guests:
            guest.end()
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()

    def _listen(self) -> None:
        listener = listen_tcp(self._host, self.port, _GUESTS)
        self.port = int(listener.getsockname()[1])
        self._listener = listener
        self._selector.register(listener, selectors.EVENT_READ, self._accept)

    def _accept(self, mask: int) -> None:
        assert self._listener is not None
        with suppress(BlockingIOError, ConnectionError):
            client, _ = self._listener.accept()
            if len(self._guests) < _GUESTS:
                self._guests.append(_Guest(client, self.device, self._selector))
            else:
                client.close()


class _Role(Enum):
    NEW = "new"
    COMMANDS = "commands"
    EVENTS = "events"
    LEAVING = "leaving"
    OVER = "over"


class _Guest:
    """One TCP connection. LEAVING: what is left is sent, then it ends."""

    def __init__(self, client: socket.socket, device: IpDevice, selector: selectors.BaseSelector) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.role = _Role.NEW
        self._socket = client
        self._device = device
        self._link = 0
        self._inbox = bytearray()
        self._outbox: list[memoryview] = []
        self._stream = Stream(client, selector, self._on_ready)

    @property
    def over(self) -> bool:
        return self.role is _Role.OVER

    def follow(self) -> None:
        """Send what is due; leave when the camera has dropped this host."""
        if self.role in (_Role.COMMANDS, _Role.EVENTS):
            pull = self._pull_command if self.role is _Role.COMMANDS else self._device.pull_event
            self._send(pull)
            if self._link != self._device.link and not self.over:
                if self._device.reset:
                    self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    self.end()
                else:
                    self.role = _Role.LEAVING
        if self.role is _Role.LEAVING:
            self._send(lambda: None)
            if not self._outbox:
                self.end()

    def end(self) -> None:
        """Close the socket; the camera learns that its host is gone, unless it dropped it itself."""
        if self.over:
            return
        was, self.role = self.role, _Role.OVER
        self._stream.close()
        if was in (_Role.COMMANDS, _Role.EVENTS) and self._link == self._device.link:
            self._device.host_gone()

    def _pull_command(self) -> bytes | None:
        return self._device.pull(_SEND) if self._link == self._device.link else None

    def _on_ready(self, mask: int) -> None:
        if self.over:
            return
        if mask & selectors.EVENT_READ:
            self._receive()
        self.follow()

    def _receive(self) -> None:
        data = self._stream.receive()
        if data is None:
            return
        if not data:
            self.end()
            return
        match self.role:
            case _Role.COMMANDS if self._link == self._device.link:
                self._device.take(data)
            case _Role.EVENTS:
                self._put(self._device.take_event_side(data))
            case _Role.NEW:
                self._inbox += data
                self._greet()
            case _:
                pass

    def _greet(self) -> None:
        try:
            parsed = ip.parse(self._inbox, _GREETING)
        except BadData as error:
            _log.warning("a client does not speak PTP/IP: %s", error)
            self.end()
            return
        if parsed is None:
            return
        packet, used = parsed
        del self._inbox[:used]
        answer: ip.Packet | None = ip.InitFail(ip.FailReason.UNSPECIFIED)
        self.role = _Role.LEAVING
        match packet:
            case ip.InitCommand():
                answer = self._device.greet(packet)
                if isinstance(answer, ip.InitAck):
                    self.role, self._link = _Role.COMMANDS, answer.connection
            case ip.InitEvent(connection) if self._device.join(packet):
                self.role, self._link = _Role.EVENTS, connection
                answer = ip.Plain(ip.PacketType.INIT_EVENT_ACK)
            case _:
                pass
        if answer is None:
            self.role = _Role.NEW
            return
        self._put(ip.encode(answer))
        if self.role is _Role.COMMANDS and self._inbox:
            self._device.take(bytes(self._inbox))
            self._inbox.clear()

    def _put(self, data: bytes) -> None:
        if data:
            self._outbox.append(memoryview(data))

    def _send(self, more: Callable[[], bytes | None]) -> None:
        while True:
            if not self._outbox:
                data = more()
                if data is None:
                    return
                self._outbox.append(memoryview(data))
            if not self._stream.send(self._outbox):
                self.end()
                return
            if self._outbox:
                return
