"""The hand's main loop over real sockets, in this process; its worker is scripted."""

from __future__ import annotations

import logging
import os
import queue
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from indi_sony_py.clock import Deadline, SystemClock
from indi_sony_py.engine.arrival import Told
from indi_sony_py.engine.messages import (
    CameraStatus,
    Collected,
    Connect,
    Expose,
    ExposureRequest,
    Identity,
    Leave,
    Level,
    Notice,
    Report,
    Request,
    Role,
    Shot,
    ShutterMode,
)
from indi_sony_py.errors import FaceLost, HandLost
from indi_sony_py.hand import address, process
from indi_sony_py.hand.core import Hand
from indi_sony_py.hand.journal import Journal
from indi_sony_py.hand.launch import Attached, HandRefused, attach
from indi_sony_py.hand.messages import Delivered, FrameSaved, Goodbye, Message
from indi_sony_py.hand.pair import SocketConnection
from indi_sony_py.hand.places import Places

CLOCK = SystemClock()


class Script:
    """A worker that is ready at once, and for whose every exposure a file comes that is no RAW."""

    def __init__(self, report: Callable[[Report], None]) -> None:
        self.finished = False
        self._report = report
        self._inbox: queue.SimpleQueue[Request] = queue.SimpleQueue()

    def post(self, request: Request) -> None:
        self._inbox.put(request)

    def step(self) -> float | None:
        raise NotImplementedError

    def run(self) -> None:
        while not self.finished:
            match self._inbox.get():
                case Connect():
                    self._report(CameraStatus("ready"))
                case Expose(request):
                    shot = Shot(request, ShutterMode.TIMED, 1.0, 0.0, "2026-01-02T03:04:05")
                    self._report(Collected(Role.FRAME, "DSC1.JPG", 0x3801, b"data", shot, Identity("ILCE-7SM3")))
                case Leave():
                    self.finished = True
                case _:
                    pass


class Served:
    """A hand whose loop runs in the main thread while a face's part runs beside it."""

    def __init__(self, folder: Path) -> None:
        self.key = f"test-{os.getpid()}-{folder.name}"
        self.places = Places(folder / "state", (folder / "last",))
        self.fault: BaseException | None = None

    def attach(self) -> Attached:
        found = attach(self.key, Deadline.after(CLOCK, 10.0))
        assert found is not None
        return found

    def run(self, face: Callable[[], None]) -> Hand:
        listener = address.bind(self.key)
        assert listener is not None

        def guarded() -> None:
            try:
                face()
            except BaseException as fault:
                self.fault = fault
                os.kill(os.getpid(), signal.SIGTERM)

        beside = threading.Thread(target=guarded, name="face")
        beside.start()
        hand = process.serve(self.key, CLOCK, self.places, Script, listener)
        beside.join(10)
        if self.fault is not None:
            raise self.fault
        return hand


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    yield Served(tmp_path)
    for number, handler in before.items():
        signal.signal(number, handler)
    assert signal.alarm(0) == 0, "no alarm stays behind"


def heard(found: Attached, wanted: type[Message]) -> list[Message]:
    """What came up to the first message of this kind."""
    got: list[Message] = []
    while not got or not isinstance(got[-1], wanted):
        parcel = found.connection.receive(10.0)
        assert parcel is not None, f"no {wanted.__name__}; came: {got}"
        got.append(parcel.message)
    return got


def test_a_face_comes_works_and_goes_and_the_address_is_free(served: Served) -> None:
    def face() -> None:
        found = served.attach()
        assert not found.adopted
        found.connection.send(Connect())
        assert heard(found, CameraStatus)
        with pytest.raises(HandRefused, match="another driver"):
            served.attach()
        found.connection.send(Expose(ExposureRequest(1, 1.0)))
        saved = heard(found, FrameSaved)[-1]
        assert isinstance(saved, FrameSaved) and Path(saved.path).read_bytes() == b"data"
        found.connection.send(Goodbye())
        found.connection.close()

    hand = served.run(face)
    assert hand.finished and not hand.overdue
    assert not address.connect(served.key)
    assert not hand.running - {"developer", "disk"}


