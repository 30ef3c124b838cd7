"""Star count and half-flux radius against stars of known size, histogram and small picture against known pixels."""

from __future__ import annotations

import io
import sys

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from indi_sony_py.errors import BrokenImage, UnknownImage
from indi_sony_py.image import preview
from indi_sony_py.image.glance import BINS
from indi_sony_py.image.look import glance_at, histogram, picture
from indi_sony_py.image.pipeline import Form, develop
from indi_sony_py.image.pixels import Pixels, read_cards, read_pixels
from indi_sony_py.image.stars import measure
from indi_sony_py.sim.arw_encoder import encode_arw
from indi_sony_py.sim.geometry import small
from tests.image.frames import noise, record, spec

_WHITE = 16383
_BLACK = 512
Values = npt.NDArray[np.uint16]


def _field(
    sigma: float, seed: int = 1, stars: int = 40, size: tuple[int, int] = (900, 1300), flux: float = 60000.0,
    colour: tuple[float, float, float] = (0.7, 1.0, 1.3), grey: bool = False,
) -> Values:  # fmt: skip
    """A mosaic (or a grey picture) with a gradient, noise, and normal stars of one size, each pixel an integral."""
    dice = np.random.default_rng(seed)
    height, width = size
    level = 600 + np.linspace(0, 300, width)[None] + np.linspace(0, 200, height)[:, None]
    places = _places(dice, size, stars, 12 * sigma + 24)
    for x, y in places:
        reach = int(6 * sigma) + 3
        left, top = round(x) - reach, round(y) - reach
        fine = (np.arange((2 * reach + 1) * 5) - 2) / 5
        across = np.exp(-((fine + left - x) ** 2) / (2 * sigma**2)).reshape(-1, 5).mean(axis=1)
        down = np.exp(-((fine + top - y) ** 2) / (2 * sigma**2)).reshape(-1, 5).mean(axis=1)
        light = flux * down[:, None] * across[None] / (2 * np.pi * sigma**2)
        if not grey:
            rows, columns = np.arange(top, top + len(down)) % 2, np.arange(left, left + len(across)) % 2
            light *= np.array(colour)[rows[:, None] + columns[None]]
        level[top : top + len(down), left : left + len(across)] += light
    noisy = level + dice.standard_normal(size) * np.sqrt(np.maximum(level - _BLACK, 1) / 4 + 4)
    return np.asarray(np.clip(np.rint(noisy), 0, _WHITE), np.uint16)


def _places(dice: np.random.Generator, size: tuple[int, int], number: int, apart: float) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for _ in range(4000):
        x, y = float(dice.uniform(apart, size[1] - apart)), float(dice.uniform(apart, size[0] - apart))
        if len(found) < number and all(np.hypot(x - a, y - b) > apart for a, b in found):
            found.append((x, y))
    return found


def _pixels(values: Values, pattern: str = "RGGB", black: int = _BLACK) -> Pixels:
    shape = (values.shape[0], values.shape[1])
    return Pixels(shape, pattern, black, _WHITE, lambda top, bottom: values[top:bottom])


@pytest.mark.parametrize("sigma", [1.0, 1.3, 1.7, 2.2, 3.0, 3.5, 4.5, 6.0, 8.0])
def test_the_half_flux_radius_of_stars_of_known_size(sigma: float) -> None:
    values = _field(sigma, stars=25, flux=60000.0 * max(sigma / 2, 1) ** 2)
    found = measure(_pixels(values).rows, (900, 1300), _WHITE)
    # The light that falls on a pixel is spread over it.
    expected = 1.1774 * np.sqrt(sigma**2 + 1 / 12)
    assert found.median_hfr == pytest.approx(expected, rel=0.025)
    assert found.count == pytest.approx(len(_places(np.random.default_rng(1), (900, 1300), 25, 12 * sigma + 24)), abs=1)


