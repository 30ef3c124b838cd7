"""The head of a Sony ARW: what the file says of the exposure, the body and its levels. Pure.

Rules kept here:

- Where the pixels lie, and whether they can be there, is checked first (`layout`): a fault in that is a `BrokenImage`
  with field and offset, a kind of file that cannot become a mosaic an `UnknownImage`.
- A fault elsewhere (times, levels, MakerNote) goes to `damage` and costs nothing but that value. So does what no body
  is known to write where it changes what the values mean: another tone curve, another colour pattern.

Sources: LibRaw `src/metadata/tiff.cpp`, `sony.cpp`; exiftool `Sony.pm`, `Exif.pm`; RawSpeed `ArwDecoder.cpp`.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import overload

from indi_sony_py.errors import BrokenImage, UnknownImage
from indi_sony_py.image.excerpt import CURVE
from indi_sony_py.image.exif import Loose, captured_of, exposure_of, focal_mm_of, iso_of, pixel_um_of
from indi_sony_py.image.layout import Compression, Layout, TileMarks, overlap, raw_directory, read_layout
from indi_sony_py.image.makernote import NO_MAKERNOTE, MakerNote, Sr2, read_makernote, read_sr2
from indi_sony_py.image.record import FileFacts
from indi_sony_py.image.tiff import Entry, Tiff

__all__ = ["ArwHeader", "Bytes", "Compression", "file_facts", "frame_area", "is_full_frame", "read_arw"]

Bytes = bytes | bytearray | memoryview | mmap.mmap

# How far a body's true sizes lie apart (A7R V: 9564 x 6376 and 9566 x 6374); an APS-C crop is a third smaller.
_SLACK = 16

# Colours of tag 0x828E, as the letters that FITS readers know.
_PATTERNS = {b"\0\1\1\2": "RGGB", b"\1\0\2\1": "GRBG", b"\1\2\0\1": "GBRG", b"\2\1\1\0": "BGGR"}

_LOSSY_COLUMNS = 32


@dataclass(frozen=True, slots=True)
class ArwHeader:
    """The facts of one file. Sizes are (width, height) in pixels, the crop (x, y, width, height).

    `width`, `height` are those of the stored buffer, `active` the true size where the file tells it (0x7038: tiles pad
    the buffer). `exposure` is exact. `captured` is the camera's clock, aware where the file has a zone. `strip` is
    (offset, length) of all raw data in one piece, or (0, 0) for tiles, which stand in `tiles`. `tone_curve` is that of
    the lossy code.
    """

    model: str
    software: str
    width: int
    height: int
    bits: int
    compression: Compression
    cfa: str = "RGGB"
    active: tuple[int, int] | None = None
    crop: tuple[int, int, int, int] | None = None
    raw_file_type: int | None = None
    black: tuple[int, ...] | None = None
    white: int | None = None
    wb: tuple[int, ...] | None = None
    exposure: Fraction | None = None
    iso: int | None = None
    captured: datetime | None = None
    orientation: int = 1
    lens: str = ""
    focal_mm: float | None = None
    serial: str = ""
    maker: MakerNote = NO_MAKERNOTE
    pixel_um: float | None = None
    strip: tuple[int, int] = (0, 0)
    tiles: tuple[tuple[int, int], ...] = ()
    tile_size: tuple[int, int] = (0, 0)
    tone_curve: tuple[int, ...] = ()
    damage: tuple[str, ...] = ()

    @property
    def exposure_s(self) -> float | None:
        """Seconds, or None."""
        return float(self.exposure) if self.exposure is not None else None

    @property
    def firmware(self) -> str:
        """The version in the Software tag ("ILCE-7M3 v3.00" gives "3.00")."""
        tail = self.software.removeprefix(self.model).strip()
        return tail.removeprefix("v") if tail else ""

    @property
    def captured_utc(self) -> datetime | None:
        """The camera's clock in UTC, where the file says its zone; None where that is before year 1 or after 9999."""
        if self.captured is None or self.captured.tzinfo is None:
            return None
        try:
            return self.captured.astimezone(UTC)
        except OverflowError:
            return None

    @property
    def size(self) -> tuple[int, int]:
        """The size without the padding of tiles."""
        return self.active or (self.width, self.height)


@overload
def read_arw(data: Bytes) -> ArwHeader: ...


@overload
def read_arw(data: Bytes, arrived: int | None) -> ArwHeader | None: ...


