"""How a simulated camera is found in a network (does I/O): SSDP's UDP port and the HTTP port of its descriptions.

- Answers come from the camera's own address, so that several cameras can be found on one computer, each at an address
  of its own. What it says is in `sim.announce`.
- Both ports are there while the camera is in the network; when it comes, it announces itself once.
- Only the loopback interface is listened at: nobody else's network is told of a camera that is not there.
"""

from __future__ import annotations

import logging
import selectors
import socket
from contextlib import suppress

from indi_sony_py.clock import Clock
from indi_sony_py.sim import announce
from indi_sony_py.sim.ipdevice import IpDevice
from indi_sony_py.sim.listener import listen_tcp
from indi_sony_py.sim.stream import Stream

__all__ = ["SsdpFront"]

_log = logging.getLogger(__name__)
_DATAGRAM = 64 * 1024
_REQUEST = 4 * 1024
_READERS = 8
_LOOPBACK = "127.0.0.1"


class SsdpFront:
    """`sim.front.Front` beside a camera's `IpFront`; it is no way to use the camera, only to find it."""

    used = False

    def __init__(self, device: IpDevice, host: str, selector: selectors.BaseSelector) -> None:
        """OSError with the address as its file name when it cannot listen."""
        self._device = device
        self._host = host
        self._selector = selector
        self._ear: socket.socket | None = None
        self._door: socket.socket | None = None
        self._readers: list[_Reader] = []
        self._appear()

    def follow(self) -> None:
        """Be found while the camera is in the network."""
        if self._device.present and self._ear is None:
            self._appear()
        elif not self._device.present and self._ear is not None:
            self._vanish()
        self._readers = [reader for reader in self._readers if not reader.over]

    def wait(self, clock: Clock, speed: float, looked: float) -> float | None:
        """Never: the camera's own front follows it."""
        return None

    def close(self) -> None:
        """Let go of everything."""
        if self._ear is not None:
            self._vanish()

    def _appear(self) -> None:
        door = listen_tcp(self._host, announce.PAGES_PORT, _READERS)
        try:
            ear = _listen_udp()
        except OSError:
            door.close()
            raise
        self._door, self._ear = door, ear
        self._selector.register(door, selectors.EVENT_READ, self._accept)
        self._selector.register(ear, selectors.EVENT_READ, self._hear)
        self._say(announce.alive(self._device.camera, self._host, announce.PAGES_PORT), announce.GROUP)

    def _vanish(self) -> None:
        for reader in self._readers:
            reader.end()
        for listener in (self._ear, self._door):
            if listener is not None:
                self._selector.unregister(listener)
                listener.close()
        self._ear = self._door = None

    def _hear(self, mask: int) -> None:
        assert self._ear is not None
        with suppress(BlockingIOError):
            datagram, sender = self._ear.recvfrom(_DATAGRAM)
            said = announce.answer(datagram, self._device.camera, self._host, announce.PAGES_PORT)
            if said is not None and not self._device.camera.hung:
                self._say(said, sender)

    def _say(self, datagram: bytes, to: tuple[str, int]) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
            try:
                mouth.bind((self._host, 0))
                mouth.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(_LOOPBACK))
                mouth.sendto(datagram, to)
            except OSError as error:
                _log.info("nothing sent to %s: %s", to[0], error.strerror or error)

    def _accept(self, mask: int) -> None:
        assert self._door is not None
        with suppress(BlockingIOError, ConnectionError):
            client, _ = self._door.accept()
            if len(self._readers) < _READERS:
                self._readers.append(_Reader(client, self._device, self._selector))
            else:
                client.close()


def _listen_udp() -> socket.socket:
    """SSDP's port, shared with other cameras and programs of this computer. OSError names the address."""
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ear.bind(announce.GROUP)
        membership = socket.inet_aton(announce.GROUP[0]) + socket.inet_aton(_LOOPBACK)
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    except OSError as error:
        ear.close()
        raise OSError(error.errno, error.strerror, f"udp:{announce.GROUP[0]}:{announce.GROUP[1]}") from error
    ear.setblocking(False)
    return ear


class _Reader:
    """A connection to the descriptions: one request, one answer."""

    def __init__(self, client: socket.socket, device: IpDevice, selector: selectors.BaseSelector) -> None:
        self.over = False
        self._device = device
        self._inbox = b""
        self._outbox: list[memoryview] = []
        self._stream = Stream(client, selector, self._on_ready)

    def end(self) -> None:
        """Once or more."""
        if not self.over:
            self.over = True
            self._stream.close()

    def _on_ready(self, mask: int) -> None:
        goes_on = self._receive() if mask & selectors.EVENT_READ else True
        if goes_on and self._outbox:
            goes_on = self._stream.send(self._outbox) and bool(self._outbox)
        if not goes_on:
            self.end()

    def _receive(self) -> bool:
        """False: the connection ends without an answer."""
        data = self._stream.receive()
        if data is None or self._outbox:
            return data != b""
        self._inbox += data
        if b"\r\n\r\n" in self._inbox:
            self._outbox.append(memoryview(announce.response(self._inbox, self._device.camera)))
        return bool(data) and len(self._inbox) <= _REQUEST
