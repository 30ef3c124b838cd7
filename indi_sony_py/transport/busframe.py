"""The wire between a driver and a simulated camera: frames on a Unix stream socket. Pure, both directions.

- A frame is UINT32 length of the body, UINT8 kind, body; integers are little endian. A body is at most
  `MAX_BODY` bytes.
- The host asks, the camera's side gives exactly one answer, in order: as one USB transfer after the other.
- Errors travel as Linux errno values, as libusb would give them: 110 time-out, 19 unplugged, 32 stalled, 16
  claimed by somebody else, 22 not understood.
- Descriptors travel as the bytes of the USB specification, strings by control requests: nothing here knows a
  camera.

docs/simulated-bus.md tells the same to a reader from outside; a test keeps the two together.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import assert_never

from indi_sony_py.errors import BadData

__all__ = [
    "HEAD",
    "MAX_BODY",
    "MAX_DATA",
    "VERSION",
    "Answer",
    "BulkRead",
    "BulkWrite",
    "Claim",
    "ClearHalt",
    "Control",
    "Data",
    "Done",
    "Failed",
    "Frame",
    "Identify",
    "Identity",
    "InterruptRead",
    "Kind",
    "Release",
    "Reset",
    "decode",
    "encode",
    "encode_head",
    "parse",
    "read_head",
]

VERSION = 1
MAX_DATA = 1024 * 1024
"""The most data (bytes) of one transfer in a frame; the host splits longer reads."""
MAX_BODY = MAX_DATA + 64
HEAD = 5
_HEAD = struct.Struct("<IB")
_U8 = struct.Struct("<B")
_U16 = struct.Struct("<H")
_U32 = struct.Struct("<I")
_READ = struct.Struct("<II")
_CONTROL = struct.Struct("<IBBHHH")
_IDENTITY = struct.Struct("<HBBBB")


class Kind(IntEnum):
    """Below 0x80 from the host, above from the camera's side."""

    IDENTIFY = 0x01
    CLAIM = 0x02
    RELEASE = 0x03
    BULK_WRITE = 0x04
    BULK_READ = 0x05
    INTERRUPT_READ = 0x06
    CONTROL = 0x07
    CLEAR_HALT = 0x08
    RESET = 0x09
    IDENTITY = 0x81
    DONE = 0x82
    DATA = 0x83
    FAILED = 0x84


@dataclass(frozen=True, slots=True)
class Identify:
    """First frame of a connection; answered by `Identity`, without claiming anything."""

    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Claim:
    """Take the interface; `Failed(16)` while another connection has it."""

    interface: int


@dataclass(frozen=True, slots=True)
class Release:
    interface: int


@dataclass(frozen=True, slots=True)
class BulkWrite:
    """One transfer to the camera; no data is a zero-length packet. Answered by `Done(bytes written)`."""

    timeout_ms: int
    data: bytes


@dataclass(frozen=True, slots=True)
class BulkRead:
    """One transfer from the camera, of at most `length` bytes; answered by `Data`. 0 ms is no limit."""

    timeout_ms: int
    length: int


@dataclass(frozen=True, slots=True)
class InterruptRead:
    timeout_ms: int
    length: int


@dataclass(frozen=True, slots=True)
class Control:
    """A control transfer. Inwards (`request_type` bit 7) `length` bytes are asked for; outwards `data` follows."""

    timeout_ms: int
    request_type: int
    request: int
    value: int
    index: int
    length: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class ClearHalt:
    endpoint: int


@dataclass(frozen=True, slots=True)
class Reset:
    """A USB port reset."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Where the camera sits and what it says it is. `speed`: 2 full, 3 high, 4 super."""

    bus: int
    address: int
    ports: tuple[int, ...]
    speed: int
    device: bytes
    configuration: bytes
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Done:
    count: int = 0


@dataclass(frozen=True, slots=True)
class Data:
    data: bytes


@dataclass(frozen=True, slots=True)
class Failed:
    """`errno` of Linux."""

    errno: int


Answer = Identity | Done | Data | Failed
Frame = Identify | Claim | Release | BulkWrite | BulkRead | InterruptRead | Control | ClearHalt | Reset | Answer


def encode_head(kind: Kind, length: int) -> bytes:
    """The five bytes before a body of `length` bytes that is sent on its own (a large one is not copied)."""
    return _HEAD.pack(length, kind)


def encode(frame: Frame) -> bytes:
    """The frame's bytes. ValueError beyond `MAX_BODY`; `struct.error` for a number that does not fit."""
    kind, body = _body(frame)
    if len(body) > MAX_BODY:
        raise ValueError(f"a frame of {len(body)} bytes; at most {MAX_BODY} are allowed")
    return encode_head(kind, len(body)) + body


