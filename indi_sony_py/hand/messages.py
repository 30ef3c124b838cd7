"""What face and hand say to each other besides the engine's requests and reports: frozen, plain values only.

Who sends what, in the order of a life:

    face  Hello                          hand  Hello, HandState, then the last SettingsReport and FocusReport;
                                               or Refused and the end
    face  Connect, Disconnect, Expose,   hand  every report of the engine but `Collected` and `LiveFrame`
          Observed, Abort, Change,
          MoveFocus, StopFocus, UseLens,
          LiveView
                                         hand  FrameReady with a descriptor: an image for the client
    face  Delivered or Declined
                                         hand  FrameSaved: an image that is a file now
    face  Delivered
                                         hand  Looked: what a frame shows, where a client wishes that
    face  StreamForm                     hand  LiveFrameReady with a descriptor: the newest frame of live view
    face  LiveFrameTaken
    face  Record, StopRecord             hand  RecordReport
    face  WatchStar                      hand  StarSeen, with each frame that was measured
    face  Goodbye, or just the end       hand  Goodbye, or just the end

Rules kept here:

- `frame_id` numbers every image of a hand's life, asked for or not; `exposure_id` is the face's own number.
- Monotonic times are those of the machine (CLOCK_MONOTONIC is one for all processes), so a face can count with them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from indi_sony_py.engine.focusmessages import FocusEnded, FocusReport, MoveFocus, StopFocus, UseLens
from indi_sony_py.engine.messages import (
    Abort,
    Aborted,
    CameraStatus,
    Change,
    ChangeResult,
    Connect,
    Disconnect,
    Expose,
    ExposureFailed,
    ExposureHeld,
    ExposureProgress,
    ExposureRequest,
    ExposureStarted,
    LiveView,
    LiveViewStatus,
    Notice,
    Observed,
    Role,
    SettingsReport,
    Stage,
)
from indi_sony_py.image.glance import Glance
from indi_sony_py.image.record import FileFacts

__all__ = [
    "FROM_FACE",
    "FROM_HAND",
    "VERSION",
    "Declined",
    "Delivered",
    "ExposureView",
    "FrameReady",
    "FrameSaved",
    "Goodbye",
    "HandState",
    "Hello",
    "LiveFrameReady",
    "LiveFrameTaken",
    "Looked",
    "Message",
    "Record",
    "RecordReport",
    "RecordState",
    "Refused",
    "StarSeen",
    "StopRecord",
    "StreamForm",
    "WatchStar",
]

VERSION = 5
"""Of the messages. `Hello` and `Refused` keep their form for ever, so that two versions can tell each other."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message of both sides. `role` is "face" or "hand"; `nonce` is new for every process."""

    version: int
    pid: int
    role: str
    nonce: str


@dataclass(frozen=True, slots=True)
class ExposureView:
    """An exposure under way.

    `started_at`, `duration_s` and `started_utc` are those of `ExposureStarted`; 0 and "" before it.
    `limit_at`: the monotonic time by which an image or an error comes, 0 while unknown.
    """

    request: ExposureRequest
    stage: Stage
    started_at: float = 0.0
    duration_s: float = 0.0
    started_utc: str = ""
    limit_at: float = 0.0

    def left_s(self, now: float) -> float:
        """Seconds until the shutter closes, never below 0; before it opened, the time asked for."""
        if not self.started_at:
            return self.request.duration_s
        return max(0.0, self.started_at + self.duration_s - now)


