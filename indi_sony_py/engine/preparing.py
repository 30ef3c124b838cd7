"""Before the press: memory empty, settings that hold, buttons up, focus. The handlers of these phases. Pure.

Rules 1 to 6, in the order in which an exposure meets them; nothing here is committed yet, so an abort ends it at once.
A change of one setting goes the same way, without an exposure behind it.
"""

from __future__ import annotations

from indi_sony_py import texts
from indi_sony_py.engine import adjust, night, views
from indi_sony_py.engine.adjust import Need, Ready, Refused, Walk
from indi_sony_py.engine.failures import Failures
from indi_sony_py.engine.messages import Change, ChangeResult, ExposureProgress, Notice, ShutterMode, Stage
from indi_sony_py.engine.moves import Button, Fetch, How, Write
from indi_sony_py.engine.needs import needs_for
from indi_sony_py.engine.phases import Phase
from indi_sony_py.engine.plan import plan_exposure
from indi_sony_py.engine.rows import setting_row
from indi_sony_py.engine.state import Job
from indi_sony_py.engine.step import (
    ADJUST_MAX_S,
    FOCUS_MAX_S,
    FOCUS_MIN_S,
    FOCUS_POLL_S,
    FRESH_S,
    LONG_NR_S,
    MAX_FETCHED,
    VERIFY_S,
)
from indi_sony_py.errors import ButtonHeld, NotFocused, advise
from indi_sony_py.sony.codes import Ctl, Prop
from indi_sony_py.sony.values import FocusMode, FocusState, decode_focus, lookup
from indi_sony_py.texts import Level

__all__ = ["Preparing"]


class Preparing(Failures):
    """DRAINING, ADJUSTING, FOCUSING."""

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
        if self._waits(value):
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
            needs = needs_for(job.request, plan, s.camera.body)
            # What did not take before would not take now, and each try costs seconds. What must hold is judged anew:
            # the set-up for the night does without it.
            optional = {need.name for need in needs if not need.must}
            skipped = tuple(
                name for name, code, value in s.stubborn if name in optional and s.settings.number(code) == value
            )
            self._job(plan=plan, needs=needs, walk=Walk(self.now, skipped=skipped))
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
                self._remember(walk)
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

    def _remember(self, walk: Walk) -> None:
        """The first write to a setting that is put back: how it was."""
        goal, settings = walk.goal, self.s.settings
        if goal is None or settings is None or goal.code not in night.RESTORED or walk.writes != 1:
            return
        before = settings.number(goal.code)
        if before is not None:
            self._keep_setup(night.remember(self.s.changed, self._identity, goal.code, before, goal.target))

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
        """A setting that reads right may move on, but not later than its body takes for a notch, as was seen. One that
        is stepped may only be passing by, at a body that is slower than its row says."""
        if before.goal is not None and walk.goal is not before.goal and walk.skipped == before.skipped:
            still_at = self.now + max(VERIFY_S, adjust.still_s(walk, before.goal))
            self._set(settle_until=still_at if before.goal.notches else min(self.s.settle_until, still_at))

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
                self._chosen(change)
                self._changed(ChangeResult(change.name, True, value))

    def _chosen(self, change: Change) -> None:
        """A user wants it so: it is not set otherwise for the night, and not put back."""
        row = setting_row(change.name)
        assert self.s.camera is not None
        code = 0 if row is None else row.code(self.s.camera.version)
        if code in night.RESTORED:
            entries = night.remember(self.s.changed, self._identity, code, change.value, change.value, users=True)
            self._keep_setup(entries)

    def _changed(self, result: ChangeResult) -> None:
        self._tell(result)
        first = max(0, self.s.changes_first - 1)
        self._set(changes=self.s.changes[1:], changes_first=first, change_walk=None, news=False)
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
