"""The pixels of a finished file, by rows: what a picture to look at and its measures are made of. Pure.

FITS and XISF are read as this package writes them (16 bits, not compressed), a RAW as the developer reads it. Nothing
is kept in memory but the rows that are asked for, except for a RAW that must be decoded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indi_sony_py.errors import BrokenImage, UnknownImage
from indi_sony_py.image.arw import frame_area, read_arw
from indi_sony_py.image.fits import BLOCK, CARD

__all__ = ["Pixels", "read_cards", "read_pixels"]

Values = npt.NDArray[np.uint16]
Size = tuple[int, int]

_MOST_BLOCKS = 200
_TOP_BIT = 0x8000
_XISF = b"XISF0100"
_MOST_XML = 4 << 20
_FALLBACK_WHITE = 16383


@dataclass(frozen=True, eq=False)
class Pixels:
    """A picture of (height, width) `shape`; `rows(top, bottom)` gives uint16 rows of it.

    `pattern`: four letters from the top left, by rows, "" for grey. `black` and `white` are in ADU.
    """

    shape: tuple[int, int]
    pattern: str
    black: int
    white: int
    rows: Callable[[int, int], Values]


def read_cards(data: memoryview) -> dict[str, str]:
    """The cards of a FITS header as keyword and value, without quotes and comments; the first of a name counts.

    Raises `BrokenImage` where there is no END.
    """
    found: dict[str, str] = {}
    for at in range(0, min(len(data), _MOST_BLOCKS * BLOCK), CARD):
        line = bytes(data[at : at + CARD]).decode("ascii", "replace")
        keyword = line[:8].rstrip()
        if keyword == "END":
            found["END"] = str(at + CARD)
            return found
        if line[8:10] == "= ":
            found.setdefault(keyword, _value(line[10:]))
    raise BrokenImage("header", min(len(data), _MOST_BLOCKS * BLOCK), "no END")


def read_pixels(data: memoryview, visible: Size | None = None, crop: Size | None = None) -> Pixels:
    """The pixels of a FITS, XISF or ARW file. `visible` and `crop` are the (width, height) of the body's row.

    Raises `BrokenImage`, `UnknownImage` or `NoMemory`.
    """
    start = bytes(data[:30])
    if start.startswith(b"SIMPLE  ="):
        return _fits(data)
    if start.startswith(_XISF):
        return _xisf(data)
    return _raw(data, visible, crop)


def _fits(data: memoryview) -> Pixels:
    cards = read_cards(data)
    if cards.get("BITPIX") != "16" or cards.get("NAXIS") != "2" or not cards.get("BZERO", "").startswith("32768"):
        raise UnknownImage("BITPIX", 0, "not a picture of 16 bits without a sign")
    width, height = (_whole(cards, name) for name in ("NAXIS1", "NAXIS2"))
    start = -(-int(cards["END"]) // BLOCK) * BLOCK
    stored = _stored(data, start, ">u2", (height, width))

    def rows(top: int, bottom: int) -> Values:
        return stored[top:bottom].astype(np.uint16) ^ np.uint16(_TOP_BIT)

    black, white = _whole(cards, "BLKLEVEL", 0), _whole(cards, "WHTLEVEL", _FALLBACK_WHITE)
    return Pixels((height, width), _pattern(cards.get("BAYERPAT", "")), black, white, rows)


def _xisf(data: memoryview) -> Pixels:
    length = int.from_bytes(data[8:12], "little")
    if not 0 < length <= _MOST_XML or 16 + length > len(data):
        raise BrokenImage("header", 8, f"{length} bytes of XML")
    xml = bytes(data[16 : 16 + length]).decode("utf-8", "replace")
    place = re.search(
        r'<Image geometry="(\d{1,6}):(\d{1,6}):1" sampleFormat="UInt16"[^>]* location="attachment:(\d{1,12}):\d+"', xml
    )
    if place is None:
        raise UnknownImage("Image", 16, "not a picture of 16 bits that is attached as it is")
    width, height, start = (int(number) for number in place.groups())
    stored = _stored(data, start, "<u2", (height, width))
    colours = re.search(r'<ColorFilterArray pattern="([RGB]{4})"', xml)
    told = dict(re.findall(r'<FITSKeyword name="(BLKLEVEL|WHTLEVEL)" value="(\d{1,5})"', xml))
    black, white = _whole(told, "BLKLEVEL", 0), _whole(told, "WHTLEVEL", _FALLBACK_WHITE)
    pattern = _pattern(colours[1] if colours else "")
    return Pixels((height, width), pattern, black, white, lambda top, bottom: stored[top:bottom].astype(np.uint16))


def _raw(data: memoryview, visible: Size | None, crop: Size | None) -> Pixels:
    from indi_sony_py.image.cards import shifted_pattern
    from indi_sony_py.image.cfa import Mosaic

    raw = bytes(data)
    header = read_arw(raw)
    area = frame_area(header, "visible", visible, crop) or (0, 0, *header.size)
    values = Mosaic(raw, header, area).whole()
    black = header.black[0] if header.black else 0
    pattern = _pattern(shifted_pattern(header.cfa, area[0], area[1]))
    white = header.white or _FALLBACK_WHITE
    return Pixels(values.shape, pattern, black, white, lambda top, bottom: values[top:bottom])


def _stored(data: memoryview, start: int, form: str, shape: tuple[int, int]) -> npt.NDArray[np.uint16]:
    number = shape[0] * shape[1]
    if min(shape) <= 0 or start + 2 * number > len(data):
        raise BrokenImage("pixels", start, f"{shape[1]} x {shape[0]} values do not fit into {len(data)} bytes")
    return np.frombuffer(data, form, number, start).reshape(shape)


def _value(text: str) -> str:
    if text.lstrip().startswith("'"):
        return text.lstrip()[1:].split("'")[0].rstrip()
    return text.split("/")[0].strip()


def _whole(cards: dict[str, str], name: str, otherwise: int | None = None) -> int:
    text = cards.get(name, "")
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return int(text)
    if otherwise is None:
        raise BrokenImage(name, 0, f"{text!r} is no number of pixels")
    return otherwise


def _pattern(text: str) -> str:
    return text if sorted(text) == list("BGGR") else ""
