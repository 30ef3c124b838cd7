"""A camera in the network, from the server to the frame: pixels, pairing, a link that breaks, a second driver."""

from __future__ import annotations

from tests.e2e.frames import SEED, Body, expose, finished_presses, judge, one_try, said
from tools.client import Client
from tools.rig import Rig, Simulator

BODY = Body("ILCE-7SM3", "uncompressed", "3.00")
LIMIT_S = 30.0


def network_camera(rig: Rig) -> Simulator:
    return rig.camera("", network=True, body=BODY.model, raw=BODY.raw, seed=SEED)


def named(rig: Rig, camera: Simulator) -> Client:
    """A client that has told the driver where the camera is."""
    client = rig.client(rig.server())
    client.defined("NETWORK_CAMERA", LIMIT_S)
    client.set_text("NETWORK_CAMERA", HOST=f"127.0.0.1:{camera.port}")
    client.wait_state("NETWORK_CAMERA", "Ok", LIMIT_S)
    return client


def connect(client: Client) -> None:
    client.set_switch("CONNECTION", "CONNECT")
    client.wait_state("CONNECTION", "Ok", LIMIT_S)
    client.defined("CCD_EXPOSURE", LIMIT_S)


def test_frames_are_true(rig: Rig) -> None:
    """A timed exposure and a bulb: each pixel is what the sky put in, no rule is broken."""
    camera = network_camera(rig)
    client = named(rig, camera)
    connect(client)
    frames = [expose(client, seconds) for seconds in (0.1, 1.45)]
    client.set_switch("CONNECTION", "DISCONNECT")
    client.wait_state("CONNECTION", ("Idle", "Ok"), LIMIT_S)
    for frame, press in zip(frames, finished_presses(camera, 2), strict=True):
        judge(frame, press, BODY)
    assert [frame.header["SHUTMODE"] for frame in frames] == ["TIMED", "BULB"]
    assert camera.broken_rules() == []


def test_pairing_is_asked_for_in_words_and_kept_over_drivers(rig: Rig) -> None:
    camera = network_camera(rig)
    assert camera.control(command="menu", item="pairing_needed")["ok"]
    client = named(rig, camera)
    client.set_switch("CONNECTION", "CONNECT")
    client.wait_state("CONNECTION", "Alert", LIMIT_S)
    assert "choose Pairing and confirm this computer" in said(client, "does not admit this computer", LIMIT_S)
    assert camera.control(command="pair")["ok"]
    # It is tried again by itself; nobody has to press anything.
    client.wait_state("CONNECTION", "Ok", 90)
    assert judge(expose(client, 0.1), finished_presses(camera, 1)[0], BODY)


def test_a_link_that_breaks_in_a_download_is_healed(rig: Rig) -> None:
    camera = network_camera(rig)
    client = named(rig, camera)
    connect(client)
    one_try(client)
    expose(client, 0.1)
    fault = {"kind": "cut", "when": {"operation": 0x1009}, "after_bytes": 3_000_000, "reset": True}
    assert camera.control(command="fault", row=fault)["ok"]
    client.expose(0.1)
    client.wait_state("CCD_EXPOSURE", ("Ok", "Alert"), 60)
    client.wait_state("CONNECTION", "Ok", 60)
    last = expose(client, 0.1, limit_s=90)
    presses = finished_presses(camera, 3)
    judge(last, presses[2], BODY)
    assert camera.control(command="state")["counter"] == 0
    assert camera.broken_rules() == []
