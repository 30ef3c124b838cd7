"""One simulated camera: its parts joined, its power and its cable, and the faults that strike it as a whole. Pure.

Nothing here runs by itself: `advance` brings everything up to the clock. Memory and buttons outlive every host.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import IO

from indi_sony_py.clock import Clock
from indi_sony_py.ptp.codes import ObjectFormat, Operation
from indi_sony_py.sim.agenda import Agenda
from indi_sony_py.sim.body import Body
from indi_sony_py.sim.control import perform
from indi_sony_py.sim.darkroom import Darkroom, Files, Picture, Press
from indi_sony_py.sim.faultkinds import KINDS, Hook
from indi_sony_py.sim.faultlimits import check_fault
from indi_sony_py.sim.faults import Fault, Faults
from indi_sony_py.sim.lens import Lens
from indi_sony_py.sim.liveview import LiveView, Pictures
from indi_sony_py.sim.memory import Memory
from indi_sony_py.sim.pairing import Pairing
from indi_sony_py.sim.panel import Panel
from indi_sony_py.sim.profile import Profile, profile_of
from indi_sony_py.sim.referee import Referee
from indi_sony_py.sim.responder import Responder
from indi_sony_py.sim.scene import Scene
from indi_sony_py.sim.transaction import Answer, Command
from indi_sony_py.sim.truth import Star, Truth
from indi_sony_py.sim.world import Menu, World
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.magnifier import window
from indi_sony_py.sony.snapshot import Lists
from indi_sony_py.sony.values import FileFormat, RawType

__all__ = ["Camera", "plain_files"]

_RAW_VALUES = {
    "uncompressed": (RawType.UNCOMPRESSED,),
    "lossless": (RawType.LOSSLESS_L, RawType.LOSSLESS),
    "lossy": (RawType.COMPRESSED, RawType.COMPRESSED_HQ),
}


def plain_files(press: Press) -> Files:
    """Small files that name the press in JSON after a word: for tests without pixels."""
    name = f"DSC{press.serial % 100000:05d}"
    text = json.dumps({"serial": press.serial, "exposure_s": press.exposure_s, "iso": press.iso}).encode()
    files: Files = []
    if press.format.companion:
        files.append((f"{name}.JPG", ObjectFormat.EXIF_JPEG, b"JPEG " + text))
    if press.format.raw:
        files.append((f"{name}.ARW", ObjectFormat.ARW, b"ARW " + text))
    return files


class Camera:
    """A body of `model`, or of a `profile` of one's own.

    `raw`: the RAW type of its files ("uncompressed", "lossless", "lossy"; None: the first that the body has).
    `live` makes the pictures of live view, from what is to be seen (`seen`).
    `picture` makes the files of a photo; `stars` tells what it put into the last one; `truth` gets a JSON line a photo,
    `keep` the name and bytes of each file.
    `transfer_mbps`: megabytes a second of a data phase, None for at once. A model or RAW type that does not exist is a
    ValueError that names what does.
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
        keep: Callable[[str, bytes], None] | None = None,
        picture: Picture = plain_files,
        stars: Callable[[], Sequence[Star]] = tuple,
        profile: Profile | None = None,
        menu: Menu | None = None,
        first_serial: int = 1,
        live: Callable[[Callable[[], Scene]], Pictures] | None = None,
    ) -> None:
        if clock is None:
            raise ValueError("a camera needs a clock")
        profile = profile or profile_of(model, as_dumped=as_dumped)
        if serial is not None:
            profile = replace(profile, device=replace(profile.device, serial=serial))
        if raw is not None and raw not in profile.raw_formats:
            raise ValueError(f"{profile.model} has no {raw!r} RAW: allowed are {', '.join(profile.raw_formats)}")
        if transfer_mbps is not None and not transfer_mbps > 0:
            raise ValueError("a transfer rate is above 0")
        self.transfer_mbps = transfer_mbps
        self.raw = raw or profile.raw_formats[0]
        self.referee = referee or Referee()
        agenda = Agenda(clock.monotonic())
        self.referee.attach(lambda: agenda.now)
        world = World(clock, agenda, profile, self.referee, Faults(faults), menu or Menu(), start=agenda.now)
        self.world = world
        self.on_link_lost: Callable[[], None] = lambda: None
        self.events_overflowed = False
        self.host_is_there = False
        self.hung = False
        self.mute_until = ""
        self.plugged = True
        self.asleep = False
        self.network_off = False
        self.idle_drop: Fault | None = None
        self.pairing = Pairing()
        self.address = 2
        for fault in world.faults.rows:
            check_fault(fault)
        listed = world.strike(Hook.LISTED)
        lists = next((Lists.ONE if f["lists"] == 1 else Lists.TWO for f in listed if f.kind == "lists"), None)
        self.panel = Panel(world, lists)
        self.memory = Memory(profile.behaviour.buffer, lambda value: self.panel.show(Prop.OBJECTS_IN_MEMORY, value))
        self.memory.count_pairs_once = world.menu.pair_counts_one
        self.darkroom = Darkroom(world, self.panel, self.memory, picture)
        self.darkroom.on_photo = Truth(truth, keep, stars).tell
        self.lens = Lens(world, self.panel, lambda: self.body.busy, lambda: self.body.host_under_way)
        self.body = Body(world, self.panel, self.memory, self.darkroom, self.lens, lambda: self.raw_type)
        self.body.serial = first_serial - 1
        self.body.on_hang = self.hang
        self.body.on_strike = self.strike
        self.live = LiveView(
            world,
            lambda: self.panel.live_view_status,
            lambda: self.body.under_way,
            lambda: self.body.host_under_way or (self.body.under_way and self.body.told_of_photo),
        )
        self.live.on_hang = self.hang
        self.live.on_ready = self._live_view_on
        if live is not None:
            self.live.pictures = live(self.seen)
        self.body.on_host_press = self.live.pressed
        self.responder = Responder(world, self.panel, self.memory, self.body, self.lens, self.live)
        self.responder.on_crash = self.hang
        self._prepare()
        for fault in listed:
            self._list_fault(fault)
        for fault in world.faults.planned():
            self._plan(fault)

    def _prepare(self) -> None:
        menu, book = self.world.menu, self.panel.book
        if self.world.profile.as_dumped:
            return
        shown = book.number(Prop.BATTERY, -1)
        if 0 < shown <= 100:
            menu.battery = shown
        descriptor = book.get(Prop.RAW_TYPE)
        if descriptor is not None:
            known = (*descriptor.choices, *(descriptor.reportable or ()))
            value = next((v for v in _RAW_VALUES[self.raw] if v in known), None)
            if value is not None:
                book.set(Prop.RAW_TYPE, value)
        if self.world.profile.row.own_dark_fixed:
            menu.noise_reduction = True
        self.panel.show_card()
        self.panel.refresh()

    def seen(self) -> Scene:
        """What the lens looks at, how strongly it is amplified, and what live view shows of it."""
        night = replace(self.world.menu.night, blur_px=self.lens.blur_px)
        return Scene(self.world.menu.scene, self.panel.iso, night, window(self.panel.magnifier))

    def _live_view_on(self) -> None:
        if self.panel.live_view_status == 0 and not self.world.profile.as_dumped:
            self.panel.show(Prop.LIVE_VIEW, 1)

    @property
    def raw_type(self) -> str:
        """The RAW type that files are written in now."""
        value = self.panel.book.number(Prop.RAW_TYPE, -1)
        named = next((name for name, values in _RAW_VALUES.items() if value in values), self.raw)
        return named if named in self.world.profile.raw_formats else self.raw

    def advance(self) -> None:
        """Bring the camera up to its clock."""
        self.world.agenda.run_until(self.world.clock.monotonic())

    # ── on the bus ───────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def present(self) -> bool:
        return self.plugged and not self.asleep and self.body.powered

    @property
    def usb_mode(self) -> str:
        return self.world.menu.usb_mode

    @property
    def product_id(self) -> int:
        ids = self.world.profile.product_ids
        return ids.get(self.usb_mode, _CHARGING_ID if self.usb_mode == "other" else ids["remote"])

    def _leave(self) -> None:
        self.responder.drop_session()
        self.body.let_go()
        self.events_overflowed = False
        self.host_is_there = False
        self.on_link_lost()

    def _arrive(self) -> None:
        self.address = self.address % 127 + 1
        self.referee.note("plug", f"address {self.address}")

    def lose_link(self, why: str) -> None:
        """The connection over the network breaks, or the camera ends it."""
        self.referee.note("network", f"link lost: {why}")
        self._leave()

    def unplug(self) -> None:
        """The cable is pulled, or the network is out of reach."""
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

    def power(self, on: bool) -> None:
        """The switch at the body."""
        if on and not self.body.powered:
            self.body.powered = True
            self.lens.park()
            self.network_off = False
            self._arrive()
        elif not on and self.body.powered:
            self.body.power_off()
            self.hung = False
            self.mute_until = ""
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
        """The menu USB Connection: "remote", "mtp", "mass_storage" or "other" (charging); the body re-appears."""
        self.world.menu.usb_mode = mode
        self._leave()
        self._arrive()

    def hang(self) -> None:
        """The firmware stops: on the bus, but no answer any more until the power is switched."""
        self.hung = True
        self.referee.note("hang", "the camera answers no more")

    def host_gone(self) -> None:
        """The host let go of the interface without a word."""
        self.host_is_there = False
        self.referee.note("host", "gone")
        self.responder.host_gone()
        if (self.body.half or self.body.full) and not self.body.blamed and not self.hung:
            self.body.blamed = True
            self.referee.rule("R-HOST-GONE-DOWN", "a button is down")
        if self.body.focus_hold:
            self.referee.rule("R-FOCUS-HOLD", "focus hold is down")

    # ── faults that strike as a whole ────────────────────────────────────────────────────────────────────────────

    def answer(self, command: Command) -> Answer:
        """One transaction; faults that strike the whole camera are carried out after it."""
        self.host_is_there = True
        if self.mute_until == "session" and command.operation == Operation.OPEN_SESSION:
            self.mute_until = ""
        if self.mute_until:
            return Answer(silent=True)
        answer = self.responder.answer(command)
        for fault in answer.faults:
            self.strike(fault)
        return answer

    def arm(self, fault: Fault) -> None:
        """Arm one more fault. A row that cannot be carried out is a ValueError."""
        check_fault(fault)
        if KINDS[fault.kind].hook is Hook.LISTED:
            self._list_fault(fault)
        elif self.world.faults.arm(fault) is Hook.TIME:
            self._plan(fault)

    def _plan(self, fault: Fault) -> None:
        when = self.world.start + (fault.when.time or 0.0)
        self.world.agenda.at(when, lambda: self._strike_in_time(fault))

    def _strike_in_time(self, fault: Fault) -> None:
        self.referee.note("fault", fault.kind)
        self.strike(fault)

    def strike(self, fault: Fault) -> None:
        """Carry out a fault of the kinds that do not belong to one part."""
        match fault.kind:
            case "hang":
                self.hang()
            case "mute":
                self.mute_until = fault["until"]
                self.referee.note("mute", f"no answer until {fault['until']}")
            case "unplug":
                if fault["after_bytes"] < 0:
                    self.unplug()
                if fault["back_s"] >= 0:
                    self.world.agenda.after(fault["back_s"], self.plug)
            case "flood":
                for _ in range(fault["number"]):
                    self.world.emit(fault["event"], (fault["parameter"],))
            case "relist":
                self.panel.relist(fault["code"], fault["values"])
            case "user":
                perform(self, fault["command"], fault["args"])

    def _list_fault(self, fault: Fault) -> None:
        match fault.kind:
            case "stranger":
                profile, model = self.world.profile, fault["model"]
                self.world.profile = replace(
                    profile,
                    model=model,
                    device=replace(profile.device, model=model),
                    product_ids={**profile.product_ids, "remote": fault["product"]},
                )
            case "hide":
                for version in self.world.profile.versions:
                    self.panel.book_of(version).hide(fault["code"])
            case "empty-list":
                for version in self.world.profile.versions:
                    self.panel.book_of(version).unlist(fault["code"])
            case "unlist":
                for version in self.world.profile.versions:
                    self.panel.book_of(version).unlist(fault["code"], fault["value"])
            case "rest-value":
                self.body.rest_value = fault["value"]
                for code in (0xD2C1, 0xD2C2):
                    self.panel.show(code, fault["value"])
            case "leftover":
                self.leave_behind(fault["count"])
            case "button-held":
                self.body.user_press()
            case "small-buffer":
                self.memory.capacity = fault["images"]
            case "live-view-freezes":
                self.live.freezes = True
            case "live-view-alone":
                self.live.alone = True
            case "idle-drop":
                self.idle_drop = fault
            case "handshake-first":
                self.responder.handshake_first = True

    def filter_event(self, code: int, params: tuple[int, ...]) -> list[float]:
        """How late each copy of an event is sent; usually one, at once."""
        sends = [0.0]
        for fault in self.world.strike(Hook.EVENT, operation=code, property=params[0] if params else None):
            match fault.kind:
                case "drop-event":
                    return []
                case "double-event":
                    sends = sends * 2
                case "late-event":
                    sends = [late + fault["seconds"] for late in sends]
        return sends

    # ── photos ───────────────────────────────────────────────────────────────────────────────────────────────────

    def leave_behind(self, count: int) -> None:
        """Put images into the memory that an earlier program left: each is a photo of its own, made just now."""
        panel = self.panel
        for _ in range(count):
            self.body.serial += 1
            opened, utc = self.world.now, self.world.clock.utc()
            kind = panel.file_format if panel.file_format.raw else FileFormat(True, False)
            scene = self.world.menu.scene
            nominal = panel.nominal_s
            exposure = float(nominal or 1)
            press = Press(
                self.body.serial, opened, utc, exposure, nominal, panel.iso, kind, scene, False, "body", self.raw_type,
                night=self.world.menu.night,
            )  # fmt: skip
            self.darkroom.put(press)


_CHARGING_ID = 0x0994
"""The id of a charging body (usb.ids, for an ILCE-6000)."""
