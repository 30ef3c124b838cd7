"""Whose image is it: each rule by a row, and no old frame under any facts and order."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.engine.images import Evidence, clock_offset, judge, owed_by
from indi_sony_py.engine.messages import ExposureRequest, Shot, ShutterMode
from indi_sony_py.engine.moves import FileFacts

OFFSET = 5000.0
"""The camera's clock minus ours."""


def shot(pressed_at: float, seconds: float, number: int = 1, bulb: bool = False) -> Shot:
    made = Shot(ExposureRequest(number, seconds), ShutterMode.TIMED, seconds, pressed_at, "")
    return replace(made, mode=ShutterMode.BULB, nominal_s=None, measured_s=seconds) if bulb else made


NOW = shot(1000.0, 10.0, 2)
OLD = shot(900.0, 10.0, 1)
OTHER = shot(900.0, 30.0, 1)


def facts(exposure_s: float | None = None, clock: float | None = None, nr: bool | None = None) -> FileFacts:
    return FileFacts(exposure_s, None, nr, None if clock is None else clock + OFFSET)


@pytest.mark.parametrize(
    ("file", "seen_at", "debt", "offset", "ours", "owed"),
    [
        (facts(10.0), 1010.2, (), None, True, None),
        (facts(), 1000.1, (), None, True, None),
        (facts(10.0), 1005.0, (), None, False, None),
        (facts(10.0, nr=True), 1012.0, (), None, False, None),
        (facts(10.0, nr=True), 1020.2, (), None, True, None),
        (facts(0.5, nr=True), 1000.6, (), None, True, None),
        (facts(10.0), 1005.0, (OLD,), None, False, 0),
        (facts(30.0), 1005.0, (OLD,), None, False, None),
        (facts(10.0, 1000.0), 1010.2, (OLD,), OFFSET, True, None),
        (facts(10.0, 900.0), 1010.2, (OLD,), OFFSET, False, 0),
        (facts(10.0, 500.0), 1010.2, (OLD,), OFFSET, False, None),
        (facts(10.0), 1010.2, (OTHER,), None, True, None),
        (facts(30.0), 1035.0, (OTHER,), None, False, 0),
        (facts(10.0), 1010.2, (OLD,), None, False, 0),
        (facts(), 1010.2, (OLD,), None, False, 0),
        (facts(3.0), 1010.2, (OLD,), None, False, 0),
        (facts(30.0), 1035.0, (OLD, OTHER), None, False, 1),
        (facts(10.0, 1000.0), 1010.2, (OTHER,), None, True, None),
    ],
)
def test_each_rule(
    file: FileFacts, seen_at: float, debt: tuple[Shot, ...], offset: float | None, ours: bool, owed: int | None
) -> None:
    verdict = judge(file, Evidence(seen_at), NOW, debt, offset)
    assert (verdict.ours, verdict.owed) == (ours, owed)
    assert bool(verdict.why) == (not ours), "a refusal says why"


def test_bulbs_are_told_apart_by_their_measured_time() -> None:
    debt = (shot(900.0, 33.0, 1, bulb=True),)
    assert judge(facts(12.3), Evidence(1012.5), shot(1000.0, 12.3, 2, bulb=True), debt, None).ours
    assert judge(facts(33.0), Evidence(1034.0), shot(1000.0, 12.3, 2, bulb=True), debt, None).owed == 0
    unmeasured = replace(debt[0], measured_s=None)
    assert not judge(facts(12.3), Evidence(1012.5), replace(NOW, nominal_s=None), (unmeasured,), None).ours


def test_a_bulb_whose_end_nobody_saw_may_own_any_image() -> None:
    unseen = replace(shot(900.0, 33.0, 1, bulb=True), measured_s=None)
    mine = shot(1000.0, 33.0, 2, bulb=True)
    assert not judge(facts(33.0), Evidence(1034.0), mine, (unseen,), None).ours


def test_two_images_in_doubt_tell_the_clock_together() -> None:
    """The owed image never comes: ours of the first doubt is given up, and from the second on ours is known as ours."""
    first = judge(facts(10.0, 1000.0), Evidence(1010.2), NOW, (OLD,), None)
    assert not first.ours and first.owed == 0 and first.doubts == (OFFSET, OFFSET + 100.0)
    later = shot(1030.0, 10.0, 3)
    second = judge(facts(10.0, 1030.0), Evidence(1040.2), later, (NOW,), None, first.doubts)
    assert second.ours and second.offset == OFFSET


@given(gap=st.floats(12.0, 300.0), pause=st.floats(12.0, 300.0), late=st.floats(0.1, 60.0))
def test_images_that_stay_one_behind_are_never_ours(gap: float, pause: float, late: float) -> None:
    """Each image is that of the press before: whatever two of them tell of the clock, none is taken for a new one."""
    shots = (shot(1000.0, 10.0, 1), shot(1000.0 + gap, 10.0, 2), shot(1000.0 + gap + pause, 10.0, 3))
    doubts: tuple[float, ...] = ()
    for before, mine in pairwise(shots):
        evidence = Evidence(mine.pressed_at + 10.0 + late)
        verdict = judge(facts(10.0, before.pressed_at), evidence, mine, (before,), None, doubts)
        assert not verdict.ours and verdict.owed == 0
        doubts = verdict.doubts


