"""Trouble 5: the image is fetched before it is ready, which can crash the camera's firmware.

Rules 2 and 8 keep it away: the image handle is touched only while bit 15 of 0xD215 is set, and the count in it is
sane (`image_waits`). Each test fails without that guard, and the last test shows it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from indi_sony_py.engine.messages import Collected, Role
from indi_sony_py.sim.faults import Fault
from tests.engine.bench import Bench, serial_of
from tests.troubles.guards import BOTH, serials, take_out


def own_image_takes_long(model: str) -> None:
    bench = Bench(model, [Fault.of("slow-image", seconds=6.0)])
    bench.connect()
    assert serial_of(bench.frame(1.0).data) == 1
    bench.settle()
    bench.assert_clean()


def image_of_somebody_takes_long(model: str) -> None:
    """A photo at the body is being prepared when the exposure is asked for."""
    bench = Bench(model, [Fault.of("slow-image", {"press": 1}, seconds=6.0)])
    bench.connect()
    bench.do("press", hold_s=0.1)
    bench.run(0.5)
    assert serial_of(bench.frame(1.0).data) == 2
    bench.settle()
    assert serials([c for c in bench.of(Collected) if c.role is Role.UNASKED]) == [1]
    bench.assert_clean()


def count_is_absurd(model: str) -> None:
    """0xD215 reads 0xFFFB for a while, with nothing behind the handle."""
    bench = Bench(model, [Fault.of("absurd-count", seconds=0.25)])
    bench.connect()
    bench.frame(1.0)
    bench.settle()
    touched = [e for e in bench.referee.entries if e.kind == "object"]
    assert len(touched) == 1
    bench.assert_clean()


def told_early_by_an_event(model: str) -> None:
    """0xC201 comes when the shutter opens."""
    bench = Bench(model, [Fault.of("early-event", {"count": 0}), Fault.of("slow-image", {"count": 0}, seconds=2.0)])
    bench.connect()
    for number in (1, 2):
        assert serial_of(bench.frame(1.0).data) == number
    bench.settle()
    bench.assert_clean()


CHECKS = [own_image_takes_long, image_of_somebody_takes_long, told_early_by_an_event]


@BOTH
@pytest.mark.parametrize("check", [*CHECKS, count_is_absurd])
def test_the_image_is_fetched_when_it_is_ready(model: str, check: Callable[[str], None]) -> None:
    check(model)


@BOTH
@pytest.mark.parametrize("check", CHECKS)
def test_without_bit_15_it_is_touched_too_early(
    model: str, check: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_out(monkeypatch, "bit 15")
    with pytest.raises(AssertionError):
        check(model)
