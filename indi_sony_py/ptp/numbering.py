"""Transaction ids as an initiator counts them (PIMA 15740): the same on every wire. Pure."""

from __future__ import annotations

from indi_sony_py.ptp.codes import Operation, Response
from indi_sony_py.ptp.transaction import Reply, Request

__all__ = ["Numbering"]

_LAST = 0xFFFFFFFE
"""0xFFFFFFFF means "any transaction" in events."""


class Numbering:
    """0 outside a session and for OpenSession, then 1, +1 each; a command that went out has used its id."""

    def __init__(self) -> None:
        self.number = 0
        self._in_session = False

    def next_for(self, request: Request) -> int:
        """The id for a command that is about to go out."""
        return self.number if self._in_session and request.operation != Operation.OPEN_SESSION else 0

    def went_out(self, request: Request) -> None:
        """The camera may have taken the command."""
        if request.operation == Operation.OPEN_SESSION:
            self._in_session, self.number = True, 1
        elif self._in_session:
            self.number = 1 if self.number >= _LAST else self.number + 1

    def answered(self, request: Request, reply: Reply) -> None:
        """A session that was closed counts no longer."""
        if request.operation == Operation.CLOSE_SESSION and reply.code == Response.OK:
            self._in_session = False

    def forget(self) -> None:
        """There is no session, whatever there was."""
        self._in_session, self.number = False, 0
