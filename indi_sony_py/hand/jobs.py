"""A thread of the hand that does jobs one after the other. Queues; what a job does is its class' own."""

from __future__ import annotations

import queue
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

__all__ = ["Jobs"]

Job = TypeVar("Job")


class Jobs(ABC, Generic[Job]):
    """Jobs in, results out. `run` in a thread of its own, or `step` from a test's scheduler: never both."""

    def __init__(self) -> None:
        self._inbox: queue.SimpleQueue[Job | None] = queue.SimpleQueue()

    def submit(self, job: Job) -> None:
        """Queue a job. Any thread may call this."""
        self._inbox.put(job)

    def stop(self) -> None:
        """End after everything that was queued before. Any thread may call this."""
        self._inbox.put(None)

    def step(self) -> bool:
        """Do one job; False where none waits."""
        try:
            job = self._inbox.get_nowait()
        except queue.Empty:
            return False
        if job is not None:
            self._do(job)
        return job is not None

    def run(self) -> None:
        """Do jobs until `stop`."""
        while (job := self._inbox.get()) is not None:
            self._do(job)

    @abstractmethod
    def _do(self, job: Job) -> None:
        """Do one, and report what came of it."""
