"""Stars of a picture: how many, where, and their half-flux radius (HFR). Pure, numpy.

Rules kept here:

- A frame is looked at in strips, so that it is never there as floating point as a whole.
- The sky is taken away for each colour by itself, from medians of squares: gradients and dark corners cost no star.
- A star shines on pixels of each colour, a hot pixel on one.
- The half-flux radius is that of the circle around a star's middle with half of its light, in pixels of the picture: of
  a star of normal shape 1.177 sigma, half of the full width at half maximum. Saturated stars are counted, not measured.
- Stars so far out of focus that they do not fit into a patch are looked for once more on a coarser picture.

The definition is that of StellarSolver, which Ekos uses (flux_radius of SEP, half of the light); its aperture and its
picture (debayered) are others. SEP itself is not used: it has no build for 32-bit ARM, wants the whole frame as
floating point, and a mosaic must become a grey picture for it, which makes sharp stars wider by a fifth (measured).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Found", "find_stars", "measure"]

Floats = npt.NDArray[np.float32]
Rows = Callable[[int, int], npt.NDArray[np.uint16]]

_STRIP = 512
_SQUARE = 32
_REACH = 12
_SIDE = 2 * _REACH + 1
_MARGIN = 16
_EDGE = 8
_CORE = 4
_SIGMAS = 6.0
_LEAST_SNR = 5.0
_MEASURED_SNR = 15.0
_MOST = 5000
_LEAST_SIDE = 64
_WIDE = 3.9
_WIDEST = 5.4
_COARSE = 4
_BLUR = 2 * np.log(2) * (_COARSE**2 - 1) / 12
"""What squares of so many pixels add to the square of the half-flux radius of a star of normal shape."""
_SATURATED = 0.9
_LEAST_SHARE = 0.2

_DOWN, _ACROSS = np.mgrid[-_REACH : _REACH + 1, -_REACH : _REACH + 1].astype(np.float32)
_DISTANCE = np.hypot(_DOWN, _ACROSS)
_RIM = (_DISTANCE > _REACH - 1.5) & (_DISTANCE <= _REACH + 0.5)


@dataclass(frozen=True, eq=False)
class Found:
    """The stars of a picture, brightest first: (n,) arrays, `x` and `y` in pixels from its first one, `flux` in ADU.

    `hfr` is in pixels, NaN for a star that is too faint or saturated.
    """

    x: Floats
    y: Floats
    flux: Floats
    hfr: Floats

    @property
    def count(self) -> int:
        return len(self.x)

    @property
    def median_hfr(self) -> float | None:
        """In pixels; None where too few of the stars could be measured to speak for them."""
        known = self.hfr[np.isfinite(self.hfr)]
        return float(np.median(known)) if len(known) and len(known) >= _LEAST_SHARE * self.count else None


def find_stars(
    cfa: npt.NDArray[np.uint16], most: int = _MOST, ignore: tuple[int, int, int, int] | None = None
) -> list[tuple[float, float, float]]:
    """Stars as (x, y, flux), brightest first: pixels of `cfa` from its top left corner, flux above the sky.

    `ignore` is a rectangle (x, y, width, height) in which nothing is looked for. Edges of 8 pixels are left out.
    """
    found = _at_scale(lambda top, bottom: cfa[top:bottom], (cfa.shape[0], cfa.shape[1]), 65535, most, ignore)[0]
    return list(zip(found.x.tolist(), found.y.tolist(), found.flux.tolist(), strict=True))


def measure(rows: Rows, shape: tuple[int, int], white: int = 65535, most: int = _MOST) -> Found:
    """The stars of a picture of `shape` (height, width), a mosaic or grey. `rows(top, bottom)` gives rows of it.

    `white` is the value at which the sensor is full.
    """
    found, coarse = _at_scale(rows, shape, white, most, None)
    radius = found.median_hfr
    if radius is not None and radius <= _WIDE:
        return found
    again, _ = _at_scale(lambda top, bottom: coarse[top:bottom], (coarse.shape[0], coarse.shape[1]), white, most, None)
    wider = again.median_hfr
    # A coarse picture has fewer pixels a star: it counts only for what the fine one could not show.
    if wider is None or wider * _COARSE <= _WIDE:
        return found
    middle = (_COARSE - 1) / 2
    return Found(
        again.x * _COARSE + middle, again.y * _COARSE + middle, again.flux * _COARSE**2,
        np.sqrt(np.maximum((again.hfr * _COARSE) ** 2 - _BLUR, 0)),
    )  # fmt: skip


def _at_scale(
    rows: Rows, shape: tuple[int, int], white: int, most: int, ignore: tuple[int, int, int, int] | None
) -> tuple[Found, npt.NDArray[np.uint16]]:
    """The stars, and the picture with 4 x 4 pixels in one."""
    height, width = shape[0] & ~1, shape[1] & ~1
    if height < _LEAST_SIDE or width < _LEAST_SIDE:
        nothing = np.zeros(0, np.float32)
        return Found(nothing, nothing, nothing, nothing), np.zeros((0, 0), np.uint16)
    parts: list[Floats] = []
    coarse: list[npt.NDArray[np.uint16]] = []
    for top in range(0, height, _STRIP):
        bottom = min(top + _STRIP, height)
        first, last = max(top - _MARGIN - _SQUARE, 0), min(bottom + _MARGIN + _SQUARE, height)
        strip = rows(first, last)[:, :width]
        level, deviation = _levelled(strip)
        near = _candidates(level, deviation, (top - first, bottom - first), most)
        if ignore is not None:
            x, y, across, down = ignore
            inside = (
                (near[:, 1] >= x - _EDGE) & (near[:, 1] < x + across + _EDGE)
                & (near[:, 0] + first >= y - _EDGE) & (near[:, 0] + first < y + down + _EDGE)
            )  # fmt: skip
            near = near[~inside]
        stars = _measured(level, strip, near, deviation, white)
        stars[:, 1] += first
        parts.append(stars)
        coarse.append(_reduced(strip[top - first : bottom - first]))
    return _sorted(np.concatenate(parts), most), np.concatenate(coarse)


def _reduced(strip: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
    height, width = (side // _COARSE * _COARSE for side in strip.shape)
    squares = strip[:height, :width].reshape(height // _COARSE, _COARSE, width // _COARSE, _COARSE)
    return np.asarray(squares.mean(axis=(1, 3), dtype=np.float32).round(), np.uint16)


def _levelled(strip: npt.NDArray[np.uint16]) -> tuple[Floats, float]:
    """The strip without its sky, and the noise of a pixel."""
    level = strip.astype(np.float32)
    for row in (0, 1):
        for column in (0, 1):
            part = level[row::2, column::2]
            part -= _sky(part)
    sample = level[::7, ::5]
    return level, max(float(np.median(np.abs(sample)) * 1.4826), 1e-3)


def _sky(part: Floats) -> Floats:
    """Medians of squares, joined by straight lines between their middles."""
    squares = [max(side // _SQUARE, 1) for side in part.shape]
    down, across = (side // number for side, number in zip(part.shape, squares, strict=True))
    whole = part[: squares[0] * down, : squares[1] * across].reshape(squares[0], down, squares[1], across)
    sample = whole[:, ::2, :, ::2].transpose(0, 2, 1, 3).reshape(squares[0], squares[1], -1)
    grid = np.median(sample, axis=2)
    lines = _between(grid, part.shape[0], down)
    return np.asarray(_between(lines.T, part.shape[1], across).T, np.float32)


def _between(grid: Floats, length: int, step: int) -> Floats:
    """The rows of `grid`, which stand `step` apart, at each of `length` places."""
    place = np.clip((np.arange(length, dtype=np.float32) + 0.5) / step - 0.5, 0, len(grid) - 1)
    low = np.minimum(place.astype(np.intp), max(len(grid) - 2, 0))
    share = (place - low)[:, None].astype(np.float32)
    return np.asarray(grid[low] * (1 - share) + grid[np.minimum(low + 1, len(grid) - 1)] * share, np.float32)


def _candidates(level: Floats, deviation: float, lines: tuple[int, int], most: int) -> npt.NDArray[np.intp]:
    """Peaks as (row, column) of the strip, the brightest first, not nearer than 4 pixels to a brighter one.

    Looked for on cells of 2 x 2, smoothed: there all colours weigh the same.
    """
    cells = (level[0::2, 0::2] + level[0::2, 1::2] + level[1::2, 0::2] + level[1::2, 1::2]) / 4
    rows = cells[:-2] + 2 * cells[1:-1] + cells[2:]
    smooth = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16
    # Noise of the cell's mean is half of a pixel's, and 3/8 of that is left by the smoothing.
    found = np.argwhere(smooth > _SIGMAS * deviation * 3 / 16)
    inner = np.logical_and(found > 0, found < np.array(smooth.shape) - 1).all(axis=1)
    found = found[inner]
    here = smooth[found[:, 0], found[:, 1]]
    keep = np.ones(len(found), bool)
    for dy, dx in ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)):
        keep &= here >= smooth[found[:, 0] + dy, found[:, 1] + dx]
    found, here = found[keep], here[keep]
    places = (found + 1) * 2
    inside = (places[:, 0] >= lines[0]) & (places[:, 0] < lines[1])
    order = np.argsort(-here[inside], kind="stable")[: 4 * most]
    return places[inside][order]


def _measured(
    level: Floats, strip: npt.NDArray[np.uint16], near: npt.NDArray[np.intp], deviation: float, white: int
) -> Floats:
    """(n, 4) of x, y, flux, hfr of those candidates that are stars; x and y in the strip."""
    fits = (
        (near[:, 0] >= _REACH) & (near[:, 0] < level.shape[0] - _REACH)
        & (near[:, 1] >= _REACH) & (near[:, 1] < level.shape[1] - _REACH)
    )  # fmt: skip
    near = near[fits]
    if not len(near):
        return np.zeros((0, 4), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(level, (_SIDE, _SIDE))
    patches = windows[near[:, 0] - _REACH, near[:, 1] - _REACH].copy()
    raw = np.lib.stride_tricks.sliding_window_view(strip, (3, 3))
    peaks = raw[near[:, 0] - 1, near[:, 1] - 1].max(axis=(1, 2))
    rim = patches[:, _RIM]
    patches -= np.median(rim, axis=1)[:, None, None]
    lit = _lit(patches, deviation)
    y, x = _middles(patches)
    distance = np.hypot(_DOWN[None] - y[:, None, None], _ACROSS[None] - x[:, None, None]).reshape(len(near), -1)
    radius, flux, pixels = _half_flux(patches.reshape(len(near), -1), distance)
    snr = flux / (deviation * np.sqrt(np.maximum(pixels, 1)))
    # A flat surface and an edge are bright at the rim of the patch as well.
    clear = np.percentile(rim, 75, axis=1) - np.percentile(rim, 25, axis=1) < 0.25 * patches.max(axis=(1, 2))
    star = lit & clear & (snr > _LEAST_SNR) & (radius > 0.4) & (radius < _WIDEST) & (np.hypot(x, y) < 4)
    radius[(snr < _MEASURED_SNR) | (peaks >= _SATURATED * white)] = np.nan
    table = np.stack((near[:, 1] + x, near[:, 0] + y, flux, radius), axis=1)
    return np.asarray(table[star], np.float32)


def _lit(patches: Floats, deviation: float) -> npt.NDArray[np.bool_]:
    """Which patches have light in at least three of the four places of a cell: a hot pixel stands in one.

    That a star is brighter in one colour changes its radius by less than 2 %: nothing is done about it.
    """
    core = _DISTANCE <= _CORE
    inner = patches * core
    sums = np.stack([inner[:, row::2, column::2].sum(axis=(1, 2)) for row in (0, 1) for column in (0, 1)], axis=1)
    noise = deviation * np.sqrt(core.sum() / 4)
    mean = sums.mean(axis=1)
    return np.asarray((sums > np.maximum(2.5 * noise, 0.15 * mean[:, None])).sum(axis=1) >= 3)


def _middles(patches: Floats) -> tuple[Floats, Floats]:
    """(y, x) of the light under a window that follows it, from the middle pixel."""
    y = np.zeros(len(patches), np.float32)
    x = np.zeros(len(patches), np.float32)
    bright = np.maximum(patches, 0)
    for _ in range(4):
        down, across = _DOWN[None] - y[:, None, None], _ACROSS[None] - x[:, None, None]
        weight = np.exp(-(down**2 + across**2) / (2 * 2.5**2)) * bright
        total = np.maximum(weight.sum(axis=(1, 2)), 1e-6)
        y = y + 1.6 * (weight * down).sum(axis=(1, 2)) / total
        x = x + 1.6 * (weight * across).sum(axis=(1, 2)) / total
        y, x = np.clip(y, -_REACH, _REACH), np.clip(x, -_REACH, _REACH)
    return y, x


def _half_flux(values: Floats, distance: Floats) -> tuple[Floats, Floats, Floats]:
    """Half-flux radius, flux, and number of pixels that it was taken from, for each row of pixels."""
    order = np.argsort(distance, axis=1)
    sums = np.cumsum(np.take_along_axis(values, order, axis=1), axis=1)
    sorted_distance = np.take_along_axis(distance, order, axis=1)
    lines = np.arange(len(values))
    aperture = np.full(len(values), float(_REACH), np.float32)
    radius = aperture
    for _ in range(3):
        last = np.maximum((sorted_distance <= aperture[:, None]).sum(axis=1) - 1, 0)
        total = sums[lines, last]
        reached = sums >= total[:, None] / 2
        first = np.argmax(reached, axis=1)
        before = np.where(first > 0, sums[lines, first - 1], 0)
        share = (total / 2 - before) / np.maximum(sums[lines, first] - before, 1e-6)
        # The circle with as many pixels as hold half of the light.
        radius = np.sqrt((first + np.clip(share, 0, 1)) / np.pi).astype(np.float32)
        aperture = np.clip(3.2 * radius + 1, 3, _REACH).astype(np.float32)
    return radius, total, (last + 1).astype(np.float32)


def _sorted(stars: Floats, most: int) -> Found:
    """The brightest first; of two that lie nearer than 4 pixels the brighter one."""
    stars = stars[np.argsort(-stars[:, 2], kind="stable")]
    taken: set[tuple[int, int]] = set()
    kept = []
    for number, (x, y) in enumerate((stars[:, :2] / 4).round().astype(int).tolist()):
        if not any((x + dx, y + dy) in taken for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
            taken.add((x, y))
            kept.append(number)
            if len(kept) == most:
                break
    x, y, flux, hfr = stars[kept].T
    return Found(x, y, flux, hfr)
