"""Debian's indi_gphoto_ccd takes an exposure from the simulated camera, over PTP/IP.

It looks for cameras on USB alone, so a small library of ours, preloaded, names the network's one in their place. The
model that it names is libgphoto2's for this body on USB; what the port is decides how it is spoken to.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.judges.network import kept, network_camera, ours_broken, port_of
from tools.cprogram import CannotBuild, shim_at
from tools.rig import Rig, own_environment

BODY = "ILCE-6000"
DRIVER = "indi_sony_ccd"
"""The same program under another name: only so it opens the camera that its list names."""
MODEL = "Sony Alpha-A6000 (Control)"
DEVICE = "Sony DSLR Alpha-A6000 (Control)"
LIMIT_S = 60.0
PIXEL = {"CCD_PIXEL_SIZE": 3.9, "CCD_PIXEL_SIZE_X": 3.9, "CCD_PIXEL_SIZE_Y": 3.9}


@pytest.fixture
def shim(tmp_path: Path) -> Path:
    if shutil.which(DRIVER) is None:
        pytest.skip("indi_gphoto_ccd is not installed (Debian package indi-gphoto)")
    try:
        return shim_at(tmp_path)
    except CannotBuild as why:
        pytest.skip(str(why))


def test_two_exposures_of_half_a_second(rig: Rig, shim: Path) -> None:
    """The files come to the client as the camera made them. The first is no frame that was asked for.

    While it connects the driver writes "full press" to the camera, which takes a photo; its first exposure finds that
    image waiting and delivers it. The second one is true.
    """
    camera = network_camera(rig, BODY)
    env = own_environment(rig.home, LD_PRELOAD=str(shim), GPHOTO_MODEL=MODEL, GPHOTO_PORT=port_of(camera), LC_ALL="C")
    client = rig.client(rig.server(env, drivers=(DRIVER,)), DEVICE)
    client.defined("CONNECTION", LIMIT_S)
    client.set_switch("CONNECTION", "CONNECT")
    client.wait_state("CONNECTION", ("Ok",), LIMIT_S)
    client.defined("CCD_EXPOSURE", LIMIT_S)
    client.set_switch("CCD_TRANSFER_FORMAT", "FORMAT_NATIVE")
    client.set_switch("CCD_FORCE_BLOB", "Off")
    client.set_number("CCD_INFO", CCD_MAX_X=6000, CCD_MAX_Y=4000, CCD_BITSPERPIXEL=16, **PIXEL)
    frames = []
    for _ in range(2):
        client.expose(0.5)
        frames.append(client.blob(LIMIT_S))
    assert [frame.text for frame in frames] == [".arw", ".arw"]
    assert [bytes(frame.data) for frame in frames] == [file.read_bytes() for file in kept(rig)]
    at_connect, asked_for = camera.truth()
    assert at_connect["nominal_s"] == 0.01
    assert (asked_for["nominal_s"], asked_for["by"]) == (0.5, "host")
    assert set(ours_broken(camera)) <= {"R-HALF-FIRST", "R-BULB-SPEED"}, "by that press, which is held for a while"
