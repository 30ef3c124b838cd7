"""What must hold in every night. Looks at what the driver writes, what the camera did and what lies on disk.

`Wrong` is raised at the first breach:

- a frame that answers a request is the photo that was made for it, of the length that was asked for, and nobody's else;
- no photo comes out twice unless it is marked; none is lost without a word that names it;
- a bulb is open as long as was planned, to a millisecond, unless something on the camera's side ended it;
- the header is true, in the client's hands and in a file: EXPTIME, EXPREQ, DATE-OBS, SHUTCNT, and whose frame it is
  (CAMERA, CAMSER, FRAMESER);
- a vector that is Busy does not stay so for ever;
- a request is tried as often as RETAKES allows, and a photo of one try never answers for another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree

from indi_sony_py.engine.messages import ExposureRequest, ShutterMode
from indi_sony_py.engine.plan import Plan
from indi_sony_py.sim.darkroom import Press
from indi_sony_py.sim.referee import Entry
from indi_sony_py.sim.serial_mark import read_serial
from tests.nights.ekos import Asked
from tests.stage import Stage, StageCamera
from tests.stageclient import fits_header, fits_pixels
from tests.stagehand import digest

__all__ = ["BULB_S", "Judge", "Wrong", "struck"]

BULB_S = 0.001
UNFINISHED_S = 0.11
"""A release waits 0.1 s for the answer to a read that was given up just before: it may be on its way."""
_READ_S = 6.0
UNKNOWABLE_S = 1.5
"""A photo that somebody makes at the body so shortly before our press, with the same settings, cannot be told apart."""
_CONNECTION_S = 60.0
_CLOCK_S = 0.05
_SERVED_LATE = "may have been delivered before"
_OUR_FAULT = "report it with the log"
"""What every text says that tells of a bug of ours."""
_PRESS_S = 0.2
"""So long after its begin a press may open the shutter."""
_AGAIN = re.compile(r"is made once more \(try (\d+) of (\d+)\)")
_BUTTON = 0x9207
_ENDS_BULBS = ("wrong-exposure", "two-frames", "unplug", "hang", "user", "deaf")
_Shot = tuple[float, ExposureRequest, Plan]


class Wrong(BaseException):
    """Something happened that must never happen. No handler of the driver's may take it for a fault of its own."""


@dataclass
class _Watched:
    """One device as the client sees it."""

    asked: Asked | None = None
    exposure: str = ""
    exposure_since: float = 0.0
    connection: str = ""
    connection_since: float = 0.0


@dataclass
class _Out:
    """Where a photo came out. `ways`: "client" or a path; `marked`: those that say that they are duplicates.

    `both`: it answers a request for both.
    """

    ways: list[str] = field(default_factory=list)
    marked: int = 0
    both: bool = False


