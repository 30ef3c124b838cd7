"""Records of exposures that were not what was asked for: the camera's own log of presses is the truth."""

from __future__ import annotations

import pytest

from indi_sony_py.sony.codes import Prop
from tests.bugs.stages import BODIES, alert, open_times, presses, texts_since
from tests.stage import Stage

SIXTIETH = 0x0001003C
SHUTTER = Prop.SHUTTER_SPEED


@BODIES
def test_b06_a_speed_that_was_ignored_once_is_set_again(model: str) -> None:
    with Stage(model) as stage:
        stage.connect()
        stage.camera.fault("ignore-set", {"property": SHUTTER})
        assert stage.expose(60.0).serial == 1
        assert presses(stage.camera) == ["bulb"]
        assert open_times(stage.camera) == pytest.approx([60.0], abs=0.001)
        stage.assert_clean()


@BODIES
@pytest.mark.parametrize("seconds", [60.0, 5.0], ids=["bulb", "timed"])
@pytest.mark.parametrize("kind", ["ignore-set", "alter-set"])
def test_b06_a_speed_that_does_not_take_is_never_pressed(model: str, seconds: float, kind: str) -> None:
    """1/60 s stays, whatever is written: Alert with the wanted and the true value. Guard: the look before the press."""
    with Stage(model) as stage:
        stage.connect()
        stage.camera.do("shutter", speed="1/60")
        stage.run(2.0)
        more = {"value": SIXTIETH} if kind == "alter-set" else {}
        stage.camera.fault(kind, {"property": SHUTTER, "count": 0}, **more)
        text = alert(stage, seconds)
        wanted = "BULB" if seconds == 60.0 else "5 s"
        assert f"stays at 1/60 s and does not go to {wanted}" in text
        assert presses(stage.camera) == []
        stage.assert_clean()


@BODIES
@pytest.mark.parametrize("seconds", [10.0, 45.0], ids=["timed", "bulb"])
def test_b07_a_body_that_makes_its_own_time_is_told_with_both_times(model: str, seconds: float) -> None:
    """1 s is made, whatever was asked for. The frame comes, with the true time. Guard: the file's own exposure time."""
    with Stage(model) as stage:
        stage.connect()
        stage.camera.fault("wrong-exposure", {"count": 0}, seconds=1.0)
        frame = stage.expose(seconds)
        assert frame.serial == 1
        assert frame.header["EXPTIME"] == pytest.approx(1.0, abs=0.01)
        told = texts_since(stage, 0)
        assert f"asked for {seconds:g} s" in told and "1 s" in told
        assert open_times(stage.camera) == pytest.approx([1.0], abs=0.001)


@BODIES
def test_b07_two_exposures_are_two_presses_and_a_countdown_of_their_own(model: str) -> None:
    """BULB on the body, 10 s asked for: one press each, 10 s each, and the countdown ends when the shutter closes."""
    with Stage(model) as stage:
        stage.connect()
        stage.camera.do("shutter", speed="bulb")
        stage.run(1.0)
        assert [stage.expose(10.0).serial for _ in range(2)] == [1, 2]
        assert presses(stage.camera) == ["10", "10"]
        assert open_times(stage.camera) == pytest.approx([10.0, 10.0], abs=0.001)
        stage.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-6500", "ILCE-6000", "ILCE-7SM3"])
def test_b08_what_the_body_can_time_is_timed_by_the_body(model: str) -> None:
    """From 1/4000 s to 30 s the press log has the body's speeds, above it BULB; the host times nothing below 31 s."""
    asked = {0.00025: "1/4000", 0.001: "1/1000", 0.01: "1/100", 0.1: "1/10", 1.0: "1", 30.0: "30", 31.0: "bulb"}
    with Stage(model) as stage:
        stage.connect()
        assert [stage.expose(seconds).serial for seconds in asked] == list(range(1, 8))
        assert presses(stage.camera) == list(asked.values())
        assert open_times(stage.camera) == pytest.approx(list(asked), abs=0.001)
        assert stage.client["CONNECTION"].state == "Ok"
        stage.assert_clean()


def test_b09_presets_go_before_bulb_and_bulb_warns_once() -> None:
    """ILCE-7S filters stars in bulb: 30 s by the body without a word, 60 s by bulb with one warning a session."""
    with Stage("ILCE-7S") as stage:
        stage.connect()
        stage.expose(30.0)
        assert "filters" not in texts_since(stage, 0)
        for _ in range(2):
            stage.expose(60.0)
        assert presses(stage.camera) == ["30", "bulb", "bulb"]
        assert texts_since(stage, 0).count("filters its RAW files in BULB") == 1
        stage.assert_clean()


@pytest.mark.parametrize(
    ("policy", "seconds", "made"),
    [("AUTO", 30, "30"), ("BULB", 30, "bulb"), ("TIMED", 60, "30"), ("TIMED", 20.3, "20"), ("AUTO", 60, "bulb")],
)
def test_b09_the_user_may_force_either(policy: str, seconds: float, made: str) -> None:
    with Stage("ILCE-7S") as stage:
        stage.connect()
        stage.client.switch("SHUTTER_POLICY", policy)
        stage.settle()
        frame = stage.expose(seconds)
        assert presses(stage.camera) == [made]
        assert frame.header["EXPTIME"] == pytest.approx(seconds if made == "bulb" else float(made))
        stage.assert_clean()


