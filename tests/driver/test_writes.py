"""What clients write, right and wrong: every write is answered once, and a refusal leaves everything as it was."""

from __future__ import annotations

import logging

import pytest

from indi_sony_py.driver.changes import CHANGE_S
from indi_sony_py.engine.messages import Change, ChangeResult, Expose
from tests.driver.scripted import DEVICE, Rig


def sets(rig: Rig, name: str) -> list[tuple[str, dict[str, str], str]]:
    """State, values and message of each set of a vector."""
    return [
        (e.attrib["state"], {o.attrib["name"]: (o.text or "").strip() for o in e}, e.attrib.get("message", ""))
        for e in rig.said
        if e.tag.startswith("set") and e.attrib["name"] == name
    ]


def values(rig: Rig, name: str) -> dict[str, object]:
    return dict(rig.device.board[name].values)


# --- what is not there, what is not theirs --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["CCD_EXPOSURE", "CCD_ISO", "CCD_FILE_PATH", "DEBUG_LEVEL", "CCD_COOLER"])
def test_a_write_to_what_is_not_defined_is_dropped_with_a_line_in_the_log(
    rig: Rig, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.forget()
    rig.new("Number", name, VALUE=1)
    assert rig.said == []
    assert f"Property {name} is not defined in {DEVICE}." in caplog.text


def test_a_write_to_another_device_is_not_answered(rig: Rig) -> None:
    rig.connect()
    rig.forget()
    rig.new("Switch", "CONNECTION", device="Telescope Simulator", CONNECT="On")
    assert rig.said == []


@pytest.mark.parametrize(
    ("kind", "name", "element"),
    [("Text", "DRIVER_INFO", "DRIVER_NAME"), ("Number", "BATTERY", "LEVEL"), ("Text", "CAMERA_INFO", "MODEL")],
)
def test_a_write_to_what_is_read_only_is_dropped(
    rig: Rig, kind: str, name: str, element: str, caplog: pytest.LogCaptureFixture
) -> None:
    rig.connect()
    before = values(rig, name)
    rig.forget()
    rig.new(kind, name, **{element: "1"})
    assert rig.said == [] and values(rig, name) == before
    assert f"Cannot set read-only property {name}" in caplog.text


def test_a_write_of_another_kind_is_dropped(rig: Rig) -> None:
    rig.connect()
    rig.forget()
    rig.new("Text", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE="5")
    assert rig.said == [] and not rig.hand.asked(Expose)


@pytest.mark.parametrize("name", ["CCD_INFO", "CCD_CFA"])
def test_the_sensor_is_never_taken_from_a_client_and_answered_with_the_truth(rig: Rig, name: str) -> None:
    """A client that asks its user for the sensor's size sends it; it must not come into any frame."""
    rig.connect()
    before = values(rig, name)
    rig.forget()
    if name == "CCD_INFO":
        rig.new("Number", name, CCD_MAX_X=6000, CCD_MAX_Y=4000, CCD_PIXEL_SIZE=8.3, CCD_PIXEL_SIZE_X=5.9,
                CCD_PIXEL_SIZE_Y=5.9, CCD_BITSPERPIXEL=8)  # fmt: skip
    else:
        rig.new("Text", name, CFA_TYPE="GBRG")
    ((state, shown, _),) = sets(rig, name)
    assert state == "Ok" and values(rig, name) == before
    assert shown["CCD_MAX_X" if name == "CCD_INFO" else "CFA_TYPE"] == ("4256" if name == "CCD_INFO" else "RGGB")


# --- wrong values ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "", "soon", "1e999", "0x10"])
def test_what_is_no_number_is_one_alert_and_no_exposure(rig: Rig, value: str) -> None:
    rig.connect()
    rig.forget()
    rig.new("Number", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=value)
    assert [state for state, _, _ in sets(rig, "CCD_EXPOSURE")] == ["Alert"]
    assert len(rig.messages()) == 1 and rig.messages()[0].startswith("[ERROR] ")
    assert not rig.hand.asked(Expose)


@pytest.mark.parametrize("value", ["9", "600001", "-1000", "nan", "x"])
def test_a_number_out_of_its_range_is_an_alert_with_the_old_value(rig: Rig, value: str) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.forget()
    rig.new("Number", "POLLING_PERIOD", PERIOD_MS=value)
    ((state, shown, text),) = sets(rig, "POLLING_PERIOD")
    assert (state, shown) == ("Alert", {"PERIOD_MS": "1000"})
    assert text.startswith(("Error: Invalid range for Polling (POLLING_PERIOD).", "[ERROR] POLLING_PERIOD: Bad format"))


@pytest.mark.parametrize(
    ("kind", "name"),
    [("Number", "CCD_EXPOSURE"), ("Number", "CCD_FRAME"), ("Switch", "UPLOAD_MODE"), ("Text", "UPLOAD_SETTINGS"),
     ("Switch", "CONNECTION"), ("Switch", "CCD_ABORT_EXPOSURE"), ("Switch", "CONFIG_PROCESS")],
)  # fmt: skip
def test_an_unknown_element_is_refused_once_and_leaves_the_old_values(rig: Rig, kind: str, name: str) -> None:
    rig.connect()
    before = values(rig, name)
    rig.forget()
    rig.new(kind, name, NO_SUCH_ELEMENT="On" if kind == "Switch" else "1")
    ((state, _, text),) = sets(rig, name)
    said = text or " ".join(rig.messages())
    assert state in ("Idle", "Alert") and "NO_SUCH_ELEMENT is not a member of" in said
    assert values(rig, name) == before and rig.device.connection.on


@pytest.mark.parametrize(
    "elements",
    [{"UPLOAD_LOCAL": "On", "UPLOAD_BOTH": "On"}, {"UPLOAD_CLIENT": "Off"}, {"UPLOAD_LOCAL": "Yes"},
     {"UPLOAD_CLIENT": "Off", "UPLOAD_LOCAL": "Off", "UPLOAD_BOTH": "Off"}],
)  # fmt: skip
def test_a_choice_that_is_none_is_refused_and_the_old_one_stays(rig: Rig, elements: dict[str, str]) -> None:
    rig.connect()
    rig.forget()
    rig.new("Switch", "UPLOAD_MODE", **elements)
    ((state, shown, text),) = sets(rig, "UPLOAD_MODE")
    assert state in ("Idle", "Alert") and text
    assert shown == {"UPLOAD_CLIENT": "On", "UPLOAD_LOCAL": "Off", "UPLOAD_BOTH": "Off"}


def test_a_capture_format_without_any_choice_keeps_the_old_one_and_does_not_hold_the_exposure_up(rig: Rig) -> None:
    """A client that does not know the label sends all of them Off, before every frame."""
    rig.connect()
    rig.new("Switch", "CCD_CAPTURE_FORMAT", INDI_RAW_JPEG="On")
    rig.forget()
    rig.new("Switch", "CCD_CAPTURE_FORMAT", INDI_RAW="Off", INDI_RAW_JPEG="Off")
    rig.expose(1)
    assert [shown["INDI_RAW_JPEG"] for _, shown, _ in sets(rig, "CCD_CAPTURE_FORMAT")] == ["On"]
    assert rig.hand.request.capture_format == "raw+jpeg"


@pytest.mark.parametrize(
    "form", [{"UPLOAD_BOTH": "On"}, {"UPLOAD_CLIENT": "Off", "UPLOAD_LOCAL": "Off", "UPLOAD_BOTH": "On"}]
)
def test_a_choice_comes_alone_or_with_all_the_others(rig: Rig, form: dict[str, str]) -> None:
    rig.connect()
    rig.new("Switch", "UPLOAD_MODE", **form)
    assert rig.device.board["UPLOAD_MODE"].chosen() == "UPLOAD_BOTH"


# --- many at once -----------------------------------------------------------------------------------------------------


def test_everything_that_comes_in_one_read_is_applied_in_its_order(rig: Rig) -> None:
    rig.connect()

    def new(kind: str, name: str, inside: str) -> str:
        return f"<new{kind}Vector device='{DEVICE}' name='{name}'>{inside}</new{kind}Vector>"

    rig.client(
        new("Switch", "UPLOAD_MODE", "<oneSwitch name='UPLOAD_BOTH'>On</oneSwitch>")
        + new("Text", "UPLOAD_SETTINGS", "<oneText name='UPLOAD_DIR'>/data</oneText>")
        + new("Switch", "CCD_TRANSFER_FORMAT", "<oneSwitch name='FORMAT_NATIVE'>On</oneSwitch>")
        + new("Switch", "CCD_FRAME_TYPE", "<oneSwitch name='FRAME_FLAT'>On</oneSwitch>")
        + new("Number", "CCD_EXPOSURE", "<oneNumber name='CCD_EXPOSURE_VALUE'>4</oneNumber>")
        + new("Switch", "CCD_FRAME_TYPE", "<oneSwitch name='FRAME_LIGHT'>On</oneSwitch>")
    )
    asked = rig.hand.request
    assert (asked.upload, asked.folder, asked.prefix) == ("both", "/data", "IMAGE_XXX")
    assert (asked.transfer, asked.frame_type, asked.duration_s) == ("native", "Flat", 4.0)


def test_texts_come_partly_and_keep_their_blanks_accents_and_marks(rig: Rig) -> None:
    rig.connect()
    rig.forget()
    rig.new("Text", "UPLOAD_SETTINGS", UPLOAD_PREFIX="Été &amp; &lt;M31&gt;_ISO8601_XXX")
    ((state, shown, _),) = sets(rig, "UPLOAD_SETTINGS")
    assert state == "Ok" and shown["UPLOAD_PREFIX"] == "Été & <M31>_ISO8601_XXX"
    rig.new("Text", "UPLOAD_SETTINGS", UPLOAD_DIR="/data/night 1")
    rig.expose(1)
    assert (rig.hand.request.folder, rig.hand.request.prefix) == ("/data/night 1", "Été & <M31>_ISO8601_XXX")


# --- abort ----------------------------------------------------------------------------------------------------------


def test_an_abort_that_is_off_is_answered_and_aborts_nothing(rig: Rig) -> None:
    rig.connect()
    rig.expose(5)
    rig.hand.start()
    rig.forget()
    rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="Off")
    assert rig.switch_states("CCD_ABORT_EXPOSURE") == [("Ok", "")] and rig.states() == []


