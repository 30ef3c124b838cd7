"""Texts about the way to the camera: cable, USB, and what comes over it."""

from __future__ import annotations

from indi_sony_py.texts import advice
from indi_sony_py.texts.row import Clause, Text

__all__: list[str] = []

BAD_DATA = Text(
    "cable.bad_data",
    "What the camera sent cannot be read ({detail}).",
    "A damaged transfer, or data of an unknown form. It is asked for again where that is safe.",
    advice.REPORT_DATA,
    where="CCD_EXPOSURE: Alert, CONNECTION: Alert",
)
GONE = Text(
    "cable.gone",
    "The camera left the USB bus ({detail}).",
    "The cable, the power switch, a flat battery, or a camera that went to sleep.",
    advice.CAMERA_IS_GONE,
    where="CONNECTION: Alert, CCD_EXPOSURE: Alert",
)
IN_USE = Text(
    "cable.in_use",
    "Another program uses the camera ({detail}).",
    "",
    advice.CLOSE_PROGRAM,
    where="CONNECTION: Alert",
)
HELD_BY = Text(
    "cable.held_by",
    "The camera at {key} is held by {who}.",
    "That program has opened it; only one can.",
    advice.CLOSE_PROGRAM,
    where="CONNECTION: Alert",
)
HELD = Text(
    "cable.held",
    "The camera at {key} is held by another program.",
    "Which one, this user may not see: a desktop's photo import most often.",
    advice.CLOSE_PROGRAM,
    where="CONNECTION: Alert",
)
DENIED = Text(
    "cable.denied",
    "The system denies access to the camera ({detail}).",
    "",
    advice.UDEV_RULE,
    where="CONNECTION: Alert",
)
SILENT = Text(
    "cable.silent",
    "The camera did not answer in time ({detail}).",
    "",
    advice.OFF_AND_ON,
    where="CONNECTION: Alert, CCD_EXPOSURE: Alert",
)
STALLED = Text(
    "cable.stalled",
    "The camera broke a transfer off ({detail}).",
    "A bad cable or hub, or a camera that refuses a command.",
    advice.CABLE_AND_POWER,
    where="CONNECTION: Alert, CCD_EXPOSURE: Alert",
)
FAILED = Text(
    "cable.failed",
    "The USB connection to the camera failed ({detail}).",
    "",
    advice.CABLE_AND_POWER,
    where="CONNECTION: Alert, CCD_EXPOSURE: Alert",
)
NO_CAMERA = Text(
    "cable.no_camera",
    "No camera is at {key}.",
    "It was there before. The name is that of the USB bus and port.",
    advice.CAMERA_IS_GONE,
    where="CONNECTION: Alert",
)
NO_INTERFACE = Text(
    "cable.no_interface",
    "The Sony device at {key} shows no interface for remote control.",
    "Its USB mode is another one, or it is no camera.",
    advice.PC_REMOTE,
    where="CONNECTION: Alert",
)
LACKS_ENDPOINT = Text(
    "cable.lacks_endpoint",
    "The camera's interface for remote control lacks an endpoint.",
    "",
    advice.PC_REMOTE,
    where="CONNECTION: Alert",
)
LET_GO = Text(
    "cable.let_go",
    "The camera was let go of.",
    "",
    advice.CAMERA_IS_GONE,
    where="CONNECTION: Alert",
)
NO_TIME = Text(
    "cable.no_time",
    "No time was left for operation 0x{operation:04X}.",
    "The steps before it took all of it.",
    advice.OFF_AND_ON,
    where="CONNECTION: Alert",
)
NO_ANSWER = Text(
    "cable.no_answer",
    "The camera gave no answer to operation 0x{operation:04X}.",
    "",
    advice.OFF_AND_ON,
    where="CONNECTION: Alert, CCD_EXPOSURE: Alert",
)
TOOK_LESS = Text(
    "cable.took_less",
    "The camera took {count} of {wanted} bytes.",
    "",
    advice.CABLE_AND_POWER,
    where="CONNECTION: Alert, CCD_EXPOSURE: Alert",
)
UNRELATED = Text(
    "cable.unrelated",
    "The camera answers with nothing that belongs to the question.",
    "Another program talked to it before, or the transfer is disturbed.",
    advice.CABLE_AND_POWER,
    where="CONNECTION: Alert, CCD_EXPOSURE: Alert",
)
ENDLESS = Text(
    "cable.endless",
    "The camera sends without an end.",
    "",
    advice.OFF_AND_ON,
    where="CONNECTION: Alert, CCD_EXPOSURE: Alert",
)
BAD_BUS = Text(
    "cable.bad_bus",
    "The simulated bus cannot be used ({detail}).",
    "",
    "Set INDI_SONY_BUS to unix:/PATH, several with commas between, or unset it.",
    where="CONNECTION: Alert",
)
NO_LIBUSB = Text(
    "cable.no_libusb",
    "The library libusb is not installed.",
    "",
    "Install it (Debian: apt install libusb-1.0-0).",
    where="CONNECTION: Alert",
)
LIBUSB_FAILS = Text(
    "cable.libusb_fails",
    "The library libusb does not start: {reason}.",
    "",
    "Restart the INDI server; if that does not help, the computer.",
    where="CONNECTION: Alert",
)
BUS_UNREADABLE = Text(
    "cable.bus_unreadable",
    "The USB bus cannot be read: {reason}.",
    "The user may not see USB devices, or there is no USB here (a container).",
    advice.UDEV_RULE,
    where="CONNECTION: Alert",
)
CANNOT_LOOK = Text(
    "cable.cannot_look",
    "Cameras cannot be looked for: {detail}.",
    "",
    advice.REPORT,
    where="CONNECTION: Alert",
)
LOOK_HANGS = Text(
    "cable.look_hangs",
    "Cameras were looked for, and that was not done within {seconds:.0f} s.",
    "The USB system of this computer does not answer: a device or a hub hangs, or the computer is very busy.",
    "Unplug the USB devices one after the other; restart the computer if that does not help.",
    where="CONNECTION: Alert",
)
NO_PYUSB = Text(
    "cable.no_pyusb",
    "This driver's Python has no pyusb: no camera on USB can be found.",
    "The package was installed without its requirements.",
    "Install it (Debian: apt install python3-usb).",
    where="CONNECTION: Alert",
)
NOTHING_FOUND = Text(
    "cable.nothing_found",
    "No Sony camera was found.",
    "No device of Sony's is on USB at all.",
    "Switch it on, check the cable, and choose in its menu USB Connection: PC Remote (newer bodies: USB Connection "
    "Mode: Remote Shooting).",
    where="CONNECTION: Alert",
)
SERIAL_NOT_FOUND = Text(
    "cable.serial_not_found",
    "The camera with the serial number {serial} was not found.",
    "CAMERA_BINDING names another camera than those found.",
    advice.EMPTY_BINDING,
    where="CONNECTION: Alert",
)
OTHER_SERIALS = Text(
    "cable.other_serials",
    "The camera with the serial number {serial} was not found; there is {names}.",
    "CAMERA_BINDING names another camera than those found.",
    advice.EMPTY_BINDING,
    where="CONNECTION: Alert",
)
NO_NUMBER = Clause("cable.no_number", "one without a number", "Some bodies tell no serial number over USB.")
ALL_TAKEN = Text(
    "cable.all_taken",
    "Each camera that was found has a device of its own already ({count} found).",
    "",
    "Connect the device that bears its model's name.",
    where="CONNECTION: Alert",
)
NOT_PLUGGED_IN = Text(
    "cable.not_plugged_in",
    "The camera of {device} is not plugged in.",
    "",
    "Plug it in and switch it on.",
    where="CONNECTION: Alert",
)
IS_A_DISK = Text(
    "cable.is_a_disk",
    "The {name} shows itself as a disk (mass storage).",
    "",
    "At the camera: {menu}.",
    where="CONNECTION: Alert",
)
IS_A_WEBCAM = Text(
    "cable.is_a_webcam",
    "The {name} shows itself as a webcam.",
    "",
    "End USB Streaming there. At the camera: {menu}.",
    where="CONNECTION: Alert",
)
ONLY_CHARGES = Text(
    "cable.only_charges",
    "The {name} only charges over USB and answers nothing.",
    "It is switched off, or its firmware hangs.",
    "Switch it off and on at its own switch. If it comes back like this: {menu}.",
    where="CONNECTION: Alert",
)
CANNOT_REMOTE = Text(
    "cable.cannot_remote",
    "The {name} has no remote control in its firmware.",
    "",
    advice.NO_REMOTE,
    where="CONNECTION: Alert",
)
OFFERS_NONE = Text(
    "cable.offers_none",
    "A {name} was found, but it offers no remote control.",
    "A Sony device without a camera's interface, or a camera in another USB mode.",
    "At the camera: {menu}.",
    where="CONNECTION: Alert",
)
