"""Rows of the lens as a focuser, in libindi's order: there while the camera has a lens that it can drive.

Positions are steps of the lens' smallest size from the stop on the side of infinity, 0; outward is nearer, as it is for
every focuser whose tube grows. Names, labels, formats and order are those of libindi's focuser interface (1.9.9: its
simulator, observed; abort and sync: indifocuserinterface.cpp). FOCUS_REVERSE_MOTION is not there: 0 is a place of the
lens, so there is nothing to be turned round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indi_sony_py.driver.row import RO, RW, Fed, Feed, Row, Shown, Write, number, switch, text
from indi_sony_py.indi.messages import Rule
from indi_sony_py.indi.vectors import NumberDef, Value
from indi_sony_py.texts import focus as words

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView

__all__ = [
    "ABS_FOCUS_POSITION",
    "FOCUSER",
    "FOCUS_ABORT_MOTION",
    "FOCUS_ASSIST",
    "FOCUS_BACKLASH_STEPS",
    "FOCUS_BACKLASH_TOGGLE",
    "FOCUS_HOME",
    "FOCUS_MAX",
    "FOCUS_MOTION",
    "FOCUS_STAR",
    "FOCUS_SYNC",
    "LENS",
    "LENS_MEASURE",
    "REL_FOCUS_POSITION",
]

_FOCUS = "Focus"
_STEP, _MOST = 1000.0, 100_000.0
_NEEDS = "A lens with a motor, focus mode MF, the lens' own switch on AF."


def _there(view: CameraView) -> Fed | None:
    return Fed() if view.focus.there else None


def _live(view: CameraView) -> Fed | None:
    return Fed() if view.has_live_view else None


def _number(element: str, place: bool = False, limit: bool = True) -> Feed:
    """A number of steps: `place`, where the lens stands; `limit`: no more than where a move can end."""

    def feed(view: CameraView) -> Fed | None:
        told = view.focus
        if not told.there:
            return None
        values: dict[str, Value] = {}
        if place and told.place is not None:
            values[element] = float(round(told.place))
        return Fed(values, limits={element: (0.0, float(int(told.limit)))} if limit else {})

    return feed


def _most(view: CameraView) -> Fed | None:
    told = view.focus
    return Fed({"FOCUS_MAX_VALUE": float(int(told.limit))}) if told.there else None


def _play(view: CameraView) -> Fed | None:
    told = view.focus
    if not told.there or told.table is None:
        return None
    return Fed(
        {"FOCUS_BACKLASH_VALUE": round(told.table.backlash, 1)}, limits={"FOCUS_BACKLASH_VALUE": _play_limits(view)}
    )


def _play_limits(view: CameraView) -> tuple[float, float]:
    table = view.focus.table
    return 0.0, 0.0 if table is None else float(int(table.span / 2))


def _play_on(view: CameraView) -> Fed | None:
    told = view.focus
    if not told.there or told.table is None:
        return None
    on = told.table.backlash > 0
    return Fed({"INDI_ENABLED": on, "INDI_DISABLED": not on})


def _lens(view: CameraView) -> Fed | None:
    told = view.focus
    if told.table is None:
        return None
    where = words.PLACE_UNKNOWN() if told.place is None else words.PLACE_KNOWN(doubt=told.doubt)
    return Fed(
        {
            "NAME": told.lens or "-",
            "DRIVE": told.text or words.CAN_MOVE(),
            "STEPS": words.MEASURED() if told.measured else words.NOT_MEASURED(),
            "PLACE": where if told.there else "-",
        }
    )


FOCUS_MOTION = Row(
    switch("FOCUS_MOTION", "Direction", _FOCUS, 60, FOCUS_INWARD="Focus In", FOCUS_OUTWARD="Focus Out"),
    values={"FOCUS_INWARD": True},
    write=Write.FOCUS,
    feed=_there,
    does="The way of REL_FOCUS_POSITION: in is towards infinity, out is nearer.",
    needs=_NEEDS,
)
REL_FOCUS_POSITION = Row(
    number(
        "REL_FOCUS_POSITION", "Relative Position", _FOCUS, RW, 60,
        NumberDef("FOCUS_RELATIVE_POSITION", "Steps", "%.f", 0, _MOST, _STEP),
    ),
    write=Write.FOCUS,
    feed=_number("FOCUS_RELATIVE_POSITION"),
    does="Moves the lens by so many of its smallest steps, also where nobody knows where it stands.",
    needs=_NEEDS,
)  # fmt: skip
ABS_FOCUS_POSITION = Row(
    number(
        "ABS_FOCUS_POSITION", "Absolute Position", _FOCUS, RW, 60,
        NumberDef("FOCUS_ABSOLUTE_POSITION", "Steps", "%.f", 0, _MOST, _STEP),
    ),
    write=Write.FOCUS,
    feed=_number("FOCUS_ABSOLUTE_POSITION", place=True),
    does="Where the lens stands, from the stop at infinity, and moves it there: through that stop if it is not known.",
    needs=_NEEDS,
)  # fmt: skip
FOCUS_MAX = Row(
    number(
        "FOCUS_MAX", "Max. Position", _FOCUS, RO, 60,
        NumberDef("FOCUS_MAX_VALUE", "Steps", "%.f", 0, 1_000_000, 10_000),
    ),
    feed=_most,
    does="The nearest position; of a lens that was not measured a guess.",
    needs=_NEEDS,
)  # fmt: skip
FOCUS_ABORT_MOTION = Row(
    switch("FOCUS_ABORT_MOTION", "Abort Motion", _FOCUS, 60, Rule.AT_MOST_ONE, ABORT="Abort"),
    write=Write.FOCUS,
    feed=_there,
    does="Stops the lens where it is; the position stays true.",
    needs=_NEEDS,
)
FOCUS_SYNC = Row(
    number(
        "FOCUS_SYNC", "Sync", _FOCUS, RW, 60, NumberDef("FOCUS_SYNC_VALUE", "Steps", "%.f", 0, _MOST, _STEP)
    ),
    write=Write.FOCUS,
    feed=_number("FOCUS_SYNC_VALUE"),
    does="Says where the lens stands, if you know it better: after a reconnection, say. Nothing moves.",
    needs=_NEEDS,
)  # fmt: skip
FOCUS_BACKLASH_TOGGLE = Row(
    switch("FOCUS_BACKLASH_TOGGLE", "Backlash", _FOCUS, 60, INDI_ENABLED="Enabled", INDI_DISABLED="Disabled"),
    values={"INDI_DISABLED": True},
    write=Write.FOCUS,
    feed=_play_on,
    does="Whether a move takes up the lens' play: each one then ends towards infinity.",
    needs=_NEEDS,
)
FOCUS_BACKLASH_STEPS = Row(
    number(
        "FOCUS_BACKLASH_STEPS", "Backlash", _FOCUS, RW, 60,
        NumberDef("FOCUS_BACKLASH_VALUE", "Steps", "%.f", 0, 1_000_000, 100),
    ),
    write=Write.FOCUS,
    feed=_play,
    does="How much play there is at the most; kept with the lens. Too much does no harm, too little does.",
    needs=_NEEDS,
)  # fmt: skip
FOCUS_HOME = Row(
    switch("FOCUS_HOME", "Infinity stop", _FOCUS, 60, Rule.AT_MOST_ONE, GO="Run to the stop"),
    write=Write.FOCUS,
    feed=_there,
    does="Runs to the stop at infinity, so that the position is known (0).",
    needs=_NEEDS,
)
LENS = Row(
    text("LENS", "Lens", _FOCUS, RO, 0, NAME="Lens", DRIVE="Motor", STEPS="Steps", PLACE="Position"),
    feed=_lens,
    does="The lens by its name, whether it can be moved now, whether its steps are measured and its position is known.",
    needs="Bodies of protocol 2.00 do not tell the name: there nothing is kept for a lens.",
)
LENS_MEASURE = Row(
    switch("LENS_MEASURE", "Measure the steps", _FOCUS, 0, Rule.AT_MOST_ONE, MEASURE="Measure"),
    write=Write.FOCUS,
    feed=_there,
    does="Learns how far each step moves the lens, by the stars of live view, in some minutes; kept by the lens' name.",
    needs="Live view of stars, on a mount that follows them; the lens at its widest aperture.",
)
FOCUS_ASSIST = Row(
    switch("FOCUS_ASSIST", "Focus assist", _FOCUS, 0, INDI_ENABLED="Enabled", INDI_DISABLED="Disabled"),
    values={"INDI_DISABLED": True},
    write=Write.STAR,
    feed=_live,
    does="Measures the brightest star of live view while it is on, for whoever focuses a lens or telescope by hand.",
    needs="Live view; the focus magnifier (FOCUS_MAGNIFIER) makes it finer.",
)
FOCUS_STAR = Row(
    number(
        "FOCUS_STAR", "Brightest star", _FOCUS, RO, 0,
        NumberDef("HFR", "HFR (pixels)", "%.2f", 0, 1000),
        NumberDef("FWHM", "FWHM (pixels)", "%.2f", 0, 1000),
        NumberDef("PEAK", "Height (%)", "%.1f", 0, 100),
        NumberDef("X", "Column", "%.1f", 0, 100_000),
        NumberDef("Y", "Row", "%.1f", 0, 100_000),
        NumberDef("COUNT", "Stars", "%.f", 0, 100_000),
    ),
    Shown.ASKED,
    does="The brightest star that is not white in the middle, about five times a second; the smaller, the sharper.",
    needs="Live view; all pixels are those of the whole photo, magnified or not.",
)  # fmt: skip

FOCUSER: tuple[Row, ...] = (
    FOCUS_MOTION,
    REL_FOCUS_POSITION,
    ABS_FOCUS_POSITION,
    FOCUS_MAX,
    FOCUS_ABORT_MOTION,
    FOCUS_SYNC,
    FOCUS_BACKLASH_TOGGLE,
    FOCUS_BACKLASH_STEPS,
    FOCUS_HOME,
    LENS_MEASURE,
    LENS,
    FOCUS_ASSIST,
    FOCUS_STAR,
)
