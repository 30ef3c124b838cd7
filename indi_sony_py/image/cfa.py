"""From the raw data of an ARW to the sensor's values, untouched: no scaling, no white balance, no dark, no rotation.

Rules kept here:

- A frame is decoded in bands of some rows, or in parts of them, each alone, on all cores, straight into the memory that
  it shall have (`stripes`).
- Uncompressed data are taken from the file as they stand; the lossy and the lossless code go through the compiled part
  where there is one, else, and where that does not know the data, through LibRaw; other codes through LibRaw alone.
- In the first frame of a process LibRaw decodes one band too: if the compiled part differs, it is not used again.
- A file that is still arriving is decoded by what is known to be right alone (`is_trusted`): LibRaw sees whole files.
- A run of zeros is a hole in the file, for the sensor's black lies far above: no code of these files has a checksum.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from indi_sony_py.errors import BrokenImage, RuleBroken, UnknownImage
from indi_sony_py.image.arw import ArwHeader, Bytes
from indi_sony_py.image.bands import Band, Piece, bands_of, pieces_of
from indi_sony_py.image.compiled import Compiled, compiled
from indi_sony_py.image.cores import in_parallel
from indi_sony_py.image.layout import Compression
from indi_sony_py.image.libraw import Rect, libraw_rows, start_of_data
from indi_sony_py.image.picture import Values, put
from indi_sony_py.image.stripes import Stripes

__all__ = ["Mosaic", "NotAlone", "is_trusted"]

# LibRaw needs a head of its own and some time for each band; without it bands that stay in the cache are best.
_LIBRAW_ROWS = 512
_COMPILED_ROWS = 128
# What arrives last is all that is left to do behind it. LibRaw takes no file of less than 22 rows.
_LAST_ROWS = 24

# Zeros in a row's every pixel from one sampled column to the next; a packet that was lost leaves many more.
_SAMPLE = 128
_LEAST_BLACK = 64
_MOST_SUSPECTS = 64
_ZERO_IN_FITS = 0x0080

_CODED = (Compression.LOSSY, Compression.LOSSLESS)

_log = logging.getLogger(__name__)

_agrees: dict[Compression, bool] = {}


class NotAlone(Exception):
    """LibRaw would be needed for a file that has not arrived yet."""


def is_trusted(kind: Compression) -> bool:
    """Whether data of this kind can be decoded without LibRaw: nothing is coded, or LibRaw agreed before."""
    return kind is Compression.UNCOMPRESSED or (compiled() is not None and _agrees.get(kind, False))


@dataclass(frozen=True, eq=False)
class Mosaic:
    """The values of `rect` (x, y, width, height of the stored buffer), decoded when they are asked for."""

    data: Bytes
    header: ArwHeader
    rect: Rect

    def __post_init__(self) -> None:
        x, y, width, height = self.rect
        stored = (self.header.width, self.header.height)
        if x < 0 or y < 0 or width <= 0 or height <= 0 or x + width > stored[0] or y + height > stored[1]:
            raise RuleBroken(f"area {self.rect} does not lie in {stored[0]} x {stored[1]}")

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width)."""
        return self.rect[3], self.rect[2]

    def fill(self, out: Values, fits: bool) -> None:
        """Decode into `out` (height, width). Raises `BrokenImage`, `UnknownImage` or `NoMemory`."""
        part = _usable(self.data, self.header)
        in_parallel(self._stripes(part, out, fits, False).due(len(self.data)))

    def stripes(self, out: Values, fits: bool) -> Stripes:
        """The jobs that fill `out` while the file arrives; only for a kind `is_trusted`.

        They raise `BrokenImage`, or `NotAlone` where LibRaw is needed after all.
        """
        part = compiled()
        if not is_trusted(self.header.compression):
            raise RuleBroken(f"{self.header.compression.value} data need LibRaw")
        return self._stripes(part, out, fits, True)

    def bands(self) -> Iterator[tuple[int, Values]]:
        """The frame from the top: (first row in the frame, uint16 rows), without gaps.

        Uncompressed rows are a view on `data`: no byte is copied. Raises `BrokenImage`, `UnknownImage` or `NoMemory`.
        """
        x, y, width, height = self.rect
        part = _usable(self.data, self.header)
        if self.header.compression is Compression.UNCOMPRESSED:
            rows = _plain(self.data, self.header)[y : y + height, x : x + width]
            _refuse_holes(part, rows, (x, y), self.header, False)
            yield 0, rows
            return
        for band in self._bands(part):
            first, last = max(band.top, y), min(band.end, y + height)
            rows = np.empty((last - first, width), np.uint16)
            (whole,) = self._pieces(None, band)
            self._decode(part, band, whole, rows, False, False)
            _refuse_holes(part, rows, (x, first), self.header, False)
            yield first - y, rows

    def whole(self) -> Values:
        """The frame in one array of its own, (height, width). Raises as `fill` does."""
        out = np.empty(self.shape, np.uint16)
        self.fill(out, False)
        return out

    def _bands(self, part: Compiled | None) -> list[Band]:
        _, y, _, height = self.rect
        rows, last = (_LIBRAW_ROWS, 0) if part is None else (_COMPILED_ROWS, _LAST_ROWS)
        bands = bands_of(self.header, rows, last)
        return [band for band in bands if band.end > y and band.top < y + height]

    def _pieces(self, part: Compiled | None, band: Band) -> tuple[Piece, ...]:
        """Those that `rect` has columns of. LibRaw takes some time for each call: a band is one piece to it."""
        x, _, width, _ = self.rect
        pieces = pieces_of(self.header, band)
        if part is None:
            return (Piece(0, self.header.width, max(piece.needs for piece in pieces)),)
        return tuple(piece for piece in pieces if piece.right > x and piece.left < x + width)

    def _stripes(self, part: Compiled | None, out: Values, fits: bool, alone: bool) -> Stripes:
        x, y, _, height = self.rect

        def rows(band: Band) -> Values:
            return out[max(band.top - y, 0) : min(band.end, y + height) - y]

        def decode(band: Band, piece: Piece) -> None:
            self._decode(part, band, piece, rows(band), fits, alone)

        def check(band: Band) -> None:
            _refuse_holes(part, rows(band), (x, max(band.top, y)), self.header, fits)

        return Stripes([(band, self._pieces(part, band)) for band in self._bands(part)], decode, check)

    def _decode(self, part: Compiled | None, band: Band, piece: Piece, rows: Values, fits: bool, alone: bool) -> None:
        """`piece` of `band`, into its columns of `rows`, which are those of `band` that lie in `rect`."""
        x, y, width, _ = self.rect
        first = max(band.top, y)
        left, right = max(piece.left, x), min(piece.right, x + width)
        here = rows[:, left - x : right - x]
        if part is not None and _by_compiled(part, self.data, self.header, band, (left, first), here, fits):
            return
        last = first + len(rows)
        if self.header.compression is Compression.UNCOMPRESSED:
            put(here, _plain(self.data, self.header)[first:last, left:right], fits)
            return
        if alone:
            raise NotAlone
        found = libraw_rows(self.data, self.header, band.top, band.end, piece.left, piece.right)
        put(here, found[first - band.top : last - band.top, left - piece.left : right - piece.left], fits)


