"""What a photo depends on beside the shutter: where the telescope looks, its light path, the panel, the sensor. Pure.

A plain night has none of it: stars that stand still on the sensor, an even sky, a panel of brightness 1, a sensor of
24 degrees without hot pixels. Everything here is set from outside while the camera runs, and told with each photo.

Sources: a dark current that doubles each 6.5 degrees: measured on a Canon 1000D from 0 to 40 degrees
(http://www.fredmi.fr/en/rebel-xs/9-le-courant-dobscurite.html); no such series of a Sony was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["ARCSEC_PER_RADIAN", "PLAIN", "USUAL_C", "Night", "Optics", "Pointing"]

ARCSEC_PER_RADIAN = 206264.806

USUAL_C = 24.0
"""Where the dark current is what a plain night has."""

_DOUBLES_EACH_C = 6.5


@dataclass(frozen=True, slots=True)
class Pointing:
    """Where the middle of the picture looks: degrees, ICRS. `angle_deg`: position angle of its upper edge's direction,
    from north through east. `arcsec_per_pixel`: scale of the middle (a projection onto the tangent plane)."""

    ra_deg: float
    dec_deg: float
    angle_deg: float
    arcsec_per_pixel: float


@dataclass(frozen=True, slots=True)
class Optics:
    """What weakens the light on its way, alike for stars, sky and panel. `vignetting`: how much darker the corners are
    than the middle (0 to 0.9); `dust`: number of motes."""

    vignetting: float = 0.3
    dust: int = 12


@dataclass(frozen=True, slots=True)
class Night:
    """`panel`: brightness of the panel, 1 is the usual one. `temperature_c` of the sensor, which the file tells.
    `blur_px`: diameter of a star's circle of confusion, by the lens' defocus and aperture."""

    pointing: Pointing | None = None
    optics: Optics | None = None
    panel: float = 1.0
    temperature_c: float = USUAL_C
    hot_pixels: bool = False
    blur_px: float = 0.0

    @property
    def warmth(self) -> float:
        """Dark current, in parts of the one at `USUAL_C`."""
        return float(2.0 ** ((self.temperature_c - USUAL_C) / _DOUBLES_EACH_C))

    def told(self) -> dict[str, Any]:
        """What differs from a plain night, for JSON."""
        plain = asdict(PLAIN)
        return {name: value for name, value in asdict(self).items() if value != plain[name]}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Night:
        """The night that `told` tells."""
        parts = dict(told)
        if parts.get("pointing") is not None:
            parts["pointing"] = Pointing(**parts["pointing"])
        if parts.get("optics") is not None:
            parts["optics"] = Optics(**parts["optics"])
        return cls(**parts)


PLAIN = Night()
"""Nothing of it."""
