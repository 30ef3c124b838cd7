"""What arrives from an INDI server, and what this process tells itself about its two ends.

- Frozen values only: they cross threads.
- An element is what was sent, not what it means: `vectors` reads numbers and switches, by the definition.
- `Junk` is a message like the others: the parser never raises, it reports and goes on.

Source of the forms: the INDI protocol 1.7 as libindi 1.9.9 speaks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias

__all__ = [
    "BlobAcknowledged",
    "BlobWritten",
    "DefVector",
    "DelProperty",
    "Element",
    "EnableBlob",
    "EndOfInput",
    "GetProperties",
    "Incoming",
    "Junk",
    "Kind",
    "MessageText",
    "NewVector",
    "OutputClosed",
    "Permission",
    "PingReply",
    "ProcessEvent",
    "Rule",
    "SetVector",
    "State",
    "Unknown",
]


class State(Enum):
    """State of a vector; also the value of a light."""

    IDLE = "Idle"
    OK = "Ok"
    BUSY = "Busy"
    ALERT = "Alert"


class Permission(Enum):
    """What a client may do with a vector."""

    READ_ONLY = "ro"
    WRITE_ONLY = "wo"
    READ_WRITE = "rw"


class Rule(Enum):
    """How many switches of a vector may be On."""

    ONE_OF_MANY = "OneOfMany"
    AT_MOST_ONE = "AtMostOne"
    ANY_OF_MANY = "AnyOfMany"


class Kind(Enum):
    """The five kinds of vector; the value is the word inside the tags (`newNumberVector`, `oneNumber`)."""

    TEXT = "Text"
    NUMBER = "Number"
    SWITCH = "Switch"
    LIGHT = "Light"
    BLOB = "BLOB"


def _no_attributes() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Element:
    """One member of a vector: its name, its text without the white space around it, and its other attributes.

    The text of a BLOB is not kept.
    """

    name: str
    text: str
    attributes: Mapping[str, str] = field(default_factory=_no_attributes, hash=False)


@dataclass(frozen=True, slots=True)
class GetProperties:
    """Somebody wants definitions: all, those of a device, or one."""

    version: str | None = None
    device: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class NewVector:
    """A client asks for new values; `elements` may be a part of the vector's."""

    kind: Kind
    device: str
    name: str
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class EnableBlob:
    """A client's wish about BLOBs (`Never`, `Also`, `Only`). A local driver normally never sees it."""

    device: str | None
    name: str | None
    mode: str


@dataclass(frozen=True, slots=True)
class PingReply:
    """The server has read everything up to the ping request `uid`."""

    uid: str


@dataclass(frozen=True, slots=True)
class DefVector:
    """A snooped device defined a vector."""

    kind: Kind
    device: str
    name: str
    state: State | None
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class SetVector:
    """A snooped device changed a vector; `elements` may be a part of the vector's."""

    kind: Kind
    device: str
    name: str
    state: State | None
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class DelProperty:
    """A snooped device took back a vector, or all of them (`name` None: it was stopped, or it crashed)."""

    device: str
    name: str | None


@dataclass(frozen=True, slots=True)
class MessageText:
    """A text for users from a snooped device."""

    device: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A well-formed root element that the protocol does not name."""

    tag: str


@dataclass(frozen=True, slots=True)
class Junk:
    """The stream said something that cannot be read; parsing goes on behind it.

    `offset` is the place in bytes from the start of the stream. A run of junk is reported once.
    """

    reason: str
    offset: int


Incoming: TypeAlias = (
    GetProperties
    | NewVector
    | EnableBlob
    | PingReply
    | DefVector
    | SetVector
    | DelProperty
    | MessageText
    | Unknown
    | Junk
)


@dataclass(frozen=True, slots=True)
class EndOfInput:
    """The server is gone, or has closed its end. Nothing comes after it."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class OutputClosed:
    """Nothing that is written from now on reaches anybody. Posted once."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class BlobWritten:
    """The last byte of the BLOB `token` was handed to the system; its file descriptor may be closed."""

    token: int


@dataclass(frozen=True, slots=True)
class BlobAcknowledged:
    """The server has read and parsed the BLOB `token` (which does not say that a client has it)."""

    token: int


ProcessEvent: TypeAlias = EndOfInput | OutputClosed | BlobWritten | BlobAcknowledged
