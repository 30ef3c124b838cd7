"""The ISO as clients see it: a list of choices (CCD_ISO), or a number (CCD_GAIN) about which no client asks."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from indi_sony_py.driver.config import path_for
from indi_sony_py.engine.messages import Change, ChangeResult, Choice, SettingsReport, SettingView
from tests.driver.scripted import DEVICE, Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.close()


def as_gain(rig: Rig) -> None:
    rig.new("Switch", "ISO_CONTROL", ISO_GAIN="On")


def gains(rig: Rig) -> list[tuple[str, float]]:
    """State and value of each CCD_GAIN that came."""
    return [
        (e.attrib["state"], float(e[0].text or "nan"))
        for e in rig.said
        if e.tag == "setNumberVector" and e.attrib["name"] == "CCD_GAIN"
    ]


def test_the_list_is_what_there_is_at_first(rig: Rig) -> None:
    rig.connect()
    assert rig.device.board.shows("CCD_ISO") and not rig.device.board.shows("CCD_GAIN")


def test_chosen_before_the_connection_there_is_a_gain_and_never_a_list(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    as_gain(rig)
    rig.connect()
    (gain,) = (e for e in rig.said if e.tag == "defNumberVector" and e.attrib["name"] == "CCD_GAIN")
    assert (gain[0].attrib["name"], gain[0].attrib["min"], gain[0].attrib["max"]) == ("GAIN", "100", "1600")
    assert (gain[0].text or "").strip() == "800"
    assert ("defSwitchVector", "CCD_ISO") not in rig.tags()


def test_one_takes_the_others_place_while_connected_and_back(rig: Rig) -> None:
    rig.connect()
    rig.forget()
    as_gain(rig)
    assert ("delProperty", "CCD_ISO") in rig.tags() and ("defNumberVector", "CCD_GAIN") in rig.tags()
    rig.forget()
    rig.new("Switch", "ISO_CONTROL", ISO_LIST="On")
    assert ("delProperty", "CCD_GAIN") in rig.tags() and ("defSwitchVector", "CCD_ISO") in rig.tags()


def test_a_gain_is_busy_until_the_camera_has_it_and_holds_for_the_next_frame(rig: Rig) -> None:
    hand = rig.connect()
    as_gain(rig)
    rig.forget()
    rig.new("Number", "CCD_GAIN", GAIN="1600")
    rig.expose(1)
    assert hand.asked(Change) == [Change("iso", 1600)] and hand.request.iso == 1600
    hand.say(ChangeResult("iso", True, 1600))
    assert gains(rig) == [("Busy", 1600), ("Ok", 1600)]


def test_a_number_that_the_camera_lacks_becomes_the_nearest_and_is_told(rig: Rig) -> None:
    hand = rig.connect()
    as_gain(rig)
    rig.forget()
    rig.new("Number", "CCD_GAIN", GAIN="250")
    assert hand.asked(Change) == [Change("iso", 100)] and gains(rig) == [("Busy", 100)]
    assert rig.messages() == ["[INFO] Gain: the camera has no 250; 100 is set."]


def test_a_number_outside_is_refused(rig: Rig) -> None:
    hand = rig.connect()
    as_gain(rig)
    rig.forget()
    rig.new("Number", "CCD_GAIN", GAIN="3200")
    assert hand.asked(Change) == [] and gains(rig) == [("Alert", 800)]


def test_what_the_camera_refuses_shows_what_it_has(rig: Rig) -> None:
    hand = rig.connect()
    as_gain(rig)
    rig.forget()
    rig.new("Number", "CCD_GAIN", GAIN="100")
    hand.say(ChangeResult("iso", False, 800, "Turn the ISO dial to A."))
    assert gains(rig)[-1] == ("Alert", 800) and "Turn the ISO dial to A." in rig.messages()[-1]


def test_what_the_camera_chooses_by_itself_is_no_number(rig: Rig) -> None:
    hand = rig.connect()
    as_gain(rig)
    options = (Choice(0xFFFFFF, "AUTO"), Choice(12800, "12800"), Choice(50, "50"))
    rig.forget()
    hand.say(SettingsReport((SettingView("iso", 0xFFFFFF, "AUTO", options, True),)))
    rig.expose(1)
    assert hand.request.iso is None
    gain = rig.device.board["CCD_GAIN"].definition.elements[0]
    assert (gain.min, gain.max) == (50, 12800)  # type: ignore[union-attr]


def test_the_choice_is_kept_at_once_and_a_config_of_the_other_form_is_no_trouble(rig: Rig) -> None:
    rig.connect()
    rig.new("Switch", "CONFIG_PROCESS", CONFIG_SAVE="On")
    as_gain(rig)
    text = path_for(DEVICE, True, os.environ).read_text()
    assert "ISO_GAIN" in text and "CCD_ISO" in text
    rig.forget()
    rig.new("Switch", "CONFIG_PROCESS", CONFIG_LOAD="On")
    assert not [said for said in rig.messages() if "Left out" in said]
    rig.new("Switch", "CONFIG_PROCESS", CONFIG_SAVE="On")
    text = path_for(DEVICE, True, os.environ).read_text()
    assert "CCD_GAIN" in text and "CCD_ISO" not in text
