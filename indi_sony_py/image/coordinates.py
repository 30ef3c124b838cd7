"""Where a telescope points, in the words of a header: J2000, altitude and azimuth, air mass. Pure.

- A mount says the apparent place of the date (true equator and equinox, with aberration), or J2000.
- J2000 is the ICRS, which differs from the FK5 of J2000 by at most 0.03 arcsec.
- Altitude and azimuth are those without refraction: what a catalogue and a plate solver count with.
- The earth's irregular turning (UT1 - UTC, below 0.9 s, so 14 arcsec at the sky) is left out of them.

Sources: IAU SOFA's routines (ERFA) for precession, nutation, aberration and the earth's rotation; air mass: Kasten and
Young, Applied Optics 28 (1989) 4735.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from indi_sony_py.observatory import Observatory

__all__ = ["Pointing", "air_mass", "pointing"]

_TT_UTC_S = 69.184
"""TT - UTC since 2017. Another leap second would move J2000 by less than 0.00001 arcsec."""
_J2000_JD = 2451545.0
_J2000_NOON = datetime(2000, 1, 1, 12)
_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Pointing:
    """All in degrees. `azimuth_deg` from north through east; None where the site is not known."""

    ra_deg: float
    dec_deg: float
    altitude_deg: float | None = None
    azimuth_deg: float | None = None


@lru_cache(maxsize=8)
def pointing(seen: Observatory, utc: str) -> Pointing | None:
    """Where the mount of `seen` points at `utc` (ISO 8601 without a zone); None where that is not known.

    Raises `ImportError` where pyerfa cannot be loaded.
    """
    if seen.ra_h is None or seen.dec_deg is None:
        return None
    try:
        days = (datetime.fromisoformat(utc).replace(tzinfo=None) - _J2000_NOON).total_seconds() / _DAY_S
    except ValueError:
        return None
    from erfa import ufunc

    ra, dec = math.radians(seen.ra_h * 15), math.radians(seen.dec_deg)
    tt = days + _TT_UTC_S / _DAY_S
    if not seen.j2000:
        # The right ascension of the date counts from the equinox, SOFA's from an origin that does not turn with it.
        ra, dec, _ = ufunc.atic13(ra + float(ufunc.eo06a(_J2000_JD, tt)), dec, _J2000_JD, tt)
    altitude = azimuth = None
    if seen.latitude_deg is not None and seen.longitude_deg is not None:
        place = math.radians(seen.longitude_deg), math.radians(seen.latitude_deg), seen.elevation_m or 0.0
        still, no_air = (0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.5)
        seen_at = ufunc.atco13(ra, dec, *still, _J2000_JD, days, 0.0, *place, 0.0, 0.0, *no_air)
        azimuth, altitude = math.degrees(seen_at[0]) % 360, 90 - math.degrees(seen_at[1])
    return Pointing(math.degrees(ra) % 360, math.degrees(dec), altitude, azimuth)


def air_mass(altitude_deg: float) -> float | None:
    """How much air there is on the way, 1 at the zenith; None below the horizon."""
    if altitude_deg < 0:
        return None
    low: float = (altitude_deg + 6.07995) ** -1.6364
    return 1 / (math.sin(math.radians(altitude_deg)) + 0.50572 * low)
