"""Rows that show the camera's own state, and those that change its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indi_sony_py.driver.row import (
    CAMERA,
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
    setting_choice,
    setting_numbers,
    setting_switch,
    text,
)
from indi_sony_py.indi.messages import Kind, Rule
from indi_sony_py.indi.vectors import NumberDef, SwitchDef, VectorDef

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView

__all__ = ["BATTERY", "CAMERA_INFO", "CAMERA_SETTINGS", "CCD_GAIN", "CCD_ISO", "FURTHER", "SAVE_DESTINATION"]


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


def _further(name: str, title: str, group: str, setting: str) -> Row:
    """A setting that the camera keeps for itself: it is not in the config."""
    vector = VectorDef(name, title, group, Kind.SWITCH, RW, (SwitchDef("NONE", "-"),), Rule.ONE_OF_MANY, 60)
    return Row(vector, write=Write.SETTING, feed=setting_choice(setting), setting=setting)


FURTHER = (
    _further("RAW_TYPE", "RAW type", SETTINGS, "raw type"),
    _further("APSC_CROP", "APS-C crop", SETTINGS, "apsc crop"),
    _further("LONG_EXPOSURE_NR", "Long exposure NR", SETTINGS, "noise reduction"),
    _further("HIGH_ISO_NR", "High ISO NR", SETTINGS, "high ISO NR"),
    _further("LENS_SHADING", "Lens shading", SETTINGS, "lens shading"),
    _further("LENS_CHROMATIC", "Lens chromatic aberration", SETTINGS, "lens chromatic"),
    _further("LENS_DISTORTION", "Lens distortion", SETTINGS, "lens distortion"),
    _further("IMAGE_SIZE", "JPEG size", SETTINGS, "image size"),
    _further("JPEG_QUALITY", "JPEG quality", SETTINGS, "jpeg quality"),
    _further("ASPECT_RATIO", "JPEG aspect ratio", SETTINGS, "aspect ratio"),
    _further("WHITE_BALANCE", "White balance", SETTINGS, "white balance"),
    _further("COLOR_TEMPERATURE", "Color temperature", SETTINGS, "color temperature"),
    _further("COLOR_SPACE", "Color space", SETTINGS, "color space"),
    _further("DYNAMIC_RANGE", "D-Range optimizer", SETTINGS, "dynamic range"),
    _further("CREATIVE_STYLE", "Creative style", SETTINGS, "creative style"),
    _further("PICTURE_PROFILE", "Picture profile", SETTINGS, "picture profile"),
    _further("PICTURE_EFFECT", "Picture effect", SETTINGS, "picture effect"),
    _further("EXPOSURE_PROGRAM", "Exposure mode", CAMERA, "program"),
    _further("DRIVE_MODE", "Drive mode", CAMERA, "drive"),
    _further("FOCUS_MODE", "Focus mode", CAMERA, "focus mode"),
    _further("FOCUS_AREA", "Focus area", CAMERA, "focus area"),
    _further("FOCUS_BY_SHUTTER", "AF with shutter", CAMERA, "shutter focus"),
    _further("PRE_FOCUS", "Pre-AF", CAMERA, "pre focus"),
    _further("APERTURE", "Aperture", CAMERA, "aperture"),
    _further("EXPOSURE_COMPENSATION", "Exposure compensation", CAMERA, "compensation"),
    _further("METERING_MODE", "Metering", CAMERA, "metering"),
    _further("FLASH_MODE", "Flash", CAMERA, "flash mode"),
    _further("FLASH_COMPENSATION", "Flash compensation", CAMERA, "flash compensation"),
    _further("SHUTTER_TYPE", "Shutter type", CAMERA, "shutter type"),
    _further("FRONT_CURTAIN", "Electronic front curtain", CAMERA, "front curtain"),
    _further("SILENT_MODE", "Silent mode", CAMERA, "silent"),
    _further("STEADY_SHOT", "SteadyShot", CAMERA, "steady shot"),
    _further("FLICKER_LESS", "Anti-flicker", CAMERA, "flicker less"),
    _further("RELEASE_WITHOUT_LENS", "Release without lens", CAMERA, "no lens"),
    _further("RELEASE_WITHOUT_CARD", "Release without card", CAMERA, "no card"),
    _further("INTERVAL_SHOOTING", "Interval shooting", CAMERA, "interval"),
    _further("RECORDING_MEDIA", "Recording media", CAMERA, "media"),
    _further("AUTO_REVIEW", "Auto review", CAMERA, "auto review"),
    _further("AUDIO_SIGNALS", "Audio signals", CAMERA, "audio signals"),
    _further("LIVE_VIEW_EFFECT", "Live view effect", CAMERA, "view effect"),
    _further("FINDER_MONITOR", "Finder and monitor", CAMERA, "display"),
    _further("AUTO_OFF_TEMPERATURE", "Auto power off temperature", CAMERA, "off temperature"),
    _further("USB_POWER_SUPPLY", "USB power supply", CAMERA, "usb power"),
)
"""Each further setting that a body lists; what it does not list is not shown."""
