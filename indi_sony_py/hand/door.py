"""The hand's door: who may be its face, and what the face says (works on connections that it is given, opens none).

Rules kept here:

- One face at a time. Whoever connects has `HELLO_S` to say Hello; a second face, another version, or anybody while the
  hand is ending, gets a reason, the time until this hand is gone (where there is one), and the end.
- What the old face said, and its end, are taken before a new face is let in.
- Sending never fails here: a face that is lost is noticed with the next `poll`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from indi_sony_py import texts
from indi_sony_py.clock import Clock
from indi_sony_py.errors import FaceLost
from indi_sony_py.hand.messages import VERSION, Goodbye, Hello, Message, Refused
from indi_sony_py.hand.pair import Connection, Parcel

__all__ = ["HELLO_S", "MAX_GUESTS", "Came", "Door", "Said", "Went"]

HELLO_S = 5.0
MAX_GUESTS = 4
_MOST = 10000


@dataclass(frozen=True, slots=True)
class Came:
    """A face was let in; nothing was sent to it yet."""

    pid: int


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the face."""

    message: Message


@dataclass(frozen=True, slots=True)
class Went:
    """The face is gone."""

    why: str


class Door:
    """Owned by the hand's loop. `left_s`: seconds until the hand is gone at the latest, None while it stays.

    `overheard` is told of every message of a face, and of every one for it, whether there is one or not.
    """

    def __init__(
        self,
        clock: Clock,
        left_s: Callable[[], float | None] = lambda: None,
        overheard: Callable[[Message], None] = lambda message: None,
    ) -> None:
        self._clock = clock
        self._left_s = left_s
        self._overheard = overheard
        self._face: Connection | None = None
        self._guests: list[tuple[Connection, float]] = []
        self._lost = ""
        self.closed = ""
        """Why nobody is let in any more, "" while the door is open."""

    @property
    def has_face(self) -> bool:
        return self._face is not None

    @property
    def lost(self) -> bool:
        """Whether the end of the face was noticed while something was sent: `poll` has it, nothing else will come."""
        return bool(self._lost)

    @property
    def has_guests(self) -> bool:
        return bool(self._guests)

    def attach(self, connection: Connection) -> None:
        """Somebody connected."""
        if len(self._guests) >= MAX_GUESTS:
            connection.close()
            return
        self._guests.append((connection, self._clock.monotonic() + HELLO_S))

    def connections(self) -> tuple[Connection, ...]:
        """Everybody that is connected, to wait for their bytes."""
        face = () if self._face is None or self._lost else (self._face,)
        return (*face, *(guest for guest, _ in self._guests))

    def limit(self) -> float | None:
        """When the patience with a guest ends, monotonic."""
        return min((limit for _, limit in self._guests), default=None)

    def poll(self) -> Iterator[Came | Said | Went]:
        """What happened, in its order; never waits. Each must be acted upon before the next is asked for."""
        for _ in range(_MOST):
            event = self._hear()
            if event is None:
                break
            yield event
        for guest, limit in tuple(self._guests):
            came = self._guest(guest, limit)
            if came is not None:
                yield came

    def send(self, message: Message, fd: int | None = None) -> bool:
        """To the face. False: nobody is there to hear it."""
        self._overheard(message)
        if self._face is None or self._lost:
            return False
        try:
            self._face.send(message, fd)
        except FaceLost as error:
            self._lost = str(error)
            return False
        return True

    def flush(self) -> None:
        """Send what was kept back."""
        if self._face is not None and not self._lost:
            try:
                self._face.flush()
            except FaceLost as error:
                self._lost = str(error)

    def close(self) -> None:
        """Say goodbye to everybody."""
        self.send(Goodbye())
        self.flush()
        for connection in self.connections():
            connection.close()
        if self._face is not None:
            self._face.close()
        self._face = None
        self._guests.clear()

    def _hear(self) -> Said | Went | None:
        if self._face is None:
            return None
        if not self._lost:
            try:
                parcel = self._face.poll()
            except FaceLost as error:
                self._lost = str(error)
            else:
                if parcel is None:
                    return None
                message = _message(parcel)
                if not isinstance(message, Goodbye):
                    self._overheard(message)
                    return Said(message)
                self._lost = "it said goodbye"
        self._face.close()
        self._face = None
        why, self._lost = self._lost, ""
        return Went(why)

    def _guest(self, guest: Connection, limit: float) -> Came | None:
        try:
            parcel = guest.poll()
        except FaceLost:
            self._guests.remove((guest, limit))
            return None
        if parcel is None and self._clock.monotonic() < limit:
            return None
        self._guests.remove((guest, limit))
        if parcel is None:
            guest.close()
            return None
        reason = self.closed
        match _message(parcel):
            case Hello(version=version) if version != VERSION:
                reason = reason or texts.driver.OTHER_VERSION_HOLDS(theirs=VERSION, ours=version)
            case Hello(pid=pid):
                if self._face is None and not self.closed:
                    self._face = guest
                    return Came(pid)
                reason = reason or texts.driver.OTHER_DRIVER_HOLDS()
            case other:
                reason = texts.driver.NO_HELLO_FIRST(message=type(other).__name__)
        with suppress(FaceLost):
            left_s = self._left_s()
            guest.send(Refused(reason, 0.0 if left_s is None else max(1.0, left_s)))
        guest.close()
        return None


def _message(parcel: Parcel) -> Message:
    """The message alone: a face has no descriptors for a hand."""
    if parcel.fd is not None:
        os.close(parcel.fd)
    return parcel.message
