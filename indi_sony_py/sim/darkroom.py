"""From the closed shutter to the image in the memory: own dark frame, processing, files, and their arrival. Pure.

0xD215 counts an image as "being prepared" from the moment in which the shutter closes (a reading of SonyCamera: below
0x8000 a shot exists that must not be fetched).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from indi_sony_py.ptp.codes import ObjectFormat
from indi_sony_py.sim.faultkinds import Hook
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.memory import Memory, Stored
from indi_sony_py.sim.night import PLAIN, Night
from indi_sony_py.sim.panel import Panel
from indi_sony_py.sim.world import World
from indi_sony_py.sony.codes import HANDLE_IMAGE, Ctl, Ev, Op
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.sony.values import FileFormat, SaveDestination

__all__ = ["Darkroom", "Files", "Picture", "Press"]

_RESULT = Op.CONTROL << 16 | Ctl.FULL_PRESS
_OK = 1
_LOOK_S = 0.02
_HEIF_BRAND = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


@dataclass(frozen=True, slots=True)
class Press:
    """One photo. `exposure_s`: the true open time; `nominal_s`: what the body prints, None in bulb; `iso`: the number;
    `serial`: counts from 1 over the life of the camera; `opened`: monotonic; `by`: "host" or "body"; `cropped`: APS-C
    frame of a full-frame body; `bits` of the readout; `night`: what else the picture depends on."""

    serial: int
    opened: float
    opened_utc: datetime
    exposure_s: float
    nominal_s: Fraction | None
    iso: int
    format: FileFormat
    scene: str
    noise_reduction: bool
    by: str
    raw_type: str
    cropped: bool = False
    bits: int = 14
    night: Night = PLAIN


Files = list[tuple[str, int, bytes]]
"""Name, object format, bytes; the companion before the RAW."""

Picture = Callable[[Press], Files]
"""Makes the files of one photo."""


class Darkroom:
    """`under_way`: photos whose image is not there yet; `host_under_way`: those of the host. `on_photo` is told of each
    photo and its files. `order` is told of each picture as soon as its shutter has closed, and answers whether it is
    ready."""

    def __init__(self, world: World, panel: Panel, memory: Memory, picture: Picture) -> None:
        self._world = world
        self._panel = panel
        self._memory = memory
        self._picture = picture
        self.under_way = 0
        self.host_under_way = 0
        self.on_photo: Callable[[Press, Files], None] = lambda press, files: None
        self.order: Callable[[Press], Callable[[], bool]] = lambda press: _ready

    def expect(self, by: str) -> None:
        """A shutter has opened."""
        self.under_way += 1
        self.host_under_way += by == "host"

    def _done(self, press: Press) -> None:
        self.under_way -= 1
        self.host_under_way -= press.by == "host"

    def begin(self, press: Press, free_at: float) -> None:
        """The shutter has closed; the body's own dark frame, if any, ends at `free_at`."""
        world, panel, memory = self._world, self._panel, self._memory
        struck = world.strike(Hook.PHOTO, press=press.serial)
        if any(fault.kind == "always-pair" for fault in struck):
            press = replace(press, format=FileFormat(press.format.raw, True))
        count = int(press.format.raw) + int(press.format.companion)
        stays = panel.save_to == SaveDestination.CARD or not count
        delay = world.profile.behaviour.processing_s
        gap, raw_first = 0.0, world.menu.raw_first
        damage: Fault | None = None
        absurd: Fault | None = None
        heif = False
        for fault in struck:
            match fault.kind:
                case "slow-image":
                    delay += fault["seconds"]
                case "no-image":
                    stays = True
                case "pair":
                    gap = max(gap, fault["gap_s"])
                    raw_first = raw_first or fault["raw_first"]
                    memory.count_pairs_once = fault["count_once"]
                case "broken-file":
                    damage = fault
                case "heif":
                    heif = True
                case "absurd-count":
                    absurd = fault
        if absurd is not None:
            self._absurd(free_at + delay, absurd["value"], absurd["seconds"])
        if stays:
            world.agenda.at(free_at + delay, lambda: self._stay(press))
            return
        memory.prepare(count)
        ready = self.order(press)
        world.agenda.at(free_at + delay, lambda: self._finish(press, gap, raw_first, heif, damage, ready))

    def put(self, press: Press) -> None:
        """An image of an earlier time is in the memory."""
        files = self._picture(press)
        self.on_photo(press, files)
        self._memory.prepare(len(files))
        for name, form, data in files:
            self._arrive(Stored(name, form, data, press.serial, press.serial))

    def _absurd(self, ready: float, value: int, seconds: float) -> None:
        """0xD215 shows nonsense for a while (65531 on an ILCE-6400, libgphoto2#1058)."""
        agenda, memory = self._world.agenda, self._memory
        agenda.at(ready - seconds, lambda: memory.show(value))
        agenda.at(ready, lambda: memory.show(None))

    def _stay(self, press: Press) -> None:
        self._done(press)
        self.on_photo(press, [])
        self._world.referee.note("card", f"serial {press.serial} stays in the camera")
        self._result()

    def _finish(
        self,
        press: Press,
        gap: float,
        raw_first: bool,
        heif: bool,
        damage: Fault | None,
        ready: Callable[[], bool],
    ) -> None:
        world = self._world
        if not ready():
            world.agenda.after(_LOOK_S, lambda: self._finish(press, gap, raw_first, heif, damage, ready))
            return
        self._done(press)
        files = self._picture(press)
        if heif:
            files = [_as_heif(file) for file in files]
        self.on_photo(press, files)
        if raw_first:
            files = files[::-1]
        captured = press.opened_utc.strftime("%Y%m%dT%H%M%S")
        serial = press.serial
        stored = [Stored(name, kind, _damaged(data, damage), serial, serial, captured) for name, kind, data in files]
        self._arrive(stored[0])
        for later in stored[1:]:
            if gap > 0:
                world.agenda.after(gap, lambda f=later: self._arrive(f))  # type: ignore[misc]
            else:
                self._arrive(later)

    def _arrive(self, stored: Stored) -> None:
        self._memory.store(stored)
        self._world.referee.note("object", f"{stored.name}, serial {stored.serial}, {len(stored.data)} bytes, ready")
        self._world.emit(Ev.OBJECT_ADDED, (HANDLE_IMAGE,))
        self._result()

    def _result(self) -> None:
        if self._panel.version is Version.V300:
            self._world.emit(Ev.OPERATION_RESULT, (_RESULT, _OK, 0))


def _ready() -> bool:
    """A picture that is made when it's asked for."""
    return True


def _as_heif(file: tuple[str, int, bytes]) -> tuple[str, int, bytes]:
    """A JPEG turned into something that looks like a HEIF from outside; other files as they are."""
    name, form, data = file
    if form != ObjectFormat.EXIF_JPEG:
        return file
    return name.removesuffix(".JPG") + ".HIF", ObjectFormat.HEIF, _HEIF_BRAND + data


def _damaged(data: bytes, damage: Fault | None) -> bytes:
    if damage is None:
        return data
    data = data[: max(0, len(data) - damage["cut"])]
    middle = len(data) // 2
    hole = min(damage["hole"], len(data) - middle)
    return data[:middle] + bytes(hole) + data[middle + hole :]
