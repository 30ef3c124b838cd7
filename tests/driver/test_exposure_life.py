"""CCD_EXPOSURE from the wish to Ok, Alert or Idle, in all orders that clients and cameras bring about."""

from __future__ import annotations

from pathlib import Path

import pytest

from indi_sony_py.driver.exposure import HELD_S, Phase
from indi_sony_py.driver.standing import SILENCE_S
from indi_sony_py.engine.messages import (
    Abort,
    Aborted,
    CameraStatus,
    Change,
    ChangeResult,
    Expose,
    ExposureFailed,
    ExposureHeld,
    Policy,
    Role,
)
from indi_sony_py.hand.messages import Declined, Delivered
from tests.driver.scripted import IDENTITY, SETTINGS, Rig


def test_a_whole_life_busy_countdown_zero_blob_ok(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    rig.expose(5)
    rig.wait(2)
    hand.start()
    rig.wait(5)
    hand.collect()
    hand.frame(b"pixels")
    assert rig.states() == [("Busy", 5), ("Busy", 4), ("Busy", 3), ("Busy", 2), ("Busy", 1), ("Busy", 0), ("Ok", 0)]
    assert rig.blobs == [b"pixels"]
    assert rig.place("setBLOBVector", "CCD1") < len(rig.tags()) - 1
    assert rig.said[-1].attrib["state"] == "Ok"
    assert hand.asked(Delivered) == [Delivered(1)]


def test_without_a_ping_reply_the_frame_counts_as_delivered_after_five_seconds(rig: Rig) -> None:
    hand = rig.connect()
    rig.acknowledge = False
    rig.expose(1)
    hand.start()
    rig.wait(1)
    hand.frame()
    rig.wait(4.9)
    assert rig.states()[-1] == ("Busy", 0) and not hand.asked(Delivered)
    rig.wait(0.2)
    assert rig.states()[-1] == ("Ok", 0) and hand.asked(Delivered)


def test_the_polling_period_is_the_step_of_the_countdown_and_shorter_exposures_have_a_shorter_one(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Number", "POLLING_PERIOD", PERIOD_MS=2000)
    rig.expose(5)
    rig.forget()
    hand.start()
    rig.wait(5)
    assert rig.states() == [("Busy", 3), ("Busy", 1), ("Busy", 0)]
    rig.expose(0.5)
    rig.forget()
    hand.start()
    rig.wait(1)
    assert [state for state, _ in rig.states()] == ["Busy", "Busy"]
    assert rig.states()[-1] == ("Busy", 0)


def test_a_failure_is_one_alert_with_its_text(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    rig.expose(5)
    number = hand.request.id
    hand.say(ExposureFailed(number, "Set the dial to M."), ExposureFailed(number, "Set the dial to M."))
    assert rig.states() == [("Busy", 5), ("Alert", 0)]
    assert rig.messages() == ["[ERROR] Set the dial to M."]
    rig.expose(5)
    assert rig.states()[-1] == ("Busy", 5)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in (Phase.BETWEEN, Phase.FAILING)])
def test_an_abort_is_answered_at_once_in_every_phase(rig: Rig, phase: Phase) -> None:
    hand = rig.connect()
    if phase is not Phase.NONE:
        rig.expose(5)
    if phase in (Phase.OPEN, Phase.WAITING, Phase.SENDING):
        hand.start()
    if phase in (Phase.WAITING, Phase.SENDING):
        rig.wait(5)
    if phase is Phase.SENDING:
        rig.acknowledge = False
        hand.frame()
    assert rig.device.exposure.phase is phase
    rig.forget()
    rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="On")
    assert rig.switch_states("CCD_ABORT_EXPOSURE") == [("Ok", "")]
    assert rig.states() == [("Idle", 0)]
    assert len(hand.asked(Abort)) == (phase in (Phase.ASKED, Phase.OPEN, Phase.WAITING))


