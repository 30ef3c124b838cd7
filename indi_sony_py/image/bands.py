"""Rows of a file that can be decoded alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from indi_sony_py.image.arw import ArwHeader
from indi_sony_py.image.layout import Compression

__all__ = ["Band", "bands_of"]


@dataclass(frozen=True, slots=True)
class Band:
    """Rows `top` and on, before `end`, of the stored buffer."""

    top: int
    end: int


def bands_of(header: ArwHeader, rows: int) -> tuple[Band, ...]:
    """All rows from the top, in bands of about `rows`; a row of tiles, and what has no parts, is a band as it is."""
    height = header.height
    match header.compression:
        case Compression.UNCOMPRESSED | Compression.LOSSY:
            number = max(height // rows, 1)
            return tuple(Band(height * each // number, height * (each + 1) // number) for each in range(number))
        case Compression.LOSSLESS:
            down = header.tile_size[1]
            return tuple(Band(top, min(top + down, height)) for top in range(0, height, down))
        case _:
            return (Band(0, height),)
