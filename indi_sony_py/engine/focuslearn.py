"""How the table of a lens is learned: its steps are compared by how large they make a star. Pure.

A star out of focus is a disc, and grows with the way of the lens: its half-flux radius (HFR) is a ruler. How it is
marked does not matter, as long as the same place has the same radius: a curve of radius over steps of one middle size
is taken first, and each size is then held against it, from the place where its steps began to where they ended.

`learning` asks for steps and is told the radius behind them; who asks may have it from live view or from frames.

- The ruler is on the near side: from the far stop on the lens goes through its sharp place, then the star grows.
- What is compared is always done nearer, so that the play is behind it. The play is what a turn loses.
- The way between the stops is counted in large steps from either stop to the ruler.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from indi_sony_py import texts
from indi_sony_py.engine.focustable import LensTable, unusable
from indi_sony_py.sony.focus import LARGEST_STEP

__all__ = ["LearningFailed", "Steps", "learning"]

LEAST_RADIUS, MOST_RADIUS = 3.0, 14.0
"""Pixels: between these the ruler is used. A star must be a disc, and still be found."""
WIDEST_MARK = 2.0
"""Pixels: a step of the ruler grows the star by no more, if there is a size as small."""
LEAST_RULER, MOST_RULER = 3.0, 60
"""Pixels that the star must grow over the whole ruler, and steps that it may take."""
MOST_STEPS = 240
"""Of one size, to compare it."""
WANTED_GROWTH = 4.0
"""Pixels that they are to grow the star, where `MOST_STEPS` reach as far."""
NOISE = 0.05
"""Pixels: how wrong a radius may be."""
STOP_STEPS = 60
"""Steps of the largest size that reach a stop from anywhere."""
MOST_TRIES = 80
MOST_BACK = 300
"""Steps from the near stop back to the ruler."""
WIDEST_BEGIN = 8.5
"""Pixels: a larger star is no begin of a ruler."""
TURNED = 1.8
"""Steps of the ruler that the glass must have moved back."""
ALIKE = 0.05
"""A larger size may seem to go so much less far than a smaller one: two that are alike."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What to do next: `count` steps of a size, nearer, or farther if it is below 0; 0: only look."""

    size: int
    count: int


Radius = float | None
"""Pixels; None: no star was found."""


class LearningFailed(Exception):
    """What was seen fits no lens; the text says why."""


@dataclass(frozen=True, slots=True)
class _Ruler:
    """Radii behind 0, 1, 2 … steps of `size`, growing."""

    size: int
    radii: tuple[float, ...]

    def place(self, radius: float) -> float:
        """In steps of the ruler from its begin."""
        right = min(max(bisect_left(self.radii, radius), 1), len(self.radii) - 1)
        low, high = self.radii[right - 1], self.radii[right]
        return right - 1 + (radius - low) / (high - low)

    @property
    def mark(self) -> float:
        """Pixels of a step, on the average."""
        return (self.radii[-1] - self.radii[0]) / (len(self.radii) - 1)

    @property
    def end(self) -> float:
        return self.radii[-1]


_Go = Generator[Steps, Radius, float]


def learning(name: str, largest: int = LARGEST_STEP) -> Generator[Steps, Radius, LensTable]:
    """Yields what to do, takes the HFR behind it, returns the table. Raises `LearningFailed`."""
    coarse, radius = yield from _disc(largest)
    ruler = yield from _ruler(largest, coarse, radius)
    play = yield from _play(ruler)
    worth, wrong = {ruler.size: 1.0}, {ruler.size: 0.0}
    for size in range(1, largest + 1):
        if size != ruler.size:
            worth[size], wrong[size] = yield from _compared(ruler, size, worth, play)
    steps = [worth[size] for size in sorted(worth) if worth[size] > 0]
    if any(larger < smaller * (1 - ALIKE) for smaller, larger in pairwise(steps)):
        raise LearningFailed(texts.focus.SIZES_CROSS())
    smallest = steps[0]
    span = yield from _span(ruler, largest, coarse, worth[coarse], play)
    sizes = tuple(round(worth.get(size, 0.0) / smallest, 3) for size in range(1, LARGEST_STEP + 1))
    errors = tuple(round(wrong.get(size, 0.0) / smallest, 3) for size in range(1, LARGEST_STEP + 1))
    margin = 2 * NOISE / ruler.mark
    table = LensTable(name, sizes, round(span / smallest), round((play + margin) / smallest), errors)
    problem = unusable(table)
    if problem:
        raise LearningFailed(problem)
    return table


def _until(size: int, wanted: float) -> _Go:
    """Nearer by steps of a size, from where the star is smaller, until it is as large as wanted: its radius."""
    for _ in range(MOST_TRIES):
        radius = yield Steps(size, 1)
        if radius is not None and radius >= wanted:
            return radius
    raise LearningFailed(texts.focus.NO_DISC())


def _near_side(size: int, largest: int) -> Generator[Steps, Radius, tuple[float, int] | None]:
    """From the far stop nearer by a size, through the sharp place, until the star is a disc that grows: its radius, and
    how many steps it took. None if a step is so large that the star is too large then, or lost.
    """
    before = yield Steps(largest, -STOP_STEPS)
    for count in range(1, MOST_TRIES + 1):
        radius = yield Steps(size, 1)
        grows = before is not None and (radius is None or radius > before + NOISE)
        if grows and (radius is None or radius >= LEAST_RADIUS):
            return None if radius is None or radius > WIDEST_BEGIN else (radius, count)
        before = radius
    return None


