"""What a client's write does: one handler for each `Write`, called with values that are legal for the vector.

- Each write is answered once: by its final state, or by Busy and the final state later.
- What cannot be is refused with Alert, the old values and a sentence; nothing is half applied.
- A setting of the camera is Busy until the camera reads it back; then it shows what the camera says.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from indi_sony_py import texts
from indi_sony_py.driver.exposure import Phase
from indi_sony_py.driver.properties import TABLE, Row, Shown, Write, row_of
from indi_sony_py.engine.messages import Change, ChangeResult, ExposureRequest, Policy
from indi_sony_py.indi.definitions import SwitchDef
from indi_sony_py.indi.messages import Kind, NewVector, State
from indi_sony_py.indi.numbers import read_number
from indi_sony_py.indi.vectors import Accepted, Dropped, Refused

if TYPE_CHECKING:
    from indi_sony_py.driver.device import Device

__all__ = ["Controls"]

CHANGE_S = 90.0
_ROUNDING = 1e-4
"""Clients show limits with a few digits, and send what they show."""
_LEAST_UM, _MOST_UM = 1.0, 40.0
_OWN_RANGE = (Write.EXPOSE, Write.FRAME, Write.BINNING)
_log = logging.getLogger(__name__)
_POLICIES = {"AUTO": Policy.AUTO, "TIMED": Policy.TIMED, "BULB": Policy.BULB}
_UPLOADS = {"UPLOAD_CLIENT": "client", "UPLOAD_LOCAL": "local", "UPLOAD_BOTH": "both"}
_UPLOAD_TEXTS = {
    "client": texts.client.UPLOAD_CLIENT,
    "local": texts.client.UPLOAD_LOCAL,
    "both": texts.client.UPLOAD_BOTH,
}


@dataclass(frozen=True, slots=True)
class _Pending:
    """A change that the camera has not yet confirmed."""

    row: Row
    element: str
    value: int
    limit_at: float


class Controls:
    """Of one device."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._board = device.board
        self._pending: dict[str, _Pending] = {}

    @property
    def busy(self) -> frozenset[str]:
        """Vectors that show what was asked for, not yet what the camera says."""
        return frozenset(pending.row.name for pending in self._pending.values())

    # --- the way in -------------------------------------------------------------------------------------------------

    def write(self, new: NewVector) -> str:
        """A client's write, or one from the config. "" or why not."""
        row = row_of(new.name)
        if row is None or not self._board.shows(new.name):
            return self._drop(texts.client.NOT_DEFINED(name=new.name, device=new.device))
        if row.write is Write.SENSOR:
            self._sensor(new)
        if row.write in (Write.TRUTH, Write.SENSOR):
            self._board.tell(row.name, State.OK)
            return ""
        match self._board[row.name].apply(new, check_range=row.write not in _OWN_RANGE):
            case Dropped(reason):
                return self._drop(reason)
            case Refused(state, text):
                self._refused(row, state, text)
                return text
            case Accepted() as accepted if row.write is None:
                return self._drop(texts.client.READ_ONLY_VALUES(name=row.name, count=len(accepted.named)))
            case Accepted() as accepted:
                self._handle(row, accepted)
                return ""

    def _refused(self, row: Row, state: State, text: str) -> None:
        if row.write is Write.EXPOSE:
            self._device.exposure.refuse(text.removeprefix("[ERROR] "))
            return
        _log.warning("%s: %s", self._board.device, text)
        self._board.tell(row.name, state, text=text)

    def _drop(self, reason: str) -> str:
        _log.warning("%s: dispatch error: %s", self._board.device, reason)
        return reason

    def _handle(self, row: Row, new: Accepted) -> None:
        assert row.write is not None
        match row.write:
            case Write.CONNECT:
                self._connect(new)
            case Write.DEBUG | Write.LOGGING:
                self._debug(row, new)
            case Write.SIMULATION:
                self._device.simulate(new.values["ENABLE"] is True)
            case Write.NETWORK:
                self._network(row, new)
            case Write.SEARCH:
                self._keep(row, new)
                self._device.look_around()
            case Write.CONFIG:
                self._config(new)
            case Write.EXPOSE:
                self._expose(float(str(new.values["CCD_EXPOSURE_VALUE"])))
            case Write.ABORT:
                self._abort(new)
            case Write.FRAME:
                self._frame(row, new)
            case Write.BINNING:
                self._binning(row, new)
            case Write.TRUTH | Write.SENSOR:
                self._board.tell(row.name, State.OK)
            case Write.UPLOAD_MODE:
                self._upload_mode(row, new)
            case Write.AREA:
                self._keep(row, new)
                self._device.area_changed()
            case Write.SETTING:
                self._setting(row, new)
            case Write.KEEP:
                self._keep(row, new)
            case _:
                assert_never(row.write)

    # --- handlers ---------------------------------------------------------------------------------------------------

    def _connect(self, new: Accepted) -> None:
        if new.values["CONNECT"] is True:
            self._device.connection.connect()
        else:
            self._device.connection.disconnect()

    def _keep(self, row: Row, new: Accepted) -> None:
        changed = self._take(row, new)
        self._board.tell(row.name, State.OK)
        if changed:
            self._device.choices.changed(row)

    def _take(self, row: Row, new: Accepted) -> bool:
        """Hold the new values; whether they are others than before."""
        changed = dict(self._board[row.name].values) != dict(new.values)
        self._board.commit(row.name, new.values)
        return changed

    def _sensor(self, new: NewVector) -> None:
        """KStars says what its user typed in. It counts only for the pixels of a body whose row knows none."""
        texts_of = [element.text for element in new.elements if element.name == "CCD_PIXEL_SIZE_X"]
        value = read_number(texts_of[0]) if new.kind is Kind.NUMBER and texts_of else None
        if value is not None and _LEAST_UM <= value <= _MOST_UM:
            self._device.pixels_told(value)

    def _debug(self, row: Row, new: Accepted) -> None:
        changed = self._take(row, new)
        if row.write is Write.DEBUG and changed:
            on = new.values["ENABLE"] is True
            self._board.notice(texts.client.DEBUG_ON if on else texts.client.DEBUG_OFF)
            self._device.choices.show_debug()
        self._device.logging_changed()
        self._board.tell(row.name, State.OK)

    def _network(self, row: Row, new: Accepted) -> None:
        from indi_sony_py.transport.ipaddress import NetworkPlace

        text = str(new.values["HOST"]).strip()
        try:
            if text:
                NetworkPlace.parse(text)
        except ValueError:
            self._board.notice(texts.network.BAD_PLACE, text=text)
            self._board.tell(row.name, State.ALERT)
            return
        self._keep(row, new)
        self._device.look_around()

    def _config(self, new: Accepted) -> None:
        chosen = next((name for name, value in new.values.items() if value is True), None)
        good = chosen is None or self._device.choices.configure(chosen, self.write)
        self._board.choose("CONFIG_PROCESS", None, State.OK if good else State.ALERT)

    def _expose(self, asked_s: float) -> None:
        low, high = self._device.view.limits_s
        frame_type = _label(self._board["CCD_FRAME_TYPE"].chosen(), "FRAME_LIGHT")
        duration = low if frame_type == "Bias" else asked_s
        if not low * (1 - _ROUNDING) <= duration <= high * (1 + _ROUNDING):
            self._device.exposure.refuse(texts.client.OUT_OF_BOUNDS(asked=asked_s, low=low, high=high))
            return
        limit, charge = self._board["BATTERY_LIMIT"].number("PERCENT"), self._device.view.settings.get("battery")
        if charge is not None and charge.value is not None and charge.value < limit:
            self._device.exposure.refuse(texts.camera.BATTERY_BELOW(percent=charge.value, limit=f"{limit:.0f}"))
            return
        self._device.expose(self._freeze(duration, frame_type))

    def _freeze(self, duration_s: float, frame_type: str) -> ExposureRequest:
        """Everything that holds for this frame, as it is set now."""
        board = self._board
        return ExposureRequest(
            id=self._device.new_exposure_id(),
            duration_s=duration_s,
            frame_type=frame_type,
            policy=_POLICIES[board["SHUTTER_POLICY"].chosen() or "AUTO"],
            iso=self._wanted("iso"),
            capture_format="raw+jpeg" if board["CCD_CAPTURE_FORMAT"].chosen() == "INDI_RAW_JPEG" else "raw",
            transfer="native" if board["CCD_TRANSFER_FORMAT"].chosen() == "FORMAT_NATIVE" else "fits",
            upload=self.upload_mode,
            folder=board["UPLOAD_SETTINGS"].text("UPLOAD_DIR"),
            prefix=board["UPLOAD_SETTINGS"].text("UPLOAD_PREFIX"),
            companions="keep" if board["COMPANIONS"].chosen() == "KEEP" else "discard",
            area=self.area,
            device=board.device,
            pixel_um=self._device.view.told_um,
        )

    @property
    def upload_mode(self) -> str:
        return _UPLOADS[self._board["UPLOAD_MODE"].chosen() or "UPLOAD_CLIENT"]

    @property
    def area(self) -> str:
        return (self._board["FRAME_AREA"].chosen() or "VISIBLE").lower()

    def _abort(self, new: Accepted) -> None:
        if new.values["ABORT"] is True:
            self._device.abort()
        else:
            self._board.tell("CCD_ABORT_EXPOSURE", State.OK, {"ABORT": False})

    def _frame(self, row: Row, new: Accepted) -> None:
        vector = self._board[row.name]
        if dict(new.values) == dict(vector.values):
            self._board.tell(row.name, State.OK)
            return
        self._board.notice(texts.client.SUB_FRAMES)
        self._board.tell(row.name, State.ALERT)

    def _binning(self, row: Row, new: Accepted) -> None:
        x, y = (float(str(new.values[name])) for name in ("HOR_BIN", "VER_BIN"))
        if (x, y) == (1.0, 1.0):
            self._board.tell(row.name, State.OK)
            return
        self._board.notice(texts.client.BINNING, x=x, y=y)
        self._board.tell(row.name, State.ALERT)

    def _upload_mode(self, row: Row, new: Accepted) -> None:
        if self._take(row, new):
            self._board.notice(_UPLOAD_TEXTS[self.upload_mode])
            self.show_file_path()
        self._board.tell(row.name, State.OK)

    def show_file_path(self) -> None:
        """CCD_FILE_PATH is there while files are asked for."""
        if self.upload_mode != "client" and self._board.shows("UPLOAD_MODE"):
            self._board.show("CCD_FILE_PATH")
        else:
            self._board.hide("CCD_FILE_PATH")

    # --- settings of the camera -------------------------------------------------------------------------------------

    def _setting(self, row: Row, new: Accepted) -> None:
        element = next(name for name, value in new.values.items() if value is True)
        value = self._value_of(row, element)
        now = self._device.clock.monotonic()
        request = self._device.exposure.request
        idle = self._device.exposure.phase is Phase.NONE or request is None
        rest = 0.0 if idle or request is None else 2 * request.duration_s + CHANGE_S
        if value is None or not self._device.connection.send(Change(row.setting, value)):
            self._change_failed(row, texts.settings.CAMERA_AWAY())
            self._board.tell(row.name, State.ALERT)
            return
        self._pending[row.setting] = _Pending(row, element, value, now + CHANGE_S + rest)
        self._board.choose(row.name, element, State.BUSY)

    def changed(self, report: ChangeResult) -> None:
        """The camera's answer to a change; one that was replaced by a newer one says nothing."""
        pending = self._pending.get(report.name)
        if pending is None or (report.ok and report.value != pending.value):
            return
        del self._pending[report.name]
        if report.ok:
            self._board.tell(pending.row.name, State.OK)
        else:
            self._give_up(pending, report.text or texts.settings.NOT_TAKEN())

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

    def _value_of(self, row: Row, element: str) -> int | None:
        """The camera's code for an element of a setting's vector."""
        labels = {e.name: e.label for e in self._board[row.name].definition.elements if isinstance(e, SwitchDef)}
        found = self._device.view.settings.get(row.setting)
        options = () if found is None else found.options
        return next((choice.value for choice in options if choice.label == labels.get(element)), None)

    def _wanted(self, setting: str) -> int | None:
        """What the client chose last, or what the camera has if that can be chosen; None: leave it."""
        pending = self._pending.get(setting)
        if pending is not None:
            return pending.value
        row = next(row for row in TABLE if row.setting == setting)
        chosen = self._board[row.name].chosen() if row.shown is Shown.CONNECTED else None
        return None if chosen is None else self._value_of(row, chosen)


def _label(chosen: str | None, otherwise: str) -> str:
    """`FRAME_LIGHT` as "Light"."""
    return (chosen or otherwise).removeprefix("FRAME_").capitalize()