def test_sigterm_is_said_to_the_face(served: Served) -> None:
    def face() -> None:
        found = served.attach()
        os.kill(os.getpid(), signal.SIGTERM)
        said = heard(found, Goodbye)
        assert any(isinstance(m, Notice) and m.level is Level.WARNING and "told to end" in m.text for m in said)
        found.connection.close()

    assert served.run(face).finished


def test_hang_up_and_interrupt_mean_nothing_to_it(served: Served) -> None:
    def face() -> None:
        found = served.attach()
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGINT)
        found.connection.send(Connect())
        assert heard(found, CameraStatus)
        found.connection.close()

    served.run(face)


def test_a_face_that_is_gone_when_it_is_spoken_to_is_noticed(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end comes between two looks of the loop: the connection is closed by the sender, and nobody waits on it."""
    send = SocketConnection.send

    def fails(self: SocketConnection, message: Message, fd: int | None = None) -> None:
        if isinstance(message, CameraStatus):
            self.close()
            raise FaceLost("the face is gone")
        send(self, message, fd)

    monkeypatch.setattr(SocketConnection, "send", fails)

    def face() -> None:
        found = served.attach()
        found.connection.send(Connect())
        with pytest.raises(HandLost):
            found.connection.receive(10.0)

    hand = served.run(face)
    assert hand.finished and not hand.overdue


@pytest.mark.parametrize("always", [False, True])
def test_a_fault_of_the_loop_costs_no_image(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, always: bool
) -> None:
    turn, report = Hand.turn, Hand._report

    def fails_at_an_image(self: Hand, told: Told) -> None:
        report(self, told)
        if isinstance(told, Collected):
            raise KeyError("a bug")

    def fails_with_an_image(self: Hand) -> float | None:
        wish = turn(self)
        if self._frames.pending:
            raise KeyError("a bug")
        return wish

    if always:
        monkeypatch.setattr(Hand, "turn", fails_with_an_image)
        # The thread of the disk never gets to it.
        monkeypatch.setattr("indi_sony_py.hand.disk.Disk.submit", lambda self, job: None)
    else:
        monkeypatch.setattr(Hand, "_report", fails_at_an_image)

    def face() -> None:
        found = served.attach()
        found.connection.send(Expose(ExposureRequest(7, 1.0, folder=str(served.places.state.parent / "out"))))
        said = heard(found, FrameSaved)
        saved = said[-1]
        assert isinstance(saved, FrameSaved)
        assert any(isinstance(m, Notice) and m.level is Level.ERROR and "report it" in m.text for m in said)
        with suppress(HandLost):
            found.connection.send(Delivered(saved.frame_id))
            heard(found, Goodbye)
        found.connection.close()

    with caplog.at_level(logging.CRITICAL):
        hand = served.run(face)
    assert hand.overdue is always and "the hand failed" in caplog.text
    (file,) = (served.places.state.parent / "out").iterdir()
    assert file.read_bytes() == b"data"
    assert [entry.path for entry in Journal(*served.places.journals).entries()] == ([str(file)] if always else [])


def test_a_stranger_is_turned_away(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "peer_is_us", lambda sock: threading.current_thread().name == "face")

    def face() -> None:
        sock = address.connect(served.key)
        assert sock is not None
        sock.settimeout(10)
        assert sock.recv(1) == b"", "the connection ends at once"
        sock.close()
        os.kill(os.getpid(), signal.SIGTERM)

    served.run(face)


def test_a_hand_whose_log_cannot_be_written_works_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    handler = process._open_log(tmp_path / "file" / "hand.log")
    root = logging.getLogger("indi_sony_py")
    try:
        assert isinstance(handler, logging.NullHandler)
    finally:
        root.removeHandler(handler)


def test_an_overdue_hand_does_not_wait_for_the_threads_of_a_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """They do not stand among the hand's own, and the interpreter's end would wait for them without an alarm."""

    class Over:
        overdue, running = True, frozenset[str]()

    here, there = socket.socketpair()
    codes: list[int] = []
    monkeypatch.setattr(process, "serve", lambda *args: Over())
    monkeypatch.setattr(process, "_open_log", lambda path: logging.NullHandler())
    monkeypatch.setattr(process, "shut_away", lambda key: here)
    monkeypatch.setattr(os, "_exit", codes.append)
    with there:
        process.main(["--key", "k"])
    assert codes == [1]
