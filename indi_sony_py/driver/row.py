"""What a row of the table of properties is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from typing import TYPE_CHECKING

from indi_sony_py.indi.messages import Kind, Permission, Rule
from indi_sony_py.indi.vectors import ElementDef, NumberDef, SwitchDef, TextDef, Value, VectorDef

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView

__all__ = [
    "CAMERA",
    "GENERAL",
    "INFO",
    "LONGEST_S",
    "MAIN",
    "OPTIONS",
    "RO",
    "RW",
    "SETTINGS",
    "Fed",
    "Feed",
    "Row",
    "Shown",
    "Write",
    "number",
    "setting_choice",
    "setting_numbers",
    "setting_switch",
    "switch",
    "text",
]

LONGEST_S = 3600.0
MAIN, OPTIONS, GENERAL, CAMERA = "Main Control", "Options", "General Info", "Camera"
SETTINGS, INFO = "Image Settings", "Image Info"
RO, RW = Permission.READ_ONLY, Permission.READ_WRITE


class Shown(Enum):
    ALWAYS = "always"
    CONNECTED = "connected"
    ASKED = "asked"


class Write(Enum):
    """What a client's write does; `controls` has one handler for each."""

    CONNECT = "connect"
    DEBUG = "debug"
    LOGGING = "logging"
    SIMULATION = "simulation"
    NETWORK = "network"
    SEARCH = "search"
    CONFIG = "config"
    EXPOSE = "expose"
    PRESET = "preset"
    ABORT = "abort"
    FAST_TOGGLE = "fast toggle"
    FAST_COUNT = "fast count"
    FRAME = "frame"
    FRAME_RESET = "frame reset"
    BINNING = "binning"
    TRUTH = "truth"
    SENSOR = "sensor"
    UPLOAD_MODE = "upload mode"
    AREA = "area"
    SETTING = "setting"
    NIGHT = "night"
    FORM = "form"
    FOCUS = "focus"
    STAR = "star"
    AROUND = "around"
    STREAM = "stream"
    STREAM_PART = "stream part"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Fed:
    """What the camera makes of a vector. `elements`, `perm` None: those of the row; `limits`: name to (min, max)."""

    values: Mapping[str, Value] = field(default_factory=dict)
    elements: tuple[ElementDef, ...] | None = None
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    perm: Permission | None = None


Feed = Callable[["CameraView"], Fed | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One vector. `setting`: the name of the camera's setting that it changes. `unfit`: why values that are within
    their limits cannot be taken, "" if they can. `does`, `needs`: for docs/PROPERTIES.md, what it does, and what the
    camera needs for it.
    """

    vector: VectorDef
    shown: Shown = Shown.CONNECTED
    values: Mapping[str, Value] = field(default_factory=dict)
    write: Write | None = None
    feed: Feed | None = None
    saved: bool = False
    early: bool = False
    autosave: bool = False
    setting: str = ""
    unfit: Callable[[Mapping[str, Value]], str] = lambda values: ""
    does: str = ""
    needs: str = ""

    @property
    def name(self) -> str:
        return self.vector.name


def number(name: str, label: str, group: str, perm: Permission, timeout: float, *elements: NumberDef) -> VectorDef:
    return VectorDef(name, label, group, Kind.NUMBER, perm, elements, timeout_s=timeout)


def text(name: str, title: str, group: str, perm: Permission, timeout: float, **elements: str) -> VectorDef:
    parts = tuple(TextDef(key, label) for key, label in elements.items())
    return VectorDef(name, title, group, Kind.TEXT, perm, parts, timeout_s=timeout)


def switch(
    name: str, title: str, group: str, timeout: float, rule: Rule = Rule.ONE_OF_MANY, **elements: str
) -> VectorDef:
    parts = tuple(SwitchDef(key, label) for key, label in elements.items())
    return VectorDef(name, title, group, Kind.SWITCH, RW, parts, rule, timeout)


def setting_switch(setting: str, prefix: str) -> Feed:
    """A switch whose elements are the choices that the camera offers for a setting, `PREFIX0` and so on.

    Numbers are put in order, so that an element keeps its place between sessions. Hidden without any choice.
    """

    def feed(view: CameraView) -> Fed | None:
        found = view.settings.get(setting)
        if found is None or not found.options:
            return None
        labels = sorted({choice.label: choice for choice in found.options}.values(), key=_order)
        elements = tuple(SwitchDef(f"{prefix}{place}", choice.label) for place, choice in enumerate(labels))
        values: dict[str, Value] = {e.name: c.value == found.value for e, c in zip(elements, labels, strict=True)}
        return Fed(values, elements)

    return feed


def setting_choice(setting: str) -> Feed:
    """A switch whose elements are named after the camera's choices, in the camera's table's order.

    "AF-S" is the element AF_S, "-0.7 EV" MINUS_0_7_EV. Read-only where the computer cannot set it; hidden without any
    choice.
    """

    def feed(view: CameraView) -> Fed | None:
        found = view.settings.get(setting)
        if found is None or not found.options or found.value is None:
            return None
        named: dict[str, SwitchDef] = {}
        values: dict[str, Value] = {}
        for choice in found.options:
            if any(element.label == choice.label for element in named.values()):
                continue
            name = _named(choice.label, named)
            named[name] = SwitchDef(name, choice.label)
            values[name] = choice.value == found.value
        return Fed(values, tuple(named.values()), perm=RW if found.writable else RO)

    return feed


def setting_numbers(view: CameraView, setting: str) -> dict[float, int]:
    """The camera's code for each choice of a setting that is a plain number."""
    found = view.settings.get(setting)
    options = () if found is None else found.options
    return {float(each.label): each.value for each in options if each.label.isascii() and each.label.isdigit()}


def _named(label: str, taken: Container[str]) -> str:
    """A label as the name of an element: ASCII capitals, numbers and `_`, one that is not `taken`."""
    words = label.replace("+", " plus ").replace("&", " and ")
    words = f" minus {words[1:]}" if words.startswith("-") else words
    name = "_".join(re.findall(r"[A-Z0-9]+", words.upper())) or "NONE"
    return name if name not in taken else next(n for i in count(2) if (n := f"{name}_{i}") not in taken)


def _order(choice: object) -> tuple[int, float, str]:
    label = str(getattr(choice, "label", ""))
    number = label.replace(".", "", 1)
    return (0, float(label), label) if number.isascii() and number.isdigit() else (1, 0.0, "")
