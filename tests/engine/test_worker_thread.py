"""The worker as a thread of its own: started, asked from another thread, ended; and its outermost handler."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

import pytest

from indi_sony_py.clock import Deadline, ScaledClock, SystemClock
from indi_sony_py.engine.arrival import Told
from indi_sony_py.engine.messages import (
    Abort,
    Aborted,
    CameraStatus,
    Change,
    ChangeResult,
    Collected,
    Connect,
    Disconnect,
    Expose,
    ExposureFailed,
    ExposureRequest,
    ExposureStarted,
    Leave,
    Role,
)
from indi_sony_py.engine.phases import Phase
from indi_sony_py.engine.worker import Worker
from indi_sony_py.errors import CameraStalled
from indi_sony_py.sim.attach import local_backend
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.sony.codes import Ctl
from indi_sony_py.transport.base import Event, Transport
from indi_sony_py.transport.usb import UsbTransport
from tests.engine.bench import Bench, inspect, serial_of

R = TypeVar("R")
SPEED = 20.0
LIMIT_S = 30.0


class Thread:
    """A worker in its thread, on a camera whose seconds are short. `reports` come through a queue."""

    def __init__(self, speed: float = SPEED) -> None:
        self.clock = ScaledClock(SystemClock(), speed)
        self.camera = Camera("ILCE-7SM3", self.clock)
        backend = local_backend([UsbDevice(self.camera)], self.clock)
        self.reports: queue.SimpleQueue[Told] = queue.SimpleQueue()
        self.threads: set[str] = set()

        def find(deadline: Deadline) -> Transport:
            return UsbTransport.open("sim-0", self.clock, backend)

        self.worker = Worker(find, self.clock, self._tell, inspect)
        self.thread = threading.Thread(target=self.worker.run, name="worker under test")

    def _tell(self, report: Told) -> None:
        self.threads.add(threading.current_thread().name)
        self.reports.put(report)

    def next(self, kind: type[R], fits: Callable[[R], bool] = lambda report: True) -> R:
        """The next report of a kind; others before it are passed over."""
        while True:
            report = self.reports.get(timeout=LIMIT_S)
            if isinstance(report, kind) and fits(report):
                return report


@contextmanager
def running(speed: float = SPEED) -> Iterator[Thread]:
    made = Thread(speed)
    made.thread.start()
    try:
        yield made
    finally:
        made.worker.post(Leave(close_now=True))
        made.thread.join(LIMIT_S)
        assert not made.thread.is_alive()


def test_started_asked_from_another_thread_and_ended() -> None:
    with running() as made:
        made.worker.post(Connect())
        made.next(CameraStatus, lambda status: status.state == "ready")
        for number in (1, 2):
            made.worker.post(Expose(ExposureRequest(number, 0.5)))
            found = made.next(Collected)
            assert found.role is Role.FRAME and serial_of(found.data) == number
        made.worker.post(Disconnect())
        made.next(CameraStatus, lambda status: status.state == "offline")
        assert made.thread.is_alive()
    assert made.worker.finished
    assert made.threads == {"worker under test"}, "the camera has one owner, and it alone reports"
    assert not made.camera.responder.session_open


def test_a_request_ends_the_wait_for_a_release() -> None:
    """The thread sleeps towards a release hours away; an abort wakes it."""
    with running(speed=5.0) as made:
        made.worker.post(Connect())
        made.next(CameraStatus, lambda status: status.state == "ready")
        made.worker.post(Expose(ExposureRequest(1, 7200.5)))
        made.next(ExposureStarted)
        made.worker.post(Abort())
        assert made.next(Aborted).id == 1
        assert made.next(Collected).role is Role.DROPPED


def test_a_release_is_slept_for_precisely() -> None:
    with running(speed=4.0) as made:
        made.worker.post(Connect())
        made.next(CameraStatus, lambda status: status.state == "ready")
        made.worker.post(Expose(ExposureRequest(1, 1.1)))
        found = made.next(Collected)
        assert found.shot is not None and found.shot.measured_s is not None
        assert found.shot.measured_s >= 1.1, "never too short, however busy the machine is"


def test_an_image_that_is_awaited_is_listened_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait is one for its event: nobody sleeps, and looks from time to time whether there is one."""
    waited: list[Phase] = []
    hear = UsbTransport.next_event

    def noted(transport: UsbTransport, deadline: Deadline) -> Event | None:
        if deadline.remaining() > 0:
            waited.append(made.worker.state.phase)
        return hear(transport, deadline)

    monkeypatch.setattr(UsbTransport, "next_event", noted)
    with running(speed=4.0) as made:
        made.worker.post(Connect())
        made.next(CameraStatus, lambda status: status.state == "ready")
        made.worker.post(Expose(ExposureRequest(1, 0.5)))
        assert made.next(Collected).role is Role.FRAME
    assert Phase.AWAITING in waited and set(waited) <= {Phase.AWAITING}


def test_a_request_that_waits_is_taken_before_anybody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench("ILCE-7SM3")
    bench.connect()
    worker = bench.worker
    worker.state = replace(worker.state, phase=Phase.AWAITING)
    monkeypatch.setattr(UsbTransport, "next_event", lambda *args: pytest.fail("it listens"))
    taken: list[object] = []
    monkeypatch.setattr(worker, "_feed", taken.append)
    worker.post(Abort())
    worker._wait(None)
    assert taken == [Abort()]


