"""The camera's settings in words for the face: rows, options, battery, and what may be changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indi_sony_py.engine.adjust import Goal
from indi_sony_py.engine.rows import SETTINGS
from indi_sony_py.engine.views import battery, change_goal, report
from indi_sony_py.ptp.data import DataType
from indi_sony_py.sony.bodies import GENERIC, body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Settings, Version
from tests.engine.made import altered, listed, one_of, settings_of, without

NEW, OLD = ("ILCE-7SM3", Version.V300), ("ILCE-6000", Version.V200)
BOTH = pytest.mark.parametrize(("model", "version"), [NEW, OLD], ids=["3.00", "2.00"])


@BOTH
def test_what_a_ready_body_shows(model: str, version: Version) -> None:
    shown = report(settings_of(model, version), body(model))
    names = [view.name for view in shown.settings]
    assert len(names) == len(set(names)) and {"iso", "shutter", "format", "program", "battery"} <= set(names)
    iso, shutter = shown.get("iso"), shown.get("shutter")
    assert iso is not None and iso.writable and iso.label == "800"
    assert [c.label for c in iso.options if c.value == 800] == ["800"]
    assert all(c.label.isdigit() for c in iso.options), "fixed numbers, one frame a photo"
    assert shutter is not None and not shutter.writable and shutter.label == "1/100"
    assert shutter.options[0].label == "30" and all(c.value for c in shutter.options), "bulb is no speed"
    assert shown.get("moon") is None


def test_what_is_not_listed_is_not_shown() -> None:
    assert report(listed(Version.V300), GENERIC).settings == ()
    shown = report(listed(Version.V300, one_of(Prop.ISO, 800, enabled=0)), replace(GENERIC, isos=()))
    assert [(v.name, v.value, v.label) for v in shown.settings] == [("iso", None, "-")]


def test_a_value_without_a_name_shows_its_number() -> None:
    shown = report(listed(Version.V300, one_of(Prop.RAW_TYPE, 99, kind=DataType.UINT8)), GENERIC).get("raw type")
    assert shown is not None and shown.label == "99"


def gauge(percent: int, bars: int | None) -> Settings:
    made = [one_of(Prop.BATTERY, percent, kind=DataType.INT8)]
    if bars is not None:
        made.append(one_of(Prop.BATTERY_LEVEL, bars, kind=DataType.UINT8))
    return listed(Version.V200, *made)


@pytest.mark.parametrize(
    ("percent", "bars", "expected"),
    [(80, 3, 80), (0, 7, 0), (-1, 7, 100), (-1, 3, 5), (-1, 2, None), (-1, None, None), (120, None, None)],
)
def test_the_battery_in_percent(percent: int, bars: int | None, expected: int | None) -> None:
    assert battery(gauge(percent, bars)) == expected
    shown = report(gauge(percent, bars), GENERIC).get("battery")
    assert (None if shown is None else shown.value) == expected


def test_options_of_a_2_00_body_are_those_that_it_has_and_not_those_that_it_claims() -> None:
    settings = altered(without(settings_of(*OLD), Prop.ISO_DIRECT), Prop.ISO, values=(50, 100, 102400), current=100)
    shown = report(settings, replace(body(OLD[0]), isos=(100, 200, 400))).get("iso")
    assert shown is not None and [c.value for c in shown.options] == [100, 200, 400]


def test_a_change_is_a_goal_or_words() -> None:
    settings = settings_of(*NEW)
    assert isinstance(change_goal("iso", 1600, settings, body(NEW[0])), Goal)
    assert change_goal("iso", 800, settings, body(NEW[0])) is None
    words = "The setting moon cannot be changed from here. Change it at the camera."
    assert change_goal("moon", 1, settings, body(NEW[0])) == words


def test_each_row_has_a_code_in_both_versions() -> None:
    assert len({row.name for row in SETTINGS}) == len(SETTINGS)
    for row in SETTINGS:
        assert row.code(Version.V200) and row.code(Version.V300)
