"""What the Exif of a file says of the exposure, read without trust: a fault costs its value and becomes a note. Pure.

Sources: Exif 2.32; exiftool `Exif.pm`.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from fractions import Fraction

from indi_sony_py.errors import BrokenImage
from indi_sony_py.image.tiff import Entry, Tiff

__all__ = ["Loose", "captured_of", "exposure_of", "focal_mm_of", "iso_of", "pixel_um_of"]


class Loose:
    """Reads what the picture can do without: a fault becomes a note, the value is absent."""

    def __init__(self, tiff: Tiff, damage: list[str]) -> None:
        self._tiff = tiff
        self._damage = damage

    def directory(self, offset: int, name: str) -> dict[int, Entry]:
        try:
            return self._tiff.directory(offset, name)[0]
        except BrokenImage as fault:
            self._damage.append(str(fault))
            return {}

    def integers(self, entries: dict[int, Entry], tag: int, name: str, least: int) -> tuple[int, ...] | None:
        if tag not in entries:
            return None
        try:
            return self._tiff.integers(entries[tag], name, least)
        except BrokenImage as fault:
            self._damage.append(str(fault))
            return None

    def integer(self, entries: dict[int, Entry], tag: int, name: str) -> int | None:
        values = self.integers(entries, tag, name, 1)
        return values[0] if values else None

    def fraction(self, entries: dict[int, Entry], tag: int, name: str) -> Fraction | None:
        if tag not in entries:
            return None
        try:
            return self._tiff.fraction(entries[tag], name)
        except BrokenImage as fault:
            self._damage.append(str(fault))
            return None

    def bytes(self, entries: dict[int, Entry], tag: int, name: str, least: int) -> bytes | None:
        values = self.integers(entries, tag, name, least)
        return bytes(value & 0xFF for value in values) if values else None

    def text(self, entries: dict[int, Entry], tag: int, name: str) -> str:
        if tag not in entries:
            return ""
        try:
            return self._tiff.text(entries[tag], name)
        except BrokenImage as fault:
            self._damage.append(str(fault))
            return ""


def exposure_of(loose: Loose, exif: dict[int, Entry]) -> Fraction | None:
    """The exposure in seconds, exact."""
    value = loose.fraction(exif, 0x829A, "ExposureTime")
    return value if value is not None and value > 0 else None


def iso_of(loose: Loose, exif: dict[int, Entry]) -> int | None:
    """The ISO."""
    # The 16-bit tag says 65535 where the true value is larger.
    short = loose.integer(exif, 0x8827, "ISO")
    if short is not None and 0 < short < 65535:
        return short
    index = loose.integer(exif, 0x8832, "RecommendedExposureIndex")
    return index if index is not None and index > 0 else None


_FOCAL_MM = (1, 20_000)
"""Focal lengths lie within these; a body without a lens that talks to it writes 0."""


def focal_mm_of(loose: Loose, exif: dict[int, Entry]) -> float | None:
    """The focal length that the lens told the body; None where there is no such lens. The body rounds it."""
    value = loose.fraction(exif, 0x920A, "FocalLength")
    return round(float(value), 1) if value is not None and _FOCAL_MM[0] <= value <= _FOCAL_MM[1] else None


_UNIT_UM = {2: 25400, 3: 10000, 4: 1000, 5: 1}
"""Units of a resolution (Exif): inch, centimetre, millimetre, micrometre."""
_PIXEL_UM, _SENSOR_MM, _SQUARE = (0.8, 12.0), (4.0, 60.0), 0.02
"""Pixels and sensors of cameras lie within these; pixels are square. What does not fit is a resolution for printing."""


def pixel_um_of(loose: Loose, exif: dict[int, Entry], width: int) -> float | None:
    """The size of a pixel by the resolution of the focal plane; None where it is not told, or cannot be true.

    `width`: of the picture, in pixels. A ZV-E10 writes none into its ARW.
    """
    across = loose.fraction(exif, 0xA20E, "FocalPlaneXResolution")
    down = loose.fraction(exif, 0xA20F, "FocalPlaneYResolution")
    unit = _UNIT_UM.get(loose.integer(exif, 0xA210, "FocalPlaneResolutionUnit") or 0)
    if across is None or down is None or unit is None or across <= 0 or down <= 0:
        return None
    um, other = float(unit / across), float(unit / down)
    square = abs(um - other) <= _SQUARE * um
    sane = _PIXEL_UM[0] <= um <= _PIXEL_UM[1] and _SENSOR_MM[0] <= um * width / 1000 <= _SENSOR_MM[1]
    return round(um, 3) if square and sane else None


def captured_of(loose: Loose, exif: dict[int, Entry], ifd0: dict[int, Entry], damage: list[str]) -> datetime | None:
    """The camera's clock at the exposure, aware where the file has a zone."""
    text = loose.text(exif, 0x9003, "DateTimeOriginal") or loose.text(ifd0, 0x0132, "DateTime")
    if not text or text.startswith("0000"):
        return None
    try:
        moment = datetime.strptime(text[:19], "%Y:%m:%d %H:%M:%S")
    except ValueError:
        damage.append(f"DateTimeOriginal is {text[:24]!r}")
        return None
    digits = loose.text(exif, 0x9291, "SubSecTimeOriginal")
    if digits.isdecimal() and digits.isascii():
        moment += timedelta(microseconds=int(digits[:6].ljust(6, "0")))
    zone = loose.text(exif, 0x9011, "OffsetTimeOriginal") or loose.text(exif, 0x9010, "OffsetTime")
    if len(zone) == 6 and zone[0] in "+-" and zone[1:3].isdecimal() and zone[4:].isdecimal():
        minutes = int(zone[1:3]) * 60 + int(zone[4:])
        if minutes <= 15 * 60:
            moment = moment.replace(tzinfo=timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes)))
    return moment