def read_arw(data: Bytes, arrived: int | None = None) -> ArwHeader | None:
    """Read and check the head of an ARW.

    `arrived`: only so many bytes of `data` are there yet, and None comes back where more would be needed; how tiles
    begin and end is left to who asks (`TileMarks`). Raises `BrokenImage` where the file is damaged or cut off,
    `UnknownImage` where it is another kind of file.
    """
    view = memoryview(data).cast("B") if not isinstance(data, memoryview) else data.cast("B")
    _check_magic(view)
    tiff = Tiff(view)
    (first,) = struct.unpack("<I", tiff.read(4, 4, "IFD0 offset"))
    ifd0, _ = tiff.directory(first, "IFD0")
    damage: list[str] = []
    raw = raw_directory(tiff, ifd0)
    loose = Loose(tiff, damage)

    maker = NO_MAKERNOTE
    exif: dict[int, Entry] = {}
    if (pointer := loose.integer(ifd0, 0x8769, "ExifIFD")) is not None:
        exif = loose.directory(pointer, "ExifIFD")
        if 0x927C in exif:
            maker = read_makernote(tiff, exif[0x927C].place, damage)
    sr2 = Sr2()
    if 0xC634 in ifd0 and (quad := loose.bytes(ifd0, 0xC634, "SR2Private", 4)) is not None:
        sr2 = read_sr2(tiff, int.from_bytes(quad[:4], "little"), damage)

    pixels = read_layout(tiff, raw)
    if arrived is None and pixels.compression is Compression.LOSSLESS:
        TileMarks(view, pixels.tiles).finish()
    _check_places(loose, pixels, ifd0, raw, damage)
    if pixels.tone_curve and pixels.tone_curve != CURVE:
        damage.append(f"the tone curve {pixels.tone_curve} is not the one of all known bodies: values may be wrong")
    white = loose.integer(raw, 0xC61D, "WhiteLevel")
    sr2_white = sr2.white[0] if sr2.white else None
    header = ArwHeader(
        model=loose.text(ifd0, 0x0110, "Model"),
        software=loose.text(ifd0, 0x0131, "Software"),
        width=pixels.width,
        height=pixels.height,
        bits=loose.integer(raw, 0x0102, "BitsPerSample") or 14,
        compression=pixels.compression,
        cfa=_pattern(loose, raw, damage),
        active=_active(loose, raw, pixels),
        crop=_crop(loose, raw, pixels, damage),
        raw_file_type=loose.integer(raw, 0x7000, "SonyRawFileType"),
        black=loose.integers(raw, 0x7310, "BlackLevel", 4) or sr2.black,
        white=white if white is not None else sr2_white,
        wb=loose.integers(raw, 0x7313, "WB_RGGBLevels", 4) or sr2.wb,
        exposure=exposure_of(loose, exif),
        iso=iso_of(loose, exif),
        captured=captured_of(loose, exif, ifd0, damage),
        orientation=loose.integer(ifd0, 0x0112, "Orientation") or 1,
        lens=loose.text(exif, 0xA434, "LensModel").strip("-"),
        focal_mm=focal_mm_of(loose, exif),
        serial=loose.text(exif, 0xA431, "SerialNumber"),
        maker=maker,
        pixel_um=pixel_um_of(loose, exif, pixels.width),
        strip=pixels.strip,
        tiles=pixels.tiles,
        tile_size=pixels.tile_size,
        tone_curve=pixels.tone_curve,
        damage=tuple(damage),
    )
    return header if arrived is None or tiff.reach <= arrived else None


def file_facts(header: ArwHeader) -> FileFacts:
    """The plain values of a header that cross the pair."""
    captured, utc = header.captured, header.captured_utc
    maker = header.maker
    return FileFacts(
        model=header.model,
        exposure_s=header.exposure_s,
        iso=header.iso,
        captured_local=captured.replace(tzinfo=None).isoformat(timespec="milliseconds") if captured else None,
        captured_utc=utc.replace(tzinfo=None).isoformat(timespec="milliseconds") if utc else None,
        long_exposure_nr=maker.long_exposure_nr,
        width=header.width,
        height=header.height,
        bits=header.bits,
        raw_type=header.compression.value,
        shutter_count=maker.shutter_count,
        firmware=header.firmware,
        serial=header.serial,
        lens=header.lens,
        battery_percent=maker.battery_percent,
        camera_temperature_c=maker.camera_temperature_c,
        black=header.black[0] if header.black else None,
        white=header.white,
        pixel_um=header.pixel_um,
        damage=header.damage,
    )


