"""Which cameras are seen, and what is said about those that cannot be opened."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import usb.core

from indi_sony_py.clock import VirtualClock
from indi_sony_py.errors import CameraDenied, CameraError, CameraGone, CameraInUse, CameraStalled, WrongUsbMode
from indi_sony_py.transport.bus import BusBackend, backend_from_environment
from indi_sony_py.transport.endpoints import look_s
from indi_sony_py.transport.find import CameraKind, choose_backend, find_cameras
from indi_sony_py.transport.usb import UsbTransport
from indi_sony_py.transport.usberrors import ERRORS, translated
from tests.transport.rigs import Rig
from tests.transport.scripted_device import identity


def test_several_cameras_each_with_its_place_and_name(three: Rig) -> None:
    found = find_cameras(three.backend)
    assert [(a.address, a.ports, a.serial, a.product_name) for a in found] == [
        (5, (2, 1), "D0000000", "ILCE-7SM3"),
        (6, (2, 2), "D0000001", "ILCE-7SM3"),
        (7, (2, 3), "D0000002", "ILCE-7SM3"),
    ]
    assert len({a.key for a in found}) == 3
    three.do(three.devices[1].unplug)
    assert [a.address for a in find_cameras(three.backend)] == [5, 7]
    three.do(three.devices[1].replug)
    assert [a.address for a in find_cameras(three.backend)] == [5, 7, 7]


def test_two_cameras_at_work_do_not_mix(three: Rig) -> None:
    first, last = three.open(0), three.open(2)
    three.ask(first, 0x1002, 1)
    three.ask(last, 0x1002, 1)
    three.ask(last, 0x9209)
    assert [len(d.commands) for d in three.devices] == [1, 0, 2]


def test_open_by_key_takes_whatever_sits_there_now(three: Rig) -> None:
    key = find_cameras(three.backend)[1].key
    three.do(three.devices[1].unplug)
    with pytest.raises(CameraGone):
        UsbTransport.open(key, three.clock, three.backend)
    three.do(three.devices[1].replug)
    camera = UsbTransport.open(key, three.clock, three.backend)
    three.transports.append(camera)
    three.ask(camera, 0x1002, 1)
    assert camera.key == key
    assert len(three.devices[1].commands) == 1


def test_other_vendors_are_not_seen_other_modes_are_told_apart(three: Rig) -> None:
    def change() -> None:
        three.devices[0].identity = identity(0, vendor=0x04A9)
        three.devices[1].identity = identity(1, usb_class=(8, 6, 80))
        three.devices[2].identity = identity(2, usb_class=(3, 0, 0))

    three.do(change)
    found = find_cameras(three.backend)
    assert [(a.kind, a.serial) for a in found] == [
        (CameraKind.MASS_STORAGE, "D0000001"),
        (CameraKind.OTHER, ""),
    ]
    for address in found:
        with pytest.raises(WrongUsbMode, match="PC Remote"):
            try:
                UsbTransport.open(address, three.clock, three.backend)
            except WrongUsbMode as error:
                raise WrongUsbMode(error.advice) from error


@pytest.mark.parametrize("speed, packet", [("high", 512), ("super", 1024)])
def test_packet_size_comes_from_the_descriptors(rig: Rig, speed: str, packet: int) -> None:
    def change() -> None:
        rig.device.identity = identity(
            0, speed=speed, max_packet=packet, bulk_in=0x82, bulk_out=0x01, interrupt_in=0x84
        )

    rig.do(change)
    camera = rig.session()
    rig.ask(camera, 0x9205, 0xD25A, data=bytes(1024 - 12))
    assert [len(w) for w in rig.device.written] == [16, 16, 1024, 0]
    assert set(rig.device.lengths) == {packet}


def test_a_name_with_letters_beyond_ascii_and_one_without_end(rig: Rig) -> None:
    def change() -> None:
        rig.device.identity = identity(0, product_name="7S Ⅲ Ω", serial="9" * 200)

    rig.do(change)
    (found,) = find_cameras(rig.backend)
    assert found.product_name == "7S Ⅲ Ω"
    assert found.serial == "9" * 126


class FakeLibusb(BusBackend):
    """A backend whose claim or enumeration fails as libusb's would."""

    def __init__(self, slots: Any, number: int) -> None:
        super().__init__(slots)
        self._number = number

    def claim_interface(self, dev_handle: Any, intf: int) -> None:
        raise usb.core.USBError("no", -1, self._number)


