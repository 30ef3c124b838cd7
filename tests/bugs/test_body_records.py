"""Records of the class BODY: which protocol a body is driven by, and bodies that cannot be driven at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indi_sony_py.sim.profile import Listing, Profile, profile_of
from indi_sony_py.sim.transaction import Answer, Command
from indi_sony_py.sony.codes import Op, Prop
from indi_sony_py.sony.snapshot import Version
from tests.stage import Stage

VENDOR = range(0x9000, 0xA000)


def hiding() -> Profile:
    """A body that takes 3.00 and then lists nine properties: neither ISO nor shutter speed nor a button."""
    profile = profile_of("ILCE-7M4")
    listing = profile.listings[Version.V300]
    kept = {
        Prop.OBJECTS_IN_MEMORY, Prop.BATTERY, Prop.PROGRAM, Prop.FOCUS_MODE, Prop.DRIVE, Prop.PRIORITY,
        Prop.SAVE_DESTINATION, Prop.LIVE_VIEW, Prop.MOVIE_STATE,
    }  # fmt: skip
    few = Listing(
        replace(listing.info, properties=tuple(code for code in listing.info.properties if code in kept)),
        tuple(d for d in listing.descriptors if d.code in kept),
    )
    assert len(few.descriptors) == 9
    return replace(profile, listings={**profile.listings, Version.V300: few})


def log_of(stage: Stage) -> str:
    """Protocol and reason, as clients see them."""
    return stage.client["CAMERA_INFO"].values["PROTOCOL"]


def test_b63_a_body_that_hides_its_controls_in_the_new_protocol_is_driven_in_the_old_one() -> None:
    with Stage("ILCE-7M4", profile=hiding()) as stage:
        stage.connect()
        assert log_of(stage) == "2.00 (in 3.00 the camera lists too little)"
        assert stage.client.has("CCD_ISO") and stage.client.has("CCD_EXPOSURE")
        assert stage.expose(1.0).serial == 1
        assert stage.expose(33.0).serial == 2
        stage.assert_clean()


def test_b63_a_body_that_refuses_the_new_protocol() -> None:
    with Stage("ILCE-7M4") as stage:
        when = {"operation": int(Op.GET_EXT_DEVICE_INFO), "property": int(Version.V300), "count": 0}
        stage.camera.fault("refuse", when, code=0x2005)
        stage.connect()
        assert log_of(stage).startswith("2.00 (in 3.00 it refuses to tell what it can do")
        assert stage.client.has("CCD_ISO")
        assert stage.expose(1.0).serial == 1
        stage.assert_clean()


@pytest.mark.parametrize("forced", [False, True])
def test_b63_a_body_that_has_both_and_the_users_word(forced: bool) -> None:
    with Stage("ILCE-7M4") as stage:
        stage.client.get_properties()
        stage.settle()
        if forced:
            stage.client.switch("PROTOCOL", "FORCE_200")
        stage.connect()
        wanted = "2.00 (asked for by the user)" if forced else "3.00 (the newest that the camera speaks)"
        assert log_of(stage) == wanted
        assert stage.client.has("CCD_ISO")
        assert [stage.expose(1.0).serial, stage.expose(33.0).serial] == [1, 2]
        stage.assert_clean()


def vendor_commands(stage: Stage) -> list[int]:
    """Sony's own operations that the camera gets from now on."""
    heard: list[int] = []
    camera = stage.camera.camera
    answer = camera.answer

    def listening(command: Command) -> Answer:
        if command.operation in VENDOR:
            heard.append(command.operation)
        return answer(command)

    camera.answer = listening  # type: ignore[method-assign]
    return heard


@pytest.mark.parametrize("model", ["sony-nex-3n-file_mtp", "SLT-A65V_mtp", "NEX-6_mtp"])
def test_b64_a_body_without_a_remote_mode_is_told_so_in_one_sentence(model: str) -> None:
    with Stage(model) as stage:
        client, heard = stage.client, vendor_commands(stage)
        client.get_properties()
        stage.settle()
        client.connect()
        stage.run(30.0)
        assert client["CONNECTION"].state == "Alert"
        assert heard == []
        told = [text for text in client.texts if text.startswith("[ERROR]")]
        assert len(told) == 1, client.texts
        assert "cannot be controlled over USB" in told[0] and "cable release" in told[0]


@pytest.mark.parametrize("model", ["ILCE-7M3", "ILCE-7SM3"])
def test_b65_a_body_in_mtp_mode_is_told_the_menu_and_gets_no_command_of_sonys(model: str) -> None:
    """As B26: what a user reads as "no generic capture" is the USB mode."""
    with Stage(model) as stage:
        stage.camera.do("usb-mode", mode="mtp")
        client, heard = stage.client, vendor_commands(stage)
        client.get_properties()
        stage.settle()
        client.connect()
        stage.run(30.0)
        assert client["CONNECTION"].state == "Alert"
        assert any("PC Remote" in text and model in text for text in client.texts), client.texts
        assert heard == [], "none before the mode is proved"
        stage.camera.do("usb-mode", mode="remote")
        stage.until(lambda: client["CONNECTION"].state == "Ok", 60.0)
        assert stage.expose(1.0).serial == 1
        stage.assert_clean()
