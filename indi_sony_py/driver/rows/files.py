"""Rows of the files that are written beside the camera."""

from __future__ import annotations

from indi_sony_py.driver.row import INFO, OPTIONS, RO, RW, SETTINGS, Row, Shown, Write, switch, text

__all__ = ["CCD_FILE_PATH", "COMPANIONS", "UPLOAD_MODE", "UPLOAD_SETTINGS"]

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
