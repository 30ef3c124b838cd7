"""Where the exposure that the client waits for stands, and what CCD_EXPOSURE tells of it. No I/O.

Busy with the full value at once; a countdown about once a polling period from the opening of the shutter on, never
negative; one Busy 0 at its end, and while the image is awaited.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum

from indi_sony_py.clock import Clock
from indi_sony_py.driver.board import Board
from indi_sony_py.driver.series import Series
from indi_sony_py.engine.messages import ExposureRequest, Level
from indi_sony_py.hand.messages import Message
from indi_sony_py.indi.messages import State
from indi_sony_py.observatory import Observatory

__all__ = ["SILENCE_S", "TELL_S", "Phase", "Standing"]

_NAME, _VALUE = "CCD_EXPOSURE", "CCD_EXPOSURE_VALUE"
SILENCE_S = 300.0
"""On top of twice the exposure (the body's own dark frame): so long may a hand say nothing."""
TELL_S = 2.0
_SHORTENED = 0.95


class Phase(Enum):
    """Where the exposure that the client waits for stands.

    BETWEEN: its frame has arrived, and another one follows. FAILING: an Alert waits for frames that are owed.
    """

    NONE = "none"
    ASKED = "asked"
    OPEN = "open"
    WAITING = "waiting"
    SENDING = "sending"
    BETWEEN = "between"
    FAILING = "failing"


class Standing:
    """What `Exposure` works with. Times are monotonic seconds."""

    def __init__(self, board: Board, clock: Clock, send: Callable[[Message], bool]) -> None:
        self._board = board
        self._clock = clock
        self.series = Series(board, send)
        self._sent = True
        self._taken_at = 0.0
        self._tell_at = 0.0
        self._request: ExposureRequest | None = None
        self._phase = Phase.NONE
        self._ends_at = 0.0
        self._tick_at = 0.0
        self._limit_at = 0.0
        self._said = ""
        self._length = 0
        self._handed_over = False
        self._retaken = 0
        self._told = ""
        self._adopted: Observatory | None = None
        """What an earlier life knew of its surroundings: more than one that has just begun to listen."""

    @property
    def phase(self) -> Phase:
        return self._phase

    @property
    def request(self) -> ExposureRequest | None:
        """What the client waits for."""
        return self._request

    def wake_at(self) -> float | None:
        at = self.series.limit_at()
        match self._phase:
            case Phase.NONE | Phase.SENDING:
                pass
            case Phase.OPEN:
                at = min(at, self._tick_at, self._limit_at)
            case Phase.ASKED if not self._said:
                at = min(at, self._tell_at, self._limit_at)
            case Phase.ASKED | Phase.WAITING | Phase.BETWEEN | Phase.FAILING:
                at = min(at, self._limit_at)
        return None if math.isinf(at) else at

    def _take(self, request: ExposureRequest, phase: Phase) -> None:
        self._request = request
        self._adopted = None
        self._retaken = 0
        self._told = ""
        self._phase = phase
        self._said = ""
        self._sent = True
        self._taken_at = self._clock.monotonic()
        self._tell_at = self._taken_at + TELL_S
        self._handed_over = False

    def _drop(self) -> None:
        self._request = None
        self._phase = Phase.NONE
        self._handed_over = False
        self.series.owed.clear()

    def _wait(self) -> None:
        self._phase = Phase.WAITING
        self._tell(State.BUSY, 0.0)

    def _patience(self) -> float:
        assert self._request is not None
        return 2 * self._request.duration_s + SILENCE_S

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

    def _hush(self) -> None:
        """Nobody is told anything."""
        self._board.commit(_NAME, {_VALUE: 0.0})
        self._board[_NAME].state = State.IDLE
