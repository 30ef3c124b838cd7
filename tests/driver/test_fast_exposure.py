"""CCD_FAST_TOGGLE and CCD_FAST_COUNT: several frames for one CCD_EXPOSURE, in all orders that may happen."""

from __future__ import annotations

import pytest

from indi_sony_py import texts
from indi_sony_py.driver.exposure import ALERT_WAITS_S
from indi_sony_py.driver.standing import SILENCE_S, Phase
from indi_sony_py.engine.messages import (
    Abort,
    Expose,
    ExposureFailed,
    ExposureProgress,
    ExposureRequest,
    Role,
    SettingsReport,
    SettingView,
    Stage,
)
from indi_sony_py.hand.messages import Declined, Delivered
from tests.driver.scripted import Rig, ScriptedHand


def series(rig: Rig, frames: int, seconds: float = 2.0) -> ScriptedHand:
    """Connected, and the first of so many frames is asked for."""
    hand = rig.connect()
    rig.new("Switch", "CCD_FAST_TOGGLE", INDI_ENABLED="On")
    rig.new("Number", "CCD_FAST_COUNT", FRAMES=frames)
    rig.forget()
    rig.expose(seconds)
    return hand


def expose(rig: Rig, hand: ScriptedHand, number: int | None = None) -> int:
    """The shutter opens and closes; the exposure's id."""
    found = hand.request.id if number is None else number
    request = next(r for r in asked(hand) if r.id == found)
    hand.start(exposure_id=found)
    rig.wait(request.duration_s)
    hand.say(ExposureProgress(found, Stage.WAITING))
    return found


def begins(hand: ScriptedHand) -> int:
    """The hand begins what it was asked for last."""
    hand.say(ExposureProgress(hand.request.id, Stage.PREPARING))
    return hand.request.id


def asked(hand: ScriptedHand) -> list[ExposureRequest]:
    return [m.request for m in hand.got if isinstance(m, Expose)]


def events(rig: Rig) -> list[str]:
    """What a client is told of exposures, counts and frames, without the countdown."""
    found = []
    for element in rig.said:
        name = element.attrib.get("name", "")
        if element.tag == "setBLOBVector":
            found.append("BLOB")
        elif name == "CCD_EXPOSURE" and element.attrib["state"] != "Busy":
            found.append(element.attrib["state"])
        elif name == "CCD_FAST_COUNT":
            found.append(f"{element.attrib['state']} {float(element[0].text or 'nan'):g}")
    return found


def test_the_next_one_is_asked_for_when_the_shutter_has_closed_and_each_frame_answers_its_own(rig: Rig) -> None:
    hand = series(rig, 3)
    hand.start()
    rig.wait(1.9)
    assert len(asked(hand)) == 1
    rig.wait(0.2)
    assert len(asked(hand)) == 1, "the camera's word counts, not the clock's"
    first = hand.request.id
    hand.say(ExposureProgress(first, Stage.WAITING))
    follow = hand.got[-1]
    assert isinstance(follow, Expose) and follow.after == first
    second = begins(hand)
    assert rig.states()[-2:] == [("Ok", 0), ("Busy", 2)]
    hand.frame(b"one", first, 1)
    expose(rig, hand)
    third = begins(hand)
    expose(rig, hand)
    hand.frame(b"two", second, 2)
    hand.frame(b"three", third, 3)
    rig.wait(60)
    assert rig.blobs == [b"one", b"two", b"three"] and len({first, second, third}) == 3
    assert len(asked(hand)) == 3
    assert events(rig) == ["Ok", "Busy 2", "BLOB", "Ok", "Busy 1", "BLOB", "BLOB", "Ok", "Idle 1"]
    assert hand.asked(Delivered) == [Delivered(1), Delivered(2), Delivered(3)]


def test_switched_on_it_says_what_that_asks_of_the_server_and_off_it_forgets_the_count(rig: Rig) -> None:
    rig.connect()
    rig.forget()
    rig.new("Switch", "CCD_FAST_TOGGLE", INDI_ENABLED="On")
    rig.new("Switch", "CCD_FAST_TOGGLE", INDI_ENABLED="On")
    assert rig.messages() == [f"[INFO] {texts.client.FAST_ON()}"]
    rig.new("Number", "CCD_FAST_COUNT", FRAMES=3)
    assert events(rig) == ["Ok 3"]
    rig.new("Switch", "CCD_FAST_TOGGLE", INDI_DISABLED="On")
    assert events(rig) == ["Ok 3", "Idle 1"]
    assert rig.switch_states("CCD_FAST_TOGGLE")[-1] == ("Ok", "INDI_DISABLED")


