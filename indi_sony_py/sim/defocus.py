"""The picture of one star, in focus and out of it: a disc of the light cone on top of the seeing. Pure.

A lens whose sharp picture lies `d` before or behind the sensor cuts its cone of light there in a disc: the circle of
confusion, of diameter |d| / N at the f-number N. The star is that disc, evenly lit, blurred by the seeing (a Gaussian).
All of its light is there, at any defocus: only its place changes. Diffraction is left out: at f/8 its disc is two
pixels wide.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

__all__ = ["Spot", "blur_px"]

_SIGMAS = 5.0
_SLICES = 2000
_SAMPLES_PER_PX = 8


def blur_px(defocus_um: float, f_number: float, pixel_um: float) -> float:
    """Diameter of the circle of confusion in pixels. `defocus_um`: from the sharp picture to the sensor, either way."""
    return abs(defocus_um) / f_number / pixel_um


class Spot:
    """Light of one star in a pixel, by the pixel's distance from it; the sum over all pixels is 1.

    `sigma_px` of the seeing, `diameter_px` of the circle of confusion. `reach_px`: nothing is left beyond it.
    """

    def __init__(self, sigma_px: float, diameter_px: float = 0.0) -> None:
        self._sigma = sigma_px
        radius = diameter_px / 2
        self.reach_px = math.ceil(_SIGMAS * sigma_px + radius)
        self._distances: npt.NDArray[np.float64] | None = None
        if radius > 0:
            self._distances = np.linspace(0, 1.5 * self.reach_px, math.ceil(1.5 * self.reach_px * _SAMPLES_PER_PX) + 2)
            self._light = _blurred_disc(self._distances, radius, sigma_px)

    def light(self, squares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The shares of pixels whose squared distances from the star (pixels²) are given, of the same shape."""
        if self._distances is None:
            bell: npt.NDArray[np.float64] = np.exp(-squares / (2 * self._sigma**2)) / (2 * np.pi * self._sigma**2)
            return bell
        return np.interp(np.sqrt(squares), self._distances, self._light, right=0.0)


def _blurred_disc(distances: npt.NDArray[np.float64], radius: float, sigma: float) -> npt.NDArray[np.float64]:
    """An even disc of area-integral 1, convolved with a Gaussian, at these distances from its middle.

    The disc is cut into slices across the line to its middle: along a slice the Gaussian's integral is an error
    function, across the slices it is summed up.
    """
    edges = np.linspace(-radius, radius, _SLICES + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    halves = np.sqrt(radius**2 - middles**2)
    along = np.array([math.erf(half / (sigma * math.sqrt(2))) for half in halves])
    light = np.empty_like(distances)
    for begin in range(0, len(distances), 256):
        part = distances[begin : begin + 256, None]
        across = np.exp(-((middles[None, :] - part) ** 2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))
        light[begin : begin + 256] = across @ along
    return light * (2 * radius / _SLICES) / (math.pi * radius**2)
