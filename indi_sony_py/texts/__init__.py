"""The catalogue: every text that a user can meet. docs/TROUBLESHOOTING.md is written from it.

How to add a text:

1. Choose the group by what a reader would look up: `camera`, `cable`, `network`, `exposure`, `frames`, `settings`,
   `focus`, `stream`, `observatory`, `night`, `config`, `simulation`, `client`, `driver`; `tool`, `doctor`, `page`,
   `simulate` and `system` for the command indi-sony, which the driver never loads. Each is a module of this package.
2. Write a row there, with the id "group.name": `NAME = Text("group.name", "What happened: {field}.", "What that means
   (for the manual).", "What to do.", level=Level.WARNING, where="CCD_EXPOSURE: Alert")`. A reason that stands inside
   another text is a `Clause`, a heading or a line of help a `Label`. Say where the frame is, if one is concerned.
3. Use it as `texts.group.NAME(field=…)`; `board.notice`, `_notice` and errors take the row and its fields. Fields are
   names, numbers and other texts of the catalogue, never pieces of sentences.
4. Write the manual anew: `python -m tools.troubleshooting`. A test looks for words of the text, or tests/texts/met.py
   names one that makes it; tests/texts/ checks all of this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType, ModuleType

from indi_sony_py.texts import (
    advice,
    cable,
    camera,
    client,
    config,
    driver,
    exposure,
    focus,
    frames,
    network,
    night,
    observatory,
    settings,
    simulation,
    stream,
)
from indi_sony_py.texts.row import Clause, Label, Level, Row, Text

__all__ = [
    "Clause",
    "Label",
    "Level",
    "Row",
    "Text",
    "advice",
    "cable",
    "camera",
    "catalogue",
    "client",
    "config",
    "driver",
    "exposure",
    "focus",
    "frames",
    "groups",
    "network",
    "night",
    "observatory",
    "settings",
    "simulation",
    "stream",
]

_GROUPS: Mapping[str, ModuleType] = MappingProxyType(
    {
        "Camera": camera,
        "Cable and USB": cable,
        "Network": network,
        "Exposure": exposure,
        "Frames and disk": frames,
        "Settings of the camera": settings,
        "The lens": focus,
        "Live view": stream,
        "Other devices": observatory,
        "Set up for the night": night,
        "Configuration": config,
        "Simulation": simulation,
        "What clients write": client,
        "The driver": driver,
    }
)

_TOOL = MappingProxyType(
    {
        "The command indi-sony": "tool",
        "What indi-sony doctor finds": "doctor",
        "The page of a night": "page",
        "The simulated camera as a program": "simulate",
        "Installing and ending": "system",
    }
)
"""Modules that the driver does without."""


def groups() -> dict[str, ModuleType]:
    """The title for a reader, and the module with the rows, in the order of the manual."""
    return {**_GROUPS, **{title: import_module(f"{__name__}.{name}") for title, name in _TOOL.items()}}


def catalogue() -> Iterator[tuple[str, Row]]:
    """Each row with the title of its group, in the order of the manual."""
    for title, module in groups().items():
        for row in vars(module).values():
            if isinstance(row, Row):
                yield title, row
