"""Frames of bodies of both protocols and every form of RAW: each pixel is what the sky put in, no rule is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.frames import Body, body_camera, expose, finished_presses, judge, said, scene
from tools.rig import Rig

BODIES = (
    Body("ILCE-7SM3", "uncompressed", "3.00"),
    Body("ZV-E1", "lossless", "3.00"),
    Body("ILCE-7S", "lossy", "2.00"),
    Body("ILCE-7M3", "uncompressed", "2.00"),
    Body("ILCE-6000", "lossy", "2.00"),
)
BULB_S = 1.45
"""No body has a speed within 1 % of it."""

# Few moves of the shutter speed: bodies of protocol 2.00 walk there, notch by notch.
TAKEN = (
    ("sky", "FRAME_LIGHT", BULB_S),
    ("sky", "FRAME_LIGHT", 0.1),
    ("dark", "FRAME_DARK", 0.1),
    ("flat", "FRAME_FLAT", 0.1),
    ("dark", "FRAME_BIAS", 0.001),
)


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_every_kind_of_frame_is_true(rig: Rig, body: Body) -> None:
    """Lights, timed by the body and by bulb, a dark, a flat and a bias in one session."""
    camera = body_camera(rig, body)
    client = rig.connected(rig.server())
    assert client.defined("CAMERA_INFO").values["PROTOCOL"].startswith(body.protocol)
    frames = []
    for looks_at, kind, seconds in TAKEN:
        scene(camera, looks_at)
        frames.append(expose(client, seconds, kind))
    client.set_switch("CONNECTION", "DISCONNECT")
    client.wait_state("CONNECTION", ("Idle", "Ok"), 20)

    presses = finished_presses(camera, len(TAKEN))
    for (_, kind, seconds), frame, press in zip(TAKEN, frames, presses, strict=True):
        judge(frame, press, body)
        assert frame.header["FRAME"].upper() == kind.removeprefix("FRAME_")
        assert frame.header["EXPTIME"] == pytest.approx(press["exposure_s"], rel=0.02, abs=0.1)
        assert press["exposure_s"] == pytest.approx(seconds, rel=0.02, abs=0.1)
        assert (press["nominal_s"] is None) is (seconds == BULB_S), "who timed it: the driver a bulb, the body the rest"
        assert frame.header["SHUTMODE"] == ("BULB" if seconds == BULB_S else "TIMED")
        assert frame.header["ISOSPEED"] == press["iso"]
        assert frame.states[0] == "Busy" and frame.states[-1] == "Ok" and "Alert" not in frame.states
    assert len({press["serial"] for press in presses}) == len(presses)
    assert camera.broken_rules() == []


def test_three_frames_in_a_row_and_the_jpeg_beside_the_last(rig: Rig) -> None:
    body = BODIES[0]
    camera = body_camera(rig, body)
    client = rig.connected(rig.server())
    frames = [expose(client, 0.1) for _ in range(2)]
    client.set_switch("COMPANIONS", "KEEP")
    client.set_switch("CCD_CAPTURE_FORMAT", "INDI_RAW_JPEG")
    frames.append(expose(client, 0.1))
    presses = finished_presses(camera, 3)
    for frame, press in zip(frames, presses, strict=True):
        judge(frame, press, body)
    assert [len(press["files"]) for press in presses] == [1, 1, 2], "the last press gave a pair"
    told = said(client, "beside the RAW was saved to ", 15)
    assert Path(told.partition(" saved to ")[2].split(" (")[0]).read_bytes().startswith(b"\xff\xd8\xff"), told
    assert camera.broken_rules() == []
