"""Does I/O (threads, sockets, processes): the real `Outside`. Looking, attaching and simulating run in threads.

- Each thread does one thing, posts one answer, and ends. None of them touches a vector.
- A link's reader is a thread that posts parcels; after `close` it posts nothing any more.
- pyusb, and all that it brings, is imported in the first look and not before.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from indi_sony_py import texts
from indi_sony_py.clock import Clock, Deadline
from indi_sony_py.driver.events import (
    AttachFailed,
    Camera,
    CameraKind,
    Event,
    Found,
    FromHand,
    HandAttached,
    HandEnded,
    NoHand,
    SimulationReady,
)
from indi_sony_py.driver.patience import ATTACH_S
from indi_sony_py.driver.simulation import Simulation
from indi_sony_py.errors import HandLost, OutsideError, advise
from indi_sony_py.hand.launch import Attached, attach, attach_or_start
from indi_sony_py.hand.messages import Message
from indi_sony_py.hand.pair import Parcel, SocketConnection

if TYPE_CHECKING:
    from indi_sony_py.transport.find import CameraAddress

__all__ = ["BUS", "MAX_ATTACHING", "MAX_LOOKING", "Link", "Threads", "as_camera", "look_in_network"]

BUS = "INDI_SONY_BUS"
MAX_ATTACHING = 16
"""So many attempts may be under way: a client may connect and disconnect as often as it likes."""
MAX_LOOKING = 4
"""So many looks may be under way: one that hangs in the USB system is not waited for."""
_ATTACH = "attach"
_LOOK = "look"
SEARCH_S = 8.0
"""At most so long cameras are looked for in the network: two seconds, and their descriptions."""
_log = logging.getLogger(__name__)
Post = Callable[[Event], None]


class Link:
    """A hand behind a socket. The main loop sends; a thread of the link's own receives."""

    def __init__(self, connection: SocketConnection, post: Post) -> None:
        self._connection = connection
        self._post = post
        self._open = True
        self._thread = threading.Thread(target=self._run, name="hand-reader", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def send(self, message: Message) -> None:
        self._connection.send(message)

    def close(self) -> None:
        self._open = False
        self._connection.close()

    def join(self, limit_s: float) -> None:
        """Wait for the reader to end, after `close`."""
        self._thread.join(limit_s)

    def _run(self) -> None:
        try:
            while True:
                parcel = self._connection.receive(None)
                if parcel is not None:
                    self._hand_over(parcel)
        except HandLost as error:
            text = str(error)
        except Exception as error:
            _log.exception("the reader of a hand failed")
            text = str(error)
        if self._open:
            self._post(HandEnded(self, text))

    def _hand_over(self, parcel: Parcel) -> None:
        if self._open:
            self._post(FromHand(self, parcel))
        elif parcel.fd is not None:
            os.close(parcel.fd)


class Threads:
    """`Outside` by threads; `post` puts an event into the face's inbox."""

    def __init__(self, post: Post, clock: Clock) -> None:
        self._post = post
        self._clock = clock
        self._simulation = Simulation()
        self._told = ""

    def look(self, bus: str, network: bool = False) -> None:
        def not_looked(why: str) -> None:
            self._post(Found(bus, error=texts.cable.CANNOT_LOOK(detail=why)))

        if _running(_LOOK) >= MAX_LOOKING:
            return not_looked(texts.driver.TOO_MANY_ATTEMPTS())
        self._run(_LOOK, lambda: self._post(self._look(bus, network)), not_looked)

    def attach(self, ticket: int, key: str, bus: str, start: bool) -> None:
        if _running(_ATTACH) >= MAX_ATTACHING:
            error = OutsideError(texts.driver.NOT_STARTED, reason=texts.driver.TOO_MANY_ATTEMPTS())
            self._post(AttachFailed(ticket, key, advise(error)))
            return

        def not_attached(why: str) -> None:
            self._post(AttachFailed(ticket, key, texts.driver.CANNOT_REACH(detail=why)))

        self._run(_ATTACH, lambda: self._attach(ticket, key, bus, start), not_attached)

    def simulate(self) -> None:
        wish = self._simulation.begin()

        def not_simulated(why: str) -> None:
            self._post(SimulationReady("", texts.simulation.NOT_STARTED(reason=why)))

        self._run("simulate", lambda: self._simulate(wish), not_simulated)

    def end_simulation(self) -> None:
        self._simulation.stop()

    def _look(self, bus: str, network: bool) -> Found:
        beside = look_in_network(self._clock) if network else ()
        try:
            found = _look(bus)
            return replace(found, cameras=(*found.cameras, *beside))
        except (OutsideError, ValueError) as error:
            return Found(bus, error=advise(error))
        except Exception as error:
            if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "usb":
                return Found(bus, beside, texts.cable.NO_PYUSB())
            # It is looked for again and again: once is enough.
            if str(error) != self._told:
                self._told = str(error)
                _log.exception("looking for cameras failed")
            return Found(bus, error=texts.cable.CANNOT_LOOK(detail=error))

    def _simulate(self, wish: int) -> None:
        ready = self._simulation.start(wish, self._post)
        if ready is not None:
            self._post(ready)

    def _run(self, name: str, body: Callable[[], None], failed: Callable[[str], None]) -> None:
        """`failed`: the answer where the system has no room for a thread; one that never comes is awaited for ever."""
        try:
            threading.Thread(target=body, name=f"face-{name}", daemon=True).start()
        except RuntimeError as error:
            _log.info("no thread to %s: %s", name, error)
            failed(str(error))

    def _attach(self, ticket: int, key: str, bus: str, start: bool) -> None:
        deadline = Deadline.after(self._clock, ATTACH_S)
        found: Attached | None
        try:
            if start:
                environment = dict(os.environ)
                if bus:
                    environment[BUS] = bus
                found = attach_or_start(key, deadline, env=environment, clock=self._clock)
            else:
                found = attach(key, deadline)
        except OutsideError as error:
            self._post(AttachFailed(ticket, key, advise(error)))
            return
        except Exception as error:
            _log.exception("attaching to the hand of %s failed", key)
            self._post(AttachFailed(ticket, key, texts.driver.CANNOT_REACH(detail=error)))
            return
        if found is None:
            self._post(NoHand(ticket, key))
            return
        link = Link(found.connection, self._post)
        self._post(HandAttached(ticket, key, link, found.state))
        try:
            link.start()
        except RuntimeError as error:
            link.close()
            self._post(HandEnded(link, str(error)))


def _running(name: str) -> int:
    return sum(thread.name == f"face-{name}" for thread in threading.enumerate())


def _look(bus: str) -> Found:
    from indi_sony_py.transport.bus import backend_from_environment
    from indi_sony_py.transport.find import find_cameras

    found = find_cameras(backend_from_environment({BUS: bus}) if bus else None)
    return Found(bus, tuple(map(as_camera, found)))


def look_in_network(clock: Clock) -> tuple[Camera, ...]:
    """Cameras that answer to a search in the network; it takes two seconds and more."""
    from indi_sony_py.transport.discover import find_network_cameras

    try:
        found = find_network_cameras(Deadline.after(clock, SEARCH_S))
    except OSError as error:
        _log.warning("the network cannot be searched: %s", error)
        return ()
    cameras = []
    for camera in found:
        said = camera.description
        kind = CameraKind.LOCKED if said.ssh else CameraKind.PTP
        cameras.append(Camera(camera.place.key, said.model or said.name, said.serial, kind))
    return tuple(cameras)


def as_camera(seen: CameraAddress) -> Camera:
    """What the transport found, as the face speaks of it."""
    kinds = {kind.value: kind for kind in CameraKind}
    kind = kinds.get(seen.kind.value, CameraKind.OTHER)
    return Camera(seen.key, seen.product_name, seen.serial, kind, seen.product, seen.address)
