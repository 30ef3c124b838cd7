"""Texts of `indi-sony doctor`: the names of its checks, what they find, what to do. The driver never loads them."""

from __future__ import annotations

from indi_sony_py.texts import advice
from indi_sony_py.texts.row import Clause, Label, Level, Text

__all__: list[str] = []

PYTHON = Label("doctor.python", "Python")
NUMPY = Label("doctor.numpy", "numpy, for pixels")
RAWPY = Label("doctor.rawpy", "Decoder of compressed RAW files")
ERFA = Label("doctor.erfa", "pyerfa, for coordinates in headers")
PYUSB = Label("doctor.pyusb", "pyusb, for USB")
LIBUSB = Label("doctor.libusb", "libusb")
MEMORY = Label("doctor.memory", "Memory")
STATE = Label("doctor.state", "Folder for journal and logs")
ROOM = Label("doctor.room", "Room for rescued frames")
CLOCK = Label("doctor.clock", "The computer's clock")
SERVER = Label("doctor.server", "indiserver")
DRIVER = Label("doctor.driver", "The driver on PATH")
MENUS = Label("doctor.menus", "The driver in the menus of KStars and web managers")
RESCUED_FRAMES = Label("doctor.rescued_frames", "Frames that were rescued")
UNFINISHED_EXPOSURES = Label("doctor.unfinished_exposures", "Exposures that were not finished")
PROGRAMS = Label("doctor.programs", "Programs that grab cameras")
BUS = Label("doctor.bus", "INDI_SONY_BUS")
USB = Label("doctor.usb", "USB of this computer")
USBFS_MEMORY = Label("doctor.usbfs_memory", "USB memory of the kernel")
SEARCH = Label("doctor.search", "Looking for cameras")
THERE = Label("doctor.there", "A Sony camera")
MODE = Label("doctor.mode", "USB mode of the camera")
SPEED = Label("doctor.speed", "Speed of the USB link")
POWER = Label("doctor.power", "USB power saving")
RIGHTS = Label("doctor.rights", "Rights to the camera")
FREE = Label("doctor.free", "Nobody else holds the camera")
OPENS = Label("doctor.opens", "The camera answers")
KNOWN = Label("doctor.known", "A body that the tables know")
BATTERY = Label("doctor.battery", "Battery")
IMAGES = Label("doctor.images", "The camera's memory is empty")
MODE_DIAL = Label("doctor.mode_dial", "Mode dial on M")
DRIVE_MODE = Label("doctor.drive_mode", "Drive mode single")
FILE_FORMAT = Label("doctor.file_format", "File format RAW")
DESTINATION = Label("doctor.destination", "Images are saved to the computer")
FOCUS_MODE = Label("doctor.focus_mode", "Manual focus")
RAW_TYPE = Label("doctor.raw_type", "RAW without loss")
SILENT_MODE = Label("doctor.silent_mode", "Silent mode off")
NOISE_REDUCTION = Label("doctor.noise_reduction", "Long exposure noise reduction off")
STEADY_SHOT = Label("doctor.steady_shot", "SteadyShot off")
NO_LENS = Label("doctor.no_lens", "Release without lens")
CROP = Label("doctor.crop", "APS-C crop off")
SHOT = Label("doctor.shot", "A frame")

PYTHON_IS = Label("doctor.python_is", "{version}, {bits} bit")
BY_LIBRAW = Label("doctor.by_libraw", "LibRaw, slower: with gcc, install this package anew")
MEGABYTES = Label("doctor.megabytes", "{megabytes} MB")
GIGABYTES = Label("doctor.gigabytes", "{gigabytes:.0f} GB free")
MBIT = Label("doctor.mbit", "{mbit:g} Mbit/s")
CHOSEN = Label("doctor.chosen", "{chosen}; also there: {others} (--camera takes another one)")
DEVICES = Label("doctor.devices", "Sony devices found: {count}")
BLOCKED = Label("doctor.blocked", "not looked at, because something before it failed: {count}")
SET_BY_DRIVER = Label("doctor.set_by_driver", "{value}; the driver sets it for each exposure")
FRAME_MADE = Label("doctor.frame_made", "{seconds:g} s exposed, {megabytes:.0f} MB")

NEEDS = Clause("doctor.needs", "not looked at, because of: {title}", "An obstacle before it must be cleared first.")
NOT_TOLD = Clause("doctor.not_told", "it is not told here", "System or camera do not say it; it is no obstacle.")
NOT_ON_USB = Clause("doctor.not_on_usb", "the camera is not on this computer's USB", "In the network, or simulated.")
IS_SIMULATED = Clause("doctor.is_simulated", "simulated cameras are looked for", "INDI_SONY_BUS or --bus names them.")
ASK_FOR_SHOT = Clause("doctor.ask_for_shot", "none was asked for: --shoot 1 makes one", "")

OBSTACLES = Text(
    "doctor.obstacles",
    "Obstacles: {count}.",
    "",
    "Clear the first one, then run this again: those behind it may hang on it.",
    level=Level.WARNING,
)
NO_OBSTACLE = Text("doctor.no_obstacle", "No obstacle was found in {count} checks.", "", level=Level.INFO)

