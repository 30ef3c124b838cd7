"""RETAKES: a frame that will not come is made once more, before a client is told of a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from indi_sony_py.driver.exposure import HELD_S
from indi_sony_py.engine.messages import (
    Abort,
    CameraStatus,
    Expose,
    ExposureFailed,
    ExposureHeld,
    ExposureProgress,
    SettingsReport,
    SettingView,
    Stage,
)
from indi_sony_py.hand.messages import Declined
from tests.driver.scripted import IDENTITY, SETTINGS, Rig, ScriptedHand

REASON = "The image file is damaged."
ONCE_MORE = "[WARNING] The exposure of 5 s is made once more (try {number} of {tries}). {reason}"


@pytest.fixture
def rig() -> Iterator[Rig]:
    """A driver that nobody has told how often to try."""
    made = Rig(retakes=None)
    yield made
    made.close()


@pytest.fixture
def hand(rig: Rig) -> ScriptedHand:
    """Its camera, connected."""
    made = rig.connect()
    rig.forget()
    return made


def begun(hand: ScriptedHand) -> int:
    """An exposure whose shutter has closed; its number."""
    hand.start()
    hand.say(ExposureProgress(hand.request.id, Stage.WAITING, limit_s=30.0))
    return hand.request.id


def chance(number: int, reason: str = REASON) -> ExposureFailed:
    """A failure that another try may well mend."""
    return ExposureFailed(number, reason, again=True)


def retaken(rig: Rig, hand: ScriptedHand) -> int:
    """An exposure that has failed and is asked for again; the number of the first try."""
    rig.expose(5)
    number = begun(hand)
    hand.say(chance(number))
    assert rig.states()[-1] == ("Busy", 5.0)
    return number


def alerts(rig: Rig) -> int:
    return [state for state, _ in rig.states()].count("Alert")


def test_two_at_first_busy_with_the_whole_time_and_told(rig: Rig, hand: ScriptedHand) -> None:
    assert rig.device.board["RETAKES"].number("TIMES") == 2
    rig.expose(5)
    first = hand.request
    for tries in (2, 3):
        number = begun(hand)
        rig.wait(2.0)
        hand.say(chance(number))
        assert alerts(rig) == 0 and rig.states()[-1] == ("Busy", 5.0)
        assert hand.request.id != number and hand.request.duration_s == first.duration_s
        assert rig.messages()[-1] == ONCE_MORE.format(number=tries, tries=3, reason=REASON)
    hand.start()
    rig.wait(2.0)
    assert 0 < rig.states()[-1][1] < 5.0, "the countdown is that of the new try"
    hand.frame()
    assert rig.states()[-1] == ("Ok", 0.0) and len(rig.blobs) == 1


def test_only_as_often_as_allowed_and_anew_for_each_wish(rig: Rig, hand: ScriptedHand) -> None:
    for wishes in (1, 2):
        rig.expose(5)
        for _ in range(3):
            hand.say(chance(begun(hand)))
        assert alerts(rig) == wishes and len(hand.asked(Expose)) == 3 * wishes
        assert rig.messages()[-1] == f"[ERROR] {REASON}", "the Alert's own message is that of the last try"


@pytest.mark.parametrize("changed", [(0, 1), (1, 0)])
def test_what_is_allowed_when_it_fails_counts(rig: Rig, hand: ScriptedHand, changed: tuple[int, int]) -> None:
    before, after = changed
    rig.new("Number", "RETAKES", TIMES=before)
    rig.expose(5)
    number = begun(hand)
    rig.new("Number", "RETAKES", TIMES=after)
    hand.say(chance(number))
    assert alerts(rig) == 1 - after and len(hand.asked(Expose)) == 1 + after


@pytest.mark.parametrize("opened", [False, True])
def test_what_needs_the_user_fails_at_once(rig: Rig, hand: ScriptedHand, opened: bool) -> None:
    """The camera's dial, an empty battery, images that go to the card: nothing gets better by another try."""
    rig.expose(5)
    number = begun(hand) if opened else hand.request.id
    hand.say(ExposureFailed(number, "Turn the dial to M."))
    assert alerts(rig) == 1 and len(hand.asked(Expose)) == 1


def test_a_camera_that_is_lost_before_the_press_costs_a_try(rig: Rig, hand: ScriptedHand) -> None:
    rig.expose(5)
    hand.say(chance(hand.request.id, "The connection to the camera was lost."))
    assert alerts(rig) == 0 and len(hand.asked(Expose)) == 2


def test_a_battery_that_got_too_low_is_told_at_once(rig: Rig, hand: ScriptedHand) -> None:
    rig.new("Number", "BATTERY_LIMIT", PERCENT=20)
    rig.expose(5)
    number = begun(hand)
    low = SettingView("battery", 10, "10 %")
    hand.say(SettingsReport(tuple(low if s.name == "battery" else s for s in SETTINGS.settings)))
    hand.say(chance(number))
    assert alerts(rig) == 1 and len(hand.asked(Expose)) == 1


