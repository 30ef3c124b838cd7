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
from indi_sony_py.engine import adjust, views, words
from indi_sony_py.engine.adjust import Need, Ready, Refused, Walk
from indi_sony_py.engine.messages import (
    Abort,
    Change,
    ChangeResult,
    Connect,
    Disconnect,
    Expose,
    ExposureProgress,
    Leave,
    Notice,
    Role,
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
    How,
    Image,
    Input,
    Io,
    Moved,
    Open,
    Opened,
    Read,
    SettingsRead,
    Tick,
    Write,
    Wrote,
    kind_of,
)
from indi_sony_py.engine.needs import needs_for
from indi_sony_py.engine.phases import ACCEPTS, RESULTS, InputKind, Phase
from indi_sony_py.engine.plan import plan_exposure
from indi_sony_py.engine.results import Results
from indi_sony_py.engine.state import Fate, Job, State
from indi_sony_py.engine.step import (
    ADJUST_MAX_S,
    EARLY_FETCH_S,
    FOCUS_MAX_S,
    FOCUS_MIN_S,
    FOCUS_POLL_S,
    FRESH_S,
    GRACE_S,
    IDLE_POLL_S,
    LONG_NR_S,
    MAX_FETCHED,
    MAX_MISSES,
    OPEN_READ_S,
    POLL_S,
    QUIET_S,
    TELL_WAIT_S,
    VERIFY_S,
    WARM_POLL_S,
    length,
)
from indi_sony_py.errors import ButtonHeld, NotFocused, RuleBroken, advise
from indi_sony_py.sony.codes import Ctl, Prop
from indi_sony_py.sony.values import FocusMode, FocusState, decode_focus, image_waits, lookup
from indi_sony_py.texts import Level

__all__ = ["advance"]

