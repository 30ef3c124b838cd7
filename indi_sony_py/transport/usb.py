"""A camera on a USB bus, real or simulated: the only way to it (does I/O).

- The active configuration stays as it is: set_configuration keeps an ILCE-7SM2 from connecting. Endpoints
  come from the descriptors. Nobody else's claim is taken away; who holds the camera is said.
- Containers go out as one transfer each, with a zero-length packet after a whole number of packets; reads ask
  for whole packets (else EOVERFLOW), never past the container under way; an empty read means "read again"
  (libgphoto2 usb.c, alphawire).
- Transaction ids: 0 outside a session and for OpenSession, then 1, +1 each; a command that went out has used
  its id.
- A stall is cleared, and the transaction sent once more, but never one that the camera may have taken and
  that must not happen twice (`ONCE`): then `CameraStalled`, and the caller decides.
- A transaction that was cut short by its deadline is finished (its answer read away) before the next one
  begins. A GetObject is taken up instead: asking again for the same object goes on with the bytes that came,
  since the camera gives an object only once. One whose last byte came counts as given, though the camera is gone then.
- One thread, the first that calls, from open to close; a call from another is `RuleBroken`.
"""

from __future__ import annotations

import errno
import logging
from array import array
from collections import deque
from contextlib import suppress
from typing import Any

import usb.core
import usb.util

from indi_sony_py import texts
from indi_sony_py.clock import Clock, Deadline
from indi_sony_py.errors import (
    BadData,
    CameraError,
    CameraGone,
    CameraInUse,
    CameraSilent,
    CameraStalled,
    WrongUsbMode,
)
from indi_sony_py.ptp.codes import Operation, Response
from indi_sony_py.ptp.numbering import Numbering
from indi_sony_py.ptp.transaction import Exchange
from indi_sony_py.transport.base import STILL_S, Event, Progress, Reply, Request
from indi_sony_py.transport.endpoints import endpoints_of, look_s, milliseconds
from indi_sony_py.transport.eventparser import EventParser
from indi_sony_py.transport.find import (
    CameraAddress,
    CameraKind,
    choose_backend,
    devices,
    find_cameras,
    ptp_interface,
)
from indi_sony_py.transport.holder import holder, node_of
from indi_sony_py.transport.owner import Owner
from indi_sony_py.transport.unfinished import Unfinished, kept_object
from indi_sony_py.transport.usberrors import translated

__all__ = ["ONCE", "CameraAddress", "CameraKind", "UsbTransport", "find_cameras", "portion"]

ONCE = frozenset({0x9205, 0x9207, Operation.GET_OBJECT, Operation.SEND_OBJECT})
"""Operations that are never sent again on suspicion: writes, buttons, and an object that is given only once."""

_log = logging.getLogger(__name__)
_LARGEST_READ = 1024 * 1024
_LAST_READ = 128 * 1024
_SMALLEST_READ = 16 * 1024
_EVENT_BYTES = 1024
_EMPTY_READS = 64
_MIXED_ANSWERS = 64
_FLUSH_READS = 64
_FLUSH_S = 0.02
_STATUS_POLLS = 50
_STATUS_PAUSE_S = 0.1
_CONTROL_S = 2.0
_RESPONSE_S = 5.0
_DEVICE_RESET, _GET_STATUS = 0x66, 0x67


