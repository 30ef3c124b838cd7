"""Further settings of the camera: which bodies have which, and that each choice is set and read back."""

from __future__ import annotations

from collections import Counter

import pytest

from indi_sony_py.driver.row import RW
from indi_sony_py.driver.rows.camera import FURTHER
from indi_sony_py.driver.view import CameraView
from indi_sony_py.engine.adjust import Goal
from indi_sony_py.engine.messages import Change, ChangeResult, SettingsReport
from indi_sony_py.engine.rows import SETTINGS
from indi_sony_py.engine.views import change_goal, report
from indi_sony_py.ptp.data import DataType
from indi_sony_py.sim.composition import simulated_models
from indi_sony_py.sony.bodies import GENERIC, body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.labels import label_of
from indi_sony_py.sony.snapshot import Version
from tests.engine.bench import Bench
from tests.engine.made import altered, listed, one_of, ranged, settings_of

NEW, OLD = ("ILCE-7SM3", Version.V300), ("ILCE-6000", Version.V200)
ROWS = {row.setting: row for row in FURTHER}
NAMES = tuple(row.name for row in SETTINGS if row.further)


def shown(model: str, version: Version) -> dict[str, str]:
    """What clients get for a body: vector to permission."""
    view = CameraView(settings=report(settings_of(model, version), body(model)))
    fed = {row.name: row.feed(view) for row in FURTHER if row.feed is not None}
    return {name: "rw" if each.perm is RW else "ro" for name, each in fed.items() if each is not None}


def test_each_setting_of_the_engine_has_a_row_of_the_face() -> None:
    assert set(ROWS) == set(NAMES) and len(ROWS) == len(FURTHER)


def test_what_each_body_lists_is_shown() -> None:
    bodies: Counter[tuple[Version, str, str]] = Counter()
    for model in simulated_models():
        for version in Version:
            try:
                rows = shown(model, version)
            except KeyError:
                continue
            assert len(rows) >= (27 if version is Version.V300 and body(model).family == "gen3" else 6), model
            bodies.update((version, name, perm) for name, perm in rows.items())
    # How many bodies of the dumps and of Sony's tables list it: SONY_PTP and the dumps, counted.
    expected = {
        ("2.00", "DRIVE_MODE", "rw"): 57,
        ("2.00", "FOCUS_MODE", "ro"): 11,  # one value alone, or a dial on automatic (ILCE-6000): no choice
        ("2.00", "EXPOSURE_PROGRAM", "ro"): 58,
        ("2.00", "INTERVAL_SHOOTING", "rw"): 14,
        ("2.00", "CREATIVE_STYLE", "ro"): 12,
        ("3.00", "STEADY_SHOT", "rw"): 16,
        ("3.00", "SILENT_MODE", "rw"): 15,
        ("3.00", "LONG_EXPOSURE_NR", "rw"): 13,
        ("3.00", "RELEASE_WITHOUT_LENS", "rw"): 16,
        ("3.00", "APSC_CROP", "rw"): 2,
        ("3.00", "DRIVE_MODE", "rw"): 27,
        ("3.00", "FRONT_CURTAIN", "rw"): 5,
    }
    versions = {version.label: version for version in Version}
    assert {(v, name, perm): bodies[versions[v], name, perm] for v, name, perm in expected} == expected
    assert not {name for version, name, _ in bodies if version is Version.V200} & {"STEADY_SHOT", "SILENT_MODE"}


def test_elements_are_named_after_what_a_menu_says_and_keep_their_order() -> None:
    settings = settings_of(*NEW)
    view = CameraView(settings=report(settings, body(NEW[0])))
    fed = ROWS["focus mode"].feed(view)  # type: ignore[misc]
    assert fed is not None and fed.elements is not None
    assert [e.name for e in fed.elements] == ["MF", "AF_S", "AF_C", "AF_A", "DMF"]
    assert [name for name, value in fed.values.items() if value] == ["MF"]
    # A body in another mode lists the same values in another order, and lets only some of them be set.
    other = altered(settings, Prop.FOCUS_MODE, values=(1,), reportable=(1, 2, 0x8006, 0x8005, 0x8004))
    again = ROWS["focus mode"].feed(CameraView(settings=report(other, body(NEW[0]))))  # type: ignore[misc]
    assert again is not None and again.elements == fed.elements
    compensation = ROWS["compensation"].feed(view)  # type: ignore[misc]
    assert compensation is not None and compensation.elements is not None
    names = [e.name for e in compensation.elements]
    assert names[0] == "MINUS_5_0_EV" and names[-1] == "PLUS_5_0_EV" and "0_EV" in names


@pytest.mark.parametrize(
    ("code", "value", "label"),
    [
        (Prop.DRIVE, 0x8005, "Self timer 2 s"),
        (Prop.DRIVE, 0x10002, "Continuous Hi"),
        (Prop.FOCUS_AREA, 0x101, "Flexible spot S"),
        (Prop.PROGRAM, 0x78053, "Movie M"),
        (Prop.WHITE_BALANCE, 0x8012, "Color temperature"),
        (Prop.F_NUMBER, 280, "f/2.8"),
        (Prop.F_NUMBER, 0xFFFE, "-"),
        (Prop.EXPOSURE_COMPENSATION, -700, "-0.7 EV"),
        (Prop.IMAGE_SIZE, 8, "8.4 MP"),
        (Prop.ASPECT_RATIO, 1, "3:2"),
        (Prop.DYNAMIC_RANGE, 0x13, "DRO Lv3"),
        (Prop.FILE_FORMAT_200, 0x13, "RAW & JPEG fine"),
        (Prop.COLOR_TEMPERATURE, 5500, "5500 K"),
        (Prop.AUTO_REVIEW, 5, "5 s"),
        (Prop.RAW_TYPE, 99, "99"),
    ],
)
def test_values_in_words(code: int, value: int, label: str) -> None:
    assert label_of(code, value) == label


