"""The thread that makes pixels, or a part, of live view's JPEGs (does I/O: memfd): at work only while such are wanted.

One job at a time, the newest frame: whoever asks waits for the result before the next.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from indi_sony_py import texts
from indi_sony_py.engine.messages import LiveFrame
from indi_sony_py.errors import BadData, SonyError, advise
from indi_sony_py.hand.jobs import Jobs
from indi_sony_py.image.section import Part

__all__ = ["DecodeJob", "Decoded", "LiveDecoder", "memory_of"]


@dataclass(frozen=True, slots=True)
class DecodeJob:
    """`raw`: pixels are wanted, else a JPEG. `part`: of what; None for all."""

    frame: LiveFrame
    raw: bool
    part: Part | None


@dataclass(frozen=True, slots=True)
class Decoded:
    """The descriptor belongs to whoever takes this; None where it failed, and `error` says why."""

    frame: LiveFrame
    format: str
    fd: int | None = None
    length: int = 0
    width: int = 0
    height: int = 0
    error: str = ""


def memory_of(data: bytes) -> int:
    """A descriptor of memory that holds `data`. OSError where there is none."""
    fd = os.memfd_create("indi_sony_py.live", os.MFD_CLOEXEC)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(fd, left) :]
    except OSError:
        os.close(fd)
        raise
    return fd


class LiveDecoder(Jobs[DecodeJob]):
    """Makes pixels of frames."""

    def __init__(self, report: Callable[[Decoded], None]) -> None:
        super().__init__()
        self._report = report

    def _do(self, job: DecodeJob) -> None:
        from indi_sony_py.image.livepicture import cut_jpeg, pixels

        form = ".stream" if job.raw else ".stream_jpg"
        try:
            if job.raw or job.part is None:
                data, width, height = pixels(job.frame.jpeg, job.part)
            else:
                data, width, height = cut_jpeg(job.frame.jpeg, job.part)
            result = Decoded(job.frame, form, memory_of(data), len(data), width, height)
        except BadData as error:
            result = Decoded(job.frame, form, error=texts.stream.DAMAGED(detail=error))
        except (OSError, SonyError, MemoryError) as error:
            result = Decoded(job.frame, form, error=advise(error))
        self._report(result)
