"""A frame against the sky that went into it: pixel for pixel, by its serial number, and star by star. Reads no file.

Rules kept here:

- What was put in is made anew from the truth that the simulated camera wrote: seed, geometry, true time, ISO, scene.
- A lossy file is compared with what its codec makes of the sky, everything else with the sky itself.
- Stars are compared for people to read; pixels and serial number decide.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from astropy.io import fits

from indi_sony_py.image.stars import find_stars
from indi_sony_py.sim.arw_codecs import lossy_round_trip
from indi_sony_py.sim.geometry import Geometry, geometry_of
from indi_sony_py.sim.night import Night
from indi_sony_py.sim.profile import profile_of
from indi_sony_py.sim.serial_mark import MARK, read_serial
from indi_sony_py.sim.sky import Sky

__all__ = ["Comparison", "Stars", "compare", "expected_cfa", "match_stars", "sensor_of", "serial_of"]

Cfa = npt.NDArray[np.uint16]
_NEAR_PIXELS = 2.0


@dataclass(frozen=True, slots=True)
class Stars:
    """How many stars were put in, found, and found where they were put in; and how far off, in pixels (median)."""

    put_in: int
    found: int
    matched: int
    median_offset_px: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a frame is worth. `different` counts pixels that are not what they must be; None: another size."""

    serial_expected: int
    serial_found: int | None
    compared: int
    different: int | None
    largest_difference: int
    stars: Stars

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with the frame, in words; empty for a true one."""
        found = []
        if self.serial_found != self.serial_expected:
            found.append(f"the pixels carry serial number {self.serial_found}, the press had {self.serial_expected}")
        if self.different is None:
            found.append("the frame has another size than the sky")
        elif self.different:
            found.append(
                f"{self.different} of {self.compared} pixels differ from the sky, by up to {self.largest_difference}"
            )
        return tuple(found)


def sensor_of(model: str) -> Geometry:
    """The sensor of a simulated body, whole."""
    return geometry_of(profile_of(model).row)


@lru_cache(maxsize=4)
def _sky(seed: int, geometry: Geometry) -> Sky:
    return Sky(seed, geometry)


def expected_cfa(truth: Mapping[str, Any], seed: int, geometry: Geometry, area: str = "visible") -> Cfa:
    """The mosaic (height, width) that the press of `truth` must give. `area` is "visible" or "crop"."""
    night = Night.of(truth.get("night", {}))
    rendered = _sky(seed, geometry).render(truth["exposure_s"], truth["iso"], truth["scene"], truth["serial"], night)
    cfa = lossy_round_trip(rendered.cfa) if truth["raw"] == "lossy" else rendered.cfa
    if area == "crop" and geometry.crop is not None:
        x, y, width, height = geometry.crop
    else:
        x, y, (width, height) = 0, 0, geometry.visible
    return cfa[y : y + height, x : x + width]


def match_stars(cfa: Cfa, put_in: list[tuple[float, float, float]], origin: tuple[int, int] = (0, 0)) -> Stars:
    """Finds the stars of a frame and looks each one up among those put in (places in the stored buffer)."""
    mark = (MARK[0] - origin[0], MARK[1] - origin[1], MARK[2], MARK[3])
    found = find_stars(cfa, ignore=mark)
    offsets = []
    for x, y, _ in put_in:
        distances = [math.hypot(x - origin[0] - fx, y - origin[1] - fy) for fx, fy, _ in found]
        if distances and min(distances) < _NEAR_PIXELS:
            offsets.append(min(distances))
    offsets.sort()
    return Stars(len(put_in), len(found), len(offsets), offsets[len(offsets) // 2] if offsets else None)


def compare(
    cfa: Cfa, truth: Mapping[str, Any], seed: int, geometry: Geometry, area: str = "visible", stars: bool = True
) -> Comparison:
    """Compares a frame with the press that it must be from. Without `stars` none are looked for, which is quicker."""
    expected = expected_cfa(truth, seed, geometry, area)
    origin = geometry.crop[:2] if area == "crop" and geometry.crop is not None else (0, 0)
    put_in = [(float(x), float(y), float(flux)) for x, y, flux in truth["stars"]]
    different: int | None = None
    largest = 0
    if expected.shape == cfa.shape:
        wrong = expected != cfa
        different = int(np.count_nonzero(wrong))
        if different:
            largest = int(np.abs(expected[wrong].astype(np.int64) - cfa[wrong].astype(np.int64)).max())
    matched = match_stars(cfa, put_in, origin) if stars else Stars(len(put_in), 0, 0, None)
    return Comparison(truth["serial"], read_serial(cfa), expected.size, different, largest, matched)


def serial_of(frame: bytes | bytearray) -> int | None:
    """The serial number in the pixels of a FITS file; None where there is none."""
    with fits.open(io.BytesIO(frame), do_not_scale_image_data=True) as opened:
        raw = opened[0].data[:160, :400]
        return read_serial((raw.astype(np.int32) + int(opened[0].header.get("BZERO", 0))).astype(np.uint16))