@pytest.mark.parametrize("number, kind", [(16, CameraInUse), (13, CameraDenied), (19, CameraGone), (5, CameraStalled)])
def test_why_a_claim_failed(three: Rig, number: int, kind: type[CameraError]) -> None:
    backend = FakeLibusb(three.backend._slots, number)
    with pytest.raises(kind):
        UsbTransport.open(find_cameras(backend)[0], three.clock, backend)


def test_every_row_of_the_error_table() -> None:
    for number, kind in ERRORS.items():
        assert type(translated(usb.core.USBError("x", None, number), "doing")) is kind
    assert type(translated(NotImplementedError("x"), "doing")) is CameraError
    assert "doing: x" in str(translated(usb.core.USBError("x"), "doing"))


def test_a_kernel_driver_is_detached(three: Rig) -> None:
    calls: list[int] = []

    class Bound(BusBackend):
        def is_kernel_driver_active(self, dev_handle: Any, intf: int) -> bool:
            return True

        def detach_kernel_driver(self, dev_handle: Any, intf: int) -> None:
            calls.append(intf)

    backend = Bound(three.backend._slots)
    UsbTransport.open(find_cameras(backend)[0], three.clock, backend).close()
    assert calls == [0]


def test_the_environment_names_the_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert backend_from_environment({}) is None
    assert backend_from_environment({"INDI_SONY_BUS": " "}) is None
    monkeypatch.setenv("INDI_SONY_BUS", f"unix:{tmp_path}/nothing, unix:{tmp_path}/there")
    assert find_cameras() == []
    monkeypatch.setenv("INDI_SONY_BUS", "tcp:1234")
    with pytest.raises(CameraError, match=r"INDI_SONY_BUS.*unix:/PATH"):
        find_cameras()


def test_without_libusb_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INDI_SONY_BUS", raising=False)
    monkeypatch.setattr("usb.backend.libusb1.get_backend", lambda: None)
    with pytest.raises(CameraError, match="libusb"):
        choose_backend()


def test_a_bus_that_cannot_be_read() -> None:
    def broken() -> list[Any]:
        raise usb.core.USBError("no permission", -3, 13)

    with pytest.raises(CameraError, match="cannot be read"):
        find_cameras(BusBackend(broken))


def test_a_place_on_a_real_bus_has_a_key_of_bus_and_ports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "3-1.4"
    folder.mkdir()
    (folder / "serial").write_text("C123\n")
    monkeypatch.setattr("indi_sony_py.transport.find._SYSFS", tmp_path)
    clock = VirtualClock()
    from indi_sony_py.sim.attach import LocalSlot
    from indi_sony_py.sim.hostside import HostSide
    from tests.transport.rigs import as_devices
    from tests.transport.scripted_device import ScriptedDevice

    device = ScriptedDevice(clock, identity(0, bus=3, ports=(1, 4)))
    slot = LocalSlot(HostSide(as_devices([device])[0]), clock, "")
    (found,) = find_cameras(BusBackend(lambda: [slot]))
    assert (found.key, found.serial, found.product_name) == ("usb-3-1.4", "C123", "ILCE-7SM3")


def test_how_long_a_look_at_the_events_lasts() -> None:
    assert look_s(4, 3) == 0.001
    assert look_s(7, 3) == 0.008
    assert look_s(16, 4) == 0.020
    assert look_s(10, 2) == 0.010


def test_holder_is_found_by_its_open_file(tmp_path: Path) -> None:
    from indi_sony_py.transport.holder import holder, node_of

    node = node_of(1, 12)
    assert node == "/dev/bus/usb/001/012"
    for pid, name, target in ((40, "cat", "/dev/null"), (77, "gvfsd-gphoto2", node)):
        fds = tmp_path / str(pid) / "fd"
        fds.mkdir(parents=True)
        (fds / "3").symlink_to(target)
        (tmp_path / str(pid) / "comm").write_text(name + "\n")
    assert holder(node, tmp_path) == "gvfsd-gphoto2 (process 77)"
    assert holder(node_of(1, 13), tmp_path) is None
    assert holder(node, tmp_path / "nowhere") is None
    (tmp_path / "77" / "comm").unlink()
    assert holder(node, tmp_path) == "a program (process 77)"


def test_a_device_that_vanishes_while_it_is_looked_at_is_left_out(three: Rig) -> None:
    slots = list(three.backend._slots())
    broken = SimpleNamespace(
        key="x", identity=SimpleNamespace(device=b"", configuration=b"", ports=(), bus=0, address=0, speed=0)
    )
    backend = BusBackend(lambda: [broken, *slots])
    assert len(find_cameras(backend)) == 3
