"""`indi-sony doctor` on a computer with one fault at a time: the check of that fault tells it, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indi_sony_py.cli.checks import computer
from indi_sony_py.cli.checks.check import Finding
from indi_sony_py.cli.checks.machine import Machine
from indi_sony_py.cli.checks.table import CHECKS
from indi_sony_py.cli.output import Mark
from indi_sony_py.driver.events import Camera, CameraKind
from indi_sony_py.hand import address
from indi_sony_py.image.installed import DECODER
from indi_sony_py.texts import Text, cable, doctor, frames, tool
from tests.cli.computerrig import (
    CAMERA,
    COMPUTER,
    WAY,
    Place,
    a_marker,
    a_rescued_frame,
    clock_of_1970,
    closed,
    denied,
    driver_of_another_user,
    environment,
    free,
    modules_without,
    narrow,
    no_libusb,
    no_memory,
    nothing,
    opened_by,
    runs,
    search_fails,
    shows,
    without,
)


@pytest.fixture
def place(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    yield Place(tmp_path, monkeypatch)


FAULTS: dict[str, tuple[Callable[[Place], None], Text]] = {
    "python": (narrow, doctor.BITS_32),
    "numpy": (modules_without("numpy"), frames.NO_NUMPY),
    "rawpy": (modules_without("rawpy"), frames.NO_RAWPY),
    "erfa": (modules_without("erfa"), frames.NO_ERFA),
    "pyusb": (modules_without("usb"), cable.NO_PYUSB),
    "libusb": (no_libusb, cable.NO_LIBUSB),
    "memory": (no_memory, doctor.LITTLE_MEMORY),
    "state": (closed("state"), doctor.NO_STATE),
    "room": (free(100 << 20), doctor.DISK_FULL),
    "clock": (clock_of_1970, doctor.CLOCK_BEHIND),
    "server": (without("bin/indiserver"), doctor.NO_SERVER),
    "driver": (without("bin/indi_sony_py"), doctor.NO_DRIVER),
    "menus": (without("usr/share/indi/indi_sony_py.xml"), doctor.NO_XML),
    "rescued": (a_rescued_frame, doctor.RESCUED),
    "unfinished": (a_marker, doctor.UNFINISHED),
    "programs": (runs("gvfs-gphoto2-vo"), doctor.GRABBER_SERVICE),
    "bus": (environment("tcp:1234"), cable.BAD_BUS),
    "usb": (without("dev/bus/usb/001/009"), doctor.NO_USB),
}
"""One fault for each check of the computer: name of the check, the fault, the row that tells it."""


OBSTACLES = {"numpy", "pyusb", "libusb", "state", "room", "clock", "bus", "usb"}
"""Without these there is no frame; the others are only worth a change."""


def test_one_decoder_is_enough_and_the_quick_one_is_told_of(place: Place) -> None:
    assert place.found("rawpy")["rawpy"] == Finding(Mark.PASS, doctor.BY_LIBRAW())
    place.machine = replace(place.machine, modules=frozenset({DECODER}))
    assert place.found("rawpy")["rawpy"] == Finding(Mark.PASS)


def test_a_healthy_computer_has_no_obstacle(place: Place) -> None:
    found = place.found(*COMPUTER)
    assert {name: (f.mark, f.text) for name, f in found.items() if f.mark is not Mark.PASS} == {}


def test_each_check_of_the_computer_has_a_fault_here() -> None:
    assert set(FAULTS) | {"usbfs"} == set(COMPUTER)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_computer_is_told_with_what_to_do(name: str, place: Place) -> None:
    fault, row = FAULTS[name]
    fault(place)
    found = place.found(*COMPUTER)
    wrong = [n for n, f in found.items() if f.mark in (Mark.FAIL, Mark.WARN)]
    assert wrong == [name], "this and nothing else"
    told = found[name]
    start = row.says.partition("{")[0]
    assert told.text.startswith(start) and told.do and told.do.startswith(row.do.partition("{")[0])
    assert (told.mark is Mark.FAIL) is (name in OBSTACLES)
    assert told.mark is Mark.FAIL or not any(f.blocked for f in found.values())


@pytest.mark.parametrize(
    ("fault", "name", "row"),
    [
        (closed("frames"), "room", doctor.NO_FOLDER),
        (free(1 << 30), "room", doctor.DISK_SCARCE),
        (runs("indi_gphoto_ccd"[:15]), "programs", doctor.GRABBER),
        (environment("unix:/tmp/x"), "bus", doctor.SIMULATED_BUS),
    ],
)
def test_further_faults_of_the_computer(fault: Callable[[Place], None], name: str, row: Text, place: Place) -> None:
    fault(place)
    told = place.found(*COMPUTER)[name]
    assert told.text.startswith(row.says.partition("{")[0]) and told.do.startswith(row.do.partition("{")[0])


def test_little_usb_memory_is_told_and_no_limit_is_none(place: Place) -> None:
    place.monkeypatch.setattr(computer, "_LEAST_USBFS_MB", 4)
    for said, mark in (("2", Mark.FAIL), ("0", Mark.PASS), ("16", Mark.PASS), ("?", Mark.SKIP)):
        place.write("sys/module/usbcore/parameters/usbfs_memory_mb", said)
        assert place.found("usb", "usbfs")["usbfs"].mark is mark
    place.write("sys/module/usbcore/parameters/usbfs_memory_mb", "2")
    assert place.found("usb", "usbfs")["usbfs"].text == doctor.USBFS.happened(megabytes="2")


# --- the way to the camera ------------------------------------------------------------------------------------------


def test_a_good_way_to_a_camera(place: Place) -> None:
    found = place.found("usb", *WAY)
    assert {name: f.text for name, f in found.items() if f.mark is not Mark.PASS} == {}


WAYS: list[tuple[str, Callable[[Place], None], str, str]] = [
    ("search", search_fails, cable.BUS_UNREADABLE.says, "udev"),
    ("there", nothing, cable.NOTHING_FOUND.says, "PC Remote"),
    ("mode", shows(CameraKind.MASS_STORAGE), cable.IS_A_DISK.says, "USB Connection: PC Remote"),
    ("mode", shows(CameraKind.STREAMING), cable.IS_A_WEBCAM.says, "End USB Streaming"),
    ("mode", shows(CameraKind.PTP, 0x0994), cable.ONLY_CHARGES.says, "Switch it off and on"),
    ("mode", shows(CameraKind.OTHER, 0x1234, ""), cable.OFFERS_NONE.says, "At the camera"),
    ("mode", shows(CameraKind.MASS_STORAGE, 0x0123, "NEX-7"), cable.CANNOT_REMOTE.says, "cable release"),
    ("speed", lambda place: place.attribute("speed", "12\n"), doctor.SLOW_LINK.says, "another cable"),
    ("power", lambda place: place.attribute("power/control", "auto\n"), doctor.AUTOSUSPEND.says, "power/control"),
    ("rights", denied, cable.DENIED.says, "udev rule"),
    ("free", opened_by("gphoto2"), tool.HELD.says, "Disconnect it there"),
    ("free", driver_of_another_user, tool.HELD.says, "Disconnect it there"),
]


@pytest.mark.parametrize(("name", "fault", "says", "do"), WAYS)
def test_a_fault_of_the_way_is_told_with_what_to_do(
    name: str, fault: Callable[[Place], None], says: str, do: str, place: Place
) -> None:
    fault(place)
    found = place.found("usb", *WAY)
    wrong = [n for n, f in found.items() if f.mark in (Mark.FAIL, Mark.WARN)]
    assert wrong[0] == name
    told = f"{found[name].text} {found[name].do}"
    assert says.split("}")[-1].split("{")[0] in told and do in told
    behind = list(found)[list(found).index(name) + 1 :]
    if name in ("search", "there"):
        assert all(found[n].blocked and "because of" in found[n].text for n in behind)


def test_the_drivers_own_hand_is_named(place: Place) -> None:
    listener = address.bind(CAMERA.key)
    assert listener is not None
    with listener:
        told = place.found("usb", *WAY)["free"]
    assert told.text == tool.HELD.happened(key=CAMERA.key, who=tool.HELD_BY_HAND())


# --- the table ------------------------------------------------------------------------------------------------------


def test_the_table_is_in_order_and_long_enough() -> None:
    names = [check.name for check in CHECKS]
    assert len(names) == len(set(names)) >= 20
    for at, check in enumerate(CHECKS):
        assert set(check.needs) <= set(names[:at]), "what a check needs is looked at before it"


def test_a_camera_in_the_network_has_no_place_on_usb(place: Place) -> None:
    place.cameras = [Camera("ip-192.168.1.20", "ILCE-7SM3")]
    found = place.found("usb", *WAY)
    assert [n for n, f in found.items() if f.text == doctor.NOT_ON_USB()] == ["speed", "power", "rights"]


@pytest.mark.parametrize("wanted", ["192.168.1.20", "ip-camera", "fe80::1"])
def test_a_computer_without_usb_is_no_obstacle_for_a_camera_in_the_network(wanted: str, place: Place) -> None:
    without("dev/bus/usb/001/009")(place)
    place.wanted = wanted
    assert place.found("usb")["usb"].text == doctor.NOT_ON_USB()


def test_on_a_simulated_bus_the_computers_own_is_not_looked_at(place: Place) -> None:
    environment("unix:/tmp/x")(place)
    assert place.found("bus", "usb")["usb"].text == doctor.IS_SIMULATED()


def test_a_real_machine_is_looked_at_by_its_files_and_libraries(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"PATH": "/usr/bin:/bin"})
    assert machine.has_library("libc.so.6") and not machine.has_library("libnothing.so.9")
    assert machine.has_module("json") and not machine.has_module("no_such_module.at_all")
    assert (machine.free_bytes(tmp_path / "not" / "yet") or 0) > 0
    assert machine.writable(tmp_path / "not" / "yet")
    (tmp_path / "file").write_text("x")
    assert not machine.writable(tmp_path / "file" / "below")
    assert machine.read("/file") == "x" and machine.read("/none") == "" and machine.names("/none") == []
    assert machine.program("sh") and machine.program("no-such-program") is None
