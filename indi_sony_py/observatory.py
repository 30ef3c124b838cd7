"""What is known of everything beside the camera when a frame is made: frozen, plain values, no I/O.

Whoever drives the camera takes it along unread; the header of the frame is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

__all__ = ["Observatory"]


@dataclass(frozen=True, slots=True)
class Observatory:
    """The facts of other devices, as they said them. None, or "", is not known.

    `ra_h` (hours) and `dec_deg`: where the mount says that it points; `j2000`: for the equinox J2000, else the apparent
    place of the date. `pier_side`: "WEST" or "EAST". `latitude_deg` north, `longitude_deg` east positive (-180 to 180).
    `sky_mpsas`: magnitudes per square arcsecond. `focal_mm`, `aperture_mm`: of the telescope, from the client or the
    mount. `fov_rotation_deg`: the position angle of the frame's y axis, if a client wants WCS cards.
    """

    telescope: str = ""
    ra_h: float | None = None
    dec_deg: float | None = None
    j2000: bool = False
    pier_side: str = ""
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    elevation_m: float | None = None
    focal_mm: float | None = None
    aperture_mm: float | None = None
    rotator_deg: float | None = None
    focus_position: float | None = None
    focus_temperature_c: float | None = None
    filter_name: str = ""
    sky_mpsas: float | None = None
    fov_rotation_deg: float | None = None

    def filled_from(self, older: Observatory) -> Observatory:
        """What is not known here, as it was known before. Where the mount points is one fact."""
        known = {name: value for name in _SINGLE if (value := getattr(self, name)) in (None, "")}
        more = {name: getattr(older, name) for name in known}
        if self.ra_h is None or self.dec_deg is None:
            more |= {"ra_h": older.ra_h, "dec_deg": older.dec_deg, "j2000": older.j2000}
        return replace(self, **more)


_SINGLE = tuple(f.name for f in fields(Observatory) if f.name not in ("ra_h", "dec_deg", "j2000"))
