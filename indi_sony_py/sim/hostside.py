"""The host controller's side of a simulated camera: who has claimed it, its descriptors, its errors as errno. Pure.

- Any number of programs may look; one has the claim, the next gets EBUSY.
- A program that was attached before an unplugging stays cut off (ENODEV), also after the camera came back.
- A read goes on until its buffer is full or a short packet came, as a host controller does it.
"""

from __future__ import annotations

import errno
import os
from typing import Protocol

from indi_sony_py.sim.device import Stalled, Unplugged, UsbDevice, UsbIdentity
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

__all__ = ["Guest", "HostSide", "identity_frame"]

_MANUFACTURER, _PRODUCT, _SERIAL = 1, 2, 3
_ENGLISH = b"\x04\x03\x09\x04"
_STILL_IMAGE_CLASS = 6
_INTERRUPT_PACKET = 64
_INTERVAL = 4
"""bInterval at high speed: 2 ** 3 microframes, one millisecond."""


class Guest(Protocol):
    """A program that is attached to the camera; `identity` is what it saw when it came."""

    @property
    def identity(self) -> Identity: ...


class HostSide:
    """One camera as the programs of one host share it."""

    def __init__(self, device: UsbDevice) -> None:
        self.device = device
        self._owner: Guest | None = None
        self._seen = device.identity
        self._identity = identity_frame(self._seen)

    @property
    def identity(self) -> Identity:
        """The camera's place and descriptors now; the same object until something in them changes."""
        now = self.device.identity
        if now is not self._seen and now != self._seen:
            self._identity = identity_frame(now)
        self._seen = now
        return self._identity

    def alive(self, guest: Guest) -> bool:
        """Is the camera still the one, at the place, that this program attached to?"""
        return self.device.present and self.identity is guest.identity

    def claim(self, guest: Guest) -> None:
        """OSError EBUSY while another program has it."""
        self._ready(guest)
        if self._taken_from(guest):
            raise _error(errno.EBUSY)
        if self._owner is not guest:
            self._owner = guest
            self.device.host_attached()

    def leave(self, guest: Guest) -> None:
        """The program released the camera, or ended. Never raises."""
        if self._owner is guest:
            self._owner = None
            if self.alive(guest):
                self.device.host_gone()

    def bulk_write(self, guest: Guest, data: bytes) -> int:
        self._mine(guest)
        try:
            self.device.bulk_write(data)
        except (Stalled, Unplugged) as error:
            raise _of(error) from error
        return len(data)

    def bulk_read(self, guest: Guest, into: memoryview, got: int) -> tuple[int, bool]:
        """Fill `into` from `got` on; the new fill, and whether the read is complete (not: nothing there yet)."""
        self._mine(guest)
        packet = self._seen.max_packet
        while got < len(into):
            try:
                piece = self.device.bulk_read(len(into) - got)
            except (Stalled, Unplugged) as error:
                raise _of(error) from error
            if piece is None:
                return got, False
            got = _put(piece, into, got)
            if not piece or len(piece) % packet:
                return got, True
        return got, True

    def interrupt_read(self, guest: Guest, into: memoryview, got: int) -> tuple[int, bool]:
        """As `bulk_read`, but one transfer is all that it waits for."""
        self._mine(guest)
        try:
            piece = self.device.interrupt_read(len(into))
        except (Stalled, Unplugged) as error:
            raise _of(error) from error
        return (0, False) if piece is None else (_put(piece, into, 0), True)

    def control(
        self, guest: Guest, request_type: int, request: int, value: int, index: int, data: bytes | int
    ) -> bytes | int:
        """Descriptors are for everybody; all else only while no other program has the claim."""
        self._ready(guest)
        if request_type == 0x80 and request == GET_DESCRIPTOR and isinstance(data, int):
            return self._descriptor(value)[:data]
        if self._taken_from(guest):
            raise _error(errno.EBUSY)
        try:
            return self.device.control(request_type, request, value, index, data)
        except (Stalled, Unplugged) as error:
            raise _of(error) from error

    def clear_halt(self, guest: Guest, endpoint: int) -> None:
        self._mine(guest)
        try:
            self.device.clear_halt(endpoint)
        except (Stalled, Unplugged) as error:
            raise _of(error) from error

    def reset(self, guest: Guest) -> None:
        """A port reset; the claim stays. OSError ENODEV when the camera came back as another device."""
        self._ready(guest)
        if self._taken_from(guest):
            raise _error(errno.EBUSY)
        try:
            self.device.reset()
        except (Stalled, Unplugged) as error:
            raise _of(error) from error
        self._ready(guest)

    def _ready(self, guest: Guest) -> None:
        self.device.advance()
        if not self.alive(guest):
            raise _error(errno.ENODEV)

    def _mine(self, guest: Guest) -> None:
        self._ready(guest)
        if self._owner is not guest:
            raise _error(errno.EBUSY)

    def _taken_from(self, guest: Guest) -> bool:
        return self._owner is not None and self._owner is not guest and self.alive(self._owner)

    def _descriptor(self, value: int) -> bytes:
        kind, number = value >> 8, value & 0xFF
        if kind == 1:
            return self.identity.device
        if kind == 2 and number == 0:
            return self.identity.configuration
        if kind == 3 and number == 0:
            return _ENGLISH
        text = _string(self.device.identity, number) if kind == 3 else ""
        if not text:
            raise _error(errno.EPIPE)
        return encode_string(text)


def identity_frame(i: UsbIdentity) -> Identity:
    """What the host reads at plug-in: PTP's three endpoints, or the two of mass storage."""
    usb_class, subclass, protocol = i.usb_class
    fast = i.speed == "super"
    endpoints = [
        EndpointDescriptor(i.bulk_in, 2, i.max_packet),
        EndpointDescriptor(i.bulk_out, 2, i.max_packet),
    ]
    if usb_class == _STILL_IMAGE_CLASS:
        endpoints.append(EndpointDescriptor(i.interrupt_in, 3, _INTERRUPT_PACKET, _INTERVAL))
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


def _string(i: UsbIdentity, number: int) -> str:
    return {_MANUFACTURER: i.manufacturer, _PRODUCT: i.product_name, _SERIAL: i.serial}.get(number, "")


def _put(piece: bytes, into: memoryview, got: int) -> int:
    end = got + len(piece)
    if end > len(into):
        raise _error(errno.EOVERFLOW)
    into[got:end] = piece
    return end


def _of(error: Stalled | Unplugged) -> OSError:
    return _error(errno.EPIPE if isinstance(error, Stalled) else errno.ENODEV)


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
