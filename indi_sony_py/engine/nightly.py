"""The camera is set up for a night, and put back: the handlers of both, by the table in `night`. Pure.

Only while nothing is under way and the camera's memory is empty; an exposure that was asked for waits for it, for its
frame would be made with what is to be changed. The walk through the settings is that of `adjust`; nothing here fails:
what the camera does not take is told.
"""

from __future__ import annotations

from indi_sony_py import texts
from indi_sony_py.engine import adjust, night
from indi_sony_py.engine.adjust import Ready, Refused, Walk
from indi_sony_py.engine.messages import Changed, Notice
from indi_sony_py.engine.moves import Write
from indi_sony_py.engine.phases import Phase
from indi_sony_py.engine.preparing import Preparing
from indi_sony_py.texts import Level, Text

__all__ = ["BACK_MAX_S", "SETUP_MAX_S", "Nightly"]

SETUP_MAX_S = 15.0
"""All settings of the night; what the camera has not taken by then is told."""
BACK_MAX_S = 10.0
"""All that is put back: a machine that goes down does not wait long."""


_BETWEEN = {texts.night.LEFT.id: "; ", texts.night.UNSEEN.id: "; "}
"""Between the pages of a menu, where commas stand between their entries."""


class Nightly(Preparing):
    """Setting up after IDLE, putting back before CLOSING; both are ADJUSTING without a job."""

    def _begin_setup(self) -> None:
        s = self.s
        assert s.camera is not None and s.settings is not None
        self._set(setup_due=False)
        if s.setup == "tell":
            wanted = night.wanted(s.settings, s.camera.body)
            self._tell_setup((texts.night.WANTED, wanted), (texts.night.UNSEEN, self._unseen()))
            return self._again()
        self._set(setup_walk=Walk(self.now), setup_wrote=(), restoring=(), news=False, next_read=self.now)
        self._enter(Phase.ADJUSTING)

    def _begin_restoring(self) -> bool:
        """Whether there is something to put back, and it was begun: once, at the end of a connection."""
        s = self.s
        mine = night.of_camera(s.changed, self._identity)
        ending = s.disconnecting or s.leaving is not None
        if not ending or not mine or s.settings is None or self._left_over() or self.now < s.warm_until:
            return False
        self._set(setup_walk=Walk(self.now), restoring=mine, setup_due=False, news=False, next_read=self.now)
        self._enter(Phase.ADJUSTING)
        return True

    def _go_adjusting(self) -> None:
        walk = self.s.setup_walk
        if walk is None or self.s.job is not None:
            return super()._go_adjusting()
        self._go_setting_up(walk)

    def _go_setting_up(self, walk: Walk) -> None:
        s = self.s
        assert s.settings is not None and s.camera is not None
        ending = s.disconnecting or s.leaving is not None
        if ending is not bool(s.restoring):
            return self._end_setup(walk, broken_off=True)
        if not s.news:
            return self._read_or_sleep()
        if self._left_over():
            return self._end_setup(walk, broken_off=True)
        if self.now - walk.started_at > (BACK_MAX_S if s.restoring else SETUP_MAX_S):
            return self._end_setup(walk)
        if walk.last_write_at is None and self.now < s.settle_until:
            return self._look_again(s.settle_until)
        mine = night.of_camera(s.changed, self._identity)
        needs = night.back_needs(s.restoring) if s.restoring else night.proposal(s.camera.body, mine)
        after, step = adjust.pursue(needs, s.settings, walk, self.now)
        self._arrived(walk, after)
        self._set(setup_walk=after)
        match step:
            case Write():
                if not s.restoring:
                    self._remember(after)
                    self._set(setup_wrote=tuple(dict.fromkeys((*s.setup_wrote, after.need))))
                self._write(step)
            case adjust.Wait():
                self._look_again(self.now + step.seconds)
            case Refused() | Ready():
                if s.settings_at < self.s.settle_until:
                    return self._look_again(self.s.settle_until)
                self._end_setup(after)

    def _end_setup(self, walk: Walk, broken_off: bool = False) -> None:
        s = self.s
        assert s.settings is not None and s.camera is not None
        if s.restoring:
            self._keep_setup(self._after_restoring(walk, broken_off))
            self._set(setup_due=broken_off and s.setup != "leave")
        else:
            done = tuple(name for name in s.setup_wrote if name not in walk.skipped)
            if not broken_off:
                left = night.left(walk.skipped, s.camera.body)
                self._tell_setup(
                    (texts.night.SET, night.told(done)), (texts.night.LEFT, left), (texts.night.UNSEEN, self._unseen())
                )
                self._set(stubborn=tuple(dict.fromkeys((*s.stubborn, *walk.stubborn))))
            self._set(setup_due=broken_off)
        self._set(setup_walk=None, restoring=(), setup_wrote=())
        self._end_job()

    def _after_restoring(self, walk: Walk, broken_off: bool) -> tuple[Changed, ...]:
        """What is still to be put back: a try that went to its end is the only one."""
        assert self.s.settings is not None
        if broken_off:
            return night.settled(self.s.changed, self.s.restoring, self.s.settings)
        if walk.notes:
            self._notice(texts.night.NOT_BACK, settings=", ".join(walk.notes))
        return tuple(entry for entry in self.s.changed if entry not in self.s.restoring)

    def _unseen(self) -> tuple[str, ...]:
        assert self.s.settings is not None and self.s.camera is not None
        return night.unseen(self.s.settings, self.s.camera.body)

    def _tell_setup(self, *parts: tuple[Text, tuple[str, ...]]) -> None:
        """All of it in one message, once a session of the user's."""
        said = [(row, row(settings=_BETWEEN.get(row.id, ", ").join(names))) for row, names in parts if names]
        if said:
            level = next((row.level for row, _ in said if row.level is Level.WARNING), Level.INFO)
            self._say_once(Notice(level, " ".join(text for _, text in said)))
