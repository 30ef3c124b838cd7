"""A hand's process on the stage, and a camera at its bus: what lives on when a face or a hand is killed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial
from typing import Any

from indi_sony_py.clock import Deadline
from indi_sony_py.engine.arrival import Told
from indi_sony_py.engine.messages import Expose, ExposureRequest, Request
from indi_sony_py.engine.moves import Button, Moved
from indi_sony_py.engine.plan import Plan
from indi_sony_py.engine.worker import LISTEN_S, Worker
from indi_sony_py.hand.core import Hand
from indi_sony_py.hand.crew import ThreadEnded
from indi_sony_py.hand.pair import LocalConnection
from indi_sony_py.hand.places import Places
from indi_sony_py.hand.wiring import inspect, room
from indi_sony_py.image.developer import JobResult
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.control import perform
from indi_sony_py.sim.darkroom import Files, Picture, Press
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.sim.hostside import HostSide
from indi_sony_py.sim.memory import Stored
from indi_sony_py.sim.referee import Entry, Referee
from indi_sony_py.sony.codes import Ctl
from indi_sony_py.transport.bus import BusBackend
from indi_sony_py.transport.usb import UsbTransport
from tests.stagetime import StageClock, Task

__all__ = ["HandProcess", "StageCamera", "camera_of", "digest"]

_OPEN_LOOK_S = 1.0


class StageCamera:
    """A simulated camera at the place `key` of the bus (it may be moved), with the truth of its photos.

    `presses` and `files`: by serial number, of each photo (`keep_files` False: no bytes are kept). `stored`: which
    press an image shows that reached the memory, by `digest`. `lost`: presses whose image left the memory by itself.
    `asked`: exposures that the hand was asked for, and `shots`: those that it pressed for, each with its time.
    """

    def __init__(self, key: str, camera: Camera, referee: Referee) -> None:
        self.key = key
        self.camera = camera
        self.referee = referee
        self.device = UsbDevice(camera)
        self.host = HostSide(self.device)
        self.presses: dict[int, Press] = {}
        self.files: dict[int, Files] = {}
        self.keep_files = True
        self.stored: dict[bytes, int] = {}
        self.lost: set[int] = set()
        self.asked: list[tuple[float, ExposureRequest]] = []
        self.shots: list[tuple[float, ExposureRequest, Plan]] = []
        self.touched: Callable[[], None] = lambda: None
        camera.darkroom.on_photo = self._photo
        memory = camera.memory
        self._store, self._clear = memory.store, memory.clear
        memory.store = self._was_stored  # type: ignore[method-assign]
        memory.clear = self._was_cleared  # type: ignore[method-assign]

    def _photo(self, press: Press, files: Files) -> None:
        self.presses[press.serial] = press
        if self.keep_files:
            self.files[press.serial] = files

    def _was_stored(self, stored: Stored) -> None:
        self.stored[digest(stored.data)] = stored.serial
        self._store(stored)

    def _was_cleared(self) -> int:
        self.lost |= {stored.serial for stored in self.camera.memory.files}
        return self._clear()

    def do(self, command: str, **args: Any) -> dict[str, Any]:
        """What somebody does at the camera: a command of its control table, with its answer."""
        self.device.advance()
        answer = perform(self.camera, command, args)
        self.touched()
        return dict(answer or {})

    def fault(self, kind: str, when: dict[str, Any] | None = None, **args: Any) -> None:
        """Arm a fault row."""
        self.do("fault", row={"kind": kind, **({} if when is None else {"when": when}), **args})

    @property
    def broken(self) -> list[Entry]:
        """The rules that were broken."""
        return self.referee.broken


class _StageWorker(Worker):
    """The worker, and a word to the referee at each press: how long the exposure is meant to be."""

    process: HandProcess

    def post(self, request: Request) -> None:
        super().post(request)
        if isinstance(request, Expose) and self.process.camera is not None:
            self.process.camera.asked.append((self._clock.monotonic(), request.request))
        self.process.kick_idle()

    def _button(self, action: Button) -> Moved:
        job, camera = self.state.job, self.process.camera
        if action.down and action.control == Ctl.FULL_PRESS and job is not None and camera is not None:
            assert job.plan is not None
            camera.camera.body.planned_bulb_s = job.request.duration_s or None
            camera.shots.append((self._clock.monotonic(), job.request, job.plan))
        return super()._button(action)


class HandProcess:
    """One process: the loop, the helping threads (each takes `pace_s` for a job), and the worker as a task."""

    def __init__(
        self,
        key: str,
        clock: StageClock,
        places: Places,
        backend: BusBackend,
        camera: Callable[[], StageCamera | None],
        pace_s: float,
    ) -> None:
        self.key = key
        self._camera = camera
        self._clock = clock
        self._places = places
        self._backend = backend
        self._pace_s = pace_s
        self._job_at: float | None = None
        self._transports: list[UsbTransport] = []
        self._made: _StageWorker | None = None
        self._tasks: list[Task] = []
        self._wish: float | None = clock.monotonic()
        self.dead = False
        self.hand = Hand(key, clock, places, self._make)

    @property
    def camera(self) -> StageCamera | None:
        """The one that is at its place now: cables are put into other ports."""
        return self._camera()

    # --- the worker -------------------------------------------------------------------------------------------------

    def _make(self, report: Callable[[Told], None]) -> Worker:
        worker = _StageWorker(
            self._connect, self._clock, report, inspect, room=partial(room, self._places)
        )  # fmt: skip
        worker.process = self
        self._made = worker
        self._tasks.append(Task(f"worker of {self.key}", lambda: self._work(worker), self._clock.monotonic()))
        return worker

    def _connect(self, deadline: Deadline) -> UsbTransport:
        transport = UsbTransport.open(self.key, self._clock, self._backend)
        self._transports.append(transport)
        return transport

    def _work(self, worker: _StageWorker) -> None:
        """As `Worker.run`, on the stage's time."""
        task = self._tasks[-1]
        while not worker.finished:
            try:
                wake = worker.step()
            except Exception as error:  # as the thread's outermost handler
                worker._broken(error)
                continue
            if not worker.finished:
                task.pause(self._look_at(worker, wake), idle=True)
        self.hand._crew.post(ThreadEnded("worker"))

    def _look_at(self, worker: Worker, wake: float | None) -> float | None:
        """When the worker looks again: for what it waits for, or for events that come meanwhile."""
        if not worker._inbox.empty():
            return self._clock.monotonic()
        if worker._session is None or self.camera is None:
            return wake
        now = self._clock.monotonic()
        if worker._shutter_open:
            look: float | None = now + _OPEN_LOOK_S
        else:
            change = self.camera.device.next_change(now)
            look = None if change is None else change + LISTEN_S / 2
        return min((at for at in (wake, look) if at is not None), default=None)

    @property
    def worker(self) -> Worker | None:
        """The worker at work."""
        return self._made if self.hand._staff.worker is self._made else None

    @property
    def tasks(self) -> list[Task]:
        return self._tasks

    def kick_idle(self) -> None:
        """A request came for the worker."""
        for task in self._tasks:
            if task.idle:
                task.kick(self._clock.monotonic())

    def touched(self) -> None:
        """Something happened at the camera."""
        for task in self._tasks:
            task.kick(self._clock.monotonic())

    # --- the loop ---------------------------------------------------------------------------------------------------

    def attach(self, connection: LocalConnection) -> None:
        self.hand.attach(connection)
        self._wish = self._clock.monotonic()

    def wake_at(self) -> float | None:
        wishes = [self._wish, self._job_at, *(task.wake for task in self._tasks)]
        return min((at for at in wishes if at is not None), default=None)

    def turn(self) -> bool:
        """Do what is due; whether anything was."""
        now = self._clock.monotonic()
        moved = False
        if self._is_due(now):
            moved = True
            try:
                self._wish = self.hand.turn()
            except Exception as error:  # as the process does
                self.hand.failed(error)
                self._wish = now
        moved |= self._help(now)
        for task in list(self._tasks):
            if not task.dead and task.wake is not None and task.wake <= now:
                moved = True
                task.switch()
        self._tasks = [task for task in self._tasks if not task.dead]
        if self.hand.finished:
            self._end()
        return moved

    def _is_due(self, now: float) -> bool:
        if self._wish is not None and self._wish <= now:
            return True
        if not self.hand._crew.empty:
            return True
        return any(c._inward.frames or c._inward.closed for c in self._connections())

    def _connections(self) -> list[LocalConnection]:
        return [c for c in self.hand.connections() if isinstance(c, LocalConnection)]

    def _help(self, now: float) -> bool:
        """Developer and disk: a job each, when its time is over."""
        developer, disk = self.hand._staff.developer, self.hand._staff.disk
        helped = False
        for name, step in self.hand._live.steps.items():
            helped |= self._guarded(name, step)
        helped |= self._guarded("looker", self.hand._onlookers.step)
        if developer._inbox.empty() and disk._inbox.empty():
            self._job_at = None
            return helped
        if self._job_at is None:
            self._job_at = now + self._pace_s
        if now < self._job_at:
            return helped
        self._job_at = None
        for name, job in (("developer", developer.step), ("disk", disk.step)):
            self._guarded(name, job)
        return True

    def _guarded(self, name: str, job: Callable[[], bool]) -> bool:
        """As the guard of each thread."""
        try:
            return job()
        except Exception as error:
            self.hand._crew.post(ThreadEnded(name, f"{type(error).__name__}: {error}"))
            return True

    # --- ends -------------------------------------------------------------------------------------------------------

    def terminate(self) -> None:
        """SIGTERM."""
        self.hand.terminate()
        self._wish = self._clock.monotonic()

    def _end(self) -> None:
        self.hand.close()
        while self.hand._staff.developer.step():
            pass
        self._gone()

    def kill(self) -> None:
        """SIGKILL: the kernel closes its descriptors; no line of its code runs any more."""
        for connection in self.hand.connections():
            connection.close()
        while (item := self.hand._crew.take()) is not None:
            if isinstance(item, JobResult) and item.frame is not None:
                os.close(item.frame.fd)
        self.hand._frames.close()
        self.hand._onlookers.close()
        self.hand._staff.developer.drop_all()
        if (coming := self.hand._spool._coming) is not None:
            coming.file.close()
        self._gone()

    def _gone(self) -> None:
        self.dead = True
        for transport in self._transports:
            transport.close()
        for task in self._tasks:
            task.kill()
        self._tasks = []


def digest(data: bytes | bytearray | memoryview) -> bytes:
    """What a file's bytes are known by."""
    return hashlib.sha1(data, usedforsecurity=False).digest()


def camera_of(
    key: str, model: str, clock: Any, picture: Picture, first_serial: int, options: dict[str, Any]
) -> StageCamera:
    """A camera with a referee of its own."""
    referee = Referee(keep=options.pop("keep", 2000))
    camera = Camera(model, clock, referee=referee, picture=picture, first_serial=first_serial, **options)
    return StageCamera(key, camera, referee)
