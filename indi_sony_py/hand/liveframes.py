"""Live view's way from the worker to the face: the newest frame wins (does I/O: memfd).

Rules kept here:

- One frame is on its way to the face at a time; the next one goes when that was taken. So a slow face, server or client
  sees fewer frames, never old ones, and nothing else queues behind them.
- Of the frames that come meanwhile the newest is kept. One that was not seen is no loss, and nothing is told of it.
- The camera's own JPEG goes as it is. Pixels, or a part, are made by a thread of their own, one frame at a time.
- A recording gets every frame that is taken at all (`StreamForm.every`, `apart_s`), whatever the face gets.
- A frame that no memory is found for is left out.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from indi_sony_py.engine.messages import LiveFrame, LiveState, LiveViewStatus
from indi_sony_py.hand.livedecoder import Decoded, DecodeJob, memory_of
from indi_sony_py.hand.messages import LiveFrameReady, Message, StreamForm

__all__ = ["LiveFrames"]

SLACK_S = 0.01
"""A frame may come so much too early for a rate: the camera's own 30 a second are not to become 15."""
_log = logging.getLogger(__name__)


class _Rate:
    """At most one frame each period, on the average. Monotonic seconds, of frames."""

    def __init__(self) -> None:
        self._due = float("-inf")

    def lets(self, at: float, period_s: float) -> bool:
        """Whether this one may pass; if so, the next one is due a period later."""
        if at + SLACK_S < self._due:
            return False
        self._due = max(self._due + period_s, at + period_s - SLACK_S)
        return True


class LiveFrames:
    """One thread, the hand's loop, calls it. `send` sends to the face, with a copy of the descriptor, and says whether
    there is one; `decode` has a job done, whose result comes to `decoded`; `record` is given each frame that is taken;
    `tell` takes a text for the user.
    """

    def __init__(
        self,
        send: Callable[[Message, int | None], bool],
        decode: Callable[[DecodeJob], None],
        record: Callable[[LiveFrame], None],
        tell: Callable[[str], None],
    ) -> None:
        self._send = send
        self._decode = decode
        self._record = record
        self._tell = tell
        self._form = StreamForm()
        self._newest: LiveFrame | None = None
        self._on_its_way = 0
        self._skipped = 0
        self._count = 0
        self._taken_rate, self._sent_rate = _Rate(), _Rate()
        self._told = ""

    # --- the face ---------------------------------------------------------------------------------------------------

    def shape(self, form: StreamForm) -> None:
        """How frames are wanted from now on."""
        if form != self._form:
            self._taken_rate, self._sent_rate = _Rate(), _Rate()
            self._told = ""
        self._form = form
        if not form.wanted:
            self._newest, self._skipped = None, 0

    def taken(self, number: int) -> None:
        """The face is done with this one."""
        if number == self._on_its_way:
            self._on_its_way = 0
            self._next()

    def forget(self) -> None:
        """The face is gone, and what is on its way with it."""
        self._form = StreamForm()
        self._newest = None
        self._on_its_way = self._skipped = 0

    def forget_way(self) -> None:
        """What was being made for the face will not come."""
        self._on_its_way = 0
        self._next()

    # --- the camera -------------------------------------------------------------------------------------------------

    def came(self, frame: LiveFrame) -> None:
        """The worker has one more."""
        self._count += 1
        form = self._form
        if self._count % form.every or not self._taken_rate.lets(frame.at, form.apart_s):
            return
        self._record(frame)
        if not form.wanted:
            return
        if self._newest is not None:
            self._skipped += 1
        self._newest = frame
        self._next()

    def status(self, report: LiveViewStatus) -> None:
        """What still waits when live view has ended or is paused is not the newest any more."""
        if report.state is not LiveState.ON:
            self._newest, self._skipped = None, 0

    def decoded(self, result: Decoded) -> None:
        """The decoder is done with a frame. The descriptor is taken over."""
        number = result.frame.number
        try:
            if self._on_its_way != number:
                return
            if result.fd is None:
                self._on_its_way = 0
                self._fail(result.error)
                return
            self._go(result.frame, result.fd, result)
        finally:
            if result.fd is not None:
                os.close(result.fd)

    # --- steps ------------------------------------------------------------------------------------------------------

    def _next(self) -> None:
        frame, form = self._newest, self._form
        if self._on_its_way or frame is None or not self._sent_rate.lets(frame.at, 1 / form.most_per_s):
            return
        self._newest = None
        if form.raw or form.part is not None:
            self._on_its_way = frame.number
            self._decode(DecodeJob(frame, form.raw, form.part))
            return
        try:
            fd = memory_of(frame.jpeg)
        except OSError as error:
            _log.warning("live view frame %d: %s", frame.number, error)
            return
        try:
            self._go(frame, fd, None)
        finally:
            os.close(fd)

    def _go(self, frame: LiveFrame, fd: int, made: Decoded | None) -> None:
        size = (frame.width, frame.height)
        ready = (
            LiveFrameReady(frame.number, len(frame.jpeg), *size, frame.at, self._skipped, whole=size)
            if made is None
            else LiveFrameReady(
                frame.number, made.length, made.width, made.height, frame.at, self._skipped, made.format, size
            )
        )
        sent = self._send(ready, fd)
        self._on_its_way = frame.number if sent else 0
        if sent:
            self._skipped = 0

    def _fail(self, why: str) -> None:
        """The same reason is told once."""
        if why != self._told:
            self._told = why
            self._tell(why)
