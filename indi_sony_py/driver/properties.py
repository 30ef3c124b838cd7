"""THE TABLE: every property vector of a camera, in the order in which clients get them.

A row says what the vector is, when it is shown, what feeds it, what a client's write does, and whether it is saved.

- `Shown.ALWAYS`: before the connection too. `CONNECTED`: while the camera is. `ASKED`: something else shows it.
- A feed turns the view of the camera into values, limits or elements; None hides the vector (the camera has none).
- A setting of the camera is a row with `setting_switch`: its elements are the camera's own choices.
- `early` rows are read from the config before the first definition goes out, `autosave` ones are written on change.

Names, labels, groups, formats and defaults are those of libindi 1.9.9 and indi_gphoto_ccd 3.2 where they have the same
property (observed); the order of elements is API, clients count them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from indi_sony_py.indi.messages import Kind, Permission, Rule
from indi_sony_py.indi.vectors import BlobDef, ElementDef, NumberDef, SwitchDef, TextDef, Value, VectorDef

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView

__all__ = ["FIRST_ONLY", "INTERFACE_CCD", "LONGEST_S", "TABLE", "Fed", "Row", "Shown", "Write", "row_of"]

INTERFACE_CCD = 2
LONGEST_S = 3600.0
FIRST_ONLY = frozenset({"SIMULATION", "NETWORK_CAMERA", "NETWORK_SEARCH"})
"""Vectors of the device that always exists; the further ones are cameras that are there."""
MAIN, OPTIONS, GENERAL = "Main Control", "Options", "General Info"
SETTINGS, INFO = "Image Settings", "Image Info"
_RO, _RW = Permission.READ_ONLY, Permission.READ_WRITE


class Shown(Enum):
    ALWAYS = "always"
    CONNECTED = "connected"
    ASKED = "asked"


class Write(Enum):
    """What a client's write does; `controls` has one handler for each."""

    CONNECT = "connect"
    DEBUG = "debug"
    LOGGING = "logging"
    SIMULATION = "simulation"
    NETWORK = "network"
    SEARCH = "search"
    CONFIG = "config"
    EXPOSE = "expose"
    ABORT = "abort"
    FRAME = "frame"
    BINNING = "binning"
    TRUTH = "truth"
    SENSOR = "sensor"
    UPLOAD_MODE = "upload mode"
    AREA = "area"
    SETTING = "setting"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Fed:
    """What the camera makes of a vector. `elements` None: those of the row; `limits`: name to (min, max)."""

    values: Mapping[str, Value] = field(default_factory=dict)
    elements: tuple[ElementDef, ...] | None = None
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)


