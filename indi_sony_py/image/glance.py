"""The facts that a frame shows at a glance. No numpy here: these cross processes and stand in the record of a night."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BINS", "SOFT", "Glance"]

BINS = 64
SOFT = 16.0
"""The axis of a histogram: asinh(ADU above black / SOFT), in `BINS` equal parts up to white. A stop is as wide as the
next, except at the black end, where noise lies."""


@dataclass(frozen=True, slots=True)
class Glance:
    """`stars`: how many, None where none were looked for; `hfr`: the median half-flux radius, pixels of the picture.

    `median`: of the red, green and blue pixels, ADU; `full`: how many pixels are saturated. `histogram`: pixels of each
    colour in each bin; a grey picture has the same three times.
    """

    width: int
    height: int
    stars: int | None
    hfr: float | None
    median: tuple[int, int, int]
    black: int
    white: int
    full: int
    histogram: tuple[tuple[int, ...], ...]
