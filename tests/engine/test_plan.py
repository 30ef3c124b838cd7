"""Who times an exposure, and with which speed: the rule as a table, and on any time, body and wish."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.engine.messages import ExposureRequest, ExposureStarted, Policy, ShutterMode
from indi_sony_py.engine.plan import direct_code, plan_exposure, shutter_speeds
from indi_sony_py.sony.bodies import GENERIC, body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Settings, Version
from indi_sony_py.sony.values import decode_shutter, encode_shutter
from tests.engine.bench import Bench
from tests.engine.made import altered, listed, one_of, ranged, settings_of, without

AUTO, TIMED, BULB = Policy.AUTO, Policy.TIMED, Policy.BULB
T, B = ShutterMode.TIMED, ShutterMode.BULB
BODIES = (
    ("ILCE-7SM3", Version.V300), ("ILCE-7SM3", Version.V200), ("ILCE-6000", Version.V200), ("ILCE-7RM4", Version.V200),
    ("ILCE-7M3", Version.V200), ("ILCE-7M4", Version.V300), ("ILCE-1M2", Version.V300), ("ILCE-6400", Version.V200),
)  # fmt: skip


def has(model: str, version: Version) -> bool:
    try:
        settings_of(model, version)
    except KeyError:
        return False
    return True


KNOWN = [(model, version) for model, version in BODIES if has(model, version)]

TABLE = [
    (30.0, AUTO, T, 30),
    (30.29, AUTO, T, 30),
    (30.31, AUTO, B, None),
    (29.72, AUTO, T, 30),
    (29.5, AUTO, B, None),
    (7200.0, AUTO, B, None),
    (5.04, AUTO, T, 5),
    (5.06, AUTO, B, None),
    (7.0, AUTO, B, None),
    (1.0, AUTO, T, 1),
    (1.005, AUTO, T, 1),
    (1.05, AUTO, B, None),
    (0.999, AUTO, T, 1),
    (0.95, AUTO, T, 1),
    (0.7, AUTO, T, Fraction(8, 10)),
    (0.01, AUTO, T, Fraction(1, 100)),
    (0.0113, AUTO, T, Fraction(1, 80)),
    (1e-9, AUTO, T, "shortest"),
    (0.0, AUTO, T, "shortest"),
    (-5.0, AUTO, T, "shortest"),
    (0.0, BULB, T, "shortest"),
    (0.5, BULB, B, None),
    (30.0, BULB, B, None),
    (7.0, TIMED, T, 8),
    (6.8, TIMED, T, 6),
    (4000.0, TIMED, T, 30),
]


@pytest.mark.parametrize(("model", "version"), KNOWN)
@pytest.mark.parametrize(("seconds", "policy", "mode", "speed"), TABLE)
def test_the_rule(
    model: str, version: Version, seconds: float, policy: Policy, mode: ShutterMode, speed: Fraction | str | None
) -> None:
    settings = settings_of(model, version)
    plan = plan_exposure(ExposureRequest(1, seconds, policy=policy), settings, body(model))
    assert plan.mode is mode
    if speed is None:
        assert (plan.shutter, plan.open_s, plan.nominal_s) == (0, seconds, None)
        return
    wanted = float(shutter_speeds(settings, body(model))[-1] if isinstance(speed, str) else speed)
    assert plan.open_s == plan.nominal_s == pytest.approx(wanted)


@pytest.mark.parametrize("policy", list(Policy))
def test_a_bias_takes_the_shortest_speed_whatever_is_asked(policy: Policy) -> None:
    settings = settings_of("ILCE-7SM3", Version.V300)
    plan = plan_exposure(ExposureRequest(1, 60.0, "Bias", policy), settings, body("ILCE-7SM3"))
    assert plan.mode is T and plan.open_s == 1 / 8000 and plan.note == ""


@given(
    st.sampled_from(KNOWN),
    st.floats(1e-6, 1e5) | st.sampled_from((0.5, 1.0, 1.0 - 1e-9, 1.01, 30.0, 30.3, 60.0)),
    st.sampled_from(Policy),
    st.sampled_from((0.1, 1.0, 4.0)),
)
def test_any_time_on_any_body(known: tuple[str, Version], seconds: float, policy: Policy, bulb_min_s: float) -> None:
    model, version = known
    settings = settings_of(model, version)
    row = replace(body(model), bulb_min_s=bulb_min_s)
    plan = plan_exposure(ExposureRequest(1, seconds, policy=policy), settings, row)
    speeds = [float(s) for s in shutter_speeds(settings, row)]
    near = [s for s in speeds if abs(s - seconds) <= 0.01 * seconds]
    if policy is AUTO:
        assert (plan.mode is T) == (bool(near) or seconds < bulb_min_s)
    else:
        assert plan.mode is (T if policy is TIMED else B)
    if plan.mode is B:
        assert plan.open_s == seconds and plan.shutter == 0 and not plan.note
        return
    assert plan.nominal_s in speeds and plan.open_s == plan.nominal_s
    ratio = max(plan.open_s / seconds, seconds / plan.open_s)
    assert all(ratio <= max(s / seconds, seconds / s) + 1e-12 for s in speeds), "no other speed is nearer"
    assert bool(plan.note) == (not near)
    if plan.note:
        assert f"{seconds:g} s" in plan.note and plan.label in plan.note
    speed = decode_shutter(plan.shutter)
    assert isinstance(speed, Fraction) and float(speed) == plan.open_s


def test_3_00_believes_the_list_of_the_moment_and_2_00_the_row() -> None:
    few = (0x0001000A, 0x00010064, 0x000103E8)
    lists = settings_of("ILCE-7SM3", Version.V300)
    seen = shutter_speeds(altered(lists, Prop.SHUTTER_SPEED, values=few), body("ILCE-7SM3"))
    assert seen == (Fraction(1, 10), Fraction(1, 100), Fraction(1, 1000))
    row = replace(body("ILCE-6000"), shutters=(Fraction(1, 4000), Fraction(30)))
    old = listed(Version.V200, one_of(Prop.SHUTTER_SPEED, few[0], *few))
    assert shutter_speeds(old, row) == (Fraction(30), Fraction(1, 4000)), "lists of 2.00 bodies lie"
    assert shutter_speeds(old, replace(row, shutters=())) == seen, "better than nothing"


def test_without_any_list_the_ladder_within_the_stated_range() -> None:
    row = replace(GENERIC, shutters=())
    nothing = listed(Version.V200)
    assert shutter_speeds(nothing, row)[0] == 30 and shutter_speeds(nothing, row)[-1] == Fraction(1, 4000)
    short = listed(Version.V200, ranged(Prop.SHUTTER_SPEED, 0, 0x00011F40, 0x000F0001))
    assert (shutter_speeds(short, row)[0], shutter_speeds(short, row)[-1]) == (Fraction(15), Fraction(1, 8000))
    odd = listed(Version.V200, ranged(Prop.SHUTTER_SPEED, 0, 0, 0xFFFFFFFF))
    assert shutter_speeds(odd, row) == shutter_speeds(nothing, row), "a range of nonsense states nothing"


@pytest.mark.parametrize("values", [(), (0x0001000A, 0x00010064), (0x0001000A, 0x00010064, 0x00640001)])
def test_a_list_that_is_no_shutter_list_is_not_taken_for_one(values: tuple[int, ...]) -> None:
    """0xD229 has two meanings; 100 s is a speed of no body."""
    settings = listed(Version.V200, one_of(Prop.SHUTTER_DIRECT, 0, *values))
    assert shutter_speeds(settings, replace(GENERIC, shutters=()))[0] == 30


def test_a_speed_is_spelled_as_the_body_lists_it() -> None:
    tenths = 0x000A0064
    assert decode_shutter(tenths) == Fraction(1, 10) and encode_shutter(Fraction(1, 10)) != tenths
    settings = listed(Version.V300, one_of(Prop.SHUTTER_SPEED, 0, 0x00010002, tenths, 0x00010064))
    assert plan_exposure(ExposureRequest(1, 0.1), settings, GENERIC).shutter == tenths


def direct(settings: Settings) -> int:
    return direct_code(settings, Prop.SHUTTER_SPEED, Prop.SHUTTER_DIRECT)


def test_where_the_value_itself_can_be_written() -> None:
    times = (0x0001000A, 0x00010064, 0x000103E8)
    assert direct(settings_of("ILCE-7SM3", Version.V300)) == Prop.SHUTTER_SPEED
    assert direct(without(settings_of("ILCE-6000", Version.V200), Prop.SHUTTER_DIRECT)) == 0
    assert direct(listed(Version.V200, one_of(Prop.SHUTTER_DIRECT, 0, *times))) == Prop.SHUTTER_DIRECT
    assert direct(listed(Version.V200, one_of(Prop.SHUTTER_DIRECT, 0, *times, get_set=0))) == 0
    assert direct(listed(Version.V200, one_of(Prop.SHUTTER_DIRECT, 0))) == 0
    assert direct(listed(Version.V200, one_of(Prop.SHUTTER_DIRECT, 0, 1, 2, 3))) == 0, "no shutter list"


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
def test_what_was_done_is_told_when_the_shutter_opens_and_stands_in_the_shot(model: str) -> None:
    bench = Bench(model)
    bench.connect()
    found = bench.frame(0.7)
    (started,) = bench.of(ExposureStarted)
    assert started.duration_s == pytest.approx(0.8) and "0.7 s is not a speed" in started.text
    assert found.shot is not None and found.shot.nominal_s == pytest.approx(0.8)
    assert found.shot.shutter_label == "0.8" and found.shot.measured_s is None
    bulb = bench.frame(2.7)
    assert bulb.shot is not None and bulb.shot.mode is B and bulb.shot.nominal_s is None
    assert bulb.shot.measured_s == pytest.approx(2.7, abs=0.001)
