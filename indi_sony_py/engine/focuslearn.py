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

from bisect import bisect_left
from collections.abc import Generator
from dataclasses import dataclass

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
    yield Steps(largest, -STOP_STEPS)
    radius = yield from _until(largest, 1, LEAST_RADIUS)
    ruler = yield from _ruler(largest, radius)
    worth, wrong = {ruler.size: 1.0}, {ruler.size: 0.0}
    for size in range(1, largest + 1):
        if size != ruler.size:
            worth[size], wrong[size] = yield from _compared(ruler, size)
    steps = [worth[size] for size in sorted(worth) if worth[size] > 0]
    smallest = steps[0]
    play = yield from _play(ruler)
    span = yield from _span(ruler, largest, worth[largest], play)
    sizes = tuple(round(worth.get(size, 0.0) / smallest, 3) for size in range(1, LARGEST_STEP + 1))
    errors = tuple(round(wrong.get(size, 0.0) / smallest, 3) for size in range(1, LARGEST_STEP + 1))
    margin = 2 * NOISE / ruler.mark
    table = LensTable(name, sizes, round(span / smallest), round((play + margin) / smallest), errors)
    problem = unusable(table)
    if problem:
        raise LearningFailed(problem)
    return table


def _until(size: int, way: int, wanted: float) -> _Go:
    """Steps of a size until the star is as large as wanted (`way` 1, nearer) or as small (-1): its radius."""
    for _ in range(MOST_TRIES):
        radius = yield Steps(size, way)
        if radius is not None and (radius >= wanted if way > 0 else radius <= wanted):
            return radius
    raise LearningFailed(texts.focus.NO_DISC())


def _ruler(largest: int, radius: float) -> Generator[Steps, Radius, _Ruler]:
    """The largest size that marks it finely enough, and the curve."""
    size = largest
    for size in range(largest, 0, -1):
        before, found = radius, (yield Steps(size, 1))
        radius = before if found is None else found
        if found is not None and NOISE * 6 < found - before <= WIDEST_MARK:
            break
    radii = [radius]
    for _ in range(MOST_RULER):
        found = yield Steps(size, 1)
        if found is None or found <= radii[-1] + NOISE:
            break
        radii.append(found)
        if found >= MOST_RADIUS:
            break
    if len(radii) < 3 or radii[-1] - radii[0] < LEAST_RULER:
        raise LearningFailed(texts.focus.NO_DISC())
    return _Ruler(size, tuple(radii))


def _begin(ruler: _Ruler) -> _Go:
    """Back to where the ruler begins, with the play behind: the radius there."""
    here = yield Steps(ruler.size, 0)
    if here is not None and ruler.radii[0] <= here <= ruler.radii[0] + (ruler.end - ruler.radii[0]) / 4:
        return here
    yield Steps(ruler.size, -len(ruler.radii) - 2)
    return (yield from _until(ruler.size, 1, ruler.radii[0]))


def _compared(ruler: _Ruler, size: int) -> Generator[Steps, Radius, tuple[float, float]]:
    """What a step is worth in steps of the ruler, and how wrong that may be; 0 if it moves nothing."""
    begin = yield from _begin(ruler)
    taken, block, radius = 0, 1, begin
    while taken < MOST_STEPS and radius - begin < WANTED_GROWTH:
        found = yield Steps(size, block)
        if found is None or found > ruler.end:
            break
        taken, radius = taken + block, found
        growth = (radius - begin) / taken
        # No more than leads to the ruler's end.
        room = (ruler.end - radius) / growth if growth > NOISE / taken else MOST_STEPS
        block = max(1, min(taken, MOST_STEPS - taken, int(room)))
    if not taken or radius - begin < 4 * NOISE:
        return 0.0, 0.0
    worth = (ruler.place(radius) - ruler.place(begin)) / taken
    return worth, NOISE / ruler.mark / taken


def _play(ruler: _Ruler) -> _Go:
    """What a turn loses, in steps of the ruler."""
    yield from _begin(ruler)
    count = len(ruler.radii) - 2
    before = yield Steps(ruler.size, count)
    after = yield Steps(ruler.size, -(count // 2))
    if before is None or after is None:
        raise LearningFailed(texts.focus.NO_DISC())
    return max(count // 2 - (ruler.place(before) - ruler.place(after)), 0.0)


def _span(ruler: _Ruler, size: int, worth: float, play: float) -> _Go:
    """The way of the glass between the stops, in steps of the ruler."""
    yield Steps(size, -STOP_STEPS)
    steps = 0
    radius: Radius = None
    while radius is None or radius < ruler.radii[0]:
        if steps > STOP_STEPS:
            raise LearningFailed(texts.focus.NO_DISC())
        radius = yield Steps(size, 1)
        steps += 1
    from_far = steps * worth - play - ruler.place(radius)
    yield Steps(size, STOP_STEPS)
    steps = 0
    radius = yield Steps(size, 0)
    while radius is None or radius > ruler.end:
        if steps > STOP_STEPS:
            raise LearningFailed(texts.focus.NO_DISC())
        radius = yield Steps(size, -1)
        steps += 1
    return from_far + ruler.place(radius) + max(steps * worth - play, 0.0)
