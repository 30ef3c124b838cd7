"""Rows of the table of header cards for what other devices know: telescope, wheel, focuser, rotator, site, sky. Pure.

- They are made from the record's `observatory` alone, which was frozen at the press of the shutter; only the focal
  length is a lens' own, by the camera's file, where nobody told of a telescope. It is rounded: SCALE, a hint for
  solvers, is made of it, the WCS cards are not.
- Where the telescope points stands in lights only.
- A card of that name that a client brought takes the place of ours.

Sources: names, order and meaning as INDI's `indiccd.cpp` 1.9.9 writes them, for clients that were made for it. The WCS
cards say that the frame's y axis has the position angle that the client told, in a picture that is no mirror image when
its first row is on top.
"""

from __future__ import annotations

from collections.abc import Callable

from indi_sony_py.image.cardrow import Card, Source, pixel_um
from indi_sony_py.image.coordinates import Pointing, air_mass, pointing
from indi_sony_py.image.fits import Value

__all__ = ["DEVICES", "FILTER", "SKY", "TELESCOPE", "WCS", "coordinates_trouble"]

_SIDEREAL_ARCSEC = 206.264806


def _light(source: Source) -> bool:
    return source.record.frame_type == "Light"


def _pointing(source: Source) -> Pointing | None:
    if not _light(source):
        return None
    try:
        return pointing(source.record.observatory, source.record.pressed_utc)
    except ImportError:
        return None


def coordinates_trouble(source: Source) -> str:
    """Why a light has no coordinates although the mount said where it points; "" if it has, or did not.

    A library that is not there at all was told of with the connection.
    """
    if not _light(source):
        return ""
    try:
        pointing(source.record.observatory, source.record.pressed_utc)
    except ModuleNotFoundError:
        return ""
    except ImportError as fault:
        return str(fault)
    return ""


def _told_focal_mm(source: Source) -> float | None:
    for keyword, value, _ in source.record.cards:
        if keyword.strip().upper() == "FOCALLEN":
            return float(value) if isinstance(value, int | float) and value > 0 else None
    return source.record.observatory.focal_mm


def _lens_focal_mm(source: Source) -> float | None:
    """The lens', if nobody told of a telescope."""
    told = source.record.observatory.focal_mm or any(
        keyword.strip().upper() == "FOCALLEN" for keyword, _, _ in source.record.cards
    )
    return None if told else source.header.focal_mm


def _scale_arcsec(source: Source, focal: float | None) -> float | None:
    pixel = pixel_um(source, True)
    return _SIDEREAL_ARCSEC * pixel / focal if pixel and focal else None


def _told_scale_arcsec(source: Source) -> float | None:
    return _scale_arcsec(source, _told_focal_mm(source))


def _altitude(source: Source) -> float | None:
    at = _pointing(source)
    return None if at is None else at.altitude_deg


def _airmass(source: Source) -> float | None:
    altitude = _altitude(source)
    return None if altitude is None else air_mass(altitude)


def _sexagesimal(value: float, sign: str) -> str:
    hundredths = round(abs(value) * 360000)
    seconds, hundredth = divmod(hundredths, 100)
    minutes, second = divmod(seconds, 60)
    whole, minute = divmod(minutes, 60)
    return f"{'-' if value < 0 and hundredths else sign}{whole:02d} {minute:02d} {second:02d}.{hundredth:02d}"


def _hours(source: Source) -> str | None:
    at = _pointing(source)
    # Rounded up to 24 hours it is 0.
    return None if at is None else _sexagesimal(round(at.ra_deg / 15 * 360000) % (24 * 360000) / 360000, "")


def _degrees(source: Source) -> str | None:
    at = _pointing(source)
    return None if at is None else _sexagesimal(at.dec_deg, "+")


def _focus_position(source: Source) -> int | None:
    position = source.record.observatory.focus_position
    return None if position is None else round(position)


def _of_sky(value: Callable[[Pointing], Value | None]) -> Callable[[Source], Value | None]:
    """In lights, as long as the mount's place is known."""

    def found(source: Source) -> Value | None:
        at = _pointing(source)
        return None if at is None else value(at)

    return found


def _of_light(value: Callable[[Source], Value | None]) -> Callable[[Source], Value | None]:
    return lambda source: value(source) if _light(source) else None


def _wcs(value: Callable[[Source, Pointing, float], Value]) -> Callable[[Source], Value | None]:
    """If a client wants it and said how the frame is turned, and all is known that it needs."""

    def found(source: Source) -> Value | None:
        at, turned = _pointing(source), source.record.observatory.fov_rotation_deg
        if at is None or turned is None or _told_scale_arcsec(source) is None:
            return None
        return value(source, at, turned)

    return found


