"""Which frames are looked at, and when (keeps descriptors; the looking is `hand.looker`'s).

Rules kept here:

- A frame is looked at when it is in other hands: as a file, or delivered. Nothing of it waits for that.
- One at a time. Of the frames that come meanwhile the newest waits, the others are not looked at: a look never becomes
  a queue, and at most one frame's memory is kept for it beside the one under way.
- What fails here is logged and fails here alone.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from indi_sony_py.clock import Clock
from indi_sony_py.engine.messages import Expose, ExposureRequest, Role
from indi_sony_py.hand.looker import LookJob
from indi_sony_py.hand.messages import Declined, Delivered, FrameReady, FrameSaved, Looked, Message
from indi_sony_py.hand.nights import Nights

__all__ = ["LOOKED_AT", "Looks"]

_MOST = 32
LOOKED_AT = (".fits", ".xisf", ".arw")
"""Endings of files that can be looked at."""
_PREVIEW = "_preview"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Offered:
    exposure_id: int
    fd: int


class Looks:
    """Of one camera. One thread, the hand's loop, calls it.

    `memory(frame_id)` gives the descriptor of a frame as it was developed, unpacked, and its suffix; None where it has
    no memory. `submit` queues a job: its descriptor goes with it.
    """

    def __init__(
        self,
        clock: Clock,
        nights: Nights,
        memory: Callable[[int], tuple[int, str] | None],
        submit: Callable[[LookJob], None],
    ) -> None:
        self._clock = clock
        self._nights = nights
        self._memory = memory
        self._submit = submit
        self._wished: dict[int, ExposureRequest] = {}
        self._offered: dict[int, _Offered] = {}
        self._busy = False
        self._waiting: LookJob | None = None

    def overheard(self, message: Message) -> None:
        """A message in either direction."""
        try:
            match message:
                case Expose(request) if request.look != "off":
                    self._wish(request)
                case FrameSaved() if message.exposure_id in self._wished and message.role in (Role.FRAME, Role.KEPT):
                    self._saved(message.frame_id, message.exposure_id, message.path)
                case FrameReady() if message.exposure_id in self._wished:
                    self._keep(message.frame_id, message.exposure_id)
                case Delivered(frame_id):
                    self._delivered(frame_id)
                case Declined(frame_id):
                    self._drop(frame_id)
                case Looked():
                    self._done()
                case _:
                    pass
        except Exception:
            _log.warning("a frame cannot be looked at", exc_info=True)

    def close(self) -> None:
        """Let go of all memory."""
        for frame_id in list(self._offered):
            self._drop(frame_id)
        if self._waiting is not None:
            self._waiting.close()
            self._waiting = None

    def _wish(self, request: ExposureRequest) -> None:
        self._wished[request.id] = request
        while len(self._wished) > _MOST:
            del self._wished[next(iter(self._wished))]

    def _saved(self, frame_id: int, exposure_id: int, path: str) -> None:
        self._drop(frame_id)
        request = self._wished.pop(exposure_id)
        if path.lower().endswith(LOOKED_AT):
            file = Path(path)
            preview = str(file.with_name(file.stem + _PREVIEW)) if request.look == "save" else ""
            self._want(self._job(request, path=path, preview=preview))

    def _keep(self, frame_id: int, exposure_id: int) -> None:
        """The memory of a frame that is on its way to the client, until it is there."""
        found = self._memory(frame_id)
        if found is None or found[1] not in LOOKED_AT:
            return
        while self._offered:
            self._drop(next(iter(self._offered)))
        self._offered[frame_id] = _Offered(exposure_id, os.dup(found[0]))

    def _delivered(self, frame_id: int) -> None:
        offered = self._offered.pop(frame_id, None)
        if offered is not None:
            self._want(self._job(self._wished.pop(offered.exposure_id), fd=offered.fd))

    def _drop(self, frame_id: int) -> None:
        offered = self._offered.pop(frame_id, None)
        if offered is not None:
            os.close(offered.fd)

    def _done(self) -> None:
        """The look under way has ended, well or not."""
        self._busy = False
        job, self._waiting = self._waiting, None
        if job is not None:
            self._want(job)

    def _job(self, request: ExposureRequest, fd: int | None = None, path: str = "", preview: str = "") -> LookJob:
        picture = self._nights.picture(self._clock.utc(), request.id)
        stars = request.frame_type == "Light"
        return LookJob(request.id, fd, path, stars, "" if picture is None else str(picture), preview)

    def _want(self, job: LookJob) -> None:
        if not self._busy:
            self._busy = True
            self._submit(job)
            return
        if self._waiting is not None:
            self._waiting.close()
        self._waiting = job
