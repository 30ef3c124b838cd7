"""Which time a header calls the exposure, so that darks match and nothing is hidden. Pure.

EXPTIME is the time asked for (or the body's own speed, where the body timed it) while the truth lies within 2 % or
0.1 s of it; else the truth. The truth is the file's exposure time where the body timed it; in bulb it is the measured
time, unless the file contradicts it: a body whose dial stood elsewhere ends a "bulb" by itself. The measured and the
file's times have cards of their own in any case.
"""

from __future__ import annotations

from dataclasses import dataclass

from indi_sony_py import texts
from indi_sony_py.image.record import FrameRecord

__all__ = ["Exptime", "exptime", "near"]

_SHARE = 0.02
_SECONDS = 0.1

# Half of a third of a stop: two speeds that differ by more are two speeds on the dial.
_ANOTHER_SPEED = 0.12


@dataclass(frozen=True, slots=True)
class Exptime:
    """`value_s` for the card, `true_s` as far as it is known, `warning` where the two parted."""

    value_s: float
    true_s: float
    warning: str | None


def near(truth_s: float, asked_s: float) -> bool:
    """Whether `truth_s` is within 2 % or 0.1 s of `asked_s`."""
    return abs(truth_s - asked_s) <= max(_SHARE * asked_s, _SECONDS) + 1e-9


def exptime(record: FrameRecord, file_s: float | None) -> Exptime:
    """The exposure of a frame. `file_s` is the file's own exposure time in seconds, None where it has none."""
    bulb = record.shutter_mode != "timed"
    asked = record.requested_s if bulb or record.nominal_s is None else record.nominal_s
    truth = asked
    if bulb and record.measured_s is not None and (file_s is None or near(file_s, record.measured_s)):
        truth = record.measured_s
    elif file_s is not None:
        truth = file_s
    elif record.measured_s is not None:
        truth = record.measured_s
    if not near(truth, asked):
        itself = bulb and record.measured_s is not None and not near(truth, record.measured_s)
        row = texts.frames.ENDED_ITSELF if itself else texts.frames.OTHER_TIME
        return Exptime(truth, truth, row(asked=asked, true=truth))
    if not bulb and asked > 0 and not 1 / (1 + _ANOTHER_SPEED) <= truth / asked <= 1 + _ANOTHER_SPEED:
        return Exptime(asked, truth, texts.frames.OTHER_SPEED(asked=asked, true=truth))
    return Exptime(asked, truth, None)
