"""Work on all cores that this process may use (starts threads, which end with it).

Only what leaves the interpreter's lock gains by it: the compiled part, LibRaw, cfitsio.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

__all__ = ["MOST_CORES", "Gang", "in_order", "in_parallel"]

Result = TypeVar("Result")
_log = logging.getLogger(__name__)

MOST_CORES = 8
"""More hardly help: memory is the limit. LibRaw needs some rows of its own for each."""


class _Task(Generic[Result]):
    """A job that is done once, whoever comes first: a pool that gets no further thread has queued it all the same."""

    def __init__(self, job: Callable[[], Result]) -> None:
        self._job = job
        self._begun = threading.Lock()
        self.future: Future[Result] = Future()

    def run(self) -> None:
        if self._begun.acquire(blocking=False):
            try:
                self.future.set_result(self._job())
            except BaseException as fault:
                self.future.set_exception(fault)
                # Its traceback holds this frame.
                del self


def in_parallel(jobs: Sequence[Callable[[], None]]) -> None:
    """Do all `jobs`. The error of the first one that failed is raised, when those at work have ended."""
    for _ in in_order(jobs, len(jobs)):
        pass


class Gang:
    """Jobs that come bit by bit. With one core, or where the system gives no thread away, `add` does them itself.

    One thread uses it. Its threads end with `done` or `drop`, or when nobody has it any more.
    """

    def __init__(self) -> None:
        workers = min(len(os.sched_getaffinity(0)), MOST_CORES)
        self._pool = ThreadPoolExecutor(workers, "pixels") if workers > 1 else None
        self._given: list[Future[None]] = []
        self._failed = False

    def add(self, jobs: Iterable[Callable[[], None]]) -> None:
        """Have `jobs` done. What one of them raises is `done`'s answer; after it none is begun any more."""
        for job in jobs:
            if self._pool is not None:
                task = _Task(job)
                self._given.append(task.future)
                try:
                    self._pool.submit(task.run)
                except RuntimeError:
                    task.run()
                    self._wait(self._pool)
                continue
            if not self._failed:
                try:
                    job()
                except Exception as fault:
                    self._note(fault)

    def done(self) -> bool:
        """Wait for all. Whether none of them raised."""
        if self._pool is not None:
            self._wait(self._pool)
        return not self._failed

    def drop(self) -> None:
        """Begin none any more, and wait for those that are at work."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._pool, self._given = None, []

    def _wait(self, pool: ThreadPoolExecutor) -> None:
        for future in self._given:
            fault = future.exception()
            if fault is not None:
                self._note(fault)
        # All was done: its threads need no more than to hear of it.
        pool.shutdown(wait=False)
        self._pool, self._given = None, []

    def _note(self, fault: BaseException) -> None:
        """Not kept: its traceback holds the memory that the job works on."""
        if not self._failed:
            _log.info("a part of the frame: %s", repr(fault))
        self._failed = True


def in_order(jobs: Iterable[Callable[[], Result]], ahead: int = 0) -> Iterator[Result]:
    """The results of `jobs` in their order; at most `ahead` of them wait to be taken (default: one a core)."""
    workers = min(len(os.sched_getaffinity(0)), MOST_CORES)
    if workers == 1:
        yield from (job() for job in jobs)
        return
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(workers, "pixels")
    rest = iter(jobs)
    try:
        for job in rest:
            task = _Task(job)
            waiting.append(task.future)
            try:
                pool.submit(task.run)
            except RuntimeError:
                # The system gives no thread away: whatever no thread has begun is done here.
                task.run()
                break
            if len(waiting) > (ahead or workers):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        yield from (job() for job in rest)
    finally:
        pool.shutdown(cancel_futures=True)
