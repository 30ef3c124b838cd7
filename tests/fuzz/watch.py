"""One input under watch: which error left the decoder, how many calls and how much memory it took.

Calls are counted by `sys.setprofile`: no clock is asked, so the same input always gives the same answer, and a decoder
that never ends is ended.
"""

from __future__ import annotations

import sys
import traceback
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tests.fuzz.target import Target

__all__ = ["Finding", "TooManyCalls", "tried", "tried_within_bounds"]

_ROOT = Path(__file__).resolve().parents[2]


class TooManyCalls(BaseException):
    """The bound was reached: not an Exception, so that no decoder can catch it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What must not have happened. `where` tells two findings apart."""

    kind: str
    where: str
    text: str


def _where(error: BaseException) -> str:
    """The innermost lines within the project."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(_ROOT)]
    return " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames[-4:]))


def tried(target: Target, data: bytes) -> Finding | None:
    """Run one input; None if all was well, a documented error included."""
    try:
        target.run(data)
    except target.documented:
        return None
    except (Exception, TooManyCalls, RecursionError) as error:
        return Finding(type(error).__name__, _where(error), f"{type(error).__name__}: {str(error)[:300]}")
    return None


@contextmanager
def _counted(limit: int) -> Iterator[None]:
    left = limit

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            sys.setprofile(None)
            raise TooManyCalls(f"more than {limit} calls and returns")

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)


def tried_within_bounds(target: Target, data: bytes, memory: bool = False) -> Finding | None:
    """As `tried`, and within the target's bounds for calls; `memory`: for memory too (slower)."""
    base, each = target.calls
    if memory:
        tracemalloc.start()
    try:
        with _counted(2 * (base + each * len(data))):
            found = tried(target, data)
        peak = tracemalloc.get_traced_memory()[1] if memory else 0
    finally:
        if memory:
            tracemalloc.stop()
    limit = target.memory[0] + target.memory[1] * len(data)
    if found is None and peak > limit:
        return Finding("memory", target.name, f"{peak} bytes for an input of {len(data)}, {limit} are allowed")
    return found
