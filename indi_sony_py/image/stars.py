"""Finding stars in a mosaic: enough to compare what was found with what was put in, no photometry. Pure, numpy.

The four colours of a cell are levelled by their own medians, summed over 2 x 2 (a luminance at the mosaic's own scale),
smoothed, and the peaks above the noise are centred on the mosaic's own pixels.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["find_stars"]

_SIGMAS = 6.0
_RADIUS = 6
_MOST = 5000


def find_stars(
    cfa: npt.NDArray[np.uint16], most: int = _MOST, ignore: tuple[int, int, int, int] | None = None
) -> list[tuple[float, float, float]]:
    """Stars as (x, y, flux), brightest first: pixels of `cfa` from its top left corner, flux above the sky.

    `ignore` is a rectangle (x, y, width, height) in which nothing is looked for. Edges of 8 pixels are left out.
    """
    height, width = (side & ~1 for side in cfa.shape)
    if height < 32 or width < 32:
        return []
    level = cfa[:height, :width].astype(np.float32)
    for row in (0, 1):
        for column in (0, 1):
            part = level[row::2, column::2]
            part -= np.median(part[::4, ::4])
    deviation = _deviation(level)
    smooth = _smooth(level)
    peak_deviation = max(_deviation(smooth), deviation / 16, 1e-3)
    candidates = _peaks(smooth, peak_deviation * _SIGMAS)
    if ignore is not None:
        x, y, across, down = ignore
        inside = (
            (candidates[:, 1] >= x - 8)
            & (candidates[:, 1] < x + across + 8)
            & (candidates[:, 0] >= y - 8)
            & (candidates[:, 0] < y + down + 8)
        )
        candidates = candidates[~inside]
    order = np.argsort(smooth[candidates[:, 0], candidates[:, 1]])[::-1][: most * 4]
    found: list[tuple[float, float, float]] = []
    taken: set[tuple[int, int]] = set()
    for row, column in candidates[order]:
        star = _centred(level, int(row), int(column), deviation)
        if star is None:
            continue
        cell = (round(star[0]) // 4, round(star[1]) // 4)
        if any((cell[0] + dx, cell[1] + dy) in taken for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
            continue
        taken.add(cell)
        found.append(star)
        if len(found) == most:
            break
    found.sort(key=lambda star: -star[2])
    return found


def _deviation(level: npt.NDArray[np.float32]) -> float:
    sample = level[::7, ::5]
    return float(np.median(np.abs(sample - np.median(sample))) * 1.4826)


def _smooth(level: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A 4 x 4 mean: two cells each way, so that all colours weigh the same. The window begins at the pixel."""
    once = level[:-1] + level[1:]
    rows = once[:-2] + once[2:]
    twice = rows[:, :-1] + rows[:, 1:]
    out: npt.NDArray[np.float32] = (twice[:, :-2] + twice[:, 2:]) / 16
    return out


def _peaks(smooth: npt.NDArray[np.float32], threshold: float) -> npt.NDArray[np.intp]:
    middle = smooth[8:-8, 8:-8]
    rows, columns = np.nonzero(middle > threshold)
    rows, columns = rows + 8, columns + 8
    keep = np.ones(rows.shape, bool)
    here = smooth[rows, columns]
    for dy, dx in ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)):
        keep &= here >= smooth[rows + dy, columns + dx]
    return np.stack((rows[keep], columns[keep]), axis=1)


def _centred(
    level: npt.NDArray[np.float32], row: int, column: int, deviation: float
) -> tuple[float, float, float] | None:
    # The smoothing window begins at its pixel: its middle lies 1.5 further.
    y, x = row + 1.5, column + 1.5
    flux = 0.0
    for _ in range(3):
        top, left = round(y) - _RADIUS, round(x) - _RADIUS
        side = 2 * _RADIUS + 1
        if top < 0 or left < 0 or top + side > level.shape[0] or left + side > level.shape[1]:
            return None
        patch = level[top : top + side, left : left + side]
        down, across = np.mgrid[top : top + side, left : left + side]
        weight = np.exp(-((down - y) ** 2 + (across - x) ** 2) / (2 * 2.5**2)) * np.maximum(patch, 0)
        total = float(weight.sum())
        if total <= 0:
            return None
        y, x = float((weight * down).sum()) / total, float((weight * across).sum()) / total
        flux = float(patch.sum())
    spread = float((weight * ((down - y) ** 2 + (across - x) ** 2)).sum()) / total
    # Noise is one hot pixel, a flat surface is wide and an edge has one bright side: a star is between.
    brightest = float(patch.max())
    rim = np.concatenate((patch[0], patch[-1], patch[1:-1, 0], patch[1:-1, -1]))
    if float(np.percentile(rim, 75)) > 0.25 * brightest:
        return None
    if not 0.8 < spread < 9.0 or flux < 3 * deviation * _RADIUS or brightest > 0.5 * max(flux, 1.0):
        return None
    return x, y, flux
