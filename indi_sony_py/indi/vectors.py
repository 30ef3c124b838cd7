"""Property vectors: what they hold now, how they are told, and what a client's request would make of them.

- A `Vector` belongs to one thread. It never changes by what a client sends: `apply` answers what the new
  values would be, or why not; the caller decides and commits. A refusal leaves every old value (libindi
  leaves all switches Off after an unknown name: not copied), and a vector with one unreadable member is
  refused as a whole.
- A vector is answered once: by a set with the final state, or Busy first.
- Attributes stand in libindi's order; values are written so that every reader gets them back.

Sources: forms and refusals as observed with libindi 1.9.9 under indiserver 1.9.9.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias, assert_never

from .. import texts
from .definitions import BlobDef, ElementDef, LightDef, NumberDef, SwitchDef, TextDef, Value, VectorDef
from .messages import Element, Kind, NewVector, Permission, Rule, State
from .notices import Utc, delete_device, message, snoop
from .numbers import read_number, write_number
from .text import MESSAGE_BYTES, attribute, clean, escape, timestamp

__all__ = [
    "Accepted",
    "BlobDef",
    "Dropped",
    "ElementDef",
    "LightDef",
    "NumberDef",
    "Outcome",
    "Refused",
    "SwitchDef",
    "TextDef",
    "Utc",
    "Value",
    "Vector",
    "VectorDef",
    "delete_device",
    "message",
    "set_head",
    "snoop",
]

_BLANK: Mapping[Kind, Value] = {
    Kind.NUMBER: 0.0,
    Kind.TEXT: "",
    Kind.SWITCH: False,
    Kind.LIGHT: State.IDLE,
    Kind.BLOB: "",
}


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the vector would hold: `values` of all elements; `named` are those that the client sent."""

    values: Mapping[str, Value]
    named: frozenset[str]


@dataclass(frozen=True, slots=True)
class Refused:
    """Answer with a set of the old values, this state and `text` as the message attribute."""

    state: State
    text: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """No answer is due (read-only, or another kind); `reason` is for the log."""

    reason: str


Outcome: TypeAlias = Accepted | Refused | Dropped


