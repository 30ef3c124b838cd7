"""The sky over the simulated camera: known stars, glow, noise and black level, as the sensor would record them. Pure.

Rules kept here:

- A sky is a function of its seed, the geometry and the press: the same arguments give the same pixels.
- The sensor counts electrons: signal grows with the time, the values with time and ISO; shot noise is the root of the
  electrons, read noise is the body's. A value is `black + electrons * iso / 100 / ELECTRONS_PER_ADU`, cut at white.
- A camera knows no frame type. What it sees is the `scene`: "sky", "dark" (cap on) or "flat" (an even panel).
- Without a `Night` the stars stand still on the sensor, and only the panel has darker corners. With one, what it names
  is there: stars of a real or made-up sky where the telescope points, a light path that weakens sky and panel alike,
  a warm sensor, hot pixels, a lens out of focus. Only what is there costs time.
- The truth about each star is its place in the stored buffer (x from the left, y from the top, the middle of the first
  pixel is 0, 0) and its flux: the sum of all values above black and sky that it adds, before saturation.
- Stars keep away from the serial mark (see `serial_mark`, which tells its place and form), the margins and each other.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indi_sony_py.sim.catalogue import Catalogue, MadeUpSky, colours, electrons_per_s, project
from indi_sony_py.sim.defocus import Spot
from indi_sony_py.sim.geometry import Geometry
from indi_sony_py.sim.night import PLAIN, Night, Optics, Pointing
from indi_sony_py.sim.optics import Shade
from indi_sony_py.sim.serial_mark import MARK, read_serial, write_serial

__all__ = ["ELECTRONS_PER_ADU", "SCENES", "Rendered", "Sky", "Star", "read_serial", "write_serial"]

SCENES = ("sky", "dark", "flat")

# At ISO 100: about 62,000 electrons fill 15,800 values. Measured on an A7R II: 3.2 and 3.05 electrons of read noise
# (https://photonstophotos.net/GeneralTopics/Sensors_&_Raw/Sony_A7RM2_DR-Pix_Read_Noise.htm).
ELECTRONS_PER_ADU = 4.0

_READ_NOISE_E = 3.0
_DARK_E_PER_S = 0.02
_GLOW_E_PER_S = (1.6, 2.0, 1.2)
_FLAT_E_PER_S = (16000.0, 24000.0, 14000.0)
_FAINTEST_E_PER_S = 400.0
_BRIGHTEST_E_PER_S = 40000.0
_SIGMA_PIXELS = 1.7
_BORDER = 40
_DISTANCE = 28.0
_AREA_OF_A_STAR = 60000
_MOST_STARS = 400
_HOT_SHARE = 1 / 5000
_HOT_E_PER_S = (1.0, 300.0)
_PANEL_ALONE = Optics(dust=0)

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
    """A star field over one sensor. Making it is cheap; its noise is made with the first exposure.

    `catalogue`: the stars of a `Night` with a pointing; None for a made-up sky of the seed.
    """

    def __init__(self, seed: int, geometry: Geometry, catalogue: Catalogue | None = None) -> None:
        self.seed = seed
        self.geometry = geometry
        self.stars = _make_stars(seed, geometry)
        self._catalogue = catalogue or MadeUpSky(seed)

    def render(
        self, exposure_s: float, iso: int, scene: str = "sky", serial: int = 0, night: Night = PLAIN
    ) -> Rendered:
        """Expose. `serial` numbers the press: it chooses the noise and is written into the pixels."""
        if scene not in SCENES:
            raise ValueError(f"scene {scene!r} is not one of {', '.join(SCENES)}")
        geometry = self.geometry
        adu = iso / 100.0 / ELECTRONS_PER_ADU
        dice = np.random.default_rng((self.seed, serial & 0xFFFFFFFF, 77))
        light, dark = _levels(exposure_s, scene, night)
        optics = night.optics or (_PANEL_ALONE if scene == "flat" else None)
        shade = Shade(self.seed, geometry, optics) if optics is not None and scene != "dark" else None
        if shade is None:
            cfa = _even(self.seed, geometry, light, dark, adu, dice)
        else:
            cfa = _shaded(self.seed, geometry, light, dark, adu, shade, dice)
        truth: tuple[tuple[float, float, float], ...] = ()
        if scene == "sky":
            stars = self.stars if night.pointing is None else self.seen(night.pointing)
            spot = Spot(_SIGMA_PIXELS, night.blur_px)
            truth = tuple(self._expose(star, spot, cfa, exposure_s, adu, shade, dice) for star in stars)
        if night.hot_pixels:
            _add_hot_pixels(self.seed, geometry, cfa, exposure_s * night.warmth, adu, dice)
        write_serial(cfa, serial & 0xFFFFFFFF, geometry.black)
        return Rendered(cfa, truth)

    def seen(self, pointing: Pointing) -> list[Star]:
        """The stars on the sensor, away from the serial mark; the middle of the visible area is what it points at."""
        width, height = self.geometry.visible
        middle = ((width - 1) / 2, (height - 1) / 2)
        radius = np.hypot(width, height) / 2 * pointing.arcsec_per_pixel / 3600
        found = self._catalogue.near(pointing.ra_deg, pointing.dec_deg, float(radius))
        mark_x, mark_y, mark_width, mark_height = MARK
        stars = []
        places = project(found, pointing, middle)
        rows = zip(places.tolist(), electrons_per_s(found[:, 2]).tolist(), colours(found[:, 3]).tolist(), strict=True)
        for (x, y), electrons, (red, green, blue) in rows:
            marked = -1 <= x - mark_x <= mark_width and -1 <= y - mark_y <= mark_height
            if 0 <= x <= self.geometry.width - 1 and 0 <= y <= self.geometry.height - 1 and not marked:
                stars.append(Star(x, y, electrons, (red, green, blue)))
        return stars

    def _expose(
        self,
        star: Star,
        spot: Spot,
        cfa: npt.NDArray[np.uint16],
        exposure_s: float,
        adu: float,
        shade: Shade | None,
        dice: np.random.Generator,
    ) -> tuple[float, float, float]:
        reach = spot.reach_px
        left, top = (max(round(v) - reach, 0) for v in (star.x, star.y))
        right, bottom = (
            min(round(v) + reach + 1, end) for v, end in ((star.x, self.geometry.width), (star.y, self.geometry.height))
        )
        across, down = np.arange(left, right), np.arange(top, bottom)
        profile = spot.light((across[None, :] - star.x) ** 2 + (down[:, None] - star.y) ** 2)
        red, green, blue = star.colour
        even = np.where(across % 2 == 0, red, green)
        odd = np.where(across % 2 == 0, green, blue)
        colour = np.where((down % 2 == 0)[:, None], even[None, :], odd[None, :])
        electrons = profile * colour * star.electrons_per_s * exposure_s
        if shade is not None:
            electrons = electrons * shade.block(slice(top, bottom), slice(left, right))
        noise = dice.standard_normal(electrons.shape) * np.sqrt(electrons)
        patch = cfa[top:bottom, left:right]
        sum_ = patch.astype(np.float64) + (electrons + noise) * adu
        patch[...] = np.clip(np.rint(sum_), 0, self.geometry.white).astype(np.uint16)
        return (star.x, star.y, float(electrons.sum() * adu))


def _levels(exposure_s: float, scene: str, night: Night) -> tuple[tuple[float, float, float], float]:
    """Electrons of the light in a red, green and blue pixel, and those of the dark current."""
    rates = {"sky": _GLOW_E_PER_S, "dark": (0.0, 0.0, 0.0), "flat": _FLAT_E_PER_S}[scene]
    strength = exposure_s * (night.panel if scene == "flat" else 1.0)
    red, green, blue = (rate * strength for rate in rates)
    return (red, green, blue), _DARK_E_PER_S * night.warmth * exposure_s


def _even(
    seed: int,
    geometry: Geometry,
    light: tuple[float, float, float],
    dark: float,
    adu: float,
    dice: np.random.Generator,
) -> npt.NDArray[np.uint16]:
    """The same light everywhere: one noisy square, cut and pasted."""
    red, green, blue = light
    field = _field(seed)
    tile = np.empty(field.shape, np.uint16)
    for row, column, level in ((0, 0, red), (0, 1, green), (1, 0, green), (1, 1, blue)):
        electrons = dark + level
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


def _shaded(
    seed: int,
    geometry: Geometry,
    light: tuple[float, float, float],
    dark: float,
    adu: float,
    shade: Shade,
    dice: np.random.Generator,
) -> npt.NDArray[np.uint16]:
    """Light that comes through unevenly: each pixel has a level and a noise of its own."""
    field = _field(seed)
    height, width = geometry.height, geometry.width
    red, green, blue = (np.float32(level * adu) for level in light)
    per_electron = np.float32(adu)
    floor = np.float32((dark + _READ_NOISE_E**2) * adu * adu)
    base = np.float32(geometry.black + dark * adu)
    cfa = np.empty((height, width), np.uint16)
    for top in range(0, height, _BLOCK):
        rows = slice(top, min(top + _BLOCK, height))
        for left in range(0, width, _BLOCK):
            columns = slice(left, min(left + _BLOCK, width))
            level = shade.block(rows, columns)
            level[0::2, 0::2] *= red
            level[0::2, 1::2] *= green
            level[1::2, 0::2] *= green
            level[1::2, 1::2] *= blue
            y, x = dice.integers(0, (_FIELD - _BLOCK) // 2, size=2) * 2
            noise = field[y : y + level.shape[0], x : x + level.shape[1]]
            value = level + noise * np.sqrt(level * per_electron + floor) + base
            cfa[rows, columns] = np.clip(np.rint(value), 0, geometry.white)
    return cfa


def _add_hot_pixels(
    seed: int,
    geometry: Geometry,
    cfa: npt.NDArray[np.uint16],
    warm_s: float,
    adu: float,
    dice: np.random.Generator,
) -> None:
    """Pixels with a large dark current of their own: always the same ones. `warm_s`: seconds at the usual warmth."""
    of_sensor = np.random.default_rng((seed, geometry.width, geometry.height, 41))
    number = int(cfa.size * _HOT_SHARE)
    places = of_sensor.integers(0, cfa.size, number)
    electrons = _HOT_E_PER_S[0] * (_HOT_E_PER_S[1] / _HOT_E_PER_S[0]) ** of_sensor.uniform(size=number) * warm_s
    noise = dice.standard_normal(number) * np.sqrt(electrons)
    flat = cfa.reshape(-1)
    flat[places] = np.clip(np.rint(flat[places] + (electrons + noise) * adu), 0, geometry.white)


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
