"""When the hand's process ends: each limit alone."""

from __future__ import annotations

import pytest

from indi_sony_py.clock import VirtualClock
from indi_sony_py.hand.leaving import FIRST_FACE_S, GRACE_S, LAST_OFFER_S, TRANSFER_S, Due, Leaving

EXPOSURE_S = 20.0


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def leaving(clock: VirtualClock) -> Leaving:
    return Leaving(clock, lambda: EXPOSURE_S)


def test_without_a_face_it_leaves(clock: VirtualClock, leaving: Leaving) -> None:
    assert leaving.due() is Due.STAY and leaving.left_s == FIRST_FACE_S
    clock.sleep_until(clock.monotonic() + FIRST_FACE_S)
    assert leaving.due() is Due.LEAVE
    leaving.begin()
    assert leaving.due() is Due.REST and leaving.left_s == EXPOSURE_S + GRACE_S + TRANSFER_S
    leaving.finish()
    assert leaving.finished and not leaving.overdue and leaving.due() is Due.STAY


def test_with_a_face_it_stays_whatever_the_time(clock: VirtualClock, leaving: Leaving) -> None:
    assert not leaving.face_came(), "the worker need not be told"
    clock.sleep_until(clock.monotonic() + 1e6)
    assert leaving.due() is Due.STAY and leaving.left_s is None and leaving.wishes == (None, None)


def test_a_face_ends_the_leaving(leaving: Leaving) -> None:
    leaving.face_came()
    leaving.begin()
    assert leaving.face_came() and leaving.due() is Due.STAY and not leaving.begun


def test_it_is_overdue_at_its_limit_and_an_opened_shutter_moves_that(clock: VirtualClock, leaving: Leaving) -> None:
    leaving.begin()
    clock.sleep_until(clock.monotonic() + leaving.lifetime_s() - 1.0)
    leaving.opened()
    assert leaving.left_s == leaving.lifetime_s()
    clock.sleep_until(clock.monotonic() + leaving.lifetime_s())
    assert leaving.due() is Due.OVERDUE
    leaving.give_up()
    assert leaving.finished and leaving.overdue


def test_an_opened_shutter_moves_no_limit_in_and_makes_none(clock: VirtualClock, leaving: Leaving) -> None:
    owed = [EXPOSURE_S]
    leaving = Leaving(clock, lambda: owed[0])
    leaving.begin()
    owed[0] = 0.0
    leaving.opened()
    assert leaving.left_s == EXPOSURE_S + GRACE_S + TRANSFER_S
    leaving.face_came()
    leaving.opened()
    assert leaving.left_s is None


def test_the_last_offer_is_over_once(clock: VirtualClock, leaving: Leaving) -> None:
    def stands() -> tuple[bool, bool]:
        return leaving.offering, leaving.offer_over()

    assert stands() == (False, False)
    leaving.offer_last()
    clock.sleep_until(clock.monotonic() + LAST_OFFER_S - 0.1)
    assert stands() == (True, False)
    clock.sleep_until(clock.monotonic() + 0.1)
    assert [stands(), stands()] == [(True, True), (False, False)]
