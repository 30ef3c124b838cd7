"""One try a request, at the rigs: each failure is looked at, and what a retake would bring is in tests of its own."""

from __future__ import annotations

from indi_sony_py.driver.device import Device
from indi_sony_py.driver.face import Face

__all__ = ["ONE_TRY", "Tries"]

ONE_TRY = 0
"""RETAKES at the rigs, where a test does not say otherwise; None leaves the driver's own."""


class Tries:
    """Gives each device of a face its RETAKES as soon as it is there, as if its user had chosen that before."""

    def __init__(self, retakes: int | None) -> None:
        self._retakes = retakes
        self._seen: set[Device] = set()

    def look(self, face: Face) -> None:
        for device in face.devices.values():
            if device not in self._seen:
                self._seen.add(device)
                if self._retakes is not None:
                    device.board.commit("RETAKES", {"TIMES": float(self._retakes)})
