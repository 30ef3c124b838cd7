"""What a new face must be told: the state of camera and exposure, gathered from the reports that went by. Pure.

Rules kept here:

- The newest report wins; nothing is asked from the camera for it.
- An exposure is under way from the request until its image, its failure or its abort was reported.
"""

from __future__ import annotations

from dataclasses import replace

from indi_sony_py.engine.focusmessages import FocusReport
from indi_sony_py.engine.messages import (
    Aborted,
    CameraStatus,
    Collected,
    ExposureFailed,
    ExposureHeld,
    ExposureProgress,
    ExposureRequest,
    ExposureStarted,
    Observed,
    Report,
    Role,
    SettingsReport,
    Stage,
)
from indi_sony_py.hand.messages import ExposureView

__all__ = ["View"]


class View:
    """Owned by the hand's loop."""

    def __init__(self) -> None:
        self.status = CameraStatus("offline")
        self.settings: SettingsReport | None = None
        self.focus: FocusReport | None = None
        self.exposure: ExposureView | None = None
        self.held: ExposureRequest | None = None

    def known(self, leaving: bool) -> tuple[CameraStatus, tuple[SettingsReport | FocusReport, ...]]:
        """What a new face is told of the camera.

        `leaving`: the session of the last face ends, or will, so it is no answer to this one's wish; but for an
        exposure's sake it goes on.
        """
        if leaving and self.exposure is None and self.held is None:
            return CameraStatus("offline"), ()
        return self.status, tuple(report for report in (self.settings, self.focus) if report is not None)

    def asked(self, request: ExposureRequest) -> None:
        """A request goes to the worker. While another one runs, it is the held one."""
        if self.exposure is None:
            self.exposure = ExposureView(request, Stage.PREPARING)
        else:
            self.held = request

    def observed(self, item: Observed) -> None:
        """What other devices know by now; an exposure whose shutter opened keeps what was known then."""
        if self.held is not None and self.held.id == item.id:
            self.held = replace(self.held, observatory=item.observatory)
        elif self.exposure is not None and self.exposure.request.id == item.id and not self.exposure.started_at:
            request = replace(self.exposure.request, observatory=item.observatory)
            self.exposure = replace(self.exposure, request=request)

    def saw(self, report: Report, now: float) -> None:
        """Take a report of the worker; `now` is the monotonic time."""
        match report:
            case CameraStatus():
                self.status = report
            case SettingsReport():
                self.settings = report
            case FocusReport():
                self.focus = report
            case ExposureHeld(id=known):
                self._hold(known)
            case ExposureProgress(id=known, stage=stage, limit_s=limit):
                self._promote(known)
                if self.exposure is not None and self.exposure.request.id == known:
                    limit_at = now + limit if limit else self.exposure.limit_at
                    self.exposure = replace(self.exposure, stage=stage, limit_at=limit_at)
            case ExposureStarted(id=known):
                self._promote(known)
                if self.exposure is not None and self.exposure.request.id == known:
                    self.exposure = replace(
                        self.exposure,
                        stage=Stage.OPEN,
                        started_at=report.started_at,
                        duration_s=report.duration_s,
                        started_utc=report.started_utc,
                    )
            case ExposureFailed(id=known) | Aborted(id=known):
                self._over(known)
            case Collected(role=Role.FRAME | Role.KEPT | Role.DROPPED, shot=shot) if shot is not None:
                self._over(shot.request.id)
            case _:
                pass

    def _hold(self, known: int) -> None:
        if self.exposure is not None and self.exposure.request.id == known and self.held is None:
            self.held, self.exposure = self.exposure.request, None

    def _promote(self, known: int) -> None:
        if self.held is not None and self.held.id == known:
            self.exposure, self.held = ExposureView(self.held, Stage.PREPARING), None

    def _over(self, known: int) -> None:
        if self.exposure is not None and self.exposure.request.id == known:
            self.exposure = None
        if self.held is not None and self.held.id == known:
            self.held = None
