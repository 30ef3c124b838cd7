"""All devices of the process, and the one inbox: every event goes through `handle`, time through `tick`.

- The first device always exists. It takes the camera that its config names, else the first one found.
- Each further camera is a device of its own, for as long as it is plugged in or connected.
- Hands that are at work when the driver starts are adopted; frames that earlier lives rescued are announced.
- No I/O in here: elements leave by `out`, everything that takes time is `Outside`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import assert_never

from indi_sony_py.clock import Clock
from indi_sony_py.driver.board import Board
from indi_sony_py.driver.choices import Choices, first_name
from indi_sony_py.driver.choose import device_name, pick
from indi_sony_py.driver.connection import Phase
from indi_sony_py.driver.device import Device, Services
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
    Outside,
    SimulationEnded,
    SimulationReady,
)
from indi_sony_py.driver.exposure import Phase as ExposurePhase
from indi_sony_py.driver.logs import LogLine
from indi_sony_py.driver.upload import Upload
from indi_sony_py.engine.messages import Level
from indi_sony_py.hand.journal import Journal
from indi_sony_py.indi.blobs import BlobItem, Way
from indi_sony_py.indi.messages import (
    BlobAcknowledged,
    BlobWritten,
    DefVector,
    DelProperty,
    EnableBlob,
    EndOfInput,
    GetProperties,
    Junk,
    MessageText,
    NewVector,
    OutputClosed,
    PingReply,
    SetVector,
    Unknown,
)

__all__ = ["LOOK_S", "Face"]

LOOK_S = 10.0
"""So often cameras are looked for that nobody has asked for."""
_log = logging.getLogger(__name__)


class Face:
    """One thread calls it. `journal` None: nothing is announced. `first`: the first device, if it answered already."""

    def __init__(
        self,
        clock: Clock,
        out: Callable[[bytes | BlobItem], None],
        outside: Outside,
        way: Way,
        environment: Mapping[str, str],
        journal: Journal | None = None,
        logging_changed: Callable[[Board], None] = lambda board: None,
        first: Choices | None = None,
    ) -> None:
        self._clock = clock
        self._outside = outside
        self._journal = journal
        self.upload = Upload(clock, way, out)
        self._ids = int(clock.utc().timestamp() * 1000)
        self._looking: set[str] = set()
        self._waiting: list[Device] = []
        self._look_at: float | None = None
        self._reserved = ""
        self._adopting: dict[int, Device] = {}
        self._junk = 0
        self.stopped = ""
        self._services = Services(
            clock, clock.utc, out, outside, self.upload, environment, self._look, self._choose, self._announce,
            self._simulate, logging_changed, self._new_id,
        )  # fmt: skip
        name = first_name(environment)
        self.devices: dict[str, Device] = {name: Device(name, self._services, True, choices=first)}

    @property
    def first(self) -> Device:
        return next(iter(self.devices.values()))

    @property
    def at_work(self) -> bool:
        """Whether a hand has something to finish."""
        return not self.upload.idle or any(d.exposure.phase is not ExposurePhase.NONE for d in self.devices.values())

    # --- the inbox --------------------------------------------------------------------------------------------------

    def handle(self, event: Event) -> None:
        """One event, from whatever thread it came."""
        match event:
            case GetProperties():
                self._get_properties(event)
            case NewVector():
                self._new_vector(event)
            case PingReply(uid):
                self.upload.replied(uid)
            case BlobWritten():
                self.upload.written(event)
            case BlobAcknowledged():
                pass
            case EndOfInput(reason):
                self.stop(reason or "the server closed its end")
            case OutputClosed(reason):
                self.upload.closed = True
                self.stop(reason or "nobody reads the output")
            case Found():
                self._found(event)
            case HandAttached():
                self._attached(event)
            case NoHand(ticket):
                self._adopting.pop(ticket, None)
            case AttachFailed(ticket, key, text):
                self._attach_failed(ticket, key, text)
            case FromHand(link, parcel):
                device = self._by_link(link)
                if device is not None:
                    device.from_hand(parcel)
                elif parcel.fd is not None:
                    os.close(parcel.fd)
            case HandEnded(link, text):
                device = self._by_link(link)
                link.close()
                if device is not None:
                    device.connection.hand_ended(text)
            case SimulationReady(bus, error):
                self.first.simulated(bus, error)
            case SimulationEnded(text):
                self.first.simulated("", f"it ended: {text}")
            case LogLine(level, text):
                self.first.board.line(level, text)
            case Junk(reason, offset):
                self._junk += 1
                if self._junk <= 10 or self._junk % 1000 == 0:
                    _log.warning("input near byte %d cannot be read: %s", offset, reason)
            case Unknown(tag):
                _log.info("the element %s has no meaning here", tag)
            case DefVector() | SetVector() | DelProperty() | MessageText() | EnableBlob():
                _log.debug("snooped traffic that nobody asked for: %s", type(event).__name__)
            case _:
                assert_never(event)
        self.upload.step(self._clock.monotonic())

    def tick(self) -> None:
        """Let everything do what is due now."""
        now = self._clock.monotonic()
        for device in list(self.devices.values()):
            device.tick(now)
        self.upload.step(now)
        if self._look_at is not None and now >= self._look_at:
            self._look_at = now + LOOK_S
            if not self.at_work:
                self._look_on("")

    def wake_at(self) -> float | None:
        """Monotonic time by which `tick` is to be called again; None: only after an event."""
        wishes = [device.wake_at() for device in self.devices.values()]
        wishes += [self.upload.wake_at(), self._look_at]
        return min((at for at in wishes if at is not None), default=None)

    def stop(self, reason: str) -> None:
        """The end: each hand learns it by the end of its pair, and finishes what it must."""
        if self.stopped:
            return
        self.stopped = reason
        _log.info("the driver ends: %s", reason)
        at_work = self.at_work
        for device in self.devices.values():
            device.connection.end()
        self.upload.close()
        if not at_work:
            self._outside.end_simulation()

    # --- the client -------------------------------------------------------------------------------------------------

    def _get_properties(self, wish: GetProperties) -> None:
        if wish.version is not None and _version(wish.version) > (1, 7):
            _log.warning("a client speaks INDI %s, this driver 1.7", wish.version)
        for device in list(self.devices.values()):
            if wish.device in (None, "", device.name) or not device.choices.introduced:
                device.introduce(wish.name or None)
        if self._look_at is None:
            self.begin()

    def begin(self) -> None:
        """A client can see the first device: tell it what there is to tell, and look for cameras."""
        self._announce(self.first, final=False)
        self._look_at = self._clock.monotonic() + LOOK_S
        self._look_on("")

    def _new_vector(self, new: NewVector) -> None:
        device = self.devices.get(new.device)
        if device is None:
            _log.info("%s belongs to %s, which is none of ours", new.name, new.device)
        else:
            device.write(new)

    def _announce(self, device: Device, final: bool = True) -> None:
        """Tell what earlier lives saved. `final`: a client is certainly there, so it need not be told again."""
        if self._journal is None:
            return
        told = []
        for entry in self._journal.unannounced():
            mine = entry.device == device.name or (device.first and entry.device not in self.devices)
            if mine:
                device.board.say(Level.WARNING, entry.text)
                told.append(entry.id)
        if final and not self.upload.closed:
            self._journal.mark(told)

    # --- cameras ----------------------------------------------------------------------------------------------------

    def _look(self, device: Device) -> None:
        if device not in self._waiting:
            self._waiting.append(device)
        self._look_on(device.bus)

    def _look_on(self, bus: str) -> None:
        if bus not in self._looking:
            self._looking.add(bus)
            self._outside.look(bus)

    def _found(self, found: Found) -> None:
        self._looking.discard(found.bus)
        if not found.bus and not found.error:
            self._assign(found.cameras)
        waiting = [device for device in self._waiting if device.bus == found.bus]
        self._waiting = [device for device in self._waiting if device not in waiting]
        for device in waiting:
            device.connection.found(found.cameras, found.error)

    def _choose(self, device: Device, cameras: tuple[Camera, ...]) -> Camera | str:
        if not device.first:
            found = next((c for c in cameras if c.key == device.key), None)
            return found or f"The camera of {device.name} is not plugged in any more."
        if device.bus:
            return pick(cameras, "", ())
        taken = {d.key for d in self.devices.values() if not d.first}
        choice = pick(cameras, device.binding, taken)
        if isinstance(choice, Camera):
            self._reserved = choice.key
        return choice

    def _assign(self, cameras: tuple[Camera, ...]) -> None:
        """One device for each camera that is not the first device's."""
        keys = {c.key for c in cameras}
        self._reserve(cameras, keys)
        for name, device in list(self.devices.items()):
            goes = device.key not in keys or device.key == self._reserved
            if not device.first and goes and device.connection.phase is Phase.OFF:
                device.board.delete_device()
                del self.devices[name]
        assigned = {d.key for d in self.devices.values() if not d.first} | {self._reserved}
        for camera in cameras:
            if camera.kind is CameraKind.PTP and camera.key not in assigned:
                device = Device(device_name(camera, self.devices), self._services, False, camera.key)
                self.devices[device.name] = device
                device.introduce()
                self._adopt(device, camera.key)

    def _reserve(self, cameras: tuple[Camera, ...], keys: set[str]) -> None:
        first = self.first
        if first.bus:
            self._reserved = ""
            return
        if first.connection.phase is not Phase.OFF and first.connection.key:
            self._reserved = first.connection.key
            return
        choice = self._choose(first, cameras) if self._reserved not in keys or first.binding else ""
        if isinstance(choice, Camera):
            self._adopt(first, choice.key)
        elif self._reserved not in keys or first.binding:
            self._reserved = ""

    def _adopt(self, device: Device, key: str) -> None:
        """Attach to the hand at work for this camera, if there is one."""
        if device.connection.phase is Phase.OFF:
            ticket = self._new_id()
            self._adopting[ticket] = device
            self._outside.attach(ticket, key, device.bus, False)

    def _attached(self, event: HandAttached) -> None:
        device = self._adopting.pop(event.ticket, None)
        if device is not None and device.connection.phase in (Phase.OFF, Phase.LOOKING):
            device.connection.attached(event)
            return
        for device in self.devices.values():
            # An attempt that was given up holds the hand: the later one of the same camera was refused because of it.
            if device.connection.phase is Phase.ATTACHING and device.connection.key == event.key:
                device.connection.attached(event)
                return
        event.link.close()

    def _attach_failed(self, ticket: int, key: str, text: str) -> None:
        if self._adopting.pop(ticket, None) is not None:
            _log.info("the hand at %s was not adopted: %s", key, text)
            return
        for device in self.devices.values():
            if device.connection.ticket == ticket:
                device.connection.attach_failed(text)

    def _simulate(self, on: bool) -> None:
        if on:
            self._outside.simulate()
        else:
            self._outside.end_simulation()

    def _by_link(self, link: object) -> Device | None:
        return next((d for d in self.devices.values() if d.connection.link is link), None)

    def _new_id(self) -> int:
        self._ids += 1
        return self._ids


def _version(text: str) -> tuple[int, ...]:
    parts = text.strip().split(".")
    return tuple(int(part) for part in parts if part.isascii() and part.isdigit()) or (0,)
