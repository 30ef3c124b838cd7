"""Rows that show the camera's own state, and those that change its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indi_sony_py.driver.row import (
    GENERAL,
    INFO,
    MAIN,
    RO,
    RW,
    SETTINGS,
    Fed,
    Row,
    Write,
    number,
    setting_numbers,
    setting_switch,
    text,
)
from indi_sony_py.indi.messages import Kind, Rule
from indi_sony_py.indi.vectors import NumberDef, SwitchDef, VectorDef

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView

__all__ = ["BATTERY", "CAMERA_INFO", "CAMERA_SETTINGS", "CCD_GAIN", "CCD_ISO", "SAVE_DESTINATION"]


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


_iso_choices = setting_switch("iso", "ISO")


def _iso(view: CameraView) -> Fed | None:
    return None if view.iso_as_gain else _iso_choices(view)


def _gain(view: CameraView) -> Fed | None:
    """The camera's own ISO values, from the lowest to the highest; what it chooses by itself is no number."""
    numbers = setting_numbers(view, "iso")
    if not view.iso_as_gain or not numbers:
        return None
    now = view.settings.get("iso")
    iso = next((iso for iso, code in numbers.items() if now is not None and code == now.value), None)
    return Fed({} if iso is None else {"GAIN": iso}, limits={"GAIN": (min(numbers), max(numbers))})


CCD_ISO = Row(
    VectorDef("CCD_ISO", "ISO", SETTINGS, Kind.SWITCH, RW, (SwitchDef("ISO0", "-"),), Rule.ONE_OF_MANY, 60),
    write=Write.SETTING,
    feed=_iso,
    saved=True,
    setting="iso",
)
CCD_GAIN = Row(
    number("CCD_GAIN", "Gain", MAIN, RW, 60, NumberDef("GAIN", "Gain", "%.f", 100, 102400, 100)),
    write=Write.SETTING,
    feed=_gain,
    saved=True,
    setting="iso",
)
BATTERY = Row(
    number("BATTERY", "Battery", INFO, RO, 0, NumberDef("LEVEL", "Charge (%)", "%.f", 0, 100)),
    feed=_battery,
)
SAVE_DESTINATION = Row(
    VectorDef(
        "SAVE_DESTINATION", "Save to", SETTINGS, Kind.SWITCH, RW, (SwitchDef("DEST0", "-"),), Rule.ONE_OF_MANY, 60
    ),
    write=Write.SETTING,
    feed=setting_switch("destination", "DEST"),
    saved=True,
    setting="destination",
)
CAMERA_INFO = Row(
    text(
        "CAMERA_INFO",
        "Camera",
        GENERAL,
        RO,
        0,
        MODEL="Model",
        SERIAL="Serial number",
        FIRMWARE="Firmware",
        PROTOCOL="Protocol",
    ),
    feed=_camera,
)
CAMERA_SETTINGS = Row(
    text("CAMERA_SETTINGS", "Set at the camera", INFO, RO, 0, **{key: label for key, (_, label) in _STATE.items()}),
    feed=_state,
)
