"""Which Sony devices are plugged in (does I/O: asks libusb, reads /sys).

- A camera is vendor 0x054C with an interface of class 6, subclass 1, protocol 1; never chosen by its product
  id: the lists of other programs are incomplete, and the id changes with the menu item "USB Connection"
  (gphoto2#507).
- Looking claims nothing, and disturbs no camera at work: descriptors come from the host's memory, strings
  from /sys. Only where /sys has none are they asked from the device, by standard requests.
- `INDI_SONY_BUS` makes this look at simulated cameras instead of USB.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import usb.core
import usb.util

from indi_sony_py import texts
from indi_sony_py.errors import CameraError
from indi_sony_py.transport.bus import backend_from_environment
from indi_sony_py.transport.libusb import new_context

__all__ = [
    "SONY",
    "CameraAddress",
    "CameraKind",
    "choose_backend",
    "devices",
    "find_cameras",
    "ptp_interface",
]

SONY = 0x054C
_STILL_IMAGE = (6, 1, 1)
_MASS_STORAGE_CLASS = 8
_VIDEO_CLASS = 14
_SYSFS = Path("/sys/bus/usb/devices")


class CameraKind(Enum):
    """What the interfaces promise. MTP mode looks like PTP too: only GetDeviceInfo proves PC Remote."""

    PTP = "ptp"
    MASS_STORAGE = "mass storage"
    STREAMING = "streaming"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CameraAddress:
    """A Sony device on the bus. `key` names the place: it stays when the camera is plugged in there again."""

    bus: int
    address: int
    ports: tuple[int, ...]
    vendor: int
    product: int
    serial: str
    product_name: str
    kind: CameraKind
    key: str


def choose_backend(backend: Any = None) -> Any:
    """The given backend, else the one that `INDI_SONY_BUS` asks for, else libusb's. `CameraError` without any."""
    try:
        chosen = backend or backend_from_environment()
    except ValueError as error:
        raise CameraError(texts.cable.BAD_BUS, detail=error) from None
    chosen = chosen or _libusb()
    if chosen is None:
        raise CameraError(texts.cable.NO_LIBUSB)
    return chosen


def _libusb() -> Any:
    try:
        return new_context()
    except usb.core.USBError as error:
        raise CameraError(texts.cable.LIBUSB_FAILS, reason=error) from error


def devices(backend: Any) -> Iterator[tuple[str, Any]]:
    """Key and pyusb device of every Sony device that is plugged in now; one that vanishes meanwhile is left out.

    Raises `CameraError` if the bus cannot be read.
    """
    try:
        handles = list(backend.enumerate_devices())
    except usb.core.USBError as error:
        raise CameraError(texts.cable.BUS_UNREADABLE, reason=error) from error
    for handle in handles:
        with suppress(usb.core.USBError):
            device = usb.core.Device(handle, backend)
            if device.idVendor == SONY:
                yield getattr(handle, "key", None) or _key(device), device


def find_cameras(backend: Any = None) -> list[CameraAddress]:
    """All Sony devices, cameras first. Also those of kind OTHER, headphones say: the caller picks.

    Raises `CameraError` when the bus cannot be read at all.
    """
    found = []
    for key, device in devices(choose_backend(backend)):
        with suppress(usb.core.USBError):
            found.append(_address(key, device))
        usb.util.dispose_resources(device)
    order = list(CameraKind)
    return sorted(found, key=lambda a: (order.index(a.kind), a.bus, a.ports, a.key))


def ptp_interface(device: Any) -> tuple[Any, Any] | None:
    """Configuration and interface of class 6/1/1, from the descriptors alone; None without one."""
    for configuration in device:
        for interface in configuration:
            triplet = (interface.bInterfaceClass, interface.bInterfaceSubClass, interface.bInterfaceProtocol)
            if triplet == _STILL_IMAGE:
                return configuration, interface
    return None


def _address(key: str, device: Any) -> CameraAddress:
    kind = _kind(device)
    foreign = kind is CameraKind.OTHER
    return CameraAddress(
        device.bus or 0,
        device.address or 0,
        tuple(device.port_numbers or ()),
        device.idVendor,
        device.idProduct,
        _text(key, device, "serial", device.iSerialNumber, foreign),
        _text(key, device, "product", device.iProduct, foreign),
        kind,
        key,
    )


def _kind(device: Any) -> CameraKind:
    if ptp_interface(device) is not None:
        return CameraKind.PTP
    classes = {interface.bInterfaceClass for configuration in device for interface in configuration}
    if _MASS_STORAGE_CLASS in classes:
        return CameraKind.MASS_STORAGE
    return CameraKind.STREAMING if _VIDEO_CLASS in classes else CameraKind.OTHER


def _key(device: Any) -> str:
    ports = ".".join(str(port) for port in device.port_numbers or ())
    return f"usb-{device.bus}-{ports}" if ports else f"usb-{device.bus}-a{device.address}"


def _text(key: str, device: Any, name: str, index: int, foreign: bool) -> str:
    """A string of the device; empty when it cannot be read (no permission, say), or is nobody's business."""
    if key.startswith("usb-"):
        with suppress(OSError):
            return (_SYSFS / key.removeprefix("usb-") / name).read_text(errors="replace").strip()
    if foreign or not index:
        return ""
    with suppress(usb.core.USBError, ValueError, IndexError, NotImplementedError):
        return str(usb.util.get_string(device, index) or "").strip("\0 ")
    return ""
