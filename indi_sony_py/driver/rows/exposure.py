"""Rows of the exposure itself: what starts and ends it, what kind it is, what forbids it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indi_sony_py.driver.row import LONGEST_S, MAIN, OPTIONS, RW, SETTINGS, Fed, Row, Write, number, switch
from indi_sony_py.indi.messages import Kind, Rule
from indi_sony_py.indi.vectors import NumberDef, SwitchDef, VectorDef

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView

__all__ = [
    "BATTERY_LIMIT",
    "CCD_ABORT_EXPOSURE",
    "CCD_EXPOSURE",
    "CCD_EXPOSURE_PRESETS",
    "CCD_FAST_COUNT",
    "CCD_FAST_TOGGLE",
    "CCD_FRAME_TYPE",
    "RETAKES",
    "SHUTTER_POLICY",
]


def _exposure(view: CameraView) -> Fed | None:
    return Fed(limits={"CCD_EXPOSURE_VALUE": view.limits_s})


def _presets(view: CameraView) -> Fed | None:
    """The camera's own speeds, longest first; the one that is set is On. Without bulb, which is no time.

    Only while exposures are made with these alone: KStars rounds every time that is asked for to them, 7.3 s to 8 s.
    """
    found = view.settings.get("shutter")
    if not view.speeds_only or found is None or not found.options:
        return None
    elements = tuple(SwitchDef(f"EXPOSURE_PRESET{n}", speed.label) for n, speed in enumerate(found.options))
    return Fed({e.name: s.value == found.value for e, s in zip(elements, found.options, strict=True)}, elements)


CCD_EXPOSURE = Row(
    number(
        "CCD_EXPOSURE",
        "Expose",
        MAIN,
        RW,
        60,
        NumberDef("CCD_EXPOSURE_VALUE", "Duration (s)", "%5.2f", 0.001, LONGEST_S, 1),
    ),
    values={"CCD_EXPOSURE_VALUE": 1.0},
    write=Write.EXPOSE,
    feed=_exposure,
    does="Starts an exposure. The camera's own speed where there is one within 1 %, else bulb.",
    needs=(
        "Mode dial on M; for more than 30 s and for times between its speeds also Bulb, which bodies of "
        "protocol 3.00 choose by themselves."
    ),
)
CCD_EXPOSURE_PRESETS = Row(
    VectorDef(
        "CCD_EXPOSURE_PRESETS",
        "Presets",
        MAIN,
        Kind.SWITCH,
        RW,
        (SwitchDef("EXPOSURE_PRESET0", "-"),),
        Rule.ONE_OF_MANY,
        60,
    ),
    write=Write.PRESET,
    feed=_presets,
    setting="shutter",
    does="The camera's own speeds; choosing one starts an exposure. There while SHUTTER_POLICY allows only these.",
    needs="Mode M.",
)
CCD_ABORT_EXPOSURE = Row(
    switch("CCD_ABORT_EXPOSURE", "Abort", MAIN, 60, Rule.AT_MOST_ONE, ABORT="Abort"),
    write=Write.ABORT,
    does=(
        "Ends the exposure for the client at once. Bulb: the shutter closes; an exposure that the body times "
        "goes on, and its image is dropped."
    ),
)
CCD_FRAME_TYPE = Row(
    switch(
        "CCD_FRAME_TYPE",
        "Type",
        SETTINGS,
        60,
        FRAME_LIGHT="Light",
        FRAME_BIAS="Bias",
        FRAME_DARK="Dark",
        FRAME_FLAT="Flat",
    ),
    values={"FRAME_LIGHT": True},
    write=Write.KEEP,
    does="The kind of frame, for the header; Bias takes the shortest time.",
    needs="No body takes a true bias: the shutter opens. Cap the telescope for darks and bias.",
)
CCD_FAST_TOGGLE = Row(
    switch("CCD_FAST_TOGGLE", "Fast Exposure", OPTIONS, 0, INDI_ENABLED="Enabled", INDI_DISABLED="Disabled"),
    values={"INDI_DISABLED": True},
    write=Write.FAST_TOGGLE,
    saved=True,
    early=True,
    autosave=True,
    does="Frames back to back: the next exposure begins as soon as the camera's memory is empty.",
)
CCD_FAST_COUNT = Row(
    number("CCD_FAST_COUNT", "Fast Count", OPTIONS, RW, 0, NumberDef("FRAMES", "Frames", "%.f", 0, 100000, 1)),
    values={"FRAMES": 1.0},
    write=Write.FAST_COUNT,
    does="How many of them one CCD_EXPOSURE brings.",
)
BATTERY_LIMIT = Row(
    number(
        "BATTERY_LIMIT", "Battery limit", OPTIONS, RW, 0, NumberDef("PERCENT", "No exposure below (%)", "%.f", 0, 90, 5)
    ),
    values={"PERCENT": 0.0},
    write=Write.KEEP,
    saved=True,
    does="With less charge than that no exposure begins; 0 refuses nothing.",
)
SHUTTER_POLICY = Row(
    switch("SHUTTER_POLICY", "Shutter", SETTINGS, 0, AUTO="Automatic", TIMED="The camera's speeds", BULB="Bulb"),
    values={"AUTO": True},
    write=Write.FORM,
    saved=True,
    does="Who times the exposure: the camera where it can, always the camera, or always bulb.",
)
RETAKES = Row(
    number("RETAKES", "Failed frames", OPTIONS, RW, 0, NumberDef("TIMES", "Take again (times)", "%.f", 0, 9, 1)),
    values={"TIMES": 2.0},
    write=Write.KEEP,
    saved=True,
    early=True,
    autosave=True,
    does="So often is a failed frame made once more before CCD_EXPOSURE is Alert; 0 is never.",
)
