"""What the capture machine learns from failures. Pure.

A failed read may be chance and is tried again; a camera that is gone or silent is opened anew. What had not begun
fails; what is committed is saved when the camera is back. A full press of which nobody knows whether it arrived is
followed through as if it had, and never repeated.
"""

from __future__ import annotations

import math
from dataclasses import replace

from indi_sony_py import texts
from indi_sony_py.engine import adjust
from indi_sony_py.engine.messages import LiveState
from indi_sony_py.engine.moves import (
    Button,
    Close,
    Failed,
    Fetch,
    Io,
    Look,
    Moved,
    Open,
    Read,
    Write,
)
from indi_sony_py.engine.phases import Phase
from indi_sony_py.engine.results import Results
from indi_sony_py.engine.step import (
    BUSY_PATIENCE_S,
    GONE_PATIENCE_S,
    MAX_RELEASES,
    MAX_TROUBLE,
    MAX_UNANSWERED,
    OPEN_AGAIN_S,
    POLL_S,
    RECOVER_S,
    RETRY_S,
    kept,
)
from indi_sony_py.errors import (
    BadData,
    CameraDenied,
    CameraError,
    CameraGone,
    CameraInUse,
    CameraRefused,
    CameraSilent,
    CameraStalled,
    OutsideError,
    advise,
)
from indi_sony_py.sony.codes import Ctl


class Failures(Results):
    """One handler a kind of action."""

    def _failed(self, item: Failed) -> None:
        action, error = item.action, item.error
        self._set(doing=None, news=False, trouble=self.s.trouble + 1)
        match action:
            case Open():
                self._open_failed(error)
            case Close():
                self._closed()
            case Button():
                self._button_failed(item, action, error)
            case Write():
                self._set(next_read=self.now + adjust.POLL_S)
                if isinstance(error, CameraRefused):
                    self._refused_write(error.code)
                else:
                    self._stumble(action, error)
            case Look():
                self._look_failed()
                self._stumble(action, error)
            case Read() | Fetch():
                self._set(next_read=self.now + POLL_S)
                self._stumble(action, error)

    def _refused_write(self, code: int) -> None:
        job, walk = self.s.job, self.s.change_walk
        if self.s.setup_walk is not None:
            self._set(setup_walk=replace(self.s.setup_walk, refused=code))
        elif job is not None and job.walk is not None:
            self._job(walk=replace(job.walk, refused=code))
        elif walk is not None:
            self._set(change_walk=replace(walk, refused=code))

    def _stumble(self, action: Io, error: OutsideError) -> None:
        """Once may be chance; a camera that is gone, or stays silent, must be opened anew."""
        open_bulb = self.s.phase is Phase.EXPOSING and self.s.job is not None and not self.s.job.full_up
        gone = isinstance(error, CameraError) and not isinstance(error, CameraRefused) and not _passing(error)
        if isinstance(error, CameraSilent) and isinstance(action, Read):
            # A bulb is closed in its time; that tells whether the camera still listens.
            gone = not open_bulb and self.s.trouble >= MAX_UNANSWERED
        if gone or (self.s.trouble >= MAX_TROUBLE and not open_bulb):
            self._lose(error)

    def _button_failed(self, item: Failed, action: Button, error: OutsideError) -> None:
        job = self.s.job
        if action.down:
            if isinstance(error, CameraRefused):
                self._fail_job(texts.camera.BUTTON_REFUSED(reason=advise(error)))
                if job is not None and job.half_at is not None:
                    self._job(cancelled=True)
            elif action.control is Ctl.FULL_PRESS and job is not None and job.plan is not None:
                # Nobody knows whether the press arrived: it is followed through as if it had, and never repeated.
                self._pressed(Moved(action.control, True, item.at, item.utc))
                if not _passing(error):
                    self._lose(error)
            else:
                self._lose(error)
            return
        if self.s.phase is Phase.WARMING and isinstance(error, CameraRefused):
            # A body that has no such button cannot hold it down.
            self._set(released=self.s.released + 1, trouble=0)
            return
        # A release can be repeated: one that got lost in a bulb is made good in this session, not after a new one.
        unheard = isinstance(error, CameraSilent) and self.s.trouble < MAX_UNANSWERED
        again = unheard or _passing(error) or isinstance(error, CameraRefused)
        if self.s.trouble >= MAX_RELEASES or not again:
            self._lose(error)

    def _open_failed(self, error: OutsideError) -> None:
        self._enter(Phase.OFFLINE)
        self._set(retry_at=self.now + RETRY_S, camera=None if self.s.job is None else self.s.camera)
        text = advise(error)
        if not self.s.ever_ready and self.s.job is None:
            if self.now < self.s.tried_at + _patience(error):
                self._set(retry_at=self.now + OPEN_AGAIN_S)
                return
            self._set(wished=False)
            self._drop_held(text)
            self._status("offline", text, failed=True)
        elif not isinstance(error, CameraGone):
            self._notice_once(texts.camera.STILL_AWAY, reason=text)

    def _lose(self, error: OutsideError) -> None:
        """The session is lost: what had not begun fails, what is committed is saved when the camera is back."""
        text = advise(error)
        job = self.s.job
        if self.s.phase is Phase.VIEWING:
            self._live_lost()
        self._fail_changes(text)
        if job is not None:
            lost = texts.camera.LOST if job.shot is None else texts.camera.LOST_OPEN
            self._end_for_client(lost(reason=text), again=True)
            if job.shot is None:
                self._set(job=None)
            else:
                self._job(fate=kept(job.fate), full_up=True, half_up=True, stirred=False, interrupted=True)
                self._job(limit=self._image_limit(self.now) + RECOVER_S)
        self._offline(text, failed=True)

    def _closed(self) -> None:
        goes_on = self.s.wished and self.s.leaving is None
        self._offline((texts.camera.OPENED_ANEW if goes_on else texts.camera.CLOSED)(), failed=False)

    def _offline(self, text: str, failed: bool) -> None:
        camera = self.s.camera if self.s.job is not None else None
        # A body that was opened and failed before it was of any use is not tried again without a pause.
        pause_s = RETRY_S if self.s.phase is Phase.WARMING else 0.0
        self._enter(Phase.OFFLINE)
        if self.s.live:
            self._show_live(LiveState.PAUSED)
        self._set(
            doing=None, news=False, camera=camera, settings=None, shown=None, retry_at=self.now + pause_s,
            disconnecting=False, changes=(), change_walk=None, setup_walk=None, restoring=(), trouble=0,
            seen_at=-math.inf, live_since=math.inf,
        )  # fmt: skip
        if not self.s.wished and self.s.job is None:
            self._set(ever_ready=False)
        self._status("offline", text, failed)


def _patience(error: OutsideError) -> float:
    """How long a first connection is tried again after this failure, in seconds from its first try."""
    if isinstance(error, (CameraInUse, CameraDenied)):
        return BUSY_PATIENCE_S
    return GONE_PATIENCE_S if isinstance(error, (CameraGone, CameraSilent, CameraStalled, BadData)) else 0.0


def _passing(error: OutsideError) -> bool:
    """Faults that a second try may well overcome in the same session."""
    return isinstance(error, (CameraStalled, BadData))
