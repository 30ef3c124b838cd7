"""A program that ends what it started before it leaves, also when it is interrupted. Sets signal handlers."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType

__all__ = ["interruptible"]


def interruptible(main: Callable[[], int], name: str) -> int:
    """`main`; after SIGINT or SIGTERM everything that was started is ended first, then 130 or 143 is returned."""
    came: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        if not came:
            came.append(number)
            raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        status = main()
    except KeyboardInterrupt:
        status = 1
    if came:
        print(f"{name}: interrupted; nothing is left running", file=sys.stderr)
        return 128 + came[0]
    return status
