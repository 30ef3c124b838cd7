"""The sky, its truth and the serial mark; and finding in a frame what was put in."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from indi_sony_py.image.preview import preview_png, preview_rgb
from indi_sony_py.image.stars import find_stars
from indi_sony_py.sim.geometry import Geometry, small
from indi_sony_py.sim.serial_mark import MARK, read_serial, write_serial
from indi_sony_py.sim.sky import ELECTRONS_PER_ADU, SCENES, Sky

_MIDDLE = Geometry(1536, 1024, (1512, 1024), None, (12, 12, 1488, 1000))


def _plane(cfa: npt.NDArray[np.uint16], row: int, column: int) -> npt.NDArray[np.uint16]:
    return cfa[200 + row :: 2, 400 + column :: 2]


def test_the_same_press_gives_the_same_pixels() -> None:
    first = Sky(7, _MIDDLE).render(5.0, 800, "sky", 3)
    again = Sky(7, _MIDDLE).render(5.0, 800, "sky", 3)
    other = Sky(7, _MIDDLE).render(5.0, 800, "sky", 4)
    assert np.array_equal(first.cfa, again.cfa)
    assert first.stars == again.stars == other.stars
    assert not np.array_equal(first.cfa[200:], other.cfa[200:])
    assert Sky(8, _MIDDLE).stars != Sky(7, _MIDDLE).stars


def test_two_frames_have_noise_of_their_own() -> None:
    one, two = (Sky(7, _MIDDLE).render(5.0, 1600, "dark", serial).cfa[200:, 400:].astype(float) for serial in (1, 2))
    assert abs(np.corrcoef(one[:512, :512].ravel(), two[:512, :512].ravel())[0, 1]) < 0.05
    assert abs(np.corrcoef(one[:512, :512].ravel(), one[:512, 512:1024].ravel())[0, 1]) < 0.05


def test_black_level_and_read_noise_of_a_bias() -> None:
    cfa = Sky(1, _MIDDLE).render(1 / 8000, 400, "dark").cfa[200:]
    assert np.median(cfa) == 512
    assert cfa.std() == pytest.approx(3.0 * 4 / ELECTRONS_PER_ADU, rel=0.1)


@pytest.mark.parametrize("black", [512, 800])
def test_the_black_level_is_the_bodys(black: int) -> None:
    geometry = Geometry(512, 384, (512, 384), black=black)
    assert np.median(Sky(1, geometry).render(0.01, 100, "dark").cfa[200:]) == black


def test_signal_grows_with_time_and_iso() -> None:
    sky = Sky(1, _MIDDLE)
    level = {
        (exposure, iso): float(np.mean(_plane(sky.render(exposure, iso).cfa, 0, 1))) - 512
        for exposure, iso in ((10, 800), (20, 800), (10, 1600))
    }
    assert level[20, 800] == pytest.approx(2 * level[10, 800], rel=0.1)
    assert level[10, 1600] == pytest.approx(2 * level[10, 800], rel=0.1)


def test_a_flat_is_bright_even_and_noisy_by_its_light() -> None:
    cfa = Sky(1, _MIDDLE).render(0.5, 100, "flat").cfa
    green = _plane(cfa, 0, 1).astype(float) - 512
    assert 1500 < green.mean() < 4000
    # Near the middle the vignetting is level.
    block = green[136:176, 164:204]
    assert block.std() == pytest.approx(np.sqrt(block.mean() / ELECTRONS_PER_ADU), rel=0.15)


def test_a_star_has_its_colour() -> None:
    sky = Sky(3, _MIDDLE)
    cfa = sky.render(20.0, 100).cfa.astype(float) - 512
    star = max(sky.stars, key=lambda one: one.colour[0] * min(one.electrons_per_s, 9000))
    x, y = round(star.x) & ~1, round(star.y) & ~1
    patch = cfa[y - 6 : y + 8, x - 6 : x + 8]
    red, blue = patch[0::2, 0::2].sum(), patch[1::2, 1::2].sum()
    assert red / blue == pytest.approx(star.colour[0] / star.colour[2], rel=0.1)


def test_a_cap_shows_no_stars() -> None:
    shot = Sky(3, _MIDDLE).render(30.0, 1600, "dark")
    assert shot.stars == ()
    assert find_stars(shot.cfa, ignore=MARK) == []


def test_an_overexposed_frame_ends_at_white() -> None:
    geometry = Geometry(512, 384, (512, 384), white=16300)
    assert Sky(1, geometry).render(60, 6400, "flat").cfa[200:].max() == 16300


def test_a_scene_has_a_name() -> None:
    with pytest.raises(ValueError, match=", ".join(SCENES)):
        Sky(1, small()).render(1, 100, "fog")


@pytest.mark.parametrize("geometry", [small(), _MIDDLE])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_stars_are_found_where_they_were_put(geometry: Geometry, seed: int) -> None:
    shot = Sky(seed, geometry).render(5.0, 800, "sky", seed)
    found = find_stars(shot.cfa, ignore=MARK)
    assert len(found) <= len(shot.stars) + 1
    for x, y, flux in shot.stars:
        near = [star for star in found if abs(star[0] - x) < 0.5 and abs(star[1] - y) < 0.5]
        assert len(near) == 1, (x, y, flux)
        # The brightest saturate: their flux is what they would have had.
        if flux < 60000:
            assert near[0][2] == pytest.approx(flux, rel=0.15)


def test_stars_of_a_crop_move_with_it() -> None:
    shot = Sky(2, _MIDDLE).render(5.0, 800)
    x, y, width, height = _MIDDLE.crop or (0, 0, 0, 0)
    whole = find_stars(shot.cfa, ignore=MARK)
    cropped = find_stars(shot.cfa[y : y + height, x : x + width], ignore=(MARK[0] - x, MARK[1] - y, *MARK[2:]))
    places = {(round(star[0]), round(star[1])) for star in whole}
    assert sum((round(star[0]) + x, round(star[1]) + y) in places for star in cropped) >= len(cropped) - 1


def test_nothing_is_found_in_nothing() -> None:
    assert find_stars(np.zeros((10, 10), np.uint16)) == []
    assert find_stars(np.full((200, 200), 512, np.uint16)) == []


def _spot(cfa: npt.NDArray[np.uint16], x: float, y: float, flux: float, sigma: float) -> None:
    down, across = np.mgrid[0 : cfa.shape[0], 0 : cfa.shape[1]]
    light = flux * np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * sigma**2)) / (2 * np.pi * sigma**2)
    cfa += np.rint(light).astype(np.uint16)


def test_what_is_no_star() -> None:
    dice = np.random.default_rng(4)
    cfa = dice.normal(600, 5, (200, 300)).astype(np.uint16)
    _spot(cfa, 150, 100, 40000, 1.7)
    _spot(cfa, 9, 9, 40000, 1.7)
    _spot(cfa, 299, 50, 40000, 1.7)
    _spot(cfa, 220, 150, 900000, 9.0)
    cfa[60, 60] = 9000
    cfa[170:, :40] += 500
    found = find_stars(cfa)
    # At the edge, one hot pixel, a wide glow, the rim of a bright field: only one is a star.
    assert [(round(x), round(y)) for x, y, _ in found] == [(150, 100)]


def test_no_more_stars_than_asked_for_and_the_brightest() -> None:
    shot = Sky(2, _MIDDLE).render(5.0, 800)
    found = find_stars(shot.cfa, most=5, ignore=MARK)
    assert len(found) == 5
    assert {star[:2] for star in found} <= {star[:2] for star in find_stars(shot.cfa, ignore=MARK)}


@settings(max_examples=40)
@given(
    serial=st.integers(0, 2**32 - 1),
    x=st.integers(0, 16),
    y=st.integers(0, 20),
    black=st.sampled_from([0, 512, 1024]),
)
def test_any_serial_is_read_in_any_crop(serial: int, x: int, y: int, black: int) -> None:
    cfa = np.full((200, 420), black, np.uint16)
    assert write_serial(cfa, serial, black)
    assert read_serial(cfa[2 * y :, 4 * x :]) == serial


def test_a_damaged_mark_is_no_mark() -> None:
    cfa = np.full((200, 420), 512, np.uint16)
    write_serial(cfa, 77, 512)
    x, y, _, _ = MARK
    cell = cfa[y + 16 : y + 24, x : x + 32]
    cell[...] = 1536 + 576 - cell[0, 0]
    assert read_serial(cfa) is None


def test_no_mark_in_a_frame_without_one() -> None:
    assert read_serial(np.random.default_rng(1).integers(0, 16384, (600, 800)).astype(np.uint16)) is None
    tiny = np.zeros((64, 64), np.uint16)
    assert not write_serial(tiny, 1, 512)
    assert read_serial(tiny) is None


@pytest.mark.parametrize("pattern", ["RGGB", "BGGR"])
def test_the_preview_is_a_png_of_the_right_colours(pattern: str) -> None:
    cfa = np.full((400, 600), 600, np.uint16)
    cfa[100:120, 100:140] = 600
    at = pattern.index("R")
    cfa[100 + at // 2 : 120 : 2, 100 + at % 2 : 140 : 2] = 9000
    picture = Image.open(io.BytesIO(preview_png(cfa, pattern, 150)))
    picture.load()
    assert picture.mode == "RGB"
    assert picture.size == (150, 100)
    red, green, _ = np.asarray(picture)[27, 30]
    assert red > 200 > green


def test_the_preview_shows_the_background_dark_and_not_black() -> None:
    shot = Sky(2, _MIDDLE).render(5.0, 800)
    rgb = preview_rgb(shot.cfa, max_width=400)
    assert rgb.shape[1] <= 400
    assert 20 < np.median(rgb) < 90
    assert rgb.max() > 200
