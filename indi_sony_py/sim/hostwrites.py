"""How a setting that the host writes becomes true: a moment later, or never. Pure.

- OK to a write means only "received": the value is applied a moment later, or never, and reads back then.
- 3.00: a value that is not in the first list, or a setting that is not enabled, is ignored; dial-backed settings
  need 0xD25A = 1 (Sony PTP3 ref). 2.00: shutter, ISO, aperture and compensation move by notches (Sony PTP2 ref).
- What the body lists may lie (2.00); `Profile.shutters` and `Profile.isos` are what it really has.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction

from indi_sony_py.ptp.data import Value
from indi_sony_py.sim.faultkinds import Hook
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.panel import BULB, Panel
from indi_sony_py.sim.world import World
from indi_sony_py.sony import magnifier
from indi_sony_py.sony.codes import Ctl, Prop
from indi_sony_py.sony.snapshot import Form, Version
from indi_sony_py.sony.values import decode_shutter

__all__ = ["DIAL_BACKED", "NOTCHED", "HostWrites"]

NOTCHED = frozenset({Ctl.SHUTTER_SPEED, Ctl.ISO, Ctl.F_NUMBER, Ctl.EXPOSURE_COMPENSATION, 0xD200})
"""Settings that 2.00 moves by notches (Sony PTP2 ref; 0xD200 is flash compensation)."""

DIAL_BACKED = frozenset(
    {Prop.PROGRAM, Prop.F_NUMBER, Prop.EXPOSURE_COMPENSATION, Prop.SHUTTER_SPEED, Prop.SHUTTER_SPEED_EXTENDED, Prop.ISO}
)
"""Settings that refuse a write in 3.00 while 0xD25A is 0 (Sony PTP3 ref says "dial-backed"; the set is a reading)."""

_LEAST_EV = 100  # thousandths; an ILCE-6000 lists 1 and 2, too: no steps of a dial (assumption)
_F_NUMBERS = (280, 320, 350, 400, 450, 500, 560, 630, 710, 800, 900, 1000, 1100, 1300, 1400, 1600, 1800, 2000, 2200)


class HostWrites:
    """To one panel, by 0x9205 and by notches."""

    def __init__(self, world: World, panel: Panel) -> None:
        self._world = world
        self._panel = panel
        self._moving: dict[int, float] = {}

    def write(self, code: int, value: Value) -> None:
        """A value came through 0x9205. It is applied later, or not at all."""
        world = self._world
        if self._panel.version is Version.V300 and code in DIAL_BACKED and not self._panel.priority:
            world.referee.rule("R-PRIORITY", f"0x{code:04X} was written while 0xD25A is 0")
            return
        if not self._may(code, value):
            world.referee.note("ignored", f"0x{code:04X} = {value} cannot be set now")
            return
        delay = world.profile.behaviour.settle_s
        for fault in world.strike(Hook.SET, property=code):
            match fault.kind:
                case "ignore-set":
                    return
                case "alter-set":
                    value = fault["value"]
                case "slow-set":
                    delay += fault["seconds"]
                case "fall-back":
                    back = fault["value"]
                    world.agenda.after(delay + fault["seconds"], lambda v=back: self._panel.put(code, v))  # type: ignore[misc]
        final = value
        world.agenda.after(delay, lambda: self._panel.put(code, final))

    def _may(self, code: int, value: Value) -> bool:
        descriptor = self._panel.book.get(code)
        if descriptor is None or not descriptor.writable:
            return False
        if self._panel.version is Version.V200 and code in NOTCHED:
            return False
        if code in (Prop.ISO_DIRECT, Prop.SHUTTER_DIRECT) and self._panel.version is Version.V200:
            true = self._world.profile.isos if code == Prop.ISO_DIRECT else self._world.profile.shutters
            return value in true
        if code == Prop.FOCUS_MAGNIFIER and isinstance(value, int):
            x, y = magnifier.place(value) or (0, 0)
            return value | magnifier.ANYWHERE in descriptor.values and x < magnifier.COLUMNS and y < magnifier.ROWS
        match descriptor.form:
            case Form.ENUM:
                return value in descriptor.values
            case Form.RANGE:
                low, high = descriptor.values[0], descriptor.values[1]
                numbers = isinstance(value, int) and isinstance(low, int) and isinstance(high, int)
                return numbers and (low >= high or low <= value <= high)  # type: ignore[operator]
            case Form.NONE:
                return True

    def ladder(self, code: int) -> Sequence[int]:
        """The values that a notch moves through, in the order of +1."""
        profile = self._world.profile
        if code == Ctl.SHUTTER_SPEED:
            return [v for v in profile.shutters if v != BULB or self._panel.bulb_allowed]
        if code == Ctl.ISO:
            return profile.isos
        descriptor = self._panel.book.get(code)
        listed = descriptor.choices if descriptor is not None else ()
        if code == Ctl.F_NUMBER and len(listed) < 2:
            return _F_NUMBERS
        return sorted({v for v in listed if code == Ctl.F_NUMBER or v == 0 or abs(v) >= _LEAST_EV})

    def notch(self, code: int, steps: int) -> None:
        """A signed step came through 0x9207."""
        world = self._world
        if self._panel.version is Version.V300 or code not in NOTCHED or not steps:
            return
        if world.now < self._moving.get(code, 0.0):
            world.referee.rule("R-NOTCH", f"0x{code:04X} still moves")
            return
        if code == Ctl.SHUTTER_SPEED and not self._panel.timed:
            return
        if code == Ctl.F_NUMBER and not world.menu.lens:
            return
        behaviour = world.profile.behaviour
        pace, late = behaviour.notch_s, 0.0
        fallen: Fault | None = None
        for fault in world.strike(Hook.SET, property=code):
            match fault.kind:
                case "ignore-set":
                    return
                case "alter-set":
                    altered = fault["value"]
                    world.agenda.after(pace, lambda v=altered: self._panel.put(code, v))  # type: ignore[misc]
                    return
                case "slow-set":
                    late += fault["seconds"]
                case "overshoot":
                    steps += fault["by"] if steps > 0 else -fault["by"]
                case "wrong-direction":
                    steps = -steps
                case "fall-back":
                    fallen = fault
        if behaviour.single_notches:
            one = 1 if steps > 0 else -1
            for count in range(1, abs(steps) + 1):
                world.agenda.after(late + pace * count, lambda: self._step(code, one))
            took = late + pace * abs(steps)
        else:
            took = late + pace + 0.01 * abs(steps)
            world.agenda.after(took, lambda: self._step(code, steps))
        self._moving[code] = world.now + took
        if fallen is not None:
            back = fallen["value"]
            world.agenda.after(took + fallen["seconds"], lambda: self._panel.put(code, back))

    def _step(self, code: int, steps: int) -> None:
        ladder = self.ladder(code)
        if not ladder:
            return
        place = self._place(code, ladder)
        goal = min(max(place + steps, 0), len(ladder) - 1)
        self._panel.put(code, ladder[goal])

    def _place(self, code: int, ladder: Sequence[int]) -> int:
        current = self._panel.book.number(code)
        if current in ladder:
            return ladder.index(current)
        if code == Ctl.SHUTTER_SPEED:
            wanted = _seconds(current)
            return min(range(len(ladder)), key=lambda i: abs(_seconds(ladder[i]) - wanted) if ladder[i] else 1e9)
        return min(bisect_left(sorted(ladder), current), len(ladder) - 1)


def _seconds(value: int) -> float:
    speed = decode_shutter(value)
    return float(speed) if isinstance(speed, Fraction) else float("inf")