def test_a_count_without_the_toggle_is_one_shot_and_so_is_a_toggle_with_a_count_of_one(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Number", "CCD_FAST_COUNT", FRAMES=5)
    for toggle in ("INDI_DISABLED", "INDI_ENABLED"):
        rig.new("Switch", "CCD_FAST_TOGGLE", **{toggle: "On"})
        rig.expose(1)
        expose(rig, hand)
        hand.frame()
        rig.new("Number", "CCD_FAST_COUNT", FRAMES=0)
    assert len(asked(hand)) == 2


def test_a_frame_that_arrives_before_the_next_one_begins_is_no_end_of_the_series(rig: Rig) -> None:
    hand = series(rig, 2)
    first = expose(rig, hand)
    hand.frame(b"one", first, 1)
    assert rig.blobs == [b"one"] and events(rig) == ["BLOB"], "the camera is not at the next one yet"
    begins(hand)
    assert events(rig) == ["BLOB", "Ok", "Busy 1"]


def test_what_holds_for_the_next_frame_is_what_is_set_when_it_is_asked_for(rig: Rig) -> None:
    hand = series(rig, 2)
    hand.start()
    rig.new("Switch", "CCD_FRAME_TYPE", FRAME_DARK="On")
    rig.new("Switch", "UPLOAD_MODE", UPLOAD_BOTH="On")
    rig.wait(2)
    hand.say(ExposureProgress(hand.request.id, Stage.WAITING))
    one, two = asked(hand)
    assert (one.frame_type, one.upload) == ("Light", "client")
    assert (two.frame_type, two.upload) == ("Dark", "both")


@pytest.mark.parametrize("late", [False, True])
def test_an_abort_ends_the_series_and_keeps_what_is_owed_from_the_client(rig: Rig, late: bool) -> None:
    hand = series(rig, 5)
    first = expose(rig, hand)
    if late:
        begins(hand)
    rig.forget()
    rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="On")
    assert hand.asked(Abort) == [Abort()]
    assert rig.states() == [("Idle", 0)] and events(rig) == ["Idle", "Idle 1"]
    hand.frame(b"one", first, 1)
    assert rig.blobs == [] and [m.frame_id for m in hand.got if isinstance(m, Declined)] == [1]
    rig.wait(900)
    assert events(rig) == ["Idle", "Idle 1"]


@pytest.mark.parametrize("phase", [Phase.BETWEEN, Phase.FAILING])
def test_an_abort_is_answered_at_once_in_the_phases_of_a_series(rig: Rig, phase: Phase) -> None:
    hand = series(rig, 5)
    first = expose(rig, hand)
    if phase is Phase.BETWEEN:
        hand.frame(b"one", first, 1)
    else:
        hand.say(ExposureFailed(begins(hand), "The cable."))
    assert rig.device.exposure.phase is phase
    rig.forget()
    rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="On")
    assert rig.switch_states("CCD_ABORT_EXPOSURE") == [("Ok", "")]
    assert rig.states() == [("Idle", 0)] and len(hand.asked(Abort)) == (phase is Phase.BETWEEN)
    rig.wait(900)
    assert rig.states() == [("Idle", 0)]


def test_a_failure_ends_the_series_with_one_alert_behind_the_frames_that_are_owed(rig: Rig) -> None:
    hand = series(rig, 5)
    first = expose(rig, hand)
    second = begins(hand)
    hand.start(exposure_id=second)
    rig.forget()
    hand.say(ExposureFailed(second, "The cable."), ExposureFailed(second, "The cable."))
    assert events(rig) == ["Idle 1"] and rig.states()[-1:] != [("Alert", 0)]
    hand.frame(b"one", first, 1)
    assert rig.blobs == [b"one"]
    assert events(rig) == ["Idle 1", "BLOB", "Alert"] and "[ERROR] The cable." in rig.messages()
    rig.wait(900)
    assert rig.states().count(("Alert", 0)) == 1


def test_an_alert_waits_no_longer_than_that_for_a_frame_which_does_not_come(rig: Rig) -> None:
    hand = series(rig, 5)
    first = expose(rig, hand)
    hand.say(ExposureFailed(begins(hand), "The cable."))
    rig.wait(ALERT_WAITS_S - 0.1)
    assert "Alert" not in events(rig)
    rig.wait(0.2)
    assert events(rig)[-1] == "Alert"
    hand.frame(b"one", first, 1)
    assert rig.blobs == [], "it would be taken for that of the next exposure"


def test_a_failure_before_the_next_one_began_takes_that_back(rig: Rig) -> None:
    hand = series(rig, 5)
    first = expose(rig, hand)
    follower = hand.request.id
    assert follower != first
    hand.say(ExposureFailed(first, "No image."))
    assert hand.asked(Abort) == [Abort(follower)] and events(rig) == ["Idle 1", "Alert"]
    hand.say(ExposureFailed(follower, "No image."))
    assert events(rig) == ["Idle 1", "Alert"]


