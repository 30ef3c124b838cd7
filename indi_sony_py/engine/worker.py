"""THE thread: takes an input, feeds the machine, does its actions on the session, reports. It does the camera's I/O.

- One owner: nobody else speaks to the camera. Others post requests (`post`, from any thread) and get frozen reports.
- Requests are taken between any two actions, so an abort waits for one transaction at the most.
- A release is timed on the monotonic clock: the wait for it ends early and the rest is slept precisely.
- Events are read whenever there is time; they only shorten waits.
- The outermost handler should never run. If it does, it logs, lets go of the buttons and says so.
"""

from __future__ import annotations

import logging
import math
import queue
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from indi_sony_py import texts
from indi_sony_py.clock import Clock, Deadline
from indi_sony_py.engine.arrival import Told
from indi_sony_py.engine.capture import advance
from indi_sony_py.engine.fetching import Fetcher, Inspect, Room
from indi_sony_py.engine.focusmessages import FocusEnded
from indi_sony_py.engine.handshake import Opened as Handshake
from indi_sony_py.engine.handshake import close_camera, open_camera
from indi_sony_py.engine.messages import (
    CameraStatus,
    ChangeResult,
    ExposureFailed,
    Identity,
    Level,
    LiveFrame,
    LiveState,
    LiveViewStatus,
    Notice,
    Request,
)
from indi_sony_py.engine.moves import (
    Action,
    Button,
    Close,
    Closed,
    Failed,
    Fetch,
    Hint,
    How,
    Input,
    Io,
    Look,
    Moved,
    Open,
    Opened,
    Read,
    SettingsRead,
    Tell,
    Tick,
    Viewed,
    Write,
    Wrote,
)
from indi_sony_py.engine.phases import Phase
from indi_sony_py.engine.state import State
from indi_sony_py.engine.step import RETRY_S
from indi_sony_py.errors import (
    BadData,
    CameraGone,
    CameraRefused,
    CameraStalled,
    NoMemory,
    OutsideError,
    RuleBroken,
    advise,
)
from indi_sony_py.ptp.codes import Response
from indi_sony_py.ptp.data import DataType
from indi_sony_py.sony.codes import Ctl
from indi_sony_py.sony.liveview import decode_live_view
from indi_sony_py.sony.probed import NOTHING, Probed
from indi_sony_py.sony.session import Session
from indi_sony_py.transport.base import Transport

__all__ = ["Inspect", "Room", "Worker"]

OPEN_S = 40.0
BUTTON_S = 5.0
RELEASE_S = 2.5
"""A release that got lost keeps a bulb open for so long, until it is repeated."""
WRITE_S = 5.0
LOOK_S = 2.0
CLOSE_S = 5.0
PRECISE_S = 0.004
LISTEN_S = 0.05
"""While something is awaited, events are looked at so often."""
LISTEN_IDLE_S = 0.5
"""While nothing is awaited."""
_MOST_REQUESTS = 100
_NO_FRAME = frozenset({Response.ACCESS_DENIED, Response.INVALID_OBJECT_HANDLE, Response.DEVICE_BUSY})
"""Refusals that pass: no new frame yet, live view not begun yet (ZV-1: up to 1 s), busy."""


