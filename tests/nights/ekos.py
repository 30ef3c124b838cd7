"""A client that behaves as Ekos does (as observed in KStars 3.6 and later), with its user.

- A job is a number of frames of one kind; before each frame all settings are sent in one burst with CCD_EXPOSURE.
- A fast job asks once for all its frames, and counts what comes.
- Alert: the capture is restarted at once, at most twice; then the job is given up.
- No frame 180 s after the exposure's end: FITS is chosen, the exposure aborted and asked for again; after the third
  time the driver is restarted through the server's FIFO (SIGKILL, a second, start).
- A connection that is lost stops the job; it goes on when CONNECTION is Ok again. A camera that is disconnected is
  connected again after a while.
- The user aborts, disconnects and connects, writes settings, and closes the program or loses it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from xml.etree import ElementTree

from tests.stageclient import Client

__all__ = ["Asked", "Ekos", "Job", "Server"]

TIMEOUT_S = 180.0
MAX_RESTARTS = 2
MAX_TIMEOUTS = 3


@dataclass(frozen=True)
class Job:
    """Frames that differ in nothing. `upload` is the element of UPLOAD_MODE; `fast`: by CCD_FAST_COUNT."""

    seconds: float
    frames: int
    frame_type: str
    upload: str
    format: str
    transfer: str
    iso: str
    pause_s: tuple[float, float]
    fast: bool = False


@dataclass(frozen=True)
class Asked:
    """One CCD_EXPOSURE that was sent. `bias`: whatever its time, it is the body's shortest."""

    at: float
    seconds: float
    upload: str
    transfer: str
    bias: bool = False


class Server:
    """What Ekos can do to the server: restart the driver."""

    def __init__(self, restart: Callable[[], None]) -> None:
        self.restart = restart


class _Mood(Enum):
    AWAY = auto()
    STARTING = auto()
    CONNECTING = auto()
    OFF = auto()
    IDLE = auto()
    CAPTURING = auto()


