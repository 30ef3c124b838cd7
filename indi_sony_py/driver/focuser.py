"""The lens as an INDI focuser: what a client's write does, and what the vectors tell of moves.

- A move is Busy until the lens stands still, then Ok; Alert with a sentence if it did not get there, Idle if a client
  stopped it. A newer move takes the place of an older one without a word.
- Where the lens stands is told by the vectors' feeds, with each report; here only states are told.
- ABS_FOCUS_POSITION is Idle while nobody has known the position yet, Alert once it was lost.
- DRIVER_INFO tells clients of a focuser once there is a lens that can be driven, not before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from indi_sony_py import texts
from indi_sony_py.driver.row import Row
from indi_sony_py.engine.focusmessages import FocusEnded, FocusReport, MoveFocus, StopFocus, To, UseLens
from indi_sony_py.engine.focustable import ASSUMED
from indi_sony_py.engine.messages import Level
from indi_sony_py.indi.messages import State
from indi_sony_py.indi.vectors import Accepted

if TYPE_CHECKING:
    from indi_sony_py.driver.device import Device

__all__ = ["INTERFACE_FOCUSER", "Focuser"]

INTERFACE_FOCUSER = 8
_ABS, _REL, _SYNC, _HOME = "ABS_FOCUS_POSITION", "REL_FOCUS_POSITION", "FOCUS_SYNC", "FOCUS_HOME"
_TOGGLE, _STEPS = "FOCUS_BACKLASH_TOGGLE", "FOCUS_BACKLASH_STEPS"


@dataclass(frozen=True, slots=True)
class _Move:
    """What a client waits for: the vectors that tell of it."""

    id: int
    vectors: tuple[str, ...]


class Focuser:
    """Of one device."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._board = device.board
        self._move: _Move | None = None
        self._was_known = False
        self._play = ASSUMED.backlash

    @property
    def _told(self) -> FocusReport:
        return self._device.view.focus

    # --- the client -------------------------------------------------------------------------------------------------

    def write(self, row: Row, new: Accepted) -> None:
        """A client's write of a vector of the focuser."""
        match row.name:
            case "LENS_MEASURE":
                self._device.lens_measure.write(row, new)
            case "FOCUS_MOTION":
                self._board.commit(row.name, new.values)
                self._board.tell(row.name, State.OK)
            case "REL_FOCUS_POSITION":
                self._relative(float(str(new.values["FOCUS_RELATIVE_POSITION"])))
            case "ABS_FOCUS_POSITION":
                self._begin(To.PLACE, round(float(str(new.values["FOCUS_ABSOLUTE_POSITION"]))), _ABS)
            case "FOCUS_SYNC":
                units = round(float(str(new.values["FOCUS_SYNC_VALUE"])))
                self._board.commit(row.name, {"FOCUS_SYNC_VALUE": float(units)})
                self._begin(To.HERE, units, _SYNC)
            case "FOCUS_HOME":
                if new.values["GO"] is True:
                    self._board.commit(row.name, {"GO": True})
                    self.run_to_stop()
                else:
                    self._board.tell(row.name, State.OK, {"GO": False})
            case "FOCUS_ABORT_MOTION":
                self._abort(new.values["ABORT"] is True)
            case "FOCUS_BACKLASH_TOGGLE":
                self._take_up(self._play if new.values["INDI_ENABLED"] is True else 0.0, _TOGGLE)
            case "FOCUS_BACKLASH_STEPS":
                self._take_up(float(str(new.values["FOCUS_BACKLASH_VALUE"])), _STEPS)

    def run_to_stop(self) -> None:
        """So that the position is known."""
        self._begin(To.FAR_STOP, 0, _HOME, _ABS)

    def _relative(self, asked: float) -> None:
        units = round(asked)
        way = 1 if self._board["FOCUS_MOTION"].chosen() == "FOCUS_OUTWARD" else -1
        self._board.commit(_REL, {"FOCUS_RELATIVE_POSITION": float(units)})
        place = self._told.place
        if units <= 0:
            self._refuse(texts.focus.NO_STEPS(), _REL)
        elif place is not None and not self._leads_inside(round(place), round(place) + way * units):
            self._refuse(texts.focus.NO_SUCH_PLACE(limit=self._told.limit), _REL)
        else:
            self._begin(To.NEARER, way * units, _REL, _ABS)

    def _leads_inside(self, place: int, target: int) -> bool:
        """Play that was made larger leaves the lens beyond the limit: from there it may come back step by step."""
        return min(place, 0) <= target <= max(place, int(self._told.limit))

    def _begin(self, to: To, units: int, *vectors: str) -> None:
        """Ask for a move; `vectors` tell of it."""
        self._device.lens_measure.stop()
        number = self._device.new_exposure_id()
        if not self._device.connection.send(MoveFocus(number, to, float(units))):
            self._refuse(texts.focus.NO_CONNECTION(), *vectors)
            return
        overtaken, self._move = self._move, _Move(number, vectors)
        for name in () if overtaken is None else overtaken.vectors:
            if name not in vectors:
                self._settle(name, State.IDLE)
        for name in vectors:
            self._board.tell(name, State.BUSY)

    def _refuse(self, text: str, *vectors: str) -> None:
        self._board.say(Level.ERROR, text)
        for name in vectors:
            self._settle(name, State.ALERT)

    def _abort(self, asked: bool) -> None:
        if asked:
            move, self._move = self._move, None
            self._device.lens_measure.stop()
            self._device.connection.send(StopFocus())
            for name in () if move is None else move.vectors:
                self._settle(name, State.IDLE)
        self._board.tell("FOCUS_ABORT_MOTION", State.OK, {"ABORT": False})

    def _take_up(self, play: float, name: str) -> None:
        table = self._told.table
        done = table is not None and self._device.connection.send(UseLens(replace(table, backlash=play)))
        if done and play > 0:
            self._play = play
        self._board.tell(name, State.OK if done else State.ALERT)

    # --- the hand ---------------------------------------------------------------------------------------------------

    def as_shown(self, report: FocusReport) -> FocusReport:
        """A camera that went takes no vector with it: what was known of its lens stays, but for where it stands."""
        if report.table is not None:
            return report
        return replace(self._told, ready=False, text=report.text, moving=False, place=None)

    def reported(self, report: FocusReport) -> None:
        """The view has this report of the lens, and the feeds have told of it."""
        told = self._told
        self._device.lens_measure.reported(report)
        if told.table is not None:
            self._tell_interface(told.there)
            if told.table.backlash > 0:
                self._play = told.table.backlash
        if self._move is None and self._board[_ABS].state is not self._standing:
            self._board.tell(_ABS, self._standing)
        self._was_known |= told.place is not None
        self._device.surroundings.focus_stands(told.place if told.there else None)

    def ended(self, end: FocusEnded) -> None:
        """A move is over; one that was overtaken or stopped has been answered."""
        move = self._move
        if move is None or move.id != end.id:
            self._device.lens_measure.ended(end)
            return
        self._move = None
        if end.text:
            self._board.say(Level.ERROR, end.text)
        for name in move.vectors:
            done = self._standing if name == _ABS else State.OK
            self._settle(name, done if end.ok else State.ALERT)
        if _ABS not in move.vectors:
            self._board.tell(_ABS, self._standing)

    @property
    def _standing(self) -> State:
        """Of ABS_FOCUS_POSITION, while nobody waits for a move."""
        if self._told.moving:
            return State.BUSY
        if self._told.place is not None:
            return State.OK
        return State.ALERT if self._was_known else State.IDLE

    def lost(self, text: str) -> bool:
        """The hand is gone: whether somebody waited, and is told."""
        move, self._move = self._move, None
        if move is not None:
            self._refuse(text, *move.vectors)
        return move is not None

    def forget(self) -> None:
        """The device is disconnected: without a word."""
        self._move = None
        self._was_known = False
        self._device.surroundings.focus_stands(None)
        for name in (_ABS, _REL, _SYNC, _HOME):
            self._board[name].state = State.IDLE

    def _settle(self, name: str, state: State) -> None:
        self._board.tell(name, state, {"GO": False} if name == _HOME else None)

    def _tell_interface(self, there: bool) -> None:
        """A client makes a focuser of a device with this bit; it stays over a disconnection, for the lens does too."""
        before = self._board["DRIVER_INFO"].text("DRIVER_INTERFACE")
        bits = int(before) | INTERFACE_FOCUSER if there else int(before) & ~INTERFACE_FOCUSER
        if str(bits) != before:
            self._board.tell("DRIVER_INFO", None, {"DRIVER_INTERFACE": str(bits)})
