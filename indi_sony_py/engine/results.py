"""What the capture machine learns from results: of what it asked the camera, and whose an image is. Pure."""

from __future__ import annotations

import math
from dataclasses import replace

from indi_sony_py import texts
from indi_sony_py.engine import night, views, words
from indi_sony_py.engine.images import Evidence, answers, clock_offset, judge, owed_by
from indi_sony_py.engine.messages import (
    ExposureStarted,
    Identity,
    Role,
    Shot,
    ShutterMode,
)
from indi_sony_py.engine.moves import (
    Image,
    Moved,
    Opened,
    SettingsRead,
)
from indi_sony_py.engine.phases import Phase
from indi_sony_py.engine.requests import Requests
from indi_sony_py.engine.state import Camera, Fate
from indi_sony_py.engine.step import (
    FIRST_LOOK_S,
    FRESH_S,
    LOW_CHARGES,
    MAX_SLOW,
    NR_FROM_S,
    PARTNER_S,
    POLL_S,
    TIMED_HOLD_S,
    WARM_UP_S,
)
from indi_sony_py.sony.bodies import body
from indi_sony_py.sony.codes import Ctl, Prop
from indi_sony_py.sony.probed import complete
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.sony.values import decode_file_format, image_waits, iso_number


class Results(Requests):
    """One handler a result."""

    def _opened(self, item: Opened) -> None:
        row = complete(body(item.identity.model), item.probed)
        self._enter(Phase.WARMING)
        if self._is_another(item.identity):
            self._set(serial="")
            self._another_camera(item.identity.model)
        self._set(
            doing=None,
            serial=item.identity.serial or self.s.serial,
            model=item.identity.model or self.s.model,
            camera=Camera(item.identity, item.version, row),
            settings=item.settings,
            settings_at=self.now,
            shown=None,
            released=0,
            rest=(),
            trouble=0,
            misses=0,
            stubborn=(),
            next_read=self.now,
            warm_until=self.now + max(WARM_UP_S, row.warmup_s),
        )
        self._set(setup_due=self.s.setup != "leave", setup_walk=None, restoring=())
        self._status("warming")
        if row.own_dark_fixed:
            self._set(nr="on")
            self._notice_once(texts.exposure.OWN_DARK_FIXED, model=item.identity.model)
        if row.known is False:
            self._notice_once(texts.camera.UNKNOWN_BODY, model=item.identity.model)

    def _is_another(self, identity: Identity) -> bool:
        """Whether it is certainly not the camera that was open last: by its serial number, without one by its model."""
        known, model = self.s.serial, self.s.model
        if known and identity.serial:
            return known != identity.serial
        return bool(model and identity.model) and model != identity.model

    def _another_camera(self, model: str) -> None:
        """What is owed is the other camera's, and so is what is known of its clock."""
        shot = self.s.job.shot if self.s.job is not None else self.s.owed
        if shot is not None:
            self._notice(texts.exposure.IN_OTHER_CAMERA, seconds=shot.request.duration_s, model=model)
        self._set(job=None, owed=None, debt=(), clock_offset=None, doubts=(), nr="unknown", told=frozenset())

    def _settings(self, item: SettingsRead) -> None:
        value = item.settings.number(Prop.OBJECTS_IN_MEMORY) or 0
        waits = image_waits(value)
        seen = self.s.seen_at if waits and self.s.seen_at > -math.inf else (self.now if waits else -math.inf)
        asked_at = min(item.asked_at, self.now)
        slow = self.s.slow + 1 if self.now - asked_at > FRESH_S else 0
        self._set(
            doing=None, trouble=0, settings=item.settings, news=True, seen_at=seen, next_read=self.now + POLL_S,
            settings_at=self.now if slow > MAX_SLOW else asked_at, slow=slow,
        )  # fmt: skip
        if not value:
            self._set(stuck=False)
        job = self.s.job
        if job is not None and job.shot is not None:
            if not value:
                self._job(calm=True)
            else:
                closed = job.calm or self.s.phase is not Phase.EXPOSING
                self._job(stirred=True, closed_by=min(job.closed_by, self.now if closed else math.inf))
        nr = {1: "off", 2: "on"}.get(item.settings.number(Prop.LONG_EXPOSURE_NR) or 0)
        if nr is not None:
            self._set(nr=nr)
        if self.s.phase is Phase.IDLE and self.s.changed:
            self._keep_setup(night.deviations(self.s.changed, self._identity, item.settings))
        if self.s.camera is not None:
            shown = views.report(item.settings, self.s.camera.body)
            if shown != self.s.shown:
                self._set(shown=shown)
                self._tell(shown)
                self._look_at_battery(views.battery(item.settings))

    def _look_at_battery(self, percent: int | None) -> None:
        """Told when it falls to one of the low charges, and again after it was changed."""
        if percent is None:
            return
        lowest = min((charge for charge in LOW_CHARGES if percent <= charge), default=101)
        if lowest < self.s.charge_told:
            self._notice(texts.camera.BATTERY_LOW, percent=percent)
        if lowest < self.s.charge_told or lowest == 101:
            self._set(charge_told=lowest)

    def _moved(self, item: Moved) -> None:
        self._set(doing=None, trouble=0)
        if self.s.phase is Phase.WARMING:
            self._set(released=self.s.released + 1, next_read=self.now)
            return
        job = self.s.job
        assert job is not None
        if item.down:
            if item.control is Ctl.HALF_PRESS:
                self._job(half_at=item.at)
            else:
                self._pressed(item)
        elif job.shot is None:
            if item.control is Ctl.HALF_PRESS and job.half_at is not None:
                self._job(half_at=None)
            else:
                self._job(unheld=job.unheld + 1)
        elif item.control is Ctl.FULL_PRESS:
            self._shutter_closed(item.at)
        else:
            self._job(half_up=True)

    def _pressed(self, item: Moved) -> None:
        """The shutter opens now: DATE-OBS, and from here on the exposure is committed."""
        s, job = self.s, self.s.job
        assert job is not None and job.plan is not None and s.settings is not None
        plan = job.plan
        bulb = plan.mode is ShutterMode.BULB
        code = Prop.FILE_FORMAT_300 if s.settings.version is Version.V300 else Prop.FILE_FORMAT_200
        kind = decode_file_format(s.settings.number(code) or 0, s.settings.version)
        shot = Shot(
            request=job.request,
            mode=plan.mode,
            nominal_s=plan.nominal_s,
            pressed_at=item.at,
            pressed_utc=item.utc,
            iso=iso_number(s.settings.number(Prop.ISO)),
            shutter_label=plan.label,
            nr=s.nr,
            lens=s.settings.text(Prop.LENS_NAME),
            battery_percent=views.battery(s.settings),
        )
        self._job(
            shot=shot,
            release_at=item.at + (plan.open_s if bulb else TIMED_HOLD_S),
            open_until=item.at + plan.open_s,
            pair=kind is not None and kind.raw and kind.companion and s.settings.number(Prop.RAW_JPEG_SAVE) != 3,
            cancelled=False,
        )
        self._enter(Phase.EXPOSING)
        self._set(seen_at=-math.inf, next_read=self.now + FIRST_LOOK_S)
        if job.cancelled:
            self._job(fate=Fate.DROP, release_at=self.now if bulb else item.at + TIMED_HOLD_S)
            return
        self._tell(ExposureStarted(job.request.id, plan.open_s, plan.mode, item.utc, item.at, plan.note))

    def _shutter_closed(self, at: float) -> None:
        job = self.s.job
        assert job is not None and job.shot is not None
        shot = replace(job.shot, released_at=at)
        if shot.mode is ShutterMode.BULB:
            shot = replace(shot, measured_s=at - shot.pressed_at)
            self._job(open_until=min(job.open_until, at))
        self._job(shot=shot, full_up=True)

    def _image(self, image: Image) -> None:
        seen = self.s.seen_at if self.s.seen_at > -math.inf else self.now
        self._set(doing=None, trouble=0, news=False, seen_at=-math.inf, next_read=self.now)
        job = self.s.job
        if job is None or job.shot is None:
            self._set(drained=self.s.drained + 1, drain_limit=self.now + self._drain_s())
            self._unasked(image)
            return
        self._job(fetched=job.fetched + 1, empty=False)
        if not answers(image, job.request):
            if image.is_raw:
                self._unasked(image)
            elif job.raw_done:
                self._companion(image)
            else:
                self._job(loose=(*job.loose, image), partner_seen=(image.sequence, seen))
            return
        if job.raw_done:
            self._unasked(image)
            return
        if job.partner_seen[0] == image.sequence:
            seen = min(seen, job.partner_seen[1])
        evidence = Evidence(seen, job.closed_by)
        unsure = job.apart or job.foreign
        verdict = judge(image.facts, evidence, job.shot, self.s.debt, self.s.clock_offset, self.s.doubts, unsure)
        if verdict.offset is not None:
            self._set(clock_offset=verdict.offset, doubts=())
        elif verdict.doubts:
            # It may well have been ours: the wait for another is short, and the next press has a distance of its own.
            end = max(self.now, job.open_until)
            self._set(doubts=verdict.doubts)
            self._job(limit=min(job.limit, end + self._own_dark_s(job.shot) + PARTNER_S))
        if not verdict.ours:
            partners = tuple(i for i in job.loose if i.sequence == image.sequence)
            rest = tuple(i for i in job.loose if i not in partners)
            self._job(calm=False, closed_by=math.inf, foreign=job.foreign or not verdict.gone, loose=rest)
            if verdict.gone:
                # Nearly certain: it is waited for all the same, but the next frame is not doubted for it.
                self._job(stirred=False)
            self._not_ours(image, verdict.why, verdict.owed, verdict.in_doubt)
            for partner in partners:
                self._collected(Role.UNASKED, partner, None, verdict.why)
            return
        self._frame(image)

    def _frame(self, image: Image) -> None:
        job = self.s.job
        assert job is not None and job.shot is not None
        facts, shot = image.facts, job.shot
        long_enough = facts.exposure_s is not None and facts.exposure_s >= NR_FROM_S
        if facts.long_exposure_nr is not None and (facts.long_exposure_nr or long_enough):
            nr = "on" if facts.long_exposure_nr else "off"
            self._set(nr=nr)
            shot = replace(shot, nr=nr)
        offset = clock_offset(facts, shot)
        if offset is not None and not self.s.debt:
            self._set(clock_offset=offset)
        early = self.now < job.open_until and not job.full_up
        self._job(raw_done=True, sequence=image.sequence, shot=shot, partner_until=self.now + PARTNER_S)
        if early:
            self._job(release_at=self.now, open_until=self.now)
        role, why = {
            Fate.DELIVER: (Role.FRAME, ""),
            Fate.DROP: (Role.DROPPED, texts.frames.WITH_ABORTED()),
            Fate.KEEP: (Role.KEPT, texts.frames.AFTER_REQUEST()),
        }[job.fate]
        self._collected(role, image, shot, why)
        self._set(last=(shot, image.sequence, self.now + PARTNER_S))
        self._job(over=True)
        for loose in job.loose:
            self._companion(loose)
        self._job(loose=())

    def _companion(self, image: Image) -> None:
        job = self.s.job
        assert job is not None
        if image.sequence != job.sequence:
            self._unasked(image)
            return
        self._job(companions=job.companions + 1)
        dropped = job.fate is Fate.DROP
        self._collected(Role.DROPPED if dropped else Role.COMPANION, image, job.shot, texts.frames.WITH_RAW())

    def _not_ours(self, image: Image, why: str, owed: int | None, in_doubt: bool = False) -> None:
        """An old frame: never the answer to this request. One in doubt stays as the camera made it, for what a header
        would say of its press may be that of another.
        """
        if owed is None or owed >= len(self.s.debt):
            self._collected(Role.UNASKED, image, None, why)
            return
        shot = self.s.debt[owed]
        self._set(debt=self.s.debt[:owed] + self.s.debt[owed + 1 :])
        if in_doubt:
            shot = replace(shot, request=replace(shot.request, transfer="native"))
        self._collected(Role.KEPT, image, shot, why)

    def _unasked(self, image: Image) -> None:
        last = self.s.last
        expected = image.is_raw or (bool(self.s.debt) and answers(image, self.s.debt[0].request))
        owed = owed_by(image.facts, self.s.debt, self.s.clock_offset) if expected else None
        if expected and owed is None:
            self._owed_no_more()
        if owed is not None:
            self._not_ours(image, texts.frames.AFTER_LIMIT(), owed)
        elif last is not None and not image.is_raw and last[1] == image.sequence != 0 and self.now <= last[2]:
            # The body made a pair although its format says RAW alone, and this half came late.
            role = Role.DROPPED if last[0].aborted else Role.COMPANION
            self._collected(role, image, last[0], texts.frames.WITH_RAW())
        else:
            self._collected(Role.UNASKED, image, None, texts.frames.UNASKED())

    def _owed_no_more(self) -> None:
        """Images come in the order of their presses, into a memory that was empty: a later one tells of a loss."""
        for shot in self.s.debt:
            self._notice(texts.exposure.GONE, seconds=shot.request.duration_s, began=words.began(shot))
        self._set(debt=())
