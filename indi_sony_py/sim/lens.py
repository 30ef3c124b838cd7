"""The lens on the simulated body: its motor, the play in it, its stops, and how sharp it draws the stars. Pure.

Rules kept here:

- A step (0xD2D1) of size 1 to 7 moves the motor; how far is not linear, and each lens has its own sizes (see `LENSES`
  for what owners measured). Positions count from the far stop, in steps of size 1; the camera tells none of them,
  except for the rough 0xD24C (0 near to 100 infinity) where the body lists it (Sony PTP3 ref, A7S III trace).
- It moves only in manual focus, with a lens that has a motor, and 0xD235 says whether it can (Sony PTP2 and PTP3 ref).
  Every other step is ignored in silence, as is one during a photo or while the lens is on its way (assumed).
- A move takes 50 ms for each unit of the step's size (dougforpres' blog, a 200-600 mm lens).
- The glass follows the motor with some play: turned round, the motor runs `backlash` before anything moves.
- At a stop the motor stands still. Stars are sharp at `infinity`, before the far stop: lenses focus past it.
- Auto-focus finds the stars; so does the lens when the camera is switched on (assumed: it parks at infinity).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from indi_sony_py.sim.defocus import blur_px
from indi_sony_py.sim.faultkinds import Hook
from indi_sony_py.sim.panel import Panel
from indi_sony_py.sim.world import World
from indi_sony_py.sony.codes import Ctl, Prop
from indi_sony_py.sony.focus import LARGEST_STEP
from indi_sony_py.sony.snapshot import Form
from indi_sony_py.sony.values import decode_f_number

__all__ = ["LENSES", "Lens", "LensKind"]

STEP_S = 0.05
"""For each unit of a step's size."""

_PIXEL_UM = 5.95
_USUAL = "E 50mm F1.8"


@dataclass(frozen=True, slots=True)
class LensKind:
    """One lens. `sizes`: how far the steps 1 to 7 go, in steps of size 1 (0: not at all). `span` between the stops,
    `infinity` from the far stop, `backlash`: in the same unit. `um_per_unit`: how far the picture moves along the axis.
    `name`: as 0xD07B tells it, "" for the one that the body's dump names. `motor`: it can be driven by the camera."""

    name: str
    sizes: tuple[float, ...]
    span: float
    infinity: float
    backlash: float
    um_per_unit: float
    f_number: float
    motor: bool = True


LENSES: Mapping[str, LensKind] = MappingProxyType(
    {
        # Steps as counted on an ILCE-6400 (indilib/indi-3rdparty#1341: 1, 2-3, 8, 20, 55, 146, about 389).
        "standard": LensKind("", (1, 2.5, 8, 20, 55, 146, 389), 4200, 260, 0, 1.0, 1.8),
        # Only the sizes 1, 3 and 7 moved a lens (alpha-fairy); how far they go is assumed.
        "three-steps": LensKind("FE 28mm F2", (1, 0, 9, 0, 0, 0, 80), 900, 70, 3, 4.0, 2.0),
        # With play (assumed; the lens is the one that the 50 ms were measured with).
        "tele": LensKind("FE 200-600mm F5.6-6.3 G OSS", (1, 3, 10, 24, 62, 150, 405), 9000, 700, 14, 2.5, 5.6),
        "manual": LensKind("50mm F2 Manual", (0,) * LARGEST_STEP, 4000, 240, 0, 1.0, 2.0, motor=False),
    }
)
"""Lenses that can be put on the body. Spans, play and optics are assumed: no source tells them."""


