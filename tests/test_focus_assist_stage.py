"""FOCUS_ASSIST through the whole stack, by a live view of one star; how LENS_MEASURE ends early."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indi_sony_py.hand.messages import StarSeen
from indi_sony_py.sim.livepictures import Seen
from tests.onestar import OneStar
from tests.stage import Stage

ABS, STAR, MEASURE = "ABS_FOCUS_POSITION", "FOCUS_STAR", "LENS_MEASURE"
FACTOR = 2848 / 320
"""Pixels of the photo for one of the star's picture, which is as high as the whole photo."""


class Sky:
    """What is in front of the camera."""

    star: OneStar

    def __call__(self, seen: Seen) -> OneStar:
        self.star = OneStar(seen)
        return self.star


@pytest.fixture
def sky() -> Sky:
    return Sky()


@pytest.fixture
def stage(sky: Sky) -> Iterator[Stage]:
    with Stage("ILCE-7SM3", live=sky) as made:
        made.connect()
        made.run(4.0)
        yield made


def go(stage: Stage, position: float) -> None:
    stage.client.number(ABS, FOCUS_ABSOLUTE_POSITION=position)
    stage.settle()
    stage.until(lambda: stage.client[ABS].state != "Busy", 100)
    assert stage.client[ABS].state == "Ok"
    stage.run(2.5)


def test_the_brightest_star_is_told_and_follows_the_lens(stage: Stage) -> None:
    client = stage.client
    assert not client.has(STAR)
    client.switch("FOCUS_ASSIST", "INDI_ENABLED")
    stage.run(3.0)
    assert (client["FOCUS_ASSIST"].chosen, client[STAR].state) == ("INDI_ENABLED", "Ok")
    assert client[STAR].number("X") == pytest.approx((4256 - 2848) / 2 + 160.1 * FACTOR, abs=0.5 * FACTOR)
    assert client[STAR].number("Y") == pytest.approx(160.8 * FACTOR, abs=0.5 * FACTOR)
    radii = []
    for position in (260, 500, 900, 1400):
        go(stage, position)
        radii.append(client[STAR].number("HFR"))
        blur = stage.camera.camera.lens.blur_px
        # Of an even disc half of the light lies within 0.707 of its radius; the seeing adds to it.
        true = ((0.3535 * blur) ** 2 + 1.3**2) ** 0.5 * FACTOR
        assert radii[-1] == pytest.approx(true, rel=0.15), f"at {position}: {radii}"
        assert client[STAR].number("FWHM") > radii[-1]
    assert radii == sorted(radii)
    stage.assert_clean()


def test_it_is_told_a_few_times_a_second_and_no_frame_comes_to_the_driver_for_it(stage: Stage) -> None:
    stage.client.switch("FOCUS_ASSIST", "INDI_ENABLED")
    stage.run(2.0)
    before = len(stage.client[STAR].history)
    stage.run(10.0)
    assert 20 <= len(stage.client[STAR].history) - before <= 52
    stage.client.switch("FOCUS_ASSIST", "INDI_DISABLED")
    stage.run(1.0)
    assert not stage.client.has(STAR)
    frames = stage.camera.camera.live.pictures
    assert isinstance(frames, OneStar)


def test_a_cloud_is_an_alert_and_passes(stage: Stage, sky: Sky) -> None:
    stage.client.switch("FOCUS_ASSIST", "INDI_ENABLED")
    stage.run(2.0)
    sky.star.shown = False
    stage.run(2.0)
    assert stage.client[STAR].state == "Alert"
    sky.star.shown = True
    stage.run(2.0)
    assert stage.client[STAR].state == "Ok"
    sky.star.shown = False
    stage.run(2.0)
    told = [text for text in stage.client.texts if "sees no star" in text]
    assert stage.client[STAR].state == "Alert" and len(told) == 1 and "brighter star" in told[0]


@pytest.mark.parametrize("light", [0.0, 0.02, 0.06])
def test_a_star_that_is_too_weak_is_none(stage: Stage, sky: Sky, light: float) -> None:
    """Noise is not taken for a star."""
    sky.star.light = light
    stage.client.switch("FOCUS_ASSIST", "INDI_ENABLED")
    stage.run(10.0)
    assert {state for state, _ in stage.client[STAR].states()} <= {"Busy", "Alert"}
    assert stage.client[STAR].state == "Alert" and stage.client[STAR].number("HFR") == 0


def test_a_photo_comes_in_between_and_it_goes_on(stage: Stage) -> None:
    stage.client.switch("FOCUS_ASSIST", "INDI_ENABLED")
    stage.run(2.0)
    assert stage.expose(2.0).serial == 1
    before = len(stage.client[STAR].history)
    stage.run(4.0)
    assert len(stage.client[STAR].history) > before
    stage.assert_clean()


def test_what_was_seen_before_a_photo_is_not_shown_as_seen_now(stage: Stage) -> None:
    client = stage.client
    client.switch("FOCUS_ASSIST", "INDI_ENABLED")
    stage.run(3.0)
    assert client[STAR].state == "Ok"
    before = stage.clock.monotonic()
    client.number("CCD_EXPOSURE", CCD_EXPOSURE_VALUE=20)
    stage.run(8.0)
    assert client[STAR].state == "Busy"
    (device,) = stage.face.devices.values()
    device.star_watch.seen(StarSeen(1, before, 2.0, 4.0, 5.0, 5.0, 0.5, 1, 2.0, (64, 48)))
    stage.settle()
    assert client[STAR].state == "Busy", "measured while live view was being stopped"
    stage.until(lambda: client["CCD_EXPOSURE"].state == "Ok", 60)
    stage.run(4.0)
    assert client[STAR].state == "Ok"


def test_it_outlives_a_hand_and_ends_with_the_connection(stage: Stage) -> None:
    client = stage.client
    client.switch("FOCUS_ASSIST", "INDI_ENABLED")
    stage.run(2.0)
    stage.kill_hand()
    stage.run(1.0)
    stage.until(lambda: client["CONNECTION"].state == "Ok", 60)
    before = len(client[STAR].history)
    stage.run(8.0)
    assert len(client[STAR].history) > before
    client.disconnect()
    stage.run(4.0)
    assert not client.has(STAR)
    stage.connect()
    stage.run(2.0)
    assert client["FOCUS_ASSIST"].chosen == "INDI_DISABLED" and not client.has(STAR)


def test_measuring_ends_with_a_stop_and_without_live_view(stage: Stage) -> None:
    client = stage.client
    client.switch(MEASURE, "MEASURE")
    stage.run(20.0)
    client.switch("FOCUS_ABORT_MOTION", "ABORT")
    stage.run(1.0)
    assert client[MEASURE].state == "Alert" and client[MEASURE].chosen == ""
    stage.camera.fault("refuse", {"operation": 0x1009, "count": 0}, code=0x2019)
    client.switch(MEASURE, "MEASURE")
    stage.settle()
    stage.until(lambda: client[MEASURE].state != "Busy", 2000)
    assert client[MEASURE].state == "Alert"
    assert any("Live view showed nothing for 60 s" in text for text in client.texts)