def test_the_frame_of_an_aborted_exposure_is_declined_and_never_sent(rig: Rig) -> None:
    hand = rig.connect()
    rig.expose(5)
    hand.start()
    rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="On")
    rig.forget()
    hand.say(Aborted(hand.request.id, "The shutter is closed.", 7.0))
    hand.frame()
    assert rig.blobs == [] and rig.states() == []
    assert [m for m in hand.got if isinstance(m, Declined)]
    assert rig.messages() == ["[INFO] The shutter is closed. The camera is busy for up to 7 s more."]
    hand.saved("/home/astro/KEPT.fits", role=Role.KEPT, rescued=True)
    assert "/home/astro/KEPT.fits" in rig.messages()[-1]
    assert hand.asked(Delivered)


def test_a_frame_that_waits_for_its_turn_is_taken_back_by_an_abort(rig: Rig) -> None:
    hand = rig.connect()
    rig.acknowledge = False
    rig.expose(1)
    hand.start()
    hand.frame(b"one")
    rig.expose(1)
    hand.start()
    hand.frame(b"two", frame_id=2)
    assert rig.blobs == [b"one"]
    rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="On")
    rig.wait(30)
    assert rig.blobs == [b"one"]
    assert [m for m in hand.got if isinstance(m, Declined)] == [Declined(2, "its exposure was aborted")]


def test_hands_that_never_become_ready_do_not_keep_a_wish_for_ever(rig: Rig) -> None:
    rig.connect().die()
    rig.expose(5)
    rig.wait(HELD_S + SILENCE_S + 2 * 5 + 1)
    assert len(rig.outside.hands) > 2, "each was given the wish"
    assert rig.states()[-1] == ("Alert", 0)


def test_an_exposure_during_an_exposure_replaces_it_and_is_held(rig: Rig) -> None:
    hand = rig.connect()
    rig.expose(30)
    hand.start()
    first = hand.request.id
    rig.wait(3)
    rig.forget()
    rig.expose(7)
    second = hand.request.id
    assert second != first
    hand.say(Aborted(first, "Stopped.", 4.0), ExposureHeld(second, "The camera still finishes the one before."))
    hand.frame(exposure_id=first)
    assert rig.states() == [("Busy", 7)] and rig.blobs == []
    rig.wait(4)
    hand.start()
    rig.wait(7)
    hand.frame(b"second")
    assert rig.blobs == [b"second"] and rig.states()[-1] == ("Ok", 0)
    assert not any(state == "Alert" for state, _ in rig.states())


def test_while_the_camera_finishes_an_aborted_one_the_next_is_busy_with_its_full_value(rig: Rig) -> None:
    hand = rig.connect()
    rig.expose(30)
    hand.start()
    rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="On")
    hand.say(Aborted(hand.request.id, "Stopped.", 3000.0))
    rig.forget()
    rig.expose(2)
    hand.say(ExposureHeld(hand.request.id, "Held."))
    rig.wait(2999)
    assert rig.states() == [("Busy", 2)]
    hand.start()
    rig.wait(2)
    hand.frame()
    assert rig.states()[-1] == ("Ok", 0)


def test_a_new_exposure_while_the_frame_before_is_on_its_way_loses_neither(rig: Rig) -> None:
    hand = rig.connect()
    rig.acknowledge = False
    rig.expose(1)
    hand.start()
    hand.frame(b"one")
    rig.forget()
    rig.expose(2)
    assert rig.states() == [("Ok", 0), ("Busy", 2)]
    rig.wait(6)
    assert hand.asked(Delivered) == [Delivered(1)]
    assert rig.states()[-1] == ("Busy", 2)


@pytest.mark.parametrize("value", ["99999", "0", "-1", "0.0000001"])
def test_out_of_bounds_is_an_alert_with_libindis_sentence(rig: Rig, value: str) -> None:
    hand = rig.connect()
    rig.forget()
    rig.new("Number", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=value)
    assert [state for state, _ in rig.states()] == ["Alert"]
    assert "seconds out of bounds [0.000125,3600]." in rig.messages()[0]
    assert not hand.asked(Expose)


def test_a_wish_that_cannot_be_leaves_the_running_exposure_alone(rig: Rig) -> None:
    hand = rig.connect()
    rig.expose(5)
    hand.start()
    rig.new("Number", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE="never")
    rig.wait(5)
    hand.frame(b"still")
    assert rig.blobs == [b"still"] and rig.states()[-1] == ("Ok", 0)


