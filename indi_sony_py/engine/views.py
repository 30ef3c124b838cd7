"""THE TABLE of the settings that are shown to the face: name, code in each version, and the words for its values.

A further setting of the camera is a row here and a row of the face's table. What a camera lists is bounded here: at
most `MOST_CHOICES` of a setting's values are shown, and no number of more than 63 bits, which no setting needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from indi_sony_py import texts
from indi_sony_py.engine.adjust import Goal
from indi_sony_py.engine.messages import Choice, SettingsReport, SettingView
from indi_sony_py.engine.needs import iso_goal, iso_ladder
from indi_sony_py.engine.plan import direct_code, shutter_speeds
from indi_sony_py.sony.bodies import Body
from indi_sony_py.sony.codes import Prop, value_label
from indi_sony_py.sony.snapshot import Descriptor, Settings, Version
from indi_sony_py.sony.values import (
    SaveDestination,
    battery_bars_percent,
    battery_percent,
    decode_iso,
    decode_shutter,
    encode_shutter,
    label_iso,
    label_shutter,
    lookup,
)

__all__ = ["MOST_CHOICES", "SETTINGS", "SettingRow", "battery", "change_goal", "report"]

MOST_CHOICES = 512
"""The longest list in whole answers of real bodies has 58 values; a data set may claim 65,535."""
_LARGEST = 1 << 63


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting: where it stands in 2.00 and in 3.00, how a value is called, and which values may be chosen."""

    name: str
    code_200: int
    code_300: int
    label: Callable[[int], str]
    options: Callable[[Settings, Body, int], tuple[int, ...]]
    changeable: bool = False
    twin: int = 0
    """Where `options` looks, too."""

    def code(self, version: Version) -> int:
        return self.code_300 if version is Version.V300 else self.code_200


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


def _choices(settings: Settings, body: Body, code: int) -> tuple[int, ...]:
    found = settings.get(code)
    return () if found is None else found.choices


def _to_host(settings: Settings, body: Body, code: int) -> tuple[int, ...]:
    """Where images may go: only what reaches the host is a choice, for each exposure needs that (rule 3)."""
    found = settings.get(code)
    listed = () if found is None or found.get_set == 0 else found.choices
    return tuple(v for v in listed if (known := lookup(SaveDestination, v)) is not None and known.reaches_host)


def _none(settings: Settings, body: Body, code: int) -> tuple[int, ...]:
    return ()


def _row(name: str, code: int, code_300: int = 0) -> SettingRow:
    return SettingRow(name, code, code_300 or code, _named(code_300 or code), _choices)


SETTINGS = (
    SettingRow("iso", Prop.ISO, Prop.ISO, _iso_label, _iso_options, True, Prop.ISO_DIRECT),
    SettingRow(
        "shutter", Prop.SHUTTER_SPEED, Prop.SHUTTER_SPEED, _shutter_label, _shutter_options, False, Prop.SHUTTER_DIRECT
    ),
    _row("format", Prop.FILE_FORMAT_200, Prop.FILE_FORMAT_300),
    _row("raw type", Prop.RAW_TYPE),
    _row("program", Prop.PROGRAM),
    _row("drive", Prop.DRIVE),
    _row("focus mode", Prop.FOCUS_MODE),
    SettingRow(
        "destination", Prop.SAVE_DESTINATION, Prop.SAVE_DESTINATION, _named(Prop.SAVE_DESTINATION), _to_host, True
    ),
    _row("crop", Prop.SENSOR_CROP),
    _row("noise reduction", Prop.LONG_EXPOSURE_NR),
    SettingRow("battery", Prop.BATTERY, Prop.BATTERY, lambda v: f"{v} %", _none),
    SettingRow("objects", Prop.OBJECTS_IN_MEMORY, Prop.OBJECTS_IN_MEMORY, str, _none),
)


def battery(settings: Settings) -> int | None:
    """Percent; from the symbol's bars where the percentage is unknown."""
    value = settings.number(Prop.BATTERY)
    percent = None if value is None else battery_percent(value)
    if percent is not None:
        return percent
    bars = settings.number(Prop.BATTERY_LEVEL)
    return None if bars is None else battery_bars_percent(bars)


@lru_cache(maxsize=256)
def _offered(
    row: SettingRow, found: Descriptor, twin: Descriptor | None, version: Version, body: Body
) -> tuple[Choice, ...]:
    """Lists hardly ever change, and every look at the settings asks for them."""
    few = Settings((found,) if twin is None else (found, twin), version)
    values = [v for v in row.options(few, body, row.code(version)) if abs(v) < _LARGEST]
    return tuple(Choice(v, row.label(v)) for v in values[:MOST_CHOICES])


@lru_cache(maxsize=8)
def report(settings: Settings, body: Body) -> SettingsReport:
    """The settings in words. Rows that the camera does not list are left out."""
    views = []
    for row in SETTINGS:
        code = row.code(settings.version)
        found = settings.get(code)
        if found is None:
            continue
        value = battery(settings) if row.name == "battery" else settings.number(code)
        if row.name == "battery" and value is None:
            continue
        if value is not None and abs(value) >= _LARGEST:
            value = None
        options = _offered(row, found, settings.get(row.twin), settings.version, body)
        label = "-" if value is None else row.label(value)
        views.append(SettingView(row.name, value, label, options, row.changeable and bool(options)))
    return SettingsReport(tuple(views))


def change_goal(name: str, value: int, settings: Settings, body: Body) -> Goal | str | None:
    """The way to a value that a user chose: a `Goal`, a text that says why not, or None when it is set."""
    match name:
        case "iso":
            return iso_goal(value, settings, body)
        case "destination" if value in _to_host(settings, body, Prop.SAVE_DESTINATION):
            if settings.number(Prop.SAVE_DESTINATION) == value:
                return None
            return Goal(Prop.SAVE_DESTINATION, value, wrong=texts.settings.DESTINATION_STAYS())
        case _:
            return texts.settings.NOT_CHANGEABLE(name=name)