def _body(frame: Frame) -> tuple[Kind, bytes]:
    match frame:
        case Identify():
            return Kind.IDENTIFY, _U16.pack(frame.version)
        case Claim():
            return Kind.CLAIM, _U8.pack(frame.interface)
        case Release():
            return Kind.RELEASE, _U8.pack(frame.interface)
        case BulkWrite():
            return Kind.BULK_WRITE, _U32.pack(frame.timeout_ms) + frame.data
        case BulkRead():
            return Kind.BULK_READ, _READ.pack(frame.timeout_ms, frame.length)
        case InterruptRead():
            return Kind.INTERRUPT_READ, _READ.pack(frame.timeout_ms, frame.length)
        case Control():
            head = _CONTROL.pack(
                frame.timeout_ms, frame.request_type, frame.request, frame.value, frame.index, frame.length
            )
            return Kind.CONTROL, head + frame.data
        case ClearHalt():
            return Kind.CLEAR_HALT, _U8.pack(frame.endpoint)
        case Reset():
            return Kind.RESET, b""
        case Identity():
            head = _IDENTITY.pack(frame.version, frame.bus, frame.address, frame.speed, len(frame.ports))
            device = _U16.pack(len(frame.device)) + frame.device
            return Kind.IDENTITY, head + bytes(frame.ports) + device + frame.configuration
        case Done():
            return Kind.DONE, _U32.pack(frame.count)
        case Data():
            return Kind.DATA, frame.data
        case Failed():
            return Kind.FAILED, _U16.pack(frame.errno)
        case _:
            assert_never(frame)


def read_head(data: bytes | bytearray | memoryview) -> tuple[Kind, int] | None:
    """Kind and length of the body; None while fewer than five bytes are there. Raises `BadData`."""
    if len(data) < HEAD:
        return None
    length, number = _HEAD.unpack_from(data)
    try:
        kind = Kind(number)
    except ValueError:
        raise BadData("frame kind", 4, f"{number} is not a kind") from None
    if length > MAX_BODY:
        raise BadData("frame length", 0, f"{length} is beyond {MAX_BODY}")
    return kind, length


def parse(data: bytes | bytearray | memoryview) -> tuple[Frame, int] | None:
    """The first frame of `data` and the bytes that it took; None while it is not whole. Raises `BadData`."""
    head = read_head(data)
    if head is None or len(data) < HEAD + head[1]:
        return None
    end = HEAD + head[1]
    return decode(head[0], bytes(data[HEAD:end])), end


def decode(kind: Kind, body: bytes) -> Frame:
    """A frame from its kind and body. Raises `BadData` with the offset in the body."""
    match kind:
        case Kind.IDENTIFY:
            return Identify(*_exact(_U16, body, "version"))
        case Kind.CLAIM:
            return Claim(*_exact(_U8, body, "interface"))
        case Kind.RELEASE:
            return Release(*_exact(_U8, body, "interface"))
        case Kind.BULK_WRITE:
            (timeout,) = _leading(_U32, body, "time-out")
            return BulkWrite(timeout, body[_U32.size :])
        case Kind.BULK_READ:
            return BulkRead(*_exact(_READ, body, "bulk read"))
        case Kind.INTERRUPT_READ:
            return InterruptRead(*_exact(_READ, body, "interrupt read"))
        case Kind.CONTROL:
            limit, request_type, request, value, index, length = _leading(_CONTROL, body, "control transfer")
            return Control(limit, request_type, request, value, index, length, body[_CONTROL.size :])
        case Kind.CLEAR_HALT:
            return ClearHalt(*_exact(_U8, body, "endpoint"))
        case Kind.RESET:
            if body:
                raise BadData("reset", 0, f"{len(body)} bytes too many")
            return Reset()
        case Kind.IDENTITY:
            return _identity(body)
        case Kind.DONE:
            return Done(*_exact(_U32, body, "count"))
        case Kind.DATA:
            return Data(body)
        case Kind.FAILED:
            return Failed(*_exact(_U16, body, "errno"))
        case _:
            assert_never(kind)


def _identity(body: bytes) -> Identity:
    version, bus, address, speed, count = _leading(_IDENTITY, body, "identity")
    start = _IDENTITY.size + count
    if len(body) < start + 2:
        raise BadData("port path", _IDENTITY.size, "cut off")
    (length,) = _U16.unpack_from(body, start)
    end = start + 2 + length
    if len(body) < end:
        raise BadData("device descriptor", start, "cut off")
    ports = tuple(body[_IDENTITY.size : start])
    return Identity(bus, address, ports, speed, body[start + 2 : end], body[end:], version)


def _exact(layout: struct.Struct, body: bytes, name: str) -> tuple[int, ...]:
    if len(body) != layout.size:
        raise BadData(name, 0, f"{len(body)} bytes instead of {layout.size}")
    return layout.unpack(body)


def _leading(layout: struct.Struct, body: bytes, name: str) -> tuple[int, ...]:
    if len(body) < layout.size:
        raise BadData(name, 0, f"{len(body)} bytes, at least {layout.size} are needed")
    return layout.unpack_from(body)
