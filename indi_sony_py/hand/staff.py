"""Who works for the hand's loop: the worker at the camera, the developer, the disk (threads; `step` without).

Rules kept here:

- The worker is made when it is first asked for something, and again after it has left: its imports take a while. What
  an earlier one had still to say is not heard any more.
- Developer and disk are started with it, before there is work for them: when a frame is here there may be no memory
  left for another thread. One that ended is started again with its next job.
- A helper that failed is replaced, with an empty inbox: whoever gave it jobs is told (`hand.frames`) and gives them
  anew.
"""

from __future__ import annotations

from typing import Any

from indi_sony_py.engine.arrival import Told
from indi_sony_py.engine.messages import Request
from indi_sony_py.hand.crew import Crew, MakeWorker, ThreadEnded, WorkerLike
from indi_sony_py.hand.disk import Disk, SaveJob
from indi_sony_py.image.developer import Developer, Job

__all__ = ["Staff"]


class Staff:
    """Owned by the hand's loop. A worker's reports come into the inbox as pairs: its number, and what it said."""

    def __init__(self, crew: Crew[Any], make_worker: MakeWorker) -> None:
        self._crew = crew
        self._make_worker = make_worker
        self._number = 0
        self.worker: WorkerLike | None = None
        self.developer = Developer(crew.post)
        self.disk = Disk(crew.post)

    # --- the worker -------------------------------------------------------------------------------------------------

    def ask(self, request: Request) -> None:
        """To the worker; it is made where there is none."""
        if self.worker is None:
            self._number += 1
            number = self._number

            def tell(report: Told) -> None:
                self._crew.post((number, report))

            self.worker = self._make_worker(tell)
            self._crew.start("developer", self.developer.run)
            self._crew.start("disk", self.disk.run)
            self._crew.start("worker", self.worker.run)
        self.worker.post(request)

    def tell(self, request: Request) -> None:
        """To the worker, if there is one."""
        if self.worker is not None:
            self.worker.post(request)

    def is_worker(self, number: int) -> bool:
        """Whether that is the number of the last one."""
        return number == self._number

    def worker_gone(self) -> None:
        """Its thread ended."""
        self.worker = None

    # --- the helpers ------------------------------------------------------------------------------------------------

    def develop(self, job: Job) -> None:
        self._crew.start("developer", self.developer.run)
        self.developer.submit(job)

    def save(self, job: SaveJob) -> None:
        self._crew.start("disk", self.disk.run)
        self.disk.submit(job)

    def replace_developer(self) -> None:
        """Its thread failed."""
        self.developer.drop_all()
        self.developer = Developer(self._crew.post)

    def replace_disk(self) -> None:
        """Its thread failed."""
        self.disk = Disk(self._crew.post)

    # --- both -------------------------------------------------------------------------------------------------------

    def step_worker(self) -> float | None:
        """What the worker's thread would do. Returns when it wants to go on, monotonic."""
        if self.worker is None:
            return None
        wish = self.worker.step()
        if self.worker.finished:
            self._crew.post(ThreadEnded("worker"))
        return wish

    def step_helpers(self) -> bool:
        """What one of the others' threads would do; False where no job waits."""
        return self.developer.step() or self.disk.step()

    def stop(self) -> None:
        """The helpers end after the jobs that they have. The worker ends by itself, with its `Leave`."""
        self.developer.stop()
        self.disk.stop()
        while self._crew.stepped and self.developer.step():
            pass
