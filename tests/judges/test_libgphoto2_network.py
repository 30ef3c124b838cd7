"""A newer libgphoto2 (in PyPI's gphoto2) over PTP/IP: it asks for protocol 3.00, and reads and drives it."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from tests.judges.network import kept, network_camera, ours_broken, port_of, run
from tools.rig import Rig, own_environment

ASK = Path(__file__).with_name("ask_libgphoto2.py")
PROPERTIES = 320
"""An ILCE-7SM3 lists so many in 3.00 (A7S III trace)."""

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("gphoto2") is None, reason="the PyPI package gphoto2 is not installed"
)


@pytest.mark.parametrize("body", ["ILCE-7SM3", "ILCE-7C"])
def test_protocol_3_00_is_read_whole_and_a_photo_comes(rig: Rig, body: str) -> None:
    camera = network_camera(rig, body)
    file = rig.folder / "judged.arw"
    command = [sys.executable, str(ASK), port_of(camera), str(file), "iso=400", "shutterspeed=1/50"]
    done = run(command, own_environment(rig.folder, LC_ALL="C"), rig.folder)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert f"Model: {body}" in said["summary"]
    assert {"iso", "shutterspeed", "prioritymode", "jpegquality"} <= set(said["names"])
    if body == "ILCE-7SM3":
        assert len(said["names"]) > PROPERTIES
    assert "400" in said["choices of iso"] and "1/50" in said["choices of shutterspeed"]
    (made,) = kept(rig)
    assert file.read_bytes() == made.read_bytes()
    (truth,) = camera.truth()
    assert (truth["iso"], truth["nominal_s"], truth["by"]) == (400, 0.02, "host")
    assert camera.control(command="state")["version"] == "3.00"
    assert ours_broken(camera) == []
