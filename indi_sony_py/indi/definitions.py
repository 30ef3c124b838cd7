"""What a property vector is: rows that never change, kept apart from the values (those are in `vectors`).

A row that no client could read is refused when it is made, so a table of them is checked by importing it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .messages import Kind, Permission, Rule, State
from .text import NAME_BYTES, clean

__all__ = ["BlobDef", "ElementDef", "LightDef", "NumberDef", "SwitchDef", "TextDef", "Value", "VectorDef"]

Value: TypeAlias = float | str | bool | State


@dataclass(frozen=True, slots=True)
class NumberDef:
    """A number; `format` is for display. Limits with `min` not below `max` mean "no limits known"."""

    name: str
    label: str
    format: str = "%g"
    min: float = 0.0
    max: float = 0.0
    step: float = 0.0


@dataclass(frozen=True, slots=True)
class TextDef:
    """A text."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class SwitchDef:
    """A switch, On (True) or Off."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class LightDef:
    """A light: its value is a `State`."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class BlobDef:
    """A place for binary data; the vector holds none of it."""

    name: str
    label: str


ElementDef: TypeAlias = NumberDef | TextDef | SwitchDef | LightDef | BlobDef

_DEFS: Mapping[Kind, type[ElementDef]] = {
    Kind.NUMBER: NumberDef,
    Kind.TEXT: TextDef,
    Kind.SWITCH: SwitchDef,
    Kind.LIGHT: LightDef,
    Kind.BLOB: BlobDef,
}


@dataclass(frozen=True, slots=True)
class VectorDef:
    """The unchanging part of a vector. `timeout_s` is the worst time that a client should wait for an answer.

    `device` may be left empty when the same row serves several devices; the `Vector` then gets it.
    Raises ValueError for a row that no client could read (names: 1 to 63 bytes, unique; a rule for switches
    only).
    """

    name: str
    label: str
    group: str
    kind: Kind
    perm: Permission
    elements: tuple[ElementDef, ...]
    rule: Rule | None = None
    timeout_s: float = 0.0
    device: str = ""

    def __post_init__(self) -> None:
        names = [element.name for element in self.elements]
        for name in (self.name, *names):
            if not name or clean(name) != name or len(name.encode()) > NAME_BYTES:
                raise ValueError(f"{self.name}: {name!r} cannot be a name")
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: two elements have the same name")
        if not all(isinstance(element, _DEFS[self.kind]) for element in self.elements):
            raise ValueError(f"{self.name}: an element is not of the kind {self.kind.value}")
        if (self.rule is not None) != (self.kind is Kind.SWITCH):
            raise ValueError(f"{self.name}: a rule belongs to switches, and to all of them")
