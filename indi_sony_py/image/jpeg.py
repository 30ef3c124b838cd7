"""What a camera's JPEG says of itself. Pure; nothing in it is an error, for it is handed on as it is.

Sources: ITU-T T.81 (segments and their lengths); Exif 2.32 (APP1).
"""

from __future__ import annotations

import struct

from indi_sony_py.errors import BrokenImage
from indi_sony_py.image.arw import Bytes
from indi_sony_py.image.exif import Loose, captured_of, exposure_of, iso_of
from indi_sony_py.image.record import FileFacts
from indi_sony_py.image.tiff import Tiff

__all__ = ["is_jpeg", "jpeg_facts"]

_START = b"\xff\xd8"
_APP1, _SCAN = 0xE1, 0xDA
_EXIF = b"Exif\0\0"
_MOST_SEGMENTS = 64


def is_jpeg(data: Bytes) -> bool:
    """Whether these bytes begin as a JPEG does."""
    return bytes(data[:2]) == _START


def jpeg_facts(data: Bytes) -> FileFacts:
    """Model, exposure, ISO and the camera's clock, as far as its Exif can be read. Never raises."""
    exif = _exif(memoryview(data).cast("B"))
    if exif is None:
        return FileFacts("")
    damage: list[str] = []
    tiff = Tiff(exif)
    loose = Loose(tiff, damage)
    try:
        (first,) = struct.unpack("<I", tiff.read(4, 4, "IFD0 offset"))
    except BrokenImage as fault:
        return FileFacts("", damage=(str(fault),))
    ifd0 = loose.directory(first, "IFD0")
    pointer = loose.integer(ifd0, 0x8769, "ExifIFD")
    entries = loose.directory(pointer, "ExifIFD") if pointer is not None else {}
    exposure, captured = exposure_of(loose, entries), captured_of(loose, entries, ifd0, damage)
    return FileFacts(
        model=loose.text(ifd0, 0x0110, "Model"),
        exposure_s=None if exposure is None else float(exposure),
        iso=iso_of(loose, entries),
        captured_local=captured.replace(tzinfo=None).isoformat(timespec="milliseconds") if captured else None,
        damage=tuple(damage),
    )


def _exif(view: memoryview) -> memoryview | None:
    """The TIFF inside the first APP1 segment, if it is a little-endian one (Sony's are)."""
    at = len(_START)
    for _ in range(_MOST_SEGMENTS):
        if at + 4 > len(view) or view[at] != 0xFF or view[at + 1] == _SCAN:
            return None
        (length,) = struct.unpack_from(">H", view, at + 2)
        body = view[at + 4 : at + 2 + length]
        if view[at + 1] == _APP1 and bytes(body[:6]) == _EXIF:
            return body[6:] if bytes(body[6:10]) == b"II*\0" else None
        at += 2 + length
    return None
