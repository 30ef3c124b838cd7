"""THE TABLE of what `indi-sony doctor` checks, in the order in which the obstacles lie. Pure."""

from __future__ import annotations

from indi_sony_py.cli.checks import camera, computer, way
from indi_sony_py.cli.checks.check import Check
from indi_sony_py.texts import doctor

__all__ = ["CHECKS", "COMPUTER"]

_SEEN = ("there",)
_USABLE = ("mode", "rights", "free")
_OPEN = ("opens",)

CHECKS: tuple[Check, ...] = (
    Check("python", doctor.PYTHON, computer.python),
    Check("numpy", doctor.NUMPY, computer.numpy),
    Check("rawpy", doctor.RAWPY, computer.rawpy),
    Check("erfa", doctor.ERFA, computer.erfa),
    Check("pyusb", doctor.PYUSB, computer.pyusb),
    Check("libusb", doctor.LIBUSB, computer.libusb, ("pyusb",)),
    Check("memory", doctor.MEMORY, computer.memory),
    Check("state", doctor.STATE, computer.state),
    Check("room", doctor.ROOM, computer.room),
    Check("clock", doctor.CLOCK, computer.clock),
    Check("server", doctor.SERVER, computer.server),
    Check("driver", doctor.DRIVER, computer.drivers),
    Check("menus", doctor.MENUS, computer.menus),
    Check("rescued", doctor.RESCUED_FRAMES, computer.rescued),
    Check("unfinished", doctor.UNFINISHED_EXPOSURES, computer.unfinished),
    Check("programs", doctor.PROGRAMS, computer.grabbers),
    Check("bus", doctor.BUS, computer.bus, ("pyusb",)),
    Check("usb", doctor.USB, computer.usb, ("bus",)),
    Check("usbfs", doctor.USBFS_MEMORY, computer.usbfs, ("usb",)),
    Check("search", doctor.SEARCH, way.search, ("pyusb", "libusb", "bus")),
    Check("there", doctor.THERE, way.there, ("search",)),
    Check("mode", doctor.MODE, way.mode, _SEEN),
    Check("speed", doctor.SPEED, way.speed, _SEEN),
    Check("power", doctor.POWER, way.power, _SEEN),
    Check("rights", doctor.RIGHTS, way.rights, _SEEN),
    Check("free", doctor.FREE, way.free, _SEEN),
    Check("opens", doctor.OPENS, camera.opens, _USABLE),
    Check("known", doctor.KNOWN, camera.known, _OPEN),
    Check("battery", doctor.BATTERY, camera.battery, _OPEN),
    Check("images", doctor.IMAGES, camera.memory, _OPEN),
    Check("mode dial", doctor.MODE_DIAL, camera.setting("mode dial"), _OPEN),
    Check("drive mode", doctor.DRIVE_MODE, camera.setting("drive mode"), _OPEN),
    Check("file format", doctor.FILE_FORMAT, camera.setting("file format"), _OPEN),
    Check("save destination", doctor.DESTINATION, camera.setting("save destination"), _OPEN),
    Check("focus mode", doctor.FOCUS_MODE, camera.setting("focus mode"), _OPEN),
    Check("RAW type", doctor.RAW_TYPE, camera.setting("RAW type"), _OPEN),
    Check("silent mode", doctor.SILENT_MODE, camera.setting("silent mode"), _OPEN),
    Check("noise reduction", doctor.NOISE_REDUCTION, camera.setting("noise reduction"), _OPEN),
    Check("SteadyShot", doctor.STEADY_SHOT, camera.setting("SteadyShot"), _OPEN),
    Check("no lens", doctor.NO_LENS, camera.setting("no lens"), _OPEN),
    Check("APS-C crop", doctor.CROP, camera.setting("APS-C crop"), _OPEN),
    Check("shot", doctor.SHOT, camera.shot, _OPEN),
)


COMPUTER: tuple[Check, ...] = CHECKS[: [check.name for check in CHECKS].index("search")]
"""What needs no camera."""
