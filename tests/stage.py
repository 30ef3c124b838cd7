"""The whole stack in one thread on one virtual clock: client, server, face, hands, cameras. A night takes seconds.

    with Stage("ILCE-7SM3", "ILCE-6000") as stage:           # one device a camera; keys sim-0, sim-1
        stage.connect()                                       # a client comes and connects the first device
        frame = stage.expose(5.3)                             # to Ok; or AssertionError with what was said
        assert frame.serial == 1                              # read from the pixels
        stage.client.expose(60)                               # or step by step: any newXXXVector
        stage.run(20)                                         # let virtual time pass
        stage.camera.do("unplug", back_s=5)                   # control commands; .fault(kind, when, ...) arms rows
        stage.kill_hand()                                     # SIGKILL, also in the middle of a transfer
        stage.until(lambda: stage.client["CCD_EXPOSURE"].state == "Alert", 60)
        stage.assert_clean()                                  # no referee has anything to say

- Real: `Face`, `Hand`, `Worker`, `Developer`, `Disk`, journal, spool, transport, simulated cameras. Replaced: threads
  (`stagetime`), sockets (local pairs), processes (`stagehand`), the server (below).
- `client`: the first client (`stageclient.Client`): `vectors`, `client["NAME"]` mirror what the driver told, `frames`
  are the BLOBs, `messages` and `said` all that came. `new_client()` adds one; `gone(client)`: it vanishes, the server
  stays.
- `overheard` is told of each element at the moment in which the driver writes it, whoever reads it.
- The server acknowledges BLOBs (`acknowledge`), and reads (`reads` False: it stands still, what is written waits). Its
  end is `end_face()` (the driver's input ends); `kill_face()` is its SIGKILL; `start_face()` starts the driver again,
  and each client that is there asks for the properties.
- `hands`: processes by key; `kill_hand(key)`, `terminate_hand(key)`. `cameras`, `camera` (the first), by key in `at`.
- `later(seconds, action)` does something at a moment. `clock.step_wall(s)` steps the computer's wall clock.
- Frames are 512 x 384 unless `picture` is given. Press numbers of camera n begin at 1000 n + 1. All files lie below
  $HOME (a test's own); `saved()` tells which presses lie there.
"""

from __future__ import annotations

import base64
import heapq
import itertools
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from xml.etree import ElementTree

from indi_sony_py.driver.events import BusChanged, Event
from indi_sony_py.driver.face import LOOK_S, LOOK_UNHEARD_S, Face
from indi_sony_py.hand.journal import Journal
from indi_sony_py.hand.places import Places
from indi_sony_py.indi.blobs import Attached, BlobItem, Way
from indi_sony_py.indi.messages import BlobWritten, EndOfInput
from indi_sony_py.indi.stream import Parser
from indi_sony_py.sim.attach import LocalSlot
from indi_sony_py.sim.darkroom import Picture
from indi_sony_py.sim.geometry import small
from indi_sony_py.sim.pictures import SkyPictures
from indi_sony_py.sim.profile import profile_of
from indi_sony_py.sim.serial_mark import read_serial
from indi_sony_py.transport.bus import BusBackend
from tests.stageclient import Client, Frame, fits_pixels
from tests.stagehand import HandProcess, StageCamera, camera_of, digest
from tests.stageoutside import StageOutside
from tests.stagetime import BodyClock, PortClock, StageClock
from tests.tries import ONE_TRY, Tries

__all__ = ["Client", "Frame", "Stage", "StageCamera"]

T = TypeVar("T")
_ROUNDS = 20_000
_STILL_S = 0.0005


@dataclass(frozen=True)
class _Written:
    """What the driver wrote at once."""

    elements: list[tuple[ElementTree.Element, dict[str, bytes]]]
    token: int | None


class _FaceProcess:
    """The driver's process: the main loop's inbox, and what it writes."""

    def __init__(self, stage: Stage, environment: dict[str, str], way: Way) -> None:
        self.inbox: deque[Event] = deque()
        self.outside = StageOutside(stage, self.inbox.append)
        self.parser = Parser()
        look_s = LOOK_S if stage.heard else LOOK_UNHEARD_S
        journal = Journal(*stage.places.journals)
        self.face = Face(stage.clock, stage._written, self.outside, way, environment, journal, look_s=look_s)
        self._tries = Tries(stage.retakes)
        self._tries.look(self.face)

    def turn(self, now: float) -> bool:
        self._tries.look(self.face)
        moved = self.outside.turn()
        while self.inbox:
            moved = True
            self.face.handle(self.inbox.popleft())
        wake = self.face.wake_at()
        if moved or (wake is not None and wake <= now):
            self.face.tick()
            return moved or self.face.wake_at() != wake
        return False

    def wake_at(self) -> float | None:
        times = (self.face.wake_at(), self.outside.wake_at())
        return min((at for at in times if at is not None), default=None)

    def kill(self) -> None:
        self.outside.end()
        self.face.upload.close()
        for event in self.inbox:
            parcel = getattr(event, "parcel", None)
            if parcel is not None and parcel.fd is not None:
                os.close(parcel.fd)
        self.inbox.clear()


