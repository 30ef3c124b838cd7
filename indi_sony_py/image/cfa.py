"""From the raw data of an ARW to the sensor's values, untouched: no scaling, no white balance, no dark, no rotation.

Rules kept here:

- Uncompressed data are taken from the file as they stand, without LibRaw; all other kinds through LibRaw (rawpy), whose
  memory is copied before it is given back.
- What LibRaw returns is checked: two dimensions, and the size that the header promised.
- A run of zeros is a hole in the file, for the sensor's black lies far above: no code of these files has a checksum.
- Only a rawpy that bundles LibRaw 0.22 or later is trusted: older ones return wrong pixels for lossless files silently.

Source of the behaviour of LibRaw and rawpy: measurements with 0.20.2, 0.21.3 and 0.22.2; LibRaw `src/decoders/`.
"""

from __future__ import annotations

import io
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from indi_sony_py.errors import BrokenImage, NoMemory, RuleBroken, UnknownImage
from indi_sony_py.image.arw import ArwHeader, Bytes
from indi_sony_py.image.layout import Compression

__all__ = ["LEAST_LIBRAW", "Cfa", "Decoded", "decode_cfa", "libraw_area"]

Cfa = npt.NDArray[np.uint16]
Rect = tuple[int, int, int, int]

LEAST_LIBRAW = (0, 22)

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


class Decoded:
    """The pixels of a frame (height, width), where they begin in the stored buffer, and LibRaw's levels if it ran."""

    def __init__(self, cfa: Cfa, rect: Rect, black: int | None = None, white: int | None = None) -> None:
        self.cfa = cfa
        self.rect = rect
        self.black = black
        self.white = white


def decode_cfa(data: Bytes, header: ArwHeader, area: Rect | None) -> Decoded:
    """The mosaic of `area` (x, y, width, height of the stored buffer; None: as LibRaw cuts it), uint16.

    An uncompressed frame is a view on `data`: no byte is copied before the FITS is written. Raises `BrokenImage`,
    `UnknownImage` or `NoMemory`.
    """
    if header.compression is Compression.UNCOMPRESSED:
        offset, _ = header.strip
        stored = np.frombuffer(data, "<u2", header.width * header.height, offset).reshape(header.height, header.width)
        rect = area if area is not None else libraw_area(data, header)
        cfa = _cut(stored, rect, header)
        _refuse_holes(cfa, rect, header)
        return Decoded(cfa, rect)
    return _through_libraw(data, header, area)


def libraw_area(data: Bytes, header: ArwHeader) -> Rect:
    """What LibRaw's own table calls the visible area of this body, (x, y, width, height)."""
    with _opened(data, header) as raw:
        sizes = raw.sizes
        return (int(sizes.left_margin), int(sizes.top_margin), int(sizes.width), int(sizes.height))


def _through_libraw(data: Bytes, header: ArwHeader, area: Rect | None) -> Decoded:
    import rawpy

    with _opened(data, header) as raw:
        try:
            image = raw.raw_image
        except rawpy.LibRawError as fault:
            raise BrokenImage("raw data", header.strip[0], f"LibRaw cannot decode them: {_words(fault)}") from fault
        except MemoryError as fault:
            raise NoMemory("no memory left to decode the frame") from fault
        if image is None or image.ndim != 2:
            raise UnknownImage("raw data", header.strip[0], "LibRaw finds no mosaic of sensor values in it")
        if image.shape != (header.height, header.width):
            seen_size = f"{image.shape[1]} x {image.shape[0]}"
            why = f"LibRaw decodes {seen_size}, the header says {header.width} x {header.height}"
            raise BrokenImage("raw data", header.strip[0], why)
        sizes = raw.sizes
        seen = (int(sizes.left_margin), int(sizes.top_margin), int(sizes.width), int(sizes.height))
        rect = area if area is not None else seen
        cfa = _cut(image, rect, header)
        _refuse_holes(cfa, rect, header)
        black = raw.black_level_per_channel
        return Decoded(
            np.array(cfa, dtype=np.uint16, copy=True),
            rect,
            int(black[0]) if black else None,
            int(raw.white_level) if raw.white_level else None,
        )


def _opened(data: Bytes, header: ArwHeader) -> Any:
    import rawpy

    if tuple(rawpy.libraw_version[:2]) < LEAST_LIBRAW:
        version = ".".join(str(part) for part in rawpy.libraw_version)
        raise UnknownImage("LibRaw", 0, f"version {version} decodes Sony's lossless files wrongly: install rawpy 0.26")
    try:
        return rawpy.imread(cast(BinaryIO, _Held(data if isinstance(data, bytes) else bytes(data))))
    except rawpy.LibRawFileUnsupportedError as fault:
        raise UnknownImage("raw data", header.strip[0], f"LibRaw does not know this kind: {_words(fault)}") from fault
    except rawpy.LibRawError as fault:
        raise BrokenImage("raw data", header.strip[0], f"LibRaw cannot open the file: {_words(fault)}") from fault
    except MemoryError as fault:
        raise NoMemory("no memory left to decode the frame") from fault


def _cut(stored: Cfa, rect: Rect, header: ArwHeader) -> Cfa:
    x, y, width, height = rect
    if x < 0 or y < 0 or width <= 0 or height <= 0 or x + width > header.width or y + height > header.height:
        raise RuleBroken(f"area {rect} does not lie in {header.width} x {header.height}")
    return stored[y : y + height, x : x + width]


def _refuse_holes(cfa: Cfa, rect: Rect, header: ArwHeader) -> None:
    if header.black is None or header.black[0] < _LEAST_BLACK:
        return
    # What lies beyond the true size is padding, and may hold anything.
    whole = cfa[: max(header.size[1] - rect[1], 0), : max(header.size[0] - rect[0], 0)]
    zeros = whole[:, ::_SAMPLE] == 0
    rows, columns = np.nonzero(zeros[:, :-1] & zeros[:, 1:])
    for row, column in zip(rows[:_MOST_SUSPECTS].tolist(), columns[:_MOST_SUSPECTS].tolist(), strict=True):
        if not whole[row, column * _SAMPLE : (column + 1) * _SAMPLE].any():
            y, x = rect[1] + row, rect[0] + column * _SAMPLE
            raise BrokenImage("raw data", _offset(header, x, y), f"a hole of zeros at row {y}, column {x}")


def _offset(header: ArwHeader, x: int, y: int) -> int:
    match header.compression:
        case Compression.UNCOMPRESSED:
            return header.strip[0] + 2 * (y * header.width + x)
        case Compression.LOSSY:
            return header.strip[0] + y * header.width + x // 32 * 32
        case _:
            return header.strip[0]


def _words(fault: BaseException) -> str:
    words = [part.decode("ascii", "replace") if isinstance(part, bytes) else str(part) for part in fault.args]
    return "; ".join(words) or type(fault).__name__
