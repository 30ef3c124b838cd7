"""What other devices say, from the server's words to the hand: which of it, when, and until when."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from indi_sony_py.driver.snoop import ANSWER_S, QUIET_S
from indi_sony_py.engine.messages import (
    ExposureFailed,
    ExposureHeld,
    ExposureProgress,
    ExposureRequest,
    Observed,
    Role,
    Stage,
)
from indi_sony_py.hand.messages import ExposureView, HandState
from indi_sony_py.image.record import FileFacts
from indi_sony_py.observatory import Observatory
from tests.driver.devices import MOUNT, connection, deleted, said, vector
from tests.driver.scripted import CAMERA, DEVICE, Rig

PLACE = said(MOUNT, "EQUATORIAL_EOD_COORD", RA=5.5, DEC=-5.0)


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.close()


def asked(rig: Rig) -> list[tuple[str, str]]:
    """What the server was asked about other devices."""
    found = [e.attrib for e in rig.said if e.tag == "getProperties"]
    return [(each["device"], each["name"]) for each in found]


def observed(rig: Rig) -> list[Observatory]:
    return [item.observatory for item in rig.hand.asked(Observed) if isinstance(item, Observed)]


def test_the_snooping_begins_after_the_first_answer_and_needs_no_camera(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    first = rig.tags().index(("getProperties", "CONNECTION"))
    assert rig.place("defTextVector", "ACTIVE_DEVICES") < first
    assert (MOUNT, "EQUATORIAL_EOD_COORD") in asked(rig)
    assert len(set(asked(rig))) == len(asked(rig))
    rig.forget()
    rig.client("<getProperties version='1.7'/>")
    assert asked(rig) == []


def test_names_are_changed_and_kept(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.forget()
    rig.new("Text", "ACTIVE_DEVICES", ACTIVE_TELESCOPE="EQMod Mount", ACTIVE_GPS="")
    assert {device for device, _ in asked(rig)} == {"EQMod Mount"}
    assert [e.attrib["state"] for e in rig.said if e.attrib.get("name") == "ACTIVE_DEVICES"] == ["Ok"]
    again = Rig()
    again.client("<getProperties version='1.7'/>")
    assert ("EQMod Mount", "EQUATORIAL_COORD") in asked(again)
    assert MOUNT not in {device for device, _ in asked(again)}
    again.close()


def test_a_write_to_us_and_word_of_others_are_two_things(rig: Rig) -> None:
    rig.connect()
    rig.forget()
    rig.client(PLACE + vector("set", "Number", DEVICE, "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=5))
    rig.client(vector("def", "Text", DEVICE, "UPLOAD_SETTINGS", UPLOAD_DIR="/etc"))
    assert rig.said == [] and not rig.hand.asked(Observed)
    rig.new("Number", "EQUATORIAL_EOD_COORD", MOUNT, RA=1, DEC=1)
    rig.expose()
    assert rig.hand.request.observatory.ra_h == 5.5


def test_facts_are_those_of_the_opening(rig: Rig) -> None:
    rig.connect()
    rig.expose()
    hand = rig.hand
    assert hand.request.observatory == Observatory()
    rig.client(PLACE)
    rig.client(PLACE)
    rig.client(said("nobody", "EQUATORIAL_EOD_COORD", RA=1, DEC=1))
    assert [o.ra_h for o in observed(rig)] == [5.5], "each change once"
    assert all(item.id == hand.request.id for item in hand.asked(Observed) if isinstance(item, Observed))
    hand.start()
    rig.client(said(MOUNT, "EQUATORIAL_EOD_COORD", RA=6.0, DEC=-5.0))
    assert len(observed(rig)) == 1, "nothing more once the shutter is open"
    hand.frame()
    rig.expose()
    assert hand.request.observatory.ra_h == 6.0


def test_a_frame_that_is_taken_again_has_the_facts_of_its_own_time(rig: Rig) -> None:
    rig.connect()
    rig.new("Number", "RETAKES", TIMES=1)
    rig.client(PLACE)
    rig.expose()
    rig.hand.start()
    first = rig.hand.request
    rig.client(said(MOUNT, "EQUATORIAL_EOD_COORD", RA=7.0, DEC=-5.0))
    rig.hand.say(ExposureFailed(first.id, "it came to nothing", again=True))
    again = rig.hand.request
    assert again.id != first.id and (first.observatory.ra_h, again.observatory.ra_h) == (5.5, 7.0)


def test_the_next_one_of_a_series_has_the_facts_of_its_own_opening(rig: Rig) -> None:
    hand = rig.connect()
    rig.new("Switch", "CCD_FAST_TOGGLE", INDI_ENABLED="On")
    rig.new("Number", "CCD_FAST_COUNT", FRAMES=2)
    rig.client(PLACE)
    rig.expose(2.0)
    first = hand.request.id
    hand.start()
    rig.wait(2.0)
    hand.say(ExposureProgress(first, Stage.WAITING))
    following = hand.request
    assert following.id != first and following.observatory.ra_h == 5.5
    rig.client(said(MOUNT, "EQUATORIAL_EOD_COORD", RA=6.0, DEC=-5.0))
    told = [item for item in hand.asked(Observed) if isinstance(item, Observed)]
    assert [(item.id, item.observatory.ra_h) for item in told] == [(following.id, 6.0)]
    hand.say(ExposureProgress(following.id, Stage.PREPARING))
    rig.client(said(MOUNT, "EQUATORIAL_EOD_COORD", RA=7.0, DEC=-5.0))
    hand.start(exposure_id=following.id)
    rig.client(said(MOUNT, "EQUATORIAL_EOD_COORD", RA=8.0, DEC=-5.0))
    told = [item for item in hand.asked(Observed) if isinstance(item, Observed)]
    assert [(item.id, item.observatory.ra_h) for item in told] == [(following.id, 6.0), (following.id, 7.0)]


def test_a_new_hand_is_given_what_is_known_by_then(rig: Rig) -> None:
    rig.connect()
    rig.expose()
    rig.client(PLACE)
    rig.outside.hold = True
    rig.hand.die()
    rig.expose(7.0)
    rig.client(said(MOUNT, "EQUATORIAL_EOD_COORD", RA=9.0, DEC=-5.0))
    rig.outside.hold = False
    rig.run()
    assert rig.hand.request.duration_s == 7.0 and rig.hand.request.observatory.ra_h == 9.0


def test_an_adopted_request_keeps_what_an_earlier_life_knew(rig: Rig) -> None:
    old = Observatory("EQ6", 1.0, 2.0, focus_position=7.0, filter_name="R")
    request = ExposureRequest(5, 60.0, observatory=old)
    rig.outside.at_work[CAMERA.key] = HandState(exposure=ExposureView(request, Stage.PREPARING), adopted=True)
    rig.client("<getProperties version='1.7'/>")
    rig.client(PLACE)
    both = Observatory(MOUNT, 5.5, -5.0, focus_position=7.0, filter_name="R")
    assert observed(rig) == [both]
    rig.new("Number", "RETAKES", TIMES=1)
    rig.hand.say(ExposureFailed(5, "it came to nothing", again=True))
    assert rig.hand.request.id != 5 and rig.hand.request.observatory == both, "and so does the next try"


def test_a_mount_that_vanishes_is_told_once_and_only_while_frames_may_be_wanted(rig: Rig) -> None:
    rig.client("<getProperties version='1.7'/>")
    rig.client(connection(MOUNT, True) + PLACE)
    rig.forget()
    rig.wait(500)
    assert asked(rig) == []
    rig.connect()
    assert (MOUNT, "CONNECTION") in asked(rig)
    rig.client(connection(MOUNT, True))
    rig.forget()
    rig.wait(QUIET_S + ANSWER_S - 1)
    assert asked(rig) == [(MOUNT, "CONNECTION")] and rig.messages() == []
    rig.wait(2)
    (text,) = rig.messages()
    assert re.search(f"{MOUNT} does not answer", text)
    rig.expose()
    assert rig.hand.request.observatory == Observatory()
    rig.forget()
    rig.wait(20)
    assert asked(rig) == [] and not [text for text in rig.messages() if MOUNT in text]


def test_a_mount_that_goes_while_a_request_waits(rig: Rig) -> None:
    rig.connect()
    rig.client(PLACE)
    rig.expose()
    rig.hand.say(ExposureHeld(rig.hand.request.id, "busy"))
    rig.client(deleted(MOUNT))
    assert observed(rig) == [Observatory()]


def test_the_clients_telescope_beats_the_mounts(rig: Rig) -> None:
    rig.connect()
    rig.client(said(MOUNT, "TELESCOPE_INFO", TELESCOPE_FOCAL_LENGTH=900, TELESCOPE_APERTURE=120))
    rig.new("Number", "SCOPE_INFO", FOCAL_LENGTH=24, APERTURE=6)
    assert rig.device.surroundings.observatory().focal_mm == 24
    rig.expose()
    rig.new("Number", "SCOPE_INFO", FOCAL_LENGTH=35)
    assert (rig.hand.request.observatory.focal_mm, [o.focal_mm for o in observed(rig)]) == (24, [35])
    rig.new("Number", "SCOPE_INFO", FOCAL_LENGTH=0)
    known = rig.device.surroundings.observatory()
    assert (known.focal_mm, known.aperture_mm) == (900, 6)


def test_a_missing_focal_length_is_said_once(rig: Rig) -> None:
    rig.connect()
    rig.expose()
    rig.hand.start()
    rig.hand.frame()
    assert not [text for text in rig.messages() if "focal length" in text], "without a mount nobody misses it"
    rig.client(PLACE)
    for _ in range(3):
        rig.expose()
        rig.hand.start()
        rig.hand.frame()
    assert len([text for text in rig.messages() if "focal length is missing" in text]) == 1


def test_wcs_brings_a_rotation_that_ends_with_it(rig: Rig) -> None:
    rig.connect()
    assert not rig.device.board.shows("CCD_ROTATION")
    rig.forget()
    rig.new("Switch", "WCS_CONTROL", WCS_ENABLE="On")
    assert rig.tags() == [("message", ""), ("defNumberVector", "CCD_ROTATION"), ("setSwitchVector", "WCS_CONTROL")]
    assert rig.messages() == ["[INFO] World Coordinate System is enabled."]
    assert rig.device.surroundings.observatory().fov_rotation_deg is None
    rig.new("Number", "CCD_ROTATION", CCD_ROTATION_VALUE=-33.5)
    assert rig.device.surroundings.observatory().fov_rotation_deg == -33.5
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    assert not rig.device.board.shows("CCD_ROTATION")
    rig.connect()
    assert rig.device.board.shows("CCD_ROTATION")
    rig.new("Switch", "WCS_CONTROL", WCS_DISABLE="On")
    assert rig.messages()[-1] == "[INFO] World Coordinate System is disabled."
    assert not rig.device.board.shows("CCD_ROTATION")
    assert rig.device.surroundings.observatory().fov_rotation_deg is None


def test_a_temperature_is_shown_as_long_as_files_tell_it(rig: Rig) -> None:
    rig.connect()
    hand = rig.hand
    shown = []
    for told in (None, 21.0, 22.0, None):
        rig.expose()
        hand.start()
        hand.frame(facts=FileFacts("ILCE-7SM3", camera_temperature_c=told))
        board = rig.device.board
        value = board["CCD_TEMPERATURE"].number("CCD_TEMPERATURE_VALUE")
        shown.append(value if board.shows("CCD_TEMPERATURE") else None)
    assert shown == [None, 21.0, 22.0, None]
    rig.new("Switch", "UPLOAD_MODE", UPLOAD_LOCAL="On")
    rig.expose()
    hand.start()
    hand.saved("/tmp/x.fits", facts=FileFacts("ILCE-7SM3", camera_temperature_c=-3.0), role=Role.FRAME)
    assert rig.device.board["CCD_TEMPERATURE"].number("CCD_TEMPERATURE_VALUE") == -3.0