def _asked(rig: Rig, hand: ScriptedHand) -> None:
    pass


def _held(rig: Rig, hand: ScriptedHand) -> None:
    hand.say(ExposureHeld(hand.request.id, "The camera is not ready yet."))
    rig.wait(5.0)


def _open(rig: Rig, hand: ScriptedHand) -> None:
    hand.start()
    rig.wait(2.0)


def _waiting(rig: Rig, hand: ScriptedHand) -> None:
    begun(hand)
    rig.wait(20.0)


@pytest.mark.parametrize("moment", [_asked, _held, _open, _waiting])
def test_an_abort_works_at_once_at_any_moment_and_is_the_end(
    rig: Rig, hand: ScriptedHand, moment: Callable[[Rig, ScriptedHand], None]
) -> None:
    """Ekos gives an exposure up 180 s after its end, whatever is under way."""
    retaken(rig, hand)
    moment(rig, hand)
    rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="On")
    assert rig.states()[-1] == ("Idle", 0.0) and rig.switch_states("CCD_ABORT_EXPOSURE")[-1] == ("Ok", "")
    assert len(hand.asked(Abort)) == 1
    hand.say(chance(hand.request.id))
    assert rig.states()[-1] == ("Idle", 0.0) and alerts(rig) == 0 and len(hand.asked(Expose)) == 2


def test_an_abort_while_no_hand_is_there_is_the_end_for_the_next_one_too(rig: Rig, hand: ScriptedHand) -> None:
    rig.expose(5)
    begun(hand)
    rig.outside.hold = True
    hand.die()
    assert rig.states()[-1] == ("Busy", 5.0)
    rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="On")
    assert rig.states()[-1] == ("Idle", 0.0)
    rig.outside.hold = False
    rig.run()
    assert rig.hand is not hand and rig.hand.asked(Expose) == []


def test_a_new_wish_takes_the_place_of_a_retake_and_has_its_own_tries(rig: Rig, hand: ScriptedHand) -> None:
    rig.new("Number", "RETAKES", TIMES=1)
    retaken(rig, hand)
    old = hand.request.id
    rig.expose(7)
    hand.say(chance(old, "A newer request took its place."))
    assert rig.states()[-1] == ("Busy", 7.0) and alerts(rig) == 0 and hand.request.duration_s == 7.0
    hand.say(chance(begun(hand)))
    assert rig.states()[-1] == ("Busy", 7.0) and len(hand.asked(Expose)) == 4


def test_what_is_left_of_the_first_try_is_never_the_answer_to_the_second(rig: Rig, hand: ScriptedHand) -> None:
    first = retaken(rig, hand)
    hand.frame(exposure_id=first)
    assert len(hand.asked(Declined)) == 1 and rig.blobs == [], "it goes to disk"
    hand.saved("/frames/kept_1.fits", exposure_id=first, rescued=True)
    assert rig.states()[-1] == ("Busy", 5.0)
    assert [text for text in rig.messages() if "/frames/kept_1.fits" in text] != []
    hand.start()
    hand.frame(b"the second", frame_id=2)
    assert rig.states()[-1] == ("Ok", 0.0) and rig.blobs == [b"the second"]


@pytest.mark.parametrize("mode", ["UPLOAD_LOCAL", "UPLOAD_BOTH"])
def test_a_damaged_file_on_disk_does_not_end_a_local_upload(rig: Rig, hand: ScriptedHand, mode: str) -> None:
    """The hand says that the frame failed, then where its file is: that one is not what was asked for."""
    rig.new("Switch", "UPLOAD_MODE", **{mode: "On"})
    first = retaken(rig, hand)
    assert hand.request.upload == mode.removeprefix("UPLOAD_").lower()
    hand.saved("/frames/kept_1.arw", exposure_id=first, rescued=True)
    rig.wait(20.0)
    assert rig.states()[-1] == ("Busy", 5.0)
    hand.start()
    hand.saved("/frames/light_001.fits", frame_id=2)
    if mode == "UPLOAD_BOTH":
        assert rig.states()[-1] == ("Busy", 0.0)
        hand.frame(frame_id=2)
    assert rig.states()[-1] == ("Ok", 0.0) and alerts(rig) == 0


@pytest.mark.parametrize("opened", [False, True])
def test_a_hand_that_is_lost_costs_a_try_that_the_next_one_makes(rig: Rig, hand: ScriptedHand, opened: bool) -> None:
    rig.expose(5)
    number = begun(hand) if opened else hand.request.id
    hand.die()
    assert alerts(rig) == 0 and rig.states()[-1] == ("Busy", 5.0)
    new = rig.hand
    assert new is not hand and new.request.id != number and new.request.duration_s == 5.0
    new.say(CameraStatus("ready", IDENTITY))
    new.start()
    new.frame()
    assert rig.states()[-1] == ("Ok", 0.0)


