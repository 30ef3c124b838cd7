"""Driving the lens by near/far steps: the control's range, and whether the lens can be driven now. Pure.

- One signed control, 0xD2D1: INT16, below 0 nearer, above 0 farther, 1 to 7 the size of the step (Sony PTP2 and PTP3
  ref, libgphoto2 config.c). What a size means differs by lens, and no body tells where the lens stands in these steps.
- 0xD235 says whether a step moves anything: manual focus, and a lens with a motor (Sony PTP2 and PTP3 ref). Bodies that
  do not list it, or list it as not valid, leave that open: the step itself tells.
- A body that names neither may have the control all the same (ILCE-7M4 in 2.00: libgphoto2#985, SonyCamera 1.0.1.13),
  so nothing here is ever a reason not to try: `Drive.UNKNOWN` means that it may be tried.
- 0xD24C (0 near to 100 infinity) is too coarse for a focuser (libgphoto2 config.c), but tells that the lens was moved.
- The absolute position of some bodies of 3.00 (0xE042, 0xE043) is one of the extended codes, which are not asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from indi_sony_py.sony.codes import Ctl, Prop
from indi_sony_py.sony.snapshot import Form, Settings
from indi_sony_py.sony.values import FocusMode, lookup

__all__ = ["FAR", "LARGEST_STEP", "NEAR", "STEP_S", "Drive", "LensState", "lens_state", "step_code"]

LARGEST_STEP = 7
NEAR, FAR = -1, 1

STEP_S = 0.1
"""Time that a lens is given for each unit of a step's size: 50 ms were enough on a 200-600 mm lens, this is the safe
value (dougforpres' blog)."""

_NO_NAME = frozenset({"", "----", "---"})
"""What 0xD07B reads without a lens that tells its name ("----": dump of an ILCE-7M5)."""


class Drive(Enum):
    """Whether a step would move the lens now."""

    READY = "ready"
    AUTO_FOCUS = "auto-focus"
    """The focus mode is not manual: the camera focuses by itself, and takes no step."""
    NOTHING = "nothing"
    """Manual focus, and still no: a lens without a motor, none, or a switch at the lens."""
    UNKNOWN = "unknown"
    """The body does not say."""


@dataclass(frozen=True, slots=True)
class LensState:
    """What the settings say of the lens. `largest`: the largest step; `rough`: 0xD24C, None where it is not told.

    `listed`: the body names the control itself.
    """

    drive: Drive
    name: str = ""
    largest: int = LARGEST_STEP
    rough: int | None = None
    listed: bool = False


def lens_state(settings: Settings) -> LensState:
    """The lens by one answer to 0x9209."""
    name = settings.text(Prop.LENS_NAME).strip()
    return LensState(
        _drive(settings), "" if name in _NO_NAME else name, _largest(settings), settings.number(Prop.FOCAL_POSITION),
        settings.get(Ctl.FOCUS_STEP) is not None,
    )  # fmt: skip


def step_code(size: int, way: int) -> int:
    """The value of 0xD2D1. `size` is 1 to 7, `way` is `NEAR` or `FAR`; ValueError else."""
    if not 1 <= size <= LARGEST_STEP or way not in (NEAR, FAR):
        raise ValueError(f"there is no focus step of size {size}, way {way}")
    return size * way


def _drive(settings: Settings) -> Drive:
    mode = settings.number(Prop.FOCUS_MODE)
    known = None if mode is None else lookup(FocusMode, mode)
    if known is not None and not known.is_manual:
        return Drive.AUTO_FOCUS
    enabled = settings.number(Prop.NEAR_FAR)
    if enabled is None:
        return Drive.UNKNOWN
    return Drive.READY if enabled == 1 else Drive.NOTHING


def _largest(settings: Settings) -> int:
    """By the control's descriptor where it has a range or list that makes sense (0 to 0 was seen: ILCE-1 II)."""
    found = settings.get(Ctl.FOCUS_STEP)
    if found is None or found.form is Form.NONE:
        return LARGEST_STEP
    numbers = [value for value in found.values if isinstance(value, int)]
    top = max(numbers[:2] if found.form is Form.RANGE else numbers, default=0)
    return top if 1 <= top <= LARGEST_STEP else LARGEST_STEP
