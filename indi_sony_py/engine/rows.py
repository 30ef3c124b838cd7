"""THE TABLE of the camera's settings: name, code in each version, the words for its values, what may be chosen.

A further setting of the camera is a row here and a row of the face's table (`driver/rows/camera.py`).

- The choices of a setting are all that the body can report, in the order of Sony's table: so a choice keeps its place
  while the camera's mode changes what may be set at the moment. What cannot be set now is refused in words.
- 2.00: aperture and compensations move by notches along their values; a body that states no apertures (a range of all
  numbers) has those of the thirds of a stop, and ends where its lens does.
- A setting that the camera marks as not valid now has no choices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from indi_sony_py.engine.needs import iso_ladder
from indi_sony_py.engine.plan import direct_code, shutter_speeds
from indi_sony_py.sony import magnifier
from indi_sony_py.sony.bodies import Body
from indi_sony_py.sony.codes import Prop, property_row, value_label
from indi_sony_py.sony.codes import Write as Way
from indi_sony_py.sony.labels import label_of, order_of
from indi_sony_py.sony.snapshot import Descriptor, Form, Settings, Version
from indi_sony_py.sony.values import (
    SaveDestination,
    decode_ev,
    decode_f_number,
    decode_iso,
    decode_shutter,
    encode_shutter,
    label_iso,
    label_shutter,
    lookup,
)

__all__ = ["F_NUMBERS", "MOST_CHOICES", "SETTINGS", "SettingRow", "by_notches", "setting_row"]

MOST_CHOICES = 512
"""The longest list in whole answers of real bodies has 139 values; a data set may claim 65,535."""

F_NUMBERS = (
    *(100, 110, 120, 140, 160, 180, 200, 220, 250, 280, 320, 350, 400, 450, 500, 560, 630, 710, 800, 900, 1000, 1100),
    *(1300, 1400, 1600, 1800, 2000, 2200, 2500, 2900, 3200),
)
"""Hundredths, thirds of a stop: the values that an ILCE-7SM3 and an ILCE-1M2 list for their lenses, and on to f/1 and
f/32 as bodies print them."""

_LEAST_EV = 100
"""Thousandths: an ILCE-6000 lists 1 and 2 beside its compensations, which are none."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting: where it stands in 2.00 and in 3.00, how a value is called, and which values may be chosen.

    `words` None: those of `sony.labels`.
    `twin`: a second property of it, where `options` looks, too, and which 2.00 bodies of 2019 take a value through.
    `further`: a setting that no exposure depends on by itself; it has the choices and the ways of the rules above.
    """

    name: str
    code_200: int
    code_300: int
    words: Callable[[int], str] | None
    options: Callable[[Settings, Body, int], tuple[int, ...]]
    changeable: bool = False
    twin: int = 0
    further: bool = False

    def code(self, version: Version) -> int:
        return self.code_300 if version is Version.V300 else self.code_200

    def label(self, value: int, version: Version) -> str:
        return label_of(self.code(version), value) if self.words is None else self.words(value)


def by_notches(code: int, version: Version) -> bool:
    """Whether a setting is moved by steps and takes no value (Sony's tables)."""
    row = property_row(code)
    return row is not None and row.write.get(version) is Way.NOTCH


def _iso_label(value: int) -> str:
    return label_iso(decode_iso(value))


def _iso_options(settings: Settings, body: Body, code: int) -> tuple[int, ...]:
    """Fixed numbers with one frame a photo. The body's true list goes before what a 2.00 body claims to have."""
    direct = direct_code(settings, Prop.ISO, Prop.ISO_DIRECT)
    found = settings.get(direct or code)
    listed = found.choices if found is not None else ()
    values = listed if direct and listed else (iso_ladder(found, body) if found is not None else ())
    return tuple(v for v in values if (iso := decode_iso(v)) is not None and iso.plain)


def _shutter_label(value: int) -> str:
    return label_shutter(decode_shutter(value))


def _shutter_options(settings: Settings, body: Body, code: int) -> tuple[int, ...]:
    return tuple(encode_shutter(s) for s in shutter_speeds(settings, body))


def _named(code: int) -> Callable[[int], str]:
    def label(value: int) -> str:
        return (value_label(code, value) or str(value)).replace("_", " ")

    return label


def _to_host(settings: Settings, body: Body, code: int) -> tuple[int, ...]:
    """Where images may go: only what reaches the host is a choice, for each exposure needs that (rule 3)."""
    found = settings.get(code)
    listed = () if found is None or found.get_set == 0 else found.choices
    return tuple(v for v in listed if (known := lookup(SaveDestination, v)) is not None and known.reaches_host)


def _magnifications(settings: Settings, body: Body, code: int) -> tuple[int, ...]:
    """Off and the ratios, each without a place."""
    found = settings.get(code)
    listed = () if found is None or found.number is None or found.get_set == 0 else _reportable(found)
    return tuple(v for v in listed if magnifier.place(v) is None)


def _none(settings: Settings, body: Body, code: int) -> tuple[int, ...]:
    return ()


def _all(settings: Settings, body: Body, code: int) -> tuple[int, ...]:
    """All values that the body can have, and the one that it has."""
    found = settings.get(code)
    if found is None or found.number is None or not _means_something(code, found.number):
        return ()
    values = {v for v in (*_reportable(found), found.number) if _means_something(code, v)}
    return tuple(sorted(values, key=lambda value: order_of(code, value)))


def _reportable(found: Descriptor) -> tuple[int, ...]:
    if found.form is Form.ENUM:
        return tuple(v for v in found.reportable or found.choices if isinstance(v, int))
    if found.form is not Form.RANGE:
        return ()
    low, high, step = (v if isinstance(v, int) else 0 for v in found.values[:3])
    if step > 0 and low < high and (high - low) // step < MOST_CHOICES:
        return tuple(islice(range(low, high + 1, step), MOST_CHOICES))
    return F_NUMBERS if found.code == Prop.F_NUMBER and decode_f_number(found.number or 0) is not None else ()


def _means_something(code: int, value: int) -> bool:
    if code == Prop.F_NUMBER:
        return decode_f_number(value) is not None
    if code in (Prop.EXPOSURE_COMPENSATION, Prop.FLASH_COMPENSATION):
        return decode_ev(value) is not None and (value == 0 or abs(value) >= _LEAST_EV)
    return True


def _row(name: str, code: int, code_300: int = 0) -> SettingRow:
    return SettingRow(name, code, code_300 or code, None, _all)


def _further(name: str, code: int, twin: int = 0) -> SettingRow:
    return SettingRow(name, code, code, None, _all, True, twin, True)


SETTINGS = (
    SettingRow("iso", Prop.ISO, Prop.ISO, _iso_label, _iso_options, True, Prop.ISO_DIRECT),
    SettingRow(
        "shutter", Prop.SHUTTER_SPEED, Prop.SHUTTER_SPEED, _shutter_label, _shutter_options, False, Prop.SHUTTER_DIRECT
    ),
    _row("format", Prop.FILE_FORMAT_200, Prop.FILE_FORMAT_300),
    _further("raw type", Prop.RAW_TYPE),
    _further("program", Prop.PROGRAM),
    _further("drive", Prop.DRIVE),
    _further("focus mode", Prop.FOCUS_MODE),
    SettingRow(
        "destination", Prop.SAVE_DESTINATION, Prop.SAVE_DESTINATION, _named(Prop.SAVE_DESTINATION), _to_host, True
    ),
    _row("crop", Prop.SENSOR_CROP),
    _further("noise reduction", Prop.LONG_EXPOSURE_NR),
    SettingRow("battery", Prop.BATTERY, Prop.BATTERY, lambda v: f"{v} %", _none),
    SettingRow("objects", Prop.OBJECTS_IN_MEMORY, Prop.OBJECTS_IN_MEMORY, str, _none),
    _row("live view", Prop.LIVE_VIEW),
    SettingRow("magnifier", Prop.FOCUS_MAGNIFIER, Prop.FOCUS_MAGNIFIER, magnifier.label, _magnifications, True),
    _further("apsc crop", Prop.APSC_CROP),
    _further("image size", Prop.IMAGE_SIZE),
    _further("jpeg quality", Prop.JPEG_QUALITY),
    _further("aspect ratio", Prop.ASPECT_RATIO),
    _further("white balance", Prop.WHITE_BALANCE),
    _further("color temperature", Prop.COLOR_TEMPERATURE),
    _further("color space", Prop.COLOR_SPACE),
    _further("dynamic range", Prop.DYNAMIC_RANGE),
    _further("creative style", Prop.CREATIVE_STYLE),
    _further("picture profile", Prop.PICTURE_PROFILE),
    _further("picture effect", Prop.PICTURE_EFFECT),
    _further("high ISO NR", Prop.HIGH_ISO_NR),
    _further("lens shading", Prop.LENS_SHADING),
    _further("lens chromatic", Prop.LENS_CHROMATIC),
    _further("lens distortion", Prop.LENS_DISTORTION),
    _further("aperture", Prop.F_NUMBER),
    _further("compensation", Prop.EXPOSURE_COMPENSATION, Prop.COMPENSATION_DIRECT),
    _further("metering", Prop.METERING),
    _further("focus area", Prop.FOCUS_AREA),
    _further("shutter focus", Prop.FOCUS_BY_SHUTTER),
    _further("pre focus", Prop.PRE_FOCUS),
    _further("flash mode", Prop.FLASH_MODE),
    _further("flash compensation", Prop.FLASH_COMPENSATION),
    _further("shutter type", Prop.SHUTTER_TYPE),
    _further("front curtain", Prop.FRONT_CURTAIN),
    _further("silent", Prop.SILENT),
    _further("steady shot", Prop.STEADY_SHOT),
    _further("flicker less", Prop.FLICKER_LESS),
    _further("no lens", Prop.RELEASE_WITHOUT_LENS),
    _further("no card", Prop.RELEASE_WITHOUT_CARD),
    _further("interval", Prop.INTERVAL),
    _further("media", Prop.RECORDING_MEDIA),
    _further("auto review", Prop.AUTO_REVIEW),
    _further("audio signals", Prop.AUDIO_SIGNALS),
    _further("view effect", Prop.LIVE_VIEW_EFFECT),
    _further("display", Prop.DISPLAY),
    _further("off temperature", Prop.AUTO_OFF_TEMPERATURE),
    _further("usb power", Prop.USB_POWER),
)

_BY_NAME = {row.name: row for row in SETTINGS}


def setting_row(name: str) -> SettingRow | None:
    """The row of a setting; None for a name that is none."""
    return _BY_NAME.get(name)
