"""What the capture machine is told (inputs) and what it wants done (actions). Frozen, and free of threads and USB.

An I/O action is answered by exactly one result; until then the machine asks for no second one. `Tell` and the wish to
be woken (the machine's `wake`) are not answered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from indi_sony_py.engine.messages import Identity, LiveFrame, Report, Request
from indi_sony_py.engine.phases import InputKind
from indi_sony_py.errors import OutsideError
from indi_sony_py.ptp.data import DataType
from indi_sony_py.sony.codes import Ctl
from indi_sony_py.sony.probed import NOTHING, Probed
from indi_sony_py.sony.snapshot import Settings, Version

__all__ = [
    "Action",
    "Button",
    "Close",
    "Closed",
    "Empty",
    "Failed",
    "Fetch",
    "FileFacts",
    "Hint",
    "How",
    "Image",
    "Input",
    "Io",
    "Look",
    "Moved",
    "Open",
    "Opened",
    "Read",
    "SettingsRead",
    "Tell",
    "Tick",
    "Viewed",
    "Write",
    "Wrote",
    "kind_of",
]


# --- actions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Open:
    """Find the camera and run the handshake."""

    force_200: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """Close the session and let go of the camera."""


@dataclass(frozen=True, slots=True)
class Read:
    """Read all settings. `limit_s`: it must not outlive this, for a release may be due."""

    limit_s: float = 10.0


class How(Enum):
    VALUE = "value"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class Write:
    """Write a value (0x9205), or move a notched setting by so many steps (0x9207)."""

    how: How
    code: int
    type: DataType
    value: int


@dataclass(frozen=True, slots=True)
class Button:
    """Press or release a button (0x9207)."""

    control: Ctl
    down: bool


@dataclass(frozen=True, slots=True)
class Fetch:
    """Take the oldest waiting image out of the camera."""


@dataclass(frozen=True, slots=True)
class Look:
    """Take one frame of live view, if there is a new one. `number` is what it will be called."""

    number: int


@dataclass(frozen=True, slots=True)
class Tell:
    """Say something to the face or the developer."""

    report: Report


Io = Open | Close | Read | Write | Button | Fetch | Look
Action = Io | Tell


# --- results and other inputs ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    identity: Identity
    version: Version
    settings: Settings
    probed: Probed = NOTHING


@dataclass(frozen=True, slots=True)
class Closed:
    pass


@dataclass(frozen=True, slots=True)
class SettingsRead:
    """All settings. `asked_at`: when they were asked for (monotonic seconds); what they say may be as old as that."""

    settings: Settings
    asked_at: float = math.inf


@dataclass(frozen=True, slots=True)
class Wrote:
    code: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A button moved. `at`: monotonic seconds at the begin of the write; `utc`: the wall clock then, ISO 8601."""

    control: Ctl
    down: bool
    at: float
    utc: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file says of itself. None where it says nothing.

    `captured_s`: the camera's own clock at the exposure's start, as seconds of any fixed epoch.
    """

    exposure_s: float | None = None
    iso: int | None = None
    long_exposure_nr: bool | None = None
    captured_s: float | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """An image came out of the camera."""

    name: str
    format: int
    sequence: int
    data: bytes | bytearray | memoryview
    facts: FileFacts = FileFacts()

    @property
    def is_raw(self) -> bool:
        return self.format == 0xB101 or self.name.upper().endswith(".ARW")

    @property
    def is_jpeg(self) -> bool:
        return self.format == 0x3801 or self.name.upper().endswith((".JPG", ".JPEG"))


@dataclass(frozen=True, slots=True)
class Empty:
    """The camera said that an image waits, but there was none behind the handle."""


@dataclass(frozen=True, slots=True)
class Viewed:
    """A look at live view. `frame` None: there was no new one, and `why` is a clause that says so.

    `at`: when it was asked for (monotonic seconds).
    """

    frame: LiveFrame | None
    at: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The action could not be done. `at`, `utc`: when it was tried (monotonic seconds, ISO 8601)."""

    action: Io
    error: OutsideError
    at: float = 0.0
    utc: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""


@dataclass(frozen=True, slots=True)
class Hint:
    """An event came: look sooner. Bodies lose events, so nothing depends on one."""

    code: int = 0


Result = Opened | Closed | SettingsRead | Wrote | Moved | Image | Empty | Viewed | Failed
Input = Request | Result | Tick | Hint

_KINDS = {
    "Connect": InputKind.CONNECT,
    "Disconnect": InputKind.DISCONNECT,
    "Expose": InputKind.EXPOSE,
    "Observed": InputKind.OBSERVED,
    "Abort": InputKind.ABORT,
    "Change": InputKind.CHANGE,
    "MoveFocus": InputKind.MOVE_FOCUS,
    "StopFocus": InputKind.STOP_FOCUS,
    "UseLens": InputKind.USE_LENS,
    "LiveView": InputKind.LIVE_VIEW,
    "Leave": InputKind.LEAVE,
    "Stay": InputKind.STAY,
    "Tick": InputKind.TICK,
    "Hint": InputKind.HINT,
    "Opened": InputKind.OPENED,
    "Closed": InputKind.CLOSED,
    "SettingsRead": InputKind.SETTINGS,
    "Wrote": InputKind.WROTE,
    "Moved": InputKind.MOVED,
    "Image": InputKind.IMAGE,
    "Empty": InputKind.EMPTY,
    "Viewed": InputKind.VIEWED,
    "Failed": InputKind.FAILED,
}


def kind_of(item: Input) -> InputKind:
    """The row of the table that `item` belongs to."""
    return _KINDS[type(item).__name__]
