"""What every handler of the capture machine works with: the state as it becomes, the actions, and the rules' numbers.

Numbers are seconds unless their names say otherwise; each is named after the camera rule that it belongs to.
"""

from __future__ import annotations

import math
from dataclasses import replace

from indi_sony_py.engine import adjust, night, words
from indi_sony_py.engine.messages import (
    CameraStatus,
    Changed,
    ChangeResult,
    Collected,
    ExposureFailed,
    Identity,
    Notice,
    Report,
    Role,
    SetupKept,
    Shot,
    ShutterMode,
)
from indi_sony_py.engine.moves import Action, Image, Io, Read, Tell
from indi_sony_py.engine.phases import COMMITTED, NEXT, Phase
from indi_sony_py.engine.state import Fate, State
from indi_sony_py.errors import RuleBroken
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.values import image_waits
from indi_sony_py.texts import Text

WARM_UP_S = 3.0
WARM_POLL_S = 0.25
IDLE_POLL_S = 1.0
POLL_S = 0.2
"""Also while the shutter is open: an image that is ready before ours can be is somebody else's, if it is seen soon."""
FIRST_LOOK_S = 0.2
"""From the full press to the first look: memory that is empty then, and not soon after, tells of a foreign photo."""
FOCUS_POLL_S = 0.1
FRESH_S = 0.5
"""The settings that the press relies on are at most this old."""
MAX_SLOW = 3
"""So many answers that come too late are asked for again; a camera that is never quicker counts from the answer on."""
VERIFY_S = 0.3
"""A written value is looked at again after this, for it may fall back (gphoto2#392)."""
FOCUS_MIN_S = 0.5
FOCUS_MAX_S = 5.0
TIMED_HOLD_S = 0.1
QUIET_S = 0.5
"""No transaction may reach into the last so many seconds of a bulb (rule 11)."""
OPEN_READ_S = 3.0
EARLY_FETCH_S = 60.0
"""An image that shows up during a bulb is fetched only if so much time is left: a large file takes its time."""
GRACE_S = 30.0
TELL_WAIT_S = 2.0
"""An image that takes longer than this after its exposure: the user is told what for."""
NR_FROM_S = 1.0
"""Bodies make a dark frame from about this exposure on: a shorter file does not tell whether it is switched on."""
DRAIN_S = 90.0
PARTNER_S = 5.0
RETRY_S = 3.0
HELD_OFFLINE_S = 120.0
"""Ekos waits 180 s longer than the exposure; its second and third request then outlast a change of the battery."""
OPEN_AGAIN_S = 0.5
GONE_PATIENCE_S = 12.0
"""Bodies that boot their remote mode anew in the handshake are back after some seconds (indigo#271)."""
BUSY_PATIENCE_S = 3.0
"""A volume monitor looks at a camera that was plugged in, and udevd sets its rights: both are over soon."""
MAX_UNANSWERED = 2
"""So many looks at the settings in a row go without an answer until the session is opened anew."""
ADJUST_MAX_S = 180.0
MAX_TROUBLE = 3
MAX_RELEASES = 8
MAX_FETCHED = 500
MAX_MISSES = 2
"""After so many exposures without an image the session is opened anew."""
RECOVER_S = 60.0
LONG_NR_S = 150.0
"""Ekos gives an image up 180 s after the exposure; with the body's own dark frame a longer exposure comes too late."""


LOW_CHARGES = (20, 10)
"""Percent; the battery is told of once at each."""


