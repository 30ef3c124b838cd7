"""The capture machine alone: every phase with every input, and long random walks, without a camera."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.engine.capture import advance
from indi_sony_py.engine.focusmessages import MoveFocus, StopFocus, To, UseLens
from indi_sony_py.engine.focustable import ASSUMED
from indi_sony_py.engine.messages import (
    Abort,
    Aborted,
    Change,
    Collected,
    Connect,
    Disconnect,
    Expose,
    ExposureFailed,
    ExposureRequest,
    Identity,
    Leave,
    LiveFrame,
    LiveView,
    Observed,
    Policy,
    Role,
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
    FileFacts,
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
    Tell,
    Tick,
    Viewed,
    Write,
    Wrote,
    kind_of,
)
from indi_sony_py.engine.phases import ACCEPTS, COMMITTED, NEXT, RESULTS, InputKind, Phase
from indi_sony_py.engine.state import State
from indi_sony_py.errors import (
    BadData,
    CameraGone,
    CameraRefused,
    CameraSilent,
    CameraStalled,
    OutsideError,
    RuleBroken,
)
from indi_sony_py.observatory import Observatory
from indi_sony_py.ptp.data import DataType
from indi_sony_py.sony.codes import Ctl, Prop
from indi_sony_py.sony.snapshot import Descriptor, Form, Settings, Version

ERRORS: tuple[OutsideError, ...] = (
    CameraGone("gone"),
    CameraSilent("silent"),
    CameraStalled("stalled"),
    CameraRefused("it", 0x2019),
    BadData("x", 0, "y"),
)
SHUTTERS = (0, 0x012C000A, 0x0032000A, 0x000A000A, 0x0005000A, 0x00010FA0)
ISOS = (100, 200, 400, 800)


def some_settings(pick: random.Random, version: Version, tidy: bool) -> Settings:
    """Settings of a body: tidy ones hold everything that an exposure needs, others hold anything."""

    def choose(good: int, *others: int) -> int:
        return good if tidy else pick.choice((good, *others))

    u8, u16, u32 = DataType.UINT8, DataType.UINT16, DataType.UINT32
    wide = u32 if version is Version.V300 else u16
    found = [
        Descriptor(Prop.OBJECTS_IN_MEMORY, u16, 0, 1, 0, choose(0, 1, 0x8001, 0x8002, 0xFFFB)),
        Descriptor(Prop.SHUTTER_SPEED, u32, 1, 1, 0, pick.choice(SHUTTERS), Form.ENUM, SHUTTERS, SHUTTERS),
        Descriptor(Prop.ISO, u32, 1, 1, 0, pick.choice(ISOS), Form.ENUM, ISOS, ISOS),
        Descriptor(Prop.PROGRAM, wide, 1, 2, 0, choose(1, 3, 0x8050)),
        Descriptor(Prop.DRIVE, wide, 1, 1, 0, choose(1, 0x8004), Form.ENUM, (1, 0x8004), (1, 0x8004)),
        Descriptor(Prop.FOCUS_MODE, u16, 1, 1, 0, choose(1, 2, 0x8005), Form.ENUM, (1, 2), (1, 2)),
        Descriptor(Prop.FOCUS_INDICATION, u8, 0, 2, 0, choose(1, 2, 3, 5, 6, 7)),
        Descriptor(Prop.LIVE_VIEW, u8, 0, 2, 0, choose(1, 0, 2)),
        Descriptor(Prop.BATTERY, DataType.INT8, 0, 1, 0, 50),
    ]
    if version is Version.V200:
        found.append(Descriptor(Ctl.HALF_PRESS, u16, 0x81, 1, 1, choose(1, 2), Form.ENUM, (1, 2)))
        found.append(Descriptor(Ctl.FULL_PRESS, u16, 0x81, 1, 1, choose(1, 2), Form.ENUM, (1, 2)))
    else:
        found.append(Descriptor(Prop.LONG_EXPOSURE_NR, u8, 1, 1, 0, choose(1, 2), Form.ENUM, (1, 2), (1, 2)))
        found.append(Descriptor(Prop.FILE_FORMAT_300, u8, 1, 1, 0, choose(1, 2, 3), Form.ENUM, (1, 2, 3), (1, 2, 3)))
    if not tidy and pick.random() < 0.2:
        found = [d for d in found if pick.random() < 0.7]
    return Settings(tuple(found), version, version.lists)


def answer(pick: random.Random, doing: Io, now: float, tidy: bool) -> Input:
    """One of the results that `doing` can have."""
    if pick.random() < 0.05:
        return Failed(doing, pick.choice(ERRORS), now, "2026-01-01T00:00:00.000000")
    version = pick.choice(tuple(Version))
    match doing:
        case Open():
            model = pick.choice(("ILCE-7SM3", "ILCE-6000", "ILCE-XX9"))
            return Opened(Identity(model), version, some_settings(pick, version, tidy))
        case Close():
            return Closed()
        case Read():
            return SettingsRead(some_settings(pick, version, tidy))
        case Write():
            return Wrote(doing.code)
        case Button():
            return Moved(doing.control, doing.down, now, "2026-01-01T00:00:00.000000")
        case Look():
            frame = None if pick.random() < 0.3 else LiveFrame(doing.number, b"", 8, 8, now)
            return Viewed(frame, now, "" if frame else "nothing")
        case Fetch():
            if pick.random() < 0.1:
                return Empty()
            raw = pick.random() < 0.8
            exposure_s, nr = pick.choice((None, 0.5, 5.0, 30.0)), pick.choice((None, True, False))
            facts = FileFacts(exposure_s, None, nr, pick.choice((None, now)))
            return Image("A.ARW" if raw else "A.JPG", 0xB101 if raw else 0x3801, pick.randrange(3), b"x", facts)


def a_request(pick: random.Random, number: int) -> Input:
    request = ExposureRequest(
        number,
        pick.choice((0.0, 0.00025, 0.5, 2.1, 5.0, 30.0, 200.0)),
        pick.choice(("Light", "Bias", "Dark", "Flat")),
        pick.choice(tuple(Policy)),
        pick.choice((None, 100, 800, 12345)),
        pick.choice(("raw", "raw+jpeg")),
    )
    return pick.choice(
        (
            Expose(request),
            Expose(request),
            Expose(request),
            Abort(),
            Change("iso", pick.choice(ISOS)),
            MoveFocus(number, pick.choice(tuple(To)), pick.choice((-500.0, 0.0, 3.0, 800.0))),
            StopFocus(),
            UseLens(ASSUMED),
            Observed(number - 1, Observatory("EQ6", 1.0, 2.0)),
            Change("nonsense", 1),
            LiveView(True),
            LiveView(pick.random() < 0.7),
            Connect(),
            Connect(True),
            Disconnect(),
            Leave(),
            Leave(True),
            Stay(),
            Hint(0xC201),
        )
    )


class Walker:
    """Random but legal: results answer what is under way, requests come at any time, time passes."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)
        self.state = State()
        self.now = 1000.0
        self.asked = 0
        self.ended: dict[int, list[str]] = {}
        self.seen: dict[Phase, list[State]] = {phase: [] for phase in Phase}

    def feed(self, item: Input) -> tuple[Action, ...]:
        before = self.state
        self.state, actions = advance(self.state, item, self.now)
        self.check(before, item, actions)
        return actions

    def check(self, before: State, item: Input, actions: tuple[Action, ...]) -> None:
        state = self.state
        wanted = [a for a in actions if not isinstance(a, Tell)]
        assert len(wanted) <= 1
        assert bool(wanted) == (state.doing is not None and state.doing is not before.doing) or before.doing is not None
        if before.phase in COMMITTED and before.job is not None and kind_of(item) not in RESULTS:
            assert state.job is not None or state.phase is Phase.IDLE or before.phase is not Phase.EXPOSING
        for a in actions:
            if not isinstance(a, Tell):
                continue
            report = a.report
            if isinstance(report, ExposureFailed | Aborted) and report.id:
                self.ended.setdefault(report.id, []).append(type(report).__name__)
            if isinstance(report, Collected) and report.role is Role.FRAME:
                assert report.shot is not None
                self.ended.setdefault(report.shot.request.id, []).append("frame")
        if len(self.seen[state.phase]) < 20:
            self.seen[state.phase].append(state)

    def step(self) -> None:
        pick = self.pick
        tidy = pick.random() < 0.9
        self.now += pick.choice((0.0, 0.001, 0.05, 0.3, 1.0))
        if pick.random() < 0.06:
            self.asked += 1
            self.feed(a_request(pick, self.asked))
        elif self.state.doing is not None:
            self.feed(answer(pick, self.state.doing, self.now, tidy))
        else:
            if self.state.wake < float("inf") and pick.random() < 0.9:
                self.now = max(self.now, self.state.wake)
            self.feed(Tick())


