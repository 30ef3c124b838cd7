"""A small baseline JPEG, one grey level for each block of 8 x 8: previews, thumbnails and RAW+JPEG companions. Pure."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from indi_sony_py.sim.arw_codecs import pack_bits, stuffed

__all__ = ["encode_jpeg", "preview_of", "segment"]

# Codes of the difference's size: 2 to 9 bits, the all-ones code left free.
_COUNTS = (0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)
_SIZES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_CODES = (0b00, 0b010, 0b011, 0b100, 0b101, 0b110, 0b1110, 0b11110, 0b111110, 0b1111110, 0b11111110, 0b111111110)
_BITS = (2, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9)


def encode_jpeg(levels: npt.NDArray[np.uint8], application: bytes = b"") -> bytes:
    """A grey JPEG of (8 x rows, 8 x columns) pixels from one level a block, (rows, columns) uint8.

    `application` is the body of an APP1 segment (Exif), if any.
    """
    rows, columns = levels.shape
    # The DC coefficient of a flat block is 8 x (level - 128); the table divides it by 8.
    steps = levels.astype(np.int32).ravel() - 128
    difference = np.diff(steps, prepend=np.int32(0))
    size = np.ceil(np.log2(np.abs(difference) + 1)).astype(np.int64)
    extra = np.where(difference < 0, difference + (1 << size) - 1, difference).astype(np.uint64)
    codes = np.array(_CODES, np.uint64)[size]
    # The end-of-block code of the AC table is one bit, 0.
    values = ((codes << size.astype(np.uint64)) | extra) << np.uint64(1)
    lengths = np.array(_BITS, np.int64)[size] + size + 1
    scan = stuffed(pack_bits(values, lengths))
    parts = [b"\xff\xd8"]
    if application:
        parts.append(segment(0xE1, application))
    parts += [
        segment(0xDB, b"\0" + bytes([8]) + bytes([16]) * 63),
        segment(0xC0, struct.pack(">BHHB", 8, rows * 8, columns * 8, 1) + bytes([1, 0x11, 0])),
        segment(0xC4, b"\x00" + bytes(_COUNTS) + bytes(_SIZES)),
        segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0"),
        segment(0xDA, bytes([1, 1, 0x00, 0, 63, 0])),
        scan,
        b"\xff\xd9",
    ]
    return b"".join(parts)


def preview_of(cfa: npt.NDArray[np.uint16], width: int, height: int, black: int, application: bytes = b"") -> bytes:
    """A JPEG of about `width` x `height` pixels that shows the frame, stretched; `application` as in `encode_jpeg`."""
    rows, columns = max(height // 8, 1), max(width // 8, 1)
    down, across = max(cfa.shape[0] // rows, 1), max(cfa.shape[1] // columns, 1)
    sample = cfa[: rows * down : down, : columns * across : across].astype(np.float32) - black
    top = max(float(sample.max()), 1.0)
    return encode_jpeg((np.sqrt(np.clip(sample / top, 0, 1)) * 255).astype(np.uint8), application)


def segment(marker: int, body: bytes) -> bytes:
    """A segment of a JPEG: marker, length, body."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
