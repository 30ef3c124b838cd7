"""How an image comes out of the camera, and who is told meanwhile. It does the camera's I/O, in the worker's thread.

Rules kept here:

- An image that nobody has memory or a disk for is not begun: half a transfer would cost the session.
- One that takes longer than there is time until a release stays until after it (rule 11).
- Its bytes land in one place. Where it is certainly the answer of a running exposure, others hear of them as they come
  (`Coming`, `Grown`), and in the end in any case: `Collected`, or `Lost`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from indi_sony_py import texts
from indi_sony_py.clock import Clock, Deadline
from indi_sony_py.engine.arrival import Coming, Grown, Lost, Told
from indi_sony_py.engine.images import answers
from indi_sony_py.engine.messages import Collected, ExposureProgress, Notice, Role, Stage
from indi_sony_py.engine.moves import Empty, FileFacts, Image
from indi_sony_py.engine.state import Fate, State
from indi_sony_py.engine.step import QUIET_S
from indi_sony_py.ptp.data import ObjectInfo
from indi_sony_py.ptp.landing import Landing
from indi_sony_py.sony.session import Session
from indi_sony_py.transport.base import Progress

__all__ = ["Fetcher", "Inspect", "Room"]


class Inspect(Protocol):
    """Reads what a file says of itself; never raises.

    Only the first `arrived` bytes may be there yet: then None where more are needed to tell.
    """

    def __call__(self, data: bytes | bytearray | memoryview, arrived: int | None = None) -> FileFacts | None: ...


Room = Callable[[int, str], str]
"""Whether a disk takes an image of so many bytes, asked for in this folder ("" if in none): "", or why none does."""

INFO_S = 5.0
FETCH_STALL_S = 30.0
SLOWEST_BYTES_S = 500_000
"""A transfer is given the time that this speed needs (USB 2 to a busy Raspberry Pi is some 20 times as fast)."""
TELL_FETCH_S = 5.0
"""So often it is told how far a transfer is."""
STEP_BYTES = 1 << 19
"""After so many bytes more it is said that they are there, and after half of those that are left."""


class Fetcher:
    """The worker's way to an image. `room`, `inspect`: as named above."""

    def __init__(
        self, clock: Clock, report: Callable[[Told], None], inspect: Inspect, room: Room, log: logging.Logger
    ) -> None:
        self._clock, self._report, self._inspect, self._room, self._log = clock, report, inspect, room, log
        self._staying = ""

    def fetch(self, camera: Session, state: State, shutter_open: bool) -> Image | Empty:
        """The oldest waiting image. Raises as the session does."""
        info = camera.object_info(Deadline.after(self._clock, INFO_S))
        if info is None or self._stays(info, state):
            return Empty()
        landing = self._landing(info)
        limit_s = FETCH_STALL_S + info.size / SLOWEST_BYTES_S
        if landing is None or (shutter_open and not self._ends_before_release(limit_s, state)):
            return Empty()
        coming = _expected(info, landing, state)
        if coming is not None:
            self._report(Coming(coming))
        follower = None if coming is None else _Follower(landing, self._report, self._inspect)
        progress = self._progress_of(info, limit_s, state, follower)
        try:
            data = camera.image(Deadline.after(self._clock, limit_s), progress, landing)
        except BaseException:
            if coming is not None:
                self._report(Lost())
            raise
        self._log.info("fetched %s, %d bytes", info.name, len(data))
        as_announced = data is landing.view
        if not as_announced:
            # The camera does not have it any more, whatever it is.
            self._log.warning("%s: %d bytes were announced", info.name, info.size)
            if coming is not None:
                self._report(Lost())
        facts = follower.facts if follower is not None and as_announced else None
        return Image(info.name, info.format, info.sequence, data, facts or self._inspect(data) or FileFacts())

    def _progress_of(self, info: ObjectInfo, limit_s: float, state: State, follower: _Follower | None) -> Progress:
        """Says now and then how far a long transfer is, to who waits for the exposure; what is there, to who works."""
        began = self._clock.monotonic()
        last = began

        def progress(received: int) -> None:
            nonlocal last
            if follower is not None:
                follower.look()
            now, job = self._clock.monotonic(), state.job
            if job is None or job.over or now - last < TELL_FETCH_S:
                return
            last = now
            text = texts.exposure.FETCHING(name=info.name, megabytes=received / 1e6, of_megabytes=info.size / 1e6)
            stage = Stage.PREPARING if job.shot is None else Stage.COLLECTING
            self._report(ExposureProgress(job.request.id, stage, text, began + limit_s - now))

        return progress

    def _ends_before_release(self, seconds: float, state: State) -> bool:
        """Whether what takes so long at the most stands in the way of no release (rule 11); else it comes after it."""
        job = state.job
        return job is None or self._clock.monotonic() + seconds <= job.release_at - QUIET_S

    def _landing(self, info: ObjectInfo) -> Landing | None:
        """Memory for it; None where there is none now: half a transfer would cost the session, so it stays."""
        try:
            return Landing(info.size)
        except (OSError, ValueError, OverflowError):
            if self._staying != info.name:
                self._staying = info.name
                row = texts.frames.TOO_LARGE
                self._report(Notice(row.level, row(name=info.name, megabytes=info.size / 1e6)))
            return None

    def _stays(self, info: ObjectInfo, state: State) -> bool:
        """Whether it is safer in the camera: nobody is there to take it, and no disk. Each look asks again."""
        job = state.job
        if state.leaving is None or (job is not None and job.fate is Fate.DROP):
            return False
        why = self._room(info.size, job.shot.request.folder if job is not None and job.shot is not None else "")
        if why and self._staying != info.name:
            self._staying = info.name
            row = texts.frames.STAYS_IN_CAMERA
            self._report(Notice(row.level, row(name=info.name, reason=why)))
        return bool(why)


class _Follower:
    """Says of `landing` how far it is, and looks into the head once it is there: less is left for the end.

    It goes by what has landed: a transfer that goes on where an earlier one stopped lands where that one did.
    """

    def __init__(self, landing: Landing, report: Callable[[Told], None], inspect: Inspect) -> None:
        self._landing, self._report, self._inspect = landing, report, inspect
        self._told = 0
        self._look_at = STEP_BYTES
        self.facts: FileFacts | None = None

    def look(self) -> None:
        arrived = len(self._landing)
        if arrived > self._told and arrived - self._told >= min(STEP_BYTES, (self._landing.size - self._told) // 2):
            self._told = arrived
            self._report(Grown(arrived))
        if self.facts is None and arrived >= self._look_at:
            self._look_at = 2 * arrived
            self.facts = self._inspect(self._landing.view, arrived)


def _expected(info: ObjectInfo, landing: Landing, state: State) -> Collected | None:
    """What will most likely be collected; None for what is not the plain answer of an exposure of this process."""
    job, camera = state.job, state.camera
    if job is None or job.shot is None or camera is None or job.over or job.raw_done or job.apart:
        return None
    if job.fate is not Fate.DELIVER or not answers(Image(info.name, info.format, info.sequence, b""), job.request):
        return None
    return Collected(Role.FRAME, info.name, info.format, landing.view, job.shot, camera.identity)
