"""A face in one thread on a virtual clock: a scripted outside, a hand that obeys the test, a server that listens.

Everything that the face writes is parsed, as a client would: whatever cannot be parsed fails the test.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from indi_sony_py.clock import VirtualClock
from indi_sony_py.driver.board import Board
from indi_sony_py.driver.device import Device
from indi_sony_py.driver.events import (
    AttachFailed,
    Camera,
    Event,
    Found,
    FromHand,
    HandAttached,
    HandEnded,
    NoHand,
    SimulationReady,
)
from indi_sony_py.driver.face import Face
from indi_sony_py.engine.focusmessages import FocusReport
from indi_sony_py.engine.focustable import LensTable
from indi_sony_py.engine.messages import (
    CameraStatus,
    Choice,
    Connect,
    Expose,
    ExposureProgress,
    ExposureRequest,
    ExposureStarted,
    Identity,
    Role,
    SettingsReport,
    SettingView,
    ShutterMode,
    Stage,
)
from indi_sony_py.errors import HandLost
from indi_sony_py.hand.journal import Journal
from indi_sony_py.hand.messages import FrameReady, FrameSaved, HandState, Message
from indi_sony_py.hand.pair import Parcel
from indi_sony_py.indi.blobs import Attached, BlobItem, Way
from indi_sony_py.indi.messages import BlobWritten
from indi_sony_py.indi.stream import Parser
from tests.tries import ONE_TRY, Tries

DEVICE = "Sony Alpha"
CAMERA = Camera("usb-1-2", "ILCE-7SM3", "04123456")
IDENTITY = Identity("ILCE-7SM3", "00000000000000000000000004123456", "3.00", "3.00", "it says so")
SETTINGS = SettingsReport(
    (
        SettingView("iso", 800, "800", (Choice(1600, "1600"), Choice(100, "100"), Choice(800, "800")), True),
        SettingView("battery", 87, "87 %"),
        SettingView("drive", 1, "single"),
    )
)
LENS = LensTable("FE 35mm F1.8", (1.0, 2.5, 8.0, 20.0, 55.0, 146.0, 389.0), 4200.0, 20.0)
FOCUS = FocusReport(LENS.name, True, place=500.0, limit=LENS.reach, measured=True, there=True, table=LENS)
"""A lens that is measured, and stands at 500."""


@dataclass
class ScriptedHand:
    """The other end of a link. `got` is what the face asked."""

    key: str
    rig: Rig
    got: list[Message] = field(default_factory=list)
    alive: bool = True
    closed: bool = False

    def send(self, message: Message) -> None:
        if not self.alive:
            raise HandLost("the hand is gone")
        self.got.append(message)

    def close(self) -> None:
        self.closed = True

    def say(self, *messages: Message, fd: int | None = None) -> None:
        """Tell the face."""
        for message in messages:
            self.rig.face.handle(FromHand(self, Parcel(message, fd)))
        self.rig.run()

    def die(self, text: str = "killed") -> None:
        self.alive = False
        self.rig.face.handle(HandEnded(self, text))
        self.rig.run()

    def asked(self, kind: type[Message]) -> list[Message]:
        return [message for message in self.got if isinstance(message, kind)]

    @property
    def request(self) -> ExposureRequest:
        """The last exposure that was asked for."""
        last = self.asked(Expose)[-1]
        assert isinstance(last, Expose)
        return last.request

    def start(self, duration_s: float | None = None, exposure_id: int | None = None) -> None:
        """The shutter opens now."""
        request = self.request
        length = request.duration_s if duration_s is None else duration_s
        now = self.rig.clock.monotonic()
        number = request.id if exposure_id is None else exposure_id
        self.say(ExposureStarted(number, length, ShutterMode.BULB, "2026-01-15T20:00:00", now))

    def collect(self, exposure_id: int | None = None) -> None:
        number = self.request.id if exposure_id is None else exposure_id
        self.say(ExposureProgress(number, Stage.COLLECTING))

    def frame(self, data: bytes = b"SIMPLE", exposure_id: int | None = None, frame_id: int = 1, **more: object) -> None:
        """The image of an exposure."""
        fd = os.memfd_create("frame", os.MFD_CLOEXEC)
        os.write(fd, data)
        number = self.request.id if exposure_id is None else exposure_id
        form = ".arw" if self.asked(Expose) and self.request.transfer == "native" else ".fits"
        self.say(FrameReady(frame_id, number, form, len(data), **more), fd=fd)  # type: ignore[arg-type]

    def saved(self, path: str, exposure_id: int | None = None, frame_id: int = 1, **more: object) -> None:
        number = self.request.id if exposure_id is None else exposure_id
        role = more.pop("role", Role.FRAME)
        self.say(FrameSaved(frame_id, number, role, path, **more))  # type: ignore[arg-type]


class ScriptedOutside:
    """Answers at the next `run`, by what the test laid out: `cameras`, `at_work` (states by key), `hands`.

    `deaf`: there are no answers; `hold`: they wait until a test hands them over by `answer`.
    """

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.cameras: tuple[Camera, ...] = (CAMERA,)
        self.error = ""
        self.at_work: dict[str, HandState] = {}
        self.hands: list[ScriptedHand] = []
        self.refuse = ""
        self.deaf = False
        self.hold = False
        self.simulation = SimulationReady("unix:/simulated")
        self.answers: deque[Event] = deque()
        self.simulations_ended = 0
        self.looks = 0
        self.searches = 0

    def look(self, bus: str, network: bool = False) -> None:
        self.looks += 1
        self.searches += network
        if not self.deaf:
            self.answers.append(Found(bus, self.cameras, self.error))

    def attach(self, ticket: int, key: str, bus: str, start: bool) -> None:
        if self.deaf:
            return
        state = self.at_work.get(key)
        if state is None and not start:
            self.answers.append(NoHand(ticket, key))
        elif self.refuse:
            self.answers.append(AttachFailed(ticket, key, self.refuse))
        else:
            hand = ScriptedHand(key, self.rig)
            self.hands.append(hand)
            self.answers.append(HandAttached(ticket, key, hand, state or HandState()))

    def simulate(self) -> None:
        self.answers.append(self.simulation)

    def end_simulation(self) -> None:
        self.simulations_ended += 1

    def answer(self) -> Event:
        """Hand over the oldest answer."""
        event = self.answers.popleft()
        self.rig.face.handle(event)
        self.rig.run()
        return event


class Rig:
    """The face and everything around it. `said` are the elements that went out, in order; `blobs` their payloads.

    `retakes`: RETAKES of each device, None for the driver's own.
    """

    def __init__(
        self, environment: Mapping[str, str] | None = None, journal: Path | None = None,
        logging_changed: Callable[[Board], None] = lambda board: None, retakes: int | None = ONE_TRY,
    ) -> None:  # fmt: skip
        self.clock = VirtualClock()
        self.said: list[ElementTree.Element] = []
        self.blobs: list[bytes] = []
        self.acknowledge = True
        self.pings: list[str] = []
        self.outside = ScriptedOutside(self)
        self._parser = Parser()
        env = dict(os.environ) if environment is None else dict(environment)
        self.face = Face(
            self.clock, self._write, self.outside, Way.ATTACHED, env, None if journal is None else Journal(journal),
            logging_changed,
        )  # fmt: skip
        self._written: deque[Event] = deque()
        self._tries = Tries(retakes)
        self._tries.look(self.face)

    def close(self) -> None:
        self.face.stop("the test is over")

    def _write(self, item: bytes | BlobItem) -> None:
        if isinstance(item, bytes):
            self._parse(item)
            return
        assert isinstance(item, Attached)
        self.blobs.append(os.pread(item.fd, 1 << 20, 0))
        self._parse(item.data)
        self._written.append(BlobWritten(item.token))

    def _parse(self, data: bytes) -> None:
        for element in ElementTree.fromstring(b"<indi>" + data + b"</indi>"):
            if element.tag == "pingRequest":
                self.pings.append(element.attrib["uid"])
            self.said.append(element)

    def run(self) -> None:
        """Everything that is due now."""
        for _ in range(1000):
            self._tries.look(self.face)
            self.face.tick()
            if self.outside.answers and not self.outside.hold:
                self.face.handle(self.outside.answers.popleft())
            elif self._written:
                self.face.handle(self._written.popleft())
            elif self.acknowledge and self.pings:
                self.client(f"<pingReply uid='{self.pings.pop(0)}'/>")
            else:
                return
        raise AssertionError("the face finds no rest")

    def client(self, text: str) -> None:
        """What a client writes; whole, in one read."""
        for item in self._parser.feed(text.encode()):
            self.face.handle(item)
        self.run()

    def wait(self, seconds: float) -> None:
        """Let time pass, stopping wherever the face wishes to be called."""
        until = self.clock.monotonic() + seconds
        for _ in range(100_000):
            wish = self.face.wake_at()
            self.clock.sleep_until(min(until, until if wish is None else wish))
            self.run()
            if self.clock.monotonic() >= until:
                return
        raise AssertionError("the face wishes to be called for ever")

    # --- what a test asks -------------------------------------------------------------------------------------------

    @property
    def hand(self) -> ScriptedHand:
        return self.outside.hands[-1]

    @property
    def device(self) -> Device:
        return self.face.first

    def new(self, kind: str, name: str, device: str = DEVICE, **elements: object) -> None:
        inside = "".join(f"<one{kind} name='{k}'>{v}</one{kind}>" for k, v in elements.items())
        self.client(f"<new{kind}Vector device='{device}' name='{name}'>{inside}</new{kind}Vector>")

    def connect(self) -> ScriptedHand:
        """A client comes and connects the camera."""
        self.client("<getProperties version='1.7'/>")
        self.new("Switch", "CONNECTION", CONNECT="On")
        assert self.hand.asked(Connect)
        self.hand.say(CameraStatus("connecting"), CameraStatus("warming", IDENTITY), SETTINGS)
        self.hand.say(CameraStatus("ready", IDENTITY))
        return self.hand

    def expose(self, seconds: float = 5.0) -> None:
        self.new("Number", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=seconds)

    def forget(self) -> None:
        self.said.clear()

    def states(self, name: str = "CCD_EXPOSURE") -> list[tuple[str, float]]:
        """State and first value of each set of a number vector."""
        found = [e for e in self.said if e.tag == "setNumberVector" and e.attrib["name"] == name]
        return [(e.attrib["state"], float(e[0].text or "nan")) for e in found]

    def switch_states(self, name: str) -> list[tuple[str, str]]:
        """State and the switches that are On, of each set."""
        found = [e for e in self.said if e.tag == "setSwitchVector" and e.attrib["name"] == name]
        return [
            (e.attrib["state"], " ".join(o.attrib["name"] for o in e if (o.text or "").strip() == "On")) for e in found
        ]

    def messages(self) -> list[str]:
        return [e.attrib["message"] for e in self.said if e.tag == "message"]

    def tags(self) -> list[tuple[str, str]]:
        return [(e.tag, e.attrib.get("name", "")) for e in self.said]

    def place(self, tag: str, name: str = "") -> int:
        """The place of the first such element."""
        return self.tags().index((tag, name))
