"""Work that can be done in any order, on all cores that this process may use (starts threads, which end with it).

Only what leaves the interpreter's lock gains by it: the compiled part, LibRaw, cfitsio.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

__all__ = ["MOST_CORES", "in_parallel"]

MOST_CORES = 8
"""More hardly help: memory is the limit. LibRaw needs some rows of its own for each."""


def in_parallel(jobs: Sequence[Callable[[], None]]) -> None:
    """Do all `jobs`. The error of the first one that failed is raised, after all have ended."""
    workers = min(len(os.sched_getaffinity(0)), len(jobs), MOST_CORES)
    if workers > 1:
        try:
            with ThreadPoolExecutor(workers, "pixels") as pool:
                waiting = [pool.submit(job) for job in jobs]
        except RuntimeError:
            # The system gives no thread away: what was not begun is done here; a job done twice writes the same.
            pass
        else:
            for one in waiting:
                one.result()
            return
    for job in jobs:
        job()
