"""One transaction as the simulated camera sees it: the command, its answer, and the session. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from indi_sony_py.ptp.codes import Response
from indi_sony_py.sim.faults import Fault

__all__ = ["Answer", "Command", "Phase", "Session", "refuse"]


@dataclass(frozen=True, slots=True)
class Command:
    """One transaction as the host sent it; `data` is the data-out phase."""

    operation: int
    transaction: int
    params: tuple[int, ...] = ()
    data: bytes | None = None

    def param(self, place: int) -> int:
        """A parameter, 0 if it was not sent (PTP)."""
        return self.params[place] if place < len(self.params) else 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `data` None: no data phase. `delay_s`: until the first byte. `sent` is called when the host has
    read the data. The rest says how the wire misbehaves (`faults`)."""

    code: int = Response.OK
    params: tuple[int, ...] = ()
    data: bytes | memoryview | None = None
    delay_s: float = 0.0
    sent: Callable[[], None] | None = None
    faults: tuple[Fault, ...] = ()
    silent: bool = False
    stall: bool = False


def refuse(code: int) -> Answer:
    """A response without data."""
    return Answer(code)


class Phase(IntEnum):
    """How far the handshake has come."""

    NONE = 0
    FIRST = 1
    SECOND = 2
    INFORMED = 3
    READY = 4


@dataclass(slots=True)
class Session:
    """`next_id`: of the next transaction. `inherited`: the host that opened it is gone, so whoever closes it is not to
    blame for what it left.
    """

    open: bool = False
    phase: Phase = Phase.NONE
    next_id: int = 0
    inherited: bool = False

    def begin(self) -> None:
        """A host opened it: the first transaction in it is number 1."""
        self.end()
        self.open, self.next_id = True, 1

    def end(self) -> None:
        """It was closed, or went with the device."""
        self.open, self.phase, self.next_id, self.inherited = False, Phase.NONE, 0, False
