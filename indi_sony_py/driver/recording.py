"""Recordings of live view, as clients see them: RECORD_STREAM, RECORD_FILE, RECORD_OPTIONS. The hand writes the file.

- A recording needs no stream. It is Busy from the wish on, Idle when it has ended as it should, else Alert; the file
  and what is in it are told in either case.
- While it runs, it can only be ended: what it depends on stays as it is.
- Marks in folder and name as in libindi: _D_ the date, _H_ the time, _T_ both, in UTC; _F_ the filter.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from indi_sony_py import texts
from indi_sony_py.driver.folders import placed
from indi_sony_py.engine.messages import Level
from indi_sony_py.hand.messages import Record, RecordReport, RecordState, StopRecord
from indi_sony_py.indi.messages import State
from indi_sony_py.indi.vectors import Accepted

if TYPE_CHECKING:
    from indi_sony_py.driver.device import Device
    from indi_sony_py.driver.row import Row
    from indi_sony_py.driver.streaming import Stream

__all__ = ["Recording", "expanded"]

_NAME = "RECORD_STREAM"
_DATE, _TIME = "%Y-%m-%d", "%H-%M-%S"


def expanded(pattern: str, utc: datetime, filter_name: str) -> str:
    """A folder or a name with its marks replaced; without a filter, _F_ stays."""
    marks = {"_D_": utc.strftime(_DATE), "_H_": utc.strftime(_TIME), "_T_": utc.strftime(f"{_DATE}@{_TIME}")}
    if filter_name:
        marks["_F_"] = filter_name.replace("/", "-")
    for mark, value in marks.items():
        pattern = pattern.replace(mark, value)
    return pattern.replace(":", "-")


class Recording:
    """Of one device."""

    def __init__(self, device: Device, stream: Stream) -> None:
        self._device = device
        self._board = device.board
        self._stream = stream
        self._path = ""
        self._last: RecordReport | None = None
        self.on = False
        """Whether the hand was asked for one, and has not said that it ended."""

    # --- the client -------------------------------------------------------------------------------------------------

    def switch(self, row: Row, new: Accepted) -> None:
        """RECORD_STREAM."""
        chosen = next(name for name, value in new.values.items() if value is True)
        if chosen == "RECORD_OFF":
            if self.on:
                self._device.connection.send(StopRecord())
            self._board.choose(_NAME, chosen, State.BUSY if self.on else State.IDLE)
        elif self.on:
            self.refuse(_NAME)
        else:
            self._begin(chosen)

    def file(self, row: Row, new: Accepted) -> None:
        """RECORD_FILE: what runs has its name already."""
        name = str(new.values["RECORD_FILE_NAME"])
        if "/" in name or name.removesuffix(".ser") == "..":
            self._board.notice(texts.stream.NAME_IS_PATH)
            self._board.tell(row.name, State.ALERT)
        else:
            self._stream.keep(row, new)

    def options(self, row: Row, new: Accepted) -> None:
        """RECORD_OPTIONS."""
        if self.on:
            self.refuse(row.name)
        else:
            self._stream.keep(row, new)

    def refuse(self, name: str) -> None:
        """A recording runs, and depends on this."""
        self._board.notice(texts.stream.RECORDING_NOW)
        self._board.tell(name)

    def _begin(self, chosen: str) -> None:
        board, known = self._board, self._device.surroundings.observatory()
        options, file = board["RECORD_OPTIONS"], board["RECORD_FILE"]
        utc = self._device.clock.utc()
        cards = {keyword: str(value) for keyword, value, _ in self._device.surroundings.cards}
        wish = Record(
            folder=placed(expanded(file.text("RECORD_FILE_DIR"), utc, known.filter_name)),
            name=expanded(file.text("RECORD_FILE_NAME"), utc, known.filter_name),
            frames=round(options.number("RECORD_FRAME_TOTAL")) if chosen == "RECORD_FRAME_ON" else 0,
            duration_s=options.number("RECORD_DURATION") if chosen == "RECORD_DURATION_ON" else 0.0,
            buffer_mb=board["LIMITS"].number("LIMITS_BUFFER_MAX"),
            observer=cards.get("OBSERVER", ""),
            instrument=self._device.view.identity.model,
            telescope=cards.get("TELESCOP", "") or known.telescope,
        )
        self._stream.tell_form()
        if not self._device.connection.send(wish):
            board.notice(texts.settings.CAMERA_AWAY)
            board.choose(_NAME, "RECORD_OFF", State.ALERT)
            return
        self.on, self._path, self._last = True, "", None
        board.choose(_NAME, chosen, State.BUSY)
        self._stream.want("recording", True)

    # --- the hand ---------------------------------------------------------------------------------------------------

    def reported(self, report: RecordReport) -> None:
        """How it stands."""
        if report.path and report.path != self._path:
            self._path = report.path
            self._board.notice(texts.stream.RECORDS_TO, path=report.path)
        match report.state:
            case RecordState.ON:
                self._rate(report)
            case RecordState.DONE:
                self._end(State.IDLE, report)
            case RecordState.FAILED:
                self._board.say(Level.ERROR, report.text)
                self._end(State.ALERT, report)

    def _rate(self, report: RecordReport) -> None:
        last, self._last = self._last, report
        if last is not None and report.seconds > last.seconds:
            self._stream.rate((report.frames - last.frames) / (report.seconds - last.seconds))

    def _end(self, state: State, report: RecordReport) -> None:
        if report.path:
            row = texts.stream.RECORDED
            self._board.notice(row, path=report.path, frames=report.frames, seconds=report.seconds)
        elif state is State.IDLE:
            self._board.notice(texts.stream.NOTHING_RECORDED)
        if report.missed:
            self._board.notice(texts.stream.MISSED, frames=report.missed)
        self._over(state)

    def _over(self, state: State) -> None:
        self.on = False
        self._stream.want("recording", False)
        self._board.choose(_NAME, "RECORD_OFF", state)

    def lost(self, text: str) -> bool:
        """The hand is gone, and the file with what it had. Whether there was a recording."""
        if not self.on:
            return False
        self._board.say(Level.ERROR, text)
        if self._path:
            self._board.notice(texts.stream.CUT_SHORT, path=self._path)
        self._over(State.ALERT)
        return True

    def reset(self) -> None:
        """The device is being disconnected: the hand ends it, and tells."""
        if self.on:
            self._device.connection.send(StopRecord())
        self.on = False
        self._board[_NAME].choose("RECORD_OFF")
        self._board[_NAME].state = State.IDLE
