"""The encoder's own parts: bits, Huffman codes, blocks."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from indi_sony_py.image.arw import read_arw
from indi_sony_py.image.cfa import Mosaic
from indi_sony_py.sim.arw_codecs import encode_lossless, encode_lossy, lossy_round_trip, pack_bits
from indi_sony_py.sim.arw_encoder import RAW_TYPES, encode_arw, encode_pixels
from indi_sony_py.sim.geometry import Geometry, small
from indi_sony_py.sim.jpeg import encode_jpeg
from tests.image.frames import noise, spec


@given(st.lists(st.integers(1, 32).flatmap(lambda n: st.tuples(st.integers(0, 2**n - 1), st.just(n))), min_size=1))
def test_bits_are_packed_one_after_the_other(pieces: list[tuple[int, int]]) -> None:
    text = "".join(f"{value:0{length}b}" for value, length in pieces)
    text += "1" * (-len(text) % 8)
    packed = pack_bits(
        np.array([value for value, _ in pieces], np.uint64), np.array([length for _, length in pieces], np.int64)
    )
    assert packed == int(text, 2).to_bytes(len(text) // 8, "big")


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    low=st.integers(0, 16383),
    span=st.integers(0, 16383),
    raw_type=st.sampled_from(RAW_TYPES),
)
def test_any_pixels_come_back(seed: int, low: int, span: int, raw_type: str) -> None:
    geometry = Geometry(64, 32, (64, 32))
    dice = np.random.default_rng(seed)
    cfa = np.clip(dice.integers(low, low + span + 1, (32, 64)), 0, 16383).astype(np.uint16)
    data = encode_arw(cfa, spec(raw_type, geometry))
    found = Mosaic(data, read_arw(data), (0, 0, 64, 32)).whole()
    assert np.array_equal(found, lossy_round_trip(cfa) if raw_type == "lossy" else cfa)


def test_the_lossy_code_is_near_the_truth() -> None:
    cfa = noise(small(), sigma=20)
    error = lossy_round_trip(cfa).astype(int) - cfa
    assert np.abs(error[cfa < 1200]).max() <= 31
    assert np.sqrt(np.mean(error[cfa < 1200].astype(float) ** 2)) < 4


def test_even_levels_below_2000_are_kept_by_the_lossy_code() -> None:
    cfa = np.full((4, 64), 576, np.uint16)
    cfa[:, 32:] = 1536
    assert np.array_equal(lossy_round_trip(cfa), cfa)


def test_a_flat_block_has_two_different_indexes() -> None:
    words = np.frombuffer(encode_lossy(np.full((2, 64), 600, np.uint16)), "<u8").reshape(-1, 2)[:, 0]
    assert np.all((words >> np.uint64(22)) & np.uint64(15) != (words >> np.uint64(26)) & np.uint64(15))


def test_sizes_that_do_not_fit_a_code() -> None:
    with pytest.raises(ValueError, match="blocks of 32"):
        encode_lossy(np.zeros((2, 30), np.uint16))
    with pytest.raises(ValueError, match="tiles"):
        encode_lossless(np.zeros((512, 500), np.uint16))
    with pytest.raises(ValueError, match="512 x 384"):
        encode_pixels(np.zeros((10, 10), np.uint16), spec())
    with pytest.raises(ValueError, match="uncompressed, lossy, lossless"):
        spec("compressed")


@settings(max_examples=25)
@given(rows=st.integers(1, 20), columns=st.integers(1, 20), seed=st.integers(0, 1000))
def test_a_jpeg_shows_its_levels(rows: int, columns: int, seed: int) -> None:
    levels = np.random.default_rng(seed).integers(0, 256, (rows, columns)).astype(np.uint8)
    with Image.open(io.BytesIO(encode_jpeg(levels))) as picture:
        shown = np.asarray(picture.convert("L"))
    assert shown.shape == (rows * 8, columns * 8)
    assert np.abs(shown[::8, ::8].astype(int) - levels).max() <= 1
