"""Trouble 4: the button is already down, so the next press is none.

Rule 4 keeps it away with two guards of the capture machine: both buttons are released before anything else
(`_go_warming`), and a button that reads otherwise than after our own release is let go, else the exposure is refused
in words (`_held`). Each test fails without its guard, and the tests below show that.
"""

from __future__ import annotations

import pytest

from indi_sony_py.engine.messages import ExposureFailed, ExposureStarted
from indi_sony_py.sim.faults import Fault
from tests.engine.bench import Bench, serial_of
from tests.troubles.guards import BOTH, presses, take_out

FULL, HALF = 0xD2C2, 0xD2C1
LISTS_ITS_BUTTONS = "ILCE-6000"
"""Newer bodies list no button, so nothing can be read of it there."""


def left_down_by_a_crash(model: str, seconds: float) -> None:
    """The process dies with the button down. The body finishes a timed exposure by itself."""
    bench = Bench(model)
    bench.connect()
    bench.ask(seconds)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.kill()
    bench.reports.clear()
    bench.worker = bench.new_worker()
    bench.connect()
    assert not bench.camera.body.full and not bench.camera.body.half, "still down"
    bench.until(lambda: not bench.camera.body.under_way or None)
    assert serial_of(bench.frame(1.0).data) == 2
    assert presses(bench) == 2


def held_by_somebody() -> Bench:
    """A wired remote holds the button down: it reads 2 whatever we release."""
    bench = Bench(LISTS_ITS_BUTTONS)
    bench.connect()
    bench.frame(0.5)
    bench.settle()
    bench.do("fault", row={"kind": "rest-value", "value": 2})
    return bench


def refused_in_words() -> None:
    bench = held_by_somebody()
    before = bench.clock.monotonic()
    end = bench.expose(1.0)
    assert isinstance(end, ExposureFailed) and "held down" in end.text and "wired remote" in end.text, end
    assert bench.clock.monotonic() - before < 10
    assert presses(bench) == 1
    bench.do("fault", row={"kind": "rest-value", "value": 1})
    assert serial_of(bench.frame(1.0).data) == 2, "as soon as it is let go, all is well"
    bench.settle()
    bench.assert_clean()


@BOTH
@pytest.mark.parametrize("seconds", [600.5, 30.0], ids=["bulb", "timed"])
def test_a_button_left_down_by_a_crash_is_released_first(model: str, seconds: float) -> None:
    left_down_by_a_crash(model, seconds)


@BOTH
def test_without_the_first_release_it_stays_down(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    take_out(monkeypatch, "buttons released first")
    with pytest.raises(AssertionError, match="still down"):
        left_down_by_a_crash(model, 600.5)


def test_a_button_held_by_somebody_is_refused_in_words() -> None:
    refused_in_words()


def test_without_a_look_at_the_button_it_is_pressed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    take_out(monkeypatch, "button looked at")
    with pytest.raises(AssertionError):
        refused_in_words()


@pytest.mark.parametrize("code", [HALF, FULL])
def test_a_reading_that_our_release_cures_does_not_refuse(code: int) -> None:
    bench = Bench(LISTS_ITS_BUTTONS)
    bench.connect()
    bench.do("set", property=code, value=2)
    assert serial_of(bench.frame(1.0).data) == 1
    bench.settle()
    bench.assert_clean()


@pytest.mark.parametrize("rest", [1, 2])
def test_a_value_alone_proves_nothing(rest: int) -> None:
    """Released buttons read 1 on bodies to 2018, 2 on the next family."""
    bench = Bench(LISTS_ITS_BUTTONS, [Fault.of("rest-value", value=rest)])
    bench.connect()
    assert serial_of(bench.frame(1.0).data) == 1
    bench.settle()
    bench.assert_clean()
