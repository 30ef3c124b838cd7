"""RETAKES: a frame that was begun and will not come is made once more, before a client is told of a failure."""

from __future__ import annotations

import pytest

from indi_sony_py.engine.messages import Expose, ExposureFailed, ExposureProgress, Stage
from tests.driver.scripted import Rig, ScriptedHand

REASON = "The image file is damaged."


@pytest.fixture
def hand(rig: Rig) -> ScriptedHand:
    """A camera that is connected; one retake is allowed."""
    made = rig.connect()
    rig.new("Number", "RETAKES", TIMES="1")
    rig.forget()
    return made


def begun(hand: ScriptedHand) -> int:
    """An exposure whose shutter has closed; its number."""
    hand.start()
    hand.say(ExposureProgress(hand.request.id, Stage.WAITING, limit_s=30.0))
    return hand.request.id


def alerts(rig: Rig) -> int:
    return [state for state, _ in rig.states()].count("Alert")


def test_none_is_made_at_first(rig: Rig) -> None:
    hand = rig.connect()
    rig.expose(5)
    number = begun(hand)
    hand.say(ExposureFailed(number, REASON))
    assert alerts(rig) == 1 and len(hand.asked(Expose)) == 1


def test_it_is_made_again_busy_with_its_whole_time_and_told(rig: Rig, hand: ScriptedHand) -> None:
    rig.expose(5)
    first, number = hand.request, begun(hand)
    hand.say(ExposureFailed(number, REASON))
    assert alerts(rig) == 0 and rig.states()[-1] == ("Busy", 5.0)
    assert hand.request.id != number and hand.request.duration_s == first.duration_s
    assert rig.messages()[-1] == f"[WARNING] The exposure is made once more: {REASON}"
    hand.frame()
    assert rig.states()[-1] == ("Ok", 0.0)


def test_only_as_often_as_allowed_and_anew_for_each_wish(rig: Rig, hand: ScriptedHand) -> None:
    for wishes in (1, 2):
        rig.expose(5)
        for _ in range(2):
            hand.say(ExposureFailed(begun(hand), REASON))
        assert alerts(rig) == wishes and len(hand.asked(Expose)) == 2 * wishes


def test_what_was_never_begun_fails_at_once(rig: Rig, hand: ScriptedHand) -> None:
    """The camera's dial, an empty battery: nothing gets better by another try."""
    rig.expose(5)
    hand.say(ExposureFailed(hand.request.id, "Turn the dial to M."))
    assert alerts(rig) == 1 and len(hand.asked(Expose)) == 1


def test_an_abort_is_the_end(rig: Rig, hand: ScriptedHand) -> None:
    rig.expose(5)
    hand.say(ExposureFailed(begun(hand), REASON))
    rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="On")
    assert rig.states()[-1] == ("Idle", 0.0)
    hand.say(ExposureFailed(hand.request.id, REASON))
    assert alerts(rig) == 0 and len(hand.asked(Expose)) == 2


def test_a_hand_that_is_lost_costs_a_try_that_the_next_one_makes(rig: Rig, hand: ScriptedHand) -> None:
    rig.expose(5)
    begun(hand)
    hand.alive = False
    hand.die()
    assert alerts(rig) == 0 and rig.states()[-1] == ("Busy", 5.0)
