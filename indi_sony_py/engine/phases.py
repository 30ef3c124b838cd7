"""THE TABLE: the phases of a camera's life, and which input may lead from which phase to which.

Rules that the machine in `capture` keeps by this table:

- Every phase takes every request; a result is taken only where the action that it answers can be under way.
- A move that the table does not name is `RuleBroken`: a bug of ours, never silently accepted.
- `COMMITTED` are the phases after the full press: from there an image that exists ends in the client's hands or in a
  file whose path was announced, whatever happens.

The phases in their order:

    OFFLINE     no session; opened again while a connection is wished for
    OPENING     the handshake runs
    WARMING     buttons are released, then three seconds of reading settings
    IDLE        ready; settings are polled
    DRAINING    images that wait are fetched until the camera's memory is empty
    ADJUSTING   settings are brought to what must hold, and read back
    FOCUSING    half press; with auto-focus on, its result is awaited
    EXPOSING    full press: the shutter is open, or the button still down
    AWAITING    the shutter is closed, the image is being prepared
    COLLECTING  the images of this exposure are fetched
    CLOSING     the session is closed
"""

from __future__ import annotations

from enum import Enum, auto

__all__ = ["COMMITTED", "LEGAL", "InputKind", "Phase"]


class Phase(Enum):
    OFFLINE = auto()
    OPENING = auto()
    WARMING = auto()
    IDLE = auto()
    DRAINING = auto()
    ADJUSTING = auto()
    FOCUSING = auto()
    EXPOSING = auto()
    AWAITING = auto()
    COLLECTING = auto()
    CLOSING = auto()


class InputKind(Enum):
    """Requests from outside, results of actions, and time."""

    CONNECT = auto()
    DISCONNECT = auto()
    EXPOSE = auto()
    ABORT = auto()
    CHANGE = auto()
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
    FAILED = auto()


COMMITTED = frozenset({Phase.EXPOSING, Phase.AWAITING, Phase.COLLECTING})

_P = Phase
_K = InputKind

_ASKED = (_K.CONNECT, _K.DISCONNECT, _K.EXPOSE, _K.ABORT, _K.CHANGE, _K.LEAVE, _K.STAY, _K.TICK, _K.HINT)

# What a request or the passing of time may lead to. While an action is under way they only leave a mark.
_BY_ASKING: dict[Phase, frozenset[Phase]] = {
    _P.OFFLINE: frozenset({_P.OFFLINE, _P.OPENING}),
    _P.OPENING: frozenset({_P.OPENING}),
    _P.WARMING: frozenset({_P.WARMING, _P.IDLE, _P.AWAITING, _P.CLOSING}),
    _P.IDLE: frozenset({_P.IDLE, _P.DRAINING, _P.ADJUSTING, _P.CLOSING}),
    _P.DRAINING: frozenset({_P.DRAINING, _P.IDLE, _P.CLOSING}),
    _P.ADJUSTING: frozenset({_P.ADJUSTING, _P.IDLE, _P.CLOSING}),
    _P.FOCUSING: frozenset({_P.FOCUSING}),
    _P.EXPOSING: frozenset({_P.EXPOSING, _P.AWAITING}),
    _P.AWAITING: frozenset({_P.AWAITING, _P.IDLE, _P.CLOSING}),
    _P.COLLECTING: frozenset({_P.COLLECTING, _P.IDLE, _P.CLOSING}),
    _P.CLOSING: frozenset({_P.CLOSING}),
}

