"""CCD_EXPOSURE: one exposure from the client's wish to Ok or Alert. No I/O; stepped on the clock that is passed in.

Rules kept here:

- All facts are frozen with the request; nothing is looked up later.
- Busy with the full value at once; a countdown about once a polling period from the opening of the shutter on, never
  negative; one Busy 0 at its end; Busy 0 while the image is awaited and collected; Ok 0 after the BLOB or the file.
- Alert exactly once for each exposure that failed, none for one that was aborted or replaced by a newer one.
- An abort is answered at once. The frame of an exposure that nobody waits for is never sent: the hand saves it.
- While the camera is awaited and no hand is there, a wish waits for `HELD_S`: clients ask again at once, and an Alert
  each time would end their sequence. A wish that waits for more than `TELL_S` says so.
- Never Busy for ever: every report moves a limit, and past the limit the exposure has failed.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from indi_sony_py import texts
from indi_sony_py.clock import Clock
from indi_sony_py.driver.board import Board
from indi_sony_py.driver.row import LONGEST_S
from indi_sony_py.engine.messages import (
    Abort,
    Aborted,
    Expose,
    ExposureFailed,
    ExposureHeld,
    ExposureProgress,
    ExposureRequest,
    ExposureStarted,
    Level,
    Role,
    Stage,
)
from indi_sony_py.hand.messages import ExposureView, FrameSaved, Message
from indi_sony_py.indi.messages import State

__all__ = ["HELD_S", "TELL_S", "Exposure", "Phase"]

_NAME, _VALUE = "CCD_EXPOSURE", "CCD_EXPOSURE_VALUE"
_SILENCE_S = 300.0
"""On top of twice the exposure (the body's own dark frame): so long may a hand say nothing."""
_MARGIN_S = 60.0
_FRAME_AFTER_FILE_S = 10.0
HELD_S = 120.0
TELL_S = 2.0
_SHORTENED = 0.95


class Phase(Enum):
    """Where the exposure that the client waits for stands."""

    NONE = "none"
    ASKED = "asked"
    OPEN = "open"
    WAITING = "waiting"
    SENDING = "sending"


class Exposure:
    """Owned by the device. `send` gives a request to the hand and says whether there is one; `awaited`: whether there
    will be one.
    """

    def __init__(
        self, board: Board, clock: Clock, send: Callable[[Message], bool], awaited: Callable[[], bool] = lambda: False
    ) -> None:
        self._board = board
        self._clock = clock
        self._send = send
        self._awaited = awaited
        self._sent = True
        self._tell_at = 0.0
        self._request: ExposureRequest | None = None
        self._phase = Phase.NONE
        self._ends_at = 0.0
        self._tick_at = 0.0
        self._limit_at = 0.0
        self._camera_busy_until = 0.0
        self._said = ""
        self._handed_over = False

    # --- what others ask --------------------------------------------------------------------------------------------

    @property
    def phase(self) -> Phase:
        return self._phase

    @property
    def request(self) -> ExposureRequest | None:
        """What the client waits for."""
        return self._request

    def not_begun(self) -> Expose | None:
        """What was asked for, as long as no hand has said that its shutter opened: a new hand is given it now."""
        if self._request is None or self._phase is not Phase.ASKED:
            return None
        self._sent = True
        self._limit_at = self._clock.monotonic() + self._patience()
        return Expose(self._request)

    def wants(self, exposure_id: int | None) -> bool:
        """Whether the client still waits for the image of this exposure."""
        return self._request is not None and self._phase is not Phase.SENDING and self._request.id == exposure_id

    def wake_at(self) -> float | None:
        match self._phase:
            case Phase.NONE | Phase.SENDING:
                return None
            case Phase.OPEN:
                return min(self._tick_at, self._limit_at)
            case Phase.ASKED if not self._said:
                return min(self._tell_at, self._limit_at)
            case Phase.ASKED | Phase.WAITING:
                return self._limit_at

    # --- the client -------------------------------------------------------------------------------------------------

    def begin(self, request: ExposureRequest) -> None:
        """A wish within the limits. Whatever runs is replaced by it: the engine aborts that, and holds this one."""
        if self._phase is Phase.SENDING and self._handed_over:
            self._tell(State.OK, 0.0)
        now = self._clock.monotonic()
        self._take(request, Phase.ASKED)
        self._limit_at = max(now, self._camera_busy_until) + self._patience()
        self._tell(State.BUSY, request.duration_s)
        self._sent = self._send(Expose(request))
        if not self._sent and self._awaited():
            self._limit_at = now + HELD_S
        elif not self._sent:
            self.fail(texts.exposure.NO_PROCESS())

    def abort(self) -> None:
        """The client wants it to end: it has ended for the client; the camera is followed through elsewhere."""
        running = self._phase in (Phase.ASKED, Phase.OPEN, Phase.WAITING)
        self._drop()
        self._board.commit("CCD_ABORT_EXPOSURE", {"ABORT": False})
        self._board.tell("CCD_ABORT_EXPOSURE", State.OK)
        self._tell(State.IDLE, 0.0)
        if running:
            self._send(Abort())

    def refuse(self, text: str) -> None:
        """A wish that cannot be. What runs goes on and shows itself again: an Alert would mean that it failed."""
        self._board.say(Level.ERROR, text)
        now = self._clock.monotonic()
        match self._phase:
            case Phase.NONE:
                self._board.tell(_NAME, State.ALERT)
            case Phase.ASKED if self._request is not None:
                self._tell(State.BUSY, self._request.duration_s)
            case Phase.OPEN:
                self._tell(State.BUSY, self._ends_at - now)
            case _:
                self._tell(State.BUSY, 0.0)

    # --- the hand ---------------------------------------------------------------------------------------------------

    def started(self, report: ExposureStarted) -> None:
        if not self.wants(report.id):
            return
        now = self._clock.monotonic()
        self._phase = Phase.OPEN
        self._ends_at = report.started_at + report.duration_s
        self._limit_at = max(now, self._ends_at) + self._patience()
        self._tick_at = self._next_tick(now)
        self._once(report.text)

    def progressed(self, report: ExposureProgress) -> None:
        if not self.wants(report.id):
            return
        self._limit_at = self._clock.monotonic() + max(report.limit_s + _MARGIN_S, self._patience())
        if report.stage in (Stage.WAITING, Stage.COLLECTING) and self._phase is not Phase.WAITING:
            self._wait()
        self._once(report.text)

    def held(self, report: ExposureHeld) -> None:
        if self.wants(report.id):
            self._once(report.text)

    def failed(self, report: ExposureFailed) -> bool:
        """True if it was the one that the client waits for."""
        if not self.wants(report.id):
            return False
        self.fail(report.text)
        return True

    def aborted(self, report: Aborted) -> None:
        """The camera's answer to an abort; one that the client did not ask for ends its exposure too."""
        if report.busy_s:
            self._camera_busy_until = self._clock.monotonic() + report.busy_s
        if self.wants(report.id):
            self.fail(report.text or texts.exposure.ABORTED())
        elif report.id:
            if report.busy_s >= 1 and f"{report.busy_s:.0f} s" not in report.text:
                self._board.notice(texts.exposure.STILL_BUSY, reason=report.text, seconds=report.busy_s)
            else:
                self._board.say(Level.INFO, report.text)

    def saved(self, report: FrameSaved) -> None:
        """An image is a file. For a local upload that is the end of the exposure."""
        if not self.wants(report.exposure_id) or report.role is not Role.FRAME:
            return
        assert self._request is not None
        match self._request.upload:
            case "local":
                self._finish()
            case "both":
                # Its BLOB follows at once, or never: the hand had to put it away.
                self._wait_for_frame(report)
            case _:
                why, because = report.text, texts.exposure.NOT_SENT_BECAUSE
                plain = texts.exposure.NOT_SENT
                self.fail(because(path=report.path, why=why) if why else plain(path=report.path))

    def lost(self, text: str) -> bool:
        """The hand is gone. Whether that ended an exposure."""
        if self._phase not in (Phase.ASKED, Phase.OPEN, Phase.WAITING) or not self._sent:
            return False
        self.fail(text)
        return True

    def adopt(self, view: ExposureView) -> None:
        """An exposure that runs since an earlier life of this process."""
        now = self._clock.monotonic()
        self._take(view.request, Phase.ASKED)
        self._limit_at = max(now + self._patience(), view.limit_at + _MARGIN_S)
        left = view.left_s(now)
        match view.stage:
            case Stage.PREPARING:
                self._tell(State.BUSY, view.request.duration_s)
            case Stage.OPEN:
                self._phase = Phase.OPEN
                self._ends_at = view.started_at + view.duration_s
                self._limit_at = max(self._limit_at, self._ends_at + self._patience())
                self._tick_at = self._next_tick(now)
                self._tell(State.BUSY, left)
            case Stage.WAITING | Stage.COLLECTING:
                self._phase = Phase.WAITING
                self._tell(State.BUSY, 0.0)

    def adopt_held(self, request: ExposureRequest) -> None:
        """One that an earlier life asked for, and that still waits for its turn."""
        self._take(request, Phase.ASKED)
        self._limit_at = self._clock.monotonic() + LONGEST_S + self._patience()
        self._tell(State.BUSY, request.duration_s)

    # --- the frame --------------------------------------------------------------------------------------------------

    def sending(self) -> None:
        """The frame came and is on its way to the client."""
        if self._phase in (Phase.ASKED, Phase.OPEN):
            self._wait()
        self._phase = Phase.SENDING
        self._handed_over = False

    def handed_over(self, exposure_id: int) -> None:
        """The BLOB went to the writer: nothing can take it back."""
        if self._is_sending(exposure_id):
            self._handed_over = True

    def delivered(self, exposure_id: int) -> None:
        """The server has the BLOB."""
        if self._is_sending(exposure_id):
            self._finish()

    # --- the clock --------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        if self._phase in (Phase.NONE, Phase.SENDING):
            return
        if now >= self._limit_at:
            if self._sent:
                self._send(Abort())
            self.fail(texts.exposure.SILENCE() if self._sent else texts.camera.DID_NOT_COME_BACK())
        elif self._phase is Phase.ASKED and not self._said and now >= self._tell_at:
            self._once(texts.exposure.HELD())
        elif self._phase is Phase.OPEN and now >= self._tick_at:
            if now >= self._ends_at:
                self._wait()
            else:
                self._tell(State.BUSY, self._ends_at - now)
                self._tick_at = self._next_tick(now)

    def reset(self) -> None:
        """The device is being disconnected: nobody is told anything."""
        self._drop()
        self._board.commit(_NAME, {_VALUE: 0.0})
        self._board[_NAME].state = State.IDLE

    # --- steps ------------------------------------------------------------------------------------------------------

    def fail(self, text: str) -> None:
        """The exposure that the client waits for has failed: said once."""
        self._drop()
        self._board.say(Level.ERROR, text)
        self._tell(State.ALERT, 0.0)

    def _is_sending(self, exposure_id: int) -> bool:
        return self._phase is Phase.SENDING and self._request is not None and self._request.id == exposure_id

    def _take(self, request: ExposureRequest, phase: Phase) -> None:
        self._request = request
        self._phase = phase
        self._said = ""
        self._sent = True
        self._tell_at = self._clock.monotonic() + TELL_S
        self._handed_over = False

    def _drop(self) -> None:
        self._request = None
        self._phase = Phase.NONE
        self._handed_over = False

    def _finish(self) -> None:
        self._drop()
        self._tell(State.OK, 0.0)

    def _wait(self) -> None:
        self._phase = Phase.WAITING
        self._tell(State.BUSY, 0.0)

    def _wait_for_frame(self, report: FrameSaved) -> None:
        if self._phase is not Phase.WAITING:
            self._wait()
        self._limit_at = self._clock.monotonic() + _FRAME_AFTER_FILE_S

    def _patience(self) -> float:
        assert self._request is not None
        return 2 * self._request.duration_s + _SILENCE_S

    def _next_tick(self, now: float) -> float:
        assert self._request is not None
        period = self._board["POLLING_PERIOD"].number("PERIOD_MS") / 1000
        if self._request.duration_s < period:
            period = max(0.01, _SHORTENED * self._request.duration_s)
        return min(now + period, max(self._ends_at, now))

    def _once(self, text: str) -> None:
        if text and text != self._said:
            self._said = text
            self._board.say(Level.INFO, text)

    def _tell(self, state: State, value: float) -> None:
        self._board.tell(_NAME, state, {_VALUE: max(0.0, value)})
