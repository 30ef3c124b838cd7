"""Random nights: exposures, aborts, presses on the body, faults, pulled cables and killed workers, on one seed.

`Night(seed).run(captures)` plays them in virtual time through the endpoints of the simulated camera, and checks what
must never happen: an old frame as the answer to a request, a frame twice, a frame that is lost without a word, a
request without an end, a button left down. A failing seed replays exactly.
"""

from __future__ import annotations

import argparse
import logging
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from indi_sony_py.engine.messages import (
    Abort,
    Aborted,
    CameraStatus,
    Change,
    Collected,
    Connect,
    Disconnect,
    Expose,
    ExposureFailed,
    ExposureProgress,
    ExposureRequest,
    ExposureStarted,
    LiveFrame,
    LiveView,
    Notice,
    Role,
    SettingsReport,
    Stage,
)
from indi_sony_py.engine.moves import Button, Fetch
from indi_sony_py.sim.control import BadCommand
from indi_sony_py.sim.referee import Entry
from tests.engine.bench import Bench, serial_of

__all__ = ["BODIES", "MORE_BODIES", "Night", "main"]

BODIES = (
    *("ILCE-6000", "ILCE-7SM3", "ILCE-7M3", "ILCE-7RM4", "ILCE-7S", "ILCE-6400"),
    *("ILCE-7C", "ILCE-7M4", "ILCE-7RM5", "ILCE-1M2", "ZV-E10", "ILCA-77M2"),
)
MORE_BODIES = (
    *BODIES,
    *("ILCE-7M2", "ILCE-7RM2", "ILCE-7SM2", "ILCE-9", "ILCE-6300", "ILCE-6500", "ILCE-7RM3", "ILCE-6600"),
    *("ILCE-9M2", "ILCE-1", "ILCE-7CM2", "ILCE-6700"),
)
"""For long runs, in turn: the seeds of the tests draw from the list before."""
TIMES = (0.00025, 0.01, 0.3, 0.5, 1.0, 1.7, 2.0, 5.0, 5.3, 10.0, 21.7, 30.0, 45.5)
BRIEF = (*TIMES, *(time for time in TIMES for _ in range(9) if time <= 2.0))
"""For very long runs: an open shutter is looked at ten times a second, and what matters happens at its ends."""
PASSING = (
    ({"kind": "no-answer"}, (0x9209, 0x9207, 0x1008)),
    ({"kind": "late-answer", "seconds": 2.0}, (0x9209, 0x9207, 0x1008, 0x1009)),
    ({"kind": "stall"}, (0x9209, 0x9207, 0x1008, 0x1009)),
    ({"kind": "refuse", "code": 0x2019}, (0x9209, 0x1008, 0x1009)),
    ({"kind": "empty-object-info"}, (0x1008,)),
    ({"kind": "zlp-before-data"}, (0x9209, 0x1009)),
    ({"kind": "zlp-before-response"}, (0x9209, 0x9207)),
    ({"kind": "header-alone"}, (0x9209, 0x1009)),
    ({"kind": "damaged-data", "offset": 0, "bytes": 4}, (0x9209,)),
    ({"kind": "stale-answer"}, (0x9209, 0x9207)),
)
OTHERS: tuple[dict[str, Any], ...] = (
    {"kind": "deaf"},
    {"kind": "early-event"},
    {"kind": "noise-reduction"},
    {"kind": "slow-image", "seconds": 12.0},
    {"kind": "absurd-count"},
    {"kind": "pair", "gap_s": 0.8, "raw_first": True},
    {"kind": "pair", "gap_s": 0.3, "count_once": True},
    {"kind": "drop-event", "when": {"count": 5}},
    {"kind": "double-event", "when": {"count": 5}},
    {"kind": "late-event", "when": {"count": 3}},
    {"kind": "flood"},
    {"kind": "ignore-set", "when": {"property": 0xD20D}},
    {"kind": "overshoot", "when": {"property": 0xD20D}},
    {"kind": "fall-back", "when": {"property": 0xD20D}, "value": 0x000100FA, "seconds": 0.2},
    {"kind": "slow-set", "when": {"property": 0xD20D}, "seconds": 0.5},
)
UNKNOWABLE_S = 1.5
"""A photo that somebody starts at the body so shortly before our press, with the settings that were made for it, shows
in nothing that the camera tells: it is made as asked, and is taken for ours. (And 3 % of its length: what a body's
nominal speeds may be off; and 1 s in bulb, whose time a file may round.)"""
IGNORED_S = 3.0
"""Where the body ignored our press (a photo that somebody took was under way, say), and somebody takes one so soon
behind it with our settings: its time by the camera's clock, in whole seconds, and its length are those of ours. It is
handed out; all that was asked for is true of it but the seconds of its DATE-OBS."""
LAST_MOMENT_S = 4.0
"""An image that somebody makes at the body so shortly before a disconnect may stay in the camera for the next one."""


