"""Live view's way from the worker to the face: the newest frame wins (does I/O: memfd).

Rules kept here:

- One frame is on its way to the face at a time; the next one goes when that was taken. So a slow face, server or client
  sees fewer frames, never old ones, and nothing else queues behind them.
- Of the frames that come meanwhile the newest is kept. One that was not seen is no loss, and nothing is told of it.
- A frame that no memory is found for is left out.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from indi_sony_py.engine.messages import LiveFrame, LiveState, LiveViewStatus
from indi_sony_py.hand.messages import LiveFrameReady, Message

__all__ = ["LiveFrames"]

_log = logging.getLogger(__name__)


class LiveFrames:
    """One thread, the hand's loop, calls it. `send` sends to the face, with a copy of the descriptor, and says whether
    there is one.
    """

    def __init__(self, send: Callable[[Message, int | None], bool]) -> None:
        self._send = send
        self._newest: LiveFrame | None = None
        self._on_its_way = 0
        self._skipped = 0

    def came(self, frame: LiveFrame) -> None:
        """The worker has one more."""
        if self._newest is not None:
            self._skipped += 1
        self._newest = frame
        self._next()

    def taken(self, number: int) -> None:
        """The face is done with this one."""
        if number == self._on_its_way:
            self._on_its_way = 0
            self._next()

    def status(self, report: LiveViewStatus) -> None:
        """What still waits when live view has ended or is paused is not the newest any more."""
        if report.state is not LiveState.ON:
            self._newest, self._skipped = None, 0

    def forget(self) -> None:
        """The face is gone, and what is on its way with it."""
        self._newest = None
        self._on_its_way = self._skipped = 0

    def _next(self) -> None:
        frame = self._newest
        if self._on_its_way or frame is None:
            return
        self._newest = None
        ready = LiveFrameReady(frame.number, len(frame.jpeg), frame.width, frame.height, frame.at, self._skipped)
        try:
            fd = os.memfd_create("indi_sony_py.live", os.MFD_CLOEXEC)
        except OSError as error:
            _log.warning("live view frame %d: %s", frame.number, error)
            return
        try:
            left = memoryview(frame.jpeg)
            while left:
                left = left[os.write(fd, left) :]
            if self._send(ready, fd):
                self._on_its_way, self._skipped = frame.number, 0
        except OSError as error:
            _log.warning("live view frame %d: %s", frame.number, error)
        finally:
            os.close(fd)
