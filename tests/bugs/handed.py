"""Frames that a hand handed over: header and pixels of a FITS in memory."""

from __future__ import annotations

import io

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from indi_sony_py.hand.messages import FrameReady
from tests.hand.handrig import Face, Rig

__all__ = ["frame_of", "header_of", "pixels_of"]


def header_of(frame: bytes) -> fits.Header:
    """The header of a whole FITS file."""
    return fits.Header.fromstring(frame[: frame.index(b"END" + b" " * 77) + 80])


def pixels_of(frame: bytes) -> NDArray[np.uint16]:
    """The values of a whole FITS file, (rows, columns)."""
    with fits.open(io.BytesIO(frame)) as opened:
        return np.array(opened[0].data, dtype=np.uint16)


def frame_of(rig: Rig, face: Face, number: int) -> FrameReady:
    """Wait for the frame of exposure `number`."""
    rig.until(lambda: any(ready.exposure_id == number for ready in face.all(FrameReady)))
    return next(ready for ready in face.all(FrameReady) if ready.exposure_id == number)
