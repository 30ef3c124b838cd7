"""Paths of the command line, and a name (does I/O: asks for the folder that one stands in, and for homes)."""

from __future__ import annotations

from pathlib import Path

from indi_sony_py.errors import NotWritable
from indi_sony_py.texts import frames

__all__ = ["CAMERA_FILE", "absolute"]

CAMERA_FILE = "camera.jsonl"
"""The dump of a camera in a report."""


def absolute(path: Path) -> Path:
    """With homes filled in, from the root on.

    `NotWritable`: there is no such home, or the folder that one stands in is gone.
    """
    try:
        return path.expanduser().absolute()
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise NotWritable(frames.NOT_WRITABLE, path=path, reason=reason) from error