@dataclass(frozen=True, slots=True)
class HandState:
    """What a face finds when it attaches. `adopted`: an earlier face was here. `held`: the request that waits.

    `waiting`: frames that are not yet in anybody's hands; `unsaved`: those of them that no disk would take.
    """

    status: CameraStatus = field(default_factory=lambda: CameraStatus("offline"))
    exposure: ExposureView | None = None
    held: ExposureRequest | None = None
    waiting: tuple[int, ...] = ()
    unsaved: tuple[int, ...] = ()
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class FrameReady:
    """The image of `exposure_id`, in the descriptor beside this message: `length` bytes of memory, never written again.

    `format` is ".fits", ".fits.fz", ".xisf" or ".arw". `width`, `height` and `cfa` are those of the picture in it (0
    and "" for ".arw" that was not looked into); `area` (width, height) is the whole of what it may be a part of,
    unbinned, and `chosen_area` the choice of FRAME_AREA that it was made for. `duplicate`: it may have been delivered
    before. `warnings` are for the user.
    """

    frame_id: int
    exposure_id: int
    format: str
    length: int
    width: int = 0
    height: int = 0
    cfa: str = ""
    facts: FileFacts | None = None
    warnings: tuple[str, ...] = ()
    duplicate: bool = False
    text: str = ""
    area: tuple[int, int] = (0, 0)
    chosen_area: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The server has this frame, or the user was told of this file: the hand lets go of it."""

    frame_id: int


@dataclass(frozen=True, slots=True)
class Declined:
    """The face does not deliver this frame: it goes to disk."""

    frame_id: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class FrameSaved:
    """An image is a file now. `exposure_id` is None for one that nobody asked for.

    `rescued`: it lies there because something went wrong, and `text` says what; without it, it was asked for.
    `facts`: what the file says of itself, where it was developed.
    """

    frame_id: int
    exposure_id: int | None
    role: Role
    path: str
    text: str = ""
    rescued: bool = False
    facts: FileFacts | None = None


@dataclass(frozen=True, slots=True)
class LiveFrameReady:
    """The newest frame of live view, in the descriptor beside this message: `length` bytes of memory, never written
    again. `format` is ".stream_jpg", or ".stream": red, green and blue of each pixel, rows from the top. `width` and
    `height` are those of what is in it, `whole` (width, height) is the camera's picture that it may be a part of.
    `skipped`: so many came since the last one that was sent. The rest is as in `LiveFrame`.
    """

    number: int
    length: int
    width: int
    height: int
    at: float
    skipped: int = 0
    format: str = ".stream_jpg"
    whole: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class LiveFrameTaken:
    """The face is done with this frame of live view: the next one may come."""

    number: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What the frame of `exposure_id` shows at a glance, looked at after it was in other hands.

    `picture` and `preview` are the paths of its small pictures, "" for none. Without a `glance`, `text` says why.
    """

    exposure_id: int
    glance: Glance | None = None
    picture: str = ""
    preview: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class StreamForm:
    """How live view is wanted from now on, while there is any. `wanted`: whether its frames come over the pair at all.

    `raw`: as pixels, else as JPEG. `part` (x, y, width, height) is cut out of the camera's picture, None for all.
    `most_per_s`: so many a second come over the pair at the most. `every`: of so many frames one is taken, and none
    within `apart_s` of the one before: these hold for recordings, too, as does `part`.
    """

    wanted: bool = False
    raw: bool = False
    part: tuple[int, int, int, int] | None = None
    most_per_s: float = 10.0
    every: int = 1
    apart_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Record:
    """Record live view from now on, into a file `name` (without suffix) in `folder`, made if need be.

    It ends by itself after so many `frames`, or `duration_s` after its first one; 0: not so. `buffer_mb`: so much may
    wait for the disk. `observer`, `instrument` and `telescope` are texts for the file.
    """

    folder: str
    name: str
    frames: int = 0
    duration_s: float = 0.0
    buffer_mb: float = 512.0
    observer: str = ""
    instrument: str = ""
    telescope: str = ""


@dataclass(frozen=True, slots=True)
class StopRecord:
    """End the recording, and keep what it has."""


class RecordState(Enum):
    """ON: it has begun, or goes on. DONE: the file is whole. FAILED: it ended too early; what there is was kept."""

    ON = "on"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RecordReport:
    """How the recording stands: `frames` in the file at `path` ("" if there is none), `seconds` from first to last.

    `missed`: frames that were left out: the disk was too slow, or they were damaged. `text` is for the user.
    """

    state: RecordState
    path: str = ""
    frames: int = 0
    seconds: float = 0.0
    missed: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class WatchStar:
    """Whether frames of live view are to be measured, while there is any."""

    on: bool


@dataclass(frozen=True, slots=True)
class StarSeen:
    """A frame of live view was measured: its brightest star that is not white in the middle; all 0: there is none.

    `number`, `at`: as in `LiveFrame`. `hfr`, `fwhm`, `x`, `y` in pixels of its picture; `peak`: the star's height, 1 is
    white; `median`: of the HFR of all `count` stars. `picture`: its size, `magnifier`: what it shows (`LiveFrame`).
    """

    number: int
    at: float
    hfr: float = 0.0
    fwhm: float = 0.0
    x: float = 0.0
    y: float = 0.0
    peak: float = 0.0
    count: int = 0
    median: float = 0.0
    picture: tuple[int, int] = (0, 0)
    magnifier: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """This face cannot attach; the connection ends. `left_s`: the hand is gone after so many seconds at the latest, 0
    while it stays as long as another face does."""

    reason: str
    left_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The end of the pair, said and not suffered."""

    text: str = ""


Message = (
    Hello
    | HandState
    | FrameReady
    | Delivered
    | Declined
    | FrameSaved
    | Looked
    | LiveFrameReady
    | LiveFrameTaken
    | StreamForm
    | Record
    | StopRecord
    | RecordReport
    | WatchStar
    | StarSeen
    | Refused
    | Goodbye
    | Connect
    | Disconnect
    | Expose
    | Observed
    | Abort
    | Change
    | MoveFocus
    | StopFocus
    | UseLens
    | LiveView
    | CameraStatus
    | SettingsReport
    | ExposureStarted
    | ExposureProgress
    | ExposureHeld
    | ExposureFailed
    | Aborted
    | ChangeResult
    | FocusReport
    | FocusEnded
    | LiveViewStatus
    | Notice
)

FROM_FACE: tuple[type[Message], ...] = (
    Hello,
    Goodbye,
    Delivered,
    Declined,
    Connect,
    Disconnect,
    Expose,
    Observed,
    Abort,
    Change,
    MoveFocus,
    StopFocus,
    UseLens,
    LiveView,
    LiveFrameTaken,
    StreamForm,
    Record,
    StopRecord,
    WatchStar,
)
FROM_HAND: tuple[type[Message], ...] = (
    Hello,
    Refused,
    Goodbye,
    HandState,
    FrameReady,
    FrameSaved,
    Looked,
    StarSeen,
    LiveFrameReady,
    CameraStatus,
    SettingsReport,
    ExposureStarted,
    ExposureProgress,
    ExposureHeld,
    ExposureFailed,
    Aborted,
    ChangeResult,
    FocusReport,
    FocusEnded,
    LiveViewStatus,
    RecordReport,
    Notice,
)
