"""When the hand's process ends. Pure: the clock is passed in, and what is to be done then is told to the loop.

Rules kept here:

- A hand that no face comes to leaves after `FIRST_FACE_S`; one that has a face stays.
- It outlives its face at most by `lifetime_s`: the rest of the exposure, the same again (the body's own dark frame),
  `GRACE_S` and the transfer. A shutter that opens meanwhile moves that limit out, and nothing moves it in.
- A face that comes while the hand is leaving makes it stay. One that was offered something while the hand ends has
  `LAST_OFFER_S` to take it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from indi_sony_py.clock import Clock

__all__ = ["FIRST_FACE_S", "GRACE_S", "LAST_OFFER_S", "TRANSFER_S", "Due", "Leaving"]

GRACE_S = 30.0
TRANSFER_S = 60.0
"""An image of 120 MB and its JPEG over USB 2, with room."""
FIRST_FACE_S = 15.0
LAST_OFFER_S = 5.0
"""While the hand ends, a face has so long to take what it was offered."""


class Due(Enum):
    """What the time says."""

    STAY = auto()
    LEAVE = auto()
    """Nobody is there: begin to leave."""
    REST = auto()
    """Leaving: the end is there when everything is done."""
    OVERDUE = auto()
    """Save what is in memory, and end: something hangs."""


class Leaving:
    """Owned by the hand's loop. `owed_s`: what the exposure under way, and its dark frame, may still take."""

    def __init__(self, clock: Clock, owed_s: Callable[[], float]) -> None:
        self._clock = clock
        self._owed_s = owed_s
        self._limit: float | None = clock.monotonic() + FIRST_FACE_S
        self._offer: float | None = None
        self.begun = False
        """Whether the worker was told to leave."""
        self.finished = False
        self.overdue = False

    @property
    def left_s(self) -> float | None:
        """Seconds until the process must be gone; None while it stays."""
        return None if self._limit is None else max(0.0, self._limit - self._clock.monotonic())

    @property
    def offering(self) -> bool:
        """Whether a face still has time to take what it was offered."""
        return self._offer is not None

    @property
    def wishes(self) -> tuple[float | None, float | None]:
        """When the time is to be looked at again, monotonic."""
        return self._limit, self._offer

    def lifetime_s(self) -> float:
        """How long a hand without a face may stay, from now: seconds."""
        return self._owed_s() + GRACE_S + TRANSFER_S

    def face_came(self) -> bool:
        """Stay. Whether it was leaving, so that the worker is to be told."""
        self._limit = None
        was, self.begun = self.begun, False
        return was

    def opened(self) -> None:
        """A shutter opened: its exposure has the time that it needs."""
        if self._limit is not None:
            self._limit = max(self._limit, self._clock.monotonic() + self.lifetime_s())

    def begin(self) -> None:
        """Leave as soon as all is done."""
        self.begun = True
        self._limit = self._clock.monotonic() + self.lifetime_s()

    def offer_last(self) -> None:
        """The hand ends: the time of what was offered runs from now."""
        self._offer = self._clock.monotonic() + LAST_OFFER_S

    def offer_over(self) -> bool:
        """Whether that time is over; said once."""
        if self._offer is None or self._clock.monotonic() < self._offer:
            return False
        self._offer = None
        return True

    def due(self) -> Due:
        if self._limit is None or self.finished:
            return Due.STAY
        over = self._clock.monotonic() >= self._limit
        if self.begun:
            return Due.OVERDUE if over else Due.REST
        return Due.LEAVE if over else Due.STAY

    def finish(self) -> None:
        """Nothing is left to do."""
        self.finished = True

    def give_up(self) -> None:
        """End with threads that may hang."""
        self.overdue = self.finished = True
