"""The rig, tried on the driver that comes with indiserver: what it says about ours must be worth something."""

from __future__ import annotations

import signal
import socket
import sys
from pathlib import Path

import pytest

import tools.rig
from tools.client import What
from tools.processes import Child, Late, process_ended, resident_mb
from tools.rig import Rig, own_environment
from tools.wire import Wire, new_vector

CCD = "CCD Simulator"


def test_a_frame_comes_through_server_and_client(rig: Rig) -> None:
    server = rig.server(own_environment(rig.home), drivers=["indi_simulator_ccd"])
    client = rig.connected(server, CCD)
    client.set_number("CCD_FRAME", X=0, Y=0, WIDTH=64, HEIGHT=64)
    client.expose(0.2)
    frame = client.blob(10)
    assert frame.text == ".fits" and len(frame.data) == frame.values["size"] and frame.data[:6] == b"SIMPLE"
    client.wait_state("CCD_EXPOSURE", "Ok", 10)
    assert list(rig.times) == ["server ready", "first property", "connected"]
    (driver,) = server.drivers()
    assert resident_mb(driver) > 1
    server.stop()
    assert process_ended(driver, 1)
    assert client.wait(lambda event: event.what is What.GONE, 5, "end of the server")


def test_waiting_has_a_limit_and_tells_what_came(rig: Rig) -> None:
    server = rig.server(own_environment(rig.home), drivers=["indi_simulator_ccd"])
    client = rig.client(server, CCD)
    client.defined("CONNECTION")
    with pytest.raises(Late, match=r"(?s)no CCD_EXPOSURE Ok within 0.3 s"):
        client.wait_state("CCD_EXPOSURE", "Ok", 0.3)


def test_a_port_that_is_taken_meanwhile_is_not_insisted_on(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = int(other.getsockname()[1])
        ports = [taken, tools.rig.free_port()]
        monkeypatch.setattr(tools.rig, "free_port", lambda: ports.pop(0))
        assert rig.server(own_environment(rig.home), drivers=["indi_simulator_ccd"]).port != taken


def test_the_bare_client_sees_the_same(rig: Rig) -> None:
    server = rig.server(own_environment(rig.home), drivers=["indi_simulator_ccd"])
    with Wire(server.port) as wire:
        wire.get_properties()
        wire.until(b'name="CONNECTION"', 5)
        wire.send(new_vector("Switch", CCD, "CONNECTION", CONNECT="On"))
        wire.until(b'name="CCD_EXPOSURE"', 5)
        with pytest.raises(Late, match="no b'never said'"):
            wire.until(b"never said", 0.2)


def test_a_child_is_waited_for_by_its_lines_and_ended_by_its_id(tmp_path: Path) -> None:
    source = "import signal; print('ready', flush=True); signal.pause()"
    child = Child([sys.executable, "-c", source], own_environment(tmp_path))
    assert child.wait_line(lambda line: line == "ready", 10, "ready") == "ready"
    with pytest.raises(Late, match=r"no second line within 0\.1 s; it printed:\n  \| ready"):
        child.wait_line(bool, 0.1, "second line")
    assert child.stop() == -signal.SIGTERM and not child.running()


def test_a_child_that_ends_too_early_says_so(tmp_path: Path) -> None:
    child = Child([sys.executable, "-c", "print('no'); raise SystemExit(3)"], own_environment(tmp_path))
    with pytest.raises(Late, match="ended without ready"):
        child.wait_line(lambda line: line == "ready", 10, "ready")
    assert child.stop() == 3


def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    source = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True)\n"
        "while True: signal.pause()"
    )
    child = Child([sys.executable, "-c", source], own_environment(tmp_path))
    child.wait_line(lambda line: line == "ready", 10, "ready")
    assert child.stop(limit_s=0.3) == -signal.SIGKILL
