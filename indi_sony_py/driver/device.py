"""One INDI device: a camera, or the place for one. It joins choices, connection, exposure, photos and controls.

One thread, the main loop of the face, calls it. It knows its hand by a link, and the server by the board.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from indi_sony_py import texts
from indi_sony_py.clock import Clock
from indi_sony_py.driver.board import Board
from indi_sony_py.driver.changes import Changes
from indi_sony_py.driver.choices import Choices
from indi_sony_py.driver.connection import Connection
from indi_sony_py.driver.connectphase import Phase
from indi_sony_py.driver.controls import Controls
from indi_sony_py.driver.events import Camera, Outside
from indi_sony_py.driver.exposure import Exposure
from indi_sony_py.driver.exposure import Phase as ExposurePhase
from indi_sony_py.driver.focuser import Focuser
from indi_sony_py.driver.framing import Framing
from indi_sony_py.driver.frozen import area, iso_as_gain, speeds_only
from indi_sony_py.driver.knowledge import Knowledge
from indi_sony_py.driver.lensmeasure import LensMeasure
from indi_sony_py.driver.photos import Photos
from indi_sony_py.driver.sensors import Sensors
from indi_sony_py.driver.starwatch import StarWatch
from indi_sony_py.driver.streaming import Stream
from indi_sony_py.driver.surroundings import Surroundings
from indi_sony_py.driver.upload import Upload
from indi_sony_py.driver.view import CameraView, same_serial, shown_serial
from indi_sony_py.engine.focusmessages import FocusEnded, FocusReport
from indi_sony_py.engine.messages import (
    Aborted,
    CameraStatus,
    ChangeResult,
    ExposureFailed,
    ExposureHeld,
    ExposureProgress,
    ExposureRequest,
    ExposureStarted,
    Identity,
    Level,
    LiveViewStatus,
    Notice,
    SettingsReport,
)
from indi_sony_py.hand.messages import (
    FrameReady,
    FrameSaved,
    Goodbye,
    HandState,
    Hello,
    LiveFrameReady,
    Looked,
    Message,
    RecordReport,
    Refused,
    StarSeen,
)
from indi_sony_py.hand.pair import Parcel
from indi_sony_py.indi.messages import NewVector, State
from indi_sony_py.indi.vectors import Utc

__all__ = ["Device", "Services"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Services:
    """What the face lends to its devices."""

    clock: Clock
    utc: Utc
    out: Callable[[bytes], None]
    outside: Outside
    upload: Upload
    environment: Mapping[str, str]
    look: Callable[[Device], None]
    choose: Callable[[Device, tuple[Camera, ...]], Camera | str]
    owner: Callable[[str], str]
    announce: Callable[[Device], None]
    simulate: Callable[[bool], None]
    logging_changed: Callable[[Board], None]
    new_id: Callable[[], int]
    sensors: Sensors


class Device:
    """`first`: the one that always exists. `camera`: a further one's own. `choices`: those made before."""

    def __init__(
        self, name: str, services: Services, first: bool, camera: Camera | None = None, choices: Choices | None = None
    ) -> None:
        self.name = name
        self.first = first
        self.key = camera.key if camera is not None else ""
        self.serial = camera.serial if camera is not None else ""
        self.usb_name = camera.model if camera is not None else ""
        self.keeps_model = not first
        self.bus = ""
        self.view = CameraView()
        self._services = services
        self.clock = services.clock
        self.choices = choices or Choices(name, first, services.environment, services.utc, services.out)
        self.board = self.choices.board
        self.connection = Connection(self.board, services.clock, services.outside, self, services.new_id())
        self.controls = Controls(self)
        self.exposure = Exposure(
            self.board, services.clock, self.connection.send, lambda: self.connection.wished and self.connection.on,
            self.controls.request,
        )  # fmt: skip
        self.changes = Changes(self)
        self.framing = Framing(self)
        self.knowledge = Knowledge(self.board, services.sensors)
        self.stream = Stream(self, services.upload)
        self.surroundings = Surroundings(self.board, services.out, self.exposure.observed)
        self.focuser = Focuser(self)
        self.lens_measure = LensMeasure(self)
        self.star_watch = StarWatch(self)
        self.photos = Photos(self, services.upload)
        self._form_waits = False

    # --- the client -------------------------------------------------------------------------------------------------

    def introduce(self, name: str | None = None) -> None:
        """Answer a getProperties; the first one makes the device known."""
        if self.choices.introduced:
            self.board.define_all(name)
            return
        self.choices.introduce()
        if self.first or self.board["DEBUG"].chosen() == "ENABLE":
            self.logging_changed()

    def write(self, new: NewVector) -> None:
        self.controls.write(new)

    def expose(self, request: ExposureRequest) -> None:
        """CCD_EXPOSURE. A frame that waits for its turn would be taken for the new one's: it goes to disk."""
        self.photos.take_back(texts.frames.OVERTAKEN())
        self.exposure.begin(request)

    def abort(self) -> None:
        """CCD_ABORT_EXPOSURE. A frame that waits for its turn is taken back and goes to disk."""
        self.photos.take_back(texts.frames.EXPOSURE_ABORTED())
        self.exposure.abort()

    def area_changed(self) -> None:
        self.view = replace(self.view, area=area(self), measured=None, part=None)
        self.refresh()

    def forms_changed(self) -> None:
        """A choice that says in what form clients see something."""
        self.view = replace(self.view, iso_as_gain=iso_as_gain(self), speeds_only=speeds_only(self))
        self.refresh()

    def logging_changed(self) -> None:
        self._services.logging_changed(self.board)

    def new_exposure_id(self) -> int:
        return self._services.new_id()

    def simulate(self, on: bool) -> None:
        """SIMULATION: only while nothing is connected."""
        if not self.connection.idle:
            closing = self.connection.phase is Phase.CLOSING
            self.board.notice(texts.simulation.CLOSING if closing else texts.simulation.CONNECTED)
            self.board.tell("SIMULATION", State.ALERT)
            return
        self.connection.give_up_wish()
        self.bus = ""
        self._services.simulate(on)
        if not on:
            self.board.notice(texts.simulation.DISABLED)
        self.board.choose("SIMULATION", "ENABLE" if on else "DISABLE", State.BUSY if on else State.OK)

    @property
    def _simulation_starts(self) -> bool:
        return self.first and self.board["SIMULATION"].state is State.BUSY

    def simulated(self, bus: str, error: str) -> None:
        """The simulated camera is there, or is not (any more)."""
        waits = self._simulation_starts and self.connection.phase is Phase.LOOKING
        self.bus = bus
        if error:
            text = texts.simulation.NO_CAMERA(reason=error)
            self.board.choose("SIMULATION", "DISABLE", State.ALERT)
            self.connection.fail(text, keep_wish=False) if waits else self.board.say(Level.ERROR, text)
            return
        self.board.notice(texts.simulation.ENABLED)
        self.board.tell("SIMULATION", State.OK)
        if waits:
            self.look()

    # --- the connection's host --------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look for cameras; while the simulated one starts, as soon as it is there."""
        if not self._simulation_starts:
            self._services.look(self)

    def choose(self, cameras: tuple[Camera, ...]) -> Camera | str:
        return self._services.choose(self, cameras)

    @property
    def binding(self) -> str:
        """The serial number that the user wants here; "" for any."""
        return self.board["CAMERA_BINDING"].text("SERIAL").strip()

    @property
    def named(self) -> Camera | None:
        """The camera in the network that the user named for this device."""
        text = self.board["NETWORK_CAMERA"].text("HOST").strip() if self.first and not self.bus else ""
        if not text:
            return None
        from indi_sony_py.transport.ipaddress import NetworkPlace

        try:
            return Camera(NetworkPlace.parse(text).key)
        except ValueError:
            _log.warning("%s: NETWORK_CAMERA holds %r, which is no place", self.name, text)
            return None

    @property
    def by_name(self) -> bool:
        """Whether the connection is to the place that the user named."""
        named = self.named
        return named is not None and named.key == self.connection.key

    @property
    def searches(self) -> bool:
        """Whether cameras are to be looked for in the network, too."""
        return self.first and self.board["NETWORK_SEARCH"].chosen() == "ENABLE"

    def look_around(self) -> None:
        """What is looked for has changed."""
        self._services.look(self)

    def has_settings(self) -> bool:
        return bool(self.view.settings.settings)

    def accepts(self, serial: str, usb_name: str = "") -> bool:
        """Whether a camera with this serial number may be this device's; without two numbers its name on USB tells.

        The one that was connected is, whatever was chosen meanwhile: a choice is for the next connection.
        """
        if self.connection.on and same_serial(serial, self.connection.identity.serial):
            return True
        if self.first and not self.bus and self._services.owner(serial) not in ("", self.name) and not self.by_name:
            return False
        wanted = self.binding if self.first and not self.bus else self.serial
        if shown_serial(wanted) and shown_serial(serial):
            return same_serial(wanted, serial)
        return "" in (usb_name, self.usb_name) or usb_name == self.usb_name

    def waiting_request(self) -> Message | None:
        return self.exposure.not_begun()

    def camera_ready(self, identity: Identity) -> None:
        if identity != self.view.identity or not self.view.facts.model:
            self.view = self.knowledge.of(self.view, identity)
        self.view = replace(self.view, area=area(self))
        self.forms_changed()
        if identity.model and not self.view.pixel_um:
            self.board.notice(texts.camera.UNKNOWN_PIXELS, model=identity.model)
        width, height = self.view.size or (0, 0)
        self.photos.expected(width * height * 2)
        self.controls.show_file_path()
        self.surroundings.camera_ready()
        self.stream.camera_ready()
        self.star_watch.camera_ready()
        self._services.announce(self)

    def pixels_told(self, pixel_um: float) -> None:
        """A client says how large a pixel is; a body's own row knows better."""
        before, self.view = self.view, self.knowledge.pixels_told(self.view, pixel_um)
        if self.view is not before:
            self.refresh()

    def camera_off(self) -> None:
        self.photos.told_files.clear()
        self.photos.take_back(texts.frames.DISCONNECTED())
        self.exposure.reset()
        self.changes.forget()
        self.focuser.forget()
        self.stream.camera_off()
        self.lens_measure.forget()
        self.star_watch.camera_off()
        self.board.hide_connected(also=("CCD_FILE_PATH", "CCD_ROTATION", "FOCUS_STAR"))
        self.view = CameraView()

    def hand_lost(self, text: str) -> bool:
        told = self.exposure.lost(text) | self.stream.recording.lost(text) | self.changes.give_up_all(text)
        return told | self.focuser.lost(text) | self.lens_measure.lost(text)

    def told(self, reason: str) -> bool:
        return self.exposure.told(reason)

    def adopt(self, state: HandState) -> None:
        if state.held is not None:
            self.exposure.adopt_held(state.held)
        elif state.exposure is not None:
            self.exposure.adopt(state.exposure)

    # --- the hand ---------------------------------------------------------------------------------------------------

    def from_hand(self, parcel: Parcel) -> None:
        """A report. The descriptor beside it is taken over."""
        message, fd = parcel.message, parcel.fd
        if isinstance(message, FrameReady) and fd is not None and self.connection.link is not None:
            self.photos.ready(self.connection.link, message, fd)
            return
        if isinstance(message, LiveFrameReady) and fd is not None and self.connection.link is not None:
            self.stream.frame_ready(self.connection.link, message, fd)
            return
        if fd is not None:
            os.close(fd)
        match message:
            case CameraStatus():
                self.connection.status(message)
                identity = self.connection.identity
                if identity.model and self.connection.on and message.identity == identity != self.view.identity:
                    self.camera_ready(identity)
            case SettingsReport():
                self.view = replace(self.view, settings=message)
                self.connection.settings_came()
                self.refresh()
            case FocusReport():
                self.view = replace(self.view, focus=self.focuser.as_shown(message))
                self.refresh()
                self.focuser.reported(message)
            case FocusEnded():
                self.focuser.ended(message)
            case StarSeen():
                self.star_watch.seen(message)
            case ExposureStarted():
                self.exposure.started(message)
            case ExposureProgress():
                self.exposure.progressed(message)
            case ExposureHeld():
                self.exposure.held(message)
            case ExposureFailed():
                self.exposure.failed(message)
            case Aborted():
                self.exposure.aborted(message)
            case ChangeResult():
                self.changes.changed(message)
            case Notice():
                self.board.say(message.level, message.text)
            case LiveViewStatus():
                self.stream.status(message)
            case RecordReport():
                self.stream.recording.reported(message)
            case FrameSaved():
                self.photos.saved(message)
            case Looked():
                self.view = replace(self.view, looked=message)
                self.refresh()
            case Goodbye() | Hello() | HandState() | Refused():
                _log.info("%s: the hand says %s", self.name, message)
            case _:
                _log.warning("%s: %s from a hand has no meaning here", self.name, type(message).__name__)

    # --- the clock --------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        self.connection.tick(now)
        self.exposure.tick(now)
        self.changes.tick(now)
        self.lens_measure.tick(now)
        if self._form_waits and self._settled:
            self.refresh()
        if self.choices.introduced:
            self.surroundings.tick(now, self.connection.on)

    def wake_at(self) -> float | None:
        around = self.surroundings.wake_at(self.connection.on)
        lens = self.lens_measure.wake_at()
        wishes = (self.connection.wake_at(), self.exposure.wake_at(), self.changes.wake_at(), lens, around)
        return min((at for at in wishes if at is not None), default=None)

    def refresh(self) -> None:
        """Bring all that belongs to the camera to what is known now."""
        if self.connection.on:
            self._form_waits = not self.board.refresh(self.view, self.changes.busy, self._settled)

    @property
    def _settled(self) -> bool:
        """Whether no exposure is under way: a camera at work lists its settings in another way."""
        return self.exposure.phase is ExposurePhase.NONE
