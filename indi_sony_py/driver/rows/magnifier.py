"""Rows of the focus magnifier: live view shows a part of the picture. There while the body lists a way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indi_sony_py.driver.livescale import scale_of
from indi_sony_py.driver.row import RO, RW, Fed, Row, Write, number, setting_choice
from indi_sony_py.driver.rows.stream import STREAMING
from indi_sony_py.indi.messages import Kind, Rule
from indi_sony_py.indi.vectors import NumberDef, SwitchDef, VectorDef
from indi_sony_py.sony.magnifier import ratio

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView

__all__ = ["FOCUS_MAGNIFIER", "FOCUS_MAGNIFIER_POSITION", "SETTING"]

SETTING = "magnifier"
_NEEDS = "Protocol 3.00, and a body that lists 0xD254 (ILCE-7SM3, ILCE-1M2, ILCE-7M5 do); the others have neither."
_choices = setting_choice(SETTING)


def _zoom(view: CameraView) -> Fed | None:
    """The ratio alone: where it looks is the other vector's."""
    fed, found = _choices(view), view.settings.get(SETTING)
    if fed is None or found is None or fed.elements is None or not view.has_live_view:
        return None
    return Fed({each.name: each.label == found.label for each in fed.elements}, fed.elements, perm=fed.perm)


def _place(view: CameraView) -> Fed | None:
    found, whole = view.settings.get(SETTING), view.live_whole
    if found is None or found.value is None or not found.options or whole is None or not view.has_live_view:
        return None
    kept = None if ratio(found.value) else view.magnifier_at
    x, y = kept or scale_of(whole, view.live_size, found.value).middle
    limits = {"X": (0.0, whole[0] - 1.0), "Y": (0.0, whole[1] - 1.0)}
    return Fed({"X": round(x), "Y": round(y)}, limits=limits, perm=RW if found.writable else RO)


FOCUS_MAGNIFIER = Row(
    VectorDef(
        "FOCUS_MAGNIFIER", "Magnifier", STREAMING, Kind.SWITCH, RW, (SwitchDef("OFF", "Off"),), Rule.ONE_OF_MANY, 60
    ),
    write=Write.STREAM,
    feed=_zoom,
    setting=SETTING,
    does="Live view shows a part of the picture, so many times larger; streamed, recorded and measured as it is shown.",
    needs=_NEEDS,
)
FOCUS_MAGNIFIER_POSITION = Row(
    number(
        "FOCUS_MAGNIFIER_POSITION", "Magnified part", STREAMING, RW, 60,
        NumberDef("X", "Column of its middle", "%.f", 0, 100_000),
        NumberDef("Y", "Row of its middle", "%.f", 0, 100_000),
    ),
    write=Write.STREAM,
    feed=_place,
    setting=SETTING,
    does=(
        "The middle of what the magnifier shows, in pixels of the whole photo, as FOCUS_STAR tells them. "
        "Off, it is kept for when it is switched on. At the edge the part lies within the picture."
    ),
    needs=_NEEDS,
)  # fmt: skip
