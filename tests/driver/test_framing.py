"""CCD_FRAME, CCD_FRAME_RESET and CCD_BINNING: what is taken, what is refused, what it does to the next exposure."""

from __future__ import annotations

from typing import Any

import pytest

from indi_sony_py.engine.messages import CameraStatus, Expose, Identity
from tests.driver.scripted import DEVICE, IDENTITY, SETTINGS, Rig

SIDES = ("X", "Y", "WIDTH", "HEIGHT")
WHOLE = (0, 0, 4256, 2848)


def answer(rig: Rig, name: str) -> tuple[str, tuple[int, ...]]:
    """State and values of the one answer."""
    (found,) = (e for e in rig.said if e.tag.startswith("set") and e.get("name") == name)
    return found.get("state", ""), tuple(int(float(one.text or "")) for one in found)


def frame(rig: Rig, *sides: Any) -> None:
    rig.new("Number", "CCD_FRAME", **dict(zip(SIDES, sides, strict=True)))


def shown(rig: Rig) -> tuple[int, ...]:
    return tuple(int(rig.device.board["CCD_FRAME"].number(name)) for name in SIDES)


@pytest.mark.parametrize(
    ("asked", "given"),
    [((0, 0, 4256, 2848), WHOLE), ((100, 200, 640, 480), (100, 200, 640, 480)), ((101, 201, 640, 480),
      (100, 200, 642, 482)), ((4239, 2831, 17, 17), (4238, 2830, 18, 18)), ((0, 0, 16, 16), (0, 0, 16, 16)),
     ((10.9, 0, 99.9, 50), (10, 0, 100, 50))],
)  # fmt: skip
def test_a_frame_is_answered_as_it_will_be_cut(rig: Rig, asked: tuple[float, ...], given: tuple[int, ...]) -> None:
    rig.connect()
    rig.forget()
    frame(rig, *asked)
    assert answer(rig, "CCD_FRAME") == ("Ok", given)
    assert rig.messages() == []
    rig.expose(1)
    assert rig.hand.request.part == (None if given == WHOLE else given)


@pytest.mark.parametrize(
    "asked",
    [(4000, 0, 640, 480), (0, 0, 0, 0), (-1, 0, 640, 480), (0, 0, 15, 480), (0, 0, 4257, 2848), (0, 0, 1e300, 480),
     (0, 2848, 16, 16)],
)  # fmt: skip
def test_a_frame_that_does_not_lie_in_the_image_is_refused_and_the_old_one_stays(
    rig: Rig, asked: tuple[float, ...]
) -> None:
    rig.connect()
    frame(rig, 100, 200, 640, 480)
    rig.forget()
    frame(rig, *asked)
    assert answer(rig, "CCD_FRAME") == ("Alert", (100, 200, 640, 480))
    assert "does not lie in the image of 4256 x 2848" in rig.messages()[0]
    rig.expose(1)
    assert rig.hand.request.part == (100, 200, 640, 480)


@pytest.mark.parametrize("asked", [{"WIDTH": "nan"}, {"X": ""}, {"HEIGHT": "wide"}])
def test_a_frame_that_is_no_number_changes_nothing(rig: Rig, asked: dict[str, str]) -> None:
    rig.connect()
    rig.forget()
    rig.new("Number", "CCD_FRAME", **asked)
    assert answer(rig, "CCD_FRAME") == ("Alert", WHOLE)


def test_one_side_alone_leaves_the_others(rig: Rig) -> None:
    rig.connect()
    rig.new("Number", "CCD_FRAME", WIDTH=640)
    assert shown(rig) == (0, 0, 640, 2848)


def test_the_limits_are_those_of_the_image(rig: Rig) -> None:
    """A client that finds other limits than CCD_INFO's sends a frame of its own."""
    rig.connect()
    limits = {e.name: (e.min, e.max) for e in rig.device.board["CCD_FRAME"].definition.elements}  # type: ignore[union-attr]
    assert limits == {"X": (0, 4255), "Y": (0, 2847), "WIDTH": (16, 4256), "HEIGHT": (16, 2848)}
    assert rig.device.board["CCD_INFO"].number("CCD_MAX_X") == 4256


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_binning_is_taken(rig: Rig, n: int) -> None:
    rig.connect()
    rig.forget()
    rig.new("Number", "CCD_BINNING", HOR_BIN=n, VER_BIN=n)
    assert answer(rig, "CCD_BINNING") == ("Ok", (n, n))
    rig.expose(1)
    assert (rig.hand.request.binning, rig.hand.request.bin_mode) == (n, "mosaic")


