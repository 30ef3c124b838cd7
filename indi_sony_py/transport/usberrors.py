"""pyusb's errors as ours, by one table; nothing above `transport` sees another. Pure."""

from __future__ import annotations

import errno

from indi_sony_py import texts
from indi_sony_py.errors import (
    CameraDenied,
    CameraError,
    CameraGone,
    CameraInUse,
    CameraSilent,
    CameraStalled,
)
from indi_sony_py.texts import Text

__all__ = ["ERRORS", "translated"]

ERRORS: dict[int, type[CameraError]] = {
    errno.ENODEV: CameraGone,
    errno.ENOENT: CameraGone,
    errno.ENXIO: CameraGone,
    errno.ESHUTDOWN: CameraGone,
    errno.EBUSY: CameraInUse,
    errno.EACCES: CameraDenied,
    errno.EPERM: CameraDenied,
    errno.ETIMEDOUT: CameraSilent,
    errno.EPIPE: CameraStalled,
    errno.EOVERFLOW: CameraStalled,
    errno.EIO: CameraStalled,
    errno.EPROTO: CameraStalled,
    errno.EILSEQ: CameraStalled,
}
"""libusb's errno values (libusb1.py of pyusb; usbfs's EPROTO and EILSEQ are cable trouble). Others: `CameraError`."""

_TEXTS: dict[type[CameraError], Text] = {
    CameraGone: texts.cable.GONE,
    CameraInUse: texts.cable.IN_USE,
    CameraDenied: texts.cable.DENIED,
    CameraSilent: texts.cable.SILENT,
    CameraStalled: texts.cable.STALLED,
    CameraError: texts.cable.FAILED,
}


def translated(error: Exception, doing: str) -> CameraError:
    """Ours for a USBError (or NotImplementedError, which pyusb raises for "not supported")."""
    number = getattr(error, "errno", None)
    kind = CameraError if number is None else ERRORS.get(number, CameraError)
    return kind(_TEXTS[kind], detail=f"{doing}: {getattr(error, 'strerror', None) or error or type(error).__name__}")