class Killed(BaseException):
    """The process ends here, in the middle of whatever it does."""


class Fuse:
    """Ends the process before or after its n-th next USB transfer, or call of the session."""

    def __init__(self, bench: Bench) -> None:
        self.left: int | None = None
        self.after = False
        for name in ("bulk_write", "bulk_read", "intr_read"):
            setattr(bench.backend, name, self._watched(getattr(bench.backend, name)))
        bench.transfer = self._watched(lambda: None)

    def _watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **named: Any) -> Any:
            ends = False
            if self.left is not None:
                self.left -= 1
                ends = self.left < 0
            if ends and not self.after:
                raise Killed
            result = call(*args, **named)
            if ends:
                raise Killed
            return result

        return watched


@dataclass
class Asked:
    request: ExposureRequest
    at: float
    ends: list[str] = field(default_factory=list)


class Wrong(AssertionError):
    """Something happened that must never happen; the text tells what and in which night."""


class Night:
    """One seed's night, or that of a source of chance.

    `lossy`: killed while an image was read. `blind`: killed at the very press, so that nobody knows of it.
    `fast`: the share of exposures that are series, each asked for when the shutter of the one before has closed.
    `live`: the share of moments in which live view is wished for, if it is not, or no more, if it is.
    """

    new_bench: Callable[..., Bench] = staticmethod(Bench)
    new_fuse: Callable[[Any], Fuse] = staticmethod(Fuse)

    def __init__(
        self, seed: int | random.Random, body: str | None = None, seam: str = "endpoints",
        times: Sequence[float] = TIMES, fast: float = 0.0, live: float = 0.0,
    ) -> None:  # fmt: skip
        self.seed = seed
        self.times = times
        self.pick = random.Random(seed) if isinstance(seed, int) else seed
        self.body = body or self.pick.choice(BODIES)
        self.bench = self.new_bench(self.body, seam=seam)
        self.fuse = self.new_fuse(self.bench)
        self.tape: list[tuple[float, str]] = []
        self.asked: dict[int, Asked] = {}
        self.collected: Counter[int] = Counter()
        self.roles: Counter[str] = Counter()
        self.read = 0
        self.killed = 0
        self.captures = 0
        self.faults = 0
        self.lossy = False
        self.blind = False
        self.finger_until = 0.0
        self.fingers: list[float] = []
        self.fast = fast
        self.live = live
        self.viewed = 0
        self.series = 0
        self.leader = self.follower = 0
        self.heard = 0
        self.followed = 0
        self.step = self.bench.step
        self.bench.step = self.step_and_follow  # type: ignore[method-assign]

    # --- what happens -----------------------------------------------------------------------------------------------

    def run(self, captures: int) -> None:
        bench = self.bench
        bench.connect()
        while self.captures < captures:
            if self.live and self.pick.random() < self.live:
                self.look_through()
            self.moment()
            self.look()
        self.end()

    def moment(self) -> None:
        pick, bench = self.pick, self.bench
        dice = pick.random()
        if dice < 0.50:
            self.expose()
            if pick.random() < 0.75:
                self.wait_idle()
        elif dice < 0.58:
            self.say("abort")
            bench.worker.post(Abort())
            bench.step()
        elif dice < 0.66:
            self.press(pick.choice((0.1, 0.1, 1.0, 4.0)))
        elif dice < 0.80:
            self.fault()
        elif dice < 0.84:
            self.act("unplug", back_s=pick.choice((0.5, 2.0, 8.0)))
        elif dice < 0.88:
            self.kill()
        elif dice < 0.90:
            self.reconnect()
        elif dice < 0.93:
            view = bench.worker.state.shown
            iso = view.get("iso") if view is not None else None
            if iso is not None and iso.options:
                bench.worker.post(Change("iso", pick.choice(iso.options).value))
        else:
            bench.run(pick.choice((0.05, 0.3, 1.0, 3.0, 10.0)))

    def look_through(self) -> None:
        """Live view on, or for once off."""
        bench = self.bench
        on = not bench.worker.state.live or self.pick.random() < 0.8
        self.say(f"live view {on}")
        bench.worker.post(LiveView(on))
        bench.run(self.pick.choice((0.01, 0.1, 1.0)))

    def say(self, text: str) -> None:
        self.tape.append((self.bench.clock.monotonic(), text))

    def act(self, command: str, **args: Any) -> None:
        self.say(f"{command} {args}")
        try:
            self.bench.do(command, **args)
        except BadCommand:
            return

    def press(self, hold_s: float) -> None:
        """Somebody's finger on the body; one that stays down holds a bulb of ours open too."""
        self.fingers.append(self.bench.clock.monotonic())
        self.finger_until = max(self.finger_until, self.bench.clock.monotonic() + hold_s)
        self.act("press", hold_s=hold_s)

    def fault(self) -> None:
        pick = self.pick
        if pick.random() < 0.6:
            row, operations = pick.choice(PASSING)
            row = {**row, "when": {"operation": pick.choice(operations)}}
        else:
            row = dict(pick.choice(OTHERS))
        self.faults += 1
        self.act("fault", row=row)

    def expose(self) -> None:
        pick, bench = self.pick, self.bench
        self.captures += 1
        options: dict[str, Any] = {}
        if pick.random() < 0.2:
            options["capture_format"] = "raw+jpeg"
        if pick.random() < 0.1:
            options["frame_type"] = "Bias"
        request = bench.ask(pick.choice(self.times), **options)
        self.say(f"expose {request.id}: {request.duration_s} s {options}")
        self.asked[request.id] = Asked(request, bench.clock.monotonic())
        self.leader, self.follower, self.series = request.id, 0, 0
        if self.fast and pick.random() < self.fast:
            self.series = pick.randrange(1, 6)
        bench.step()

    def step_and_follow(self, limit: float = math.inf) -> None:
        """A step, and what a driver does of it for a series of fast exposures."""
        self.step(limit)
        reports, self.heard = self.bench.reports[self.heard :], len(self.bench.reports)
        for report in reports:
            match report:
                case ExposureProgress(id=number, stage=Stage.WAITING) if number == self.leader and self.series:
                    if not self.follower:
                        self.follow()
                case ExposureProgress(id=number) if number == self.follower:
                    self.leader, self.follower = number, 0
                case ExposureFailed(id=number) | Aborted(id=number) if number == self.leader:
                    self.take_back()
                    self.series = 0

    def follow(self) -> None:
        request = replace(self.asked[self.leader].request, id=self.bench.next_id)
        self.bench.next_id += 1
        self.captures += 1
        self.followed += 1
        self.series -= 1
        self.say(f"expose {request.id} behind {self.leader}")
        self.asked[request.id] = Asked(request, self.bench.clock.monotonic())
        self.bench.worker.post(Expose(request, self.leader))
        self.follower = request.id
        if self.pick.random() < 0.05:
            self.series = 0
            self.take_back()

    def take_back(self) -> None:
        if self.follower:
            self.say(f"take {self.follower} back")
            self.bench.worker.post(Abort(self.follower))
            self.follower = 0

    def wait_idle(self) -> None:
        """Step until nothing is under way; it must come to an end."""
        bench = self.bench
        end = bench.clock.monotonic() + 400
        while self.under_way and bench.clock.monotonic() < end:
            bench.step(end)
        if self.under_way:
            self.wrong(f"no end of {bench.worker.state.job} in {bench.worker.state.phase} after 400 s")

    @property
    def under_way(self) -> bool:
        state = self.bench.worker.state
        return state.job is not None or state.held is not None

    def kill(self) -> None:
        """The process dies: at once, or in the middle of some transfer. What it had handed on is safe."""
        bench = self.bench
        if self.pick.random() < 0.6:
            self.fuse.left, self.fuse.after = self.pick.randrange(30), self.pick.random() < 0.5
            with suppress(Killed):
                bench.run(self.pick.choice((1.0, 5.0, 20.0)))
            self.fuse.left = None
        self.say("kill")
        self.look()
        state = bench.worker.state
        owed = state.job.shot if state.job is not None and not state.job.raw_done else state.owed
        if isinstance(state.doing, Fetch):
            self.lossy = True
        if isinstance(state.doing, Button) and state.doing.down:
            self.blind = True
        for asked in self.asked.values():
            if not asked.ends:
                asked.ends.append("killed")
        self.leader = self.follower = self.series = 0
        bench.kill()
        self.killed += 1
        bench.run(0.1)
        bench.worker.post(Connect(owed=owed))
        bench.run(self.pick.choice((0.5, 4.0, 8.0)))

    def reconnect(self) -> None:
        self.say("disconnect, connect")
        self.bench.worker.post(Disconnect())
        self.bench.step()
        self.wait_idle()
        self.bench.run(1.0)
        self.bench.connect()

    def told(self) -> list[str]:
        """What was done and reported (as it was looked at), and what the referee noted, in their order."""
        notes = [(e.t, f"referee: {e.kind} {e.rule} {e.detail}") for e in self.bench.referee.entries]
        return [f"{at:10.3f} {text}"[:240] for at, text in sorted([*self.tape, *notes], key=lambda line: line[0])]

    # --- what must hold ---------------------------------------------------------------------------------------------

    def wrong(self, text: str) -> None:
        raise Wrong(f"seed {self.seed}, {self.body}, t={self.bench.clock.monotonic():.3f}: {text}")

    def look(self) -> None:
        reports = self.bench.reports
        for report in reports[self.read :]:
            self.viewed += isinstance(report, LiveFrame)
            if not isinstance(report, Collected | SettingsReport | LiveFrame):
                self.say(f"  {report}")
            match report:
                case Collected():
                    self.image(report)
                case ExposureFailed() | Aborted() if report.id:
                    self.ended(report.id, type(report).__name__)
                case ExposureStarted() | CameraStatus() | Notice():
                    pass
        self.read = len(reports)

    def ended(self, number: int, how: str) -> None:
        asked = self.asked[number]
        asked.ends.append(how)
        if len(asked.ends) > 1:
            self.wrong(f"request {number} ended as {asked.ends}")

    def image(self, report: Collected) -> None:
        self.say(f"  image {report.name} {report.role.value} {report.why}")
        self.roles[report.role.value] += 1
        serial = serial_of(report.data)
        if not report.name.endswith("ARW") or serial is None:
            return
        self.collected[serial] += 1
        if self.collected[serial] > 1:
            self.wrong(f"image {serial} came out twice")
        if report.role is Role.FRAME:
            assert report.shot is not None
            number = report.shot.request.id
            self.ended(number, "frame")
            press = self.bench.presses[serial]
            early = report.shot.pressed_at - press.opened
            unknowable = UNKNOWABLE_S + 0.03 * press.exposure_s + (1.0 if report.shot.nominal_s is None else 0.0)
            late = IGNORED_S if press.by == "body" and self.ignored(report.shot.pressed_at) else 0.2
            if not -late < early < (0.2 if press.by == "host" else unknowable):
                self.wrong(
                    f"stale: request {number} pressed at {report.shot.pressed_at:.3f} was answered with "
                    f"image {serial}, opened at {press.opened:.3f} by the {press.by}"
                )
            bulb = report.shot.measured_s is not None and press.by == "host" and press.opened > self.finger_until
            if bulb and abs(press.exposure_s - report.shot.request.duration_s) > 0.002:
                self.wrong(f"bulb of {report.shot.request.duration_s} s was open {press.exposure_s} s")
        if report.role is Role.DROPPED and (report.shot is None or not report.shot.aborted):
            self.wrong(f"image {serial} was dropped though nobody aborted it")

    def ignored(self, at: float) -> bool:
        """Whether the body took no photo for what the host pressed at that time."""
        entries = self.bench.referee.entries
        return any(e.kind == "refused" and "by the host" in e.detail and abs(e.t - at) < 0.2 for e in entries)

    def end(self) -> None:
        bench = self.bench
        self.wait_idle()
        bench.run(120.0)
        for _ in range(5):
            if bench.worker.state.camera is None:
                bench.connect()
                bench.run(60.0)
        self.wait_idle()
        bench.run(5.0)
        self.look()
        for number, asked in self.asked.items():
            if not asked.ends:
                self.wrong(f"request {number} never ended")
        body, memory = bench.camera.body, bench.camera.memory
        if body.full or body.half:
            self.wrong("a button is still down")
        if memory.counter():
            self.wrong(f"0xD215 is 0x{memory.counter():04X} at the end")
        missing = [s for s in bench.presses if not self.collected[s] and bench.presses[s].format.raw]
        if missing and not (self.lossy or bench.lost):
            self.wrong(f"images {missing} are gone without a word")
        for broken in bench.referee.broken:
            if not self.excused(broken):
                self.wrong(f"the referee wrote: {broken}")

    def excused(self, broken: Entry) -> bool:
        if broken.rule == "R-UNFETCHED":
            return any(0 <= broken.t - at < LAST_MOMENT_S for at in self.fingers)
        if broken.rule in ("R-PRESS-TWICE", "R-LIVE-VIEW"):
            return self.blind
        return bool(self.killed) and broken.rule == "R-HOST-GONE-DOWN"


