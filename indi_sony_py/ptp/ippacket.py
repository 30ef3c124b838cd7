"""PTP/IP packets (CIPA DC-X005): PTP over two TCP connections. Pure, both directions.

- A packet is UINT32 length (header included), UINT32 type, body; all integers are little endian. Commands, data and
  responses travel on the command connection, events on the event connection, probes on both.
- `_SHAPES` is the table of what a length may be; a header that does not fit its row is refused before anything of its
  body is read, so that nobody makes us wait for bytes that never come, or keep more than a packet may hold.
- Decoding takes a body of exactly the length that the header told; "need more" is an answer, not an error.

Facts: libgphoto2 ptpip.c and ptpip.html; a trace of a refusal by an ILCE-6000 (falk0069/sony-pm-alt#23).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from indi_sony_py.errors import BadData
from indi_sony_py.ptp.codes import ANY_TRANSACTION
from indi_sony_py.ptp.data import Buffer

__all__ = [
    "DEFAULT_PORT",
    "GUID_BYTES",
    "IP_HEADER",
    "MAX_NAME",
    "PROTOCOL_VERSION",
    "Command",
    "DataPhase",
    "Event",
    "FailReason",
    "InitAck",
    "InitCommand",
    "InitEvent",
    "InitFail",
    "IpHeader",
    "Packet",
    "PacketType",
    "Payload",
    "Plain",
    "Response",
    "StartData",
    "decode",
    "encode",
    "encode_payload_head",
    "parse",
    "read_header",
]

DEFAULT_PORT = 15740
GUID_BYTES = 16
IP_HEADER = 8
MAX_NAME = 255
"""UTF-16 units of a name, without its NUL; no source tells of one longer than some 40."""
PROTOCOL_VERSION = 0x00010000
_TAIL = 12
"""Header and transaction id before the payload of a data packet."""

_HEAD = struct.Struct("<II")
_COMMAND = struct.Struct("<IHI")
_CODED = struct.Struct("<HI")
_START = struct.Struct("<IQ")
_U32 = struct.Struct("<I")


class PacketType(IntEnum):
    INIT_COMMAND = 1
    INIT_ACK = 2
    INIT_EVENT = 3
    INIT_EVENT_ACK = 4
    INIT_FAIL = 5
    COMMAND = 6
    RESPONSE = 7
    EVENT = 8
    START_DATA = 9
    DATA = 10
    CANCEL = 11
    END_DATA = 12
    PING = 13
    PONG = 14


class FailReason(IntEnum):
    """Why a connection is refused; other numbers are possible."""

    REJECTED = 1
    BUSY = 2
    UNSPECIFIED = 3


class DataPhase(IntEnum):
    """What a command announces. libgphoto2 announces IN also where it sends data: not to be relied on."""

    NONE_OR_IN = 1
    OUT = 2


_SHAPES: dict[PacketType, tuple[int, int, int | None]] = {
    PacketType.INIT_COMMAND: (IP_HEADER + GUID_BYTES + 4, 2, MAX_NAME + 1),
    PacketType.INIT_ACK: (IP_HEADER + 4 + GUID_BYTES + 4, 2, MAX_NAME + 1),
    PacketType.INIT_EVENT: (IP_HEADER + 4, 1, 0),
    PacketType.INIT_EVENT_ACK: (IP_HEADER, 1, 0),
    PacketType.INIT_FAIL: (IP_HEADER + 4, 1, 0),
    PacketType.COMMAND: (IP_HEADER + 10, 4, 5),
    PacketType.RESPONSE: (IP_HEADER + 6, 4, 5),
    PacketType.EVENT: (IP_HEADER + 6, 4, 5),
    PacketType.START_DATA: (IP_HEADER + 12, 1, 0),
    PacketType.DATA: (_TAIL, 1, None),
    PacketType.CANCEL: (_TAIL, 1, 0),
    PacketType.END_DATA: (_TAIL, 1, None),
    PacketType.PING: (IP_HEADER, 1, 0),
    PacketType.PONG: (IP_HEADER, 1, 0),
}
"""Type to (shortest length, size of one more, how many more at most; None: as many as fit into UINT32)."""


@dataclass(frozen=True, slots=True)
class IpHeader:
    """The first 8 bytes. `length` counts them too."""

    length: int
    type: PacketType

    @property
    def body(self) -> int:
        """Bytes that follow the header."""
        return self.length - IP_HEADER


@dataclass(frozen=True, slots=True)
class InitCommand:
    """The first packet on the command connection: who wants in. A camera remembers the GUID of a paired host."""

    guid: bytes
    name: str
    version: int = PROTOCOL_VERSION


@dataclass(frozen=True, slots=True)
class InitAck:
    """The camera lets the host in; `connection` goes into the event connection's first packet."""

    connection: int
    guid: bytes
    name: str
    version: int = PROTOCOL_VERSION


