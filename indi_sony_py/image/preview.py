"""A picture to look at: the mosaic by cells of 2 x 2, made smaller, stretched by itself; PNG or JPEG. Pure.

Each colour is stretched by itself: its background becomes the same dark grey, whatever the lamps around are. JPEG needs
Pillow, which is not there on every machine; a PNG is ten times as long and always possible.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["encode", "encode_png", "preview_png", "preview_rgb", "reduced", "stretched"]

Floats = npt.NDArray[np.float32]

_BACKGROUND = 0.2
_STRIP = 512
_QUALITY = 85


def preview_rgb(cfa: npt.NDArray[np.uint16], pattern: str = "RGGB", max_width: int = 1200) -> npt.NDArray[np.uint8]:
    """An (h, w, 3) picture of at most `max_width` columns. `pattern`: four letters from the top left, by rows."""
    shape = (cfa.shape[0], cfa.shape[1])
    return stretched(reduced(lambda top, bottom: cfa[top:bottom], shape, pattern, max_width))


def preview_png(cfa: npt.NDArray[np.uint16], pattern: str = "RGGB", max_width: int = 1200) -> bytes:
    """The same as a PNG file."""
    return encode_png(preview_rgb(cfa, pattern, max_width))


def reduced(
    rows: Callable[[int, int], npt.NDArray[np.uint16]], shape: tuple[int, int], pattern: str, max_width: int
) -> Floats:
    """(3, h, w) means of the colours, at most `max_width` columns; a grey picture (`pattern` "") three times the same.

    `rows(top, bottom)` gives rows of the picture of (height, width) `shape`.
    """
    height, width = (side & ~1 for side in shape)
    step = max(-(-(width // 2) // max_width), 1)
    down, across = height // 2 // step, width // 2 // step
    planes = np.zeros((3, down, across), np.float32)
    at_once = max(_STRIP // (2 * step), 1)
    letters = pattern or "GGGG"
    for first in range(0, down, at_once):
        last = min(first + at_once, down)
        strip = rows(first * 2 * step, last * 2 * step)
        for place, letter in enumerate(letters):
            part = strip[place // 2 :: 2, place % 2 : width : 2][:, : across * step]
            planes["RGB".index(letter), first:last] += _means(part, step) / letters.count(letter)
    if not pattern:
        planes[0] = planes[2] = planes[1]
    return planes


def stretched(planes: Floats) -> npt.NDArray[np.uint8]:
    """An (h, w, 3) picture of (3, h, w) colours: the background of each a dark grey, the rest by a midtone curve."""
    return (np.stack([_stretched(plane) for plane in planes], axis=2) * 255 + 0.5).astype(np.uint8)


def encode(rgb: npt.NDArray[np.uint8]) -> tuple[bytes, str]:
    """A file of an (h, w, 3) picture, and its ending: ".jpg", or ".png" where JPEG cannot be made."""
    try:
        from PIL import Image
    except ImportError:
        return encode_png(rgb), ".png"
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue(), ".jpg"


def encode_png(rgb: npt.NDArray[np.uint8]) -> bytes:
    """An 8-bit RGB PNG of an (h, w, 3) array."""
    height, width, _ = rgb.shape
    lines = np.zeros((height, 1 + 3 * width), np.uint8)
    lines[:, 1:] = rgb.reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = (
        _chunk(b"IHDR", head),
        _chunk(b"IDAT", zlib.compress(lines.tobytes(), 6)),
        _chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def _means(plane: npt.NDArray[np.uint16], step: int) -> Floats:
    rows, columns = plane.shape[0] // step, plane.shape[1] // step
    total: Floats = np.zeros((rows, columns), np.float32)
    for down in range(step):
        for across in range(step):
            total += plane[down::step, across::step][:rows, :columns]
    total /= np.float32(step * step)
    return total


def _stretched(plane: Floats) -> Floats:
    """0 to 1."""
    middle = float(np.median(plane))
    deviation = float(np.median(np.abs(plane - middle))) * 1.4826
    low = middle - 2.8 * max(deviation, 1.0)
    high = max(float(plane.max()), middle + 10 * max(deviation, 1.0))
    scaled = np.clip((plane - low) / (high - low), 0, 1)
    background = min(max((middle - low) / (high - low), 1e-6), 0.999)
    midtone = _midtone(background, _BACKGROUND)
    return np.asarray((midtone - 1) * scaled / ((2 * midtone - 1) * scaled - midtone), np.float32)


def _midtone(value: float, target: float) -> float:
    """The balance that takes `value` to `target`."""
    return value * (target - 1) / (2 * target * value - target - value)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
