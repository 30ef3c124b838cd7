"""XISF, PixInsight's format: one mosaic of 16 bits in an attached block, with all that a FITS would tell of it. Pure.

Rules kept here:

- The header is whole before any pixel is known: the block behind it is not compressed, little-endian, top row first.
- All cards of the FITS are there as FITSKeyword, but those of FITS's own structure; what has a name of its own in XISF
  is a Property too, in XISF's units.
- The colours are those of the first pixel (ColorFilterArray), as BAYERPAT says; a grey picture has none.

Source: XISF 1.0 specification, DR 2017 (sections 9 to 11): monolithic file, Image, FITSKeyword, ColorFilterArray, the
reserved properties of Observation, Instrument and Observer.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indi_sony_py import __version__
from indi_sony_py.errors import RuleBroken
from indi_sony_py.image.fits import Value, clean, value_text

if TYPE_CHECKING:
    from indi_sony_py.image.picture import Picture

__all__ = ["PROPERTIES", "write_xisf", "xisf_head", "xisf_size"]

Row = tuple[str, Value, str]

_ALIGNMENT = 4096
_NAMESPACE = "http://www.pixinsight.com/xisf"
_STRUCTURE = frozenset(
    ("SIMPLE", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "EXTEND", "BZERO", "BSCALE", "LONGSTRN", "END")
)


@dataclass(frozen=True, slots=True)
class _Property:
    """What a card is called in XISF; a number is multiplied by `factor`."""

    keyword: str
    id: str
    type: str
    factor: float = 1.0


PROPERTIES: tuple[_Property, ...] = (
    _Property("OBJECT", "Observation:Object:Name", "String"),
    _Property("RA", "Observation:Center:RA", "Float64"),
    _Property("DEC", "Observation:Center:Dec", "Float64"),
    _Property("SITELAT", "Observation:Location:Latitude", "Float64"),
    _Property("SITELONG", "Observation:Location:Longitude", "Float64"),
    _Property("DATE-OBS", "Observation:Time:Start", "TimePoint"),
    _Property("OBSERVER", "Observer:Name", "String"),
    _Property("CAMERA", "Instrument:Camera:Name", "String"),
    _Property("ISOSPEED", "Instrument:Camera:ISOSpeed", "Int32"),
    _Property("XBINNING", "Instrument:Camera:XBinning", "Int32"),
    _Property("YBINNING", "Instrument:Camera:YBinning", "Int32"),
    _Property("EXPTIME", "Instrument:ExposureTime", "Float32"),
    _Property("XPIXSZ", "Instrument:Sensor:XPixelSize", "Float32"),
    _Property("YPIXSZ", "Instrument:Sensor:YPixelSize", "Float32"),
    _Property("TELESCOP", "Instrument:Telescope:Name", "String"),
    _Property("FOCALLEN", "Instrument:Telescope:FocalLength", "Float32", 0.001),
    _Property("APTDIA", "Instrument:Telescope:Aperture", "Float32", 0.001),
    _Property("FILTER", "Instrument:Filter:Name", "String"),
)


def xisf_head(rows: Iterable[Row], width: int, height: int, pattern: str, frame_type: str) -> bytes:
    """Everything before the pixels. `rows` are (keyword, value, comment) in the order of a FITS header.

    `frame_type` is one of `record.FRAME_TYPES`.
    """
    kept = [row for row in rows if row[0] not in _STRUCTURE]
    place = _ALIGNMENT
    while True:
        xml = _xml(kept, width, height, pattern, frame_type, place)
        needed = -(-(16 + len(xml)) // _ALIGNMENT) * _ALIGNMENT
        if needed <= place:
            return (b"XISF0100" + struct.pack("<II", len(xml), 0) + xml).ljust(place, b"\0")
        place = needed


def xisf_size(head_length: int, width: int, height: int) -> int:
    """Bytes of a file with a head of that length."""
    return head_length + 2 * width * height


def write_xisf(buffer: memoryview, head: bytes, picture: Picture) -> None:
    """Write head and picture into writable memory of exactly `xisf_size` bytes. Raises as `picture.fill` does."""
    import numpy as np

    height, width = picture.shape
    if len(buffer) != xisf_size(len(head), width, height) or buffer.readonly:
        raise RuleBroken(f"{width} x {height} values for a buffer of {len(buffer)}")
    buffer[: len(head)] = head
    picture.fill(np.frombuffer(buffer, np.uint16, width * height, len(head)).reshape(height, width), False)


def _xml(rows: list[Row], width: int, height: int, pattern: str, frame_type: str, place: int) -> bytes:
    known = {keyword: value for keyword, value, _ in rows}
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<xisf version="1.0" xmlns="{_NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{_NAMESPACE} http://pixinsight.com/xisf/xisf-1.0.xsd">',
        f'<Image geometry="{width}:{height}:1" sampleFormat="UInt16" colorSpace="Gray" imageType="{frame_type}" '
        f'location="attachment:{place}:{2 * width * height}">',
    ]
    if pattern:
        lines.append(f'<ColorFilterArray pattern="{pattern}" width="2" height="2"/>')
    lines += [_keyword(row) for row in rows]
    lines += [_property(each, known[each.keyword]) for each in PROPERTIES if each.keyword in known]
    lines.append("</Image>")
    lines.append("<Metadata>")
    if "DATE-OBS" in known:
        # The computer's clock at the press: a header is made from what is frozen, and from no other clock.
        lines.append(f'<Property id="XISF:CreationTime" type="TimePoint" value="{known["DATE-OBS"]}Z"/>')
    lines.append(f'<Property id="XISF:CreatorApplication" type="String">indi_sony_py {__version__}</Property>')
    lines.append("</Metadata>")
    lines.append("</xisf>")
    return "\n".join(lines).encode("ascii")


def _keyword(row: Row) -> str:
    keyword, value, comment = row
    if keyword in ("COMMENT", "HISTORY"):
        return f'<FITSKeyword name="{keyword}" value="" comment="{_escaped(str(value))}"/>'
    return f'<FITSKeyword name="{keyword}" value="{_escaped(value_text(value))}" comment="{_escaped(comment)}"/>'


def _property(each: _Property, value: Value) -> str:
    head = f'<Property id="{each.id}" type="{each.type}"'
    if each.type == "String":
        return f"{head}>{_escaped(str(value))}</Property>"
    if each.type == "TimePoint":
        return f'{head} value="{_escaped(str(value))}Z"/>'
    if isinstance(value, str):
        return ""
    number = value if each.type == "Int32" else float(value) * each.factor
    return f'{head} value="{number:.12g}"/>'


def _escaped(text: str) -> str:
    plain = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.replace('"', "&quot;")
