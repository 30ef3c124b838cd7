"""What crosses threads and processes: frozen requests to the worker, frozen reports from it.

Requests are made by the face (`driver/`), reports by the worker. They hold plain values only (text, numbers, tuples),
so that the pair can encode them by their fields. `Collected` and `LiveFrame` alone carry the bytes of an image: they
stay inside the hand's process and never go over the pair.

Facts that belong to a frame are frozen with its request: nothing is looked up after the shutter opened. What other
devices know may still change while a request waits (`Observed`); it is frozen at the press.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from indi_sony_py.engine.focusmessages import FocusEnded, FocusReport, LensKept, MoveFocus, StopFocus, UseLens
from indi_sony_py.engine.focustable import LensTable
from indi_sony_py.engine.livemessages import LiveFrame, LiveState, LiveView, LiveViewStatus
from indi_sony_py.observatory import Observatory
from indi_sony_py.texts import Level

__all__ = [
    "Abort",
    "Aborted",
    "CameraStatus",
    "Change",
    "ChangeResult",
    "Changed",
    "Choice",
    "Collected",
    "Connect",
    "Disconnect",
    "Expose",
    "ExposureFailed",
    "ExposureHeld",
    "ExposureProgress",
    "ExposureRequest",
    "ExposureStarted",
    "Identity",
    "Leave",
    "Level",
    "LiveFrame",
    "LiveState",
    "LiveView",
    "LiveViewStatus",
    "Notice",
    "Observed",
    "Policy",
    "Report",
    "Request",
    "Role",
    "SettingView",
    "SettingsReport",
    "SetupKept",
    "Shot",
    "ShutterMode",
    "Stage",
    "Stay",
]


class Policy(Enum):
    """Who times the exposure: the rule of the engine, or the user's will."""

    AUTO = "auto"
    TIMED = "timed"
    BULB = "bulb"


class ShutterMode(Enum):
    """What was done."""

    TIMED = "timed"
    BULB = "bulb"


class Role(Enum):
    """What an image that was collected is."""

    FRAME = "frame"
    COMPANION = "companion"
    UNASKED = "unasked"
    KEPT = "kept"
    DROPPED = "dropped"


class Stage(Enum):
    """Where an exposure stands, for the face and the log."""

    PREPARING = "preparing"
    OPEN = "open"
    WAITING = "waiting"
    COLLECTING = "collecting"


@dataclass(frozen=True, slots=True)
class ExposureRequest:
    """One CCD_EXPOSURE, with everything that was set when it came.

    `duration_s` is the time asked for. `iso` None leaves the camera's. `capture_format` is "raw", "raw+jpeg" or
    "jpeg"; `transfer` "fits", "native" or "xisf"; `upload` "client", "local" or "both"; `companions` "keep" or
    "discard".
    `area` is a choice of FRAME_AREA, `part` (x, y, width, height) what is wanted of it, None for all; `binning` makes
    one pixel of so many in each direction, `bin_mode` ("mosaic" or "superpixel") says of which. `compress`: for the
    client, never for a file.
    `pixel_um`: what the user says of a body whose pixels no table knows, 0 else.
    `cards` are FITS cards (keyword, value, comment) of the client. `observatory`: what other devices know.
    `look`: "off", "measure" (stars and histogram, once the frame is in other hands), or "save" (a preview as well).
    """

    id: int
    duration_s: float
    frame_type: str = "Light"
    policy: Policy = Policy.AUTO
    iso: int | None = None
    capture_format: str = "raw"
    transfer: str = "fits"
    upload: str = "client"
    folder: str = ""
    prefix: str = "IMAGE_XXX"
    companions: str = "discard"
    area: str = "visible"
    part: tuple[int, int, int, int] | None = None
    binning: int = 1
    bin_mode: str = "mosaic"
    compress: bool = False
    device: str = "Sony Alpha"
    pixel_um: float = 0.0
    cards: tuple[tuple[str, str | int | float | bool, str], ...] = ()
    observatory: Observatory = field(default_factory=Observatory)
    look: str = "off"


@dataclass(frozen=True, slots=True)
class Changed:
    """A setting of a camera that the driver changed, by its code in a version of the protocol.

    `before` is put back at a disconnect, while it still reads `now`. `users`: a user has chosen `now`, and it stays.
    """

    model: str
    serial: str
    version: str
    code: int
    before: int
    now: int
    users: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """The camera, as it introduced itself. `version` is "2.00" or "3.00", the protocol in use and why.

    `serial`: "" where it has none.
    """

    model: str = ""
    serial: str = ""
    firmware: str = ""
    version: str = ""
    version_reason: str = ""


