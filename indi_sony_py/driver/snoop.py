"""What other devices say, and what of it is a fact for a header. Pure: `ask` elements are handed to the caller.

Rules kept here:

- Only the device that the user named for a role is believed, and only for that role.
- What a device said is forgotten when its name is taken away, when it takes its vector back, when it is disconnected,
  and when it does not answer any more. A server does not tell drivers that another driver ended (indiserver 1.9.9:
  observed): so a device that is quiet for `QUIET_S` is asked for its CONNECTION, and forgotten `ANSWER_S` later.
- One that is connected again is asked for all of it: what belongs to no connection it does not tell once more (a
  mount's TELESCOPE_INFO in libindi 1.9.9: observed).
- There is no way to end the snooping; what comes from a device that is named no more is dropped.

Sources: names and elements of libindi 1.9.9's telescopes, focusers, filter wheels, rotators, GPS and sky meters
(observed with its simulators); 2.x has the same, but for TELESCOPE_INFO, which it has no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from indi_sony_py.indi.messages import DefVector, DelProperty, Element, Kind, SetVector, State
from indi_sony_py.indi.notices import snoop
from indi_sony_py.indi.numbers import read_number
from indi_sony_py.observatory import Observatory

__all__ = ["ANSWER_S", "FACTS", "QUIET_S", "Fact", "Role", "Snoop"]

QUIET_S = 20.0
ANSWER_S = 40.0
"""A driver may be busy with its device for so long: some stand still while a wheel turns."""
_LONGEST_TEXT = 68
_MOST_MEMBERS = 64
_CONNECTION = "CONNECTION"


class Role(Enum):
    """The value is the element of ACTIVE_DEVICES that names the device."""

    MOUNT = "ACTIVE_TELESCOPE"
    ROTATOR = "ACTIVE_ROTATOR"
    FOCUSER = "ACTIVE_FOCUSER"
    WHEEL = "ACTIVE_FILTER"
    SKY = "ACTIVE_SKYQUALITY"
    GPS = "ACTIVE_GPS"


@dataclass(frozen=True, slots=True)
class Fact:
    """A number of a device that is a field of `Observatory`, if it lies between `low` and `high`."""

    role: Role
    vector: str
    element: str
    field: str
    low: float
    high: float


FACTS: tuple[Fact, ...] = (
    Fact(Role.MOUNT, "EQUATORIAL_EOD_COORD", "RA", "ra_h", 0, 24),
    Fact(Role.MOUNT, "EQUATORIAL_EOD_COORD", "DEC", "dec_deg", -90, 90),
    Fact(Role.MOUNT, "EQUATORIAL_COORD", "RA", "ra_h", 0, 24),
    Fact(Role.MOUNT, "EQUATORIAL_COORD", "DEC", "dec_deg", -90, 90),
    Fact(Role.MOUNT, "TELESCOPE_INFO", "TELESCOPE_FOCAL_LENGTH", "focal_mm", 1, 100_000),
    Fact(Role.MOUNT, "TELESCOPE_INFO", "TELESCOPE_APERTURE", "aperture_mm", 1, 100_000),
    Fact(Role.MOUNT, "GEOGRAPHIC_COORD", "LAT", "latitude_deg", -90, 90),
    Fact(Role.MOUNT, "GEOGRAPHIC_COORD", "LONG", "longitude_deg", -360, 360),
    Fact(Role.MOUNT, "GEOGRAPHIC_COORD", "ELEV", "elevation_m", -1000, 20_000),
    Fact(Role.ROTATOR, "ABS_ROTATOR_ANGLE", "ANGLE", "rotator_deg", -360, 360),
    Fact(Role.FOCUSER, "ABS_FOCUS_POSITION", "FOCUS_ABSOLUTE_POSITION", "focus_position", -1e9, 1e9),
    Fact(Role.FOCUSER, "FOCUS_TEMPERATURE", "TEMPERATURE", "focus_temperature_c", -100, 100),
    Fact(Role.SKY, "SKY_QUALITY", "SKY_BRIGHTNESS", "sky_mpsas", 1, 30),
    Fact(Role.GPS, "GEOGRAPHIC_COORD", "LAT", "latitude_deg", -90, 90),
    Fact(Role.GPS, "GEOGRAPHIC_COORD", "LONG", "longitude_deg", -360, 360),
    Fact(Role.GPS, "GEOGRAPHIC_COORD", "ELEV", "elevation_m", -1000, 20_000),
)
"""A role further down wins: a GPS knows the site better than a mount, which was told it."""

_PIER, _SLOT, _FILTERS = "TELESCOPE_PIER_SIDE", "FILTER_SLOT", "FILTER_NAME"
_PLACES = ("EQUATORIAL_EOD_COORD", "EQUATORIAL_COORD")
_CONNECTED = (*_PLACES, "GEOGRAPHIC_COORD", _PIER)
"""What a mount says only while it is connected: its TELESCOPE_INFO it tells in any case."""
_PAIRS = (("ra_h", "dec_deg"), ("latitude_deg", "longitude_deg"))
_SITE = ("latitude_deg", "longitude_deg", "elevation_m")
_VECTORS: dict[Role, tuple[str, ...]] = {
    role: tuple(dict.fromkeys(fact.vector for fact in FACTS if fact.role is role)) for role in Role
}
_VECTORS[Role.MOUNT] += (_PIER,)
_VECTORS[Role.WHEEL] += (_SLOT, _FILTERS)


@dataclass(slots=True)
class _Said:
    """A vector of another device: texts by element, the last state, and when it came, in the order of coming."""

    state: State | None
    texts: dict[str, str]
    turn: int


@dataclass(slots=True)
class _Device:
    """A device that has a role. `answers`: it has shown its CONNECTION, so it can be asked for it; `off`: as off."""

    vectors: dict[str, _Said] = field(default_factory=dict)
    heard_at: float = 0.0
    asked_at: float | None = None
    answers: bool = False
    silent: bool = False
    off: bool = False


class Snoop:
    """Of one device of ours; one thread."""

    def __init__(self) -> None:
        self._named: dict[Role, str] = {}
        self._devices: dict[str, _Device] = {}
        self._turn = 0

    def name(self, role: Role, device: str) -> list[bytes]:
        """The user names the device for a role ("" for none): what the server is to be asked."""
        if self._named.get(role, "") == device:
            return []
        self._named[role] = device
        for gone in self._devices.keys() - set(self._named.values()):
            del self._devices[gone]
        if not device:
            return []
        known = self._devices.setdefault(device, _Device())
        # It is told anew, also what is known by another role: a device may have changed its mind.
        for vector in _VECTORS[role]:
            known.vectors.pop(vector, None)
        return self._ask(device, role)

    def hear(self, vector: DefVector | SetVector, now: float) -> tuple[bool, list[bytes]]:
        """Somebody's vector: whether it may change a fact, and what the server is to be asked."""
        device = self._devices.get(vector.device)
        if device is None:
            return False, []
        device.heard_at, device.asked_at = now, None
        back, device.silent = device.silent, False
        known: dict[str, _Said] = {}
        if vector.name == _CONNECTION:
            device.answers = True
            was_off, device.off = device.off, _texts(vector.elements).get("CONNECT", "On") == "Off"
            back = back or (was_off and not device.off)
            if device.off:
                known, device.vectors = device.vectors, {}
        roles = self._roles(vector.device)
        asked = [each for role in roles for each in self._ask(vector.device, role)] if back else []
        if vector.name == _CONNECTION:
            return bool(known), asked
        if not any(vector.name in _VECTORS[role] for role in roles):
            return False, asked
        said = device.vectors.get(vector.name)
        if said is None or isinstance(vector, DefVector):
            if vector.kind in (Kind.LIGHT, Kind.BLOB):
                return False, asked
            said = device.vectors[vector.name] = _Said(None, {}, 0)
        self._turn += 1
        said.turn = self._turn
        said.state = vector.state or said.state
        for name, text in _texts(vector.elements).items():
            if name in said.texts or len(said.texts) < _MOST_MEMBERS:
                said.texts[name] = text[:_LONGEST_TEXT]
        return True, asked

    def gone(self, deleted: DelProperty) -> bool:
        """A device took something back: whether that may change a fact."""
        device = self._devices.get(deleted.device)
        if device is None:
            return False
        if deleted.name is None:
            self._devices[deleted.device] = _Device()
            return bool(device.vectors)
        return device.vectors.pop(deleted.name, None) is not None

    def tick(self, now: float) -> tuple[list[bytes], list[str]]:
        """Ask those that are quiet; the names of those that do not answer any more, whose facts are forgotten."""
        asked: list[bytes] = []
        lost: list[str] = []
        for name, device in self._devices.items():
            if not device.answers:
                continue
            if device.asked_at is None:
                if now >= device.heard_at + QUIET_S:
                    device.asked_at = now
                    asked.append(snoop(name, _CONNECTION))
            elif now >= device.asked_at + ANSWER_S:
                self._devices[name] = _Device(silent=True)
                lost.append(name)
        return asked, lost

    def wake_at(self) -> float | None:
        """When `tick` has something to do."""
        due = [
            d.heard_at + QUIET_S if d.asked_at is None else d.asked_at + ANSWER_S
            for d in self._devices.values()
            if d.answers
        ]
        return min(due, default=None)

    def observatory(self) -> Observatory:
        """All facts of now."""
        facts: dict[str, Any] = {}
        for fact in FACTS:
            said = self._said(fact.role, fact.vector)
            if said is None or (fact.role is Role.GPS and said.state is not State.OK):
                continue
            value = read_number(said.texts.get(fact.element, ""))
            if value is not None and fact.low <= value <= fact.high and self._newest(fact):
                facts[fact.field] = value
        for pair in _PAIRS:
            if not all(name in facts for name in pair):
                facts = {name: value for name, value in facts.items() if name not in pair}
        if not facts.get("latitude_deg") and not facts.get("longitude_deg"):
            # A mount that was not told its site says 0, 0: that is in the sea.
            facts = {name: value for name, value in facts.items() if name not in _SITE}
        if facts.get("longitude_deg", 0.0) > 180:
            facts["longitude_deg"] -= 360
        facts["j2000"] = "ra_h" in facts and self._place() == "EQUATORIAL_COORD"
        if any(self._said(Role.MOUNT, name) is not None for name in _CONNECTED):
            facts["telescope"] = self._named[Role.MOUNT][:_LONGEST_TEXT]
        return Observatory(**facts, pier_side=self._pier_side(), filter_name=self._filter())

    # --- steps ------------------------------------------------------------------------------------------------------

    def _roles(self, device: str) -> list[Role]:
        return [role for role, name in self._named.items() if name == device]

    def _ask(self, device: str, role: Role) -> list[bytes]:
        return [snoop(device, name) for name in (_CONNECTION, *_VECTORS[role])]

    def _said(self, role: Role, vector: str) -> _Said | None:
        device = self._devices.get(self._named.get(role, ""))
        return None if device is None else device.vectors.get(vector)

    def _place(self) -> str:
        """The vector by which the mount last said where it points."""
        said = {name: self._said(Role.MOUNT, name) for name in _PLACES}
        return max(_PLACES, key=lambda name: -1 if (found := said[name]) is None else found.turn)

    def _newest(self, fact: Fact) -> bool:
        return fact.vector not in _PLACES or fact.vector == self._place()

    def _pier_side(self) -> str:
        said = self._said(Role.MOUNT, _PIER)
        on = [] if said is None else [name for name in ("PIER_WEST", "PIER_EAST") if said.texts.get(name) == "On"]
        return on[0].removeprefix("PIER_") if len(on) == 1 else ""

    def _filter(self) -> str:
        """The name of the filter, or its number where it has none; nothing while the wheel turns, or stuck."""
        said, named = self._said(Role.WHEEL, _SLOT), self._said(Role.WHEEL, _FILTERS)
        if said is None or said.state in (State.BUSY, State.ALERT):
            return ""
        slot = read_number(said.texts.get("FILTER_SLOT_VALUE", ""))
        if slot is None or not 1 <= slot <= 1000:
            return ""
        name = "" if named is None else named.texts.get(f"FILTER_SLOT_NAME_{slot:.0f}", "")
        return name or f"{slot:.0f}"


def _texts(elements: tuple[Element, ...]) -> Mapping[str, str]:
    return {element.name: element.text for element in elements}
