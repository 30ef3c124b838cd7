"""What the record of a night is told: each message that passes between face and hand, in the few words that matter.

Rules kept here:

- It only listens. Whatever fails here is logged and fails here alone: no frame and no message waits for it.
- What belongs to a frame comes from its request, as it was frozen, and from its file.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TypeVar

from indi_sony_py.clock import Clock
from indi_sony_py.engine.messages import (
    Aborted,
    CameraStatus,
    Expose,
    ExposureFailed,
    ExposureRequest,
    ExposureStarted,
    Level,
    Notice,
    Observed,
    SettingsReport,
)
from indi_sony_py.hand.messages import Delivered, FrameReady, FrameSaved, Looked, Message
from indi_sony_py.hand.nights import Nights
from indi_sony_py.image.record import FileFacts

__all__ = ["Diary"]

Kept = TypeVar("Kept")

_MOST = 32
_log = logging.getLogger(__name__)


class Diary:
    """Of one camera. One thread, the hand's loop, calls it."""

    def __init__(self, clock: Clock, nights: Nights) -> None:
        self._clock = clock
        self._nights = nights
        self._requests: dict[int, ExposureRequest] = {}
        self._offered: dict[int, int] = {}
        self._battery: int | None = None
        self._status = ("", "")

    def overheard(self, message: Message) -> None:
        """A message in either direction, whether it was heard or not."""
        try:
            told = self._told(message)
            if told is not None:
                self._nights.write(self._clock.utc(), *told)
        except Exception:
            _log.warning("the record of the night fails", exc_info=True)

    def _told(self, message: Message) -> tuple[str, Mapping[str, object]] | None:
        match message:
            case Expose(request):
                _keep(self._requests, request.id, request)
            case Observed(number, observatory) if number in self._requests:
                self._requests[number] = replace(self._requests[number], observatory=observatory)
            case ExposureStarted():
                return "opened", self._opened(message)
            case FrameReady():
                _keep(self._offered, message.frame_id, message.exposure_id)
                return "frame", self._frame(message.exposure_id, message.facts) | {
                    "form": message.format, "bytes": message.length, "warnings": list(message.warnings) or None,
                }  # fmt: skip
            case FrameSaved():
                return "file", self._frame(message.exposure_id, message.facts) | {
                    "path": message.path, "role": message.role.value, "text": message.text,
                    "rescued": message.rescued or None,
                }  # fmt: skip
            case Delivered(frame_id) if frame_id in self._offered:
                return "delivered", {"exposure": self._offered.pop(frame_id)}
            case ExposureFailed(number, text):
                return "failed", {"exposure": number, "text": text}
            case Aborted(number, text) if number:
                return "aborted", {"exposure": number, "text": text}
            case Notice(level, text) if level is not Level.INFO:
                return "told", {"level": level.value, "text": text}
            case CameraStatus() if (message.state, message.text) != self._status:
                self._status = (message.state, message.text)
                return "camera", {"state": message.state, "text": message.text, "failed": message.failed or None,
                                  "model": message.identity.model}  # fmt: skip
            case SettingsReport() if (now := _battery(message)) not in (None, self._battery):
                self._battery = now
                return "battery", {"percent": now}
            case Looked():
                told = asdict(message)
                return "looked", {"exposure": told.pop("exposure_id")} | told
            case _:
                pass
        return None

    def _opened(self, message: ExposureStarted) -> dict[str, object]:
        told: dict[str, object] = {
            "exposure": message.id, "seconds": round(message.duration_s, 4), "mode": message.mode.value,
            "utc": message.started_utc,
        }  # fmt: skip
        request = self._requests.get(message.id)
        if request is not None:
            seen = request.observatory
            told |= {
                "device": request.device, "type": request.frame_type, "asked": request.duration_s,
                "upload": request.upload, "filter": seen.filter_name, "focus": seen.focus_position,
                "outside_c": seen.focus_temperature_c, "mpsas": seen.sky_mpsas,
                "object": next((value for name, value, _ in request.cards if name == "OBJECT"), None),
            }  # fmt: skip
        return told

    @staticmethod
    def _frame(exposure_id: int | None, facts: FileFacts | None) -> dict[str, object]:
        told: dict[str, object] = {"exposure": exposure_id}
        if facts is not None:
            told |= {
                "iso": facts.iso, "exposed": facts.exposure_s, "camera_c": facts.camera_temperature_c,
                "battery": facts.battery_percent, "raw": facts.raw_type,
            }  # fmt: skip
        return told


def _battery(report: SettingsReport) -> int | None:
    found = report.get("battery")
    return None if found is None else found.value


def _keep(table: dict[int, Kept], number: int, value: Kept) -> None:
    table[number] = value
    while len(table) > _MOST:
        del table[next(iter(table))]
