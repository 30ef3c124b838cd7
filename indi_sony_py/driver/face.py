"""All devices of the process, and the one inbox: every event goes through `handle`, time through `tick`.

- The first device always exists. It takes the camera that its config names, else the one that it had when the driver
  ran last, else the first one found.
- Each further camera is a device of its own, for as long as it is plugged in or connected. A camera keeps the device
  that it once had, wherever it is plugged in and in whatever order.
- What is heard of the bus is a reason to look, at once and twice more: a camera needs its time to show itself.
- Hands that are at work when the driver starts are adopted; frames that earlier lives rescued are announced.
- No I/O in here: elements leave by `out`, everything that takes time is `Outside`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import assert_never

from indi_sony_py import texts
from indi_sony_py.clock import Clock
from indi_sony_py.driver.board import Board
from indi_sony_py.driver.choices import Choices, first_name
from indi_sony_py.driver.choose import device_name, in_another_mode, pick, usable, usb_name
from indi_sony_py.driver.connectphase import Phase
from indi_sony_py.driver.device import Device, Services
from indi_sony_py.driver.events import (
    AttachFailed,
    BusChanged,
    Camera,
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
from indi_sony_py.driver.firstcamera import FirstCamera
from indi_sony_py.driver.logs import LogLine
from indi_sony_py.driver.sensors import Sensors
from indi_sony_py.driver.upload import Upload
from indi_sony_py.driver.view import same_serial, shown_serial
from indi_sony_py.engine.messages import Level
from indi_sony_py.hand.journal import Journal
from indi_sony_py.hand.places import Places, safe_name
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

__all__ = ["LOOK_AFTER_S", "LOOK_LIMIT_S", "LOOK_S", "LOOK_UNHEARD_S", "MAX_OWNED", "Face"]

LOOK_S = 10.0
"""So often cameras are looked for that nobody has asked for, although changes are heard of."""
LOOK_UNHEARD_S = 3.0
"""So often where they are not."""
LOOK_LIMIT_S = 60.0
"""A look without an answer (a USB system that hangs) holds up the next one no longer."""
MAX_OWNED = 200
"""So many cameras are remembered; the one seen longest ago is forgotten."""
LOOK_AFTER_S = (0.0, 0.8, 2.5)
"""After a change was heard of: its device may not have its rights yet, or not be ready."""
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
        look_s: float = LOOK_S,
    ) -> None:
        self._look_s = look_s
        self._clock = clock
        self._outside = outside
        self._journal = journal
        self.upload = Upload(clock, way, out)
        self._ids = int(clock.utc().timestamp() * 1000)
        self._looking: dict[str, float] = {}
        self._look_at: float | None = None
        self._looks_due: list[float] = []
        self._reserved = ""
        self._owners: dict[str, str] = {}
        self._adopting: dict[int, Device] = {}
        self._junk = 0
        self.stopped = ""
        places = Places.of(environment)
        self._services = Services(
            clock, clock.utc, out, outside, self.upload, environment, self._look, self._choose,
            lambda serial: self._owners.get(shown_serial(serial).upper(), ""), self._announce,
            self._simulate, logging_changed, self._new_id, Sensors(places.state / "sensors.json"),
        )  # fmt: skip
        name = first_name(environment)
        self._had = FirstCamera(places.state / f"first-{safe_name(name)}.txt")
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
            case BusChanged():
                now = self._clock.monotonic()
                self._looks_due = [now + seconds for seconds in LOOK_AFTER_S]
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
                self.first.simulated("", texts.simulation.ENDED(reason=text))
            case LogLine(level, text):
                self.first.board.line(level, text)
            case Junk(reason, offset):
                self._junk += 1
                if self._junk <= 10 or self._junk % 1000 == 0:
                    _log.warning("input near byte %d cannot be read: %s", offset, reason)
            case Unknown(tag):
                _log.info("the element %s has no meaning here", tag)
            case DefVector() | SetVector() | DelProperty():
                for each in self.devices.values():
                    each.surroundings.hear(event, self._clock.monotonic())
            case MessageText() | EnableBlob():
                _log.debug("of no use here: %s", type(event).__name__)
            case _:
                assert_never(event)
        self.upload.step(self._clock.monotonic())

    def tick(self) -> None:
        """Let everything do what is due now."""
        now = self._clock.monotonic()
        for device in list(self.devices.values()):
            device.tick(now)
        self._keep_first()
        self.upload.step(now)
        if self._look_at is not None and now >= self._look_at:
            self._look_at = now + self._look_s
            if not self.at_work:
                self._look_on("")
        if self._look_at is not None and self._looks_due and now >= self._looks_due[0]:
            self._looks_due = [at for at in self._looks_due if at > now]
            self._look_on("")

    def wake_at(self) -> float | None:
        """Monotonic time by which `tick` is to be called again; None: only after an event."""
        wishes = [device.wake_at() for device in self.devices.values()]
        wishes += [self.upload.wake_at(), self._look_at]
        wishes += self._looks_due[:1] if self._look_at is not None else []
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
        self._look_at = self._clock.monotonic() + self._look_s
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
                if entry.path not in device.photos.told_files:
                    device.board.say(Level.WARNING, entry.text)
                told.append(entry.id)
                if final:
                    device.photos.told_files.add(entry.path)
        if final and not self.upload.closed:
            self._journal.mark(told)

    # --- cameras ----------------------------------------------------------------------------------------------------

    def _look(self, device: Device) -> None:
        self._look_on(device.bus)

    def _look_on(self, bus: str) -> None:
        now = self._clock.monotonic()
        if now >= self._looking.get(bus, now):
            self._looking[bus] = now + LOOK_LIMIT_S
            self._outside.look(bus, not bus and self.first.searches)

    def _found(self, found: Found) -> None:
        self._looking.pop(found.bus, None)
        cameras, error = found.cameras, found.error
        named = None if found.bus else self.first.named
        if named is not None:
            # It is where the user says, whatever is on USB; whether it is there shows when it is connected.
            cameras, error = (named, *(c for c in cameras if c.key != named.key)), ""
        if not found.bus and not error:
            self._assign(cameras)
        for device in list(self.devices.values()):
            if device.bus == found.bus:
                device.connection.found(cameras, error)

    def _choose(self, device: Device, cameras: tuple[Camera, ...]) -> Camera | str:
        if not device.first:
            found = next((c for c in cameras if _is_at(device, c)), None)
            if found is None:
                return texts.cable.NOT_PLUGGED_IN(device=device.name)
            return in_another_mode(found) or found
        if device.bus:
            return pick(cameras, "", ())
        named = device.named
        if named is not None:
            self._reserved = named.key
            return named
        taken = {c.key for c in cameras if self._is_taken(c)}
        order = sorted(cameras, key=lambda c: (self._owner(c) != device.name, not self._had_it(c)))
        choice = pick(order, device.binding, taken)
        if isinstance(choice, Camera):
            self._reserved = choice.key
            self._own(choice, device)
        return choice

    def _owner(self, camera: Camera) -> str:
        """The name of the device that this camera had before; "" for a new one."""
        return self._owners.get(_identity(camera), "")

    def _is_firsts(self, camera: Camera) -> bool:
        """Whether no further device had it last."""
        return self._owner(camera) in ("", self.first.name)

    def _is_taken(self, camera: Camera) -> bool:
        """Whether a further device has it, or had it last."""
        return not self._is_firsts(camera) or any(_is_at(device, camera) for device in self.devices.values())

    def _own(self, camera: Camera, device: Device) -> None:
        """Remember whose camera it is. Bounded: a network may show ever new ones."""
        self._owners.pop(_identity(camera), None)
        self._owners[_identity(camera)] = device.name
        if len(self._owners) > MAX_OWNED:
            del self._owners[next(iter(self._owners))]

    def _had_it(self, camera: Camera) -> bool:
        """Whether the first device had this one last, in this life of the driver or the one before."""
        return self._had.identity == camera.key or same_serial(self._had.identity, camera.serial)

    def _keep_first(self) -> None:
        connection = self.first.connection
        if connection.phase is Phase.ON and not self.first.bus:
            self._had.keep(shown_serial(connection.identity.serial) or connection.key)

    def _assign(self, cameras: tuple[Camera, ...]) -> None:
        """One device for each camera that is not the first device's."""
        self._reserve(cameras)
        for name, device in list(self.devices.items()):
            if device.first:
                continue
            found = next((c for c in cameras if _is_at(device, c)), None)
            if found is not None:
                device.key = found.key
            goes = found is None or found.key == self._reserved
            if goes and not device.connection.wished and device.connection.link is None:
                device.board.delete_device()
                del self.devices[name]
        named = self.first.named
        firsts = (self._reserved, "" if named is None else named.key)
        for camera in usable(cameras):
            if camera.key not in firsts and not any(_is_at(d, camera) for d in self.devices.values()):
                device = Device(device_name(camera, self.devices), self._services, False, camera)
                self.devices[device.name] = device
                self._own(camera, device)
                device.introduce()
                self._adopt(device, camera.key)

    def _reserve(self, cameras: tuple[Camera, ...]) -> None:
        """Which camera is the first device's: not whichever is at that place now, cables are put elsewhere."""
        first = self.first
        free = {c.key for c in cameras if not self._is_taken(c)}
        if first.bus:
            self._reserved = ""
            return
        if first.connection.wished and first.connection.key:
            # One that is named is where its name says, also if the same body charges over USB meanwhile.
            serial = "" if first.by_name else first.connection.identity.serial
            moved = next((c.key for c in cameras if same_serial(c.serial, serial)), first.connection.key)
            strange = not first.by_name and any(c.key == moved and not self._is_firsts(c) for c in cameras)
            self._reserved = "" if strange else moved
            return
        anew = self._reserved not in free or bool(first.binding) or first.named is not None
        choice = self._choose(first, cameras) if anew else ""
        if isinstance(choice, Camera):
            self._adopt(first, choice.key)
        elif anew:
            self._reserved = ""

    def _adopt(self, device: Device, key: str) -> None:
        """Attach to the hand at work for this camera, if there is one."""
        if device.connection.idle:
            ticket = self._new_id()
            self._adopting[ticket] = device
            self._outside.attach(ticket, key, device.bus, False)

    def _attached(self, event: HandAttached) -> None:
        device = self._adopting.pop(event.ticket, None)
        if device is not None and device.connection.phase in (Phase.OFF, Phase.WAITING, Phase.LOOKING):
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


def _identity(camera: Camera) -> str:
    return shown_serial(camera.serial).upper() or camera.key


def _is_at(device: Device, camera: Camera) -> bool:
    """Whether this is the camera of a further device: by its serial number, without one by its place and its name."""
    if device.first:
        return False
    if shown_serial(device.serial) and shown_serial(camera.serial):
        return same_serial(device.serial, camera.serial)
    return device.key == camera.key and device.accepts(camera.serial, usb_name(camera))


def _version(text: str) -> tuple[int, ...]:
    parts = text.strip().split(".")
    return tuple(int(part) for part in parts if part.isascii() and part.isdigit()) or (0,)
