"""CONNECTION: from the client's wish to a camera that is ready, and back. No I/O; stepped on the given clock.

Rules kept here:

- Busy first; the result comes within `CONNECT_S`. A failure says what was found and what to do.
- A hand that is lost is replaced (at most `MAX_HANDS` in `HANDS_WITHIN_S`); its successor releases the buttons first.
- A camera that is lost is awaited: the hand tries its place again, and it is looked for at other places by its serial
  number. CONNECTION is Alert meanwhile, still on CONNECT.
- After a disconnect the pair stays until the hand has closed its session, so that what it saves is announced.
- An exposure that runs since an earlier life is adopted.
"""

from __future__ import annotations

import logging
from collections import deque
from enum import Enum
from typing import Protocol

from indi_sony_py.clock import Clock
from indi_sony_py.driver.board import Board
from indi_sony_py.driver.events import Camera, HandAttached, LinkLike, Outside
from indi_sony_py.driver.view import shown_serial
from indi_sony_py.engine.messages import CameraStatus, Connect, Disconnect, Identity, Level
from indi_sony_py.errors import HandLost
from indi_sony_py.hand.messages import Goodbye, HandState, Message
from indi_sony_py.indi.messages import State

__all__ = ["CONNECT_S", "Connection", "Host", "Phase"]

CONNECT_S = 40.0
MAX_HANDS = 3
HANDS_WITHIN_S = 120.0
LOOK_AGAIN_S = 4.0
SETTINGS_S = 3.0
_log = logging.getLogger(__name__)


class Phase(Enum):
    OFF = "off"
    LOOKING = "looking"
    ATTACHING = "attaching"
    OPENING = "opening"
    ON = "on"
    LOST = "lost"
    CLOSING = "closing"


class Host(Protocol):
    """What the device does for its connection."""

    bus: str

    def look(self) -> None:
        """Look for cameras; `found` is called with what is there."""

    def choose(self, cameras: tuple[Camera, ...]) -> Camera | str:
        """The camera for this device, or why there is none."""

    def camera_ready(self, identity: Identity) -> None:
        """Define what belongs to the camera."""

    def camera_off(self) -> None:
        """Take it all back."""

    def hand_lost(self, text: str) -> bool:
        """What was asked of the hand will not be answered. Whether the user was told of the loss by that."""

    def adopt(self, state: HandState) -> None:
        """Show what a hand was doing."""

    def has_settings(self) -> bool: ...

    def same_camera(self, camera: Camera, identity: Identity) -> bool: ...


