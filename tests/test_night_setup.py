"""The camera is set up for a night when it is connected, and put back when it is left, whatever happens meanwhile."""

from __future__ import annotations

import pytest

from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Version
from tests.stage import Stage

MODELS = ("ILCE-7SM3", "ILCE-1M2", "ILCE-7M5", "ILCE-6000", "ILCE-7RM3", "ILCE-7RM4")
SPOILT = (
    (Prop.DRIVE, 0x8012),
    (Prop.FOCUS_MODE, 0x8004),
    (Prop.RAW_TYPE, 1),
    (Prop.FILE_FORMAT_300, 3),
    (Prop.FILE_FORMAT_200, 3),
    (Prop.SILENT, 2),
    (Prop.STEADY_SHOT, 2),
    (Prop.LONG_EXPOSURE_NR, 2),
    (Prop.RELEASE_WITHOUT_LENS, 1),
    (Prop.APSC_CROP, 2),
    (Prop.SAVE_DESTINATION, 0x10),
)
"""How a photographer may leave a camera."""
CODES = tuple(code for code, _ in SPOILT)
NIGHT = {
    Prop.SILENT: 1,
    Prop.STEADY_SHOT: 1,
    Prop.LONG_EXPOSURE_NR: 1,
    Prop.RELEASE_WITHOUT_LENS: 2,
    Prop.APSC_CROP: 1,
    Prop.FOCUS_MODE: 1,
    Prop.FILE_FORMAT_300: 1,
    Prop.FILE_FORMAT_200: 0x10,
    Prop.SAVE_DESTINATION: 1,
}


def read(stage: Stage) -> dict[int, int]:
    book = stage.camera.camera.panel.book
    return {int(code): book.number(code) for code in CODES if code in book}


def spoil(stage: Stage) -> dict[int, int]:
    """As a photographer left it; what was set."""
    panel = stage.camera.camera.panel
    for code, value in SPOILT:
        if code == Prop.DRIVE:
            panel.turn(code, value)  # in 3.00 it is spelled in another way
        elif (found := panel.book.get(code)) is not None and found.writable and value in (found.choices or (value,)):
            panel.put(code, value)
    return read(stage)


def is_set(stage: Stage) -> bool:
    now = read(stage)
    wrong = {code for code, value in NIGHT.items() if code in now and now[code] != value}
    return not wrong and now[Prop.DRIVE] & 0xFFFF == 1 and now.get(Prop.RAW_TYPE, 5) in (2, 5, 6)


def disconnect(stage: Stage) -> None:
    stage.client.disconnect()
    stage.until(lambda: stage.client["CONNECTION"].chosen == "DISCONNECT", 30)
    stage.run(15)


def said(stage: Stage, words: str) -> list[str]:
    """Messages with these words; one that was parted is whole again."""
    whole: list[str] = []
    last = -1.0
    for at, _, text in stage.client.messages:
        if at == last and text.startswith("[") and whole and whole[-1][:6] == text[:6]:
            whole[-1] += " " + text.partition("] ")[2]
        else:
            whole.append(text)
        last = at
    return [text for text in whole if words in text]


@pytest.mark.parametrize("model", MODELS)
def test_it_is_set_up_told_once_and_put_back(model: str) -> None:
    with Stage(model) as stage:
        before = spoil(stage)
        stage.connect()
        stage.until(lambda: is_set(stage), 15)
        assert stage.expose(1.0).serial == 1
        stage.run(5)
        told = said(stage, "set up for the night") or said(stage, "cannot see")
        assert len(told) == 1
        assert ("drive mode single" in told[0]) and "file format RAW" in told[0]
        if stage.camera.camera.panel.version is Version.V300 and Prop.STEADY_SHOT in before:
            assert "no SteadyShot" in told[0] and "cannot see" not in told[0]
        else:
            assert "Long Exposure NR: Off" in told[0]
        disconnect(stage)
        assert read(stage) == before
        assert not list(stage.places.state.glob("setup-*"))
        stage.assert_clean()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("trouble", ["face", "hand", "cable", "power"])
def test_it_is_put_back_after_a_trouble_too(model: str, trouble: str) -> None:
    with Stage(model) as stage:
        before = spoil(stage)
        stage.connect()
        stage.until(lambda: is_set(stage), 15)
        stage.run(2)
        if trouble == "face":
            stage.kill_face()
            stage.run(1)
            stage.start_face()
            stage.run(1)
            stage.connect()
        elif trouble == "hand":
            assert list(stage.places.state.glob("setup-*"))
            stage.kill_hand(stage.camera.key)
            stage.run(1)
        else:
            cable = trouble == "cable"
            stage.camera.do("unplug") if cable else stage.camera.do("power", on=False)
            stage.run(5)
            stage.camera.do("plug") if cable else stage.camera.do("power", on=True)
        stage.until(lambda: stage.client["CONNECTION"].state == "Ok", 60)
        stage.run(8)
        assert is_set(stage)
        assert stage.expose(1.0).serial is not None
        disconnect(stage)
        assert read(stage) == before


