"""Debian's gphoto2 over PTP/IP: it takes the simulated camera for the body that it plays, and gets its file whole.

gphoto2 2.5.28 with libgphoto2 2.5.30 asks every body for protocol 2.00; one that speaks 3.00 alone it cannot read.
"""

from __future__ import annotations

import re

import pytest

from tests.judges.network import gphoto2, kept, network_camera, ours_broken
from tools.rig import Rig

BODIES = ("ILCE-6000", "ILCE-7C")
"""One that speaks 2.00 alone, and one that speaks 3.00 too and that libgphoto2 gives 2.5 s before its first photo."""


def current(said: str) -> str:
    found = re.search(r"^Current: (.*)$", said, re.M)
    assert found is not None, said
    return found.group(1)


@pytest.mark.parametrize("body", BODIES)
def test_it_is_taken_for_what_it_plays(rig: Rig, body: str) -> None:
    camera = network_camera(rig, body)
    said = gphoto2(rig, camera, "--summary")
    assert "Manufacturer: Sony Corporation" in said and f"Model: {body}" in said
    assert "Vendor Extension Description: Sony PTP Extensions" in said
    assert "Sony Capture" in said
    listed = set(gphoto2(rig, camera, "--list-config").split())
    wanted = {
        "/main/imgsettings/iso", "/main/capturesettings/shutterspeed", "/main/capturesettings/f-number",
        "/main/capturesettings/focusmode", "/main/capturesettings/expprogram", "/main/status/cameramodel",
    }  # fmt: skip
    assert wanted <= listed, sorted(listed)
    assert ours_broken(camera) == []


@pytest.mark.parametrize("body", BODIES)
def test_settings_and_a_photo(rig: Rig, body: str) -> None:
    """Set, read back in another session, then the photo is made with them and comes byte for byte."""
    camera = network_camera(rig, body)
    gphoto2(rig, camera, "--set-config", "iso=400")
    gphoto2(rig, camera, "--set-config", "shutterspeed=1/50")
    assert current(gphoto2(rig, camera, "--get-config", "iso")) == "400"
    assert current(gphoto2(rig, camera, "--get-config", "shutterspeed")) == "1/50"
    gphoto2(rig, camera, "--capture-image-and-download", "--filename", "judged.arw")
    (made,) = kept(rig)
    assert (rig.folder / "judged.arw").read_bytes() == made.read_bytes()
    (truth,) = camera.truth()
    assert (truth["iso"], truth["nominal_s"], truth["by"]) == (400, 0.02, "host")
    assert camera.control(command="state")["counter"] == 0
    assert ours_broken(camera) == []


def test_a_body_that_speaks_3_00_alone_is_read_up_to_its_first_list(rig: Rig) -> None:
    """As owners report it of this library (libgphoto2#937): the first setting is understood, the second list is not."""
    camera = network_camera(rig, "ILCE-7M5")
    assert "Model: ILCE-7M5" in gphoto2(rig, camera, "--summary")
    listed = gphoto2(rig, camera, "--list-config").split()
    assert "/main/imgsettings/iso" not in listed
