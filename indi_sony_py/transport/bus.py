"""A pyusb backend over ports that are no real USB, a Unix socket among them (does I/O).

- A `Slot` is a place where a camera is plugged in now; opening it gives a `Port`. Descriptors and strings can
  be read from any number of ports; transfers need the claim, which one port has.
- Ports raise `OSError` with the errno that libusb would give (110, 19, 32, 16, 13, 75); the backend turns it
  into pyusb's error. So `transport.usb` is exercised whole, with nothing replaced but the cable.
- `INDI_SONY_BUS=unix:/PATH,unix:/PATH2`: each path that has a living camera behind it is a slot. A path that
  is gone, or that nobody listens at, is an unplugged camera.

Frames: `transport.busframe`; the client of a socket: `transport.socketport`.
"""

from __future__ import annotations

import errno
import os
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Protocol, TypeVar

import usb.backend
import usb.core

from indi_sony_py.errors import BadData
from indi_sony_py.transport.busframe import Identity
from indi_sony_py.transport.descriptors import Configuration, decode_configuration, decode_device
from indi_sony_py.transport.socketport import SocketPort, SocketSlot, parse_address, socket_slots

__all__ = [
    "ENVIRONMENT",
    "BusBackend",
    "Port",
    "Slot",
    "SocketPort",
    "SocketSlot",
    "backend_from_environment",
    "parse_address",
]

ENVIRONMENT = "INDI_SONY_BUS"
_T = TypeVar("_T")
_REQUEST_S = 5.0
_LIBUSB = {
    errno.EIO: -1,
    errno.EINVAL: -2,
    errno.EACCES: -3,
    errno.ENODEV: -4,
    errno.ENOENT: -5,
    errno.EBUSY: -6,
    errno.ETIMEDOUT: -7,
    errno.EOVERFLOW: -8,
    errno.EPIPE: -9,
}
"""errno to libusb's own numbers (libusb.h), which pyusb hands on as `backend_error_code`."""


class Port(Protocol):
    """One program's opened way to one camera. Time-outs are seconds of the host, None for no limit."""

    @property
    def identity(self) -> Identity: ...
    def claim(self, interface: int) -> None: ...
    def release(self, interface: int) -> None: ...
    def bulk_write(self, data: bytes, timeout_s: float | None) -> int: ...
    def bulk_read(self, buffer: memoryview, timeout_s: float | None) -> int:
        """Read until the buffer is full or a short packet came; returns the bytes read."""

    def interrupt_read(self, buffer: memoryview, timeout_s: float | None) -> int: ...
    def control(
        self,
        request_type: int,
        request: int,
        value: int,
        index: int,
        data: bytes | int,
        timeout_s: float | None,
    ) -> bytes | int:
        """Outwards: `data` are bytes, the count comes back. Inwards: `data` is the length, bytes come back."""

    def clear_halt(self, endpoint: int) -> None: ...
    def reset(self) -> None: ...
    def close(self) -> None: ...


class Slot(Protocol):
    """A camera that is plugged in now. `key` is stable text for the place, whatever sits there."""

    @property
    def key(self) -> str: ...
    @property
    def identity(self) -> Identity: ...
    def open(self) -> Port: ...


