"""The host controller's side of a simulated camera: who has claimed it, its descriptors, its errors as errno. Pure.

- Any number of programs may look; one has the claim, the next gets EBUSY.
- A program that was attached before an unplugging stays cut off (ENODEV), also after the camera came back.
- A read goes on until its buffer is full or a short packet came, as a host controller does it.
"""

from __future__ import annotations

import errno
import os
from typing import Protocol

from indi_sony_py.sim.chapter9 import answer_standard, identity_frame
from indi_sony_py.sim.device import Stalled, Unplugged, UsbDevice
from indi_sony_py.transport.busframe import Identity
from indi_sony_py.transport.descriptors import GET_DESCRIPTOR

__all__ = ["Guest", "HostSide"]


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
        answer = answer_standard(self.device.identity, self.identity, request_type, request, value, data)
        if answer is not None and request_type == 0x80 and request == GET_DESCRIPTOR:
            if not answer and data:
                raise _error(errno.EPIPE)
            return answer
        if self._taken_from(guest):
            raise _error(errno.EBUSY)
        if answer is not None:
            return answer
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