class Step:
    """One call of the machine. It lives no longer than the call."""

    def __init__(self, state: State, now: float) -> None:
        self.s = state
        self.now = now
        self.out: list[Action] = []
        self._restless = False

    def _set(self, **changes: object) -> None:
        if any(getattr(self.s, name) is not value for name, value in changes.items()):
            self.s = self.s.but(**changes)

    def _job(self, **changes: object) -> None:
        job = self.s.job
        assert job is not None
        if any(getattr(job, name) != value for name, value in changes.items()):
            self._set(job=replace(job, **changes))  # type: ignore[arg-type]

    def _tell(self, report: Report) -> None:
        self.out.append(Tell(report))

    def _notice(self, row: Text, /, **fields: object) -> None:
        self._tell(Notice(row.level, row(**fields)))

    def _notice_once(self, row: Text, /, **fields: object) -> None:
        self._say_once(Notice(row.level, row(**fields)))

    def _say_once(self, notice: Notice) -> None:
        if notice.text not in self.s.told:
            self._set(told=self.s.told | {notice.text})
            self._tell(notice)

    def _do(self, action: Io) -> None:
        self._set(doing=action, news=False)
        self.out.append(action)

    def _enter(self, phase: Phase) -> None:
        """Go to another phase, by the table."""
        if phase not in NEXT[self.s.phase]:
            raise RuleBroken(f"{self.s.phase.name} may not lead to {phase.name}")
        self._set(phase=phase)

    def _again(self) -> None:
        """The handler of the same phase must be asked once more."""
        self._restless = True

    def _sleep(self, *moments: float) -> None:
        self._set(wake=min(moments, default=math.inf))

    def _read_or_sleep(self, *moments: float) -> None:
        if self.now >= self.s.next_read:
            self._do(Read())
        else:
            self._sleep(self.s.next_read, *moments)

    def _in_memory(self) -> int:
        """0xD215 as it was read last."""
        settings = self.s.settings
        return 0 if settings is None else settings.number(Prop.OBJECTS_IN_MEMORY) or 0

    def _left_over(self) -> int:
        """The same before the press: images of somebody else, or of an earlier exposure (rule 2)."""
        return self._in_memory()

    def _waits(self, in_memory: int) -> bool:
        """Bit 15, and never the count (rules 2, 8 and 9)."""
        return image_waits(in_memory)

    def _end_job(self) -> None:
        """Back to IDLE, from where a held request, a change or the end goes on."""
        walk = self.s.job.walk if self.s.job is not None else None
        if walk is not None and walk.in_flight:
            # The body may follow the last step late, when somebody else already asks for the next one.
            self._set(settle_until=max(self.s.settle_until, walk.wrote_at + adjust.STANDSTILL_S))
        self._set(job=None, news=False, next_read=self.now, live_since=math.inf)
        self._enter(Phase.IDLE)

    def _end_for_client(self, text: str, again: bool = False, gone: bool = False) -> None:
        """`again`: another try may well succeed, without anybody's doing. `gone`: no image is awaited any more."""
        job = self.s.job
        assert job is not None
        if not job.over:
            self._job(over=True)
            self._tell(ExposureFailed(job.request.id, text, again, job.shot is not None and not gone))
            if self.s.held_after == job.request.id:
                self._drop_held(text)

    def _fail_job(self, text: str) -> None:
        if self.s.job is not None:
            self._end_for_client(text)
            self._job(cancelled=True)

    def _drop_held(self, text: str) -> None:
        if self.s.held is not None:
            self._tell(ExposureFailed(self.s.held.id, text))
            self._set(held=None)

    def _fail_changes(self, text: str) -> None:
        for change in self.s.changes:
            self._tell(ChangeResult(change.name, False, None, text))
        self._set(changes=(), change_walk=None)

    def _collected(self, role: Role, image: Image, shot: Shot | None, why: str) -> None:
        camera = self.s.camera
        identity = camera.identity if camera is not None else Identity()
        self._tell(Collected(role, image.name, image.format, image.data, shot, identity, why))

    def _drain_s(self) -> float:
        return DRAIN_S + max((2 * length(shot) for shot in self.s.debt), default=0.0)

    def _image_limit(self, end: float) -> float:
        """Rule 8: noise reduction takes as long again as the exposure; only a known "off" saves the wait."""
        job = self.s.job
        assert job is not None and job.shot is not None
        return max(end, self._own_bulb_end(job.shot)) + self._own_dark_s(job.shot) + GRACE_S

    def _own_bulb_end(self, shot: Shot) -> float:
        """When a bulb timer of the body's, which nobody could switch off, closes the shutter."""
        settings = self.s.settings
        if shot.mode is not ShutterMode.BULB or settings is None or settings.number(Prop.BULB_TIMER) != 1:
            return -math.inf
        return shot.pressed_at + (settings.number(Prop.BULB_TIME) or 0)

    def _own_dark_s(self, shot: Shot) -> float:
        """At most so long the body may work on a dark frame of its own."""
        return 0.0 if self.s.nr == "off" else length(shot)

    @property
    def _identity(self) -> Identity:
        return self.s.camera.identity if self.s.camera is not None else Identity()

    def _keep_setup(self, changed: tuple[Changed, ...]) -> None:
        """What is to be put back has changed: the hand must know it before anything happens to this process."""
        if changed != self.s.changed:
            self._set(changed=changed)
            self._tell(SetupKept(self._identity, night.of_camera(changed, self._identity)))

    def _status(self, state: str, text: str = "", failed: bool = False) -> None:
        camera = self.s.camera
        self._tell(CameraStatus(state, camera.identity if camera is not None else Identity(), text, failed))

    def _busy_s(self) -> float:
        """At most so long until the camera is ready again, as far as the clock can tell."""
        job = self.s.job
        if job is None or job.shot is None:
            return 0.0
        end = max(self.now, self.now if job.shot.mode is ShutterMode.BULB else job.open_until)
        again = length(job.shot) if self.s.nr == "on" else 0.0
        return max(0.0, end + again - self.now)

    def _busy_text(self) -> str:
        return words.held(self._busy_s(), self.s.phase in COMMITTED)


def kept(fate: Fate) -> Fate:
    """A frame for nobody is kept; one that the user dropped stays dropped."""
    return Fate.DROP if fate is Fate.DROP else Fate.KEEP


def length(shot: Shot) -> float:
    """How long the shutter of a shot was, or was to be, open."""
    if shot.nominal_s is not None:
        return shot.nominal_s
    return shot.measured_s if shot.measured_s is not None else shot.request.duration_s
