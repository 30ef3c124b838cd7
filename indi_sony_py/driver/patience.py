"""How long a connection is waited for, and when it is tried again. Pure; asks the given clock.

Rules kept here:

- Each step of an attempt has `CONNECT_S`, and is talked about when it lasts longer than `TELL_S`: what a slow computer
  needs for one is not taken from the next.
- A hand has `ATTACH_S` to say hello; whoever waits for it answers by then, and is awaited a little longer.
- A camera that is awaited is looked for each `LOOK_AGAIN_S`. Attempts that nothing but time gives a reason for come
  after ever longer pauses; the last pause goes on.
- A camera that is ready has `SETTINGS_S` for its settings.
- `MAX_HANDS` that end within `HANDS_WITHIN_S` are too many.
"""

from __future__ import annotations

from collections import deque

from indi_sony_py.clock import Clock

__all__ = ["AGAIN_S", "ATTACH_S", "CONNECT_S", "LOOK_AGAIN_S", "MAX_HANDS", "TELL_S", "Patience"]

CONNECT_S = 40.0
ATTACH_S = 40.0
"""A hand that ends is heard of at once; one that starts slowly (a busy small computer) is not given up, since another
one started beside it would be slower still."""
_ANSWER_S = 5.0
LOOK_AGAIN_S = 2.0
"""So often a camera that is awaited is looked for, beside what is heard of the bus."""
AGAIN_S = (5.0, 10.0, 20.0, 60.0)
"""Pauses between attempts that nothing but time gives a reason for; the last one goes on."""
SETTINGS_S = 3.0
TELL_S = 2.0
HANDS_WITHIN_S = 120.0
MAX_HANDS = 3


class Patience:
    """Of one connection. Times are monotonic, in seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.look_at = 0.0
        """When an awaited camera is looked for next."""
        self._tells = False
        self._limit_at = 0.0
        self._tell_at: float | None = None
        self._ready_at: float | None = None
        self._again_at = 0.0
        self._failures = 0
        self._hands: deque[float] = deque(maxlen=MAX_HANDS)

    # --- what happens -----------------------------------------------------------------------------------------------

    def renew(self) -> None:
        """A client wishes for the camera: nothing is held against what went before."""
        self._hands.clear()
        self._failures = 0

    def begin(self, tells: bool) -> None:
        """An attempt begins. `tells`: somebody wants to hear of it when it lasts."""
        self._tells = tells
        self._step(CONNECT_S)

    def attaching(self) -> None:
        """The hand is started, or found."""
        self._step(ATTACH_S + _ANSWER_S)

    def opening(self) -> None:
        """The hand is asked for the camera."""
        self._step(CONNECT_S)
        self._ready_at = None

    def ready(self) -> None:
        """The camera is; its settings may still come."""
        self._ready_at = self._clock.monotonic()

    def failed(self) -> None:
        """An attempt has failed: the pause before the next one is longer."""
        self._pause()
        self._failures += 1
        self.await_camera()

    def tried(self) -> None:
        """A lost camera is tried again, at its place."""
        self._pause()

    def forget_failures(self) -> None:
        """The camera is connected, or something changed that gives the next attempt a reason of its own."""
        self._failures = 0

    def await_camera(self) -> None:
        """It is looked for from now on."""
        self.look_at = self._clock.monotonic() + LOOK_AGAIN_S

    def hurry(self) -> None:
        """Now is as good a moment as any."""
        self._again_at = self._clock.monotonic()

    def hand_ended(self) -> bool:
        """One more has; whether these are too many."""
        now = self._clock.monotonic()
        self._hands.append(now)
        return len(self._hands) == MAX_HANDS and now - self._hands[0] < HANDS_WITHIN_S

    def told(self) -> None:
        """What is waited for was said."""
        self._tell_at = None

    # --- what is due ------------------------------------------------------------------------------------------------

    @property
    def pause_over(self) -> bool:
        return self._clock.monotonic() >= self._again_at

    @property
    def failing(self) -> bool:
        """Whether the last attempt failed."""
        return self._failures > 0

    def settings_late(self, now: float) -> bool:
        return self._ready_at is not None and now >= self._ready_at + SETTINGS_S

    def exhausted(self, now: float) -> bool:
        return now >= self._limit_at

    def tell_due(self, now: float) -> bool:
        return self._tell_at is not None and now >= self._tell_at

    @property
    def attempt_at(self) -> float:
        """When an attempt wants to be looked at next."""
        ready = self._ready_at + SETTINGS_S if self._ready_at is not None else None
        return min(at for at in (self._limit_at, self._tell_at, ready) if at is not None)

    def _step(self, limit_s: float) -> None:
        now = self._clock.monotonic()
        self._limit_at = now + limit_s
        self._tell_at = now + TELL_S if self._tells else None

    def _pause(self) -> None:
        self._again_at = self._clock.monotonic() + AGAIN_S[min(self._failures, len(AGAIN_S) - 1)]
