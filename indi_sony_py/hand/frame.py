"""One image in the hand: what is known of it, the record that its header is made from, and where it may be saved. Pure.

Rules kept here:

- A header is made from what was frozen with the request and the press, never from anything live.
- A name says what a frame is: `unasked_` for one that nobody asked for, `kept_` for one whose request had ended.
- Folder and name of the request come first, then folders that are always there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path

from indi_sony_py.clock import Clock
from indi_sony_py.engine.messages import Collected, ExposureRequest, Role, Shot
from indi_sony_py.hand.disk import Place
from indi_sony_py.hand.messages import FrameSaved
from indi_sony_py.image.developer import DevelopJob
from indi_sony_py.image.pipeline import DevelopedFrame, Form
from indi_sony_py.image.record import AREAS, BIN_MODES, FRAME_TYPES, MOSAIC, FrameRecord
from indi_sony_py.sony.bodies import body
from indi_sony_py.sony.values import iso_number

__all__ = [
    "CLOCK_STEP_S",
    "RAW_FORMAT",
    "Frame",
    "Stage",
    "clock_step_s",
    "develop_job",
    "is_answer",
    "is_raw",
    "local_time",
    "places_for",
    "record_of",
    "saved_of",
]

CLOCK_STEP_S = 0.5
"""What is less than that is NTP's slewing, or the reading of two clocks one after the other."""
RAW_FORMAT = 0xB101
"""Sony's object format code of an ARW (libgphoto2 ptp.h)."""
_ENDINGS = frozenset({".arw", ".jpg", ".jpeg", ".hif", ".heif", ".heic", ".mp4", ".tif", ".tiff", ".dng"})
"""What a camera may call its files: no name from outside makes a program or a script of one."""


_FORMS = {"native": Form.NATIVE, "xisf": Form.XISF}


class Stage(Enum):
    """Where an image is. UNHEARD is a file that nobody was told of for certain."""

    DEVELOPING = auto()
    WAITING = auto()
    SAVING = auto()
    OFFERED = auto()
    STUCK = auto()
    UNHEARD = auto()


@dataclass(frozen=True, slots=True)
class Frame:
    """One image. `fd` is the memory of a developed one, `data` are the camera's bytes until then.

    `declined`: the face that it was offered to did not send it.
    `to_client` and `to_disk`: where it still must go. `rescue` says why it goes to disk although nobody asked for that.
    `failed`: why it will never be developed; `again`: another exposure may well be.
    `entry_id` is its line in the journal.
    """

    id: int
    got: Collected
    stage: Stage
    data: bytes | bytearray | memoryview = b""
    developed: DevelopedFrame | None = None
    to_client: bool = False
    to_disk: bool = False
    offered: bool = False
    declined: bool = False
    failed: str = ""
    again: bool = False
    rescue: str = ""
    tries: int = 0
    retry_at: float = 0.0
    path: str = ""
    entry_id: str = ""

    @property
    def exposure_id(self) -> int | None:
        return None if self.got.shot is None else self.got.shot.request.id

    @property
    def suffix(self) -> str:
        if self.developed is not None:
            return self.developed.suffix
        ending = Path(self.got.name).suffix.lower()
        if ending in _ENDINGS:
            return ending
        return ".arw" if self.got.format == RAW_FORMAT else ".bin"

    @property
    def request(self) -> ExposureRequest:
        """The request that it answers. Only for images that have a shot."""
        assert self.got.shot is not None
        return self.got.shot.request


def record_of(
    got: Collected, shot: Shot, visible: tuple[int, int] | None, pixel_um: float | None, own_dark_fixed: bool = False
) -> FrameRecord:
    """What a header is made from: the request as it was frozen, and what was done."""
    request, identity = shot.request, got.identity
    return FrameRecord(
        exposure_id=request.id,
        device=request.device,
        body=identity.model,
        frame_type=request.frame_type if request.frame_type in FRAME_TYPES else "Light",
        requested_s=request.duration_s,
        nominal_s=shot.nominal_s,
        measured_s=shot.measured_s,
        shutter_mode=shot.mode.value,
        pressed_utc=shot.pressed_utc,
        iso_requested=iso_number(request.iso),
        iso_set=shot.iso,
        protocol=identity.version,
        firmware=identity.firmware,
        serial=identity.serial,
        lens=shot.lens,
        battery_percent=shot.battery_percent,
        cards=request.cards,
        observatory=request.observatory,
        area=request.area if request.area in AREAS else "visible",
        expected_size=visible if request.area == "visible" else None,
        part=request.part,
        binning=request.binning,
        bin_mode=request.bin_mode if request.bin_mode in BIN_MODES else MOSAIC,
        pixel_um=pixel_um,
        own_dark_fixed=own_dark_fixed,
    )


