"""The lens is moved: between exposures, step by step, and where it stands is counted. The handlers of it. Pure.

Rules kept here:

- A move is a wish: it waits until no exposure and no change of a setting is under way, and an exposure that is asked
  for meanwhile waits for its end. Never a step while a photo is made, nor while the lens follows the last one.
- It has an end: the steps of its plan, `MOVE_MAX_S`, a stop, another move, or the end of the connection. A stop is
  answered at once; the lens is where the steps that were taken have brought it.
- Where it stands is counted from the far stop. Nobody knows it in a new session (the lens may have parked, or be
  another one), with auto-focus on, when 0xD24C tells that something else moved it, and after a step without an answer.
- Steps are only refused where the body says that they move nothing; what it does not say is tried. At the end it is
  looked whether something came in between.
"""

from __future__ import annotations

from dataclasses import replace

from indi_sony_py import texts
from indi_sony_py.engine.focusmessages import FocusEnded, FocusReport, LensKept, MoveFocus, To, UseLens
from indi_sony_py.engine.focustable import (
    AT_FAR_STOP,
    MAX_PLAN,
    Place,
    after,
    homing,
    known_table,
    nudge,
    plan,
    unusable,
)
from indi_sony_py.engine.moves import How, Write
from indi_sony_py.engine.phases import Phase
from indi_sony_py.engine.results import Results
from indi_sony_py.engine.state import Lens, Move
from indi_sony_py.errors import CameraRefused, OutsideError
from indi_sony_py.ptp.data import DataType
from indi_sony_py.sony.codes import Ctl
from indi_sony_py.sony.focus import FAR, NEAR, STEP_S, Drive, LensState, lens_state, step_code
from indi_sony_py.sony.snapshot import Version

__all__ = ["MOVE_MAX_S", "TELL_PLACE_S", "Moving"]

MOVE_MAX_S = 900.0
"""A whole move, with the run to the far stop before it."""
TELL_PLACE_S = 0.5
"""Between two words about where it is."""
ROUGH_STEP = 1
"""0xD24C may change by so much without a move: it is rounded."""