@pytest.mark.parametrize(
    ("asked", "text"),
    [((9, 9), "9x9 binning"), ((2, 1), "2x1 binning"), ((0, 0), "0x0 binning"), ((1.5, 1.5), "1.5x1.5 binning"),
     ((-2, -2), "-2x-2 binning")],
)  # fmt: skip
def test_another_binning_is_refused_in_libindis_words(rig: Rig, asked: tuple[float, float], text: str) -> None:
    rig.connect()
    rig.new("Number", "CCD_BINNING", HOR_BIN=2, VER_BIN=2)
    rig.forget()
    rig.new("Number", "CCD_BINNING", HOR_BIN=asked[0], VER_BIN=asked[1])
    assert answer(rig, "CCD_BINNING") == ("Alert", (2, 2))
    assert rig.messages() == [f"[ERROR] {text} is not supported."]
    rig.expose(1)
    assert rig.hand.asked(Expose) and rig.hand.request.binning == 2


def test_superpixels(rig: Rig) -> None:
    rig.connect()
    rig.new("Switch", "BINNING_MODE", SUPERPIXEL="On")
    rig.new("Number", "CCD_BINNING", HOR_BIN=2, VER_BIN=2)
    rig.expose(1)
    assert (rig.hand.request.binning, rig.hand.request.bin_mode) == (2, "superpixel")


def test_a_reset_answers_as_libindi_does(rig: Rig) -> None:
    rig.connect()
    rig.new("Number", "CCD_BINNING", HOR_BIN=2, VER_BIN=2)
    frame(rig, 100, 200, 640, 480)
    rig.forget()
    rig.new("Switch", "CCD_FRAME_RESET", RESET="On")
    told = [(e.get("name"), e.get("state")) for e in rig.said]
    assert told == [("CCD_BINNING", "Ok"), ("CCD_FRAME", "Ok"), ("CCD_FRAME_RESET", "Ok")]
    assert shown(rig) == WHOLE and rig.device.board["CCD_FRAME_RESET"].chosen() is None
    rig.expose(1)
    assert (rig.hand.request.part, rig.hand.request.binning) == (None, 1)


def test_a_burst_is_applied_in_its_order_and_frozen_with_the_exposure(rig: Rig) -> None:
    """Ekos sends binning, then the frame, then the exposure, all at once; what comes later is for the next one."""
    rig.connect()

    def new(kind: str, name: str, **values: Any) -> str:
        inside = "".join(f"<one{kind} name='{key}'>{value}</one{kind}>" for key, value in values.items())
        return f"<new{kind}Vector device='{DEVICE}' name='{name}'>{inside}</new{kind}Vector>"

    rig.client(
        new("Number", "CCD_BINNING", HOR_BIN=3, VER_BIN=3)
        + new("Number", "CCD_FRAME", X=11, Y=20, WIDTH=300, HEIGHT=300)
        + new("Number", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=4)
        + new("Number", "CCD_BINNING", HOR_BIN=1, VER_BIN=1)
        + new("Switch", "CCD_FRAME_RESET", RESET="On")
    )
    assert (rig.hand.request.part, rig.hand.request.binning) == ((10, 20, 302, 300), 3)


def test_another_area_is_whole(rig: Rig) -> None:
    rig.connect()
    frame(rig, 100, 200, 640, 480)
    rig.forget()
    rig.new("Switch", "FRAME_AREA", CROP="On")
    _, given = answer(rig, "CCD_FRAME")
    assert given[:2] == (0, 0) and given[2] == rig.device.board["CCD_INFO"].number("CCD_MAX_X")
    rig.expose(1)
    assert rig.hand.request.part is None


def test_a_part_of_a_frame_changes_neither_sensor_nor_limits(rig: Rig) -> None:
    """The frame that comes is small because it is a part: the sensor is what it was."""
    hand = rig.connect()
    frame(rig, 100, 200, 640, 480)
    rig.expose(1)
    rig.forget()
    hand.frame(width=320, height=240, cfa="RGGB", area=(4256, 2848))
    assert not [e for e in rig.said if e.get("name") in ("CCD_INFO", "CCD_FRAME")]
    assert shown(rig) == (100, 200, 640, 480)
    assert rig.device.board["CCD_INFO"].number("CCD_MAX_X") == 4256


@pytest.mark.parametrize(
    ("part", "left"), [((100, 200, 640, 480), (100, 200, 640, 480)), ((3000, 0, 640, 480), (0, 0, 2848, 1896))]
)
def test_a_smaller_image_ends_a_part_that_it_does_not_hold(
    rig: Rig, part: tuple[int, ...], left: tuple[int, ...]
) -> None:
    hand = rig.connect()
    frame(rig, *part)
    rig.expose(1)
    rig.forget()
    hand.frame(width=640, height=480, cfa="RGGB", area=(2848, 1896))
    assert shown(rig) == left
    assert rig.place("setNumberVector", "CCD_INFO") < rig.place("setBLOBVector", "CCD1")