class Worker:
    """The owner of one camera. `connect` finds and claims it and gives a fresh transport."""

    def __init__(
        self,
        connect: Callable[[Deadline], Transport],
        clock: Clock,
        report: Callable[[Told], None],
        inspect: Inspect,
        log: logging.Logger | None = None,
        room: Room = lambda size, folder: "",
        probed: Callable[[Identity], Probed] = lambda identity: NOTHING,
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._report = report
        self._log = log or logging.getLogger(__name__)
        self._probed = probed
        self._fetcher = Fetcher(clock, report, inspect, room, self._log)
        self._inbox: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._transport: Transport | None = None
        self._session: Session | None = None
        self._opened: Handshake | None = None
        self._pending: Io | None = None
        self._live_begun = False
        self.state = State()

    @property
    def finished(self) -> bool:
        """A `Leave` was carried out: nothing is under way, the session is closed."""
        return self.state.finished

    def post(self, request: Request) -> None:
        """Ask for something. From any thread; requests are taken in their order."""
        self._inbox.put(request)

    # --- the loop ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """The thread's body: until a `Leave` is carried out."""
        while not self.finished:
            try:
                wake = self.step()
                if not self.finished:
                    self._wait(wake)
            except Exception as error:  # the outermost handler: it should never run
                self._broken(error)

    def step(self) -> float | None:
        """Do all that can be done now. Returns when to be called again (monotonic s), None = only for a request."""
        self._events()
        self._requests()
        if self._pending is None and self._clock.monotonic() >= self.state.wake:
            self._feed(Tick())
        while self._pending is not None:
            action = self._pending
            self._pending = None
            result = self._perform(action)
            self._feed(result)
            self._requests()
        return None if math.isinf(self.state.wake) else self.state.wake

    def _wait(self, until: float | None) -> None:
        """Sleep until something is due or asked for. The last milliseconds before a release are slept precisely."""
        now = self._clock.monotonic()
        left = LISTEN_S * 20 if until is None else max(0.0, until - now)
        if self._session is not None and not self._shutter_open:
            left = min(left, LISTEN_IDLE_S if self.state.phase is Phase.IDLE else LISTEN_S)
            if self.state.phase is Phase.AWAITING and self._inbox.empty():
                # The image is fetched as soon as the camera says that it is there.
                return self._listen(now + left)
        if left > PRECISE_S:
            try:
                request = self._inbox.get(timeout=left - PRECISE_S / 2)
            except queue.Empty:
                return
            self._feed(request)
        elif until is not None:
            self._clock.sleep_until(until)

    def _listen(self, until: float) -> None:
        """Wait for an event; where the camera cannot be heard, for a request."""
        if not self._hear(until) and (left := until - self._clock.monotonic()) > 0:
            with suppress(queue.Empty):
                self._feed(self._inbox.get(timeout=left))

    @property
    def _shutter_open(self) -> bool:
        job = self.state.job
        return self.state.phase is Phase.EXPOSING and job is not None and not job.full_up

    def _requests(self) -> None:
        """What is asked, in its order. Never all day: a flood of requests must not keep the button from its release."""
        for _ in range(_MOST_REQUESTS):
            try:
                request = self._inbox.get_nowait()
            except queue.Empty:
                return
            self._feed(request)

    def _events(self) -> None:
        """Empty the event endpoint. That the camera is gone tells the next transaction, never this."""
        if self._session is None or self._pending is not None:
            return
        if self._shutter_open and self._clock.monotonic() + LISTEN_S > self.state.wake:
            return  # even a look would delay the release
        for _ in range(64):
            if not self._hear(self._clock.monotonic()):
                return

    def _hear(self, until: float) -> bool:
        """Wait for an event, and take it. False: none came, or the camera cannot be heard."""
        assert self._session is not None
        try:
            event = self._session.next_event(Deadline(self._clock, until))
        except OutsideError as error:
            self._log.debug("events: %s", error)
            return False
        if event is None:
            return False
        self._log.debug("event 0x%04X %s", event.code, event.params)
        self._feed(Hint(event.code))
        return True

    def _feed(self, item: Input) -> None:
        before = self.state.phase
        self.state, actions = advance(self.state, item, self._clock.monotonic())
        if self.state.phase is not before:
            self._log.info("%s -> %s", before.name, self.state.phase.name)
        for action in actions:
            self._take(action)

    def _take(self, action: Action) -> None:
        if isinstance(action, Tell):
            self._report(action.report)
        else:
            assert self._pending is None, "the machine asks for one action at a time"
            self._pending = action

    def _broken(self, error: Exception) -> None:
        """A bug of ours: say so, close the shutter, begin anew after a while. An image that is owed stays owed."""
        self._log.critical("the worker failed in %s", self.state.phase.name, exc_info=error)
        ours = error if isinstance(error, RuleBroken) else RuleBroken(f"{type(error).__name__}: {error}")
        text = advise(ours)
        old = self.state
        self._pending = None
        self._let_go()
        self._drop()
        unfinished = old.job.shot if old.job is not None and not old.job.raw_done else None
        self.state = State(
            wished=old.ever_ready and (old.wished or old.camera is not None),
            force_200=old.force_200,
            ever_ready=old.ever_ready,
            serial=old.serial,
            model=old.model,
            retry_at=self._clock.monotonic() + RETRY_S,
            owed=unfinished or old.owed,
            debt=old.debt,
            setup=old.setup,
            changed=old.changed,
            lenses=old.lenses,
        )
        self._report(Notice(Level.ERROR, text))
        self._report(CameraStatus("offline", text=texts.camera.OPENED_ANEW() if old.ever_ready else "", failed=True))
        if old.live:
            self._report(LiveViewStatus(LiveState.OFF, text))
        for change in old.changes:
            self._report(ChangeResult(change.name, False, None, text))
        moves = (old.focus_wish, old.move.wish if old.move is not None and not old.move.over else None)
        for wish in moves:
            if wish is not None:
                self._report(FocusEnded(wish.id, False, None, text))
        if old.job is not None and not old.job.over:
            self._report(ExposureFailed(old.job.request.id, text, again=True, awaited=old.job.shot is not None))
        if old.held is not None:
            self._report(ExposureFailed(old.held.id, text, again=True))
        if old.leaving is not None:
            self.state = State(finished=True)
        else:
            self._feed(Tick())

    def _let_go(self) -> None:
        if self._session is None:
            return
        for control in (Ctl.FULL_PRESS, Ctl.HALF_PRESS):
            try:
                self._session.control(control, DataType.UINT16, 1, Deadline.after(self._clock, BUTTON_S))
            except OutsideError as error:
                self._log.error("release of %s: %s", control.name, error)

    # --- actions ----------------------------------------------------------------------------------------------------

    def _perform(self, action: Io) -> Input:
        began, utc = self._clock.monotonic(), self._clock.utc()
        try:
            return self._result(action)
        except (OutsideError, MemoryError) as fault:
            error = fault if isinstance(fault, OutsideError) else NoMemory(texts.frames.NO_MEMORY)
            self._log.warning("%s: %s", action, error)
            return Failed(action, error, began, _stamp(utc))

    def _result(self, action: Io) -> Input:
        match action:
            case Open():
                return self._open(action)
            case Close():
                return self._close()
            case Read():
                asked_at = self._clock.monotonic()
                return SettingsRead(self._camera.settings(self._within(action.limit_s)), asked_at)
            case Write():
                write = self._camera.set_value if action.how is How.VALUE else self._camera.control
                write(action.code, action.type, action.value, self._within(WRITE_S))
                return Wrote(action.code)
            case Button():
                return self._button(action)
            case Fetch():
                return self._fetcher.fetch(self._camera, self.state, self._shutter_open)
            case Look():
                return self._look(action)

    @property
    def _camera(self) -> Session:
        if self._session is None:
            raise CameraGone(texts.camera.SESSION_CLOSED)
        return self._session

    def _within(self, seconds: float) -> Deadline:
        return Deadline.after(self._clock, seconds)

    def _open(self, action: Open) -> Opened:
        self._drop()
        deadline = self._within(OPEN_S)
        self._transport = self._connect(deadline)
        try:
            opened = open_camera(self._transport, deadline, action.force_200)
        except OutsideError:
            self._drop()
            raise
        self._session, self._opened = opened.session, opened
        self._log.info(
            "%s firmware %s speaks %s: %s",
            opened.identity.model, opened.identity.firmware, opened.identity.version, opened.identity.version_reason,
        )  # fmt: skip
        return Opened(opened.identity, opened.session.version, opened.settings, self._probed(opened.identity))

    def _close(self) -> Closed:
        try:
            if self._opened is not None:
                close_camera(self._camera, self._opened.info, self._within(CLOSE_S))
        finally:
            self._drop()
        return Closed()

    def _drop(self) -> None:
        if self._transport is not None:
            self._transport.close()
        self._transport = self._session = self._opened = None
        self._live_begun = False

    def _button(self, action: Button) -> Moved:
        """The moment of a button is the begin of its write: what comes after is the same for press and release."""
        began, utc = self._clock.monotonic(), self._clock.utc()
        deadline = self._within(BUTTON_S if action.down else RELEASE_S)
        self._camera.control(action.control, DataType.UINT16, 2 if action.down else 1, deadline)
        return Moved(action.control, action.down, began, _stamp(utc))

    def _look(self, action: Look) -> Viewed:
        """One frame of live view. That there is none now, or a damaged one, is no fault of the session."""
        at, deadline = self._clock.monotonic(), self._within(LOOK_S)
        try:
            if not self._live_begun:
                self._camera.live_view_info(deadline)
                self._live_begun = True
            data = self._camera.live_view(deadline)
        except CameraStalled:
            return Viewed(None, at, texts.camera.LIVE_VIEW_REFUSED(answer="stall"))
        except CameraRefused as error:
            if error.code not in _NO_FRAME:
                raise
            return Viewed(None, at, texts.camera.LIVE_VIEW_REFUSED(answer=f"0x{error.code:04X}"))
        try:
            found = decode_live_view(data, self._camera.version)
        except BadData as error:
            self._log.warning("live view: %s", error)
            return Viewed(None, at, texts.camera.LIVE_VIEW_DAMAGED(detail=error))
        if found is None:
            return Viewed(None, at, texts.camera.LIVE_VIEW_REFUSED(answer="0"))
        return Viewed(LiveFrame(action.number, found.jpeg, found.width, found.height, at), at)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")
