"""Trouble 1: the settings were not read since the last photo, and the camera ignores the release in silence.

Rule 1 keeps it away with two guards of the capture machine: the drain reads before it believes (`_go_draining`), and
a half press or a full press never stands on settings older than half a second (`_fresh`). Each test fails without its
guard, and the test below it shows that.
"""

from __future__ import annotations

import pytest

from indi_sony_py.sim.faults import Fault
from tests.engine.bench import Bench, serial_of
from tests.troubles.guards import BOTH, presses, refused, take_out

SPEED_S = 0.01
"""The speed that stands at the body: nothing has to be set, so nothing is read for that."""


def photo_at_the_body_between_two_looks(model: str) -> None:
    """Somebody takes a photo that stays on the card, just before the exposure: 0xD215 tells nothing of it."""
    bench = Bench(model, [Fault.of("no-image", {"press": 1}), Fault.of("drop-event", {"count": 0})])
    bench.connect()
    looked = bench.worker.state.settings_at
    bench.until(lambda: bench.worker.state.settings_at > looked or None)
    bench.do("press", hold_s=0.05)
    bench.run(0.1)
    found = bench.frame(SPEED_S)
    assert refused(bench) == []
    assert serial_of(found.data) == 2
    bench.assert_clean()


def photo_at_the_body_during_the_half_press(model: str) -> None:
    """The camera answers the half press 2 s late, and meanwhile somebody takes a photo."""
    bench = Bench(model, [Fault.of("no-image", {"press": 1}), Fault.of("drop-event", {"count": 0})])
    bench.connect()
    bench.do("fault", row={"kind": "late-answer", "when": {"property": 0xD2C1}, "seconds": 2.0})
    bench.do("fault", row={"kind": "user", "when": {"property": 0xD2C1}, "command": "press", "args": {"hold_s": 0.05}})
    found = bench.frame(SPEED_S)
    assert refused(bench) == []
    assert presses(bench) == 1 and serial_of(found.data) == 2
    bench.assert_clean()


@BOTH
def test_settings_are_read_between_a_photo_at_the_body_and_the_press(model: str) -> None:
    photo_at_the_body_between_two_looks(model)


@BOTH
def test_without_the_reading_of_the_drain_the_press_is_ignored(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    take_out(monkeypatch, "settings read in the drain", "settings fresh at the press")
    with pytest.raises(AssertionError, match="No image came"):
        photo_at_the_body_between_two_looks(model)


@BOTH
def test_settings_are_read_again_when_the_half_press_took_long(model: str) -> None:
    photo_at_the_body_during_the_half_press(model)


@BOTH
def test_without_fresh_settings_at_the_full_press_it_is_ignored(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    take_out(monkeypatch, "settings fresh at the press")
    with pytest.raises(AssertionError, match="No image came"):
        photo_at_the_body_during_the_half_press(model)
