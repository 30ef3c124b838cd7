"""THE TABLE: the phases of a camera's life, and which input may lead from which phase to which.

Rules that the machine in `capture` keeps by this table:

- Every phase takes every request; a result is taken only where the action that it answers can be under way (`ACCEPTS`).
- A step from phase to phase that `NEXT` does not name is `RuleBroken`: a bug of ours, never silently accepted.
- `COMMITTED` are the phases after the full press: from there an image that exists ends in the client's hands or in a
  file whose path was announced, whatever happens.

The phases in their order:

    OFFLINE     no session; opened again while a connection is wished for
    OPENING     the handshake runs
    WARMING     buttons are released, then three seconds of reading settings
    IDLE        ready; settings are polled
    VIEWING     live view: frame after frame, until anything else is wanted
    DRAINING    images that wait are fetched until the camera's memory is empty
    ADJUSTING   settings are brought to what must hold, and read back
    MOVING      the lens is moved, step by step
    FOCUSING    half press; with auto-focus on, its result is awaited
    EXPOSING    full press: the shutter is open, or the button still down
    AWAITING    the shutter is closed, the image is being prepared
    COLLECTING  the images of this exposure are fetched
    CLOSING     the session is closed
"""

from __future__ import annotations

from enum import Enum, auto

__all__ = ["ACCEPTS", "COMMITTED", "NEXT", "RESULTS", "InputKind", "Phase"]


class Phase(Enum):
    __hash__ = object.__hash__  # members are single: the usual hash of a name costs every input some look-ups

    OFFLINE = auto()
    OPENING = auto()
    WARMING = auto()
    IDLE = auto()
    VIEWING = auto()
    DRAINING = auto()
    ADJUSTING = auto()
    MOVING = auto()
    FOCUSING = auto()
    EXPOSING = auto()
    AWAITING = auto()
    COLLECTING = auto()
    CLOSING = auto()


class InputKind(Enum):
    """Requests from outside, results of actions, and time."""

    __hash__ = object.__hash__

    CONNECT = auto()
    DISCONNECT = auto()
    EXPOSE = auto()
    OBSERVED = auto()
    ABORT = auto()
    CHANGE = auto()
    MOVE_FOCUS = auto()
    STOP_FOCUS = auto()
    USE_LENS = auto()
    LIVE_VIEW = auto()
    LEAVE = auto()
    STAY = auto()
    TICK = auto()
    HINT = auto()
    OPENED = auto()
    CLOSED = auto()
    SETTINGS = auto()
    WROTE = auto()
    MOVED = auto()
    IMAGE = auto()
    EMPTY = auto()
    VIEWED = auto()
    FAILED = auto()


COMMITTED = frozenset({Phase.EXPOSING, Phase.AWAITING, Phase.COLLECTING})

RESULTS = frozenset(
    {
        InputKind.OPENED,
        InputKind.CLOSED,
        InputKind.SETTINGS,
        InputKind.WROTE,
        InputKind.MOVED,
        InputKind.IMAGE,
        InputKind.EMPTY,
        InputKind.VIEWED,
        InputKind.FAILED,
    }
)
"""Inputs that answer an action; all others may come at any time."""

_P = Phase
_K = InputKind

NEXT: dict[Phase, frozenset[Phase]] = {
    _P.OFFLINE: frozenset({_P.OPENING}),
    _P.OPENING: frozenset({_P.WARMING, _P.OFFLINE}),
    _P.WARMING: frozenset({_P.IDLE, _P.AWAITING, _P.OFFLINE}),
    _P.IDLE: frozenset({_P.WARMING, _P.VIEWING, _P.DRAINING, _P.ADJUSTING, _P.MOVING, _P.CLOSING, _P.OFFLINE}),
    _P.VIEWING: frozenset({_P.IDLE, _P.OFFLINE}),
    _P.DRAINING: frozenset({_P.ADJUSTING, _P.IDLE, _P.OFFLINE}),
    _P.ADJUSTING: frozenset({_P.FOCUSING, _P.DRAINING, _P.IDLE, _P.OFFLINE}),
    _P.MOVING: frozenset({_P.IDLE, _P.OFFLINE}),
    _P.FOCUSING: frozenset({_P.EXPOSING, _P.ADJUSTING, _P.IDLE, _P.OFFLINE}),
    _P.EXPOSING: frozenset({_P.AWAITING, _P.OFFLINE}),
    _P.AWAITING: frozenset({_P.COLLECTING, _P.IDLE, _P.OFFLINE}),
    _P.COLLECTING: frozenset({_P.AWAITING, _P.IDLE, _P.OFFLINE}),
    _P.CLOSING: frozenset({_P.OFFLINE}),
}
"""Phase → phases that may follow it directly. One input may lead through several, each step by this table."""

_REQUESTS = frozenset(InputKind) - RESULTS

_ANSWERED: dict[Phase, frozenset[InputKind]] = {
    _P.OFFLINE: frozenset(),
    _P.OPENING: frozenset({_K.OPENED, _K.FAILED}),
    _P.WARMING: frozenset({_K.MOVED, _K.SETTINGS, _K.FAILED}),
    _P.IDLE: frozenset({_K.SETTINGS, _K.FAILED}),
    _P.VIEWING: frozenset({_K.VIEWED, _K.SETTINGS, _K.FAILED}),
    _P.DRAINING: frozenset({_K.SETTINGS, _K.IMAGE, _K.EMPTY, _K.FAILED}),
    _P.ADJUSTING: frozenset({_K.SETTINGS, _K.WROTE, _K.FAILED}),
    _P.MOVING: frozenset({_K.SETTINGS, _K.WROTE, _K.FAILED}),
    _P.FOCUSING: frozenset({_K.SETTINGS, _K.MOVED, _K.FAILED}),
    _P.EXPOSING: frozenset({_K.MOVED, _K.SETTINGS, _K.IMAGE, _K.EMPTY, _K.FAILED}),
    _P.AWAITING: frozenset({_K.SETTINGS, _K.FAILED}),
    _P.COLLECTING: frozenset({_K.IMAGE, _K.EMPTY, _K.SETTINGS, _K.FAILED}),
    _P.CLOSING: frozenset({_K.CLOSED, _K.FAILED}),
}

ACCEPTS: dict[Phase, frozenset[InputKind]] = {phase: _REQUESTS | _ANSWERED[phase] for phase in Phase}
"""Phase → inputs that can come in it. Anything else is `RuleBroken`."""
