"""How far a connection has come, and what it waits for meanwhile. Pure."""

from __future__ import annotations

from enum import Enum

from indi_sony_py import texts
from indi_sony_py.driver.patience import CONNECT_S

__all__ = ["FAILED_AT", "WAITS_FOR", "Phase"]


class Phase(Enum):
    """OFF: nothing is wished for. WAITING: the first attempt failed. LOST: it was ready before."""

    OFF = "off"
    WAITING = "waiting"
    LOOKING = "looking"
    ATTACHING = "attaching"
    OPENING = "opening"
    ON = "on"
    LOST = "lost"
    CLOSING = "closing"


WAITS_FOR = {
    Phase.LOOKING: texts.camera.LOOKING,
    Phase.ATTACHING: texts.camera.WAITING_FOR_PROCESS,
    Phase.OPENING: texts.camera.WAITING_FOR_CAMERA,
}
"""What a user is told of an attempt that lasts."""
FAILED_AT = {
    Phase.LOOKING: texts.cable.LOOK_HANGS(seconds=CONNECT_S),
    Phase.ATTACHING: texts.driver.NO_HELLO(),
    Phase.OPENING: texts.camera.NOT_READY(seconds=CONNECT_S),
}
"""What a user is told of an attempt that lasted too long."""