def _scale(unit: float) -> Callable[[Source], Value | None]:
    return _wcs(lambda s, at, turned: (_told_scale_arcsec(s) or 0.0) * unit)


def _middle(source: Source, axis: int) -> float:
    """Where the middle of the whole area is in the frame, counted from 1 at the middle of its first pixel."""
    if not source.area[axis]:
        return ((source.width, source.height)[axis] + 1) / 2
    return (source.area[axis] / 2 - source.corner[axis]) / source.record.binning + 0.5


def _card(keyword: str, value: Callable[[Source], Value | None], comment: str) -> Card:
    return Card(keyword, value, comment, free=True)


TELESCOPE = _card("TELESCOP", lambda s: s.record.observatory.telescope or None, "mount")
FILTER = _card("FILTER", lambda s: s.record.observatory.filter_name or None, "filter wheel")
DEVICES: tuple[Card, ...] = (
    _card("FOCALLEN", lambda s: s.record.observatory.focal_mm, "[mm] focal length"),
    _card("FOCALLEN", _lens_focal_mm, "[mm] lens, rounded, as the camera's file says"),
    _card("APTDIA", lambda s: s.record.observatory.aperture_mm, "[mm] aperture"),
    _card("MPSAS", lambda s: s.record.observatory.sky_mpsas, "[mag/arcsec2] darkness of the sky"),
    _card("ROTATANG", lambda s: s.record.observatory.rotator_deg, "[deg] rotator"),
    _card("FOCUSPOS", _focus_position, "focuser, steps"),
    _card("FOCUSTEM", lambda s: s.record.observatory.focus_temperature_c, "[C] focuser"),
    _card("SCALE", lambda s: _scale_arcsec(s, _told_focal_mm(s) or _lens_focal_mm(s)), "[arcsec/pixel]"),
)
SKY: tuple[Card, ...] = (
    _card("SITELAT", _of_light(lambda s: s.record.observatory.latitude_deg), "[deg] latitude, north"),
    _card("SITELONG", _of_light(lambda s: s.record.observatory.longitude_deg), "[deg] longitude, east"),
    _card("AIRMASS", _airmass, "Kasten and Young 1989"),
    _card("OBJCTAZ", _of_sky(lambda at: at.azimuth_deg), "[deg] azimuth, north 0, east 90"),
    _card("OBJCTALT", _altitude, "[deg] altitude, no refraction"),
    _card("OBJCTRA", _hours, "[h m s] of the mount, J2000"),
    _card("OBJCTDEC", _degrees, "[d m s] of the mount, J2000"),
    _card("RA", _of_sky(lambda at: at.ra_deg), "[deg] of the mount, J2000"),
    _card("DEC", _of_sky(lambda at: at.dec_deg), "[deg] of the mount, J2000"),
    _card("PIERSIDE", lambda s: (_pointing(s) and s.record.observatory.pier_side) or None, "west looks east"),
    _card("EQUINOX", _of_sky(lambda at: 2000.0), "equinox of RA and DEC"),
)
WCS: tuple[Card, ...] = (
    _card("CRVAL1", _wcs(lambda s, at, turned: at.ra_deg), "[deg] RA at the reference pixel"),
    _card("CRVAL2", _wcs(lambda s, at, turned: at.dec_deg), "[deg] DEC at the reference pixel"),
    _card("RADECSYS", _wcs(lambda s, at, turned: "FK5"), "system of RA and DEC"),
    _card("CTYPE1", _wcs(lambda s, at, turned: "RA---TAN"), "projection"),
    _card("CTYPE2", _wcs(lambda s, at, turned: "DEC--TAN"), "projection"),
    _card("CRPIX1", _wcs(lambda s, at, turned: _middle(s, 0)), "reference pixel"),
    _card("CRPIX2", _wcs(lambda s, at, turned: _middle(s, 1)), "reference pixel"),
    _card("SECPIX1", _scale(1.0), "[arcsec/pixel]"),
    _card("SECPIX2", _scale(1.0), "[arcsec/pixel]"),
    _card("CDELT1", _scale(1 / 3600), "[deg/pixel]"),
    _card("CDELT2", _scale(1 / 3600), "[deg/pixel]"),
    _card("CROTA1", _wcs(lambda s, at, turned: -turned % 360), "[deg]"),
    _card("CROTA2", _wcs(lambda s, at, turned: -turned % 360), "[deg]"),
)
