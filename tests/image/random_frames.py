"""Random frames of every kind of data: what is developed is, value for value, what LibRaw reads of the whole file.

`python -m tests.image.random_frames --frames 10000` takes many (some 20 minutes); the suite takes a few.
"""

from __future__ import annotations

import argparse
import io
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import rawpy

from indi_sony_py.image.arw import read_arw
from indi_sony_py.image.cfa import Mosaic
from indi_sony_py.sim.arw_codecs import TILE, encode_lossy, pack_bits, stuffed
from indi_sony_py.sim.arw_encoder import RAW_TYPES, encode_arw, encode_pixels, wrap_pixels
from indi_sony_py.sim.geometry import Geometry
from tests.image.frames import Cfa, spec

__all__ = ["KINDS", "differs", "huffman_tile", "random_cfa", "random_file"]

KINDS = ("faint", "bright", "saturated", "flat blocks", "steps", "any bits")
"""The last one is a lossy file of random bytes, or a lossless one whose codes have other lengths than usual."""

_BLOCK = 16


def random_cfa(dice: np.random.Generator, kind: str, shape: tuple[int, int]) -> Cfa:
    """Values of 14 bits, (height, width)."""
    height, width = shape
    cfa: npt.NDArray[Any]
    if kind == "faint":
        cfa = dice.normal(dice.integers(500, 700), dice.uniform(1, 30), shape)
    elif kind == "bright":
        cfa = dice.normal(dice.integers(2000, 16000), dice.uniform(10, 400), shape)
    elif kind == "saturated":
        cfa = np.where(dice.random(shape) < dice.uniform(0, 1), 16383, dice.normal(900, 60, shape))
    elif kind == "flat blocks":
        blocks = dice.integers(0, 16384, (-(-height // _BLOCK), -(-width // _BLOCK)))
        cfa = np.kron(blocks, np.ones((_BLOCK, _BLOCK)))[:height, :width] + (dice.random(shape) < 0.01)
    else:
        cfa = dice.integers(0, dice.choice([2, 4096, 16384]), shape) * (1.0 if kind == "steps" else dice.uniform(0, 1))
    # No value is 0, nor one that becomes it: many of them would be a hole.
    return np.clip(np.rint(cfa), 2, 16383).astype(np.uint16)


def _random_lengths(dice: np.random.Generator) -> list[int]:
    """Lengths of 16 Huffman codes, up to 16 bits, that leave the code of all ones free."""
    while True:
        lengths = sorted(int(n) for n in dice.integers(2, 17, 16))
        if sum(2.0**-length for length in lengths) <= 1 - 2.0**-16:
            return lengths


def huffman_tile(square: Cfa, dice: np.random.Generator, tables: int = 1, bits: int = 14) -> bytes:
    """A tile whose codes have random lengths; `tables` of them, for its four parts in turn."""
    half = square.shape[0] // 2
    cells = np.stack([square[row::2, column::2] for row in (0, 1) for column in (0, 1)], axis=-1).astype(np.int32)
    guess = np.empty_like(cells)
    guess[:, 1:] = cells[:, :-1]
    guess[1:, 0] = cells[:-1, 0]
    guess[0, 0] = 1 << (bits - 1)
    difference = cells - guess
    category = np.ceil(np.log2(np.abs(difference) + 1)).astype(np.int64)
    extra = np.where(difference < 0, difference + (1 << category) - 1, difference)
    segments, codes, lengths = [], np.zeros((4, 17), np.uint64), np.zeros((4, 17), np.int64)
    for table in range(tables):
        told, order = _random_lengths(dice), dice.permutation(16)
        counts = [told.count(length) for length in range(1, 17)]
        segments.append(_segment(0xC4, bytes([table, *counts, *order.tolist()])))
        code, last = 0, told[0]
        for symbol, length in zip(order.tolist(), told, strict=True):
            code, last = code << (length - last), length
            for part in range(table, 4):
                codes[part, symbol], lengths[part, symbol] = code, length
            code += 1
    chosen = [min(part, tables - 1) for part in range(4)]
    parts = np.broadcast_to(np.arange(4), category.shape)
    sizes = lengths[parts, category] + category
    values = (codes[parts, category] << category.astype(np.uint64)) | extra.astype(np.uint64)
    scan = stuffed(pack_bits(values.ravel(), sizes.ravel()))
    frame = bytes([bits, half >> 8, half & 255, half >> 8, half & 255, 4]) + b"".join(
        bytes([number, 0x11, 0]) for number in range(4)
    )
    start = bytes([4]) + b"".join(bytes([number, chosen[number] << 4]) for number in range(4)) + bytes([1, 0, 0])
    return b"\xff\xd8" + b"".join((*segments, _segment(0xC3, frame), _segment(0xDA, start), scan, b"\xff\xd9"))


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def random_file(dice: np.random.Generator, raw_type: str, kind: str) -> bytes:
    """An ARW of a random size."""
    if raw_type == "lossless":
        width, height = TILE * int(dice.choice([1, 2, 3])), TILE
    else:
        width, height = 2 * int(dice.integers(32, 200)), 2 * int(dice.integers(16, 100))
    geometry = Geometry(width, height, (width, height))
    cfa = random_cfa(dice, kind, (height, width))
    made = spec(raw_type, geometry)
    if kind == "any bits" and raw_type == "lossy":
        filled = np.frombuffer(encode_lossy(cfa), np.uint8).reshape(height, width).copy()
        filled[:, : width // 32 * 32] = dice.integers(0, 256, (height, width // 32 * 32))
        return wrap_pixels(replace(encode_pixels(cfa, made), parts=(filled.tobytes(),)), made)
    if kind == "any bits" and raw_type == "lossless":
        squares = [cfa[:, left : left + TILE] for left in range(0, width, TILE)]
        tiles = tuple(huffman_tile(square, dice, int(dice.integers(1, 5))) for square in squares)
        return wrap_pixels(replace(encode_pixels(cfa, made), parts=tiles), made)
    return encode_arw(cfa, made)


def differs(data: bytes, dice: np.random.Generator) -> str:
    """In words, "" where all is equal. A random part of the frame is developed too, and both orders of bytes."""
    header = read_arw(data)
    with rawpy.imread(io.BytesIO(data)) as raw:
        wanted = raw.raw_image.copy()
    # What LibRaw has in columns that fill no lossy block is left over in its memory.
    width, height = header.size
    x, y = int(dice.integers(0, width - 1)), int(dice.integers(0, height - 1))
    part = (x, y, int(dice.integers(1, width - x + 1)), int(dice.integers(1, height - y + 1)))
    for rect in ((0, 0, width, height), part):
        for fits in (False, True):
            out = np.zeros((rect[3], rect[2]), np.uint16)
            Mosaic(data, header, rect).fill(out, fits)
            found = (out.view(">u2") ^ np.uint16(0x8000)) if fits else out
            if not np.array_equal(found, wanted[rect[1] : rect[1] + rect[3], rect[0] : rect[0] + rect[2]]):
                return f"{rect} of {header.compression.value} {width} x {height}, for FITS: {fits}"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.image.random_frames", description=__doc__)
    parser.add_argument("--frames", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    bad = 0
    for number in range(options.frames):
        dice = np.random.default_rng((options.seed, number))
        raw_type, kind = RAW_TYPES[number % 3], KINDS[number // 3 % len(KINDS)]
        if why := differs(random_file(dice, raw_type, kind), dice):
            bad += 1
            print(f"frame {number} of seed {options.seed} ({raw_type}, {kind}): {why}", flush=True)
    print(f"{options.frames} frames, {bad} of them are not LibRaw's")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
