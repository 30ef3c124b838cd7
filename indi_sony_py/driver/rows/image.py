"""Rows of the image: its size, its sensor, its form on the way to the client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from indi_sony_py import texts
from indi_sony_py.driver.row import INFO, RO, RW, SETTINGS, Fed, Row, Write, number, switch, text
from indi_sony_py.image.section import LEAST_SIDE, MOST_BINNING
from indi_sony_py.indi.messages import Kind, Permission, Rule
from indi_sony_py.indi.vectors import BlobDef, NumberDef, SwitchDef, Value, VectorDef

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView

__all__ = [
    "BINNING_MODE",
    "CCD1",
    "CCD_BINNING",
    "CCD_CAPTURE_FORMAT",
    "CCD_CFA",
    "CCD_COMPRESSION",
    "CCD_FRAME",
    "CCD_FRAME_RESET",
    "CCD_INFO",
    "CCD_TRANSFER_FORMAT",
    "FRAME_AREA",
]


def _frame(view: CameraView) -> Fed | None:
    width, height = view.size or (0, 0)
    limits = {
        "X": (0.0, max(0.0, width - 1.0)),
        "Y": (0.0, max(0.0, height - 1.0)),
        "WIDTH": (float(min(LEAST_SIDE, width)), float(width)),
        "HEIGHT": (float(min(LEAST_SIDE, height)), float(height)),
    }
    part = view.part or (0, 0, width, height)
    values = {name: float(value) for name, value in zip(limits, part, strict=True)}
    return Fed(values, limits=limits)


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


def _no_binning(values: Mapping[str, Value]) -> str:
    x, y = (float(str(values[name])) for name in ("HOR_BIN", "VER_BIN"))
    return "" if x == y and x in range(1, MOST_BINNING + 1) else texts.client.BINNING(x=x, y=y)


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
    does="The part of the image that is delivered.",
)
CCD_FRAME_RESET = Row(
    VectorDef(
        "CCD_FRAME_RESET", "Frame Values", SETTINGS, Kind.SWITCH, Permission.WRITE_ONLY,
        (SwitchDef("RESET", "Reset"),), Rule.ONE_OF_MANY,
    ),
    write=Write.FRAME_RESET,
    does="The whole image, without binning.",
)  # fmt: skip
CCD_BINNING = Row(
    number(
        "CCD_BINNING",
        "Binning",
        SETTINGS,
        RW,
        60,
        NumberDef("HOR_BIN", "X", "%2.0f", 1, MOST_BINNING, 1),
        NumberDef("VER_BIN", "Y", "%2.0f", 1, MOST_BINNING, 1),
    ),
    values={"HOR_BIN": 1.0, "VER_BIN": 1.0},
    write=Write.BINNING,
    saved=True,
    unfit=_no_binning,
    does="So many pixels become one, in both directions; BINNING_MODE says which.",
)
BINNING_MODE = Row(
    switch("BINNING_MODE", "Binning joins", SETTINGS, 0, MOSAIC="Same colours", SUPERPIXEL="Super-pixel (grey)"),
    values={"MOSAIC": True},
    write=Write.KEEP,
    saved=True,
    does="What is joined: the same colours, or all to grey.",
)
CCD_CAPTURE_FORMAT = Row(
    switch("CCD_CAPTURE_FORMAT", "Format", SETTINGS, 60, INDI_RAW="RAW", INDI_RAW_JPEG="RAW+JPEG", INDI_JPEG="JPEG"),
    values={"INDI_RAW": True},
    write=Write.KEEP,
    saved=True,
    early=True,
    autosave=True,
    does="Which files the camera makes.",
)
CCD_TRANSFER_FORMAT = Row(
    switch(
        "CCD_TRANSFER_FORMAT", "Encode", SETTINGS, 60, FORMAT_FITS="FITS", FORMAT_NATIVE="Native", FORMAT_XISF="XISF"
    ),
    values={"FORMAT_FITS": True},
    write=Write.KEEP,
    saved=True,
    early=True,
    autosave=True,
    does="FITS, the camera's file as it is, or XISF.",
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
    does="Size of the sensor and of its pixels; the truth of the body, never taken from a client.",
)
CCD_COMPRESSION = Row(
    switch("CCD_COMPRESSION", "Compression", SETTINGS, 60, INDI_ENABLED="Enabled", INDI_DISABLED="Disabled"),
    values={"INDI_DISABLED": True},
    write=Write.KEEP,
    saved=True,
    does="FITS frames go to the client as `.fits.fz`, without loss.",
)
CCD1 = Row(
    VectorDef("CCD1", "Image Data", INFO, Kind.BLOB, RO, (BlobDef("CCD1", "Image"),), timeout_s=60), does="The frame."
)
CCD_CFA = Row(
    text("CCD_CFA", "Bayer Info", INFO, RO, 60, CFA_OFFSET_X="X Offset", CFA_OFFSET_Y="Y Offset", CFA_TYPE="Filter"),
    write=Write.TRUTH,
    feed=_cfa,
    does="The colour pattern at the first pixel.",
)
FRAME_AREA = Row(
    switch("FRAME_AREA", "Area", SETTINGS, 0, VISIBLE="Visible", CROP="As Sony crops", LIBRAW="As LibRaw"),
    values={"VISIBLE": True},
    write=Write.AREA,
    saved=True,
    does="All visible pixels, those that Sony's own programs show, or those that LibRaw shows.",
)
