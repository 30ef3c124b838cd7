"""What a person wants to know of a frame at a glance: its histogram, its stars, a small picture. Pure.

The frame is finished by then and somebody else's: it is only read, and whatever fails here fails here alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indi_sony_py.image.glance import BINS, SOFT, Glance
from indi_sony_py.image.pixels import Pixels
from indi_sony_py.image.preview import reduced, stretched
from indi_sony_py.image.stars import measure

__all__ = ["glance_at", "histogram", "picture"]

_STRIP = 512
_FULL = 0.98


@dataclass(frozen=True, eq=False)
class _Counts:
    """How often each value stands in the red, green and blue pixels: (3, 65536)."""

    of: npt.NDArray[np.int64]


def glance_at(pixels: Pixels, stars: bool = True) -> Glance:
    """The facts of a frame. Without `stars` none are looked for (a dark has none, and a flat shows dust)."""
    counts = histogram(pixels)
    red, green, blue = (_median(line) for line in counts.of)
    bins = _binned(counts, pixels.black, pixels.white)
    full = int(counts.of[:, int(pixels.white * _FULL) :].sum())
    found = measure(pixels.rows, pixels.shape, pixels.white) if stars else None
    return Glance(
        width=pixels.shape[1],
        height=pixels.shape[0],
        stars=None if found is None else found.count,
        hfr=None if found is None or found.median_hfr is None else round(found.median_hfr, 3),
        median=(red, green, blue),
        black=pixels.black,
        white=pixels.white,
        full=full,
        histogram=bins,
    )


def histogram(pixels: Pixels) -> _Counts:
    """Counts of all values; a grey picture has the same for each colour."""
    height, width = pixels.shape
    counts = np.zeros((3, 65536), np.int64)
    for top in range(0, height, _STRIP):
        strip = pixels.rows(top, min(top + _STRIP, height))
        if not pixels.pattern:
            counts += np.bincount(strip.ravel(), minlength=65536)
            continue
        for place, letter in enumerate(pixels.pattern):
            part = strip[place // 2 :: 2, place % 2 : width : 2]
            counts["RGB".index(letter)] += np.bincount(part.ravel(), minlength=65536)
    return _Counts(counts)


def picture(pixels: Pixels, max_width: int) -> npt.NDArray[np.uint8]:
    """An (h, w, 3) picture of at most `max_width` columns, stretched by itself."""
    return stretched(reduced(pixels.rows, pixels.shape, pixels.pattern, max_width))


def _median(counts: npt.NDArray[np.int64]) -> int:
    return int(np.searchsorted(np.cumsum(counts), (counts.sum() + 1) // 2))


def _binned(counts: _Counts, black: int, white: int) -> tuple[tuple[int, ...], ...]:
    above = np.maximum(np.arange(65536) - black, 0) / SOFT
    place = np.arcsinh(above) / np.arcsinh(max(white - black, 1) / SOFT) * BINS
    which = np.minimum(place.astype(np.intp), BINS - 1)
    return tuple(
        tuple(int(n) for n in np.bincount(which, weights=line.astype(np.float64), minlength=BINS)) for line in counts.of
    )