def test_the_offset_is_learnt_from_a_file_with_a_clock() -> None:
    assert clock_offset(facts(10.0, 1000.0), NOW) == OFFSET
    assert clock_offset(facts(10.0), NOW) is None


@given(
    exposure=st.sampled_from((0.004, 0.5, 2.0, 10.0, 30.0)),
    old=st.sampled_from((0.004, 0.5, 2.0, 10.0, 30.0)),
    gap=st.floats(10.0, 300.0),
    late=st.floats(0.05, 60.0),
    clock=st.booleans(),
    known=st.booleans(),
)
def test_an_image_that_is_owed_is_never_ours(
    exposure: float, old: float, gap: float, late: float, clock: bool, known: bool
) -> None:
    """Whatever the file says truly of itself, an owed one that comes while ours is awaited is told from ours."""
    debt = (shot(1000.0 - gap, old, 1),)
    file = facts(old, 1000.0 - gap if clock else None)
    verdict = judge(file, Evidence(1000.0 + late), shot(1000.0, exposure, 2), debt, OFFSET if known else None)
    assert not verdict.ours


@given(st.floats(0.0, 100.0), st.floats(0.0, 60.0), st.booleans(), st.booleans())
def test_ours_is_ours_where_the_camera_has_a_clock(exposure: float, late: float, nr: bool, debt: bool) -> None:
    mine = shot(1000.0, exposure, 2)
    ready = 1000.0 + exposure * (2 if nr and exposure >= 1 else 1) + late
    owed = (shot(500.0, exposure, 1),) if debt else ()
    assert judge(facts(exposure, 1000.0, nr), Evidence(ready), mine, owed, OFFSET).ours


def test_a_shutter_that_had_closed_too_soon_after_the_press_was_not_ours() -> None:
    mine = shot(1000.0, 10.0, 2)
    assert not judge(facts(10.0), Evidence(1022.0, closed_by=1008.0), mine, (), None).ours
    assert judge(facts(10.0), Evidence(1022.0, closed_by=1010.2), mine, (), None).ours
    assert judge(facts(10.0), Evidence(1022.0), mine, (), None).ours


def test_an_image_that_waits_as_our_bulb_is_closed_was_not_ours() -> None:
    mine = replace(shot(1000.0, 5.3, 2, bulb=True), released_at=1005.3)
    assert not judge(facts(5.0), Evidence(1005.31), mine, (), None).ours
    assert judge(facts(5.3), Evidence(1005.6), mine, (), None).ours
    assert judge(facts(3.0), Evidence(1004.0), mine, (), None).ours


def test_a_rounded_time_of_a_bulb_costs_no_frame() -> None:
    mine = replace(shot(1000.0, 1.2, 2, bulb=True), released_at=1001.2)
    assert judge(facts(2.0), Evidence(1001.5, closed_by=1001.25), mine, (), None).ours
    assert not judge(facts(4.2), Evidence(1013.0, closed_by=1001.25), mine, (), None).ours


def test_after_a_lost_session_an_image_that_contradicts_the_press_is_not_ours() -> None:
    """The camera may have lost ours with its power, and somebody tried its button."""
    seen, mine = Evidence(1100.0), shot(1000.0, 10.0, 2)
    assert judge(facts(0.02), seen, mine, (), None).ours
    assert judge(facts(0.02), seen, mine, (), None, unsure=True).gone
    assert not judge(facts(0.02), seen, mine, (), None, unsure=True).ours
    assert not judge(facts(30.0), seen, mine, (OTHER,), None, unsure=True).gone, "the older one came, ours may follow"
    assert judge(facts(10.0), seen, mine, (), None, unsure=True).ours
    assert not judge(facts(10.0, 1090.0), seen, mine, (), OFFSET, unsure=True).ours
    assert judge(facts(0.02, 1000.0), seen, mine, (), OFFSET, unsure=True).ours, "cut short, says its clock"
    assert judge(facts(0.02), seen, replace(mine, nominal_s=None), (), None, unsure=True).ours, "nobody saw its end"


def test_whose_an_image_is_that_nobody_awaits() -> None:
    debt = (shot(900.0, 33.0, 1), shot(950.0, 5.0, 2))
    assert owed_by(facts(5.0), debt, None) == 1
    assert owed_by(facts(0.02), debt, None) is None
    assert owed_by(facts(5.0, 900.0), debt, OFFSET) == 0
    assert owed_by(facts(5.0, 980.0), debt, OFFSET) is None
    assert owed_by(facts(0.02), (replace(debt[0], nominal_s=None),), None) == 0, "nobody saw its end"
    assert owed_by(facts(0.02), (), None) is None
