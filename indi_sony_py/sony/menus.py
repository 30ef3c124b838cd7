"""Where a camera's own menu has a setting that a night needs. A table; pure.

- By family, since each generation has one layout: the pages with numbers (to 2018, and the bodies of 2019 with them),
  and the menu with tabs at the left (from the ILCE-7SM3 on).
- The names of pages and entries are those of Sony's help guides of an ILCE-6000, ILCE-7M3 and ILCE-7M4 (general
  knowledge of them, not looked up). Entries keep their names within a layout; pages differ a little between bodies, so
  no page numbers are given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from indi_sony_py.sony.bodies import Body

__all__ = ["ENTRIES", "Entry", "menu_paths"]

_TABS = frozenset({"gen3"})
_IMAGE, _SHUTTER = "MENU > Shooting > Image Quality", "MENU > Shooting > Shutter/Silent"


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting: page and entry in the menus by pages, and in those by tabs."""

    page: str
    entry: str
    tab: str
    tab_entry: str = ""

    def place(self, body: Body) -> tuple[str, str]:
        tabs = body.family in _TABS
        return (self.tab, self.tab_entry or self.entry) if tabs else (self.page, self.entry)


_PAGE = "MENU > Camera"
ENTRIES = {
    "program": Entry("Mode dial", "M", "Mode dial"),
    "drive": Entry(_PAGE, "Drive Mode: Single", "MENU > Shooting"),
    "focus": Entry(_PAGE, "Focus Mode: MF", "MENU > Focus"),
    "file format": Entry(_PAGE, "Quality (or File Format): RAW", _IMAGE, "File Format: RAW"),
    "raw type": Entry(_PAGE, "RAW File Type: Uncompressed", _IMAGE),
    "destination": Entry(
        "MENU > Setup > PC Remote Settings", "Still Img. Save Dest.: PC Only", "MENU > Network > PC Remote"
    ),
    "silent": Entry(_PAGE, "Silent Shooting: Off", _SHUTTER, "Silent Mode: Off"),
    "steady shot": Entry(_PAGE, "SteadyShot: Off", "MENU > Shooting > Image Stabilization"),
    "noise reduction": Entry(_PAGE, "Long Exposure NR: Off", _IMAGE),
    "no lens": Entry(_PAGE, "Release w/o Lens: Enable", _SHUTTER),
    "crop": Entry(_PAGE, "APS-C/Super 35mm: Off", _IMAGE, "APS-C S35 Shooting: Off"),
}  # fmt: skip


def menu_paths(names: Iterable[str], body: Body) -> tuple[str, ...]:
    """The ways to some settings in this body's menu, those of one page together: "MENU > Camera: A: Off, B: On"."""
    pages: dict[str, list[str]] = {}
    for name in names:
        page, entry = ENTRIES[name].place(body)
        pages.setdefault(page, []).append(entry)
    return tuple(f"{page}: {', '.join(entries)}" for page, entries in pages.items())
