"""NETWORK_CAMERA and NETWORK_SEARCH: which camera the first device takes, what is looked for, what is refused."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from indi_sony_py.clock import Deadline, SystemClock
from indi_sony_py.driver import link
from indi_sony_py.driver.choose import in_another_mode, pick
from indi_sony_py.driver.events import Camera, CameraKind, Event, Found
from indi_sony_py.driver.face import LOOK_S, MAX_OWNED
from indi_sony_py.engine.messages import CameraStatus
from indi_sony_py.errors import CameraGone
from indi_sony_py.hand import wiring
from indi_sony_py.transport import discover
from indi_sony_py.transport.discover import NetworkCamera
from indi_sony_py.transport.ipaddress import NetworkPlace
from indi_sony_py.transport.ipidentity import FILE
from indi_sony_py.transport.ssdp import Description
from tests.driver.scripted import CAMERA, DEVICE, IDENTITY, Rig

FOUND = Camera("ip-10.0.0.9", "ILCE-7M4", "03802290")


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    made.client("<getProperties version='1.7'/>")
    yield made
    made.close()


def states(rig: Rig, name: str) -> list[str]:
    return [e.attrib["state"] for e in rig.said if e.tag.startswith("set") and e.attrib["name"] == name]


@pytest.mark.parametrize("written, key", [("10.0.0.7", "ip-10.0.0.7"), (" alpha.local:15741 ", "ip-alpha.local:15741")])
def test_the_first_device_takes_the_camera_that_is_named(rig: Rig, written: str, key: str) -> None:
    rig.new("Text", "NETWORK_CAMERA", HOST=written)
    assert states(rig, "NETWORK_CAMERA") == ["Ok"]
    rig.connect()
    assert rig.hand.key == key
    assert rig.switch_states("CONNECTION")[-1] == ("Ok", "CONNECT")


def test_a_network_that_shows_ever_new_cameras_leaves_nothing_behind(rig: Rig) -> None:
    for number in range(10):
        places = [(f"ip-10.0.{number}.{n}", f"9{number:03}{n:03}") for n in range(32)]
        rig.outside.cameras = tuple(Camera(key, "ILCE-7M4", serial) for key, serial in places)
        rig.wait(LOOK_S)
        assert len(rig.face.devices) <= 1 + 32
    rig.outside.cameras = (CAMERA,)
    rig.wait(LOOK_S)
    assert len(rig.face.devices) <= 2 and len(rig.face._owners) <= MAX_OWNED


def test_a_camera_on_usb_is_a_device_of_its_own_then(rig: Rig) -> None:
    rig.new("Text", "NETWORK_CAMERA", HOST="10.0.0.7")
    rig.wait(30)
    assert list(rig.face.devices) == [DEVICE, f"Sony Alpha {CAMERA.model} 3456"]
    rig.connect()
    assert rig.hand.key == "ip-10.0.0.7"
    rig.wait(30)
    assert list(rig.face.devices) == [DEVICE, f"Sony Alpha {CAMERA.model} 3456"]


def test_it_is_taken_also_where_usb_cannot_be_read(rig: Rig) -> None:
    rig.outside.error = "libusb is not installed"
    rig.outside.cameras = ()
    rig.new("Text", "NETWORK_CAMERA", HOST="10.0.0.7")
    rig.connect()
    assert rig.hand.key == "ip-10.0.0.7"


@pytest.mark.parametrize("written", ["http://camera", "a b", "camera:0", "camera:x"])
def test_what_is_no_place_is_refused_and_the_old_one_stays(rig: Rig, written: str) -> None:
    rig.new("Text", "NETWORK_CAMERA", HOST="10.0.0.7")
    rig.new("Text", "NETWORK_CAMERA", HOST=written)
    assert states(rig, "NETWORK_CAMERA") == ["Ok", "Alert"]
    assert f"{written} is no place in the network." in " ".join(rig.messages())
    assert rig.device.board["NETWORK_CAMERA"].text("HOST") == "10.0.0.7"


def test_a_place_in_the_config_that_is_none_is_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "config.xml"
    file.write_text(
        f"<INDIDriver><newTextVector device='{DEVICE}' name='NETWORK_CAMERA'><oneText name='HOST'>a b</oneText>"
        "</newTextVector></INDIDriver>"
    )
    rig = Rig({"INDICONFIG": str(file), "HOME": str(tmp_path)})
    rig.connect()
    assert rig.hand.key == CAMERA.key
    assert "'a b', which is no place" in caplog.text
    rig.close()


def test_a_camera_that_is_lost_is_tried_again_at_its_place(rig: Rig) -> None:
    rig.new("Text", "NETWORK_CAMERA", HOST="10.0.0.7")
    hand = rig.connect()
    hand.say(CameraStatus("offline", IDENTITY, "The network connection broke off.", True))
    assert rig.switch_states("CONNECTION")[-1] == ("Alert", "CONNECT")
    hand.say(CameraStatus("ready", IDENTITY))
    assert rig.switch_states("CONNECTION")[-1] == ("Ok", "CONNECT")
    assert {hand.key for hand in rig.outside.hands} == {"ip-10.0.0.7"}


def test_a_first_connection_that_fails_is_tried_again(rig: Rig) -> None:
    rig.new("Text", "NETWORK_CAMERA", HOST="10.0.0.7")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    rig.hand.say(CameraStatus("offline", IDENTITY.__class__(), "No camera answers at 10.0.0.7 (no route).", True))
    assert rig.switch_states("CONNECTION")[-1] == ("Alert", "DISCONNECT")
    before = len(rig.outside.hands)
    rig.wait(60)
    assert len(rig.outside.hands) > before


def test_the_network_is_searched_only_when_that_is_switched_on(rig: Rig) -> None:
    rig.wait(60)
    assert rig.outside.looks > 1 and rig.outside.searches == 0
    rig.new("Switch", "NETWORK_SEARCH", ENABLE="On", DISABLE="Off")
    assert rig.outside.searches == 1
    rig.outside.cameras = (CAMERA, FOUND)
    rig.wait(60)
    assert list(rig.face.devices) == [DEVICE, "Sony Alpha ILCE-7M4 2290"]
    rig.new("Switch", "NETWORK_SEARCH", ENABLE="Off", DISABLE="On")
    searches = rig.outside.searches
    rig.wait(60)
    assert rig.outside.searches == searches


def test_a_camera_that_lets_nobody_in_is_no_device_and_says_why() -> None:
    locked = Camera("ip-10.0.0.9", "ILCE-7M5", "03802290", CameraKind.LOCKED)
    assert "ILCE-7M5 at 10.0.0.9 wants access authentication" in in_another_mode(locked)
    assert pick((locked,), "", ()) == in_another_mode(locked)
    assert pick((locked, CAMERA), "", ()) == CAMERA


def test_what_a_search_finds_becomes_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [
        NetworkCamera(NetworkPlace("10.0.0.9"), Description("ILCE-7M4", "mine", "03802290")),
        NetworkCamera(NetworkPlace("10.0.0.8"), Description("", "yours", "", ssh=True)),
    ]
    monkeypatch.setattr(discover, "find_network_cameras", lambda deadline: said)
    monkeypatch.setattr(link, "_look", lambda bus: Found(bus, (CAMERA,)))
    posted: list[Event] = []
    outside = link.Threads(posted.append, SystemClock())
    assert outside._look("", True).cameras == (
        CAMERA, FOUND, Camera("ip-10.0.0.8", "yours", "", CameraKind.LOCKED)
    )  # fmt: skip
    assert outside._look("", False).cameras == (CAMERA,)


def test_a_network_that_cannot_be_searched_is_a_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(deadline: object) -> list[NetworkCamera]:
        raise OSError("no network")

    monkeypatch.setattr(discover, "find_network_cameras", fail)
    assert link.look_in_network(SystemClock()) == ()
    assert "the network cannot be searched: no network" in caplog.text


def test_the_hand_takes_its_way_by_the_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody is there: what is said names the place, and this computer's identity was made."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(discover, "why_refused", lambda place, deadline: None)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        key = f"ip-127.0.0.1:{listener.getsockname()[1]}"
    clock = SystemClock()
    with pytest.raises(CameraGone, match=f"No camera answers at {key.removeprefix('ip-')}"):
        wiring.connect(key, clock, Deadline.after(clock, 10))
    assert len(bytes.fromhex((tmp_path / "indi_sony_py" / FILE).read_text())) == 16
