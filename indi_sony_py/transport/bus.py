"""A pyusb backend over ports that are no real USB, and the Unix socket client among them (does I/O).

- A `Slot` is a place where a camera is plugged in now; opening it gives a `Port`. Descriptors and strings can
  be read from any number of ports; transfers need the claim, which one port has.
- Ports raise `OSError` with the errno that libusb would give (110, 19, 32, 16, 13, 75); the backend turns it
  into pyusb's error. So `transport.usb` is exercised whole, with nothing replaced but the cable.
- `INDI_SONY_BUS=unix:/PATH,unix:/PATH2`: each path that has a living camera behind it is a slot. A path that
  is gone, or that nobody listens at, is an unplugged camera.
- A bus that does not answer within its own time-out and `_GRACE_S` more counts as unplugged: nothing waits
  for ever.

Frames: `transport.busframe`.
"""

from __future__ import annotations

import errno
import os
import socket
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, Protocol, TypeVar

import usb.backend
import usb.core

from indi_sony_py.errors import BadData
from indi_sony_py.transport.busframe import (
    HEAD,
    MAX_DATA,
    BulkRead,
    BulkWrite,
    Claim,
    ClearHalt,
    Control,
    Data,
    Done,
    Failed,
    Frame,
    Identify,
    Identity,
    InterruptRead,
    Kind,
    Release,
    Reset,
    decode,
    encode,
    read_head,
)
from indi_sony_py.transport.descriptors import Configuration, decode_configuration, decode_device

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
_PREFIX = "unix:"
_GRACE_S = 5.0
_CONNECT_S = 5.0
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


def parse_address(text: str) -> Path:
    """The path in `unix:/PATH`. ValueError for anything else."""
    path = text.removeprefix(_PREFIX)
    if path == text or not path.startswith("/"):
        raise ValueError(f"{text!r} is not unix:/PATH")
    return Path(path)


class SocketPort:
    """The client of one simulated camera. One thread uses it; an OSError of errno 19 is final."""

    def __init__(self, path: Path) -> None:
        self._socket: socket.socket | None = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MAX_DATA)
            self._socket.settimeout(_CONNECT_S)
            self._socket.connect(os.fspath(path))
            answer = self._ask(Identify(), 0.0)
        except OSError:
            self.close()
            raise
        if not isinstance(answer, Identity):
            self._lost()
        self.identity = answer

    def claim(self, interface: int) -> None:
        self._done(Claim(interface))

    def release(self, interface: int) -> None:
        self._done(Release(interface))

    def bulk_write(self, data: bytes, timeout_s: float | None) -> int:
        if len(data) > MAX_DATA:
            raise OSError(errno.EINVAL, f"a transfer of more than {MAX_DATA} bytes")
        return self._done(BulkWrite(_ms(timeout_s), data), timeout_s)

    def bulk_read(self, buffer: memoryview, timeout_s: float | None) -> int:
        got = 0
        while got < len(buffer):
            piece = buffer[got : got + MAX_DATA]
            count = self._read(BulkRead(_ms(timeout_s), len(piece)), piece, timeout_s)
            got += count
            if count < len(piece):
                break
        return got

    def interrupt_read(self, buffer: memoryview, timeout_s: float | None) -> int:
        return self._read(InterruptRead(_ms(timeout_s), len(buffer)), buffer, timeout_s)

    def control(
        self,
        request_type: int,
        request: int,
        value: int,
        index: int,
        data: bytes | int,
        timeout_s: float | None,
    ) -> bytes | int:
        if isinstance(data, int):
            frame = Control(_ms(timeout_s), request_type, request, value, index, data)
            answer = self._ask(frame, timeout_s)
            return answer.data if isinstance(answer, Data) else self._lost()
        return self._done(Control(_ms(timeout_s), request_type, request, value, index, len(data), data), timeout_s)

    def clear_halt(self, endpoint: int) -> None:
        self._done(ClearHalt(endpoint))

    def reset(self) -> None:
        self._done(Reset())

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _lost(self) -> NoReturn:
        self.close()
        raise OSError(errno.ENODEV, "the simulated camera was unplugged")

    def _done(self, frame: Frame, timeout_s: float | None = 0.0) -> int:
        answer = self._ask(frame, timeout_s)
        return answer.count if isinstance(answer, Done) else self._lost()

    def _read(self, frame: Frame, into: memoryview, timeout_s: float | None) -> int:
        kind, length = self._send(frame, timeout_s)
        if kind is not Kind.DATA:
            self._take_answer(kind, length)
            self._lost()
        if length > len(into):
            self._lost()
        self._fill(into[:length])
        return length

    def _ask(self, frame: Frame, timeout_s: float | None) -> Frame:
        kind, length = self._send(frame, timeout_s)
        return self._take_answer(kind, length)

    def _send(self, frame: Frame, timeout_s: float | None) -> tuple[Kind, int]:
        if self._socket is None:
            self._lost()
        self._socket.settimeout(None if timeout_s is None else timeout_s + _GRACE_S)
        try:
            self._socket.sendall(encode(frame))
        except OSError:
            self._lost()
        raw = bytearray(HEAD)
        self._fill(memoryview(raw))
        try:
            head = read_head(raw)
        except BadData:
            self._lost()
        assert head is not None
        return head

    def _take_answer(self, kind: Kind, length: int) -> Frame:
        body = bytearray(length)
        self._fill(memoryview(body))
        try:
            answer = decode(kind, bytes(body))
        except BadData:
            self._lost()
        if isinstance(answer, Failed):
            if answer.errno == errno.ENODEV:
                self._lost()
            raise OSError(answer.errno, os.strerror(answer.errno))
        return answer

    def _fill(self, into: memoryview) -> None:
        if self._socket is None:
            self._lost()
        got = 0
        while got < len(into):
            try:
                count = self._socket.recv_into(into[got:])
            except OSError:
                self._lost()
            if count == 0:
                self._lost()
            got += count


def _ms(timeout_s: float | None) -> int:
    return 0 if timeout_s is None else min(0xFFFFFFFF, max(1, round(timeout_s * 1000)))


class SocketSlot:
    """A simulated camera behind a path, as it was when it was looked at."""

    def __init__(self, path: Path, identity: Identity) -> None:
        self._path = path
        self.identity = identity
        self.key = _PREFIX + os.fspath(path)

    def open(self) -> SocketPort:
        """Connect. OSError 19 when the camera is gone, or another one (or the same, plugged in again) sits there."""
        try:
            port = SocketPort(self._path)
        except OSError as error:
            raise OSError(errno.ENODEV, f"nothing at {self._path}") from error
        if port.identity != self.identity:
            port.close()
            raise OSError(errno.ENODEV, f"another camera at {self._path}")
        return port


def socket_slots(paths: Iterable[Path]) -> list[SocketSlot]:
    """The paths that a camera listens at now."""
    found = []
    for path in paths:
        with suppress(OSError):
            port = SocketPort(path)
            found.append(SocketSlot(path, port.identity))
            port.close()
    return found


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
        _translated(lambda: dev_handle.control(0x00, 9, config_value, 0, b"", _GRACE_S))

    def set_interface_altsetting(self, dev_handle: Port, intf: int, altsetting: int) -> None:
        _translated(lambda: dev_handle.control(0x01, 11, altsetting, intf, b"", _GRACE_S))

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
