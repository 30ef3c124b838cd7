"""THE TABLE of fault kinds: what each does, its arguments with their defaults, and which knob of the notes it is. Pure.

Knobs K1 to K12 are those of BUGS notes 3, F the list at the end of PTP_QUIRKS. The type of a default is the type of
the argument; codes and values are plain numbers (TOML knows 0x…).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Any

__all__ = ["KINDS", "FaultKind", "Hook"]


class Hook(Enum):
    """Where in the camera a kind strikes."""

    COMMAND = auto()
    """A command arrived; `operation`, and `property` for those that name one."""
    SET = auto()
    """A value was written through 0x9205 or a step through 0x9207; `property`."""
    PRESS = auto()
    """The release button went down; `press`."""
    PHOTO = auto()
    """A photo was made; `press`."""
    EVENT = auto()
    """An event is to be sent; `operation` is the event's code, `property` its first parameter."""
    LISTED = auto()
    """Once, at the start: what the body lists."""
    TIME = auto()
    """At a time."""
    ANY = auto()
    """Whatever `when` names: an operation or property, a press, or only a time."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    id: str
    hook: Hook
    says: str
    knob: str
    args: Mapping[str, Any]


def _row(id: str, hook: Hook, says: str, knob: str, **args: Any) -> FaultKind:
    return FaultKind(id, hook, says, knob, MappingProxyType(args))


_ROWS: tuple[FaultKind, ...] = (
    _row("empty-ext-info", Hook.COMMAND, "0x9202 answers with an empty payload.", "F K1"),
)

KINDS: Mapping[str, FaultKind] = MappingProxyType({row.id: row for row in _ROWS})
