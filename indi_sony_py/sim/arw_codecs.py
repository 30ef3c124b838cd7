"""The three ways in which a Sony body stores its mosaic, as an encoder: pure, numpy, quick enough for full frames.

Rules kept here:

- Uncompressed and lossless give back every value; the lossy code gives back `lossy_round_trip`, to the bit.
- A flat block of the lossy code has two different indexes: with equal ones every decoder reads a 15th delta.

Sources: LibRaw `src/decoders/` (ARW2, lossless JPEG); RawSpeed `ArwDecoder.cpp`; measurements with LibRaw 0.22.2.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "CURVE_KNOTS",
    "TILE",
    "encode_lossless",
    "encode_lossy",
    "encode_uncompressed",
    "lossy_round_trip",
    "pack_bits",
]

Cfa = npt.NDArray[np.uint16]
_U8 = npt.NDArray[np.uint8]
_U64 = npt.NDArray[np.uint64]

CURVE_KNOTS = (8000, 10400, 12900, 14100)
TILE = 512

_LANES = 16
_COLUMNS = 2 * _LANES
_ROWS_AT_ONCE = 64


def encode_uncompressed(cfa: Cfa) -> bytes:
    """16-bit little-endian rows from the top. `cfa` is (height, width)."""
    return cfa.astype("<u2", copy=False).tobytes()


@lru_cache(maxsize=1)
def _curve() -> Cfa:
    knots = [0, *(knot >> 2 for knot in CURVE_KNOTS), 4095]
    curve = np.zeros(4096, dtype=np.uint32)
    for piece in range(5):
        first, last = knots[piece], knots[piece + 1]
        steps = np.arange(1, last - first + 1, dtype=np.uint32)
        curve[first + 1 : last + 1] = curve[first] + steps * (1 << piece)
    return curve.astype(np.uint16)


@lru_cache(maxsize=1)
def _codes() -> Cfa:
    # The largest 11-bit code whose value is not above the pixel.
    values = _curve()[0:4096:2]
    return (np.searchsorted(values, np.arange(65536, dtype=np.uint32), side="right") - 1).astype(np.uint16)


def encode_lossy(cfa: Cfa) -> bytes:
    """A row has as many bytes as columns: two blocks of 16 for each 32, the even columns, then the odd ones.

    Columns that fill no block are not stored: zeros stand in their place.
    """
    height, width = cfa.shape
    out = np.zeros((height, width), np.uint8)
    filled = _filled(width)
    for top in range(0, height, _ROWS_AT_ONCE):
        rows = cfa[top : top + _ROWS_AT_ONCE, :filled]
        out[top : top + _ROWS_AT_ONCE, :filled] = _lossy_rows(rows)[0].view(np.uint8).reshape(rows.shape)
    return out.tobytes()


def lossy_round_trip(cfa: Cfa) -> Cfa:
    """What a decoder makes of `encode_lossy(cfa)`: 0 in columns that fill no block."""
    out = np.zeros_like(cfa)
    filled = _filled(cfa.shape[1])
    for top in range(0, cfa.shape[0], _ROWS_AT_ONCE):
        rows = cfa[top : top + _ROWS_AT_ONCE, :filled]
        _, lanes = _lossy_rows(rows)
        blocks = lanes.reshape(_LANES, rows.shape[0], -1, 2)
        codes = blocks.transpose(1, 2, 0, 3).reshape(rows.shape)
        out[top : top + _ROWS_AT_ONCE, :filled] = _curve()[codes.astype(np.intp) * 2]
    return out


def _filled(width: int) -> int:
    """How many columns fill whole blocks."""
    if width < _COLUMNS:
        raise ValueError(f"a lossy row has whole blocks of {_COLUMNS} columns, not {width}")
    return width // _COLUMNS * _COLUMNS


def _lossy_rows(rows: Cfa) -> tuple[_U64, Cfa]:
    """The blocks of some rows, as (blocks, 2) words, and the codes that they stand for, as (16, blocks)."""
    codes = _codes()[rows].reshape(rows.size // _COLUMNS, _LANES, 2)
    lanes = np.ascontiguousarray(codes.transpose(1, 0, 2)).reshape(_LANES, -1)

    most = lanes.max(axis=0)
    least = lanes.min(axis=0)
    imax = np.zeros(most.shape, np.uint8)
    imin = np.zeros(most.shape, np.uint8)
    for lane in range(_LANES - 1, -1, -1):
        imax[lanes[lane] == most] = lane
        imin[lanes[lane] == least] = lane
    flat = most == least
    imin[flat] = 1
    shift = np.zeros(most.shape, np.uint16)
    span = most - least
    for step in range(4):
        shift += span >= (128 << step)

    deltas = ((lanes - least) >> shift).astype(np.uint8)
    first = np.minimum(imax, imin)
    second = np.maximum(imax, imin)
    low: Any = most.astype(np.uint64)
    low |= least.astype(np.uint64) << np.uint64(11)
    low |= imax.astype(np.uint64) << np.uint64(22)
    low |= imin.astype(np.uint64) << np.uint64(26)
    high: Any = np.zeros_like(low)
    for place in range(14):
        later = np.where(second > place + 1, deltas[place + 1], deltas[place + 2])
        delta = np.where(first > place, deltas[place], later).astype(np.uint64)
        bit = 30 + 7 * place
        if bit < 64:
            low |= delta << np.uint64(bit)
        if bit < 64 < bit + 7:
            high |= delta >> np.uint64(64 - bit)
        elif bit >= 64:
            high |= delta << np.uint64(bit - 64)

    told = np.minimum((deltas.astype(np.uint16) << shift) + least, 2047).astype(np.uint16)
    columns = np.arange(told.shape[1])
    told[imin, columns] = least
    told[imax, columns] = most
    words = np.empty((most.size // 2, 2, 2), dtype="<u8")
    words[..., 0] = low.reshape(-1, 2)
    words[..., 1] = high.reshape(-1, 2)
    return words, told


def pack_bits(values: npt.NDArray[np.uint64], lengths: npt.NDArray[np.int64]) -> bytes:
    """Concatenate numbers of up to 32 bits each, the highest bit first; the last byte is filled with ones."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if ends.size else 0
    starts = ends - lengths
    word = starts >> 5
    wide = values << (64 - (starts & 31) - lengths).astype(np.uint64)
    # Pieces of one word never share a bit, so adding them is joining them; below 2^53 a float sum is exact.
    count = (total >> 5) + 2
    words = np.bincount(word, weights=(wide >> np.uint64(32)).astype(np.float64), minlength=count)
    words += np.bincount(word + 1, weights=(wide & np.uint64(0xFFFFFFFF)).astype(np.float64), minlength=count)
    packed = bytearray(words.astype(np.uint32).astype(">u4").tobytes()[: (total + 7) // 8])
    if total % 8:
        packed[-1] |= (1 << (8 - total % 8)) - 1
    return bytes(packed)


def stuffed(data: bytes) -> bytes:
    """A zero byte after each FF, as a JPEG scan has it."""
    return data.replace(b"\xff", b"\xff\x00")


# Category (bits of the difference) in the order of their codes, and how many codes have 1, 2, 3 … bits: made for the
# noise of a sky background, all-ones left free.
_ORDER = (4, 5, 3, 6, 2, 7, 1, 0, 8, 9, 10, 11, 12, 13, 14, 15)
_COUNTS = (0, 2, 2, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0)


@lru_cache(maxsize=1)
def _huffman() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    codes = np.zeros(17, np.uint64)
    lengths = np.zeros(17, np.int64)
    code = 0
    place = 0
    for bits, number in enumerate(_COUNTS, start=1):
        for _ in range(number):
            codes[_ORDER[place]] = code
            lengths[_ORDER[place]] = bits
            code += 1
            place += 1
        code <<= 1
    return codes, lengths


def encode_lossless(cfa: Cfa, bits: int = 14) -> list[bytes]:
    """The tiles of a padded frame, row by row: its sides are multiples of 512."""
    height, width = cfa.shape
    if height % TILE or width % TILE:
        raise ValueError(f"tiles of {TILE} do not fill {width} x {height}")
    return [
        _tile(cfa[top : top + TILE, left : left + TILE], bits)
        for top in range(0, height, TILE)
        for left in range(0, width, TILE)
    ]


@lru_cache(maxsize=1)
def _categories() -> _U8:
    # The number of bits of |difference|, for differences -32768 … 32767 at their index + 32768.
    size = np.abs(np.arange(-32768, 32768))
    bits: _U8 = np.ceil(np.log2(size + 1)).astype(np.uint8)
    return bits


def _tile(square: Cfa, bits: int) -> bytes:
    half = TILE // 2
    cells = np.empty((half, half, 4), np.int32)
    for part, (row, column) in enumerate(((0, 0), (0, 1), (1, 0), (1, 1))):
        cells[..., part] = square[row::2, column::2]
    guess = np.empty_like(cells)
    guess[:, 1:] = cells[:, :-1]
    guess[1:, 0] = cells[:-1, 0]
    guess[0, 0] = 1 << (bits - 1)
    difference = (cells - guess).ravel()
    category = _categories()[difference + 32768]
    codes, lengths = _huffman()
    extra = np.where(difference < 0, difference + (1 << category.astype(np.int32)) - 1, difference)
    values = (codes[category] << category.astype(np.uint64)) | extra.astype(np.uint64)
    scan = stuffed(pack_bits(values, lengths[category] + category))
    table = bytes([0]) + bytes(_COUNTS) + bytes(_ORDER)
    frame = struct.pack(">BHHB", bits, half, half, 4) + b"".join(bytes([part, 0x11, 0]) for part in range(4))
    start = bytes([4]) + b"".join(bytes([part, 0]) for part in range(4)) + bytes([1, 0, 0])
    return b"\xff\xd8" + b"".join(
        (_segment(0xC4, table), _segment(0xC3, frame), _segment(0xDA, start), scan, b"\xff\xd9")
    )


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
