"""What other devices say, in libindi's form: XML as a driver that snoops gets it."""

from __future__ import annotations

from indi_sony_py.indi.messages import DefVector, DelProperty, Incoming, SetVector
from indi_sony_py.indi.stream import Parser

__all__ = ["MOUNT", "connection", "deleted", "parsed", "said", "vector"]

MOUNT = "Telescope Simulator"


def vector(verb: str, kind: str, device: str, name: str, state: str = "Ok", /, **elements: object) -> str:
    """`verb` is "def" or "set", `kind` as in the tags."""
    member = "def" if verb == "def" else "one"
    inside = "".join(f"<{member}{kind} name='{k}'>\n{v}\n    </{member}{kind}>\n" for k, v in elements.items())
    return f"<{verb}{kind}Vector device='{device}' name='{name}' state='{state}'>\n{inside}</{verb}{kind}Vector>\n"


def said(device: str, name: str, state: str = "Ok", /, **elements: float) -> str:
    """A change of numbers."""
    return vector("set", "Number", device, name, state, **elements)


def connection(device: str, on: bool) -> str:
    off = {"CONNECT": "On" if on else "Off", "DISCONNECT": "Off" if on else "On"}
    return vector("def", "Switch", device, "CONNECTION", "Ok" if on else "Idle", **off)


def deleted(device: str, name: str = "") -> str:
    return f"<delProperty device='{device}'" + (f" name='{name}'/>" if name else "/>")


def parsed(text: str) -> DefVector | SetVector | DelProperty:
    """The one message that a text is."""
    found: list[Incoming] = Parser().feed(text.encode() + b"<pingReply uid='end'/>")
    assert isinstance(found[0], DefVector | SetVector | DelProperty)
    return found[0]
