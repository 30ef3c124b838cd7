"""What the simulated camera still has to do, and when. Pure: moved by whoever owns the clock.

Actions run in the order of their times (equal times: in the order in which they were planned), and `now` stands at an
action's own time while it runs, however late the agenda is moved: a shutter closes on time even if nobody looked.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Agenda", "Entry"]


@dataclass(order=True, slots=True)
class Entry:
    """One planned action; `cancel` takes it back."""

    when: float
    order: int
    action: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        self.action = None


class Agenda:
    """A queue of actions on a monotonic clock (seconds)."""

    def __init__(self, now: float) -> None:
        self.now = now
        self._heap: list[Entry] = []
        self._order = 0

    def at(self, when: float, action: Callable[[], None]) -> Entry:
        """Plan `action`; a time that has passed means as soon as the agenda moves."""
        self._order += 1
        entry = Entry(max(when, self.now), self._order, action)
        heapq.heappush(self._heap, entry)
        return entry

    def after(self, seconds: float, action: Callable[[], None]) -> Entry:
        return self.at(self.now + seconds, action)

    def next_time(self) -> float | None:
        """The time of the first action that is still planned."""
        heap = self._heap
        while heap and heap[0].action is None:
            heapq.heappop(heap)
        return heap[0].when if heap else None

    def run_until(self, now: float) -> None:
        """Run all that is due at `now`, then stand there. Time never goes back."""
        heap = self._heap
        while heap and heap[0].when <= now:
            entry = heapq.heappop(heap)
            if entry.action is not None:
                self.now = max(self.now, entry.when)
                entry.action()
        self.now = max(self.now, now)
