"""What a client is told of frames: of those that are files now, and of those that are big. Pure."""

from __future__ import annotations

from indi_sony_py import texts
from indi_sony_py.driver.board import Board
from indi_sony_py.engine.messages import Level, Role
from indi_sony_py.hand.messages import FrameSaved

__all__ = ["BigFrames", "words_of"]

_BIG_BYTES = 90_000_000

_ROWS = {
    Role.FRAME: texts.frames.SAVED,
    Role.COMPANION: texts.frames.SAVED_COMPANION,
    Role.UNASKED: texts.frames.SAVED_UNASKED,
    Role.KEPT: texts.frames.SAVED_KEPT,
    Role.DROPPED: texts.frames.SAVED_DROPPED,
}


def words_of(saved: FrameSaved) -> tuple[Level, str]:
    """The text, and how serious it is: a file that was asked for is no news."""
    text = _ROWS[saved.role](path=saved.path)
    asked = not saved.rescued and saved.role in (Role.FRAME, Role.COMPANION)
    return Level.INFO if asked else Level.WARNING, texts.frames.BECAUSE(
        text=text, why=saved.text
    ) if saved.text else text


class BigFrames:
    """Says once that frames of so many bytes need a wider server."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._told = False

    def tell(self, length: int) -> None:
        """Before the first frame if it can be: a client that is cut off with it hears nothing more."""
        if length > _BIG_BYTES and not self._told:
            self._told = True
            self._board.notice(texts.frames.BIG, megabytes=length / 1e6)