def test_a_bias_takes_the_shortest_speed_whatever_is_asked(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "CCD_FRAME_TYPE", FRAME_BIAS="On")
    rig.expose(0)
    assert (hand.request.frame_type, hand.request.duration_s) == ("Bias", 1 / 8000)


def test_the_request_holds_all_that_was_set(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "CCD_FRAME_TYPE", FRAME_DARK="On")
    rig.new("Switch", "CCD_CAPTURE_FORMAT", INDI_RAW_JPEG="On")
    rig.new("Switch", "CCD_TRANSFER_FORMAT", FORMAT_NATIVE="On")
    rig.new("Switch", "UPLOAD_MODE", UPLOAD_BOTH="On")
    rig.new("Text", "UPLOAD_SETTINGS", UPLOAD_DIR="/data/night", UPLOAD_PREFIX="M31_XXX")
    rig.new("Switch", "SHUTTER_POLICY", BULB="On")
    rig.new("Switch", "FRAME_AREA", CROP="On")
    rig.new("Switch", "COMPANIONS", KEEP="On")
    rig.new("Switch", "CCD_ISO", ISO2="On")
    rig.expose(3)
    asked = hand.request
    rig.new("Switch", "CCD_FRAME_TYPE", FRAME_LIGHT="On")
    assert (asked.frame_type, asked.capture_format) == ("Dark", "raw+jpeg")
    assert (asked.transfer, asked.upload) == ("native", "both")
    assert (asked.folder, asked.prefix, asked.policy, asked.area) == ("/data/night", "M31_XXX", Policy.BULB, "crop")
    assert (asked.companions, asked.iso, asked.duration_s, asked.device) == ("keep", 1600, 3.0, "Sony Alpha")


