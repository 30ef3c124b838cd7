"""CCD_EXPOSURE: one exposure from the client's wish to Ok or Alert. No I/O; stepped on the clock that is passed in.

Rules kept here:

- All facts are frozen with the request; nothing is looked up later.
- Busy with the full value at once; a countdown about once a polling period from the opening of the shutter on, never
  negative; one Busy 0 at its end; Busy 0 while the image is awaited and collected; Ok 0 after the BLOB or the file.
- Alert exactly once for each exposure that failed, none for one that was aborted or replaced by a newer one.
- An abort is answered at once. The frame of an exposure that nobody waits for is never sent: the hand saves it.
- A failure that nobody need do anything about is no Alert as long as RETAKES allows another try: Busy with the full
  value again, under a new number, so that whatever becomes of the try before is never taken for its frame.
- A client that takes such a try back and asks for the same again gets no further one until it has a frame or an Alert:
  with a limit of its own that is shorter than our tries it would never hear of a failure.
- While the camera is awaited and no hand is there, a wish waits for `HELD_S`: clients ask again at once, and an Alert
  each time would end their sequence. A wish that waits for more than `TELL_S` says so.
- Never Busy for ever: every report moves a limit, and past the limit the exposure has failed.
- Fast exposure (`series`): Ok 0 when the next one begins, whether its own frame has arrived by then or not. A failure
  ends the series; its Alert waits `ALERT_WAITS_S` for frames that are owed, so that none is taken for the next one's.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import replace

from indi_sony_py import texts
from indi_sony_py.clock import Clock
from indi_sony_py.driver.board import Board
from indi_sony_py.driver.row import LONGEST_S
from indi_sony_py.driver.standing import SILENCE_S, TELL_S, Phase, Standing
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
    Observed,
    Role,
    Stage,
)
from indi_sony_py.hand.messages import ExposureView, FrameSaved, Message
from indi_sony_py.indi.messages import State
from indi_sony_py.observatory import Observatory

__all__ = ["ALERT_WAITS_S", "HELD_S", "TELL_S", "Exposure", "Phase"]

_FRAME_AFTER_FILE_S = 10.0
_MARGIN_S = 60.0
ALERT_WAITS_S = 10.0
HELD_S = 120.0
_log = logging.getLogger(__name__)


class Exposure(Standing):
    """Owned by the device. `send` gives a request to the hand and says whether there is one; `awaited`: whether there
    will be one. `again` freezes a further request of so many seconds, or says why there can be none.
    """

    def __init__(
        self,
        board: Board,
        clock: Clock,
        send: Callable[[Message], bool],
        awaited: Callable[[], bool] = lambda: False,
        again: Callable[[float], ExposureRequest | str] = lambda seconds: "",
    ) -> None:
        super().__init__(board, clock, send)
        self._send = send
        self._awaited = awaited
        self._again = again
        self._camera_busy_until = 0.0
        self._reason = ""
        self._given_up_s: float | None = None

    # --- what others ask --------------------------------------------------------------------------------------------

    def not_begun(self) -> Expose | None:
        """What was asked for, as long as no hand has said that its shutter opened: a new hand is given it now."""
        if self._request is None or self._phase is not Phase.ASKED:
            return None
        self._sent = True
        # Hands that never come to it, one after the other, must not keep it Busy for ever.
        self._limit_at = min(self._clock.monotonic(), self._taken_at + HELD_S) + self._patience()
        return Expose(self._request)

    def wants(self, exposure_id: int | None) -> bool:
        """Whether the client still waits for the image of this exposure."""
        owed = self.series.owed.get(exposure_id) if exposure_id is not None else None
        return self._runs(exposure_id) or (owed is not None and not owed.here)

    def _runs(self, exposure_id: int | None) -> bool:
        """Whether it is the one under way, and its image is still awaited."""
        away = self._phase in (Phase.SENDING, Phase.BETWEEN)
        return self._request is not None and not away and self._request.id == exposure_id

    # --- the client -------------------------------------------------------------------------------------------------

    def begin(self, request: ExposureRequest) -> None:
        """A wish within the limits. Whatever runs is replaced by it: the engine aborts that, and holds this one."""
        if (self._phase is Phase.SENDING and self._handed_over) or self._phase is Phase.BETWEEN:
            self._tell(State.OK, 0.0)
        self._taken_back()
        self.series.begin()
        now = self._clock.monotonic()
        self._take(request, Phase.ASKED)
        self._limit_at = max(now, self._camera_busy_until) + self._patience()
        self._tell(State.BUSY, request.duration_s)
        self._sent = self._send(Expose(request))
        if not self._sent and self._awaited():
            self._limit_at = now + HELD_S
        elif not self._sent:
            self.fail(texts.exposure.NO_PROCESS())

    def observed(self, known: Observatory) -> None:
        """Other devices know something new: it is true of the frame as long as its shutter has not opened."""
        self.series.observed(known)
        if self._phase is not Phase.ASKED or self._request is None:
            return
        known = known.filled_from(self._adopted) if self._adopted is not None else known
        if known != self._request.observatory:
            self._request = replace(self._request, observatory=known)
            if self._sent:
                self._send(Observed(self._request.id, known))

    def abort(self) -> None:
        """The client wants it to end: it has ended for the client; the camera is followed through elsewhere."""
        running = self._phase in (Phase.ASKED, Phase.OPEN, Phase.WAITING) or self.series.follower is not None
        self.series.follower = None
        self._taken_back()
        self._drop()
        self._board.commit("CCD_ABORT_EXPOSURE", {"ABORT": False})
        self._board.tell("CCD_ABORT_EXPOSURE", State.OK)
        self._tell(State.IDLE, 0.0)
        self.series.end()
        if running:
            self._send(Abort())

    def recount(self, frames: int) -> None:
        """The client says how many frames are to come, with the one under way."""
        self.series.recount(frames)
        if self._phase is Phase.BETWEEN:
            # It may have been the last one.
            self._finish()
        else:
            self._go_on()

    def refuse(self, text: str) -> None:
        """A wish that cannot be. What runs goes on and shows itself again: an Alert would mean that it failed."""
        self._board.say(Level.ERROR, text)
        now = self._clock.monotonic()
        match self._phase:
            case Phase.NONE:
                self._board.tell("CCD_EXPOSURE", State.ALERT)
            case Phase.ASKED if self._request is not None:
                self._tell(State.BUSY, self._request.duration_s)
            case Phase.OPEN:
                self._tell(State.BUSY, self._ends_at - now)
            case _:
                self._tell(State.BUSY, 0.0)

    # --- the hand ---------------------------------------------------------------------------------------------------

    def started(self, report: ExposureStarted) -> None:
        self._come_forward(report.id)
        if not self._runs(report.id):
            return
        now = self._clock.monotonic()
        self._phase = Phase.OPEN
        self._ends_at = report.started_at + report.duration_s
        self._limit_at = max(now, self._ends_at) + self._patience()
        self._tick_at = self._next_tick(now)
        self._once(report.text)

    def progressed(self, report: ExposureProgress) -> None:
        self._come_forward(report.id)
        if not self._runs(report.id):
            return
        self._limit_at = self._clock.monotonic() + max(report.limit_s + _MARGIN_S, self._patience())
        if report.stage in (Stage.WAITING, Stage.COLLECTING):
            if self._phase is not Phase.WAITING:
                self._wait()
            self._go_on()
        self._once(report.text)

    def held(self, report: ExposureHeld) -> None:
        if self._runs(report.id):
            self._once(report.text)

    def failed(self, report: ExposureFailed) -> bool:
        """True if it was the one that the client waits for."""
        self._come_forward(report.id)
        if not self.wants(report.id):
            _log.info("%s: exposure %d, not waited for, failed: %s", self._board.device, report.id, report.text)
            return False
        self.series.owed.pop(report.id, None)
        if not (report.again and self._runs(report.id) and self._retake(report.text)):
            self.fail(report.text)
        self._told = "" if self._phase is Phase.FAILING else report.text
        return True

    def told(self, reason: str) -> bool:
        """Whether the user has just read it as what ended an exposure. Asked once."""
        told, self._told = self._told, ""
        return reason in told

    def aborted(self, report: Aborted) -> None:
        """The camera's answer to an abort; one that the client did not ask for ends its exposure too."""
        if report.busy_s:
            self._camera_busy_until = self._clock.monotonic() + report.busy_s
        if self._runs(report.id):
            self.fail(report.text or texts.exposure.ABORTED())
        elif report.id and report.text:
            if report.busy_s >= 1 and f"{report.busy_s:.0f} s" not in report.text:
                self._board.notice(texts.exposure.STILL_BUSY, reason=report.text, seconds=report.busy_s)
            else:
                self._board.say(Level.INFO, report.text)

    def saved(self, report: FrameSaved) -> None:
        """An image is a file. For a local upload that is the end of the exposure."""
        number = report.exposure_id
        if number is None or not self.wants(number) or report.role is not Role.FRAME:
            return
        request = self._request if self._runs(number) else self.series.owed[number].request
        assert request is not None
        match request.upload:
            case "local":
                self.delivered(number)
            case "both":
                # Its BLOB follows at once, or never: the hand had to put it away.
                self._wait_for_frame(number)
            case _:
                why, because = report.text, texts.exposure.NOT_SENT_BECAUSE
                plain = texts.exposure.NOT_SENT
                self.series.owed.pop(number, None)
                self.fail(because(path=report.path, why=why) if why else plain(path=report.path))

    def lost(self, text: str) -> bool:
        """The hand is gone. Whether that ended an exposure."""
        running = self._phase in (Phase.ASKED, Phase.OPEN, Phase.WAITING) and self._sent
        if not running and self.series.follower is None and not self.series.awaited():
            return False
        if running and self._retake(text):
            return True
        self.series.follower = None
        self.series.forget_awaited()
        self.fail(text)
        return True

    def _retake(self, text: str) -> bool:
        """The same wish once more, as often as the client lets it: a client that counts each Alert twice or thrice ends
        its whole night with one of them. Not so within a series.
        """
        request, adopted, retaken = self._request, self._adopted, self._retaken + 1
        allowed = round(self._board["RETAKES"].number("TIMES"))
        in_series = self._board["CCD_FAST_TOGGLE"].chosen() == "INDI_ENABLED" or self.series.awaited()
        if request is None or in_series or retaken > allowed or self._given_up_s == request.duration_s:
            return False
        again = self._again(request.duration_s)
        if isinstance(again, str):
            return False
        known = again.observatory.filled_from(adopted) if adopted is not None else again.observatory
        self._board.notice(
            texts.exposure.TAKEN_AGAIN, number=retaken + 1, tries=allowed + 1, seconds=request.duration_s, reason=text
        )
        self.begin(replace(request, id=again.id, observatory=known))
        self._retaken, self._adopted, self._given_up_s = retaken, adopted, None
        return True

    def _taken_back(self) -> None:
        """The client ends what is under way, or wishes for something else."""
        if self._request is not None and self._retaken and self._phase in (Phase.ASKED, Phase.OPEN, Phase.WAITING):
            self._given_up_s = self._request.duration_s

    def adopt(self, view: ExposureView) -> None:
        """An exposure that runs since an earlier life of this process."""
        now = self._clock.monotonic()
        self._take(view.request, Phase.ASKED)
        self._adopted = view.request.observatory
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
        self._adopted = request.observatory
        self._limit_at = self._clock.monotonic() + LONGEST_S + self._patience()
        self._tell(State.BUSY, request.duration_s)

    # --- the frame --------------------------------------------------------------------------------------------------

    def sending(self, exposure_id: int, length: int) -> None:
        """The frame came, so many bytes of it, and is on its way to the client."""
        self.series.came(length)
        owed = self.series.owed.get(exposure_id)
        if owed is not None:
            owed.length, owed.limit_at = length, math.inf
            return
        if self._phase in (Phase.ASKED, Phase.OPEN):
            self._wait()
        self._phase = Phase.SENDING
        self._length = length
        self._handed_over = False
        self._go_on()

    def handed_over(self, exposure_id: int) -> None:
        """The BLOB went to the writer: nothing can take it back."""
        if self._is_sending(exposure_id):
            self._handed_over = True

    def delivered(self, exposure_id: int) -> None:
        """The server has the BLOB, or it is a file as it was asked for."""
        if self.series.owed.pop(exposure_id, None) is not None:
            if self._phase is Phase.FAILING and not self.series.owed:
                self._alert(self._reason)
            self._go_on()
        elif self._is_sending(exposure_id) or self._runs(exposure_id):
            self._finish()

    # --- the clock --------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        if now >= self.series.limit_at():
            self.series.forget_awaited()
            self.fail(texts.exposure.SILENCE())
        if self._phase in (Phase.NONE, Phase.SENDING):
            return
        if now >= self._limit_at and self._phase is Phase.FAILING:
            self._alert(self._reason)
        elif now >= self._limit_at:
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
        self.series.reset()
        self._drop()
        self._hush()
        self._given_up_s = None

    # --- steps ------------------------------------------------------------------------------------------------------

    def fail(self, text: str) -> None:
        """The exposure that the client waits for has failed, and what was to follow with it: said once."""
        if self._phase is Phase.FAILING and self.series.owed:
            return
        self.series.end()
        if self._phase is Phase.SENDING and self._request is not None:
            self.series.owe(self._request, self._length, math.inf)
        if self.series.owed and self._phase is not Phase.FAILING:
            self._request = None
            self._phase, self._reason = Phase.FAILING, text
            self._limit_at = self._clock.monotonic() + ALERT_WAITS_S
        else:
            self._alert(self._reason if self._phase is Phase.FAILING else text)

    def _alert(self, text: str) -> None:
        self._given_up_s = None
        self._drop()
        self._board.say(Level.ERROR, text)
        self._tell(State.ALERT, 0.0)

    def _is_sending(self, exposure_id: int) -> bool:
        return self._phase is Phase.SENDING and self._request is not None and self._request.id == exposure_id

    def _finish(self) -> None:
        """The frame of the one under way has arrived."""
        self._given_up_s = None
        if self.series.left > 1:
            self._phase = Phase.BETWEEN
            self._limit_at = self._clock.monotonic() + self._patience()
            self._go_on()
            return
        self._request, self._phase = None, Phase.NONE
        self._tell(State.OK, 0.0)
        self.series.end()

    def _go_on(self) -> None:
        """Ask for the next frame of a series, if it may be."""
        request = self._request
        free = self._phase in (Phase.SENDING, Phase.BETWEEN)
        if request is None or not self.series.due or not (free or self._phase is Phase.WAITING):
            return
        if self.series.full:
            if free and not self.series.told:
                self.series.told = True
                self._board.notice(texts.exposure.FAST_WAITS, frames=len(self.series.owed) + 1)
            return
        following = self._again(request.duration_s)
        if isinstance(following, str):
            self._stop_after(following)
        elif not self.series.ask(following, request):
            self._stop_after(texts.exposure.NO_PROCESS())

    def _stop_after(self, text: str) -> None:
        """No further one can be: the frame of this one is still awaited, and then it is said."""
        assert self._request is not None
        if self._phase is Phase.WAITING:
            self.series.owe(self._request, 0, self._limit_at)
        limit = self._limit_at
        self.fail(text)
        if self._phase is Phase.FAILING:
            self._limit_at = max(self._limit_at, limit)

    def _come_forward(self, exposure_id: int) -> None:
        """The camera begins what follows: the one before has left it, and is owed as long as it has not arrived."""
        if self.series.follower is None or self.series.follower.id != exposure_id:
            return
        if self._request is not None and self._phase is not Phase.BETWEEN:
            length = self._length if self._phase is Phase.SENDING else 0
            self.series.owe(self._request, length, self._clock.monotonic() + SILENCE_S)
        following = self.series.promote()
        self._tell(State.OK, 0.0)
        self.series.told_left()
        self._take(following, Phase.ASKED)
        self._limit_at = self._clock.monotonic() + self._patience()
        self._tell(State.BUSY, following.duration_s)

    def _wait_for_frame(self, exposure_id: int) -> None:
        limit_at = self._clock.monotonic() + _FRAME_AFTER_FILE_S
        if not self._runs(exposure_id):
            self.series.owed[exposure_id].limit_at = limit_at
            return
        if self._phase is not Phase.WAITING:
            self._wait()
        self._limit_at = limit_at
