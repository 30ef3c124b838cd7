"""The body: its buttons, its shutter, its focus, and the person who stands beside it. Pure; moved by the agenda.

- A press that the body does not take is ignored in silence (libgphoto2 library.c, SonyCamera): the reason goes to the
  referee's log only.
- A shutter opens in the instant in which the button goes down and, in bulb, closes in the instant in which it goes up.
  The real delay and its scatter are not known: no source measured them.
- Released means both the host's button and the one on the body are up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from indi_sony_py.sim.agenda import Entry
from indi_sony_py.sim.darkroom import Darkroom, Press
from indi_sony_py.sim.faultkinds import Hook
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.lens import Lens
from indi_sony_py.sim.memory import Memory
from indi_sony_py.sim.panel import Panel
from indi_sony_py.sim.world import World
from indi_sony_py.sony.codes import HANDLE_IMAGE, Ctl, Ev, Prop
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.sony.values import DriveKind

__all__ = ["Body"]

_FOCUS_IDLE = 1
_BRACKET_FRAMES = 3
_AF_LEAST_S = 0.5
_HELD_S = 1.0
_QUIET_S = 0.5
_SELF_TIMER_S = 2.0
_FRESH_S = 2.0


@dataclass(frozen=True, slots=True)
class _Told:
    """What the last 0x9209 answer said: a host is judged by what it could know."""

    at: float = float("-inf")
    counter: int = 0
    bulb: bool = False
    manual_focus: bool = False


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
    own_s: float | None = None
    planned_bulb_s: float | None = None


class Body:
    """Buttons and shutter. `raw_type` names the RAW type of the moment; `on_hang` is called when the buffer is full."""

    def __init__(
        self,
        world: World,
        panel: Panel,
        memory: Memory,
        darkroom: Darkroom,
        lens: Lens,
        raw_type: Callable[[], str],
    ) -> None:
        self._world = world
        self._panel = panel
        self._memory = memory
        self._darkroom = darkroom
        self._lens = lens
        self._raw_type = raw_type
        self.on_hang: Callable[[], None] = lambda: None
        self.on_host_press: Callable[[float], None] = lambda looked_at: None
        self.on_strike: Callable[[Fault], None] = lambda fault: None
        self.serial = 0
        self.presses = 0
        self.powered = True
        self.half = False
        self.full = False
        self.user_half = False
        self.user_full = False
        self.focus_hold = False
        # Who pressed has vanished: what is down is not held against the next host, which must shake hands first.
        self.blamed = False
        self.settings_read = False
        self.rest_value = world.profile.behaviour.button_rest
        self.planned_bulb_s: float | None = None
        self.deaf_until = 0.0
        self.released: set[int] = set()
        self.last_command = float("-inf")
        self._half_at = float("-inf")
        self._full_at = float("-inf")
        self._focus: Entry | None = None
        self._focused = False
        self._shot: _Shot | None = None
        self._busy_until = float("-inf")
        self._bulb_meant: float | None = None
        self._bracket = 0
        self._told = _Told()
        self._own_unread = False

    # ── state ────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def exposing(self) -> bool:
        return self._shot is not None

    @property
    def busy(self) -> bool:
        """The shutter is open or the body makes its own dark frame."""
        return self.shutter_open or self._world.now < self._busy_until

    @property
    def shutter_open(self) -> bool:
        return self._shot is not None

    @property
    def under_way(self) -> bool:
        """A photo was begun and its image is not there yet."""
        return self.busy or self._darkroom.under_way > 0

    @property
    def host_under_way(self) -> bool:
        """A photo that the host began, and whose image is not there yet."""
        return (self._shot is not None and self._shot.by == "host") or self._darkroom.host_under_way > 0

    @property
    def told_of_photo(self) -> bool:
        """Whether the settings that the host read last speak of a photo."""
        return bool(self._told.counter)

    @property
    def in_bulb(self) -> bool:
        return self._shot is not None and self._shot.nominal is None

    def told(self) -> None:
        """The settings go out to the host."""
        self.settings_read = True
        self._own_unread = False
        panel = self._panel
        self._told = _Told(self._world.now, self._memory.counter(), panel.bulb, panel.manual_focus)

    def knew(self, waiting: bool) -> bool:
        """Whether the host could know of what lies in the memory (`waiting`: of an image that may be fetched).

        What somebody does at the body shows only in the next answer, so it is not held against a host that has just
        looked.
        """
        seen = self._told.counter & 0x8000 if waiting else self._told.counter
        return bool(seen) or self._world.now - self._told.at > _FRESH_S

    # ── buttons of the host ──────────────────────────────────────────────────────────────────────────────────────

    def host_half(self, down: bool) -> None:
        if not down:
            self.released.add(Ctl.HALF_PRESS)
        if down and not self.half:
            self.blamed = False
            self._half_at = self._world.now
        if not down and self.half and self.full:
            self._world.referee.rule("R-BUTTON-ORDER", "half press was released while full press is down")
        self.half = down
        self._focus_follows()

    def host_full(self, down: bool) -> None:
        if not down:
            self.released.add(Ctl.FULL_PRESS)
            if self.full:
                self._judge_release()
            self.full = False
            self._world.referee.note("release", "full press up")
            self._button_up()
            return
        if self.full:
            return
        self.presses += 1
        self.blamed = False
        self._judge_press()
        self.full = True
        self._full_at = self._world.now
        self._press("host")

    def one_shot(self, down: bool) -> None:
        """0xD2C7: release without a half press (Sony PTP2 ref; libgphoto2 opens bulb with it)."""
        if down and not self.full:
            self.presses += 1
            self.blamed = False
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
        if not self.settings_read and (self._own_unread or self.knew(waiting=False)):
            rule("R-SETTINGS-READ", "the settings were not read since the last photo")
        if self._memory.waiting and self.knew(waiting=True):
            rule("R-DRAIN", f"0xD215 is 0x{self._memory.counter():04X}")
        if world.now < self.deaf_until:
            rule("R-WARMUP", f"{self.deaf_until - world.now:.2f} s are missing")
        if self.host_under_way or (self._memory.preparing and self.knew(waiting=False)):
            rule("R-PRESS-TWICE", "the image of the last press has not appeared")
        self.on_host_press(self._told.at)
        too_soon = not self._focused and world.now - self._half_at < _AF_LEAST_S
        if too_soon and not self._panel.manual_focus and not self._told.manual_focus:
            rule("R-AF", f"{world.now - self._half_at:.2f} s after half press, not focused")

    def _judge_release(self) -> None:
        world, shot = self._world, self._shot
        if self.blamed:
            return
        if shot is not None and shot.by == "host" and shot.nominal is None and not shot.timer:
            quiet = world.now - self.last_command
            planned = shot.planned_bulb_s
            if planned is not None and world.now - shot.opened < planned - _QUIET_S:
                return
            if self.last_command > self._full_at and quiet < _QUIET_S:
                world.referee.rule("R-DELAYED-RELEASE", f"a transaction started {quiet:.3f} s before the release")

    def judge_command(self) -> None:
        """A transaction starts: a button that is still down long after a timed exposure was meant as a bulb."""
        if self.blamed or not self.full or self._shot is not None or self._bulb_meant is None:
            return
        if self._world.now > self._bulb_meant:
            self._world.referee.rule("R-BULB-SPEED", "full press is held although the body timed the exposure")
            self._bulb_meant = None

    def release_lost(self) -> None:
        """A fault struck a button's command: how long the button stays down now is not the host's doing."""
        self._bulb_meant = None

    # ── focus ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _focus_follows(self) -> None:
        down = (self.half or self.user_half) and self._world.menu.half_press_focuses
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
        if found:
            self._lens.sharpen()
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
        if not panel.manual_focus and menu.half_press_focuses and not one_shot and not self._focused:
            return "not focused"
        return None

    def _press(self, by: str, one_shot: bool = False) -> None:
        world = self._world
        struck = world.strike(Hook.PRESS, press=self.serial + 1)
        self._take(by, one_shot, tuple(struck))
        for fault in struck:
            self.on_strike(fault)

    def _take(self, by: str, one_shot: bool, struck: tuple[Fault, ...]) -> None:
        world = self._world
        if by == "host":
            self._bulb_meant = None
        kinds = {f.kind for f in struck}
        reason = "fault" if "deaf" in kinds else self._refusal(by, one_shot)
        if reason is not None:
            world.referee.note("refused", f"press by the {by}: {reason}")
            return
        if self._memory.full:
            world.referee.rule("R-BUFFER-FULL", f"{len(self._memory)} images wait: the camera hangs")
            self.on_hang()
            return
        self._bracket = 0
        if self._panel.drive is DriveKind.SELF_TIMER:
            world.agenda.after(_SELF_TIMER_S, lambda: self._open(by, struck))
            return
        self._open(by, struck)

    def _open(self, by: str, faults: tuple[Fault, ...] = ()) -> None:
        if self.busy or not self.powered:
            return
        world, panel = self._world, self._panel
        self.serial += 1
        nominal = panel.nominal_s
        shot = _Shot(
            self.serial, world.now, world.clock.utc(), nominal, by, faults=faults, planned_bulb_s=self.planned_bulb_s
        )
        self._shot = shot
        self._darkroom.expect(by)
        open_s: float | None = None if nominal is None else float(nominal)
        if nominal is None and panel.bulb_timer_s is not None:
            open_s = float(panel.bulb_timer_s)
            shot.timer = True
        for fault in faults:
            match fault.kind:
                case "wrong-exposure":
                    open_s = fault["seconds"]
                    shot.timer = True
                case "early-event":
                    world.emit(Ev.OBJECT_ADDED, (HANDLE_IMAGE,))
        meant = by == "host" and nominal is not None and open_s is not None and not self._told.bulb
        self._bulb_meant = world.now + (open_s or 0.0) + _HELD_S if meant else None
        world.referee.note("press", f"serial {self.serial} by the {by}, {'bulb' if nominal is None else nominal} s")
        if open_s is not None:
            shot.own_s = open_s
            shot.close = world.agenda.after(open_s, self._own_close)

    def _button_up(self) -> None:
        if not (self.full or self.user_full) and self._shot is not None and self._shot.close is None:
            self._close()

    def _own_close(self) -> None:
        self._close(self._shot.own_s if self._shot is not None else None)

    def _close(self, own_s: float | None = None) -> None:
        shot, world, panel = self._shot, self._world, self._panel
        if shot is None:
            return
        self._shot = None
        self.settings_read = False
        self._own_unread = self._own_unread or shot.by == "host"
        exposure = world.now - shot.opened if own_s is None else own_s
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
            world.profile.row.has_apsc and panel.cropped,
            12 if any(f.kind == "twelve-bits" for f in shot.faults) else 14,
            replace(world.menu.night, blur_px=self._lens.blur_px),
        )
        world.referee.note("photo", f"serial {shot.serial}, open {exposure:.4f} s")
        if panel.version is Version.V300:
            world.emit(Ev.CAPTURED, (1,))
        self._busy_until = world.now + exposure if noise else world.now
        self._darkroom.begin(press, self._busy_until)
        if (self.full or self.user_full) and shot.nominal is not None:
            if panel.drive is DriveKind.CONTINUOUS:
                world.agenda.after(world.profile.behaviour.release_step_s, lambda: self._again(shot.by))
            elif panel.drive is DriveKind.BRACKET and self._bracket < _BRACKET_FRAMES - 1:
                self._bracket += 1
                world.agenda.after(world.profile.behaviour.release_step_s, lambda: self._again(shot.by))
        if any(f.kind == "two-frames" for f in shot.faults):
            world.agenda.after(world.profile.behaviour.release_step_s, lambda: self._open(shot.by))

    def _again(self, by: str) -> None:
        if (self.full or self.user_full) and not self._memory.full:
            self._open(by)

    # ── the person at the body ───────────────────────────────────────────────────────────────────────────────────

    def user_press(self, hold_s: float | None = None) -> None:
        """Press the body's own button to the stop; up again after `hold_s` seconds (None: stays down)."""
        self.user_half = True
        self._focus_follows()

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
