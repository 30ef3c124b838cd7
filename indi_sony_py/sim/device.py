"""The simulated camera at its USB endpoints: containers in transfers, halts, events, identity and address. Pure.

What a host writes is one USB transfer a call; what it reads ends at a short packet, or at a zero-length one where a
data phase fills its last packet (PTP over USB). Whole packets are given out as they become readable: a data phase takes
its time where a rate is set. Garbage halts both bulk endpoints; nothing that a host sends is ever an exception other
than `Stalled` and `Unplugged`.
"""

from __future__ import annotations

import struct
from bisect import insort
from collections import deque
from dataclasses import dataclass, replace
from operator import itemgetter

from indi_sony_py.errors import BadData
from indi_sony_py.ptp.codes import ANY_TRANSACTION, ContainerType
from indi_sony_py.ptp.container import HEADER, Container, Header, encode, read_header
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.transaction import Command
from indi_sony_py.sim.wire import Transfer, first_after, transfers_of

__all__ = ["MAX_PACKET", "Stalled", "Unplugged", "UsbDevice", "UsbIdentity"]

MAX_PACKET = {"high": 512, "super": 1024}
"""Bytes of a bulk packet by speed (USB 2.0, 5.8.3; USB 3.2, 8.12.1.2)."""

_STILL_IMAGE = (6, 1, 1)
_CLASSES = {"mass_storage": (8, 6, 80), "streaming": (14, 1, 0)}
"""By USB mode; the others show PTP. Streaming is the class of a webcam (UVC)."""
_BULK_IN, _BULK_OUT, _INTERRUPT_IN = 0x81, 0x02, 0x83
_EVENTS = 128
_COMMAND_LIMIT = 1024 * 1024


class Stalled(Exception):
    """The endpoint is halted."""

    def __init__(self, endpoint: int) -> None:
        super().__init__(f"endpoint 0x{endpoint:02X} is halted")
        self.endpoint = endpoint


class Unplugged(Exception):
    """The device is not on the bus."""


@dataclass(frozen=True, slots=True)
class UsbIdentity:
    """What the bus sees of the camera now."""

    vendor: int
    product: int
    bcd_device: int
    usb_class: tuple[int, int, int]
    manufacturer: str
    product_name: str
    serial: str
    bus: int = 1
    address: int = 2
    ports: tuple[int, ...] = (1,)
    speed: str = "super"
    bulk_in: int = _BULK_IN
    bulk_out: int = _BULK_OUT
    interrupt_in: int = _INTERRUPT_IN
    max_packet: int = 1024


