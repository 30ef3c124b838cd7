"""Another camera at the place of one that went: cameras without a serial number are told apart by their model."""

from __future__ import annotations

import pytest

from tests.stage import Stage


@pytest.mark.parametrize("killed", [False, True], ids=["", "killed"])
@pytest.mark.parametrize("serial", ["", "0" * 32], ids=["empty", "zeros"])
def test_another_model_without_a_number_does_not_answer_for_the_one_that_went(serial: str, killed: bool) -> None:
    """Also where the hand dies as it goes: the marker that it leaves knows whose exposure it was."""
    with Stage("ILCE-7SM3", "ILCE-7M3", numbered=True, serial=serial) as stage:
        ours, other = stage.cameras
        other.do("unplug")
        stage.connect()
        other.do("shutter", speed="BULB")
        other.do("press", hold_s=5.3)
        stage.run(10)
        stage.client.expose(5.3)
        stage.run(3)
        ours.do("unplug")
        if killed:
            stage.kill_hand()
        other.key, ours.key = ours.key, "sim-9"
        other.do("plug")
        stage.until(lambda: "another one (ILCE-7M3) was plugged in instead" in " ".join(stage.client.texts), 60)
        stage.until(lambda: 1001 in stage.saved().values(), 60)
        (path,) = stage.saved()
        assert path.name.startswith("unasked_")
        assert "This frame is lost" not in " ".join(stage.client.texts)
        assert "ILCE-7M3 is connected" in " ".join(stage.client.texts)
        assert "The camera is back" not in " ".join(stage.client.texts)
        assert stage.client["CCD_EXPOSURE"].state == "Alert"
