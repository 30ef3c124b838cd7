"""The thread that has frames looked at, each in a process of its own (does I/O: processes, files).

Rules kept here:

- The frame is finished and in other hands. A process that crashes, hangs or is ended for want of memory costs a look.
- The process is the last that gets the machine's time, and the first that is ended when memory is short.
- It reads the frame and writes small pictures; nothing that is there is written over.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass

from indi_sony_py import texts
from indi_sony_py.hand.codec import load, parse
from indi_sony_py.hand.jobs import Jobs
from indi_sony_py.hand.launch import program
from indi_sony_py.hand.messages import Looked

__all__ = ["LIMIT_S", "LookJob", "Looker", "look_apart", "open_frame"]

LIMIT_S = 180.0
"""A slow machine at the last priority needs some 20 s for a frame of 61 megapixels."""
_LONGEST = 1 << 16
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LookJob:
    """Look at the frame of `exposure_id`: the memory behind `fd`, which belongs to the job, or the file at `path`.

    `stars`: whether to look for some. `picture`, `preview`: where pictures go, without the ending; "" for none.
    """

    exposure_id: int
    fd: int | None = None
    path: str = ""
    stars: bool = True
    picture: str = ""
    preview: str = ""

    def close(self) -> None:
        """Let go of its memory."""
        if self.fd is not None:
            os.close(self.fd)


Look = Callable[[LookJob], Looked]


class Looker(Jobs[LookJob]):
    """Has frames looked at."""

    def __init__(self, report: Callable[[Looked], None], look: Look | None = None) -> None:
        super().__init__()
        self._report = report
        self._look = look or self._apart
        self._child: subprocess.Popen[bytes] | None = None
        self._ended = False

    def stop(self) -> None:
        """End now: what is under way is given up. Any thread may call this."""
        self._ended = True
        with suppress(queue.Empty):
            while True:
                job = self._inbox.get_nowait()
                if job is not None:
                    job.close()
        super().stop()
        child = self._child
        if child is not None:
            with suppress(OSError):
                child.kill()

    def _do(self, job: LookJob) -> None:
        try:
            result = Looked(job.exposure_id) if self._ended else self._look(job)
        except Exception as error:
            _log.warning("the frame of exposure %d is not looked at: %s", job.exposure_id, error)
            result = Looked(job.exposure_id, text=texts.frames.NOT_LOOKED_AT(reason=error))
        finally:
            job.close()
        self._report(result)

    def _apart(self, job: LookJob) -> Looked:
        def started(child: subprocess.Popen[bytes]) -> None:
            self._child = child
            if self._ended:
                child.kill()

        try:
            return look_apart(job, started)
        finally:
            self._child = None


def open_frame(job: LookJob) -> int:
    """A descriptor of its own for the frame of a job."""
    return os.open(job.path, os.O_RDONLY | os.O_CLOEXEC) if job.fd is None else os.dup(job.fd)


def look_apart(job: LookJob, started: Callable[[subprocess.Popen[bytes]], None] = lambda child: None) -> Looked:
    """Look in another process. Raises `OSError`, `SubprocessError` or `BadData`; `started` is told of the process."""
    command = program("indi_sony_py.hand.lookprocess", [json.dumps(asdict(job) | {"fd": None})])
    frame = open_frame(job)
    try:
        child = subprocess.Popen(
            command, stdin=frame, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, close_fds=True
        )  # fmt: skip
    finally:
        os.close(frame)
    with child:
        started(child)
        try:
            said, _ = child.communicate(timeout=LIMIT_S)
        except BaseException:
            child.kill()
            raise
    if child.returncode:
        raise subprocess.SubprocessError(texts.frames.LOOK_ENDED(status=child.returncode))
    result: Looked = load(Looked, parse(said[:_LONGEST]))
    return result
