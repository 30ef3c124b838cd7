"""The same engine over PTP/IP: exposures, and faults of the network at each transaction."""

from __future__ import annotations

import pytest

from indi_sony_py.engine.messages import Collected, ExposureFailed, Role
from indi_sony_py.ptp import ippacket as ip
from tests.engine.bench import serial_of
from tests.engine.netbench import NetBench, network_fault

BODIES = ("ILCE-7SM3", "ILCE-6000")
SETTINGS, CONTROL, SET, INFO, OBJECT = 0x9209, 0x9207, 0x9205, 0x1008, 0x1009
BULB_S = 4.3
"""No body has that speed."""


def frames_of(bench: NetBench) -> list[int]:
    """The serial numbers of all images that came out, whatever became of them."""
    found = [serial_of(r.data) for r in bench.of(Collected) if r.role is not Role.COMPANION]
    return sorted(serial for serial in found if serial is not None)


def again(bench: NetBench) -> None:
    """The next exposures, as a sequence asks for them: at most one more fails."""
    ends = []
    for _ in range(3):
        bench.settle()
        bench.until(lambda: bench.worker.state.camera is not None, 100)
        ends.append(bench.expose(0.1, limit_s=400))
    assert [isinstance(end, Collected) for end in ends].count(False) <= 1, ends
    assert isinstance(ends[-1], Collected)


def finished(bench: NetBench) -> None:
    """Everything that was begun has come to its end; every photo has come out once, no rule was broken."""
    bench.settle()
    bench.until(lambda: bench.worker.state.camera is not None, 60)
    bench.run(8.0)
    if bench.camera.memory.counter():
        bench.frame(0.1)
    assert frames_of(bench) == sorted(bench.presses)
    assert bench.camera.memory.counter() == 0
    bench.assert_clean()


@pytest.mark.parametrize("model", BODIES)
def test_frames_in_a_row(model: str) -> None:
    bench = NetBench(model)
    assert bench.connect().state == "ready"
    serials = [serial_of(bench.frame(seconds).data) for seconds in (0.1, BULB_S, 0.1)]
    assert serials == [1, 2, 3]
    assert bench.presses[2].exposure_s == pytest.approx(BULB_S, abs=0.003)
    finished(bench)


@pytest.mark.parametrize("kind", ["cut", "half-answer"])
@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize(
    "operation, nth",
    [
        (0x1002, 1), (0x1001, 1), (0x9201, 1), (0x9201, 3), (0x9202, 1), (SET, 1), (SETTINGS, 1), (SETTINGS, 20),
        (CONTROL, 1), (CONTROL, 2), (INFO, 1),
    ],
)  # fmt: skip
def test_a_link_that_breaks_is_healed(kind: str, carried_out: bool, operation: int, nth: int) -> None:
    """At the greeting the attempt fails and is tried again; later the exposure is made, or fails once in words."""
    bench = NetBench("ILCE-7SM3", network_fault(kind, operation, nth, carried_out=carried_out))
    status = bench.connect()
    if status.failed:
        assert status.text
        bench.until(lambda: bench.connect().state == "ready" or None, 200)
    end = bench.expose(BULB_S, limit_s=400)
    assert isinstance(end, Collected | ExposureFailed)
    if isinstance(end, ExposureFailed):
        assert end.text
        again(bench)
    finished(bench)


@pytest.mark.parametrize("model", BODIES)
@pytest.mark.parametrize("kind", ["cut", "half-answer"])
@pytest.mark.parametrize("nth", range(1, 9))
def test_a_link_that_breaks_at_a_button(model: str, kind: str, nth: int) -> None:
    """Half and full press and their releases; on the body that speaks 2.00 steps of the shutter speed, too."""
    bench = NetBench(model)
    bench.connect()
    bench.frame(0.1)
    bench.camera.arm(network_fault(kind, CONTROL, nth))
    bench.expose(BULB_S, limit_s=400)
    bench.settle()
    again(bench)
    finished(bench)


@pytest.mark.parametrize("after", [0, 19, 25, 60, 100, 10_000])
@pytest.mark.parametrize("kind", ["cut", "half-answer"])
def test_a_link_that_breaks_in_a_download(kind: str, after: int) -> None:
    bench = NetBench("ILCE-7SM3")
    bench.connect()
    bench.camera.arm(network_fault(kind, OBJECT, after_bytes=after))
    end = bench.expose(BULB_S, limit_s=400)
    assert isinstance(end, Collected | ExposureFailed)
    again(bench)
    finished(bench)
    assert 1 in frames_of(bench), "the image was fetched when the camera was back"


def test_the_camera_goes_to_sleep_in_a_bulb_and_the_network_comes_back() -> None:
    bench = NetBench("ILCE-7SM3")
    bench.connect()
    request = bench.ask(20.5)
    bench.run(8.0)
    bench.do("unplug", back_s=20.0)
    end = bench.until(lambda: bench.end_of(request), 200)
    assert isinstance(end, Collected | ExposureFailed)
    finished(bench)


def test_another_program_holds_the_camera_and_lets_go() -> None:
    bench = NetBench("ILCE-7SM3")
    assert bench.network is not None
    bench.network.greet(ip.InitCommand(bytes(16), "another"))
    status = bench.connect()
    assert status.failed and "held by another program" in status.text
    bench.network.host_gone()
    assert bench.connect().state == "ready"
    assert serial_of(bench.frame(0.1).data) == 1
