"""The capture machine: the camera rules, one handler a phase, in the order in which an exposure meets them. Pure.

`advance(state, input, now)` gives the next state and what is to be done. Results change facts, `_go_…` handlers decide
from facts. At most one I/O action is under way (`state.doing`); requests that come meanwhile leave a mark, and the
handler sees it when the result is in. Times are monotonic seconds.

Theory of operation: an exposure is DRAINING (memory 0, settings fresh: rules 1 and 2) → ADJUSTING (rule 3) → FOCUSING
(buttons up: 4, half press: 5) → EXPOSING (full press: 6, release: 7, no transaction in its way: 11) → AWAITING (8) →
COLLECTING (9) → IDLE. From the full press on it is committed (rule 10): abort, disconnect and faults change what
becomes of the image, never whether it is fetched.
"""

from __future__ import annotations

import math
from dataclasses import replace

from indi_sony_py import texts
from indi_sony_py.engine import adjust
from indi_sony_py.engine.adjust import Walk
from indi_sony_py.engine.committed import Committed
from indi_sony_py.engine.focusmessages import MoveFocus, StopFocus, UseLens
from indi_sony_py.engine.messages import (
    Abort,
    Change,
    Connect,
    Disconnect,
    Expose,
    ExposureProgress,
    Leave,
    LiveView,
    Observed,
    Shot,
    ShutterMode,
    Stage,
    Stay,
)
from indi_sony_py.engine.moves import (
    Action,
    Button,
    Close,
    Closed,
    Empty,
    Failed,
    Fetch,
    Hint,
    Image,
    Input,
    Io,
    Look,
    Moved,
    Open,
    Opened,
    Read,
    SettingsRead,
    Tick,
    Viewed,
    Write,
    Wrote,
    kind_of,
)
from indi_sony_py.engine.moving import Moving
from indi_sony_py.engine.nightly import Nightly
from indi_sony_py.engine.phases import ACCEPTS, RESULTS, InputKind, Phase
from indi_sony_py.engine.state import Fate, Job, State
from indi_sony_py.engine.step import (
    FRESH_S,
    GRACE_S,
    IDLE_POLL_S,
    MAX_MISSES,
    POLL_S,
    WARM_POLL_S,
    length,
)
from indi_sony_py.engine.viewing import Viewing
from indi_sony_py.errors import RuleBroken
from indi_sony_py.sony.codes import Ctl

__all__ = ["advance"]

_ANSWERS: dict[type[Io], frozenset[InputKind]] = {
    Open: frozenset({InputKind.OPENED, InputKind.FAILED}),
    Close: frozenset({InputKind.CLOSED, InputKind.FAILED}),
    Read: frozenset({InputKind.SETTINGS, InputKind.FAILED}),
    Write: frozenset({InputKind.WROTE, InputKind.FAILED}),
    Button: frozenset({InputKind.MOVED, InputKind.FAILED}),
    Fetch: frozenset({InputKind.IMAGE, InputKind.EMPTY, InputKind.FAILED}),
    Look: frozenset({InputKind.VIEWED, InputKind.FAILED}),
}


def advance(state: State, item: Input, now: float) -> tuple[State, tuple[Action, ...]]:
    """Take one input at the time `now`. Raises `RuleBroken` for an input that cannot come, or an illegal move."""
    kind = kind_of(item)
    if kind not in ACCEPTS[state.phase]:
        raise RuleBroken(f"{kind.name} cannot come in {state.phase.name}")
    if kind in RESULTS and (state.doing is None or kind not in _ANSWERS[type(state.doing)]):
        raise RuleBroken(f"{kind.name} answers nothing that is under way")
    step = _Machine(state, now)
    step.take(item)
    return step.s, tuple(step.out)


