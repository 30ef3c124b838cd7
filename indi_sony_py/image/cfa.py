"""From the raw data of an ARW to the sensor's values, untouched: no scaling, no white balance, no dark, no rotation.

Rules kept here:

- Uncompressed data are taken from the file as they stand, without LibRaw; the lossy and the lossless code through
  LibRaw (rawpy) in bands of some rows, so that a frame is never twice in memory; what else there is, in one piece.
- What LibRaw returns is checked: two dimensions, and the size that the header promised.
- A run of zeros is a hole in the file, for the sensor's black lies far above: no code of these files has a checksum.
- Only a rawpy that bundles LibRaw 0.22 or later is trusted: older ones return wrong pixels for lossless files silently.

Source of the behaviour of LibRaw and rawpy: measurements with 0.20.2, 0.21.3 and 0.22.2; LibRaw `src/decoders/`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from indi_sony_py import texts
from indi_sony_py.errors import BrokenImage, NoMemory, RuleBroken, UnknownImage
from indi_sony_py.image.arw import ArwHeader, Bytes
from indi_sony_py.image.excerpt import lossless_excerpt, lossy_excerpt
from indi_sony_py.image.layout import Compression

__all__ = ["LEAST_LIBRAW", "Cfa", "Levels", "Mosaic", "Rect", "libraw_area", "libraw_levels"]

Cfa = npt.NDArray[np.uint16]
Rect = tuple[int, int, int, int]
Levels = tuple[int | None, int | None]

LEAST_LIBRAW = (0, 22)

_BAND_ROWS = 512

# LibRaw takes a file of exactly four tiles for something else.
_NOT_SO_MANY_TILES = 4

# Zeros in a row's every pixel from one sampled column to the next; a packet that was lost leaves many more.
_SAMPLE = 128
_LEAST_BLACK = 64
_MOST_SUSPECTS = 64


class _Held(io.RawIOBase):
    """An object whose read() hands out the bytes that we hold: rawpy wants a file."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._bytes = data

    def read(self, size: int = -1) -> bytes:
        return self._bytes


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

    def bands(self) -> Iterator[tuple[int, Cfa]]:
        """The frame from the top: (first row in the frame, uint16 rows), without gaps.

        Uncompressed rows are a view on `data`: no byte is copied. Raises `BrokenImage`, `UnknownImage` or `NoMemory`.
        """
        x, y, width, height = self.rect
        for top, stored in _stored_bands(self.data, self.header, y, y + height):
            first, last = max(top, y), min(top + stored.shape[0], y + height)
            band = stored[first - top : last - top, x : x + width]
            _refuse_holes(band, (x, first), self.header)
            yield first - y, band

    def whole(self) -> Cfa:
        """The frame in one array of its own, (height, width). Raises as `bands` does."""
        out = np.empty(self.shape, np.uint16)
        for top, band in self.bands():
            out[top : top + band.shape[0]] = band
        return out


def libraw_area(data: Bytes, header: ArwHeader) -> Rect:
    """What LibRaw's own table calls the visible area of this body, (x, y, width, height).

    Raises `BrokenImage` where that does not lie in the buffer: then LibRaw reads another picture of the file.
    """
    sizes = _opened(data if isinstance(data, bytes) else bytes(data), _start(header)).sizes
    x, y, width, height = (int(n) for n in (sizes.left_margin, sizes.top_margin, sizes.width, sizes.height))
    if min(width, height) <= 0 or x + width > header.width or y + height > header.height:
        why = f"LibRaw finds {width} x {height} at {x}, {y}, the header says {header.width} x {header.height}"
        raise BrokenImage("raw data", _start(header), why)
    return x, y, width, height


def libraw_levels(data: Bytes, header: ArwHeader) -> Levels:
    """Black and white of the scale that LibRaw puts the values on."""
    raw = _opened(data if isinstance(data, bytes) else bytes(data), _start(header))
    black = raw.black_level_per_channel
    return int(black[0]) if black else None, int(raw.white_level) if raw.white_level else None


