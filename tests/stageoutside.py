"""The face's outside on the stage: looks at the simulated bus, attaches to hands and starts them, in virtual time.

It answers as `driver.link.Threads` with `hand.launch` does, by the same rules: a hand that ends is tried again, one
that has another face is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indi_sony_py.driver.events import (
    AttachFailed,
    Event,
    Found,
    FromHand,
    HandAttached,
    HandEnded,
    NoHand,
    SimulationReady,
)
from indi_sony_py.driver.link import as_camera
from indi_sony_py.driver.patience import ATTACH_S
from indi_sony_py.errors import HandLost, OutsideError, advise
from indi_sony_py.hand.launch import HandRefused, hello
from indi_sony_py.hand.messages import VERSION, HandState, Hello, Message, Refused
from indi_sony_py.hand.pair import LocalConnection, local_pair
from indi_sony_py.transport.find import find_cameras

if TYPE_CHECKING:
    from tests.stage import Stage

__all__ = ["LOOK_S", "StageLink", "StageOutside"]

LOOK_S = 0.02
"""So long does a look at the bus take."""
_AGAIN_S = 0.05
_REFUSED_AGAIN_S = 0.5


class StageLink:
    """A hand, as the face sees it."""

    def __init__(self, connection: LocalConnection) -> None:
        self.connection = connection
        self.open = True

    def send(self, message: Message) -> None:
        self.connection.send(message)

    def close(self) -> None:
        self.open = False
        self.connection.close()


@dataclass(eq=False)
class _Attempt:
    """One wish to attach."""

    ticket: int
    key: str
    start: bool
    until: float
    next_at: float
    connection: LocalConnection | None = None
    greeted: bool = False
    fault: OutsideError | None = None


class StageOutside:
    """Of one face's process. `post` puts an event into its inbox. `deaf`: nothing is ever answered."""

    def __init__(self, stage: Stage, post: Callable[[Event], None]) -> None:
        self._stage = stage
        self._post = post
        self._looks: list[tuple[float, str]] = []
        self._attempts: list[_Attempt] = []
        self._links: list[StageLink] = []
        self.deaf = False

    # --- what the face asks -----------------------------------------------------------------------------------------

    def look(self, bus: str, network: bool = False) -> None:
        self._looks.append((self._now + LOOK_S, bus))

    def attach(self, ticket: int, key: str, bus: str, start: bool) -> None:
        self._attempts.append(_Attempt(ticket, key, start, self._now + ATTACH_S, self._now))

    def simulate(self) -> None:
        self._post(SimulationReady("", "there is none on the stage"))

    def end_simulation(self) -> None:
        pass

    # --- time -------------------------------------------------------------------------------------------------------

    @property
    def _now(self) -> float:
        return self._stage.clock.monotonic()

    def wake_at(self) -> float | None:
        times = [at for at, _ in self._looks]
        times += [attempt.until if attempt.connection else attempt.next_at for attempt in self._attempts]
        return min(times, default=None)

    def turn(self) -> bool:
        """Answer what is due; whether anything was."""
        now, moved = self._now, False
        for look in [look for look in self._looks if look[0] <= now]:
            self._looks.remove(look)
            moved = True
            if not self.deaf:
                self._post(self._found(look[1]))
        for attempt in list(self._attempts):
            moved |= self._try(attempt, now)
        for link in list(self._links):
            moved |= self._read(link)
        return moved

    def _found(self, bus: str) -> Found:
        try:
            seen = find_cameras(self._stage.backend)
        except (OutsideError, ValueError) as error:
            return Found(bus, error=advise(error))
        return Found(bus, tuple(map(as_camera, seen)))

    # --- hands ------------------------------------------------------------------------------------------------------

    def _try(self, attempt: _Attempt, now: float) -> bool:
        if attempt.connection is None:
            if now < attempt.next_at:
                return False
            process = self._stage.hands.get(attempt.key)
            if process is None and attempt.start:
                process = self._stage.start_hand(attempt.key)
            if process is None:
                return self._answer(attempt, NoHand(attempt.ticket, attempt.key))
            ours, theirs = local_pair()
            process.attach(theirs)
            ours.send(hello("face"))
            attempt.connection, attempt.greeted = ours, False
            return True
        try:
            return self._greet(attempt, attempt.connection, now)
        except HandRefused as error:
            attempt.connection.close()
            if not error.left_s or not attempt.start:
                return self._answer(attempt, AttachFailed(attempt.ticket, attempt.key, advise(error)))
            return self._again(attempt, error, now + _REFUSED_AGAIN_S)
        except HandLost as error:
            attempt.connection.close()
            if not attempt.start:
                return self._answer(attempt, AttachFailed(attempt.ticket, attempt.key, advise(error)))
            kept = attempt.fault if isinstance(attempt.fault, HandRefused) else error
            return self._again(attempt, kept, now + _AGAIN_S)

    def _greet(self, attempt: _Attempt, connection: LocalConnection, now: float) -> bool:
        parcel = connection.poll()
        if parcel is None:
            if now >= attempt.until:
                raise HandLost("the camera's process did not say hello in time")
            return False
        match parcel.message:
            case Refused(reason, left_s):
                raise HandRefused(reason, left_s)
            case Hello(version=version):
                assert version == VERSION
                attempt.greeted = True
            case HandState() as state if attempt.greeted:
                link = StageLink(connection)
                self._links.append(link)
                return self._answer(attempt, HandAttached(attempt.ticket, attempt.key, link, state))
            case other:
                raise HandLost(f"the camera's process began with {type(other).__name__}")
        return True

    def _again(self, attempt: _Attempt, fault: OutsideError, at: float) -> bool:
        attempt.connection, attempt.fault, attempt.next_at = None, fault, at
        if at >= attempt.until:
            return self._answer(attempt, AttachFailed(attempt.ticket, attempt.key, advise(fault)))
        return True

    def _answer(self, attempt: _Attempt, event: Event) -> bool:
        self._attempts.remove(attempt)
        if not self.deaf:
            self._post(event)
        elif isinstance(event, HandAttached):
            event.link.close()
        return True

    def _read(self, link: StageLink) -> bool:
        """As the link's reader does: parcels, and the end."""
        if not link.open:
            self._links.remove(link)
            return True
        try:
            parcel = link.connection.poll()
        except HandLost as error:
            self._links.remove(link)
            self._post(HandEnded(link, str(error)))
            return True
        if parcel is None:
            return False
        self._post(FromHand(link, parcel))
        return True

    def end(self) -> None:
        """The process is gone: the kernel closes its ends."""
        for attempt in self._attempts:
            if attempt.connection is not None:
                attempt.connection.close()
        for link in self._links:
            link.close()
        self._attempts, self._links, self._looks = [], [], []
