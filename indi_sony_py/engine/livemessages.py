"""Requests and reports about live view: what crosses threads and processes of it. Frozen, plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["LiveFrame", "LiveState", "LiveView", "LiveViewStatus"]


class LiveState(Enum):
    """Where live view stands. PAUSED: something else has the camera; it goes on by itself."""

    OFF = "off"
    STARTING = "starting"
    ON = "on"
    PAUSED = "paused"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class LiveView:
    """Whether live view is wished for: beside exposures, until it is taken back or the camera is disconnected."""

    on: bool


@dataclass(frozen=True, slots=True)
class LiveViewStatus:
    """Live view changed its state; `text` is for the user, "" if there is nothing to say."""

    state: LiveState
    text: str = ""


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """One frame of live view: a JPEG of (width, height) pixels. `number` counts the frames of a worker's life from 1,
    `at` is when it was asked for, in monotonic seconds; `magnifier` what 0xD254 read then (`sony.magnifier`), 0 where
    it is not listed. Goes to the hand, which gives the newest one on.
    """

    number: int
    jpeg: bytes
    width: int
    height: int
    at: float
    magnifier: int = 0
