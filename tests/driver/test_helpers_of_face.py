"""The threads that look for cameras, attach to hands and read from them: each gives one answer, and ends."""

from __future__ import annotations

import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from indi_sony_py.clock import SystemClock
from indi_sony_py.driver import link
from indi_sony_py.driver.events import (
    AttachFailed,
    Camera,
    CameraKind,
    Event,
    Found,
    FromHand,
    HandAttached,
    HandEnded,
    NoHand,
    SimulationReady,
)
from indi_sony_py.driver.link import Link, Threads
from indi_sony_py.engine.messages import Abort, Level, Notice
from indi_sony_py.errors import CameraError, FaceLost, HandLost
from indi_sony_py.hand.launch import Attached, HandRefused, hello
from indi_sony_py.hand.messages import FrameReady, HandState
from indi_sony_py.hand.pair import SocketConnection
from indi_sony_py.transport import find

LIMIT_S = 20.0


class Desk:
    """The face's inbox, and the hand's end of a pair."""

    def __init__(self) -> None:
        self.inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.threads = Threads(self.inbox.put, SystemClock())
        near, far = socket.socketpair()
        self.near = SocketConnection(near, HandLost, 5.0, "the camera's process")
        self.hand = SocketConnection(far, FaceLost, 5.0, "the driver")

    def next(self) -> Event:
        return self.inbox.get(timeout=LIMIT_S)

    def close(self) -> None:
        self.near.close()
        self.hand.close()
        for thread in threading.enumerate():
            if thread.name.startswith(("face-", "hand-")):
                thread.join(LIMIT_S)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


# --- looking ------------------------------------------------------------------------------------------------------


def address(**more: Any) -> find.CameraAddress:
    given: dict[str, Any] = {
        "bus": 1, "address": 4, "ports": (2,), "vendor": 0x054C, "product": 0x0D18, "serial": "04123456",
        "product_name": "ILCE-7M3", "kind": find.CameraKind.PTP, "key": "usb-1-2",
    }  # fmt: skip
    return find.CameraAddress(**(given | more))


def finds(monkeypatch: pytest.MonkeyPatch, result: Callable[[Any], list[find.CameraAddress]]) -> None:
    monkeypatch.setattr(find, "find_cameras", result)