@pytest.mark.parametrize("named", ["night", "~/night"])
def test_a_folder_without_a_root_lies_where_the_driver_runs(
    named: str, rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = rig.connect()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    rig.new("Text", "UPLOAD_SETTINGS", UPLOAD_DIR=named, UPLOAD_PREFIX="M31_XXX")
    rig.expose(3)
    assert hand.request.folder == str(tmp_path / "night")


def test_local_upload_ends_with_the_path_and_ok_and_sends_no_blob(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "UPLOAD_MODE", UPLOAD_LOCAL="On")
    rig.forget()
    rig.expose(1)
    hand.start()
    rig.wait(1)
    hand.saved("/data/L_001.fits")
    assert rig.place("setTextVector", "CCD_FILE_PATH") == len(rig.said) - 2
    assert rig.states()[-1] == ("Ok", 0) and rig.blobs == []
    assert "[INFO] Image saved to /data/L_001.fits" in rig.messages()
    assert hand.asked(Delivered) == [Delivered(1)]


def test_both_gives_the_path_before_the_blob(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "UPLOAD_MODE", UPLOAD_BOTH="On")
    rig.forget()
    rig.expose(1)
    hand.start()
    hand.saved("/data/L_001.fits")
    hand.frame()
    assert rig.place("setTextVector", "CCD_FILE_PATH") < rig.place("setBLOBVector", "CCD1")
    assert rig.states()[-1] == ("Ok", 0)


def test_a_frame_that_went_to_disk_instead_of_the_client_is_one_alert_that_names_the_file(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    rig.expose(1)
    hand.saved("/home/astro/BROKEN.arw", rescued=True, text="the file is damaged")
    hand.say(ExposureFailed(hand.request.id, "The file is damaged."))
    assert [state for state, _ in rig.states()] == ["Busy", "Alert"]
    assert "/home/astro/BROKEN.arw" in " ".join(rig.messages())


def test_a_broken_file_in_the_folder_of_a_local_upload_is_an_alert_and_no_success(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "UPLOAD_MODE", UPLOAD_LOCAL="On")
    rig.forget()
    rig.expose(1)
    hand.say(ExposureFailed(hand.request.id, "The file is damaged."))
    hand.saved("/home/astro/BROKEN.arw", rescued=True, text="the file is damaged")
    assert [state for state, _ in rig.states()] == ["Busy", "Alert"]
    assert "/home/astro/BROKEN.arw" in " ".join(rig.messages())


def test_both_without_its_blob_is_not_busy_for_ever(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "UPLOAD_MODE", UPLOAD_BOTH="On")
    rig.forget()
    rig.expose(1)
    hand.saved("/data/L_001.fits", rescued=True, text="the frames before it were not taken yet")
    rig.wait(60)
    assert [state for state, _ in rig.states()][-1] == "Alert"


def test_a_hand_that_says_nothing_ends_in_an_alert_and_an_abort(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    rig.expose(10)
    rig.wait(1000)
    assert rig.states() == [("Busy", 10), ("Alert", 0)]
    assert hand.asked(Abort)
    hand.frame()
    assert rig.blobs == []


def test_a_frame_of_another_size_is_told_before_it_is_sent(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    rig.expose(1)
    hand.frame(width=2848, height=1896, cfa="GRBG", warnings=("The file says ISO 400.",))
    blob = rig.place("setBLOBVector", "CCD1")
    assert rig.place("setNumberVector", "CCD_INFO") < blob and rig.place("setTextVector", "CCD_CFA") < blob
    assert rig.device.board["CCD_FRAME"].number("WIDTH") == 2848
    assert "[WARNING] The file says ISO 400." in rig.messages()


def test_the_iso_that_was_just_chosen_is_in_the_request_before_the_camera_has_it(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    rig.new("Switch", "CCD_ISO", ISO0="On")
    rig.expose(1)
    assert hand.asked(Change) == [Change("iso", 100)] and hand.request.iso == 100
    assert rig.switch_states("CCD_ISO") == [("Busy", "ISO0")]
    hand.say(ChangeResult("iso", True, 100))
    assert rig.switch_states("CCD_ISO")[-1] == ("Ok", "ISO0")


def test_an_iso_that_the_camera_refuses_shows_what_the_camera_has(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    rig.new("Switch", "CCD_ISO", ISO0="On")
    hand.say(ChangeResult("iso", False, 800, "Turn the ISO dial to A."))
    assert rig.switch_states("CCD_ISO")[-1] == ("Alert", "ISO1")
    assert "Turn the ISO dial to A." in rig.messages()[-1]
    rig.new("Switch", "CCD_ISO", ISO2="On")
    rig.wait(200)
    assert rig.switch_states("CCD_ISO")[-1] == ("Alert", "ISO1")


def second_waits(rig: Rig) -> None:
    """Two frames; the server has not yet acknowledged the first, so the second waits for its turn."""
    hand = rig.connect()
    rig.acknowledge = False
    for number, pixels in enumerate((b"one", b"two"), 1):
        rig.expose(1)
        hand.start()
        rig.wait(1)
        hand.frame(pixels, frame_id=number)
    assert rig.blobs == [b"one"]


def test_a_frame_that_waits_when_another_exposure_is_asked_for_is_never_taken_for_that_one(rig: Rig) -> None:
    second_waits(rig)
    rig.expose(7)
    rig.wait(6)
    assert rig.blobs == [b"one"] and rig.states()[-1] == ("Busy", 7)
    assert rig.hand.asked(Declined) == [Declined(2, "another exposure was asked for before its turn came")]


def test_a_frame_that_waits_at_a_disconnect_goes_to_disk_and_not_to_a_vector_that_is_gone(rig: Rig) -> None:
    second_waits(rig)
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    rig.wait(10)
    assert rig.blobs == [b"one"]
    assert rig.hand.asked(Declined) == [Declined(2, "the camera was disconnected before its turn came")]


def test_a_frame_that_waits_when_its_hand_dies_still_reaches_the_client(rig: Rig) -> None:
    second_waits(rig)
    hand = rig.hand
    hand.die()
    rig.hand.say(CameraStatus("ready", IDENTITY), SETTINGS)
    rig.wait(6)
    assert rig.blobs == [b"one", b"two"] and rig.states()[-1] == ("Ok", 0)