def test_a_camera_that_cannot_be_heard_is_no_reason_to_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its image is found by looking, and a request is taken meanwhile."""
    calls: list[Phase] = []

    def deaf(transport: UsbTransport, deadline: Deadline) -> Event | None:
        calls.append(made.worker.state.phase)
        raise CameraStalled("the endpoint is halted")

    with running(speed=4.0) as made:
        made.worker.post(Connect())
        made.next(CameraStatus, lambda status: status.state == "ready")
        monkeypatch.setattr(UsbTransport, "next_event", deaf)
        made.worker.post(Expose(ExposureRequest(1, 0.5)))
        assert made.next(Collected).role is Role.FRAME
    assert 0 < calls.count(Phase.AWAITING) < 200


def broken_once(monkeypatch: pytest.MonkeyPatch, worker: Worker, when: Callable[[], bool]) -> list[bool]:
    """Let the worker's next step fail as a bug of ours would, once `when` says so."""
    step = worker.step
    done: list[bool] = []

    def failing() -> float | None:
        if not done and when():
            done.append(True)
            raise ZeroDivisionError("a bug")
        return step()

    monkeypatch.setattr(worker, "step", failing)
    return done


def drive(bench: Bench) -> None:
    """What `run` does with a failure, on the bench's clock."""
    try:
        bench.step()
    except ZeroDivisionError as error:
        bench.worker._broken(error)


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
@pytest.mark.parametrize("seconds", [60.5, 30.0])
def test_a_bug_of_ours_closes_the_shutter_and_keeps_the_image(
    model: str, seconds: float, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The outermost handler: shutter closed, everybody told, a new session; the image is kept and is no answer."""
    bench = Bench(model)
    bench.connect()
    request = bench.ask(seconds)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.run(2.0)
    held = bench.ask(1.0)
    bench.worker.post(Change("iso", 100))
    bench.step()
    done = broken_once(monkeypatch, bench.worker, lambda: True)
    with caplog.at_level(logging.CRITICAL):
        drive(bench)
    assert done and "the worker failed" in caplog.text
    assert not bench.camera.body.full and not bench.camera.body.half
    for asked in (request, held):
        end = bench.end_of(asked)
        assert isinstance(end, ExposureFailed | Aborted)
    assert "fault of the driver" in str(bench.end_of(held))
    assert [r.ok for r in bench.of(ChangeResult)] == [False]
    assert any("Please report it" in n for n in bench.notices)
    bench.until(lambda: bench.of(CameraStatus)[-1].state == "ready" or None)
    bench.settle()
    assert [serial_of(c.data) for c in bench.of(Collected) if c.role is not Role.FRAME] == [1]
    assert serial_of(bench.frame(1.0).data) == 2


def test_the_thread_outlives_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as made:
        made.worker.post(Connect())
        made.next(CameraStatus, lambda status: status.state == "ready")
        broken_once(monkeypatch, made.worker, lambda: True)
        made.next(CameraStatus, lambda status: status.failed)
        made.worker.post(Abort())
        assert made.next(Aborted).id == 0
        assert made.thread.is_alive()


def test_a_bug_while_leaving_ends_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench("ILCE-7SM3")
    bench.connect()
    bench.ask(20.5)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.worker.post(Leave())
    bench.step()
    broken_once(monkeypatch, bench.worker, lambda: True)
    drive(bench)
    assert bench.worker.finished
    assert not bench.camera.body.full


def test_a_bug_that_comes_each_time_is_no_circle() -> None:
    """A camera that cannot be opened because of us is tried every few seconds, not without a pause."""
    bench = Bench("ILCE-7SM3")
    bench.connect()
    tries: list[float] = []

    def wrong(deadline: Deadline) -> Transport:
        tries.append(bench.clock.monotonic())
        raise ZeroDivisionError("a bug")

    bench.worker._connect = wrong
    bench.do("unplug", back_s=1.0)
    while len(tries) < 4:
        drive(bench)
    assert all(later - earlier >= 3.0 for earlier, later in pairwise(tries[1:]))


def test_a_bug_at_the_first_connection_ends_the_wish() -> None:
    bench = Bench("ILCE-7SM3")

    def wrong(deadline: Deadline) -> Transport:
        raise ZeroDivisionError("a bug")

    bench.worker._connect = wrong
    bench.worker.post(Connect())
    drive(bench)
    assert bench.of(CameraStatus)[-1].failed and any("Please report it" in n for n in bench.notices)
    assert bench.worker.step() is None


def test_a_release_that_fails_in_the_outermost_handler_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench("ILCE-7SM3")
    bench.connect()
    bench.do("fault", row={"kind": "refuse", "when": {"property": int(Ctl.FULL_PRESS)}, "code": 0x2005})
    broken_once(monkeypatch, bench.worker, lambda: True)
    drive(bench)
    assert "release of FULL_PRESS" in caplog.text
    assert bench.worker.state.phase is Phase.OFFLINE


def test_an_event_endpoint_that_fails_is_no_end() -> None:
    bench = Bench("ILCE-7SM3")
    bench.connect()
    bench.do("unplug", back_s=1.0)
    mark = len(bench.reports)
    bench.until(lambda: any(isinstance(r, CameraStatus) and r.state == "ready" for r in bench.reports[mark:]) or None)
    assert serial_of(bench.frame(1.0).data) == 1