def _disc(largest: int) -> Generator[Steps, Radius, tuple[int, float]]:
    """The largest size that leads to where the ruler may begin, and the radius there."""
    for size in range(largest, 0, -1):
        found = yield from _near_side(size, largest)
        if found is not None:
            return size, found[0]
    raise LearningFailed(texts.focus.NO_DISC())


def _ruler(largest: int, coarse: int, radius: float) -> Generator[Steps, Radius, _Ruler]:
    """The largest size that marks it finely enough, and the curve from where the star just is a disc: large discs are
    faint, and measured worse. Sizes are tried nearer only, for a turn would lose some play."""
    size, growth = coarse, 0.0
    for size in range(coarse, 0, -1):
        if radius > WIDEST_BEGIN:
            again = yield from _near_side(coarse, largest)
            if again is None:
                raise LearningFailed(texts.focus.NO_DISC())
            radius = again[0]
        before, found = radius, (yield Steps(size, 1))
        radius = MOST_RADIUS if found is None else found
        growth = radius - before
        if found is not None and NOISE * 6 < growth <= WIDEST_MARK:
            break
    if growth > 0 and radius > LEAST_RADIUS + 2 * growth:
        radius = yield from _up_to(size, LEAST_RADIUS, lambda here: (here - LEAST_RADIUS) / growth)
    radii, most = [radius], 2 * NOISE
    for _ in range(MOST_RULER):
        found = yield Steps(size, 1)
        # The curve grows ever steeper: a step that adds much less has run into the stop.
        if found is None or found - radii[-1] < 0.6 * most:
            break
        most = max(most, found - radii[-1])
        radii.append(found)
        if found >= MOST_RADIUS:
            break
    if len(radii) < 3 or radii[-1] - radii[0] < LEAST_RULER:
        raise LearningFailed(texts.focus.NO_DISC())
    return _Ruler(size, tuple(radii))


def _begin(ruler: _Ruler) -> _Go:
    """Back to where the ruler begins, with the play behind: the radius there."""
    return (yield from _up_to(ruler.size, ruler.radii[0], ruler.place))


def _up_to(size: int, wanted: float, away: Callable[[float], float]) -> _Go:
    """To where the star is as large as wanted, from below: the radius there. `away` tells how many steps a radius is
    away from that. Not farther back than that, for beyond the sharp place the star grows again; farther where a turn
    loses some steps.
    """
    here = yield Steps(size, 0)
    for _ in range(MOST_TRIES):
        if here is not None and here < wanted - 4 * NOISE:
            return (yield from _until(size, wanted))
        here = yield Steps(size, -1 if here is None else -max(math.ceil(away(here)), 0) - 1)
    raise LearningFailed(texts.focus.NO_DISC())


def _compared(
    ruler: _Ruler, size: int, worth: Mapping[int, float], play: float
) -> Generator[Steps, Radius, tuple[float, float]]:
    """What a step is worth in steps of the ruler, and how wrong that may be; 0 if it moves nothing."""
    begin = yield from _begin(ruler)
    taken, block, radius = 0, 1, begin
    while taken < MOST_STEPS and radius - begin < WANTED_GROWTH:
        found = yield Steps(size, block)
        if found is None or found > ruler.end:
            if not taken:
                return (yield from _too_far(ruler, begin, worth, play))
            break
        taken, radius = taken + block, found
        growth = (radius - begin) / taken
        # No more than leads to the ruler's end.
        room = (ruler.end - radius) / growth if growth > NOISE / taken else MOST_STEPS
        block = max(1, min(taken, MOST_STEPS - taken, int(room)))
    if not taken or radius - begin < 4 * NOISE:
        return 0.0, 0.0
    return (ruler.place(radius) - ruler.place(begin)) / taken, NOISE / ruler.mark / taken


def _too_far(
    ruler: _Ruler, begin: float, worth: Mapping[int, float], play: float
) -> Generator[Steps, Radius, tuple[float, float]]:
    """One step has led beyond the ruler: back by the largest size that is known, and counted."""
    back = max((size for size, known in worth.items() if known > 0), key=lambda size: worth[size])
    for count in range(1, MOST_TRIES + 1):
        radius = yield Steps(back, -1)
        if radius is not None and radius <= ruler.end:
            way = ruler.place(radius) - ruler.place(begin) + max(count * worth[back] - play, 0.0)
            return way, 2 * NOISE / ruler.mark
    raise LearningFailed(texts.focus.NO_DISC())


def _play(ruler: _Ruler) -> _Go:
    """What a turn loses, in steps of the ruler: those until the star has shrunk by two of them, less the two."""
    yield from _begin(ruler)
    before = yield Steps(ruler.size, len(ruler.radii) - 2)
    for count in range(1, MOST_TRIES + 1):
        after = yield Steps(ruler.size, -1)
        if before is None or after is None:
            break
        moved = ruler.place(before) - ruler.place(after)
        if moved > TURNED:
            return max(count - moved, 0.0)
    raise LearningFailed(texts.focus.NO_DISC())


def _span(ruler: _Ruler, largest: int, size: int, worth: float, play: float) -> _Go:
    """The way of the glass between the stops, in steps of the ruler: by steps of a size from either stop to it."""
    found = yield from _near_side(size, largest)
    if found is None:
        raise LearningFailed(texts.focus.NO_DISC())
    here, steps = found
    from_far = steps * worth - play - ruler.place(here)
    yield Steps(largest, STOP_STEPS)
    steps = 0
    radius = yield Steps(size, 0)
    while radius is None or radius > ruler.end:
        if steps > MOST_BACK:
            raise LearningFailed(texts.focus.NO_DISC())
        radius = yield Steps(size, -1)
        steps += 1
    return from_far + ruler.place(radius) + max(steps * worth - play, 0.0)
