"""CONNECTION: from the client's wish to a camera that is ready, and back. No I/O; stepped on the given clock.

Rules kept here:

- A wish stays until DISCONNECT, whatever happens to cable, camera and hand. A first attempt that fails is Alert with
  DISCONNECT at once (clients expect that of a failed connect), says what was found and what to do; the camera is
  connected as soon as it can be.
- A camera that was ready and is lost: Alert with CONNECT, its vectors stay, the reason is said, it is awaited. The hand
  tries its place again; it is looked for at other places by its serial number; a camera in another USB mode is named
  with it.
- A reason that was told with the exposure that it ended is not told again.
- A hand that ends is replaced at once, and ever more slowly when the next ones end too; each one's first act is to
  release the buttons.
- Each step of an attempt ends within its limit, and longer than `TELL_S` it says what it waits for.
- After a disconnect the pair stays until the hand has closed its session, so that what it saves is announced.
- An exposure that runs since an earlier life is adopted.
"""

from __future__ import annotations

import logging
from typing import Protocol

from indi_sony_py import texts
from indi_sony_py.clock import Clock
from indi_sony_py.driver.board import Board
from indi_sony_py.driver.choose import back_again, usable
from indi_sony_py.driver.connectphase import FAILED_AT, WAITS_FOR, Phase
from indi_sony_py.driver.events import Camera, HandAttached, LinkLike, Outside
from indi_sony_py.driver.patience import MAX_HANDS, Patience
from indi_sony_py.driver.telling import Telling
from indi_sony_py.driver.view import shown_serial
from indi_sony_py.engine.messages import CameraStatus, Connect, Disconnect, Identity, Level
from indi_sony_py.errors import HandLost
from indi_sony_py.hand.messages import Goodbye, HandState, Message
from indi_sony_py.indi.messages import State

__all__ = ["Connection", "Host"]

_log = logging.getLogger(__name__)


class Host(Protocol):
    """What the device does for its connection."""

    bus: str
    keeps_model: bool
    """Whether its name tells what model it is."""

    def look(self) -> None:
        """Look for cameras; `found` is called with what is there."""

    def choose(self, cameras: tuple[Camera, ...]) -> Camera | str:
        """The camera for this device, or why there is none."""

    def accepts(self, serial: str, usb_name: str = "") -> bool:
        """Whether a camera with this serial number and name on USB ("": not known) may be this device's."""

    def camera_ready(self, identity: Identity) -> None:
        """Define what belongs to the camera."""

    def camera_off(self) -> None:
        """Take it all back."""

    def hand_lost(self, text: str) -> bool:
        """What was asked of the hand will not be answered. Whether the user was told of the loss by that."""

    def told(self, reason: str) -> bool:
        """Whether the user has just read it, with what became of an exposure."""

    def waiting_request(self) -> Message | None:
        """An exposure that was asked for and has not begun: another hand is asked for it."""

    def adopt(self, state: HandState) -> None:
        """Show what a hand was doing."""

    def has_settings(self) -> bool: ...


