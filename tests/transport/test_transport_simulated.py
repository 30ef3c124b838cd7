"""The transport with the simulated camera itself, on both ways: framing that neither side forgives."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from indi_sony_py.clock import Clock, Deadline, ScaledClock, SystemClock, VirtualClock
from indi_sony_py.errors import CameraGone
from indi_sony_py.ptp.codes import Response
from indi_sony_py.ptp.data import DeviceInfo
from indi_sony_py.ptp.transaction import Reply, Request
from indi_sony_py.sim.attach import local_backend
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.transport.bus import BusBackend, backend_from_environment
from indi_sony_py.transport.usb import UsbTransport, find_cameras
from tests.transport.rigs import served


class Place:
    """A simulated camera and a transport to it."""

    def __init__(self, camera: Camera, clock: Clock, backend: BusBackend) -> None:
        self.camera, self.clock, self.backend = camera, clock, backend
        self.transport = self.open()

    def open(self) -> UsbTransport:
        return UsbTransport.open(find_cameras(self.backend)[0], self.clock, self.backend)

    def ask(self, operation: int, *params: int, data: bytes | None = None) -> Reply:
        return self.transport.transact(Request(operation, params, data), Deadline.after(self.clock, 20))

    def shake_hands(self) -> None:
        assert self.ask(0x1002, 1).code == Response.OK
        for operation, params in ((0x9201, (1, 0, 0)), (0x9201, (2, 0, 0)), (0x9202, (0x012C, 1)), (0x9201, (3, 0, 0))):
            assert self.ask(operation, *params).code == Response.OK

    def leave(self) -> None:
        assert self.ask(0x1003).code == Response.OK
        self.transport.close()
        assert self.camera.referee.broken == []


@contextmanager
def in_process(model: str, mbps: float | None) -> Iterator[Place]:
    clock = VirtualClock()
    camera = Camera(model, clock, transfer_mbps=mbps)
    place = Place(camera, clock, local_backend([UsbDevice(camera)], clock))
    try:
        yield place
    finally:
        place.transport.close()


@contextmanager
def behind_a_socket(model: str, mbps: float | None, folder: Path) -> Iterator[Place]:
    clock = ScaledClock(SystemClock(), 20)
    camera = Camera(model, clock, transfer_mbps=mbps)
    with served([UsbDevice(camera)], [folder / "camera"], clock, folder / "control"):
        backend = backend_from_environment({"INDI_SONY_BUS": f"unix:{folder}/camera"})
        assert backend is not None
        place = Place(camera, SystemClock(), backend)
        try:
            yield place
        finally:
            place.transport.close()


@pytest.fixture(params=["process", "socket"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
@pytest.mark.parametrize("mbps", [None, 0.5])
def test_handshake_settings_and_leaving_break_no_rule(way: str, model: str, mbps: float | None, tmp_path: Path) -> None:
    with in_process(model, mbps) if way == "process" else behind_a_socket(model, mbps, tmp_path) as place:
        info = place.ask(0x1001).data
        assert info is not None and DeviceInfo.decode(info).model == model
        place.shake_hands()
        first = place.ask(0x9209).data
        assert first is not None and len(first) > 1000
        for _ in range(5):
            assert place.ask(0x9209).code == Response.OK
        while place.transport.next_event(Deadline.after(place.clock, 0)):
            pass
        place.leave()


class RestlessClock(VirtualClock):
    """Time passes whenever somebody looks at it, as it does on a busy machine."""

    def __init__(self) -> None:
        super().__init__()
        self._chance = random.Random(1)

    def monotonic(self) -> float:
        self.sleep_until(super().monotonic() + self._chance.uniform(0, 0.0006))
        return super().monotonic()


@pytest.mark.parametrize("mbps", [None, 0.5])
def test_a_change_between_a_look_and_the_sleep_after_it_wakes_the_sleeper(
    way: str, mbps: float | None, tmp_path: Path
) -> None:
    clock = RestlessClock()
    camera = Camera("ILCE-7SM3", clock, transfer_mbps=mbps)
    device = UsbDevice(camera)
    with ExitStack() as stack:
        backend: BusBackend | None
        if way == "process":
            backend = local_backend([device], clock)
        else:
            stack.enter_context(served([device], [tmp_path / "camera"], clock, tmp_path / "control"))
            backend = backend_from_environment({"INDI_SONY_BUS": f"unix:{tmp_path}/camera"})
        assert backend is not None
        place = Place(camera, clock if way == "process" else SystemClock(), backend)
        stack.callback(lambda: place.transport.close())
        place.shake_hands()
        for _ in range(10 if mbps else 60):
            assert place.ask(0x9209).code == Response.OK
        if way == "process":
            assert clock.monotonic() < 1010
        place.leave()


def test_unplugged_and_back_at_another_address(tmp_path: Path) -> None:
    with in_process("ILCE-7SM3", None) as place:
        place.shake_hands()
        before = find_cameras(place.backend)[0]
        place.camera.unplug()
        with pytest.raises(CameraGone):
            place.ask(0x9209)
        assert find_cameras(place.backend) == []
        place.camera.plug()
        place.clock.sleep_until(place.clock.monotonic() + 10)
        after = find_cameras(place.backend)[0]
        assert after.address != before.address and after.serial == before.serial
        place.transport.close()
        place.transport = place.open()
        place.shake_hands()
        place.leave()


def test_a_reset_is_survived() -> None:
    with in_process("ILCE-7SM3", None) as place:
        place.shake_hands()
        place.transport.reset(Deadline.after(place.clock, 10))
        place.shake_hands()
        assert place.ask(0x9209).code == Response.OK
        place.leave()
