"""What must hold before the press: each row with a right value, a wrong one, one that may be set, and hidden."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indi_sony_py.engine.adjust import Goal
from indi_sony_py.engine.messages import ExposureRequest
from indi_sony_py.engine.needs import STANDARD_ISOS, iso_goal, iso_ladder, needs_for
from indi_sony_py.engine.plan import plan_exposure
from indi_sony_py.ptp.data import DataType
from indi_sony_py.sony.bodies import GENERIC, body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Settings, Version
from tests.engine.made import altered, listed, one_of, settings_of, without

NEW, OLD = ("ILCE-7SM3", Version.V300), ("ILCE-6000", Version.V200)
BOTH = pytest.mark.parametrize(("model", "version"), [NEW, OLD], ids=["3.00", "2.00"])


def verdicts(settings: Settings, model: str, seconds: float = 2.2, **options: object) -> dict[str, Goal | str]:
    """Need → goal or text, for all that does not hold."""
    request = ExposureRequest(1, seconds, **options)  # type: ignore[arg-type]
    plan = plan_exposure(request, settings, body(model))
    found = {need.name: need.check(settings) for need in needs_for(request, plan, body(model))}
    return {name: verdict for name, verdict in found.items() if verdict is not None}


@BOTH
def test_a_ready_body_lacks_only_the_shutter_speed(model: str, version: Version) -> None:
    assert set(verdicts(settings_of(model, version), model)) == {"shutter speed"}
    assert verdicts(settings_of(model, version), model, 0.01) == {}


WRONG = [
    ("battery", Prop.BATTERY_LEVEL, 2, "The battery is empty"),
    ("movie", Prop.MOVIE_STATE, 1, "recording a movie"),
    ("playback", Prop.OPERATING_MODE, 2, "playback"),
    ("program", Prop.PROGRAM, 3, "stands on A"),
    ("program", Prop.PROGRAM, 0x8050, "stands on Movie"),
    ("drive", Prop.DRIVE, 0x8004, "self-timer"),
    ("drive", Prop.DRIVE, 0x8010, "continuous"),
    ("drive", Prop.DRIVE, 0x7777, str(0x7777)),
    ("interval", Prop.INTERVAL, 2, "Interval shooting is on"),
    ("destination", Prop.SAVE_DESTINATION, 0x10, "card only"),
    ("transfer size", Prop.TRANS_SIZE, 2, "small JPEG"),
    ("transfer kind", Prop.RAW_JPEG_SAVE, 2, "Only the JPEG"),
    ("focus", Prop.FOCUS_MODE, 2, "AF-S"),
    ("silent", Prop.SILENT, 2, "Silent shooting"),
]


@pytest.mark.parametrize(("name", "code", "value", "words"), WRONG)
@BOTH
def test_a_wrong_value_is_named_and_a_hidden_one_never_stands_in_the_way(
    model: str, version: Version, name: str, code: int, value: int, words: str
) -> None:
    base = without(settings_of(model, version), code)
    right = verdicts(base, model)
    assert name not in right, "a missing descriptor is unknown, and unknown is not wrong"
    fixed = one_of(code, value, kind=DataType.UINT32, get_set=0)
    text = verdicts(Settings((fixed, *base), version, base.lists), model)[name]
    said = text.wrong if isinstance(text, Goal) else text
    assert words in said
    invalid = replace(fixed, enabled=0)
    assert name not in verdicts(Settings((invalid, *base), version, base.lists), model), "not valid now"


@pytest.mark.parametrize(
    ("name", "code", "value"),
    [(name, code, value) for name, code, value, _ in WRONG if name not in ("battery", "movie", "playback")],
)
@BOTH
def test_what_can_be_set_is_set(model: str, version: Version, name: str, code: int, value: int) -> None:
    base = without(settings_of(model, version), code)
    loose = one_of(code, value, 1, value, kind=DataType.UINT32)
    found = verdicts(Settings((loose, *base), version, base.lists), model)[name]
    assert isinstance(found, Goal) and found.target == 1


def test_silent_shooting_matters_only_in_bulb() -> None:
    loose = one_of(Prop.SILENT, 2, 1, 2, kind=DataType.UINT8)
    base = without(settings_of(*NEW), Prop.SILENT)
    settings = Settings((loose, *base), Version.V300, base.lists)
    assert "silent" in verdicts(settings, NEW[0], 2.2)
    assert "silent" not in verdicts(settings, NEW[0], 0.01)


def slots(save: int, *states: int) -> Settings:
    base = without(settings_of(*NEW), Prop.SAVE_DESTINATION, Prop.SLOT1, Prop.SLOT2)
    made = [one_of(Prop.SAVE_DESTINATION, save, save, kind=DataType.UINT16)]
    made += [
        one_of(code, state, kind=DataType.UINT16) for code, state in zip((Prop.SLOT1, Prop.SLOT2), states, strict=False)
    ]
    return Settings((*made, *base), Version.V300, base.lists)


@pytest.mark.parametrize(
    ("save", "states", "words"),
    [
        (0x01, (2,), ""),
        (0x11, (1,), ""),
        (0x11, (), ""),
        (0x11, (2, 1), ""),
        (0x11, (2, 2), "no card is in the camera"),
        (0x11, (3,), "cannot be read"),
        (0x11, (8, 2), "must be formatted"),
        (0x11, (9,), "read-only"),
        (0x11, (4,), ""),
    ],
)
def test_a_card_is_asked_for_only_where_images_go_to_it(save: int, states: tuple[int, ...], words: str) -> None:
    found = verdicts(slots(save, *states), NEW[0]).get("card", "")
    assert isinstance(found, str)
    assert words in found and bool(found) == bool(words)


@BOTH
def test_the_file_format_as_asked(model: str, version: Version) -> None:
    code = Prop.FILE_FORMAT_300 if version is Version.V300 else Prop.FILE_FORMAT_200
    jpeg = 3 if version is Version.V300 else 0x02
    settings = settings_of(model, version)
    wrong = altered(settings, code, current=jpeg)
    found = verdicts(wrong, model)["file format"]
    assert isinstance(found, Goal) and found.show(jpeg) == "JPEG" and found.aim == "RAW"
    both = verdicts(settings, model, capture_format="raw+jpeg")["companion"]
    assert isinstance(both, Goal) and both.aim == "RAW & JPEG" and both.show(0x77) == str(0x77)
    fixed = verdicts(altered(settings, code, current=jpeg, get_set=0), model)["file format"]
    assert fixed == "The file format is JPEG. Set File Format (or Quality) to RAW."
    listless = verdicts(altered(settings, code, current=jpeg, values=()), model)["file format"]
    assert isinstance(listless, Goal) and listless.aim == "RAW"
    other = verdicts(altered(settings, code, current=jpeg, values=(jpeg,)), model)["file format"]
    assert other == fixed, "a list without RAW offers none"


def test_the_ladder_of_isos() -> None:
    found = one_of(Prop.ISO, 100, 0x00FFFFFF, 100, 200, 0x01000064)
    assert iso_ladder(found, replace(GENERIC, isos=(100, 400))) == (100, 400), "the true list"
    assert iso_ladder(found, replace(GENERIC, isos=())) == (0x00FFFFFF, 100, 200), "what it lists"
    assert iso_ladder(one_of(Prop.ISO, 100), replace(GENERIC, isos=())) == STANDARD_ISOS


def test_the_way_to_an_iso() -> None:
    new, old = settings_of(*NEW), settings_of(*OLD)
    assert iso_goal(800, listed(Version.V300), GENERIC) == "The camera does not list its ISO. Choose another ISO."
    assert iso_goal(800, altered(new, Prop.ISO, current=800), body(NEW[0])) is None
    direct = iso_goal(1600, new, body(NEW[0]))
    assert isinstance(direct, Goal) and direct.write_code == Prop.ISO and not direct.notches
    refused = "The camera does not offer ISO 12345 now. Choose another ISO."
    assert iso_goal(12345, new, body(NEW[0])) == refused
    walk = iso_goal(1600, without(old, Prop.ISO_DIRECT), body(OLD[0]))
    assert isinstance(walk, Goal) and walk.notches and 1600 in walk.ladder
    assert walk.show(1600) == "1600"


@pytest.mark.parametrize("target", [100, 3200])
def test_automatic_iso_stands_below_the_lowest_number_where_no_list_has_it(target: int) -> None:
    auto = 0xFFFFFF
    way = iso_goal(target, listed(Version.V200, one_of(Prop.ISO, auto)), GENERIC)
    assert isinstance(way, Goal) and way.ladder == (auto, *STANDARD_ISOS)


def test_the_way_to_a_shutter_speed() -> None:
    new = settings_of(*NEW)
    unlisted = verdicts(without(new, Prop.SHUTTER_SPEED), NEW[0])["shutter speed"]
    assert isinstance(unlisted, str) and unlisted.startswith("The camera does not list its shutter speed")
    no_bulb = altered(new, Prop.SHUTTER_SPEED, values=(0x00010064, 0x0001000A, 0x000103E8))
    absent = verdicts(no_bulb, NEW[0])["shutter speed"]
    assert isinstance(absent, Goal) and (absent.target, absent.write_code) == (0, Prop.SHUTTER_SPEED), "it is tried"
    walk = verdicts(settings_of(*OLD), OLD[0])["shutter speed"]
    assert isinstance(walk, Goal) and walk.notches and walk.ladder[0] == 0, "bulb lies before 30 s"
    assert walk.aim == "BULB" and walk.show(0x012C000A) == "30 s" and walk.show(0) == "Bulb"
