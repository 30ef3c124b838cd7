"""docs/CAMERAS.md, from the tables of bodies and menus: `python -m tools.cameras` writes it anew."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from indi_sony_py.sony.bodies import Body, Control, all_bodies, body
from indi_sony_py.sony.menus import ENTRIES, menu_paths
from indi_sony_py.sony.usbmodes import MENUS

__all__ = ["DOCUMENT", "document", "main"]

DOCUMENT = Path(__file__).parents[1] / "docs" / "CAMERAS.md"

_HEAD = """# Cameras and their menus

Which bodies can be driven, what each is, how sure that is, and where its menus have what a night needs. This page is
written by `python -m tools.cameras` from `indi_sony_py/sony/bodies.toml` and `indi_sony_py/sony/menus.py`.

**No real camera has been used with this driver so far.** What is known of a body comes from what owners and other
projects published ([BODIES.md](BODIES.md) tells how). A body that is not listed here is tried all the same: facts that
no row gives come from its first file. If yours worked, or did not, `indi-sony report` makes the file to send.
"""
_DRIVEN = """## Bodies with a remote mode
- *protocol*: the versions of Sony's protocol that the body answers; the driver takes the newest.
- *assumed*: facts that no source gives for this very body, but for a relative of it.
- *dumps*: how many property lists of real ones there are; the simulated camera plays them.

| body | model | family | sensor | frame | pixel, µm | RAW | protocol | live view | dumps | assumed |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""
_OTHERS = """## Bodies without it
These have no remote mode over USB that this driver, or any program known to us, can use: the body says so itself, or
nobody has seen it. The driver names the body and says so.

"""
_UNKNOWN = "Whether these have one is not known; they are tried:"
_MENUS = """## Menus
Each layout once, with the body that its names are taken from. Entries keep their names within a layout; pages differ a
little between bodies. What the driver can set itself it sets (NIGHT_SETUP); its messages name only what is left to do.

To be found on USB at all, a camera needs its *remote* mode:

"""
_LAYOUTS = (("pages", "ILCE-7M3"), ("tabs", "ILCE-7M4"))
_WORDS = {True: "yes", False: "no", None: ""}


def document() -> str:
    """The whole page."""
    bodies = sorted(all_bodies(), key=lambda row: (row.family, row.model))
    driven = [_row(each) for each in bodies if each.control is Control.REMOTE]
    without = _names(row for row in bodies if row.controllable is False)
    unknown = _names(row for row in bodies if row.controllable is None)
    others = f"{_OTHERS}{without}.\n\n{_UNKNOWN} {unknown}.\n"
    return "\n".join((_HEAD, _DRIVEN + "\n".join(driven) + "\n", others, _MENUS + _menus()))


def _row(each: Body) -> str:
    size = each.visible
    cells = (
        each.name,
        each.model,
        each.family,
        each.sensor,
        f"{size[0]} x {size[1]}" if size else "",
        f"{each.pixel_um:g}" if each.pixel_um else "",
        ", ".join(raw.value for raw in each.raw_formats),
        ", ".join(version.label for version in each.versions),
        _WORDS[each.live_view],
        str(len(each.dumps)) if each.dumps else "",
        ", ".join(sorted(each.assumed)),
    )
    return f"| {' | '.join(cells)} |"


def _names(rows: Iterable[Body]) -> str:
    return ", ".join(each.model for each in rows)


def _menus() -> str:
    remote = "\n".join(f"- {' and '.join(menu.families)}: {menu.path}" for menu in MENUS)
    lines = [
        f"{remote}\n",
        "| what | " + " | ".join(f"{name} ({model})" for name, model in _LAYOUTS) + " |",
        "| --- | --- | --- |",
    ]
    for name in ENTRIES:
        ways = [menu_paths((name,), body(model))[0] for _, model in _LAYOUTS]
        lines.append(f"| {name} | {' | '.join(ways)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Writes the page."""
    DOCUMENT.write_text(document(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