def _plain(data: Bytes, header: ArwHeader) -> Values:
    values = np.frombuffer(data, "<u2", header.width * header.height, header.strip[0])
    return values.reshape(header.height, header.width)


def _by_compiled(
    part: Compiled, data: Bytes, header: ArwHeader, band: Band, corner: tuple[int, int], out: Values, fits: bool
) -> bool:
    """Whether the compiled part could fill `out`: from `corner` (x, y of the stored buffer) on, in `band`."""
    octets = np.frombuffer(data, np.uint8)
    x, first = corner
    match header.compression:
        case Compression.UNCOMPRESSED:
            start = header.strip[0] + 2 * first * header.width
            return part.plain(octets, start, header.width, x, out, fits)
        case Compression.LOSSY:
            start = header.strip[0] + first * header.width
            return part.lossy(octets, start, header.width, header.tone_curve, x, out, fits)
        case Compression.LOSSLESS:
            across, down = header.tile_size
            row = band.top // down * -(-header.width // across)
            begin, end = x // across, -(-(x + out.shape[1]) // across)
            places = header.tiles[row + begin : row + end]
            return part.tiles(octets, places, header.tile_size, (x - begin * across, first - band.top), out, fits)
        case _:
            return False


def _usable(data: Bytes, header: ArwHeader) -> Compiled | None:
    """The compiled part, unless there is none, or it has given other values than LibRaw for this kind of data."""
    part, kind = compiled(), header.compression
    if part is None or kind not in _CODED or kind in _agrees:
        return part if _agrees.get(kind, True) else None
    bands = bands_of(header, _COMPILED_ROWS)
    band = bands[len(bands) // 2]
    rows = np.empty((band.end - band.top, header.width), np.uint16)
    if not _by_compiled(part, data, header, band, (0, band.top), rows, False):
        return part
    try:
        judged = libraw_rows(data, header, band.top, band.end)
    except ImportError:
        # No rawpy, as on 32 bits: nobody can judge.
        _agrees[kind] = True
        return part
    except UnknownImage:
        # One that is too old.
        return part
    # What lies beyond the true size is not data: LibRaw has there what was left over in its memory.
    true = header.size[0]
    _agrees[kind] = bool(np.array_equal(rows[:, :true], judged[:, :true]))
    if not _agrees[kind]:
        _log.error("the compiled decoder differs from LibRaw for %s data: it is not used", kind.value)
    return part if _agrees[kind] else None


def _refuse_holes(part: Compiled | None, rows: Values, origin: tuple[int, int], header: ArwHeader, fits: bool) -> None:
    """`origin`: column and row of the first value in the stored buffer."""
    if header.black is None or header.black[0] < _LEAST_BLACK:
        return
    # What lies beyond the true size is padding, and may hold anything.
    whole = rows[: max(header.size[1] - origin[1], 0), : max(header.size[0] - origin[0], 0)]
    found = part.hole(whole, fits) if part is not None and whole.flags.aligned else _hole(whole, fits)
    if found is not None:
        y, x = origin[1] + found[0], origin[0] + found[1]
        raise BrokenImage("raw data", _offset(header, x, y), f"a hole of zeros at row {y}, column {x}")


def _hole(whole: Values, fits: bool) -> tuple[int, int] | None:
    zero = np.uint16(_ZERO_IN_FITS if fits else 0)
    zeros = whole[:, ::_SAMPLE] == zero
    rows, columns = np.nonzero(zeros[:, :-1] & zeros[:, 1:])
    for row, column in zip(rows[:_MOST_SUSPECTS].tolist(), columns[:_MOST_SUSPECTS].tolist(), strict=True):
        if (whole[row, column * _SAMPLE : (column + 1) * _SAMPLE] == zero).all():
            return row, column * _SAMPLE
    return None


def _offset(header: ArwHeader, x: int, y: int) -> int:
    match header.compression:
        case Compression.UNCOMPRESSED:
            return header.strip[0] + 2 * (y * header.width + x)
        case Compression.LOSSY:
            return header.strip[0] + y * header.width + x // 32 * 32
        case _:
            return start_of_data(header)
