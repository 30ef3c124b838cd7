"""Pictures of a sky, as the files that the body would write: the picture half of a simulated camera. Pure, uses numpy.

A photo shows `sky.Sky` of the camera's seed and sensor, exposed for the true open time at the ISO that was set,
with the number of the press in its pixels, encoded by `arw_encoder` as a file of that very body. The file's exposure
time is the nominal one where the body timed it (as real files have it), else the true one to a hundredth of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from indi_sony_py.ptp.codes import ObjectFormat
from indi_sony_py.sim.arw_encoder import ArwSpec, encode_arw
from indi_sony_py.sim.catalogue import Catalogue
from indi_sony_py.sim.companion import encode_companion
from indi_sony_py.sim.darkroom import Files, Press
from indi_sony_py.sim.geometry import Geometry, geometry_of, tells_levels
from indi_sony_py.sim.profile import Profile
from indi_sony_py.sim.sky import Sky
from indi_sony_py.sim.truth import Star

__all__ = ["SkyPictures"]

_NEAR = 0.001
_INSIDE_COOLER_C = 2

# Bodies whose files tell no temperature of the camera, by SonyModelID: files of an a6000, a ZV-E10 and an A7 IV.
_TELL_NO_TEMPERATURE = frozenset({312, 382, 388})


class SkyPictures:
    """Makes the files of each press; `stars` tells what the last one shows. `geometry`: another sensor, for tests.

    `catalogue`: the stars that a telescope sees that was pointed; None for a made-up sky of the seed.
    """

    def __init__(
        self, profile: Profile, seed: int, geometry: Geometry | None = None, catalogue: Catalogue | None = None
    ) -> None:
        self._catalogue = catalogue
        self._profile = profile
        self._seed = seed
        self._geometry = geometry
        self._skies: dict[bool, Sky] = {}
        self._stars: tuple[Star, ...] = ()

    def stars(self) -> Sequence[Star]:
        """The stars of the last photo: x, y of the stored buffer and flux."""
        return self._stars

    def sky(self, cropped: bool = False) -> Sky:
        """The sky over the whole sensor, or over its APS-C part."""
        found = self._skies.get(cropped)
        if found is None:
            geometry = self._geometry or geometry_of(self._profile.row, cropped)
            found = self._skies[cropped] = Sky(self._seed, geometry, self._catalogue)
        return found

    def __call__(self, press: Press) -> Files:
        sky = self.sky(press.cropped)
        picture = sky.render(press.exposure_s, press.iso, press.scene, press.serial, press.night)
        self._stars = picture.stars
        # 12-bit files keep the scale of 14 bits (dnglab's digests: black is 512 too); zeros at the end are assumed.
        cfa = picture.cfa if press.bits == 14 else picture.cfa & np.uint16(0xFFFC)
        name = f"DSC{press.serial % 100000:05d}"
        spec = self._spec(press, sky.geometry)
        files: Files = []
        if press.format.companion:
            files.append((f"{name}.JPG", ObjectFormat.EXIF_JPEG, encode_companion(cfa, spec)))
        if press.format.raw:
            files.append((f"{name}.ARW", ObjectFormat.ARW, encode_arw(cfa, spec)))
        return files

    def _spec(self, press: Press, geometry: Geometry) -> ArwSpec:
        profile = self._profile
        warm = round(press.night.temperature_c)
        return ArwSpec(
            model=profile.row.model,
            model_id=profile.row.exif_id,
            raw_type=press.raw_type,
            geometry=replace(geometry, bits=min(geometry.bits, press.bits)),
            exposure=_exposure(press),
            iso=press.iso,
            captured=press.opened_utc,
            firmware=profile.device.device_version or "1.00",
            lens="",
            serial=profile.device.serial,
            shutter_count=press.serial,
            long_exposure_nr=press.noise_reduction,
            camera_temperature_c=None if profile.row.exif_id in _TELL_NO_TEMPERATURE else warm,
            ambient_temperature_c=warm - _INSIDE_COOLER_C,
            plain_levels=tells_levels(profile.row),
        )


def _exposure(press: Press) -> Fraction:
    nominal = press.nominal_s
    if nominal is not None and abs(press.exposure_s - float(nominal)) <= _NEAR:
        return nominal
    return max(Fraction(round(press.exposure_s * 100), 100), Fraction(1, 8000))
