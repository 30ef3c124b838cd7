"""A connection to a camera for one command, through its hand (does I/O: the pair, perhaps a process).

Rules kept here:

- This is a face like the driver's, and the camera is driven by a hand like the driver's: there is no other way to it.
- A hand that is at work for a driver is left alone, and it is said who holds the camera. One that is just leaving (the
  command before) is waited for.
- Every wait has an end. Images that nobody asked for are files by then, and are told.
- At the end the camera is put back as a disconnect does it; an exposure that is under way is finished by the hand.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from indi_sony_py.cli.holding import check_others
from indi_sony_py.clock import Clock, Deadline, SystemClock
from indi_sony_py.driver.events import Camera
from indi_sony_py.driver.patience import ATTACH_S
from indi_sony_py.engine.messages import (
    Abort,
    Aborted,
    CameraStatus,
    Change,
    ChangeResult,
    Connect,
    Disconnect,
    Expose,
    ExposureFailed,
    ExposureProgress,
    ExposureRequest,
    ExposureStarted,
    Identity,
    Level,
    LiveState,
    LiveView,
    LiveViewStatus,
    Notice,
    SettingsReport,
)
from indi_sony_py.errors import CameraInUse, HandLost, OutsideError
from indi_sony_py.hand.launch import Attached, HandRefused, attach_or_start
from indi_sony_py.hand.messages import (
    Declined,
    Delivered,
    FrameReady,
    FrameSaved,
    Goodbye,
    HandState,
    LiveFrameReady,
    LiveFrameTaken,
    Looked,
    Message,
    StarSeen,
    StreamForm,
    WatchStar,
)
from indi_sony_py.hand.pair import Parcel
from indi_sony_py.texts import tool

__all__ = ["Link", "Picture", "Session", "Told", "exposure_id", "reach"]

CONNECT_S = 60.0
CHANGE_S = 120.0
"""A walk over all shutter speeds of an old body takes a minute."""
CLOSE_S = 30.0
LOOK_S = 200.0
"""The hand's own limit for a look is 180 s."""
LIVE_S = 30.0
"""So long live view may show nothing, where nothing else has the camera."""
_ABORT_S = 15.0
_GLANCE_S = 0.2
_PATIENCE_S = 300.0
"""As the driver's: so long the hand may be silent in an exposure, beyond twice its length."""
_log = logging.getLogger(__name__)


class Link(Protocol):
    """The pair, as a command uses it."""

    def send(self, message: Message) -> None: ...
    def receive(self, timeout_s: float | None = None) -> Parcel | None: ...
    def close(self) -> None: ...


class Told(OutsideError):
    """What the hand said went wrong: a text that says all, with what to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame of live view: what the hand says of it, and its bytes."""

    ready: LiveFrameReady
    data: bytes


def exposure_id() -> int:
    """A number that no other exposure of this computer has: the night's record and the files go by it."""
    return time.time_ns() // 1_000_000


def reach(key: str) -> tuple[Attached, Clock]:
    """The hand of the camera at `key`, and the clock that it goes by. `HandRefused`, `HandLost`."""
    clock = SystemClock()
    return attach_or_start(key, Deadline.after(clock, ATTACH_S), clock=clock), clock


