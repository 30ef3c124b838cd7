"""Some rows of an ARW as a small file of their own, for LibRaw: their data as they came, a head written here. Pure.

LibRaw chooses its decoder by the whole head of a file: maker, model, MakerNote, the order of tags. One wrong byte in
there, and it decodes wrongly without a word. So it is never shown the camera's head: it gets one that says what
`layout` has checked, and always the same words for the rest. Rows in bands also need a fraction of the memory.

Rules kept here:

- The tags of a lossless excerpt stand in the order of real bodies (strip, size, tiles): LibRaw goes by it.
- A lossy row and a row of tiles stand for themselves: no code reaches into the next one.

Source: LibRaw `src/metadata/tiff.cpp`, `src/decoders/`; excerpts compared with whole files, every value, LibRaw 0.22.2.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

__all__ = ["CURVE", "lossless_excerpt", "lossy_excerpt"]

# The tone curve of every body seen (0x7010).
CURVE = (8000, 10400, 12900, 14100)

_MAKE = b"SONY\0"
_MODEL = b"ILCE-1\0"
_CFA = 32803
_LONG, _SHORT, _BYTE, _ASCII = 4, 3, 1, 2
_LETTERS = {_LONG: "I", _SHORT: "H", _BYTE: "B", _ASCII: "B"}

_Field = tuple[int, int, Sequence[int]]


def lossy_excerpt(rows: memoryview, width: int, height: int, curve: tuple[int, ...]) -> bytes:
    """`height` lossy rows of `width` pixels, a byte each, with their tone curve (0x7010)."""

    def fields(start: int) -> list[_Field]:
        return [
            (0x00FE, _LONG, (0,)),
            (0x0100, _SHORT, (width,)),
            (0x0101, _SHORT, (height,)),
            (0x0102, _SHORT, (14,)),
            (0x0103, _SHORT, (32767,)),
            (0x0106, _SHORT, (_CFA,)),
            (0x0111, _LONG, (start,)),
            (0x0115, _SHORT, (1,)),
            (0x0116, _LONG, (height,)),
            (0x0117, _LONG, (len(rows),)),
            (0x7010, _SHORT, curve),
            (0x828D, _SHORT, (2, 2)),
            (0x828E, _BYTE, (0, 1, 1, 2)),
        ]

    return b"".join((_head(fields(len(_head(fields(0))))), rows))


def lossless_excerpt(tiles: Sequence[memoryview], tile_size: tuple[int, int]) -> bytes:
    """One row of tiles, each a lossless JPEG of `tile_size` (width, height) pixels."""
    width, height = tile_size[0] * len(tiles), tile_size[1]
    sizes = [len(tile) for tile in tiles]

    def fields(start: int) -> list[_Field]:
        return [
            (0x00FE, _LONG, (0,)),
            (0x0103, _SHORT, (7,)),
            (0x0111, _LONG, (start,)),
            (0x0116, _LONG, (height,)),
            (0x0117, _LONG, (sum(sizes),)),
            (0x0100, _SHORT, (width,)),
            (0x0101, _SHORT, (height,)),
            (0x0102, _SHORT, (14,)),
            (0x0106, _SHORT, (_CFA,)),
            (0x0115, _SHORT, (1,)),
            (0x7010, _SHORT, (0, 0, 0, 0)),
            (0x828D, _SHORT, (2, 2)),
            (0x828E, _BYTE, (0, 1, 1, 2)),
            (0x0142, _SHORT, (tile_size[0],)),
            (0x0143, _SHORT, (tile_size[1],)),
            (0x0144, _LONG, [start + sum(sizes[:number]) for number in range(len(sizes))]),
            (0x0145, _LONG, sizes),
        ]

    return b"".join((_head(fields(len(_head(fields(0))))), *tiles))


def _head(raw: list[_Field]) -> bytes:
    """The head of the file: IFD0 at 8, the raw directory behind it."""

    def first(place: int) -> list[_Field]:
        return [(0x00FE, _LONG, (1,)), (0x010F, _ASCII, _MAKE), (0x0110, _ASCII, _MODEL), (0x014A, _LONG, (place,))]

    place = 8 + len(_directory(first(0), 8))
    return struct.pack("<2sHI", b"II", 42, 8) + _directory(first(place), 8) + _directory(raw, place)


def _directory(fields: list[_Field], offset: int) -> bytes:
    entries, values = [struct.pack("<H", len(fields))], []
    place = offset + 6 + 12 * len(fields)
    for tag, kind, numbers in fields:
        value = struct.pack(f"<{len(numbers)}{_LETTERS[kind]}", *numbers)
        entry = struct.pack("<HHI", tag, kind, len(numbers))
        if len(value) <= 4:
            entries.append(entry + value.ljust(4, b"\0"))
            continue
        entries.append(entry + struct.pack("<I", place))
        values.append(value.ljust(-(-len(value) // 2) * 2, b"\0"))
        place += len(values[-1])
    return b"".join((*entries, b"\0\0\0\0", *values))
