"""The program with SIMULATION, as a server starts it: nothing but a socket, no hardware, no other program."""

from __future__ import annotations

import array
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from indi_sony_py.driver.simulation import socket_path

pytestmark = pytest.mark.realtime
DEVICE = "Sony Alpha"
ROOT = Path(__file__).parents[2]
LIMIT_S = 40.0


class Program:
    """A driver on one end of a socket pair; `received` is all that it wrote, `fds` what came beside."""

    def __init__(self, home: Path) -> None:
        self.environment = dict(os.environ, HOME=str(home), XDG_RUNTIME_DIR=str(home), PYTHONPATH=str(ROOT))
        for name in [name for name in self.environment if name.startswith(("INDI", "COV_", "COVERAGE"))]:
            del self.environment[name]
        self.server, driver = socket.socketpair()
        with driver:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "indi_sony_py.cli.driver"], env=self.environment,
                stdin=driver.fileno(), stdout=driver.fileno(), stderr=subprocess.PIPE,
            )  # fmt: skip
        self.received = ""
        self.fds: list[int] = []

    def new(self, kind: str, name: str, **elements: object) -> str:
        inside = "".join(f"<one{kind} name='{key}'>{value}</one{kind}>" for key, value in elements.items())
        return f"<new{kind}Vector device='{DEVICE}' name='{name}'>{inside}</new{kind}Vector>"

    def send(self, *texts: str) -> None:
        self.server.sendall("".join(texts).encode())

    def until(self, wanted: str, start: int = 0) -> re.Match[str]:
        """The first match behind `start`; everything is read until it comes."""
        limit = time.monotonic() + LIMIT_S
        while (found := re.compile(wanted, re.S).search(self.received, start)) is None:
            ready = select.select([self.server], [], [], max(0.0, limit - time.monotonic()))[0]
            assert ready, f"no {wanted!r}; the end of what came: {self.received[-3000:]}"
            data, ancillary, _, _ = self.server.recvmsg(1 << 16, socket.CMSG_SPACE(64))
            assert data, f"the driver ended before {wanted!r}"
            self.received += data.decode()
            for _, _, value in ancillary:
                self.fds += array.array("i", value[: len(value) // 4 * 4]).tolist()
        return found

    def children(self) -> list[int]:
        """Hands and simulated cameras."""
        mark = f"HOME={self.environment['HOME']}".encode()
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and int(folder.name) != self.process.pid:
                try:
                    if mark in (folder / "environ").read_bytes().split(b"\0"):
                        found.append(int(folder.name))
                except OSError:
                    continue
        return found

    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024

    def hand(self) -> int:
        (pid,) = [pid for pid in self.children() if b"--key" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        return pid

    def close(self) -> None:
        self.server.close()
        for fd in self.fds:
            os.close(fd)
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()
            assert self.process.stderr is not None
            self.process.stderr.close()
            for pid in self.children():
                handle = os.pidfd_open(pid)
                if not select.select([handle], [], [], 20)[0]:
                    os.kill(pid, signal.SIGKILL)
                os.close(handle)


@pytest.fixture
def program(short_folder: Path) -> Iterator[Program]:
    made = Program(short_folder)
    yield made
    made.close()


def exposure(program: Program, seconds: float) -> bytes:
    """One frame, from the wish to Ok."""
    start = len(program.received)
    program.send(program.new("Number", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=seconds))
    form = r'<setBLOBVector.*?size="(\d+)" format="\.fits" len="\1" attached="true".*?</setBLOBVector>'
    blob = program.until(form, start)
    ping = program.until(r'<pingRequest uid="([^"]+)"', start)
    assert '"CCD_EXPOSURE" state="Ok"' not in program.received[start : blob.start()]
    program.send(f"<pingReply uid='{ping[1]}'/>")
    program.until('name="CCD_EXPOSURE" state="Ok"', start)
    assert os.fstat(program.fds[-1]).st_size == int(blob[1])
    return os.pread(program.fds[-1], 2880, 0)


def test_from_nothing_to_frames_through_the_loss_of_a_hand_to_a_clean_end(program: Program) -> None:
    program.send("<getProperties version='1.7'/>")
    assert program.until("<def.*?>")[0].startswith(f'<defSwitchVector device="{DEVICE}" name="CONNECTION"')
    program.send(program.new("Switch", "SIMULATION", ENABLE="On"), program.new("Switch", "CONNECTION", CONNECT="On"))
    program.until('name="CONNECTION" state="Ok"')
    program.until(r"<defSwitchVector[^>]*CCD_ISO.*?</defSwitchVector>")
    header = exposure(program, 0.25)
    assert program.resident_mb() < 30
    assert header.startswith(b"SIMPLE  =                    T") and b"EXPTIME =" in header

    start = len(program.received)
    program.send(program.new("Number", "RETAKES", TIMES=0))
    program.send(program.new("Number", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=3.3))
    program.until(r'name="CCD_EXPOSURE" state="Busy"[^/]*?2\.\d', start)
    first = program.hand()
    os.kill(first, signal.SIGKILL)
    program.until('name="CCD_EXPOSURE" state="Alert"', start)
    program.until('name="CONNECTION" state="Ok"', start)
    told = program.received[start:]
    assert told.count('name="CCD_EXPOSURE" state="Alert"') == 1
    assert told.count("[ERROR]") == 1 and "it first closes the shutter, then collects" in told
    assert program.hand() != first
    exposure(program, 0.25)
    assert program.received.count('name="CCD_EXPOSURE" state="Alert"') == 1

    path = socket_path(program.environment)
    assert path.exists()
    program.server.shutdown(socket.SHUT_WR)
    assert program.process.wait(10) == 0
    assert program.process.stderr is not None
    errors = program.process.stderr.read().decode()
    assert "Traceback" not in errors and max(map(len, errors.splitlines()), default=0) < 900
    for pid in program.children():
        handle = os.pidfd_open(pid)
        try:
            assert select.select([handle], [], [], 60)[0], f"process {pid} was left behind"
        finally:
            os.close(handle)
    assert not path.exists()
