"""What a start costs, beside Debian's own driver in the same run. Printed, not judged: the machine is shared."""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import time

import pytest

from tests.e2e.frames import Body, body_camera, expose
from tools.processes import resident_mb
from tools.rig import DRIVER, Rig, own_environment

BODY = Body("ILCE-7SM3", "uncompressed", "3.00")
RUNS = 5


def _first_property_s(rig: Rig, driver: str) -> tuple[float, float]:
    """Seconds from the start of the process to its first definition, and resident MB then."""
    ours, theirs = socket.socketpair()
    env = rig.environment() if driver == str(DRIVER) else own_environment(rig.home)
    started = time.monotonic()
    with (
        ours,
        theirs,
        subprocess.Popen(
            [driver], env=env, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=subprocess.DEVNULL
        ) as run,
    ):
        theirs.close()
        ours.sendall(b'<getProperties version="1.7"/>')
        ours.settimeout(20)
        received = b""
        while b"<def" not in received:
            received += ours.recv(4096)
        took = time.monotonic() - started
        memory = resident_mb(run.pid)
        ours.shutdown(socket.SHUT_RDWR)
        try:
            run.wait(10)
        except subprocess.TimeoutExpired:
            os.kill(run.pid, 9)
    return took, memory


def test_start_and_memory_are_reported(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    camera = body_camera(rig, BODY)
    rows = []
    for driver in (str(DRIVER), shutil.which("indi_gphoto_ccd")):
        if driver is None:
            rows.append("indi_gphoto_ccd is not installed (Debian package indi-gphoto)")
            continue
        runs = [_first_property_s(rig, driver) for _ in range(RUNS)]
        times = sorted(took * 1000 for took, _ in runs)
        memory = statistics.median(memory for _, memory in runs)
        rows.append(
            f"{driver.rsplit('/', 1)[-1]}: first property after {times[0]:.0f} ms at best, "
            f"{statistics.median(times):.0f} ms in the middle of {RUNS}; {memory:.1f} MB resident"
        )
    server = rig.server()
    client = rig.connected(server)
    (face,) = server.drivers()
    (hand,) = rig.hands()
    rows.append(f"connected: face {resident_mb(face):.1f} MB, hand {resident_mb(hand):.1f} MB")
    expose(client, 0.25)
    rows.append(f"after a frame: face {resident_mb(face):.1f} MB, hand {resident_mb(hand):.1f} MB")
    with capsys.disabled():
        print("\n" + "\n".join(f"  {row}" for row in rows))
    assert camera.broken_rules() == []
