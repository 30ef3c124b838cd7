"""Paths that cannot be listened at, and clients of the control socket that misbehave."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indi_sony_py.cli.main import main
from indi_sony_py.clock import SystemClock
from indi_sony_py.sim.attach import serve
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.control import answer_line
from indi_sony_py.sim.device import UsbDevice

LIMIT_S = 20.0


def start(listen: Path, *more: str) -> int:
    return main(["simulate", "--body", "ILCE-6000", "--listen", f"unix:{listen}", *more])


def test_a_path_that_is_too_long(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert start(tmp_path / ("x" * 150)) == 2
    told = capsys.readouterr().err
    assert "too long" in told and "xxx" in told


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert start(tmp_path / "none" / "bus") == 2
    assert str(tmp_path / "none" / "bus") in capsys.readouterr().err


def test_a_file_that_is_no_socket(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bus").write_text("precious")
    assert start(tmp_path / "bus") == 2
    assert "no socket" in capsys.readouterr().err and (tmp_path / "bus").read_text() == "precious"


def test_a_control_path_in_use_leaves_no_bus_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_UNIX) as alive:
        alive.bind(str(tmp_path / "control"))
        alive.listen(1)
        assert start(tmp_path / "bus", "--control", f"unix:{tmp_path}/control") == 2
    assert "another simulated camera listens there" in capsys.readouterr().err
    assert not os.path.exists(tmp_path / "bus")


@contextmanager
def console(folder: Path) -> Iterator[Path]:
    clock = SystemClock()
    camera = Camera("ILCE-6000", clock)
    ours, theirs = socket.socketpair()
    ready = threading.Event()
    thread = threading.Thread(
        target=lambda: serve(
            [UsbDevice(camera)],
            [folder / "bus"],
            clock,
            stop=theirs,
            control=lambda line: answer_line(camera, line),
            control_path=folder / "control",
            ready=ready.set,
        )
    )
    thread.start()
    try:
        assert ready.wait(LIMIT_S)
        yield folder / "control"
    finally:
        ours.send(b"x")
        thread.join(LIMIT_S)
        ours.close()
        theirs.close()


@contextmanager
def client(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(LIMIT_S)
        line.connect(str(path))
        yield line


def answers(line: socket.socket, count: int) -> list[bool]:
    with line.makefile() as lines:
        return [json.loads(lines.readline())["ok"] for _ in range(count)]


def test_garbage_is_answered_and_the_next_line_works(tmp_path: Path) -> None:
    with console(tmp_path) as path, client(path) as line:
        line.sendall(b'\x00\xff\xfe garbage\n\n{"command": "state"}\n[[[[\n{"command": "state"}\n')
        assert answers(line, 4) == [False, True, False, True]


def test_two_clients_each_get_their_own_answers(tmp_path: Path) -> None:
    with console(tmp_path) as path, client(path) as one, client(path) as other:
        one.sendall(b'{"command": "sta')
        other.sendall(b'{"command": "nothing"}\n')
        assert answers(other, 1) == [False]
        one.sendall(b'te"}\n')
        assert answers(one, 1) == [True]


def test_a_line_without_an_end_ends_its_client_only(tmp_path: Path) -> None:
    with console(tmp_path) as path, client(path) as endless, client(path) as other:
        with pytest.raises(OSError):
            while True:
                endless.sendall(b"x" * 65536)
        other.sendall(b'{"command": "state"}\n')
        assert answers(other, 1) == [True]
