"""Records of the class STORAGE: card against computer, slow transfers, no card."""

from __future__ import annotations

import pytest

from indi_sony_py.ptp.codes import ObjectFormat
from indi_sony_py.sim.darkroom import Files, Press
from indi_sony_py.sony.codes import Prop
from tests.bugs.stages import alert
from tests.stage import Stage


@pytest.mark.parametrize("model", ["ILCE-5000", "ILCE-6000", "ILCE-7M2"])
def test_b66_a_body_that_cannot_choose_has_no_such_property(model: str) -> None:
    with Stage(model) as stage:
        stage.connect()
        assert not stage.client.has("SAVE_DESTINATION")
        assert stage.client["CAMERA_SETTINGS"].values["DESTINATION"] == "-"
        assert stage.expose(1.0).serial == 1


@pytest.mark.parametrize("model", ["ILCE-7M3", "ILCE-7SM3"])
def test_b66_a_body_that_can_choose_offers_what_reaches_the_computer(model: str) -> None:
    """Dumps of the A7 III's family list two destinations, newer ones three; the record speaks of three for all.

    Camera only is no choice here: no image would come, and each exposure needs one (camera rule 3).
    """
    with Stage(model) as stage:
        stage.connect()
        client = stage.client
        elements = {name: row["label"] for name, row in client["SAVE_DESTINATION"].attributes.items()}
        assert sorted(elements.values()) == ["host and card", "host only"]
        assert elements[client["SAVE_DESTINATION"].chosen] == "host only"
        both = next(name for name, label in elements.items() if label == "host and card")
        client.switch("SAVE_DESTINATION", both)
        stage.until(lambda: client["SAVE_DESTINATION"].state == "Ok" and client["SAVE_DESTINATION"].chosen == both, 20)
        assert stage.camera.camera.panel.save_to == 0x11
        assert stage.expose(1.0).serial == 1
        assert stage.camera.camera.panel.save_to == 0x11, "it stays as it was chosen"
        stage.assert_clean()


def test_b66_a_destination_that_does_not_take_is_an_alert() -> None:
    with Stage("ILCE-7M3") as stage:
        stage.camera.fault("ignore-set", {"property": Prop.SAVE_DESTINATION, "count": 0})
        stage.connect()
        client = stage.client
        other = next(name for name in client["SAVE_DESTINATION"].values if name != client["SAVE_DESTINATION"].chosen)
        client.switch("SAVE_DESTINATION", other)
        stage.until(lambda: client["SAVE_DESTINATION"].state == "Alert", 100)
        assert "Still Img. Save Dest." in client.texts[-1]
        assert client["SAVE_DESTINATION"].chosen != other


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
def test_b66_camera_only_is_no_wait_without_an_end(model: str) -> None:
    """Where the body can be told it is set back to the computer; else the exposure fails in time, with the menu."""
    with Stage(model) as stage:
        stage.connect()
        stage.camera.do("save-to", to="card")
        if model == "ILCE-7SM3":
            assert stage.expose(1.0).serial == 1
            return
        before = stage.clock.monotonic()
        text = alert(stage, 1.0).replace("\n[ERROR] ", " ")
        assert stage.clock.monotonic() - before < 60.0
        assert "'Still Img. Save Dest.: PC' or 'PC+Camera'" in text


def heavy(press: Press) -> Files:
    """A file of 84 MB that is no picture."""
    return [(f"DSC{press.serial:05d}.ARW", ObjectFormat.ARW, bytes(84_000_000))]


@pytest.mark.parametrize("model", ["ILCE-7RM3"])
def test_b67_a_slow_transfer_is_told_and_not_given_up(model: str) -> None:
    """84 MB at 2 MB a second take 42 s; other programs allow 25 s, or 35 s in all. The limit follows the size."""
    with Stage(model, picture=heavy, transfer_mbps=2.0) as stage:
        stage.connect()
        client = stage.client
        client.switch("CCD_TRANSFER_FORMAT", "FORMAT_NATIVE")
        stage.settle()
        client.expose(1.0)
        stage.until(lambda: client["CCD_EXPOSURE"].state != "Busy" or client["CCD_EXPOSURE"].number() == 0)
        before = stage.clock.monotonic()
        stage.until(lambda: any("is being fetched" in text for text in client.texts), 8.0)
        stage.until(lambda: client["CCD_EXPOSURE"].state != "Busy", 100.0)
        told = [text for text in client.texts if "is being fetched" in text]
        assert 6 <= len(told) <= 9 and all("of 84 MB" in text for text in told)
        assert stage.clock.monotonic() - before == pytest.approx(42.5, abs=2.0)
        assert client["CCD_EXPOSURE"].state == "Ok"
        assert [len(frame.data) for frame in client.frames] == [84_000_000]
        stage.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
def test_b68_no_card_in_the_camera(model: str) -> None:
    """Release without card is switched on where the body lets it; else the exposure fails with the menu entry."""
    with Stage(model) as stage:
        stage.connect()
        stage.camera.do("card", state="none")
        stage.camera.do("menu", item="release_without_card", on=False)
        if model == "ILCE-7SM3":
            assert stage.expose(1.0).serial == 1
        else:
            assert "a card with room or 'Release w/o Card: Enable'" in alert(stage, 1.0)
            stage.camera.do("menu", item="release_without_card", on=True)
            assert stage.expose(1.0).serial == 1
        stage.assert_clean()


def test_b68_no_card_that_cannot_be_helped_from_here() -> None:
    """The setting does not take: the body ignores the press in silence, and the menu entry is named in time."""
    with Stage("ILCE-7SM3") as stage:
        stage.camera.fault("ignore-set", {"property": Prop.RELEASE_WITHOUT_CARD, "count": 0})
        stage.connect()
        stage.camera.do("card", state="none")
        stage.camera.do("menu", item="release_without_card", on=False)
        assert "'Release w/o Card: Enable'" in alert(stage, 1.0)


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-7M3"])
@pytest.mark.parametrize("takes", [True, False])
def test_b66_camera_only_in_the_night_is_set_back_or_named_before_the_press(model: str, takes: bool) -> None:
    """Long after the set-up for the night. Guard: the look at what must hold before each press."""
    with Stage(model) as stage:
        stage.connect()
        assert stage.expose(1.0).serial == 1
        stage.run(10.0)
        if not takes:
            stage.camera.fault("ignore-set", {"property": Prop.SAVE_DESTINATION, "count": 0})
        stage.camera.do("save-to", to="card")
        stage.run(2.0)
        if takes:
            assert stage.expose(1.0).serial == 2
        else:
            assert "Still Img. Save Dest." in alert(stage, 1.0)
            assert list(stage.camera.presses) == [1]
        stage.assert_clean()
