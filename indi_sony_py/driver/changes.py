"""The camera's settings, as a client changes them: Busy until the camera reads the new value back, or why not.

- A vector shows what was asked for while the change is under way; then it shows what the camera says.
- Every change ends: by the camera's answer, by the end of the hand, or by its limit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indi_sony_py import texts
from indi_sony_py.driver.exposure import Phase
from indi_sony_py.driver.properties import TABLE
from indi_sony_py.driver.row import Row, Shown, setting_numbers
from indi_sony_py.engine.messages import Change, ChangeResult
from indi_sony_py.indi.definitions import SwitchDef
from indi_sony_py.indi.messages import Kind, State
from indi_sony_py.indi.vectors import Accepted, Value
from indi_sony_py.sony.magnifier import same_part

if TYPE_CHECKING:
    from indi_sony_py.driver.device import Device

__all__ = ["CHANGE_S", "Changes"]

CHANGE_S = 90.0


@dataclass(frozen=True, slots=True)
class _Pending:
    """A change that the camera has not yet confirmed."""

    row: Row
    value: int
    limit_at: float


class Changes:
    """Of one device."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._board = device.board
        self._pending: dict[str, _Pending] = {}

    @property
    def busy(self) -> frozenset[str]:
        """Vectors that show what was asked for, not yet what the camera says."""
        return frozenset(pending.row.name for pending in self._pending.values())

    def ask(self, row: Row, new: Accepted) -> None:
        """A client chose another element of a setting's vector, or wrote another number."""
        self.send(row, *(self._nearest(row, new) if row.vector.kind is Kind.NUMBER else self._chosen(row, new)))

    def send(self, row: Row, shown: Mapping[str, Value], value: int | None) -> None:
        """Ask the camera for a value, None: it is not known; `shown` meanwhile."""
        now = self._device.clock.monotonic()
        request = self._device.exposure.request
        idle = self._device.exposure.phase is Phase.NONE or request is None
        rest = 0.0 if idle or request is None else 2 * request.duration_s + CHANGE_S
        if value is None or not self._device.connection.send(Change(row.setting, value)):
            self._change_failed(row, texts.settings.CAMERA_AWAY())
            self._board.tell(row.name, State.ALERT)
            return
        overtaken = self._pending.get(row.setting)
        if overtaken is not None and overtaken.row is not row:
            self._board.tell(overtaken.row.name, State.OK)
        before = CHANGE_S * len(self._pending)
        self._pending[row.setting] = _Pending(row, value, now + CHANGE_S + before + rest)
        self._board.tell(row.name, State.BUSY, shown)

    def changed(self, report: ChangeResult) -> None:
        """The camera's answer to a change; one that was replaced by a newer one says nothing."""
        pending = self._pending.get(report.name)
        if pending is None or (report.ok and not self._answers(report, pending)):
            return
        del self._pending[report.name]
        if report.ok:
            self._board.tell(pending.row.name, State.OK)
        else:
            self._give_up(pending, report.text or texts.settings.NOT_TAKEN())

    def _answers(self, report: ChangeResult, pending: _Pending) -> bool:
        """Whether what reads back is what was asked for last; a magnifier's place may be rounded."""
        if pending.row.setting == "magnifier" and report.value is not None:
            return same_part(report.value, pending.value)
        return report.value == pending.value

    def tick(self, now: float) -> None:
        for setting, pending in list(self._pending.items()):
            if now >= pending.limit_at:
                del self._pending[setting]
                self._give_up(pending, texts.settings.NO_ANSWER())

    def wake_at(self) -> float | None:
        return min((pending.limit_at for pending in self._pending.values()), default=None)

    def give_up_all(self, text: str) -> bool:
        """The hand is gone: nothing that was asked will be answered. Whether there was anything."""
        pending, self._pending = list(self._pending.values()), {}
        for each in pending:
            self._give_up(each, text)
        return bool(pending)

    def forget(self) -> None:
        """The device is disconnected: without a word."""
        self._pending.clear()

    def _give_up(self, pending: _Pending, text: str) -> None:
        self._change_failed(pending.row, text)
        fed = pending.row.feed(self._device.view) if pending.row.feed is not None else None
        values = fed.values if fed is not None and set(fed.values) == set(self._board[pending.row.name].values) else {}
        self._board.tell(pending.row.name, State.ALERT, values)

    def _change_failed(self, row: Row, reason: str) -> None:
        self._board.notice(texts.settings.CHANGE_FAILED, label=row.vector.label, reason=reason)

    def _chosen(self, row: Row, new: Accepted) -> tuple[Mapping[str, Value], int | None]:
        """A switch: what is shown, and the camera's code."""
        element = next(name for name, value in new.values.items() if value is True)
        return new.values, self.value_of(row, element)

    def _nearest(self, row: Row, new: Accepted) -> tuple[Mapping[str, Value], int | None]:
        """The camera's own value that is nearest to a number, by their ratio; what is shown, and its code."""
        ((name, asked),) = ((name, float(str(value))) for name, value in new.values.items())
        numbers = setting_numbers(self._device.view, row.setting)
        if not numbers:
            return {name: asked}, None
        taken = min(numbers, key=lambda number: abs(math.log(number / asked)) if number > 0 < asked else math.inf)
        if taken != asked:
            self._board.notice(texts.settings.NEAREST, label=row.vector.label, asked=asked, taken=taken)
        return {name: taken}, numbers[taken]

    def value_of(self, row: Row, element: str) -> int | None:
        """The camera's code for an element of a setting's vector."""
        labels = {e.name: e.label for e in self._board[row.name].definition.elements if isinstance(e, SwitchDef)}
        found = self._device.view.settings.get(row.setting)
        options = () if found is None else found.options
        return next((choice.value for choice in options if choice.label == labels.get(element)), None)

    def wanted_value(self, setting: str) -> int | None:
        """What the client asked for last while that is under way, else what the camera has."""
        pending, found = self._pending.get(setting), self._device.view.settings.get(setting)
        return pending.value if pending is not None else None if found is None else found.value

    def wanted(self, setting: str) -> int | None:
        """What the client chose last, or what the camera has if that can be chosen; None: leave it."""
        pending = self._pending.get(setting)
        if pending is not None:
            return pending.value
        rows = [row for row in TABLE if row.setting == setting]
        row = next((row for row in rows if self._board.shows(row.name)), rows[0])
        if row.vector.kind is Kind.NUMBER:
            numbers = setting_numbers(self._device.view, setting)
            return next((numbers.get(float(str(value))) for value in self._board[row.name].values.values()), None)
        chosen = self._board[row.name].chosen() if row.shown is Shown.CONNECTED else None
        return None if chosen is None else self.value_of(row, chosen)
