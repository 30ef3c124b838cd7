"""Where the pixels of an ARW lie, and whether they can lie there: checked before anybody decodes. Pure.

LibRaw accepts some broken files without a word (a lossy file that is cut off, one without its tone curve), so what it
is given has been checked here:

- every strip and tile lies inside the file, upon nothing else, there is one strip, and its length is the codec's own;
- a lossy file has its tone curve (0x7010), tiles begin and end as JPEGs;
- sizes are sane, and the mosaic is one: a YCbCr "RAW" of sizes M and S is refused with the menu to change.

Sources: LibRaw `src/metadata/tiff.cpp`, `src/decoders/`; RawSpeed `ArwDecoder.cpp`; behaviour of LibRaw measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from indi_sony_py import __version__, texts
from indi_sony_py.errors import BrokenImage, UnknownImage
from indi_sony_py.image.tiff import Entry, Tiff

__all__ = ["Compression", "Layout", "TileMarks", "overlap", "raw_directory", "read_layout"]

# The largest sensor of the family is 9600 x 6376, its tiles fill 9728 x 6656.
_LARGEST = 20000
_SMALLEST = 16
_MOST_TILES = 4096
_MOST_FILLING = 1024
_SUBDIRECTORIES = 8

_PHOTOMETRIC_CFA = 32803
_PHOTOMETRIC_YCBCR = 6
_TILE_TAGS = ((0x0142, "TileWidth"), (0x0143, "TileLength"), (0x0144, "TileOffsets"), (0x0145, "TileByteCounts"))


class Compression(Enum):
    """How the sensor's values are stored; the value is the word for headers and logs."""

    UNCOMPRESSED = "uncompressed"
    LOSSY = "lossy"
    LOSSLESS = "lossless"
    ARW6 = "compressed 2"


@dataclass(frozen=True, slots=True)
class Layout:
    """Size of the stored buffer in pixels, and its data: one `strip` (offset, length), or `tiles` of them.

    `tone_curve` has the four knots of tag 0x7010 where the lossy code needs them.
    """

    width: int
    height: int
    compression: Compression
    strip: tuple[int, int]
    tiles: tuple[tuple[int, int], ...]
    tile_size: tuple[int, int]
    tone_curve: tuple[int, ...] = ()

    @property
    def pieces(self) -> tuple[tuple[int, int], ...]:
        """(offset, length) of all data."""
        return self.tiles or (self.strip,)


def raw_directory(tiff: Tiff, ifd0: dict[int, Entry]) -> dict[int, Entry]:
    """The directory of the raw image, one of those that IFD0 points to. Raises `BrokenImage` or `UnknownImage`."""
    if 0x014A not in ifd0:
        raise UnknownImage("SubIFDs", 8, "the file has no raw directory")
    offsets = tiff.integers(ifd0[0x014A], "SubIFDs")[:_SUBDIRECTORIES]
    directories = [tiff.directory(offset, "raw directory")[0] for offset in offsets]
    for entries in directories:
        if 0x0100 in entries and 0x0101 in entries and (0x0111 in entries or 0x0144 in entries):
            return entries
    raise BrokenImage("raw directory", offsets[0], "it has no size or no data")


class TileMarks:
    """Looks whether tiles begin and end as JPEGs, as far as they are there. Raises `BrokenImage`."""

    def __init__(self, data: memoryview, tiles: tuple[tuple[int, int], ...]) -> None:
        self._data, self._tiles = data, tiles
        self._next = 0
        self._open_ends: list[int] = []

    def look(self, arrived: int) -> None:
        """At those that lie in the first `arrived` bytes, up to the first that does not."""
        while self._next < len(self._tiles) and sum(self._tiles[self._next]) <= arrived:
            offset, count = self._tiles[self._next]
            if count < 4 or bytes(self._data[offset : offset + 2]) != b"\xff\xd8":
                raise BrokenImage(f"tile {self._next}", offset, "does not begin as a lossless JPEG")
            end = offset + count
            if b"\xff\xd9" not in bytes(self._data[max(offset, end - _MOST_FILLING) : end]):
                self._open_ends.append(self._next)
            self._next += 1

    def finish(self) -> None:
        """All are there. The end mark cannot stand in the code itself, and filling may follow. A body that never writes
        it is believed.
        """
        self.look(len(self._data))
        if self._open_ends and (len(self._open_ends) < len(self._tiles) or len(self._tiles) == 1):
            number = self._open_ends[0]
            raise BrokenImage(f"tile {number}", sum(self._tiles[number]), "does not end as a lossless JPEG")


def read_layout(tiff: Tiff, raw: dict[int, Entry]) -> Layout:
    """Check a raw directory and say where its pixels are; how tiles begin and end is `TileMarks`' to see.

    Raises `BrokenImage` or `UnknownImage`.
    """

    def need(tag: int, name: str) -> Entry:
        if tag not in raw:
            raise BrokenImage(name, 0, "the raw directory has no such tag")
        return raw[tag]

    width = tiff.integer(need(0x0100, "ImageWidth"), "ImageWidth")
    height = tiff.integer(need(0x0101, "ImageLength"), "ImageLength")
    for value, name, tag in ((width, "ImageWidth", 0x0100), (height, "ImageLength", 0x0101)):
        if not _SMALLEST <= value <= _LARGEST:
            raise BrokenImage(name, raw[tag].place, f"{value} pixels")
    code = tiff.integer(need(0x0103, "Compression"), "Compression")
    photometric = tiff.integer(raw[0x0106], "Photometric") if 0x0106 in raw else _PHOTOMETRIC_CFA
    samples = tiff.integer(raw[0x0115], "SamplesPerPixel") if 0x0115 in raw else 1
    if photometric == _PHOTOMETRIC_YCBCR or samples != 1:
        raise UnknownImage("Photometric", raw[0x0106].place if 0x0106 in raw else 0, texts.frames.FINISHED_PICTURE())
    if photometric != _PHOTOMETRIC_CFA:
        raise UnknownImage("Photometric", raw[0x0106].place, f"{photometric} is not a mosaic")

    match code:
        case 1 | 32767:
            return _one_strip(tiff, raw, width, height, code)
        case 6 | 7:
            return _tiled(tiff, raw, width, height)
        case 32766:
            return _compressed_2(tiff, raw, width, height)
        case _:
            why = f"the code {code} is not known to indi_sony_py {__version__}"
            raise UnknownImage("Compression", raw[0x0103].place, why)


