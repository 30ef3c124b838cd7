"""The packets of usbredir, the protocol that gives a USB device to a virtual machine. Pure, both directions.

A packet is a header (UINT32 kind, UINT32 length of the rest, id), the fields of its kind, and for some kinds data. All
integers are little endian. Ids are 32 bits wide in the two hellos, 64 bits after them, since both sides must have that
capability here. Source: the protocol's description and usbredirproto.h, version 0.7 of 2014 (freedesktop.org, spice).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from types import MappingProxyType

from indi_sony_py.errors import BadData

__all__ = [
    "ENDPOINTS",
    "LAYOUTS",
    "MAX_DATA",
    "NO_ENDPOINT",
    "Capability",
    "Kind",
    "Packet",
    "Parser",
    "Speed",
    "Status",
    "encode_head",
    "hello",
    "slot_of",
]

MAX_DATA = 16 * 1024 * 1024
"""The most data (bytes) that a packet may bring; a guest's bulk writes to a camera have some hundred bytes."""
ENDPOINTS = 32
NO_ENDPOINT = 255


class Kind(IntEnum):
    """Below 100 about the device, from 100 on data."""

    HELLO = 0
    DEVICE_CONNECT = 1
    DEVICE_DISCONNECT = 2
    RESET = 3
    INTERFACE_INFO = 4
    EP_INFO = 5
    SET_CONFIGURATION = 6
    GET_CONFIGURATION = 7
    CONFIGURATION_STATUS = 8
    SET_ALT_SETTING = 9
    GET_ALT_SETTING = 10
    ALT_SETTING_STATUS = 11
    START_INTERRUPT_RECEIVING = 15
    STOP_INTERRUPT_RECEIVING = 16
    INTERRUPT_RECEIVING_STATUS = 17
    CANCEL_DATA_PACKET = 21
    FILTER_REJECT = 22
    FILTER_FILTER = 23
    DEVICE_DISCONNECT_ACK = 24
    CONTROL_PACKET = 100
    BULK_PACKET = 101
    INTERRUPT_PACKET = 103


class Capability(IntFlag):
    """What a side can do, as bits of the first word in its hello."""

    CONNECT_DEVICE_VERSION = 1 << 1
    EP_INFO_MAX_PACKET_SIZE = 1 << 4
    IDS_64_BITS = 1 << 5
    BULK_LENGTH_32_BITS = 1 << 6


class Status(IntEnum):
    """How a transfer ended."""

    SUCCESS = 0
    CANCELLED = 1
    INVALID = 2
    IO_ERROR = 3
    STALL = 4
    TIMEOUT = 5
    BABBLE = 6


class Speed(IntEnum):
    """Bus speeds as usbredir counts them."""

    HIGH = 2
    SUPER = 3


