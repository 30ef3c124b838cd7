"""The fast seam: the engine's session, answered by the simulated camera's own parts, without containers and bytes.

A `SeamSession` stands where transport and session stand. What the camera does, judges and gets wrong is the same: each
call goes through `Camera.answer`, with the same time, faults and referee. Left out are framing and codecs: settings
are the camera's own descriptors, taken as they are as long as nothing changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from unittest.mock import patch

from indi_sony_py.clock import Deadline, VirtualClock
from indi_sony_py.engine import handshake
from indi_sony_py.engine.moves import Open, Opened
from indi_sony_py.engine.worker import Worker
from indi_sony_py.errors import BadData, CameraGone, CameraRefused, CameraSilent, CameraStalled
from indi_sony_py.ptp.codes import Operation, Response
from indi_sony_py.ptp.data import DataType, DeviceInfo, ObjectInfo, Value, Writer, write_value
from indi_sony_py.ptp.landing import Landing
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.sim.transaction import Answer, Command
from indi_sony_py.sony.codes import HANDLE_IMAGE, HANDLE_LIVE_VIEW, Op, name_of
from indi_sony_py.sony.session import Session
from indi_sony_py.sony.snapshot import ExtDeviceInfo, Settings, Version
from indi_sony_py.transport.base import Event, Progress
from indi_sony_py.transport.usb import ONCE

__all__ = ["SeamSession", "SeamWorker", "without_bytes"]

_LOOK_S = 0.001
_FINISH_S, _FINISH_BEFORE_BUTTON_S = 2.0, 0.1
_SPOILT = ("damaged-data", "short-data", "wrong-length")
_BUTTON = {down: (2 if down else 1).to_bytes(2, "little") for down in (True, False)}


class SeamSession(Session):
    """Session and transport in one. `transfer` is called at the begin and at the end of each call (for kills)."""

    def __init__(
        self, device: UsbDevice, clock: VirtualClock, transfer: Callable[[], None] = lambda: None
    ) -> None:  # fmt: skip
        self.version = Version.V200
        self.transport = self  # type: ignore[assignment]
        self._device = device
        self._camera = device.camera
        self._clock = clock
        self._transfer = transfer
        self._transaction = 0
        self._numbered = False
        self._late_until = 0.0
        self._closed = False
        device.advance()
        if not device.present:
            raise CameraGone("no camera at sim-0")
        self._place = self._camera.address
        device.host_attached()

    # --- the way ----------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        self._device.advance()
        if self._closed or not self._camera.present or self._camera.address != self._place:
            raise CameraGone("the camera is gone")

    def _sleep(self, until: float) -> None:
        """To a moment, unless the camera vanishes before."""
        agenda = self._camera.world.agenda
        while (now := self._clock.monotonic()) < until:
            planned = agenda.next_time()
            self._clock.sleep_until(until if planned is None else min(until, max(planned, now + _LOOK_S / 10)))
            self._check()

    def _call(
        self, operation: int, deadline: Deadline, params: tuple[int, ...] = (), data: bytes | None = None
    ) -> Answer:  # fmt: skip
        if deadline.expired:
            raise CameraSilent(f"no time left for operation 0x{operation:04X}")
        self._check()
        self._finish_late(operation, deadline)
        for last in (False, True):
            self._transfer()
            try:
                answer = self._answered(operation, deadline, params, data)
            except CameraStalled:
                if last or operation in ONCE:
                    raise
                continue
            self._transfer()
            if answer.code != Response.OK:
                raise CameraRefused(name_of(operation), answer.code)
            return answer
        raise AssertionError("unreachable")

    def _finish_late(self, operation: int, deadline: Deadline) -> None:
        """What an earlier deadline cut short comes first, for a while."""
        patience = _FINISH_BEFORE_BUTTON_S if operation == Op.CONTROL else _FINISH_S
        if self._late_until > self._clock.monotonic():
            self._sleep(min(self._late_until, deadline.at, self._clock.monotonic() + patience))
        self._late_until = 0.0

    def _answered(self, operation: int, deadline: Deadline, params: tuple[int, ...], data: bytes | None) -> Answer:
        camera = self._camera
        opens = operation == Operation.OPEN_SESSION
        number = 0 if opens or not self._numbered else self._transaction
        answer = camera.answer(Command(operation, number, params, data))
        if opens:
            self._numbered, self._transaction = True, 1
        elif self._numbered:
            self._transaction += 1
        self._check()
        ready = self._clock.monotonic() + answer.delay_s
        if answer.silent or camera.hung or camera.mute_until or ready > deadline.at:
            self._late_until = ready if not answer.silent and ready > deadline.at else math.inf
            self._sleep(deadline.at)
            raise CameraSilent(f"no answer to operation 0x{operation:04X}")
        self._sleep(ready)
        if answer.stall:
            raise CameraStalled(f"operation 0x{operation:04X} stalled")
        for fault in answer.faults:
            if fault.kind == "unplug":
                camera.unplug()
                raise CameraGone("the camera is gone")
            if fault.kind in _SPOILT and answer.data is not None:
                raise BadData("data", 0, fault.kind)
        if answer.sent is not None:
            answer.sent()
        if operation == Operation.CLOSE_SESSION and answer.code == Response.OK:
            self._numbered = False
        return answer

    def next_event(self, deadline: Deadline) -> Event | None:
        self._check()
        packet = self._device.interrupt_read(64)
        if packet is None:
            self._sleep(max(deadline.at, self._clock.monotonic() + _LOOK_S))
            packet = self._device.interrupt_read(64)
        if packet is None:
            return None
        numbers = tuple(int.from_bytes(packet[at : at + 4], "little") for at in range(12, len(packet), 4))
        return Event(int.from_bytes(packet[6:8], "little"), numbers)

    def reset(self, deadline: Deadline) -> None:
        self._check()
        self._numbered, self._late_until = False, 0.0
        self._device.reset()

    def close(self, deadline: Deadline | None = None) -> None:
        """With a deadline the session is closed, as a session is; without one the camera is let go of."""
        if deadline is not None:
            self._call(Operation.CLOSE_SESSION, deadline)
        elif not self._closed:
            self._closed = True
            self._device.advance()
            if self._camera.present and self._camera.address == self._place:
                self._device.host_gone()

    # --- the session ------------------------------------------------------------------------------------------------

    def open(self, deadline: Deadline) -> None:
        self._call(Operation.OPEN_SESSION, deadline, (1,))

    def device_info(self, deadline: Deadline) -> DeviceInfo:
        return DeviceInfo.decode(self._call(Operation.GET_DEVICE_INFO, deadline).data or b"")

    def connect_phase(self, phase: int, deadline: Deadline) -> None:
        self._call(Op.CONNECT, deadline, (phase, 0, 0))

    def ext_device_info(self, version: Version, deadline: Deadline) -> ExtDeviceInfo | None:
        params = (version, 1) if version is Version.V300 else (version,)
        found = ExtDeviceInfo.decode(self._call(Op.GET_EXT_DEVICE_INFO, deadline, params).data or b"")
        if found is not None:
            self.version = found.version
        return found

    def settings(self, deadline: Deadline) -> Settings:
        self._call(Op.GET_ALL_PROPERTIES, deadline)
        return self._camera.panel.book.settings()

    def set_value(self, code: int, kind: DataType, value: Value, deadline: Deadline) -> None:
        writer = Writer()
        write_value(writer, kind, value)
        self._call(Op.SET_PROPERTY, deadline, (code,), writer.bytes())

    def control(self, code: int, kind: DataType, value: int, deadline: Deadline) -> None:
        data = _BUTTON[value == 2] if kind is DataType.UINT16 else value.to_bytes(kind.size, "little", signed=True)
        self._call(Op.CONTROL, deadline, (code,), data)

    def object_info(self, deadline: Deadline) -> ObjectInfo | None:
        data = self._call(Operation.GET_OBJECT_INFO, deadline, (HANDLE_IMAGE,)).data or b""
        if len(data) < 53:
            return None
        info = ObjectInfo.decode(bytes(data))
        return info if info.size and info.name else None

    def live_view_info(self, deadline: Deadline) -> None:
        self._call(Operation.GET_OBJECT_INFO, deadline, (HANDLE_LIVE_VIEW,))

    def live_view(self, deadline: Deadline) -> bytes | bytearray | memoryview:
        return bytes(self._call(Operation.GET_OBJECT, deadline, (HANDLE_LIVE_VIEW,)).data or b"")

    def image(
        self, deadline: Deadline, progress: Progress | None = None, into: Landing | None = None
    ) -> bytes | bytearray | memoryview:
        data = self._call(Operation.GET_OBJECT, deadline, (HANDLE_IMAGE,)).data or b""
        if into is None or into.size != len(data):
            return bytes(data)
        into.extend(data)
        return into.view


class SeamWorker(Worker):
    """The worker, whose transport is a `SeamSession`."""

    def _open(self, action: Open) -> Opened:
        with patch.object(handshake, "Session", lambda transport: transport):
            return super()._open(action)


def without_bytes(device: UsbDevice) -> None:
    """0x9209 is judged as ever, and nothing is encoded for it."""
    camera = device.camera

    def told(command: Command) -> Answer:
        camera.live.settings_read()
        camera.body.told()
        return Answer(data=b"")

    camera.responder._operations[Op.GET_ALL_PROPERTIES] = told
