"""The seam between the protocol and the wire: a handful of calls, each with a deadline.

One thread, the engine's worker, calls them. Errors are those of `indi_sony_py.errors`: `CameraGone`,
`CameraSilent`, `CameraStalled`, `CameraInUse`, `CameraDenied`, `BadData`; a response other than OK is not an
error here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from indi_sony_py.clock import Deadline
from indi_sony_py.ptp.transaction import Reply, Request

__all__ = ["STILL_S", "Event", "Progress", "Reply", "Request", "Transport"]

STILL_S = 20.0
"""A camera that sends nothing for so long in the middle of an answer is silent, however much time its size would need.

(libgphoto2 waits 20 s for each read. Over USB it may be twice as long: a read that got some bytes ends with its time.)
"""
Progress = Callable[[int], None]
"""Told now and then how many bytes of a data phase have arrived."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event container."""

    code: int
    params: tuple[int, ...] = ()


class Transport(Protocol):
    """A way to one camera."""

    def transact(self, request: Request, deadline: Deadline, progress: Progress | None = None) -> Reply:
        """Carry out one transaction. `CameraSilent` when the deadline passes without the response."""

    def next_event(self, deadline: Deadline) -> Event | None:
        """The next event, or None when none came by the deadline (an expired one only looks)."""

    def reset(self, deadline: Deadline) -> None:
        """After a fault: halts cleared, the device reset, a known state again. The session is lost."""

    def close(self) -> None:
        """Let go of the camera. Never raises; calling it again does nothing."""
