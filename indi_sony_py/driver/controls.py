"""What a client's write does: one handler for each `Write`, called with values that are legal for the vector.

- Each write is answered once: by its final state, or by Busy and the final state later.
- What cannot be is refused with Alert, the old values and a sentence; nothing is half applied.
"""

from __future__ import annotations

import logging
from fractions import Fraction
from typing import TYPE_CHECKING, assert_never

from indi_sony_py import texts
from indi_sony_py.driver.frozen import frame_type, freeze, upload_mode
from indi_sony_py.driver.properties import row_of
from indi_sony_py.driver.row import Row, Write
from indi_sony_py.engine.messages import ExposureRequest
from indi_sony_py.indi.messages import Kind, NewVector, State
from indi_sony_py.indi.numbers import read_number
from indi_sony_py.indi.vectors import Accepted, Dropped, Refused

if TYPE_CHECKING:
    from indi_sony_py.driver.device import Device

__all__ = ["Controls"]

_ROUNDING = 1e-4
"""Clients show limits with a few digits, and send what they show."""
_LEAST_UM, _MOST_UM = 1.0, 40.0
_OWN_RANGE = (Write.EXPOSE, Write.FRAME, Write.BINNING, Write.STREAM_PART)
_log = logging.getLogger(__name__)
_UPLOAD_TEXTS = {
    "client": texts.client.UPLOAD_CLIENT,
    "local": texts.client.UPLOAD_LOCAL,
    "both": texts.client.UPLOAD_BOTH,
}


class Controls:
    """Of one device."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._board = device.board

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
            case Write.PRESET:
                self._preset(row, new)
            case Write.ABORT:
                self._abort(new)
            case Write.FAST_TOGGLE:
                self._fast(row, new)
            case Write.FAST_COUNT:
                self._fast_count(row, new)
            case Write.FRAME:
                self._device.framing.frame(new)
            case Write.FRAME_RESET:
                self._device.framing.reset()
            case Write.BINNING:
                self._device.framing.binning(new)
            case Write.TRUTH | Write.SENSOR:
                self._board.tell(row.name, State.OK)
            case Write.UPLOAD_MODE:
                self._upload_mode(row, new)
            case Write.AREA:
                self._keep(row, new)
                self._device.area_changed()
            case Write.FORM:
                self._keep(row, new)
                self._device.forms_changed()
            case Write.SETTING:
                self._device.changes.ask(row, new)
            case Write.FOCUS:
                self._device.focuser.write(row, new)
            case Write.STAR:
                self._device.star_watch.write(row, new)
            case Write.AROUND:
                if self._device.surroundings.write(row, new):
                    self._device.choices.changed(row)
            case Write.NIGHT:
                self._keep(row, new)
                self._device.connection.wish_again()
            case Write.STREAM | Write.STREAM_PART:
                self._device.stream.write(row, new)
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
        request = self.request(asked_s)
        if isinstance(request, str):
            self._device.exposure.refuse(request)
        else:
            self._device.expose(request)

    def _preset(self, row: Row, new: Accepted) -> None:
        """One of the camera's speeds was chosen: as in indi_gphoto_ccd that asks for an exposure of that length."""
        from indi_sony_py.sony.values import decode_shutter

        element = next(name for name, value in new.values.items() if value is True)
        code = self._device.changes.value_of(row, element)
        speed = None if code is None else decode_shutter(code)
        if not isinstance(speed, Fraction):
            self._board.tell(row.name, State.ALERT)
            return
        self._board.choose(row.name, element, State.OK)
        self._expose(float(speed))

    def request(self, asked_s: float) -> ExposureRequest | str:
        """An exposure of so many seconds with everything as it is set now, or why it cannot be."""
        low, high = self._device.view.limits_s
        duration = low if frame_type(self._device) == "Bias" else asked_s
        if not low * (1 - _ROUNDING) <= duration <= high * (1 + _ROUNDING):
            return texts.client.OUT_OF_BOUNDS(asked=asked_s, low=low, high=high)
        limit, charge = self._board["BATTERY_LIMIT"].number("PERCENT"), self._device.view.settings.get("battery")
        if charge is not None and charge.value is not None and charge.value < limit:
            return texts.camera.BATTERY_BELOW(percent=charge.value, limit=f"{limit:.0f}")
        self._device.framing.tell_idle_choices()
        self._device.surroundings.check(frame_type(self._device))
        return freeze(self._device, duration)

    def _fast(self, row: Row, new: Accepted) -> None:
        on = new.values["INDI_ENABLED"] is True
        if on and self._board[row.name].chosen() != "INDI_ENABLED":
            self._board.notice(texts.client.FAST_ON)
        if not on:
            self._device.exposure.recount(1)
            self._board.tell("CCD_FAST_COUNT", State.IDLE, {"FRAMES": 1.0})
        self._keep(row, new)

    def _fast_count(self, row: Row, new: Accepted) -> None:
        self._take(row, new)
        self._device.exposure.recount(round(self._board[row.name].number("FRAMES")))
        self._board.tell(row.name, State.BUSY if self._device.exposure.series.left > 1 else State.OK)

    def _abort(self, new: Accepted) -> None:
        if new.values["ABORT"] is True:
            self._device.abort()
        else:
            self._board.tell("CCD_ABORT_EXPOSURE", State.OK, {"ABORT": False})

    def _upload_mode(self, row: Row, new: Accepted) -> None:
        if self._take(row, new):
            self._board.notice(_UPLOAD_TEXTS[upload_mode(self._device)])
            self.show_file_path()
        self._board.tell(row.name, State.OK)

    def show_file_path(self) -> None:
        """CCD_FILE_PATH is there while files are asked for."""
        if upload_mode(self._device) != "client" and self._board.shows("UPLOAD_MODE"):
            self._board.show("CCD_FILE_PATH")
        else:
            self._board.hide("CCD_FILE_PATH")
