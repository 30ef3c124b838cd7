"""The focus magnifier through the whole stack: a true part of the sky, and sizes in pixels of the photo."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

import pytest

from indi_sony_py.driver.livescale import magnified, scale_of
from indi_sony_py.image.livestar import brightest
from indi_sony_py.sim.geometry import geometry_of
from indi_sony_py.sim.livepictures import LivePictures, Seen
from indi_sony_py.sim.night import PLAIN
from indi_sony_py.sim.scene import Scene
from indi_sony_py.sim.sky import Sky, Star
from indi_sony_py.sony.bodies import body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.magnifier import ANYWHERE, ratio, window
from tests.looking import frames, show, stream_on
from tests.stage import Stage

ZOOM, PLACE, STAR = "FOCUS_MAGNIFIER", "FOCUS_MAGNIFIER_POSITION", "FOCUS_STAR"
MODEL = "ILCE-7SM3"
WHOLE = geometry_of(body(MODEL)).visible
SEEING, OWN = 1.7, 0.5
"""Of the simulated live view, standard deviations: pixels of the photo, of the picture."""


class OneStarSky(Sky):
    """A sky with one star, bright and not white at the begin, where a photo has it."""

    AT = (3300.0, 700.0)

    def __init__(self) -> None:
        super().__init__(3, geometry_of(body(MODEL)))
        self.stars = (Star(*self.AT, 80_000.0, (1.0, 1.0, 1.0)),)


class Pictures(LivePictures):
    """Of the same sky in every test: each picture is made once."""

    made: ClassVar[dict[tuple[Scene, int], bytes]] = {}

    def make(self, scene: Scene, turn: int) -> bytes:
        key = scene, turn
        if key not in self.made:
            self.made[key] = super().make(scene, turn)
        return self.made[key]


def pictures(seen: Seen) -> LivePictures:
    return Pictures(OneStarSky(), seen, (512, 340))


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(MODEL, live=pictures) as made:
        made.connect()
        made.client.switch("FOCUS_ASSIST", "INDI_ENABLED")
        made.run(4.0)
        yield made


def chosen(stage: Stage, element: str) -> str:
    """The state in which the change ends; some seconds later."""
    stage.client.switch(ZOOM, element)
    stage.settle()
    stage.until(lambda: stage.client[ZOOM].state != "Busy", 60)
    state = stage.client[ZOOM].state
    stage.run(2.0)
    return state


def moved(stage: Stage, x: float, y: float) -> str:
    stage.client.number(PLACE, X=x, Y=y)
    stage.settle()
    stage.until(lambda: stage.client[PLACE].state != "Busy", 60)
    stage.run(2.0)
    return stage.client[PLACE].state


def star(stage: Stage) -> tuple[float, float, float]:
    """HFR and place, as they are told; only for a star that is seen."""
    told = stage.client[STAR]
    assert told.state == "Ok"
    return told.number("HFR"), told.number("X"), told.number("Y")


def true_hfr(value: int) -> float:
    own = OWN * scale_of(WHOLE, (512, 340), value).factor
    return 1.1774 * math.hypot(SEEING, own)


def test_the_choices_are_the_bodys(stage: Stage) -> None:
    shown = stage.client[ZOOM]
    assert list(shown.values) == ["OFF", "X1", "X2_1", "X4_1"] and shown.chosen == "OFF"
    assert stage.client[PLACE].number("X") == pytest.approx(439 / 640 * WHOLE[0], abs=5)
    assert stage.client[PLACE].number("Y") == pytest.approx(161 / 480 * WHOLE[1], abs=5)


def test_a_star_has_its_place_and_size_in_pixels_of_the_photo_magnified_or_not(stage: Stage) -> None:
    at = OneStarSky.AT
    told = {}
    assert moved(stage, *at) == "Ok"
    for element in ("OFF", "X1", "X2_1", "X4_1"):
        assert chosen(stage, element) == "Ok"
        hfr, x, y = told[element] = star(stage)
        value = stage.camera.camera.panel.magnifier
        assert max(abs(x - at[0]), abs(y - at[1])) < 2.5, element
        # Live view's own pixels are 8 of the photo wide at first: a star is not much larger than one of them.
        assert hfr == pytest.approx(true_hfr(value), rel=0.1 if ratio(value) > 2 else 0.35), element
    assert told["X4_1"][0] < told["X2_1"][0] < told["OFF"][0]
    stage.assert_clean()


def test_the_part_goes_where_it_is_wanted_and_no_farther_than_the_edge(stage: Stage) -> None:
    assert moved(stage, 500, 2500) == "Ok" and chosen(stage, "X4_1") == "Ok"
    assert stage.client[STAR].state == "Alert", "the star is outside"
    assert moved(stage, *OneStarSky.AT) == "Ok"
    _, x, y = star(stage)
    assert max(abs(x - OneStarSky.AT[0]), abs(y - OneStarSky.AT[1])) < 2
    value = stage.camera.camera.panel.magnifier
    assert value == magnified(WHOLE, (512, 340), 41 << 32 | ANYWHERE, OneStarSky.AT)
    assert moved(stage, 0, 0) == "Ok" and stage.client[STAR].state == "Alert"
    value = stage.camera.camera.panel.magnifier
    assert scale_of(WHOLE, (512, 340), value).left < 5
    assert moved(stage, *OneStarSky.AT) == "Ok" and star(stage)
    stage.assert_clean()


def test_the_place_is_kept_while_it_is_off(stage: Stage) -> None:
    before = stage.camera.camera.panel.magnifier
    assert moved(stage, *OneStarSky.AT) == "Ok"
    assert stage.camera.camera.panel.magnifier == before
    assert stage.client[PLACE].number("X") == OneStarSky.AT[0]
    assert chosen(stage, "X4_1") == "Ok" and star(stage)


def test_what_somebody_does_at_the_body_is_shown(stage: Stage) -> None:
    assert moved(stage, *OneStarSky.AT) == "Ok" and chosen(stage, "X4_1") == "Ok"
    stage.camera.do("set", property=int(Prop.FOCUS_MAGNIFIER), value=100 << 16 | 100)
    stage.run(3.0)
    assert stage.client[ZOOM].chosen == "OFF" and star(stage)
    assert stage.client[PLACE].state == "Ok"


def test_a_part_that_is_moved_at_the_body_stays_there(stage: Stage) -> None:
    assert moved(stage, *OneStarSky.AT) == "Ok" and chosen(stage, "X4_1") == "Ok"
    stage.camera.do("set", property=int(Prop.FOCUS_MAGNIFIER), value=41 << 32 | 200 << 16 | 300)
    stage.run(3.0)
    assert stage.client[PLACE].number("X") == pytest.approx(200 / 640 * WHOLE[0], abs=2)
    assert stage.client[STAR].state == "Alert"
    assert chosen(stage, "X2_1") == "Ok"
    assert stage.camera.camera.panel.magnifier == 21 << 32 | 200 << 16 | 300


def test_a_photo_in_between_is_the_whole_one(stage: Stage) -> None:
    assert moved(stage, *OneStarSky.AT) == "Ok" and chosen(stage, "X4_1") == "Ok"
    assert stage.expose(2.0).serial == 1
    stage.run(4.0)
    assert star(stage)[1] == pytest.approx(OneStarSky.AT[0], abs=2)
    stage.assert_clean()


def test_a_camera_that_keeps_its_ratio_is_an_alert_with_a_reason(stage: Stage) -> None:
    stage.camera.fault("ignore-set", {"property": int(Prop.FOCUS_MAGNIFIER), "count": 0})
    assert chosen(stage, "X4_1") == "Alert"
    assert stage.client[ZOOM].chosen == "OFF"
    assert any("x4.1" in text for text in stage.client.texts)
    assert star(stage), "live view goes on"


def test_two_wishes_at_once_are_one_change(stage: Stage) -> None:
    """The place is written before the ratio has read back: both vectors end, and both hold."""
    stage.client.switch(ZOOM, "X4_1")
    stage.settle()
    assert stage.client[ZOOM].state == "Busy"
    stage.client.number(PLACE, X=OneStarSky.AT[0], Y=OneStarSky.AT[1])
    stage.until(lambda: "Busy" not in (stage.client[ZOOM].state, stage.client[PLACE].state), 60)
    stage.run(3.0)
    assert (stage.client[ZOOM].state, stage.client[ZOOM].chosen, stage.client[PLACE].state) == ("Ok", "X4_1", "Ok")
    assert star(stage)


@pytest.mark.parametrize("model", ["ILCE-7M3", "ILCE-6000"])
def test_a_body_without_it_has_no_such_property(model: str) -> None:
    with Stage(model) as stage:
        stage.connect()
        assert not stage.client.has(ZOOM) and not stage.client.has(PLACE)


def test_a_disconnect_forgets_the_place_and_leaves_the_camera_as_it_is(stage: Stage) -> None:
    assert moved(stage, *OneStarSky.AT) == "Ok"
    stage.client.disconnect()
    stage.run(3.0)
    assert not stage.client.has(ZOOM) and not stage.client.has(PLACE)
    stage.connect()
    assert stage.client[PLACE].number("X") == pytest.approx(439 / 640 * WHOLE[0], abs=5)


def test_the_stream_shows_the_part() -> None:
    """As large as the whole: clients need not know of it."""
    with Stage(MODEL) as stage:
        stream_on(stage)
        size = stage.client["CCD_STREAM_FRAME"].number("WIDTH")
        assert chosen(stage, "X2_1") == "Ok"
        before = len(frames(stage))
        stage.run(2.0)
        assert len(frames(stage)) > before + 20
        assert stage.client["CCD_STREAM_FRAME"].number("WIDTH") == size
        assert stage.client["CCD_VIDEO_STREAM"].chosen == "STREAM_ON"
        show(stage)


@pytest.mark.parametrize("place", [200 << 16 | 300, 80 << 16 | 60])
def test_noise_is_no_star(place: int) -> None:
    """A dark picture has few values, and their noise makes spots that look like stars."""
    dark = LivePictures(OneStarSky(), lambda: Scene("sky", 800, PLAIN), (512, 340))
    scene = Scene("sky", 800, PLAIN, window(41 << 32 | place))
    assert [brightest(dark.make(scene, turn)) for turn in range(4)] == [None] * 4
