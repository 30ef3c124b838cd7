"""A wish to connect stays: first attempts that fail, cameras that vanish, change their mode, or come back elsewhere."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from indi_sony_py import texts
from indi_sony_py.driver.events import BusChanged, Camera, CameraKind
from indi_sony_py.driver.exposure import HELD_S
from indi_sony_py.driver.face import LOOK_AFTER_S
from indi_sony_py.driver.patience import AGAIN_S, CONNECT_S, LOOK_AGAIN_S, TELL_S
from indi_sony_py.engine.messages import (
    CameraStatus,
    Connect,
    Disconnect,
    Expose,
    ExposureFailed,
    ExposureHeld,
    Identity,
)
from indi_sony_py.hand.messages import Goodbye
from tests.driver.scripted import CAMERA, DEVICE, IDENTITY, SETTINGS, Rig

KEPT_WISH = texts.camera.CONNECTED_LATER(reason="").strip()

SECOND = Camera("usb-1-3", "ILCE-6400", "05559876")
DISK = replace(CAMERA, kind=CameraKind.MASS_STORAGE)
CHARGING = replace(CAMERA, model="", kind=CameraKind.OTHER, product=0x0994)
WEBCAM = replace(CAMERA, kind=CameraKind.STREAMING)
GONE = CameraStatus("offline", text="The cable is out.", failed=True)


def click(rig: Rig, **cameras: tuple[Camera, ...]) -> None:
    """A client comes and asks for a connection."""
    rig.outside.cameras = cameras.get("cameras", ())
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "CONNECTION", CONNECT="On")


def shown(rig: Rig) -> tuple[str, str]:
    return rig.switch_states("CONNECTION")[-1]


def ready(rig: Rig, identity: Identity = IDENTITY) -> None:
    rig.hand.say(CameraStatus("warming", identity), SETTINGS)
    rig.hand.say(CameraStatus("ready", identity))


def plug(rig: Rig, *cameras: Camera) -> None:
    """What is on the bus now, and the kernel says that something changed."""
    rig.outside.cameras = cameras
    rig.face.handle(BusChanged())
    rig.run()


# --- the first connection -----------------------------------------------------------------------------------------


def test_a_camera_that_comes_after_the_click_is_connected_by_itself(rig: Rig) -> None:
    click(rig)
    assert shown(rig) == ("Alert", "DISCONNECT")
    (text,) = rig.messages()
    assert text.startswith("[ERROR] No Sony camera was found.") and text.endswith(KEPT_WISH)
    rig.wait(60)
    assert len(rig.messages()) == 1 and not rig.outside.hands
    plug(rig, CAMERA)
    assert rig.switch_states("CONNECTION")[-1] == ("Busy", "CONNECT")
    ready(rig)
    assert shown(rig) == ("Ok", "CONNECT")
    rig.expose(1)
    assert rig.hand.request.duration_s == 1


def test_without_a_word_of_the_kernel_it_is_found_within_seconds(rig: Rig) -> None:
    click(rig)
    rig.outside.cameras = (CAMERA,)
    rig.wait(LOOK_AGAIN_S)
    assert rig.hand.asked(Connect)


@pytest.mark.parametrize("end", ["client", "simulation"])
def test_the_wish_ends_with_a_disconnect_and_when_another_bus_is_chosen(rig: Rig, end: str) -> None:
    click(rig)
    if end == "client":
        rig.new("Switch", "CONNECTION", DISCONNECT="On")
        assert shown(rig) == ("Idle", "DISCONNECT")
    else:
        rig.new("Switch", "SIMULATION", ENABLE="On")
        rig.new("Switch", "SIMULATION", DISABLE="On")
    looks = rig.outside.looks
    plug(rig, CAMERA)
    rig.wait(5)
    assert rig.outside.hands == [] and rig.outside.looks - looks <= len(LOOK_AFTER_S) + 1


def test_a_camera_in_another_mode_is_told_each_time_that_it_changes_and_connected_when_it_is_right(rig: Rig) -> None:
    click(rig, cameras=(DISK,))
    for camera in (DISK, CHARGING, WEBCAM, WEBCAM, CAMERA):
        plug(rig, camera)
        rig.wait(10)
    told = [text for text in rig.messages() if text.startswith("[ERROR]")]
    assert [word for text in told for word in ("disk", "only charges", "webcam") if word in text] == [
        "disk", "only charges", "webcam",
    ]  # fmt: skip
    ready(rig)
    assert shown(rig) == ("Ok", "CONNECT")


def test_a_camera_that_cannot_be_opened_is_tried_again_quietly_and_ever_more_rarely(rig: Rig) -> None:
    click(rig, cameras=(CAMERA,))
    begun = []
    for _ in range(7):
        begun.append(rig.clock.monotonic())
        hands = len(rig.outside.hands)
        rig.hand.say(CameraStatus("offline", text="gvfs holds the camera.", failed=True))
        while len(rig.outside.hands) == hands:
            rig.wait(1)
    pauses = [after - before for before, after in pairwise(begun)]
    for pause, wanted in zip(pauses, AGAIN_S, strict=False):
        assert pause == pytest.approx(wanted, abs=LOOK_AGAIN_S + 1)
    assert pauses[-1] >= AGAIN_S[-1]
    assert rig.switch_states("CONNECTION") == [("Busy", "CONNECT"), ("Alert", "DISCONNECT")]
    assert rig.messages() == [f"[ERROR] gvfs holds the camera. {KEPT_WISH}"]
    ready(rig)
    assert shown(rig) == ("Ok", "CONNECT")


def test_a_camera_that_was_plugged_in_anew_is_tried_at_once_and_openly(rig: Rig) -> None:
    click(rig, cameras=(CAMERA,))
    rig.hand.say(CameraStatus("offline", text="It is in MTP mode.", failed=True))
    rig.wait(100)
    hands = len(rig.outside.hands)
    rig.hand.say(CameraStatus("offline", text="It is in MTP mode.", failed=True))
    plug(rig)
    plug(rig, replace(CAMERA, address=9))
    assert len(rig.outside.hands) == hands + 1 and shown(rig) == ("Busy", "CONNECT")


def test_a_click_while_it_is_waited_for_tries_at_once(rig: Rig) -> None:
    click(rig, cameras=(CAMERA,))
    rig.hand.say(CameraStatus("offline", text="gvfs holds the camera.", failed=True))
    rig.new("Switch", "CONNECTION", CONNECT="On")
    assert len(rig.outside.hands) == 2 and shown(rig) == ("Busy", "CONNECT")
    rig.hand.say(CameraStatus("offline", text="gvfs holds the camera.", failed=True))
    assert shown(rig) == ("Alert", "DISCONNECT")
    assert rig.messages() == [f"[ERROR] gvfs holds the camera. {KEPT_WISH}"] * 2


def test_a_connection_that_takes_long_says_what_it_waits_for(rig: Rig) -> None:
    click(rig, cameras=(CAMERA,))
    rig.wait(TELL_S)
    assert rig.messages() == ["[INFO] Waiting for the camera to answer and to tell its settings."]
    rig.wait(CONNECT_S)
    assert shown(rig) == ("Alert", "DISCONNECT")


def click_and_wait_in(rig: Rig, stage: int) -> None:
    """A click whose first steps are done, and whose next one does not end."""
    rig.client("<getProperties version='1.7'/>")
    rig.wait(1)
    rig.outside.hold = True
    rig.new("Switch", "CONNECTION", CONNECT="On")
    for _ in range(stage):
        rig.outside.answer()


@pytest.mark.parametrize(
    ("stage", "says"), [(0, "Unplug the USB devices"), (1, "Close other programs"), (2, "Switch it off and on")]
)
def test_a_step_that_never_ends_has_its_own_remedy(rig: Rig, stage: int, says: str) -> None:
    click_and_wait_in(rig, stage)
    rig.wait(CONNECT_S + 6)
    assert shown(rig) == ("Alert", "DISCONNECT") and says in rig.messages()[-1]


def test_what_a_slow_computer_needs_for_one_step_is_not_taken_from_the_next(rig: Rig) -> None:
    """Seen where a Python process takes half a minute to start: the hand was let go when it was just ready."""
    click_and_wait_in(rig, 0)
    for _ in range(2):
        rig.wait(CONNECT_S - 1)
        rig.outside.answer()
    rig.wait(CONNECT_S - 1)
    ready(rig)
    assert shown(rig) == ("Ok", "CONNECT") and len(rig.outside.hands) == 1
    assert [text.split()[1] for text in rig.messages()] == ["Looking", "Waiting", "Waiting", "ILCE-7SM3"]


@pytest.mark.parametrize(
    ("stage", "says"), [(0, "Looking for cameras."), (1, "Waiting for the process that holds the camera.")]
)
def test_each_step_that_takes_long_has_its_word(rig: Rig, stage: int, says: str) -> None:
    click_and_wait_in(rig, stage)
    rig.wait(TELL_S)
    assert rig.messages() == [f"[INFO] {says}"]


# --- a camera that was ready and is lost --------------------------------------------------------------------------


def test_a_lost_camera_keeps_its_device_and_an_exposure_fails_once(rig: Rig) -> None:
    hand = rig.connect()
    rig.expose(30)
    hand.start()
    rig.forget()
    hand.say(ExposureFailed(hand.request.id, "The connection to the camera was lost."), GONE)
    assert rig.switch_states("CONNECTION") == [("Alert", "CONNECT")]
    assert [state for state in rig.states() if state[0] == "Alert"] == [("Alert", 0)]
    rig.wait(120)
    assert rig.switch_states("CONNECTION") == [("Alert", "CONNECT")] and len(rig.messages()) == 2
    assert not [tag for tag, _ in rig.tags() if tag == "delProperty"]
    plug(rig, replace(CAMERA, address=9))
    assert len(hand.asked(Connect)) == 2, "the hand tries at once, not at its next turn"
    hand.say(CameraStatus("ready", IDENTITY))
    assert shown(rig) == ("Ok", "CONNECT") and rig.messages()[-1] == "[INFO] The camera is back."
    rig.expose(1)
    assert hand.request.duration_s == 1


@pytest.mark.parametrize(
    ("camera", "says"),
    [(DISK, "shows itself as a disk"), (CHARGING, "only charges over USB"), (WEBCAM, "shows itself as a webcam"),
     (replace(CAMERA, kind=CameraKind.OTHER), "offers no remote control")],
)  # fmt: skip
def test_a_lost_camera_in_another_mode_is_named_with_it_once_and_awaited(rig: Rig, camera: Camera, says: str) -> None:
    hand = rig.connect()
    hand.say(GONE)
    rig.forget()
    rig.outside.cameras = (replace(camera, key=CAMERA.key),)
    rig.wait(LOOK_AGAIN_S)
    assert [says in text for text in rig.messages()] == [True], rig.messages()
    rig.wait(60)
    assert len(rig.messages()) == 1
    plug(rig, replace(CAMERA, address=9))
    hand.say(CameraStatus("ready", IDENTITY))
    assert shown(rig) == ("Ok", "CONNECT")


def test_a_request_that_waited_for_the_camera_goes_to_the_hand_of_its_new_place(rig: Rig) -> None:
    hand = rig.connect()
    hand.say(GONE)
    rig.expose(7)
    hand.say(ExposureHeld(hand.request.id, "The camera is not ready yet."))
    plug(rig, replace(CAMERA, key="usb-9-9"))
    assert hand.asked(Goodbye) and hand.closed and rig.hand.key == "usb-9-9"
    assert rig.hand.asked(Expose) == hand.asked(Expose)
    assert shown(rig) == ("Alert", "CONNECT")
    ready(rig)
    assert shown(rig) == ("Ok", "CONNECT") and rig.states()[-1] == ("Busy", 7)


def test_a_click_on_a_lost_connection_tries_at_once(rig: Rig) -> None:
    hand = rig.connect()
    hand.say(GONE)
    looks = rig.outside.looks
    rig.new("Switch", "CONNECTION", CONNECT="On")
    assert shown(rig) == ("Alert", "CONNECT")
    assert len(hand.asked(Connect)) >= 2 and rig.outside.looks > looks


def test_a_hand_that_cannot_open_the_camera_after_a_crash_is_kept_and_asked_again(rig: Rig) -> None:
    rig.connect()
    rig.hand.die()
    hand = rig.hand
    hand.say(CameraStatus("offline", text="no camera at usb-1-2", failed=True))
    assert shown(rig) == ("Alert", "CONNECT") and not hand.closed
    rig.wait(AGAIN_S[0] + LOOK_AGAIN_S)
    assert len(hand.asked(Connect)) == 2 and rig.hand is hand
    hand.say(CameraStatus("ready", IDENTITY))
    assert shown(rig) == ("Ok", "CONNECT")


def test_a_hand_that_cannot_be_started_again_is_tried_until_it_can(rig: Rig) -> None:
    rig.connect()
    rig.outside.refuse = "The camera's process cannot be started."
    rig.hand.die()
    assert shown(rig) == ("Alert", "CONNECT")
    rig.wait(100)
    rig.outside.refuse = ""
    rig.wait(AGAIN_S[-1] + LOOK_AGAIN_S)
    ready(rig)
    assert shown(rig) == ("Ok", "CONNECT")
    assert len([text for text in rig.messages() if "cannot be started" in text]) == 1


def test_a_disconnect_ends_the_wait_for_a_lost_camera(rig: Rig) -> None:
    hand = rig.connect()
    hand.say(GONE)
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    assert shown(rig) == ("Idle", "DISCONNECT") and hand.asked(Disconnect)
    hand.say(CameraStatus("offline"))
    plug(rig, replace(CAMERA, address=9))
    rig.wait(20)
    assert shown(rig) == ("Idle", "DISCONNECT") and len(rig.outside.hands) == 1


# --- which camera -------------------------------------------------------------------------------------------------

OTHER = Identity("ILCE-6400", "05559876", "1.00", "2.00")


def test_another_camera_at_the_place_of_a_bound_one_is_let_go_of(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.new("Text", "CAMERA_BINDING", SERIAL="4123456")
    hand = rig.connect()
    hand.say(GONE)
    rig.outside.cameras = (replace(SECOND, key=CAMERA.key),)
    hand.say(CameraStatus("warming", OTHER))
    assert shown(rig) == ("Alert", "CONNECT") and hand.closed
    assert "Another camera (ILCE-6400, serial number 5559876)" in rig.messages()[-1]
    rig.wait(30)
    assert len(rig.outside.hands) == 1
    plug(rig, CAMERA)
    ready(rig)
    assert shown(rig) == ("Ok", "CONNECT") and rig.device.connection.identity == IDENTITY


def test_devices_keep_their_cameras_in_whatever_order_these_are_plugged_in(rig: Rig) -> None:
    name = "Sony Alpha ILCE-6400 9876"
    stick = Camera("usb-1-1", "Sony Storage Media", "77", CameraKind.MASS_STORAGE)
    plug_order = [(CAMERA, SECOND), (SECOND, CAMERA), (SECOND,), (stick, SECOND, CAMERA)]
    rig.outside.cameras = (stick, CAMERA, SECOND)
    rig.client("<getProperties version='1.7'/>")
    for number, cameras in enumerate(plug_order):
        plug(rig)
        rig.wait(5)
        assert list(rig.face.devices) == [DEVICE]
        plug(rig, *(replace(c, key=f"usb-2-{number}{n}") for n, c in enumerate(cameras)))
        rig.wait(5)
        assert list(rig.face.devices) == [DEVICE, name]
        rig.new("Switch", "CONNECTION", device=name, CONNECT="On")
        assert [rig.hand.key] == [f"usb-2-{number}{n}" for n, c in enumerate(cameras) if c is SECOND]
        rig.new("Switch", "CONNECTION", device=name, DISCONNECT="On")
        rig.hand.say(CameraStatus("offline"))
        rig.wait(1)


def test_cables_that_were_swapped_are_two_moves_and_no_new_device(rig: Rig) -> None:
    name = "Sony Alpha ILCE-6400 9876"
    rig.outside.cameras = (CAMERA, SECOND)
    first = rig.connect()
    rig.new("Switch", "CONNECTION", device=name, CONNECT="On")
    second = rig.hand
    ready(rig, OTHER)
    first.say(GONE)
    second.say(GONE)
    plug(rig)
    plug(rig, replace(CAMERA, key=SECOND.key), replace(SECOND, key=CAMERA.key))
    assert list(rig.face.devices) == [DEVICE, name]
    keys = {device.name: device.connection.key for device in rig.face.devices.values()}
    assert keys == {DEVICE: SECOND.key, name: CAMERA.key}
    assert first.closed and second.closed


def test_a_further_camera_that_is_wished_for_keeps_its_device_while_it_is_away(rig: Rig) -> None:
    name = "Sony Alpha ILCE-6400 9876"
    rig.outside.cameras = (CAMERA, SECOND)
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "CONNECTION", device=name, CONNECT="On")
    ready(rig, OTHER)
    rig.hand.say(GONE)
    plug(rig, CAMERA)
    rig.wait(60)
    assert list(rig.face.devices) == [DEVICE, name]
    plug(rig, CAMERA, replace(SECOND, address=9))
    rig.hand.say(CameraStatus("ready", OTHER))
    assert rig.face.devices[name].board["CONNECTION"].chosen() == "CONNECT"


# --- looking ------------------------------------------------------------------------------------------------------


def test_a_change_of_the_bus_is_looked_at_at_once_and_twice_more(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.wait(1)
    looks = rig.outside.looks
    plug(rig, CAMERA, SECOND)
    assert rig.outside.looks == looks + 1 and len(rig.face.devices) == 2
    rig.wait(LOOK_AFTER_S[-1])
    assert rig.outside.looks == looks + len(LOOK_AFTER_S)


def test_before_the_first_client_nothing_is_looked_for(rig: Rig) -> None:
    rig.face.handle(BusChanged())
    rig.wait(5)
    assert rig.outside.looks == 0 and rig.said == []


def test_while_an_exposure_runs_a_second_camera_appears_all_the_same(rig: Rig) -> None:
    hand = rig.connect()
    rig.expose(300)
    hand.start()
    rig.wait(30)
    plug(rig, CAMERA, SECOND)
    assert len(rig.face.devices) == 2


# --- requests while there is no hand ------------------------------------------------------------------------------


def test_a_request_while_another_hand_is_started_waits_for_it(rig: Rig) -> None:
    """Ekos asks again at once: an Alert for each try would end its sequence before a new hand has started."""
    rig.connect()
    rig.outside.hold = True
    rig.expose(30)
    rig.hand.start()
    rig.hand.die()
    assert [state for state, _ in rig.states()].count("Alert") == 1
    rig.expose(30)
    rig.wait(TELL_S)
    assert rig.states()[-1] == ("Busy", 30) and "the exposure starts as soon as it is" in rig.messages()[-1]
    rig.outside.hold = False
    rig.run()
    assert rig.hand.request.duration_s == 30
    ready(rig)
    rig.hand.start()
    rig.wait(30)
    rig.hand.frame(b"after all")
    assert rig.blobs == [b"after all"] and rig.states()[-1] == ("Ok", 0)


def test_a_request_for_which_no_hand_comes_fails_after_two_minutes(rig: Rig) -> None:
    rig.connect()
    rig.outside.refuse = "The camera's process cannot be started."
    rig.hand.die()
    rig.expose(30)
    rig.wait(HELD_S - 1)
    assert rig.states()[-1] == ("Busy", 30)
    rig.wait(2)
    assert rig.states()[-1] == ("Alert", 0) and "did not come back" in " ".join(rig.messages())


def test_a_request_that_takes_long_to_begin_says_so_once(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    rig.expose(30)
    rig.wait(20)
    assert len(rig.messages()) == 1 and "starts as soon as it is" in rig.messages()[0]
    hand.start()
    assert rig.states()[-1] == ("Busy", 30)
