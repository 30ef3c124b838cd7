"""Texts about the way to the camera: cable, USB, and what comes over it."""

from __future__ import annotations

from indi_sony_py.texts import advice
from indi_sony_py.texts.row import Text

__all__: list[str] = []

BAD_DATA = Text(
    "cable.bad_data",
    "What the camera sent cannot be read ({detail}).",
    "A damaged transfer, or data of an unknown form. It is asked for again where that is safe.",
    advice.REPORT_DATA,
    where="CCD_EXPOSURE: Alert, CONNECTION: Alert",
)
