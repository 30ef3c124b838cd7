"""USB descriptors as bytes: pure, both directions, shared by the backend of a simulated bus and the camera behind it.

Layouts: USB 2.0 specification, 9.6. A configuration comes as one block (configuration, interfaces,
endpoints); descriptors of other types between them (a super-speed companion, a class descriptor) are stepped
over by their length. Field names are those of the specification, since pyusb reads them by these names.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from indi_sony_py.errors import BadData

__all__ = [
    "GET_DESCRIPTOR",
    "Configuration",
    "DeviceDescriptor",
    "EndpointDescriptor",
    "InterfaceDescriptor",
    "Speed",
    "decode_configuration",
    "decode_device",
    "encode_configuration",
    "encode_device",
    "encode_string",
]

GET_DESCRIPTOR = 6
_DEVICE = struct.Struct("<BBHBBBBHHHBBBB")
_CONFIGURATION = struct.Struct("<BBHBBBBB")
_INTERFACE = struct.Struct("<BBBBBBBBB")
_ENDPOINT = struct.Struct("<BBBBHB")
_COMPANION = struct.Struct("<BBBBH")
_DEVICE_TYPE, _CONFIGURATION_TYPE, _STRING_TYPE, _INTERFACE_TYPE, _ENDPOINT_TYPE = 1, 2, 3, 4, 5
_COMPANION_TYPE = 0x30


class Speed:
    """Bus speeds as libusb counts them."""

    FULL = 2
    HIGH = 3
    SUPER = 4


@dataclass(frozen=True, slots=True)
class DeviceDescriptor:
    """18 bytes that name the device."""

    bcdUSB: int
    bDeviceClass: int
    bDeviceSubClass: int
    bDeviceProtocol: int
    bMaxPacketSize0: int
    idVendor: int
    idProduct: int
    bcdDevice: int
    iManufacturer: int
    iProduct: int
    iSerialNumber: int
    bNumConfigurations: int = 1


@dataclass(frozen=True, slots=True)
class EndpointDescriptor:
    """`bmAttributes` 2 is bulk, 3 is interrupt; `bInterval` as the specification counts it for the speed.

    `companion`: bMaxBurst and wBytesPerInterval of the companion that super speed wants (USB 3.2, 9.6.7); None without.
    """

    bEndpointAddress: int
    bmAttributes: int
    wMaxPacketSize: int
    bInterval: int = 0
    companion: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class InterfaceDescriptor:
    bInterfaceNumber: int
    bAlternateSetting: int
    bInterfaceClass: int
    bInterfaceSubClass: int
    bInterfaceProtocol: int
    iInterface: int = 0
    endpoints: tuple[EndpointDescriptor, ...] = ()


@dataclass(frozen=True, slots=True)
class Configuration:
    bConfigurationValue: int = 1
    iConfiguration: int = 0
    bmAttributes: int = 0xC0
    bMaxPower: int = 1
    interfaces: tuple[InterfaceDescriptor, ...] = ()


def encode_device(d: DeviceDescriptor) -> bytes:
    """The 18 bytes of a device descriptor (USB 2.0, 9.6.1)."""
    return _DEVICE.pack(
        _DEVICE.size,
        _DEVICE_TYPE,
        d.bcdUSB,
        d.bDeviceClass,
        d.bDeviceSubClass,
        d.bDeviceProtocol,
        d.bMaxPacketSize0,
        d.idVendor,
        d.idProduct,
        d.bcdDevice,
        d.iManufacturer,
        d.iProduct,
        d.iSerialNumber,
        d.bNumConfigurations,
    )


def decode_device(data: bytes) -> DeviceDescriptor:
    """Raises `BadData`."""
    if len(data) != _DEVICE.size:
        raise BadData("device descriptor", 0, f"{len(data)} bytes instead of {_DEVICE.size}")
    length, kind, *fields = _DEVICE.unpack(data)
    if length != _DEVICE.size or kind != _DEVICE_TYPE:
        raise BadData("device descriptor", 0, f"length {length}, type {kind}")
    return DeviceDescriptor(*fields)


def encode_configuration(c: Configuration) -> bytes:
    """A configuration descriptor, with its interfaces and endpoints behind it (USB 2.0, 9.6.3)."""
    parts = []
    for i in c.interfaces:
        parts.append(
            _INTERFACE.pack(
                _INTERFACE.size,
                _INTERFACE_TYPE,
                i.bInterfaceNumber,
                i.bAlternateSetting,
                len(i.endpoints),
                i.bInterfaceClass,
                i.bInterfaceSubClass,
                i.bInterfaceProtocol,
                i.iInterface,
            )
        )
        parts += [_encode_endpoint(e) for e in i.endpoints]
    body = b"".join(parts)
    numbers = {i.bInterfaceNumber for i in c.interfaces}
    head = _CONFIGURATION.pack(
        _CONFIGURATION.size,
        _CONFIGURATION_TYPE,
        _CONFIGURATION.size + len(body),
        len(numbers),
        c.bConfigurationValue,
        c.iConfiguration,
        c.bmAttributes,
        c.bMaxPower,
    )
    return head + body


def _encode_endpoint(e: EndpointDescriptor) -> bytes:
    raw = _ENDPOINT.pack(
        _ENDPOINT.size,
        _ENDPOINT_TYPE,
        e.bEndpointAddress,
        e.bmAttributes,
        e.wMaxPacketSize,
        e.bInterval,
    )
    if e.companion is None:
        return raw
    burst, per_interval = e.companion
    return raw + _COMPANION.pack(_COMPANION.size, _COMPANION_TYPE, burst, 0, per_interval)


def decode_configuration(data: bytes) -> Configuration:
    """The whole block. Raises `BadData` for a descriptor that is cut off, too short or out of place."""
    if len(data) < _CONFIGURATION.size:
        raise BadData("configuration descriptor", 0, f"only {len(data)} bytes")
    length, kind, total, _, value, name, attributes, power = _CONFIGURATION.unpack_from(data)
    if kind != _CONFIGURATION_TYPE or length < _CONFIGURATION.size or total != len(data):
        raise BadData("configuration descriptor", 0, f"length {length}, type {kind}, total {total} of {len(data)}")
    interfaces: list[tuple[tuple[int, ...], list[EndpointDescriptor]]] = []
    offset = length
    while offset < total:
        if total - offset < 2 or not 2 <= data[offset] <= total - offset:
            raise BadData("descriptor length", offset, "cut off")
        size, kind = data[offset], data[offset + 1]
        if kind == _INTERFACE_TYPE:
            if size < _INTERFACE.size:
                raise BadData("interface descriptor", offset, f"only {size} bytes")
            interfaces.append((_INTERFACE.unpack_from(data, offset), []))
        elif kind == _ENDPOINT_TYPE:
            if size < _ENDPOINT.size or not interfaces:
                raise BadData("endpoint descriptor", offset, "too short, or before any interface")
            interfaces[-1][1].append(EndpointDescriptor(*_ENDPOINT.unpack_from(data, offset)[2:]))
        offset += size
    built = tuple(
        InterfaceDescriptor(f[2], f[3], f[5], f[6], f[7], f[8], tuple(endpoints)) for f, endpoints in interfaces
    )
    return Configuration(value, name, attributes, power, built)


def encode_string(text: str) -> bytes:
    """A string descriptor; cut to the 126 UTF-16 units that fit."""
    raw = text.encode("utf-16-le", "replace")[:252]
    return bytes((2 + len(raw), _STRING_TYPE)) + raw
