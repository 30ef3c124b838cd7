"""Pixels of live view told as pixels of the photo, for each form of live view and what is known of the body."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.driver.livescale import magnified, scale_of
from indi_sony_py.driver.view import CameraView, facts_of
from indi_sony_py.engine.messages import SettingsReport, SettingView
from indi_sony_py.sony.magnifier import ANYWHERE, OFF


def test_the_whole_picture() -> None:
    scale = scale_of((4256, 2848), (1024, 680), OFF)
    assert scale.factor == pytest.approx(4256 / 1024)
    x, y = scale.place(511.5, 339.5)
    assert x == pytest.approx(2127.5) and y == pytest.approx(1423.5)


def test_a_flat_live_view_shows_the_middle_of_a_high_photo() -> None:
    scale = scale_of((6000, 4000), (1024, 576), OFF)
    assert scale.factor == pytest.approx(6000 / 1024) and scale.left == 0
    assert scale.top == pytest.approx((4000 - 576 * 6000 / 1024) / 2)


def test_before_the_first_frame_its_usual_size_is_taken() -> None:
    assert scale_of((4256, 2848), None, OFF) == scale_of((4256, 2848), (1024, 680), OFF)


@given(st.integers(10, 110), st.floats(0, 4255), st.floats(0, 2847), st.sampled_from([(1024, 680), (1024, 576)]))
def test_what_is_wanted_in_the_middle_is_there_unless_the_edge_is_near(
    tenths: int, x: float, y: float, size: tuple[int, int]
) -> None:
    whole = (4256, 2848)
    value = magnified(whole, size, tenths << 32 | ANYWHERE, (x, y))
    scale = scale_of(whole, size, value)
    plain = scale_of(whole, size, OFF)
    assert scale.factor == pytest.approx(plain.factor / (tenths / 10))
    left, top = scale.place(-0.5, -0.5)
    right, bottom = scale.place(size[0] - 0.5, size[1] - 0.5)
    assert plain.left - 0.6 <= left and right <= plain.left + size[0] * plain.factor
    middle = (left + right) / 2
    # A step of the camera's place is 6.7 pixels across here.
    if plain.left + (right - left) / 2 < x < whole[0] - plain.left - (right - left) / 2:
        assert middle == pytest.approx(x, abs=7)
    assert top >= plain.top - 0.6 and bottom <= plain.top + size[1] * plain.factor + 0.6


def test_whose_pixels_they_are() -> None:
    known = CameraView(facts=facts_of("ILCE-7SM3"), live_size=(1024, 680))
    assert known.live_whole == known.facts.visible
    cropped = replace(known, settings=SettingsReport((SettingView("crop", 2, "on"),)))
    assert cropped.live_whole == (1024, 680), "no frame has told how large the cropped photo is"
    assert replace(cropped, measured=(2784, 1864)).live_whole == (2784, 1864)
    assert replace(cropped, measured=known.facts.visible).live_whole == (1024, 680), "of before the crop"
    unknown = CameraView(live_size=(1024, 680))
    assert unknown.live_whole == (1024, 680) and replace(unknown, measured=(6000, 4000)).live_whole == (6000, 4000)
    assert CameraView().live_whole is None
