"""Work on all cores that this process may use (starts threads, which end with it).

Only what leaves the interpreter's lock gains by it: the compiled part, LibRaw, cfitsio.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

__all__ = ["MOST_CORES", "in_order", "in_parallel"]

Result = TypeVar("Result")

MOST_CORES = 8
"""More hardly help: memory is the limit. LibRaw needs some rows of its own for each."""


def in_parallel(jobs: Sequence[Callable[[], None]]) -> None:
    """Do all `jobs`. The error of the first one that failed is raised, when those at work have ended."""
    for _ in in_order(jobs, len(jobs)):
        pass


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
            try:
                waiting.append(pool.submit(job))
            except RuntimeError:
                # The system gives no thread away: whatever no thread has begun is done here.
                rest = chain((job,), rest)
                break
            if len(waiting) > (ahead or workers):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        yield from (job() for job in rest)
    finally:
        pool.shutdown(cancel_futures=True)
