"""Focus assist in the hand: the brightest star of live view is measured while the face wants it (a thread, pixels).

Rules kept here:

- One frame is measured at a time, at most five a second; of those that come meanwhile the newest is kept.
- A frame that cannot be read is left out, and told once.
- Numpy is loaded with the first frame, not before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

from indi_sony_py.clock import Clock
from indi_sony_py.engine.messages import LiveFrame
from indi_sony_py.errors import BadData, SonyError, advise
from indi_sony_py.hand.jobs import Jobs
from indi_sony_py.hand.messages import StarSeen

__all__ = ["Gazed", "Stargazer"]

LEAST_S = 0.2
"""From one look to the next: more a second nobody reads."""


@dataclass(frozen=True, slots=True)
class Gazed:
    """One frame was looked at. `seen`: what the face is told, None where `error` says why there is nothing."""

    seen: StarSeen | None = None
    error: str = ""


class Stargazer(Jobs[LiveFrame]):
    """The hand's loop calls it; `run` is the thread's, or `step` a scheduler's: never both."""

    def __init__(self, clock: Clock, report: Callable[[Gazed], None], start: Callable[[], None]) -> None:
        super().__init__()
        self._clock = clock
        self._report = report
        self._start = start
        self._on = False
        self._busy = False
        self._newest: LiveFrame | None = None
        self._next_at = 0.0
        self._told = ""

    # --- the hand's loop --------------------------------------------------------------------------------------------

    def watch(self, on: bool) -> None:
        """The face wants it, or does not any more."""
        self._on = on
        self._newest, self._told = None, ""

    def came(self, frame: LiveFrame) -> None:
        """One more frame."""
        if not self._on or self._clock.monotonic() < self._next_at:
            return
        if self._busy:
            self._newest = frame
            return
        self._busy = True
        self._next_at = self._clock.monotonic() + LEAST_S
        self._start()
        self.submit(frame)

    def gazed(self, result: Gazed) -> tuple[StarSeen | None, str]:
        """The thread is done with one: what the face is told, and what the user."""
        self._busy = False
        newest, self._newest = self._newest, None
        if newest is not None:
            self.came(newest)
        if not self._on:
            return None, ""
        text, self._told = (result.error if result.error != self._told else ""), result.error
        return result.seen, text

    def thread_ended(self) -> None:
        """It failed: the next frame starts another."""
        self._busy = False

    # --- the thread -------------------------------------------------------------------------------------------------

    def _do(self, frame: LiveFrame) -> None:
        self._report(_gaze(frame))


def _gaze(frame: LiveFrame) -> Gazed:
    from indi_sony_py.image.livestar import brightest

    try:
        star = brightest(frame.jpeg)
    except (BadData, SonyError, MemoryError) as error:
        return Gazed(error=advise(error))
    seen = StarSeen(frame.number, frame.at, picture=(frame.width, frame.height), magnifier=frame.magnifier)
    if star is None:
        return Gazed(seen)
    found = {each.name: getattr(star, each.name) for each in fields(star)}
    return Gazed(replace(seen, **found))
