"""The exposure whose image is owed: by the camera to this hand, or to an earlier one that died (I/O: the marker's).

Rules kept here:

- A marker on disk stands from before an exposure is handed to the worker until its image is here, or none can come.
  An exposure that was held meanwhile has it next, at the latest when the worker begins with it.
- What an earlier hand left is claimed from the camera: a shutter that had opened is waited for.
- A camera that was plugged in at another place owes here what it owed there.
- A marker that cannot be written is logged and nothing more: an exposure is not refused for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from indi_sony_py.clock import Clock
from indi_sony_py.engine.messages import Connect, ExposureRequest, ExposureStarted
from indi_sony_py.hand.marker import Mark, Marker, boot_id
from indi_sony_py.hand.view import View

__all__ = ["Owed"]

_log = logging.getLogger(__name__)


class Owed:
    """Owned by the hand's loop. `view` is what the worker has reported, told of a report before this is.

    `force_200`: the protocol that the face wishes for at the moment.
    """

    def __init__(self, marker: Marker, view: View, clock: Clock, force_200: Callable[[], bool]) -> None:
        self._marker = marker
        self._view = view
        self._clock = clock
        self._force_200 = force_200
        self._boot = boot_id()
        self._mark = marker.read()

    # --- what an earlier hand left ----------------------------------------------------------------------------------

    def from_earlier(self, spooled: Callable[[int], bool]) -> Connect | None:
        """The claim of an earlier hand that ended with an exposure under way: release, wait for what is owed, drain.

        `spooled` tells whether that hand had the frame of an exposure already.
        """
        if self._mark is None:
            return None
        if spooled(self._mark.request.id):
            self._mark = replace(self._mark, mode=None)
        _log.warning("an earlier hand did not finish: %s", self._mark)
        return self._claim(self._mark, self._mark.force_200, "leave")

    def take_over(self, serial: str, setup: str) -> Connect | None:
        """The claim of a camera that was at another place when its connection went: what it owes is waited for here."""
        mark = self._marker.take_over(serial) if self._mark is None or self._mark.mode is None else None
        if mark is None:
            return None
        _log.info("the exposure of %s was begun at another place", mark.pressed_utc)
        self._note(mark)
        return self._claim(mark, self._force_200(), setup)

    def _claim(self, mark: Mark, force_200: bool, setup: str) -> Connect:
        return Connect(force_200, mark.owed(self._boot, self._clock.monotonic()), mark.by, setup)

    # --- the exposures of this hand ---------------------------------------------------------------------------------

    def asked(self, request: ExposureRequest) -> None:
        """A request goes to the worker next; one whose shutter is open keeps the marker meanwhile."""
        if self._mark is None or self._mark.mode is None:
            self._note(self._mark_of(request))

    def began(self, exposure_id: int) -> None:
        """The worker prepares it: an earlier one is over, also one whose end nobody told."""
        exposure, mark = self._view.exposure, self._mark
        other = mark is not None and mark.request.id != exposure_id
        if other and exposure is not None and exposure.request.id == exposure_id:
            self._note(self._mark_of(exposure.request))

    def opened(self, report: ExposureStarted) -> None:
        exposure = self._view.exposure
        if exposure is not None and exposure.request.id == report.id:
            mark = self._mark_of(exposure.request)
            at, utc, length = report.started_at, report.started_utc, report.duration_s
            self._note(replace(mark, mode=report.mode, pressed_at=at, pressed_utc=utc, duration_s=length))

    def collected(self, exposure_id: int) -> None:
        """Nothing is owed any more for this exposure, or none is awaited; one that was held meanwhile comes next.

        Were its marker left until the next press is told of, a hand that dies in between would owe the new image to it.
        """
        if self._mark is not None and self._mark.request.id == exposure_id:
            following = self._view.exposure.request if self._view.exposure is not None else self._view.held
            if following is not None and following.id != exposure_id:
                self._note(self._mark_of(following))
            else:
                self.forget()

    def came_to_nothing(self, exposure_id: int) -> None:
        """It failed or was aborted: once its shutter has opened the image is awaited all the same."""
        if self._mark is not None and self._mark.mode is None:
            self.collected(exposure_id)

    def ready(self) -> None:
        """The camera is, and its buttons are released: a shutter that never opened owes nothing."""
        if self._mark is not None and self._mark.mode is None and self._view.exposure is None:
            self.forget()

    def left_s(self) -> float:
        """What the exposure under way may still take: its rest and the same again (the body's own dark frame)."""
        now, exposure, mark = self._clock.monotonic(), self._view.exposure, self._mark
        rest = again = 0.0
        if exposure is not None:
            rest, again = exposure.left_s(now), exposure.duration_s or exposure.request.duration_s
        elif mark is not None and mark.mode is not None:
            again = mark.duration_s
            rest = min(again, max(0.0, mark.pressed_at + again - now))
        return rest + again

    def forget(self) -> None:
        """Nothing is owed."""
        self._mark = None
        self._marker.remove()

    def _mark_of(self, request: ExposureRequest) -> Mark:
        return Mark(request, self._force_200(), self._boot, by=self._view.status.identity)

    def _note(self, mark: Mark) -> None:
        self._mark = mark
        try:
            self._marker.write(mark)
        except OSError as error:
            _log.error("the marker of an open shutter cannot be written: %s", error)