BITS_32 = Text(
    "doctor.bits_32",
    "This system has 32 bits.",
    "There is no rawpy for it, and large frames are short of memory.",
    "A 64-bit system is better where the computer can run one; docs/RIGS.md tells what works.",
    level=Level.WARNING,
)
LITTLE_MEMORY = Text(
    "doctor.little_memory",
    "Only {megabytes} MB of memory are free, and a large frame needs {least} MB while it is developed.",
    "",
    "Close other programs, or add swap.",
    level=Level.WARNING,
)
NO_STATE = Text(
    "doctor.no_state",
    "The folder {folder} may not be written by this user.",
    "Journal, logs and markers of the camera's process go there; without it a rescued frame may stay unannounced.",
    "Give it to the user who runs the INDI server (chown).",
)
NO_FOLDER = Text(
    "doctor.no_folder",
    "The folder {folder} for frames may not be written by this user.",
    "Frames go there that find no other place.",
    "Give it to the user who runs the INDI server (chown).",
)
DISK_FULL = Text(
    "doctor.disk_full",
    "Only {megabytes} MB are free at {folder}: not enough for a few frames.",
    "",
    "Free some space on that disk.",
)
DISK_SCARCE = Text(
    "doctor.disk_scarce",
    "Only {megabytes} MB are free at {folder}.",
    "A frame of 61 megapixels has 122 MB.",
    "Free some space on that disk before a night.",
    level=Level.WARNING,
)
CLOCK_BEHIND = Text(
    "doctor.clock_behind",
    "The computer's clock says {now} UTC, but this program was installed on {installed}.",
    "A computer without a battery for its clock (Raspberry Pi) starts in the past; DATE-OBS would be wrong.",
    "Set the clock: by network (timedatectl), by GPS, or by hand.",
)
NO_SERVER = Text(
    "doctor.no_server",
    "The program indiserver is not on PATH.",
    "This tool works without it, the driver does not.",
    "Install INDI (Debian: apt install indi-bin).",
    level=Level.WARNING,
)
NO_DRIVER = Text(
    "doctor.no_driver",
    "The program indi_sony_py is not on PATH, so an INDI server does not find it.",
    "",
    "Install the package, or run indi-sony install as root (INSTALL.md).",
    level=Level.WARNING,
)
NO_XML = Text(
    "doctor.no_xml",
    "{path} is not there, so KStars and web managers do not list the driver.",
    "",
    "Install the package; after pip or pipx run indi-sony install as root (INSTALL.md).",
    level=Level.WARNING,
)
SIMULATED_BUS = Text(
    "doctor.simulated_bus",
    "Simulated cameras are looked for, at {bus}; real ones are not seen.",
    "INDI_SONY_BUS is set, or --bus was given.",
    "For a real camera unset INDI_SONY_BUS.",
    level=Level.WARNING,
)
GRABBER_SERVICE = Text(
    "doctor.grabber_service",
    "{name} runs (process {pid}): a part of the desktop that opens cameras as soon as they come.",
    "",
    "If it takes the camera: {command}.",
    level=Level.WARNING,
)
GRABBER = Text(
    "doctor.grabber",
    "{name} runs (process {pid}): it may hold the camera.",
    "",
    "Stop it, if it is meant for this camera.",
    level=Level.WARNING,
)
NO_USB = Text(
    "doctor.no_usb",
    "This computer shows no USB (/dev/bus/usb is empty or not there).",
    "A container without its host's USB, or a system without the driver for its USB.",
    "Run this on the computer that has the cable, or give USB to the container (--device /dev/bus/usb).",
)
USBFS = Text(
    "doctor.usbfs",
    "The kernel gives USB transfers {megabytes} MB in all.",
    "",
    "Raise it: echo 16 | sudo tee /sys/module/usbcore/parameters/usbfs_memory_mb.",
)
RESCUED = Text(
    "doctor.rescued",
    "Frames of an earlier time wait to be announced: {count}.",
    "",
    "The command indi-sony frames tells where they are.",
    level=Level.WARNING,
)
UNFINISHED = Text(
    "doctor.unfinished",
    "Exposures that were begun and not finished: {count}.",
    "One may be under way now; else its image is fetched at the next connection.",
    "The command indi-sony frames tells more.",
    level=Level.WARNING,
)
SLOW_LINK = Text(
    "doctor.slow_link",
    "The USB link runs at {mbit:g} Mbit/s: a frame takes minutes.",
    "A cable for charging, a bad plug, or an old hub.",
    "Take another cable and another port, without a hub.",
    level=Level.WARNING,
)
AUTOSUSPEND = Text(
    "doctor.autosuspend",
    "The computer may put the camera's USB link to sleep (power/control is auto).",
    "It does so only while nobody has opened the camera; some bodies do not bear it.",
    "If the camera vanishes when it is idle: write on into power/control of its folder in /sys/bus/usb/devices, or let "
    "a udev rule do that.",
    level=Level.WARNING,
)
BATTERY_LOW = Text(
    "doctor.battery_low",
    "The battery has {percent} % left.",
    "",
    "Power the camera over USB, or change the battery before a night.",
    level=Level.WARNING,
)
IMAGES_WAIT = Text(
    "doctor.images_wait",
    "Images of an earlier time wait in the camera's memory.",
    "They are fetched and saved as soon as the camera is connected, and are never taken for a new frame.",
    "The command indi-sony frames tells where they are afterwards.",
    level=Level.WARNING,
)
NOT_FOR_NIGHT = Text(
    "doctor.not_for_night",
    "It is {value}; for a night better: {wanted}.",
    "The driver cannot set it on this body, or not now. Exposures are made all the same.",
    "Set it in the camera's menu.",
    level=Level.WARNING,
)
EMPTY_FRAME = Text(
    "doctor.empty_frame",
    "The frame that was made holds nothing.",
    "All its values are the same, or it is no FITS.",
    advice.REPORT,
)
