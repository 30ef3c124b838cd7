"""What is said of an image while it comes out of the camera, for who works on it before it is whole. Frozen reports.

They never go over the pair. Nothing depends on them: whoever does not listen gets the image all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from indi_sony_py.engine.messages import Collected, Report

__all__ = ["Arrival", "Coming", "Grown", "Lost", "Told"]


@dataclass(frozen=True, slots=True)
class Coming:
    """The memory of an image begins to fill: most likely it will be `expected`. It is in nobody's hands yet."""

    expected: Collected


@dataclass(frozen=True, slots=True)
class Grown:
    """So many bytes of what is coming are there, from the first on; they stay as they are."""

    arrived: int


@dataclass(frozen=True, slots=True)
class Lost:
    """What was coming does not come."""


Arrival = Coming | Grown | Lost
Told = Report | Arrival
"""All that a worker reports."""
