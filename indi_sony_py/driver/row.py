"""What a row of the table of properties is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from indi_sony_py.indi.messages import Kind, Permission, Rule
from indi_sony_py.indi.vectors import ElementDef, NumberDef, SwitchDef, TextDef, Value, VectorDef

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView

__all__ = [
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
    "setting_numbers",
    "setting_switch",
    "switch",
    "text",
]

LONGEST_S = 3600.0
MAIN, OPTIONS, GENERAL = "Main Control", "Options", "General Info"
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
    ABORT = "abort"
    FRAME = "frame"
    BINNING = "binning"
    TRUTH = "truth"
    SENSOR = "sensor"
    UPLOAD_MODE = "upload mode"
    AREA = "area"
    SETTING = "setting"
    ISO_FORM = "iso form"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Fed:
    """What the camera makes of a vector. `elements` None: those of the row; `limits`: name to (min, max)."""

    values: Mapping[str, Value] = field(default_factory=dict)
    elements: tuple[ElementDef, ...] | None = None
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)


Feed = Callable[["CameraView"], Fed | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One vector. `setting`: the name of the camera's setting that it changes."""

    vector: VectorDef
    shown: Shown = Shown.CONNECTED
    values: Mapping[str, Value] = field(default_factory=dict)
    write: Write | None = None
    feed: Feed | None = None
    saved: bool = False
    early: bool = False
    autosave: bool = False
    setting: str = ""

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


def setting_numbers(view: CameraView, setting: str) -> dict[float, int]:
    """The camera's code for each choice of a setting that is a plain number."""
    found = view.settings.get(setting)
    options = () if found is None else found.options
    return {float(each.label): each.value for each in options if each.label.isascii() and each.label.isdigit()}


def _order(choice: object) -> tuple[int, float, str]:
    label = str(getattr(choice, "label", ""))
    number = label.replace(".", "", 1)
    return (0, float(label), label) if number.isascii() and number.isdigit() else (1, 0.0, "")
