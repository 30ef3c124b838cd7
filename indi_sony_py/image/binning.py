"""Software binning: pixels of a mosaic joined to larger ones, band by band, exact to the last bit. Pure.

Rules kept here:

- A binned value is the mean, rounded to the nearest (halves up). A sum of 3 x 3 or 4 x 4 values of 14 bits does not fit
  into 16 bits: stars would saturate before the sensor does, and black and white would be others for each binning. The
  mean keeps both, and adds a rounding noise of 0.3 ADU at most.
- "mosaic": n x n pixels of one colour, out of a square of 2n x 2n; what comes out is a mosaic with the same pattern.
- "superpixel": n x n neighbours become one grey value, red and blue a quarter each, green a half, whatever colours the
  square holds more often: with 3 x 3 that is another one from square to square.
- What is left over at the right and at the bottom is not used (`section.binned_size`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
import numpy.typing as npt

from indi_sony_py.image.picture import fill_from
from indi_sony_py.image.record import MOSAIC
from indi_sony_py.image.section import binned_size

__all__ = ["Bands", "Binned", "Source"]

Band = npt.NDArray[np.uint16]
Bands = Iterator[tuple[int, Band]]

# So much of a frame at once: its sums stay in the cache.
_CHUNK_BYTES = 256 * 1024

_SHARE = {"R": Fraction(1, 4), "G": Fraction(1, 2), "B": Fraction(1, 4)}


class Source(Protocol):
    """A frame that is read from the top."""

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width)."""

    def bands(self) -> Bands:
        """(first row, uint16 rows), without gaps."""


@dataclass(frozen=True, slots=True)
class _Sums:
    """How the values of one kind are made: `weights` are (row, column, factor), to be divided by `divisor`.

    The first one stands at `place` (row, column) of the result, others at every `stride` lines of it, `step` lines of
    the mosaic.
    """

    place: tuple[int, int]
    stride: int
    step: int
    weights: tuple[tuple[int, int, int], ...]
    divisor: int


@dataclass(frozen=True, eq=False)
class Binned:
    """`source` with n x n pixels in one. `pattern`: the four letters at its first pixel, by rows."""

    source: Source
    binning: int
    mode: str
    pattern: str

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width)."""
        height, width = self.source.shape
        size = binned_size((width, height), self.binning, self.mode)
        return size[1], size[0]

    def fill(self, out: Band, fits: bool) -> None:
        """As `picture.Picture` tells. Raises as the bands of `source` do."""
        fill_from(self.bands(), out, fits)

    def bands(self) -> Bands:
        """The result from the top: (first row, uint16 rows), without gaps. Raises as the bands of `source` do."""
        width = self.shape[1]
        n, one_colour = self.binning, self.mode == MOSAIC
        kinds = _mosaic(n) if one_colour else _superpixel(n, self.pattern)
        down = 2 * n
        most = max(_CHUNK_BYTES // (2 * self.source.shape[1]) // down, 1) * down
        done = 0
        for rows in _regrouped(self.source.bands(), down, most):
            # Only the last rows may be no multiple of `down`.
            count = len(rows) // down * 2 if one_colour else len(rows) // n
            if count:
                yield done, _made(rows[: count * n, : width * n], (count, width), kinds)
                done += count


def _mosaic(n: int) -> tuple[_Sums, ...]:
    """One kind for each place of a cell: every second line of the square has its colour."""
    places = [(y, x) for y in (0, 1) for x in (0, 1)]
    return tuple(
        _Sums((y, x), 2, 2 * n, tuple((y + 2 * k, x + 2 * m, 1) for k in range(n) for m in range(n)), n * n)
        for y, x in places
    )


def _superpixel(n: int, pattern: str) -> tuple[_Sums, ...]:
    """One kind for each way in which a square can lie on the pattern: four with an odd n, else one."""
    period = 1 if n % 2 == 0 else 2
    kinds = []
    for y in range(period):
        for x in range(period):
            square = [(y * n + k, x * n + m) for k in range(n) for m in range(n)]
            letters = [pattern[2 * (row & 1) + (column & 1)] for row, column in square]
            parts = [_SHARE[letter] / letters.count(letter) for letter in letters]
            divisor = math.lcm(*(part.denominator for part in parts))
            weights = tuple((row, column, int(p * divisor)) for (row, column), p in zip(square, parts, strict=True))
            kinds.append(_Sums((y, x), period, period * n, weights, divisor))
    return tuple(kinds)


def _made(rows: Band, shape: tuple[int, int], kinds: Iterable[_Sums]) -> Band:
    out = np.empty(shape, np.uint16)
    for kind in kinds:
        y, x = kind.place
        here = out[y :: kind.stride, x :: kind.stride]
        total: npt.NDArray[np.uint32] = np.full(here.shape, kind.divisor // 2, np.uint32)
        for row, column, weight in kind.weights:
            part = rows[row :: kind.step, column :: kind.step]
            total += part if weight == 1 else part * np.uint32(weight)
        total //= np.uint32(kind.divisor)
        here[...] = total
    return out


def _regrouped(bands: Iterable[tuple[int, Band]], down: int, most: int) -> Iterator[Band]:
    """The same rows in pieces of a multiple of `down` rows, at most `most`; the last one may have any number."""
    kept: Band | None = None
    for _, band in bands:
        start = 0
        if kept is not None:
            start = min(down - len(kept), len(band))
            kept = np.concatenate((kept, band[:start]))
            if len(kept) == down:
                yield kept
                kept = None
        whole = (len(band) - start) // down * down
        for top in range(start, start + whole, most):
            yield band[top : min(top + most, start + whole)]
        if start + whole < len(band):
            # A copy: what a band is a view of may be gone when the next one comes.
            kept = band[start + whole :].copy()
    if kept is not None:
        yield kept