class Ekos:
    """One program at one device. `tick` is called often, and tells when it wants to be called again.

    `area`: FRAME_AREA, "" where its user leaves it as it is.
    """

    def __init__(
        self, pick: random.Random, device: str, new_client: Callable[[], Client], server: Server,
        say: Callable[[str], None], now: Callable[[], float], asked: Callable[[Asked | None], None], folder: str,
        fast: Callable[[], bool] = lambda: False, area: str = "",
    ) -> None:  # fmt: skip
        self._pick = pick
        self.device = device
        self._new_client = new_client
        self._server = server
        self._say = say
        self._now = now
        self._asked = asked
        self._folder = folder
        self._fast = fast
        self._area = area
        self._came = 0
        self.client: Client | None = None
        self.mood = _Mood.AWAY
        self._next_at = 0.0
        self._job: Job | None = None
        self._left = 0
        self._restarts = 0
        self._timeouts = 0
        self._ends_by = 0.0
        self._state = ""
        self._frame = False
        self.resting = False

    # --- what it hears ----------------------------------------------------------------------------------------------

    def _heard(self, element: ElementTree.Element) -> None:
        if element.attrib.get("device") != self.device:
            return
        name, tag = element.attrib.get("name", ""), element.tag
        if tag == "delProperty" and name == "":
            self._lost()
        if tag == "setBLOBVector" and name == "CCD1":
            self._frame = True
            self._came += 1
        if tag == "setTextVector" and name == "CCD_FILE_PATH" and self._job is not None:
            self._frame |= self._job.upload == "UPLOAD_LOCAL"
            self._came += self._job.upload == "UPLOAD_LOCAL"
        if tag == "setNumberVector" and name == "CCD_EXPOSURE":
            self._state = element.attrib.get("state", "")

    def _lost(self) -> None:
        if self.mood not in (_Mood.AWAY, _Mood.STARTING):
            self.mood, self._job = _Mood.STARTING, None
            self._next_at = self._now() + 1.0

    # --- its life ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """The program is started."""
        self.client = self._new_client()
        self.client.device = self.device
        self.client.heard.append(self._heard)
        self.client.blobs = self.client.strict = False
        self.client.get_properties()
        self.mood, self._job, self._next_at = _Mood.STARTING, None, self._now()

    def vanish(self) -> Client | None:
        """The program crashes."""
        client, self.client = self.client, None
        self.mood, self._job = _Mood.AWAY, None
        return client

    def rest(self) -> None:
        """No further frame after this one; a fast job comes to its end."""
        self.resting = True
        if self._job is None or not self._job.fast:
            self._left = 0

    @property
    def busy(self) -> bool:
        return self.mood is _Mood.CAPTURING

    def tick(self) -> float | None:
        """Do what is due; when next."""
        now, client = self._now(), self.client
        if client is None:
            return None
        match self.mood:
            case _Mood.STARTING:
                if client.has("CONNECTION") and now >= self._next_at:
                    self._connect(client)
            case _Mood.CONNECTING | _Mood.OFF | _Mood.IDLE:
                self._look(client, now)
            case _Mood.CAPTURING:
                self._watch(client, now)
            case _Mood.AWAY:
                pass
        return self._ends_by if self.mood is _Mood.CAPTURING and self._ends_by > now else max(self._next_at, now + 0.5)

    def _connect(self, client: Client) -> None:
        if client["CONNECTION"].chosen == "CONNECT" and client["CONNECTION"].state == "Ok":
            self.mood = _Mood.IDLE
            return
        self._say(f"{self.device}: Ekos connects")
        client.connect()
        self.mood, self._next_at = _Mood.CONNECTING, self._now() + 60.0

    def _look(self, client: Client, now: float) -> None:
        if not client.has("CONNECTION"):
            return
        connection = client["CONNECTION"]
        if connection.state == "Ok" and connection.chosen == "CONNECT" and client.has("CCD_EXPOSURE"):
            if self.mood is not _Mood.IDLE:
                self.mood, self._next_at = _Mood.IDLE, now + 1.0
            elif now >= self._next_at and not self.resting:
                self._begin_job(now)
        elif connection.chosen != "CONNECT" and self.mood is not _Mood.OFF:
            self.mood, self._next_at = _Mood.OFF, now + self._pick.choice((3.0, 10.0, 30.0))
        elif self.mood is _Mood.OFF and now >= self._next_at:
            self._connect(client)
        elif self.mood is _Mood.IDLE:
            self.mood, self._next_at = _Mood.CONNECTING, now + 60.0
        elif now >= self._next_at:
            self._next_at = now + 30.0

    # --- jobs -------------------------------------------------------------------------------------------------------

    def _begin_job(self, now: float) -> None:
        pick = self._pick
        kind = pick.random()
        seconds, frames = (
            (pick.choice((0.5, 1.0, 1.3, 2.0, 3.0)), pick.randrange(3, 12)) if kind < 0.35
            else (pick.choice((10.0, 15.0, 20.5, 30.0, 45.0, 60.0)), pick.randrange(3, 10)) if kind < 0.8
            else (pick.choice((90.0, 120.0, 180.0, 300.0)), pick.randrange(1, 5)) if kind < 0.95
            else (pick.choice((0.00025, 0.001, 0.01, 0.25)), pick.randrange(3, 12))
        )  # fmt: skip
        self._job = Job(
            seconds, frames, pick.choice(("FRAME_LIGHT",) * 5 + ("FRAME_DARK", "FRAME_FLAT", "FRAME_BIAS")),
            pick.choice(("UPLOAD_CLIENT",) * 6 + ("UPLOAD_LOCAL", "UPLOAD_LOCAL", "UPLOAD_BOTH")),
            pick.choice(("INDI_RAW",) * 4 + ("INDI_RAW_JPEG",)),
            pick.choice(("FORMAT_FITS",) * 4 + ("FORMAT_NATIVE",)), pick.choice(("", "", "next")),
            pick.choice(((0.0, 0.0), (0.0, 0.0), (0.2, 3.0), (5.0, 40.0))), self._fast(),
        )  # fmt: skip
        self._left, self._timeouts = frames, 0
        self._begin_frame(now)

    def _begin_frame(self, now: float) -> None:
        self._restarts = 0
        self._capture(now)

    def _capture(self, now: float, forced: bool = False) -> None:
        """The burst: nothing is waited for."""
        client, job = self.client, self._job
        assert client is not None and job is not None
        if not client.has("CCD_EXPOSURE"):
            self._give_up(now, "the camera's properties are gone")
            return
        texts: list[str] = []
        if forced:
            texts.append(self._vector("Switch", "CCD_TRANSFER_FORMAT", FORMAT_FITS="On"))
            texts.append(self._vector("Switch", "CCD_ABORT_EXPOSURE", ABORT="On"))
        else:
            texts.append(self._vector("Switch", "UPLOAD_MODE", **{job.upload: "On"}))
            texts.append(self._vector("Switch", "CCD_TRANSFER_FORMAT", **{job.transfer: "On"}))
            if client.has("CCD_ISO") and job.iso == "next":
                choices = list(client["CCD_ISO"].values)
                texts.append(self._vector("Switch", "CCD_ISO", **{self._pick.choice(choices[:8]): "On"}))
            if job.upload != "UPLOAD_CLIENT":
                where = {"UPLOAD_DIR": self._folder, "UPLOAD_PREFIX": "IMAGE_XXX"}
                texts.append(self._vector("Text", "UPLOAD_SETTINGS", **where))
            if client.has("CCD_CAPTURE_FORMAT"):
                every = {name: "On" if name == job.format else "Off" for name in client["CCD_CAPTURE_FORMAT"].values}
                texts.append(self._vector("Switch", "CCD_CAPTURE_FORMAT", **every))
            texts.append(self._vector("Switch", "CCD_FRAME_TYPE", **{job.frame_type: "On"}))
            texts.append(self._vector("Number", "CCD_BINNING", HOR_BIN=1, VER_BIN=1))
            if self._area:
                texts.append(self._vector("Switch", "FRAME_AREA", **{self._area: "On"}))
        if job.fast or client["CCD_FAST_TOGGLE"].chosen == "INDI_ENABLED":
            element = "INDI_ENABLED" if job.fast else "INDI_DISABLED"
            texts.append(self._vector("Switch", "CCD_FAST_TOGGLE", **{element: "On"}))
            texts.append(self._vector("Number", "CCD_FAST_COUNT", FRAMES=self._left if job.fast else 1))
        texts.append(self._vector("Number", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=job.seconds))
        self._frame, self._state, self._came = False, "", 0
        self.mood = _Mood.CAPTURING
        self._ends_by = now + int(job.seconds) + TIMEOUT_S
        self._say(f"{self.device}: Ekos asks for {job.seconds:g} s ({job.upload}, {job.transfer}, {job.format})")
        form = "FORMAT_FITS" if forced else job.transfer
        self._asked(Asked(now, job.seconds, job.upload, form, job.frame_type == "FRAME_BIAS"))
        client.send("".join(texts))

    def _vector(self, kind: str, name: str, **elements: object) -> str:
        inside = "".join(f"<one{kind} name='{key}'>{value}</one{kind}>" for key, value in elements.items())
        return f"<new{kind}Vector device='{self.device}' name='{name}'>{inside}</new{kind}Vector>"

    def _watch(self, client: Client, now: float) -> None:
        connection = client["CONNECTION"] if client.has("CONNECTION") else None
        if connection is None or connection.chosen != "CONNECT" or connection.state == "Alert":
            self._give_up(now, "the connection is lost")
            return
        if self._job is not None and self._job.fast and self._came:
            self._count_fast(now)
        elif self._frame and self._state == "Ok" and not (self._job is not None and self._job.fast):
            self._left -= 1
            if self._left <= 0:
                self._job, self.mood = None, _Mood.IDLE
                self._next_at = now + self._pick.choice((0.0, 1.0, 20.0, 90.0))
            else:
                self._next_at = now + self._pick.uniform(*self._pause)
                self._state, self._ends_by = "waits", self._next_at
        elif self._state == "waits":
            if now >= self._next_at:
                self._begin_frame(now)
        elif self._state == "Alert":
            self._restarts += 1
            if self._restarts > MAX_RESTARTS:
                self._give_up(now, "three captures failed")
            else:
                self._say(f"{self.device}: Ekos restarts the capture, attempt {self._restarts}")
                self._capture(now)
        elif now >= self._ends_by:
            self._timed_out(now)

    def _count_fast(self, now: float) -> None:
        assert self._job is not None
        self._left, self._came = self._left - self._came, 0
        self._ends_by = now + int(self._job.seconds) + TIMEOUT_S
        if self._left <= 0:
            self._job, self.mood = None, _Mood.IDLE
            self._next_at = now + self._pick.choice((0.0, 1.0, 20.0, 90.0))

    @property
    def _pause(self) -> tuple[float, float]:
        assert self._job is not None
        return self._job.pause_s

    def _timed_out(self, now: float) -> None:
        self._timeouts += 1
        self._say(f"{self.device}: Ekos has waited long enough ({self._timeouts})")
        if self._timeouts > MAX_TIMEOUTS:
            self._give_up(now, "three captures timed out")
            self._server.restart()
        else:
            self._asked(None)
            self._capture(now, forced=True)

    def _give_up(self, now: float, why: str) -> None:
        self._say(f"{self.device}: Ekos gives the job up: {why}")
        self._job, self.mood = None, _Mood.IDLE
        self._next_at = now + self._pick.choice((5.0, 30.0, 120.0))

    # --- its user ---------------------------------------------------------------------------------------------------

    def abort(self) -> None:
        """The user presses Stop."""
        client = self.client
        if client is not None and client.has("CCD_ABORT_EXPOSURE"):
            self._say(f"{self.device}: the user aborts")
            self._asked(None)
            client.abort()
            self._job, self.mood = None, _Mood.IDLE
            self._next_at = self._now() + self._pick.choice((0.0, 0.0, 2.0, 30.0))

    def disconnect(self) -> None:
        """The user disconnects."""
        client = self.client
        if client is not None and client.has("CONNECTION"):
            self._say(f"{self.device}: the user disconnects")
            self._asked(None)
            client.disconnect()
            self._job, self.mood = None, _Mood.OFF
            self._next_at = self._now() + self._pick.choice((0.0, 0.1, 3.0, 20.0))