class _Machine(Moving, Nightly, Committed, Viewing):
    """One handler a phase: what next?"""

    def take(self, item: Input) -> None:
        match item:
            case Connect():
                self._connect(item)
            case Disconnect():
                self._disconnect()
            case Expose():
                self._expose(item)
            case Observed():
                self._observed(item)
            case Abort():
                self._withdraw(item.only) if item.only else self._abort()
            case Change():
                self._change(item)
            case MoveFocus():
                self._move_focus(item)
            case StopFocus():
                self._stop_focus()
            case UseLens():
                self._use_lens(item)
            case LiveView():
                self._live_view(item)
            case Leave():
                self._leave(item)
            case Stay():
                self._set(leaving=None, finished=False)
                if self.s.job is not None:
                    self._job(empty=False)
            case Tick():
                pass
            case Hint():
                self._hint()
                if self.s.phase is Phase.VIEWING:
                    self._hint_viewing(item.code)
            case Opened():
                self._opened(item)
            case Closed():
                self._closed()
            case SettingsRead():
                self._settings(item)
                self._look_at_lens()
            case Wrote():
                self._set(doing=None, trouble=0, next_read=self.now + adjust.POLL_S)
                self._stepped()
            case Moved():
                self._moved(item)
            case Image():
                self._image(item)
            case Empty():
                self._set(doing=None, news=False, next_read=self.now + POLL_S)
                if self.s.job is not None:
                    self._job(empty=True)
            case Viewed():
                self._viewed(item)
            case Failed():
                self._failed(item)
                self._step_failed(item.error)
        self._go()

    def _go(self) -> None:
        for _ in range(2 * len(Phase)):
            if self.s.doing is not None:
                self._set(wake=math.inf)
                return
            before = self.s.phase
            getattr(self, _HANDLERS[before])()
            if self.s.phase is before and (self.s.doing is not None or not self._restless):
                return
            self._restless = False
        raise RuleBroken(f"the machine runs in a circle at {self.s.phase.name}")

    def _go_offline(self) -> None:
        self._lens_away()
        s, job = self.s, self.s.job
        if job is not None and self.now >= job.limit:
            assert job.shot is not None
            self._notice(texts.exposure.LOST_IMAGE, seconds=job.shot.request.duration_s)
            self._set(job=None, debt=(*s.debt, job.shot))
            return self._again()
        if s.held is not None and self.now >= s.held_until:
            self._drop_held(texts.camera.DID_NOT_COME_BACK())
            return self._again()
        if s.leaving is not None and job is None:
            self._set(finished=True)
            return self._sleep()
        if not (s.wished or job is not None):
            return self._sleep()
        if self.now >= s.retry_at:
            self._enter(Phase.OPENING)
            self._status("connecting")
            return self._do(Open(s.force_200))
        self._sleep(s.retry_at, job.limit if job else math.inf, s.held_until if s.held else math.inf)

    def _go_warming(self) -> None:
        """Rule 4 first (buttons up), then three seconds of settings; what reads at rest is remembered.

        A disconnect ends it early; a session that is wished for again before it was closed goes on here.
        """
        s = self.s
        if s.released < 2:
            return self._do(Button(Ctl.FULL_PRESS if s.released == 0 else Ctl.HALF_PRESS, False))
        if (s.disconnecting or s.leaving is not None) and s.job is None and s.owed is None:
            return self._enter(Phase.IDLE)
        if self.now < s.warm_until or not s.news:
            self._set(news=False)
            if self.now < s.warm_until:
                self._set(next_read=min(self.s.next_read, s.settings_at + WARM_POLL_S))
            return self._read_or_sleep()
        assert s.settings is not None
        rest = tuple((c, v) for c in (Ctl.FULL_PRESS, Ctl.HALF_PRESS) if (v := s.settings.number(c)) is not None)
        self._set(rest=rest, ever_ready=True, warm_until=-math.inf)
        if s.owed is not None and s.job is None:
            self._adopt(s.owed)
        self._set(owed=None)
        self._status("ready")
        if self.s.job is not None and self.s.job.interrupted:
            self._await_again(self.s.job)
        self._enter(Phase.IDLE if self.s.job is None else Phase.AWAITING)

    def _await_again(self, job: Job) -> None:
        """The camera is back, and its buttons are up: a bulb is over now, if it was not when the connection went."""
        assert job.shot is not None
        bulb = job.shot.mode is ShutterMode.BULB
        end = self.now if bulb else max(self.now, job.open_until)
        open_s = min(length(job.shot), self.now - job.shot.pressed_at) if bulb else length(job.shot)
        self._job(limit=min(job.limit, end + (0.0 if self.s.nr == "off" else open_s) + GRACE_S))

    def _adopt(self, shot: Shot) -> None:
        """The image of a press in an earlier life is awaited like our own, then kept on disk."""
        length = shot.nominal_s if shot.nominal_s is not None else shot.request.duration_s
        job = Job(shot.request, fate=Fate.KEEP, over=True, shot=shot, full_up=True, half_up=True)
        end = min(shot.pressed_at, self.now) + length if shot.mode is ShutterMode.TIMED else self.now
        self._set(job=replace(job, open_until=end, limit=max(end, self.now) + length + GRACE_S))
        self._notice(texts.exposure.ADOPTED, seconds=length)

    def _go_idle(self) -> None:
        s = self.s
        ending = s.disconnecting or s.leaving is not None or s.misses >= MAX_MISSES
        if s.warming and not ending:
            return self._enter(Phase.WARMING)
        unfinished = ending and self._left_over() > 0 and not s.stuck
        if unfinished or (s.news and self._waits(self._left_over())):
            self._begin_drain()
        elif ending and self.now - s.settings_at > FRESH_S:
            self._do(Read())
        elif ending and self._begin_restoring():
            pass
        elif ending:
            self._set(misses=0)
            self._enter(Phase.CLOSING)
            self._do(Close())
        elif s.setup_due and not self._left_over():
            self._begin_setup()
        elif s.changes and not self._overruled():
            self._set(change_walk=Walk(self.now), next_read=self.now)
            self._enter(Phase.ADJUSTING)
        elif s.focus_wish is not None:
            self._begin_move(s.focus_wish)
        elif s.held is not None:
            self._set(job=Job(s.held), held=None, news=s.news and self._fresh(), next_read=self.now)
            self._tell(ExposureProgress(s.held.id, Stage.PREPARING))
            self._begin_drain()
        else:
            if s.news:
                self._set(news=False, next_read=self.now + IDLE_POLL_S)
                if self._may_view():
                    return self._begin_viewing()
                self._await_live()
            self._read_or_sleep()

    def _overruled(self) -> bool:
        """Whether the next change would be undone by the request that is held: that has an ISO of its own."""
        s = self.s
        return s.held is not None and s.held.iso is not None and not s.changes_first and s.changes[0].name == "iso"


_HANDLERS: dict[Phase, str] = {
    Phase.OFFLINE: "_go_offline",
    Phase.OPENING: "_sleep",
    Phase.WARMING: "_go_warming",
    Phase.IDLE: "_go_idle",
    Phase.VIEWING: "_go_viewing",
    Phase.DRAINING: "_go_draining",
    Phase.ADJUSTING: "_go_adjusting",
    Phase.MOVING: "_go_moving",
    Phase.FOCUSING: "_go_focusing",
    Phase.EXPOSING: "_go_exposing",
    Phase.AWAITING: "_go_awaiting",
    Phase.COLLECTING: "_go_collecting",
    Phase.CLOSING: "_sleep",
}
