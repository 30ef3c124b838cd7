"""From the press on: release, wait, collection. The handlers of the committed phases. Pure.

Rules 7 to 11: whatever happens, the shutter closes on time and what the camera made of it is fetched; abort, disconnect
and faults change what becomes of the image.
"""

from __future__ import annotations

import math

from indi_sony_py import texts
from indi_sony_py.engine import words
from indi_sony_py.engine.failures import Failures
from indi_sony_py.engine.messages import ExposureProgress, Notice, Role, ShutterMode, Stage
from indi_sony_py.engine.moves import Button, Fetch, Read
from indi_sony_py.engine.phases import Phase
from indi_sony_py.engine.step import (
    EARLY_FETCH_S,
    GRACE_S,
    MAX_FETCHED,
    OPEN_READ_S,
    POLL_S,
    QUIET_S,
    TELL_WAIT_S,
    length,
)
from indi_sony_py.sony.codes import Ctl
from indi_sony_py.texts import Level

__all__ = ["Committed"]


class Committed(Failures):
    """EXPOSING, AWAITING, COLLECTING."""

    def _go_exposing(self) -> None:
        """Rules 7 and 11: the release is due to the millisecond, and nothing may stand in its way."""
        s, job = self.s, self.s.job
        assert job is not None and job.shot is not None
        if s.news and s.settings is not None:
            self._set(news=False)
            bulb_left = job.release_at - self.now if not job.full_up else math.inf
            if self._waits(self._in_memory()) and not job.raw_done and bulb_left > EARLY_FETCH_S:
                return self._do(Fetch())
        if not job.full_up:
            if self.now >= job.release_at:
                return self._do(Button(Ctl.FULL_PRESS, False))
            spare = job.release_at - QUIET_S - self.now
            if self.now >= s.next_read and spare >= OPEN_READ_S:
                self._set(next_read=self.now + POLL_S)
                return self._do(Read(OPEN_READ_S))
            reads = (
                s.next_read
                if spare >= OPEN_READ_S and s.next_read + OPEN_READ_S < job.release_at - QUIET_S
                else math.inf
            )
            return self._sleep(job.release_at, reads)
        if not job.half_up:
            return self._do(Button(Ctl.HALF_PRESS, False))
        if job.shot.mode is ShutterMode.BULB or self.now >= job.open_until:
            limit = self._image_limit(max(self.now, job.open_until))
            self._job(limit=limit)
            self._set(next_read=self.now, news=False)
            self._enter(Phase.AWAITING)
            self._tell(ExposureProgress(job.request.id, Stage.WAITING, "", limit - self.now))
            if s.nr == "on":
                self._tell_wait(words.waiting(s.nr, job.shot))
            return
        if self.now >= s.next_read:
            self._set(next_read=self.now + POLL_S)
            return self._do(Read())
        self._sleep(job.open_until, s.next_read)

    def _go_awaiting(self) -> None:
        """Rule 8: bit 15 alone says that the image is there."""
        s, job = self.s, self.s.job
        assert job is not None and job.shot is not None
        if not s.news:
            return self._read_or_sleep()
        if self._waits(self._in_memory()):
            self._tell(ExposureProgress(job.request.id, Stage.COLLECTING))
            self._enter(Phase.COLLECTING)
            return
        if job.raw_done:
            self._enter(Phase.COLLECTING)
            return
        if self.now > job.open_until + TELL_WAIT_S:
            self._tell_wait(words.late(s.nr, job.shot, self._in_memory() > 0))
        if self.now > job.limit:
            if not self._in_memory() or job.extended:
                return self._no_image()
            # The camera says that it works on it: its noise reduction may have been switched on meanwhile.
            self._job(extended=True, limit=self.now + length(job.shot) + GRACE_S)
        self._set(news=False)
        self._again()

    def _tell_wait(self, text: str) -> None:
        job = self.s.job
        assert job is not None
        if text and text != job.told_wait:
            self._job(told_wait=text)
            self._tell(ExposureProgress(job.request.id, Stage.WAITING, text, job.limit - self.now))

    def _no_image(self) -> None:
        s, job = self.s, self.s.job
        assert job is not None and job.shot is not None and s.settings is not None
        only_jpeg = bool(job.loose)
        text = words.no_image(job.shot, s.settings, only_jpeg, job.foreign, job.apart)
        again = words.is_chance(s.settings, only_jpeg, job.foreign)
        for image in job.loose:
            self._collected(Role.KEPT, image, job.shot, texts.frames.NO_RAW_WITH_IT())
        self._job(loose=())
        if job.over:
            self._tell(Notice(Level.WARNING, text))
        self._end_for_client(text, again, gone=True)
        # A camera that never stirred took no photo; one that did may still come out with it.
        owed = job.stirred and not only_jpeg
        self._set(misses=s.misses + (0 if job.apart else 1), debt=(*s.debt, job.shot) if owed else s.debt)
        self._end_job()

    def _go_collecting(self) -> None:
        """Rule 9: fetch, read, again until bit 15 is clear and everything that belongs together is here."""
        s, job = self.s, self.s.job
        assert job is not None and job.shot is not None
        if not s.news:
            return self._read_or_sleep()
        # While the worker leaves it may be a disk that is missing; that wait ends with the process.
        never = job.fetched >= MAX_FETCHED or (job.empty and self.now >= job.limit and s.leaving is None)
        if self._waits(self._in_memory()) and not never:
            return self._do(Fetch())
        if not job.raw_done:
            return self._no_image() if self._waits(self._in_memory()) else self._enter(Phase.AWAITING)
        missing = job.pair and not job.companions and self.now < job.partner_until
        coming = self._in_memory() != 0 and not never and self.now < job.partner_until + GRACE_S
        if missing or coming:
            self._set(news=False)
            return self._again()
        self._set(misses=0)
        self._end_job()
        # Read behind the last image, and memory was empty: a request that was held goes on from here.
        self._set(news=not self._in_memory())
