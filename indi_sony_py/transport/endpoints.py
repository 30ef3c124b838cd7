"""An interface's endpoints, and times as libusb and the endpoints count them. Pure."""

from __future__ import annotations

import math
from typing import Any

from indi_sony_py import texts
from indi_sony_py.errors import WrongUsbMode

__all__ = ["endpoints_of", "look_s", "milliseconds"]

_BULK, _INTERRUPT = 2, 3


def endpoints_of(interface: Any) -> tuple[Any, Any, Any]:
    """Bulk in, bulk out and interrupt in of a pyusb interface; `WrongUsbMode` when one is missing."""

    def one(kind: int, inwards: bool) -> Any:
        for endpoint in interface:
            if endpoint.bmAttributes & 3 == kind and bool(endpoint.bEndpointAddress & 0x80) is inwards:
                return endpoint
        raise WrongUsbMode(texts.cable.LACKS_ENDPOINT)

    return one(_BULK, True), one(_BULK, False), one(_INTERRUPT, True)


def look_s(interval: int, speed: int | None) -> float:
    """Seconds within which the host asks an interrupt endpoint once (USB 2.0, 9.6.6), 1 to 20 ms."""
    high = speed is not None and speed >= 3
    period = 0.000125 * 2 ** (min(16, max(1, interval)) - 1) if high else interval / 1000
    return min(0.020, max(0.001, period))


def milliseconds(seconds: float) -> int:
    """Rounded up, and never 0: libusb takes that as "no limit"."""
    return max(1, math.ceil(seconds * 1000))
