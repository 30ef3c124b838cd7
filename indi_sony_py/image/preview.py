"""A picture to look at: the mosaic by cells of 2 x 2, stretched by itself, as a PNG. Pure."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

__all__ = ["encode_png", "preview_png", "preview_rgb"]

_BACKGROUND = 0.2


def preview_rgb(cfa: npt.NDArray[np.uint16], pattern: str = "RGGB", max_width: int = 1200) -> npt.NDArray[np.uint8]:
    """An (h, w, 3) picture of at most `max_width` columns. `pattern`: four letters from the top left, by rows."""
    height, width = (side & ~1 for side in cfa.shape)
    step = max(-(-(width // 2) // max_width), 1)
    rows, columns = height // 2 // step, width // 2 // step
    planes = []
    for letter in "RGB":
        places = [place for place, name in enumerate(pattern) if name == letter]
        plane = np.zeros((rows, columns), np.float32)
        for place in places:
            part = cfa[place // 2 : height : 2, place % 2 : width : 2][: rows * step, : columns * step]
            plane += _means(part, step) / len(places)
        planes.append(_stretched(plane))
    return (np.stack(planes, axis=2) * 255 + 0.5).astype(np.uint8)


def preview_png(cfa: npt.NDArray[np.uint16], pattern: str = "RGGB", max_width: int = 1200) -> bytes:
    """The same as a PNG file."""
    return encode_png(preview_rgb(cfa, pattern, max_width))


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


def _means(plane: npt.NDArray[np.uint16], step: int) -> npt.NDArray[np.float32]:
    rows, columns = plane.shape[0] // step, plane.shape[1] // step
    total: npt.NDArray[np.float32] = np.zeros((rows, columns), np.float32)
    for down in range(step):
        for across in range(step):
            total += plane[down::step, across::step][:rows, :columns]
    total /= np.float32(step * step)
    return total


def _stretched(plane: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """0 to 1: the background at a dark grey, the rest by a midtone curve."""
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
