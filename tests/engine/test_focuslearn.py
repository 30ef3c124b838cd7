"""What is learned of a lens by counting equals the lens, whatever its sizes, play and stops."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.engine.focuslearn import LearningFailed, learning
from indi_sony_py.engine.focustable import AT_FAR_STOP, LensTable, after, plan
from tests.engine.truelens import B52, EVEN, THREE, TrueLens


def learn(lens: TrueLens) -> tuple[LensTable, int]:
    run = learning("x")
    code, count = next(run), 0
    while True:
        count += 1
        try:
            code = run.send(lens.step(code))
        except StopIteration as end:
            return end.value, count


@given(
    st.sampled_from((B52, THREE, EVEN)), st.sampled_from((0.0, 0.4, 3.0, 14.0)), st.floats(700, 4200), st.floats(0, 1)
)
@settings(max_examples=40, deadline=None)
def test_what_is_learned_is_the_lens(sizes: tuple[float, ...], play: float, span: float, at: float) -> None:
    lens = TrueLens(sizes, span, play, at * span, at * span)
    table, _ = learn(lens)
    for true, found, error in zip(sizes, table.sizes, table.errors, strict=True):
        assert abs(true - found) <= error + 1e-6
    assert play <= table.backlash <= play + 1
    most = (table.span / max(sizes)) * table.errors[sizes.index(max(sizes))] + 2
    assert abs(table.span - span) <= most


def test_moves_by_what_was_learned_end_where_they_say() -> None:
    lens = TrueLens(B52, 4200.0, 14.0, 1000.0, 1000.0)
    table, count = learn(lens)
    assert count < 2500
    place = AT_FAR_STOP
    assert (lens.motor, lens.glass) == (0.0, 0.0), "it ends at the far stop"
    for target in (260.0, 2000.0, 300.0, 1500.0, 255.0):
        codes = plan(table, place, target)
        lens.steps(codes)
        for code in codes:
            place = after(table, place, code)
        assert abs(lens.glass - place.glass) <= table.smallest + place.doubt
        assert place.doubt < 30


def test_a_lens_that_never_moves() -> None:
    with pytest.raises(LearningFailed, match="no step moves"):
        learn(TrueLens((0.0,) * 7, 100.0))


def test_a_picture_that_always_moves() -> None:
    run = learning("x")
    next(run)
    with pytest.raises(LearningFailed, match="never stands still"):
        while True:
            run.send(True)


@given(st.lists(st.booleans(), min_size=1, max_size=200))
@settings(max_examples=60, deadline=None)
def test_nonsense_ends(told: list[bool]) -> None:
    run = learning("x")
    next(run)
    with pytest.raises((LearningFailed, StopIteration)):
        for number in range(20000):
            run.send(told[number % len(told)])