class UsbDevice:
    """One camera on a (simulated) bus."""

    def __init__(self, camera: Camera, speed: str = "super") -> None:
        """`speed` of the bus: "high" or "super"."""
        self.camera = camera
        self._speed = speed
        self._clock = camera.world.clock
        self._bytes_per_s = camera.transfer_mbps * 1e6 if camera.transfer_mbps else None
        self._queue: deque[Transfer] = deque()
        self._answers = 0
        self._events: list[tuple[float, bytes]] = []
        self._incoming = bytearray()
        self._head: Header | None = None
        self._command: Command | None = None
        self._dropped: int | None = None
        self._halted: set[int] = set()
        self._place = camera.address, camera.usb_mode
        self._identity = self._now()
        camera.world.emit = self._emit
        camera.on_link_lost = self._link_lost

    # ── on the bus ───────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def present(self) -> bool:
        return self.camera.present

    @property
    def identity(self) -> UsbIdentity:
        """The same object until something in it changes."""
        place = self.camera.address, self.camera.usb_mode
        if place != self._place:
            self._place, self._identity = place, self._now()
        return self._identity

    def _now(self) -> UsbIdentity:
        camera, device = self.camera, self.camera.world.profile.device
        version = device.device_version.replace(".", "")[:4]
        return UsbIdentity(
            vendor=0x054C,
            product=camera.product_id,
            bcd_device=int(version, 16) if version.isdigit() else 0x0100,
            usb_class=_CLASSES.get(camera.usb_mode, _STILL_IMAGE),
            manufacturer="Sony",
            product_name=camera.world.profile.model,
            serial=device.serial,
            address=camera.address,
            speed=self._speed,
            max_packet=MAX_PACKET[self._speed],
        )

    def advance(self) -> None:
        """Bring the camera up to the clock."""
        self.camera.advance()

    def next_change(self, since: float | None = None) -> float | None:
        """When something happens by itself after `since`, on the clock's monotonic scale; None: nothing is planned.

        `since` is when the caller last looked (without it: now). On a clock that runs by itself the change may be over
        by now: somebody who looked before it has not seen it, and must look again.
        """
        if since is None:
            since = self._clock.monotonic()
        planned = self.camera.world.agenda.next_time()
        return first_after(since, planned, self._queue, self._events, self._bytes_per_s)

    def host_attached(self) -> None:
        """A host has claimed the interface."""
        self.camera.world.referee.note("host", "attached")

    def host_gone(self) -> None:
        """The host has let go, or died: what is pending is lost, the camera stays as it is."""
        self.advance()
        self._forget()
        self.camera.host_gone()

    def _forget(self) -> None:
        self._queue.clear()
        self._incoming.clear()
        self._head = None
        self._command = None

    def _link_lost(self) -> None:
        self._forget()
        self._events.clear()
        self._halted.clear()

    def _on_bus(self) -> None:
        self.advance()
        if not self.camera.present:
            raise Unplugged

    # ── bulk out ─────────────────────────────────────────────────────────────────────────────────────────────────

    def bulk_write(self, data: bytes) -> None:
        """One USB transfer of the host. Raises `Stalled` or `Unplugged`."""
        self._on_bus()
        if _BULK_OUT in self._halted:
            raise Stalled(_BULK_OUT)
        if self.camera.usb_mode in _CLASSES or self.camera.hung or not data:
            return
        self._incoming += data
        try:
            self._take(len(data))
        except BadData as error:
            self.camera.world.referee.rule("R-CONTAINER", str(error))
            self._halt()
            raise Stalled(_BULK_OUT) from None

    def _take(self, size: int) -> None:
        if self._head is None:
            if self._command is None and size < HEADER:
                self.camera.world.referee.rule("R-LENGTH", f"{size} bytes are no container")
                self._halt()
                raise Stalled(_BULK_OUT)
            self._head = read_header(self._incoming)
            if self._head is None:
                return
            if self._head.type in (ContainerType.RESPONSE, ContainerType.EVENT):
                raise BadData("container type", 4, f"a host sends no {self._head.type.name.lower()}")
            if self._head.length > _COMMAND_LIMIT:
                raise BadData("container length", 0, f"{self._head.length} bytes are too many")
        head = self._head
        if head.type is ContainerType.COMMAND and len(self._incoming) != head.length:
            came = len(self._incoming)
            self.camera.world.referee.rule("R-LENGTH", f"a command of {head.length} bytes came as {came}")
            self._halt()
            raise Stalled(_BULK_OUT)
        if len(self._incoming) < head.length:
            return
        if len(self._incoming) > head.length:
            self.camera.world.referee.rule("R-LENGTH", f"{len(self._incoming) - head.length} bytes too many")
            self._halt()
            raise Stalled(_BULK_OUT)
        body = bytes(self._incoming[HEADER:])
        self._incoming.clear()
        self._head = None
        if head.type is ContainerType.COMMAND:
            self._on_command(head, body)
        else:
            self._on_data(head, body)

    def _on_command(self, head: Header, body: bytes) -> None:
        params = struct.unpack(f"<{len(body) // 4}I", body)
        camera = self.camera
        if self._command is not None:
            camera.world.referee.rule("R-LENGTH", f"0x{self._command.operation:04X} never got its data")
            self._command = None
        if self._queue and self._queue[0].ready <= self._clock.monotonic():
            camera.world.referee.rule("R-OVERLAP", f"0x{head.code:04X} before the last answer was read")
        command = Command(head.code, head.transaction, params)
        if camera.responder.expects_data(head.code):
            self._command = command
            return
        self._dropped = head.transaction
        self._answer(command)

    def _on_data(self, head: Header, body: bytes) -> None:
        command, self._command = self._command, None
        rule = self.camera.world.referee.rule
        if command is None:
            if head.transaction != self._dropped:
                rule("R-CONTAINER", f"data of 0x{head.code:04X} without its command")
            return
        if head.code != command.operation or head.transaction != command.transaction:
            rule(
                "R-CONTAINER",
                f"data of 0x{head.code:04X}, {head.transaction} after 0x{command.operation:04X}, {command.transaction}",
            )
        self._answer(replace(command, data=body))

    # ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _answer(self, command: Command) -> None:
        camera = self.camera
        answer = camera.answer(command)
        if not camera.present or answer.silent or camera.hung or camera.mute_until:
            return
        ready = self._clock.monotonic() + answer.delay_s
        if answer.stall:
            stop = Transfer()
            stop.ready = ready
            stop.stall = True
            self._queue.append(stop)
            return
        self._answers += 1
        for transfer in transfers_of(command, answer, self.identity.max_packet, self._answers):
            transfer.ready = ready
            self._queue.append(transfer)

    # ── bulk in ──────────────────────────────────────────────────────────────────────────────────────────────────

    def bulk_read(self, length: int) -> bytes | None:
        """At most `length` bytes of the transfer under way; b"" is a zero-length packet, None that nothing is there."""
        self._on_bus()
        if _BULK_IN in self._halted:
            raise Stalled(_BULK_IN)
        if not self._queue or self.camera.hung:
            return None
        transfer = self._queue[0]
        now = self._clock.monotonic()
        if now < transfer.ready:
            return None
        if transfer.stall:
            self._queue.popleft()
            self._halt()
            raise Stalled(_BULK_IN)
        if transfer.sent == transfer.total:
            self._queue.popleft()
            return b""
        left = transfer.total - transfer.sent
        there = left
        if self._bytes_per_s is not None:
            there = min(left, max(0, int((now - transfer.ready) * self._bytes_per_s) + 1 - transfer.sent))
        count = min(length, there)
        if count < left:
            count -= count % self.identity.max_packet
        if not count:
            return None
        if transfer.break_at is not None and transfer.sent + count > transfer.break_at:
            transfer.break_at = None
            self.camera.unplug()
            raise Unplugged
        data = transfer.take(count)
        if transfer.sent == transfer.total:
            if not transfer.zlp:
                self._queue.popleft()
            if transfer.done is not None:
                transfer.done()
            if self._queue and self._bytes_per_s is not None:
                self._queue[0].ready = max(self._queue[0].ready, now)
        return data

    # ── events ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _emit(self, code: int, params: tuple[int, ...]) -> None:
        camera = self.camera
        for late in camera.filter_event(code, params):
            event = encode(Container(ContainerType.EVENT, code, ANY_TRANSACTION, params))
            if len(self._events) >= _EVENTS:
                del self._events[0]
                if camera.host_is_there and not camera.events_overflowed:
                    camera.events_overflowed = True
                    camera.world.referee.rule("R-EVENTS-UNREAD", f"{_EVENTS} events wait")
            insort(self._events, (camera.world.now + late, event), key=itemgetter(0))

    def interrupt_read(self, length: int) -> bytes | None:
        """The next event, None if there is none yet."""
        self._on_bus()
        if _INTERRUPT_IN in self._halted:
            raise Stalled(_INTERRUPT_IN)
        if not self._events or self._events[0][0] > self._clock.monotonic() or self.camera.hung:
            return None
        if self.camera.mute_until:
            return None
        self.camera.events_overflowed = False
        return self._events.pop(0)[1][:length]

    # ── control ──────────────────────────────────────────────────────────────────────────────────────────────────

    def control(
        self, request_type: int, request: int, value: int, index: int, data_or_length: bytes | int
    ) -> bytes | int:
        """A control request: the data of an IN request, the number of bytes taken of an OUT request."""
        self._on_bus()
        wrote = len(data_or_length) if isinstance(data_or_length, bytes) else 0
        match request_type, request:
            case 0x02, 0x01:
                self.clear_halt(index)
            case 0x82, 0x00:
                return struct.pack("<H", index in self._halted)
            case 0x00, 0x09:
                self.camera.world.referee.rule("R-OPTIONS", f"set_configuration({value})")
            case 0x21, 0x64:
                self.camera.world.referee.note("cancel", "a transaction was to be cancelled; nothing happens")
            case 0x21, 0x66:
                self.reset()
            case 0xA1, 0x67:
                code = 0x2019 if self._halted else 0x2001
                status = struct.pack("<HH", 4 + 4 * len(self._halted), code)
                status += b"".join(struct.pack("<I", endpoint) for endpoint in sorted(self._halted))
                return status[: data_or_length if isinstance(data_or_length, int) else 0]
            case _:
                raise Stalled(0)
        return wrote

    def _halt(self) -> None:
        self._halted |= {_BULK_IN, _BULK_OUT}
        self._forget()

    def clear_halt(self, endpoint: int) -> None:
        self._on_bus()
        self._halted.discard(endpoint)

    def reset(self) -> None:
        """The still-image device reset, or a reset of the port: the session is gone, halts are cleared."""
        self._on_bus()
        self._forget()
        self._halted.clear()
        if self.camera.mute_until != "power":
            self.camera.mute_until = ""
        self.camera.responder.drop_session()
        self.camera.world.referee.note("reset", "by the host")
