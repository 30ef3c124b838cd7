"""What live view shows: the sky of the photos, small, quick and noisy, as colour JPEGs. Pure, uses numpy.

- The same stars as in a photo, where they are in a photo, on a picture of 1024 x 680 pixels (SonyCamera; a ZV-E10 has
  1024 x 576): the middle of the visible area, cut to the picture's form.
- Exposed for a quarter of a second whatever the shutter is set to, as with the setting effect off; the gain follows the
  ISO. Both are assumed: no source tells what a body does.
- Out of focus its stars are discs by the rule of the photos (`defocus`).
- With the focus magnifier a part of that is shown, as large as the whole: the same stars, finer (that a body shows the
  sensor's own pixels then, and no larger copies of the small picture, is assumed).
- A few pictures are made for each scene, and shown in turn: noise that moves costs no more than that.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from indi_sony_py.sim.dct import encode_picture
from indi_sony_py.sim.defocus import Spot
from indi_sony_py.sim.geometry import Geometry
from indi_sony_py.sim.night import Night
from indi_sony_py.sim.profile import Profile
from indi_sony_py.sim.scene import Scene
from indi_sony_py.sim.sky import Sky, Star
from indi_sony_py.sony.magnifier import Window

__all__ = ["IN_TURN", "SIZE", "LivePictures", "Scene", "Seen", "size_of"]

SIZE = (1024, 680)
_WIDE = frozenset({"ZV-E10"})
IN_TURN = 4
_EXPOSURE_S = 0.25
_SEEING_PIXELS = 1.7
_OWN_BLUR_PIXELS = 0.5
_REACH = 4
_FULL_E = 12000.0
"""Electrons that fill a pixel of the picture at ISO 800."""
_READ_NOISE_E = 3.0
_SKY_E_PER_S = 1.6
_FLAT_E_PER_S = 18000.0
_QUALITY = 2.0

Seen = Callable[[], Scene]
"""Those of this moment."""


def size_of(profile: Profile) -> tuple[int, int]:
    """Width and height of the live view of a body, pixels."""
    return (SIZE[0], 576) if profile.model in _WIDE else SIZE


class LivePictures:
    """Calling it gives the next JPEG. `sky` is that of the photos; `size`: (width, height) of the picture, pixels."""

    def __init__(self, sky: Sky, seen: Seen, size: tuple[int, int] = SIZE) -> None:
        self._sky = sky
        self._seen = seen
        self._size = size
        self._key: Scene | None = None
        self._made: list[bytes] = []
        self._shown = -1

    def __call__(self) -> bytes:
        key = self._seen()
        if key != self._key:
            self._key, self._made, self._shown = key, [], -1
        self._shown = (self._shown + 1) % IN_TURN
        if self._shown == len(self._made):
            self._made.append(self.make(key, self._shown))
        return self._made[self._shown]

    def make(self, scene: Scene, turn: int) -> bytes:
        """One of the pictures of a scene; `turn` chooses its noise."""
        return encode_picture(self._render(*scene, turn=turn), _QUALITY)

    def places(self) -> list[tuple[float, float, float]]:
        """The stars in the picture: x, y in its pixels, electrons a second; the truth for tests."""
        scene = self._seen()
        night = scene.night
        scale, left, top = _cut(self._sky.geometry, self._size, scene.window)
        return [
            ((star.x + 0.5 - left) / scale - 0.5, (star.y + 0.5 - top) / scale - 0.5, star.electrons_per_s)
            for star in self._stars(night)
        ]

    def _stars(self, night: Night) -> list[Star]:
        return list(self._sky.stars) if night.pointing is None else self._sky.seen(night.pointing)

    def _render(self, scene: str, iso: int, night: Night, window: Window, turn: int) -> npt.NDArray[np.uint8]:
        width, height = self._size
        scale, left, top = _cut(self._sky.geometry, self._size, window)
        dice = np.random.default_rng((self._sky.seed, turn, 91))
        electrons = np.zeros((height, width, 3), np.float32)
        if scene == "sky":
            electrons += _SKY_E_PER_S * _EXPOSURE_S * scale**2
            seeing = float(np.hypot(_SEEING_PIXELS / scale, _OWN_BLUR_PIXELS))
            spot = Spot(seeing, night.blur_px / scale)
            for star in self._stars(night):
                x, y = (star.x + 0.5 - left) / scale - 0.5, (star.y + 0.5 - top) / scale - 0.5
                _add(electrons, x, y, star, spot)
        elif scene == "flat":
            electrons += _FLAT_E_PER_S * night.panel * _EXPOSURE_S * scale**2
        noise = dice.standard_normal(electrons.shape, dtype=np.float32)
        electrons += noise * np.sqrt(electrons + _READ_NOISE_E**2 * scale**2)
        return _shown(electrons, iso)


def _cut(geometry: Geometry, size: tuple[int, int], window: Window) -> tuple[float, float, float]:
    """Sensor pixels for a picture's pixel, and the corner of the part of the sensor that the picture shows."""
    width, height = geometry.visible
    whole = min(width / size[0], height / size[1])
    left, top = (
        (sensor - pixels * whole) / 2 + begin * pixels * whole
        for sensor, pixels, begin in zip((width, height), size, (window.left, window.top), strict=True)
    )
    return whole * window.side, left, top


def _add(electrons: npt.NDArray[np.float32], x: float, y: float, star: Star, spot: Spot) -> None:
    height, width, _ = electrons.shape
    reach = max(_REACH, spot.reach_px)
    across = np.arange(max(round(x) - reach, 0), min(round(x) + reach + 1, width))
    down = np.arange(max(round(y) - reach, 0), min(round(y) + reach + 1, height))
    if not (across.size and down.size):
        return
    form = spot.light((across[None, :] - x) ** 2 + (down[:, None] - y) ** 2)
    light = form[:, :, None] * np.array(star.colour) * star.electrons_per_s * _EXPOSURE_S
    electrons[down[0] : down[-1] + 1, across[0] : across[-1] + 1] += light.astype(np.float32)


def _shown(electrons: npt.NDArray[np.float32], iso: int) -> npt.NDArray[np.uint8]:
    """Values of a screen: a square root for its gamma."""
    part = np.clip(electrons * (iso / 800 / _FULL_E), 0, 1)
    values: npt.NDArray[np.uint8] = (np.sqrt(part) * 255).astype(np.uint8)
    return values