class Connection:
    """Owned by the device. `tickets` numbers the attempts, so that an answer to an old one is told apart."""

    def __init__(self, board: Board, clock: Clock, outside: Outside, host: Host, tickets: int) -> None:
        self._board = board
        self._clock = clock
        self._outside = outside
        self._host = host
        self._ticket = tickets
        self.phase = Phase.OFF
        self.key = ""
        self.identity = Identity()
        self.link: LinkLike | None = None
        self._limit_at = 0.0
        self._look_at = 0.0
        self._ready_at: float | None = None
        self._was_on = False
        self._hands: deque[float] = deque(maxlen=MAX_HANDS)

    # --- what others ask --------------------------------------------------------------------------------------------

    @property
    def on(self) -> bool:
        """Whether the camera's vectors are shown."""
        return self.phase in (Phase.ON, Phase.LOST) or self._was_on

    @property
    def ticket(self) -> int:
        return self._ticket

    def send(self, message: Message) -> bool:
        """To the hand, if there is one."""
        if self.link is None:
            return False
        try:
            self.link.send(message)
        except HandLost as error:
            _log.warning("%s: %s", self._board.device, error)
            return False
        return True

    def wake_at(self) -> float | None:
        match self.phase:
            case Phase.OFF | Phase.ON | Phase.CLOSING:
                return None
            case Phase.LOST:
                return self._look_at
            case Phase.OPENING if self._ready_at is not None:
                return min(self._limit_at, self._ready_at + SETTINGS_S)
            case _:
                return self._limit_at

    # --- the client -------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        match self.phase:
            case Phase.ON:
                self._show("CONNECT", State.OK)
            case Phase.LOST:
                self._show("CONNECT", State.ALERT)
            case Phase.OFF | Phase.CLOSING:
                self._limit_at = self._clock.monotonic() + CONNECT_S
                self._hands.clear()
                self._show("CONNECT", State.BUSY)
                if self.link is not None:
                    self._open()
                else:
                    self._look()
            case Phase.LOOKING | Phase.ATTACHING | Phase.OPENING:
                self._show("CONNECT", State.BUSY)

    def disconnect(self) -> None:
        self._show("DISCONNECT", State.IDLE)
        if self.phase in (Phase.OFF, Phase.CLOSING):
            return
        self._off()
        if self.link is not None and self.send(Disconnect()):
            self.phase = Phase.CLOSING
        else:
            self._let_go()

    # --- what comes back --------------------------------------------------------------------------------------------

    def found(self, cameras: tuple[Camera, ...], error: str) -> None:
        """The answer to `look`."""
        if self.phase is Phase.LOST:
            self._found_again(cameras)
        if self.phase is not Phase.LOOKING:
            return
        if error:
            self.fail(error)
            return
        choice = self._host.choose(cameras)
        if isinstance(choice, str):
            self.fail(choice)
        else:
            self._attach(choice.key)

    def attached(self, event: HandAttached) -> None:
        """A hand said hello, to a wish of ours or because it was at work when we came."""
        self._take_link(event)
        state = event.state
        self.identity = state.status.identity
        busy = state.exposure is not None or state.held is not None or bool(state.unsaved)
        if busy and not self._was_on:
            _log.info("%s: adopts the hand at %s", self._board.device, event.key)
            self._board.say(Level.INFO, "The camera is still at work from before the driver was started; that goes on.")
            self.phase = Phase.ON
            self._show("CONNECT", State.OK)
            self._host.camera_ready(self.identity)
            self._host.adopt(state)
            self.send(self._wish())
            return
        if not self._was_on and self.phase is not Phase.ATTACHING:
            # It only cleans up after an earlier life: it needs no face for that.
            self._let_go()
            return
        self._open()

    def attach_failed(self, text: str) -> None:
        if self.phase is Phase.ATTACHING:
            self.fail(text)

    def status(self, report: CameraStatus) -> None:
        if report.identity.model:
            self.identity = report.identity
        match self.phase, report.state:
            case Phase.OPENING, "ready":
                self._ready_at = self._clock.monotonic()
                self._try_ready()
            case Phase.OPENING, "warming":
                self._try_ready()
            case Phase.OPENING, "offline" if report.failed:
                self.fail(report.text or "The camera could not be opened.")
            case Phase.ON, "offline":
                self.phase = Phase.LOST
                self._look_at = self._clock.monotonic() + LOOK_AGAIN_S
                self._show("CONNECT", State.ALERT)
                self._board.say(Level.ERROR, report.text or "The camera is gone; the driver goes on trying.")
            case Phase.LOST, "ready":
                self.phase = Phase.ON
                self._show("CONNECT", State.OK)
                self._board.say(Level.INFO, "The camera is back.")
            case Phase.CLOSING, "offline":
                self._let_go()
            case _:
                pass

    def settings_came(self) -> None:
        if self.phase is Phase.OPENING:
            self._try_ready()

    def hand_ended(self, text: str) -> None:
        """The pair broke. What was asked fails; a new hand is started if the client wants the camera."""
        self.link = None
        now = self._clock.monotonic()
        match self.phase:
            case Phase.OFF | Phase.CLOSING | Phase.LOOKING | Phase.ATTACHING:
                if self.phase is Phase.CLOSING:
                    self.phase = Phase.OFF
                return
            case Phase.OPENING | Phase.ON | Phase.LOST:
                self._was_on = self.on
        _log.info("%s: the hand at %s ended: %s", self._board.device, self.key, text)
        told = self._host.hand_lost(f"The camera's process ended. {HandLost.advice}")
        self._hands.append(now)
        if len(self._hands) == MAX_HANDS and now - self._hands[0] < HANDS_WITHIN_S:
            self.fail(f"The camera's process ended {MAX_HANDS} times. Look at the camera, then connect again.")
            return
        if not told:
            self._board.say(Level.WARNING, f"The camera's process ended. {HandLost.advice}")
        self._show("CONNECT", State.BUSY)
        self._limit_at = now + CONNECT_S
        self._attach(self.key)

    def tick(self, now: float) -> None:
        match self.phase:
            case Phase.LOST if now >= self._look_at:
                self._look_at = now + LOOK_AGAIN_S
                self._host.look()
            case Phase.OPENING if self._ready_at is not None and now >= self._ready_at + SETTINGS_S:
                self._become_on()
            case Phase.LOOKING | Phase.ATTACHING | Phase.OPENING if now >= self._limit_at:
                self.fail(f"The camera was not ready within {CONNECT_S:.0f} s. Switch it off and on, and try again.")
            case _:
                pass

    def fail(self, text: str) -> None:
        """The connection could not be made, or cannot be kept."""
        self._show("DISCONNECT", State.ALERT)
        self._board.say(Level.ERROR, text)
        self._off()
        self._let_go()

    def end(self) -> None:
        """The driver goes: the end of the pair tells the hand all it needs."""
        self._let_go()

    # --- steps ------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self.phase = Phase.LOOKING
        self._host.look()

    def _attach(self, key: str) -> None:
        self.phase = Phase.ATTACHING
        self.key = key
        self._ticket += 1
        self._outside.attach(self._ticket, key, self._host.bus, True)

    def _take_link(self, event: HandAttached) -> None:
        if self.link is not None:
            self.link.close()
        self.link = event.link
        self.key = event.key

    def _open(self) -> None:
        self.phase = Phase.OPENING
        self._ready_at = None
        if not self.send(self._wish()):
            self._board.say(Level.WARNING, "The camera's process did not take the wish to connect.")

    def _wish(self) -> Connect:
        return Connect(force_200=self._board["PROTOCOL"].chosen() == "FORCE_200")

    def _try_ready(self) -> None:
        if self._host.has_settings():
            self._become_on()

    def _become_on(self) -> None:
        again, self._was_on = self._was_on, False
        self.phase = Phase.ON
        self._show("CONNECT", State.OK)
        self._host.camera_ready(self.identity)
        self._board.say(Level.INFO, "The camera is back." if again else _introduction(self.identity))

    def _found_again(self, cameras: tuple[Camera, ...]) -> None:
        """Plugged in at another place: that is another hand's."""
        for camera in cameras:
            if camera.key != self.key and self._host.same_camera(camera, self.identity):
                self._board.say(Level.INFO, "The camera was plugged in at another place.")
                self._was_on = True
                self._let_go()
                self._limit_at = self._clock.monotonic() + CONNECT_S
                self._show("CONNECT", State.BUSY)
                self._attach(camera.key)
                return

    def _off(self) -> None:
        self._was_on = False
        self._host.camera_off()

    def _let_go(self) -> None:
        self.phase = Phase.OFF
        if self.link is not None:
            self.send(Goodbye())
            self.link.close()
            self.link = None

    def _show(self, element: str, state: State) -> None:
        self._board.choose("CONNECTION", element, state)


def _introduction(who: Identity) -> str:
    known = {
        "firmware": who.firmware,
        "serial number": shown_serial(who.serial),
        "protocol": who.version,
    }
    facts = ", ".join(f"{name} {value}" for name, value in known.items() if value)
    return f"{who.model or 'The camera'} is connected{f': {facts}' if facts else ''}."