_RESULTS: dict[tuple[Phase, InputKind], frozenset[Phase]] = {
    (_P.OPENING, _K.OPENED): frozenset({_P.WARMING}),
    (_P.OPENING, _K.FAILED): frozenset({_P.OFFLINE}),
    (_P.CLOSING, _K.CLOSED): frozenset({_P.OFFLINE, _P.OPENING}),
    (_P.CLOSING, _K.FAILED): frozenset({_P.OFFLINE, _P.OPENING}),
    (_P.WARMING, _K.MOVED): frozenset({_P.WARMING}),
    (_P.WARMING, _K.SETTINGS): frozenset({_P.WARMING, _P.IDLE, _P.AWAITING, _P.CLOSING, _P.DRAINING, _P.ADJUSTING}),
    (_P.IDLE, _K.SETTINGS): frozenset({_P.IDLE, _P.DRAINING, _P.ADJUSTING, _P.CLOSING}),
    (_P.DRAINING, _K.SETTINGS): frozenset({_P.DRAINING, _P.ADJUSTING, _P.FOCUSING, _P.IDLE, _P.CLOSING}),
    (_P.DRAINING, _K.IMAGE): frozenset({_P.DRAINING, _P.IDLE}),
    (_P.DRAINING, _K.EMPTY): frozenset({_P.DRAINING, _P.IDLE}),
    (_P.ADJUSTING, _K.SETTINGS): frozenset({_P.ADJUSTING, _P.FOCUSING, _P.DRAINING, _P.IDLE, _P.CLOSING}),
    (_P.ADJUSTING, _K.WROTE): frozenset({_P.ADJUSTING, _P.IDLE, _P.CLOSING}),
    (_P.FOCUSING, _K.SETTINGS): frozenset({_P.FOCUSING, _P.DRAINING, _P.ADJUSTING, _P.IDLE, _P.CLOSING}),
    (_P.FOCUSING, _K.MOVED): frozenset({_P.FOCUSING, _P.EXPOSING, _P.IDLE, _P.CLOSING, _P.ADJUSTING, _P.DRAINING}),
    (_P.EXPOSING, _K.MOVED): frozenset({_P.EXPOSING, _P.AWAITING}),
    (_P.EXPOSING, _K.SETTINGS): frozenset({_P.EXPOSING, _P.AWAITING}),
    (_P.EXPOSING, _K.IMAGE): frozenset({_P.EXPOSING, _P.AWAITING, _P.COLLECTING}),
    (_P.EXPOSING, _K.EMPTY): frozenset({_P.EXPOSING, _P.AWAITING}),
    (_P.AWAITING, _K.SETTINGS): frozenset({_P.AWAITING, _P.COLLECTING, _P.IDLE, _P.DRAINING, _P.ADJUSTING, _P.CLOSING}),
    (_P.AWAITING, _K.MOVED): frozenset({_P.AWAITING, _P.IDLE, _P.CLOSING}),
    (_P.COLLECTING, _K.IMAGE): frozenset({_P.COLLECTING, _P.AWAITING, _P.IDLE}),
    (_P.COLLECTING, _K.EMPTY): frozenset({_P.COLLECTING, _P.AWAITING, _P.IDLE}),
    (_P.COLLECTING, _K.SETTINGS): frozenset(
        {_P.COLLECTING, _P.AWAITING, _P.IDLE, _P.DRAINING, _P.ADJUSTING, _P.CLOSING}
    ),
}

# A failed action loses the session, or is tried again, or ends the exposure that had not begun.
_BY_FAILING: dict[Phase, frozenset[Phase]] = {
    _P.WARMING: frozenset({_P.WARMING, _P.OFFLINE, _P.IDLE, _P.AWAITING, _P.CLOSING}),
    _P.IDLE: frozenset({_P.IDLE, _P.OFFLINE, _P.DRAINING, _P.ADJUSTING, _P.CLOSING}),
    _P.DRAINING: frozenset({_P.DRAINING, _P.IDLE, _P.OFFLINE, _P.CLOSING}),
    _P.ADJUSTING: frozenset({_P.ADJUSTING, _P.IDLE, _P.OFFLINE, _P.CLOSING}),
    _P.FOCUSING: frozenset({_P.FOCUSING, _P.EXPOSING, _P.IDLE, _P.OFFLINE, _P.CLOSING}),
    _P.EXPOSING: frozenset({_P.EXPOSING, _P.AWAITING, _P.OFFLINE}),
    _P.AWAITING: frozenset({_P.AWAITING, _P.IDLE, _P.OFFLINE, _P.CLOSING}),
    _P.COLLECTING: frozenset({_P.COLLECTING, _P.AWAITING, _P.IDLE, _P.OFFLINE, _P.CLOSING}),
}

LEGAL: dict[tuple[Phase, InputKind], frozenset[Phase]] = {
    **{(phase, kind): targets for phase, targets in _BY_ASKING.items() for kind in _ASKED},
    **_RESULTS,
    **{(phase, InputKind.FAILED): targets for phase, targets in _BY_FAILING.items()},
}
"""(phase, input) → phases that may follow. A pair that is not here cannot come."""
