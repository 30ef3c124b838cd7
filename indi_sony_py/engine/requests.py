"""What the capture machine does with requests: they leave marks, and the handlers of the phases act on them. Pure.

An abort is answered at once; the camera is followed through all the same (camera rule 10). One request is held while
the camera finishes the one before.
"""

from __future__ import annotations

from dataclasses import replace

from indi_sony_py import texts
from indi_sony_py.engine import words
from indi_sony_py.engine.focustable import unusable
from indi_sony_py.engine.liveview import LiveWish
from indi_sony_py.engine.messages import (
    Aborted,
    Change,
    ChangeResult,
    Connect,
    Expose,
    ExposureFailed,
    ExposureHeld,
    Leave,
    Observed,
    ShutterMode,
)
from indi_sony_py.engine.phases import Phase
from indi_sony_py.engine.state import Fate
from indi_sony_py.engine.step import HELD_OFFLINE_S, kept

MAX_CHANGES = 8
"""So many changes of settings wait for their turn, one after the other: a client may ask for thousands."""


class Requests(LiveWish):
    """One handler a request."""

    def _connect(self, item: Connect) -> None:
        if item.setup != self.s.setup or not self.s.wished or self.s.restoring:
            self._set(setup_due=item.setup != "leave")
        known = {(c.model, c.serial, c.version, c.code) for c in self.s.changed}
        fresh = (c for c in item.changed if (c.model, c.serial, c.version, c.code) not in known)
        self._set(setup=item.setup, changed=(*self.s.changed, *fresh))
        if item.lenses:
            self._set(lenses=tuple(table for table in item.lenses if not unusable(table)))
        self._set(wished=True, force_200=item.force_200, disconnecting=False, retry_at=self.now)
        if not self.s.ever_ready:
            self._set(tried_at=self.now)
        if item.owed is not None:
            by = item.owed_by
            self._set(owed=item.owed, serial=self.s.serial or by.serial, model=self.s.model or by.model)
        if self.s.phase not in (Phase.OFFLINE, Phase.OPENING, Phase.CLOSING):
            self._status("warming" if self.s.warming else "ready")
            if self.s.shown is not None:
                self._tell(self.s.shown)

    def _disconnect(self) -> None:
        self._set(wished=False)
        self._end_live()
        self._drop_held(texts.camera.DISCONNECTING())
        self._fail_changes(texts.camera.DISCONNECTING())
        job = self.s.job
        if job is not None:
            open_ = job.shot is not None
            self._end_for_client((texts.exposure.DISCONNECTED_OPEN if open_ else texts.exposure.DISCONNECTED)())
            self._job(cancelled=True) if job.shot is None else self._job(fate=kept(job.fate))
        if self.s.phase is Phase.OFFLINE:
            self._status("offline", texts.camera.CLOSED())
        else:
            self._set(disconnecting=True)

    def _leave(self, item: Leave) -> None:
        self._set(leaving=item)
        self._end_live()
        self._drop_held(texts.camera.DRIVER_LEAVES())
        self._fail_changes(texts.camera.DRIVER_LEAVES())
        job = self.s.job
        if job is not None and item.close_now:
            if job.shot is None:
                self._job(cancelled=True)
            elif not job.full_up:
                self._job(release_at=self.now, fate=kept(job.fate))

    def _expose(self, item: Expose) -> None:
        s, request = self.s, item.request
        leads = bool(item.after) and s.job is not None and s.job.request.id == item.after
        if s.leaving is not None or s.disconnecting or not (s.wished or s.camera):
            self._tell(ExposureFailed(request.id, texts.camera.NOT_CONNECTED()))
            return
        if s.held is not None:
            self._tell(ExposureFailed(s.held.id, texts.exposure.REPLACED()))
        if s.job is not None and not s.job.over and not leads:
            self._abort_job()
        busy = self.s.job is not None or s.phase is not Phase.IDLE
        self._set(
            held=request, held_until=self.now + HELD_OFFLINE_S, held_after=item.after,
            changes_first=len(self.s.changes),
        )  # fmt: skip
        if busy and not leads:
            self._tell(ExposureHeld(request.id, self._busy_text()))

    def _observed(self, item: Observed) -> None:
        """For a request that still waits; what comes after the press is too late to be true of the frame."""
        job, held = self.s.job, self.s.held
        if held is not None and held.id == item.id:
            self._set(held=replace(held, observatory=item.observatory))
        elif job is not None and job.shot is None and job.request.id == item.id:
            self._job(request=replace(job.request, observatory=item.observatory))

    def _abort(self) -> None:
        held = self.s.held
        job = self.s.job
        if held is not None:
            self._set(held=None)
            self._tell(Aborted(held.id, texts.exposure.ABORTED_HELD()))
        if job is not None and not job.over:
            self._abort_job()
        elif held is None:
            self._tell(Aborted(0, texts.exposure.NOTHING_TO_ABORT(), self._busy_s()))

    def _withdraw(self, exposure_id: int) -> None:
        """This exposure need not be any more; one whose shutter has opened goes on."""
        held, job = self.s.held, self.s.job
        if held is not None and held.id == exposure_id:
            self._set(held=None)
        elif job is not None and job.request.id == exposure_id and job.shot is None and not job.over:
            self._job(over=True, cancelled=True)
        else:
            return
        self._tell(Aborted(exposure_id, ""))

    def _abort_job(self) -> None:
        """Before the press it never happens; after it the camera is followed through, and the image's fate changes."""
        job = self.s.job
        assert job is not None
        self._job(over=True)
        if job.shot is None:
            self._job(cancelled=True)
            self._tell(Aborted(job.request.id, texts.exposure.ABORTED_EARLY()))
        elif self.now < job.open_until and not (job.shot.mode is ShutterMode.BULB and job.full_up):
            self._job(fate=Fate.DROP, shot=replace(job.shot, aborted=True))
            if job.shot.mode is ShutterMode.BULB:
                self._job(release_at=self.now)
            self._tell(Aborted(job.request.id, words.aborted_open(job.shot.mode, self._busy_s()), self._busy_s()))
        else:
            self._job(fate=Fate.KEEP)
            self._tell(Aborted(job.request.id, texts.exposure.ABORTED_LATE(), self._busy_s()))

    def _change(self, item: Change) -> None:
        if self.s.camera is None or self.s.disconnecting or self.s.leaving is not None:
            self._tell(ChangeResult(item.name, False, None, texts.camera.NOT_CONNECTED()))
            return
        changes = self.s.changes
        if len(changes) >= MAX_CHANGES:
            # Those that wait give way to a newer one of their kind without a word: who asked waits for the newest.
            changes = (changes[0], *(change for change in changes[1:] if change.name != item.name))
        self._set(changes=(*changes, item))

    def _hint(self) -> None:
        """An event shortens a wait; during an exposure nothing may (rule 11)."""
        if self.s.phase in (Phase.IDLE, Phase.DRAINING, Phase.AWAITING, Phase.COLLECTING):
            self._set(next_read=min(self.s.next_read, max(self.now, self.s.settings_at + 0.05)))
