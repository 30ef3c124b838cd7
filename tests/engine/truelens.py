"""A lens as it is, for tests of what is counted: nobody asks it where it stands but the test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class TrueLens:
    """Glass and motor from the far stop, in steps of size 1; the glass follows with some play."""

    sizes: tuple[float, ...]
    span: float
    play: float = 0.0
    motor: float = 0.0
    glass: float = 0.0

    def step(self, code: int) -> bool:
        """Whether the glass moved."""
        before = self.glass
        way = -1 if code > 0 else 1
        self.motor = min(max(self.motor + way * self.sizes[abs(code) - 1], 0.0), self.span + self.play)
        self.glass = min(max(self.glass, self.motor - self.play), self.motor)
        return abs(self.glass - before) > 1e-9

    def steps(self, codes: Iterable[int]) -> None:
        for code in codes:
            self.step(code)


B52 = (1.0, 2.5, 8.0, 20.0, 55.0, 146.0, 389.0)
"""The sizes of record B52 (indilib/indi-3rdparty#1341)."""
THREE = (1.0, 0.0, 9.0, 0.0, 0.0, 0.0, 80.0)
"""Only 1, 3 and 7 move it (alpha-fairy)."""
TELE = (1.0, 3.0, 10.0, 24.0, 62.0, 150.0, 405.0)
"""As the simulated 200-600 mm lens."""
EVEN = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
