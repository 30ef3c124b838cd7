"""The JPEG beside a RAW: a small picture of the frame with the Exif that a body writes. Pure."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from indi_sony_py.sim.arw_encoder import ArwSpec, made_by
from indi_sony_py.sim.arw_tiff import (
    Field,
    ascii_field,
    directory,
    directory_size,
    long_field,
    rational_field,
    short_field,
    undefined_field,
)
from indi_sony_py.sim.jpeg import preview_of

__all__ = ["encode_companion"]


def encode_companion(cfa: npt.NDArray[np.uint16], spec: ArwSpec, width: int = 1616, height: int = 1080) -> bytes:
    """A baseline JPEG of about `width` x `height` pixels from a mosaic (rows, columns)."""
    exif = _exif(spec, width, height)
    exif_at = 8 + directory_size(_ifd0(spec, 0))
    head = struct.pack("<2sHI", b"II", 42, 8)
    tiff = head + directory(_ifd0(spec, exif_at), 8) + directory(exif, exif_at)
    return preview_of(cfa, width, height, spec.geometry.black, b"Exif\0\0" + tiff)


def _ifd0(spec: ArwSpec, exif: int) -> list[Field]:
    return [*made_by(spec), long_field(0x8769, exif)]


def _exif(spec: ArwSpec, width: int, height: int) -> list[Field]:
    return [
        rational_field(0x829A, spec.exposure),
        short_field(0x8822, 1),
        short_field(0x8827, min(spec.iso, 65535)),
        long_field(0x8832, spec.iso),
        undefined_field(0x9000, b"0232"),
        ascii_field(0x9003, spec.captured.strftime("%Y:%m:%d %H:%M:%S")),
        ascii_field(0x9291, f"{spec.captured.microsecond // 1000:03d}"),
        long_field(0xA002, width // 8 * 8),
        long_field(0xA003, height // 8 * 8),
        ascii_field(0xA434, spec.lens or "----"),
    ]
