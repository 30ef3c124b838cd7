"""A part of the frame, and binning: exact against a reference that takes pixel by pixel; and the cards that tell."""

from __future__ import annotations

import io
import os
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.image.arw import frame_area, read_arw
from indi_sony_py.image.binning import Binned
from indi_sony_py.image.cards import shifted_pattern
from indi_sony_py.image.pipeline import develop, develop_to_memfd
from indi_sony_py.image.record import BIN_MODES, MOSAIC, SUPERPIXEL
from indi_sony_py.image.section import LEAST_SIDE, Part, binned_size, origin, snapped
from indi_sony_py.image.section import fits as part_fits
from indi_sony_py.sim.arw_encoder import encode_arw
from indi_sony_py.sim.geometry import small
from tests.image.frames import Cfa, InPieces, fits_of, noise, record, spec

_VISIBLE = (488, 384)
_CFA = noise(spec().geometry)
_FILES = {kind: encode_arw(_CFA, spec(kind)) for kind in ("uncompressed", "lossless")}
_PATTERNS = ("RGGB", "GRBG", "GBRG", "BGGR")


def reference(cfa: Cfa, binning: int, mode: str, pattern: str) -> Cfa:
    """The same by the words of the documentation, one pixel after the other."""
    height, width = cfa.shape
    if binning == 1:
        return cfa
    if mode == MOSAIC:
        out = np.zeros((height // (2 * binning) * 2, width // (2 * binning) * 2), np.uint16)
        for row in range(out.shape[0]):
            for column in range(out.shape[1]):
                y = row // 2 * 2 * binning + row % 2
                x = column // 2 * 2 * binning + column % 2
                values = [
                    int(cfa[y + 2 * down, x + 2 * across]) for down in range(binning) for across in range(binning)
                ]
                out[row, column] = _rounded(Fraction(sum(values), len(values)))
        return out
    out = np.zeros((height // binning, width // binning), np.uint16)
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            values_of: dict[str, list[int]] = {"R": [], "G": [], "B": []}
            for y in range(row * binning, (row + 1) * binning):
                for x in range(column * binning, (column + 1) * binning):
                    values_of[pattern[y % 2 * 2 + x % 2]].append(int(cfa[y, x]))
            red, green, blue = (Fraction(sum(values), len(values)) for values in values_of.values())
            out[row, column] = _rounded((red + 2 * green + blue) / 4)
    return out


def _rounded(value: Fraction) -> int:
    return (value + Fraction(1, 2)).__floor__()


@st.composite
def _mosaics(draw: st.DrawFn) -> tuple[npt.NDArray[np.uint16], list[int]]:
    height, width = draw(st.integers(8, 41)), draw(st.integers(8, 41))
    dice = np.random.default_rng(draw(st.integers(0, 2**32)))
    top = draw(st.sampled_from((3, 16383, 65535)))
    cuts = draw(st.lists(st.integers(1, 40), max_size=6))
    return dice.integers(0, top, (height, width), np.uint16, endpoint=True), cuts


@given(_mosaics(), st.sampled_from((2, 3, 4)), st.sampled_from(BIN_MODES), st.sampled_from(_PATTERNS))
def test_binning_is_exact(
    torn: tuple[npt.NDArray[np.uint16], list[int]], binning: int, mode: str, pattern: str
) -> None:
    cfa, cuts = torn
    made = Binned(InPieces(cfa, cuts), binning, mode, pattern)
    out = np.zeros(made.shape, np.uint16)
    done = 0
    for top, rows in made.bands():
        assert top == done
        out[top : top + len(rows)] = rows
        done += len(rows)
    assert done == made.shape[0]
    assert np.array_equal(out, reference(cfa, binning, mode, pattern))


@pytest.mark.parametrize("mode", BIN_MODES)
@pytest.mark.parametrize("binning", [2, 3, 4])
def test_levels_and_colours_stay(mode: str, binning: int) -> None:
    """Black, white and a colour are the same binned: none of them may depend on where a square lies."""
    red, green, blue = 1000, 2000, 4000
    cfa = np.zeros((48, 48), np.uint16)
    for place, letter in enumerate("RGGB"):
        cfa[place // 2 :: 2, place % 2 :: 2] = {"R": red, "G": green, "B": blue}[letter]
    made = Binned(InPieces(cfa, []), binning, mode, "RGGB")
    out = np.concatenate([rows for _, rows in made.bands()])
    if mode == SUPERPIXEL:
        assert (out == (red + 2 * green + blue) / 4).all()
    else:
        assert np.array_equal(out, cfa[: out.shape[0], : out.shape[1]])
    white = Binned(InPieces(np.full((48, 48), 65535, np.uint16), [5, 7]), binning, mode, "RGGB")
    assert all((rows == 65535).all() for _, rows in white.bands())


_SIDES = st.integers(-3, 500)


@given(st.tuples(_SIDES, _SIDES, _SIDES, _SIDES), st.tuples(st.integers(16, 490), st.integers(16, 490)))
def test_a_part_keeps_the_phase_of_the_colours(part: Part, area: tuple[int, int]) -> None:
    found = snapped(part, area)
    inside = all(
        start >= 0 and side >= LEAST_SIDE and start + side <= whole
        for start, side, whole in zip(part[:2], part[2:], area, strict=True)
    )
    assert (found is not None) == inside
    if found is None:
        return
    for start, side, asked, length, whole in zip(found[:2], found[2:], part[:2], part[2:], area, strict=True):
        assert start % 2 == 0 and start <= asked < start + 2
        end = start + side
        assert end <= whole and end - (asked + length) <= 1
        # Only the last line of an area with an odd side may be lost.
        assert end >= asked + length or (whole % 2 == 1 and asked + length == whole and end == whole - 1)
        assert side % 2 == 0 or (start, side) == (0, whole)
    assert snapped(found, area) == found and part_fits(found, area)


def test_sizes() -> None:
    assert snapped((0, 0, 6024, 4024), (6024, 4024)) == (0, 0, 6024, 4024)
    assert snapped((0, 0, 6025, 4023), (6025, 4023)) == (0, 0, 6025, 4023)
    assert snapped((1, 3, 100, 101), (6024, 4024)) == (0, 2, 102, 102)
    assert snapped((5924, 0, 101, 4024), (6024, 4024)) is None
    assert binned_size((6024, 4024), 1, MOSAIC) == (6024, 4024)
    assert binned_size((6024, 4024), 3, MOSAIC) == (2008, 1340)
    assert binned_size((6024, 4024), 3, SUPERPIXEL) == (2008, 1341)
    assert binned_size((LEAST_SIDE, LEAST_SIDE), 4, MOSAIC) == (4, 4)
    assert origin(12, 3) == 4 and isinstance(origin(12, 3), int)
    assert origin(10, 4) == 2.5


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(_FILES)),
    st.sampled_from(("visible", "crop", "libraw")),
    st.tuples(st.integers(0, 400), st.integers(0, 300), st.integers(16, 488), st.integers(16, 384)),
    st.sampled_from((1, 2, 3, 4)),
    st.sampled_from(BIN_MODES),
)
def test_a_part_of_a_file(kind: str, area: str, asked: Part, binning: int, mode: str) -> None:
    """Each area x part x binning, by the place in the sensor: the values are those of the whole frame."""
    data = _FILES[kind]
    plain = develop(data, record(area=area), _VISIBLE)
    part = snapped(asked, plain.area)
    frame = develop(data, record(area=area, part=part, binning=binning, bin_mode=mode), _VISIBLE)
    x, y, width, height = part or (0, 0, *plain.area)
    cut = plain.mosaic.whole()[y : y + height, x : x + width]
    wanted = cut
    if binning > 1:
        made = Binned(InPieces(cut, [101]), binning, mode, plain.pattern)
        wanted = np.concatenate([rows for _, rows in made.bands()])
    assert (frame.width, frame.height) == (wanted.shape[1], wanted.shape[0])
    assert frame.area == plain.area
    with fits.open(io.BytesIO(fits_of(frame))) as hdus:
        header = hdus[0].header
        assert np.array_equal(hdus[0].data, wanted)
    assert (header["XBINNING"], header["YBINNING"]) == (binning, binning)
    assert header["XPIXSZ"] == pytest.approx(5.95 * binning) and header["PIXSIZE1"] == 5.95
    assert (header["XORGSUBF"], header["YORGSUBF"]) == pytest.approx((x / binning, y / binning))
    assert header.get("BINMODE") == (None if binning == 1 else mode.upper())
    grey = binning > 1 and mode == SUPERPIXEL
    assert header.get("BAYERPAT") == (None if grey else plain.pattern)
    assert (header.get("XBAYROFF"), header.get("YBAYROFF")) == ((None, None) if grey else (0, 0))
    assert frame.pattern == ("" if grey else plain.pattern)
    assert (header["BLKLEVEL"], header["WHTLEVEL"]) == (512, 16383)
    assert frame.warnings == plain.warnings


def test_the_pattern_of_an_area_that_begins_on_an_odd_line() -> None:
    """The phase is that of the area's own first pixel: an official crop may begin anywhere on the sensor."""
    geometry = small()
    data = encode_arw(_CFA, spec(geometry=geometry))
    header = read_arw(data)
    crop = frame_area(header, "crop", _VISIBLE)
    assert crop is not None
    whole = develop(data, record(area="crop"), _VISIBLE)
    cut = develop(data, record(area="crop", part=(16, 32, 64, 48)), _VISIBLE)
    assert whole.pattern == cut.pattern == shifted_pattern(header.cfa, crop[0], crop[1])
    assert np.array_equal(cut.mosaic.whole(), _CFA[crop[1] + 32 : crop[1] + 80, crop[0] + 16 : crop[0] + 80])


def test_a_part_that_the_image_does_not_hold() -> None:
    frame = develop(_FILES["uncompressed"], record(part=(400, 0, 200, 100)), _VISIBLE)
    assert (frame.width, frame.height) == _VISIBLE
    assert any("does not lie in this image of 488 x 384" in warning for warning in frame.warnings)


def test_sizes_of_a_frame_in_memory() -> None:
    made = develop_to_memfd(_FILES["lossless"], record(part=(100, 50, 200, 100), binning=2), _VISIBLE)
    try:
        assert (made.width, made.height, made.area) == (100, 50, _VISIBLE)
    finally:
        os.close(made.fd)
