"""Requests and reports about the lens: what crosses threads and processes of a focus move. Frozen, plain values.

Positions are in steps of size 1 from the far stop, as in `focustable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from indi_sony_py.engine.focustable import LensTable

__all__ = ["FocusEnded", "FocusReport", "LensKept", "MoveFocus", "StopFocus", "To", "UseLens"]


class To(Enum):
    """What the number of a move means."""

    PLACE = "place"
    """A position; a lens whose place is not known is driven to the far stop first."""
    NEARER = "nearer"
    """So many units nearer, below 0 farther."""
    FAR_STOP = "far stop"
    """As far as it goes, so that its place is known."""
    STEPS = "steps"
    """So many steps of one size nearer, below 0 farther, whatever they are worth: for measuring them."""
    HERE = "here"
    """Nothing moves: the lens is said to stand at this position."""


@dataclass(frozen=True, slots=True)
class MoveFocus:
    """Move the lens, between exposures. `id` comes back in `FocusEnded`; a newer one takes the place of one that waits
    or is under way. `size`: of the steps, for `To.STEPS`."""

    id: int
    to: To = To.PLACE
    units: float = 0.0
    size: int = 1


@dataclass(frozen=True, slots=True)
class StopFocus:
    """Leave the lens where it is; nothing that waits is moved any more."""


@dataclass(frozen=True, slots=True)
class UseLens:
    """Take this table for the lens of its name, and keep it. The place of that lens is not known any more."""

    table: LensTable


@dataclass(frozen=True, slots=True)
class FocusReport:
    """The lens, when something of it changed. `ready`: a move has a chance; `text` says why it has none.

    `there`: the camera has a lens that it can drive, as far as it says so; now or when auto-focus is off again.
    `place` is None while nobody knows it; `limit`: the nearest place that a move can end at; `doubt`: how wrong the
    place may be. `measured`: the sizes of its steps were counted on a lens of this name. `table`: that is counted with.
    """

    lens: str = ""
    ready: bool = False
    text: str = ""
    moving: bool = False
    place: float | None = None
    limit: float = 0.0
    doubt: float = 0.0
    measured: bool = False
    there: bool = False
    table: LensTable | None = None


@dataclass(frozen=True, slots=True)
class FocusEnded:
    """The end of a `MoveFocus`. `ok`: every step was taken; else `text` says why not. `place` as in `FocusReport`."""

    id: int
    ok: bool
    place: float | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class LensKept:
    """A table that is to outlive this process; for the hand, which keeps it in a file."""

    table: LensTable