@pytest.mark.parametrize("colour", [(1.0, 1.0, 1.0), (0.3, 1.0, 0.6), (1.5, 1.0, 0.4)])
def test_a_stars_colour_changes_its_size_by_less_than_two_percent(colour: tuple[float, float, float]) -> None:
    values = _field(1.4, colour=colour)
    found = measure(_pixels(values).rows, (900, 1300), _WHITE)
    assert found.median_hfr == pytest.approx(1.1774 * np.sqrt(1.4**2 + 1 / 12), rel=0.02)


def test_a_grey_picture_is_measured_alike() -> None:
    glance = glance_at(_pixels(_field(1.6, grey=True), ""))
    assert glance.hfr == pytest.approx(1.1774 * np.sqrt(1.6**2 + 1 / 12), rel=0.02)
    assert glance.stars == 40


def test_faint_stars_are_counted_and_noise_is_not() -> None:
    assert measure(_pixels(_field(1.5, flux=900.0)).rows, (900, 1300), _WHITE).count >= 36
    nothing = measure(_pixels(_field(1.5, stars=0)).rows, (900, 1300), _WHITE)
    assert (nothing.count, nothing.median_hfr) == (0, None)


def test_hot_pixels_are_no_stars() -> None:
    values = _field(1.5)
    dice = np.random.default_rng(9)
    # One in a thousand, as an old sensor has on a warm night.
    values.reshape(-1)[dice.integers(0, values.size, values.size // 1000)] = dice.integers(700, _WHITE)
    found = measure(_pixels(values).rows, (900, 1300), _WHITE)
    assert 39 <= found.count <= 44
    assert found.median_hfr == pytest.approx(1.1774 * np.sqrt(1.5**2 + 1 / 12), rel=0.03)


def test_saturated_stars_are_counted_and_not_measured() -> None:
    values = _field(1.5, flux=900000.0)
    found = measure(_pixels(values).rows, (900, 1300), _WHITE)
    assert (found.count, found.median_hfr) == (40, None)


@settings(max_examples=25, deadline=None)
@given(height=st.integers(0, 200), width=st.integers(0, 200), level=st.sampled_from([0, 512, 65535]))
def test_any_size_is_looked_at(height: int, width: int, level: int) -> None:
    values = np.full((height, width), level, np.uint16)
    found = measure(lambda top, bottom: values[top:bottom], (height, width), _WHITE)
    assert found.count == 0


def test_a_histogram_counts_each_pixel_by_its_colour() -> None:
    values = np.zeros((600, 40), np.uint16)
    values[0::2, 0::2], values[0::2, 1::2], values[1::2, 0::2], values[1::2, 1::2] = 100, 200, 300, 400
    counts = histogram(_pixels(values, "RGGB", 0)).of
    assert [np.nonzero(line)[0].tolist() for line in counts] == [[100], [200, 300], [400]]
    assert counts.sum() == values.size
    glance = glance_at(_pixels(values, "GBRG", 0), stars=False)
    assert glance.median == (300, 100, 200)
    assert (glance.stars, glance.hfr, glance.full) == (None, None, 0)
    assert all(len(line) == BINS for line in glance.histogram)
    assert [sum(line) for line in glance.histogram] == [6000, 12000, 6000]


def test_full_pixels_and_the_ends_of_the_histogram() -> None:
    values = np.full((100, 100), _BLACK - 5, np.uint16)
    values[:, 50:] = _WHITE
    glance = glance_at(_pixels(values), stars=False)
    assert glance.full == 5000
    assert all(line[0] > 0 and line[-1] > 0 and sum(line[1:-1]) == 0 for line in glance.histogram)


def test_the_picture_is_small_and_its_background_is_grey_in_each_colour() -> None:
    values = _field(2.0)
    values[0::2, 0::2] //= 2
    rgb = picture(_pixels(values), 200)
    assert rgb.shape[1] <= 200 and rgb.shape[0] == pytest.approx(rgb.shape[1] * 9 / 13, abs=2)
    middles = np.median(rgb.reshape(-1, 3), axis=0)
    assert middles == pytest.approx([51, 51, 51], abs=3)
    assert rgb.max() > 200


@pytest.mark.parametrize("pattern", ["RGGB", "GRBG", "GBRG", "BGGR", ""])
def test_the_picture_has_the_colours_of_the_pattern(pattern: str) -> None:
    values = np.zeros((40, 60), np.uint16)
    for place, letter in enumerate(pattern or "GGGG"):
        values[place // 2 :: 2, place % 2 :: 2] = {"R": 100, "G": 200, "B": 300}[letter]
    planes = preview.reduced(_pixels(values, pattern).rows, (40, 60), pattern, 1000)
    levels = [set(plane.ravel().tolist()) for plane in planes]
    assert levels == ([{100.0}, {200.0}, {300.0}] if pattern else [{200.0}] * 3)
    assert planes.shape == (3, 20, 30)


def test_the_picture_is_the_same_in_strips() -> None:
    values = _field(2.0, size=(1300, 400))
    whole = preview.reduced(_pixels(values).rows, (1300, 400), "RGGB", 70)
    red = values[0::2, 0::2][: 1300 // 2 // 3 * 3, : 200 // 3 * 3].reshape(216, 3, 66, 3).mean(axis=(1, 3))
    assert np.allclose(whole[0], red, atol=0.01)


def test_a_picture_is_a_jpeg_or_without_the_library_a_png(monkeypatch: pytest.MonkeyPatch) -> None:
    rgb = picture(_pixels(_field(2.0)), 300)
    data, ending = preview.encode(rgb)
    assert ending == ".jpg"
    opened = Image.open(io.BytesIO(data))
    assert (opened.format, opened.size) == ("JPEG", (rgb.shape[1], rgb.shape[0]))
    assert np.abs(np.asarray(opened).astype(int) - rgb).mean() < 12
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "PIL", None)
        data, ending = preview.encode(rgb)
    assert ending == ".png"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), rgb)


@pytest.mark.parametrize("form", [Form.FITS, Form.XISF])
def test_a_finished_file_is_read_back(form: Form) -> None:
    arw = encode_arw(noise(small()), spec())
    made = develop(arw, record(), form=form)
    buffer = bytearray(made.size)
    made.write(memoryview(buffer))
    pixels = read_pixels(memoryview(buffer))
    whole = made.mosaic.whole()
    assert pixels.shape == whole.shape
    assert np.array_equal(pixels.rows(0, pixels.shape[0]), whole)
    assert np.array_equal(pixels.rows(10, 13), whole[10:13])
    assert (pixels.pattern, pixels.black, pixels.white) == (made.pattern, 512, made.facts.white)
    raw = read_pixels(memoryview(arw))
    assert np.array_equal(raw.rows(0, raw.shape[0]), whole)
    assert (raw.pattern, raw.black, raw.white) == (pixels.pattern, pixels.black, pixels.white)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", Exception),
        (b"SIMPLE  =                    T".ljust(2880), BrokenImage),
        (b"SIMPLE  =                    T".ljust(80) + b"END".ljust(2800), UnknownImage),
        (b"XISF0100" + b"\xff" * 20, BrokenImage),
        (b"XISF0100" + (4).to_bytes(8, "little") + b"<xml>", UnknownImage),
        (
            b"".join(
                line.ljust(80)
                for line in (
                    b"SIMPLE  =                    T",
                    b"BITPIX  =                   16",
                    b"NAXIS   = 2",
                    b"NAXIS1  = 4000",
                    b"NAXIS2  = 3000",
                    b"BZERO   = 32768",
                    b"END",
                )
            ).ljust(2880),
            BrokenImage,
        ),
    ],
)
def test_what_cannot_be_read_says_so(data: bytes, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        read_pixels(memoryview(data))


def test_cards_are_values_without_their_comments() -> None:
    lines = [
        b"SIMPLE  =                    T / yes",
        b"NAME    = 'a / b'  / text",
        b"NAME    = 'second'",
        b"COMMENT none",
    ]
    data = b"".join(line.ljust(80) for line in [*lines, b"END"]).ljust(2880)
    assert read_cards(memoryview(data)) == {"SIMPLE": "T", "NAME": "a / b", "END": "400"}
