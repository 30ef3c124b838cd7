"""FOCUS_ASSIST: the brightest star of live view in numbers, for whoever turns a focus ring.

- While anybody wants it, live view is wished for and the hand measures its frames: none comes to this process for it.
- Sizes and places are told in pixels of the photo, whatever live view shows of it.
- FOCUS_STAR is there while a client wants it: Busy until a star is seen, and again while live view stands still;
  Ok with each star, Alert while there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indi_sony_py import texts
from indi_sony_py.driver.livescale import in_photo
from indi_sony_py.driver.row import Row
from indi_sony_py.hand.messages import StarSeen, WatchStar
from indi_sony_py.indi.messages import State
from indi_sony_py.indi.vectors import Accepted, Value

if TYPE_CHECKING:
    from indi_sony_py.driver.device import Device

__all__ = ["StarWatch"]

_NAME, _STAR = "FOCUS_ASSIST", "FOCUS_STAR"
_WHO = "star"
AGAIN_S = 60.0
"""Between two words about there being no star."""


class StarWatch:
    """Of one device."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._board = device.board
        self._wishes: set[str] = set()
        self._told_at = float("-inf")
        self._stood_at = float("-inf")

    def write(self, row: Row, new: Accepted) -> None:
        """A client's FOCUS_ASSIST."""
        on = new.values["INDI_ENABLED"] is True
        self.want(_NAME, on)
        if on:
            self._told_at = float("-inf")
            self._board[_STAR].state = State.BUSY
            self._board.show(_STAR)
        else:
            self._board.hide(_STAR)
        self._board.choose(row.name, "INDI_ENABLED" if on else "INDI_DISABLED", State.OK if on else State.IDLE)

    def want(self, who: str, on: bool) -> None:
        """Somebody of this device wants stars to be measured, or does not any more."""
        before = bool(self._wishes)
        (self._wishes.add if on else self._wishes.discard)(who)
        if bool(self._wishes) is not before:
            self._device.connection.send(WatchStar(not before))
            self._device.stream.want(_WHO, not before)

    def camera_ready(self) -> None:
        """The camera is there (again), perhaps by another hand; live view itself is asked for by the stream."""
        if self._wishes:
            self._device.connection.send(WatchStar(True))

    def camera_off(self) -> None:
        """The device is being disconnected: without a word, the vectors are going."""
        self._wishes.clear()
        self._board[_NAME].choose("INDI_DISABLED")
        self._board[_NAME].state = State.IDLE

    def given_up(self) -> None:
        """There will be no live view, for a reason that the client has been told."""
        self._device.lens_measure.lost("")
        if _NAME in self._wishes:
            self.want(_NAME, False)
            self._board.hide(_STAR)
            self._board.choose(_NAME, "INDI_DISABLED", State.ALERT)

    def waits(self) -> None:
        """Live view stands still: what was seen last is not of now, nor is a frame that is still being measured."""
        self._stood_at = self._device.clock.monotonic()
        if _NAME in self._wishes and self._board[_STAR].state is State.OK:
            self._board.tell(_STAR, State.BUSY)

    def _no_star(self) -> None:
        """Clouds come and go: the sentence is said now and then."""
        if self._board[_STAR].state is State.ALERT:
            return
        self._board.tell(_STAR, State.ALERT)
        now = self._device.clock.monotonic()
        if now >= self._told_at + AGAIN_S:
            self._told_at = now
            self._board.notice(texts.focus.NO_STAR)

    def seen(self, star: StarSeen) -> None:
        """The hand has looked at one more frame."""
        self._device.lens_measure.seen(star)
        if _NAME not in self._wishes or star.at <= self._stood_at:
            return
        if not star.hfr:
            self._no_star()
            return
        star = in_photo(star, self._device.view.live_whole)
        values: dict[str, Value] = {
            "HFR": round(star.hfr, 2),
            "FWHM": round(star.fwhm, 2),
            "PEAK": round(100 * star.peak, 1),
            "X": round(star.x, 1),
            "Y": round(star.y, 1),
            "COUNT": float(star.count),
        }
        self._board.tell(_STAR, State.OK, values)
