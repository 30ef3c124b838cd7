"""The config: where it is, what is kept, what a file may hold, what happens to the choices of a user."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indi_sony_py.driver.config import ConfigFile, new_vector_of, path_for
from indi_sony_py.driver.events import Camera, Found
from indi_sony_py.driver.properties import TABLE
from indi_sony_py.engine.messages import Change, ChangeResult
from indi_sony_py.indi.messages import State
from tests.driver.scripted import CAMERA, DEVICE, Rig

SAVED = {
    "POLLING_PERIOD", "DEBUG", "CAMERA_BINDING", "PROTOCOL", "DEBUG_LEVEL", "LOGGING_LEVEL", "LOG_OUTPUT",
    "CCD_CAPTURE_FORMAT", "CCD_TRANSFER_FORMAT", "UPLOAD_MODE", "UPLOAD_SETTINGS", "CCD_ISO", "SHUTTER_POLICY",
    "FRAME_AREA", "COMPANIONS", "BATTERY_LIMIT", "SAVE_DESTINATION", "NETWORK_CAMERA", "NETWORK_SEARCH", "NIGHT_SETUP",
    "ISO_CONTROL", "CCD_GAIN", "RETAKES", "ACTIVE_DEVICES", "SCOPE_INFO",
    "BINNING_MODE", "CCD_BINNING", "CCD_COMPRESSION", "CCD_FAST_TOGGLE", "RECORD_FILE", "RECORD_OPTIONS",
    "CCD_STREAM_ENCODER", "CCD_STREAM_RECORDER", "STREAM_BLOB", "LIMITS", "PREVIEW",
}  # fmt: skip
Make = Callable[[], Rig]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".indi" / f"{DEVICE}_config.xml"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Make]:
    """Another life of the driver, with the same home."""
    made: list[Rig] = []

    def make() -> Rig:
        made.append(Rig({"HOME": str(tmp_path)}))
        made[-1].client("<getProperties version='1.7'/>")
        return made[-1]

    yield make
    for rig in made:
        rig.close()


def press(rig: Rig, element: str) -> list[str]:
    """One of the buttons of CONFIG_PROCESS; what was said. The button must spring back."""
    rig.forget()
    rig.new("Switch", "CONFIG_PROCESS", **{element: "On"})
    assert [on for _, on in rig.switch_states("CONFIG_PROCESS")] == [""]
    return rig.messages()


def state(rig: Rig) -> str:
    return rig.switch_states("CONFIG_PROCESS")[-1][0]


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def vector(kind: str, name: str, device: str = DEVICE, **elements: str) -> str:
    inside = "".join(f"<one{kind} name='{key}'>\n    {value}\n</one{kind}>" for key, value in elements.items())
    return f"<new{kind}Vector device='{device}' name='{name}'>{inside}</new{kind}Vector>\n"


# --- where ------------------------------------------------------------------------------------------------------


def test_the_file_is_below_the_home_and_named_by_the_device() -> None:
    assert path_for(DEVICE, True, {"HOME": "/home/a"}) == Path("/home/a/.indi/Sony Alpha_config.xml")
    assert path_for("a/b", True, {"HOME": "/home/a"}) == Path("/home/a/.indi/a_b_config.xml")


def test_indiconfig_names_the_file_of_the_first_device_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"HOME": "/home/a", "INDICONFIG": "~/mine.xml"}
    monkeypatch.setenv("HOME", "/home/b")
    assert path_for(DEVICE, True, environment) == Path("/home/b/mine.xml")
    assert path_for("Sony Alpha ILCE-6400 9876", False, environment).name == "Sony Alpha ILCE-6400 9876_config.xml"


def test_indiconfig_and_indidev_are_honoured_together(tmp_path: Path) -> None:
    mine = tmp_path / "mine.xml"
    write(mine, "<INDIDriver>" + vector("Number", "POLLING_PERIOD", "Left", PERIOD_MS="250") + "</INDIDriver>")
    rig = Rig({"HOME": str(tmp_path), "INDIDEV": "Left", "INDICONFIG": str(mine)})
    rig.client("<getProperties version='1.7'/>")
    assert rig.device.name == "Left" and rig.device.board["POLLING_PERIOD"].number("PERIOD_MS") == 250
    rig.new("Switch", "CONFIG_PROCESS", device="Left", CONFIG_SAVE="On")
    assert "device='Left'" in mine.read_text() and not (tmp_path / ".indi").exists()
    rig.close()


@pytest.mark.parametrize(
    ("given", "name"), [("", "Sony Alpha"), ("  ", "Sony Alpha"), ("x" * 100, "x" * 63), ("A\nB", "AB")]
)
def test_a_name_that_no_client_could_read_is_made_one(given: str, name: str) -> None:
    rig = Rig({"INDIDEV": given, "HOME": "/nowhere"})
    assert rig.device.name == name
    rig.close()


# --- save, load, default, purge ---------------------------------------------------------------------------------


def test_what_is_kept_is_a_property_of_the_table() -> None:
    assert {row.name for row in TABLE if row.saved} == SAVED


def test_saved_choices_come_back_at_the_next_start_and_with_a_load(start: Make, file: Path) -> None:
    rig = start()
    rig.connect()
    rig.new("Switch", "UPLOAD_MODE", UPLOAD_BOTH="On")
    rig.new("Text", "UPLOAD_SETTINGS", UPLOAD_DIR="/data &amp; more", UPLOAD_PREFIX="M31_XXX")
    rig.new("Number", "POLLING_PERIOD", PERIOD_MS=250)
    rig.new("Switch", "SHUTTER_POLICY", BULB="On")
    said = press(rig, "CONFIG_SAVE")
    assert said == ["[INFO] Saving device configuration...", "[INFO] Device configuration saved."]
    assert state(rig) == "Ok" and file.exists() and file.with_name(file.name + ".default").exists()

    again = start()
    assert again.device.board["POLLING_PERIOD"].number("PERIOD_MS") == 250
    again.connect()
    assert again.device.board["UPLOAD_MODE"].chosen() == "UPLOAD_CLIENT"
    said = press(again, "CONFIG_LOAD")
    assert said[0] == "[INFO] Loading device configuration..."
    assert said[1:] == ["[INFO] Upload settings set to client and local.", "[INFO] Device configuration applied."]
    board = again.device.board
    assert board["UPLOAD_MODE"].chosen() == "UPLOAD_BOTH" and board["SHUTTER_POLICY"].chosen() == "BULB"
    assert board["UPLOAD_SETTINGS"].text("UPLOAD_DIR") == "/data & more"
    assert board.shows("CCD_FILE_PATH")


def test_a_further_camera_saves_and_loads_its_own_choices(start: Make, file: Path) -> None:
    """What only the first device has is not in its file, and left out of one that holds it."""
    name = "Sony Alpha ILCE-6400 9876"
    its_own = file.with_name(f"{name}_config.xml")
    host = vector("Text", "NETWORK_CAMERA", name, HOST="10.0.0.7")
    write(its_own, f"<INDIDriver>{host}{vector('Number', 'POLLING_PERIOD', name, PERIOD_MS='250')}</INDIDriver>")
    rig = start()
    rig.face.handle(Found("", (CAMERA, Camera("usb-1-3", "ILCE-6400", "05559876"))))
    board = rig.face.devices[name].board
    assert board["POLLING_PERIOD"].number("PERIOD_MS") == 250
    rig.new("Switch", "CONFIG_PROCESS", device=name, CONFIG_LOAD="On")
    assert "NETWORK_CAMERA" in rig.messages()[-2] and board["CONFIG_PROCESS"].state is State.OK
    rig.new("Number", "POLLING_PERIOD", device=name, PERIOD_MS="500")
    rig.new("Switch", "CONFIG_PROCESS", device=name, CONFIG_SAVE="On")
    assert board["CONFIG_PROCESS"].state is State.OK
    assert "500" in its_own.read_text() and "NETWORK" not in its_own.read_text()


def test_a_load_sets_the_iso_at_the_camera(start: Make) -> None:
    rig = start()
    hand = rig.connect()
    rig.new("Switch", "CCD_ISO", ISO2="On")
    hand.say(ChangeResult("iso", True, 1600))
    press(rig, "CONFIG_SAVE")
    again = start()
    hand = again.connect()
    press(again, "CONFIG_LOAD")
    assert hand.asked(Change) == [Change("iso", 1600)]


def test_a_load_before_the_connection_says_what_it_left_out(start: Make, file: Path) -> None:
    rig = start()
    rig.connect()
    press(rig, "CONFIG_SAVE")
    again = start()
    said = press(again, "CONFIG_LOAD")
    assert f"[WARNING] Left out of {file}: CCD_ISO: the camera is not connected." in said
    assert state(again) == "Ok"


def test_the_default_is_the_first_save_and_outlives_later_ones(start: Make) -> None:
    rig = start()
    press(rig, "CONFIG_SAVE")
    rig.new("Number", "POLLING_PERIOD", PERIOD_MS=2000)
    press(rig, "CONFIG_SAVE")
    rig.new("Number", "POLLING_PERIOD", PERIOD_MS=3000)
    press(rig, "CONFIG_DEFAULT")
    assert rig.device.board["POLLING_PERIOD"].number("PERIOD_MS") == 1000
    press(rig, "CONFIG_LOAD")
    assert rig.device.board["POLLING_PERIOD"].number("PERIOD_MS") == 2000


def test_a_choice_that_is_kept_by_itself_is_no_default(start: Make, file: Path) -> None:
    """Clients choose devices and formats before anybody saves: Default would bring back one of these alone."""
    rig = start()
    rig.connect()
    rig.new("Switch", "CCD_TRANSFER_FORMAT", FORMAT_NATIVE="On")
    assert file.exists()
    press(rig, "CONFIG_DEFAULT")
    assert state(rig) == "Alert"
    rig.new("Number", "POLLING_PERIOD", PERIOD_MS=250)
    press(rig, "CONFIG_SAVE")
    rig.new("Number", "POLLING_PERIOD", PERIOD_MS=500)
    press(rig, "CONFIG_DEFAULT")
    assert rig.device.board["POLLING_PERIOD"].number("PERIOD_MS") == 250


def test_purge_deletes_the_file_and_a_load_then_says_what_to_do(start: Make, file: Path) -> None:
    rig = start()
    press(rig, "CONFIG_SAVE")
    assert press(rig, "CONFIG_PURGE") == ["[INFO] Device configuration deleted."]
    assert not file.exists() and state(rig) == "Ok"
    press(rig, "CONFIG_PURGE")
    assert state(rig) == "Ok"
    said = press(rig, "CONFIG_LOAD")
    assert said[-1] == "[WARNING] There is no saved configuration yet. Choose Save to make one."
    assert state(rig) == "Alert"


def test_buttons_that_are_off_do_nothing(start: Make, file: Path) -> None:
    rig = start()
    rig.forget()
    rig.new("Switch", "CONFIG_PROCESS", CONFIG_SAVE="Off")
    assert rig.switch_states("CONFIG_PROCESS") == [("Ok", "")] and not file.exists()


@pytest.mark.parametrize(
    ("name", "element"), [("CCD_CAPTURE_FORMAT", "INDI_RAW_JPEG"), ("CCD_TRANSFER_FORMAT", "FORMAT_NATIVE")]
)
def test_formats_are_kept_when_they_change_without_touching_the_rest(
    start: Make, file: Path, name: str, element: str
) -> None:
    write(file, "<INDIDriver>" + vector("Number", "POLLING_PERIOD", PERIOD_MS="250") + "</INDIDriver>")
    rig = start()
    rig.connect()
    rig.new("Switch", name, **{element: "On"})
    again = start()
    again.connect()
    assert again.device.board[name].chosen() == element
    assert again.device.board["POLLING_PERIOD"].number("PERIOD_MS") == 250


def test_a_choice_that_did_not_change_writes_no_file(start: Make, file: Path) -> None:
    rig = start()
    rig.connect()
    rig.new("Switch", "CCD_TRANSFER_FORMAT", FORMAT_FITS="On")
    assert not file.exists()


def test_the_binding_of_the_config_chooses_the_camera(start: Make, file: Path) -> None:
    write(file, "<INDIDriver>" + vector("Text", "CAMERA_BINDING", SERIAL="4123456") + "</INDIDriver>")
    rig = start()
    rig.outside.cameras = (CAMERA.__class__("usb-1-9", "ILCE-6400", "05559876"), CAMERA)
    rig.connect()
    assert rig.hand.key == CAMERA.key


def test_debug_of_the_config_is_on_from_the_start(start: Make, file: Path) -> None:
    write(file, "<INDIDriver>" + vector("Switch", "DEBUG", ENABLE="On", DISABLE="Off") + "</INDIDriver>")
    rig = start()
    assert rig.device.board.shows("DEBUG_LEVEL") and rig.messages() == []


# --- files that are not as they should be -----------------------------------------------------------------------


BROKEN = {
    "empty": "",
    "no xml": "this is no config",
    "cut off": "<INDIDriver><newNumberVector device='Sony Alpha' name='POLLING_PERIOD'><oneNumber name='PERIOD_MS'>5",
    "another device": "<INDIDriver>" + vector("Number", "POLLING_PERIOD", "CCD Simulator", PERIOD_MS="250"),
    "what nobody knows": "<INDIDriver>" + vector("Switch", "CCD_COOLER", COOLER_ON="On") + "<silly/></INDIDriver>",
    "what is not kept": "<INDIDriver>" + vector("Switch", "CONNECTION", CONNECT="On") + "</INDIDriver>",
    "out of range": "<INDIDriver>" + vector("Number", "POLLING_PERIOD", PERIOD_MS="1") + "</INDIDriver>",
    "read-only": "<INDIDriver>" + vector("Text", "DRIVER_INFO", DRIVER_NAME="x") + "</INDIDriver>",
    "huge": "<INDIDriver>" + "x" * (2 << 20),
    "bytes": "\x00\x01\x02\ufffd<<<>>>&&&",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_nothing_in_a_file_stops_the_driver(start: Make, file: Path, text: str) -> None:
    write(file, text)
    rig = start()
    assert rig.device.board["POLLING_PERIOD"].number("PERIOD_MS") == 1000
    assert rig.messages() == []
    said = press(rig, "CONFIG_LOAD")
    assert state(rig) == "Ok" and not rig.outside.hands
    assert text in ("", "this is no config") or any("Left out of" in line for line in said)


def test_a_broken_entry_leaves_the_good_ones(start: Make, file: Path) -> None:
    good = vector("Switch", "PROTOCOL", FORCE_200="On")
    write(file, "<INDIDriver>" + vector("Number", "POLLING_PERIOD", PERIOD_MS="soon") + "<a><b></a>" + good)
    rig = start()
    assert rig.device.board["PROTOCOL"].chosen() == "FORCE_200"
    assert rig.device.board["POLLING_PERIOD"].number("PERIOD_MS") == 1000


@pytest.mark.parametrize("binning", [(2, 1), (2.5, 2.5)])
def test_a_binning_that_cannot_be_made_is_left_out_without_a_camera_too(
    start: Make, file: Path, binning: tuple[float, float]
) -> None:
    numbers = zip(("HOR_BIN", "VER_BIN"), binning, strict=True)
    inside = "".join(f"<oneNumber name='{name}'>{value}</oneNumber>" for name, value in numbers)
    vector = f"<newNumberVector device='{DEVICE}' name='CCD_BINNING'>{inside}</newNumberVector>"
    write(file, f"<INDIDriver>{vector}</INDIDriver>")
    rig = start()
    assert "CCD_BINNING" in press(rig, "CONFIG_LOAD")[1]
    rig.connect()
    rig.expose()
    assert (rig.hand.request.binning, set(rig.device.board["CCD_BINNING"].values.values())) == (1, {1.0})


@pytest.mark.parametrize("element", ["CONFIG_SAVE", "CONFIG_LOAD", "CONFIG_PURGE", "CONFIG_DEFAULT"])
def test_a_file_that_cannot_be_reached_is_an_alert_that_names_it(start: Make, file: Path, element: str) -> None:
    file.parent.mkdir()
    file.mkdir()
    file.with_name(file.name + ".default").mkdir()
    rig = start()
    said = press(rig, element)
    assert state(rig) == "Alert" and str(file) in said[-1] and said[-1].startswith("[ERROR] ")
    rig.connect()
    rig.new("Switch", "CCD_TRANSFER_FORMAT", FORMAT_NATIVE="On")
    assert rig.switch_states("CCD_TRANSFER_FORMAT")[-1] == ("Ok", "FORMAT_NATIVE")


def test_a_save_that_fails_leaves_the_old_file_and_no_litter(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.parent.mkdir()
    config = ConfigFile(file)
    rig = Rig({"HOME": "/nowhere"})
    entry = new_vector_of(rig.device.board["POLLING_PERIOD"])
    config.save([entry])
    before = file.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        config.save([entry, entry])
    assert file.read_bytes() == before
    assert sorted(path.name for path in file.parent.iterdir()) == [file.name, file.name + ".default"]
    rig.close()


def test_the_file_is_in_libindis_form_and_readable_for_others(start: Make, file: Path) -> None:
    rig = start()
    press(rig, "CONFIG_SAVE")
    text = file.read_text()
    assert text.startswith("<INDIDriver>\n<newNumberVector device='Sony Alpha' name='POLLING_PERIOD'>\n")
    assert "  <oneNumber name='PERIOD_MS'>\n      1000\n  </oneNumber>\n" in text and text.endswith("</INDIDriver>\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
