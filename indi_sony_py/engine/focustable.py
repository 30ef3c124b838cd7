"""The table of a lens, where the lens stands by it, and which steps bring it somewhere. Pure.

Rules kept here:

- One unit: the smallest step (size 1) of the lens. Positions count from the far stop (infinity's side), 0, to the near
  one, `span`: the run to the far stop is short for whoever looks at stars (SonyCamera counts from there, too).
- The camera tells no position. It is counted, from a stop: `Place` knows the motor and the glass, between which there
  is some play (`backlash`).
- A move ends with a run to the far side that has taken up the play: the same target is the same place, whichever
  side it came from, and however wrong `backlash` is, as long as it is not too small.
- What a run to a stop adds up to does not matter: at the stop both motor and glass are known again.
- Sizes that were counted are exact to about a step in so many of them (`errors`): each step adds to the `doubt` of the
  place, a stop takes it away.
- A lens that was not measured has `ASSUMED`: its sizes are those of another lens, so its positions are of use to come
  back to, and no more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from indi_sony_py import texts
from indi_sony_py.sony.focus import FAR, LARGEST_STEP, NEAR, step_code

__all__ = [
    "ASSUMED",
    "AT_FAR_STOP",
    "KNOWN",
    "MAX_PLAN",
    "LensTable",
    "Place",
    "after",
    "homing",
    "known_table",
    "nudge",
    "plan",
    "unusable",
]

MAX_SPAN = 100_000.0
"""No lens is as long; a table that says so is refused."""
MAX_PLAN = 400
"""Steps that one way of a move may take."""


@dataclass(frozen=True, slots=True)
class LensTable:
    """One lens, in steps of size 1. `sizes` of the steps 1 to 7, 0: it moves nothing; `span` between the stops.

    `errors`: how wrong each size may be. `measured`: on this very lens; else its sizes are assumed. `source`: of whom
    a known table is, for the user.
    """

    name: str
    sizes: tuple[float, ...]
    span: float
    backlash: float = 0.0
    errors: tuple[float, ...] = (0.0,) * LARGEST_STEP
    measured: bool = True
    source: str = ""

    @property
    def steps(self) -> tuple[tuple[int, float], ...]:
        """(step, units) of the steps that move something, the largest first."""
        moving = ((place + 1, size) for place, size in enumerate(self.sizes) if size > 0)
        return tuple(sorted(moving, key=lambda row: -row[1]))

    @property
    def smallest(self) -> float:
        return self.steps[-1][1]

    @property
    def reach(self) -> float:
        """The nearest place that a move can end at: beyond it the run back would begin at the near stop."""
        return max(self.span - self.backlash - self.smallest, 0.0)


def unusable(table: LensTable) -> str:
    """Why no lens can have such a table; "" if one can. Every table from outside is asked this before it is used."""
    numbers = (*table.sizes, *table.errors, table.span, table.backlash)
    if len(table.sizes) != LARGEST_STEP or len(table.errors) != LARGEST_STEP:
        return texts.focus.SIZES_NEEDED(count=LARGEST_STEP)
    if not all(math.isfinite(number) and 0 <= number <= MAX_SPAN for number in numbers):
        return texts.focus.OUT_OF_RANGE(most=MAX_SPAN)
    if not any(table.sizes):
        return texts.focus.NOTHING_MOVES()
    if max(*table.sizes, table.backlash) > table.span:
        return texts.focus.SPAN_TOO_SHORT()
    sizes = [size for _, size in table.steps]
    if (table.span + table.backlash) / sizes[0] + sum(a / b for a, b in pairwise(sizes)) > MAX_PLAN:
        return texts.focus.TOO_MANY_STEPS(most=MAX_PLAN)
    return ""


ASSUMED = LensTable(
    "",
    (1.0, 2.5, 8.0, 20.0, 55.0, 146.0, 389.0),
    6000.0,
    20.0,
    measured=False,
    source="indilib/indi-3rdparty#1341",
)
"""For a lens that nobody measured: as counted on an ILCE-6400, whose lens is not told. Span and play are our choice, on
the long side, so that a stop is surely reached."""

KNOWN: tuple[LensTable, ...] = ()
"""Lenses whose steps somebody measured and published with the lens' name: none was found. The one list of sizes that is
public (indilib/indi-3rdparty#1341) names no lens, nor does alpha-fairy."""


def known_table(name: str, tables: Iterable[LensTable] = ()) -> LensTable:
    """The table of the lens `name`: one that was learned, else one that is known, else `ASSUMED` by that name."""
    for table in (*tables, *KNOWN):
        if name and table.name == name:
            return table
    return replace(ASSUMED, name=name)


@dataclass(frozen=True, slots=True)
class Place:
    """Where motor and glass stand, in units from the far stop: 0 <= motor - glass <= backlash. `doubt`: units."""

    motor: float = 0.0
    glass: float = 0.0
    doubt: float = 0.0


AT_FAR_STOP = Place()


def after(table: LensTable, place: Place, code: int) -> Place:
    """Where it stands after the step `code` (below 0 nearer, above 0 farther). At a stop it is known exactly."""
    size = abs(code)
    way = -1.0 if code > 0 else 1.0
    motor = place.motor + way * table.sizes[size - 1]
    if motor + place.doubt <= 0:
        return AT_FAR_STOP
    doubt = place.doubt + table.errors[size - 1]
    motor = min(max(motor, 0.0), table.span + table.backlash)
    return Place(motor, min(max(place.glass, motor - table.backlash), motor), doubt)


def homing(table: LensTable) -> tuple[int, ...]:
    """Steps that reach the far stop from anywhere; the last one finds the lens there already."""
    step, units = table.steps[0]
    count = math.ceil((table.span + table.backlash) / units) + 1
    return (step_code(step, FAR),) * count


def nudge(table: LensTable, units: float) -> tuple[int, ...]:
    """Steps that add up to `units` nearer (below 0: farther), to half of the smallest step; the play is not cared for.

    For a lens whose place is not known.
    """
    return _run(table, abs(units), NEAR if units > 0 else FAR)


def plan(table: LensTable, place: Place, target: float) -> tuple[int, ...]:
    """The steps that bring the glass to `target` (cut to 0 and `reach`), to half of the smallest step."""
    goal = min(max(target, 0.0), table.reach)
    out: tuple[int, ...] = ()
    if place.glass < goal - table.smallest / 2:
        out = _run(table, goal + table.backlash - place.motor, NEAR, beyond=True)
    there = place
    for code in out:
        there = after(table, there, code)
    return (*out, *_run(table, there.motor - goal, FAR))


def _run(table: LensTable, units: float, way: int, beyond: bool = False) -> tuple[int, ...]:
    """Steps of one way that add up to `units`, to half of the smallest step; with `beyond`, to no less than that."""
    left = units
    codes: list[int] = []
    for step, size in table.steps:
        count = int((left + 1e-9) // size) if left > 0 else 0
        codes += [step_code(step, way)] * count
        left -= count * size
    step, size = table.steps[-1]
    if left > (1e-9 if beyond else size / 2):
        codes.append(step_code(step, way))
    return tuple(codes)
