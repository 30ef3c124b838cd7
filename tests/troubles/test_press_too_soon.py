"""Trouble 3: with auto-focus on, a full press that comes before the focus takes no photo, in silence.

Rule 5 keeps it away: the capture machine's `_focused` waits for the focus indication, at the least 0.5 s. Each test
fails without that guard, and the last test shows it.
"""

from __future__ import annotations

import pytest

from indi_sony_py.engine.messages import ExposureFailed
from indi_sony_py.sim.faults import Fault
from tests.engine.bench import Bench, serial_of
from tests.troubles.guards import BOTH, presses, refused, take_out


def with_auto_focus(model: str, finds: bool = True) -> Bench:
    """A body whose focus mode cannot be changed from the computer: a switch at the lens stands on AF."""
    bench = Bench(model, [Fault.of("ignore-set", {"property": 0x500A, "count": 0})])
    bench.connect()
    bench.do("focus", mode="auto")
    bench.do("focus-finds", on=finds)
    return bench


def frames_with_auto_focus(model: str) -> None:
    bench = with_auto_focus(model)
    for number in (1, 2):
        assert serial_of(bench.frame(1.0).data) == number
        bench.settle()
    assert refused(bench) == []
    bench.assert_clean()


@BOTH
def test_the_full_press_waits_for_the_focus(model: str) -> None:
    frames_with_auto_focus(model)


@BOTH
def test_a_focus_that_fails_is_told_and_nothing_is_pressed(model: str) -> None:
    bench = with_auto_focus(model, finds=False)
    end = bench.expose(1.0, limit_s=30.0)
    assert isinstance(end, ExposureFailed) and "MF" in end.text
    bench.run(1.0)
    assert presses(bench) == 0 and refused(bench) == []
    assert not bench.camera.body.half, "the button is up again"
    bench.assert_clean()


@BOTH
def test_without_the_wait_no_photo_is_taken(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    take_out(monkeypatch, "focus awaited")
    with pytest.raises(AssertionError, match="No image came"):
        frames_with_auto_focus(model)
