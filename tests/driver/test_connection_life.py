"""CONNECTION and devices: found or not, lost and back, adopted, several cameras, simulation, the end."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from indi_sony_py import texts
from indi_sony_py.driver.events import Camera, CameraKind, HandAttached, SimulationEnded, SimulationReady
from indi_sony_py.driver.face import LOOK_LIMIT_S
from indi_sony_py.driver.patience import CONNECT_S, MAX_HANDS
from indi_sony_py.engine.messages import (
    Aborted,
    CameraStatus,
    Connect,
    Disconnect,
    ExposureRequest,
    ExposureStarted,
    Identity,
    Level,
    Notice,
    Role,
    ShutterMode,
    Stage,
)
from indi_sony_py.hand.journal import Entry, Journal
from indi_sony_py.hand.messages import Delivered, ExposureView, FrameReady, Goodbye, HandState, Hello, Refused
from indi_sony_py.indi.messages import EndOfInput, OutputClosed
from tests.driver.scripted import CAMERA, DEVICE, IDENTITY, SETTINGS, Rig

KEPT_WISH = texts.camera.CONNECTED_LATER(reason="").strip()

SECOND = Camera("usb-1-3", "ILCE-6400", "05559876")


def show(rig: Rig) -> tuple[str, ...]:
    return rig.device.board.shown


def test_connecting_is_busy_then_ok_then_the_definitions(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.forget()
    rig.connect()
    assert rig.switch_states("CONNECTION") == [("Busy", "CONNECT"), ("Ok", "CONNECT")]
    tags = rig.tags()
    assert tags.index(("defNumberVector", "CCD_INFO")) < tags.index(("defSwitchVector", "CCD_ISO"))
    assert rig.place("defNumberVector", "CCD_EXPOSURE") > tags.index(("setSwitchVector", "CONNECTION"))
    assert "ILCE-7SM3 is connected" in " ".join(rig.messages())


def test_disconnecting_is_idle_first_and_then_takes_all_back(rig: Rig) -> None:
    hand = rig.connect()
    before = set(show(rig))
    rig.forget()
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    assert rig.tags()[0] == ("setSwitchVector", "CONNECTION")
    assert rig.switch_states("CONNECTION") == [("Idle", "DISCONNECT")]
    assert {name for tag, name in rig.tags() if tag == "delProperty"} == before - set(show(rig))
    assert hand.asked(Disconnect) and not hand.closed
    hand.saved("/data/late.fits", exposure_id=7, role=Role.KEPT, rescued=True)
    assert "/data/late.fits" in rig.messages()[-1]
    hand.say(CameraStatus("offline", text="disconnected"))
    assert hand.asked(Goodbye) and hand.closed


def test_a_look_that_never_answers_is_not_the_last_one(rig: Rig) -> None:
    """The USB system hangs while a lost camera is looked for; later it does not."""
    hand = rig.connect()
    hand.say(CameraStatus("offline", text="the camera is gone", failed=True))
    rig.outside.deaf = True
    rig.wait(4)
    looks = rig.outside.looks
    rig.wait(LOOK_LIMIT_S / 2)
    assert rig.outside.looks == looks
    rig.outside.deaf = False
    rig.outside.cameras = (replace(CAMERA, key="usb-1-7"),)
    rig.wait(LOOK_LIMIT_S)
    assert rig.outside.looks > looks and rig.hand.key == "usb-1-7"


def test_connecting_again_while_the_hand_still_finishes_uses_the_same_hand(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    hand.say(CameraStatus("ready", IDENTITY), SETTINGS)
    assert len(rig.outside.hands) == 1 and len(hand.asked(Connect)) == 2
    assert rig.switch_states("CONNECTION")[-1] == ("Ok", "CONNECT")


STORAGE = Camera("usb-1-2", "ILCE-7M3", "1", CameraKind.MASS_STORAGE)


@pytest.mark.parametrize(
    ("cameras", "error", "says"),
    [
        ((), "", "No Sony camera was found"),
        ((STORAGE,), "", "mass storage"),
        ((Camera("usb-1-2", "", "", CameraKind.OTHER),), "", "offers no remote control"),
        ((), "libusb is not installed", "libusb is not installed"),
    ],
)
def test_no_camera_is_an_alert_that_says_what_was_found(
    rig: Rig, cameras: tuple[Camera, ...], error: str, says: str
) -> None:
    rig.outside.cameras, rig.outside.error = cameras, error
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    assert rig.switch_states("CONNECTION") == [("Busy", "CONNECT"), ("Alert", "DISCONNECT")]
    assert says in " ".join(rig.messages())


def test_a_camera_that_cannot_be_opened_is_an_alert_and_its_hand_is_let_go(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    hand = rig.hand
    hand.say(CameraStatus("offline", text="gvfs holds the camera. Close it.", failed=True))
    assert rig.switch_states("CONNECTION")[-1] == ("Alert", "DISCONNECT")
    assert f"[ERROR] gvfs holds the camera. Close it. {KEPT_WISH}" in rig.messages() and hand.closed


@pytest.mark.parametrize("deaf", [True, False])
def test_a_connection_that_does_not_come_about_ends_within_its_limit(rig: Rig, deaf: bool) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.outside.deaf = deaf
    rig.new("Switch", "CONNECTION", CONNECT="On")
    rig.wait(CONNECT_S + 1)
    assert rig.switch_states("CONNECTION")[-1] == ("Alert", "DISCONNECT")


def test_a_lost_hand_is_one_alert_for_the_exposure_and_another_hand_takes_over(rig: Rig) -> None:
    rig.connect()
    rig.expose(30)
    rig.hand.start()
    rig.forget()
    rig.hand.die()
    assert [s for s in rig.states() if s[0] == "Alert"] == [("Alert", 0)]
    assert len(rig.outside.hands) == 2 and rig.switch_states("CONNECTION") == [("Alert", "CONNECT")]
    rig.hand.say(CameraStatus("ready", IDENTITY), SETTINGS)
    assert rig.switch_states("CONNECTION")[-1] == ("Ok", "CONNECT")
    assert not [tag for tag, _ in rig.tags() if tag == "delProperty"]
    rig.expose(1)
    assert rig.hand.request.duration_s == 1


def test_hands_that_die_one_after_the_other_are_replaced_ever_more_slowly(rig: Rig) -> None:
    rig.connect()
    for _ in range(MAX_HANDS - 1):
        rig.hand.die()
        rig.hand.say(CameraStatus("ready", IDENTITY), SETTINGS)
    rig.hand.die()
    assert rig.switch_states("CONNECTION")[-1] == ("Alert", "CONNECT")
    assert "CCD_EXPOSURE" in show(rig) and f"ended {MAX_HANDS} times" in rig.messages()[-1]
    assert len(rig.outside.hands) == MAX_HANDS
    for _ in range(20):
        rig.wait(30)
        rig.hand.die() if rig.hand.alive else None
    assert MAX_HANDS + 5 < len(rig.outside.hands) < MAX_HANDS + 25
    rig.wait(60)
    rig.hand.say(CameraStatus("ready", IDENTITY), SETTINGS)
    assert rig.switch_states("CONNECTION")[-1] == ("Ok", "CONNECT")


def test_a_camera_that_is_gone_is_an_alert_and_comes_back(rig: Rig) -> None:
    hand = rig.connect()
    hand.say(CameraStatus("offline", text="The cable is out.", failed=True))
    assert rig.switch_states("CONNECTION")[-1] == ("Alert", "CONNECT")
    assert "CCD_EXPOSURE" in show(rig)
    hand.say(CameraStatus("ready", IDENTITY))
    assert rig.switch_states("CONNECTION")[-1] == ("Ok", "CONNECT")


def test_a_camera_plugged_in_elsewhere_is_found_by_its_serial_number(rig: Rig) -> None:
    hand = rig.connect()
    hand.say(CameraStatus("offline", text="The cable is out.", failed=True))
    rig.outside.cameras = (Camera("usb-9-9", "ILCE-7SM3", "04123456"),)
    rig.wait(5)
    assert hand.closed and rig.hand.key == "usb-9-9"
    rig.hand.say(CameraStatus("ready", IDENTITY), SETTINGS)
    assert rig.switch_states("CONNECTION")[-1] == ("Ok", "CONNECT")


def request(number: int = 77, seconds: float = 300.0) -> ExposureRequest:
    return ExposureRequest(number, seconds)


def test_a_hand_at_work_is_adopted_with_its_countdown_and_can_be_aborted(rig: Rig) -> None:
    now = rig.clock.monotonic()
    view = ExposureView(request(), Stage.OPEN, now - 100, 300.0, "2026-01-15T19:58:20")
    rig.outside.at_work[CAMERA.key] = HandState(CameraStatus("ready", IDENTITY), view, adopted=True)
    rig.client("<getProperties version='1.7'/>")
    assert rig.switch_states("CONNECTION") == [("Ok", "CONNECT")]
    assert rig.states() == [("Busy", 200)]
    assert rig.hand.asked(Connect)
    rig.wait(50)
    assert rig.states()[-1] == ("Busy", 150)
    rig.wait(150)
    rig.hand.frame(b"of an earlier life", exposure_id=77)
    assert rig.blobs == [b"of an earlier life"] and rig.states()[-1] == ("Ok", 0)


def test_a_hand_that_only_cleans_up_is_left_alone(rig: Rig) -> None:
    rig.outside.at_work[CAMERA.key] = HandState(CameraStatus("ready", IDENTITY), adopted=True)
    rig.client("<getProperties version='1.7'/>")
    assert rig.hand.closed and rig.switch_states("CONNECTION") == []


def test_each_further_camera_is_a_device_and_goes_with_it(rig: Rig) -> None:
    rig.outside.cameras = (CAMERA, SECOND)
    rig.client("<getProperties version='1.7'/>")
    name = "Sony Alpha ILCE-6400 9876"
    assert list(rig.face.devices) == [DEVICE, name]
    rig.new("Switch", "CONNECTION", device=name, CONNECT="On")
    assert rig.hand.key == SECOND.key
    rig.connect()
    assert rig.hand.key == CAMERA.key
    second = rig.face.devices[name]
    second.connection.disconnect()
    second.connection.status(CameraStatus("offline"))
    rig.outside.cameras = (CAMERA,)
    rig.wait(30)
    assert list(rig.face.devices) == [DEVICE]
    assert rig.said[-1].tag == "delProperty" and rig.said[-1].attrib["device"] == name


def test_the_first_device_is_bound_by_the_serial_number(rig: Rig) -> None:
    rig.outside.cameras = (CAMERA, SECOND)
    rig.client("<getProperties version='1.7'/>")
    rig.new("Text", "CAMERA_BINDING", SERIAL="4123456")
    rig.outside.cameras = (SECOND,)
    rig.new("Switch", "CONNECTION", CONNECT="On")
    assert rig.switch_states("CONNECTION")[-1] == ("Alert", "DISCONNECT")
    assert "serial number 4123456 was not found; there is 5559876" in " ".join(rig.messages())
    rig.outside.cameras = (SECOND, CAMERA)
    rig.new("Switch", "CONNECTION", CONNECT="On")
    assert rig.hand.key == CAMERA.key


def test_force_200_goes_with_the_wish_to_connect(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "PROTOCOL", FORCE_200="On")
    assert rig.connect().asked(Connect) == [Connect(force_200=True, setup="set")]


def test_the_environment_names_the_first_device() -> None:
    rig = Rig({"INDIDEV": "My Camera", "HOME": "/nowhere"})
    rig.client("<getProperties version='1.7' device='My Camera'/>")
    # What is asked of other devices names them.
    assert {element.attrib["device"] for element in rig.said if element.tag != "getProperties"} == {"My Camera"}
    rig.close()


def test_simulation_looks_at_its_own_bus_and_is_ended_with_the_driver(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "SIMULATION", ENABLE="On")
    assert rig.switch_states("SIMULATION") == [("Busy", "ENABLE"), ("Ok", "ENABLE")]
    assert rig.device.bus == "unix:/simulated"
    rig.connect()
    rig.new("Switch", "SIMULATION", DISABLE="On")
    assert rig.switch_states("SIMULATION")[-1] == ("Alert", "ENABLE")
    rig.face.stop("end")
    assert rig.outside.simulations_ended == 1


def test_what_earlier_lives_saved_is_announced_at_the_start_and_again_to_who_connects(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "rescued.jsonl")
    journal.add(Entry("/data/r.fits", DEVICE, "ILCE-7SM3", "2026-01-15T21:03:00", "x", 5, 300.0, 9, "it was killed"))
    rig = Rig(journal=tmp_path / "rescued.jsonl")
    rig.client("<getProperties version='1.7'/>")
    assert "A frame of 300 s taken at 2026-01-15 21:03:00 UTC was saved as /data/r.fits" in rig.messages()[0]
    assert journal.unannounced()
    rig.connect()
    assert not journal.unannounced()
    rig.close()


@pytest.mark.parametrize("hand_first", [True, False])
def test_what_is_saved_while_the_camera_is_connected_is_told_once(tmp_path: Path, hand_first: bool) -> None:
    journal = Journal(tmp_path / "rescued.jsonl")
    rig = Rig(journal=tmp_path / "rescued.jsonl")
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    rig.hand.say(CameraStatus("connecting"), CameraStatus("warming", IDENTITY))
    journal.add(Entry("/data/u.arw", DEVICE, "ILCE-7SM3", "2026-01-15T21:03:00", "x", None, 0.0, 9, "left over"))
    if hand_first:
        rig.hand.saved("/data/u.arw", 0, role=Role.UNASKED, rescued=True)
    rig.hand.say(SETTINGS, CameraStatus("ready", IDENTITY))
    if not hand_first:
        rig.hand.saved("/data/u.arw", 0, role=Role.UNASKED, rescued=True)
    assert sum("/data/u.arw" in text for text in rig.messages()) == 1
    assert not journal.unannounced()
    rig.close()


@pytest.mark.parametrize("end", [EndOfInput(), OutputClosed(), EndOfInput("SIGTERM")])
def test_every_end_says_goodbye_and_confirms_nothing_more(rig: Rig, end: EndOfInput | OutputClosed) -> None:
    hand = rig.connect()
    rig.acknowledge = False
    rig.expose(1)
    hand.frame()
    rig.face.handle(end)
    assert rig.face.stopped and hand.asked(Goodbye) and hand.closed
    assert not hand.asked(Delivered)


def test_after_the_output_closed_a_written_frame_is_not_confirmed(rig: Rig) -> None:
    hand = rig.connect()
    rig.acknowledge = False
    rig.expose(1)
    hand.frame()
    rig.face.upload.closed = True
    rig.wait(10)
    assert not hand.asked(Delivered)


def test_an_abort_of_the_camera_itself_is_an_alert(rig: Rig) -> None:
    hand = rig.connect()
    rig.expose(1)
    hand.say(Aborted(hand.request.id, "The hand was told to end."))
    assert rig.states()[-1] == ("Alert", 0)


# --- orders of events that threads can bring about ----------------------------------------------------------------


def test_a_connect_while_a_hand_is_being_adopted_uses_that_hand(rig: Rig) -> None:
    """The adoption holds the hand, so the attempt of the connect is refused; whichever is told first."""
    now = rig.clock.monotonic()
    view = ExposureView(request(), Stage.OPEN, now - 100, 300.0, "2026-01-15T19:58:20")
    rig.outside.at_work[CAMERA.key] = HandState(CameraStatus("ready", IDENTITY), view, adopted=True)
    rig.outside.hold = True
    rig.client("<getProperties version='1.7'/>")
    rig.outside.answer()
    adopted = rig.outside.answers.popleft()
    assert isinstance(adopted, HandAttached)
    rig.new("Switch", "CONNECTION", CONNECT="On")
    rig.outside.refuse = "Another driver holds the camera."
    rig.outside.answer()
    rig.face.handle(adopted)
    rig.outside.answer()
    assert rig.switch_states("CONNECTION") == [("Busy", "CONNECT"), ("Ok", "CONNECT")]
    assert rig.states() == [("Busy", 200)] and not rig.hand.closed


def test_connect_disconnect_connect_in_a_hurry_ends_connected(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.outside.hold = True
    rig.new("Switch", "CONNECTION", CONNECT="On")
    rig.outside.answer()
    first = rig.outside.answers.popleft()
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    rig.outside.refuse = "Another driver holds the camera."
    rig.outside.answer()
    rig.face.handle(first)
    rig.outside.hold = False
    rig.hand.say(CameraStatus("ready", IDENTITY), SETTINGS)
    assert rig.switch_states("CONNECTION")[-1] == ("Ok", "CONNECT") and len(rig.outside.hands) == 1


def test_a_hand_that_comes_after_the_wish_was_given_up_is_let_go(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.outside.hold = True
    rig.new("Switch", "CONNECTION", CONNECT="On")
    rig.outside.answer()
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    rig.outside.answer()
    assert rig.hand.closed and rig.switch_states("CONNECTION")[-1] == ("Idle", "DISCONNECT")


def test_a_report_of_a_hand_that_was_let_go_changes_nothing(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    hand.say(CameraStatus("offline"))
    rig.forget()
    hand.say(CameraStatus("ready", IDENTITY))
    end, other = os.pipe()
    hand.say(CameraStatus("ready", IDENTITY), fd=end)
    os.close(other)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.close(end)
    hand.die()
    assert rig.said == []


def test_a_camera_that_the_first_device_is_bound_to_loses_its_own_device(rig: Rig) -> None:
    rig.outside.cameras = (CAMERA, SECOND)
    rig.client("<getProperties version='1.7'/>")
    assert len(rig.face.devices) == 2
    rig.new("Text", "CAMERA_BINDING", SERIAL=SECOND.serial)
    rig.wait(30)
    assert list(rig.face.devices) == [DEVICE, "Sony Alpha ILCE-7SM3 3456"]
    rig.new("Switch", "CONNECTION", CONNECT="On")
    assert rig.hand.key == SECOND.key


def test_two_cameras_that_would_be_called_the_same_are_told_apart(rig: Rig) -> None:
    rig.outside.cameras = (CAMERA, SECOND, Camera("usb-1-4", "ILCE-6400", "11119876"))
    rig.client("<getProperties version='1.7'/>")
    assert list(rig.face.devices)[1:] == ["Sony Alpha ILCE-6400 9876", "Sony Alpha ILCE-6400 9876 usb-1-4"]


def test_a_further_camera_has_no_simulation_and_the_first_device_does_not_take_it(rig: Rig) -> None:
    rig.outside.cameras = (CAMERA, SECOND)
    rig.client("<getProperties version='1.7'/>")
    second = rig.face.devices["Sony Alpha ILCE-6400 9876"]
    assert not second.board.shows("SIMULATION") and rig.device.board.shows("SIMULATION")
    assert ("delProperty", "SIMULATION") not in rig.tags()
    rig.outside.cameras = (SECOND,)
    rig.new("Switch", "CONNECTION", CONNECT="On")
    assert "has a device of its own already" in rig.messages()[-1]


def test_a_further_camera_that_is_gone_says_so_when_it_is_connected(rig: Rig) -> None:
    rig.outside.cameras = (CAMERA, SECOND)
    rig.client("<getProperties version='1.7'/>")
    rig.outside.cameras = (CAMERA,)
    rig.outside.hold = True
    rig.new("Switch", "CONNECTION", device="Sony Alpha ILCE-6400 9876", CONNECT="On")
    rig.outside.answer()
    assert "Sony Alpha ILCE-6400 9876 is not plugged in." in rig.messages()[-1]


def test_a_hand_at_work_that_cannot_be_adopted_is_left_alone(rig: Rig) -> None:
    rig.outside.at_work[CAMERA.key] = HandState()
    rig.outside.refuse = "Another driver holds the camera."
    rig.client("<getProperties version='1.7'/>")
    assert rig.messages() == [] and rig.switch_states("CONNECTION") == []


def test_a_held_request_of_an_earlier_life_is_adopted(rig: Rig) -> None:
    state = HandState(CameraStatus("ready", IDENTITY), held=request(78, 60.0), adopted=True)
    rig.outside.at_work[CAMERA.key] = state
    rig.client("<getProperties version='1.7'/>")
    assert rig.states() == [("Busy", 60)]
    rig.hand.say(ExposureStarted(78, 60.0, ShutterMode.BULB, "2026-01-15T20:00:00", rig.clock.monotonic()))
    rig.wait(60)
    rig.hand.frame(b"held", exposure_id=78)
    assert rig.blobs == [b"held"] and rig.states()[-1] == ("Ok", 0)


@pytest.mark.parametrize("stage", [Stage.PREPARING, Stage.WAITING, Stage.COLLECTING])
def test_an_adopted_exposure_shows_where_it_stands(rig: Rig, stage: Stage) -> None:
    view = ExposureView(request(), stage, limit_at=rig.clock.monotonic() + 10)
    rig.outside.at_work[CAMERA.key] = HandState(CameraStatus("ready", IDENTITY), view, adopted=True)
    rig.client("<getProperties version='1.7'/>")
    assert rig.states() == [("Busy", 300 if stage is Stage.PREPARING else 0)]


# --- the simulated camera -----------------------------------------------------------------------------------------


def test_a_connect_while_the_simulated_camera_starts_waits_for_it(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.outside.hold = True
    looks = rig.outside.looks
    rig.new("Switch", "SIMULATION", ENABLE="On")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    assert rig.outside.looks == looks
    rig.outside.hold = False
    rig.run()
    assert rig.hand.asked(Connect) and rig.device.bus == "unix:/simulated"
    assert rig.messages() == ["[INFO] Simulation is enabled."]


def test_a_simulated_camera_that_does_not_start_fails_the_connect_that_waits(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.outside.simulation = SimulationReady("", "it cannot be started: no such file")
    rig.outside.hold = True
    rig.new("Switch", "SIMULATION", ENABLE="On")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    rig.outside.hold = False
    rig.run()
    assert rig.switch_states("SIMULATION")[-1] == ("Alert", "DISABLE")
    assert rig.switch_states("CONNECTION")[-1] == ("Alert", "DISCONNECT")
    (text,) = rig.messages()
    assert text.startswith("[ERROR] No simulated camera: it cannot be started: no such file. Look at")


def test_a_simulated_camera_that_does_not_start_is_told_once(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.outside.simulation = SimulationReady("", "it cannot be started")
    rig.new("Switch", "SIMULATION", ENABLE="On")
    assert rig.switch_states("SIMULATION")[-1] == ("Alert", "DISABLE") and len(rig.messages()) == 1


def test_a_simulated_camera_that_ends_by_itself_is_told(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "SIMULATION", ENABLE="On")
    rig.face.handle(SimulationEnded("killed"))
    assert rig.switch_states("SIMULATION")[-1] == ("Alert", "DISABLE") and rig.device.bus == ""
    assert "it ended: killed" in rig.messages()[-1]


def test_simulation_is_switched_off_with_a_word_and_not_while_the_camera_finishes(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "SIMULATION", ENABLE="On")
    hand = rig.connect()
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    rig.new("Switch", "SIMULATION", DISABLE="On")
    assert rig.switch_states("SIMULATION")[-1] == ("Alert", "ENABLE") and "still finishes" in rig.messages()[-1]
    hand.say(CameraStatus("offline"))
    rig.forget()
    rig.new("Switch", "SIMULATION", DISABLE="On")
    assert rig.tags() == [("message", ""), ("setSwitchVector", "SIMULATION")]
    assert rig.messages() == ["[INFO] Simulation is disabled."] and rig.outside.simulations_ended == 1
    assert rig.switch_states("SIMULATION") == [("Ok", "DISABLE")] and rig.device.bus == ""


def test_the_simulated_camera_is_left_to_a_hand_that_still_exposes(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "SIMULATION", ENABLE="On")
    rig.connect()
    rig.expose(30)
    rig.face.handle(EndOfInput("SIGTERM"))
    assert rig.outside.simulations_ended == 0


# --- what a user reads ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("busy", [True, False])
def test_the_loss_of_a_hand_is_one_sentence_with_its_remedy_and_its_return_another(rig: Rig, busy: bool) -> None:
    rig.connect()
    if busy:
        rig.expose(30)
        rig.hand.start()
    rig.forget()
    rig.hand.die("the camera's process is gone")
    rig.hand.say(CameraStatus("ready", IDENTITY), SETTINGS)
    word = "ERROR" if busy else "WARNING"
    remedy = "A new one is started; it first closes the shutter, then collects what the camera still holds."
    assert rig.messages() == [f"[{word}] The camera's process ended. {remedy}", "[INFO] The camera is back."]


@pytest.mark.parametrize(
    ("identity", "text"),
    [(IDENTITY, "ILCE-7SM3 is connected: firmware 3.00, serial number 4123456, protocol 3.00."),
     (Identity("ILCE-7M3"), "ILCE-7M3 is connected: firmware -, serial number -, protocol -."),
     (Identity(), "The camera is connected: firmware -, serial number -, protocol -.")],
)  # fmt: skip
def test_a_camera_is_introduced_with_what_is_known_of_it(rig: Rig, identity: Identity, text: str) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    rig.hand.say(CameraStatus("ready", identity), SETTINGS)
    assert rig.messages() == [f"[INFO] {text}"]


def test_clicks_on_a_connection_that_is_as_wanted_change_nothing(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    rig.new("Switch", "CONNECTION", CONNECT="On")
    assert rig.switch_states("CONNECTION") == [("Ok", "CONNECT")]
    hand.say(CameraStatus("offline", text="The cable is out.", failed=True))
    rig.new("Switch", "CONNECTION", CONNECT="On")
    assert rig.switch_states("CONNECTION")[-1] == ("Alert", "CONNECT")
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    assert rig.switch_states("CONNECTION")[-1] == ("Idle", "DISCONNECT")
    assert len(hand.asked(Disconnect)) == 1 and rig.messages() == ["[ERROR] The cable is out."]


def test_a_click_while_it_connects_is_busy_and_starts_nothing_twice(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    assert rig.switch_states("CONNECTION") == [("Busy", "CONNECT")] * 2 and len(rig.outside.hands) == 1


def test_a_disconnect_that_no_hand_hears_ends_at_once(rig: Rig) -> None:
    hand = rig.connect()
    hand.alive = False
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    assert rig.switch_states("CONNECTION")[-1] == ("Idle", "DISCONNECT") and hand.closed


def test_a_hand_that_ends_while_it_closes_is_the_end_of_the_connection(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    rig.forget()
    hand.die()
    assert rig.said == []
    rig.connect()
    assert len(rig.outside.hands) == 2


def test_a_camera_without_any_settings_is_connected_all_the_same(rig: Rig) -> None:
    """A body that lists nothing that is known still takes photos."""
    rig.client("<getProperties version='1.7'/>")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    rig.hand.say(CameraStatus("ready", IDENTITY))
    rig.wait(5)
    assert rig.switch_states("CONNECTION")[-1] == ("Ok", "CONNECT") and "CCD_ISO" not in show(rig)


def test_the_camera_that_introduces_itself_anew_brings_its_own_sensor(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    hand.say(CameraStatus("ready", Identity("ILCE-7RM3", "05550001", "3.00", "2.00")))
    assert rig.device.board["CCD_INFO"].number("CCD_MAX_X") > 7000
    assert rig.place("setNumberVector", "CCD_FRAME") >= 0


_BIG = (
    "[INFO] Frames of 122 MB: indiserver cuts off clients that are more than its option -m behind. "
    "Start indiserver with -m 1000."
)


def test_a_body_of_big_frames_recommends_the_servers_option_before_the_first(rig: Rig) -> None:
    hand = rig.connect()
    assert _BIG not in rig.messages()
    for _ in range(2):
        hand.say(CameraStatus("ready", Identity("ILCE-7RM4", "05550001", "1.00", "2.00")))
    assert rig.messages().count(_BIG) == 1


def test_a_big_frame_recommends_the_servers_option_once(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    for number in (1, 2):
        rig.expose(1)
        fd = os.memfd_create("frame", os.MFD_CLOEXEC)
        os.write(fd, b"SIMPLE")
        hand.say(FrameReady(number, hand.request.id, ".fits", 122_000_000, duplicate=number == 2, text=""), fd=fd)
    told = [text for text in rig.messages() if "-m 1000" in text]
    assert told == [_BIG]
    assert "[WARNING] This frame may have been delivered before." in rig.messages()


def test_notices_of_the_camera_are_passed_on_and_small_talk_is_not(rig: Rig) -> None:
    hand = rig.connect()
    rig.forget()
    hand.say(Notice(Level.WARNING, "Auto-focus is on."), Hello(1, 2, "hand", "x"), Refused("no"), Goodbye("bye"))
    hand.say(Connect())
    assert rig.messages() == ["[WARNING] Auto-focus is on."]


@pytest.mark.parametrize(
    ("role", "rescued", "why", "text"),
    [(Role.FRAME, False, "", "[INFO] Image saved to /d/a.fits"),
     (Role.COMPANION, False, "", "[INFO] The image beside the RAW was saved to /d/a.fits"),
     (Role.UNASKED, True, "nobody asked for it through INDI",
      "[WARNING] An image that was in the camera was saved as /d/a.fits (nobody asked for it through INDI)"),
     (Role.KEPT, True, "its request had ended", "[WARNING] A frame was saved as /d/a.fits (its request had ended)"),
     (Role.DROPPED, False, "", "[WARNING] An image was dropped: /d/a.fits")],
)  # fmt: skip
def test_each_file_is_announced_by_what_it_is_and_confirmed(
    rig: Rig, role: Role, rescued: bool, why: str, text: str
) -> None:
    hand = rig.connect()
    rig.forget()
    hand.saved("/d/a.fits", exposure_id=99, frame_id=5, role=role, rescued=rescued, text=why)
    assert rig.messages() == [text] and hand.asked(Delivered) == [Delivered(5)]