@dataclass(frozen=True, slots=True)
class InitEvent:
    """The first packet on the event connection."""

    connection: int


@dataclass(frozen=True, slots=True)
class InitFail:
    """The camera refuses; `reason` is a `FailReason` or another number."""

    reason: int


@dataclass(frozen=True, slots=True)
class Command:
    operation: int
    transaction: int
    params: tuple[int, ...] = ()
    phase: int = DataPhase.NONE_OR_IN


@dataclass(frozen=True, slots=True)
class Response:
    code: int
    transaction: int
    params: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    code: int
    params: tuple[int, ...] = ()
    transaction: int = ANY_TRANSACTION


@dataclass(frozen=True, slots=True)
class StartData:
    """A data phase of `total` bytes begins."""

    transaction: int
    total: int


@dataclass(frozen=True, slots=True)
class Payload:
    """A piece of a data phase; `last` makes it an EndData packet."""

    transaction: int
    data: bytes
    last: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    """INIT_EVENT_ACK, PING and PONG have no body, CANCEL has the id of what is to be given up."""

    type: PacketType
    transaction: int = 0


Packet = InitCommand | InitAck | InitEvent | InitFail | Command | Response | Event | StartData | Payload | Plain
_EMPTY = frozenset({PacketType.INIT_EVENT_ACK, PacketType.PING, PacketType.PONG})


def read_header(data: Buffer) -> IpHeader | None:
    """The header at the start of `data`, or None while fewer than 8 bytes are there. Raises `BadData`."""
    if len(data) < IP_HEADER:
        return None
    length, kind = _HEAD.unpack_from(data)
    try:
        shape = _SHAPES[PacketType(kind)]
    except ValueError:
        raise BadData("packet type", 4, f"{kind} is not a type") from None
    least, step, most = shape
    more = length - least
    if more < 0 or more % step or (most is not None and more > most * step):
        raise BadData("packet length", 0, f"{length} does not fit {PacketType(kind).name}")
    return IpHeader(length, PacketType(kind))


def parse(data: Buffer, limit: int) -> tuple[Packet, int] | None:
    """The first packet of `data` and the bytes that it took; None while it is not whole.

    Raises `BadData`, also for a packet of more than `limit` bytes: it would never become whole.
    """
    head = read_header(data)
    if head is None:
        return None
    if head.length > limit:
        raise BadData("packet length", 0, f"{head.length} bytes are too many")
    if len(data) < head.length:
        return None
    return decode(head, memoryview(data)[IP_HEADER : head.length]), head.length


def decode(head: IpHeader, body: Buffer) -> Packet:
    """The packet behind a header that `read_header` gave. Raises `BadData`."""
    if len(body) != head.body:
        raise BadData("packet length", 0, f"{head.body} bytes were announced, {len(body)} came")
    kind = head.type
    match kind:
        case PacketType.INIT_COMMAND:
            name, version = _names(body, GUID_BYTES)
            return InitCommand(bytes(body[:GUID_BYTES]), name, version)
        case PacketType.INIT_ACK:
            start = 4 + GUID_BYTES
            name, version = _names(body, start)
            return InitAck(_U32.unpack_from(body)[0], bytes(body[4:start]), name, version)
        case PacketType.INIT_EVENT:
            return InitEvent(_U32.unpack_from(body)[0])
        case PacketType.INIT_FAIL:
            return InitFail(_U32.unpack_from(body)[0])
        case PacketType.COMMAND:
            phase, operation, transaction = _COMMAND.unpack_from(body)
            return Command(operation, transaction, _params(body, _COMMAND.size), phase)
        case PacketType.RESPONSE:
            code, transaction = _CODED.unpack_from(body)
            return Response(code, transaction, _params(body, _CODED.size))
        case PacketType.EVENT:
            code, transaction = _CODED.unpack_from(body)
            return Event(code, _params(body, _CODED.size), transaction)
        case PacketType.START_DATA:
            return StartData(*_START.unpack_from(body))
        case PacketType.DATA | PacketType.END_DATA:
            return Payload(_U32.unpack_from(body)[0], bytes(body[4:]), kind is PacketType.END_DATA)
        case PacketType.CANCEL:
            return Plain(kind, _U32.unpack_from(body)[0])
        case _:
            return Plain(kind)


