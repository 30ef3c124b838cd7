"""LENS_MEASURE: the table of the lens is learned from how large its steps make the stars of live view.

- Steps and looks take turns: a move, then `LOOKS` frames that were taken behind it, then the next move.
- Radii are in pixels of the picture, so its magnification must stay: another one ends it.
- It ends by itself: with the table, which is kept, and a run to the infinity stop; or with a sentence that says why.
  FOCUS_ABORT_MOTION ends it, and so does any other move that a client asks for, another lens, and a camera that is
  away: what is measured then would be of two lenses, or of one that has parked meanwhile.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from indi_sony_py import texts
from indi_sony_py.driver.row import Row
from indi_sony_py.engine.focuslearn import LearningFailed, Steps, learning
from indi_sony_py.engine.focusmessages import FocusEnded, FocusReport, MoveFocus, To, UseLens
from indi_sony_py.engine.focustable import LensTable
from indi_sony_py.engine.messages import Level
from indi_sony_py.hand.messages import StarSeen
from indi_sony_py.indi.messages import State
from indi_sony_py.indi.vectors import Accepted
from indi_sony_py.sony.magnifier import ratio

if TYPE_CHECKING:
    from indi_sony_py.driver.device import Device

__all__ = ["LOOKS", "PATIENCE_S", "LensMeasure"]

LOOKS = 3
"""Frames for one radius: their median."""
SETTLE_S = 0.3
"""From the end of a move to a frame that counts: what live view shows is a little old."""
PATIENCE_S = 60.0
"""So long may no frame come."""
_NAME = "LENS_MEASURE"


class LensMeasure:
    """Of one device."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._board = device.board
        self._run: Generator[Steps, float | None, LensTable] | None = None
        self._move = 0
        self._since = 0.0
        self._looks: list[float] = []
        self._limit_at: float | None = None
        self._ratio: float | None = None
        self._lens = ""

    def write(self, row: Row, new: Accepted) -> None:
        """A client's LENS_MEASURE."""
        if new.values["MEASURE"] is not True:
            self.stop()
            self._board.tell(row.name, State.IDLE, {"MEASURE": False})
        elif self._run is None:
            told = self._device.view.focus
            if not told.ready:
                self._end(State.ALERT, told.text)
                return
            self._board.tell(row.name, State.BUSY, {"MEASURE": True})
            self._board.notice(texts.focus.MEASURING, name=told.lens)
            self._device.star_watch.want(_NAME, True)
            self._run, self._ratio, self._lens = learning(told.lens), None, told.lens
            self._do(next(self._run))

    def stop(self) -> None:
        """Somebody wants the lens for something else."""
        if self._run is not None:
            self._end(State.ALERT, texts.focus.STOPPED())

    def forget(self) -> None:
        """The device is disconnected: without a word."""
        self._run, self._move, self._limit_at = None, 0, None
        self._board[_NAME].choose(None)
        self._board[_NAME].state = State.IDLE

    def lost(self, text: str) -> bool:
        """The hand is gone, or live view is. `text` "": it has been told."""
        waited = self._run is not None
        if waited:
            self._end(State.ALERT, text)
        return waited

    def tick(self, now: float) -> None:
        if self._limit_at is not None and now >= self._limit_at:
            self._end(State.ALERT, texts.focus.NO_STARS_SEEN(seconds=PATIENCE_S))

    def wake_at(self) -> float | None:
        return self._limit_at

    # --- moves and looks --------------------------------------------------------------------------------------------

    def _do(self, steps: Steps) -> None:
        self._looks = []
        if not steps.count:
            self._look()
            return
        self._move, self._limit_at = self._device.new_exposure_id(), None
        if not self._device.connection.send(MoveFocus(self._move, To.STEPS, float(steps.count), steps.size)):
            self._end(State.ALERT, texts.focus.NO_CONNECTION())

    def reported(self, report: FocusReport) -> None:
        """A new report of the lens; one without a table: the camera is away."""
        if self._run is not None and (report.table is None or report.lens != self._lens):
            self._end(State.ALERT, texts.focus.LENS_CHANGED() if report.table is not None else report.text)

    def ended(self, end: FocusEnded) -> None:
        """A move is over."""
        if self._run is None or end.id != self._move:
            return
        self._move = 0
        if end.ok:
            self._look()
        else:
            self._end(State.ALERT, end.text)

    def _look(self) -> None:
        now = self._device.clock.monotonic()
        self._since, self._limit_at = now + SETTLE_S, now + PATIENCE_S

    def seen(self, star: StarSeen) -> None:
        """One more frame was looked at; `star.median` 0: no star in it."""
        if self._run is None or self._limit_at is None or star.at < self._since:
            return
        shown = ratio(star.magnifier)
        if self._ratio not in (None, shown):
            self._end(State.ALERT, texts.focus.MAGNIFIER_CHANGED())
            return
        self._ratio = shown
        self._looks.append(star.median)
        if len(self._looks) < LOOKS:
            return
        radius = sorted(self._looks)[LOOKS // 2]
        try:
            self._do(self._run.send(radius or None))
        except StopIteration as end:
            self._learned(end.value)
        except LearningFailed as error:
            self._end(State.ALERT, texts.focus.NOT_LEARNED(reason=error))

    def _learned(self, table: LensTable) -> None:
        self._device.connection.send(UseLens(table))
        sizes = ", ".join(f"{size:g}" for size in table.sizes)
        self._board.notice(texts.focus.LEARNED, name=table.name, sizes=sizes, span=table.span, play=table.backlash)
        self._end(State.OK)
        self._device.focuser.run_to_stop()

    def _end(self, state: State, text: str = "") -> None:
        self._run, self._move, self._limit_at = None, 0, None
        self._device.star_watch.want(_NAME, False)
        if text:
            self._board.say(Level.ERROR, text)
        self._board.tell(_NAME, state, {"MEASURE": False})
