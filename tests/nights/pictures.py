"""Small real RAW files, made fast: a grey sky with the number of the press in its pixels."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from indi_sony_py.ptp.codes import ObjectFormat
from indi_sony_py.sim.arw_encoder import encode_arw
from indi_sony_py.sim.companion import encode_companion
from indi_sony_py.sim.darkroom import Files, Press
from indi_sony_py.sim.geometry import Geometry, small
from indi_sony_py.sim.pictures import SkyPictures
from indi_sony_py.sim.profile import profile_of
from indi_sony_py.sim.serial_mark import write_serial

__all__ = ["NightPictures"]

_SIZE = (416, 160)


@lru_cache(maxsize=4)
def _sky(geometry: Geometry) -> npt.NDArray[np.uint16]:
    sky = np.random.default_rng(4).normal(geometry.black + 300, 12, (geometry.height, geometry.width))
    return sky.astype(np.uint16)


class NightPictures(SkyPictures):
    """As the camera's own pictures, without a sky that must be rendered."""

    def __init__(self, model: str) -> None:
        self._size = small(*_SIZE)
        super().__init__(profile_of(model), 1, self._size)

    def __call__(self, press: Press) -> Files:
        cfa = _sky(self._size).copy()
        assert write_serial(cfa, press.serial, self._size.black)
        name, spec = f"DSC{press.serial % 100000:05d}", self._spec(press, self._size)
        files: Files = []
        if press.format.companion:
            files.append((f"{name}.JPG", ObjectFormat.EXIF_JPEG, encode_companion(cfa, spec)))
        if press.format.raw:
            files.append((f"{name}.ARW", ObjectFormat.ARW, encode_arw(cfa, spec)))
        return files