class Vector:
    """A vector of a device, with its values and state. Owned by one thread.

    `values` holds float, str, bool or `State` by the kind; what is left out begins at 0, "", Off or Idle.
    `clock` gives the time for the stamps.
    """

    def __init__(
        self,
        definition: VectorDef,
        clock: Utc,
        values: Mapping[str, Value] | None = None,
        state: State = State.IDLE,
        device: str | None = None,
    ) -> None:
        if device is not None:
            definition = replace(definition, device=device)
        if not definition.device:
            raise ValueError(f"{definition.name}: no device")
        self._definition = definition
        self._clock = clock
        self._values: dict[str, Value] = {e.name: _BLANK[definition.kind] for e in definition.elements}
        self.state = state
        self.commit(values or {})

    @property
    def definition(self) -> VectorDef:
        """The definition with the limits of now."""
        return self._definition

    @property
    def device(self) -> str:
        return self._definition.device

    @property
    def name(self) -> str:
        return self._definition.name

    @property
    def values(self) -> Mapping[str, Value]:
        """All values, in the order of definition; a live, read-only view."""
        return MappingProxyType(self._values)

    def number(self, name: str) -> float:
        """The number of an element. TypeError if it is none."""
        value = self._values[name]
        if isinstance(value, bool) or not isinstance(value, float | int):
            raise TypeError(f"{self.name}.{name} is no number")
        return float(value)

    def text(self, name: str) -> str:
        """The text of an element. TypeError if it is none."""
        value = self._values[name]
        if not isinstance(value, str):
            raise TypeError(f"{self.name}.{name} is no text")
        return value

    def chosen(self) -> str | None:
        """The name of the first switch that is On."""
        return next((name for name, value in self._values.items() if value is True), None)

    def commit(self, values: Mapping[str, Value]) -> None:
        """Take these values over;

        elements not named keep theirs. KeyError and TypeError are the caller's bugs.
        """
        for name, value in values.items():
            if name not in self._values:
                raise KeyError(f"{self.name} has no element {name}")
            if not _fits(self._definition.kind, value):
                raise TypeError(f"{self.name}.{name} cannot hold {value!r}")
        self._values.update(values)

    def choose(self, name: str | None) -> None:
        """Switch on `name` alone, or nothing."""
        if name is not None and name not in self._values:
            raise KeyError(f"{self.name} has no element {name}")
        self.commit({each: each == name for each in self._values})

    def limit(self, name: str, minimum: float, maximum: float, step: float | None = None) -> None:
        """New limits for a number. Tell clients by `set(limits=True)` or by `define()`."""
        self._definition = replace(
            self._definition,
            elements=tuple(
                replace(e, min=minimum, max=maximum, step=e.step if step is None else step)
                if isinstance(e, NumberDef) and e.name == name
                else e
                for e in self._definition.elements
            ),
        )

    def define(self, message: str | None = None) -> bytes:
        """The whole def element."""
        d = self._definition
        head = f"<def{d.kind.value}Vector" + attribute("device", d.device) + attribute("name", d.name)
        head += attribute("label", d.label or d.name) + attribute("group", d.group)
        head += attribute("state", self.state.value)
        if d.kind is not Kind.LIGHT:
            head += attribute("perm", d.perm.value)
            if d.rule is not None:
                head += attribute("rule", d.rule.value)
            head += attribute("timeout", f"{d.timeout_s:g}")
        head += self._stamp(message)
        body = [self._member("def", e, describe=True, limits=False) for e in d.elements]
        return _close(head, body, f"def{d.kind.value}Vector")

    def set(
        self,
        state: State | None = None,
        message: str | None = None,
        only: Collection[str] | None = None,
        limits: bool = False,
    ) -> bytes:
        """The set element of now; `state` is taken over first.

        `only` names the elements to send (all without it); `limits` sends min, max and step of numbers along.
        A BLOB vector gives the form that changes only the state.
        """
        if state is not None:
            self.state = state
        d = self._definition
        head = set_head(self, message)
        chosen = [e for e in d.elements if only is None or e.name in only]
        body = [self._member("one", e, describe=False, limits=limits) for e in chosen]
        return _close(head, body, f"set{d.kind.value}Vector")

    def delete(self, message: str | None = None) -> bytes:
        """The delProperty element."""
        head = "<delProperty" + attribute("device", self.device) + attribute("name", self.name)
        return (head + self._stamp(message) + "/>\n").encode()

    def apply(self, new: NewVector, *, check_range: bool = True) -> Outcome:
        """What a client's request would make of this vector. Nothing is changed here.

        `check_range=False` leaves the limits to the caller (CCD_EXPOSURE and CCD_FRAME have checks of their
        own).
        """
        d = self._definition
        if new.kind is not d.kind:
            return Dropped(texts.client.NOT_DEFINED_AS(name=new.name, device=new.device, kind=new.kind.value))
        if d.perm is Permission.READ_ONLY or d.kind in (Kind.LIGHT, Kind.BLOB):
            return Dropped(texts.client.READ_ONLY(name=d.name))
        if not new.elements:
            return Refused(State.ALERT, texts.client.NO_MEMBERS(name=d.name, kind=d.kind.value))
        for element in new.elements:
            if element.name not in self._values:
                text = texts.client.NO_MEMBER(element=element.name, label=d.label, name=d.name)
                return Refused(State.IDLE, text)
        match d.kind:
            case Kind.NUMBER:
                return self._apply_numbers(new.elements, check_range)
            case Kind.SWITCH:
                return self._apply_switches(new.elements)
            case Kind.TEXT:
                return self._accept({element.name: clean(element.text, lines=True) for element in new.elements})

    def _apply_numbers(self, elements: tuple[Element, ...], check_range: bool) -> Outcome:
        d = self._definition
        limits = {e.name: e for e in d.elements if isinstance(e, NumberDef)}
        found: dict[str, Value] = {}
        for element in elements:
            value = read_number(element.text)
            if value is None:
                return Refused(State.ALERT, texts.client.BAD_FORMAT(name=d.name, value=element.text))
            limit = limits[element.name]
            if check_range and limit.min < limit.max and not limit.min <= value <= limit.max:
                text = texts.client.OUT_OF_RANGE(label=d.label, name=d.name, low=limit.min, high=limit.max, value=value)
                return Refused(State.ALERT, text)
            found[element.name] = value
        return self._accept(found)

    def _apply_switches(self, elements: tuple[Element, ...]) -> Outcome:
        d = self._definition
        found: dict[str, Value] = {}
        for element in elements:
            if not (element.text.startswith("On") or element.text == "Off"):
                return Refused(State.ALERT, texts.client.ON_OR_OFF(name=d.name, value=element.text))
            found[element.name] = element.text.startswith("On")
        if d.rule is Rule.ONE_OF_MANY or (d.rule is Rule.AT_MOST_ONE and True in found.values()):
            found = {name: found.get(name, False) for name in self._values}
            named = frozenset(element.name for element in elements)
        else:
            named = frozenset(found)
        count = sum(value is True for value in found.values())
        if d.rule is Rule.ONE_OF_MANY and count == 0:
            return Refused(State.IDLE, texts.client.NO_SWITCH(label=d.label, name=d.name))
        if d.rule is not Rule.ANY_OF_MANY and count > 1:
            return Refused(State.IDLE, texts.client.MANY_SWITCHES(label=d.label, name=d.name))
        return Accepted(MappingProxyType({**self._values, **found}), named)

    def _accept(self, found: Mapping[str, Value]) -> Accepted:
        return Accepted(MappingProxyType({**self._values, **found}), frozenset(found))

    def _stamp(self, message: str | None) -> str:
        stamp = attribute("timestamp", timestamp(self._clock()))
        return stamp + (attribute("message", message, MESSAGE_BYTES) if message else "")

    def _member(self, verb: str, e: ElementDef, *, describe: bool, limits: bool) -> str:
        tag = f"{verb}{self._definition.kind.value}"
        head = f"    <{tag}" + attribute("name", e.name)
        if describe:
            head += attribute("label", e.label or e.name)
        value = self._values[e.name]
        match e:
            case NumberDef():
                if describe:
                    head += attribute("format", e.format)
                if describe or limits:
                    head += "".join(attribute(k, write_number(getattr(e, k))) for k in ("min", "max", "step"))
                text = write_number(float(value)) if isinstance(value, float | int) else ""
            case TextDef():
                text = escape(clean(str(value), lines=True))
            case SwitchDef():
                text = "On" if value is True else "Off"
            case LightDef():
                text = value.value if isinstance(value, State) else ""
            case BlobDef():
                return head + ("/>\n" if describe else ' size="0" format=""/>\n')
            case _:
                assert_never(e)
        return f"{head}>\n{text}\n    </{tag}>\n"


def set_head(vector: Vector, message: str | None = None) -> str:
    """The opening tag of a set element, without its `>`."""
    d = vector.definition
    head = f"<set{d.kind.value}Vector" + attribute("device", d.device) + attribute("name", d.name)
    head += attribute("state", vector.state.value)
    if d.kind is not Kind.LIGHT:
        head += attribute("timeout", f"{d.timeout_s:g}")
    return head + vector._stamp(message)


def _fits(kind: Kind, value: Value) -> bool:
    match kind:
        case Kind.NUMBER:
            return isinstance(value, float | int) and not isinstance(value, bool)
        case Kind.TEXT | Kind.BLOB:
            return isinstance(value, str)
        case Kind.SWITCH:
            return isinstance(value, bool)
        case Kind.LIGHT:
            return isinstance(value, State)
        case _:
            assert_never(kind)


def _close(head: str, body: list[str], tag: str) -> bytes:
    return f"{head}>\n{''.join(body)}</{tag}>\n".encode()
