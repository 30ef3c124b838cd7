"""Who times an exposure, and with which shutter speed. Pure.

- An exposure within 1 % of a speed of the body uses the body's own shutter; so does every one too short for a bulb (a
  row of the body, 1 s unless known better), with the nearest speed; else bulb, timed by us. The user can force either.
- A bias frame takes the shortest speed.
- Which speeds the body has: its own list where it sends one, else the row of the body, else the ladder of thirds of a
  stop within the range that it states. Lists of 2.00 bodies are not believed where the row knows better.
- On bodies whose RAWs are filtered in bulb ("star eater") a timed exposure of the same length is better: that is the
  first rule anyway; for bulb the warning is told once.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from indi_sony_py import texts
from indi_sony_py.engine.messages import ExposureRequest, Policy, ShutterMode
from indi_sony_py.sony.bodies import Body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Form, Settings, Version
from indi_sony_py.sony.values import (
    STANDARD_SHUTTERS_S,
    Bulb,
    decode_shutter,
    encode_shutter,
    label_shutter,
    nearest_shutter,
)

__all__ = ["Plan", "plan_exposure", "shutter_speeds"]

_SAME = 0.01


@dataclass(frozen=True, slots=True)
class Plan:
    """How an exposure will be made. `shutter`: the code to set (0 = bulb); `open_s`: how long the shutter is open."""

    mode: ShutterMode
    shutter: int
    open_s: float
    nominal_s: float | None
    label: str
    note: str = ""


def _listed(settings: Settings, code: int) -> tuple[Fraction, ...]:
    """The speeds of a shutter list; empty if what stands there are no exposure times (0xD229 has two meanings)."""
    found = settings.get(code)
    if found is None:
        return ()
    return _times(found.choices)


@lru_cache(maxsize=64)
def _times(choices: tuple[int, ...]) -> tuple[Fraction, ...]:
    times = tuple(s for v in choices if isinstance(s := decode_shutter(v), Fraction))
    if len(times) < 3 or not all(Fraction(1, 64000) <= t <= 60 for t in times):
        return ()
    return times


@lru_cache(maxsize=64)
def _ordered(speeds: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    return tuple(sorted(set(speeds), reverse=True))


def shutter_speeds(settings: Settings, body: Body) -> tuple[Fraction, ...]:
    """The body's own speeds, longest first, without bulb."""
    listed = _listed(settings, Prop.SHUTTER_SPEED)
    if listed and settings.version is Version.V300:
        return _ordered(listed)
    found = body.shutters or listed or _listed(settings, Prop.SHUTTER_DIRECT)
    return _ordered(found) or _standard_speeds(settings)


def _standard_speeds(settings: Settings) -> tuple[Fraction, ...]:
    """The ladder of thirds of a stop, within the range that the body states."""
    low, high = Fraction(1, 4000), Fraction(30)
    found = settings.get(Prop.SHUTTER_SPEED)
    if found is not None and found.form is Form.RANGE:
        ends = [decode_shutter(v) for v in found.values[:2] if isinstance(v, int)]
        times = [e for e in ends if isinstance(e, Fraction)]
        if len(times) == 2:
            low, high = min(times), max(times)
    return tuple(s for s in STANDARD_SHUTTERS_S if low <= s <= high)


def _spelled(speed: Fraction, settings: Settings) -> int:
    """The code of a speed, spelled as the body lists it."""
    for code in (Prop.SHUTTER_SPEED, Prop.SHUTTER_DIRECT):
        found = settings.get(code)
        if found is not None:
            for value in found.choices:
                if decode_shutter(value) == speed:
                    return value
    return encode_shutter(speed)


def _timed(speed: Fraction, settings: Settings, note: str = "") -> Plan:
    seconds = float(speed)
    return Plan(ShutterMode.TIMED, _spelled(speed, settings), seconds, seconds, label_shutter(speed), note)


def plan_exposure(request: ExposureRequest, settings: Settings, body: Body) -> Plan:
    """Decide by the rules above. A request of 0 s or less is taken as the shortest speed."""
    speeds = shutter_speeds(settings, body)
    wanted = request.duration_s
    if request.frame_type == "Bias" or wanted <= 0:
        return _timed(speeds[-1], settings)
    nearest = nearest_shutter(wanted, speeds)
    assert nearest is not None, "there is always a ladder of speeds"
    speed, off = nearest
    bulb = Plan(ShutterMode.BULB, 0, wanted, None, label_shutter(Bulb.BULB))
    match request.policy:
        case Policy.BULB:
            return bulb
        case Policy.TIMED:
            return _timed(speed, settings, _nearest_note(wanted, speed, off))
        case Policy.AUTO:
            if off <= _SAME:
                return _timed(speed, settings)
            if wanted < body.bulb_min_s:
                return _timed(speed, settings, _nearest_note(wanted, speed, off))
            return bulb


def _nearest_note(wanted: float, speed: Fraction, off: float) -> str:
    if off <= _SAME:
        return ""
    return texts.exposure.NEAREST_SPEED(asked=wanted, speed=label_shutter(speed))


def direct_code(settings: Settings, primary: Prop, direct: Prop) -> int:
    """Where the value itself can be written: the 2019 bodies have settable twins of shutter and ISO in 2.00."""
    if settings.version is Version.V300:
        return primary
    twin = settings.get(direct)
    if twin is None or not twin.choices or twin.get_set == 0:
        return 0
    if direct is Prop.SHUTTER_DIRECT and not _listed(settings, direct):
        return 0
    return direct
