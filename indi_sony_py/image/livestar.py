"""How sharp the brightest star of live view is: a number for whoever turns a focus ring. Pure, numpy and Pillow.

- The picture is made linear first (its gamma undone), for a screen's values make stars wider than they are.
- Stars are found and measured as in frames (`stars`); of those that are not white in the middle the brightest counts.
- A star must stand out (`_LEAST_HEIGHT`): in a dark picture of few values noise looks like stars, too.
- FWHM is measured by itself: the diameter of a circle as large as what is above half of the star's height.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indi_sony_py.image.livepicture import pixels
from indi_sony_py.image.stars import measure

__all__ = ["LiveStar", "brightest", "linear"]

_GAMMA = 2.2
"""Of the pictures that a camera shows (sRGB, about)."""
_WHITE = 65535
_LINEAR = np.round((np.arange(256) / 255.0) ** _GAMMA * _WHITE).astype(np.uint16)
_MOST = 200
_LEAST_HEIGHT = 0.0015
"""Of white, above the level around it: some 13 of a screen's 255 values from black. Below that a dark picture has few
values, and their noise is taken for stars."""


@dataclass(frozen=True, slots=True)
class LiveStar:
    """Pixels of the picture from its top left corner; `hfr`, `fwhm` in pixels; `peak`: its height, 1 is white.

    `count`: of the stars that were found, `median`: of their HFR.
    """

    x: float
    y: float
    hfr: float
    fwhm: float
    peak: float
    count: int
    median: float


def linear(jpeg: bytes) -> npt.NDArray[np.uint16]:
    """The light in each pixel, (height, width), all colours together. Raises as `livepicture.pixels`."""
    data, width, height = pixels(jpeg)
    colours = _LINEAR[np.frombuffer(data, np.uint8).reshape(height, width, 3)]
    grey: npt.NDArray[np.uint16] = colours.mean(axis=2, dtype=np.float32).astype(np.uint16)
    return grey


def brightest(jpeg: bytes) -> LiveStar | None:
    """The star by which one focuses; None where there is none. Raises as `livepicture.pixels`."""
    light = linear(jpeg)
    found = measure(lambda top, bottom: light[top:bottom], (light.shape[0], light.shape[1]), _WHITE, _MOST)
    known = np.flatnonzero(np.isfinite(found.hfr))
    if not len(known):
        return None
    star = int(known[0])
    x, y, hfr = float(found.x[star]), float(found.y[star]), float(found.hfr[star])
    width, height, level = _width(light, x, y, hfr)
    if height < _LEAST_HEIGHT * _WHITE:
        return None
    return LiveStar(x, y, hfr, width, min((height + level) / _WHITE, 1.0), found.count, found.median_hfr or hfr)


def _width(light: npt.NDArray[np.uint16], x: float, y: float, hfr: float) -> tuple[float, float, float]:
    """FWHM in pixels, the height above the level around it, and that level."""
    reach = math.ceil(3 * hfr) + 3
    top, left = max(round(y) - reach, 0), max(round(x) - reach, 0)
    patch = light[top : round(y) + reach + 1, left : round(x) + reach + 1].astype(np.float32)
    rim = np.concatenate((patch[0], patch[-1], patch[:, 0], patch[:, -1]))
    patch -= np.median(rim)
    # A noisy pixel alone is no height: the middle of the brightest few is.
    height = float(np.median(np.sort(patch, axis=None)[-5:]))
    area = int(np.count_nonzero(patch > height / 2))
    return 2 * math.sqrt(area / math.pi), height, float(np.median(rim))
