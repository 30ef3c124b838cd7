"""The body: its buttons, its shutter, its focus, and the person who stands beside it. Pure; moved by the agenda.

- A press that the body does not take is ignored in silence (libgphoto2 library.c, SonyCamera): the reason goes to the
  referee's log only.
- A shutter opens in the instant in which the button goes down and, in bulb, closes in the instant in which it goes up.
  The real delay and its scatter are not known (SONY_PTP 16).
- Released means both the host's button and the one on the body are up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from indi_sony_py.sim.agenda import Entry
from indi_sony_py.sim.faultkinds import Hook
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.memory import Memory, Stored
from indi_sony_py.sim.panel import Panel
from indi_sony_py.sim.world import World
from indi_sony_py.sony.codes import HANDLE_IMAGE, Ev, Prop
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.sony.values import DriveKind, FileFormat

__all__ = ["Body", "Files", "Picture", "Press"]

_FOCUS_IDLE = 1
_BRACKET_FRAMES = 3
_AF_LEAST_S = 0.5
_HELD_S = 1.0
_QUIET_S = 0.5


@dataclass(frozen=True, slots=True)
class Press:
    """One photo. `exposure_s`: the true open time; `nominal_s`: what the body prints, None in bulb; `iso`: the number;
    `serial`: counts from 1 over the life of the camera; `opened`: monotonic; `by`: "host" or "body"."""

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


Files = list[tuple[str, int, bytes]]
"""Name, object format, bytes."""

Picture = Callable[[Press], Files]
"""Makes the files of one photo."""


@dataclass(slots=True)
class _Shot:
    serial: int
    opened: float
    opened_utc: datetime
    nominal: Fraction | None
    by: str
    close: Entry | None = None
    faults: tuple[Fault, ...] = ()
    timer: bool = False


class Body:
    """Buttons and shutter. `picture` makes the files; `on_press` is told of each photo."""

    def __init__(self, world: World, panel: Panel, memory: Memory, picture: Picture, raw_type: Callable[[], str]) -> None:
        self._world = world
        self._panel = panel
        self._memory = memory
        self._picture = picture
        self._raw_type = raw_type
        self.on_photo: Callable[[Press, Files], None] = lambda press, files: None
        self.on_hang: Callable[[], None] = lambda: None
        self.serial = 0
        self.presses = 0
        self.powered = True
        self.half = False
        self.full = False
        self.user_half = False
        self.user_full = False
        self.focus_hold = False
        self.settings_read = False
        self.deaf_until = 0.0
        self.released: set[int] = set()
        self.last_command = float("-inf")
        self._half_at = float("-inf")
        self._full_at = float("-inf")
        self._focus: Entry | None = None
        self._focused = False
        self._shot: _Shot | None = None
        self._busy_until = float("-inf")
        self._developing = 0

    # ── state ────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def exposing(self) -> bool:
        return self._shot is not None

    @property
    def busy(self) -> bool:
        """The shutter is open or the body makes its own dark frame."""
        return self._shot is not None or self._world.now < self._busy_until

    @property
    def under_way(self) -> bool:
        """A photo was begun and its image is not there yet."""
        return self.busy or self._developing > 0

    @property
    def in_bulb(self) -> bool:
        return self._shot is not None and self._shot.nominal is None

    # ── buttons of the host ──────────────────────────────────────────────────────────────────────────────────────

    def host_half(self, down: bool) -> None:
        self.released.add(1) if not down else None
        if down and not self.half:
            self._half_at = self._world.now
        if not down and self.half and self.full:
            self._world.referee.rule("R-BUTTON-ORDER", "half press was released while full press is down")
        self.half = down
        self._focus_follows()

    def host_full(self, down: bool) -> None:
        if not down:
            self.released.add(2)
            if self.full:
                self._judge_release()
            self.full = False
            self._world.referee.note("release", "full press up")
            self._button_up()
            return
        if self.full:
            return
        self.presses += 1
        self._judge_press()
        self.full = True
        self._full_at = self._world.now
        self._press("host")

    def one_shot(self, down: bool) -> None:
        """0xD2C7: release without a half press (Sony PTP2 ref; libgphoto2 opens bulb with it)."""
        if down and not self.full:
            self.presses += 1
            self.full = True
            self._full_at = self._world.now
            self._press("host", one_shot=True)
        elif not down:
            self.host_full(False)

    def _judge_press(self) -> None:
        world, rule = self._world, self._world.referee.rule
        if not self.half:
            rule("R-HALF-FIRST", "full press while half press is up")
        if len(self.released) < 2:
            rule("R-RELEASED-FIRST", "a button was never written as released in this session")
        if not self.settings_read:
            rule("R-SETTINGS-READ", "the settings were not read since the last photo")
        if self._memory.waiting:
            rule("R-DRAIN", f"0xD215 is 0x{self._memory.counter():04X}")
        if world.now < self.deaf_until:
            rule("R-WARMUP", f"{self.deaf_until - world.now:.2f} s are missing")
        if self.under_way:
            rule("R-PRESS-TWICE", "the image of the last press has not appeared")
        if not self._panel.manual_focus and not self._focused and world.now - self._half_at < _AF_LEAST_S:
            rule("R-AF", f"{world.now - self._half_at:.2f} s after half press, not focused")

    def _judge_release(self) -> None:
        world, shot = self._world, self._shot
        if shot is not None and shot.nominal is None and not shot.timer:
            quiet = world.now - self.last_command
            if self.last_command > self._full_at and quiet < _QUIET_S:
                world.referee.rule("R-DELAYED-RELEASE", f"a transaction started {quiet:.3f} s before the release")

    def judge_command(self) -> None:
        """A transaction starts: a button that is still down long after a timed exposure was meant as a bulb."""
        if self.full and self._shot is None and self._bulb_meant is not None and self._world.now > self._bulb_meant:
            self._world.referee.rule("R-BULB-SPEED", "full press is held although the body timed the exposure")
            self._bulb_meant = None

    _bulb_meant: float | None = None

    # ── focus ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _focus_follows(self) -> None:
        down = self.half or self.user_half
        if not down or self._panel.manual_focus:
            if self._focus is not None:
                self._focus.cancel()
                self._focus = None
            if not down:
                self._focused = False
                self._panel.show(Prop.FOCUS_INDICATION, _FOCUS_IDLE)
            return
        if self._focus is None and not self._focused:
            self._focus = self._world.agenda.after(self._world.profile.behaviour.focus_s, self._focus_ends)

    def _focus_ends(self) -> None:
        self._focus = None
        found = self._world.menu.focus_finds and self._world.menu.lens
        self._focused = found
        behaviour = self._world.profile.behaviour
        self._panel.show(Prop.FOCUS_INDICATION, behaviour.focus_done_value if found else behaviour.focus_failed_value)

    # ── the shutter ──────────────────────────────────────────────────────────────────────────────────────────────

    def _refusal(self, by: str, one_shot: bool) -> str | None:
        """Why the body ignores this press; None if it takes it."""
        world, panel, menu = self._world, self._panel, self._world.menu
        if self.busy:
            return "busy"
        if by == "host" and world.now < self.deaf_until:
            return "deaf after the handshake"
        if by == "host" and not self.settings_read:
            return "settings not read since the last photo"
        if panel.playback:
            return "playback"
        if panel.movie:
            return "movie mode"
        if menu.battery == 0:
            return "battery empty"
        if not menu.lens and not panel.release_without_lens:
            return "no lens"
        to_card = bool(panel.save_to & 0x10)
        if menu.card == "none" and (to_card or not panel.release_without_card):
            return "no card"
        if to_card and menu.card in ("full", "locked"):
            return f"card {menu.card}"
        if not panel.manual_focus and not one_shot and not self._focused:
            return "not focused"
        return None

    def _press(self, by: str, one_shot: bool = False) -> None:
        world = self._world
        struck = world.faults.hit(Hook.PRESS, world.now - world.start, press=self.serial + 1)
        kinds = {f.kind for f in struck}
        for fault in struck:
            world.referee.note("fault", fault.kind)
        reason = "fault" if "deaf" in kinds else self._refusal(by, one_shot)
        if reason is not None:
            world.referee.note("refused", f"press by the {by}: {reason}")
            return
        if self._memory.full:
            world.referee.rule("R-BUFFER-FULL", f"{len(self._memory)} images wait: the camera hangs")
            self.on_hang()
            return
        if self._panel.drive is DriveKind.SELF_TIMER:
            world.agenda.after(2.0, lambda: self._open(by, tuple(struck)))
            return
        self._open(by, tuple(struck))

    def _open(self, by: str, faults: tuple[Fault, ...] = ()) -> None:
        if self.busy or not self.powered:
            return
        world, panel = self._world, self._panel
        self.serial += 1
        nominal = panel.nominal_s
        shot = _Shot(self.serial, world.now, world.clock.utc(), nominal, by, None, faults)
        self._shot = shot
        self._developing += 1
        open_s: float | None = None if nominal is None else float(nominal)
        if nominal is None and panel.bulb_timer_s is not None:
            open_s = float(panel.bulb_timer_s)
            shot.timer = True
        for fault in faults:
            if fault.kind == "wrong-exposure":
                open_s = fault["seconds"]
                shot.timer = True
        self._bulb_meant = None if nominal is None or open_s is None else world.now + open_s + _HELD_S
        world.referee.note("press", f"serial {self.serial} by the {by}, {'bulb' if nominal is None else nominal} s")
        if open_s is not None:
            shot.close = world.agenda.after(open_s, self._close)

    def _button_up(self) -> None:
        if not (self.full or self.user_full) and self._shot is not None and self._shot.close is None:
            self._close()

    def _close(self) -> None:
        shot, world, panel = self._shot, self._world, self._panel
        if shot is None:
            return
        self._shot = None
        self.settings_read = False
        exposure = world.now - shot.opened
        noise = panel.noise_reduction or any(f.kind == "noise-reduction" for f in shot.faults)
        noise = noise and exposure >= world.profile.behaviour.noise_from_s
        press = Press(
            shot.serial,
            shot.opened,
            shot.opened_utc,
            exposure,
            shot.nominal,
            panel.iso,
            panel.file_format,
            world.menu.scene,
            noise,
            shot.by,
            self._raw_type(),
        )
        world.referee.note("photo", f"serial {shot.serial}, open {exposure:.4f} s")
        if panel.version is Version.V300:
            world.emit(Ev.CAPTURED, (1,))
        self._busy_until = world.now + exposure if noise else world.now
        self._begin_image(press, self._busy_until, shot.faults)
        if (self.full or self.user_full) and shot.nominal is not None:
            if panel.drive is DriveKind.CONTINUOUS:
                world.agenda.after(world.profile.behaviour.release_step_s, lambda: self._again(shot.by))
            elif panel.drive is DriveKind.BRACKET and self._bracket < _BRACKET_FRAMES - 1:
                self._bracket += 1
                world.agenda.after(world.profile.behaviour.release_step_s, lambda: self._again(shot.by))
        if any(f.kind == "two-frames" for f in shot.faults):
            world.agenda.after(world.profile.behaviour.release_step_s, lambda: self._open(shot.by))

    _bracket = 0

    def _again(self, by: str) -> None:
        if (self.full or self.user_full) and not self._memory.full:
            self._open(by)

    # ── from the closed shutter to the image ─────────────────────────────────────────────────────────────────────

    def _begin_image(self, press: Press, free_at: float, press_faults: tuple[Fault, ...]) -> None:
        world, panel, memory = self._world, self._panel, self._memory
        files = int(press.format.raw) + int(press.format.companion)
        keep = panel.save_to == 0x10 or not files
        delay = world.profile.behaviour.processing_s
        gap = world.menu.pair_gap_s
        raw_first = world.menu.raw_first
        damage: Fault | None = None
        struck = world.faults.hit(Hook.PHOTO, world.now - world.start, press=press.serial)
        for fault in struck:
            world.referee.note("fault", fault.kind)
            match fault.kind:
                case "slow-image":
                    delay += fault["seconds"]
                case "no-image":
                    keep = True
                case "pair":
                    gap = max(gap, fault["gap_s"])
                    raw_first = raw_first or fault["raw_first"]
                    memory.count_pairs_once = fault["count_once"]
                case "broken-file":
                    damage = fault
                case "early-event":
                    world.emit(Ev.OBJECT_ADDED, (HANDLE_IMAGE,))
                case "absurd-count":
                    self._absurd(free_at + delay, fault["value"], fault["seconds"])
        if keep:
            world.agenda.at(free_at + delay, lambda: self._to_card(press))
            return
        memory.prepare(files)
        world.agenda.at(free_at + delay, lambda: self._image(press, gap, raw_first, damage))

    def _absurd(self, ready: float, value: int, seconds: float) -> None:
        """0xD215 shows nonsense for a while before the image is there (65531 on an ILCE-6400, libgphoto2#1058)."""
        agenda, memory = self._world.agenda, self._memory
        agenda.at(max(ready - seconds, self._world.now), lambda: memory.show(value))
        agenda.at(ready, lambda: memory.show(None))

    def _to_card(self, press: Press) -> None:
        self._developing -= 1
        self._world.referee.note("card", f"serial {press.serial} stays in the camera")
        if self._panel.version is Version.V300:
            self._world.emit(Ev.OPERATION_RESULT, (0x9207D2C2, 1, 0))

    def _image(self, press: Press, gap: float, raw_first: bool, damage: Fault | None) -> None:
        world, memory = self._world, self._memory
        self._developing -= 1
        if not self.powered and not world.menu.keep_on_power_off:
            memory.drop(int(press.format.raw) + int(press.format.companion))
            return
        files = self._picture(press)
        self.on_photo(press, files)
        if raw_first:
            files = files[::-1]
        captured = press.opened_utc.strftime("%Y%m%dT%H%M%S")
        stored = []
        for name, form, data in files:
            if damage is not None:
                data = data[: max(0, len(data) - damage["cut"])]
                if damage["hole"]:
                    middle = len(data) // 2
                    data = data[:middle] + bytes(min(damage["hole"], len(data) - middle)) + data[middle + damage["hole"] :]
            stored.append(Stored(name, form, data, press.serial, press.serial, captured))
        memory.prepare(len(stored) - int(press.format.raw) - int(press.format.companion))
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
        if self._panel.version is Version.V300:
            self._world.emit(Ev.OPERATION_RESULT, (0x9207D2C2, 1, 0))

    # ── the person at the body ───────────────────────────────────────────────────────────────────────────────────

    def user_press(self, hold_s: float | None = None) -> None:
        """Press the body's own button to the stop; up again after `hold_s` seconds (None: stays down)."""
        self.user_half = True
        self._focus_follows()
        self._bracket = 0

        def down() -> None:
            if self.user_half and not self.user_full:
                self.user_full = True
                self._press("body")

        if self._panel.manual_focus or self._focused:
            down()
        else:
            self._world.agenda.after(self._world.profile.behaviour.focus_s + 0.01, down)
        if hold_s is not None:
            self._world.agenda.after(hold_s, self.user_release)

    def user_release(self) -> None:
        self.user_full = False
        self.user_half = False
        self._focus_follows()
        self._button_up()

    def let_go(self) -> None:
        """The remote link is gone: what the host held is up. (A guess: no source says what a body does.)"""
        self.half = self.full = self.focus_hold = False
        self._focus_follows()
        self._button_up()

    def power_off(self) -> None:
        """The shutter closes at once; what was exposed is still written."""
        self.user_half = self.user_full = False
        self.let_go()
        if self._shot is not None:
            if self._shot.close is not None:
                self._shot.close.cancel()
            self._close()
        self.powered = False
