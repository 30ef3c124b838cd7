"""Texts about the driver itself: its processes, its faults, its log."""

from __future__ import annotations

from indi_sony_py.texts import advice
from indi_sony_py.texts.row import Text

__all__: list[str] = []

FAULT = Text(
    "driver.fault",
    "The driver did what it must not ({detail}).",
    "It begins anew by itself; an image that is owed is still fetched.",
    advice.REPORT,
    where="CCD_EXPOSURE: Alert, CONNECTION: Alert",
)