def test_what_is_on_the_bus_is_told_with_what_it_can_be(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    there = [address(), address(kind=find.CameraKind.MASS_STORAGE, key="usb-1-3"), address(kind=find.CameraKind.OTHER)]
    finds(monkeypatch, lambda backend: there)
    desk.threads.look("")
    assert desk.next() == Found(
        "",
        (
            Camera("usb-1-2", "ILCE-7M3", "04123456", CameraKind.PTP, 0x0D18, 4),
            Camera("usb-1-3", "ILCE-7M3", "04123456", CameraKind.MASS_STORAGE, 0x0D18, 4),
            Camera("usb-1-2", "ILCE-7M3", "04123456", CameraKind.OTHER, 0x0D18, 4),
        ),
    )


def test_a_bus_of_its_own_is_looked_at_for_the_simulated_camera(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    finds(monkeypatch, lambda backend: asked.append(backend) or [])  # type: ignore[func-returns-value]
    desk.threads.look("unix:/simulated")
    desk.threads.look("")
    answers = {answer.bus: answer for answer in (desk.next(), desk.next()) if isinstance(answer, Found)}
    assert set(answers) == {"", "unix:/simulated"}
    assert None in asked and len([one for one in asked if one is not None]) == 1


@pytest.mark.parametrize(
    ("error", "says"),
    [(CameraError("libusb is not installed"), "libusb is not installed"), (ValueError("no such bus"), "no such bus"),
     (RuntimeError("a surprise"), "Cameras cannot be looked for: a surprise")],
)  # fmt: skip
def test_a_look_that_fails_says_why_and_fills_no_log(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception, says: str
) -> None:
    def fail(backend: object) -> list[find.CameraAddress]:
        raise error

    finds(monkeypatch, fail)
    for _ in range(5):
        desk.threads.look("")
        answer = desk.next()
        assert isinstance(answer, Found) and says in answer.error
    assert caplog.text.count("looking for cameras failed") == isinstance(error, RuntimeError)


def no_room(thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize("asked", ["look", "attach", "simulate"])
def test_where_the_system_has_no_room_for_a_thread_the_answer_comes_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """An answer that never comes would be the last look of the night."""
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", no_room)
        match asked:
            case "look":
                desk.threads.look("")
            case "attach":
                desk.threads.attach(7, "usb-1-2", "", True)
            case _:
                desk.threads.simulate()
    answer = desk.inbox.get_nowait()
    match answer:
        case Found(bus, (), error) | SimulationReady(bus, error):
            assert bus == "" and "can't start new thread" in error
        case AttachFailed(ticket, key, text):
            assert (ticket, key) == (7, "usb-1-2") and "can't start new thread" in text
        case _:
            raise AssertionError(answer)


def test_a_hand_that_nobody_can_listen_to_is_let_go_of(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    attached = Attached(desk.near, hello("hand"), HandState(), True)
    monkeypatch.setattr(link, "attach", lambda key, deadline: attached)
    start = threading.Thread.start
    monkeypatch.setattr(
        threading.Thread, "start", lambda thread: no_room(thread) if thread.name == "hand-reader" else start(thread)
    )
    desk.threads.attach(7, "usb-1-2", "", False)
    came, ended = desk.next(), desk.next()
    assert isinstance(came, HandAttached) and isinstance(ended, HandEnded) and ended.link is came.link


def test_looks_that_hang_are_not_joined_by_ever_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    finds(monkeypatch, lambda backend: [address()] if free.wait(LIMIT_S) else [])
    for _ in range(link.MAX_LOOKING + 1):
        desk.threads.look("")
    refused = desk.next()
    assert isinstance(refused, Found) and "still under way" in refused.error
    free.set()
    assert [len(answer.cameras) for _ in range(link.MAX_LOOKING) if isinstance(answer := desk.next(), Found)] == [1] * 4
    assert desk.inbox.empty()


# --- attaching ----------------------------------------------------------------------------------------------------


def test_a_hand_that_was_started_is_a_link_that_speaks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []

    def start(key: str, deadline: object, *, env: dict[str, str], clock: object) -> Attached:
        seen.append(env)
        return Attached(desk.near, hello("hand"), HandState(), False)

    monkeypatch.setattr(link, "attach_or_start", start)
    desk.threads.attach(7, "usb-1-2", "unix:/simulated", True)
    came = desk.next()
    assert isinstance(came, HandAttached) and (came.ticket, came.key, came.state) == (7, "usb-1-2", HandState())
    assert seen[0]["INDI_SONY_BUS"] == "unix:/simulated" and seen[0]["PATH"]
    desk.hand.send(Notice(Level.INFO, "hello"))
    told = desk.next()
    assert isinstance(told, FromHand) and told.link is came.link and told.parcel.message == Notice(Level.INFO, "hello")
    came.link.send(Abort())
    parcel = desk.hand.receive(LIMIT_S)
    assert parcel is not None and parcel.message == Abort()
    came.link.close()


def test_without_a_hand_at_work_there_is_nothing_to_adopt(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "attach", lambda key, deadline: None)
    desk.threads.attach(7, "usb-1-2", "", False)
    assert desk.next() == NoHand(7, "usb-1-2")


@pytest.mark.parametrize(
    ("error", "says"),
    [(HandRefused("another driver holds the camera"), "Stop the other driver"), (HandLost("it ended"), "it ended"),
     (RuntimeError("a surprise"), "The camera's process could not be reached: a surprise")],
)  # fmt: skip
def test_an_attempt_that_fails_says_why(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception, says: str
) -> None:
    def fail(*given: object, **more: object) -> Attached:
        raise error

    monkeypatch.setattr(link, "attach_or_start", fail)
    desk.threads.attach(7, "usb-1-2", "", True)
    answer = desk.next()
    assert isinstance(answer, AttachFailed) and answer.ticket == 7 and says in answer.text


# --- reading ------------------------------------------------------------------------------------------------------


def test_a_hand_that_is_gone_is_told_once(desk: Desk) -> None:
    made = Link(desk.near, desk.inbox.put)
    made.start()
    desk.hand.close()
    ended = desk.next()
    assert isinstance(ended, HandEnded) and ended.link is made and ended.text
    made.join(LIMIT_S)
    assert desk.inbox.empty()


def test_a_link_that_was_closed_says_nothing_more(desk: Desk) -> None:
    made = Link(desk.near, desk.inbox.put)
    made.start()
    made.close()
    made.join(LIMIT_S)
    assert desk.inbox.empty()
    with pytest.raises(HandLost):
        made.send(Abort())


def test_a_frame_that_comes_after_the_end_leaves_no_descriptor_open(desk: Desk) -> None:
    made = Link(desk.near, desk.inbox.put)
    made._open = False
    frame = os.memfd_create("frame", os.MFD_CLOEXEC)
    desk.hand.send(FrameReady(1, 2, ".fits", 0), frame)
    os.close(frame)
    made.start()
    desk.hand.close()
    made.join(LIMIT_S)
    assert desk.inbox.empty()


def test_a_reader_that_fails_is_told_as_a_lost_hand(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(timeout_s: float | None = None) -> None:
        raise RuntimeError("a surprise")

    monkeypatch.setattr(desk.near, "receive", fail)
    made = Link(desk.near, desk.inbox.put)
    made.start()
    assert desk.next() == HandEnded(made, "a surprise")
    assert "the reader of a hand failed" in caplog.text


# --- the simulated camera -----------------------------------------------------------------------------------------


class ScriptedSimulation:
    def __init__(self) -> None:
        self.wishes = 0
        self.answer: SimulationReady | None = SimulationReady("unix:/here")

    def begin(self) -> int:
        self.wishes += 1
        return self.wishes

    def start(self, wish: int, post: object) -> SimulationReady | None:
        return self.answer if wish == self.wishes else None

    def stop(self) -> None:
        self.wishes += 1


def test_a_simulated_camera_is_told_when_it_is_there_and_not_when_it_was_given_up(desk: Desk) -> None:
    scripted = ScriptedSimulation()
    desk.threads._simulation = scripted  # type: ignore[assignment]
    desk.threads.simulate()
    assert desk.next() == SimulationReady("unix:/here")
    scripted.answer = None
    desk.threads.simulate()
    desk.threads.end_simulation()
    desk.close()
    assert desk.inbox.empty() and scripted.wishes == 3
