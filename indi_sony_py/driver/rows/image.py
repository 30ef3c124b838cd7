"""Rows of the image: its size, its sensor, its form on the way to the client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indi_sony_py.driver.row import INFO, RO, RW, SETTINGS, Fed, Row, Write, number, switch, text
from indi_sony_py.indi.messages import Kind
from indi_sony_py.indi.vectors import BlobDef, NumberDef, VectorDef

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView

__all__ = [
    "CCD1",
    "CCD_BINNING",
    "CCD_CAPTURE_FORMAT",
    "CCD_CFA",
    "CCD_FRAME",
    "CCD_INFO",
    "CCD_TRANSFER_FORMAT",
    "FRAME_AREA",
]


def _frame(view: CameraView) -> Fed | None:
    width, height = view.size or (0, 0)
    limits = {
        "X": (0.0, max(0.0, width - 1.0)),
        "Y": (0.0, max(0.0, height - 1.0)),
        "WIDTH": (min(1.0, width), float(width)),
        "HEIGHT": (min(1.0, height), float(height)),
    }
    return Fed({"X": 0.0, "Y": 0.0, "WIDTH": float(width), "HEIGHT": float(height)}, limits=limits)


def _info(view: CameraView) -> Fed | None:
    width, height = view.size or (0, 0)
    um = view.pixel_um
    return Fed(
        {
            "CCD_MAX_X": float(width),
            "CCD_MAX_Y": float(height),
            "CCD_PIXEL_SIZE": um,
            "CCD_PIXEL_SIZE_X": um,
            "CCD_PIXEL_SIZE_Y": um,
            "CCD_BITSPERPIXEL": 16.0,
        }
    )


def _cfa(view: CameraView) -> Fed | None:
    return Fed({"CFA_OFFSET_X": "0", "CFA_OFFSET_Y": "0", "CFA_TYPE": view.cfa})


def _um(name: str, label: str) -> NumberDef:
    return NumberDef(name, label, "%.2f", 1, 40)


CCD_FRAME = Row(
    number(
        "CCD_FRAME",
        "Frame",
        SETTINGS,
        RW,
        60,
        NumberDef("X", "Left ", "%4.0f"),
        NumberDef("Y", "Top", "%4.0f"),
        NumberDef("WIDTH", "Width", "%4.0f"),
        NumberDef("HEIGHT", "Height", "%4.0f"),
    ),
    write=Write.FRAME,
    feed=_frame,
)
CCD_BINNING = Row(
    number(
        "CCD_BINNING",
        "Binning",
        SETTINGS,
        RW,
        60,
        NumberDef("HOR_BIN", "X", "%2.0f", 1, 1, 1),
        NumberDef("VER_BIN", "Y", "%2.0f", 1, 1, 1),
    ),
    values={"HOR_BIN": 1.0, "VER_BIN": 1.0},
    write=Write.BINNING,
)
CCD_CAPTURE_FORMAT = Row(
    switch("CCD_CAPTURE_FORMAT", "Format", SETTINGS, 60, INDI_RAW="RAW", INDI_RAW_JPEG="RAW+JPEG", INDI_JPEG="JPEG"),
    values={"INDI_RAW": True},
    write=Write.KEEP,
    saved=True,
    early=True,
    autosave=True,
)
CCD_TRANSFER_FORMAT = Row(
    switch("CCD_TRANSFER_FORMAT", "Encode", SETTINGS, 60, FORMAT_FITS="FITS", FORMAT_NATIVE="Native"),
    values={"FORMAT_FITS": True},
    write=Write.KEEP,
    saved=True,
    early=True,
    autosave=True,
)
CCD_INFO = Row(
    number(
        "CCD_INFO",
        "CCD Information",
        INFO,
        RO,
        60,
        NumberDef("CCD_MAX_X", "Max. Width", "%.f", 1, 16000),
        NumberDef("CCD_MAX_Y", "Max. Height", "%.f", 1, 16000),
        _um("CCD_PIXEL_SIZE", "Pixel size (um)"),
        _um("CCD_PIXEL_SIZE_X", "Pixel size X"),
        _um("CCD_PIXEL_SIZE_Y", "Pixel size Y"),
        NumberDef("CCD_BITSPERPIXEL", "Bits per pixel", "%.f", 8, 64),
    ),
    write=Write.SENSOR,
    feed=_info,
)
CCD1 = Row(VectorDef("CCD1", "Image Data", INFO, Kind.BLOB, RO, (BlobDef("CCD1", "Image"),), timeout_s=60))
CCD_CFA = Row(
    text("CCD_CFA", "Bayer Info", INFO, RO, 60, CFA_OFFSET_X="X Offset", CFA_OFFSET_Y="Y Offset", CFA_TYPE="Filter"),
    write=Write.TRUTH,
    feed=_cfa,
)
FRAME_AREA = Row(
    switch("FRAME_AREA", "Area", SETTINGS, 0, VISIBLE="Visible", CROP="As Sony crops", LIBRAW="As LibRaw"),
    values={"VISIBLE": True},
    write=Write.AREA,
    saved=True,
)
