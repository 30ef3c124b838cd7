"""What all parts of the simulated camera share: its time, its body's facts, the referee and the planned faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from indi_sony_py.clock import Clock
from indi_sony_py.sim.agenda import Agenda
from indi_sony_py.sim.faultkinds import Hook
from indi_sony_py.sim.faults import Fault, Faults
from indi_sony_py.sim.night import PLAIN, Night
from indi_sony_py.sim.profile import Profile
from indi_sony_py.sim.referee import Referee

__all__ = ["Menu", "World"]

Emit = Callable[[int, tuple[int, ...]], None]


@dataclass(slots=True)
class Menu:
    """What stands at the body itself: in its menu, at its switches, in its slots. A listed property wins over it.

    `scene`: what the lens looks at: "sky", "dark" (cap on) or "flat"; `night`: what else a picture depends on. `card`:
    "ok", "none", "full", "locked".
    `half_press_focuses`: "AF with shutter"; without it another key focuses, and the shutter releases unasked (assumed).
    `early_touch_hangs`: a touch of the handle of an image that is being prepared hangs the body, else it is refused.
    `usb_mode`: "remote", "mtp", "mass_storage", "streaming" or "other" (charging). `access_authentication`: nobody is
    let in over plain PTP/IP. `pairing_needed`: only hosts that somebody confirmed at the camera are.
    """

    lens: bool = True
    focus_finds: bool = True
    half_press_focuses: bool = True
    card: str = "ok"
    release_without_lens: bool = True
    release_without_card: bool = True
    save_to: int = 0x01
    noise_reduction: bool = False
    silent: bool = False
    playback: bool = False
    battery: int = 71
    scene: str = "sky"
    night: Night = PLAIN
    pair_counts_one: bool = False
    raw_first: bool = False
    keep_on_power_off: bool = True
    keep_on_unplug: bool = True
    early_touch_hangs: bool = True
    usb_mode: str = "remote"
    access_authentication: bool = False
    pairing_needed: bool = False


@dataclass(slots=True)
class World:
    """Handed to every part; holds no behaviour. `emit(code, params)` sends an event."""

    clock: Clock
    agenda: Agenda
    profile: Profile
    referee: Referee
    faults: Faults
    menu: Menu = field(default_factory=Menu)
    emit: Emit = lambda code, params: None
    start: float = 0.0

    def strike(
        self, hook: Hook, operation: int | None = None, property: int | None = None, press: int | None = None
    ) -> list[Fault]:
        """The faults that strike at this moment; each is noted."""
        struck = self.faults.hit(hook, self.now - self.start, operation, property, press)
        for fault in struck:
            self.referee.note("fault", fault.kind)
        return struck

    @property
    def now(self) -> float:
        return self.agenda.now
