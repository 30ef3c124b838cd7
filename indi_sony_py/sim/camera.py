"""One simulated camera: its parts joined, its power and its cable, and the faults that strike as a whole. Pure.

Nothing here runs by itself: `advance` brings everything up to the clock. Memory and buttons outlive every host.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import IO, Any

from indi_sony_py.clock import Clock
from indi_sony_py.ptp.codes import ObjectFormat
from indi_sony_py.sim.agenda import Agenda
from indi_sony_py.sim.body import Body, Files, Picture, Press
from indi_sony_py.sim.faultkinds import KINDS, Hook
from indi_sony_py.sim.faults import Fault, Faults
from indi_sony_py.sim.memory import Memory, Stored
from indi_sony_py.sim.panel import Panel
from indi_sony_py.sim.profile import Profile
from indi_sony_py.sim.referee import Referee
from indi_sony_py.sim.responder import Answer, Command, Responder
from indi_sony_py.sim.starter import profile_of
from indi_sony_py.sim.world import Menu, World
from indi_sony_py.sony.codes import Ctl, Ev, Prop
from indi_sony_py.sony.snapshot import Lists
from indi_sony_py.sony.values import RawType

__all__ = ["Camera"]

_RAW_VALUES = {
    "uncompressed": (RawType.UNCOMPRESSED,),
    "lossless": (RawType.LOSSLESS_L, RawType.LOSSLESS),
    "lossy": (RawType.COMPRESSED, RawType.COMPRESSED_HQ),
}
_SERIAL = "00000000000000000000000000000000"


class Camera:
    """A body of `model` (or a `profile`).

    `raw`: the RAW type of its files ("uncompressed", "lossy", "lossless"; None: the first that the body has).
    `picture` makes the files of a photo (None: small files that name the serial number, for tests without pixels).
    `truth` gets a JSON line a photo. `transfer_mbps`: megabytes a second of a data phase, None for at once.
    A model or RAW type that does not exist is a ValueError that names what does.
    """

    def __init__(
        self,
        model: str = "ILCE-7SM3",
        clock: Clock | None = None,
        *,
        raw: str | None = None,
        serial: str | None = None,
        as_dumped: bool = False,
        transfer_mbps: float | None = None,
        faults: Iterable[Fault] = (),
        referee: Referee | None = None,
        truth: IO[str] | None = None,
        picture: Picture | None = None,
        profile: Profile | None = None,
        menu: Menu | None = None,
        first_serial: int = 1,
    ) -> None:
        if clock is None:
            raise ValueError("a camera needs a clock")
        profile = profile or profile_of(model, as_dumped=as_dumped)
        number = serial if serial is not None else profile.device.serial or _SERIAL
        profile = replace(profile, device=replace(profile.device, serial=number))
        if raw is not None and raw not in profile.raw_formats:
            raise ValueError(f"{profile.model} has no {raw!r} RAW: allowed are {', '.join(profile.raw_formats)}")
        self.transfer_mbps = transfer_mbps
        self.referee = referee or Referee()
        agenda = Agenda(clock.monotonic())
        self.world = World(clock, agenda, profile, self.referee, Faults(faults), menu or Menu(), start=agenda.now)
        self.referee.attach(lambda: agenda.now)
        self._truth = truth
        self.last_stars: Callable[[], list[Any]] = lambda: []
        self.on_link_lost: Callable[[], None] = lambda: None
        self.events_overflowed = False
        self.host_is_there = False
        self.hung = False
        self.plugged = True
        self.asleep = False
        self.usb_mode = "remote"
        self.address = 2
        self.plugged_count = 1
        self.raw = raw or profile.raw_formats[0]
        if profile.controllable:
            self._make_parts(picture or self._plain_files, first_serial)
        for fault in self.world.faults.planned():
            agenda.at(self.world.start + (fault.when.time or 0.0), lambda f=fault: self._strike(f))  # type: ignore[misc]

    def _make_parts(self, picture: Picture, first_serial: int) -> None:
        world = self.world
        listed = world.faults.hit(Hook.LISTED, 0.0)
        lists = next((Lists.ONE if f["lists"] == 1 else Lists.TWO for f in listed if f.kind == "lists"), None)
        self.panel = Panel(world, lists)
        self.memory = Memory(world.profile.behaviour.buffer, lambda value: self.panel.show(Prop.OBJECTS_IN_MEMORY, value))
        self.memory.count_pairs_once = world.menu.pair_counts_one
        self.body = Body(world, self.panel, self.memory, picture, lambda: self.raw_type)
        self.body.serial = first_serial - 1
        self.body.on_photo = self._tell_truth
        self.body.on_hang = self.hang
        self.responder = Responder(world, self.panel, self.memory, self.body)
        self.responder.on_crash = self.hang
        self._choose_raw()
        self.panel.show(Prop.BATTERY, world.menu.battery)
        self.panel.show_card()
        self.panel.refresh()
        for fault in listed:
            self._list_fault(fault)

    def _choose_raw(self) -> None:
        for version in self.world.profile.versions:
            del version
        descriptor = self.panel.book.get(Prop.RAW_TYPE)
        if descriptor is not None:
            known = (*descriptor.choices, *(descriptor.reportable or ()))
            value = next((v for v in _RAW_VALUES[self.raw] if v in known), None)
            if value is not None:
                self.panel.book.set(Prop.RAW_TYPE, value)

    @property
    def raw_type(self) -> str:
        """The RAW type that files are written in now."""
        value = self.panel.book.number(Prop.RAW_TYPE, -1) if self.panel.file_format.raw else -1
        return next((name for name, values in _RAW_VALUES.items() if value in values), self.raw)

    # ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def advance(self) -> None:
        """Bring the camera up to its clock."""
        self.world.agenda.run_until(self.world.clock.monotonic())

    # ── on the bus ───────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def present(self) -> bool:
        return self.plugged and not self.asleep and (not self.world.profile.controllable or self.body.powered)

    @property
    def product_id(self) -> int:
        ids = self.world.profile.product_ids
        return ids.get(self.usb_mode, ids.get("remote", 0x0000))

    def _leave(self) -> None:
        self.responder.drop_session()
        self.body.let_go()
        self.events_overflowed = False
        self.on_link_lost()

    def unplug(self) -> None:
        """The cable is pulled."""
        if self.plugged:
            self.plugged = False
            self.referee.note("unplug", "")
            self._leave()
            if not self.world.menu.keep_on_unplug:
                self._lose()

    def plug(self) -> None:
        """The cable is back: a new address, as on a real bus."""
        if not self.plugged:
            self.plugged = True
            self._arrive()

    def _arrive(self) -> None:
        self.address = self.address % 127 + 1
        self.plugged_count += 1
        self.referee.note("plug", f"address {self.address}")

    def power(self, on: bool) -> None:
        """The switch at the body."""
        if on and not self.body.powered:
            self.body.powered = True
            self.hung = False
            self._arrive()
        elif not on and self.body.powered:
            self.body.power_off()
            self.hung = False
            self.referee.note("power", "off")
            self._leave()
            if not self.world.menu.keep_on_power_off:
                self._lose()

    def pull_battery(self) -> None:
        """Everything is lost, a hang too."""
        self.power(False)
        self._lose()

    def _lose(self) -> None:
        lost = self.memory.clear()
        if lost:
            self.referee.note("lost", f"{lost} images left the memory")

    def sleep(self, asleep: bool) -> None:
        """Power save: off the bus until somebody touches the body."""
        if asleep != self.asleep:
            self.asleep = asleep
            self.referee.note("sleep", str(asleep))
            if asleep:
                self._leave()
            else:
                self._arrive()

    def set_usb_mode(self, mode: str) -> None:
        """The menu USB Connection: "remote", "mtp", "mass_storage" or "charging"; the body re-appears."""
        self.usb_mode = mode
        self._leave()
        self._arrive()

    def hang(self) -> None:
        """The firmware stops: on the bus, but no answer any more until the power is switched."""
        self.hung = True
        self.referee.note("hang", "the camera answers no more")

    def break_link(self) -> None:
        """The cable goes in the middle of a transfer."""
        self.unplug()

    def host_gone(self) -> None:
        """The host let go of the interface without a word."""
        self.host_is_there = False
        if not self.world.profile.controllable:
            return
        self.referee.note("host", "gone")
        if self.body.half or self.body.full:
            self.referee.rule("R-HOST-GONE-DOWN", "a button is down")
        if self.body.focus_hold:
            self.referee.rule("R-FOCUS-HOLD", "focus hold is down")

    # ── transactions ─────────────────────────────────────────────────────────────────────────────────────────────

    def answer(self, command: Command) -> Answer:
        """One transaction; faults that strike the whole camera are carried out here."""
        self.host_is_there = True
        answer = self.responder.answer(command)
        for fault in answer.faults:
            self._strike(fault)
        return answer

    def _strike(self, fault: Fault) -> None:
        match fault.kind:
            case "hang":
                self.hang()

    def misframe(self, transfers: list[Any], command: Command, answer: Answer, make: Any) -> list[Any]:
        """Let the wire misbehave as the faults of this answer say."""
        return transfers

    def filter_event(self, code: int, params: tuple[int, ...]) -> list[tuple[float, tuple[int, ...]]]:
        """How often and how late an event is really sent."""
        return [(0.0, params)]

    def _list_fault(self, fault: Fault) -> None:
        del fault

    # ── photos ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _plain_files(self, press: Press) -> Files:
        name = f"DSC{press.serial % 100000:05d}"
        text = json.dumps({"serial": press.serial, "exposure_s": press.exposure_s, "iso": press.iso}).encode()
        files: Files = []
        if press.format.companion:
            files.append((f"{name}.JPG", ObjectFormat.EXIF_JPEG, b"JPEG " + text))
        if press.format.raw:
            files.append((f"{name}.ARW", ObjectFormat.ARW, b"ARW " + text))
        return files

    def _tell_truth(self, press: Press, files: Files) -> None:
        if self._truth is None:
            return
        line = {
            "t": round(press.opened, 6),
            "serial": press.serial,
            "utc": press.opened_utc.isoformat(),
            "exposure_s": press.exposure_s,
            "nominal_s": None if press.nominal_s is None else float(press.nominal_s),
            "iso": press.iso,
            "scene": press.scene,
            "by": press.by,
            "raw": press.raw_type,
            "files": [name for name, _, _ in files],
            "stars": self.last_stars(),
        }
        self._truth.write(json.dumps(line) + "\n")
        self._truth.flush()

    def leave_behind(self, count: int) -> None:
        """Put images into the memory that an earlier program left."""
        for _ in range(count):
            self.body.serial += 1
            name = f"DSC{self.body.serial % 100000:05d}.ARW"
            self.memory.prepare(1)
            self.memory.store(Stored(name, ObjectFormat.ARW, b"ARW left behind", self.body.serial, self.body.serial))


_ = (KINDS, Ctl, Ev)
