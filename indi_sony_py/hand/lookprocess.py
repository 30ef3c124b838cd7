"""The process that looks at one frame: standard input is the frame, standard output the result (does I/O)."""

from __future__ import annotations

import json
import mmap
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from indi_sony_py import texts
from indi_sony_py.errors import SonyError, advise
from indi_sony_py.hand.codec import dump, load, parse
from indi_sony_py.hand.looker import LookJob, open_frame
from indi_sony_py.hand.messages import Looked

__all__ = ["PICTURE_WIDTH", "PREVIEW_WIDTH", "look_here", "main"]

PICTURE_WIDTH = 360
PREVIEW_WIDTH = 1600
_NAME = "sony-look"


def main(argv: Sequence[str] | None = None) -> int:
    """Look at the frame on standard input as the job in the first argument says. Exit status: always 0."""
    _step_back()
    job: LookJob = load(LookJob, parse((sys.argv[1:] if argv is None else argv)[0]))
    print(json.dumps(dump(_look(job, 0)), separators=(",", ":")))
    return 0


def look_here(job: LookJob) -> Looked:
    """The same in this process: for tests, and for a command that nobody waits behind."""
    frame = open_frame(job)
    try:
        return _look(job, frame)
    finally:
        os.close(frame)


def _look(job: LookJob, frame: int) -> Looked:
    try:
        from indi_sony_py.image.look import glance_at, picture
        from indi_sony_py.image.pixels import read_pixels
        from indi_sony_py.image.preview import encode

        # Never closed by name: the pixels are views of it, and it goes with the last of them.
        data = memoryview(mmap.mmap(frame, os.fstat(frame).st_size, prot=mmap.PROT_READ))
        pixels = read_pixels(data)
        glance = glance_at(pixels, job.stars)
        paths = []
        for stem, width in ((job.picture, PICTURE_WIDTH), (job.preview, PREVIEW_WIDTH)):
            paths.append(_written(stem, *encode(picture(pixels, width))) if stem else "")
        return Looked(job.exposure_id, glance, *paths)
    except SonyError as fault:
        return Looked(job.exposure_id, text=texts.frames.NOT_LOOKED_AT(reason=advise(fault)))
    except (OSError, MemoryError, ImportError, ValueError) as fault:
        return Looked(job.exposure_id, text=texts.frames.NOT_LOOKED_AT(reason=fault or type(fault).__name__))


def _written(stem: str, data: bytes, ending: str) -> str:
    """The path of a new file; "" where there is one of that name, or none can be."""
    path = Path(stem + ending)
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        return ""
    except OSError:
        with suppress(OSError):
            path.unlink()
        return ""
    return str(path)


def _step_back() -> None:
    """Last for the machine's time, first to go when memory is short."""
    with suppress(OSError):
        os.nice(19)
    for place, words in (("/proc/self/oom_score_adj", "1000"), ("/proc/self/comm", _NAME)):
        with suppress(OSError):
            Path(place).write_text(words)
