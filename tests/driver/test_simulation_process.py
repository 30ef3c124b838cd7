"""The simulated camera of SIMULATION as a real process: started, found again, ended, never left behind."""

from __future__ import annotations

import os
import queue
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indi_sony_py.driver import simulation
from indi_sony_py.driver.events import Event, SimulationEnded, SimulationReady
from indi_sony_py.driver.simulation import Simulation, socket_path

pytestmark = pytest.mark.realtime
LIMIT_S = 30.0


class Desk:
    def __init__(self, folder: Path) -> None:
        # A socket's path is short: the folder of a test may not be.
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=str(folder), PYTHONPATH=os.getcwd())
        self.posted: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.made: list[Simulation] = []

    def simulation(self, **environment: str) -> Simulation:
        self.made.append(Simulation(self.environment | environment))
        return self.made[-1]

    def start(self, one: Simulation) -> SimulationReady | None:
        return one.start(one.begin(), self.posted.put)

    def close(self) -> None:
        for one in self.made:
            one.stop()
        for thread in threading.enumerate():
            if thread.name.startswith("simulation"):
                thread.join(LIMIT_S)


@pytest.fixture
def desk(short_folder: Path) -> Iterator[Desk]:
    made = Desk(short_folder)
    yield made
    made.close()


def process(one: Simulation) -> Any:
    assert one._child is not None
    return one._child


def listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def test_it_starts_listens_is_found_again_and_ends(desk: Desk) -> None:
    one = desk.simulation()
    ready = desk.start(one)
    path = socket_path(one._environment)
    assert ready == SimulationReady(f"unix:{path}") and listens(path)
    child = process(one)
    other = desk.simulation()
    assert desk.start(other) == ready and other._child is None
    other.stop()
    assert listens(path)
    one.stop()
    assert child.wait(LIMIT_S) == 0 and not path.exists()
    assert desk.posted.empty()


def test_one_that_is_killed_is_told(desk: Desk) -> None:
    one = desk.simulation()
    assert desk.start(one) is not None
    os.kill(process(one).pid, signal.SIGKILL)
    ended = desk.posted.get(timeout=LIMIT_S)
    assert isinstance(ended, SimulationEnded) and "status -9" in ended.text


def test_one_whose_driver_was_killed_ends_by_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "LINGER_S", 0.5)
    one = desk.simulation()
    assert desk.start(one) is not None
    child = process(one)
    assert one._hold is not None
    one._hold.close()
    assert child.wait(LIMIT_S) == 0


@pytest.mark.parametrize("body", ["NO-SUCH-BODY"])
def test_a_body_that_nobody_knows_is_told_in_one_line(desk: Desk, body: str) -> None:
    ready = desk.start(desk.simulation(INDI_SONY_SIMULATED_BODY=body))
    assert ready is not None and not ready.bus and body in ready.error and "\n" not in ready.error


def test_one_that_is_ended_before_it_has_started_never_is(desk: Desk) -> None:
    one = desk.simulation()
    wish = one.begin()
    one.stop()
    assert one.start(wish, desk.posted.put) is None and one._child is None


def test_one_that_is_ended_while_it_starts_is_gone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    one = desk.simulation()
    first_words = simulation._first_words
    children = []

    def stopped_meanwhile(child: Any) -> str:
        children.append(child)
        one.stop()
        return first_words(child)

    monkeypatch.setattr(simulation, "_first_words", stopped_meanwhile)
    assert desk.start(one) is None
    assert children[0].wait(LIMIT_S) is not None


def test_one_that_does_not_end_when_asked_is_killed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "_END_S", 0.2)
    one = desk.simulation()
    assert desk.start(one) is not None
    child = process(one)
    os.kill(child.pid, signal.SIGSTOP)
    one.stop()
    assert child.wait(LIMIT_S) == -signal.SIGKILL


def test_a_folder_that_cannot_be_made_is_told(desk: Desk, short_folder: Path) -> None:
    (short_folder / "file").write_text("")
    one = desk.simulation(XDG_RUNTIME_DIR=str(short_folder / "file" / "x"))
    ready = desk.start(one)
    assert ready is not None and ready.error.startswith("it cannot be started:")


@pytest.mark.parametrize(
    ("environment", "path"),
    [({"XDG_RUNTIME_DIR": "/run/user/1"}, "/run/user/1/indi_sony_simulated-camera.bus"),
     ({"XDG_RUNTIME_DIR": "x", "TMPDIR": "/t", "INDIDEV": "a/b"}, "/t/indi_sony_py-{uid}/indi_sony_simulated-a_b.bus"),
     ({}, "/tmp/indi_sony_py-{uid}/indi_sony_simulated-camera.bus")],
)  # fmt: skip
def test_the_socket_is_the_users_and_the_devices(environment: dict[str, str], path: str) -> None:
    assert str(socket_path(environment)) == path.format(uid=os.getuid())