def test_a_hand_that_is_not_replaced_is_one_alert_after_two_minutes(rig: Rig, hand: ScriptedHand) -> None:
    rig.expose(5)
    begun(hand)
    rig.outside.deaf = True
    hand.die()
    rig.wait(HELD_S - 1.0)
    assert alerts(rig) == 0
    rig.wait(2.0)
    assert alerts(rig) == 1
    rig.wait(1000.0)
    assert alerts(rig) == 1


def test_a_hand_that_falls_silent_in_a_retake_is_one_alert(rig: Rig, hand: ScriptedHand) -> None:
    retaken(rig, hand)
    hand.start()
    rig.wait(4 * 5.0 + 600.0)
    assert alerts(rig) == 1 and len(hand.asked(Abort)) == 1 and len(hand.asked(Expose)) == 2


@pytest.mark.parametrize("aborts", [True, False])
def test_a_client_that_does_not_wait_for_a_retake_hears_of_the_next_failure(
    rig: Rig, hand: ScriptedHand, aborts: bool
) -> None:
    """As Ekos does: 180 s after the end of an exposure it aborts, and asks anew, for ever."""
    retaken(rig, hand)
    hand.start()
    if aborts:
        rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="On")
    rig.expose(5)
    hand.say(chance(begun(hand)))
    assert alerts(rig) == 1
    # It has heard: what it asks for now has all its tries.
    retaken(rig, hand)


def test_a_frame_after_a_retake_that_was_taken_back_brings_back_the_tries(rig: Rig, hand: ScriptedHand) -> None:
    retaken(rig, hand)
    hand.start()
    rig.expose(5)
    begun(hand)
    hand.frame()
    assert rig.states()[-1] == ("Ok", 0.0)
    retaken(rig, hand)
    assert alerts(rig) == 0


def test_a_first_try_that_is_taken_back_costs_nothing(rig: Rig, hand: ScriptedHand) -> None:
    rig.expose(5)
    hand.start()
    rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="On")
    retaken(rig, hand)
    assert alerts(rig) == 0


def test_none_within_a_series(rig: Rig, hand: ScriptedHand) -> None:
    rig.new("Switch", "CCD_FAST_TOGGLE", INDI_ENABLED="On")
    rig.new("Number", "CCD_FAST_COUNT", FRAMES=3)
    rig.expose(5)
    hand.say(chance(begun(hand)))
    rig.wait(20.0)
    assert alerts(rig) == 1 and not [text for text in rig.messages() if "once more" in text]


def test_a_frame_that_is_owed_and_fails_does_not_take_the_next_one_again(rig: Rig, hand: ScriptedHand) -> None:
    """The client has ended the series: the frame under way is a single one, and nothing is wrong with it."""
    rig.new("Switch", "CCD_FAST_TOGGLE", INDI_ENABLED="On")
    rig.new("Number", "CCD_FAST_COUNT", FRAMES=2)
    rig.expose(5)
    owed = hand.request.id
    begun(hand)
    hand.start()
    assert hand.request.id != owed
    rig.new("Switch", "CCD_FAST_TOGGLE", INDI_DISABLED="On")
    asked = len(hand.asked(Expose))
    hand.say(chance(owed))
    rig.wait(20.0)
    assert len(hand.asked(Expose)) == asked and alerts(rig) == 1


# --- one message for one reason ---------------------------------------------------------------------------------------

LOST = "Check the cable."


def offline(hand: ScriptedHand, text: str = LOST) -> None:
    hand.say(CameraStatus("offline", IDENTITY, text, failed=True))


@pytest.mark.parametrize("retakes", [0, 2])
def test_a_loss_in_mid_exposure_is_one_message(rig: Rig, hand: ScriptedHand, retakes: int) -> None:
    rig.new("Number", "RETAKES", TIMES=retakes)
    rig.expose(5)
    rig.forget()
    hand.say(chance(begun(hand), f"The connection was lost. {LOST}"))
    offline(hand)
    assert len([text for text in rig.messages() if LOST in text]) == 1
    assert rig.switch_states("CONNECTION")[-1] == ("Alert", "CONNECT")
    hand.say(CameraStatus("ready", IDENTITY))
    rig.forget()
    offline(hand)
    assert rig.messages() == [f"[ERROR] {LOST}"], "the next time it is said again"


def test_two_reasons_are_two_messages(rig: Rig, hand: ScriptedHand) -> None:
    rig.expose(5)
    rig.forget()
    hand.say(chance(begun(hand)))
    offline(hand)
    assert [REASON in text for text in rig.messages()] == [True, False] and LOST in rig.messages()[-1]
