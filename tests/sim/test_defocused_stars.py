"""Stars out of focus: the disc of the light cone on the seeing, with all of its light; HFR over position is a V."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from indi_sony_py.sim.defocus import Spot, blur_px
from indi_sony_py.sim.geometry import small
from indi_sony_py.sim.night import PLAIN
from indi_sony_py.sim.sky import Sky

SEEING_PX = 1.7


def picture(diameter_px: float, x: float = 0.3, y: float = -0.2) -> npt.NDArray[np.float64]:
    spot = Spot(SEEING_PX, diameter_px)
    across = np.arange(-spot.reach_px - 1, spot.reach_px + 2, dtype=float)
    return spot.light((across[None, :] - x) ** 2 + (across[:, None] - y) ** 2)


def half_flux_radius(light: npt.NDArray[np.float64], x: float, y: float) -> float:
    """The mean distance of the light from the middle, as Ekos has it."""
    down, across = np.mgrid[: light.shape[0], : light.shape[1]]
    return float((np.hypot(across - x, down - y) * light).sum() / light.sum())


def test_the_circle_of_confusion_is_defocus_through_f_number() -> None:
    assert blur_px(100.0, 4.0, 5.0) == blur_px(-100.0, 4.0, 5.0) == 5.0
    assert blur_px(0.0, 1.8, 5.0) == 0.0


@pytest.mark.parametrize("diameter", [0.0, 0.01, 1.0, 3.3, 12.0, 40.0, 150.0])
def test_no_light_is_lost_or_made(diameter: float) -> None:
    light = picture(diameter)
    assert light.sum() == pytest.approx(1, abs=2e-3) and light.min() >= 0


def test_a_small_defocus_grows_out_of_the_plain_star() -> None:
    squares = np.arange(0.0, 40.0, 0.5)
    assert Spot(SEEING_PX, 0.05).light(squares) == pytest.approx(Spot(SEEING_PX).light(squares), abs=1e-4)


def test_it_is_a_disc_and_no_larger_bell() -> None:
    diameter = 40.0
    light = picture(diameter, 0.0, 0.0)
    middle = light.shape[0] // 2
    row = light[middle]
    inside = row[middle - 14 : middle + 15]
    assert inside.max() == pytest.approx(inside.min(), rel=0.02), "even in the middle"
    assert inside.mean() == pytest.approx(1 / (np.pi * (diameter / 2) ** 2), rel=0.01)
    assert row[middle + 20] == pytest.approx(inside.mean() / 2, rel=0.05), "half at the edge of the disc"
    assert row[middle + 26] < 0.01 * inside.mean()


def test_the_disc_equals_a_disc_that_was_blurred_the_long_way() -> None:
    diameter, fine = 9.0, 8
    half = 20 * fine
    y, x = np.mgrid[-half : half + 1, -half : half + 1] / fine
    disc = (np.hypot(x, y) <= diameter / 2).astype(float)
    disc /= disc.sum()
    bell = np.exp(-(x**2 + y**2) / (2 * SEEING_PX**2))
    bell /= bell.sum()
    long_way = np.fft.fftshift(np.fft.irfft2(np.fft.rfft2(disc) * np.fft.rfft2(bell), disc.shape)) * fine**2
    spot = Spot(SEEING_PX, diameter)
    for distance in (0.0, 2.0, 4.0, 4.5, 5.0, 8.0):
        place = half + round(distance * fine)
        expected = max(long_way[half, place], long_way[half - 1, place - 1])
        assert spot.light(np.array([distance**2]))[0] == pytest.approx(expected, rel=0.05, abs=1e-5)


def test_the_v_curve() -> None:
    """Far from focus the HFR is a straight line in the defocus, 2/3 of the disc's radius; near it a hyperbola."""
    positions = np.arange(-200, 201, 20.0)
    curve = []
    for position in positions:
        light = picture(blur_px(position, 2.0, 5.0), 0.0, 0.0)
        middle = (light.shape[0] - 1) / 2
        curve.append(half_flux_radius(light, middle, middle))
    best = int(np.argmin(curve))
    assert positions[best] == 0
    assert curve == pytest.approx(curve[::-1], rel=1e-6)
    assert all(np.diff(curve[best:]) > 0)
    for position, found in zip(positions, curve, strict=True):
        radius = blur_px(float(position), 2.0, 5.0) / 2
        if radius > 6 * SEEING_PX:
            assert found == pytest.approx(2 / 3 * radius, rel=0.05)
    assert curve[best] == pytest.approx(SEEING_PX * np.sqrt(np.pi / 2), rel=0.02)


def test_a_sky_in_focus_is_as_it_was_and_one_out_of_focus_keeps_the_flux() -> None:
    sky = Sky(3, small(640, 480))
    sharp = sky.render(2.0, 400, serial=5)
    same = sky.render(2.0, 400, serial=5, night=replace(PLAIN, blur_px=0.0))
    assert np.array_equal(sharp.cfa, same.cfa)
    wide = sky.render(2.0, 400, serial=5, night=replace(PLAIN, blur_px=14.0))
    assert len(wide.stars) == len(sharp.stars) > 0
    for (x, y, flux), (_, _, before) in zip(wide.stars, sharp.stars, strict=True):
        if 20 < x < 620 and 20 < y < 460:
            assert flux == pytest.approx(before, rel=0.02)
    x, y, _ = max(sharp.stars, key=lambda star: star[2])
    peak = [int(one.cfa[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3].max()) for one in (sharp, wide)]
    assert peak[1] < peak[0]