@given(st.integers(0, 2**32))
@settings(max_examples=60)
def test_random_walks_keep_the_table(seed: int) -> None:
    walker = Walker(seed)
    walker.feed(Connect())
    for _ in range(400):
        walker.step()
    for number, ends in walker.ended.items():
        assert len(ends) == 1, f"request {number} ended as {ends}"


def representative() -> dict[Phase, list[State]]:
    found: dict[Phase, list[State]] = {phase: [] for phase in Phase}
    for seed in range(60):
        walker = Walker(seed)
        walker.feed(Connect())
        for _ in range(300):
            walker.step()
        for phase, states in walker.seen.items():
            found[phase].extend(states[:: max(1, len(states) // 5)])
    return found


STATES = representative()


@pytest.mark.parametrize("phase", list(Phase), ids=lambda p: p.name)
def test_every_input_in_every_phase_is_legal_or_a_broken_rule(phase: Phase) -> None:
    assert STATES[phase], "the walks reach every phase"
    pick = random.Random(1)
    seen: set[InputKind] = set()
    for state in STATES[phase]:
        items: list[Input] = [
            Connect(),
            Disconnect(),
            Expose(ExposureRequest(99, 5.0)),
            Abort(),
            Change("iso", 100),
            MoveFocus(1, To.PLACE, 100.0),
            StopFocus(),
            UseLens(ASSUMED),
            Leave(),
            Observed(99, Observatory("EQ6")),
            Leave(True),
            Stay(),
            Tick(),
            Hint(),
            Closed(),
            Empty(),
            LiveView(True),
            Viewed(None, 1e6, "nothing"),
            Wrote(Prop.ISO),
            Image("A.ARW", 0xB101, 1, b""),
            Moved(Ctl.FULL_PRESS, True, 1e6, ""),
            Moved(Ctl.HALF_PRESS, False, 1e6, ""),
            Opened(Identity("ILCE-7SM3"), Version.V300, some_settings(pick, Version.V300, True)),
            SettingsRead(some_settings(pick, Version.V300, True)),
            *(Failed(state.doing or Read(), e) for e in ERRORS),
        ]
        for item in items:
            kind = kind_of(item)
            seen.add(kind)
            try:
                after, _ = advance(state, item, max(1e4, state.settings_at) + 1)
            except RuleBroken:
                assert kind in RESULTS, f"a request can always come: {item}"
                continue
            assert kind in ACCEPTS[phase]
            assert after.phase in reachable(phase)
    assert seen == set(InputKind)


def reachable(phase: Phase) -> set[Phase]:
    found = {phase}
    while True:
        more = found.union(*(NEXT[p] for p in found))
        if more == found:
            return found
        found = more


def test_the_table_names_every_phase() -> None:
    assert set(NEXT) == set(ACCEPTS) == set(Phase)
    assert {Phase.EXPOSING, Phase.AWAITING, Phase.COLLECTING} == COMMITTED
    assert len(Phase) <= 13
