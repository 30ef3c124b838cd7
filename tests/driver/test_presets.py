"""CCD_EXPOSURE_PRESETS: the camera's own speeds; choosing one is asking for an exposure."""

from __future__ import annotations

from fractions import Fraction

from indi_sony_py.engine.messages import Choice, Expose, SettingsReport, SettingView
from indi_sony_py.sony.values import encode_shutter, label_shutter
from tests.driver.scripted import Rig, ScriptedHand
from tests.stage import Stage

SPEEDS = (Fraction(30), Fraction(2), Fraction(4, 10), Fraction(1, 250), Fraction(1, 8000))


def rows(now: Fraction = Fraction(2)) -> SettingsReport:
    choices = tuple(Choice(encode_shutter(speed), label_shutter(speed)) for speed in SPEEDS)
    return SettingsReport((SettingView("shutter", encode_shutter(now), label_shutter(now), choices),))


def connected(rig: Rig) -> ScriptedHand:
    hand = rig.connect()
    hand.say(rows())
    rig.new("Switch", "SHUTTER_POLICY", TIMED="On")
    return hand


def test_the_cameras_speeds_longest_first_with_the_one_that_is_set(rig: Rig) -> None:
    connected(rig)
    vector = rig.device.board["CCD_EXPOSURE_PRESETS"]
    assert [e.label for e in vector.definition.elements] == ["30", "2", "0.4", "1/250", "1/8000"]
    assert [e.name for e in vector.definition.elements] == [f"EXPOSURE_PRESET{n}" for n in range(5)]
    assert vector.chosen() == "EXPOSURE_PRESET1"


def test_they_are_there_only_while_exposures_are_made_with_them(rig: Rig) -> None:
    """KStars rounds every exposure to them, which a camera with bulb has no need of."""
    hand = rig.connect()
    hand.say(rows())
    for policy, there in (("BULB", False), ("TIMED", True), ("AUTO", False)):
        rig.new("Switch", "SHUTTER_POLICY", **{policy: "On"})
        assert rig.device.board.shows("CCD_EXPOSURE_PRESETS") is there


def test_choosing_one_asks_for_an_exposure_of_that_length_each_time(rig: Rig) -> None:
    hand = connected(rig)
    rig.forget()
    for _ in range(2):
        rig.new("Switch", "CCD_EXPOSURE_PRESETS", EXPOSURE_PRESET3="On")
        assert hand.request.duration_s == 1 / 250
        assert rig.states()[-1] == ("Busy", 1 / 250)
        hand.start()
        rig.wait(0.1)
        hand.frame()
    assert len(hand.asked(Expose)) == 2 and len(rig.blobs) == 2
    assert ("Ok", "EXPOSURE_PRESET3") in rig.switch_states("CCD_EXPOSURE_PRESETS")


def test_none_of_them_is_no_exposure(rig: Rig) -> None:
    hand = connected(rig)
    rig.new("Switch", "CCD_EXPOSURE_PRESETS", EXPOSURE_PRESET1="Off")
    rig.new("Switch", "CCD_EXPOSURE_PRESETS", EXPOSURE_PRESET99="On")
    assert not hand.asked(Expose)
    assert rig.device.board["CCD_EXPOSURE_PRESETS"].chosen() == "EXPOSURE_PRESET1"


def test_a_config_starts_no_exposure(rig: Rig) -> None:
    hand = connected(rig)
    rig.new("Switch", "CONFIG_PROCESS", CONFIG_SAVE="On")
    rig.new("Switch", "CONFIG_PROCESS", CONFIG_LOAD="On")
    assert not hand.asked(Expose)
    assert "PRESET" not in rig.device.choices.config.path.read_text()


def test_on_a_camera_of_each_protocol_it_is_that_speed() -> None:
    for model in ("ILCE-7SM3", "ILCE-6000"):
        with Stage(model) as stage:
            stage.connect()
            stage.client.switch("SHUTTER_POLICY", "TIMED")
            stage.settle()
            labels = {a["label"]: name for name, a in stage.client["CCD_EXPOSURE_PRESETS"].attributes.items()}
            assert "Bulb" not in labels
            stage.client.switch("CCD_EXPOSURE_PRESETS", labels["1/60"])
            stage.settle()
            stage.until(lambda: stage.client.frames)
            assert stage.camera.presses[1].nominal_s == Fraction(1, 60)
            assert stage.client.frames[0].serial == 1
