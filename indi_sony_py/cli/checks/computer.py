"""Checks of the computer: what is installed, room, rights, time, and who else may want the camera. Does I/O: looks."""

from __future__ import annotations

import struct
import sys
from datetime import UTC, datetime
from pathlib import Path

import indi_sony_py
from indi_sony_py.cli.cameras import in_network
from indi_sony_py.cli.checks.check import Case, Finding, bad, good, passed_over, worse
from indi_sony_py.cli.frames import collect
from indi_sony_py.image.files import fallback_folder
from indi_sony_py.image.installed import DECODER
from indi_sony_py.texts import cable, doctor, frames

__all__ = [
    "bus",
    "clock",
    "drivers",
    "erfa",
    "grabbers",
    "libusb",
    "memory",
    "menus",
    "numpy",
    "python",
    "pyusb",
    "rawpy",
    "rescued",
    "room",
    "server",
    "state",
    "unfinished",
    "usb",
    "usbfs",
]

_LEAST_MB = 300
"""While a frame of 61 megapixels is developed its process has 290 MB (docs/HAND.md)."""
_LEAST_FREE = 200 << 20
_SCARCE = 2 << 30
_LEAST_USBFS_MB = 1
"""Tried with files of 122 MB: 1 MB is enough (docs/TESTING.md)."""
_GRABBERS = {
    "gvfs-gphoto2-volume-monitor": "systemctl --user stop gvfs-gphoto2-volume-monitor.service",
    "gvfsd-gphoto2": "systemctl --user stop gvfs-daemon.service",
    "gphoto2": "",
    "entangle": "",
    "indi_gphoto_ccd": "",
    "indi_sony_ccd": "",
}
"""Programs that open Sony cameras, and the command that stops those which a user did not start."""
_COMM = 15
"""The kernel keeps so many bytes of a process's name."""


def python(case: Case) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    bits = struct.calcsize("P") * 8
    return good(doctor.PYTHON_IS(version=version, bits=bits)) if bits > 32 else worse(doctor.BITS_32)


def numpy(case: Case) -> Finding:
    return good() if case.machine.has_module("numpy") else bad(frames.NO_NUMPY)


def pyusb(case: Case) -> Finding:
    return good() if case.machine.has_module("usb") else bad(cable.NO_PYUSB)


def rawpy(case: Case) -> Finding:
    if case.machine.has_module(DECODER):
        return good()
    return good(doctor.BY_LIBRAW()) if case.machine.has_module("rawpy") else worse(frames.NO_RAWPY)


def erfa(case: Case) -> Finding:
    return good() if case.machine.has_module("erfa") else worse(frames.NO_ERFA)


def libusb(case: Case) -> Finding:
    return good() if case.machine.has_library("libusb-1.0.so.0") else bad(cable.NO_LIBUSB)


def memory(case: Case) -> Finding:
    lines = dict(line.partition(":")[::2] for line in case.machine.read("/proc/meminfo").splitlines())
    words = lines.get("MemAvailable", "").split()
    if not words or not words[0].isdecimal():
        return passed_over(doctor.NOT_TOLD)
    megabytes = int(words[0]) // 1024
    if megabytes < _LEAST_MB:
        return worse(doctor.LITTLE_MEMORY, megabytes=megabytes, least=_LEAST_MB)
    return good(doctor.MEGABYTES(megabytes=megabytes))


def state(case: Case) -> Finding:
    folder = case.places.state
    return good(str(folder)) if case.machine.writable(folder) else bad(doctor.NO_STATE, folder=folder)


def room(case: Case) -> Finding:
    folder = fallback_folder(case.machine.env)
    if not case.machine.writable(folder):
        return bad(doctor.NO_FOLDER, folder=folder)
    free = case.machine.free_bytes(folder)
    if free is None:
        return passed_over(doctor.NOT_TOLD)
    if free < _LEAST_FREE:
        return bad(doctor.DISK_FULL, folder=folder, megabytes=free >> 20)
    if free < _SCARCE:
        return worse(doctor.DISK_SCARCE, folder=folder, megabytes=free >> 20)
    return good(doctor.GIGABYTES(gigabytes=free / (1 << 30)))


def clock(case: Case) -> Finding:
    """A clock that stands before the day on which this program was written there, is wrong (no battery, no network)."""
    installed = datetime.fromtimestamp(Path(indi_sony_py.__file__).stat().st_mtime, UTC)
    now = _now()
    if now < installed:
        return bad(doctor.CLOCK_BEHIND, now=f"{now:%Y-%m-%d %H:%M}", installed=f"{installed:%Y-%m-%d}")
    return good(f"{now:%Y-%m-%d %H:%M} UTC")


def _now() -> datetime:
    return datetime.now(UTC)


def server(case: Case) -> Finding:
    found = case.machine.program("indiserver")
    return good(found) if found else worse(doctor.NO_SERVER)


def drivers(case: Case) -> Finding:
    found = case.machine.program("indi_sony_py")
    return good(found) if found else worse(doctor.NO_DRIVER)


def menus(case: Case) -> Finding:
    path = "/usr/share/indi/indi_sony_py.xml"
    return good(path) if case.machine.at(path).is_file() else worse(doctor.NO_XML, path=path)


def bus(case: Case) -> Finding:
    named = case.bus or case.machine.env.get("INDI_SONY_BUS", "").strip()
    if not named:
        return good()
    from indi_sony_py.transport.bus import backend_from_environment

    try:
        backend_from_environment({"INDI_SONY_BUS": named})
    except ValueError as error:
        return bad(cable.BAD_BUS, detail=error)
    return worse(doctor.SIMULATED_BUS, bus=named)


def grabbers(case: Case) -> Finding:
    known = {name[:_COMM]: name for name in _GRABBERS}
    running = {known[comm]: pid for pid, comm in case.machine.processes() if comm in known}
    if not running:
        return good()
    name, pid = next(iter(running.items()))
    if _GRABBERS[name]:
        return worse(doctor.GRABBER_SERVICE, name=name, pid=pid, command=_GRABBERS[name])
    return worse(doctor.GRABBER, name=name, pid=pid)


def usb(case: Case) -> Finding:
    if _simulated(case):
        return passed_over(doctor.IS_SIMULATED)
    if in_network(case.wanted):
        return passed_over(doctor.NOT_ON_USB)
    if any(case.machine.names(f"/dev/bus/usb/{number}") for number in case.machine.names("/dev/bus/usb")):
        return good()
    return bad(doctor.NO_USB)


def usbfs(case: Case) -> Finding:
    said = case.machine.read("/sys/module/usbcore/parameters/usbfs_memory_mb")
    if _simulated(case) or not said.isdecimal():
        return passed_over(doctor.NOT_TOLD)
    # 0 is no limit.
    if 0 < int(said) < _LEAST_USBFS_MB:
        return bad(doctor.USBFS, megabytes=said)
    return good(doctor.MEGABYTES(megabytes=said))


def rescued(case: Case) -> Finding:
    kept = collect(case.places)
    if kept.untold or kept.spooled:
        return worse(doctor.RESCUED, count=len(kept.untold) + len(kept.spooled))
    return good()


def unfinished(case: Case) -> Finding:
    kept = collect(case.places)
    return worse(doctor.UNFINISHED, count=len(kept.open)) if kept.open else good()


def _simulated(case: Case) -> bool:
    return bool(case.bus or case.machine.env.get("INDI_SONY_BUS", "").strip())
