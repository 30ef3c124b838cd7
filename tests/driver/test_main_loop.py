"""The main loop over a socket: the first answer, faults, every end, and a server that does not read."""

from __future__ import annotations

import logging
import select
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indi_sony_py import __version__
from indi_sony_py.cli.driver import main
from indi_sony_py.clock import Deadline, SystemClock
from indi_sony_py.driver import process
from indi_sony_py.driver.face import Face
from indi_sony_py.hand.journal import Entry, Journal
from indi_sony_py.hand.places import Places

CLOCK = SystemClock()


class Life:
    """One life of the driver in a thread, on a socket as a server gives it."""

    def __init__(self, home: Path) -> None:
        self.server, self._driver = socket.socketpair()
        self.environment = {"HOME": str(home), "INDIDEV": "Camera"}
        self.received = b""
        self.ended: list[object] = []
        self._thread = threading.Thread(target=self._run, name="driver", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        number = self._driver.fileno()
        try:
            self.ended.append(process.run(self.environment, CLOCK, (number, number)))
        except Exception as error:
            self.ended.append(error)

    def send(self, text: str) -> None:
        self.server.sendall(text.encode())

    def until(self, wanted: str, limit_s: float = 20.0) -> str:
        """Everything up to `wanted`, which must come."""
        deadline = Deadline.after(CLOCK, limit_s)
        while wanted.encode() not in self.received:
            assert select.select([self.server], [], [], deadline.remaining())[0], f"no {wanted!r}: {self.received!r}"
            data = self.server.recv(1 << 16)
            assert data, f"the driver ended before {wanted!r}"
            self.received += data
        end = self.received.index(wanted.encode()) + len(wanted)
        text, self.received = self.received[:end].decode(), self.received[end:]
        return text

    def end(self) -> object:
        """What the driver's function returned or raised."""
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.ended[0]

    def close(self) -> None:
        self.server.close()
        self._thread.join(20)
        self._driver.close()
        for thread in threading.enumerate():
            if thread.name.startswith("face-"):
                thread.join(20)


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    monkeypatch.setenv("INDI_SONY_BUS", f"unix:{tmp_path}/no-camera")
    made = Life(tmp_path)
    yield made
    made.close()


def test_the_first_getproperties_is_answered_with_the_devices_first_vector(life: Life) -> None:
    life.send("<getProperties version='1.7'/>")
    text = life.until("</defSwitchVector>")
    assert text.startswith('<defSwitchVector device="Camera" name="CONNECTION"')
    life.until('name="PROTOCOL"')


@pytest.mark.parametrize("first", ["<newSwitchVector device='x' name='y'/>", "junk <", "<pingReply uid='1'/>"])
def test_whatever_comes_first_the_device_can_be_asked_for(life: Life, first: str) -> None:
    life.send(first)
    life.send("\n<getProperties version='1.7' device='Camera'/><getProperties version='1.7' device='Camera'/>")
    life.until('name="CONNECTION"')


def test_a_second_client_gets_all_definitions_again(life: Life) -> None:
    life.send("<getProperties version='1.7'/>")
    life.until('name="PROTOCOL"')
    life.send("<getProperties version='1.7'/>")
    assert life.until('name="PROTOCOL"').count("<defSwitchVector") >= 4


def test_the_end_of_the_input_ends_the_driver(life: Life) -> None:
    life.send("<getProperties version='1.7'/>")
    life.until('name="CONNECTION"')
    life.server.shutdown(socket.SHUT_WR)
    assert life.end() == 0


def test_an_input_that_ends_at_once_ends_the_driver(life: Life) -> None:
    life.server.shutdown(socket.SHUT_WR)
    assert life.end() == 0


def test_an_output_that_nobody_reads_any_more_ends_the_driver(life: Life) -> None:
    life.server.shutdown(socket.SHUT_RD)
    life.send("<getProperties version='1.7'/>")
    assert life.end() == 0


def test_a_server_that_reads_nothing_holds_no_end_up(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LEAVE_S", 0.2)
    for _ in range(300):
        life.send("<getProperties version='1.7'/>")
    life.server.shutdown(socket.SHUT_WR)
    assert life.end() == 0


def test_what_earlier_lives_saved_is_told_right_behind_the_first_definitions(life: Life) -> None:
    journal = Journal(*Places.of(life.environment).journals)
    journal.add(Entry("/data/r.fits", "Camera", "ILCE-7SM3", "2026-01-15T21:03:00", "x", 5, 300.0, 9, "it was killed"))
    life.send("<getProperties version='1.7'/>")
    life.until("/data/r.fits: it was killed")


def test_a_fault_is_told_and_survived(
    life: Life, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    life.send("<getProperties version='1.7'/>")
    life.until('name="CONNECTION"')

    def broken(self: Face, new: Any) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(Face, "_new_vector", broken)
    life.send("<newSwitchVector device='Camera' name='DEBUG'><oneSwitch name='ENABLE'>On</oneSwitch></newSwitchVector>")
    told = life.until("Please report it")
    assert "[ERROR] A fault of the driver: KeyError: &apos;a bug&apos;" in told
    life.send("<getProperties version='1.7' device='Camera' name='CONNECTION'/>")
    life.until('name="CONNECTION"')
    (line,) = [line for line in capfd.readouterr().err.splitlines() if "a fault" in line]
    assert line.startswith("a fault of the driver at NewVector: KeyError: 'a bug' [test_main_loop.py:")
    assert "face.py:" in line and "process.py:" in line


def test_a_driver_that_does_nothing_but_fail_ends(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Face) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(Face, "tick", broken)
    monkeypatch.setattr(process, "_MAX_FAULTS", 3)
    for _ in range(5):
        life.send("<getProperties version='1.7'/>")
    assert isinstance(life.end(), KeyError)


def test_after_the_end_nothing_of_the_log_is_left(life: Life) -> None:
    life.send("<getProperties version='1.7'/>")
    life.until('name="CONNECTION"')
    before = len(logging.getLogger("indi_sony_py").handlers) - 1
    life.server.shutdown(socket.SHUT_WR)
    life.end()
    assert len(logging.getLogger("indi_sony_py").handlers) == before


# --- the program --------------------------------------------------------------------------------------------------


def test_the_version_and_a_wrong_argument(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-v"]) == 0 and main(["--version"]) == 0
    assert capsys.readouterr().out == f"indi_sony_py {__version__}\n" * 2
    assert main(["--help-me"]) == 2 and main(["-v", "x"]) == 2
    assert "it is started by indiserver" in capsys.readouterr().err


def test_the_program_is_called_by_its_name_whatever_started_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tools that list drivers look at the names of processes."""
    comm = Path("/proc/self/comm")
    before = comm.read_text()
    seen: list[str] = []

    def run() -> int:
        seen.append(comm.read_text())
        return 7

    monkeypatch.setattr(process, "run", run)
    monkeypatch.setattr(sys, "argv", ["indi_sony_py"])
    try:
        assert main() == 7
    finally:
        comm.write_text(before)
    assert seen == ["indi_sony_py\n"]