def test_a_wrong_wish_during_an_exposure_is_told_and_is_no_alert(rig: Rig) -> None:
    """An Alert would tell the client that waits that its exposure failed."""
    rig.connect()
    rig.expose(5)
    rig.hand.start()
    rig.wait(2)
    rig.forget()
    rig.new("Number", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=-1)
    assert rig.states() == [("Busy", 3)] and "out of bounds" in rig.messages()[0]
    rig.wait(3)
    rig.forget()
    rig.new("Number", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=-1)
    assert rig.states() == [("Busy", 0)]


def test_a_wrong_wish_before_the_shutter_opens_shows_the_whole_time(rig: Rig) -> None:
    rig.connect()
    rig.expose(5)
    rig.forget()
    rig.new("Number", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=99999)
    assert rig.states() == [("Busy", 5)]


@pytest.mark.parametrize("value", ["0.00012500", "0.000125", "3600", "3600.0001"])
def test_limits_as_clients_round_them_are_within(rig: Rig, value: str) -> None:
    rig.connect()
    rig.new("Number", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=value)
    assert rig.hand.asked(Expose)


# --- settings of the camera -----------------------------------------------------------------------------------------


def test_an_iso_is_busy_until_the_camera_has_it_and_the_last_of_several_counts(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    rig.new("Switch", "CCD_ISO", ISO0="On")
    rig.new("Switch", "CCD_ISO", ISO2="On")
    hand.say(ChangeResult("iso", True, 100), ChangeResult("iso", True, 1600), ChangeResult("iso", True, 1600))
    assert hand.asked(Change) == [Change("iso", 100), Change("iso", 1600)]
    assert rig.switch_states("CCD_ISO") == [("Busy", "ISO0"), ("Busy", "ISO2"), ("Ok", "ISO2")]


def test_an_iso_that_is_never_answered_is_an_alert_in_the_end(rig: Rig) -> None:
    rig.connect()
    rig.forget()
    rig.new("Switch", "CCD_ISO", ISO0="On")
    rig.wait(CHANGE_S + 1)
    assert rig.switch_states("CCD_ISO") == [("Busy", "ISO0"), ("Alert", "ISO1")]
    (text,) = rig.messages()
    assert text.startswith("[ERROR] ISO: The camera did not answer in time. Choose the value again")


def test_an_iso_asked_during_an_exposure_may_take_as_long_as_that(rig: Rig) -> None:
    hand = rig.connect()
    rig.expose(300)
    hand.start()
    rig.forget()
    rig.new("Switch", "CCD_ISO", ISO0="On")
    rig.wait(400)
    assert rig.switch_states("CCD_ISO") == [("Busy", "ISO0")]


def test_what_was_asked_of_a_hand_that_is_gone_is_an_alert(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "CCD_ISO", ISO0="On")
    rig.forget()
    hand.alive = False
    hand.die()
    assert rig.switch_states("CCD_ISO")[0] == ("Alert", "ISO1")
    rig.new("Switch", "CCD_ISO", ISO2="On")
    assert rig.switch_states("CCD_ISO")[-1][0] in ("Alert", "Busy")


def test_a_change_that_cannot_be_sent_is_an_alert(rig: Rig) -> None:
    hand = rig.connect()
    hand.alive = False
    rig.forget()
    rig.new("Switch", "CCD_ISO", ISO0="On")
    assert rig.switch_states("CCD_ISO") == [("Alert", "ISO1")]
    assert rig.messages() == ["[ERROR] ISO: The camera is not there. Connect it first."]


def test_an_exposure_that_cannot_be_sent_is_given_to_the_next_hand(rig: Rig) -> None:
    """It was asked for just as the hand ended: that is noticed a moment later."""
    hand = rig.connect()
    hand.alive = False
    rig.forget()
    rig.expose(5)
    hand.die()
    assert [state for state, _ in rig.states()] == ["Busy"]
    assert rig.hand is not hand and rig.hand.request.duration_s == 5


def test_writes_before_the_connection_hold_for_the_first_exposure(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.new("Number", "POLLING_PERIOD", PERIOD_MS=500)
    rig.new("Switch", "PROTOCOL", FORCE_200="On")
    hand = rig.connect()
    rig.expose(2)
    rig.forget()
    hand.start()
    rig.wait(1)
    assert rig.states() == [("Busy", 1.5), ("Busy", 1)]


def test_junk_between_elements_is_passed_over_and_told_in_the_log_a_few_times(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.forget()
    with caplog.at_level(logging.WARNING):
        for _ in range(200):
            rig.client("<newNumberVector device='x' name='y'><oneNumber</newNumberVector>\n")
        rig.client("<sillyVector device='x'/>")
        rig.client("<setNumberVector device='Telescope' name='EQUATORIAL_EOD_COORD'></setNumberVector>")
    assert 0 < caplog.text.count("cannot be read") <= 12
    rig.client("<getProperties version='1.7'/>")
    assert rig.place("defSwitchVector", "CONNECTION") == 0
