"""Settings that must hold before an exposure, and the way to each of them. Pure.

Rules kept here (numbers of the camera rules in brackets):

- What can be set is set, for the rest the menu is named [3]. Success is the property that reads back, nothing else [1].
- 3.00: the value itself. 2.00: notches, not faster than the body follows (up to 0.7 s each), the distance in one jump,
  then single steps, each read back; lists that lie end in a cycle or a standstill, which is seen and ends the walk.
- Never two writes in flight; every walk has a bound of writes and of time.
- A written setting may fall back a moment later: the caller reads again and comes back here before it presses [3].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from indi_sony_py import texts
from indi_sony_py.engine.moves import How, Write
from indi_sony_py.ptp.data import DataType
from indi_sony_py.sony import magnifier
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Descriptor, Settings, Version
from indi_sony_py.sony.values import decode_shutter
from indi_sony_py.texts import Text

__all__ = [
    "BULB_WORDS",
    "FORMAT_WORDS",
    "ISO_WORDS",
    "SPEED_WORDS",
    "Goal",
    "Ladder",
    "Need",
    "Next",
    "Ready",
    "Refused",
    "Wait",
    "Walk",
    "Words",
    "moving",
    "pursue",
    "same",
    "still_s",
]

SETTLE_S = 3.0
"""A value that does not read back after this is written again (libgphoto2 waits 2 to 3 s)."""
POLL_S = 0.1
VALUE_TRIES = 3
STANDSTILL_S = 2.5
"""Notches: no change for this long is a standstill (SonyCamera allows 2 s a notch)."""
TELL_MOVE_S = 2.0
"""A setting that is on its way for longer is told of."""
MAX_STEPS = 150
MAX_WALK_S = 60.0

Ladder = tuple[int, ...]
"""Codes in the order of the notches: a step of +1 goes to the next index."""


@dataclass(frozen=True, slots=True)
class Words:
    """Rows of the catalogue for a setting that is not listed, `stays` at a value, cannot be read, or takes a while."""

    not_listed: Text
    stays: Text
    unreadable: Text
    moves: Text


ISO_WORDS = Words(
    texts.settings.ISO_NOT_LISTED, texts.settings.ISO_STAYS, texts.settings.ISO_UNREADABLE, texts.settings.ISO_MOVES
)
SPEED_WORDS = Words(
    texts.settings.SPEED_NOT_LISTED,
    texts.settings.SPEED_STAYS,
    texts.settings.SPEED_UNREADABLE,
    texts.settings.SPEED_MOVES,
)
BULB_WORDS = Words(
    texts.settings.BULB_NOT_LISTED,
    texts.settings.BULB_STAYS,
    texts.settings.BULB_UNREADABLE,
    texts.settings.SPEED_MOVES,
)
FORMAT_WORDS = Words(
    texts.settings.FORMAT_NOT_LISTED,
    texts.settings.FORMAT_STAYS,
    texts.settings.FORMAT_UNREADABLE,
    texts.settings.FORMAT_MOVES,
)


@dataclass(frozen=True, slots=True)
class Goal:
    """Bring `code` to `target`.

    When that fails the user reads `wrong`, or one of `words`, where `aim` names the target and `show` its other values;
    nothing where both are missing. `write_code`: a settable twin. `ladder`: not empty where only notches move it.
    `tries`: so often a value is written.
    """

    code: int
    target: int
    words: Words | None = None
    aim: str = ""
    wrong: str = ""
    show: Callable[[int], str] = str
    write_code: int = 0
    ladder: Ladder = ()
    notches: bool = False
    notch_s: float = 0.1
    tries: int = VALUE_TRIES


@dataclass(frozen=True, slots=True)
class Need:
    """One setting that must hold: `check` gives None when it does, a `Goal`, or a text that names the menu.

    `must`: without it no exposure; else it is only told, or passed over where the text is empty.
    """

    name: str
    check: Callable[[Settings], Goal | str | None]
    must: bool = True


@dataclass(frozen=True, slots=True)
class Walk:
    """How far the adjusting is. Frozen: each step gives a new one.

    `refused`: what the camera answered to a write, 0 for OK. `pace`: the longest time that a notch took, as seen (s).
    `told`: the user knows that the goal takes a while. `left`: code and target of the goal that was met last.
    `stubborn`: needs that could not be met and may be done without, each with the code and the value that stayed.
    """

    started_at: float
    goal: Goal | None = None
    need: str = ""
    goal_at: float = 0.0
    wrote_at: float = 0.0
    changed_at: float = 0.0
    before: int | None = None
    writes: int = 0
    seen: tuple[int, ...] = ()
    in_flight: bool = False
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    last_write_at: float | None = None
    refused: int = 0
    pace: float = 0.0
    told: bool = False
    left: tuple[int, int] | None = None
    stubborn: tuple[tuple[str, int, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """Read again after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything holds in the settings that were looked at."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A setting that must hold cannot be brought there; the text says which and what to do."""

    text: str


