"""What stands around the camera, for one device: other devices, the telescope, the client's cards.

- What other devices say reaches the exposure as long as its shutter has not opened: the header tells how things stood
  when the light came in, also for a request that was held. The client's cards hold as they were at the request.
- The client's focal length and aperture (SCOPE_INFO) beat the mount's.
- One thread, the main loop of the face, calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from indi_sony_py import texts
from indi_sony_py.driver.keywords import Card, Keywords
from indi_sony_py.driver.snoop import Role, Snoop
from indi_sony_py.indi.messages import DefVector, DelProperty, SetVector, State
from indi_sony_py.observatory import Observatory

if TYPE_CHECKING:
    from indi_sony_py.driver.board import Board
    from indi_sony_py.driver.row import Row
    from indi_sony_py.indi.vectors import Accepted

__all__ = ["Surroundings"]


class Surroundings:
    """`out` takes elements for the server; `changed` is told when other devices know something new."""

    def __init__(self, board: Board, out: Callable[[bytes], None], changed: Callable[[Observatory], None]) -> None:
        self._board = board
        self._out = out
        self._changed = changed
        self._snoop = Snoop()
        self._keywords = Keywords()
        self._rotation_deg: float | None = None
        self._told_focal = False
        self._snooping = False
        self._lens_stands: float | None = None

    @property
    def cards(self) -> tuple[Card, ...]:
        """The client's own."""
        return self._keywords.cards

    def observatory(self) -> Observatory:
        """All that is known now."""
        known = self._snoop.observatory()
        scope = self._board["SCOPE_INFO"]
        return replace(
            known,
            focal_mm=scope.number("FOCAL_LENGTH") or known.focal_mm,
            aperture_mm=scope.number("APERTURE") or known.aperture_mm,
            fov_rotation_deg=self._rotation_deg,
            focus_position=self._lens_stands if known.focus_position is None else known.focus_position,
        )

    def focus_stands(self, place: float | None) -> None:
        """Where the camera's own lens stands, in its steps; it counts where no other focuser is heard of."""
        stands = None if place is None else float(round(place))
        if stands != self._lens_stands:
            self._lens_stands = stands
            self._changed(self.observatory())

    def check(self, frame_type: str) -> None:
        """Before an exposure: what a plate solver would miss is said, once."""
        known = self.observatory()
        wanted = known.ra_h is not None or known.fov_rotation_deg is not None
        named = any(keyword == "FOCALLEN" for keyword, _, _ in self.cards)
        if frame_type == "Light" and wanted and not (known.focal_mm or named or self._told_focal):
            self._told_focal = True
            self._board.notice(texts.observatory.NO_FOCAL_LENGTH)

    # --- the client -------------------------------------------------------------------------------------------------

    def write(self, row: Row, new: Accepted) -> bool:
        """Whether the vector's values have changed."""
        before = dict(self._board[row.name].values)
        match row.name:
            case "FITS_HEADER":
                return self._header(new)
            case "WCS_CONTROL":
                self._wcs(new.values["WCS_ENABLE"] is True)
            case "CCD_ROTATION":
                self._rotation_deg = float(str(new.values["CCD_ROTATION_VALUE"]))
            case _:
                pass
        self._board.commit(row.name, new.values)
        if row.name == "ACTIVE_DEVICES":
            self._name_all()
        self._board.tell(row.name, State.OK)
        self._changed(self.observatory())
        return before != dict(self._board[row.name].values)

    def _header(self, new: Accepted) -> bool:
        values = {name: str(value) for name, value in new.values.items()}
        refused = self._keywords.write(values, new.named)
        if refused:
            self._board.say(texts.observatory.KEYWORD_BAD.level, refused)
        self._board.tell("FITS_HEADER", State.ALERT if refused else State.OK, self._keywords.shown())
        return not refused

    def _wcs(self, on: bool) -> None:
        self._board.notice(texts.observatory.WCS_ON if on else texts.observatory.WCS_OFF)
        if on:
            self._board.show("CCD_ROTATION")
        else:
            self._board.hide("CCD_ROTATION")
            self._rotation_deg = None

    def camera_ready(self) -> None:
        """The vectors of the camera were defined."""
        self._told_focal = False
        if self._board["WCS_CONTROL"].chosen() == "WCS_ENABLE":
            self._board.show("CCD_ROTATION")

    # --- other devices ----------------------------------------------------------------------------------------------

    def hear(self, said: DefVector | SetVector | DelProperty, now: float) -> None:
        """Word from a device that is none of ours."""
        if isinstance(said, DelProperty):
            changed = self._snoop.gone(said)
        else:
            changed, asked = self._snoop.hear(said, now)
            self._ask(asked)
        if changed:
            self._changed(self.observatory())

    def tick(self, now: float, camera_there: bool) -> None:
        """`camera_there`: somebody may want a frame soon; else other devices are left in peace."""
        if not self._snooping:
            self._snooping = True
            self._name_all()
        if not camera_there:
            return
        asked, lost = self._snoop.tick(now)
        self._ask(asked)
        for name in lost:
            self._board.notice(texts.observatory.SILENT, device=name)
        if lost:
            self._changed(self.observatory())

    def wake_at(self, camera_there: bool) -> float | None:
        return self._snoop.wake_at() if camera_there else None

    def _name_all(self) -> None:
        for role in Role:
            self._ask(self._snoop.name(role, self._board["ACTIVE_DEVICES"].text(role.value).strip()))

    def _ask(self, asked: list[bytes]) -> None:
        for element in asked:
            self._out(element)
