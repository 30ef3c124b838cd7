"""The camera's settings in words for the face, and the way to a value that a user chose. Pure.

What a camera lists is bounded here: at most `MOST_CHOICES` of a setting's values are shown, and no number of more than
63 bits, which no setting needs.
"""

from __future__ import annotations

from functools import lru_cache

from indi_sony_py import texts
from indi_sony_py.engine.adjust import Goal, settable
from indi_sony_py.engine.messages import Choice, SettingsReport, SettingView
from indi_sony_py.engine.needs import iso_goal, shutter_goal
from indi_sony_py.engine.rows import MOST_CHOICES, SETTINGS, SettingRow, by_notches, setting_row
from indi_sony_py.sony import magnifier
from indi_sony_py.sony.bodies import Body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Descriptor, Settings, Version
from indi_sony_py.sony.values import battery_bars_percent, battery_percent

__all__ = ["battery", "change_goal", "report"]

_LARGEST = 1 << 63


def battery(settings: Settings) -> int | None:
    """Percent; from the symbol's bars where the percentage is unknown."""
    value = settings.number(Prop.BATTERY)
    percent = None if value is None else battery_percent(value)
    if percent is not None:
        return percent
    bars = settings.number(Prop.BATTERY_LEVEL)
    return None if bars is None else battery_bars_percent(bars)


@lru_cache(maxsize=512)
def _offered(
    row: SettingRow, found: Descriptor, twin: Descriptor | None, version: Version, body: Body
) -> tuple[Choice, ...]:
    """Lists hardly ever change, and every look at the settings asks for them."""
    few = Settings((found,) if twin is None else (found, twin), version)
    values = [v for v in row.options(few, body, row.code(version)) if abs(v) < _LARGEST]
    return tuple(Choice(v, row.label(v, version)) for v in values[:MOST_CHOICES])


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
        label = "-" if value is None else row.label(value, settings.version)
        choice = len(options) > 1 and _can_be_set(found, settings.version) if row.further else bool(options)
        writable = row.changeable and choice
        views.append(SettingView(row.name, value, label, options, writable))
    return SettingsReport(tuple(views))


def _can_be_set(found: Descriptor, version: Version) -> bool:
    """Whether the computer has a way to it at all; whether the camera lets it be set now is another matter."""
    return by_notches(found.code, version) or found.get_set == 1


def change_goal(name: str, value: int, settings: Settings, body: Body) -> Goal | str | None:
    """The way to a value that a user chose: a `Goal`, a text that says why not, or None when it is set."""
    match name:
        case "iso":
            return iso_goal(value, settings, body)
        case "shutter" if value in _values(name, settings, body):
            return shutter_goal(value, settings, body)
        case "destination" if value in _values(name, settings, body):
            if settings.number(Prop.SAVE_DESTINATION) == value:
                return None
            return Goal(Prop.SAVE_DESTINATION, value, wrong=texts.settings.DESTINATION_STAYS())
        case "magnifier":
            return _magnifier_goal(value, settings, body)
        case _:
            row = setting_row(name)
            if row is None or not row.further:
                return texts.settings.NOT_CHANGEABLE(name=name)
            return _further_goal(row, value, settings, body)


def _magnifier_goal(value: int, settings: Settings, body: Body) -> Goal | str | None:
    """A choice of its list, perhaps with a place in it."""
    found, choice = settings.get(Prop.FOCUS_MAGNIFIER), value | magnifier.ANYWHERE
    if found is None or found.number is None or choice not in _values("magnifier", settings, body):
        return texts.settings.NOT_OFFERED(aim=magnifier.label(value))
    if magnifier.same_part(found.number, value):
        return None
    if not settable(found, settings.version, choice):
        return texts.settings.NOT_NOW(aim=magnifier.label(value))
    stays = texts.settings.VALUE_STAYS(aim=magnifier.label(value))
    return Goal(Prop.FOCUS_MAGNIFIER, value, wrong=stays, show=magnifier.label)


def _values(name: str, settings: Settings, body: Body) -> tuple[int, ...]:
    row = setting_row(name)
    return () if row is None else row.options(settings, body, row.code(settings.version))


def _further_goal(row: SettingRow, value: int, settings: Settings, body: Body) -> Goal | str | None:
    code = row.code(settings.version)
    found = settings.get(code)
    if found is None or value not in row.options(settings, body, code):
        return texts.settings.NOT_OFFERED(aim=row.label(value, settings.version))
    if found.number == value:
        return None
    version = settings.version
    stays = texts.settings.VALUE_STAYS(aim=row.label(value, version))

    def show(number: int) -> str:
        return row.label(number, version)

    if by_notches(code, version):
        twin = settings.get(row.twin)
        if twin is not None and settable(twin, version, value) and value in twin.choices:
            return Goal(code, value, wrong=stays, show=show, write_code=row.twin)
        ladder = row.options(settings, body, code)
        return Goal(code, value, wrong=stays, show=show, ladder=ladder, notches=True, notch_s=body.notch_s)
    if not settable(found, version, value):
        return texts.settings.NOT_NOW(aim=show(value))
    return Goal(code, value, wrong=stays, show=show)