class Moving(Results):
    """Requests and results that concern the lens, and the phase MOVING."""

    # --- requests ---------------------------------------------------------------------------------------------------

    def _move_focus(self, item: MoveFocus) -> None:
        s = self.s
        if s.camera is None or s.settings is None or s.disconnecting or s.leaving is not None:
            self._tell(FocusEnded(item.id, False, None, texts.focus.NO_CONNECTION()))
            return
        self._stop_focus()
        if item.to is To.HERE:
            return self._take_place(item)
        self._set(focus_wish=item)

    def _take_place(self, item: MoveFocus) -> None:
        """Somebody knows better where it stands, with the play taken up."""
        lens = self.s.lens
        if lens is None or not 0 <= item.units <= lens.table.reach:
            limit = 0.0 if lens is None else lens.table.reach
            self._tell(FocusEnded(item.id, False, self._place, texts.focus.NO_SUCH_PLACE(limit=limit)))
            return
        self._set(lens=replace(lens, place=Place(item.units, item.units), rough=None))
        self._show_lens()
        self._tell(FocusEnded(item.id, True, item.units))

    def _stop_focus(self) -> None:
        """What waits is not moved any more; a move under way is over, though its last step is still followed."""
        wish = self.s.focus_wish
        if wish is not None:
            self._set(focus_wish=None)
            self._tell(FocusEnded(wish.id, False, self._place, texts.focus.STOPPED()))
        self._end_of_move(False, texts.focus.STOPPED())

    def _use_lens(self, item: UseLens) -> None:
        table, problem = item.table, unusable(item.table)
        if problem:
            self._notice(texts.focus.BAD_TABLE, name=table.name, reason=problem)
            return
        lens = self.s.lens
        if lens is not None and lens.table == table:
            # Programs write the play again and again: what is in use stops no move.
            return
        self._set(lenses=(table, *(known for known in self.s.lenses if known.name != table.name)))
        self._tell(LensKept(table))
        if lens is not None and lens.table.name == table.name:
            self._end_of_move(False, texts.focus.STOPPED())
            # Behind a move the play is taken up: how much it is does not matter to where the lens stands.
            only_play = replace(lens.table, backlash=table.backlash) == table
            stands = only_play and lens.place is not None and lens.place.motor == lens.place.glass
            self._set(lens=replace(lens, table=table, place=lens.place if stands else None))
            self._show_lens()

    # --- what the camera tells --------------------------------------------------------------------------------------

    def _look_at_lens(self) -> None:
        """Fresh settings: another lens, auto-focus, a ring that was turned."""
        s = self.s
        if s.settings is None:
            return
        found, lens = lens_state(s.settings), s.lens
        if lens is None or lens.table.name != found.name:
            self._end_of_move(False, texts.focus.LOST_PLACE())
            lens = Lens(known_table(found.name, s.lenses), rough=found.rough)
        elif lens.place is not None and self._moved_by_others(lens, found):
            self._notice(texts.focus.LOST_PLACE)
            lens = replace(lens, place=None)
        if s.move is None and (lens.rough is None or lens.place is None) and lens.rough != found.rough:
            lens = replace(lens, rough=found.rough)
        there = self._is_there(lens, found)
        if there != lens.there:
            lens = replace(lens, there=there)
        if lens is not s.lens:
            self._set(lens=lens)
        self._show_lens()

    def _is_there(self, lens: Lens, found: LensState) -> bool:
        """A body that does not say is believed to have it where it names the control, or says it in its 3.00."""
        match found.drive:
            case Drive.READY:
                return True
            case Drive.NOTHING:
                return False
            case Drive.AUTO_FOCUS:
                return lens.there
            case Drive.UNKNOWN:
                camera = self.s.camera
                newer = camera is not None and (Version.V300 in camera.body.versions or not camera.body.known)
                return (found.listed or newer) and not lens.refused

    def _moved_by_others(self, lens: Lens, found: LensState) -> bool:
        if found.drive is Drive.AUTO_FOCUS:
            return True
        if self.s.move is not None or lens.rough is None or found.rough is None or self.now < lens.still_at:
            return False
        return abs(lens.rough - found.rough) > ROUGH_STEP

    def _stepped(self) -> None:
        """A step was taken."""
        move, lens = self.s.move, self.s.lens
        if move is None or lens is None or not move.code:
            return
        place = None if lens.place is None else after(lens.table, lens.place, move.code)
        still_at = self.now + STEP_S * abs(move.code)
        self._set(lens=replace(lens, place=place, still_at=still_at), move=replace(move, code=0))
        if self.now - move.told_at >= TELL_PLACE_S:
            self._set(move=replace(move, code=0, told_at=self.now))
            self._show_lens()

    def _step_failed(self, error: OutsideError) -> None:
        """A step without an answer may have been taken or not."""
        move, lens = self.s.move, self.s.lens
        if move is None or lens is None or not move.code:
            return
        refused = error.code if isinstance(error, CameraRefused) else 0
        place = lens.place if refused else None
        self._set(lens=replace(lens, place=place, refused=refused), move=replace(move, code=0))
        self._end_of_move(False, texts.focus.REFUSED(code=refused) if refused else texts.focus.STEP_FAILED())

    def _lens_away(self) -> None:
        """The session is over: so is what was known of the lens."""
        if self.s.lens is None and self.s.focus_wish is None and self.s.move is None:
            return
        if self.s.lens is not None:
            self._set(lens=replace(self.s.lens, place=None))
        for wish in (self.s.focus_wish, self.s.move.wish if self.s.move and not self.s.move.over else None):
            if wish is not None:
                self._tell(FocusEnded(wish.id, False, None, texts.focus.NO_CONNECTION()))
        self._set(lens=None, focus_wish=None, move=None)
        self._show_lens()

    # --- the phase --------------------------------------------------------------------------------------------------

    def _begin_move(self, wish: MoveFocus) -> None:
        self._set(focus_wish=None, move=Move(wish, self.now + MOVE_MAX_S), news=False, next_read=self.now)
        self._enter(Phase.MOVING)

    def _go_moving(self) -> None:
        s, move, lens = self.s, self.s.move, self.s.lens
        if move is None or lens is None:
            return self._leave_moving()
        if not move.over and (s.disconnecting or s.leaving is not None):
            self._end_of_move(False, texts.focus.NO_CONNECTION())
            return self._again()
        if self.now < lens.still_at:
            return self._sleep(lens.still_at)
        if move.over:
            return self._leave_moving()
        if self.now > move.limit:
            self._end_of_move(False, texts.focus.TOOK_TOO_LONG(seconds=MOVE_MAX_S))
            return self._again()
        if move.left is None:
            return self._plan_move(move, lens)
        if move.left:
            code = move.left[0]
            self._set(move=replace(move, code=code, left=move.left[1:]))
            return self._do(Write(How.STEPS, Ctl.FOCUS_STEP, DataType.INT16, code))
        if move.homing:
            self._set(lens=replace(lens, place=AT_FAR_STOP), move=replace(move, homing=False))
            return self._again()
        if move.target is not None:
            steps = plan(lens.table, lens.place or AT_FAR_STOP, move.target)
            self._set(move=replace(move, left=steps, target=None))
            return self._again()
        if not move.checked:
            self._set(move=replace(move, checked=True), news=False, next_read=self.now)
            return self._again()
        if not s.news:
            return self._read_or_sleep()
        self._check_move(move, lens)
        self._again()

    def _plan_move(self, move: Move, lens: Lens) -> None:
        """By settings that are fresh: whether it can be driven, and from where."""
        s = self.s
        if not s.news:
            return self._read_or_sleep()
        assert s.settings is not None
        problem = _problem(lens_state(s.settings))
        if problem:
            self._end_of_move(False, problem)
            return self._again()
        table, place = lens.table, lens.place
        left: tuple[int, ...] = ()
        target: float | None = None
        match move.wish.to:
            case To.FAR_STOP:
                left = homing(table)
            case To.STEPS:
                way = NEAR if move.wish.units > 0 else FAR
                left = (step_code(move.wish.size, way),) * min(round(abs(move.wish.units)), MAX_PLAN)
            case To.HERE:
                pass
            case To.NEARER if place is None:
                left = nudge(table, move.wish.units)
            case To.NEARER:
                target = (0.0 if place is None else place.glass) + move.wish.units
            case To.PLACE:
                target = move.wish.units
                left = homing(table) if place is None else ()
        home = bool(left) and move.wish.to in (To.PLACE, To.FAR_STOP)
        if home and not table.measured:
            self._notice_once(texts.focus.ASSUMED, name=table.name)
        self._set(move=replace(move, left=left, target=target, homing=home), lens=replace(lens, refused=0))
        self._show_lens()
        self._again()

    def _check_move(self, move: Move, lens: Lens) -> None:
        """A step that came during a photo at the body, or with auto-focus on, has moved nothing."""
        assert self.s.settings is not None
        problem = _problem(lens_state(self.s.settings)) or (texts.focus.LOST_PLACE() if self._left_over() else "")
        if problem:
            self._set(lens=replace(lens, place=None))
        self._end_of_move(not problem, problem)

    def _end_of_move(self, ok: bool, text: str = "") -> None:
        """The face hears of the end now; the phase ends when the lens stands still."""
        move = self.s.move
        if move is None or move.over:
            return
        self._set(move=replace(move, over=True, left=(), homing=False, target=None))
        self._tell(FocusEnded(move.wish.id, ok, self._place, text))

    def _leave_moving(self) -> None:
        """What 0xD24C reads next is where this move has brought it."""
        lens = self.s.lens
        if lens is not None:
            self._set(lens=replace(lens, rough=None))
        self._set(move=None, news=False, next_read=self.now)
        self._show_lens()
        self._enter(Phase.IDLE)

    # --- what the face is told --------------------------------------------------------------------------------------

    @property
    def _place(self) -> float | None:
        lens = self.s.lens
        return None if lens is None or lens.place is None else lens.place.glass

    def _show_lens(self) -> None:
        shown = self._lens_report()
        if shown != self.s.focus_shown:
            self._set(focus_shown=shown)
            self._tell(shown)

    def _lens_report(self) -> FocusReport:
        s, lens = self.s, self.s.lens
        if lens is None or s.settings is None:
            return FocusReport(text=texts.focus.NO_CONNECTION())
        problem = texts.focus.REFUSED(code=lens.refused) if lens.refused else _problem(lens_state(s.settings))
        return FocusReport(
            lens.table.name,
            not problem,
            problem,
            s.move is not None and not s.move.over,
            self._place,
            lens.table.reach,
            0.0 if lens.place is None else lens.place.doubt,
            lens.table.measured,
            lens.there and not lens.refused,
            lens.table,
        )


def _problem(found: LensState) -> str:
    """Why a step moves nothing; "" where it may."""
    match found.drive:
        case Drive.AUTO_FOCUS:
            return texts.focus.AUTO_FOCUS()
        case Drive.NOTHING:
            return texts.focus.NO_MOTOR()
        case Drive.READY | Drive.UNKNOWN:
            return ""