Next = Write | Wait | Ready | Refused


def same(code: int, one: int, other: int) -> bool:
    """Whether two values of a property mean the same: shutter speeds are compared as fractions, the magnifier by what
    it shows."""
    if code in (Prop.SHUTTER_SPEED, Prop.SHUTTER_DIRECT):
        a, b = decode_shutter(one), decode_shutter(other)
        return a == b and a is not None
    if code == Prop.FOCUS_MAGNIFIER:
        return magnifier.same_part(one, other)
    return one == other


def pursue(needs: tuple[Need, ...], settings: Settings, walk: Walk, now: float) -> tuple[Walk, Next]:
    """One look at fresh settings: what to do next. `now` in monotonic seconds."""
    goal = walk.goal
    if goal is not None:
        current = settings.number(goal.code)
        if current is not None and same(goal.code, current, goal.target):
            pace = max(walk.pace, now - walk.changed_at) if goal.notches and walk.in_flight else walk.pace
            walk = replace(walk, goal=None, in_flight=False, left=(goal.code, goal.target), changed_at=now, pace=pace)
        else:
            walk, step = _toward(walk, goal, settings, current, now)
            if not isinstance(step, Refused):
                return walk, step
            need = next(n for n in needs if n.name == walk.need)
            walk, step = _give_up(walk, need, step.text)
            if isinstance(step, Refused):
                return walk, step
            walk = replace(walk, stubborn=(*walk.stubborn, (need.name, goal.code, current)))
    for need in needs:
        if need.name in walk.skipped:
            continue
        found = need.check(settings)
        if found is None:
            continue
        if isinstance(found, Goal):
            walk, step = _toward(_begin(walk, found, need, now), found, settings, settings.number(found.code), now)
            if not isinstance(step, Refused):
                return walk, step
            found = step.text
        walk, verdict = _give_up(walk, need, found)
        if isinstance(verdict, Refused):
            return walk, verdict
    return walk, Ready()


def _begin(walk: Walk, goal: Goal, need: Need, now: float) -> Walk:
    if goal.notches and walk.left == (goal.code, goal.target):
        # It was there and moved on: a step that goes too far, seen on its way. The same step is still in flight.
        return replace(walk, goal=goal, need=need.name, in_flight=True)
    return replace(
        walk, goal=goal, need=need.name, goal_at=now, changed_at=now, before=None, writes=0, seen=(), in_flight=False,
        refused=0, told=False,
    )  # fmt: skip


def _give_up(walk: Walk, need: Need, text: str) -> tuple[Walk, Next]:
    walk = replace(walk, goal=None, in_flight=False)
    if need.must:
        return walk, Refused(text)
    notes = (*walk.notes, text) if text else walk.notes
    return replace(walk, skipped=(*walk.skipped, need.name), notes=notes), Ready()


def _toward(walk: Walk, goal: Goal, settings: Settings, current: int | None, now: float) -> tuple[Walk, Next]:
    found = settings.get(goal.write_code or goal.code)
    if found is None:
        return walk, Refused(goal.wrong if goal.words is None else goal.words.not_listed())
    if now - walk.goal_at > MAX_WALK_S:
        return walk, _stays(goal, current, walk.refused)
    if goal.notches:
        return _notch(walk, goal, current, now)
    return _value(walk, goal, found, current, now)


