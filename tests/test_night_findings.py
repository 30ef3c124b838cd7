"""What random nights found, each told on the stage."""

from __future__ import annotations

import pytest

from tests.stage import Stage


@pytest.mark.parametrize(("code", "number"), [(0x10000028, 40), (1600, 1600)])
def test_an_expanded_iso_is_a_number_in_the_header_and_no_contradiction(code: int, number: int) -> None:
    with Stage("ILCE-7SM3") as stage:
        stage.connect()
        stage.camera.do("set", property=0xD21E, value=code)
        stage.run(3)
        header = stage.expose(2.0).header
        assert header["ISOSPEED"] == header["GAIN"] == number
        assert not [text for text in stage.client.texts if "ISO" in text]


def test_an_image_is_dropped_only_if_somebody_hears_its_name() -> None:
    """An abort, and the driver is killed before the image is there: it becomes a file, and the next driver tells."""
    with Stage("ILCE-7SM3") as stage:
        stage.connect()
        stage.client.expose(60)
        stage.run(20)
        stage.client.abort()
        stage.settle()
        stage.kill_face()
        stage.until(lambda: not stage.hands, 60)
        ((path, serial),) = stage.saved().items()
        assert serial == 1 and path.name.startswith("kept_")
        stage.start_face()
        stage.run(2)
        assert any(str(path) in text for text in stage.client.texts)
        stage.assert_clean()


def test_cameras_whose_serial_number_is_nothing_but_zeros_are_told_apart_by_their_places() -> None:
    with Stage("ILCE-7S", "ILCE-6400", serial="0" * 32) as stage:
        stage.connect()
        (other,) = {device for device, name in stage.client.vectors if name == "CONNECTION"} - {"Sony Alpha"}
        stage.connect(other)
        stage.cameras[1].do("unplug", back_s=20.0)
        stage.run(60)
        devices = {device for device, name in stage.client.vectors if name == "CONNECTION"}
        assert devices == {"Sony Alpha", other}
        assert stage.client.vectors[other, "CONNECTION"].state == "Ok"
        gone = [e for _, e in stage.client.said if e.tag == "delProperty" and "name" not in e.attrib]
        assert not gone
        assert stage.expose(1.0, other).serial == 1001