def test_a_frame_that_cannot_be_delivered_ends_the_series(rig: Rig) -> None:
    hand = series(rig, 5)
    first = expose(rig, hand)
    begins(hand)
    hand.say(ExposureFailed(first, "The file is broken; it is at /home/astro/a.arw."))
    assert events(rig) == ["Ok", "Busy 4", "Idle 1", "Alert"]


def test_the_end_of_the_hand_ends_the_series(rig: Rig) -> None:
    hand = series(rig, 5)
    expose(rig, hand)
    hand.die()
    assert events(rig)[-1] == "Alert"
    assert not rig.outside.hands[-1].asked(Expose)


def test_the_end_of_the_hand_while_a_frame_is_sent_and_another_is_awaited(rig: Rig) -> None:
    hand = series(rig, 5)
    rig.acknowledge = False
    first = expose(rig, hand)
    hand.frame(b"one", first, 1)
    hand.die()
    assert "Alert" not in events(rig)
    rig.acknowledge = True
    rig.run()
    assert rig.blobs == [b"one"] and events(rig)[-1] == "Alert"


def test_an_exposure_asked_for_meanwhile_begins_a_series_of_its_own(rig: Rig) -> None:
    hand = series(rig, 5)
    first = expose(rig, hand)
    begins(hand)
    rig.new("Number", "CCD_FAST_COUNT", FRAMES=2)
    rig.forget()
    rig.expose(3)
    new = hand.request.id
    last = hand.got[-1]
    assert isinstance(last, Expose) and last.after == 0
    hand.frame(b"old", first, 1)
    assert rig.blobs == []
    expose(rig, hand, new)
    begins(hand)
    expose(rig, hand)
    hand.frame(b"new", new, 2)
    hand.frame(b"newer", hand.request.id, 3)
    assert rig.blobs == [b"new", b"newer"]
    assert events(rig) == ["Ok", "Busy 1", "BLOB", "BLOB", "Ok", "Idle 1"]


@pytest.mark.parametrize("way", ["toggle", "count"])
def test_switched_off_meanwhile_the_frame_under_way_is_the_last(rig: Rig, way: str) -> None:
    hand = series(rig, 5)
    first = expose(rig, hand)
    follower = hand.request.id
    if way == "toggle":
        rig.new("Switch", "CCD_FAST_TOGGLE", INDI_DISABLED="On")
    else:
        rig.new("Number", "CCD_FAST_COUNT", FRAMES=1)
    assert hand.asked(Abort) == [Abort(follower)]
    hand.frame(b"one", first, 1)
    assert rig.blobs == [b"one"] and events(rig)[-2 if way == "count" else -1 :][0] == "Ok"
    assert len(asked(hand)) == 2


@pytest.mark.parametrize("way", ["toggle", "count"])
def test_switched_off_between_two_frames_the_last_one_was_the_end(rig: Rig, way: str) -> None:
    """Its frame has arrived: nothing more comes that could end the exposure."""
    hand = series(rig, 3)
    hand.frame(b"one", expose(rig, hand), 1)
    assert events(rig) == ["BLOB"], "the camera is not at the next one yet"
    follower = hand.request.id
    if way == "toggle":
        rig.new("Switch", "CCD_FAST_TOGGLE", INDI_DISABLED="On")
    else:
        rig.new("Number", "CCD_FAST_COUNT", FRAMES=1)
    assert hand.asked(Abort) == [Abort(follower)]
    assert rig.states()[-1] == ("Ok", 0.0) and rig.device.exposure.phase is Phase.NONE
    rig.forget()
    rig.wait(4 * SILENCE_S)
    assert rig.states() == [] and rig.messages() == []


def test_a_count_that_is_raised_meanwhile_counts(rig: Rig) -> None:
    hand = series(rig, 2)
    expose(rig, hand)
    begins(hand)
    rig.new("Number", "CCD_FAST_COUNT", FRAMES=100000)
    expose(rig, hand)
    assert len(asked(hand)) == 3
    begins(hand)
    assert events(rig)[-1] == "Busy 99999"


def test_a_slow_server_is_waited_for_and_that_is_said_once(rig: Rig) -> None:
    hand = series(rig, 50, 1.0)
    rig.acknowledge = False
    ids = []
    for number in range(1, 4):
        if number > 1:
            begins(hand)
        ids.append(expose(rig, hand))
        hand.frame(b"%d" % number, ids[-1], number)
    # The second frame waited for the first one's way; the third for both: no fourth exposure meanwhile.
    assert len(asked(hand)) == 3 and rig.blobs == [b"1"]
    rig.wait(2)
    assert len(asked(hand)) == 3
    assert sum("not taken yet" in text for text in rig.messages()) == 1
    rig.acknowledge = True
    rig.run()
    assert rig.blobs == [b"1", b"2", b"3"] and len(asked(hand)) == 4


