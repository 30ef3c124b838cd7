"""Whose image is it? The rules that keep an old frame from being taken for a new one. Pure.

- An image that was ready before its own exposure time (twice that, with noise reduction) could have passed since our
  press was begun before our press: it is not ours, whatever stands in it. Neither is one whose shutter had closed
  before that: 0xD215 was 0 after our press, and then told of an image being prepared too soon. And neither is one that
  waits at the very moment in which our bulb is closed.
- While an image is owed (an exposure whose image never came within its limit), the next RAW is ours only if the
  camera's clock in it fits our press, or its exposure time tells the two apart. Without certainty it is kept on disk
  and not delivered. What it says of the camera's clock, should it be the one or the other's, is remembered: the next
  image in doubt is decided by what fits both.
- Where the session was lost since the press, the camera may have lost the image, and somebody may have taken another.
  Where another photo came first since the press, the camera may have been busy with that and ignored the press. Then
  one that contradicts the press, by the camera's clock or by its exposure time, is nobody's.
- Else the first RAW that became ready after our press, from a memory that was empty at the press, is ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from indi_sony_py import texts
from indi_sony_py.engine.messages import ExposureRequest, Shot
from indi_sony_py.engine.moves import FileFacts, Image

__all__ = ["Evidence", "Verdict", "answers", "clock_offset", "judge", "owed_by"]

_SHORT = 0.97
_SLACK_S = 0.15
_ROUNDED_S = 1.0
"""A file may give the time of a bulb in whole seconds."""
_CLOCK_SLACK_S = 3.0
_READY_S = 0.1
"""Reading the sensor and writing the file take longer on every body (our estimate; most take about a second)."""
_NR_FROM_S = 1.0
_IN_DOUBT = texts.exposure.IN_DOUBT()


@dataclass(frozen=True, slots=True)
class Evidence:
    """When the RAW was first seen waiting, and when its shutter had closed at the latest (monotonic seconds)."""

    seen_at: float
    closed_by: float = math.inf


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ours`: the answer to the request. Else `owed` may be the place of the owed shot that it belongs to.

    `doubts`: not empty where nothing told: seconds that the camera's clock may be ahead of the monotonic one. `offset`:
    those that it is ahead, where two images in doubt told it together. `gone`: ours is not in the camera any more, for
    images come in the order of their presses, and this one's was later.
    """

    ours: bool
    why: str = ""
    owed: int | None = None
    doubts: tuple[float, ...] = ()
    offset: float | None = None
    gone: bool = False

    @property
    def in_doubt(self) -> bool:
        """Whether nothing told ours and an owed one apart."""
        return self.why == _IN_DOUBT


def answers(image: Image, request: ExposureRequest) -> bool:
    """Whether it is the kind of file that was asked for."""
    return image.is_jpeg if request.capture_format == "jpeg" else image.is_raw


def _too_soon(facts: FileFacts, evidence: Evidence, shot: Shot) -> bool:
    """Whether a photo with these facts must have been begun before the press."""
    if facts.exposure_s is None:
        return False
    slack = _SLACK_S if shot.nominal_s is not None else _SLACK_S + _ROUNDED_S
    closed = shot.pressed_at + facts.exposure_s * _SHORT - slack
    own_dark = facts.exposure_s * _SHORT if facts.long_exposure_nr and facts.exposure_s >= _NR_FROM_S else 0.0
    return evidence.closed_by < closed or evidence.seen_at < closed + own_dark


def _at_once(evidence: Evidence, shot: Shot) -> bool:
    """Whether it waited as soon as our bulb was closed: no body is so quick, so its shutter had closed before."""
    if shot.measured_s is None or shot.released_at is None:
        return False
    return shot.released_at <= evidence.seen_at < shot.released_at + _READY_S


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= max(0.1, 0.05 * max(one, other))


def clock_offset(facts: FileFacts, shot: Shot) -> float | None:
    """The camera's clock minus the monotonic one, learnt from an image that is certainly ours."""
    return None if facts.captured_s is None else facts.captured_s - shot.pressed_at


def judge(
    facts: FileFacts,
    evidence: Evidence,
    shot: Shot,
    debt: tuple[Shot, ...],
    offset: float | None,
    doubts: tuple[float, ...] = (),
    unsure: bool = False,
) -> Verdict:
    """Decide about a RAW that came while the image of `shot` is awaited; `doubts` are those of the last in doubt.

    `unsure`: the session was lost since the press, or another photo came first.
    """
    if _too_soon(facts, evidence, shot) or _at_once(evidence, shot):
        return Verdict(False, texts.exposure.TOO_EARLY(), _fits(facts, debt, offset))
    if unsure and _contradicts(facts, (shot,), offset):
        clock = facts.captured_s is not None and offset is not None
        why = texts.exposure.OTHER_CLOCK if clock else texts.exposure.OTHER_LENGTH
        owed = _fits(facts, debt, offset)
        return Verdict(False, why(), owed, gone=owed is None)
    if not debt:
        return Verdict(True)
    if facts.captured_s is not None and offset is not None:
        if abs(facts.captured_s - offset - shot.pressed_at) <= _CLOCK_SLACK_S:
            return Verdict(True)
        return Verdict(False, texts.exposure.OTHER_CLOCK(), _fits(facts, debt, offset))
    asked = _length(shot)
    if facts.exposure_s is not None and asked is not None and all(_length(other) is not None for other in debt):
        mine = _close(facts.exposure_s, asked)
        theirs = _fits(facts, debt, None)
        if mine and theirs is None:
            return Verdict(True)
        if not mine and theirs is not None:
            return Verdict(False, texts.exposure.OTHER_LENGTH(), theirs)
    if facts.captured_s is None:
        return Verdict(False, _IN_DOUBT, 0)
    clocks = tuple(facts.captured_s - other.pressed_at for other in (shot, *debt))
    fitting = tuple(one for one in clocks if any(abs(one - other) <= _CLOCK_SLACK_S for other in doubts))
    if len(fitting) == 1:
        return replace(judge(facts, evidence, shot, debt, fitting[0]), offset=fitting[0])
    return Verdict(False, _IN_DOUBT, 0, fitting or clocks)


def owed_by(facts: FileFacts, debt: tuple[Shot, ...], offset: float | None) -> int | None:
    """The place of the owed shot whose image came although none was awaited, the oldest if nothing tells; None for an
    image that is certainly none of theirs."""
    place = _fits(facts, debt, offset)
    return 0 if place is None and debt and not _contradicts(facts, debt, offset) else place


def _contradicts(facts: FileFacts, shots: tuple[Shot, ...], offset: float | None) -> bool:
    """Whether it is certainly the image of none of these."""
    if facts.captured_s is None or offset is None:
        lengths = [_length(shot) for shot in shots]
        if facts.exposure_s is None or None in lengths:
            return False
    return _fits(facts, shots, offset) is None


def _length(shot: Shot) -> float | None:
    """How long its shutter was open for certain; None for a bulb whose end nobody saw: any image may be its."""
    return shot.nominal_s if shot.nominal_s is not None else shot.measured_s


def _fits(facts: FileFacts, debt: tuple[Shot, ...], offset: float | None) -> int | None:
    for place, shot in enumerate(debt):
        if facts.captured_s is not None and offset is not None:
            if abs(facts.captured_s - offset - shot.pressed_at) <= _CLOCK_SLACK_S:
                return place
            continue
        asked = _length(shot)
        if facts.exposure_s is not None and asked is not None and _close(facts.exposure_s, asked):
            return place
    return None
