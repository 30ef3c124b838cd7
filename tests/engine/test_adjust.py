"""The way to a setting: any dial, any start, any lag and any lie ends in the value, read back, or in words."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.engine.adjust import (
    ISO_WORDS,
    MAX_STEPS,
    MAX_WALK_S,
    SETTLE_S,
    STANDSTILL_S,
    VALUE_TRIES,
    Goal,
    Need,
    Ready,
    Refused,
    Wait,
    Walk,
    pursue,
    same,
    settable,
)
from indi_sony_py.engine.moves import How, Write
from indi_sony_py.ptp.data import DataType
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Settings, Version
from tests.engine.made import listed, one_of

CODE = Prop.ISO
LADDER = tuple(range(100, 3300, 100))


@dataclass
class Dial:
    """A setting of a body. `true`: what it really has; `lag_s`: time for one notch; `by` is added to each step."""

    current: int
    true: tuple[int, ...] = LADDER
    lag_s: float = 0.1
    by: int = 0
    backwards: bool = False
    dead: bool = False
    now: float = 0.0
    writes: list[Write] = field(default_factory=list)
    moving: list[tuple[float, int]] = field(default_factory=list)

    def settings(self) -> Settings:
        while self.moving and self.moving[0][0] <= self.now:
            self.current = self.moving.pop(0)[1]
        return listed(Version.V200, one_of(CODE, self.current, *LADDER))

    @property
    def busy(self) -> bool:
        return bool(self.moving) and self.moving[-1][0] > self.now

    def take(self, write: Write) -> None:
        assert not self.busy, "never a write while the body still follows the last one"
        self.writes.append(write)
        if self.dead:
            return
        if write.how is How.VALUE:
            if write.value in self.true:
                self.moving.append((self.now + self.lag_s, write.value))
            return
        steps = -write.value if self.backwards else write.value
        steps += self.by if steps > 0 else -self.by
        place = self.true.index(self.current) if self.current in self.true else 0
        when = self.now
        while steps:
            before, place = place, min(max(place + (1 if steps > 0 else -1), 0), len(self.true) - 1)
            if place == before:
                return  # the end of the dial
            steps -= 1 if steps > 0 else -1
            when += self.lag_s
            self.moving.append((when, self.true[place]))


def goal_of(target: int, notches: bool, notch_s: float = 0.1) -> Goal:
    ladder = LADDER if notches else ()
    return Goal(CODE, target, ISO_WORDS, str(target), ladder=ladder, notches=notches, notch_s=notch_s)


def pursued(dial: Dial, need: Need, limit_s: float = 2 * MAX_WALK_S) -> Ready | Refused:
    """Play the machine's part: read, do what comes back, read again."""
    walk = Walk(0.0)
    while dial.now < limit_s:
        walk, step = pursue((need,), dial.settings(), walk, dial.now)
        match step:
            case Write():
                dial.take(step)
                dial.now += 0.1
            case Wait():
                dial.now += step.seconds
            case Ready() | Refused():
                return step
    raise AssertionError("no end")


def notched(target: int, notch_s: float) -> Need:
    def check(settings: Settings) -> Goal | str | None:
        return None if settings.number(CODE) == target else goal_of(target, True, notch_s)

    return Need("iso", check)


@given(
    start=st.sampled_from(LADDER),
    target=st.sampled_from(LADDER),
    lag_s=st.sampled_from((0.01, 0.1, 0.3, 0.7)),
    by=st.integers(0, 2),
)
def test_notches_end_at_the_value(start: int, target: int, lag_s: float, by: int) -> None:
    """A jump may overshoot; single steps that overshoot may go round it, and that ends in words."""
    dial = Dial(start, lag_s=lag_s, by=by)
    end = pursued(dial, notched(target, lag_s))
    if by == 0:
        assert isinstance(end, Ready) and dial.current == target
        assert len(dial.writes) <= 2, "the distance in one jump"
    elif isinstance(end, Ready):
        assert dial.current == target
    else:
        assert end.text.startswith("The ISO") and end.text.endswith("Choose another ISO.")
    assert len(dial.writes) <= MAX_STEPS


@given(
    start=st.sampled_from(LADDER),
    target=st.sampled_from(LADDER),
    missing=st.sets(st.sampled_from(LADDER), max_size=20),
    backwards=st.booleans(),
    dead=st.booleans(),
    by=st.integers(0, 3),
)
@settings(max_examples=60)
def test_a_dial_that_lies_ends_in_the_value_or_in_words(
    start: int, target: int, missing: set[int], backwards: bool, dead: bool, by: int
) -> None:
    true = tuple(v for v in LADDER if v not in missing or v == start)
    dial = Dial(start, true, backwards=backwards, dead=dead, by=by)
    end = pursued(dial, notched(target, 0.1))
    assert isinstance(end, Ready) == (dial.settings().number(CODE) == target)
    if isinstance(end, Refused):
        assert f"{target}" in end.text and "Choose another ISO." in end.text
    if dead and start != target:
        assert isinstance(end, Refused) and f"stays at {start}" in end.text
        assert len(dial.writes) == 3 and dial.now < 3 * (STANDSTILL_S + 0.5)


