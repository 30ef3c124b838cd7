"""Find the hand or start it: the face's way, over real sockets, with a hand that is a thread of this process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from indi_sony_py.clock import Deadline, VirtualClock
from indi_sony_py.engine.messages import Abort
from indi_sony_py.errors import HandLost, OutsideError
from indi_sony_py.hand import address, launch
from indi_sony_py.hand.launch import Attached, HandRefused, attach, attach_or_start, command, is_alive
from indi_sony_py.hand.messages import VERSION, HandState, Hello, Message, Refused
from indi_sony_py.hand.pair import SocketConnection

Said = list[Message]


class Started:
    """In the place of `subprocess.Popen`: each start is a thread that accepts once and says its part."""

    def __init__(self, parts: list[Said]) -> None:
        self.parts = parts
        self.calls: list[dict[str, Any]] = []
        self.threads: list[threading.Thread] = []

    def __call__(self, arguments: list[str], **options: Any) -> Started:
        self.calls.append({"arguments": arguments, **options})
        listener = socket.socket(fileno=os.dup(options["stdin"]))
        thread = threading.Thread(target=self._hand, args=(listener, self.parts.pop(0)))
        self.threads.append(thread)
        thread.start()
        return self

    def _hand(self, listener: socket.socket, part: Said) -> None:
        with listener:
            sock, _ = listener.accept()
        connection = SocketConnection(sock)
        with suppress(HandLost):
            for message in part:
                connection.send(message)
            while connection.receive(10.0) is not None:
                pass
        connection.close()

    def poll(self) -> int:
        return 0


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Said], Started]]:
    made: list[Started] = []

    def scripted(*parts: Said) -> Started:
        made.append(Started(list(parts)))
        monkeypatch.setattr(subprocess, "Popen", made[-1])
        return made[-1]

    yield scripted
    for started in made:
        for thread in started.threads:
            thread.join(10)
    launch.reap()
    assert not launch._children


@pytest.fixture
def key(tmp_path: Path) -> str:
    return f"test-{os.getpid()}-{tmp_path.name}"


def greeting(version: int = VERSION, adopted: bool = False) -> Said:
    return [Hello(version, 1, "hand", "x"), HandState(adopted=adopted)]


def found(key: str, seconds: float = 10.0) -> Attached:
    clock = VirtualClock()
    return attach_or_start(key, Deadline.after(clock, seconds), clock=clock)


def test_one_is_started_where_there_is_none(key: str, starts: Callable[..., Started], own_home: Path) -> None:
    started = starts(greeting())
    assert not is_alive(key)
    got = found(key)
    assert got.hello.role == "hand" and not got.adopted and got.state == HandState()
    got.connection.close()
    (call,) = started.calls
    assert call["arguments"] == command(key) and call["arguments"][0] == sys.executable and key in call["arguments"]
    assert call["env"]["MALLOC_MMAP_THRESHOLD_"] == "1048576", "memory of a frame goes back to the system"
    assert call["close_fds"] and call["start_new_session"] and call["stdout"] == subprocess.DEVNULL
    assert list((own_home / ".local/state/indi_sony_py").iterdir()), "what it says before it has a log is kept"


def test_one_that_is_at_work_is_attached_to(key: str, starts: Callable[..., Started]) -> None:
    starts()
    listener = address.bind(key)
    assert listener is not None
    thread = threading.Thread(target=Started([])._hand, args=(listener, greeting(adopted=True)))
    thread.start()
    got = found(key)
    assert got.adopted
    got.connection.close()
    thread.join(10)


def test_one_that_ends_before_it_says_hello_is_started_anew(key: str, starts: Callable[..., Started]) -> None:
    started = starts([], greeting())
    started.parts[0] = [Refused("the camera's process is ending", 3.0)]
    found(key).connection.close()
    assert len(started.calls) == 2


def test_one_that_is_ending_is_waited_for_only_so_long(key: str, starts: Callable[..., Started]) -> None:
    starts(*[[Refused("a driver of another version holds this camera", 95.0)]] * 40)
    with pytest.raises(HandRefused, match=r"another version.*in 95 s at the latest"):
        found(key, 5.0)


@pytest.mark.parametrize(
    ("said", "error", "text"),
    [
        ([Refused("another driver is attached")], HandRefused, "another driver"),
        (greeting(VERSION + 1), HandRefused, f"version {VERSION + 1}"),
        ([HandState()], HandLost, "began with HandState"),
        ([Abort()], HandLost, "began with Abort.*Its log is"),
    ],
)
def test_what_it_says_instead_of_hello(
    key: str, starts: Callable[..., Started], said: Said, error: type[OutsideError], text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(launch, "_TURN_S", 10.0)
    starts(said)
    with pytest.raises(error, match=text):
        found(key, 10.0)


def test_silence_has_a_limit(key: str, starts: Callable[..., Started]) -> None:
    starts([], [])
    with pytest.raises(HandLost, match="did not say hello in time"):
        clock = VirtualClock()
        attach_or_start(key, Deadline.after(clock, 0.05), clock=clock)


def test_no_hand_and_none_wanted(key: str) -> None:
    assert attach(key, Deadline.after(VirtualClock(), 1.0)) is None


def test_an_interpreter_that_cannot_be_started_is_said(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(OutsideError, match="cannot be started"):
        found(key)
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(OutsideError, match="cannot be found"):
        found(key)
    assert not is_alive(key)


def test_without_a_folder_for_its_log_a_hand_is_started_all_the_same(
    key: str, starts: Callable[..., Started], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    starts(greeting())
    found(key).connection.close()
