"""Records of the class WIFI: a link that bodies drop when idle, and a body that waits for Sony's handshake."""

from __future__ import annotations

import pytest

from indi_sony_py.engine.messages import CameraStatus
from indi_sony_py.sim.faults import Fault
from tests.engine.bench import serial_of
from tests.engine.netbench import NetBench

BODIES = pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
IDLE_S, BULB_S = 600.0, 300.5


@BODIES
def test_b69_an_idle_link_stays_up_and_so_does_one_in_a_long_bulb(model: str) -> None:
    """The body drops what had no command for 10 s, and answers again only after its power was switched."""
    bench = NetBench(model, Fault.of("idle-drop", seconds=10.0, until_power=True))
    bench.connect()
    bench.run(IDLE_S)
    assert serial_of(bench.frame(BULB_S, limit_s=700.0).data) == 1
    bench.run(60.0)
    assert [s.text for s in bench.of(CameraStatus) if s.failed] == []
    assert not [e for e in bench.camera.referee.entries if e.kind == "network"]
    bench.assert_clean()


@BODIES
def test_b69_a_link_that_was_dropped_all_the_same_is_made_anew(model: str) -> None:
    bench = NetBench(model)
    bench.connect()
    bench.camera.lose_link("a body that drops it at once")
    bench.until(lambda: [s for s in bench.of(CameraStatus) if s.failed])
    bench.until(lambda: bench.worker.state.camera is not None, 60.0)
    assert serial_of(bench.frame(0.1).data) == 1
    bench.assert_clean()


@BODIES
def test_b70_nothing_is_asked_for_before_the_handshake(model: str) -> None:
    """The body leaves every question about files unanswered until then, and answers nothing to who asked."""
    bench = NetBench(model, Fault.of("handshake-first"))
    assert bench.connect().state == "ready"
    assert serial_of(bench.frame(0.1).data) == 1
    bench.assert_clean()
