"""The frames of one CCD_EXPOSURE, several with CCD_FAST_TOGGLE: what is to come and what is owed. No I/O.

Rules kept here:

- The next frame is asked for when the shutter of the one before has closed, with all facts of that moment: the engine
  holds the request, and begins as soon as the camera's memory is empty.
- A frame that left the camera and is not yet with the client is owed. At most `MAX_OWED` are, and `MOST_BYTES` of
  memory are taken, before another one is begun: a client or a disk that is slower than the camera is waited for.
- CCD_FAST_COUNT is the number of frames that are still to come, Busy while there are several; then it is 1 and Idle.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from indi_sony_py.driver.board import Board
from indi_sony_py.engine.messages import Abort, Expose, ExposureRequest, Observed
from indi_sony_py.hand.messages import Message
from indi_sony_py.indi.messages import State
from indi_sony_py.observatory import Observatory

__all__ = ["MAX_OWED", "MOST_BYTES", "Owed", "Series"]

MAX_OWED = 1
"""Beside the one that has just been made and the one that is made next: three frames are in memory at the most."""
MOST_BYTES = 320_000_000
"""Of three frames. Beside them the camera's own file is there while it is developed."""
_TOGGLE, _COUNT, _FRAMES = "CCD_FAST_TOGGLE", "CCD_FAST_COUNT", "FRAMES"


@dataclass(slots=True)
class Owed:
    """`length`: bytes of the frame once it is here, 0 before. `limit_at`: by then it must have come."""

    request: ExposureRequest
    length: int
    limit_at: float

    @property
    def here(self) -> bool:
        return self.length > 0


class Series:
    """Owned by `Exposure`. `left`: frames that are to come, with the one under way; `follower`: what was asked for."""

    def __init__(self, board: Board, send: Callable[[Message], bool]) -> None:
        self._board = board
        self._send = send
        self.left = 0
        self.follower: ExposureRequest | None = None
        self.owed: dict[int, Owed] = {}
        self.told = False
        self._last_length = 0

    # --- how many ---------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A client's CCD_EXPOSURE: nothing is owed any more from before, nothing follows from there."""
        self.follower = None
        self.owed.clear()
        self.told = False
        fast = self._board[_TOGGLE].chosen() == "INDI_ENABLED"
        self.left = max(1, round(self._board[_COUNT].number(_FRAMES))) if fast else 1

    def recount(self, frames: int) -> None:
        """A client says how many more there shall be; nothing that is under way is ended by that."""
        if self.left:
            self.left = max(1, frames)
            if self.left == 1:
                self.withdraw()

    def end(self) -> None:
        """No further frame; what is owed stays owed."""
        self.left = 0
        self.withdraw()
        self._count(State.IDLE, 1)

    def reset(self) -> None:
        """Without a word to anybody."""
        self.left, self.follower = 0, None
        self.owed.clear()
        self._board.commit(_COUNT, {_FRAMES: 1.0})
        self._board[_COUNT].state = State.IDLE

    # --- what follows -----------------------------------------------------------------------------------------------

    @property
    def due(self) -> bool:
        """Whether another frame is to be asked for."""
        return self.left > 1 and self.follower is None

    @property
    def full(self) -> bool:
        """Whether too much is owed for another one."""
        frames = self._last_length * 2 + sum(owed.length or self._last_length for owed in self.owed.values())
        return len(self.owed) > MAX_OWED or (bool(self.owed) and frames > MOST_BYTES)

    def ask(self, request: ExposureRequest, after: ExposureRequest) -> bool:
        """Ask for the next one; whether there is somebody to ask."""
        self.follower = request
        return self._send(Expose(request, after.id))

    def observed(self, known: Observatory) -> None:
        """What other devices know by now: true of what was asked for and has not begun."""
        if self.follower is not None and self.follower.observatory != known:
            self.follower = replace(self.follower, observatory=known)
            self._send(Observed(self.follower.id, known))

    def withdraw(self) -> None:
        """What was asked for and has not begun need not be."""
        follower, self.follower = self.follower, None
        if follower is not None:
            self._send(Abort(follower.id))

    def promote(self) -> ExposureRequest:
        """The follower's turn came."""
        follower, self.follower = self.follower, None
        assert follower is not None
        self.left -= 1
        return follower

    def told_left(self) -> None:
        """Say how many are to come."""
        self._count(State.BUSY, self.left)

    # --- what is owed -----------------------------------------------------------------------------------------------

    def owe(self, request: ExposureRequest, length: int, limit_at: float) -> None:
        """This exposure is over for the camera; its frame is still to be delivered."""
        self.owed[request.id] = Owed(request, length, math.inf if length else limit_at)

    def came(self, length: int) -> None:
        """A frame of so many bytes is here."""
        self._last_length = length

    def limit_at(self) -> float:
        """When the first of the frames that are owed must have come."""
        return min((owed.limit_at for owed in self.owed.values()), default=math.inf)

    def awaited(self) -> bool:
        """Whether a frame is owed that is not here yet."""
        return any(not owed.here for owed in self.owed.values())

    def forget_awaited(self) -> None:
        """Who had them is gone: they will not come from there."""
        self.owed = {number: owed for number, owed in self.owed.items() if owed.here}

    def _count(self, state: State, frames: int) -> None:
        vector = self._board[_COUNT]
        if (vector.state, vector.number(_FRAMES)) != (state, float(frames)):
            self._board.tell(_COUNT, state, {_FRAMES: float(frames)})