def backend_from_environment(environment: Mapping[str, str] = os.environ) -> BusBackend | None:
    """The backend that `INDI_SONY_BUS` asks for; None when it is unset or empty. ValueError when it makes no sense."""
    text = environment.get(ENVIRONMENT, "").strip()
    if not text:
        return None
    try:
        paths = [parse_address(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise ValueError(f"{ENVIRONMENT}: {error}; write unix:/PATH or unix:/PATH,unix:/PATH2") from None
    return BusBackend(lambda: socket_slots(paths))


class BusBackend(usb.backend.IBackend):  # type: ignore[misc]
    """pyusb's side: device handles are slots, opened handles are ports."""

    def __init__(self, slots: Callable[[], Sequence[Slot]]) -> None:
        super().__init__()
        self._slots = slots

    def enumerate_devices(self) -> Iterable[Slot]:
        return self._slots()

    def get_parent(self, dev: Slot) -> None:
        return None

    def get_device_descriptor(self, dev: Slot) -> SimpleNamespace:
        identity = dev.identity
        ports = identity.ports
        return _shown(
            _checked(decode_device, identity.device),
            1,
            18,
            bus=identity.bus,
            address=identity.address,
            port_number=ports[-1] if ports else 0,
            port_numbers=ports or None,
            speed=identity.speed,
        )

    def get_configuration_descriptor(self, dev: Slot, config: int) -> SimpleNamespace:
        if config != 0:
            raise IndexError(f"no configuration {config}")
        found = self._configuration(dev)
        numbers = {i.bInterfaceNumber for i in found.interfaces}
        return _shown(found, 2, 9, wTotalLength=len(dev.identity.configuration), bNumInterfaces=len(numbers))

    def get_interface_descriptor(self, dev: Slot, intf: int, alt: int, config: int) -> SimpleNamespace:
        interfaces = self._configuration(dev).interfaces
        numbers = sorted({i.bInterfaceNumber for i in interfaces})
        same = [i for i in interfaces if i.bInterfaceNumber == numbers[intf]]
        return _shown(same[alt], 4, 9, bNumEndpoints=len(same[alt].endpoints))

    def get_endpoint_descriptor(self, dev: Slot, ep: int, intf: int, alt: int, config: int) -> SimpleNamespace:
        interface = self.get_interface_descriptor(dev, intf, alt, config)
        return _shown(interface.endpoints[ep], 5, 7, bRefresh=0, bSynchAddress=0)

    def _configuration(self, dev: Slot) -> Configuration:
        return _checked(decode_configuration, dev.identity.configuration)

    def open_device(self, dev: Slot) -> Port:
        return _translated(dev.open)

    def close_device(self, dev_handle: Port) -> None:
        dev_handle.close()

    def get_configuration(self, dev_handle: Port) -> int:
        return _checked(decode_configuration, dev_handle.identity.configuration).bConfigurationValue

    def set_configuration(self, dev_handle: Port, config_value: int) -> None:
        """Sent to the camera as the standard request that it is, so that a referee sees it."""
        _translated(lambda: dev_handle.control(0x00, 9, config_value, 0, b"", _REQUEST_S))

    def set_interface_altsetting(self, dev_handle: Port, intf: int, altsetting: int) -> None:
        _translated(lambda: dev_handle.control(0x01, 11, altsetting, intf, b"", _REQUEST_S))

    def claim_interface(self, dev_handle: Port, intf: int) -> None:
        _translated(lambda: dev_handle.claim(intf))

    def release_interface(self, dev_handle: Port, intf: int) -> None:
        _translated(lambda: dev_handle.release(intf))

    def bulk_write(self, dev_handle: Port, ep: int, intf: int, data: array[int], timeout: int) -> int:
        return _translated(lambda: dev_handle.bulk_write(data.tobytes(), _seconds(timeout)))

    def bulk_read(self, dev_handle: Port, ep: int, intf: int, buff: array[int], timeout: int) -> int:
        return _translated(lambda: dev_handle.bulk_read(memoryview(buff).cast("B"), _seconds(timeout)))

    def intr_read(self, dev_handle: Port, ep: int, intf: int, buff: array[int], timeout: int) -> int:
        return _translated(lambda: dev_handle.interrupt_read(memoryview(buff).cast("B"), _seconds(timeout)))

    def ctrl_transfer(
        self,
        dev_handle: Port,
        bmRequestType: int,
        bRequest: int,
        wValue: int,
        wIndex: int,
        data: array[int],
        timeout: int,
    ) -> int:
        inwards = bool(bmRequestType & 0x80)
        load: bytes | int = len(data) if inwards else data.tobytes()
        answer = _translated(
            lambda: dev_handle.control(bmRequestType, bRequest, wValue, wIndex, load, _seconds(timeout))
        )
        if isinstance(answer, int):
            return answer
        count = min(len(answer), len(data))
        memoryview(data).cast("B")[:count] = answer[:count]
        return count

    def clear_halt(self, dev_handle: Port, ep: int) -> None:
        _translated(lambda: dev_handle.clear_halt(ep))

    def reset_device(self, dev_handle: Port) -> None:
        _translated(dev_handle.reset)

    def is_kernel_driver_active(self, dev_handle: Port, intf: int) -> bool:
        return False


def _shown(descriptor: Any, kind: int, length: int, **more: Any) -> SimpleNamespace:
    fields = {name: getattr(descriptor, name) for name in descriptor.__slots__}
    return SimpleNamespace(bLength=length, bDescriptorType=kind, extra_descriptors=b"", **fields, **more)


def _seconds(timeout_ms: int) -> float | None:
    return None if timeout_ms == 0 else timeout_ms / 1000


def _checked(decoder: Callable[[bytes], _T], data: bytes) -> _T:
    try:
        return decoder(data)
    except BadData as error:
        raise _usb_error(OSError(errno.EIO, str(error))) from error


def _translated(call: Callable[[], _T]) -> _T:
    try:
        return call()
    except OSError as error:
        raise _usb_error(error) from error


def _usb_error(error: OSError) -> usb.core.USBError:
    number = errno.ETIMEDOUT if isinstance(error, TimeoutError) else error.errno or errno.EIO
    kind = usb.core.USBTimeoutError if number == errno.ETIMEDOUT else usb.core.USBError
    return kind(error.strerror or str(error), _LIBUSB.get(number, -99), number)