def overlap(layout: Layout, others: Iterable[tuple[int, int, str]]) -> str:
    """What lies upon what, in words: data upon data, or upon one of `others` (offset, length, name); else ""."""
    data = {(offset, size, f"piece {number} of the data") for number, (offset, size) in enumerate(layout.pieces)}
    end, before = 0, (0, 0, "")
    for piece in sorted((*data, *others)):
        if piece[0] < end and (piece in data or before in data):
            return f"{piece[2]} at byte {piece[0]} lies upon {before[2]}"
        if sum(piece[:2]) > end:
            end, before = sum(piece[:2]), piece
    return ""


def _strips(tiff: Tiff, raw: dict[int, Entry]) -> tuple[int, int]:
    if 0x0111 not in raw or 0x0117 not in raw:
        raise BrokenImage("StripOffsets", 0, "the raw directory says not where the data lie")
    offsets = tiff.integers(raw[0x0111], "StripOffsets")
    counts = tiff.integers(raw[0x0117], "StripByteCounts")
    if len(offsets) != 1 or len(counts) != 1:
        raise BrokenImage("StripOffsets", raw[0x0111].at, f"{len(offsets)} strips where one belongs")
    tiff.check(offsets[0], counts[0], "StripByteCounts")
    return offsets[0], counts[0]


def _one_strip(tiff: Tiff, raw: dict[int, Entry], width: int, height: int, code: int) -> Layout:
    offset, count = _strips(tiff, raw)
    if count == 2 * width * height:
        return Layout(width, height, Compression.UNCOMPRESSED, (offset, count), (), (0, 0))
    if code == 32767 and count == width * height:
        curve = tiff.integers(raw[0x7010], "SonyToneCurve", 4)[:4] if 0x7010 in raw else ()
        if not curve or not 0 < curve[0] <= curve[1] <= curve[2] <= curve[3] <= 0x3FFF:
            raise BrokenImage("SonyToneCurve", 0, "a lossy file without its tone curve cannot be decoded")
        return Layout(width, height, Compression.LOSSY, (offset, count), (), (0, 0), curve)
    if code == 32767 and count < width * height and 0x7010 not in raw:
        # The Huffman code of 2006 (A100, A200); bodies of that age cannot be driven from here.
        raise UnknownImage("StripByteCounts", raw[0x0117].place, f"{count} bytes: the format of the first Alphas")
    why = f"{count} bytes for {width} x {height} pixels"
    raise BrokenImage("StripByteCounts", raw[0x0117].place, why)


def _tiled(tiff: Tiff, raw: dict[int, Entry], width: int, height: int) -> Layout:
    for tag, name in _TILE_TAGS:
        if tag not in raw:
            raise BrokenImage(name, 0, "a lossless file has tiles, this one does not say which")
    across = tiff.integer(raw[0x0142], "TileWidth")
    down = tiff.integer(raw[0x0143], "TileLength")
    if not (_SMALLEST <= across <= _LARGEST and _SMALLEST <= down <= _LARGEST):
        raise BrokenImage("TileWidth", raw[0x0142].place, f"tiles of {across} x {down} in {width} x {height}")
    offsets = tiff.integers(raw[0x0144], "TileOffsets")
    counts = tiff.integers(raw[0x0145], "TileByteCounts")
    wanted = -(-width // across) * -(-height // down)
    if wanted > _MOST_TILES or len(offsets) != wanted or len(counts) != wanted:
        raise BrokenImage("TileOffsets", raw[0x0144].at, f"{len(offsets)} tiles where {wanted} belong")
    tiles = tuple(zip(offsets, counts, strict=True))
    for number, (offset, count) in enumerate(tiles):
        tiff.check(offset, count, f"tile {number}")
    return Layout(width, height, Compression.LOSSLESS, (0, 0), tiles, (across, down))


def _compressed_2(tiff: Tiff, raw: dict[int, Entry], width: int, height: int) -> Layout:
    if 0x0111 in raw:
        return Layout(width, height, Compression.ARW6, _strips(tiff, raw), (), (0, 0))
    offsets = tiff.integers(raw[0x0144], "TileOffsets")
    counts = tiff.integers(raw[0x0145], "TileByteCounts") if 0x0145 in raw else ()
    if len(offsets) != len(counts) or len(offsets) > _MOST_TILES:
        raise BrokenImage("TileByteCounts", raw[0x0144].at, f"{len(counts)} lengths for {len(offsets)} tiles")
    for number, (offset, count) in enumerate(zip(offsets, counts, strict=True)):
        tiff.check(offset, count, f"tile {number}")
    return Layout(width, height, Compression.ARW6, (0, 0), tuple(zip(offsets, counts, strict=True)), (0, 0))
