"""What tools/bench measures: each path is prepared, run with the clock on, and cleaned up. Makes memory files."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from indi_sony_py.image.memory import FrameMemory
from indi_sony_py.image.pipeline import develop_to_memfd, packed
from tools.benchfiles import Case

__all__ = ["COPY", "PATHS", "Trial", "best_of"]

COPY = "memcpy"


@dataclass(frozen=True, slots=True)
class Trial:
    """`prepare` and `clean` are not timed; what `prepare` gives goes through `run` to `clean`."""

    name: str
    about: str
    prepare: Callable[[Case], Any]
    run: Callable[[Case, Any], Any]
    clean: Callable[[Any], None] = lambda made: None


def _length(case: Case) -> int:
    return 2 * case.pixels


def _two_buffers(case: Case) -> tuple[Any, Any]:
    return np.ones(_length(case), np.uint8), np.zeros(_length(case), np.uint8)


def _copy(case: Case, buffers: tuple[Any, Any]) -> None:
    np.copyto(buffers[1], buffers[0])


def _reserved(case: Case) -> FrameMemory:
    frame = _fresh(case)
    frame.close()
    return FrameMemory(frame.length, ready=True)


def _develop(case: Case, reserved: FrameMemory) -> Any:
    return develop_to_memfd(case.data, case.record, case.visible, case.row.crop, reserved), reserved


def _close_both(both: Any) -> None:
    for each in both:
        each.close()


def _close(frame: Any) -> None:
    frame.close()


def _fresh(case: Case, nothing: None = None) -> Any:
    return develop_to_memfd(case.data, case.record, case.visible, case.row.crop)


def _libraw(case: Case, nothing: None) -> None:
    import rawpy

    with rawpy.imread(io.BytesIO(case.data)) as raw:
        assert raw.raw_image.shape[0] > 0


def _astropy(case: Case, nothing: None) -> None:
    import rawpy
    from astropy.io import fits

    with rawpy.imread(io.BytesIO(case.data)) as raw:
        pixels = raw.raw_image[: case.visible[1], : case.visible[0]].copy()
    file = io.BytesIO()
    fits.PrimaryHDU(pixels).writeto(file)
    assert len(file.getvalue()) > _length(case)


def _pack(case: Case, frame: Any) -> Any:
    made = packed(frame)
    assert made.packed is not None, made.warnings
    return made


def _nothing(case: Case) -> None:
    return None


def best_of(case: Case, path: Trial, rounds: int) -> float:
    """Seconds of the best of some rounds, behind one that is not counted."""
    best = math.inf
    for number in range(rounds + 1):
        made = path.prepare(case)
        start = time.perf_counter()
        result = path.run(case, made)
        taken = time.perf_counter() - start
        path.clean(result if result is not None else made)
        del made, result
        best = taken if number and taken < best else best
    return best


PATHS: tuple[Trial, ...] = (
    Trial(COPY, "a copy of the frame's values between two buffers that were touched before", _two_buffers, _copy),
    Trial("develop", "ARW in memory to FITS in a memory file that was reserved while exposing", _reserved, _develop,
          _close_both),
    Trial("develop, fresh memory", "the same, the memory file not reserved", _nothing, _fresh, _close),
    Trial("LibRaw alone", "rawpy's raw_image of the whole file, no FITS", _nothing, _libraw),
    Trial("rawpy + astropy", "the usual script: raw_image, a copy, PrimaryHDU, writeto memory", _nothing, _astropy),
    Trial("pack", "the FITS to .fits.fz (RICE_1)", _fresh, _pack, _close),
)  # fmt: skip
