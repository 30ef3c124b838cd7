"""Parts of a file that can be decoded alone, and how much of the file each needs. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from indi_sony_py.image.arw import ArwHeader
from indi_sony_py.image.layout import Compression

__all__ = ["Band", "Piece", "bands_of", "pieces_of"]

# Two are decoded in turn: one waits for its next code while the other works.
_TILES_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Band:
    """Rows `top` and on, before `end`, of the stored buffer."""

    top: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Columns `left` and on, before `right`, of a band. It is made of the file's bytes before `needs`."""

    left: int
    right: int
    needs: int


def bands_of(header: ArwHeader, rows: int, last_rows: int = 0) -> tuple[Band, ...]:
    """All rows from the top, in bands of about `rows`; a row of tiles, and what has no parts, is a band as it is.

    `last_rows`: the last bands are shorter and shorter; the last one has so many or some more.
    """
    height = header.height
    match header.compression:
        case Compression.UNCOMPRESSED | Compression.LOSSY:
            number = max(height // rows, 1)
            ends = [height * (each + 1) // number for each in range(number)]
            while last_rows and height - (top := ends[-2] if len(ends) > 1 else 0) >= 2 * last_rows:
                ends.insert(-1, height - (height - top) // 2)
            return tuple(Band(top, end) for top, end in zip((0, *ends), ends, strict=False))
        case Compression.LOSSLESS:
            down = header.tile_size[1]
            return tuple(Band(top, min(top + down, height)) for top in range(0, height, down))
        case _:
            return (Band(0, height),)


def pieces_of(header: ArwHeader, band: Band) -> tuple[Piece, ...]:
    """All columns of a band, from the left: a row of tiles has several pieces, all others are one."""
    match header.compression:
        case Compression.UNCOMPRESSED | Compression.LOSSY:
            start, length = header.strip
            return (Piece(0, header.width, start + length * band.end // header.height),)
        case Compression.LOSSLESS:
            across = header.tile_size[0]
            number = -(-header.width // across)
            first = band.top // header.tile_size[1] * number
            groups = [range(left, min(left + _TILES_AT_ONCE, number)) for left in range(0, number, _TILES_AT_ONCE)]
            return tuple(
                Piece(
                    group.start * across,
                    min(group.stop * across, header.width),
                    max(sum(header.tiles[first + tile]) for tile in group),
                )
                for group in groups
            )
        case _:
            places = header.tiles or (header.strip,)
            return (Piece(0, header.width, max(map(sum, places))),)
