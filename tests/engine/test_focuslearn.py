"""A table is learned from what is seen of a star, whatever the lens is like."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest

from indi_sony_py.engine.focuslearn import LearningFailed, Steps, learning
from indi_sony_py.engine.focustable import LensTable
from tests.engine.truelens import B52, EVEN, TELE, THREE, TrueLens


class Seen:
    """A star behind a true lens. `per_unit`: pixels of radius a unit of defocus; `infinity`: where it is sharp."""

    def __init__(self, lens: TrueLens, infinity: float, per_unit: float, noise: float = 0.02, seed: int = 1) -> None:
        self.lens = lens
        self.infinity = infinity
        self.per_unit = per_unit
        self.noise = noise
        self.steps = 0
        self._dice = random.Random(seed)

    def radius(self) -> float | None:
        found = math.hypot(1.1, self.per_unit * (self.lens.glass - self.infinity))
        return None if found > 20 else found + self._dice.gauss(0, self.noise)

    def do(self, steps: Steps) -> float | None:
        self.steps += abs(steps.count)
        self.lens.steps([-steps.size if steps.count > 0 else steps.size] * abs(steps.count))
        return self.radius()


def learned(seen: Seen, name: str = "a lens") -> LensTable:
    run = learning(name)
    wanted = next(run)
    for _ in range(1000):
        try:
            wanted = run.send(seen.do(wanted))
        except StopIteration as end:
            table = end.value
            assert isinstance(table, LensTable)
            return table
    raise AssertionError("it never ends")


@pytest.mark.parametrize(
    ("sizes", "span", "play", "infinity", "per_unit"),
    [
        (B52, 4200.0, 0.0, 260.0, 0.0057),
        (B52, 4200.0, 30.0, 260.0, 0.0057),
        (B52, 9000.0, 14.0, 700.0, 0.0045),
        (THREE, 900.0, 3.0, 70.0, 0.02),
        (EVEN, 3000.0, 5.0, 150.0, 0.008),
        # A step of the largest size goes from one side of the sharp place to far beyond the ruler on the other.
        (TELE, 9000.0, 14.0, 700.0, 0.0376),
        # The star is large at the far stop, too; the play is several steps of the ruler.
        (THREE, 1700.0, 40.0, 150.0, 0.045),
    ],
    ids=["B52", "B52 with play", "long", "three sizes", "even", "large steps", "much play"],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_learned_is_the_truth(
    sizes: tuple[float, ...], span: float, play: float, infinity: float, per_unit: float, seed: int
) -> None:
    seen = Seen(TrueLens(sizes, span, play, motor=infinity, glass=infinity), infinity, per_unit, seed=seed)
    table = learned(seen)
    assert table.measured and table.name == "a lens"
    assert [size > 0 for size in table.sizes] == [size > 0 for size in sizes]
    # The unit is the smallest step, whose own size is known least: the sizes among each other are true.
    moving = [(told, true) for told, true in zip(table.sizes, sizes, strict=True) if true > 1]
    for (one, one_true), (two, two_true) in pairwise(moving):
        assert two / one == pytest.approx(two_true / one_true, rel=0.08)
    unit = table.sizes[-1] / sizes[-1]
    assert unit == pytest.approx(1, rel=0.12)
    assert table.span == pytest.approx(span * unit, rel=0.06)
    assert play * unit <= table.backlash <= play * unit + 60
    assert seen.steps < 4000


def test_what_is_learned_of_any_lens_is_true_or_is_nothing() -> None:
    """A table that is wrong would be kept, and each position with it."""
    dice, told = random.Random(7), 0
    for seed in range(150):
        sizes = dice.choice([B52, THREE, EVEN, TELE])
        span = dice.uniform(8, 25) * sizes[6]
        infinity, play = dice.uniform(0.02, 0.12) * span, dice.choice([0.0, 0.0, 3.0, 14.0, 40.0])
        lens = TrueLens(sizes, span, play, motor=infinity, glass=infinity)
        seen = Seen(lens, infinity, dice.uniform(1.2, 8) / sizes[6], noise=0.05, seed=seed)
        try:
            table = learned(seen)
        except LearningFailed:
            told += 1
            continue
        unit = table.sizes[6] / sizes[6]
        for found, true in zip(table.sizes, sizes, strict=True):
            assert (found > 0) == (true > 0)
            assert true <= 1 or found == pytest.approx(true * unit, rel=0.15), (seed, table, sizes)
        assert table.span == pytest.approx(span * unit, rel=0.1), (seed, table)
    assert told <= 15


def test_sizes_that_contradict_each_other_are_told() -> None:
    """Somebody turned the ring meanwhile, or a cloud came: no table is better than a wrong one."""
    seen = Seen(TrueLens((1.0, 2.5, 8.0, 20.0, 55.0, 146.0, 40.0), 4200.0, motor=260, glass=260), 260.0, 0.0057)
    with pytest.raises(LearningFailed, match="a larger step seems to move the lens less"):
        learned(seen)


def test_no_star_and_a_lens_that_does_not_move_are_told() -> None:
    blind = Seen(TrueLens(B52, 4200.0), 260.0, 0.0)
    with pytest.raises(LearningFailed, match="no star is seen that grows"):
        learned(blind)
    stuck = Seen(TrueLens((0.0,) * 7, 4200.0, motor=1000, glass=1000), 260.0, 0.0057)
    with pytest.raises(LearningFailed):
        learned(stuck)