def _stays(goal: Goal, current: int | None, refused: int) -> Refused:
    """What the user reads when a setting cannot be brought there."""
    aim = goal.aim or goal.show(goal.target)
    if goal.words is None:
        text = goal.wrong
    elif current is None:
        text = goal.words.unreadable(aim=aim)
    else:
        text = goal.words.stays(value=goal.show(current), aim=aim)
    return Refused(f"{text} {texts.settings.REFUSED(code=f'0x{refused:04X}')}" if refused and text else text)


def moving(walk: Walk, settings: Settings, now: float) -> tuple[Walk, str]:
    """What the user is to be told of a setting that is on its way for long; "" where there is nothing, once a goal."""
    goal = walk.goal
    if goal is None or goal.words is None or walk.told or now - walk.goal_at < TELL_MOVE_S:
        return walk, ""
    current = settings.number(goal.code)
    value = "?" if current is None else goal.show(current)
    return replace(walk, told=True), goal.words.moves(value=value, aim=goal.aim or goal.show(goal.target))


def _value(walk: Walk, goal: Goal, found: Descriptor, current: int | None, now: float) -> tuple[Walk, Next]:
    if walk.in_flight and now - walk.wrote_at < SETTLE_S:
        return walk, Wait(POLL_S)
    if walk.writes >= goal.tries:
        return walk, _stays(goal, current, walk.refused)
    write = Write(How.VALUE, goal.write_code or goal.code, found.type, goal.target)
    return _wrote(walk, found.number, now), write


def _wrote(walk: Walk, before: int | None, now: float) -> Walk:
    return replace(
        walk, before=before, wrote_at=now, changed_at=now, writes=walk.writes + 1, in_flight=True, last_write_at=now
    )


def still_s(walk: Walk, goal: Goal) -> float:
    """After so many seconds without a change it stands still: some bodies are slower than their row says."""
    return max(2 * goal.notch_s, 2 * POLL_S, 1.5 * walk.pace)


def _notch(walk: Walk, goal: Goal, current: int | None, now: float) -> tuple[Walk, Next]:
    """The body moves by itself after a step: wait until it stands still, then look where it went."""
    if walk.in_flight:
        moved = current is not None and walk.before is not None and current != walk.before
        if moved and current != (walk.seen[-1] if walk.seen else None):
            # Still moving, or just arrived: let it stand for as long as one notch may take.
            pace = max(walk.pace, now - walk.changed_at)
            walk = replace(walk, changed_at=now, seen=(*walk.seen, current or 0), pace=pace)
            return walk, Wait(max(POLL_S, goal.notch_s))
        patience = still_s(walk, goal) if moved else STANDSTILL_S + goal.notch_s
        if now - walk.changed_at < patience:
            return walk, Wait(POLL_S)
        if not moved and walk.writes >= 3:
            return walk, _stays(goal, current, walk.refused)
        walk = replace(walk, in_flight=False)
    if walk.writes >= MAX_STEPS:
        return walk, _stays(goal, current, walk.refused)
    if current is not None and walk.seen.count(current) > 3:
        return walk, _stays(goal, current, walk.refused)
    steps = _distance(goal, current) if walk.writes == 0 else _sign(_distance(goal, current))
    write = Write(How.STEPS, goal.write_code or goal.code, DataType.INT8, steps)
    return _wrote(walk, current, now), write


def _distance(goal: Goal, current: int | None) -> int:
    """Notches from here to there, at most what an INT8 holds; never 0."""
    ladder = goal.ladder
    there = _index(goal, goal.target)
    here = None if current is None else _index(goal, current)
    if there is None or here is None or here == there:
        return 1 if there is None or there > len(ladder) // 2 else -1
    return max(-127, min(127, there - here))


def _index(goal: Goal, value: int) -> int | None:
    """The place of a value on the ladder; one that is not on it takes the place of its nearest by size."""
    for i, rung in enumerate(goal.ladder):
        if same(goal.code, rung, value):
            return i
    return None


def _sign(value: int) -> int:
    return -1 if value < 0 else 1


def settable(found: Descriptor, version: Version, target: int) -> bool:
    """Whether writing `target` has a chance: the camera lets it be written, and lists it if it lists anything."""
    if found.get_set == 0 or found.enabled == 0:
        return False
    if found.enabled == 2 and version is Version.V300:
        return False
    return not found.choices or target in found.choices
