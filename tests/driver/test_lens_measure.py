"""LENS_MEASURE: moves and looks take turns until the table is there, or a sentence says why there is none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from indi_sony_py.engine.focusmessages import FocusEnded, FocusReport, MoveFocus, StopFocus, To, UseLens
from indi_sony_py.engine.focustable import ASSUMED
from indi_sony_py.engine.messages import LiveView
from indi_sony_py.hand.messages import StarSeen, WatchStar
from tests.driver.scripted import FOCUS, Rig, ScriptedHand
from tests.engine.truelens import B52, TrueLens

NAME = "LENS_MEASURE"
UNKNOWN = replace(ASSUMED, name="FE 35mm F1.8")
REPORT = FocusReport(UNKNOWN.name, True, limit=UNKNOWN.reach, there=True, table=UNKNOWN)


class Hand:
    """Answers moves by a true lens, and live view by its star."""

    def __init__(self, rig: Rig, hand: ScriptedHand) -> None:
        self.rig, self.hand = rig, hand
        self.lens = TrueLens(B52, 4200.0, 12.0, motor=260, glass=260)
        self.done = 0
        self.cloud = False
        self.magnifier = 41 << 32

    def radius(self) -> float:
        found = math.hypot(1.1, 0.0057 * (self.lens.glass - 260))
        return 0.0 if self.cloud or found > 20 else found

    def turn(self) -> bool:
        """The next move, or the next frame; False when nothing is waited for."""
        moves = [m for m in self.hand.got if isinstance(m, MoveFocus)]
        if len(moves) > self.done:
            move = moves[self.done]
            self.done += 1
            if move.to is To.STEPS:
                count = round(abs(move.units))
                self.lens.steps([-move.size if move.units > 0 else move.size] * count)
            self.rig.wait(0.5)
            self.hand.say(FocusEnded(move.id, True, None))
            return True
        if self.rig.device.board[NAME].state.value != "Busy":
            return False
        self.rig.wait(0.2)
        radius = self.radius()
        self.hand.say(
            StarSeen(1, self.rig.clock.monotonic(), radius, 2 * radius, 5, 5, 0.5, 1, radius, (64, 48), self.magnifier)
        )
        return True


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.close()


@pytest.fixture
def hand(rig: Rig) -> Hand:
    made = Hand(rig, rig.connect())
    made.hand.say(REPORT)
    return made


def begin(rig: Rig) -> None:
    rig.new("Switch", NAME, MEASURE="On")
    assert rig.switch_states(NAME)[-1] == ("Busy", "MEASURE")


def test_the_steps_of_a_lens_are_measured(rig: Rig, hand: Hand) -> None:
    begin(rig)
    assert any("are being measured: it takes some minutes" in text for text in rig.messages())
    assert hand.hand.asked(WatchStar)[-1] == WatchStar(True) and hand.hand.asked(LiveView)[-1] == LiveView(True)
    for _ in range(5000):
        if not hand.turn():
            break
    assert rig.switch_states(NAME)[-1] == ("Ok", "")
    (used,) = hand.hand.asked(UseLens)
    assert isinstance(used, UseLens)
    assert used.table.name == UNKNOWN.name and used.table.measured
    for told, true in zip(used.table.sizes, B52, strict=True):
        assert told == pytest.approx(true, rel=0.1)
    assert used.table.span == pytest.approx(4200, rel=0.08)
    assert any("are measured: sizes 1, " in text for text in rig.messages())
    assert hand.hand.asked(WatchStar)[-1] == WatchStar(False) and hand.hand.asked(LiveView)[-1] == LiveView(False)
    last = hand.hand.asked(MoveFocus)[-1]
    assert isinstance(last, MoveFocus) and last.to is To.FAR_STOP, "so that the position is known"


def test_no_star_is_told(rig: Rig, hand: Hand) -> None:
    hand.cloud = True
    begin(rig)
    for _ in range(5000):
        if not hand.turn():
            break
    assert rig.switch_states(NAME)[-1] == ("Alert", "")
    assert any("no star is seen that grows as the lens moves" in text for text in rig.messages())
    assert not hand.hand.asked(UseLens) and hand.hand.asked(LiveView)[-1] == LiveView(False)


def test_no_live_view_is_told(rig: Rig, hand: Hand) -> None:
    begin(rig)
    hand.turn()
    rig.wait(61)
    assert rig.switch_states(NAME)[-1] == ("Alert", "")
    assert any("Live view showed nothing for 60 s" in text for text in rig.messages())


def test_a_magnifier_that_is_switched_meanwhile_ends_it(rig: Rig, hand: Hand) -> None:
    """Radii are pixels of what is seen: the ruler would be another one. The same part elsewhere is no harm."""
    begin(rig)
    for _ in range(60):
        hand.turn()
    hand.magnifier |= 100 << 16 | 90
    for _ in range(60):
        hand.turn()
    assert rig.switch_states(NAME)[-1] == ("Busy", "MEASURE")
    hand.magnifier = 0
    for _ in range(5000):
        if not hand.turn():
            break
    assert rig.switch_states(NAME)[-1] == ("Alert", "")
    assert any("the focus magnifier was switched meanwhile" in text for text in rig.messages())
    assert not hand.hand.asked(UseLens)


@pytest.mark.parametrize("way", ["stop", "off", "other move", "move fails", "hand ends", "disconnect"])
def test_it_ends_when_something_else_is_wanted(rig: Rig, hand: Hand, way: str) -> None:
    begin(rig)
    for _ in range(6):
        hand.turn()
    match way:
        case "stop":
            rig.new("Switch", "FOCUS_ABORT_MOTION", ABORT="On")
            assert hand.hand.asked(StopFocus)
        case "off":
            rig.new("Switch", NAME, MEASURE="Off")
        case "other move":
            rig.new("Number", "ABS_FOCUS_POSITION", FOCUS_ABSOLUTE_POSITION="500")
        case "move fails":
            move = hand.hand.asked(MoveFocus)[-1]
            assert isinstance(move, MoveFocus)
            for _ in range(20):
                hand.turn()
                if len(hand.hand.asked(MoveFocus)) > hand.done:
                    break
            move = hand.hand.asked(MoveFocus)[-1]
            assert isinstance(move, MoveFocus)
            hand.hand.say(FocusEnded(move.id, False, None, "The camera did not answer."))
        case "hand ends":
            hand.hand.die()
        case _:
            rig.new("Switch", "CONNECTION", DISCONNECT="On")
            rig.wait(10)
    vector = rig.device.board[NAME]
    assert vector.chosen() is None and vector.state.value in ("Alert", "Idle")
    assert not hand.hand.asked(UseLens)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (replace(REPORT, lens="E 18mm F2", table=replace(UNKNOWN, name="E 18mm F2")), "another lens was put on"),
        (FocusReport(text="The camera is not connected."), "The camera is not connected."),
    ],
)
def test_another_lens_or_a_camera_that_went_ends_it(rig: Rig, hand: Hand, report: FocusReport, words: str) -> None:
    """In the middle of looking, where no move fails: half a table of each lens would be kept by the name of one."""
    begin(rig)
    for _ in range(6):
        hand.turn()
    hand.hand.say(report)
    assert rig.switch_states(NAME)[-1] == ("Alert", "")
    assert any(words in text for text in rig.messages())
    assert hand.hand.asked(WatchStar)[-1] == WatchStar(False)
    assert not hand.hand.asked(UseLens)


def test_a_lens_that_cannot_be_moved_now_is_not_measured(rig: Rig, hand: Hand) -> None:
    hand.hand.say(replace(FOCUS, ready=False, text="The camera focuses by itself."))
    rig.new("Switch", NAME, MEASURE="On")
    assert rig.switch_states(NAME)[-1] == ("Alert", "")
    assert not hand.hand.asked(MoveFocus)
