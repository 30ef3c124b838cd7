"""A baseline JPEG of true detail: colour, 8 x 8 blocks of a discrete cosine transform. Pure, numpy.

Without subsampling, with one quantisation and one Huffman table for all three components: the tables of ITU-T T.81,
annex K, for luminance. `jpeg` makes the flat ones, which are quicker.
"""

from __future__ import annotations

import struct
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from indi_sony_py.sim.arw_codecs import pack_bits, stuffed
from indi_sony_py.sim.jpeg import segment

__all__ = ["encode_picture"]

_QUANTS = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_DC_COUNTS = (0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)
_DC_VALUES = tuple(range(12))
_AC_COUNTS = (0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125)
_AC_VALUES = bytes.fromhex(
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a343536373839"
    "3a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7"
    "a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
)
_RUN_OF_16, _END_OF_BLOCK = 0xF0, 0x00
_TO_YCC = np.array(
    [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32
)  # ITU-T T.871

_Codes = tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]


def encode_picture(rgb: npt.NDArray[np.uint8], quality: float = 4.0) -> bytes:
    """A colour JPEG of (height, width, 3) pixels. `quality`: the quantisation of annex K is divided by it."""
    height, width, _ = rgb.shape
    quants = np.clip(np.rint(np.array(_QUANTS) / quality), 1, 255).astype(np.uint8)
    zigzag = _zigzag()
    blocks = _blocks(rgb)
    steps = np.rint(blocks / quants.astype(np.float32)).astype(np.int32)[:, :, zigzag]
    scan = stuffed(_scan(steps))
    sample = b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3))
    parts = (
        b"\xff\xd8",
        segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xDB, b"\0" + quants[zigzag].tobytes()),
        segment(0xC0, struct.pack(">BHHB", 8, height, width, 3) + sample),
        segment(0xC4, b"\x00" + bytes(_DC_COUNTS) + bytes(_DC_VALUES)),
        segment(0xC4, b"\x10" + bytes(_AC_COUNTS) + _AC_VALUES),
        segment(0xDA, bytes([3, 1, 0, 2, 0, 3, 0, 0, 63, 0])),
        scan,
        b"\xff\xd9",
    )
    return b"".join(parts)


@lru_cache(maxsize=1)
def _zigzag() -> npt.NDArray[np.int64]:
    """For each place of a scan, the place in a block of rows."""
    order = sorted(((y, x) for y in range(8) for x in range(8)), key=_diagonal)
    return np.array([y * 8 + x for y, x in order])


def _diagonal(place: tuple[int, int]) -> tuple[int, int]:
    y, x = place
    return y + x, (y if (y + x) % 2 else x)


@lru_cache(maxsize=1)
def _cosines() -> npt.NDArray[np.float32]:
    k, n = np.arange(8)[:, None], np.arange(8)[None, :]
    made = np.cos((2 * n + 1) * k * np.pi / 16) / 2
    made[0] /= np.sqrt(2)
    return made.astype(np.float32)


def _blocks(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Coefficients (units, 3, 64): one block of each component after the other; edges are repeated to whole blocks."""
    height, width, _ = rgb.shape
    padded = np.pad(rgb, ((0, -height % 8), (0, -width % 8), (0, 0)), mode="edge").astype(np.float32)
    ycc = padded @ _TO_YCC.T
    ycc[:, :, 0] -= 128
    rows, columns = padded.shape[0] // 8, padded.shape[1] // 8
    squares = ycc.reshape(rows, 8, columns, 8, 3).transpose(0, 2, 4, 1, 3)
    cosines = _cosines()
    return (cosines @ squares @ cosines.T).reshape(rows * columns, 3, 64)


@lru_cache(maxsize=2)
def _huffman(alternating: bool) -> _Codes:
    """Code and length for each symbol."""
    counts, values = (_AC_COUNTS, _AC_VALUES) if alternating else (_DC_COUNTS, bytes(_DC_VALUES))
    codes, lengths = np.zeros(256, np.uint64), np.zeros(256, np.int64)
    code, place = 0, 0
    for bits, count in enumerate(counts, start=1):
        for value in values[place : place + count]:
            codes[value], lengths[value] = code, bits
            code += 1
        place += count
        code <<= 1
    return codes, lengths


def _sized(values: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """How many bits each value needs, and those bits."""
    size = np.frexp(np.abs(values).astype(np.float64))[1].astype(np.int64)
    return size, np.where(values < 0, values + (1 << size) - 1, values).astype(np.uint64)


def _scan(steps: npt.NDArray[np.int32]) -> bytes:
    """All blocks in the order of a scan. `steps`: (units, 3, 64) quantised, in zigzag order."""
    level = np.diff(steps[:, :, 0], axis=0, prepend=np.int32(0)).reshape(-1)
    flat = steps.reshape(-1, 64)
    size, bits = _sized(level)
    codes, lengths = _huffman(False)
    # Each piece of the scan: the block and place that it stands at (the order), its bits, and how many.
    pieces = [_pieces(np.arange(len(flat)) * 256, codes[size], lengths[size], bits, size)]

    block, place = np.nonzero(flat[:, 1:])
    place = place + 1
    size, bits = _sized(flat[block, place])
    before = np.concatenate(([0], np.where(block[1:] == block[:-1], place[:-1], 0))) if len(block) else place
    run = place - before - 1
    codes, lengths = _huffman(True)
    symbol = (run % 16) << 4 | size
    pieces.append(_pieces(block * 256 + place * 2 + 1, codes[symbol], lengths[symbol], bits, size))
    for times in range(1, 4):
        far = run >= 16 * times
        at = block[far] * 256 + place[far] * 2
        pieces.append(_alone(at, codes[_RUN_OF_16], lengths[_RUN_OF_16]))
    ended = np.flatnonzero(flat[:, 63] == 0)
    pieces.append(_alone(ended * 256 + 255, codes[_END_OF_BLOCK], lengths[_END_OF_BLOCK]))

    order, values, widths = (np.concatenate(columns) for columns in zip(*pieces, strict=True))
    turn = np.argsort(order, kind="stable")
    return pack_bits(values[turn], widths[turn])


_Pieces = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64], npt.NDArray[np.int64]]


def _pieces(
    order: npt.NDArray[np.int64],
    codes: npt.NDArray[np.uint64],
    lengths: npt.NDArray[np.int64],
    bits: npt.NDArray[np.uint64],
    size: npt.NDArray[np.int64],
) -> _Pieces:
    """A code and the bits behind it, as one number of at most 27 bits."""
    return order, (codes << size.astype(np.uint64)) | bits, lengths + size


def _alone(order: npt.NDArray[np.int64], code: np.uint64, length: np.int64) -> _Pieces:
    return order, np.full(len(order), code, np.uint64), np.full(len(order), length, np.int64)
