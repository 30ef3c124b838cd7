"""Real processes: a camera comes while another exposes, goes in mid exposure, and comes back; one in another mode."""

from __future__ import annotations

from tests.e2e.frames import one_try, read_fits
from tests.hand.realrig import until
from tools.client import Client, Event, What
from tools.rig import Rig, Simulator

SECOND = "Sony Alpha ILCE-6400 4321"
LONG_S = 12.0
"""Longer than all that happens to the other camera, on a busy machine too."""
SOON_S = 20.0


def serial_in(event: Event) -> int:
    """Which press a frame shows."""
    from indi_sony_py.sim.serial_mark import read_serial

    serial = read_serial(read_fits(event.data)[1])
    assert serial is not None
    return serial


def alert(client: Client, name: str) -> Event:
    return client.wait_state(name, "Alert", SOON_S)


def ready(client: Client) -> None:
    client.wait_state("CONNECTION", "Ok", 60)


def frame(client: Client, seconds: float) -> Event:
    client.expose(seconds)
    return client.blob(seconds + 60)


def expose_long(client: Client, camera: Simulator) -> None:
    camera.control(command="expect", seconds=LONG_S)
    client.expose(LONG_S)


def test_a_second_camera_comes_goes_and_comes_back_while_the_first_exposes(rig: Rig) -> None:
    first = rig.camera("first", body="ILCE-7SM3")
    bus = f"unix:{rig.folder}/second.bus"
    server = rig.server(rig.environment() | {"INDI_SONY_BUS": f"{first.address},{bus}"})
    client = rig.connected(server)
    expose_long(client, first)
    second = rig.camera("second", body="ILCE-6400", serial="00004321")
    assert second.address == bus
    other = rig.client(server, SECOND)
    other.defined("CONNECTION", SOON_S)
    other.set_switch("CONNECTION", "CONNECT")
    ready(other)
    other.defined("CCD_EXPOSURE", SOON_S)
    assert serial_in(frame(other, 0.5)) == 1
    one_try(other)
    other.expose(4.2)
    until(lambda: second.control(command="state")["exposing"], 60, "open shutter")
    second.control(command="unplug", back_s=3.0)
    alert(other, "CCD_EXPOSURE")
    ready(other)
    assert any("The connection to the camera was lost" in text for text in other.messages)
    assert serial_in(frame(other, 0.5)) == 3, "a new one; the second was saved"
    assert [row["exposure_s"] for row in rig.rescued()] == [4.2]
    assert serial_in(client.blob(60)) == 1
    assert first.truth()[0]["exposure_s"] - LONG_S < 0.1
    of_the_first = [event.text for event in client.seen if event.what is What.MESSAGE and event.device == client.device]
    assert of_the_first and not any("lost" in text for text in of_the_first)
    assert first.broken_rules() == [] and second.broken_rules() == []


def test_a_wish_is_kept_from_no_camera_over_a_disk_to_a_camera(rig: Rig) -> None:
    bus = f"unix:{rig.folder}/camera.bus"
    server = rig.server(rig.environment() | {"INDI_SONY_BUS": bus})
    client = rig.client(server)
    client.defined("CONNECTION", SOON_S)
    client.set_switch("CONNECTION", "CONNECT")
    alert(client, "CONNECTION")
    camera = rig.camera("camera", body="ILCE-7M3")
    ready(client)
    camera.control(command="usb-mode", mode="mass_storage")
    alert(client, "CONNECTION")
    client.wait(lambda e: e.what is What.MESSAGE and "shows itself as a disk" in e.text, SOON_S, "word of the disk")
    camera.control(command="usb-mode", mode="remote")
    ready(client)
    assert serial_in(frame(client, 0.5)) == 1
    assert any("USB Connection: PC Remote" in text for text in client.messages)
    assert camera.broken_rules() == []
