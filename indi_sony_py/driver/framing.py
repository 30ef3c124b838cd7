"""CCD_FRAME, CCD_FRAME_RESET and CCD_BINNING: which part of the image a client gets, and how coarse.

- What is accepted is what will be delivered: CCD_FRAME is answered with the part as it will really be cut.
- A frame that does not lie in the image is refused with a sentence, and the old one stays.
- A part belongs to the image that it was chosen from: another area, another camera or another size ends it, as soon as
  it does not fit any more, and CCD_FRAME shows the whole image again.
- The last choice counts for the next exposure; one that runs keeps what was frozen with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from indi_sony_py import texts
from indi_sony_py.driver.frozen import as_it_is, binning, packs
from indi_sony_py.driver.rows.image import CCD_BINNING
from indi_sony_py.image.section import LEAST_SIDE, Part, fits, snapped
from indi_sony_py.indi.messages import State
from indi_sony_py.indi.vectors import Accepted
from indi_sony_py.texts import Text

if TYPE_CHECKING:
    from indi_sony_py.driver.device import Device

__all__ = ["Framing"]

_FRAME, _BINNING, _RESET = "CCD_FRAME", "CCD_BINNING", "CCD_FRAME_RESET"
_FORMS = ("CCD_TRANSFER_FORMAT", "CCD_CAPTURE_FORMAT", "UPLOAD_MODE")
_SIDES = ("X", "Y", "WIDTH", "HEIGHT")


class Framing:
    """Of one device."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._board = device.board
        self._told: dict[Text, object] = {}

    # --- the client -------------------------------------------------------------------------------------------------

    def frame(self, new: Accepted) -> None:
        """CCD_FRAME: fractions of a pixel are cut off, as libindi does."""
        asked = [float(str(new.values[name])) for name in _SIDES]
        size = self._device.view.size
        if size is None:
            whole = not any(asked)
            if not whole:
                self._board.notice(texts.client.SIZE_UNKNOWN)
            self._board.tell(_FRAME, State.OK if whole else State.ALERT)
            return
        x, y, width, height = (int(value) for value in asked)
        part = snapped((x, y, width, height), size)
        if part is None:
            self._board.notice(
                texts.client.FRAME_OUTSIDE,
                x=asked[0], y=asked[1], width=asked[2], height=asked[3],
                full_width=size[0], full_height=size[1], least=LEAST_SIDE,
            )  # fmt: skip
            self._board.tell(_FRAME, State.ALERT)
            return
        self._take(part)

    def binning(self, new: Accepted) -> None:
        """CCD_BINNING: the same in both directions, 1 to 4."""
        if unfit := CCD_BINNING.unfit(new.values):
            self._board.say(texts.client.BINNING.level, unfit)
            self._board.tell(_BINNING, State.ALERT)
        else:
            self._board.tell(_BINNING, State.OK, new.values)

    def reset(self) -> None:
        """CCD_FRAME_RESET: single pixels, the whole image."""
        self._board.tell(_BINNING, State.OK, {"HOR_BIN": 1.0, "VER_BIN": 1.0})
        size = self._device.view.size or (0, 0)
        self._take((0, 0, *size))
        self._board.choose(_RESET, None, State.OK)

    def tell_idle_choices(self) -> None:
        """An exposure begins: choices that have no part in it are told of, once for each choice."""
        part, n = self._device.view.part, binning(self._device)
        wants_packed = self._board["CCD_COMPRESSION"].chosen() == "INDI_ENABLED"
        idle: dict[Text, object] = {}
        if as_it_is(self._device) and (part is not None or n > 1):
            idle[texts.frames.NATIVE_WHOLE] = (part, n)
        if wants_packed and not packs(self._device):
            idle[texts.frames.NOT_PACKABLE] = tuple(self._board[name].chosen() for name in _FORMS)
        for row, choice in idle.items():
            if self._told.get(row) != choice:
                self._board.notice(row)
        self._told = idle

    # --- the image --------------------------------------------------------------------------------------------------

    def size_changed(self) -> None:
        """The image turned out to have another size: a part that it does not hold is none any more."""
        view = self._device.view
        if view.part is not None and view.size is not None and not fits(view.part, view.size):
            self._device.view = replace(view, part=None)

    def _take(self, part: Part) -> None:
        whole = part == (0, 0, *(self._device.view.size or (0, 0)))
        self._device.view = replace(self._device.view, part=None if whole else part)
        values = {name: float(value) for name, value in zip(_SIDES, part, strict=True)}
        self._board.tell(_FRAME, State.OK, values)
