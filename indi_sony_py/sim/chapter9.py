"""What every USB device answers on its control endpoint: descriptors and standard requests. Pure.

Layouts and requests: USB 2.0 specification, chapter 9; what only super speed has (companions, the BOS, its features):
USB 3.2, 9.4 and 9.6. What no trace shows of a Sony body (bursts, exit latencies) is assumed.
"""

from __future__ import annotations

import struct

from indi_sony_py.sim.device import UsbIdentity
from indi_sony_py.transport.busframe import Identity
from indi_sony_py.transport.descriptors import (
    GET_DESCRIPTOR,
    Configuration,
    DeviceDescriptor,
    EndpointDescriptor,
    InterfaceDescriptor,
    Speed,
    encode_configuration,
    encode_device,
    encode_string,
)

__all__ = ["answer_standard", "identity_frame"]

_MANUFACTURER, _PRODUCT, _SERIAL = 1, 2, 3
_ENGLISH = b"\x04\x03\x09\x04"
_STILL_IMAGE_CLASS = 6
_INTERRUPT_PACKET = 64
_INTERVAL = 4
"""bInterval at high speed and above: 2 ** 3 microframes, one millisecond."""
_BULK_COMPANION = (15, 0)
_INTERRUPT_COMPANION = (0, _INTERRUPT_PACKET)
_EXTENSION = struct.pack("<BBBI", 7, 0x10, 2, 2)
_SUPER_SPEED = struct.pack("<BBBBHBBH", 10, 0x10, 3, 0, 0x000E, 1, 10, 2047)
_BOS = struct.pack("<BBHB", 5, 0x0F, 5 + len(_EXTENSION) + len(_SUPER_SPEED), 2) + _EXTENSION + _SUPER_SPEED
_SELF_POWERED = b"\x01\x00"
_ONLY_CONFIGURATION = b"\x01"
_ONLY_SETTING = b"\x00"
_LINK_FEATURES = (48, 49, 50)
"""U1, U2, latency tolerance messages."""
_FUNCTION_SUSPEND = 0


def identity_frame(i: UsbIdentity) -> Identity:
    """What the host reads at plug-in: PTP's three endpoints, or the two of mass storage."""
    usb_class, subclass, protocol = i.usb_class
    fast = _fast(i)
    bulk = _BULK_COMPANION if fast else None
    endpoints = [
        EndpointDescriptor(i.bulk_in, 2, i.max_packet, companion=bulk),
        EndpointDescriptor(i.bulk_out, 2, i.max_packet, companion=bulk),
    ]
    if usb_class == _STILL_IMAGE_CLASS:
        interrupt = _INTERRUPT_COMPANION if fast else None
        endpoints.append(EndpointDescriptor(i.interrupt_in, 3, _INTERRUPT_PACKET, _INTERVAL, interrupt))
    interface = InterfaceDescriptor(0, 0, usb_class, subclass, protocol, 0, tuple(endpoints))
    names = [number if _string(i, number) else 0 for number in (_MANUFACTURER, _PRODUCT, _SERIAL)]
    device = DeviceDescriptor(
        0x0300 if fast else 0x0200, 0, 0, 0, 9 if fast else 64, i.vendor, i.product, i.bcd_device, *names
    )
    return Identity(
        i.bus,
        i.address,
        tuple(i.ports),
        Speed.SUPER if fast else Speed.HIGH,
        encode_device(device),
        encode_configuration(Configuration(interfaces=(interface,))),
    )


def answer_standard(
    i: UsbIdentity, frame: Identity, request_type: int, request: int, value: int, data: bytes | int
) -> bytes | int | None:
    """The answer to a standard request: what an IN request reads, what an OUT request took; None: not answered here.

    An empty answer to GET_DESCRIPTOR says that there is no such descriptor (the device stalls).
    """
    length = data if isinstance(data, int) else 0
    match request_type, request:
        case 0x80, descriptors if descriptors == GET_DESCRIPTOR and isinstance(data, int):
            return _descriptor(i, frame, value)[:length]
        case 0x80, 0x00:
            return _SELF_POWERED[:length]
        case 0x81, 0x00:
            return b"\x00\x00"[:length]
        case 0x80, 0x08:
            return _ONLY_CONFIGURATION[:length]
        case 0x81, 0x0A:
            return _ONLY_SETTING[:length]
        case 0x01, 0x0B if value == 0:
            return 0
        case 0x00, 0x30 | 0x31 if _fast(i):
            return len(data) if isinstance(data, bytes) else 0
        case 0x00, 0x01 | 0x03 if _fast(i) and value in _LINK_FEATURES:
            return 0
        case 0x01, 0x01 | 0x03 if _fast(i) and value == _FUNCTION_SUSPEND:
            return 0
    return None


def _fast(i: UsbIdentity) -> bool:
    return i.speed == "super"


def _descriptor(i: UsbIdentity, frame: Identity, value: int) -> bytes:
    kind, number = value >> 8, value & 0xFF
    match kind:
        case 1:
            return frame.device
        case 2 if number == 0:
            return frame.configuration
        case 3 if number == 0:
            return _ENGLISH
        case 3:
            text = _string(i, number)
            return encode_string(text) if text else b""
        case 6 if not _fast(i):
            # The device at the other speed: full speed, with the same classes.
            return bytes((10, 6)) + frame.device[2:8] + bytes((1, 0))
        case 15 if _fast(i):
            return _BOS
    return b""


def _string(i: UsbIdentity, number: int) -> str:
    return {_MANUFACTURER: i.manufacturer, _PRODUCT: i.product_name, _SERIAL: i.serial}.get(number, "")
