"""A simulated camera's network address in this process, on any clock: the two streams of `transport.ipstream`.

Nothing waits: a read looks, and where the camera has nothing yet, the clock goes on to its next change or to the
deadline, whichever is first. On a virtual clock ten idle minutes take no time.
"""

from __future__ import annotations

from indi_sony_py import texts
from indi_sony_py.clock import Clock, Deadline
from indi_sony_py.errors import CameraGone
from indi_sony_py.ptp import ippacket as ip
from indi_sony_py.sim.ipdevice import IpDevice

__all__ = ["LocalStream", "dial"]

_TICK_S = 0.001
_GREETING = 1024


class LocalStream:
    """One connection to the camera (`transport.ipstream.Stream`); its first packet says what it is."""

    def __init__(self, device: IpDevice, clock: Clock) -> None:
        self._device = device
        self._clock = clock
        self._greeting = bytearray()
        self._inbox = bytearray()
        self._link: int | None = None
        self._commands = False
        self._closed = False

    def send(self, data: bytes, deadline: Deadline) -> None:
        """All of `data`. Raises `CameraGone` when the camera dropped the connection."""
        self._alive()
        if self._link is None:
            self._greeting += data
            self._greet()
        elif self._commands:
            self._device.take(data)
        else:
            self._inbox += self._device.take_event_side(data)

    def receive(self, most: int, deadline: Deadline) -> bytes:
        """What is there, at least one byte; b"" when nothing came by the deadline. Raises `CameraGone`."""
        while True:
            looked = self._clock.monotonic()
            self._device.advance()
            self._pull(most)
            if self._inbox:
                data = bytes(self._inbox[:most])
                del self._inbox[:most]
                return data
            self._alive()
            now = self._clock.monotonic()
            if now >= deadline.at:
                return b""
            change = self._device.next_change(looked)
            self._clock.sleep_until(deadline.at if change is None else min(deadline.at, max(change, now + _TICK_S)))

    def close(self) -> None:
        """The camera learns that this host is gone."""
        if not self._closed:
            self._closed = True
            if self._link is not None and self._link == self._device.link:
                self._device.host_gone()

    def _alive(self) -> None:
        dropped = self._link is not None and self._link != self._device.link
        if self._closed or dropped or not self._device.present:
            raise CameraGone(texts.network.CLOSED)

    def _greet(self) -> None:
        parsed = ip.parse(self._greeting, _GREETING)
        if parsed is None:
            return
        packet = parsed[0]
        answer: ip.Packet | None = ip.InitFail(ip.FailReason.UNSPECIFIED)
        match packet:
            case ip.InitCommand():
                answer = self._device.greet(packet)
                if isinstance(answer, ip.InitAck):
                    self._link, self._commands = answer.connection, True
            case ip.InitEvent(connection) if self._device.join(packet):
                self._link, answer = connection, ip.Plain(ip.PacketType.INIT_EVENT_ACK)
            case _:
                pass
        if answer is not None:
            self._inbox += ip.encode(answer)

    def _pull(self, most: int) -> None:
        if self._link is None or self._link != self._device.link:
            return
        data = self._device.pull(most) if self._commands else self._device.pull_event()
        self._inbox += data or b""


def dial(device: IpDevice, clock: Clock) -> LocalStream:
    """A new connection to the camera's address. `CameraGone` while nothing answers there."""
    device.advance()
    if not device.present:
        raise CameraGone(texts.network.CLOSED)
    return LocalStream(device, clock)
