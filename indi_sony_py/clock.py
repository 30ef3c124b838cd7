"""Clocks and deadlines: time is an argument, never a global.

- `SystemClock` reads the machine; `VirtualClock` moves only when it is told to, so a night runs in a second;
  `ScaledClock` makes another clock run faster (for the simulated camera).
- Exposure timing uses `monotonic` (seconds); DATE-OBS comes from `utc`.
- One `Deadline` is made at the start of an operation and handed through its steps, so that limits never add up.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

__all__ = ["Clock", "Deadline", "ScaledClock", "SystemClock", "VirtualClock"]


class Clock(Protocol):
    """What every timed part is given."""

    def monotonic(self) -> float:
        """Seconds that never step back."""

    def utc(self) -> datetime:
        """The wall clock, aware, in UTC. It may be stepped by NTP or GPS."""

    def sleep_until(self, when: float) -> None:
        """Return as soon as `monotonic()` is at or past `when` (seconds)."""


class SystemClock:
    """The machine's clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    def utc(self) -> datetime:
        return datetime.now(UTC)

    def sleep_until(self, when: float) -> None:
        while (left := when - time.monotonic()) > 0:
            time.sleep(left)


class VirtualClock:
    """A clock that jumps: `sleep_until` sets it. `step_wall` moves the wall clock alone, as NTP would."""

    def __init__(self, start: float = 1000.0, utc: datetime | None = None) -> None:
        self._now = start
        self._origin = start
        self._utc = utc or datetime(2026, 1, 15, 20, 0, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return self._now

    def utc(self) -> datetime:
        return self._utc + timedelta(seconds=self._now - self._origin)

    def sleep_until(self, when: float) -> None:
        self._now = max(self._now, when)

    def step_wall(self, seconds: float) -> None:
        self._utc += timedelta(seconds=seconds)


class ScaledClock:
    """Another clock, `speed` times as fast, from the moment of its making on."""

    def __init__(self, base: Clock, speed: float) -> None:
        if speed <= 0:
            raise ValueError("speed must be above 0")
        self.speed = speed
        self._base = base
        self._start = base.monotonic()
        self._utc = base.utc()

    def monotonic(self) -> float:
        return self._start + (self._base.monotonic() - self._start) * self.speed

    def utc(self) -> datetime:
        return self._utc + timedelta(seconds=self.monotonic() - self._start)

    def sleep_until(self, when: float) -> None:
        self._base.sleep_until(self._start + (when - self._start) / self.speed)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on a clock that an operation may not outlive."""

    clock: Clock
    at: float

    @classmethod
    def after(cls, clock: Clock, seconds: float) -> Deadline:
        return cls(clock, clock.monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.at - self.clock.monotonic())

    @property
    def expired(self) -> bool:
        return self.clock.monotonic() >= self.at

    def within(self, seconds: float) -> Deadline:
        """The earlier of this deadline and `seconds` from now: a part never outlives the whole."""
        return Deadline(self.clock, min(self.at, self.clock.monotonic() + seconds))
