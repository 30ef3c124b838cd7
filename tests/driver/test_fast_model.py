"""Fast exposure against a model: exposures, aborts, failures, a slow server, a dying hand, in any order.

The hand is a few lines that keep the engine's rules: one exposure at a time, one held behind it, which ends with its
failure; an image is developed after it was collected, and offered in its order.
"""

from __future__ import annotations

from collections import deque

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from indi_sony_py.driver.exposure import HELD_S
from indi_sony_py.driver.series import MAX_OWED
from indi_sony_py.driver.standing import SILENCE_S
from indi_sony_py.engine.messages import (
    Abort,
    Aborted,
    CameraStatus,
    Expose,
    ExposureFailed,
    ExposureProgress,
    ExposureStarted,
    ShutterMode,
    Stage,
)
from indi_sony_py.hand.messages import Declined
from tests.driver.scripted import IDENTITY, SETTINGS, Rig, ScriptedHand


class FastExposures(RuleBasedStateMachine):
    """`job` and `held` are those of the engine; `made` are images that are developed, `offered` those in the face."""

    def __init__(self) -> None:
        super().__init__()
        self.rig = Rig()
        self.hand: ScriptedHand = self.rig.connect()
        self.read = len(self.hand.got)
        self.job = self.held = 0
        self.open = self.shut = False
        self.made: deque[int] = deque()
        self.offered: list[int] = []
        self.wanted: set[int] = set()
        self.frame_id = 0
        self.failures = 0
        self.known = 0

    @initialize(frames=st.integers(2, 8))
    def choose(self, frames: int) -> None:
        self.rig.new("Switch", "CCD_FAST_TOGGLE", INDI_ENABLED="On")
        self.rig.new("Number", "CCD_FAST_COUNT", FRAMES=frames)
        self.photos(1)

    # --- the hand ---------------------------------------------------------------------------------------------------

    def obey(self) -> None:
        """Do what was asked since the last look, as the engine does. After an Alert nobody waits for anything."""
        if self.rig.states()[-1:] == [("Alert", 0)]:
            self.wanted.clear()
        if self.rig.outside.hands[-1] is not self.hand:
            self.hand = self.rig.outside.hands[-1]
            self.read, self.job, self.held = 0, 0, 0
            self.open = self.shut = False
            self.made.clear()
            self.hand.say(CameraStatus("connecting"), CameraStatus("warming", IDENTITY), SETTINGS)
            self.hand.say(CameraStatus("ready", IDENTITY))
        while self.read < len(self.hand.got):
            message = self.hand.got[self.read]
            self.read += 1
            match message:
                case Expose(request, after):
                    assert self.held == 0 or after == 0, "a second one is held behind the same exposure"
                    if self.job and after != self.job:
                        self.end(Aborted(self.job, "Stopped.", 0.0))
                    self.wanted.add(request.id)
                    self.held = request.id
                case Abort(only=0):
                    self.wanted.clear()
                    self.held = 0
                    if self.job:
                        self.end(Aborted(self.job, "Stopped.", 0.0))
                case Abort(only=number):
                    self.wanted.discard(number)
                    if number == self.held:
                        self.held = 0
                        self.hand.say(Aborted(number, ""))
                    elif number == self.job and not self.open:
                        self.end(Aborted(number, ""))
                case Declined():
                    assert self.offered[-1] not in self.wanted, "a frame that somebody waits for was declined"
                case _:
                    pass
        if self.held and not self.job:
            self.job, self.held, self.open, self.shut = self.held, 0, False, False
            self.hand.say(ExposureProgress(self.job, Stage.PREPARING))

    def end(self, report: Aborted | ExposureFailed) -> None:
        number, self.job = self.job, 0
        assert report.id == number
        self.hand.say(report)

    # --- what happens -----------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.5, 3.0]), frames=st.sampled_from([None, 1, 5]))
    def expose(self, seconds: float, frames: int | None) -> None:
        if frames is not None:
            self.rig.new("Number", "CCD_FAST_COUNT", FRAMES=frames)
        self.wanted.clear()
        self.rig.expose(seconds)
        self.obey()

    @rule()
    def abort(self) -> None:
        self.rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="On")
        assert self.rig.states()[-1] == ("Idle", 0)
        self.wanted.clear()
        self.obey()

    @precondition(lambda self: self.job and not self.open)
    @rule()
    def opens(self) -> None:
        self.open = True
        self.hand.say(ExposureStarted(self.job, 0.5, ShutterMode.TIMED, "2026-01-01T00:00:00", self.now))
        self.obey()

    @precondition(lambda self: self.job and self.open and not self.shut)
    @rule()
    def closes(self) -> None:
        self.shut = True
        self.hand.say(ExposureProgress(self.job, Stage.WAITING, "", 60.0))
        self.obey()

    @precondition(lambda self: self.job and self.shut)
    @rule()
    def collected(self) -> None:
        self.made.append(self.job)
        self.job = 0
        self.obey()

    @rule(times=st.integers(1, 3))
    def photos(self, times: int) -> None:
        """So many in a row, as far as they are asked for (and they are, if nothing was); their frames come later."""
        if not self.job:
            self.expose(0.5, 5)
        for _ in range(times):
            if self.job and not self.open:
                self.opens()
            if self.job and not self.shut:
                self.closes()
            if self.job:
                self.collected()

    @precondition(lambda self: self.made)
    @rule()
    def developed(self) -> None:
        number = self.made.popleft()
        self.frame_id += 1
        self.offered.append(number)
        self.hand.frame(b"%d" % number, number, self.frame_id)
        self.obey()

    @precondition(lambda self: self.made)
    @rule()
    def undevelopable(self) -> None:
        number = self.made.popleft()
        self.failures += number in self.wanted
        self.hand.say(ExposureFailed(number, "The file is broken."))
        self.obey()

    @precondition(lambda self: self.job)
    @rule()
    def fails(self) -> None:
        self.failures += self.job in self.wanted
        held, self.held = self.held, 0
        number = self.job
        self.end(ExposureFailed(number, "The cable."))
        if held:
            self.hand.say(ExposureFailed(held, "The cable."))
        self.obey()

    @rule()
    def dies(self) -> None:
        self.failures += 1
        self.wanted.clear()
        self.hand.die()
        self.obey()

    @rule(on=st.booleans())
    def server(self, on: bool) -> None:
        self.rig.acknowledge = on
        self.rig.run()
        self.obey()

    @rule(on=st.booleans())
    def toggle(self, on: bool) -> None:
        self.rig.new("Switch", "CCD_FAST_TOGGLE", **{"INDI_ENABLED" if on else "INDI_DISABLED": "On"})
        self.obey()

    @rule(seconds=st.sampled_from([0.2, 1.0, 6.0]))
    def waits(self, seconds: float) -> None:
        self.rig.wait(seconds)
        self.obey()

    @property
    def now(self) -> float:
        return self.rig.clock.monotonic()

    # --- what holds -------------------------------------------------------------------------------------------------

    @invariant()
    def every_frame_once_in_order_and_asked_for(self) -> None:
        sent = [int(data) for data in self.rig.blobs]
        assert sent == sorted(set(sent))
        assert set(sent) <= set(self.offered)

    @invariant()
    def never_more_on_their_way(self) -> None:
        assert len(self.rig.device.exposure.series.owed) <= MAX_OWED + 1

    @invariant()
    def no_alert_without_a_failure(self) -> None:
        assert sum(state == "Alert" for state, _ in self.changes()) <= self.failures

    def changes(self) -> list[tuple[str, float]]:
        """CCD_EXPOSURE's states, without repetitions: a refusal shows the state again."""
        found = self.rig.states()
        return [state for place, state in enumerate(found) if place == 0 or state != found[place - 1]]

    def teardown(self) -> None:
        """Left alone, with a hand that says nothing more, nothing stays Busy."""
        self.rig.acknowledge = True
        self.rig.run()
        self.obey()
        self.rig.wait(HELD_S + SILENCE_S + 10)
        states = self.rig.states()
        assert not states or states[-1][0] != "Busy", states[-3:]
        counts = self.rig.states("CCD_FAST_COUNT")
        assert not counts or counts[-1][0] != "Busy", counts[-3:]
        self.rig.close()


TestFastExposures = FastExposures.TestCase
TestFastExposures.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