def test_a_frame_of_the_area_before_tells_nothing_of_the_one_chosen_since(rig: Rig) -> None:
    hand = rig.connect()
    rig.expose(1)
    rig.new("Switch", "FRAME_AREA", CROP="On")
    size = shown(rig)[2:]
    assert size != (4256, 2848)
    frame(rig, size[0] - 64, 0, 64, 64)
    hand.frame(width=4256, height=2848, cfa="GBRG", area=(4256, 2848), chosen_area="visible")
    assert shown(rig) == (size[0] - 64, 0, 64, 64)
    assert rig.device.board["CCD_INFO"].number("CCD_MAX_X") == size[0]
    assert rig.device.board["CCD_CFA"].text("CFA_TYPE") == "RGGB"


def test_another_camera_is_whole(rig: Rig) -> None:
    hand = rig.connect()
    frame(rig, 100, 200, 640, 480)
    hand.say(CameraStatus("ready", Identity("ILCE-7RM3", "05550001", "3.00", "2.00")))
    assert shown(rig)[:2] == (0, 0) and shown(rig)[2] > 7000


def test_a_body_that_no_table_knows_has_no_parts_before_its_first_image(rig: Rig) -> None:
    hand = rig.connect()
    hand.say(CameraStatus("ready", Identity("ILCE-99", "05550001", "1.00", "3.00")))
    rig.forget()
    frame(rig, 0, 0, 640, 480)
    assert answer(rig, "CCD_FRAME") == ("Alert", (0, 0, 0, 0))
    assert "before the first one has come" in rig.messages()[0]
    rig.forget()
    frame(rig, 0, 0, 0, 0)
    assert answer(rig, "CCD_FRAME") == ("Ok", (0, 0, 0, 0))
    rig.expose(1)
    hand.frame(width=6000, height=4000, cfa="RGGB", area=(6000, 4000))
    frame(rig, 0, 0, 640, 480)
    assert shown(rig) == (0, 0, 640, 480)


def test_a_disconnect_ends_a_part_and_keeps_the_binning(rig: Rig) -> None:
    rig.connect()
    rig.new("Number", "CCD_BINNING", HOR_BIN=2, VER_BIN=2)
    frame(rig, 100, 200, 640, 480)
    rig.new("Switch", "CONNECTION", DISCONNECT="On")
    rig.new("Switch", "CONNECTION", CONNECT="On")
    rig.hand.say(CameraStatus("ready", IDENTITY), SETTINGS)
    assert shown(rig) == WHOLE
    rig.expose(1)
    assert (rig.hand.request.part, rig.hand.request.binning) == (None, 2)


def test_the_cameras_own_file_is_whole_and_that_is_said_once_for_each_choice(rig: Rig) -> None:
    rig.connect()
    rig.new("Switch", "CCD_TRANSFER_FORMAT", FORMAT_NATIVE="On")
    rig.new("Number", "CCD_BINNING", HOR_BIN=2, VER_BIN=2)
    rig.forget()

    def said() -> int:
        return sum("comes as it is: CCD_FRAME and CCD_BINNING" in text for text in rig.messages())

    for _ in range(2):
        rig.expose(1)
        assert (rig.hand.request.part, rig.hand.request.binning) == (None, 1)
        rig.new("Switch", "CCD_ABORT_EXPOSURE", ABORT="On")
    assert said() == 1
    frame(rig, 0, 0, 640, 480)
    rig.expose(1)
    assert said() == 2
    rig.new("Switch", "CCD_TRANSFER_FORMAT", FORMAT_FITS="On")
    rig.expose(1)
    assert rig.hand.request.binning == 2 and said() == 2
    rig.new("Switch", "CCD_CAPTURE_FORMAT", INDI_JPEG="On")
    rig.expose(1)
    assert (rig.hand.request.part, rig.hand.request.binning) == (None, 1) and said() == 3


def test_packed_frames_are_fits_for_clients_alone(rig: Rig) -> None:
    rig.connect()
    rig.new("Switch", "CCD_COMPRESSION", INDI_ENABLED="On")

    def compressed(**more: str) -> bool:
        for name, element in more.items():
            rig.new("Switch", name, **{element: "On"})
        rig.forget()
        rig.expose(1)
        return rig.hand.request.compress

    def said() -> bool:
        return any("CCD_COMPRESSION packs FITS" in text for text in rig.messages())

    assert compressed() and not said()
    assert compressed(UPLOAD_MODE="UPLOAD_BOTH") and not said()
    assert not compressed(UPLOAD_MODE="UPLOAD_LOCAL") and said()
    assert not compressed() and not said()
    assert not compressed(UPLOAD_MODE="UPLOAD_CLIENT", CCD_TRANSFER_FORMAT="FORMAT_NATIVE") and said()
    assert not compressed(CCD_TRANSFER_FORMAT="FORMAT_XISF") and said()
    assert rig.hand.request.transfer == "xisf"
    assert compressed(CCD_TRANSFER_FORMAT="FORMAT_FITS") and not said()
    assert not compressed(CCD_COMPRESSION="INDI_DISABLED") and not said()
