"""`indi-sony simulate` as somebody outside meets it: its options, its lines, its files, its end."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import rawpy

from indi_sony_py.cli.main import COMMANDS, main
from indi_sony_py.clock import Deadline, SystemClock
from indi_sony_py.sim.redirpackets import Capability, Kind, Parser, encode_head, hello
from indi_sony_py.sim.serial_mark import read_serial
from indi_sony_py.transport.base import Reply, Request
from indi_sony_py.transport.bus import backend_from_environment
from indi_sony_py.transport.usb import UsbTransport, find_cameras

CLOCK = SystemClock()


@contextmanager
def program(folder: Path, *options: str, body: str = "ILCE-7SM3") -> Iterator[subprocess.Popen[str]]:
    """The program, listening; it is ended by SIGTERM and must end with 0."""
    command = [sys.executable, "-m", "indi_sony_py.cli.main", "simulate", "--body", body]
    command += ["--listen", f"unix:{folder}/bus", "--control", f"unix:{folder}/control", *options]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == f"listening unix:{folder}/bus\n"
        yield child
    finally:
        child.send_signal(signal.SIGTERM)
        assert child.wait(20) == 0
        assert child.stdout is not None
        child.stdout.close()


def tell(folder: Path, **request: Any) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(20)
        line.connect(f"{folder}/control")
        line.sendall(json.dumps(request).encode() + b"\n")
        with line.makefile() as answers:
            answer: dict[str, Any] = json.loads(answers.readline())
    return answer


class Client:
    """The driver's own USB code at the program's bus."""

    def __init__(self, folder: Path) -> None:
        backend = backend_from_environment({"INDI_SONY_BUS": f"unix:{folder}/bus"})
        assert backend is not None
        (self.address,) = find_cameras(backend)
        self.transport = UsbTransport.open(self.address, CLOCK, backend)

    def ask(self, operation: int, *params: int, data: bytes | None = None) -> Reply:
        return self.transport.transact(Request(operation, params, data), Deadline.after(CLOCK, 20))

    def connect(self) -> None:
        self.ask(0x1002, 1)
        self.ask(0x9201, 1, 0, 0)
        self.ask(0x9201, 2, 0, 0)
        self.ask(0x9202, 0x012C, 1)
        self.ask(0x9201, 3, 0, 0)


def wait_for_images(folder: Path, count: int) -> None:
    end = CLOCK.monotonic() + 30
    while tell(folder, command="state")["counter"] != 0x8000 | count:
        assert CLOCK.monotonic() < end


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.realtime
def test_a_photo_from_outside(tmp_path: Path) -> None:
    referee, truth = tmp_path / "referee.jsonl", tmp_path / "truth.jsonl"
    options = ("--referee", str(referee), "--truth", str(truth), "--raw", "lossy", "--serial", "S123", "--speed", "10")
    with program(tmp_path, *options) as child:
        assert tell(tmp_path, command="shutter", speed="2")["ok"]
        assert tell(tmp_path, command="press")["ok"]
        wait_for_images(tmp_path, 1)
        first = Client(tmp_path)
        assert first.address.serial == "S123"
        first.transport.close()
        client = Client(tmp_path)
        client.connect()
        client.ask(0x9209)
        info = client.ask(0x1008, 0xFFFFC001)
        reply = client.ask(0x1009, 0xFFFFC001)
        assert info.code == reply.code == 0x2001 and reply.data is not None
        client.ask(0x9205, 0xD25A, data=b"\x00")
        client.ask(0x9209)
        client.ask(0x1003)
        client.transport.close()
        assert tell(tmp_path, command="state")["counter"] == 0
        assert child.poll() is None
    assert not os.path.exists(tmp_path / "bus") and not os.path.exists(tmp_path / "control")
    with rawpy.imread(io.BytesIO(bytes(reply.data))) as raw:
        assert read_serial(raw.raw_image) == 1
    (press,) = rows(truth)
    assert press["serial"] == 1 and press["exposure_s"] == press["nominal_s"] == 2.0 and press["raw"] == "lossy"
    assert press["files"] == ["DSC00001.ARW"] and press["by"] == "body" and press["iso"] == 800
    assert len(press["stars"]) > 20 and all(len(star) == 3 for star in press["stars"])
    lines = rows(referee)
    assert lines[-1]["kind"] == "counts" and lines[-1]["broken"] == 0
    assert {"press", "photo", "object", "fetched", "session"} <= {line["kind"] for line in lines}


@pytest.mark.realtime
def test_faults_and_a_slow_wire(tmp_path: Path) -> None:
    faults = tmp_path / "faults.toml"
    stall = '[[fault]]\nkind = "stall"\nwhen = { operation = 0x9999 }\n'
    faults.write_text(f'[[fault]]\nkind = "leftover"\ncount = 1\n{stall}')
    with program(tmp_path, "--faults", str(faults), "--transfer-mbps", "40", "--as-dumped", body="ILCE-6000"):
        assert tell(tmp_path, command="state")["counter"] == 0x8001


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--body", "ILCE-6000", "--raw", "uncompressed"], "ILCE-6000 has no 'uncompressed' RAW: allowed are lossy"),
        (["--body", "ILCE-6000", "--raw", "jpeg"], "'uncompressed', 'lossless', 'lossy'"),
        (["--body", "NOPE"], "unknown body 'NOPE': allowed are"),
        (["--body", "ILCE-6000", "--speed", "0"], "'0': allowed is a number above 0"),
        (["--body", "ILCE-6000", "--transfer-mbps", "x"], "'x': allowed is a number above 0"),
        (["--body", "ILCE-6000", "--control", "/x"], "'/x': allowed is unix:/PATH"),
        (["--body", "ILCE-6000", "--faults", "/nonexistent.toml"], "nonexistent.toml"),
        (["--body", "ILCE-6000", "--referee", "/nonexistent/x"], "nonexistent"),
        (["--body", "ILCE-6000", "--serial", "x" * 33], "up to 32 characters"),
        (["--body", "ILCE-6000", "--stars", "/nonexistent.csv"], "nonexistent.csv"),
        (["--body", "ILCE-6000", "--stars", "/dev/null"], "names the columns ra_deg, dec_deg, v, b_v"),
        (["--body", "ILCE-6000", "--bogus"], "--bogus"),
        (["--body", "ILCE-6000", "--redir", "tcp:0.0.0.0:0"], "an address of this machine alone"),
        (["--body", "ILCE-6000", "--redir", "127.0.0.1:7"], "allowed is tcp:127.0.0.1:PORT"),
        (["--body", "ILCE-6000", "--redir", "tcp:127.0.0.1:70000"], "allowed is tcp:127.0.0.1:PORT"),
        (["--body", "ILCE-6000", "--usb-speed", "full"], "'high', 'super'"),
        ([], "--body"),
    ],
)
def test_a_bad_argument_ends_it_with_2(
    options: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", "--listen", f"unix:{tmp_path}/bus", *options])
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_a_camera_that_nobody_could_come_to_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", "--body", "ILCE-6000"])
    assert ended.value.code == 2 and "--listen" in capsys.readouterr().err


@pytest.mark.realtime
def test_a_port_for_a_machine_is_told_and_greets(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "indi_sony_py.cli.main", "simulate", "--body", "ILCE-7SM3"]
    command += ["--redir", "tcp:127.0.0.1:0", "--linger", "30"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as child:
        try:
            assert child.stdout is not None
            way = child.stdout.readline().removeprefix("listening redir tcp:127.0.0.1:")
            with socket.create_connection(("127.0.0.1", int(way)), timeout=20) as machine:
                greeting = Parser().feed(machine.recv(4096))
                machine.sendall(b"GET / HTTP/1.0\r\n\r\n")
                while machine.recv(4096):
                    pass
            assert [packet.kind for packet in greeting] == [Kind.HELLO]
            with socket.create_connection(("127.0.0.1", int(way)), timeout=20) as machine:
                hail = hello("test", Capability.IDS_64_BITS)
                machine.sendall(encode_head(hail) + bytes(hail.data))
                parser, kinds = Parser(), []
                while Kind.DEVICE_CONNECT not in kinds:
                    kinds += [packet.kind for packet in parser.feed(machine.recv(4096))]
        finally:
            child.terminate()
            assert child.wait(20) == 0


def test_a_bad_fault_names_what_is_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "faults.toml"
    for row, says in (
        ('kind = "bogus"', "allowed are absurd-count"),
        ('kind = "deaf"\nmood = 1', "allowed are none"),
        ('kind = "user"\ncommand = "bogus"', "allowed are battery"),
    ):
        path.write_text(f"[[fault]]\n{row}\n")
        with pytest.raises(SystemExit) as ended:
            main(["simulate", "--body", "ILCE-6000", "--listen", f"unix:{tmp_path}/bus", "--faults", str(path)])
        assert ended.value.code == 2
        assert says in capsys.readouterr().err


def test_the_commands_have_their_modules(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2


def test_with_a_time_to_linger_it_ends_when_nobody_uses_it_any_more(tmp_path: Path) -> None:
    with program(tmp_path, "--linger", "0.5") as child:
        with socket.socket(socket.AF_UNIX) as user:
            user.connect(f"{tmp_path}/bus")
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(1.5)
        assert child.wait(20) == 0
    assert not (tmp_path / "bus").exists()
