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
    does="The camera's ISO values, lowest first.",
    needs="Mode M; ISO AUTO is of no use for darks.",
)
CCD_GAIN = Row(
    number("CCD_GAIN", "Gain", MAIN, RW, 60, NumberDef("GAIN", "Gain", "%.f", 100, 102400, 100)),
    write=Write.SETTING,
    feed=_gain,
    saved=True,
    setting="iso",
    does="The ISO as a number, in place of CCD_ISO.",
    needs="As CCD_ISO.",
)
BATTERY = Row(
    number("BATTERY", "Battery", INFO, RO, 0, NumberDef("LEVEL", "Charge (%)", "%.f", 0, 100)),
    feed=_battery,
    does="Charge of the battery, as the camera tells it.",
)
SAVE_DESTINATION = Row(
    VectorDef(
        "SAVE_DESTINATION", "Save to", SETTINGS, Kind.SWITCH, RW, (SwitchDef("DEST0", "-"),), Rule.ONE_OF_MANY, 60
    ),
    write=Write.SETTING,
    feed=setting_switch("destination", "DEST"),
    saved=True,
    setting="destination",
    does="Where the camera saves: computer, card or both.",
    needs="Most bodies before 2018 cannot be told: Still Img. Save Dest. in their menu.",
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
    does="Model, serial number, firmware, and the protocol with the reason for it.",
)
CAMERA_SETTINGS = Row(
    text("CAMERA_SETTINGS", "Set at the camera", INFO, RO, 0, **{key: label for key, (_, label) in _STATE.items()}),
    feed=_state,
    does="What is set at the camera, as far as it matters.",
)


def _further(name: str, title: str, group: str, setting: str, does: str, needs: str = "") -> Row:
    """A setting that the camera keeps for itself: it is not in the config."""
    vector = VectorDef(name, title, group, Kind.SWITCH, RW, (SwitchDef("NONE", "-"),), Rule.ONE_OF_MANY, 60)
    return Row(vector, write=Write.SETTING, feed=setting_choice(setting), setting=setting, does=does, needs=needs)


