"""What a user is told of a connection: each reason once, and who the camera is. Pure.

- A reason is said at first and whenever it changes. Once the camera was connected, the same reason is news again.
- A camera that may still come is awaited, and the text says so; one that cannot be controlled is not.
"""

from __future__ import annotations

from indi_sony_py import texts
from indi_sony_py.driver.board import Board
from indi_sony_py.driver.view import same_serial, shown_serial
from indi_sony_py.engine.messages import Identity, Level
from indi_sony_py.errors import NotControllable
from indi_sony_py.image.installed import missing

__all__ = ["Telling"]


class Telling:
    """Of one connection, on its device's board."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._said = ""
        self._introduced: Identity | None = None

    def anew(self) -> None:
        """Whatever comes next is news."""
        self._said = ""

    def remember(self, text: str) -> None:
        """A reason that is told in another way."""
        self._said = text

    def once(self, text: str, waits: bool = False) -> None:
        """At first, and whenever the reason changes. `waits`: for a camera that may still come."""
        if text != self._said:
            self._said = text
            if waits and not text.endswith(NotControllable.advice):
                self._board.notice(texts.camera.CONNECTED_LATER, reason=text)
            else:
                self._board.say(Level.ERROR, text)

    def introduce(self, who: Identity, again: bool) -> None:
        """The camera that is connected now, and what this machine lacks for its images. `again`: after it was lost."""
        before, self._introduced = self._introduced, who
        if again and (before is None or _is_same(before, who)):
            self._board.notice(texts.camera.BACK)
            return
        self._board.notice(
            texts.camera.CONNECTED, model=who.model or "The camera", firmware=who.firmware or "-",
            serial=shown_serial(who.serial) or "-", protocol=who.version or "-",
        )  # fmt: skip
        if (row := missing()) is not None:
            self._board.notice(row)


def _is_same(one: Identity, other: Identity) -> bool:
    """Whether it may be the same camera; where a number is not known, the model tells."""
    numbers = shown_serial(one.serial), shown_serial(other.serial)
    return one.model == other.model and (not all(numbers) or same_serial(*numbers))
