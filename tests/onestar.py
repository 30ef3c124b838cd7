"""Live view of one bright star behind the simulated lens: what a magnified live view shows, quick to make."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from indi_sony_py.sim.defocus import Spot
from indi_sony_py.sim.livepictures import Seen

__all__ = ["OneStar"]

_SIDE = 320
_SEEING_PX = 1.1
_LIGHT = 6.5
"""Of the star, in whites of a pixel: so much that no place of it is white, sharp or not."""
_SKY = 0.004
_TURNS = 4


class OneStar:
    """Calling it gives the next JPEG. `shown` False: a cloud hides it; `light`: of the star, as `_LIGHT`."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._made: dict[tuple[float, float, int], bytes] = {}
        self._turn = 0
        self.shown = True
        self.light = _LIGHT

    def __call__(self) -> bytes:
        self._turn = (self._turn + 1) % _TURNS
        blur = round(self._seen()[2].blur_px, 2) if self.shown else -1.0
        key = blur, self.light, self._turn
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._picture(blur)
        return made

    def _picture(self, blur: float) -> bytes:
        light = np.full((_SIDE, _SIDE), _SKY)
        down, across = np.mgrid[0:_SIDE, 0:_SIDE]
        if blur >= 0:
            light += self.light * Spot(_SEEING_PX, blur).light((down - 160.3) ** 2 + (across - 159.6) ** 2)
        dice = np.random.default_rng((int(blur * 100) + 100, self._turn))
        light += dice.normal(0, 0.0008, light.shape)
        values = np.clip(light, 0, 1) ** (1 / 2.2) * 255
        out = io.BytesIO()
        Image.fromarray(np.repeat(values.round().astype(np.uint8)[:, :, None], 3, axis=2)).save(out, "JPEG", quality=95)
        return out.getvalue()