# --- requests -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Connect:
    """Open the session. `force_200` asks for protocol 2.00 only.

    `owed`: the shot of an earlier life whose image may still come; it is awaited before anything else is taken.
    `owed_by`: the camera that took it, as far as it is known.
    `setup`: "set" the camera up for a night, "tell" what that would change, or "leave" it as it is. `changed`: what
    earlier lives changed and did not put back. `lenses`: the tables that were learned.
    """

    force_200: bool = False
    owed: Shot | None = None
    owed_by: Identity = field(default_factory=Identity)
    setup: str = "leave"
    changed: tuple[Changed, ...] = ()
    lenses: tuple[LensTable, ...] = ()


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the session as soon as nothing committed is under way."""


@dataclass(frozen=True, slots=True)
class Expose:
    """`after`: the exposure (its id) behind which this one is made; it ends with that one if that one fails.

    0: it takes the place of whatever runs.
    """

    request: ExposureRequest
    after: int = 0


@dataclass(frozen=True, slots=True)
class Observed:
    """What other devices know by now, for the exposure `id` as long as its shutter has not opened."""

    id: int
    observatory: Observatory


@dataclass(frozen=True, slots=True)
class Abort:
    """The user wants the exposure under way (or the held one) to end.

    `only`: that exposure alone (its id) is not wanted any more, which counts as long as its shutter is closed; 0: all.
    """

    only: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """Set the setting `name` (a row of `engine.adjust`) to `value`, a code from its `SettingView.options`."""

    name: str
    value: int


@dataclass(frozen=True, slots=True)
class Leave:
    """Finish what is committed, close the session, end. `close_now`: the machine goes down, end a bulb at once."""

    close_now: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """A new face came while the worker was leaving: stay."""


Request = (
    Connect
    | Disconnect
    | Expose
    | Observed
    | Abort
    | Change
    | LiveView
    | MoveFocus
    | StopFocus
    | UseLens
    | Leave
    | Stay
)


# --- reports --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """The session's state: "offline", "connecting", "warming" or "ready"; `text` says why, for the user."""

    state: str
    identity: Identity = field(default_factory=Identity)
    text: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a setting can take: the camera's code and the text that a user reads."""

    value: int
    label: str


@dataclass(frozen=True, slots=True)
class SettingView:
    """One setting of the camera in words. `options` is empty where the camera offers no list."""

    name: str
    value: int | None
    label: str
    options: tuple[Choice, ...] = ()
    writable: bool = False


@dataclass(frozen=True, slots=True)
class SettingsReport:
    """The settings that have a row in `engine.adjust.SETTINGS`; sent when one of them changed."""

    settings: tuple[SettingView, ...]

    def get(self, name: str) -> SettingView | None:
        return next((s for s in self.settings if s.name == name), None)


@dataclass(frozen=True, slots=True)
class ExposureStarted:
    """The shutter opens: the countdown begins. `duration_s` is what the shutter really will stay open."""

    id: int
    duration_s: float
    mode: ShutterMode
    started_utc: str
    started_at: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class ExposureProgress:
    """The exposure moved on; `limit_s`: at most so many seconds more until the image or an error."""

    id: int
    stage: Stage
    text: str = ""
    limit_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ExposureHeld:
    """The request waits for the camera to finish the one before it."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class ExposureFailed:
    """No frame will come for this request. `text` says what happened and what to do.

    `again`: the same request may well succeed at once; nothing at the camera or the computer waits for the user.
    `awaited`: the shutter has opened, and its image is saved when it comes.
    """

    id: int
    text: str
    again: bool = False
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class Aborted:
    """An abort was taken: `id` (0 = none) is over for the client; the camera may be busy for `busy_s` more."""

    id: int
    text: str
    busy_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """The end of a `Change`: `ok` only if the camera reads back what was asked."""

    name: str
    ok: bool
    value: int | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class SetupKept:
    """All that is to be put back on the camera of `identity`; for the hand, which keeps it in a file."""

    identity: Identity
    changed: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the user."""

    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Shot:
    """What was done for an exposure. Times `*_at` are monotonic seconds of the hand's clock.

    `nominal_s` is the body's own speed when it timed the exposure. `measured_s` is press to release, bulb only.
    `iso` is what read back before the press. `nr` is the body's long exposure noise reduction: "on", "off", "unknown".
    """

    request: ExposureRequest
    mode: ShutterMode
    nominal_s: float | None
    pressed_at: float
    pressed_utc: str
    released_at: float | None = None
    measured_s: float | None = None
    iso: int | None = None
    shutter_label: str = ""
    nr: str = "unknown"
    lens: str = ""
    battery_percent: int | None = None
    aborted: bool = False


@dataclass(frozen=True, slots=True)
class Collected:
    """An image that left the camera. `shot` is None for one that nobody asked for; `why` gives the role's reason."""

    role: Role
    name: str
    format: int
    data: bytes | bytearray | memoryview
    shot: Shot | None
    identity: Identity
    why: str = ""
    last: bool = True


Report = (
    CameraStatus
    | SettingsReport
    | ExposureStarted
    | ExposureProgress
    | ExposureHeld
    | ExposureFailed
    | Aborted
    | ChangeResult
    | LiveViewStatus
    | LiveFrame
    | SetupKept
    | FocusReport
    | FocusEnded
    | LensKept
    | Notice
    | Collected
)
