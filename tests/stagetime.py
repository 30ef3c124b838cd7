"""Time on the stage: one virtual clock, and tasks that wait on it without holding up each other.

A worker blocks while it talks to its camera, as its thread does in a real hand. Here each worker runs as a greenlet:
its sleep gives the thread back to the stage, which lets everybody else go on until then. So one camera's time-out holds
up neither another camera's release nor a client's abort, and a kill can come in the middle of any transfer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import greenlet

from indi_sony_py.clock import VirtualClock

__all__ = ["BodyClock", "PortClock", "StageClock", "Task"]


class Task(greenlet.greenlet):  # type: ignore[misc]
    """Something that blocks. `wake`: when it goes on (monotonic s), None only when it is asked to.

    `firm`: it may not go on earlier. `idle`: it waits for work, and for nothing of the camera's.
    """

    def __init__(self, name: str, body: Callable[[], None], now: float) -> None:
        super().__init__(body)
        self.name = name
        self.wake: float | None = now
        self.firm = False
        self.idle = False
        self.killed = False

    def pause(self, until: float | None, firm: bool = False, idle: bool = False) -> None:
        """Let others go on. Called by the task itself."""
        self.wake, self.firm, self.idle = until, firm, idle
        self.parent.switch()
        self.idle = False
        if self.killed:
            raise greenlet.GreenletExit

    def kick(self, now: float) -> None:
        """Let it look again, unless its sleep is one that nothing shortens."""
        if not self.firm:
            self.wake = now

    def kill(self) -> None:
        """It never goes on; what it holds of the camera is to be closed before."""
        self.killed = True
        while not self.dead:
            self.throw(greenlet.GreenletExit)


class StageClock(VirtualClock):
    """The computer's clocks. A task that sleeps lets the others go on; nobody else may sleep."""

    def sleep_until(self, when: float) -> None:
        while when > self.monotonic():
            _current().pause(when, firm=True)

    def go(self, when: float) -> None:
        """Only the stage moves time."""
        super().sleep_until(when)


class PortClock:
    """The same for a transfer: it looks again whenever something happened at its camera."""

    def __init__(self, clock: StageClock) -> None:
        self._clock = clock

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def utc(self) -> datetime:
        return self._clock.utc()

    def sleep_until(self, when: float) -> None:
        if when > self.monotonic():
            _current().pause(when)


class BodyClock:
    """The clocks of a camera: steps of the computer's wall clock do not reach it."""

    def __init__(self, clock: StageClock, utc: datetime | None = None) -> None:
        self._clock = clock
        self._origin = clock.monotonic()
        self._utc = utc or datetime(2026, 1, 15, 20, 0, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def utc(self) -> datetime:
        return self._utc + timedelta(seconds=self._clock.monotonic() - self._origin)

    def sleep_until(self, when: float) -> None:
        raise AssertionError("a camera never sleeps")


def _current() -> Task:
    task = greenlet.getcurrent()
    assert isinstance(task, Task), "only a task may wait; here the thread of everybody would"
    return task
