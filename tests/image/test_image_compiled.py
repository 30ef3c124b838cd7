"""The compiled decoder gives LibRaw's values or none, whatever the bytes are; without it LibRaw does all."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.errors import BrokenImage, RuleBroken
from indi_sony_py.image import cfa, compiled, installed
from indi_sony_py.image.arw import read_arw
from indi_sony_py.image.cfa import Mosaic
from indi_sony_py.image.compiled import Compiled
from indi_sony_py.image.excerpt import CURVE
from indi_sony_py.image.layout import Compression
from indi_sony_py.image.libraw import libraw_rows
from indi_sony_py.image.pipeline import develop
from indi_sony_py.sim.arw_codecs import TILE
from indi_sony_py.sim.arw_encoder import RAW_TYPES, encode_arw
from indi_sony_py.sim.geometry import Geometry
from tests.image.frames import Cfa, noise, record, spec
from tests.image.random_frames import KINDS, differs, huffman_tile, random_cfa, random_file


@pytest.fixture(autouse=True)
def _unjudged() -> Iterator[None]:
    """Each test begins as a process does."""
    cfa._agrees.clear()
    yield
    cfa._agrees.clear()


@pytest.fixture(scope="module")
def part() -> Compiled:
    found = compiled.compiled()
    if found is None:
        pytest.skip("the compiled decoder is not built here: python setup.py build_ext --inplace")
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("raw_type", RAW_TYPES)
def test_random_frames_are_libraws(part: Compiled, raw_type: str, kind: str) -> None:
    for number in range(2):
        dice = np.random.default_rng((17, number))
        data = random_file(dice, raw_type, kind)
        assert differs(data, dice) == "", number
    assert all(cfa._agrees.values())


@pytest.mark.parametrize("raw_type", RAW_TYPES)
def test_without_the_compiled_part_the_values_are_the_same(raw_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cfa, "compiled", lambda: None)
    for kind in KINDS[::3] if raw_type == "lossless" else KINDS:
        dice = np.random.default_rng(5)
        assert differs(random_file(dice, raw_type, kind), dice) == ""


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    curve=st.lists(st.integers(4, 0x3FFF), min_size=4, max_size=4).map(sorted) | st.just(list(CURVE)),
    equal=st.booleans(),
)
def test_lossy_blocks_of_any_bits_on_any_curve(part: Compiled, seed: int, curve: list[int], equal: bool) -> None:
    dice = np.random.default_rng(seed)
    width, height = 32 * int(dice.integers(2, 9)), 32
    words = dice.integers(0, 2**64, (height * width // 16, 2), np.uint64)
    if equal:
        # The largest and the least value at one place: then a block has 15 deltas.
        words[:, 0] = words[:, 0] & ~np.uint64(15 << 26) | (words[:, 0] >> np.uint64(22) & np.uint64(15)) << np.uint64(
            26
        )
    data = words.tobytes()
    header = read_arw(
        encode_arw(np.full((height, width), 600, np.uint16), spec("lossy", Geometry(width, height, (64, 32))))
    )
    bare = replace(header, strip=(0, len(data)), tone_curve=tuple(curve))
    out = np.empty((height, width), np.uint16)
    assert part.lossy(np.frombuffer(data, np.uint8), 0, width, tuple(curve), 0, out, False)
    assert np.array_equal(out, libraw_rows(data, bare, 0, height))


def _tiles(part: Compiled, tiles: list[bytes]) -> Cfa | None:
    data = b"".join(tiles)
    starts = np.cumsum([0, *map(len, tiles)]).tolist()
    places = [(start, len(tile)) for start, tile in zip(starts, tiles, strict=False)]
    out = np.zeros((TILE, TILE * len(tiles)), np.uint16)
    done = part.tiles(np.frombuffer(data, np.uint8), places, (TILE, TILE), (0, 0), out, False)
    return out if done else None


_SQUARE = random_cfa(np.random.default_rng(1), "faint", (TILE, TILE))
_SOUND = huffman_tile(_SQUARE, np.random.default_rng(2))
_BODY = _SOUND.index(b"\xff\xda")


@settings(max_examples=40, deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), new=st.binary(min_size=1, max_size=4), cut=st.booleans())
def test_a_tile_with_other_bytes_is_left_to_libraw_or_is_its_own(
    part: Compiled, where: float, new: bytes, cut: bool
) -> None:
    """Half of the changes lie in the head of the tile."""
    at = int(where * 2 * _BODY) if where < 0.5 else int(where * len(_SOUND))
    bad = _SOUND[:at] if cut else _SOUND[:at] + new + _SOUND[at + len(new) :]
    found = _tiles(part, [bad])
    if found is None:
        return
    header = replace(_HEADER, tiles=((0, len(bad)),), width=TILE, height=TILE)
    assert np.array_equal(found, libraw_rows(bad, header, 0, TILE))


_HEADER = read_arw(encode_arw(_SQUARE, spec("lossless", Geometry(TILE, TILE, (TILE, TILE)))))


def test_what_the_compiled_part_does_not_know(part: Compiled) -> None:
    found = _tiles(part, [_SOUND])
    assert found is not None and np.array_equal(found, _SQUARE)
    dice = np.random.default_rng(3)
    other_bits = huffman_tile(_SQUARE >> np.uint16(2), dice, bits=12)
    found = _tiles(part, [other_bits])
    assert found is not None and np.array_equal(found, _SQUARE >> np.uint16(2))
    assert _tiles(part, [_SOUND, other_bits]) is None
    # Another predictor, a shift, three parts, a restart interval, the end missing.
    start = _SOUND.index(b"\xff\xda") + 4
    frame = _SOUND.index(b"\xff\xc3") + 4
    for place, value in (
        (start + 9, 2),
        (start + 11, 1),
        (start, 3),
        (frame + 5, 3),
        (frame + 7, 0x21),
        (frame + 2, 9),
    ):
        assert _tiles(part, [_SOUND[:place] + bytes([value]) + _SOUND[place + 1 :]]) is None, place
    restart = _SOUND[:2] + b"\xff\xdd\0\4\0\x10" + _SOUND[2:]
    assert _tiles(part, [restart]) is None
    assert _tiles(part, [_SOUND[: len(_SOUND) // 2]]) is None
    for length in range(0, _BODY + 14):
        assert _tiles(part, [_SOUND[:length]]) is None


def test_a_frame_that_the_compiled_part_does_not_know_is_libraws(
    part: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Compiled, "tiles", lambda *args: False)
    monkeypatch.setattr(Compiled, "lossy", lambda *args: False)
    for raw_type in ("lossy", "lossless"):
        geometry = Geometry(TILE, TILE, (TILE, TILE))
        values = noise(geometry)
        data = encode_arw(values, spec(raw_type, geometry))
        wanted = libraw_rows(data, read_arw(data), 0, TILE)
        assert np.array_equal(Mosaic(data, read_arw(data), (0, 0, TILE, TILE)).whole(), wanted)
    assert cfa._agrees == {}


def test_a_compiled_part_that_differs_from_libraw_is_not_used_again(
    part: Compiled, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    true = Compiled.lossy

    def off_by_one(*args: object) -> bool:
        done = true(*args)  # type: ignore[arg-type]
        out = args[6]
        assert isinstance(out, np.ndarray)
        out[-1, -1] += 1
        return done

    monkeypatch.setattr(Compiled, "lossy", off_by_one)
    geometry = Geometry(256, 300, (256, 300))
    data = encode_arw(noise(geometry), spec("lossy", geometry))
    mosaic = Mosaic(data, read_arw(data), (0, 0, 256, 300))
    with caplog.at_level(logging.ERROR):
        first, second = mosaic.whole(), mosaic.whole()
    wanted = libraw_rows(data, mosaic.header, 0, 300)
    assert np.array_equal(first, wanted) and np.array_equal(second, wanted)
    assert [record.message for record in caplog.records] == [
        "the compiled decoder differs from LibRaw for lossy data: it is not used"
    ]
    assert cfa._agrees == {Compression.LOSSY: False}


def test_without_rawpy_the_compiled_part_makes_frames(part: Compiled, monkeypatch: pytest.MonkeyPatch) -> None:
    geometry = Geometry(TILE, TILE, (TILE, TILE))
    values = noise(geometry)
    monkeypatch.setitem(sys.modules, "rawpy", None)
    assert installed.missing() is None
    for raw_type in RAW_TYPES:
        made = develop(encode_arw(values, spec(raw_type, geometry)), record(), (TILE, TILE))
        assert made.mosaic.whole().shape == (TILE, TILE)
    assert cfa.is_trusted(Compression.LOSSY) and cfa.is_trusted(Compression.LOSSLESS)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), columns=st.integers(1, 700), fits=st.booleans())
def test_holes_are_found_at_the_same_place(part: Compiled, seed: int, columns: int, fits: bool) -> None:
    dice = np.random.default_rng(seed)
    values = dice.integers(1, 16384, (12, columns)).astype(np.uint16)
    for _ in range(int(dice.integers(0, 4))):
        row, start = int(dice.integers(0, 12)), int(dice.integers(0, columns))
        values[row, start : start + int(dice.integers(1, 400))] = 0
    out = (values.view(">u2").astype(np.uint16) ^ np.uint16(0x0080)) if fits else values
    assert part.hole(out, fits) == cfa._hole(out, fits)
    assert part.hole(out[:0], fits) is None


def test_lengths_are_checked_before_an_address_is_handed_over(part: Compiled) -> None:
    data, out = np.zeros(1000, np.uint8), np.zeros((4, 64), np.uint16)
    with pytest.raises(RuleBroken):
        part.plain(data, 489, 64, 0, out, False)
    with pytest.raises(RuleBroken):
        part.lossy(data, 745, 64, CURVE, 0, out, False)
    with pytest.raises(RuleBroken):
        part.lossy(data, 0, 64, CURVE, 1, out, False)
    with pytest.raises(RuleBroken):
        part.tiles(data, [(990, 11)], (TILE, TILE), (0, 0), out, False)
    with pytest.raises(RuleBroken):
        part.plain(data, 0, 64, 0, out[:, ::2], False)
    assert not part.lossy(data, 0, 64, CURVE[:3], 0, out, False)


def test_a_library_that_cannot_be_loaded_is_told_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(path: str) -> None:
        raise OSError(f"{path}: wrong ELF class")

    if compiled.compiled() is None:
        pytest.skip("the compiled decoder is not built here")
    monkeypatch.setattr("ctypes.CDLL", broken)
    with caplog.at_level(logging.WARNING):
        assert compiled.compiled.__wrapped__() is None
    assert "wrong ELF class" in caplog.text
    monkeypatch.setitem(sys.modules, installed.DECODER, None)
    assert compiled.compiled.__wrapped__() is None


def test_a_hole_is_refused_in_each_kind(part: Compiled) -> None:
    geometry = Geometry(TILE, TILE, (TILE, TILE))
    values = noise(geometry)
    values[100, 128:400] = 0
    for raw_type in RAW_TYPES:
        data = encode_arw(values, spec(raw_type, geometry))
        with pytest.raises(BrokenImage, match="a hole of zeros at row 100, column 128"):
            Mosaic(data, read_arw(data), (0, 0, TILE, TILE)).whole()