@BODIES
@pytest.mark.parametrize("when", ["between", "as it begins"])
def test_b10_a_dial_turned_to_bulb_changes_nothing_of_what_was_asked(model: str, when: str) -> None:
    """Somebody turns to BULB between two exposures of 5 s, or when the second one was just asked for."""
    with Stage(model) as stage:
        stage.connect()
        stage.expose(5.0)
        if when == "between":
            stage.camera.do("shutter", speed="bulb")
        else:
            stage.later(0.1, lambda: stage.camera.do("shutter", speed="bulb"))
        assert stage.expose(5.0).serial == 2
        assert open_times(stage.camera) == pytest.approx([5.0, 5.0], abs=0.1)


@BODIES
@pytest.mark.parametrize("dial", ["P", "A", "S", "M", "Auto"])
def test_b11_the_time_is_set_in_m_and_the_dial_is_named_else(model: str, dial: str) -> None:
    """The driver sets M where the body lets it; else Alert with the dial's place and what to turn. No press at P."""
    with Stage(model) as stage:
        stage.connect()
        stage.camera.do("dial", program=dial)
        stage.camera.fault("ignore-set", {"property": Prop.PROGRAM, "count": 0})
        stage.run(2.0)
        if dial == "M":
            assert stage.expose(5.0).serial == 1
            assert open_times(stage.camera) == pytest.approx([5.0], abs=0.001)
        else:
            text = alert(stage, 5.0)
            assert f"The mode dial stands on {dial}" in text and "Turn it to M" in text
            assert presses(stage.camera) == []
            stage.camera.do("dial", program="M")
            assert stage.expose(5.0).serial == 1
        stage.assert_clean()


@pytest.mark.parametrize("dial", ["P", "A", "S", "Auto"])
def test_b11_a_body_that_lets_the_host_choose_is_set_to_m(dial: str) -> None:
    with Stage("ILCE-7SM3") as stage:
        stage.connect()
        stage.camera.do("dial", program=dial)
        stage.run(2.0)
        assert stage.expose(5.0).serial == 1
        assert open_times(stage.camera) == pytest.approx([5.0], abs=0.001)
        stage.assert_clean()


@BODIES
@pytest.mark.parametrize("kind", ["no list", "a list without it"])
def test_b12_bulb_needs_no_entry_in_any_list(model: str, kind: str) -> None:
    """45 s by hold and release on a body that has BULB and does not list it."""
    with Stage(model) as stage:
        if kind == "no list":
            stage.camera.fault("empty-list", code=SHUTTER)
        else:
            stage.camera.fault("unlist", code=SHUTTER, value=0)
        stage.connect()
        assert stage.expose(45.0).serial == 1
        assert presses(stage.camera) == ["bulb"]
        assert open_times(stage.camera) == pytest.approx([45.0], abs=0.001)
        stage.assert_clean()


def test_b13_the_bodys_own_bulb_timer_is_switched_off() -> None:
    """ILCE-6700 with its timer on 120 s: what can be set is set, and 60 s are 60 s."""
    with Stage("ILCE-6700") as stage:
        stage.camera.do("set", property=Prop.BULB_TIMER, value=1)
        stage.camera.do("set", property=Prop.BULB_TIME, value=120)
        stage.connect()
        assert stage.expose(60.0).serial == 1
        assert open_times(stage.camera) == pytest.approx([60.0], abs=0.001)
        stage.assert_clean()


@pytest.mark.parametrize("made", [20.0, 120.0], ids=["early", "late"])
@pytest.mark.parametrize("tells", [True, False], ids=["told", "hidden"])
@pytest.mark.parametrize("reduction", [1, 2], ids=["no NR", "NR"])
def test_b13_a_bulb_timer_that_stays_governs_and_is_named(made: float, tells: bool, reduction: int) -> None:
    """60 s asked for, the body makes its own time: a frame with the true time, or an end in words; never for ever.

    Guards: the need of the timer's switch where it can be read, the file's own time where it cannot.
    """
    with Stage("ILCE-6700") as stage:
        if tells:
            stage.camera.do("set", property=Prop.BULB_TIMER, value=1)
            stage.camera.do("set", property=Prop.BULB_TIME, value=int(made))
            stage.camera.fault("ignore-set", {"property": Prop.BULB_TIMER, "count": 0})
        else:
            stage.camera.fault("wrong-exposure", {"count": 0}, seconds=made)
        stage.connect()
        mark = len(stage.client.messages)
        stage.client.expose(60.0)
        stage.settle()
        stage.until(lambda: stage.client["CCD_EXPOSURE"].state != "Busy", 400.0)
        assert stage.client["CCD_EXPOSURE"].state == "Ok", texts_since(stage, mark)
        (frame,) = stage.client.frames
        assert frame.serial == 1 and frame.header["EXPTIME"] == pytest.approx(made, abs=0.2)
        told = texts_since(stage, mark)
        assert "asked for 60 s" in told and f"{made:g} s" in told and "bulb timer" in told