def test_a_driver_that_is_killed_and_does_not_come_back_leaves_the_camera_as_it_was() -> None:
    with Stage("ILCE-7SM3") as stage:
        before = spoil(stage)
        stage.connect()
        stage.until(lambda: is_set(stage), 15)
        stage.client.expose(4.0)
        stage.run(2)
        stage.kill_face()
        stage.until(lambda: not stage.hands, 120)
        assert read(stage) == before


@pytest.mark.parametrize("whose", ["client", "camera"])
def test_what_a_user_changed_meanwhile_stays(whose: str) -> None:
    with Stage("ILCE-7SM3") as stage:
        before = spoil(stage)
        stage.connect()
        stage.until(lambda: is_set(stage), 15)
        stage.run(2)
        if whose == "client":
            stage.client.switch("LENS_SHADING", "OFF")
            stage.client.switch("STEADY_SHOT", "ON")
            stage.until(lambda: stage.client["STEADY_SHOT"].state == "Ok", 20)
            assert stage.client["STEADY_SHOT"].chosen == "ON"
            stage.client.switch("RAW_TYPE", "UNCOMPRESSED")
            stage.until(lambda: stage.client["RAW_TYPE"].state == "Ok", 20)
        else:
            stage.camera.camera.panel.put(Prop.RAW_TYPE, 1)
            stage.run(3)
            stage.camera.camera.panel.put(Prop.RAW_TYPE, 5)
            stage.camera.camera.panel.put(Prop.STEADY_SHOT, 2)
            stage.run(3)
        stage.camera.do("unplug", back_s=5.0)
        stage.run(30)
        assert stage.client["CONNECTION"].state == "Ok"
        assert read(stage)[Prop.STEADY_SHOT] == 2, "not set again"
        disconnect(stage)
        after = read(stage)
        assert after.pop(Prop.RAW_TYPE) == 5, "what was chosen anew is the user's"
        before.pop(Prop.RAW_TYPE)
        assert after == before


@pytest.mark.parametrize("choice", ["TELL", "LEAVE"])
def test_tell_only_and_leave_change_nothing(choice: str) -> None:
    with Stage("ILCE-7SM3") as stage:
        before = spoil(stage)
        stage.client.get_properties()
        stage.until(lambda: stage.client.has("NIGHT_SETUP"), 10)
        stage.client.switch("NIGHT_SETUP", choice)
        stage.settle()
        stage.connect()
        stage.run(15)
        assert read(stage) == before
        told = said(stage, "For a night the camera would be set to: ")
        assert len(told) == (1 if choice == "TELL" else 0)
        assert choice == "LEAVE" or "long exposure noise reduction off" in told[0]
        # What must hold at the press is set all the same, for the exposure, and put back.
        assert stage.expose(1.0).serial == 1
        assert read(stage)[Prop.DRIVE] == 1 and read(stage)[Prop.STEADY_SHOT] == 2
        # Chosen while it is connected, it is done at once.
        stage.client.switch("NIGHT_SETUP", "SET")
        stage.until(lambda: is_set(stage), 20)
        disconnect(stage)
        assert read(stage) == before


def test_what_the_camera_does_not_take_costs_little_and_is_named_with_its_menu() -> None:
    with Stage("ILCE-7SM3") as stage:
        spoil(stage)
        for code in (Prop.STEADY_SHOT, Prop.LONG_EXPOSURE_NR):
            stage.camera.fault("ignore-set", {"property": int(code), "count": 0})
        stage.connect()
        stage.client.expose(1.0)
        begun = stage.clock.monotonic()
        stage.until(lambda: stage.client.frames, 40)
        assert stage.clock.monotonic() - begun < 20
        told = said(stage, "Not set for the night: ")
        assert len(told) == 1 and "SteadyShot: Off" in told[0] and "Long Exposure NR: Off" in told[0]
        assert told[0].startswith("[WARNING]")


def test_a_value_that_does_not_go_back_is_told() -> None:
    with Stage("ILCE-7SM3") as stage:
        spoil(stage)
        stage.connect()
        stage.until(lambda: is_set(stage), 15)
        stage.run(2)
        stage.camera.fault("ignore-set", {"property": int(Prop.STEADY_SHOT), "count": 0})
        disconnect(stage)
        assert "Image Stabilization Steady Shot back to On" in said(stage, "was not put back")[0]
        assert read(stage)[Prop.STEADY_SHOT] == 1 and not list(stage.places.state.glob("setup-*"))


def test_an_image_that_waits_comes_first() -> None:
    with Stage("ILCE-7SM3") as stage:
        stage.camera.do("shutter")
        stage.run(5)
        spoil(stage)
        stage.connect()
        stage.until(lambda: is_set(stage), 30)
        stage.run(3)
        stage.assert_clean()
