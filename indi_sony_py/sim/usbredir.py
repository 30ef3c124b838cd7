"""A simulated camera as a usbredir host: what QEMU's `usb-redir` device talks to. Pure: bytes in, buffers out.

- The guest's kernel drives the camera: every transfer of its USB stack is a packet here, answered when it is over. A
  bulk read stays open until it is full or a short packet came, or until the guest cancels it.
- What the guest no longer wanted when it came (a read that was cancelled half way, or whose answer crossed with the
  cancel, which the guest then throws away) is given to its next read: a host controller loses nothing either.
- Interrupt data is sent as it comes, while the guest has asked for it.
- Unplugging is DEVICE_DISCONNECT, coming back DEVICE_CONNECT: the guest gives it a new address.
- A kernel sets the configuration once after each connect and reset; only what comes after that is told to the camera
  as a program's doing.
"""

from __future__ import annotations

import errno
import struct
from collections import deque
from dataclasses import dataclass, field

from indi_sony_py.sim.hostside import HostSide
from indi_sony_py.sim.redirpackets import (
    ENDPOINTS,
    NO_ENDPOINT,
    Capability,
    Kind,
    Packet,
    Parser,
    Speed,
    Status,
    encode_head,
    hello,
    slot_of,
)
from indi_sony_py.transport.busframe import Identity
from indi_sony_py.transport.descriptors import Speed as BusSpeed
from indi_sony_py.transport.descriptors import decode_configuration, decode_device

__all__ = ["RedirHost"]

_CAPABILITIES = (
    Capability.CONNECT_DEVICE_VERSION
    | Capability.EP_INFO_MAX_PACKET_SIZE
    | Capability.IDS_64_BITS
    | Capability.BULK_LENGTH_32_BITS
)
_SPEEDS = {BusSpeed.HIGH: Speed.HIGH, BusSpeed.SUPER: Speed.SUPER}
_STATUS = {errno.EPIPE: Status.STALL, errno.ENODEV: Status.IO_ERROR, errno.EOVERFLOW: Status.BABBLE}
_CONTROL = 0
_DEVICE_RESET = (0x21, 0x66)
_REMEMBERED = 8
"""Answers that a cancel may still cross."""
_LARGEST_READ = 16 * 1024 * 1024
_EVENTS_AT_ONCE = 16


@dataclass(slots=True)
class _Read:
    """A bulk read of the guest's that is open."""

    id: int
    endpoint: int
    buffer: bytearray
    got: int = 0


@dataclass(slots=True)
class _Piece:
    """Data that the camera has given out and the guest has not taken; `ends` when its transfer ended with it."""

    data: bytes
    ends: bool


