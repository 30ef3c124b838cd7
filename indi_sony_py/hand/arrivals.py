"""An image while it comes out of the camera: what can be done with its first bytes before the last ones are there.

Rules kept here:

- The frame is developed as its bytes come, and they are spooled as they come: behind the last one little is left.
- Nothing of it leaves the hand: that begins with `Collected`, when the image is whole and is known to be the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from indi_sony_py.clock import Clock
from indi_sony_py.engine.arrival import Arrival, Coming, Grown, Lost
from indi_sony_py.hand.frame import Frame, Stage, clock_step_s, develop_job
from indi_sony_py.hand.spool import Spool
from indi_sony_py.image.developer import Arrived, Begin, Forget, Job

__all__ = ["Arrivals"]


class Arrivals:
    """Owned by the hand's loop. `develop` queues jobs of the pixel thread."""

    def __init__(self, clock: Clock, spool: Spool, develop: Callable[[Job], None]) -> None:
        self._clock = clock
        self._spool = spool
        self._develop = develop
        self._begun = False

    def came(self, report: Arrival) -> None:
        """Take what the worker says of the image that it fetches."""
        match report:
            case Coming(got):
                assert got.shot is not None
                job = develop_job(
                    Frame(0, got, Stage.DEVELOPING, got.data), got.shot, clock_step_s(got.shot, self._clock)
                )
                self._spool.begin(got)
                self._develop(Begin(job))
                self._begun = True
            case Grown(arrived):
                self._develop(Arrived(arrived))
                self._spool.more(arrived)
            case Lost():
                self.over()
            case _:
                assert_never(report)

    def over(self) -> None:
        """What began to come is lost, or was collected: whatever of it nobody has asked for by now is not needed."""
        if self._begun:
            self._begun = False
            self._develop(Forget())
            self._spool.give_up()