class Session:
    """Use as a context manager: the end of it is the end of the connection. `tell` is given notices of the hand."""

    def __init__(self, link: Link, clock: Clock, tell: Callable[[Level, str], None]) -> None:
        self.identity = Identity()
        self.settings = SettingsReport(())
        self._link = link
        self._clock = clock
        self._tell = tell
        self._open = False
        self._mine = 0
        self._bytes = b""

    @classmethod
    def to(cls, camera: Camera, tell: Callable[[Level, str], None]) -> Session:
        """With the hand of `camera`. `CameraInUse` or `HandRefused` if it is held, `HandLost` if no hand starts."""
        check_others(camera)
        try:
            attached, clock = reach(camera.key)
        except HandRefused as refused:
            if refused.left_s:
                raise
            raise CameraInUse(tool.HELD, key=camera.key, who=tool.HELD_BY_HAND()) from refused
        session = cls(attached.connection, clock, tell)
        if _busy(attached.state):
            session._leave_alone()
            raise HandRefused(tool.FINISHES_WORK())
        return session

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what a command asks for ------------------------------------------------------------------------------------

    def connect(self, setup: str = "leave", force_200: bool = False) -> Identity:
        """Open the camera; returns when it is ready and its settings are known. `Told`, `HandLost`."""
        self._open = True
        self._link.send(Connect(force_200=force_200, setup=setup))
        ready = False
        deadline = Deadline.after(self._clock, CONNECT_S)
        while not (ready and self.settings.settings):
            match self._next(deadline, tool.NOT_READY(seconds=CONNECT_S)):
                case CameraStatus(state="offline", text=text, failed=True):
                    raise Told(text)
                case CameraStatus(state=state):
                    ready = state == "ready"
                case _:
                    pass
        return self.identity

    def change(self, name: str, value: int) -> ChangeResult:
        """Set a setting to a code of its options; the result says what the camera reads back."""
        self._link.send(Change(name, value))
        deadline = Deadline.after(self._clock, CHANGE_S)
        while True:
            match self._next(deadline, tool.NO_RESULT(name=name)):
                case ChangeResult(name=changed) as result if changed == name:
                    return result
                case _:
                    pass

    def expose(self, request: ExposureRequest, heard: Callable[[Message | None], None]) -> FrameSaved:
        """Make an exposure whose frame is saved by the hand. `heard`: each word of it, None about ten times a second.

        `Told` when no frame will come.
        """
        self._mine = request.id
        self._link.send(Expose(request))
        patience = 2 * request.duration_s + _PATIENCE_S
        limit = self._clock.monotonic() + patience
        while True:
            message = self._hear(0.1)
            heard(message)
            now = self._clock.monotonic()
            match message:
                case FrameSaved(exposure_id=request.id, role=role) as saved if role.value in ("frame", "kept"):
                    return saved
                case ExposureFailed(id=request.id, text=text):
                    raise Told(text)
                case ExposureStarted(id=request.id):
                    limit = now + patience
                case ExposureProgress(id=request.id, limit_s=limit_s):
                    limit = now + max(limit_s, patience)
                case _ if now > limit:
                    raise Told(tool.NO_FRAME(seconds=patience))
                case _:
                    pass

    def looked(self, request: ExposureRequest) -> Looked:
        """What the frame of `request` shows, which asked for a look and is saved. `Told` when nothing is heard."""
        deadline = Deadline.after(self._clock, LOOK_S)
        while True:
            match self._next(deadline, tool.NOT_LOOKED(seconds=LOOK_S)):
                case Looked(exposure_id=request.id) as looked:
                    return looked
                case _:
                    pass

    def live(self, form: StreamForm) -> Generator[Picture | StarSeen | LiveViewStatus | None, None, None]:
        """Live view and the brightest star in it, until the generator is closed; None about ten times a second.

        The next picture is made when the one before was dealt with. `Told` when none will come.
        """
        for wish in (form, WatchStar(True), LiveView(True)):
            self._link.send(wish)
        deadline = Deadline.after(self._clock, LIVE_S)
        try:
            while True:
                match message := self._hear(0.1):
                    case LiveFrameReady():
                        deadline = Deadline.after(self._clock, LIVE_S)
                        yield Picture(message, self._bytes)
                        self._link.send(LiveFrameTaken(message.number))
                    case LiveViewStatus(state=LiveState.OFF | LiveState.MISSING, text=text) if text:
                        raise Told(text)
                    case CameraStatus(state="offline", text=text):
                        raise Told(text)
                    case LiveViewStatus(state=state):
                        if state is LiveState.PAUSED:
                            deadline = Deadline.after(self._clock, LIVE_S)
                        yield message
                    case StarSeen():
                        yield message
                    case _ if deadline.expired:
                        raise Told(tool.NO_LIVE(seconds=LIVE_S))
                    case _:
                        yield None
        finally:
            with suppress(OutsideError):
                for wish in (LiveView(False), WatchStar(False), StreamForm()):
                    self._link.send(wish)

    def abort(self) -> str:
        """End the exposure under way; what the hand says to that."""
        self._link.send(Abort())
        deadline = Deadline.after(self._clock, _ABORT_S)
        while True:
            match self._next(deadline, tool.NOT_ABORTED()):
                case Aborted(text=text):
                    return text
                case _:
                    pass

    def now(self) -> float:
        """The clock that the hand's monotonic times are of."""
        return self._clock.monotonic()

    def close(self) -> None:
        """Put the camera back, and let go of the hand. Never raises; calling it again does nothing."""
        if self._open:
            self._open = False
            with suppress(OutsideError):
                self._link.send(Disconnect())
                deadline = Deadline.after(self._clock, CLOSE_S)
                while not isinstance(left := self._next(deadline, ""), CameraStatus) or left.state != "offline":
                    pass
        with suppress(OutsideError):
            self._link.send(Goodbye())
        self._link.close()

    def _leave_alone(self) -> None:
        """Go again. What the hand offered meanwhile is declined, so that it is saved and not taken for delivered."""
        with suppress(OutsideError):
            while (parcel := self._link.receive(_GLANCE_S)) is not None:
                if parcel.fd is not None:
                    os.close(parcel.fd)
                if isinstance(parcel.message, FrameReady):
                    self._link.send(Declined(parcel.message.frame_id))
        self.close()

    # --- what comes back --------------------------------------------------------------------------------------------

    def _next(self, deadline: Deadline, late: str) -> Message:
        """The next message; `Told` with `late` when none came in time."""
        while True:
            message = self._hear(deadline.remaining())
            if message is not None:
                return message
            if deadline.expired:
                raise Told(late)

    def _hear(self, seconds: float) -> Message | None:
        parcel = self._link.receive(seconds)
        if parcel is None:
            return None
        if parcel.fd is not None:
            try:
                if isinstance(parcel.message, LiveFrameReady):
                    self._bytes = os.pread(parcel.fd, parcel.message.length, 0)
            finally:
                os.close(parcel.fd)
        match message := parcel.message:
            case CameraStatus(identity=identity) if identity.model:
                self.identity = identity
            case SettingsReport():
                self.settings = message
            case Notice(level=level, text=text):
                self._tell(level, text)
            case FrameReady(frame_id=frame_id):
                # It was to be a file; no disk took it, and it is no use here: it stays with the hand.
                self._link.send(Declined(frame_id))
            case FrameSaved(frame_id=frame_id, path=path, exposure_id=exposure_id, text=text, rescued=rescued):
                self._link.send(Delivered(frame_id))
                if exposure_id is None or (rescued and exposure_id != self._mine):
                    self._tell(Level.WARNING, tool.UNASKED_SAVED(path=path, why=text))
            case Goodbye(text=text):
                raise HandLost(text) if text else HandLost(tool.HAND_LEFT)
            case _:
                pass
        return message


def _busy(state: HandState) -> bool:
    return state.exposure is not None or state.held is not None or bool(state.waiting or state.unsaved)