_EMPTY = struct.Struct("")
LAYOUTS: Mapping[Kind, struct.Struct] = MappingProxyType(
    {
        Kind.HELLO: struct.Struct("<64s"),
        Kind.DEVICE_CONNECT: struct.Struct("<BBBBHHH"),
        Kind.DEVICE_DISCONNECT: _EMPTY,
        Kind.RESET: _EMPTY,
        Kind.INTERFACE_INFO: struct.Struct("<I32s32s32s32s"),
        Kind.EP_INFO: struct.Struct("<32s32s32s64s"),
        Kind.SET_CONFIGURATION: struct.Struct("<B"),
        Kind.GET_CONFIGURATION: _EMPTY,
        Kind.CONFIGURATION_STATUS: struct.Struct("<BB"),
        Kind.SET_ALT_SETTING: struct.Struct("<BB"),
        Kind.GET_ALT_SETTING: struct.Struct("<B"),
        Kind.ALT_SETTING_STATUS: struct.Struct("<BBB"),
        Kind.START_INTERRUPT_RECEIVING: struct.Struct("<B"),
        Kind.STOP_INTERRUPT_RECEIVING: struct.Struct("<B"),
        Kind.INTERRUPT_RECEIVING_STATUS: struct.Struct("<BB"),
        Kind.CANCEL_DATA_PACKET: _EMPTY,
        Kind.FILTER_REJECT: _EMPTY,
        Kind.FILTER_FILTER: _EMPTY,
        Kind.DEVICE_DISCONNECT_ACK: _EMPTY,
        Kind.CONTROL_PACKET: struct.Struct("<BBBBHHH"),
        Kind.BULK_PACKET: struct.Struct("<BBHIH"),
        Kind.INTERRUPT_PACKET: struct.Struct("<BBH"),
    }
)
"""The fields of each kind:

DEVICE_CONNECT speed, class, subclass, protocol, vendor, product, version; INTERFACE_INFO count, then numbers, classes,
subclasses, protocols; EP_INFO types, intervals, interfaces, packet sizes (UINT16), by `slot_of`; SET_CONFIGURATION
value; CONFIGURATION_STATUS status, value; SET_ALT_SETTING interface, setting; ALT_SETTING_STATUS status, interface,
setting; …INTERRUPT_RECEIVING endpoint; INTERRUPT_RECEIVING_STATUS status, endpoint; CONTROL_PACKET endpoint, request,
request type, status, value, index, length; BULK_PACKET endpoint, status, length (low half), stream, length (high half);
INTERRUPT_PACKET endpoint, status, length.
"""
_WITH_DATA = frozenset({Kind.HELLO, Kind.FILTER_FILTER, Kind.CONTROL_PACKET, Kind.BULK_PACKET, Kind.INTERRUPT_PACKET})
_NARROW, _WIDE = struct.Struct("<III"), struct.Struct("<IIQ")


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; `values` as `LAYOUTS` tells for its kind."""

    kind: Kind
    id: int = 0
    values: tuple[int | bytes, ...] = ()
    data: bytes | memoryview = b""


def hello(version: str, capabilities: Capability) -> Packet:
    """The first packet of each side."""
    return Packet(Kind.HELLO, 0, (version.encode()[:63],), struct.pack("<I", capabilities))


def encode_head(packet: Packet) -> bytes:
    """Header and fields of a packet; its data follows as it is."""
    fields = LAYOUTS[packet.kind].pack(*packet.values)
    head = _NARROW if packet.kind is Kind.HELLO else _WIDE
    return head.pack(packet.kind, len(fields) + len(packet.data), packet.id) + fields


def slot_of(endpoint: int) -> int:
    """The place of an endpoint in the arrays of EP_INFO."""
    return (endpoint & 0x80) >> 3 | endpoint & 0x0F


class Parser:
    """Packets out of a stream. The first must be a hello."""

    def __init__(self) -> None:
        self._inbox = bytearray()
        self._greeted = False

    def feed(self, data: bytes) -> list[Packet]:
        """What is whole by now. Raises `BadData` for what no packet can be; nothing is to be fed after that."""
        self._inbox += data
        found = []
        while (packet := self._next()) is not None:
            found.append(packet)
        return found

    def _next(self) -> Packet | None:
        head = _WIDE if self._greeted else _NARROW
        if len(self._inbox) < head.size:
            return None
        number, length, mark = head.unpack_from(self._inbox)
        kind = _kind(number)
        layout = LAYOUTS[kind]
        if not self._greeted and kind is not Kind.HELLO:
            raise BadData("packet kind", 0, f"{kind.name} before the hello")
        if length > layout.size + (MAX_DATA if kind in _WITH_DATA else 0):
            raise BadData("packet length", 4, f"{length} bytes are too many for {kind.name}")
        if length < layout.size:
            raise BadData("packet length", 4, f"{length} bytes are too few for {kind.name}")
        end = head.size + length
        if len(self._inbox) < end:
            return None
        values = layout.unpack_from(self._inbox, head.size)
        packet = Packet(kind, mark, values, bytes(self._inbox[head.size + layout.size : end]))
        del self._inbox[:end]
        if kind is Kind.HELLO:
            self._greet(packet)
        return packet

    def _greet(self, packet: Packet) -> None:
        if self._greeted:
            raise BadData("packet kind", 0, "a second hello")
        if len(packet.data) < 4 or not int.from_bytes(packet.data[:4], "little") & Capability.IDS_64_BITS:
            raise BadData("capabilities", 76, "the guest must know 64-bit ids")
        self._greeted = True


def _kind(number: int) -> Kind:
    try:
        return Kind(number)
    except ValueError:
        raise BadData("packet kind", 0, f"{number} is not known") from None
