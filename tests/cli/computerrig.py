"""A computer with one fault at a time, for `indi-sony doctor`: files in a folder, and fields for what is no file."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from indi_sony_py.cli.checks import computer
from indi_sony_py.cli.checks.check import Case, Finding
from indi_sony_py.cli.checks.machine import Machine
from indi_sony_py.cli.checks.table import CHECKS
from indi_sony_py.cli.doctor import examine
from indi_sony_py.driver.events import Camera, CameraKind
from indi_sony_py.errors import CameraError
from indi_sony_py.hand.journal import Entry, Journal
from indi_sony_py.hand.places import Places
from indi_sony_py.texts import cable

ROWS = {check.name: check for check in CHECKS}
ALL = frozenset(ROWS)
COMPUTER = (
    "python", "numpy", "rawpy", "erfa", "pyusb", "libusb", "memory", "state", "room", "clock", "server", "driver",
    "menus", "rescued", "unfinished", "programs", "bus", "usb", "usbfs",
)  # fmt: skip
WAY = ("search", "there", "mode", "speed", "power", "rights", "free")
CAMERA = Camera("usb-1-2.3", "ILCE-7SM3", "0004711", address=9)


@dataclass(frozen=True)
class Faked(Machine):
    """A computer of files in a folder; what is no file is a field."""

    modules: frozenset[str] = frozenset({"numpy", "rawpy", "erfa", "usb"})
    libraries: frozenset[str] = frozenset({"libusb-1.0.so.0"})
    free: int | None = 50 << 30
    closed: tuple[str, ...] = ()

    def has_module(self, name: str) -> bool:
        return name in self.modules

    def has_library(self, name: str) -> bool:
        return name in self.libraries

    def free_bytes(self, folder: Path) -> int | None:
        return self.free

    def writable(self, folder: Path) -> bool:
        return not str(folder).endswith(self.closed) if self.closed else True


@dataclass
class Place:
    """A healthy computer with a camera, to which a fault is done."""

    root: Path
    monkeypatch: pytest.MonkeyPatch
    cameras: list[Camera] = field(default_factory=lambda: [CAMERA])
    machine: Faked = field(default_factory=Faked)
    places: Places = field(default_factory=lambda: Places(Path()))

    def __post_init__(self) -> None:
        for name in ("indiserver", "indi_sony_py"):
            self.write(f"bin/{name}", "#!/bin/sh\n").chmod(0o755)
        self.write("usr/share/indi/indi_sony_py.xml", "<driversList/>")
        self.write("proc/meminfo", "MemTotal: 4000000 kB\nMemAvailable:    3000000 kB\n")
        self.write("proc/1/comm", "init\n")
        self.write("dev/bus/usb/001/009", "")
        self.write("sys/module/usbcore/parameters/usbfs_memory_mb", "16\n")
        self.attribute("speed", "5000\n")
        self.attribute("power/control", "on\n")
        self.machine = Faked(self.root, {"PATH": str(self.root / "bin"), "HOME": str(self.root / "home")})
        self.places = Places(self.root / "home/state")

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def attribute(self, name: str, text: str) -> None:
        self.write(f"sys/bus/usb/devices/1-2.3/{name}", text)

    wanted = ""
    """What --camera says."""

    def found(self, *names: str) -> dict[str, Finding]:
        def look(bus: str | None = None) -> list[Camera]:
            return self.cameras

        self.monkeypatch.setattr("indi_sony_py.cli.checks.way.look", look)
        case = Case(self.machine, self.places, self.wanted)
        return {check.name: finding for check, finding in examine([ROWS[name] for name in names], case)}


def modules_without(name: str) -> Callable[[Place], None]:
    def do(place: Place) -> None:
        place.machine = replace(place.machine, modules=place.machine.modules - {name})

    return do


def no_libusb(place: Place) -> None:
    place.machine = replace(place.machine, libraries=frozenset())


def no_memory(place: Place) -> None:
    place.write("proc/meminfo", "MemAvailable:    102400 kB\n")


def closed(folder: str) -> Callable[[Place], None]:
    def do(place: Place) -> None:
        place.machine = replace(place.machine, closed=(folder,))

    return do


def free(size: int) -> Callable[[Place], None]:
    def do(place: Place) -> None:
        place.machine = replace(place.machine, free=size)

    return do


def clock_of_1970(place: Place) -> None:
    place.monkeypatch.setattr(computer, "_now", lambda: datetime(1970, 1, 1, 0, 3, tzinfo=UTC))


def without(path: str) -> Callable[[Place], None]:
    return lambda place: (place.root / path).unlink()


def runs(name: str) -> Callable[[Place], None]:
    def do(place: Place) -> None:
        place.write("proc/77/comm", name + "\n")

    return do


def environment(text: str) -> Callable[[Place], None]:
    def do(place: Place) -> None:
        place.machine = replace(place.machine, env={**place.machine.env, "INDI_SONY_BUS": text})

    return do


def usbfs_of_nothing(place: Place) -> None:
    place.write("sys/module/usbcore/parameters/usbfs_memory_mb", "-1")


def a_rescued_frame(place: Place) -> None:
    Journal(*place.places.journals).add(Entry("/x.fits", "", "", "", "2026-01-02T03:04:05", None, 0.0, 1, "why"))


def a_marker(place: Place) -> None:
    place.write("home/state/open-usb-1-2.3.json", "{}")


def narrow(place: Place) -> None:
    place.monkeypatch.setattr(struct, "calcsize", lambda form: 4)


def shows(kind: CameraKind, product: int = 0x0CAA, model: str = "ILCE-7M3") -> Callable[[Place], None]:
    def do(place: Place) -> None:
        place.cameras = [Camera("usb-1-2.3", model, "4711", kind, product, 9)]

    return do


def nothing(place: Place) -> None:
    place.cameras = []


def denied(place: Place) -> None:
    real = os.access
    node = str(place.root / "dev/bus/usb/001/009")
    place.monkeypatch.setattr(os, "access", lambda path, how: str(path) != node and real(path, how))


def opened_by(name: str) -> Callable[[Place], None]:
    def do(place: Place) -> None:
        place.write("proc/88/comm", name + "\n")
        (place.root / "proc/88/fd").mkdir()
        (place.root / "proc/88/fd/7").symlink_to("/dev/bus/usb/001/009")

    return do


def driver_of_another_user(place: Place) -> None:
    place.write("proc/net/unix", "0: 2 0 1 1 1 5 @indi_sony_py/1000/usb-1-2.3\n")


def search_fails(place: Place) -> None:
    def look(bus: str | None = None) -> list[Camera]:
        raise CameraError(cable.BUS_UNREADABLE, reason="Access denied")

    place.found = lambda *names: _found_by(place, look, *names)  # type: ignore[method-assign]


def _found_by(place: Place, look: Callable[..., Any], *names: str) -> dict[str, Finding]:
    place.monkeypatch.setattr("indi_sony_py.cli.checks.way.look", look)
    return {c.name: f for c, f in examine([ROWS[n] for n in names], Case(place.machine, place.places))}
