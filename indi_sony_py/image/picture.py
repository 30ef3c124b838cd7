"""What a frame's values come from, and how they lie in a file. Pure.

Source of the speed of the ways to convert: measured (chunks of 256 KiB stay in the cache; astropy and `byteswap()` cost
ten times as much).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from indi_sony_py.errors import RuleBroken

__all__ = ["Picture", "Values", "fill_from", "put"]

Values = npt.NDArray[np.uint16]

_CHUNK_BYTES = 256 * 1024
_TOP_BIT = np.array(0x8000, ">u2").view(np.uint16)[()]


class Picture(Protocol):
    """A frame that can be written."""

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width)."""

    def fill(self, out: Values, fits: bool) -> None:
        """Write all values into `out` (height, width): as the host has them, or as `put` tells for a FITS."""


def put(out: Values, rows: Values, fits: bool) -> None:
    """Copy `rows`; for a FITS as signed values with BZERO 32768: big-endian, the highest bit turned over."""
    if not fits:
        out[...] = rows
        return
    step = max(_CHUNK_BYTES // (2 * out.shape[1]), 1)
    swapped = out.view(">u2")
    for start in range(0, out.shape[0], step):
        here = slice(start, start + step)
        np.copyto(swapped[here], rows[here])
        out[here] ^= _TOP_BIT


def fill_from(bands: Iterable[tuple[int, Values]], out: Values, fits: bool) -> None:
    """Write `bands`, (first row, rows) from the top without gaps, into `out`. A gap is a `RuleBroken`."""
    height, width = out.shape
    done = 0
    for top, band in bands:
        if top != done or band.shape[1] != width or top + band.shape[0] > height:
            raise RuleBroken(f"rows {top} and on, {band.shape}, after {done} of {height} x {width}")
        put(out[top : top + band.shape[0]], band, fits)
        done += band.shape[0]
    if done != height:
        raise RuleBroken(f"{done} rows for a frame of {height}")
