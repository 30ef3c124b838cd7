"""The table of a lens: where it stands by counting, which steps bring it somewhere, and what the stops make good."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.engine.focustable import (
    ASSUMED,
    AT_FAR_STOP,
    KNOWN,
    MAX_PLAN,
    LensTable,
    Place,
    after,
    homing,
    known_table,
    nudge,
    plan,
    unusable,
)
from tests.engine.truelens import B52, EVEN, THREE, TrueLens

SIZES = st.sampled_from((B52, THREE, EVEN))


def counted(table: LensTable, place: Place, codes: tuple[int, ...]) -> Place:
    for code in codes:
        place = after(table, place, code)
    return place


def test_b52_ten_steps_in_are_a_hundred_out() -> None:
    """+100, -10 ten times, +37, -37, the stop, 20 targets: what is counted is the truth, every time."""
    table, lens, place = LensTable("x", B52, 4200.0), TrueLens(B52, 4200.0), AT_FAR_STOP
    start = 500.0

    def to(target: float) -> None:
        nonlocal place
        codes = plan(table, place, target)
        lens.steps(codes)
        place = counted(table, place, codes)
        assert lens.glass == pytest.approx(place.glass) == pytest.approx(target, abs=0.5)

    to(start)
    to(start + 100)
    for count in range(1, 11):
        to(start + 100 - 10 * count)
    assert lens.glass == pytest.approx(start, abs=0.5)
    to(start + 37)
    to(start)
    lens.steps(homing(table))
    place = counted(table, place, homing(table))
    assert lens.glass == 0 and place == AT_FAR_STOP
    for number in range(20):
        to((number * 977) % 4000)


@given(
    SIZES,
    st.floats(0, 25),
    st.floats(0, 1),
    st.lists(st.tuples(st.floats(-500, 6000), st.floats(0, 1.3)), min_size=1, max_size=12),
)
@settings(max_examples=150, deadline=None)
def test_any_sequence_of_moves(
    sizes: tuple[float, ...], backlash: float, share: float, moves: list[tuple[float, float]]
) -> None:
    """Whole moves and broken ones; the true play is at most what the table says."""
    span = 3000.0
    table = LensTable("x", sizes, span, backlash)
    lens = TrueLens(sizes, span, backlash * share)
    lens.steps(homing(table))
    place = AT_FAR_STOP
    for target, part in moves:
        codes = plan(table, place, target)
        done = codes if part >= 1 else codes[: math.floor(part * len(codes))]
        lens.steps(done)
        place = counted(table, place, done)
        off = abs(lens.glass - place.glass)
        if part >= 1:
            assert abs(place.glass - min(max(target, 0), table.reach)) <= table.smallest / 2 + 1e-6
            assert off <= table.smallest
        assert off <= table.smallest + backlash * (1 - share)
        assert place.doubt == 0


@given(SIZES, st.floats(0, 20), st.lists(st.floats(0, 2900), max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_stop_makes_good_what_nobody_counted(sizes: tuple[float, ...], backlash: float, turned: list[float]) -> None:
    table, lens = LensTable("x", sizes, 3000.0, backlash), TrueLens(sizes, 3000.0, backlash)
    for place in turned:
        lens.glass = lens.motor = place
        lens.steps(homing(table))
        assert (lens.motor, lens.glass) == (0.0, 0.0)
        assert counted(table, Place(place, place, 50.0), homing(table)) == AT_FAR_STOP
        codes = plan(table, AT_FAR_STOP, 1234.0)
        lens.steps(codes)
        assert abs(lens.glass - 1234.0) <= table.smallest


@given(SIZES, st.lists(st.floats(0, 2900), min_size=1, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_sizes_that_are_a_little_wrong_are_doubted_enough(
    sizes: tuple[float, ...], targets: list[float], pick: object
) -> None:
    errors = tuple(size * 0.01 for size in sizes)
    true = tuple(size + error * pick.uniform(-1, 1) for size, error in zip(sizes, errors, strict=True))  # type: ignore[attr-defined]
    table, lens, place = LensTable("x", sizes, 3000.0, 5.0, errors), TrueLens(true, 3000.0, 4.0), AT_FAR_STOP
    for target in targets:
        codes = plan(table, place, target)
        lens.steps(codes)
        place = counted(table, place, codes)
        assert abs(lens.glass - place.glass) <= table.smallest + place.doubt


@given(SIZES, st.floats(0, 30), st.floats(0, 3000), st.floats(0, 3000))
@settings(max_examples=100, deadline=None)
def test_a_move_is_bounded_and_ends_toward_far(
    sizes: tuple[float, ...], backlash: float, one: float, other: float
) -> None:
    table = LensTable("x", sizes, 3000.0, backlash)
    place = counted(table, AT_FAR_STOP, plan(table, AT_FAR_STOP, one))
    codes = plan(table, place, other)
    assert len(codes) <= 2 * MAX_PLAN
    turns = sum(a < 0 < b or b < 0 < a for a, b in pairwise(codes))
    assert turns <= 1 and all(1 <= abs(code) <= 7 for code in codes)
    if codes and backlash > table.smallest:
        assert codes[-1] > 0


def test_no_steps_where_it_stands_already() -> None:
    table = LensTable("x", B52, 4200.0, 10.0)
    place = counted(table, AT_FAR_STOP, plan(table, AT_FAR_STOP, 700.0))
    assert plan(table, place, 700.2) == ()


@pytest.mark.parametrize(
    ("units", "codes"), [(0.0, ()), (1.0, (-1,)), (-1.0, (1,)), (100.0, (-5, -4, -4, -2, -2)), (-389.0, (7,))]
)
def test_a_move_of_a_lens_whose_place_is_not_known(units: float, codes: tuple[int, ...]) -> None:
    assert nudge(LensTable("x", B52, 4200.0), units) == codes


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sizes": (1.0,)}, "it needs 7 sizes"),
        ({"sizes": (0.0,) * 7}, "no step moves the lens"),
        ({"span": 100.0}, "longer than the way"),
        ({"backlash": 9999.0}, "the play is longer"),
        ({"backlash": -1.0}, "its numbers are"),
        ({"span": math.inf}, "its numbers are"),
        ({"sizes": (math.nan, *B52[1:])}, "its numbers are"),
        ({"sizes": (1.0, 0, 0, 0, 0, 0, 0)}, "more than"),
        ({"errors": ()}, "it needs 7 sizes"),
    ],
)
def test_a_table_that_no_lens_can_have(change: dict[str, object], says: str) -> None:
    assert unusable(LensTable("x", B52, 4200.0)) == ""
    table = LensTable(**{"name": "x", "sizes": B52, "span": 4200.0, **change})  # type: ignore[arg-type]
    assert says in unusable(table)


def test_which_table_is_taken() -> None:
    learned = LensTable("FE 28mm F2", THREE, 900.0)
    assert known_table("FE 28mm F2", (learned,)) is learned
    other = known_table("FE 35mm F1.8", (learned,))
    assert other.name == "FE 35mm F1.8" and not other.measured and other.sizes == ASSUMED.sizes
    assert not known_table("", (LensTable("", THREE, 900.0),)).measured, "no name is no lens"
    assert unusable(ASSUMED) == "" and all(table.source and table.name for table in KNOWN)
