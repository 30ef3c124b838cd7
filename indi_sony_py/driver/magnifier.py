"""The focus magnifier, as a client changes it: a ratio, and the middle of the part that is seen.

- Both are one setting of the camera, and go to it together; live view stands still for a moment meanwhile.
- A place that a client named holds from then on; while the magnifier is off it is kept here. The camera's own place
  holds before, and when somebody moves the part at the body.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from indi_sony_py.driver.livescale import magnified
from indi_sony_py.driver.row import Row
from indi_sony_py.driver.rows.magnifier import SETTING
from indi_sony_py.indi.messages import State
from indi_sony_py.indi.vectors import Accepted
from indi_sony_py.sony.magnifier import ratio, same_part

if TYPE_CHECKING:
    from indi_sony_py.driver.device import Device

__all__ = ["Magnifier"]


class Magnifier:
    """Of one device."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._board = device.board

    def zoom(self, row: Row, new: Accepted) -> None:
        """FOCUS_MAGNIFIER."""
        now = self._device.changes.wanted_value(SETTING)
        if now is not None and ratio(now) and not same_part(now, self._placed(now)):
            self._device.view = replace(self._device.view, magnifier_at=None)
        element = next(name for name, value in new.values.items() if value is True)
        value = self._device.changes.value_of(row, element)
        self._device.changes.send(row, new.values, None if value is None else self._placed(value))

    def move(self, row: Row, new: Accepted) -> None:
        """FOCUS_MAGNIFIER_POSITION."""
        x, y = (float(str(new.values[name])) for name in ("X", "Y"))
        self._device.view = replace(self._device.view, magnifier_at=(x, y))
        now = self._device.changes.wanted_value(SETTING)
        if now is not None and ratio(now):
            self._device.changes.send(row, new.values, self._placed(now))
        else:
            self._board.tell(row.name, State.OK, new.values)

    def _placed(self, value: int) -> int:
        view = self._device.view
        if view.magnifier_at is None or view.live_whole is None or not ratio(value):
            return value
        return magnified(view.live_whole, view.live_size, value, view.magnifier_at)
