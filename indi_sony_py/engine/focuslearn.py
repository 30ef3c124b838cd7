"""How the table of a lens is learned: runs to the end stops, counted in smallest steps. Pure.

`learning` asks for one step after the other and is told of each whether the picture moved; who asks may see that in
live view, in frames, or be a person. Nothing else is needed: what a size is worth is counted by going back to the far
stop in smallest steps. The play is counted first, as the steps after a turn that move nothing.
"""

from __future__ import annotations

import math
from collections.abc import Generator

from indi_sony_py import texts
from indi_sony_py.engine.focustable import LensTable, unusable
from indi_sony_py.sony.focus import FAR, LARGEST_STEP, NEAR, step_code

__all__ = ["MOST_STEPS", "LearningFailed", "learning"]

MOST_STEPS = 6000
"""Steps of a whole run; a lens such as that of indilib/indi-3rdparty#1341 takes 1,500."""
ENOUGH = 64
"""Smallest steps that are counted for a size at the least: of a small size more steps are taken at once."""
MOST_PLAY = 60
"""Smallest steps after a turn without a movement: it is no play, the step moves nothing."""

_Run = Generator[int, bool, int]


class LearningFailed(Exception):
    """What was told of the steps fits no lens."""


def learning(name: str, largest: int = LARGEST_STEP) -> Generator[int, bool, LensTable]:
    """Yields the code of each step, takes whether it moved the picture, returns the table. Raises `LearningFailed`."""
    run = _counted(name, largest)
    code = next(run)
    for _ in range(MOST_STEPS):
        moved = yield code
        try:
            code = run.send(moved)
        except StopIteration as end:
            table: LensTable = end.value
            return table
    raise LearningFailed(texts.focus.NEVER_STILL())


def _counted(name: str, largest: int) -> Generator[int, bool, LensTable]:
    yield from _to_far_stop(largest)
    smallest, play = yield from _smallest(largest)
    yield from _back(smallest)
    sizes, errors = [0.0] * LARGEST_STEP, [0.0] * LARGEST_STEP
    sizes[smallest - 1] = 1.0
    for size in range(smallest + 1, largest + 1):
        one = yield from _measure(smallest, size, 1)
        if one is None:
            continue
        count = max(1, math.ceil(ENOUGH / max(one, 1)))
        units = one if count == 1 else (yield from _measure(smallest, size, count))
        sizes[size - 1], errors[size - 1] = (units or 0) / count, 1 / count
    top = max(range(LARGEST_STEP), key=lambda place: sizes[place])
    span = yield from _between(smallest, top + 1, sizes[top], play)
    # Counted in whole steps the play may be one longer; too much of it does no harm.
    table = LensTable(name, tuple(sizes), span, play + 1.0, tuple(errors))
    problem = unusable(table)
    if problem:
        raise LearningFailed(problem)
    return table


def _to_far_stop(largest: int) -> Generator[int, bool, None]:
    """Two steps that move nothing: the first may have run through the play."""
    still = 0
    while still < 2:
        moved = yield step_code(largest, FAR)
        still = 0 if moved else still + 1


def _smallest(largest: int) -> Generator[int, bool, tuple[int, int]]:
    """From the far stop: the smallest size that moves it, and the play in its steps."""
    for size in range(1, largest + 1):
        for count in range(MOST_PLAY):
            if (yield step_code(size, NEAR)):
                return size, count
        yield from _to_far_stop(largest)
    raise LearningFailed(texts.focus.NOTHING_MOVES())


def _back(smallest: int) -> _Run:
    """To the far stop in smallest steps: how many of them moved it."""
    moving = still = 0
    while still < (1 if moving else MOST_PLAY):
        if (yield step_code(smallest, FAR)):
            moving, still = moving + 1, 0
        else:
            still += 1
    return moving


def _measure(smallest: int, size: int, count: int) -> Generator[int, bool, int | None]:
    """What `count` steps of a size are worth, in smallest steps; None if the size moves nothing."""
    for _ in range(MOST_PLAY):
        if (yield step_code(smallest, NEAR)):
            break
    moved = False
    for _ in range(count):
        moved = yield step_code(size, NEAR)
    units = yield from _back(smallest)
    return max(units - 1, 0) if moved else None


def _between(smallest: int, size: int, units: float, play: int) -> Generator[int, bool, float]:
    """From the far stop to the near one in large steps, and back, the last of it in smallest ones: the way between."""
    count = -1
    moved = True
    while moved:
        moved = yield step_code(size, NEAR)
        count += 1
    back = max(count - 2, 0)
    for _ in range(back):
        yield step_code(size, FAR)
    rest = yield from _back(smallest)
    return back * units - (play if back else 0) + rest