def test_large_frames_are_waited_for_earlier(rig: Rig) -> None:
    hand = series(rig, 50, 1.0)
    first = expose(rig, hand)
    hand.frame(b"one", first, 1)
    rig.acknowledge = False
    second = begins(hand)
    expose(rig, hand)
    begins(hand)
    hand.frame(b"two", second, 2)
    frames = rig.device.exposure.series
    frames.came(122_000_000)
    frames.owed[second].length = 122_000_000
    expose(rig, hand)
    assert len(asked(hand)) == 3, "two of 122 MB are on their way"
    rig.acknowledge = True
    rig.run()
    assert len(asked(hand)) == 4


def test_an_upload_to_a_folder_counts_files(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "UPLOAD_MODE", UPLOAD_LOCAL="On")
    rig.new("Switch", "CCD_FAST_TOGGLE", INDI_ENABLED="On")
    rig.new("Number", "CCD_FAST_COUNT", FRAMES=2)
    rig.forget()
    rig.expose(1)
    first = expose(rig, hand)
    second = begins(hand)
    hand.saved("/home/astro/L_001.fits", first, 1)
    expose(rig, hand)
    hand.saved("/home/astro/L_002.fits", second, 2)
    paths = [e[0].text for e in rig.said if e.attrib.get("name") == "CCD_FILE_PATH"]
    assert [str(path).strip() for path in paths] == ["/home/astro/L_001.fits", "/home/astro/L_002.fits"]
    assert events(rig) == ["Ok", "Busy 1", "Ok", "Idle 1"]


def test_both_is_the_file_and_then_the_frame(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "UPLOAD_MODE", UPLOAD_BOTH="On")
    rig.new("Switch", "CCD_FAST_TOGGLE", INDI_ENABLED="On")
    rig.new("Number", "CCD_FAST_COUNT", FRAMES=2)
    rig.forget()
    rig.expose(1)
    first = expose(rig, hand)
    begins(hand)
    hand.saved("/home/astro/L_001.fits", first, 1)
    hand.frame(b"one", first, 1)
    assert rig.blobs == [b"one"]
    rig.wait(1)
    assert "Alert" not in events(rig)


def test_a_frame_that_was_put_away_ends_the_series_with_its_path(rig: Rig) -> None:
    hand = series(rig, 5)
    first = expose(rig, hand)
    begins(hand)
    hand.saved("/home/astro/kept.fits", first, 1, role=Role.FRAME, text="there was no memory", rescued=True)
    assert events(rig)[-1] == "Alert" and "/home/astro/kept.fits" in rig.messages()[-1]


def test_a_battery_that_is_too_low_for_the_next_one_ends_the_series_behind_its_last_frame(rig: Rig) -> None:
    hand = series(rig, 5)
    rig.new("Number", "BATTERY_LIMIT", PERCENT=30)
    hand.start()
    hand.say(SettingsReport((SettingView("battery", 29, "29 %"),)))
    rig.wait(2)
    first = hand.request.id
    hand.say(ExposureProgress(first, Stage.WAITING))
    assert len(asked(hand)) == 1 and "Alert" not in events(rig)
    hand.frame(b"one", first, 1)
    assert rig.blobs == [b"one"] and events(rig)[-1] == "Alert" and "29 %" in rig.messages()[-1]


def test_a_frame_that_never_comes_is_an_alert_and_not_a_wait_for_ever(rig: Rig) -> None:
    hand = series(rig, 100, 600.0)
    expose(rig, hand)
    begins(hand)
    hand.start()
    rig.wait(SILENCE_S - 1)
    assert "Alert" not in events(rig)
    rig.wait(2)
    assert events(rig)[-1] == "Alert"


def test_a_disconnect_says_nothing_more_of_the_series(rig: Rig) -> None:
    hand = series(rig, 5)
    expose(rig, hand)
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    rig.forget()
    rig.wait(900)
    assert events(rig) == []


def test_the_toggle_is_kept_and_the_count_is_not(rig: Rig) -> None:
    rig.connect()
    rig.new("Switch", "CCD_FAST_TOGGLE", INDI_ENABLED="On")
    rig.new("Number", "CCD_FAST_COUNT", FRAMES=7)
    again = Rig()
    try:
        again.connect()
        assert again.device.board["CCD_FAST_TOGGLE"].chosen() == "INDI_ENABLED"
        assert again.device.board["CCD_FAST_COUNT"].number("FRAMES") == 1
    finally:
        again.close()