def clock_step_s(shot: Shot, clock: Clock) -> float:
    """By how much the wall clock was moved since the press of `shot`, seconds to the hundredth; 0 for hardly at all.

    Only for a press of this process: another one's may lie before a start of the machine, where neither clock goes on.
    """
    if shot.released_at is None:
        return 0.0
    try:
        pressed = datetime.fromisoformat(shot.pressed_utc).replace(tzinfo=UTC)
    except ValueError:
        return 0.0
    step = (clock.utc() - pressed).total_seconds() - (clock.monotonic() - shot.pressed_at)
    return 0.0 if abs(step) < CLOCK_STEP_S else round(step, 2)


def develop_job(frame: Frame, shot: Shot, step_s: float = 0.0) -> DevelopJob:
    """What the pixel thread is asked for. `step_s`: of `clock_step_s`."""
    row = body(frame.got.identity.model)
    record = record_of(frame.got, shot, row.visible, row.pixel_um or shot.request.pixel_um or None, row.own_dark_fixed)
    record = replace(record, clock_step_s=step_s)
    form = _FORMS.get(shot.request.transfer, Form.FITS) if is_raw(frame.got) else Form.NATIVE
    return DevelopJob(frame.id, frame.data, record, form, row.visible, row.crop, shot.request.compress)


def saved_of(frame: Frame) -> FrameSaved:
    """What the face is told of a frame that is a file."""
    rescued, facts = bool(frame.rescue), frame.developed.facts if frame.developed is not None else None
    return FrameSaved(frame.id, frame.exposure_id, frame.got.role, frame.path, frame.rescue, rescued, facts)


def is_raw(got: Collected) -> bool:
    return got.format == RAW_FORMAT or got.name.upper().endswith(".ARW")


def is_answer(got: Collected) -> bool:
    """Whether it is what an exposure was made for, so that it is developed: a RAW, or a JPEG that was asked for."""
    if got.role not in (Role.FRAME, Role.KEPT) or got.shot is None:
        return False
    return is_raw(got) or (got.shot.request.capture_format == "jpeg" and got.name.upper().endswith((".JPG", ".JPEG")))


def local_time(utc: str, clock: Clock) -> datetime:
    """The local time of an ISO 8601 UTC without a zone; now, where there is none."""
    try:
        return datetime.fromisoformat(utc).replace(tzinfo=UTC).astimezone()
    except ValueError:
        return clock.utc().astimezone()


def places_for(
    frame: Frame, leader: Frame | None, own: tuple[Path, ...], shared: tuple[Path, ...] = ()
) -> tuple[Place, ...]:
    """Where `frame` may go, best first. `leader` is the RAW that a companion belongs to.

    `own` are the user's folders for frames that have no other place, `shared` those where everybody may write.
    """

    def others(prefix: str) -> tuple[Place, ...]:
        # Sub-folders of the first choice do not move along.
        name = prefix.rsplit("/", 1)[-1] or "IMAGE_XXX"
        return (*(Place(str(f), name) for f in own), *(Place(str(f), name, True) for f in shared))

    shot, role = frame.got.shot, frame.got.role
    if shot is None:
        stem = "".join(c if c.isalnum() or c in "-_" else "_" for c in Path(frame.got.name).stem)[:40] or "image"
        return others(f"unasked_ISO8601_{stem}")
    if leader is not None and leader.path:
        path = Path(leader.path)
        return (Place(str(path.parent), path.stem), *others(path.stem))
    prefix = shot.request.prefix or "IMAGE_XXX"
    if role is Role.KEPT or (role is Role.COMPANION and leader is not None and leader.got.role is Role.KEPT):
        folder, slash, name = prefix.rpartition("/")
        prefix = f"{folder}{slash}kept_{name}"
    return (Place(shot.request.folder, prefix), *others(prefix)) if shot.request.folder else others(prefix)
