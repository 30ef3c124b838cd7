"""Pictures against the sky that they show: places and colours of single stars, colour of the sky between them. Pure.

- A picture is three colours, each in one or more `Plane`s: a demosaiced layer, or the pixels of one colour of a mosaic.
- Stars are taken that stand alone, far from the edges and from the serial number, bright enough and not saturated.
- Places are those of the centroids, colours those of the fluxes in a circle, both against green and against the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indi_sony_py.sim.serial_mark import MARK
from indi_sony_py.sim.sky import ELECTRONS_PER_ADU, Star

__all__ = ["SKY", "Judged", "Picture", "Plane", "layers", "lonely", "measure"]

Image = npt.NDArray[np.float64]

SKY = (1.6 / 2.0, 1.2 / 2.0)
"""Red and blue of the glow of the simulated sky, against green (docs/SIMULATOR.md)."""

_ALONE_PX = 20.0
_WEAK_NEIGHBOUR = 0.003
_RADIUS_PX = 8.0
_RING_PX = (10.0, 14.0)
_EDGE_PX = 32
_SIGMA_PX = 1.7
_BRIGHTEST_PEAK = 13000.0
_LEAST_ELECTRONS = 12_000.0


@dataclass(frozen=True, eq=False)
class Plane:
    """Pixels of one colour: pixel (x, y) of `data` (height, width) is (column + step x, row + step y) of the frame."""

    data: Image
    column: int = 0
    row: int = 0
    step: int = 1


Picture = tuple[Sequence[Plane], Sequence[Plane], Sequence[Plane]]
"""Red, green, blue."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was measured of `stars` stars. `worst_px`: the largest distance of one from its place; `shift_px`: the
    median in x and y. `red`, `blue`: measured against true colour, median; `spread`: half of what holds 68 % of them.
    `slope`: how much of a star's tint is left, 1 is all of it. `sky`: red and blue of the sky against green, and
    against the truth."""

    stars: int
    worst_px: float
    shift_px: tuple[float, float]
    red: float
    blue: float
    spread: tuple[float, float]
    slope: float
    sky: tuple[float, float]

    def faults(self, colours: float = 0.02, places_px: float = 0.3) -> list[str]:
        """What is not as the sky has it, in words; `colours` and `places_px`: how far off it may be."""
        found = []
        if not self.stars >= 5:
            found.append(f"{self.stars} stars")
        if not self.worst_px < places_px:
            found.append(f"a star is {self.worst_px:.2f} px away from its place")
        parts = (("red of the stars", self.red), ("blue of the stars", self.blue), ("red of the sky", self.sky[0]))
        for name, value in (*parts, ("blue of the sky", self.sky[1])):
            if not abs(value - 1) < colours:
                found.append(f"{name} is {value:.3f} of what it is")
        return found


def layers(image: npt.NDArray[np.floating]) -> Picture:
    """The three layers (3, height, width) of a demosaiced picture."""
    red, green, blue = (Plane(layer.astype(np.float64)) for layer in image)
    return (red,), (green,), (blue,)


def lonely(stars: Sequence[Star], size: tuple[int, int], exposure_s: float, iso: int) -> list[Star]:
    """Those that can be measured in a frame of `size` (width, height), brightest first."""
    found = []
    bottom_of_mark = MARK[1] + MARK[3]
    for star in sorted(stars, key=lambda one: -one.electrons_per_s):
        electrons = star.electrons_per_s * exposure_s
        peak = electrons * max(star.colour) / (2 * np.pi * _SIGMA_PX**2) * iso / 100 / ELECTRONS_PER_ADU
        inside = _EDGE_PX < star.x < size[0] - _EDGE_PX and bottom_of_mark + _EDGE_PX < star.y < size[1] - _EDGE_PX
        near = sum(
            other.electrons_per_s
            for other in stars
            if other is not star and (other.x - star.x) ** 2 + (other.y - star.y) ** 2 < _ALONE_PX**2
        )
        fits = inside and peak < _BRIGHTEST_PEAK and electrons > _LEAST_ELECTRONS
        if fits and near < _WEAK_NEIGHBOUR * star.electrons_per_s:
            found.append(star)
    return found


def _flux(plane: Plane, star: Star) -> tuple[float, float, float]:
    """Sum over the star's circle, and its centroid in the frame's pixels."""
    x, y = (star.x - plane.column) / plane.step, (star.y - plane.row) / plane.step
    radius, ring = _RADIUS_PX / plane.step, [value / plane.step for value in _RING_PX]
    reach = int(np.ceil(ring[1])) + 1
    left, top = round(x) - reach, round(y) - reach
    patch = plane.data[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
    down, across = np.mgrid[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
    away = np.hypot(across - x, down - y)
    light = patch - np.median(patch[(away > ring[0]) & (away < ring[1])])
    light = np.where(away <= radius, light, 0.0)
    total = float(light.sum())
    centre = [float((light * axis).sum() / total) * plane.step for axis in (across, down)]
    return total, centre[0] + plane.column, centre[1] + plane.row


def measure(picture: Picture, stars: Sequence[Star]) -> Judged:
    """Measures `stars` (of `lonely`) in a picture."""
    rows = []
    for star in stars:
        fluxes = [[_flux(plane, star) for plane in planes] for planes in picture]
        red, green, blue = (float(np.mean([one[0] for one in of_colour])) for of_colour in fluxes)
        x, y = (float(np.mean([one[axis] for one in fluxes[1]])) for axis in (1, 2))
        rows.append((x - star.x, y - star.y, red / green, blue / green, star.colour[0], star.colour[2]))
    found = np.array(rows).reshape(-1, 6)
    if not len(found):
        return Judged(0, np.inf, (np.inf, np.inf), 0.0, 0.0, (0.0, 0.0), 0.0, (0.0, 0.0))
    red, blue = found[:, 2] / found[:, 4], found[:, 3] / found[:, 5]
    spread = [float(np.diff(np.percentile(part, [16, 84]))[0]) / 2 for part in (red, blue)]
    with np.errstate(invalid="ignore"):
        tints = np.log(np.abs(found[:, 2] / found[:, 3])), np.log(found[:, 4] / found[:, 5])
    slope = float(np.polyfit(tints[1], tints[0], 1)[0]) if len(found) > 1 else 0.0
    dark = [float(np.mean([np.median(plane.data) for plane in planes])) for planes in picture]
    return Judged(
        len(found),
        float(np.hypot(found[:, 0], found[:, 1]).max()),
        (float(np.median(found[:, 0])), float(np.median(found[:, 1]))),
        float(np.median(red)),
        float(np.median(blue)),
        (spread[0], spread[1]),
        slope,
        (dark[0] / dark[1] / SKY[0], dark[2] / dark[1] / SKY[1]),
    )