def _stored_bands(data: Bytes, header: ArwHeader, first: int, last: int) -> Iterator[tuple[int, Cfa]]:
    """The stored buffer, all columns, as far as it has rows from `first` and before `last`: (first row, values)."""
    width, height = header.width, header.height
    view = memoryview(data).cast("B")
    match header.compression:
        case Compression.UNCOMPRESSED:
            yield 0, np.frombuffer(data, "<u2", width * height, header.strip[0]).reshape(height, width)
        case Compression.LOSSY:
            bands = max(height // _BAND_ROWS, 1)
            for number in range(bands):
                top, end = height * number // bands, height * (number + 1) // bands
                if end > first and top < last:
                    start = header.strip[0] + top * width
                    rows = view[start : start + (end - top) * width]
                    excerpt = lossy_excerpt(rows, width, end - top, header.tone_curve)
                    yield top, _decoded(excerpt, (width, end - top), start)
        case Compression.LOSSLESS:
            down = header.tile_size[1]
            for top in range(0, height, down):
                if top + down > first and top < last:
                    yield top, _tile_row(view, header, top // down)
        case _:
            yield 0, _decoded(bytes(data), (width, height), _start(header))


def _tile_row(view: memoryview, header: ArwHeader, row: int) -> Cfa:
    across, down = header.tile_size
    number = -(-header.width // across)
    places = header.tiles[row * number : (row + 1) * number]
    at_once = number if number != _NOT_SO_MANY_TILES else number - 1
    parts = []
    for start in range(0, number, at_once):
        some = places[start : start + at_once]
        excerpt = lossless_excerpt([view[offset : offset + size] for offset, size in some], header.tile_size)
        parts.append(_decoded(excerpt, (across * len(some), down), some[0][0]))
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _decoded(file: bytes, size: tuple[int, int], place: int) -> Cfa:
    """All values of a file; the array keeps LibRaw's memory until nobody has it any more. `place`: for errors."""
    import rawpy

    raw = _opened(file, place)
    try:
        image = raw.raw_image
    except rawpy.LibRawError as fault:
        raise BrokenImage("raw data", place, f"LibRaw cannot decode them: {_words(fault)}") from fault
    except RuntimeError as fault:
        raise UnknownImage("raw data", place, f"LibRaw has no values for them: {_words(fault)}") from fault
    except MemoryError as fault:
        raise NoMemory(texts.frames.NO_MEMORY) from fault
    if image.ndim != 2:
        raise UnknownImage("raw data", place, "LibRaw finds no mosaic of sensor values in it")
    if image.shape != (size[1], size[0]):
        why = f"LibRaw decodes {image.shape[1]} x {image.shape[0]}, the header says {size[0]} x {size[1]}"
        raise BrokenImage("raw data", place, why)
    return cast(Cfa, image)


def _opened(file: bytes, place: int) -> Any:
    import rawpy

    version = ".".join(str(part) for part in rawpy.libraw_version)
    if tuple(rawpy.libraw_version[:2]) < LEAST_LIBRAW:
        raise UnknownImage("LibRaw", 0, f"version {version} decodes Sony's lossless files wrongly: install rawpy 0.26")
    try:
        return rawpy.imread(cast(BinaryIO, _Held(file)))
    except rawpy.LibRawFileUnsupportedError as fault:
        raise UnknownImage("raw data", place, f"LibRaw {version} does not know this kind: {_words(fault)}") from fault
    except rawpy.LibRawError as fault:
        raise BrokenImage("raw data", place, f"LibRaw cannot open the file: {_words(fault)}") from fault
    except MemoryError as fault:
        raise NoMemory(texts.frames.NO_MEMORY) from fault


def _start(header: ArwHeader) -> int:
    """Where the raw data begin."""
    return header.tiles[0][0] if header.tiles else header.strip[0]


def _refuse_holes(band: Cfa, origin: tuple[int, int], header: ArwHeader) -> None:
    """`origin`: column and row of the band's first value in the stored buffer."""
    if header.black is None or header.black[0] < _LEAST_BLACK:
        return
    # What lies beyond the true size is padding, and may hold anything.
    whole = band[: max(header.size[1] - origin[1], 0), : max(header.size[0] - origin[0], 0)]
    zeros = whole[:, ::_SAMPLE] == 0
    rows, columns = np.nonzero(zeros[:, :-1] & zeros[:, 1:])
    for row, column in zip(rows[:_MOST_SUSPECTS].tolist(), columns[:_MOST_SUSPECTS].tolist(), strict=True):
        if not whole[row, column * _SAMPLE : (column + 1) * _SAMPLE].any():
            y, x = origin[1] + row, origin[0] + column * _SAMPLE
            raise BrokenImage("raw data", _offset(header, x, y), f"a hole of zeros at row {y}, column {x}")


def _offset(header: ArwHeader, x: int, y: int) -> int:
    match header.compression:
        case Compression.UNCOMPRESSED:
            return header.strip[0] + 2 * (y * header.width + x)
        case Compression.LOSSY:
            return header.strip[0] + y * header.width + x // 32 * 32
        case _:
            return _start(header)


def _words(fault: BaseException) -> str:
    words = [part.decode("ascii", "replace") if isinstance(part, bytes) else str(part) for part in fault.args]
    return "; ".join(words) or type(fault).__name__