class Lens:
    """The lens that is on the body. `busy` says whether a photo is being made, `hosts` whether the host began it."""

    def __init__(self, world: World, panel: Panel, busy: Callable[[], bool], hosts: Callable[[], bool]) -> None:
        self._world = world
        self._panel = panel
        self._busy = busy
        self._hosts = hosts
        listed = panel.book.get(Prop.LENS_NAME)
        self._dumped = (str(listed.current) if listed is not None else "") or _USUAL
        self._moving_until = float("-inf")
        self.kind = LENSES["standard"]
        self.motor = self.glass = self.kind.infinity
        panel.on_focus_mode = self.show
        if not world.profile.as_dumped:
            self.show()

    # ── what is there ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def name(self) -> str:
        return self.kind.name or self._dumped

    @property
    def moving(self) -> bool:
        return self._world.now < self._moving_until

    @property
    def drivable(self) -> bool:
        """Whether a step would move it now, as 0xD235 tells."""
        return self.steppable and self._world.menu.lens and self.kind.motor and self._panel.manual_focus

    @property
    def steppable(self) -> bool:
        """Whether this body has near/far steps at all: it names the control in one of its versions."""
        listings = self._world.profile.listings.values()
        listed = any(Ctl.FOCUS_STEP in listing.info.controls for listing in listings)
        return listed or any(d.code == Ctl.FOCUS_STEP for listing in listings for d in listing.descriptors)

    @property
    def blur_px(self) -> float:
        """Diameter of a star's circle of confusion, in pixels of the sensor; 0 without a lens (a telescope's focus)."""
        if not self._world.menu.lens:
            return 0.0
        aperture = decode_f_number(self._panel.book.number(Prop.F_NUMBER)) or self.kind.f_number
        pixel_um = self._world.profile.row.pixel_um or _PIXEL_UM
        return blur_px((self.glass - self.kind.infinity) * self.kind.um_per_unit, aperture, pixel_um)

    # ── what moves it ────────────────────────────────────────────────────────────────────────────────────────────

    def step(self, size: int) -> None:
        """A step came through 0xD2D1: below 0 nearer, above 0 farther."""
        world = self._world
        if not 1 <= abs(size) <= LARGEST_STEP:
            world.referee.rule("R-FOCUS-STEP", f"a step of {size}")
            return
        if self._busy():
            if self._hosts():
                world.referee.rule("R-FOCUS-STEP", "a photo is being made")
            world.referee.note("ignored", f"focus step {size}: a photo is being made")
            return
        if self.moving:
            world.referee.rule("R-FOCUS-STEP", "the lens still moves")
            return
        if not self.drivable:
            world.referee.note("ignored", f"focus step {size}: nothing to be moved")
            return
        late = 0.0
        for fault in world.strike(Hook.SET, property=Ctl.FOCUS_STEP):
            match fault.kind:
                case "ignore-set":
                    return
                case "slow-set":
                    late += fault["seconds"]
                case "wrong-direction":
                    size = -size
        took = STEP_S * abs(size) + late
        self._moving_until = world.now + took
        units = self.kind.sizes[abs(size) - 1]
        world.agenda.after(took, lambda: self._drive(-units if size > 0 else units))

    def _drive(self, units: float) -> None:
        kind = self.kind
        self.motor = min(max(self.motor + units, 0.0), kind.span + kind.backlash)
        self.glass = min(max(self.glass, self.motor - kind.backlash), self.motor)
        self.show()

    def turn(self, units: float) -> None:
        """Somebody turns the ring; so many steps of size 1, below 0 nearer."""
        self._place(self.glass - units)

    def sharpen(self) -> None:
        """Auto-focus has found its focus."""
        if self.kind.motor:
            self._place(self.kind.infinity)

    def change(self, kind: str) -> None:
        """Another lens is put on: a row of `LENSES`."""
        self.kind = LENSES[kind]
        self.park()

    def park(self) -> None:
        """The camera was switched on, or the lens put on."""
        self._moving_until = float("-inf")
        self._place(self.kind.infinity)

    def _place(self, units: float) -> None:
        self.motor = self.glass = min(max(units, 0.0), self.kind.span)
        self.show()

    def show(self) -> None:
        """Bring what the body tells of it up to date."""
        panel, menu = self._panel, self._world.menu
        book = panel.book
        if Prop.NEAR_FAR in book:
            book.amend(Prop.NEAR_FAR, enabled=1)
            panel.show(Prop.NEAR_FAR, int(self.drivable))
        rough = book.get(Prop.FOCAL_POSITION)
        if rough is not None and rough.form is Form.RANGE and rough.values[1] == 100 and menu.lens and self.kind.motor:
            panel.show(Prop.FOCAL_POSITION, round(100 * (1 - self.glass / self.kind.span)))
        panel.show(Prop.LENS_NAME, self.name if menu.lens else "")
