"""How much of the light reaches each pixel: darker corners and dust on the filter before the sensor. Pure.

A mote that lies some way before the sensor throws the shadow of the telescope's mirror or lens: a soft-edged disc. Its
places, sizes and depths are of the seed; number and strength are those of a camera that wants flats (assumed).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indi_sony_py.sim.geometry import Geometry
from indi_sony_py.sim.night import Optics

__all__ = ["Shade"]

_LEAST_RADIUS = 0.006
_LARGEST_RADIUS = 0.02
_LEAST_DEPTH = 0.03
_LARGEST_DEPTH = 0.15


@dataclass(frozen=True, slots=True)
class _Mote:
    x: float
    y: float
    radius: float
    depth: float


class Shade:
    """The share of the light that comes through, of each pixel of a stored buffer: 1 in the middle without dust."""

    def __init__(self, seed: int, geometry: Geometry, optics: Optics) -> None:
        half = np.float32(optics.vignetting / 2)
        self._across = (np.linspace(-1, 1, geometry.width, dtype=np.float32) ** 2) * half
        self._down = (np.linspace(-1, 1, geometry.height, dtype=np.float32) ** 2) * half
        dice = np.random.default_rng((seed, geometry.width, geometry.height, 23))
        self._motes = []
        for _ in range(optics.dust):
            x, y = float(dice.uniform(0, geometry.width)), float(dice.uniform(0, geometry.height))
            radius = float(dice.uniform(_LEAST_RADIUS, _LARGEST_RADIUS)) * geometry.width
            self._motes.append(_Mote(x, y, radius, float(dice.uniform(_LEAST_DEPTH, _LARGEST_DEPTH))))

    def block(self, rows: slice, columns: slice) -> npt.NDArray[np.float32]:
        """The shares of a rectangle, (rows, columns)."""
        share: npt.NDArray[np.float32] = 1 - (self._down[rows, None] + self._across[None, columns])
        for mote in self._motes:
            if (
                mote.y + mote.radius < rows.start
                or mote.y - mote.radius > rows.stop
                or mote.x + mote.radius < columns.start
                or mote.x - mote.radius > columns.stop
            ):
                continue
            down = (np.arange(rows.start, rows.start + share.shape[0], dtype=np.float32) - mote.y) / mote.radius
            across = (np.arange(columns.start, columns.start + share.shape[1], dtype=np.float32) - mote.x) / mote.radius
            distance = down[:, None] ** 2 + across[None, :] ** 2
            share *= 1 - mote.depth * np.clip(2 - 2 * distance, 0, 1)
        return share