class Connection:
    """Owned by the device. `tickets` numbers the attempts, so that an answer to an old one is told apart."""

    def __init__(self, board: Board, clock: Clock, outside: Outside, host: Host, tickets: int) -> None:
        self._board = board
        self._patience = Patience(clock)
        self._telling = Telling(board)
        self._outside = outside
        self._host = host
        self._ticket = tickets
        self.phase = Phase.OFF
        self.key = ""
        self.identity = Identity()
        self.link: LinkLike | None = None
        self._was_on = False
        self._quiet = False
        self._seen: tuple[Camera, ...] = ()

    # --- what others ask --------------------------------------------------------------------------------------------

    @property
    def on(self) -> bool:
        """Whether the camera's vectors are shown."""
        return self.phase in (Phase.ON, Phase.LOST) or self._was_on

    @property
    def wished(self) -> bool:
        """Whether a client wants the camera."""
        return self.phase not in (Phase.OFF, Phase.CLOSING)

    @property
    def idle(self) -> bool:
        """Nothing is under way for it: no hand, no attempt."""
        return self.phase in (Phase.OFF, Phase.WAITING)

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
            case Phase.WAITING | Phase.LOST:
                return self._patience.look_at
            case Phase.LOOKING | Phase.ATTACHING | Phase.OPENING:
                return self._patience.attempt_at

    # --- the client -------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        match self.phase:
            case Phase.ON:
                self._show("CONNECT", State.OK)
            case Phase.LOST:
                # Somebody did something, or is impatient: now is as good a moment as any.
                self._show("CONNECT", State.ALERT)
                self._patience.hurry()
                self.send(self._wish())
                self._host.look()
            case Phase.OFF | Phase.CLOSING | Phase.WAITING:
                self._patience.renew()
                self._quiet = False
                self._telling.anew()
                self._begin()
                if self.link is not None:
                    self._open()
                else:
                    self._look()
            case Phase.LOOKING | Phase.ATTACHING | Phase.OPENING:
                self._quiet = False
                self._show("CONNECT", State.ALERT if self._was_on else State.BUSY)

    def disconnect(self) -> None:
        self._show("DISCONNECT", State.IDLE)
        if self.phase in (Phase.OFF, Phase.CLOSING):
            return
        self._off()
        if self.link is not None and self.send(Disconnect()):
            self.phase = Phase.CLOSING
        else:
            self._let_go()

    def wish_again(self) -> None:
        """What is wished for has changed, and a camera that is there can do it now."""
        if self.phase is Phase.ON:
            self.send(self._wish())

    def give_up_wish(self) -> None:
        """What was waited for is not to be waited for any more; without a word."""
        if self.phase is Phase.WAITING:
            self.phase = Phase.OFF

    # --- what comes back --------------------------------------------------------------------------------------------

    def found(self, cameras: tuple[Camera, ...], error: str) -> None:
        """What is on the bus: the answer to `look`, or what somebody else's look has found."""
        changed = cameras != self._seen
        self._seen = cameras
        match self.phase:
            case Phase.LOOKING if error:
                self.fail(error)
            case Phase.LOOKING:
                choice = self._host.choose(cameras)
                if isinstance(choice, str):
                    self.fail(choice)
                else:
                    self._attach(choice.key)
            case Phase.WAITING if not error:
                self._found_at_last(cameras, changed)
            case Phase.LOST if not error:
                self._found_again(cameras, changed)
            case _:
                pass

    def attached(self, event: HandAttached) -> None:
        """A hand said hello, to a wish of ours or because it was at work when we came."""
        self._take_link(event)
        state = event.state
        self.identity = state.status.identity if not self._was_on else self.identity
        busy = state.exposure is not None or state.held is not None or bool(state.unsaved)
        if busy and not self._was_on:
            _log.info("%s: adopts the hand at %s", self._board.device, event.key)
            self._board.notice(texts.camera.STILL_AT_WORK)
            self.phase = Phase.ON
            self._show("CONNECT", State.OK)
            self._host.camera_ready(self.identity)
            self._host.adopt(state)
            self.send(self._wish())
            return
        if self.phase is not Phase.ATTACHING:
            # It only cleans up after an earlier life: it needs no face for that.
            self._drop_link()
            return
        self._open()

    def attach_failed(self, text: str) -> None:
        if self.phase is Phase.ATTACHING:
            self.fail(text)

    def status(self, report: CameraStatus) -> None:
        if self._is_another(report.identity):
            self._another_camera(report.identity.model, report.identity.serial)
            return
        if report.identity.model:
            self.identity = report.identity
        match self.phase, report.state:
            case Phase.OPENING, "ready":
                self._patience.ready()
                self._try_ready()
            case Phase.OPENING, "warming":
                self._try_ready()
            case Phase.OPENING, "offline" if report.failed:
                self.fail(report.text or texts.camera.NOT_OPENED(), let_go=not self._was_on)
            case Phase.ON, "offline":
                self._lose(report.text or texts.camera.IS_GONE())
            case Phase.LOST, "ready":
                self._become_on(again=True)
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
        match self.phase:
            case Phase.OFF | Phase.CLOSING | Phase.LOOKING | Phase.ATTACHING | Phase.WAITING:
                if self.phase is Phase.CLOSING:
                    self.phase = Phase.OFF
                return
            case Phase.OPENING | Phase.ON | Phase.LOST:
                self._was_on = self.on
        _log.info("%s: the hand at %s ended: %s", self._board.device, self.key, text)
        told = self._host.hand_lost(texts.driver.PROCESS_ENDED())
        if self._patience.hand_ended():
            self.fail(texts.driver.PROCESS_ENDS_AGAIN(count=MAX_HANDS))
            return
        if not told:
            self._board.notice(texts.driver.PROCESS_ENDED)
        if self._was_on:
            self._show("CONNECT", State.ALERT)
        self._begin()
        self._attach(self.key)

    def tick(self, now: float) -> None:
        match self.phase:
            case Phase.WAITING | Phase.LOST if now >= self._patience.look_at:
                self._patience.await_camera()
                self._host.look()
            case Phase.OPENING if self._patience.settings_late(now):
                self._become_on()
            case Phase.LOOKING | Phase.ATTACHING | Phase.OPENING if self._patience.exhausted(now):
                self.fail(FAILED_AT[self.phase])
            case Phase.LOOKING | Phase.ATTACHING | Phase.OPENING if self._patience.tell_due(now):
                self._patience.told()
                self._board.notice(WAITS_FOR[self.phase])
            case _:
                pass

    def fail(self, text: str, let_go: bool = True, keep_wish: bool = True) -> None:
        """This attempt has failed; the wish stays. The same reason is said once. `let_go`: of the hand, too."""
        self._patience.failed()
        if self._was_on or self.phase is Phase.LOST:
            if let_go:
                self._drop_link()
            self._was_on = True
            self.phase = Phase.LOST
            self._show("CONNECT", State.ALERT)
            self._telling.once(text)
            return
        if not self._quiet:
            self._show("DISCONNECT", State.ALERT)
        self._telling.once(text, waits=keep_wish)
        self._off()
        self._drop_link()
        self.phase = Phase.WAITING if keep_wish else Phase.OFF

    def end(self) -> None:
        """The driver goes: the end of the pair tells the hand all it needs."""
        self._let_go()

    # --- steps ------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """An attempt begins."""
        shown = not self._was_on and not self._quiet
        self._patience.begin(tells=shown)
        if shown:
            self._show("CONNECT", State.BUSY)

    def _look(self) -> None:
        self.phase = Phase.LOOKING
        self._host.look()

    def _attach(self, key: str) -> None:
        self.phase = Phase.ATTACHING
        self._patience.attaching()
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
        self._patience.opening()
        if not self.send(self._wish()):
            self._board.notice(texts.driver.WISH_NOT_TAKEN)
        waiting = self._host.waiting_request()
        if waiting is not None:
            self.send(waiting)

    def _wish(self) -> Connect:
        setup = (self._board["NIGHT_SETUP"].chosen() or "SET").lower()
        return Connect(force_200=self._board["PROTOCOL"].chosen() == "FORCE_200", setup=setup)

    def _try_ready(self) -> None:
        if self._host.has_settings():
            self._become_on()

    def _become_on(self, again: bool = False) -> None:
        again, self._was_on = again or self._was_on, False
        self.phase = Phase.ON
        self._patience.forget_failures()
        self._quiet = False
        self._telling.anew()
        self._show("CONNECT", State.OK)
        self._host.camera_ready(self.identity)
        self._telling.introduce(self.identity, again)

    def _lose(self, text: str) -> None:
        self.phase = Phase.LOST
        self._patience.await_camera()
        self._telling.remember(text)
        self._show("CONNECT", State.ALERT)
        if not self._host.told(text):
            self._board.say(Level.ERROR, text)

    def _found_at_last(self, cameras: tuple[Camera, ...], changed: bool) -> None:
        """While the first connection is waited for: try when there is a reason to, else when the pause is over."""
        choice = self._host.choose(cameras)
        if isinstance(choice, str):
            self._telling.once(choice, waits=True)
            return
        if not changed and not self._patience.pause_over:
            return
        if changed:
            self._patience.forget_failures()
            self._telling.anew()
        self._quiet = not changed
        self._begin()
        self._attach(choice.key)

    def _found_again(self, cameras: tuple[Camera, ...], changed: bool) -> None:
        """A camera that was lost: back at its place, in another mode, or at another place, which is another hand's."""
        back = back_again(cameras, self.identity.serial, self.key, self._host.accepts)
        if back is None:
            other = next((c for c in usable(cameras) if c.key == self.key), None)
            if other is not None and self.link is not None:
                # Its own device needs the hand of this place.
                self._another_camera(other.model, other.serial)
            return
        if isinstance(back, str):
            self._telling.once(back)
        elif back.key != self.key:
            self._board.notice(texts.camera.OTHER_PLACE)
            self._drop_link()
            self._heal(back.key)
        elif changed or (self._patience.failing and self._patience.pause_over):
            self._patience.tried()
            if self.link is None:
                self._heal(back.key)
            else:
                self.send(self._wish())

    def _is_another(self, identity: Identity) -> bool:
        """Whether a camera that introduces itself is not this device's; without a number its model tells."""
        if not self._host.accepts(identity.serial):
            return True
        known, told = self.identity.model, identity.model
        return self._host.keeps_model and "" not in (known, told) and known != told

    def _another_camera(self, model: str, serial: str) -> None:
        """The place of ours has another one: it is let go of, and ours is awaited."""
        self.fail(texts.camera.ANOTHER_CAMERA(model=model or "camera", serial=shown_serial(serial) or "-"))

    def _heal(self, key: str) -> None:
        self._was_on = True
        self._begin()
        self._attach(key)

    def _off(self) -> None:
        self._was_on = False
        self._host.camera_off()

    def _let_go(self) -> None:
        self.phase = Phase.OFF
        self._drop_link()

    def _drop_link(self) -> None:
        if self.link is not None:
            self.send(Goodbye())
            self.link.close()
            self.link = None

    def _show(self, element: str, state: State) -> None:
        self._board.choose("CONNECTION", element, state)