class Judge:
    """Of one night. `wall` gives the computer's UTC for a monotonic time. `tries`: so often is one request made."""

    def __init__(
        self, stage: Stage, wall: Callable[[float], datetime], say: Callable[[str], None], tries: int = 1
    ) -> None:
        self._tries = tries
        self._stage = stage
        self._wall = wall
        self._say = say
        self._watched: dict[str, _Watched] = {}
        self._out: dict[int, _Out] = {}
        self._texts: list[str] = []
        self._disturbed: list[tuple[float, float]] = []
        self._judged: set[int] = set()
        self._duplicate_told = False
        self.counts: Counter[str] = Counter()
        self.on_blob: Callable[[], None] = lambda: None
        stage.overheard = self._hears

    # --- what the night tells ---------------------------------------------------------------------------------------

    def asked(self, device: str, asked: Asked | None) -> None:
        """A client asked for an exposure, or took that back (None)."""
        self._of(device).asked = asked
        self.counts["asked"] += asked is not None

    def disturbed(self, seconds: float = 0.0) -> None:
        """Something was done that may end an exposure early, now or within `seconds`."""
        now = self._stage.clock.monotonic()
        self._disturbed.append((now, now + seconds))

    def driver_gone(self) -> None:
        """The driver's process ended."""
        for watched in self._watched.values():
            watched.exposure = watched.connection = ""

    # --- what the driver writes -------------------------------------------------------------------------------------

    def _of(self, device: str) -> _Watched:
        return self._watched.setdefault(device, _Watched())

    def _hears(self, element: ElementTree.Element, blobs: dict[str, bytes]) -> None:
        now, device, name = (
            self._stage.clock.monotonic(),
            element.attrib.get("device", ""),
            element.attrib.get("name", ""),
        )
        if "message" in element.attrib:
            text = element.attrib["message"]
            self._say(f"{device}: {text}")
            self._texts.append(text)
            if (again := _AGAIN.search(text)) is not None:
                self.counts["retakes"] += 1
                if not 1 < int(again[1]) <= int(again[2]) == self._tries:
                    self._wrong(f"{self._tries} tries are allowed: {text}")
            self._duplicate_told |= _SERVED_LATE in text
            if _OUR_FAULT in text:
                self._wrong(text)
        state = element.attrib.get("state", "")
        watched = self._of(device)
        if element.tag in ("setNumberVector", "defNumberVector") and name == "CCD_EXPOSURE":
            self._exposure(device, watched, state, element, now)
        elif element.tag in ("setSwitchVector", "defSwitchVector") and name == "CONNECTION":
            if state != watched.connection:
                on = [member.attrib["name"] for member in element if (member.text or "").strip() == "On"]
                self._say(f"{device}: CONNECTION {state} {' '.join(on)}")
                watched.connection, watched.connection_since = state, now
        elif element.tag == "setTextVector" and name == "CCD_FILE_PATH":
            paths = [(member.text or "").strip() for member in element]
            self._texts.extend(paths)
            self._say(f"{device}: file {' '.join(paths)}")
        elif element.tag == "setBLOBVector":
            self.on_blob()
            for member in element:
                self._blob(device, watched, blobs[member.attrib["name"]], member.attrib["format"])
        elif element.tag == "delProperty" and not name:
            watched.exposure = watched.connection = ""

    def _exposure(self, device: str, watched: _Watched, state: str, element: ElementTree.Element, now: float) -> None:
        if state != watched.exposure:
            self._say(f"{device}: CCD_EXPOSURE {state} {(element[0].text or '').strip()}")
            watched.exposure, watched.exposure_since = state, now
            if element.tag == "setNumberVector" and state in ("Ok", "Alert"):
                self.counts[state] += 1
                if state == "Alert":
                    watched.asked = None
        elif state == "Busy" and watched.asked is not None and watched.asked.at > watched.exposure_since:
            watched.exposure_since = watched.asked.at

    def _blob(self, device: str, watched: _Watched, data: bytes, form: str) -> None:
        serial = self._serial(data, form)
        self._say(f"{device}: BLOB {form}, {len(data)} bytes, photo {serial}")
        if serial is None:
            self._wrong(f"a frame came that no photo of the camera is ({form}, {len(data)} bytes)")
        out = self._out.setdefault(serial, _Out())
        header = fits_header(data) if form == ".fits" else {}
        if out.ways and self._duplicate_told:
            out.marked += 1
        out.ways.append("client")
        self._duplicate_told = False
        self.counts["frames"] += 1
        camera, press = self._press(serial)
        asked = watched.asked
        if asked is None:
            self._wrong(f"photo {serial} came although nobody waits for a frame")
        shot = self._shot_of(camera, press)
        if shot is None:
            # Somebody's photo: it may stand for ours only if nothing could tell them apart.
            ours = [each for each in camera.shots if each[1].id == header.get("FRAMESER", each[1].id)]
            near = ours and press.opened > ours[-1][0] - UNKNOWABLE_S - 0.03 * press.exposure_s - 1.0
            if press.by == "host" or not near:
                self._wrong(f"stale: photo {serial}, opened by the {press.by} at {press.opened:.3f}, answers {asked}")
            out.both = ours[-1][1].upload == "both"
        else:
            since, out.both = shot[0], shot[1].upload == "both"
            posted = [at for at, request in camera.asked if request.id == shot[1].id]
            if since < asked.at - BULB_S and (not posted or posted[0] < asked.at - 0.1):
                self._wrong(f"stale: photo {serial}, pressed at {since:.3f} for {shot[1].id}, answers {asked}")
            if shot[1].device != device:
                self._wrong(f"photo {serial}, made for {shot[1].device}, came out of {device}")
            if not asked.bias and abs(shot[1].duration_s - asked.seconds) > 1e-9:
                self._wrong(f"photo {serial} was made for {shot[1].duration_s} s and answers {asked}")
        if header:
            self._header(header, camera, press, asked)

    def _header(
        self, header: dict[str, object], camera: StageCamera, press: Press, asked: Asked | None
    ) -> None:  # fmt: skip
        shot = self._shot_of(camera, press)
        ours = shot is not None
        if shot is not None and header.get("FRAMESER", shot[1].id) != shot[1].id:
            self._wrong(f"photo {press.serial}, made for {shot[1].id}, says that it is of {header['FRAMESER']}")
        device = camera.camera.world.profile.device
        body = (device.model, device.serial.lstrip("0"))
        if (header.get("CAMERA", body[0]), header.get("CAMSER", body[1])) != body:
            self._wrong(f"photo {press.serial} of {body} says that it is of {header['CAMERA']}, {header['CAMSER']}")
        told, truth = header.get("EXPTIME"), press.exposure_s
        assert isinstance(told, int | float)
        true = [truth] if press.nominal_s is None else [truth, float(press.nominal_s)]
        if all(abs(told - t) > max(0.02 * t, 0.1) + 0.006 for t in true):
            self._wrong(f"EXPTIME of photo {press.serial} is {told}, and it was open {truth}")
        if header.get("SHUTCNT") not in (None, press.serial):
            self._wrong(f"SHUTCNT of photo {press.serial} is {header.get('SHUTCNT')}")
        if asked is not None and ours and not asked.bias and header.get("EXPREQ") != asked.seconds:
            self._wrong(f"EXPREQ of photo {press.serial} is {header.get('EXPREQ')}, and {asked} was asked")
        stamp, wall = header.get("DATE-OBS"), self._wall(press.opened)
        late = datetime.fromisoformat(str(stamp)) - wall.replace(tzinfo=None)
        if ours and abs(late) > timedelta(seconds=_CLOCK_S):
            self._wrong(f"DATE-OBS of photo {press.serial} is {stamp}, and its shutter opened at {wall}")

    # --- what the camera did ----------------------------------------------------------------------------------------

    def look(self) -> None:
        """Once in a while: bulbs that have closed, vectors that stay Busy, files."""
        now = self._stage.clock.monotonic()
        for camera in self._stage.cameras:
            for serial in [s for s in camera.presses if s not in self._judged]:
                self._judged.add(serial)
                self._bulb(camera, camera.presses[serial])
        for device, watched in self._watched.items():
            if watched.connection == "Busy" and now - watched.connection_since > _CONNECTION_S:
                self._wrong(f"CONNECTION of {device} has been Busy for {now - watched.connection_since:.0f} s")
            seconds = 0.0 if watched.asked is None else watched.asked.seconds
            limit = (4 * max(seconds, 300.0) + 700.0) * self._tries
            if watched.exposure == "Busy" and now - watched.exposure_since > limit:
                self._wrong(f"CCD_EXPOSURE of {device} has been Busy for {now - watched.exposure_since:.0f} s")

    def _bulb(self, camera: StageCamera, press: Press) -> None:
        shot = self._shot_of(camera, press)
        if shot is None or shot[2].mode is not ShutterMode.BULB or press.nominal_s is not None:
            # Somebody turned the camera from bulb to a speed just before the press.
            return
        self.counts["bulbs"] += 1
        end = press.opened + press.exposure_s
        if abs(press.exposure_s - shot[2].open_s) <= BULB_S:
            return
        if any(begin <= end + 0.1 and until >= press.opened for begin, until in self._disturbed):
            return
        if any(press.opened - 0.1 <= e.t <= end + 0.1 and _ends_bulbs(e) for e in camera.referee.entries):
            return
        late_s = press.exposure_s - shot[2].open_s
        if 0 < late_s < UNFINISHED_S and struck(camera, "no-answer", end - _READ_S, end):
            return
        self._wrong(f"the bulb of photo {press.serial} was open {press.exposure_s:.4f} s, planned {shot[2].open_s:.4f}")

    @staticmethod
    def _shot_of(camera: StageCamera, press: Press) -> _Shot | None:
        """The hand's press that opened this shutter."""
        if press.by != "host":
            return None
        return next((shot for shot in reversed(camera.shots) if -0.001 < press.opened - shot[0] < _PRESS_S), None)

    # --- photos -----------------------------------------------------------------------------------------------------

    def _press(self, serial: int) -> tuple[StageCamera, Press]:
        for camera in self._stage.cameras:
            if serial in camera.presses:
                return camera, camera.presses[serial]
        self._wrong(f"no camera knows a photo {serial}")

    def _serial(self, data: bytes, form: str) -> int | None:
        if form == ".fits":
            return read_serial(fits_pixels(data))
        known = digest(data)
        return next((c.stored[known] for c in self._stage.cameras if known in c.stored), None)

    def files(self) -> Iterator[tuple[Path, int | None]]:
        """Frames below the home that were not looked at yet; each is counted, and goes away."""
        for path in sorted(self._stage.home.rglob("*")):
            if path.is_file() and path.suffix.lower() in (".fits", ".arw", ".jpg") and "spool" not in path.parts:
                data = path.read_bytes()
                serial = self._serial(data, path.suffix.lower())
                yield path, serial

    def account(self) -> None:
        """At the end: every photo that reached the memory is out, once, or somebody was told."""
        for path, serial in self.files():
            self.counts["files"] += 1
            if not any(str(path) in text for text in self._texts):
                self._wrong(f"nobody was told of {path} (photo {serial})")
            if serial is None or path.suffix.lower() == ".jpg":
                continue
            out = self._out.setdefault(serial, _Out())
            data = path.read_bytes()
            header = fits_header(data) if path.suffix == ".fits" else {}
            if header:
                self._header(header, *self._press(serial), None)
            out.marked += "_duplicate" in path.name or header.get("DUPLICAT") is True
            out.ways.append(str(path))
        for camera in self._stage.cameras:
            for serial in sorted(set(camera.stored.values())):
                self._photo(camera, serial)

    def _photo(self, camera: StageCamera, serial: int) -> None:
        press = camera.presses[serial]
        if not press.format.raw:
            return
        out = self._out.get(serial, _Out())
        name = f"DSC{serial % 100000:05d}.ARW"
        if not out.ways:
            told = [text for text in self._texts if name in text]
            if not told and serial not in camera.lost:
                self._wrong(
                    f"photo {serial} ({name}, opened by the {press.by} at {press.opened:.3f}) is lost without a word"
                )
            self.counts["told of"] += 1
            return
        allowed = 2 if out.both and out.ways.count("client") == 1 else 1
        if len(out.ways) - out.marked > allowed:
            self._wrong(f"photo {serial} came out as {out.ways}, {out.marked} of them marked")

    def _wrong(self, text: str) -> NoReturn:
        raise Wrong(text)


def struck(camera: StageCamera, fault: str, after: float, until: float) -> int:
    """How often a fault of this kind struck between these times."""
    return sum(e.kind == "fault" and e.detail == fault and after < e.t <= until for e in camera.referee.entries)


def _ends_bulbs(entry: Entry) -> bool:
    """Whether what the referee noted may have moved a release."""
    if entry.kind == "fault":
        return entry.operation == _BUTTON or entry.detail in _ENDS_BULBS
    return entry.kind in ("unplug", "power", "sleep", "hang")