def frame_area(
    header: ArwHeader,
    area: str,
    visible: tuple[int, int] | None,
    crop: tuple[int, int] | None = None,
) -> tuple[int, int, int, int] | None:
    """The rectangle (x, y, width, height) of the stored buffer that becomes the frame; None means "as LibRaw cuts it".

    - "visible": the body's own row (`visible`), so that a body has one size whatever its RAW type. A file that is
      smaller than the row (APS-C crop) has its own size: what the file calls active, else LibRaw's.
    - "crop": the official crop in the file; where the file has none (bodies before 2015 or so), the row's `crop` in the
      middle of the visible area, on an even origin; else the visible area.
    - "libraw": None.
    """
    if area == "libraw":
        return None
    whole = visible if visible is not None and is_full_frame(header, visible) else None
    if area == "crop":
        if header.crop is not None:
            return header.crop
        if crop is not None and whole is not None and crop[0] <= whole[0] and crop[1] <= whole[1]:
            left, top = ((whole[axis] - crop[axis]) // 2 & ~1 for axis in (0, 1))
            return left, top, crop[0], crop[1]
    # An APS-C crop or a body without a row: a size of its own.
    size = whole or header.active
    return None if size is None else (0, 0, *size)


def is_full_frame(header: ArwHeader, visible: tuple[int, int]) -> bool:
    """Whether the file is a full frame of a body with that visible area: true sizes differ a little by RAW type."""
    stored = (header.width, header.height)
    return all(0 < visible[axis] <= min(stored[axis], header.size[axis] + _SLACK) for axis in (0, 1))


def _check_magic(view: memoryview) -> None:
    if len(view) < 8:
        raise BrokenImage("TIFF header", 0, f"a file of {len(view)} bytes")
    magic = bytes(view[:4])
    if magic[:2] == b"\xff\xd8":
        raise UnknownImage("TIFF header", 0, "this is a JPEG picture")
    if magic != b"II*\0":
        raise UnknownImage("TIFF header", 0, f"starts with {magic.hex(' ')}, not with 49 49 2a 00")


def _check_places(
    loose: Loose, pixels: Layout, ifd0: dict[int, Entry], raw: dict[int, Entry], damage: list[str]
) -> None:
    """Data upon a directory are no data; data upon the preview mean that one of the two places is wrong."""
    directories = [_span(ifd0, "IFD0"), _span(raw, "the raw directory")]
    if why := overlap(pixels, directories):
        raise BrokenImage("StripOffsets", pixels.pieces[0][0], why)
    place = loose.integer(ifd0, 0x0201, "PreviewImageStart")
    size = loose.integer(ifd0, 0x0202, "PreviewImageLength")
    if place and size and size > 0 and (why := overlap(pixels, [(place, size, "the preview")])):
        damage.append(why)


def _span(entries: dict[int, Entry], name: str) -> tuple[int, int, str]:
    places = [entry.at for entry in entries.values()]
    return min(places) - 2, max(places) + 12 - (min(places) - 2), name


def _pattern(loose: Loose, raw: dict[int, Entry], damage: list[str]) -> str:
    codes = loose.bytes(raw, 0x828E, "CFAPattern", 4)
    if codes is None:
        return "RGGB"
    if codes not in _PATTERNS:
        damage.append(f"the colour pattern {codes[:16].hex(' ')} is none that is known: RGGB is assumed")
    return _PATTERNS.get(codes, "RGGB")


def _active(loose: Loose, raw: dict[int, Entry], pixels: Layout) -> tuple[int, int] | None:
    # A lossy row has whole blocks of 32 columns; what is left of it is filling.
    filled = pixels.width // _LOSSY_COLUMNS * _LOSSY_COLUMNS
    whole = pixels.compression is not Compression.LOSSY or filled == pixels.width
    size = loose.integers(raw, 0x7038, "SonyRawImageSize", 2)
    if size is None or not (0 < size[0] <= pixels.width and 0 < size[1] <= pixels.height):
        return None if whole else (filled, pixels.height)
    return (size[0] if whole else min(size[0], filled)), size[1]


def _crop(loose: Loose, raw: dict[int, Entry], pixels: Layout, damage: list[str]) -> tuple[int, int, int, int] | None:
    for origin_tag, size_tag in ((0xC61F, 0xC620), (0x74C7, 0x74C8)):
        origin = loose.integers(raw, origin_tag, "crop origin", 2)
        size = loose.integers(raw, size_tag, "crop size", 2)
        if origin is None or size is None:
            continue
        (x, y), (w, h) = origin[:2], size[:2]
        if x >= 0 and y >= 0 and w > 0 and h > 0 and x + w <= pixels.width and y + h <= pixels.height:
            return x, y, w, h
        damage.append(f"the crop {w} x {h} at {x}, {y} does not lie in {pixels.width} x {pixels.height}")
    return None
