"""Rows of the files that are written beside the camera, and of what is seen in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indi_sony_py.driver.row import INFO, OPTIONS, RO, RW, SETTINGS, Fed, Row, Shown, Write, number, switch, text
from indi_sony_py.indi.vectors import NumberDef

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView

__all__ = ["CCD_FILE_PATH", "COMPANIONS", "FRAME_MEASURES", "PREVIEW", "UPLOAD_MODE", "UPLOAD_SETTINGS"]


def _measures(view: CameraView) -> Fed | None:
    """Of the last frame that was looked at; -1 for stars that were not looked for, 0 for an HFR that is not known."""
    if view.looked is None or view.looked.glance is None:
        return None
    glance = view.looked.glance
    return Fed(
        {
            "FRAME": float(view.looked.exposure_id),
            "STARS": -1.0 if glance.stars is None else float(glance.stars),
            "HFR": glance.hfr or 0.0,
            "BACKGROUND": float(glance.median[1] - glance.black),
            "SATURATED": float(glance.full),
        }
    )


UPLOAD_MODE = Row(
    switch("UPLOAD_MODE", "Upload", OPTIONS, 0, UPLOAD_CLIENT="Client", UPLOAD_LOCAL="Local", UPLOAD_BOTH="Both"),
    values={"UPLOAD_CLIENT": True},
    write=Write.UPLOAD_MODE,
    saved=True,
    does="Where frames go: to the client, to a folder of this computer, or both.",
)
UPLOAD_SETTINGS = Row(
    text("UPLOAD_SETTINGS", "Upload Settings", OPTIONS, RW, 60, UPLOAD_DIR="Dir", UPLOAD_PREFIX="Prefix"),
    values={"UPLOAD_PREFIX": "IMAGE_XXX"},
    write=Write.KEEP,
    saved=True,
    does="The folder, and the name; XXX becomes a number, ISO8601 the time. No file is overwritten.",
)
CCD_FILE_PATH = Row(
    text("CCD_FILE_PATH", "Filename", INFO, RO, 60, FILE_PATH="Path"),
    Shown.ASKED,
    does="The file that was just written.",
)
COMPANIONS = Row(
    switch("COMPANIONS", "JPEG beside RAW", SETTINGS, 0, KEEP="Keep", DISCARD="Discard"),
    values={"DISCARD": True},
    write=Write.KEEP,
    saved=True,
    does="What becomes of the JPEG that comes beside a RAW.",
    needs="RAW+JPEG set at the camera or by CCD_CAPTURE_FORMAT.",
)
PREVIEW = Row(
    switch(
        "PREVIEW", "Look at frames", SETTINGS, 0, OFF="Off", MEASURE="Measure", SAVE="Measure, preview beside the file"
    ),
    values={"OFF": True},
    write=Write.KEEP,
    saved=True,
    does=(
        "Stars, HFR and histogram of each frame, once the client has it or it is a file; and a small JPEG beside a "
        "file. Frames that come faster than that are left out."
    ),
)
FRAME_MEASURES = Row(
    number(
        "FRAME_MEASURES",
        "Last frame",
        INFO,
        RO,
        0,
        NumberDef("FRAME", "Frame (FRAMESER)", "%.f", 0, 9e15),
        NumberDef("STARS", "Stars", "%.f", -1, 100000),
        NumberDef("HFR", "HFR (pixels)", "%.2f", 0, 100),
        NumberDef("BACKGROUND", "Background (ADU above black)", "%.f", -65535, 65535),
        NumberDef("SATURATED", "Saturated pixels", "%.f", 0, 1e9),
    ),
    feed=_measures,
    does="What the last frame showed that was looked at. HFR is a median, the background that of the green pixels.",
    needs="PREVIEW on.",
)
