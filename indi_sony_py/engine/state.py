"""The whole memory of the capture machine, as frozen records: a log of inputs replays a user's night from them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from enum import Enum

from indi_sony_py.engine.adjust import Need, Walk
from indi_sony_py.engine.focusmessages import FocusReport, MoveFocus
from indi_sony_py.engine.focustable import LensTable, Place
from indi_sony_py.engine.messages import (
    Change,
    Changed,
    ExposureRequest,
    Identity,
    Leave,
    LiveState,
    SettingsReport,
    Shot,
)
from indi_sony_py.engine.moves import Image, Io
from indi_sony_py.engine.phases import Phase
from indi_sony_py.engine.plan import Plan
from indi_sony_py.sony.bodies import Body
from indi_sony_py.sony.snapshot import Settings, Version

__all__ = ["Camera", "Fate", "Job", "Lens", "Move", "State"]


class Fate(Enum):
    """What becomes of the image of an exposure that was made."""

    DELIVER = "deliver"
    DROP = "drop"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Camera:
    """The camera of the open session."""

    identity: Identity
    version: Version
    body: Body


@dataclass(frozen=True, slots=True)
class Job:
    """One exposure from request to image. Times are monotonic seconds.

    `over`: the client was already told how it ended; the camera is followed through all the same. `partner_seen`:
    sequence number of a companion that came before its RAW, and since when both were seen waiting.
    `stirred`: 0xD215 was not 0 after the press. `calm`: it was 0 after the press; `closed_by`: when it first was not 0
    any more after that, or once the exposure was over: so that a shutter had closed. `told_wait`: the user knows why
    the image takes long. `empty`: the camera said that an image waits, and there was none. `foreign`: a RAW came that
    was not taken for its own. `interrupted`: the session was lost after the press.
    """

    request: ExposureRequest
    plan: Plan | None = None
    needs: tuple[Need, ...] = ()
    walk: Walk | None = None
    fate: Fate = Fate.DELIVER
    over: bool = False
    cancelled: bool = False
    problem: str = ""
    unheld: int = 0
    half_at: float | None = None
    shot: Shot | None = None
    release_at: float = math.inf
    open_until: float = math.inf
    full_up: bool = False
    half_up: bool = False
    limit: float = math.inf
    extended: bool = False
    told_wait: str = ""
    stirred: bool = False
    calm: bool = False
    closed_by: float = math.inf
    foreign: bool = False
    interrupted: bool = False
    raw_done: bool = False
    sequence: int = -1
    pair: bool = False
    companions: int = 0
    partner_until: float = math.inf
    loose: tuple[Image, ...] = ()
    partner_seen: tuple[int, float] = (-1, math.inf)
    fetched: int = 0
    empty: bool = False

    @property
    def apart(self) -> bool:
        """The session was lost since the press, or an earlier life pressed (that job has no plan)."""
        return self.interrupted or self.plan is None


@dataclass(frozen=True, slots=True)
class Lens:
    """The lens of the open session, by its table. `place` None: nobody knows where it stands.

    `rough`: 0xD24C when it was last looked at; `still_at`: until then it follows the last step. `refused`: what the
    camera answered to a step, 0 for OK. `there`: the camera can drive it, as far as it says so.
    """

    table: LensTable
    place: Place | None = None
    rough: int | None = None
    still_at: float = -math.inf
    refused: int = 0
    there: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A focus move under way. `left`: steps to be taken, None until it is planned; `code`: the step under way, 0 for
    none. `target`: where the plan behind a run to the far stop leads to. `checked`: the camera was looked at behind the
    last step. `over`: its end was told.
    """

    wish: MoveFocus
    limit: float
    left: tuple[int, ...] | None = None
    code: int = 0
    homing: bool = False
    target: float | None = None
    checked: bool = False
    over: bool = False
    told_at: float = -math.inf