def main() -> int:
    parser = argparse.ArgumentParser(description="Random nights on the simulated camera, in virtual time.")
    parser.add_argument("--captures", type=int, default=1000, help="how many exposures in all")
    parser.add_argument("--each", type=int, default=40, help="exposures a night")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--body", help="one body instead of all in turn")
    parser.add_argument("--seam", choices=("endpoints", "session"), default="endpoints", help="where the camera begins")
    parser.add_argument("--brief", action="store_true", help="nine of ten exposures are no longer than 2 s")
    parser.add_argument("--fast", type=float, default=0.0, help="share of exposures that are series of fast ones")
    parser.add_argument("--live", type=float, default=0.0, help="share of moments in which live view is asked for")
    parser.add_argument("--verbose", action="store_true", help="tell what happened, with the notes of the referee")
    parser.add_argument("--go-on", action="store_true", help="tell of failing seeds and go on")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    began, done, seed, failed = time.process_time(), 0, options.seed, 0
    roles: Counter[str] = Counter()
    faults = kills = 0
    times = BRIEF if options.brief else TIMES
    while done < options.captures:
        night = Night(
            seed, options.body or MORE_BODIES[seed % len(MORE_BODIES)], options.seam, times, options.fast, options.live
        )
        try:
            night.run(options.each)
        except Exception as error:
            failed += 1
            print(f"{type(error).__name__}: {error} (seed {seed}, {night.body})"[:600])
            print(
                f"replay: --seed {seed} --captures {options.each} --each {options.each} --body {night.body} "
                f"--seam {options.seam} --verbose{' --brief' * options.brief} --fast {options.fast} "
                f"--live {options.live}",
                flush=True,
            )
            if not options.go_on and not options.verbose:
                raise
        if options.verbose:
            print("\n".join(night.told()))
        done += night.captures
        roles.update(night.roles)
        faults += night.faults
        kills += night.killed
        seed += 1
    print(
        f"{done} captures in {seed - options.seed} nights, {faults} faults, {kills} kills, {failed} failed, "
        f"{dict(roles)}, {done / (time.process_time() - began):.0f} captures a second of a core"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