def test_what_is_not_valid_now_is_hidden_and_what_cannot_be_set_now_is_refused_in_words() -> None:
    row = body(NEW[0])
    locked = altered(settings_of(*NEW), Prop.RAW_TYPE, enabled=2, values=())
    found = report(locked, row).get("raw type")
    assert found is not None and found.writable and len(found.options) == 2
    words = change_goal("raw type", 5, locked, row)
    assert isinstance(words, str) and words.startswith("Uncompressed cannot be set in the camera's present state. Ch")
    hidden = report(altered(locked, Prop.RAW_TYPE, enabled=0), row).get("raw type")
    assert hidden is not None and hidden.options == ()
    missing = change_goal("raw type", 6, locked, row)
    assert missing == "The camera does not offer Lossless. Choose another value."


def test_a_range_is_a_list_of_its_steps_and_the_apertures_of_an_older_body_those_of_the_ladder() -> None:
    kelvin = ranged(Prop.COLOR_TEMPERATURE, 5500, 2500, 9900, DataType.UINT16)
    few = altered(listed(Version.V300, kelvin), Prop.COLOR_TEMPERATURE, values=(2500, 9900, 100))
    assert len(report(few, GENERIC).settings[0].options) == 75
    every = listed(Version.V200, ranged(Prop.F_NUMBER, 560, 0, 65535, DataType.UINT16, get_set=0))
    aperture = report(every, GENERIC).get("aperture")
    assert aperture is not None and aperture.writable
    assert [c.value for c in aperture.options][:3] == [100, 110, 120]
    none = listed(Version.V200, ranged(Prop.F_NUMBER, 0, 0, 65535, DataType.UINT16, get_set=0))
    assert report(none, GENERIC).settings[0].options == (), "no lens that has contacts"
    huge = listed(Version.V300, ranged(Prop.COLOR_TEMPERATURE, 5, 0, 65535, DataType.UINT16))
    assert len(report(huge, GENERIC).settings[0].options) == 1, "a claim of 65,536 choices is none"


def test_compensation_goes_by_notches_or_through_its_twin() -> None:
    values = (-1000, -700, -300, 0, 300, 1, 2)
    old = listed(Version.V200, one_of(Prop.EXPOSURE_COMPENSATION, 0, *values, kind=DataType.INT16, get_set=0))
    goal = change_goal("compensation", -700, old, GENERIC)
    assert isinstance(goal, Goal) and goal.notches and goal.ladder == (-1000, -700, -300, 0, 300)
    twin = one_of(Prop.COMPENSATION_DIRECT, 0, -700, 0, kind=DataType.INT16)
    goal = change_goal("compensation", -700, listed(Version.V200, *old.descriptors, twin), GENERIC)
    assert isinstance(goal, Goal) and not goal.notches and goal.write_code == Prop.COMPENSATION_DIRECT


def last_report(bench: Bench) -> SettingsReport:
    return next(r for r in reversed(bench.reports) if isinstance(r, SettingsReport))


def test_a_camera_that_does_not_follow_ends_in_words_with_the_old_value() -> None:
    bench = Bench("ILCE-7SM3", seam="session")
    bench.connect()
    bench.do("fault", row={"kind": "ignore-set", "when": {"property": int(Prop.METERING), "count": 0}})
    bench.worker.post(Change("metering", 0x8001))
    bench.until(lambda: bench.of(ChangeResult), 60)
    assert bench.of(ChangeResult)[-1] == ChangeResult(
        "metering", False, 0x8004, "The camera does not go to Multi. Choose another value, or set it at the camera."
    )


TRIED = {
    "ILCE-7SM3": 31,
    "ILCE-6000": 6,
    "ILCE-7RM3": 10,
    "ILCE-7RM4": 11,
}
"""Bodies, and how many settings with more than one choice they have at least."""


@pytest.mark.parametrize("model", TRIED)
def test_each_choice_is_set_and_read_back(model: str) -> None:
    bench = Bench(model, seam="session")
    bench.connect()
    tried = 0
    for name in NAMES:
        view = last_report(bench).get(name)
        if view is None or not view.writable:
            continue
        tried += 1
        before, options = view.value, view.options
        few = options if len(options) <= 6 else (options[0], options[len(options) // 3], options[-1])
        for choice in (*few, next(c for c in options if c.value == before)):
            mark = len(bench.reports)
            bench.worker.post(Change(name, choice.value))
            bench.run(0.01)
            bench.until(lambda at=mark: any(isinstance(r, ChangeResult) for r in bench.reports[at:]), 70)  # type: ignore[misc]
            result = next(r for r in bench.reports[mark:] if isinstance(r, ChangeResult))
            now = last_report(bench).get(name)
            if result.ok:
                assert now is not None and now.value == choice.value == result.value
            else:
                # What a body lists and does not take: an aperture beyond its lens, what its mode locks.
                assert name in ("aperture", "color temperature") or "present state" in result.text, (name, result)
                assert result.value != choice.value
    assert tried >= TRIED[model]
    bench.assert_clean()
