"""One night on one seed: the whole stack, Ekos and its user, people at the body, cables, power, disks and clocks.

    Night(seed, hours).run()

plays it in virtual time; `judge.Wrong` or any other exception is a finding, and `told()` says what happened before.
Everything is drawn from the seed, the system's random bytes too, so a seed replays.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

from indi_sony_py.sim.control import BadCommand
from indi_sony_py.sim.referee import Entry
from tests.nights.disk import Disk, DiskState
from tests.nights.ekos import Asked, Ekos, Server
from tests.nights.judge import Judge, Wrong, struck
from tests.nights.pictures import NightPictures
from tests.nights.troubles import TABLE, Trouble
from tests.stage import Stage, StageCamera
from tests.stageclient import Client

__all__ = ["BODIES", "Night"]

BODIES = (
    *("ILCE-6000", "ILCE-7SM3", "ILCE-7M3", "ILCE-7RM4", "ILCE-7S", "ILCE-6400", "ILCE-7C", "ILCE-7M4"),
    *("ILCE-7RM5", "ILCE-1M2", "ZV-E10", "ILCA-77M2", "ILCE-7M2", "ILCE-7RM2", "ILCE-7SM2", "ILCE-9"),
    *("ILCE-6300", "ILCE-6500", "ILCE-7RM3", "ILCE-6600", "ILCE-9M2", "ILCE-1", "ILCE-7CM2", "ILCE-6700"),
)
_LAST_MOMENT_S = 4.0
"""An image that somebody makes at the body so shortly before a disconnect may stay in the camera for the next one."""
_LOOKED_AT_S = 15.0
_SILENCE_S = 10.0
_UNREADABLE = 3
"""So often are the first settings of a session asked for."""
_RIGHT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("release", {}), ("plug", {}), ("sleep", {"on": False}), ("power", {"on": True}), ("battery", {"percent": 60}),
    ("usb-mode", {"mode": "remote"}), ("dial", {"program": "M"}), ("drive", {"mode": "single"}),
    ("focus", {"mode": "manual"}), ("focus-finds", {"on": True}), ("format", {"files": "raw"}),
    ("save-to", {"to": "host"}), ("card", {"state": "ok"}), ("noise-reduction", {"on": False}),
    ("silent", {"on": False}), ("playback", {"on": False}), ("scene", {"scene": "sky"}),
    ("menu", {"item": "raw_first", "on": False}),
)  # fmt: skip
_HANDS_S = 2000.0
_PORTS = ("sim-0", "sim-1", "sim-2", "sim-3")
_MOMENTS = ("asked", "press", "release", "photo", "object", "fetched", "blob", "session", "host")


class Night:
    """`storm`: how many troubles an hour (drawn, if None). `body`, `second`: cameras instead of drawn ones. `only`:
    these troubles alone.

    `fast`: the share of jobs that are fast exposures. `retakes`: RETAKES of the driver (drawn apart, if None, so that a
    number that is given leaves the rest of the seed as it is).
    """

    def __init__(
        self, seed: int, hours: float, body: str | None = None, storm: float | None = None,
        only: tuple[str, ...] = (), tape: int = 600, fast: float = 0.0, retakes: int | None = None,
        second: str | None = None,
    ) -> None:  # fmt: skip
        self.seed = seed
        self.hours = hours
        self.pick = random.Random(f"night {seed}")
        models = [body or self.pick.choice(BODIES)]
        if self.pick.random() < 0.15:
            models.append(self.pick.choice(BODIES))
        if second is not None:
            models = [models[0], second]
        drawn = self.pick.choice((4.0, 20.0, 20.0, 60.0, 150.0))
        self.storm = drawn if storm is None else storm
        self.models = tuple(models)
        self.troubles = tuple(row for row in TABLE if not only or row.name in only)
        self._tape: deque[tuple[float, str]] = deque(maxlen=tape)
        self.counts: Counter[str] = Counter()
        self._fingers: dict[StageCamera, list[float]] = {}
        self._moved: dict[StageCamera, float] = {}
        self._killed: list[float] = []
        self._fast = fast
        self._fast_pick = random.Random(f"fast {seed}")
        self.retakes = random.Random(f"retakes {seed}").choice((0, 1, 2)) if retakes is None else retakes
        # These small files tell their crop, and no body's row has their size: so they are developed while they come.
        self._area = random.Random(f"area {seed}").choice(("", "CROP"))
        self._steps: list[tuple[float, float]] = []
        self._random = random.Random(f"bytes {seed}")
        self.stage: Stage
        self.judge: Judge
        self._disk: Disk
        self._ekos: list[Ekos] = []
        self._down = False
        self._over = False
        self._slow_server_s = self.pick.choice((0.0, 0.0, 0.0, 0.5, 3.0))
        self._aimed: list[tuple[str, Trouble]] = []

    # --- its course -------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Play it. Raises `Wrong`, or whatever broke."""
        with ExitStack() as stack:
            stack.enter_context(patch("os.urandom", self._random.randbytes))
            self.stage = stack.enter_context(
                Stage(*self.models, pictures=NightPictures, keep=200, numbered=True, retakes=self.retakes)
            )
            self._disk = stack.enter_context(Disk(self.stage.home, self.stage.places.shared))
            self.judge = Judge(self.stage, self._wall, self.say, 1 + self.retakes)
            for camera in self.stage.cameras:
                camera.keep_files = False
                overheard = self._overheard(camera, camera.referee.rule)
                camera.referee.rule = overheard  # type: ignore[method-assign, assignment]
                camera.referee.note = self._noted(camera.referee.note)  # type: ignore[method-assign, assignment]
            self.judge.on_blob = self._blob
            self.stage.clients.clear()
            try:
                self._begin()
                self._storm()
                self._calm()
                self._end()
            finally:
                self._over = True

    def _begin(self) -> None:
        self._ekos.append(self._new_ekos("Sony Alpha"))
        self._ekos[0].start()

    def _new_ekos(self, device: str) -> Ekos:
        folder = str(self.stage.home / "captures")
        return Ekos(
            self.pick, device, self.stage.new_client, Server(lambda: self.restart_driver(1.0)), self.say, self._now,
            lambda asked: self._asked(device, asked), folder, lambda: self._fast_pick.random() < self._fast, self._area,
        )  # fmt: skip

    def _asked(self, device: str, asked: Asked | None) -> None:
        self.judge.asked(device, asked)
        self._moment("asked")
        self.judge.disturbed()

    def _now(self) -> float:
        return self.stage.clock.monotonic()

    def _storm(self) -> None:
        end = self._now() + self.hours * 3600.0
        trouble_at = self._now() + self.pick.uniform(20.0, 120.0)
        while (now := self._now()) < end:
            wakes = [wake for ekos in self._ekos if (wake := ekos.tick()) is not None]
            self.stage.step(min(end, trouble_at, *wakes))
            self._companions()
            self.judge.look()
            if self._now() >= trouble_at:
                row = self.pick.choices(self.troubles, [row.weight for row in self.troubles])[0]
                if self.pick.random() < 0.5:
                    self._do(row)
                else:
                    # Most goes wrong where something just begins or ends.
                    self._aimed = [*self._aimed[-3:], (self.pick.choice(_MOMENTS), row)]
                soon = self.pick.random() < 0.2
                trouble_at = now + (self.pick.uniform(0.01, 5.0) if soon else self.pick.expovariate(self.storm / 3600))

    def _companions(self) -> None:
        """A second Ekos for a second camera, as soon as its device is known."""
        if len(self._ekos) < len(self.models) and self._ekos[0].client is not None:
            known = {device for device, name in self._ekos[0].client.vectors if name == "CONNECTION"}
            for device in sorted(known - {ekos.device for ekos in self._ekos}):
                self._ekos.append(self._new_ekos(device))
                self._ekos[-1].start()
                return

    def _moment(self, name: str) -> None:
        """Something begins or ends: what was aimed at it happens now, or hardly later."""
        for aim in [aim for aim in self._aimed if aim[0] == name]:
            self._aimed.remove(aim)
            self.stage.later(self.pick.choice((0.0, 0.001, 0.02, 0.15, 0.6)), partial(self._do, aim[1]))

    def _noted(self, write: Callable[[str, str], None]) -> Callable[[str, str], None]:
        def note(kind: str, detail: str) -> None:
            write(kind, detail)
            self._moment(kind)

        return note

    def _blob(self) -> None:
        """A frame is on its way to the server, which may be slow."""
        self._moment("blob")
        if self._slow_server_s and self.stage.reads:
            self.stage.reads = False
            self.stage.later(self._slow_server_s, partial(self.server_reads, True))

    def _do(self, row: Trouble) -> None:
        self.say(f"--- {row.name}")
        self.counts[row.name] += 1
        if row.ends_bulbs_s is not None:
            self.judge.disturbed(row.ends_bulbs_s)
        row.do(self, self.pick)

    # --- what troubles do -------------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        self._tape.append((self._now(), text))

    def later(self, seconds: float, name: str, action: Callable[[], None]) -> None:
        def act() -> None:
            self.say(f"--- {name}")
            self.judge.disturbed()
            action()

        self.stage.later(seconds, act)

    def _camera(self) -> StageCamera:
        return self.pick.choice(self.stage.cameras)

    def at_camera(self, command: str, camera: StageCamera | None = None, **args: Any) -> None:
        camera = camera or self._camera()
        self.say(f"{camera.key}: {command} {args}")
        try:
            camera.do(command, **args)
        except BadCommand as error:
            self.say(f"{camera.key}: {error}")

    def finger(self, hold_s: float) -> None:
        camera = self._camera()
        self._fingers.setdefault(camera, []).append(self._now())
        self.at_camera("press", camera, hold_s=hold_s)

    def move_cable(self, pick: random.Random) -> None:
        """A camera's cable goes into another port."""
        camera = self._camera()
        self.at_camera("unplug", camera)
        taken = {other.key for other in self.stage.cameras}
        camera.key = pick.choice([key for key in _PORTS if key not in taken])
        self._plug_later(camera, pick)

    def swap_cameras(self, pick: random.Random) -> None:
        """Each camera gets another one's cable; where there is but one, the port is another's."""
        cameras = self.stage.cameras
        if len(cameras) < 2:
            return self.move_cable(pick)
        for camera in cameras:
            self.at_camera("unplug", camera)
        keys = [camera.key for camera in cameras]
        for camera, key in zip(cameras, (*keys[1:], keys[0]), strict=True):
            camera.key = key
            self._plug_later(camera, pick)

    def _plug_later(self, camera: StageCamera, pick: random.Random) -> None:
        seconds = pick.choice((0.5, 3.0, 10.0, 60.0))
        self._moved[camera] = self._now() + seconds
        self.later(seconds, f"plug at {camera.key}", lambda: self.at_camera("plug", camera))

    def restart_camera(self) -> None:
        for camera in self.stage.cameras:
            if camera.camera.hung:
                self.at_camera("pull-battery", camera)
                self.at_camera("power", camera, on=True)

    def someone(self, pick: random.Random) -> Ekos:
        return pick.choice(self._ekos)

    def client_gone(self, ekos: Ekos, back_s: float) -> None:
        client = ekos.vanish()
        if client is not None:
            self.stage.gone(client)
            self.later(back_s, "the client is back", lambda: None if ekos.client is not None else ekos.start())

    def restart_driver(self, back_s: float) -> None:
        if not self._down:
            self._down = True
            self.stage.kill_face()
            self.judge.driver_gone()
            self.later(back_s, "the driver is started", self._driver_back)

    def _driver_back(self) -> None:
        self._down = False
        self.stage.start_face()

    def restart_server(self, back_s: float) -> None:
        if self._down:
            return
        self._down = True
        self.stage.reads = True
        self.stage.end_face()
        self.judge.driver_gone()
        for ekos in self._ekos:
            client = ekos.vanish()
            if client is not None:
                self.stage.gone(client)
        self.later(back_s, "the server is started", self._driver_back)
        for ekos in self._ekos:
            self.later(back_s + 1.0, "the client is back", self._starter(ekos))

    @staticmethod
    def _starter(ekos: Ekos) -> Callable[[], None]:
        return lambda: None if ekos.client is not None else ekos.start()

    def kill_hand(self) -> None:
        key = self._camera().key
        if key in self.stage.hands:
            self.say(f"{key}: SIGKILL for the hand")
            self._killed.append(self._now())
            self.stage.kill_hand(key)

    def terminate_hand(self) -> None:
        key = self._camera().key
        if key in self.stage.hands:
            self.say(f"{key}: SIGTERM for the hand")
            self.stage.terminate_hand(key)

    def step_wall(self, seconds: float) -> None:
        self.say(f"the wall clock is stepped by {seconds:g} s")
        self._steps.append((self._now(), seconds))
        self.stage.clock.step_wall(seconds)

    def _wall(self, at: float) -> datetime:
        """The computer's UTC at a monotonic time."""
        later = sum(seconds for when, seconds in self._steps if when > at)
        return self.stage.clock.utc() - timedelta(seconds=self._now() - at + later)

    def disk_is(self, state: DiskState) -> None:
        self.say(f"the disk is {state.name}")
        self._disk.state = state

    def server_reads(self, on: bool) -> None:
        self.stage.reads = on

    # --- its end ----------------------------------------------------------------------------------------------------

    def _calm(self) -> None:
        """Everything is put right; then the driver must work, without anybody's help."""
        stage = self.stage
        self.say("=== calm")
        self._aimed, self._slow_server_s = [], 0.0
        self._disk.state = DiskState.OK
        stage.reads = True
        stage._script.clear()
        self.judge.disturbed(30.0)
        for camera in stage.cameras:
            camera.camera.world.faults._by_hook.clear()
            self.restart_camera()
            for command, args in _RIGHT:
                self.at_camera(command, camera, **args)
        for ekos in self._ekos:
            ekos.rest()
            client = ekos.vanish()
            if client is not None:
                stage.gone(client)
        if self._down:
            self._driver_back()
        client = stage.new_client()
        client.strict = False  # what a slow server still had to read comes before any definition
        client.get_properties()
        self._run(700.0)
        for device in sorted({device for device, name in client.vectors if name == "CONNECTION"}):
            self._still_works(client, device)

    def _run(self, seconds: float) -> None:
        end = self._now() + seconds
        while self._now() < end:
            self.stage.step(end)
            self.judge.look()

    def _still_works(self, client: Client, device: str) -> None:
        """A frame of two seconds, of the device as it is now."""
        client.device = device
        for _ in range(3):
            if client["CONNECTION"].chosen != "CONNECT" or client["CONNECTION"].state != "Ok":
                client.connect()
                self._run(60.0)
        connection = client["CONNECTION"]
        if len(self.models) > 1 and connection.state != "Ok":
            # The first device may have taken the camera of the second one.
            return
        if (connection.state, connection.chosen) != ("Ok", "CONNECT"):
            raise Wrong(f"{device} cannot be connected any more: {client.texts[-3:]}")
        client.switch("CCD_FRAME_TYPE", "FRAME_LIGHT")
        client.switch("UPLOAD_MODE", "UPLOAD_CLIENT")
        client.switch("CCD_TRANSFER_FORMAT", "FORMAT_FITS")
        frames = len(client.frames)
        for _ in range(3):
            self._asked(device, Asked(self._now(), 2.3, "UPLOAD_CLIENT", "FORMAT_FITS"))
            client.expose(2.3)
            self.stage.settle()
            self.stage.until(lambda: client["CCD_EXPOSURE"].state != "Busy", 900 * (1 + self.retakes))
            if client["CCD_EXPOSURE"].state == "Ok":
                break
        if len(client.frames) == frames:
            raise Wrong(f"{device} takes no photo any more: {client.texts[-3:]}")
        client.disconnect()
        self._run(20.0)

    def _end(self) -> None:
        stage = self.stage
        stage.end_face()
        self.judge.driver_gone()
        stage.until(lambda: not stage.hands, _HANDS_S)
        stage.start_face()
        client = stage.new_client()
        client.get_properties()
        self._run(2.0)
        for camera in stage.cameras:
            state = camera.do("state")
            if state["full"] or state["half"]:
                raise Wrong(f"{camera.key}: a button is still down")
            if state["counter"]:
                raise Wrong(f"{camera.key}: 0xD215 is 0x{state['counter']:04X} at the end")
        self.judge.account()
        self.counts.update(self.judge.counts)
        for camera in stage.cameras:
            self.counts["photos"] += len(camera.presses)

    # --- the referee ------------------------------------------------------------------------------------------------

    def _overheard(self, camera: StageCamera, write: Callable[[str, str], None]) -> Callable[[str, str], None]:
        def rule(rule: str, detail: str) -> None:
            write(rule, detail)
            entry = camera.referee.broken[-1]
            self.say(f"{camera.key}: the referee writes {rule}: {detail}")
            if not self._over and not self._excused(camera, entry):
                raise Wrong(f"the referee of {camera.key} wrote {rule}: {detail}")

        return rule

    def _excused(self, camera: StageCamera, entry: Entry) -> bool:
        match entry.rule:
            case "R-UNFETCHED":
                # Another camera's hand looks who is there, and leaves: it cannot know of a photo that was begun before.
                if 0 <= entry.t - self._moved.get(camera, -1e9) < _LOOKED_AT_S:
                    return True
                if any(0 <= entry.t - at < _LAST_MOMENT_S for at in (*self._fingers.get(camera, ()), *_ends(camera))):
                    return True
                # Settings that are damaged again and again tell nothing of an image.
                return struck(camera, "damaged-data", entry.t - _LAST_MOMENT_S, entry.t) >= _UNREADABLE
            case "R-PRESS-TWICE" if not (camera.camera.body.shutter_open or camera.camera.memory.counter()):
                # A body that makes a dark frame for an image that only its card gets tells nothing of it.
                return True
            case "R-HOST-GONE-DOWN" if struck(camera, "no-answer", entry.t - _SILENCE_S, entry.t):
                # A release that is not answered again and again is tried once more on a way that is opened anew.
                return True
            case "R-HOST-GONE-DOWN" | "R-PRESS-TWICE":
                return any(-1.0 < entry.t - at < 60.0 for at in self._killed)
        return False

    def told(self, last: int = 60) -> list[str]:
        """The last things that happened, with what the referees noted."""
        notes = [
            (entry.t, f"{camera.key}: {entry.kind} {entry.rule} {entry.detail}")
            for camera in self.stage.cameras
            for entry in camera.referee.entries[-200:]
        ]
        lines = sorted([*self._tape, *notes], key=lambda line: line[0])
        return [f"{at:11.3f} {text}"[:240] for at, text in lines[-last:]]


def _ends(camera: StageCamera) -> list[float]:
    """When the shutter closed for photos that somebody took at the body."""
    entries = camera.referee.entries
    theirs = {e.detail.partition(" by ")[0] for e in entries if e.kind == "press" and " by the body" in e.detail}
    return [e.t for e in entries if e.kind == "photo" and e.detail.partition(",")[0] in theirs]