FURTHER = (
    _further(
        "RAW_TYPE",
        "RAW type",
        SETTINGS,
        "raw type",
        "How RAW files are stored: uncompressed, lossless, lossy.",
        "Lossy costs faint detail; take uncompressed or lossless where the body has it.",
    ),
    _further(
        "APSC_CROP",
        "APS-C crop",
        SETTINGS,
        "apsc crop",
        "A full-frame body records the middle of its sensor.",
        "Off for the whole sensor; an APS-C lens may force it.",
    ),
    _further(
        "LONG_EXPOSURE_NR",
        "Long exposure NR",
        SETTINGS,
        "noise reduction",
        "After an exposure of 1 s or more the body takes a dark frame of its own, as long again.",
        "Off: darks are taken apart. Few bodies can be told by the computer; the menu can.",
    ),
    _further(
        "HIGH_ISO_NR", "High ISO NR", SETTINGS, "high ISO NR", "Noise reduction of JPEGs.", "Nothing in a RAW file."
    ),
    _further("LENS_SHADING", "Lens shading", SETTINGS, "lens shading", "Correction of JPEGs for dark corners.", "Off."),
    _further(
        "LENS_CHROMATIC",
        "Lens chromatic aberration",
        SETTINGS,
        "lens chromatic",
        "Correction of JPEGs for coloured edges.",
        "Off.",
    ),
    _further(
        "LENS_DISTORTION", "Lens distortion", SETTINGS, "lens distortion", "Correction of JPEGs for distortion.", "Off."
    ),
    _further("IMAGE_SIZE", "JPEG size", SETTINGS, "image size", "Size of JPEGs."),
    _further("JPEG_QUALITY", "JPEG quality", SETTINGS, "jpeg quality", "Quality of JPEGs."),
    _further(
        "ASPECT_RATIO", "JPEG aspect ratio", SETTINGS, "aspect ratio", "Shape of JPEGs.", "3:2, the sensor's own."
    ),
    _further("WHITE_BALANCE", "White balance", SETTINGS, "white balance", "Colours of JPEGs; noted in RAW files."),
    _further(
        "COLOR_TEMPERATURE",
        "Color temperature",
        SETTINGS,
        "color temperature",
        "The same, as a temperature.",
        "White balance on Color temperature.",
    ),
    _further("COLOR_SPACE", "Color space", SETTINGS, "color space", "Colour space of JPEGs."),
    _further("DYNAMIC_RANGE", "D-Range optimizer", SETTINGS, "dynamic range", "Brightens shadows of JPEGs.", "Off."),
    _further("CREATIVE_STYLE", "Creative style", SETTINGS, "creative style", "Look of JPEGs."),
    _further(
        "PICTURE_PROFILE", "Picture profile", SETTINGS, "picture profile", "Tone curve of JPEGs and films.", "Off."
    ),
    _further("PICTURE_EFFECT", "Picture effect", SETTINGS, "picture effect", "Effects on JPEGs.", "Off."),
    _further(
        "EXPOSURE_PROGRAM",
        "Exposure mode",
        CAMERA,
        "program",
        "The mode dial, as the body tells it.",
        "M. A real dial cannot be turned by the computer.",
    ),
    _further("DRIVE_MODE", "Drive mode", CAMERA, "drive", "Single, continuous, self-timer.", "Single."),
    _further(
        "FOCUS_MODE",
        "Focus mode",
        CAMERA,
        "focus mode",
        "AF or MF.",
        "MF: a body that looks for focus does not expose on stars.",
    ),
    _further("FOCUS_AREA", "Focus area", CAMERA, "focus area", "Where AF looks."),
    _further(
        "FOCUS_BY_SHUTTER", "AF with shutter", CAMERA, "shutter focus", "Whether a half press focuses.", "Off, or MF."
    ),
    _further("PRE_FOCUS", "Pre-AF", CAMERA, "pre focus", "Whether the body focuses all the time.", "Off."),
    _further(
        "APERTURE",
        "Aperture",
        CAMERA,
        "aperture",
        "The lens's aperture.",
        "A lens with contacts, and not on its own ring.",
    ),
    _further(
        "EXPOSURE_COMPENSATION",
        "Exposure compensation",
        CAMERA,
        "compensation",
        "Of the body's own metering.",
        "No effect in M with a fixed ISO.",
    ),
    _further(
        "METERING_MODE",
        "Metering",
        CAMERA,
        "metering",
        "Of the body's own metering.",
        "No effect in M with a fixed ISO.",
    ),
    _further("FLASH_MODE", "Flash", CAMERA, "flash mode", "Flash."),
    _further("FLASH_COMPENSATION", "Flash compensation", CAMERA, "flash compensation", "Strength of the flash."),
    _further(
        "SHUTTER_TYPE",
        "Shutter type",
        CAMERA,
        "shutter type",
        "Mechanical or electronic shutter.",
        "Mechanical: older bodies read with 12 bits when silent (the header tells).",
    ),
    _further(
        "FRONT_CURTAIN",
        "Electronic front curtain",
        CAMERA,
        "front curtain",
        "Whether the exposure begins electronically.",
    ),
    _further(
        "SILENT_MODE",
        "Silent mode",
        CAMERA,
        "silent",
        "Silent shooting, with the electronic shutter.",
        "Off, as for SHUTTER_TYPE.",
    ),
    _further("STEADY_SHOT", "SteadyShot", CAMERA, "steady shot", "The sensor moves against shake.", "Off on a mount."),
    _further("FLICKER_LESS", "Anti-flicker", CAMERA, "flicker less", "Waits for the lamp's bright moment.", "Off."),
    _further(
        "RELEASE_WITHOUT_LENS",
        "Release without lens",
        CAMERA,
        "no lens",
        "Whether the body exposes on a telescope, which it takes for no lens.",
        "Enable; a setting of the menu on most bodies.",
    ),
    _further(
        "RELEASE_WITHOUT_CARD",
        "Release without card",
        CAMERA,
        "no card",
        "Whether the body exposes without a card.",
        "Enable.",
    ),
    _further(
        "INTERVAL_SHOOTING",
        "Interval shooting",
        CAMERA,
        "interval",
        "The body's own series.",
        "Off: it presses by itself.",
    ),
    _further("RECORDING_MEDIA", "Recording media", CAMERA, "media", "Which card is written."),
    _further(
        "AUTO_REVIEW",
        "Auto review",
        CAMERA,
        "auto review",
        "Shows each photo on the screen.",
        "Off spares the battery.",
    ),
    _further("AUDIO_SIGNALS", "Audio signals", CAMERA, "audio signals", "Beeps."),
    _further(
        "LIVE_VIEW_EFFECT",
        "Live view effect",
        CAMERA,
        "view effect",
        "Whether the screen shows the exposure that is set.",
    ),
    _further("FINDER_MONITOR", "Finder and monitor", CAMERA, "display", "Which screen is on."),
    _further(
        "AUTO_OFF_TEMPERATURE",
        "Auto power off temperature",
        CAMERA,
        "off temperature",
        "How warm the body may become before it switches itself off.",
    ),
    _further("USB_POWER_SUPPLY", "USB power supply", CAMERA, "usb power", "Whether the body takes power from USB."),
)
"""Each further setting that a body lists; what it does not list is not shown."""
