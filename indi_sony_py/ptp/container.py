"""USB containers: a 12-byte header (length, type, code, transaction id), then parameters or a payload.

Facts: libgphoto2 usb.c and a real trace of an ILCE-7SM3. Header and payload may come in separate USB
transfers, one container in many; "need more" is an answer here, not an error. A data container of exactly 12 bytes is
real (ILCE-6400, libgphoto2#1058). Length 0xFFFFFFFF (longer than 4 GiB) is not sent by any still camera: refused.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from indi_sony_py.errors import BadData
from indi_sony_py.ptp.codes import ANY_TRANSACTION, ContainerType
from indi_sony_py.ptp.data import Buffer

__all__ = ["HEADER", "MAX_PARAMS", "Container", "Header", "encode", "encode_data_header", "parse", "read_header"]

HEADER = 12
MAX_PARAMS = 5
_HEAD = struct.Struct("<IHHI")
_TYPES = frozenset(int(kind) for kind in ContainerType)


@dataclass(frozen=True, slots=True)
class Header:
    """The first 12 bytes. `length` counts the header too."""

    length: int
    type: ContainerType
    code: int
    transaction: int

    @property
    def payload(self) -> int:
        """Bytes that follow the header."""
        return self.length - HEADER


@dataclass(frozen=True, slots=True)
class Container:
    """A whole container. Commands, responses and events have `params`, data containers have `payload`."""

    type: ContainerType
    code: int
    transaction: int = ANY_TRANSACTION
    params: tuple[int, ...] = ()
    payload: bytes = b""


def read_header(data: Buffer) -> Header | None:
    """The header at the start of `data`, or None while fewer than 12 bytes are there. Raises `BadData`."""
    if len(data) < HEADER:
        return None
    length, kind, code, transaction = _HEAD.unpack_from(data)
    if kind not in _TYPES:
        raise BadData("container type", 4, f"{kind} is not a type")
    if length == 0xFFFFFFFF:
        raise BadData("container length", 0, "longer than 4 GiB")
    if length < HEADER:
        raise BadData("container length", 0, f"{length} is shorter than a header")
    head = Header(length, ContainerType(kind), code, transaction)
    if head.type is not ContainerType.DATA and (head.payload % 4 or head.payload > 4 * MAX_PARAMS):
        raise BadData("container length", 0, f"{length} does not fit 0 to {MAX_PARAMS} parameters")
    return head


def parse(data: Buffer) -> tuple[Container, int] | None:
    """The first container of `data` and the bytes that it took; None while it is not whole. Raises `BadData`."""
    head = read_header(data)
    if head is None or len(data) < head.length:
        return None
    body = bytes(data[HEADER : head.length])
    if head.type is ContainerType.DATA:
        return Container(head.type, head.code, head.transaction, (), body), head.length
    params = struct.unpack(f"<{len(body) // 4}I", body)
    return Container(head.type, head.code, head.transaction, params), head.length


def encode(container: Container) -> bytes:
    """The container's bytes. More than five parameters, or a payload where none belongs, is a ValueError."""
    if container.type is ContainerType.DATA:
        if container.params:
            raise ValueError("a data container has no parameters")
        return encode_data_header(container.code, container.transaction, len(container.payload)) + container.payload
    if container.payload or len(container.params) > MAX_PARAMS:
        raise ValueError("only data containers have a payload; others have at most five parameters")
    body = struct.pack(f"<{len(container.params)}I", *container.params)
    return _HEAD.pack(HEADER + len(body), container.type, container.code, container.transaction) + body


def encode_data_header(code: int, transaction: int, payload: int) -> bytes:
    """The 12 bytes before a payload that is sent on its own (a large one is not copied)."""
    return _HEAD.pack(HEADER + payload, ContainerType.DATA, code, transaction)