@dataclass(frozen=True)
class State:
    """Where the machine stands. `doing` is the action under way, `wake` when it wants to be ticked.

    `settings_at`: what the settings say is no older than this. `slow`: so many answers in a row took longer than they
    may be old.

    `doubts`: what the camera's clock may be ahead of ours, by an image that may be ours or an owed one.

    `held_after`: the exposure behind which the held one is to be made, 0 for none. `changes_first`: so many of
    `changes` were asked for before it.

    `last`: the last image of ours, its sequence number, and until when a companion of it may still come.

    `tried_at`: the first try to open the camera, as long as none succeeded. `serial`, `model`: of the
    camera that was open last.

    `stubborn`: as in `Walk`, of this session: not tried again while the value is the same.

    `setup`, `changed`: as in `Connect`; `setup_due`: the camera of this session has not been set up yet. `setup_walk`
    goes on while it is, `setup_wrote` names what was written; `restoring`: what is being put back in its place.

    `live`: live view is wished for, `live_state`: what was told of it; `live_frames`: how many came; `live_since`:
    since when it is without a frame, `live_told`: the user knows. `live_lost_at`: when the camera was last lost in it.
    `look_at`: when the next frame is asked for, `looked_at`: when the last one was; `view_until`: then its settings are
    looked at.

    `charge_told`: the lowest of the low charges that the user was told of, percent.

    `focus_wish`: the move of the lens that waits for its turn; `focus_shown`: what was last told of the lens.

    `stuck`: the camera's memory is left as it is, for it did not become empty in time; an end waits for it only once.
    """

    phase: Phase = Phase.OFFLINE
    doing: Io | None = None
    wake: float = math.inf
    next_read: float = -math.inf
    news: bool = False
    seen_at: float = -math.inf

    wished: bool = False
    force_200: bool = False
    retry_at: float = -math.inf
    ever_ready: bool = False
    tried_at: float = -math.inf
    serial: str = ""
    model: str = ""
    disconnecting: bool = False
    leaving: Leave | None = None
    finished: bool = False

    live: bool = False
    live_state: LiveState = LiveState.OFF
    live_frames: int = 0
    live_since: float = math.inf
    live_told: bool = False
    live_lost_at: float = -math.inf
    look_at: float = math.inf
    looked_at: float = -math.inf
    view_until: float = math.inf

    camera: Camera | None = None
    settings: Settings | None = None
    settings_at: float = -math.inf
    slow: int = 0
    settle_until: float = -math.inf
    shown: SettingsReport | None = None
    released: int = 0
    warm_until: float = -math.inf
    rest: tuple[tuple[int, int], ...] = ()

    job: Job | None = None
    held: ExposureRequest | None = None
    held_until: float = math.inf
    held_after: int = 0
    changes: tuple[Change, ...] = ()
    changes_first: int = 0
    change_walk: Walk | None = None
    owed: Shot | None = None

    lenses: tuple[LensTable, ...] = ()
    lens: Lens | None = None
    focus_wish: MoveFocus | None = None
    move: Move | None = None
    focus_shown: FocusReport | None = None

    setup: str = "leave"
    setup_due: bool = False
    setup_walk: Walk | None = None
    restoring: tuple[Changed, ...] = ()
    changed: tuple[Changed, ...] = ()
    setup_wrote: tuple[str, ...] = ()

    last: tuple[Shot, int, float] | None = None
    drain_limit: float = math.inf
    drained: int = 0
    stuck: bool = False
    trouble: int = 0
    misses: int = 0
    debt: tuple[Shot, ...] = ()
    nr: str = "unknown"
    clock_offset: float | None = None
    doubts: tuple[float, ...] = ()
    told: frozenset[str] = frozenset()
    charge_told: int = 101
    stubborn: tuple[tuple[str, int, int | None], ...] = ()

    @property
    def warming(self) -> bool:
        """Whether this session's warm-up has not come to its end: `warm_until` is -inf behind it."""
        return self.warm_until > -math.inf

    def but(self, **changes: object) -> State:
        """The same with some fields changed: `dataclasses.replace`, at a fraction of its cost (every input does it)."""
        if not changes.keys() <= _FIELDS:
            raise TypeError(f"no such fields: {sorted(changes.keys() - _FIELDS)}")
        made = object.__new__(State)
        made.__dict__.update(self.__dict__)
        made.__dict__.update(changes)
        return made


_FIELDS = frozenset(field.name for field in fields(State))