class Stage:
    """`models`: a camera each. `pace_s`: how long a frame's development and a file's writing take.

    `heard`: the driver hears at once what is plugged in and out. `retakes`: RETAKES of each device, None for the
    driver's own. `pictures`: what a camera of each model sees, as `picture` is for all of them. `numbered`: the first
    camera has a serial number, too. `environment`: more of the driver's; `options`: more for each simulated camera
    (`sim.camera.Camera`).
    """

    def __init__(
        self,
        *models: str,
        pace_s: float = 0.1,
        way: Way = Way.ATTACHED,
        environment: dict[str, str] | None = None,
        picture: Picture | None = None,
        pictures: Callable[[str], Picture] | None = None,
        keep: int | None = None,
        heard: bool = True,
        retakes: int | None = ONE_TRY,
        numbered: bool = False,
        **options: Any,
    ) -> None:
        self.clock = StageClock()
        self.heard = heard
        self.retakes = retakes
        self._way = way
        self._pace_s = pace_s
        self._keep = keep
        self._environment = {**os.environ, **(environment or {})}
        self.home = Path(os.environ["HOME"])
        state = self.home / ".local" / "state" / "indi_sony_py"
        self.places = Places(state, (state / "frames",), (self.home / "shared",))
        self.cameras: list[StageCamera] = []
        ports = PortClock(self.clock)
        for number, model in enumerate(models or ("ILCE-7SM3",)):
            made = picture or (
                SkyPictures(profile_of(model), number + 1, small(512, 384)) if pictures is None else pictures(model)
            )
            serial = {"serial": f"{number + 1:08d}"} if number or numbered else {}
            self.cameras.append(
                camera_of(f"sim-{number}", model, BodyClock(self.clock), made, 1000 * number + 1, {**serial, **options})
            )
            self.cameras[-1].touched = self._touched(self.cameras[-1])

        def slots() -> list[LocalSlot]:
            for camera in self.cameras:
                camera.device.advance()
            return [LocalSlot(c.host, ports, c.key) for c in self.cameras if c.device.present]

        self.backend = BusBackend(slots)
        self._places_seen = self._plugged()
        self.hands: dict[str, HandProcess] = {}
        self.acknowledge = True
        self._reads = True
        self._unread: deque[_Written] = deque()
        self.overheard: Callable[[ElementTree.Element, dict[str, bytes]], None] | None = None
        self.clients: list[Client] = []
        self.client = self.new_client()
        self._script: list[tuple[float, int, Callable[[], object]]] = []
        self._count = itertools.count()
        self._face: _FaceProcess | None = None
        self.start_face()

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """All processes are killed."""
        self.kill_face()
        for key in list(self.hands):
            self.kill_hand(key)

    # --- who is there -----------------------------------------------------------------------------------------------

    @property
    def camera(self) -> StageCamera:
        return self.cameras[0]

    @property
    def at(self) -> dict[str, StageCamera]:
        """Cameras by key."""
        return {camera.key: camera for camera in self.cameras}

    @property
    def face(self) -> Face:
        """The driver at work."""
        assert self._face is not None, "there is no driver"
        return self._face.face

    @property
    def outside(self) -> StageOutside:
        assert self._face is not None, "there is no driver"
        return self._face.outside

    @property
    def hand(self) -> HandProcess:
        """The hand of the first camera."""
        return self.hands[self.camera.key]

    def _touched(self, camera: StageCamera) -> Callable[[], None]:
        def touched() -> None:
            for process in self.hands.values():
                process.touched()

        return touched

    # --- processes --------------------------------------------------------------------------------------------------

    def start_face(self) -> None:
        """The server starts the driver."""
        assert self._face is None
        self._face = _FaceProcess(self, dict(self._environment), self._way)
        for client in self.clients:
            if client.vectors or client.said:
                self._to_driver(b"<getProperties version='1.7'/>")

    def kill_face(self) -> None:
        """SIGKILL. The server tells its clients that the devices are gone."""
        process, self._face = self._face, None
        if process is not None:
            process.kill()
            self._driver_gone(process)

    def end_face(self) -> None:
        """The server closes the driver's input; the driver leaves by itself."""
        assert self._face is not None
        process = self._face
        process.inbox.append(EndOfInput(""))
        self.settle()
        assert process.face.stopped
        self._face = None
        process.kill()
        self._driver_gone(process)

    def _driver_gone(self, process: _FaceProcess) -> None:
        self._unread.clear()
        for name in process.face.devices:
            gone = ElementTree.Element("delProperty", device=name)
            for client in self.clients:
                client.hear(gone, {})

    def start_hand(self, key: str) -> HandProcess:
        """A new hand's process at this place."""
        process = HandProcess(key, self.clock, self.places, self.backend, lambda: self.at.get(key), self._pace_s)
        self.hands[key] = process
        return process

    def kill_hand(self, key: str | None = None) -> None:
        """SIGKILL."""
        self.hands.pop(key or self.camera.key).kill()

    def terminate_hand(self, key: str | None = None) -> None:
        """SIGTERM: the machine goes down."""
        self.hands[key or self.camera.key].terminate()

    # --- the server -------------------------------------------------------------------------------------------------

    def new_client(self) -> Client:
        """One more client; it says nothing by itself."""
        client = Client(self._to_driver, self.clock.monotonic, self._keep)
        self.clients.append(client)
        return client

    def gone(self, client: Client) -> None:
        """A client vanishes: it hears nothing more. The driver is not told, as by indiserver."""
        self.clients.remove(client)

    @property
    def reads(self) -> bool:
        """Whether the server reads what the driver writes."""
        return self._reads

    @reads.setter
    def reads(self, on: bool) -> None:
        self._reads = on
        while on and self._unread:
            self._read(self._unread.popleft())

    def _to_driver(self, data: bytes) -> None:
        if self._face is not None:
            self._face.inbox.extend(self._face.parser.feed(data))

    def _written(self, item: bytes | BlobItem) -> None:
        fd: int | None = None
        token: int | None = None
        if isinstance(item, bytes):
            data = item
        elif isinstance(item, Attached):
            data, fd, token = item.data, item.fd, item.token
        else:
            data, token = b"".join(item.pieces), item.token
        elements = []
        for element in ElementTree.fromstring(b"<indi>" + data + b"</indi>"):
            blobs = {member.attrib["name"]: _payload(member, fd) for member in element if member.tag == "oneBLOB"}
            elements.append((element, blobs))
            if self.overheard is not None:
                self.overheard(element, blobs)
        whole = _Written(elements, token)
        if self._reads and not self._unread:
            self._read(whole)
        else:
            self._unread.append(whole)

    def _read(self, item: _Written) -> None:
        for element, blobs in item.elements:
            if element.tag == "pingRequest":
                if self.acknowledge:
                    self._to_driver(f"<pingReply uid='{element.attrib['uid']}'/>".encode())
            elif element.tag != "getProperties":
                for client in list(self.clients):
                    client.hear(element, blobs)
        if item.token is not None and self._face is not None:
            self._face.inbox.append(BlobWritten(item.token))

    def _plugged(self) -> tuple[object, ...]:
        return tuple((c.key, c.device.present, c.camera.address, c.camera.usb_mode) for c in self.cameras)

    def _listen(self) -> None:
        """What is plugged in or out is heard of."""
        if self.heard and self._face is not None and (plugged := self._plugged()) != self._places_seen:
            self._places_seen = plugged
            self._face.inbox.append(BusChanged())

    # --- time -------------------------------------------------------------------------------------------------------

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do `action` so much later, between two steps of everybody."""
        heapq.heappush(self._script, (self.clock.monotonic() + seconds, next(self._count), action))

    def settle(self) -> None:
        """Everything that is due now, until nobody has anything left to do."""
        for _ in range(_ROUNDS):
            now = self.clock.monotonic()
            moved = False
            self._listen()
            if self._face is not None:
                moved = self._face.turn(now)
            for key, process in list(self.hands.items()):
                moved |= process.turn()
                if process.dead and self.hands.get(key) is process:
                    del self.hands[key]
            if not moved:
                return
        raise AssertionError(f"no rest at {self.clock.monotonic()}")

    def step(self, limit: float | None = None) -> None:
        """Jump to the next moment at which something happens (at most to `limit`), and let all be done there."""
        self.settle()
        now = self.clock.monotonic()
        moments = [limit, *(process.wake_at() for process in self.hands.values())]
        if self._face is not None:
            moments.append(self._face.wake_at())
        if self._script:
            moments.append(self._script[0][0])
        moments += [camera.device.next_change(now) for camera in self.cameras]
        moment = min((at for at in moments if at is not None), default=now + 1.0)
        self.clock.go(max(moment, now + _STILL_S) if limit is None else max(min(moment, limit), now + _STILL_S))
        for camera in self.cameras:
            camera.device.advance()
        while self._script and self._script[0][0] <= self.clock.monotonic():
            heapq.heappop(self._script)[2]()
        self.settle()

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self.clock.monotonic() + seconds
        self.settle()
        while self.clock.monotonic() < end:
            self.step(end)

    def until(self, condition: Callable[[], T], limit_s: float = 300.0) -> T:
        """Step on until `condition` gives something, which comes back. AssertionError past the limit (virtual s)."""
        end = self.clock.monotonic() + limit_s
        self.settle()
        while not (found := condition()):
            assert self.clock.monotonic() < end, f"not within {limit_s} s; last heard: {self._last_words()}"
            self.step(end)
        return found

    def _last_words(self) -> str:
        client = self.client
        last = [(at, e.tag, e.attrib.get("name", ""), e.attrib.get("state", "")) for at, e in client.said[-6:]]
        said = [f"{at:.1f} {tag} {name} {state}" for at, tag, name, state in last]
        return f"{said}; messages: {client.texts[-6:]}"

    # --- what a test does most --------------------------------------------------------------------------------------

    def connect(self, device: str | None = None, client: Client | None = None, limit_s: float = 60.0) -> None:
        """The client asks for the properties (once) and connects a device; returns when CONNECTION is Ok."""
        client = client or self.client
        name = device or client.device
        if not client.vectors:
            client.get_properties()
        self.until(lambda: client.has("CONNECTION", name), 30.0)
        client.connect(name)
        self.settle()
        self.until(lambda: client.vectors[name, "CONNECTION"].state != "Busy", limit_s)
        mirror = client.vectors[name, "CONNECTION"]
        assert (mirror.state, mirror.chosen) == ("Ok", "CONNECT"), client.texts[-4:]

    def expose(self, seconds: float, device: str | None = None, limit_s: float | None = None) -> Frame:
        """One exposure to its end: the frame that came before the Ok. AssertionError on Alert, with what was said."""
        client = self.client
        name = device or client.device
        frames, mirror = len(client.frames), client.vectors[name, "CCD_EXPOSURE"]
        client.expose(seconds, device)
        self.settle()
        self.until(lambda: mirror.state != "Busy", limit_s or 2 * seconds + 400)
        assert mirror.state == "Ok", f"{mirror.state}: {client.texts[-4:]}"
        got = [frame for frame in client.frames[frames:] if frame.device == name]
        assert len(got) == 1, f"{len(got)} frames"
        return got[0]

    # --- the truth --------------------------------------------------------------------------------------------------

    def serial_of(self, data: bytes, form: str) -> int | None:
        """Which press a file or BLOB shows: by the mark in the pixels of a FITS, else by the camera's own bytes."""
        if form == ".fits":
            return read_serial(fits_pixels(data))
        known = digest(data)
        return next((camera.stored[known] for camera in self.cameras if known in camera.stored), None)

    def saved(self) -> dict[Path, int | None]:
        """The frames that lie below the home, with their presses; what only the driver itself knows is left out."""
        found = {}
        for path in sorted(self.home.rglob("*")):
            if path.suffix.lower() in (".fits", ".arw") and "spool" not in path.parts:
                found[path] = self.serial_of(path.read_bytes(), path.suffix.lower())
        return found

    def assert_clean(self) -> None:
        """No rule of the camera was broken."""
        broken = [entry for camera in self.cameras for entry in camera.broken]
        assert not broken, "\n".join(str(entry) for entry in broken)


def _payload(member: ElementTree.Element, fd: int | None) -> bytes:
    size = int(member.attrib["size"])
    if fd is None:
        return base64.b64decode(member.text or "")
    assert member.attrib["attached"] == "true" and os.fstat(fd).st_size == size == int(member.attrib["len"])
    return os.pread(fd, size, 0)