@dataclass(slots=True)
class _Plugged:
    """What belongs to one stay of the camera on the guest's bus."""

    reads: deque[_Read] = field(default_factory=deque)
    answered: deque[tuple[int, _Piece]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    kept: deque[_Piece] = field(default_factory=deque)
    listening: set[int] = field(default_factory=set)
    configured: bool = False

    def forget(self) -> None:
        """The camera has dropped what it had to say: so does the way to the guest."""
        self.answered.clear()
        self.kept.clear()


class RedirHost:
    """One connection of a guest (`sim.hostside.Guest`). `outbox`: what is to be sent, in order."""

    def __init__(self, host: HostSide, version: str = "indi-sony simulate") -> None:
        self.identity: Identity = host.identity
        self.outbox: deque[memoryview] = deque()
        self._host = host
        self._parser = Parser()
        self._greeted = False
        self._plugged: _Plugged | None = None
        self._send(hello(version, _CAPABILITIES))

    def feed(self, data: bytes) -> None:
        """What the guest sent. Raises `BadData`; then the connection is over."""
        for packet in self._parser.feed(data):
            self._take(packet)
        self.step()

    def step(self) -> None:
        """Bring everything up to now: plugged in or not, open reads, interrupt data."""
        self._host.device.advance()
        if self._plugged is not None and not self._host.alive(self):
            self._host.leave(self)
            self._plugged = None
            self._send(Packet(Kind.DEVICE_DISCONNECT))
        if self._plugged is None and self._greeted and self._host.device.present:
            self._connect()
        if self._plugged is not None:
            self._interrupts(self._plugged)
        if self._plugged is not None:
            self._go_on(self._plugged)

    def close(self) -> None:
        """The guest is gone."""
        self._host.leave(self)
        self._plugged = None

    def _send(self, packet: Packet) -> None:
        self.outbox.append(memoryview(encode_head(packet)))
        if packet.data:
            self.outbox.append(memoryview(packet.data))

    # ── plugging ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _connect(self) -> None:
        self.identity = self._host.identity
        try:
            self._host.claim(self)
        except OSError:
            return
        self._plugged = _Plugged()
        device = decode_device(self.identity.device)
        configuration = decode_configuration(self.identity.configuration)
        numbers, classes, subclasses, protocols = (bytearray(ENDPOINTS) for _ in range(4))
        for place, i in enumerate(configuration.interfaces):
            numbers[place], classes[place] = i.bInterfaceNumber, i.bInterfaceClass
            subclasses[place], protocols[place] = i.bInterfaceSubClass, i.bInterfaceProtocol
        count = len(configuration.interfaces)
        tables = (bytes(numbers), bytes(classes), bytes(subclasses), bytes(protocols))
        self._send(Packet(Kind.INTERFACE_INFO, 0, (count, *tables)))
        self._send(Packet(Kind.EP_INFO, 0, self._endpoints()))
        speed = _SPEEDS[self.identity.speed]
        kind = (device.bDeviceClass, device.bDeviceSubClass, device.bDeviceProtocol)
        names = (device.idVendor, device.idProduct, device.bcdDevice)
        self._send(Packet(Kind.DEVICE_CONNECT, 0, (speed, *kind, *names)))

    def _endpoints(self) -> tuple[bytes, bytes, bytes, bytes]:
        types = bytearray([NO_ENDPOINT]) * ENDPOINTS
        intervals, interfaces = bytearray(ENDPOINTS), bytearray(ENDPOINTS)
        packets = [0] * ENDPOINTS
        for endpoint in (0x00, 0x80):
            types[slot_of(endpoint)], packets[slot_of(endpoint)] = _CONTROL, 64
        for interface in decode_configuration(self.identity.configuration).interfaces:
            for e in interface.endpoints:
                slot = slot_of(e.bEndpointAddress)
                types[slot], intervals[slot] = e.bmAttributes & 3, e.bInterval
                interfaces[slot], packets[slot] = interface.bInterfaceNumber, e.wMaxPacketSize
        return bytes(types), bytes(intervals), bytes(interfaces), struct.pack(f"<{ENDPOINTS}H", *packets)

    # ── what the guest asks ──────────────────────────────────────────────────────────────────────────────────────

    def _take(self, packet: Packet) -> None:
        if packet.kind is Kind.HELLO:
            self._greeted = True
            return
        plugged = self._plugged
        if plugged is None:
            return  # Still meant for a camera that is gone by now.
        match packet:
            case Packet(Kind.CONTROL_PACKET, mark, (_, int(what), int(kind), _, int(value), int(index), int(length))):
                self._control(plugged, mark, (kind, what, value, index), length, bytes(packet.data))
            case Packet(Kind.BULK_PACKET, mark, (int(endpoint), _, int(low), _, int(high))):
                if endpoint & 0x80:
                    self._begin(plugged, mark, endpoint, high << 16 | low)
                else:
                    self._write(mark, endpoint, bytes(packet.data))
            case Packet(Kind.CANCEL_DATA_PACKET, mark):
                self._cancel(plugged, mark)
            case Packet(Kind.START_INTERRUPT_RECEIVING, mark, (int(endpoint),)):
                plugged.listening.add(endpoint)
                self._send(Packet(Kind.INTERRUPT_RECEIVING_STATUS, mark, (Status.SUCCESS, endpoint)))
            case Packet(Kind.STOP_INTERRUPT_RECEIVING, mark, (int(endpoint),)):
                plugged.listening.discard(endpoint)
                self._send(Packet(Kind.INTERRUPT_RECEIVING_STATUS, mark, (Status.SUCCESS, endpoint)))
            case Packet(Kind.RESET):
                self._reset(plugged)
            case Packet(Kind.SET_CONFIGURATION, mark, (int(value),)):
                self._configure(plugged, mark, value)
            case Packet(Kind.GET_CONFIGURATION, mark):
                self._send(Packet(Kind.CONFIGURATION_STATUS, mark, (Status.SUCCESS, int(plugged.configured))))
            case Packet(Kind.SET_ALT_SETTING, mark, (int(interface), int(setting))):
                status = Status.STALL if setting else Status.SUCCESS
                self._send(Packet(Kind.ALT_SETTING_STATUS, mark, (status, interface, 0)))
            case Packet(Kind.GET_ALT_SETTING, mark, (int(interface),)):
                self._send(Packet(Kind.ALT_SETTING_STATUS, mark, (Status.SUCCESS, interface, 0)))

    def _control(
        self, plugged: _Plugged, mark: int, setup: tuple[int, int, int, int], length: int, data: bytes
    ) -> None:
        request_type, request, value, index = setup
        inwards = bool(request_type & 0x80)
        status, answer = Status.SUCCESS, b""
        try:
            got = self._host.control(self, request_type, request, value, index, length if inwards else data)
            answer = got if isinstance(got, bytes) else b""
            length = len(answer) if inwards else length
        except OSError as error:
            status, length = _status(error), 0
        if (request_type, request) == _DEVICE_RESET:
            plugged.forget()
        values = (request_type & 0x80, request, request_type, status, value, index, length)
        self._send(Packet(Kind.CONTROL_PACKET, mark, values, answer))

    def _configure(self, plugged: _Plugged, mark: int, value: int) -> None:
        if plugged.configured:
            try:
                self._host.control(self, 0x00, 0x09, value, 0, b"")
            except OSError as error:
                self._send(Packet(Kind.CONFIGURATION_STATUS, mark, (_status(error), 1)))
                return
        plugged.configured = value != 0
        self._send(Packet(Kind.CONFIGURATION_STATUS, mark, (Status.SUCCESS, value)))

    def _reset(self, plugged: _Plugged) -> None:
        for read in plugged.reads:
            self._end(read, Status.CANCELLED, 0)
        self._plugged = _Plugged()
        try:
            self._host.reset(self)
        except OSError:
            return  # It is unplugged; the next step tells the guest.

    def _write(self, mark: int, endpoint: int, data: bytes) -> None:
        status, count = Status.SUCCESS, len(data)
        try:
            self._host.bulk_write(self, data)
        except OSError as error:
            status, count = _status(error), 0
        self._send(Packet(Kind.BULK_PACKET, mark, (endpoint, status, count & 0xFFFF, 0, count >> 16)))

    # ── bulk in ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, plugged: _Plugged, mark: int, endpoint: int, length: int) -> None:
        read = _Read(mark, endpoint, bytearray(min(length, _LARGEST_READ)))
        if length > _LARGEST_READ:
            self._end(read, Status.INVALID, 0)
        else:
            plugged.reads.append(read)

    def _go_on(self, plugged: _Plugged) -> None:
        while plugged.reads:
            read = plugged.reads[0]
            try:
                complete = self._from_kept(plugged, read)
                if not complete:
                    read.got, complete = self._host.bulk_read(self, memoryview(read.buffer), read.got)
            except OSError as error:
                plugged.reads.popleft()
                plugged.forget()
                self._end(read, _status(error), 0)
                if error.errno == errno.ENODEV:
                    self.step()
                    return
                continue
            if not complete:
                return
            plugged.reads.popleft()
            piece = _Piece(bytes(memoryview(read.buffer)[: read.got]), read.got < len(read.buffer))
            plugged.answered.append((read.id, piece))
            self._end(read, Status.SUCCESS, read.got, piece.data)

    @staticmethod
    def _from_kept(plugged: _Plugged, read: _Read) -> bool:
        """Fill a read with what an earlier one did not take; True when it is over with that."""
        while plugged.kept and read.got < len(read.buffer):
            piece = plugged.kept[0]
            count = min(len(piece.data), len(read.buffer) - read.got)
            read.buffer[read.got : read.got + count] = piece.data[:count]
            read.got += count
            piece.data = piece.data[count:]
            if not piece.data:
                plugged.kept.popleft()
                if piece.ends:
                    return True
        return read.got == len(read.buffer)

    def _end(self, read: _Read, status: Status, count: int, data: bytes = b"") -> None:
        values = (read.endpoint, status, count & 0xFFFF, 0, count >> 16)
        self._send(Packet(Kind.BULK_PACKET, read.id, values, data))

    def _cancel(self, plugged: _Plugged, mark: int) -> None:
        for read in plugged.reads:
            if read.id == mark:
                plugged.reads.remove(read)
                if read.got:
                    plugged.kept.append(_Piece(bytes(read.buffer[: read.got]), ends=False))
                self._end(read, Status.CANCELLED, 0)
                return
        # Answered already: the guest had cancelled it before the answer came, and throws the answer away.
        crossed = [(number, piece) for number, piece in plugged.answered if number == mark]
        for entry in crossed:
            plugged.answered.remove(entry)
            plugged.kept.append(entry[1])

    def _interrupts(self, plugged: _Plugged) -> None:
        for endpoint in sorted(plugged.listening):
            for _ in range(_EVENTS_AT_ONCE):
                buffer = memoryview(bytearray(1024))
                try:
                    count, complete = self._host.interrupt_read(self, buffer, 0)
                except OSError as error:
                    if error.errno == errno.ENODEV:
                        return
                    plugged.listening.discard(endpoint)
                    self._send(Packet(Kind.INTERRUPT_RECEIVING_STATUS, 0, (_status(error), endpoint)))
                    break
                if not complete:
                    break
                data = bytes(buffer[:count])
                self._send(Packet(Kind.INTERRUPT_PACKET, 0, (endpoint, Status.SUCCESS, count), data))


def _status(error: OSError) -> Status:
    return _STATUS.get(error.errno or 0, Status.IO_ERROR)