_ANSWERS: dict[type[Io], frozenset[InputKind]] = {
    Open: frozenset({InputKind.OPENED, InputKind.FAILED}),
    Close: frozenset({InputKind.CLOSED, InputKind.FAILED}),
    Read: frozenset({InputKind.SETTINGS, InputKind.FAILED}),
    Write: frozenset({InputKind.WROTE, InputKind.FAILED}),
    Button: frozenset({InputKind.MOVED, InputKind.FAILED}),
    Fetch: frozenset({InputKind.IMAGE, InputKind.EMPTY, InputKind.FAILED}),
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


class _Machine(Results):
    """One handler a phase: what next?"""

    def take(self, item: Input) -> None:
        match item:
            case Connect():
                self._connect(item)
            case Disconnect():
                self._disconnect()
            case Expose():
                self._expose(item.request)
            case Abort():
                self._abort()
            case Change():
                self._change(item)
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
            case Opened():
                self._opened(item)
            case Closed():
                self._closed()
            case SettingsRead():
                self._settings(item)
            case Wrote():
                self._set(doing=None, trouble=0, next_read=self.now + adjust.POLL_S)
            case Moved():
                self._moved(item)
            case Image():
                self._image(item)
            case Empty():
                self._set(doing=None, news=False, next_read=self.now + POLL_S)
                if self.s.job is not None:
                    self._job(empty=True)
            case Failed():
                self._failed(item)
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

    _restless = False

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

    def _go_offline(self) -> None:
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
        """Rule 4 first (buttons up), then three seconds of settings; what reads at rest is remembered."""
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
        self._set(rest=rest, ever_ready=True)
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
        unfinished = ending and self._left_over() > 0 and not s.stuck
        if unfinished or (s.news and image_waits(self._left_over())):
            self._begin_drain()
        elif ending and self.now - s.settings_at > FRESH_S:
            self._do(Read())
        elif ending:
            self._set(misses=0)
            self._enter(Phase.CLOSING)
            self._do(Close())
        elif s.changes:
            self._set(change_walk=Walk(self.now), next_read=self.now)
            self._enter(Phase.ADJUSTING)
        elif s.held is not None:
            self._set(job=Job(s.held), held=None, news=False, next_read=self.now)
            self._tell(ExposureProgress(s.held.id, Stage.PREPARING))
            self._begin_drain()
        else:
            if s.news:
                self._set(news=False, next_read=self.now + IDLE_POLL_S)
            self._read_or_sleep()

    def _left_over(self) -> int:
        """0xD215 before the press: images of somebody else, or of an earlier exposure (rule 2)."""
        settings = self.s.settings
        return 0 if settings is None else settings.number(Prop.OBJECTS_IN_MEMORY) or 0

    def _begin_drain(self) -> None:
        self._set(drain_limit=self.now + self._drain_s(), drained=0)
        self._enter(Phase.DRAINING)

    def _go_draining(self) -> None:
        """Rules 1 and 2: settings fresh, memory empty. Go by bit 15, never by the count."""
        s, job = self.s, self.s.job
        if job is not None and job.cancelled:
            return self._end_job()
        if not s.news:
            return self._read_or_sleep()
        value = self._left_over()
        if value == 0:
            return self._enter(Phase.ADJUSTING if job is not None else Phase.IDLE)
        if self.now > s.drain_limit or s.drained > MAX_FETCHED:
            self._set(stuck=True)
            self._fail_job(texts.camera.NEVER_EMPTY())
            return self._end_job()
        if image_waits(value):
            return self._do(Fetch())
        if s.leaving is not None and job is None and not self.s.debt:
            self._set(stuck=True)
            return self._end_job()
        self._set(news=False)
        self._again()

    def _go_adjusting(self) -> None:
        """Rule 3: what must hold is set and read back; a look a moment later catches what fell back."""
        s, job = self.s, self.s.job
        if job is None:
            return self._go_changing()
        if job.cancelled:
            return self._end_job()
        assert s.settings is not None and s.camera is not None
        if job.plan is None:
            plan = plan_exposure(job.request, s.settings, s.camera.body)
            # What did not take before would not take now, and each try costs seconds.
            skipped = tuple(name for name, code, value in s.stubborn if s.settings.number(code) == value)
            walk = Walk(self.now, skipped=skipped)
            self._job(plan=plan, needs=needs_for(job.request, plan, s.camera.body), walk=walk)
            return self._again()
        if not s.news:
            return self._read_or_sleep()
        if self._left_over():
            return self._begin_drain()
        assert job.walk is not None
        if self.now - job.walk.started_at > ADJUST_MAX_S:
            self._fail_job(texts.exposure.UNSTEADY(setting=job.walk.need))
            return self._end_job()
        if job.walk.last_write_at is None and self.now < s.settle_until:
            return self._look_again(s.settle_until)
        walk, step = adjust.pursue(job.needs, s.settings, job.walk, self.now)
        walk, told = adjust.moving(walk, s.settings, self.now)
        self._arrived(job.walk, walk)
        self._job(walk=walk)
        if told:
            self._tell(ExposureProgress(job.request.id, Stage.PREPARING, told))
        match step:
            case Write():
                self._write(step)
            case adjust.Wait():
                self._look_again(self.now + step.seconds)
            case Refused():
                self._fail_job(step.text)
                self._end_job()
            case Ready():
                if s.settings_at < self.s.settle_until:
                    return self._look_again(self.s.settle_until)
                self._set(stubborn=tuple(dict.fromkeys((*s.stubborn, *walk.stubborn))))
                self._warn_before(walk)
                self._enter(Phase.FOCUSING)

    def _look_again(self, at: float) -> None:
        self._set(news=False, next_read=at)
        self._read_or_sleep()

    def _write(self, step: Write) -> None:
        """The body may still follow a step, or let a value fall back, when somebody else asks for the next thing."""
        camera = self.s.camera
        travel = abs(step.value) * camera.body.notch_s if step.how is How.STEPS and camera is not None else 0.0
        self._set(settle_until=self.now + travel + VERIFY_S)
        self._do(step)

    def _arrived(self, before: Walk, walk: Walk) -> None:
        """A setting that reads right may move on, but not later than its body takes for a notch, as was seen."""
        if before.goal is not None and walk.goal is not before.goal and walk.skipped == before.skipped:
            still_s = max(VERIFY_S, adjust.still_s(walk, before.goal))
            self._set(settle_until=min(self.s.settle_until, self.now + still_s))

    def _warn_before(self, walk: Walk) -> None:
        job, camera = self.s.job, self.s.camera
        assert job is not None and job.plan is not None and camera is not None
        for note in walk.notes:
            self._say_once(Notice(Level.WARNING, note))
        bulb = job.plan.mode is ShutterMode.BULB
        if bulb and camera.body.star_eater is not None and camera.body.star_eater.bulb:
            self._notice_once(texts.exposure.STAR_EATER, model=camera.identity.model)
        if self.s.nr == "on" and job.plan.open_s > LONG_NR_S:
            if camera.body.own_dark_fixed:
                self._notice(texts.exposure.LONG_NR_FIXED, seconds=job.plan.open_s, model=camera.identity.model)
            else:
                self._notice(texts.exposure.LONG_NR, seconds=job.plan.open_s)

    def _go_changing(self) -> None:
        s = self.s
        if s.disconnecting or s.leaving is not None or not s.changes:
            return self._end_job()
        assert s.settings is not None and s.camera is not None and s.change_walk is not None
        change, row = s.changes[0], s.camera.body
        if not s.news:
            return self._read_or_sleep()
        need = Need("change", lambda settings: views.change_goal(change.name, change.value, settings, row))
        if s.change_walk.last_write_at is None and self.now < s.settle_until:
            return self._look_again(s.settle_until)
        walk, step = adjust.pursue((need,), s.settings, s.change_walk, self.now)
        walk, told = adjust.moving(walk, s.settings, self.now)
        self._arrived(s.change_walk, walk)
        self._set(change_walk=walk)
        if told:
            self._tell(Notice(Level.INFO, told))
        value = next((v.value for v in views.report(s.settings, row).settings if v.name == change.name), None)
        match step:
            case Write():
                self._write(step)
            case adjust.Wait():
                self._look_again(self.now + step.seconds)
            case Refused():
                self._changed(ChangeResult(change.name, False, value, step.text))
            case Ready():
                self._changed(ChangeResult(change.name, True, value))

    def _changed(self, result: ChangeResult) -> None:
        self._tell(result)
        self._set(changes=self.s.changes[1:], change_walk=None, news=False)
        self._end_job()

    def _go_focusing(self) -> None:
        """Rules 4, 5, 6: buttons up, half press, focus if it is on, full press; by settings that are fresh at each."""
        s, job = self.s, self.s.job
        assert job is not None and s.settings is not None and s.camera is not None
        if job.cancelled or job.problem:
            if job.half_at is not None:
                return self._do(Button(Ctl.HALF_PRESS, False))
            if job.problem:
                self._fail_job(job.problem)
            return self._end_job()
        if job.half_at is None:
            if not self._fresh() or self._left_over():
                self._set(news=False, next_read=self.now)
                return self._enter(Phase.ADJUSTING)
            if self._held():
                return self._let_go(job)
            return self._do(Button(Ctl.HALF_PRESS, True))
        if self._focused(job):
            if self._left_over():
                return self._do(Button(Ctl.HALF_PRESS, False))
            if not self._fresh():
                self._set(next_read=self.now)
                return self._read_or_sleep()
            self._tell(ExposureProgress(job.request.id, Stage.OPEN))
            return self._do(Button(Ctl.FULL_PRESS, True))
        if job.problem or self.s.job is not job:
            return self._again()
        self._set(news=False, next_read=min(self.s.next_read, s.settings_at + FOCUS_POLL_S))
        self._read_or_sleep(job.half_at + FOCUS_MAX_S)

    def _fresh(self) -> bool:
        """Rule 1: somebody may have taken a photo since the settings were read, and then the body ignores the press."""
        return self.now - self.s.settings_at <= FRESH_S

    def _held(self) -> bool:
        """A readable value other than the one read after our own release; a missing descriptor never gates."""
        assert self.s.settings is not None
        return any((v := self.s.settings.number(code)) is not None and v != rest for code, rest in self.s.rest)

    def _let_go(self, job: Job) -> None:
        if job.unheld < 2:
            return self._do(Button(Ctl.FULL_PRESS if job.unheld == 0 else Ctl.HALF_PRESS, False))
        if job.unheld == 2:
            # What was read before the releases says nothing of them.
            self._job(unheld=3)
            self._set(news=False, next_read=self.now + VERIFY_S)
            return self._enter(Phase.ADJUSTING)
        self._fail_job(advise(ButtonHeld(texts.camera.BUTTON_HELD)))
        self._end_job()

    def _focused(self, job: Job) -> bool:
        s = self.s
        assert s.settings is not None and s.camera is not None and job.half_at is not None
        mode = s.settings.number(Prop.FOCUS_MODE)
        known = None if mode is None else lookup(FocusMode, mode)
        if mode is None or (known is not None and known.is_manual):
            return True
        waited = self.now - job.half_at
        if waited < FOCUS_MIN_S:
            return False
        if waited >= FOCUS_MAX_S:
            return True
        if not s.news:
            return False
        found = decode_focus(s.settings.number(Prop.FOCUS_INDICATION) or 0, s.camera.body.focus_failed_is_focused)
        if found is FocusState.FAILED:
            self._job(problem=advise(NotFocused(texts.camera.NOT_FOCUSED)))
        return found is FocusState.FOCUSED

    def _go_exposing(self) -> None:
        """Rules 7 and 11: the release is due to the millisecond, and nothing may stand in its way."""
        s, job = self.s, self.s.job
        assert job is not None and job.shot is not None
        if s.news and s.settings is not None:
            self._set(news=False)
            waits = image_waits(s.settings.number(Prop.OBJECTS_IN_MEMORY) or 0)
            bulb_left = job.release_at - self.now if not job.full_up else math.inf
            if waits and not job.raw_done and bulb_left > EARLY_FETCH_S:
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
        assert s.settings is not None
        if image_waits(s.settings.number(Prop.OBJECTS_IN_MEMORY) or 0):
            self._tell(ExposureProgress(job.request.id, Stage.COLLECTING))
            self._enter(Phase.COLLECTING)
            return
        if job.raw_done:
            self._enter(Phase.COLLECTING)
            return
        if self.now > job.open_until + TELL_WAIT_S:
            self._tell_wait(words.late(s.nr, job.shot, self._left_over() > 0))
        if self.now > job.limit:
            preparing = s.settings.number(Prop.OBJECTS_IN_MEMORY) or 0
            if not preparing or job.extended:
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
        text = words.no_image(job.shot, s.settings, only_jpeg, job.foreign, job.interrupted)
        for image in job.loose:
            self._collected(Role.KEPT, image, job.shot, texts.frames.NO_RAW_WITH_IT())
        self._job(loose=())
        if job.over:
            self._tell(Notice(Level.WARNING, text))
        self._end_for_client(text)
        # A camera that never stirred took no photo; one that did may still come out with it.
        owed = job.stirred and not only_jpeg
        self._set(misses=s.misses + (0 if job.interrupted else 1), debt=(*s.debt, job.shot) if owed else s.debt)
        self._end_job()

    def _go_collecting(self) -> None:
        """Rule 9: fetch, read, again until bit 15 is clear and everything that belongs together is here."""
        s, job = self.s, self.s.job
        assert job is not None and job.shot is not None
        if not s.news:
            return self._read_or_sleep()
        assert s.settings is not None
        value = s.settings.number(Prop.OBJECTS_IN_MEMORY) or 0
        # While the worker leaves it may be a disk that is missing; that wait ends with the process.
        never = job.fetched >= MAX_FETCHED or (job.empty and self.now >= job.limit and s.leaving is None)
        if image_waits(value) and not never:
            return self._do(Fetch())
        if not job.raw_done:
            return self._no_image() if image_waits(value) else self._enter(Phase.AWAITING)
        missing = job.pair and not job.companions and self.now < job.partner_until
        coming = value != 0 and not never and self.now < job.partner_until + GRACE_S
        if missing or coming:
            self._set(news=False)
            return self._again()
        self._set(misses=0)
        self._end_job()

    def _end_job(self) -> None:
        """Back to IDLE, from where a held request, a change or the end goes on."""
        walk = self.s.job.walk if self.s.job is not None else None
        if walk is not None and walk.in_flight:
            # The body may follow the last step late, when somebody else already asks for the next one.
            self._set(settle_until=max(self.s.settle_until, walk.wrote_at + adjust.STANDSTILL_S))
        self._set(job=None, news=False, next_read=self.now)
        self._enter(Phase.IDLE)


_HANDLERS: dict[Phase, str] = {
    Phase.OFFLINE: "_go_offline",
    Phase.OPENING: "_sleep",
    Phase.WARMING: "_go_warming",
    Phase.IDLE: "_go_idle",
    Phase.DRAINING: "_go_draining",
    Phase.ADJUSTING: "_go_adjusting",
    Phase.FOCUSING: "_go_focusing",
    Phase.EXPOSING: "_go_exposing",
    Phase.AWAITING: "_go_awaiting",
    Phase.COLLECTING: "_go_collecting",
    Phase.CLOSING: "_sleep",
}