Feed = Callable[["CameraView"], Fed | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One vector. `setting`: the name of the camera's setting that it changes."""

    vector: VectorDef
    shown: Shown = Shown.CONNECTED
    values: Mapping[str, Value] = field(default_factory=dict)
    write: Write | None = None
    feed: Feed | None = None
    saved: bool = False
    early: bool = False
    autosave: bool = False
    setting: str = ""

    @property
    def name(self) -> str:
        return self.vector.name


def _number(name: str, label: str, group: str, perm: Permission, timeout: float, *elements: NumberDef) -> VectorDef:
    return VectorDef(name, label, group, Kind.NUMBER, perm, elements, timeout_s=timeout)


def _text(name: str, label: str, group: str, perm: Permission, timeout: float, **elements: str) -> VectorDef:
    parts = tuple(TextDef(key, text) for key, text in elements.items())
    return VectorDef(name, label, group, Kind.TEXT, perm, parts, timeout_s=timeout)


def _switch(
    name: str, label: str, group: str, timeout: float, rule: Rule = Rule.ONE_OF_MANY, **elements: str
) -> VectorDef:
    parts = tuple(SwitchDef(key, text) for key, text in elements.items())
    return VectorDef(name, label, group, Kind.SWITCH, _RW, parts, rule, timeout)


def setting_switch(setting: str, prefix: str) -> Feed:
    """A switch whose elements are the choices that the camera offers for a setting, `PREFIX0` and so on.

    Numbers are put in order, so that an element keeps its place between sessions. Hidden without any choice.
    """

    def feed(view: CameraView) -> Fed | None:
        found = view.settings.get(setting)
        if found is None or not found.options:
            return None
        labels = sorted({choice.label: choice for choice in found.options}.values(), key=_order)
        elements = tuple(SwitchDef(f"{prefix}{place}", choice.label) for place, choice in enumerate(labels))
        values: dict[str, Value] = {e.name: c.value == found.value for e, c in zip(elements, labels, strict=True)}
        return Fed(values, elements)

    return feed


def _order(choice: object) -> tuple[int, float, str]:
    label = str(getattr(choice, "label", ""))
    number = label.replace(".", "", 1)
    return (0, float(label), label) if number.isascii() and number.isdigit() else (1, 0.0, "")


def _exposure(view: CameraView) -> Fed | None:
    return Fed(limits={"CCD_EXPOSURE_VALUE": view.limits_s})


def _frame(view: CameraView) -> Fed | None:
    width, height = view.size or (0, 0)
    limits = {
        "X": (0.0, max(0.0, width - 1.0)),
        "Y": (0.0, max(0.0, height - 1.0)),
        "WIDTH": (min(1.0, width), float(width)),
        "HEIGHT": (min(1.0, height), float(height)),
    }
    return Fed({"X": 0.0, "Y": 0.0, "WIDTH": float(width), "HEIGHT": float(height)}, limits=limits)


def _info(view: CameraView) -> Fed | None:
    width, height = view.size or (0, 0)
    um = view.pixel_um
    return Fed(
        {
            "CCD_MAX_X": float(width),
            "CCD_MAX_Y": float(height),
            "CCD_PIXEL_SIZE": um,
            "CCD_PIXEL_SIZE_X": um,
            "CCD_PIXEL_SIZE_Y": um,
            "CCD_BITSPERPIXEL": 16.0,
        }
    )


def _cfa(view: CameraView) -> Fed | None:
    return Fed({"CFA_OFFSET_X": "0", "CFA_OFFSET_Y": "0", "CFA_TYPE": view.cfa})


def _battery(view: CameraView) -> Fed | None:
    found = view.settings.get("battery")
    return None if found is None or found.value is None else Fed({"LEVEL": float(found.value)})


def _camera(view: CameraView) -> Fed | None:
    who = view.identity
    protocol = f"{who.version}{f' ({who.version_reason})' if who.version_reason else ''}"
    name = view.facts.name
    model = who.model if name in ("", who.model) else f"{who.model} ({name})"
    return Fed({"MODEL": model, "SERIAL": view.serial, "FIRMWARE": who.firmware, "PROTOCOL": protocol})


_STATE = {
    "PROGRAM": ("program", "Exposure mode"),
    "DRIVE": ("drive", "Drive mode"),
    "FOCUS": ("focus mode", "Focus mode"),
    "SHUTTER": ("shutter", "Shutter speed"),
    "FORMAT": ("format", "File format"),
    "RAW_TYPE": ("raw type", "RAW type"),
    "DESTINATION": ("destination", "Save destination"),
    "REDUCTION": ("noise reduction", "Long exposure NR"),
}


def _state(view: CameraView) -> Fed | None:
    shown = {key: view.settings.get(setting) for key, (setting, _) in _STATE.items()}
    return Fed({key: "-" if found is None else found.label for key, found in shown.items()})


_LEVELS = {"ERROR": "Errors", "WARNING": "Warnings", "SESSION": "Messages", "DEBUG": "Driver Debug"}


def _levels(name: str, label: str, prefix: str) -> Row:
    names = {f"{prefix}_{key}": text for key, text in _LEVELS.items()}
    vector = _switch(name, label, OPTIONS, 0, Rule.ANY_OF_MANY, **names)
    values = {key: not key.endswith("DEBUG") for key in names}
    return Row(vector, Shown.ASKED, values, Write.LOGGING, saved=True, early=True)


def _um(name: str, label: str) -> NumberDef:
    return NumberDef(name, label, "%.2f", 1, 40)


TABLE: tuple[Row, ...] = (
    Row(
        _switch("CONNECTION", "Connection", MAIN, 60, CONNECT="Connect", DISCONNECT="Disconnect"),
        Shown.ALWAYS,
        {"DISCONNECT": True},
        Write.CONNECT,
    ),
    Row(
        _text(
            "DRIVER_INFO", "Driver Info", GENERAL, _RO, 60,
            DRIVER_NAME="Name", DRIVER_EXEC="Exec", DRIVER_VERSION="Version", DRIVER_INTERFACE="Interface",
        ),
        Shown.ALWAYS,
        {"DRIVER_NAME": "Sony Alpha", "DRIVER_EXEC": "indi_sony_py", "DRIVER_INTERFACE": str(INTERFACE_CCD)},
    ),
    Row(
        _number("POLLING_PERIOD", "Polling", OPTIONS, _RW, 0,
                NumberDef("PERIOD_MS", "Period (ms)", "%.f", 10, 600000, 1000)),
        Shown.ALWAYS, {"PERIOD_MS": 1000.0}, Write.KEEP, saved=True, early=True,
    ),
    Row(
        _switch("DEBUG", "Debug", OPTIONS, 0, ENABLE="Enable", DISABLE="Disable"),
        Shown.ALWAYS, {"DISABLE": True}, Write.DEBUG, saved=True, early=True,
    ),
    Row(
        _switch("SIMULATION", "Simulation", OPTIONS, 0, ENABLE="Enable", DISABLE="Disable"),
        Shown.ALWAYS, {"DISABLE": True}, Write.SIMULATION,
    ),
    Row(
        _switch(
            "CONFIG_PROCESS", "Configuration", OPTIONS, 0, Rule.AT_MOST_ONE,
            CONFIG_LOAD="Load", CONFIG_SAVE="Save", CONFIG_DEFAULT="Default", CONFIG_PURGE="Purge",
        ),
        Shown.ALWAYS, {}, Write.CONFIG,
    ),
    Row(
        _text("CAMERA_BINDING", "Camera", OPTIONS, _RW, 0, SERIAL="Serial number (empty: the first found)"),
        Shown.ALWAYS, {}, Write.KEEP, saved=True, early=True,
    ),
    Row(
        _text("NETWORK_CAMERA", "Network camera", OPTIONS, _RW, 0,
              HOST="Name or address[:port] (empty: a camera on USB)"),
        Shown.ALWAYS, {}, Write.NETWORK, saved=True, early=True,
    ),
    Row(
        _switch("NETWORK_SEARCH", "Network search", OPTIONS, 0, ENABLE="Enable", DISABLE="Disable"),
        Shown.ALWAYS, {"DISABLE": True}, Write.SEARCH, saved=True, early=True,
    ),
    Row(
        _switch("PROTOCOL", "Protocol", OPTIONS, 0, AUTO="As the camera", FORCE_200="2.00 only"),
        Shown.ALWAYS, {"AUTO": True}, Write.KEEP, saved=True, early=True,
    ),
    _levels("DEBUG_LEVEL", "Debug Levels", "DBG"),
    _levels("LOGGING_LEVEL", "Logging Levels", "LOG"),
    Row(
        _switch("LOG_OUTPUT", "Log Output", OPTIONS, 0, Rule.ANY_OF_MANY,
                CLIENT_DEBUG="To Client", FILE_DEBUG="To Log File"),
        Shown.ASKED, {"CLIENT_DEBUG": True}, Write.LOGGING, saved=True, early=True,
    ),
    Row(
        _number("CCD_EXPOSURE", "Expose", MAIN, _RW, 60,
                NumberDef("CCD_EXPOSURE_VALUE", "Duration (s)", "%5.2f", 0.001, LONGEST_S, 1)),
        values={"CCD_EXPOSURE_VALUE": 1.0}, write=Write.EXPOSE, feed=_exposure,
    ),
    Row(
        _switch("CCD_ABORT_EXPOSURE", "Abort", MAIN, 60, Rule.AT_MOST_ONE, ABORT="Abort"),
        write=Write.ABORT,
    ),
    Row(
        _number("CCD_FRAME", "Frame", SETTINGS, _RW, 60,
                NumberDef("X", "Left ", "%4.0f"), NumberDef("Y", "Top", "%4.0f"),
                NumberDef("WIDTH", "Width", "%4.0f"), NumberDef("HEIGHT", "Height", "%4.0f")),
        write=Write.FRAME, feed=_frame,
    ),
    Row(
        _number("CCD_BINNING", "Binning", SETTINGS, _RW, 60,
                NumberDef("HOR_BIN", "X", "%2.0f", 1, 1, 1), NumberDef("VER_BIN", "Y", "%2.0f", 1, 1, 1)),
        values={"HOR_BIN": 1.0, "VER_BIN": 1.0}, write=Write.BINNING,
    ),
    Row(
        _switch("CCD_CAPTURE_FORMAT", "Format", SETTINGS, 60, INDI_RAW="RAW", INDI_RAW_JPEG="RAW+JPEG"),
        values={"INDI_RAW": True}, write=Write.KEEP, saved=True, early=True, autosave=True,
    ),
    Row(
        _switch("CCD_TRANSFER_FORMAT", "Encode", SETTINGS, 60, FORMAT_FITS="FITS", FORMAT_NATIVE="Native"),
        values={"FORMAT_FITS": True}, write=Write.KEEP, saved=True, early=True, autosave=True,
    ),
    Row(
        _number("CCD_INFO", "CCD Information", INFO, _RO, 60,
                NumberDef("CCD_MAX_X", "Max. Width", "%.f", 1, 16000),
                NumberDef("CCD_MAX_Y", "Max. Height", "%.f", 1, 16000),
                _um("CCD_PIXEL_SIZE", "Pixel size (um)"),
                _um("CCD_PIXEL_SIZE_X", "Pixel size X"), _um("CCD_PIXEL_SIZE_Y", "Pixel size Y"),
                NumberDef("CCD_BITSPERPIXEL", "Bits per pixel", "%.f", 8, 64)),
        write=Write.SENSOR, feed=_info,
    ),
    Row(VectorDef("CCD1", "Image Data", INFO, Kind.BLOB, _RO, (BlobDef("CCD1", "Image"),), timeout_s=60)),
    Row(
        _switch("CCD_FRAME_TYPE", "Type", SETTINGS, 60,
                FRAME_LIGHT="Light", FRAME_BIAS="Bias", FRAME_DARK="Dark", FRAME_FLAT="Flat"),
        values={"FRAME_LIGHT": True}, write=Write.KEEP,
    ),
    Row(
        _text("CCD_CFA", "Bayer Info", INFO, _RO, 60, CFA_OFFSET_X="X Offset", CFA_OFFSET_Y="Y Offset",
              CFA_TYPE="Filter"),
        write=Write.TRUTH, feed=_cfa,
    ),
    Row(
        _switch("UPLOAD_MODE", "Upload", OPTIONS, 0,
                UPLOAD_CLIENT="Client", UPLOAD_LOCAL="Local", UPLOAD_BOTH="Both"),
        values={"UPLOAD_CLIENT": True}, write=Write.UPLOAD_MODE, saved=True,
    ),
    Row(
        _text("UPLOAD_SETTINGS", "Upload Settings", OPTIONS, _RW, 60, UPLOAD_DIR="Dir", UPLOAD_PREFIX="Prefix"),
        values={"UPLOAD_PREFIX": "IMAGE_XXX"}, write=Write.KEEP, saved=True,
    ),
    Row(_text("CCD_FILE_PATH", "Filename", INFO, _RO, 60, FILE_PATH="Path"), Shown.ASKED),
    Row(
        VectorDef("CCD_ISO", "ISO", SETTINGS, Kind.SWITCH, _RW, (SwitchDef("ISO0", "-"),), Rule.ONE_OF_MANY, 60),
        write=Write.SETTING, feed=setting_switch("iso", "ISO"), saved=True, setting="iso",
    ),
    Row(
        _number("BATTERY", "Battery", INFO, _RO, 0, NumberDef("LEVEL", "Charge (%)", "%.f", 0, 100)),
        feed=_battery,
    ),
    Row(
        _number("BATTERY_LIMIT", "Battery limit", OPTIONS, _RW, 0,
                NumberDef("PERCENT", "No exposure below (%)", "%.f", 0, 90, 5)),
        values={"PERCENT": 0.0}, write=Write.KEEP, saved=True,
    ),
    Row(
        VectorDef("SAVE_DESTINATION", "Save to", SETTINGS, Kind.SWITCH, _RW, (SwitchDef("DEST0", "-"),),
                  Rule.ONE_OF_MANY, 60),
        write=Write.SETTING, feed=setting_switch("destination", "DEST"), saved=True, setting="destination",
    ),
    Row(
        _switch("SHUTTER_POLICY", "Shutter", SETTINGS, 0,
                AUTO="Automatic", TIMED="The camera's speeds", BULB="Bulb"),
        values={"AUTO": True}, write=Write.KEEP, saved=True,
    ),
    Row(
        _switch("FRAME_AREA", "Area", SETTINGS, 0, VISIBLE="Visible", CROP="As Sony crops", LIBRAW="As LibRaw"),
        values={"VISIBLE": True}, write=Write.AREA, saved=True,
    ),
    Row(
        _switch("COMPANIONS", "JPEG beside RAW", SETTINGS, 0, KEEP="Keep", DISCARD="Discard"),
        values={"DISCARD": True}, write=Write.KEEP, saved=True,
    ),
    Row(
        _text("CAMERA_INFO", "Camera", GENERAL, _RO, 0,
              MODEL="Model", SERIAL="Serial number", FIRMWARE="Firmware", PROTOCOL="Protocol"),
        feed=_camera,
    ),
    Row(
        _text("CAMERA_SETTINGS", "Set at the camera", INFO, _RO, 0,
              **{key: label for key, (_, label) in _STATE.items()}),
        feed=_state,
    ),
)  # fmt: skip

_ROWS = {row.name: row for row in TABLE}


def row_of(name: str) -> Row | None:
    """The row of a vector; None for a name that is none of ours."""
    return _ROWS.get(name)
