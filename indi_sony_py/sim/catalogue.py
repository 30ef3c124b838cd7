"""Stars of the whole sky, and where a telescope sees them on its sensor. Pure, but for `read_catalogue` (reads a file).

Two kinds: a made-up sky of a seed, as dense as the real one and the same wherever one comes from; and real stars of a
file. Places are degrees, ICRS; magnitudes are V; colours are B-V.

Sources and assumptions:

- 60 stars a square degree to magnitude 11.5, as in Tycho-2 (Hog et al. 2000, A&A 355 L27: 2.5 million stars, 90 %
  complete to there); four times as many for each 1.5 magnitudes more (assumed; the real sky differs with its places).
- A star of magnitude 0 gives about 1,000 photons a second, square centimetre and angstrom in V (Bessell 1979, PASP 91).
  Of the 890 angstroms of that band 30 % become electrons of a green pixel: air, glass, filter and silicon (assumed).
  The aperture is 100 mm.
- A star of B-V 0.65 (the Sun's) is white; red and blue against green go by 0.55 and 0.75 magnitudes for each magnitude
  of B-V (assumed, near V-R of main-sequence stars and the filters of a mosaic).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from indi_sony_py.sim.night import ARCSEC_PER_RADIAN, Pointing

__all__ = ["Catalogue", "MadeUpSky", "StarList", "colours", "electrons_per_s", "project", "read_catalogue"]

Stars = npt.NDArray[np.float64]
"""(number, 4): right ascension, declination, V, B-V."""

_FAINTEST = 13.0
_BRIGHTEST = 4.0
_DENSITY = 60.0
_DENSITY_AT = 11.5
_GROWTH = 0.4
_APERTURE_CM = 10.0
_ZERO_E_PER_S = 1000.0 * 890.0 * 0.3 * np.pi * (_APERTURE_CM / 2) ** 2
_WHITE = 0.65
_RED, _BLUE = 0.55, 0.75


class Catalogue(Protocol):
    def near(self, ra_deg: float, dec_deg: float, radius_deg: float) -> Stars:
        """The stars of a circle, and perhaps some beyond it."""


class StarList:
    """Stars that somebody gives."""

    def __init__(self, stars: Stars) -> None:
        self._stars = stars

    def near(self, ra_deg: float, dec_deg: float, radius_deg: float) -> Stars:
        ra, dec = np.radians(self._stars[:, 0]), np.radians(self._stars[:, 1])
        ra0, dec0 = np.radians(ra_deg), np.radians(dec_deg)
        cosine = np.sin(dec) * np.sin(dec0) + np.cos(dec) * np.cos(dec0) * np.cos(ra - ra0)
        near: Stars = self._stars[cosine >= np.cos(np.radians(radius_deg))]
        return near


class MadeUpSky:
    """The sky of a seed, made in cells of about a degree, so that each place has its own stars for ever."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def near(self, ra_deg: float, dec_deg: float, radius_deg: float) -> Stars:
        low, high = (int(np.clip(np.floor(dec_deg + way), -90, 89)) for way in (-radius_deg, radius_deg))
        found = [np.empty((0, 4))]
        for band in range(low, high + 1):
            cells = _cells(band)
            # The band's narrow end decides how far the circle reaches in right ascension.
            narrow = np.cos(np.radians(min(max(abs(band), abs(band + 1)), 90)))
            reach = 180.0 if narrow * 90 < radius_deg else min(2 * radius_deg / max(narrow, 1e-6), 180.0)
            first, last = (int(np.floor((ra_deg + way) / 360 * cells)) for way in (-reach, reach))
            wanted = sorted({cell % cells for cell in range(first, last + 1)})
            found += [_cell(self._seed, band, cell) for cell in wanted]
        return StarList(np.concatenate(found)).near(ra_deg, dec_deg, radius_deg)


def _cells(band: int) -> int:
    return max(round(360 * float(np.cos(np.radians(band + 0.5)))), 1)


@lru_cache(maxsize=512)
def _cell(seed: int, band: int, cell: int) -> Stars:
    dice = np.random.default_rng((seed, 31, band + 90, cell))
    low, high = np.sin(np.radians(band)), np.sin(np.radians(band + 1))
    area = np.degrees(np.degrees(2 * np.pi / _cells(band) * (high - low)))
    number = int(dice.poisson(area * _DENSITY * 10 ** (_GROWTH * (_FAINTEST - _DENSITY_AT))))
    ra = (cell + dice.uniform(size=number)) / _cells(band) * 360
    dec = np.degrees(np.arcsin(dice.uniform(low, high, number)))
    magnitude = np.maximum(_FAINTEST + np.log10(1 - dice.uniform(size=number)) / _GROWTH, _BRIGHTEST)
    colour = np.clip(dice.normal(0.7, 0.4, number), -0.2, 1.8)
    return np.stack((ra, dec, magnitude, colour), axis=1)


def read_catalogue(path: Path) -> StarList:
    """Stars of a CSV file: `ra_deg,dec_deg,v,b_v` in its first line. Raises OSError, or ValueError with the line."""
    with path.open(newline="", encoding="utf-8") as lines:
        table = csv.DictReader(lines)
        wanted = ("ra_deg", "dec_deg", "v", "b_v")
        if table.fieldnames is None or not set(wanted) <= set(table.fieldnames):
            raise ValueError(f"{path}: the first line names the columns {', '.join(wanted)}")
        rows: list[Sequence[float]] = []
        for row in table:
            try:
                rows.append([float(row[name]) for name in wanted])
            except (TypeError, ValueError) as error:
                raise ValueError(f"{path}: line {table.line_num}: {error}") from error
    return StarList(np.array(rows, np.float64).reshape(-1, 4))


def electrons_per_s(magnitude: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Electrons a second of a star, if all its pixels were green."""
    rate: npt.NDArray[np.float64] = _ZERO_E_PER_S * 10 ** (-0.4 * magnitude)
    return rate


def colours(b_v: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(number, 3): red, green and blue of stars against green."""
    excess = b_v - _WHITE
    return np.stack((10 ** (0.4 * _RED * excess), np.ones_like(excess), 10 ** (-0.4 * _BLUE * excess)), axis=1)


def project(stars: Stars, pointing: Pointing, middle: tuple[float, float]) -> npt.NDArray[np.float64]:
    """(number, 2): x, y in the stored buffer, of stars less than 90 degrees away from the pointing.

    Gnomonic. The picture shows the sky as one sees it, not mirrored: with north up, east is left.
    """
    ra, dec = np.radians(stars[:, 0]), np.radians(stars[:, 1])
    ra0, dec0, angle = (np.radians(v) for v in (pointing.ra_deg, pointing.dec_deg, pointing.angle_deg))
    cosine = np.sin(dec) * np.sin(dec0) + np.cos(dec) * np.cos(dec0) * np.cos(ra - ra0)
    east = np.cos(dec) * np.sin(ra - ra0) / cosine
    north = (np.sin(dec) * np.cos(dec0) - np.cos(dec) * np.sin(dec0) * np.cos(ra - ra0)) / cosine
    pixels = ARCSEC_PER_RADIAN / pointing.arcsec_per_pixel
    right = -east * np.cos(angle) + north * np.sin(angle)
    up = east * np.sin(angle) + north * np.cos(angle)
    return np.stack((middle[0] + right * pixels, middle[1] - up * pixels), axis=1)