def portion(wanted: int, largest: int = _LARGEST_READ) -> int:
    """How many bytes of a long answer to read at once, of `wanted` that are left: less and less towards its end.

    Who works on what has arrived has little left to do behind the last of them.
    """
    return min(wanted, largest, max(wanted // 2, _LAST_READ))


class UsbTransport:
    """`transport.base.Transport` over pyusb. Made by `open`."""

    def __init__(self, device: Any, interface: Any, clock: Clock, key: str = "") -> None:
        """Of a claimed interface; `open` is the usual way."""
        self.key = key
        self.late = 0
        self._device = device
        self._interface = int(interface.bInterfaceNumber)
        self._clock = clock
        self._in, self._out, self._events_in = endpoints_of(interface)
        self._packet = self._packet_of(self._in)
        self._look_s = look_s(int(self._events_in.bInterval), device.speed)
        self._largest = _LARGEST_READ
        self._buffers: dict[int, array[int]] = {}
        self._events: deque[Event] = deque()
        self._parser = EventParser()
        self._numbering = Numbering()
        self._unfinished: Unfinished[Exchange] = Unfinished(self._answer, lambda unanswered: self._clear_halts())
        self._garbled = False
        self._resets = 0
        self._owner = Owner(texts.cable.LET_GO)

    @classmethod
    def open(cls, address: CameraAddress | str, clock: Clock, backend: Any = None) -> UsbTransport:
        """Claim the camera at an address that `find_cameras` gave, or at a key.

        Raises `CameraGone`, `WrongUsbMode`, `CameraInUse` (with the holder, if it can be seen),
        `CameraDenied`.
        """
        key = address if isinstance(address, str) else address.key
        for found, device in devices(choose_backend(backend)):
            if found == key and (isinstance(address, str) or device.address == address.address):
                return cls._claim(device, clock, key)
        raise CameraGone(texts.cable.NO_CAMERA, key=key)

    @classmethod
    def _claim(cls, device: Any, clock: Clock, key: str) -> UsbTransport:
        try:
            match = ptp_interface(device)
            if match is None:
                raise WrongUsbMode(texts.cable.NO_INTERFACE, key=key)
            number = match[1].bInterfaceNumber
            _detach_kernel_driver(device, number)
            usb.util.claim_interface(device, number)
            return cls(device, match[1], clock, key)
        except usb.core.USBError as error:
            usb.util.dispose_resources(device)
            raise _claim_error(error, device, key) from error
        except Exception:
            usb.util.dispose_resources(device)
            raise

    def transact(self, request: Request, deadline: Deadline, progress: Progress | None = None) -> Reply:
        """One transaction. Raises what `transport.base` names; an expired deadline sends nothing."""
        self._owner.check()
        if deadline.expired:
            raise CameraSilent(texts.cable.NO_TIME, operation=request.operation)
        if self._garbled:
            self._garbled = False
            self._flush(deadline)
        resumed = self._finish_old(request, deadline, progress)
        if resumed is not None:
            return resumed
        for last in (False, True):
            taken = False
            exchange = Exchange(request, self._numbering.next_for(request))
            try:
                for number, container in enumerate(exchange.outgoing()):
                    self._write(container, deadline)
                    if number == 0:
                        taken = True
                        self._numbering.went_out(request)
                return self._answer(exchange, deadline, progress)
            except CameraStalled:
                self._clear_halts()
                if last or (taken and request.operation in ONCE):
                    raise
                _log.warning("operation 0x%04X stalled: sent again", request.operation)
            except CameraSilent:
                if taken:
                    self._unfinished.keep(exchange)
                raise
            except BadData:
                self._garbled = True
                raise
            finally:
                self.late += exchange.late
        raise AssertionError("unreachable")

    def next_event(self, deadline: Deadline) -> Event | None:
        """The next event; an expired deadline only looks, for as long as one poll of the endpoint takes (milliseconds).

        Events are hints: bytes that are none are thrown away, with a line in the log. Raises `CameraGone`.
        """
        self._owner.check()
        if self._events:
            return self._events.popleft()
        packet = self._packet_of(self._events_in)
        size = max(packet, _EVENT_BYTES // packet * packet)
        wait = max(deadline.remaining(), self._look_s)
        buffer = self._buffer(size)
        try:
            count = self._device.read(self._events_in.bEndpointAddress, buffer, milliseconds(wait))
        except usb.core.USBError as error:
            ours = translated(error, "reading events")
            if isinstance(ours, CameraSilent):
                return None
            if isinstance(ours, CameraStalled):
                self._clear_halt(self._events_in)
                return None
            raise ours from error
        self._events.extend(self._parser.feed(buffer[:count].tobytes()))
        return self._events.popleft() if self._events else None

    def reset(self, deadline: Deadline) -> None:
        """Halts cleared and the still-image device reset; when that fails, or did not help the last time, a USB reset.

        The session is lost either way. Raises `CameraGone`, `CameraSilent` when the camera does not come
        back.
        """
        self._owner.check()
        self._forget()
        self._resets += 1
        self._clear_halts(every=True)
        if self._resets > 1 or not self._class_reset(deadline):
            self._bus_reset()
        self._clear_halts(every=True)
        self._flush(deadline)

    def close(self) -> None:
        """Let go of the camera. Never raises; calling it again does nothing."""
        if self._owner.closed:
            return
        self._owner.closed = True
        self._unfinished.forget()
        try:
            usb.util.release_interface(self._device, self._interface)
        except Exception as error:
            _log.info("releasing the interface: %s", error)
        try:
            usb.util.dispose_resources(self._device)
        except Exception as error:
            _log.info("closing the device: %s", error)

    def _write(self, data: bytes, deadline: Deadline) -> None:
        self._write_transfer(data, deadline)
        if len(data) % self._packet_of(self._out) == 0:
            self._write_transfer(b"", deadline)

    def _write_transfer(self, data: bytes, deadline: Deadline) -> None:
        try:
            count = self._device.write(self._out.bEndpointAddress, data, milliseconds(deadline.remaining()))
        except usb.core.USBError as error:
            raise translated(error, "writing to the camera") from error
        if count != len(data):
            kind = CameraSilent if deadline.expired else CameraStalled
            raise kind(texts.cable.TOOK_LESS, count=count, wanted=len(data))

    def _answer(self, exchange: Exchange, deadline: Deadline, progress: Progress | None) -> Reply:
        """The camera forgets an object when its last byte was read: it is kept, whatever becomes of the response."""
        try:
            return self._read_reply(exchange, deadline, progress)
        except (CameraGone, CameraSilent, CameraStalled, BadData) as fault:
            kept = kept_object(exchange.request, exchange.whole or None)
            if kept is None:
                raise
            _log.info("%s", fault)
            self._garbled = isinstance(fault, BadData)
            if isinstance(fault, CameraStalled):
                with suppress(CameraGone):
                    self._clear_halts()
            return kept

    def _read_reply(self, exchange: Exchange, deadline: Deadline, progress: Progress | None) -> Reply:
        empty, ending = 0, False
        while exchange.reply is None:
            if exchange.whole and not ending:
                # All that is left is a response of some bytes.
                deadline, ending = deadline.within(_RESPONSE_S), True
            if deadline.expired:
                raise CameraSilent(texts.cable.NO_ANSWER, operation=exchange.request.operation)
            buffer, count = self._read(exchange.wanted, deadline.within(STILL_S))
            empty = 0 if count else empty + 1
            if empty > _EMPTY_READS or exchange.late > _MIXED_ANSWERS:
                raise CameraStalled(texts.cable.UNRELATED)
            if not count:
                continue
            used = exchange.feed(memoryview(buffer)[:count])
            if used < count:
                _log.warning("%d bytes after the answer thrown away", count - used)
            if progress is not None and exchange.received:
                progress(exchange.received)
        self._resets = 0
        self._numbering.answered(exchange.request, exchange.reply)
        return exchange.reply

    def _read(self, wanted: int, deadline: Deadline) -> tuple[array[int], int]:
        packets = -(-portion(wanted, self._largest) // self._packet)
        buffer = self._buffer(min(packets * self._packet, self._largest))
        try:
            return buffer, self._device.read(self._in.bEndpointAddress, buffer, milliseconds(deadline.remaining()))
        except usb.core.USBError as error:
            if error.errno == errno.ENOMEM and self._largest > _SMALLEST_READ:
                # usbfs lends at most usbfs_memory_mb (16 MB for all devices together): ask for less from now on.
                self._largest //= 2
                return buffer, 0
            raise translated(error, "reading from the camera") from error

    def _buffer(self, size: int) -> array[int]:
        buffer = self._buffers.get(size)
        if buffer is None:
            buffer = array("B", bytes(size))
            if size in (self._packet, self._largest) or size <= _EVENT_BYTES:
                self._buffers[size] = buffer
        return buffer

    def _finish_old(self, request: Request, deadline: Deadline, progress: Progress | None) -> Reply | None:
        """What an earlier deadline cut short. A reply comes back only when the same object is asked for again."""
        same = self._unfinished.goes_on(request)
        try:
            return self._unfinished.finish(request, deadline, progress)
        except CameraStalled:
            self._clear_halts()
            if same:
                raise
        except BadData:
            self._garbled = same
            if same:
                raise
            self._flush(deadline)
        return None

    def _clear_halts(self, every: bool = False) -> None:
        for endpoint in (self._in, self._out, self._events_in) if every else (self._in, self._out):
            self._clear_halt(endpoint)

    def _clear_halt(self, endpoint: Any) -> None:
        try:
            self._device.clear_halt(endpoint.bEndpointAddress)
        except usb.core.USBError as error:
            ours = translated(error, "clearing a halt")
            if isinstance(ours, CameraGone):
                raise ours from error
            _log.info("%s", ours)

    def _class_reset(self, deadline: Deadline) -> bool:
        def limit() -> int:
            return milliseconds(deadline.within(_CONTROL_S).remaining())

        try:
            self._device.ctrl_transfer(0x21, _DEVICE_RESET, 0, self._interface, b"", limit())
            for _ in range(_STATUS_POLLS):
                answer = self._device.ctrl_transfer(0xA1, _GET_STATUS, 0, self._interface, 32, limit())
                if len(answer) >= 4 and int.from_bytes(bytes(answer[2:4]), "little") == Response.OK:
                    return True
                if deadline.expired:
                    break
                self._clock.sleep_until(min(deadline.at, self._clock.monotonic() + _STATUS_PAUSE_S))
        except usb.core.USBError as error:
            ours = translated(error, "resetting the camera")
            if isinstance(ours, CameraGone):
                raise ours from error
            _log.info("%s", ours)
        return False

    def _bus_reset(self) -> None:
        # Not Device.reset(): that lets go of the interface first, and a volume monitor waits for just that.
        context = self._device._ctx
        try:
            context.managed_open()
            context.backend.reset_device(context.handle)
        except usb.core.USBError as error:
            raise translated(error, "resetting the USB port") from error

    def _flush(self, deadline: Deadline) -> None:
        """Read away what the camera still had to say; after a reset that is little."""
        for _ in range(_FLUSH_READS):
            try:
                self._read(_SMALLEST_READ, Deadline.after(self._clock, _FLUSH_S))
            except CameraSilent:
                return
            except CameraStalled:
                self._clear_halts()
            if deadline.expired:
                break
        raise CameraSilent(texts.cable.ENDLESS)

    def _forget(self) -> None:
        self._numbering.forget()
        self._unfinished.forget()
        self._garbled = False
        self._events.clear()
        self._parser.clear()

    @staticmethod
    def _packet_of(endpoint: Any) -> int:
        return int(endpoint.wMaxPacketSize) & 0x7FF or 64


def _detach_kernel_driver(device: Any, number: int) -> None:
    try:
        if device.is_kernel_driver_active(number):
            device.detach_kernel_driver(number)
    except NotImplementedError:
        return


def _claim_error(error: Exception, device: Any, key: str) -> CameraError:
    ours = translated(error, f"opening the camera at {key}")
    if isinstance(ours, CameraInUse):
        who = holder(node_of(device.bus or 0, device.address or 0))
        if who:
            return CameraInUse(texts.cable.HELD_BY, key=key, who=who)
        return CameraInUse(texts.cable.HELD, key=key)
    return ours
