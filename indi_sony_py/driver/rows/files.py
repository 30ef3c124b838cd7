"""Rows of the files that are written beside the camera."""

from __future__ import annotations

from indi_sony_py.driver.row import INFO, OPTIONS, RO, RW, SETTINGS, Row, Shown, Write, switch, text

__all__ = ["CCD_FILE_PATH", "COMPANIONS", "UPLOAD_MODE", "UPLOAD_SETTINGS"]

UPLOAD_MODE = Row(
    switch("UPLOAD_MODE", "Upload", OPTIONS, 0, UPLOAD_CLIENT="Client", UPLOAD_LOCAL="Local", UPLOAD_BOTH="Both"),
    values={"UPLOAD_CLIENT": True},
    write=Write.UPLOAD_MODE,
    saved=True,
)
UPLOAD_SETTINGS = Row(
    text("UPLOAD_SETTINGS", "Upload Settings", OPTIONS, RW, 60, UPLOAD_DIR="Dir", UPLOAD_PREFIX="Prefix"),
    values={"UPLOAD_PREFIX": "IMAGE_XXX"},
    write=Write.KEEP,
    saved=True,
)
CCD_FILE_PATH = Row(text("CCD_FILE_PATH", "Filename", INFO, RO, 60, FILE_PATH="Path"), Shown.ASKED)
COMPANIONS = Row(
    switch("COMPANIONS", "JPEG beside RAW", SETTINGS, 0, KEEP="Keep", DISCARD="Discard"),
    values={"DISCARD": True},
    write=Write.KEEP,
    saved=True,
)
