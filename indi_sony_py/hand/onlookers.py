"""Those who only watch what passes between face and hand: the record of the night, and the looks at frames.

They hear each message after it was acted upon or sent, hold up nothing, and what fails in them fails there alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from indi_sony_py.clock import Clock
from indi_sony_py.hand.diary import Diary
from indi_sony_py.hand.looker import Looker, LookJob
from indi_sony_py.hand.lookprocess import look_here
from indi_sony_py.hand.looks import Looks
from indi_sony_py.hand.messages import Looked, Message
from indi_sony_py.hand.nights import Nights
from indi_sony_py.hand.places import Places

__all__ = ["Onlookers"]


class _Threads(Protocol):
    """What is needed of `hand.crew.Crew`."""

    @property
    def stepped(self) -> bool: ...
    def post(self, item: Looked) -> None: ...
    def start(self, name: str, body: Callable[[], None]) -> None: ...


class Onlookers:
    """Of the camera at `key`. The hand's loop calls it. `memory`: as `hand.looks` needs it.

    Where a scheduler does the work of threads, frames are looked at in this process.
    """

    def __init__(
        self,
        clock: Clock,
        places: Places,
        key: str,
        threads: _Threads,
        memory: Callable[[int], tuple[int, str] | None],
    ) -> None:
        self._threads = threads
        nights = Nights(places.nights, key)
        self._diary = Diary(clock, nights)
        self._looks = Looks(clock, nights, memory, self._look)
        self._looker = Looker(threads.post, look_here if threads.stepped else None)

    def overheard(self, message: Message) -> None:
        """A message of a face, or for one."""
        self._diary.overheard(message)
        self._looks.overheard(message)

    def step(self) -> bool:
        """Look at one frame, as the thread would."""
        return self._looker.step()

    def close(self) -> None:
        """Give up what is under way."""
        self._looker.stop()
        self._looks.close()

    def _look(self, job: LookJob) -> None:
        self._threads.start("looker", self._looker.run)
        self._looker.submit(job)