def encode(packet: Packet) -> bytes:
    """The packet's bytes. What no packet can hold is a ValueError."""
    match packet:
        case InitCommand(guid, name, version):
            return _packed(PacketType.INIT_COMMAND, _guid(guid) + _name(name) + _U32.pack(version))
        case InitAck(connection, guid, name, version):
            body = _U32.pack(connection) + _guid(guid) + _name(name) + _U32.pack(version)
            return _packed(PacketType.INIT_ACK, body)
        case InitEvent(connection):
            return _packed(PacketType.INIT_EVENT, _U32.pack(connection))
        case InitFail(reason):
            return _packed(PacketType.INIT_FAIL, _U32.pack(reason))
        case Command(operation, transaction, params, phase):
            return _packed(PacketType.COMMAND, _COMMAND.pack(phase, operation, transaction) + _numbers(params))
        case Response(code, transaction, params):
            return _packed(PacketType.RESPONSE, _CODED.pack(code, transaction) + _numbers(params))
        case Event(code, params, transaction):
            return _packed(PacketType.EVENT, _CODED.pack(code, transaction) + _numbers(params))
        case StartData(transaction, total):
            return _packed(PacketType.START_DATA, _START.pack(transaction, total))
        case Payload(transaction, data, last):
            return encode_payload_head(transaction, len(data), last) + data
        case Plain(kind, transaction):
            if kind is PacketType.CANCEL:
                return _packed(kind, _U32.pack(transaction))
            if kind not in _EMPTY:
                raise ValueError(f"{kind.name} has a body")
            return _packed(kind, b"")


def encode_payload_head(transaction: int, size: int, last: bool) -> bytes:
    """The 12 bytes before `size` bytes of payload that are sent on their own (a large one is not copied)."""
    kind = PacketType.END_DATA if last else PacketType.DATA
    return _HEAD.pack(_TAIL + size, kind) + _U32.pack(transaction)


def _packed(kind: PacketType, body: bytes) -> bytes:
    return _HEAD.pack(IP_HEADER + len(body), kind) + body


def _params(body: Buffer, start: int) -> tuple[int, ...]:
    return struct.unpack_from(f"<{(len(body) - start) // 4}I", body, start)


def _numbers(params: tuple[int, ...]) -> bytes:
    if len(params) > 5:
        raise ValueError("at most five parameters")
    return struct.pack(f"<{len(params)}I", *params)


def _guid(guid: bytes) -> bytes:
    if len(guid) != GUID_BYTES:
        raise ValueError(f"a GUID has {GUID_BYTES} bytes")
    return guid


def _name(name: str) -> bytes:
    raw = name.encode("utf-16-le", "surrogatepass")
    if len(raw) > 2 * MAX_NAME or "\0" in name:
        raise ValueError(f"a name has at most {MAX_NAME} UTF-16 units, and no NUL")
    return raw + b"\0\0"


def _names(body: Buffer, start: int) -> tuple[str, int]:
    """A name with its NUL, and the version after it. Lone surrogates are replaced: a name never breaks a log."""
    raw = bytes(body[start:-4])
    if len(raw) < 2 or raw[-2:] != b"\0\0":
        raise BadData("name", IP_HEADER + start, "without its NUL")
    units = raw[:-2]
    if any(units[at : at + 2] == b"\0\0" for at in range(0, len(units), 2)):
        raise BadData("name", IP_HEADER + start, "bytes after its NUL")
    return units.decode("utf-16-le", "replace"), int(_U32.unpack_from(body, len(body) - 4)[0])
