"""The sky over the simulated camera: known stars, glow, noise and black level, as the sensor would record them. Pure.

Rules kept here:

- A sky is a function of its seed, the geometry and the press: the same arguments give the same pixels.
- The sensor counts electrons: signal grows with the time, the values with time and ISO; shot noise is the root of the
  electrons, read noise is the body's. A value is `black + electrons * iso / 100 / ELECTRONS_PER_ADU`, cut at white.
- A camera knows no frame type. What it sees is the `scene`: "sky", "dark" (cap on) or "flat" (an even panel).
- The truth about each star is its place in the stored buffer (x from the left, y from the top, the middle of the first
  pixel is 0, 0) and its flux: the sum of all values above black and sky that it adds, before saturation.
- Stars keep away from the serial mark (see `serial_mark`, which tells its place and form), the margins and each other.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indi_sony_py.sim.geometry import Geometry
from indi_sony_py.sim.serial_mark import MARK, read_serial, write_serial

__all__ = ["ELECTRONS_PER_ADU", "SCENES", "Rendered", "Sky", "Star", "read_serial", "write_serial"]

SCENES = ("sky", "dark", "flat")

# At ISO 100: about 62,000 electrons fill 15,800 values.
ELECTRONS_PER_ADU = 4.0

_READ_NOISE_E = 3.0
_DARK_E_PER_S = 0.02
_GLOW_E_PER_S = (1.6, 2.0, 1.2)
_FLAT_E_PER_S = (16000.0, 24000.0, 14000.0)
_FAINTEST_E_PER_S = 400.0
_BRIGHTEST_E_PER_S = 40000.0
_SIGMA_PIXELS = 1.7
_REACH = 9
_BORDER = 40
_DISTANCE = 28.0
_AREA_OF_A_STAR = 60000
_MOST_STARS = 400
_VIGNETTING = 0.3

_BLOCK = 512
_FIELD = 1536


@dataclass(frozen=True, slots=True)
class Star:
    """One star of the sky: place in the stored buffer, electrons a second over all its pixels, colour (R, G, B)."""

    x: float
    y: float
    electrons_per_s: float
    colour: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Rendered:
    """One exposure: the mosaic (height, width), and the stars in it as (x, y, flux)."""

    cfa: npt.NDArray[np.uint16]
    stars: tuple[tuple[float, float, float], ...]


class Sky:
    """A star field over one sensor. Making it is cheap; its noise is made with the first exposure."""

    def __init__(self, seed: int, geometry: Geometry) -> None:
        self.seed = seed
        self.geometry = geometry
        self.stars = _make_stars(seed, geometry)

    def render(self, exposure_s: float, iso: int, scene: str = "sky", serial: int = 0) -> Rendered:
        """Expose. `serial` numbers the press: it chooses the noise and is written into the pixels."""
        if scene not in SCENES:
            raise ValueError(f"scene {scene!r} is not one of {', '.join(SCENES)}")
        geometry = self.geometry
        adu = iso / 100.0 / ELECTRONS_PER_ADU
        dice = np.random.default_rng((self.seed, serial & 0xFFFFFFFF, 77))
        levels = _levels(exposure_s, scene)
        cfa = _background(self.seed, geometry, levels, adu, scene, dice)
        truth: tuple[tuple[float, float, float], ...] = ()
        if scene == "sky":
            truth = tuple(self._expose(star, cfa, exposure_s, adu, dice) for star in self.stars)
        write_serial(cfa, serial & 0xFFFFFFFF, geometry.black)
        return Rendered(cfa, truth)

    def _expose(
        self,
        star: Star,
        cfa: npt.NDArray[np.uint16],
        exposure_s: float,
        adu: float,
        dice: np.random.Generator,
    ) -> tuple[float, float, float]:
        left, top = round(star.x) - _REACH, round(star.y) - _REACH
        across = np.arange(left, left + 2 * _REACH + 1)
        down = np.arange(top, top + 2 * _REACH + 1)
        profile = np.exp(
            -((across[None, :] - star.x) ** 2 + (down[:, None] - star.y) ** 2) / (2 * _SIGMA_PIXELS**2)
        ) / (2 * np.pi * _SIGMA_PIXELS**2)
        red, green, blue = star.colour
        even = np.where(across % 2 == 0, red, green)
        odd = np.where(across % 2 == 0, green, blue)
        colours = np.where((down % 2 == 0)[:, None], even[None, :], odd[None, :])
        electrons = profile * colours * star.electrons_per_s * exposure_s
        noise = dice.standard_normal(electrons.shape) * np.sqrt(electrons)
        patch = cfa[top : top + 2 * _REACH + 1, left : left + 2 * _REACH + 1]
        sum_ = patch.astype(np.float64) + (electrons + noise) * adu
        patch[...] = np.clip(np.rint(sum_), 0, self.geometry.white).astype(np.uint16)
        return (star.x, star.y, float(electrons.sum() * adu))


def _levels(exposure_s: float, scene: str) -> tuple[float, float, float]:
    """Electrons in a red, green and blue pixel."""
    dark = _DARK_E_PER_S * exposure_s
    rates = {"sky": _GLOW_E_PER_S, "dark": (0.0, 0.0, 0.0), "flat": _FLAT_E_PER_S}[scene]
    red, green, blue = (dark + rate * exposure_s for rate in rates)
    return red, green, blue


def _background(
    seed: int,
    geometry: Geometry,
    levels: tuple[float, float, float],
    adu: float,
    scene: str,
    dice: np.random.Generator,
) -> npt.NDArray[np.uint16]:
    if scene == "flat":
        return _flat(seed, geometry, levels, adu, dice)
    red, green, blue = levels
    field = _field(seed)
    tile = np.empty(field.shape, np.uint16)
    for row, column, electrons in ((0, 0, red), (0, 1, green), (1, 0, green), (1, 1, blue)):
        deviation = np.sqrt(electrons + _READ_NOISE_E**2) * adu
        value = geometry.black + electrons * adu
        part = field[row::2, column::2]
        tile[row::2, column::2] = np.clip(np.rint(part * np.float32(deviation) + np.float32(value)), 0, geometry.white)
    cfa = np.empty((geometry.height, geometry.width), np.uint16)
    for top in range(0, geometry.height, _BLOCK):
        for left in range(0, geometry.width, _BLOCK):
            down, across = dice.integers(0, (_FIELD - _BLOCK) // 2, size=2) * 2
            square = cfa[top : top + _BLOCK, left : left + _BLOCK]
            square[...] = tile[down : down + square.shape[0], across : across + square.shape[1]]
    return cfa


def _flat(
    seed: int,
    geometry: Geometry,
    levels: tuple[float, float, float],
    adu: float,
    dice: np.random.Generator,
) -> npt.NDArray[np.uint16]:
    field = _field(seed)
    height, width = geometry.height, geometry.width
    across = (np.linspace(-1, 1, width, dtype=np.float32) ** 2) * np.float32(_VIGNETTING / 2)
    down = (np.linspace(-1, 1, height, dtype=np.float32) ** 2) * np.float32(_VIGNETTING / 2)
    red, green, blue = (np.float32(level * adu) for level in levels)
    per_electron = np.float32(adu)
    floor = np.float32(_READ_NOISE_E**2 * adu * adu)
    cfa = np.empty((height, width), np.uint16)
    for top in range(0, height, _BLOCK):
        rows = slice(top, min(top + _BLOCK, height))
        for left in range(0, width, _BLOCK):
            columns = slice(left, min(left + _BLOCK, width))
            shade = 1 - (down[rows, None] + across[None, columns])
            shade[0::2, 0::2] *= red
            shade[0::2, 1::2] *= green
            shade[1::2, 0::2] *= green
            shade[1::2, 1::2] *= blue
            y, x = dice.integers(0, (_FIELD - _BLOCK) // 2, size=2) * 2
            noise = field[y : y + shade.shape[0], x : x + shade.shape[1]]
            value = shade + noise * np.sqrt(shade * per_electron + floor) + np.float32(geometry.black)
            cfa[rows, columns] = np.clip(np.rint(value), 0, geometry.white)
    return cfa


_FIELDS: OrderedDict[int, npt.NDArray[np.float32]] = OrderedDict()
_MOST_FIELDS = 2


def _field(seed: int) -> npt.NDArray[np.float32]:
    """Normal noise of deviation 1, made once: frames are cut out of it in blocks, at places that the press chooses."""
    if seed not in _FIELDS:
        dice = np.random.default_rng((seed, 11))
        _FIELDS[seed] = dice.standard_normal((_FIELD, _FIELD), dtype=np.float32)
        while len(_FIELDS) > _MOST_FIELDS:
            _FIELDS.popitem(last=False)
    return _FIELDS[seed]


def _make_stars(seed: int, geometry: Geometry) -> tuple[Star, ...]:
    dice = np.random.default_rng((seed, geometry.width, geometry.height))
    width, height = geometry.visible
    number = int(np.clip(width * height // _AREA_OF_A_STAR, 6, _MOST_STARS))
    border = min(_BORDER, width // 8, height // 8)
    mark_x, mark_y, mark_width, mark_height = MARK
    stars: list[Star] = []
    for _ in range(number * 20):
        if len(stars) == number:
            break
        x = float(dice.uniform(border, width - border))
        y = float(dice.uniform(border, height - border))
        brightness = float(np.exp(dice.uniform(np.log(_FAINTEST_E_PER_S), np.log(_BRIGHTEST_E_PER_S))))
        warm = float(dice.uniform(-0.3, 0.3))
        near = mark_x - 24 < x < mark_x + mark_width + 24 and mark_y - 24 < y < mark_y + mark_height + 24
        if near or any((star.x - x) ** 2 + (star.y - y) ** 2 < _DISTANCE**2 for star in stars):
            continue
        stars.append(Star(x, y, brightness, (1 + warm, 1.0, 1 - warm)))
    return tuple(stars)
