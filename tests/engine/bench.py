"""The engine on the simulated camera in virtual time: one thread, one clock that jumps, all through the endpoints."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from indi_sony_py.clock import Deadline, VirtualClock
from indi_sony_py.engine.arrival import Told
from indi_sony_py.engine.messages import (
    Aborted,
    CameraStatus,
    Collected,
    Connect,
    Expose,
    ExposureFailed,
    ExposureRequest,
    Notice,
    Role,
)
from indi_sony_py.engine.moves import FileFacts
from indi_sony_py.engine.worker import Worker
from indi_sony_py.ptp.codes import ObjectFormat
from indi_sony_py.sim.attach import local_backend
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.control import perform
from indi_sony_py.sim.darkroom import Files, Press
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.referee import Referee
from indi_sony_py.transport.usb import UsbTransport
from tests.engine.seam import SeamSession, SeamWorker, without_bytes

R = TypeVar("R")


def bench_files(press: Press) -> Files:
    """Small files that say of the press what an ARW would."""
    name = f"DSC{press.serial % 100000:05d}"
    facts = {
        "serial": press.serial,
        "exposure_s": press.exposure_s if press.nominal_s is None else float(press.nominal_s),
        "iso": press.iso,
        "nr": press.noise_reduction,
        "captured_s": press.opened_utc.timestamp(),
    }
    if press.nominal_s is not None and abs(press.exposure_s - float(press.nominal_s)) > 0.02 * press.exposure_s + 0.1:
        facts["exposure_s"] = press.exposure_s
    text = json.dumps(facts).encode()
    files: Files = []
    if press.format.companion:
        files.append((f"{name}.JPG", ObjectFormat.EXIF_JPEG, b"JPEG " + text))
    if press.format.raw:
        files.append((f"{name}.ARW", ObjectFormat.ARW, b"ARW " + text))
    return files


def inspect(data: bytes | bytearray | memoryview, arrived: int | None = None) -> FileFacts | None:
    """What the plain files of the simulated camera say."""
    facts = _facts(data)
    if facts is None:
        return FileFacts() if arrived is None else None
    return FileFacts(facts["exposure_s"], facts["iso"], facts.get("nr"), facts.get("captured_s"))


def serial_of(data: bytes | bytearray | memoryview) -> int | None:
    facts = _facts(data)
    return None if facts is None else facts["serial"]


def _facts(data: bytes | bytearray | memoryview) -> dict[str, Any] | None:
    """None for a file that was spoilt on its way, names of its facts included."""
    text = bytes(data)
    try:
        facts = dict(json.loads(text[text.index(b"{") :]))
    except ValueError:
        return None
    return facts if {"serial", "exposure_s", "iso"} <= facts.keys() else None


class Bench:
    """One camera, one worker. `reports` is everything that the worker said.

    `seam`: "endpoints" (all through USB transfers) or "session" (`tests.engine.seam`: fast). `transfer` is called at
    the begin and end of each call of the latter.
    """

    def __init__(
        self, model: str = "ILCE-7SM3", faults: Iterable[Fault] = (), seam: str = "endpoints", **options: Any
    ) -> None:
        self.seam = seam
        self.transfer: Callable[[], None] = lambda: None
        self.clock = VirtualClock()
        self.referee = Referee()
        self.presses: dict[int, Press] = {}
        self.lost = False
        options.setdefault("picture", self._photographed)
        self.camera = Camera(model, self.clock, faults=tuple(faults), referee=self.referee, **options)
        self.device = UsbDevice(self.camera)
        self.backend = local_backend([self.device], self.clock)
        if seam == "session":
            without_bytes(self.device)
        self.reports: list[Told] = []
        self.next_id = 1
        self._wish: float | None = None
        self.worker = self.new_worker()

    def _photographed(self, press: Press) -> Files:
        self.presses[press.serial] = press
        return bench_files(press)

    def new_worker(self) -> Worker:
        if self.seam == "session":
            return SeamWorker(self._session, self.clock, self.reports.append, inspect)

        def find(deadline: Deadline) -> UsbTransport:
            return UsbTransport.open("sim-0", self.clock, self.backend)

        return Worker(find, self.clock, self.reports.append, inspect)

    def _session(self, deadline: Deadline) -> Any:
        return SeamSession(self.device, self.clock, lambda: self.transfer())

    def kill(self) -> None:
        """The process that holds the camera dies: its host side vanishes without a word. A new worker stands ready."""
        transport = self.worker._transport
        if transport is not None:
            transport.close()
        self._wish = None
        self.worker = self.new_worker()

    def do(self, command: str, **args: Any) -> None:
        """What somebody does at the camera: a command of the simulated camera's control table."""
        self.device.advance()
        perform(self.camera, command, args)

    # --- time -------------------------------------------------------------------------------------------------------

    def step(self, limit: float = math.inf) -> None:
        """Jump to the next moment at which something happens, at most to `limit`, and let the worker do what it can."""
        if self.worker._inbox.empty():
            self.device.advance()
            moments = [limit, math.inf if self._wish is None else self._wish]
            change = self.device.next_change()
            if change is not None:
                moments.append(change)
            now = self.clock.monotonic()
            moment = min(moments)
            self.clock.sleep_until(max(now + 0.0005, moment) if moment < math.inf else now + 1.0)
        self._wish = self.worker.step()
        # A wish for a moment that has passed would be granted at once, again and again.
        assert self._wish is None or self._wish > self.clock.monotonic() or not self.worker._inbox.empty()

    def run(self, seconds: float) -> None:
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            self.step(end)

    def until(self, found: Callable[[], R], limit_s: float = 300.0) -> R:
        """Run until `found` gives something. The limit is virtual time; passing it is a failed test."""
        end = self.clock.monotonic() + limit_s
        while True:
            result = found()
            if result:
                return result
            assert self.clock.monotonic() < end, f"not within {limit_s} s; last reports: {self.reports[-6:]}"
            self.step(end)

    # --- what a face would do ---------------------------------------------------------------------------------------

    def connect(self, **options: Any) -> CameraStatus:
        mark = len(self.reports)
        self.worker.post(Connect(**options))

        def ended(status: CameraStatus) -> bool:
            return status.state == "ready" or status.failed

        def found() -> CameraStatus | None:
            return next((r for r in self.reports[mark:] if isinstance(r, CameraStatus) and ended(r)), None)

        status = self.until(found)
        assert status is not None
        return status

    def ask(self, seconds: float, **options: Any) -> ExposureRequest:
        request = ExposureRequest(self.next_id, seconds, **options)
        self.next_id += 1
        self.do("expect", seconds=float(seconds))
        self.worker.post(Expose(request))
        return request

    def end_of(self, request: ExposureRequest) -> Collected | ExposureFailed | Aborted | None:
        """How the request ended for the client, if it has ended."""
        for r in self.reports:
            if isinstance(r, Collected) and r.role is Role.FRAME and r.shot and r.shot.request.id == request.id:
                return r
            if isinstance(r, (ExposureFailed, Aborted)) and r.id == request.id:
                return r
        return None

    def expose(self, seconds: float, limit_s: float = 300.0, **options: Any) -> Collected | ExposureFailed | Aborted:
        request = self.ask(seconds, **options)
        end = self.until(lambda: self.end_of(request), limit_s)
        assert end is not None
        return end

    def frame(self, seconds: float, **options: Any) -> Collected:
        end = self.expose(seconds, **options)
        assert isinstance(end, Collected), end
        return end

    def failure(self, seconds: float, **options: Any) -> str:
        end = self.expose(seconds, **options)
        assert isinstance(end, ExposureFailed), end
        return end.text

    # --- what was seen ----------------------------------------------------------------------------------------------

    def of(self, kind: type[R]) -> list[R]:
        return [r for r in self.reports if isinstance(r, kind)]

    @property
    def notices(self) -> list[str]:
        return [n.text for n in self.of(Notice)]

    def settle(self) -> None:
        """Let everything that is committed come to its end."""
        self.until(lambda: (self.worker.state.job is None and self.worker.state.held is None) or None)

    def assert_clean(self) -> None:
        broken = self.referee.broken
        assert not broken, "\n".join(str(b) for b in broken)
