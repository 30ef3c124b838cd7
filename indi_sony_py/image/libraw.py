"""LibRaw, by rawpy: values of whole files and of excerpts, and what its own table knows of bodies.

Rules kept here:

- What LibRaw returns is checked: two dimensions, and the size that the header promised.
- Only a rawpy that bundles LibRaw 0.22 or later is trusted: older ones return wrong pixels for lossless files silently.

Source of the behaviour of LibRaw and rawpy: measurements with 0.20.2, 0.21.3 and 0.22.2; LibRaw `src/decoders/`.
"""

from __future__ import annotations

import io
from typing import Any, BinaryIO, cast

import numpy as np

from indi_sony_py import texts
from indi_sony_py.errors import BrokenImage, NoMemory, UnknownImage
from indi_sony_py.image.arw import ArwHeader, Bytes
from indi_sony_py.image.excerpt import lossless_excerpt, lossy_excerpt
from indi_sony_py.image.layout import Compression
from indi_sony_py.image.picture import Values

__all__ = ["LEAST_LIBRAW", "Levels", "Rect", "libraw_area", "libraw_levels", "libraw_rows", "start_of_data"]

Rect = tuple[int, int, int, int]
Levels = tuple[int | None, int | None]

LEAST_LIBRAW = (0, 22)

# LibRaw takes a file of exactly four tiles for something else.
_NOT_SO_MANY_TILES = 4


class _Held(io.RawIOBase):
    """An object whose read() hands out the bytes that we hold: rawpy wants a file."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._bytes = data

    def read(self, size: int = -1) -> bytes:
        return self._bytes


def libraw_area(data: Bytes, header: ArwHeader) -> Rect:
    """What LibRaw's own table calls the visible area of this body, (x, y, width, height).

    Raises `BrokenImage` where that does not lie in the buffer: then LibRaw reads another picture of the file.
    """
    sizes = _opened(data if isinstance(data, bytes) else bytes(data), start_of_data(header)).sizes
    x, y, width, height = (int(n) for n in (sizes.left_margin, sizes.top_margin, sizes.width, sizes.height))
    if min(width, height) <= 0 or x + width > header.width or y + height > header.height:
        why = f"LibRaw finds {width} x {height} at {x}, {y}, the header says {header.width} x {header.height}"
        raise BrokenImage("raw data", start_of_data(header), why)
    return x, y, width, height


def libraw_levels(data: Bytes, header: ArwHeader) -> Levels:
    """Black and white of the scale that LibRaw puts the values on."""
    raw = _opened(data if isinstance(data, bytes) else bytes(data), start_of_data(header))
    black = raw.black_level_per_channel
    return int(black[0]) if black else None, int(raw.white_level) if raw.white_level else None


def libraw_rows(data: Bytes, header: ArwHeader, top: int, end: int, left: int = 0, right: int | None = None) -> Values:
    """Rows `top` and on, before `end`, of the stored buffer: a whole band that stands for itself.

    Columns `left` and on, before `right` (default: all): where a band is a row of tiles `left` begins one.
    Raises `BrokenImage`, `UnknownImage` or `NoMemory`.
    """
    width = header.width
    right = width if right is None else right
    view = memoryview(data).cast("B")
    match header.compression:
        case Compression.LOSSY:
            start = header.strip[0] + top * width
            excerpt = lossy_excerpt(view[start : start + (end - top) * width], width, end - top, header.tone_curve)
            return _decoded(excerpt, (width, end - top), start)[:, left:right]
        case Compression.LOSSLESS:
            found = _tile_row(view, header, top // header.tile_size[1], left, right)
            return found[: end - top, : right - left]
        case _:
            whole = data if isinstance(data, bytes) else bytes(data)
            return _decoded(whole, (width, header.height), start_of_data(header))[top:end, left:right]


def start_of_data(header: ArwHeader) -> int:
    """Where the raw data begin."""
    return header.tiles[0][0] if header.tiles else header.strip[0]


def _tile_row(view: memoryview, header: ArwHeader, row: int, left: int, right: int) -> Values:
    across, down = header.tile_size
    begin = row * -(-header.width // across)
    places = header.tiles[begin + left // across : begin + -(-right // across)]
    number = len(places)
    at_once = number if number != _NOT_SO_MANY_TILES else number - 1
    parts = []
    for start in range(0, number, at_once):
        some = places[start : start + at_once]
        excerpt = lossless_excerpt([view[offset : offset + size] for offset, size in some], header.tile_size)
        parts.append(_decoded(excerpt, (across * len(some), down), some[0][0]))
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _decoded(file: bytes, size: tuple[int, int], place: int) -> Values:
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
    return cast(Values, image)


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


def _words(fault: BaseException) -> str:
    words = [part.decode("ascii", "replace") if isinstance(part, bytes) else str(part) for part in fault.args]
    return "; ".join(words) or type(fault).__name__
