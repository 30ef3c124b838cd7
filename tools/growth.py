"""Whether what a process holds grew from frame to frame. Pure.

Judged are medians of the first and of the last fifth after a warm-up, so that a single reading decides nothing.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Growth", "Reading", "growth"]

_WARM_UP = 0.1
_ALLOWED_MB = 4.0
_ALLOWED_PART = 0.02
_LEAST = 10


@dataclass(frozen=True, slots=True)
class Reading:
    """What a process had when a frame came: resident memory in MB, open descriptors, threads."""

    resident_mb: float
    descriptors: int
    threads: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Medians of one process in the first and in the last fifth after the warm-up, and the most there ever was."""

    first: Reading
    last: Reading
    most: Reading

    @property
    def faults(self) -> tuple[str, ...]:
        """What grew, in words."""
        found = []
        more_mb = self.last.resident_mb - self.first.resident_mb
        if more_mb > max(_ALLOWED_MB, _ALLOWED_PART * self.first.resident_mb):
            found.append(f"memory grew from {self.first.resident_mb:.1f} to {self.last.resident_mb:.1f} MB")
        if self.last.descriptors > self.first.descriptors:
            found.append(f"open descriptors grew from {self.first.descriptors} to {self.last.descriptors}")
        if self.last.threads > self.first.threads:
            found.append(f"threads grew from {self.first.threads} to {self.last.threads}")
        return tuple(found)


def _median(readings: Sequence[Reading]) -> Reading:
    return Reading(
        statistics.median(r.resident_mb for r in readings),
        int(statistics.median(r.descriptors for r in readings)),
        int(statistics.median(r.threads for r in readings)),
    )


def growth(readings: Sequence[Reading]) -> Growth:
    """Of one process, in the order of the frames. `ValueError` below 10 readings."""
    if len(readings) < _LEAST:
        raise ValueError("too few frames to judge growth")
    settled = readings[int(_WARM_UP * len(readings)) :]
    part = max(1, len(settled) // 5)
    most = Reading(
        max(r.resident_mb for r in readings), max(r.descriptors for r in readings), max(r.threads for r in readings)
    )
    return Growth(_median(settled[:part]), _median(settled[-part:]), most)
