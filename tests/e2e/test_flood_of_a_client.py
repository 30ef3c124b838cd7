"""A client that floods the server while another one exposes: the shutter closes on time, the driver stays small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.frames import Body, Frame, body_camera, judge, read_fits
from tools.rig import DEVICE, Rig
from tools.wire import Wire, new_vector

BODY = Body("ILCE-7SM3", "uncompressed", "3.00")
LONG_S = 3.45
_FLOOD = 200
"""1500 kept indiserver 1.9.9 itself busy for minutes, and the frame waiting behind; the driver stayed at 25 MB."""
_MOST_MB = 60


def _peak_mb(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def test_a_flood_neither_moves_the_shutter_nor_fills_the_memory(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    server = rig.server()
    client = rig.connected(server)
    camera.control(command="expect", seconds=LONG_S)
    with Wire(server.port, buffer=4096) as flooding:
        client.expose(LONG_S)
        client.wait_state("CCD_EXPOSURE", "Busy", 20)
        flooding.send(b"<getProperties version='1.7'/>" * _FLOOD)
        flooding.send(new_vector("Switch", DEVICE, "CCD_ISO", ISO1="On") * 200)
        flooding.send(new_vector("Text", DEVICE, "UPLOAD_SETTINGS", UPLOAD_PREFIX="x" * 60_000) * 20)
        event = client.blob(90)
        header, cfa = read_fits(event.data)
        judge(Frame(header, cfa, event, ()), camera.truth()[-1], BODY)
        assert camera.truth()[-1]["exposure_s"] == pytest.approx(LONG_S, rel=0.01)
        (pid,) = server.drivers()
        assert _peak_mb(pid) < _MOST_MB
    assert camera.broken_rules() == []
