"""A way to a simulated camera, as the server's loop sees it: a Unix socket, a TCP port of PTP/IP, one of usbredir."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from typing import Protocol

from indi_sony_py.clock import Clock

__all__ = ["TICK_S", "Front", "MakeFront", "next_change_s"]

TICK_S = 0.001


class Front(Protocol):
    """A way to a camera, as the loop sees it."""

    @property
    def used(self) -> bool:
        """Whether somebody is connected."""

    def follow(self) -> None:
        """Bring the camera up to now, and what is connected to what it is."""

    def wait(self, clock: Clock, speed: float, looked: float) -> float | None:
        """Real seconds until something happens here without anybody's doing that `follow` at `looked` did not see."""

    def close(self) -> None:
        """Let go of everything."""


MakeFront = Callable[[selectors.BaseSelector], Front]
"""Makes a front that listens by itself at the loop's selector."""


class _Changing(Protocol):
    """A camera at any of its fronts."""

    def next_change(self, since: float | None = None) -> float | None: ...


def next_change_s(device: _Changing, clock: Clock, speed: float, looked: float) -> float | None:
    """Real seconds until the camera does something by itself that a look at `looked` did not see."""
    change = device.next_change(looked)
    return None if change is None else max(TICK_S, (change - clock.monotonic()) / speed)