def written(target: int, must: bool = True) -> Need:
    def check(settings: Settings) -> Goal | str | None:
        return None if settings.number(CODE) == target else goal_of(target, False)

    return Need("iso", check, must)


def test_a_value_is_written_again_after_it_did_not_take_and_then_given_up() -> None:
    dial = Dial(100, dead=True)
    end = pursued(dial, written(800))
    assert isinstance(end, Refused) and end.text == "The ISO stays at 100 and does not go to 800. Choose another ISO."
    assert len(dial.writes) == VALUE_TRIES
    assert VALUE_TRIES * SETTLE_S - 1 < dial.now < VALUE_TRIES * SETTLE_S + 1


def test_a_value_that_takes_is_ready_when_it_reads_back_and_not_before() -> None:
    dial = Dial(100, lag_s=2.0)
    assert isinstance(pursued(dial, written(800)), Ready)
    assert len(dial.writes) == 1 and dial.now >= 2.0


def test_what_need_not_hold_is_noted_and_passed_over() -> None:
    dial, walk = Dial(100, dead=True), Walk(0.0)
    need = written(800, must=False)
    step: object = None
    while not isinstance(step, Ready):
        walk, step = pursue((need, written(100)), dial.settings(), walk, dial.now)
        if isinstance(step, Write):
            dial.take(step)
        dial.now += 0.5
        assert dial.now < 30
    assert walk.skipped == ("iso",) and "does not go to 800" in walk.notes[0]


def test_a_dial_that_walks_away_is_let_go_after_so_many_steps() -> None:
    long = tuple(range(1, 1001))
    goal = Goal(CODE, 1000, ISO_WORDS, "1000", ladder=long, notches=True, notch_s=0.05)
    need = Need("iso", lambda settings: goal)
    dial = Dial(500, long, lag_s=0.05, backwards=True)
    end = pursued(dial, need)
    assert isinstance(end, Refused) and "does not go to 1000" in end.text
    assert len(dial.writes) == MAX_STEPS


def test_a_goal_whose_twin_is_not_listed_is_refused_at_once() -> None:
    goal = Goal(CODE, 800, ISO_WORDS, "800", write_code=Prop.ISO_DIRECT)
    _, step = pursue((Need("iso", lambda settings: goal),), listed(Version.V200, one_of(CODE, 100)), Walk(0.0), 0.0)
    assert isinstance(step, Refused) and step.text == "The camera does not list its ISO. Choose another ISO."


def test_a_walk_without_an_end_is_ended_by_the_clock() -> None:
    """A dial that always moves on, and never to where it is sent."""
    walk = Walk(0.0)
    now, value = 0.0, 100
    while True:
        value = 200 if value == 100 else 100
        walk, step = pursue((notched(3200, 0.1),), listed(Version.V200, one_of(CODE, value)), walk, now)
        if isinstance(step, Refused):
            break
        now += 0.5
        assert now <= MAX_WALK_S + 5
    assert "3200" in step.text


def test_a_setting_that_disappears_is_refused() -> None:
    walk, step = pursue((notched(3200, 0.1),), listed(Version.V200, one_of(CODE, 100)), Walk(0.0), 0.0)
    assert isinstance(step, Write)
    walk, step = pursue((notched(3200, 0.1),), listed(Version.V200), walk, 0.1)
    assert isinstance(step, Refused) and step.text == "The camera does not list its ISO. Choose another ISO."


def test_words_for_a_state_of_its_own_and_for_what_cannot_be_read() -> None:
    wrong = "The drive mode is self-timer. Set Drive Mode: Single Shooting."
    goal = Goal(CODE, 1, wrong=wrong)
    need = Need("drive", lambda settings: goal)
    dial = Dial(100, dead=True)
    end = pursued(dial, need)
    assert end == Refused(wrong)
    hidden, walk, now = listed(Version.V200, one_of(CODE, 100, enabled=0)), Walk(0.0), 0.0
    step: object = None
    while not isinstance(step, Refused):
        walk, step = pursue((written(800),), hidden, walk, now)
        now += 1.0
    assert "cannot be read" in step.text


def test_speeds_are_the_same_as_fractions() -> None:
    assert same(Prop.SHUTTER_SPEED, 0x0001000A, 0x000A0064)
    assert not same(Prop.SHUTTER_SPEED, 0xFFFFFFFF, 0xFFFFFFFF), "nothing is no speed"
    assert not same(CODE, 0x0001000A, 0x000A0064)


@pytest.mark.parametrize(
    ("get_set", "enabled", "values", "version", "expected"),
    [
        (1, 1, (1, 2), Version.V300, True),
        (1, 1, (1, 3), Version.V300, False),
        (1, 1, (), Version.V200, True),
        (0, 1, (1, 2), Version.V200, False),
        (1, 0, (1, 2), Version.V200, False),
        (1, 2, (1, 2), Version.V300, False),
        (1, 2, (1, 2), Version.V200, True),
    ],
)
def test_what_has_a_chance(
    get_set: int, enabled: int, values: tuple[int, ...], version: Version, expected: bool
) -> None:
    found = one_of(CODE, 1, *values, kind=DataType.UINT16, get_set=get_set, enabled=enabled)
    assert settable(found, version, 2) is expected
