"""Live view as a client gets it: the stream, its forms, photos in between, slow servers, ends of every kind."""

from __future__ import annotations

import itertools

import pytest

from indi_sony_py.indi.blobs import Way
from tests.looking import SIZE, frames, number_of, show, stream_on
from tests.stage import Frame, Stage


def got(stage: Stage, seconds: float) -> list[Frame]:
    """The stream of so long."""
    before = len(frames(stage))
    stage.run(seconds)
    return frames(stage)[before:]


@pytest.mark.parametrize("way", [Way.ATTACHED, Way.INLINE])
def test_every_frame_of_the_camera_once_and_in_its_order(way: Way) -> None:
    with Stage("ILCE-7SM3", way=way) as stage:
        stream_on(stage)
        shown = got(stage, 5.0)
        assert len(shown) > 27 * 5
        assert {frame.format for frame in shown} == {".stream_jpg"} and {frame.name for frame in shown} == {
            "CCD_STREAM"
        }
        numbers = [number_of(frame.data, frame.format) for frame in shown]
        assert all((b - a) % 48 == 1 for a, b in itertools.pairwise(numbers))
        client = stage.client
        assert (client["CCD_VIDEO_STREAM"].state, client["CCD_VIDEO_STREAM"].chosen) == ("Busy", "STREAM_ON")
        assert client["FPS"].number("AVG_FPS") == pytest.approx(29.4, abs=1.0)
        assert client["STREAM_DELAY"].number() < 0.1
        stage.assert_clean()


def test_the_size_is_told_before_the_first_frame() -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        told = next(e for _, e in stage.client.said if e.attrib.get("name") == "CCD_STREAM_FRAME" and e[2].text != "0")
        blob = next(e for _, e in stage.client.said if e.tag == "setBLOBVector")
        elements = [element for _, element in stage.client.said]
        at = [
            i for i, e in enumerate(elements) if e.tag == "setNumberVector" and e.attrib["name"] == "CCD_STREAM_FRAME"
        ]
        assert told is not None and at[0] < elements.index(blob)
        limits = {member.attrib["name"]: member.attrib["max"] for member in elements[at[0]]}
        assert (float(limits["WIDTH"]), float(limits["HEIGHT"])) == SIZE


def test_a_preview_of_ten_a_second_at_first() -> None:
    with Stage("ILCE-7SM3") as stage:
        show(stage)
        stage.connect()
        stage.client.switch("CCD_VIDEO_STREAM", "STREAM_ON")
        stage.until(lambda: frames(stage), 10.0)
        assert 47 <= len(got(stage, 5.0)) <= 51
        assert stage.client["FPS"].number("AVG_FPS") > 27
        stage.client.number("STREAMING_EXPOSURE", STREAMING_EXPOSURE_VALUE=0.5)
        stage.run(3.0)
        assert len(got(stage, 5.0)) in (9, 10, 11)
        assert stage.client["FPS"].number("AVG_FPS") == pytest.approx(2.0, abs=0.2)


def test_one_of_three_with_a_divisor() -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        stage.client.number("STREAMING_EXPOSURE", STREAMING_DIVISOR_VALUE=3)
        stage.run(1.0)
        numbers = [number_of(frame.data, frame.format) for frame in got(stage, 3.0)]
        assert all((b - a) % 48 == 3 for a, b in itertools.pairwise(numbers)) and len(numbers) > 25


def test_photos_come_between_and_the_stream_goes_on() -> None:
    """On a body that a wrong order stops. (1,000 times: tests/engine/test_live_view_engine.py.)"""
    with Stage("ILCE-7M3", keep=4000, pace_s=0.02) as stage:
        stage.camera.fault("live-view-freezes")
        stream_on(stage, fps=5)
        for serial in range(1, 13):
            frame = stage.client
            before = len(frame.frames)
            frame.expose(0.5)
            stage.settle()
            stage.until(lambda: stage.client["CCD_EXPOSURE"].state != "Busy", 60.0)
            photos = [each for each in frame.frames[before:] if each.format == ".fits"]
            assert [each.serial for each in photos] == [serial]
            assert stage.client["CCD_VIDEO_STREAM"].state == "Busy"
            seen = len(frames(stage))
            stage.until(lambda seen=seen: len(frames(stage)) > seen, 10.0)  # type: ignore[misc]
            del frame.frames[:]
        assert not stage.camera.camera.hung
        stage.assert_clean()


def test_on_off_off_on_is_answered_each_time() -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        mirror = stage.client["CCD_VIDEO_STREAM"]
        for element, state in (("STREAM_OFF", "Idle"), ("STREAM_OFF", "Idle"), ("STREAM_ON", "Busy")):
            answers = len(mirror.history)
            stage.client.switch("CCD_VIDEO_STREAM", element)
            stage.settle()
            assert len(mirror.history) == answers + 1 and (mirror.state, mirror.chosen) == (state, element)
            came = got(stage, 3.0)
            assert bool(came) is (element == "STREAM_ON")
        stage.assert_clean()


def test_a_server_that_stands_still_gets_the_newest_when_it_goes_on() -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        stage.acknowledge = False
        before = len(frames(stage))
        stage.run(4.0)
        assert len(frames(stage)) - before <= 1
        stage.acknowledge = True
        stage.run(3.0)
        late = frames(stage)[before + 1 :]
        assert len(late) > 25
        numbers = [number_of(frame.data, frame.format) for frame in late]
        assert all((b - a) % 48 == 1 for a, b in itertools.pairwise(numbers[2:]))


def test_a_server_without_pings_gets_the_stream_too() -> None:
    with Stage("ILCE-7SM3") as stage:
        stage.acknowledge = False
        stream_on(stage)
        stage.run(8.0)
        assert len(got(stage, 3.0)) > 27 * 3


def test_a_photo_on_its_way_goes_before_the_stream() -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        stage.acknowledge = False
        stage.client.expose(1.0)
        stage.until(lambda: any(frame.format == ".fits" for frame in stage.client.frames), 60.0)
        photo = len(stage.client.frames)
        stage.run(3.0)
        assert len(stage.client.frames) == photo
        stage.acknowledge = True
        stage.run(8.0)
        assert stage.client["CCD_EXPOSURE"].state == "Ok"
        assert len(got(stage, 2.0)) > 50


def test_photos_and_frames_never_share_a_vector_unless_somebody_wants_it() -> None:
    """A client keeps what a vector brought until its next BLOB: KStars 3.6.2 read a photo that a frame had replaced."""
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        for _ in range(2):
            stage.expose(1.0)
            stage.run(3.0)
        assert {frame.name for frame in stage.client.frames if frame.format == ".fits"} == {"CCD1"}
        assert {frame.name for frame in frames(stage)} == {"CCD_STREAM"}
        stage.client.switch("STREAM_BLOB", "IMAGE")
        stage.run(1.0)
        assert {frame.name for frame in got(stage, 2.0)} == {"CCD1"}
        stage.client.switch("STREAM_BLOB", "OWN")
        stage.run(1.0)
        assert {frame.name for frame in got(stage, 2.0)} == {"CCD_STREAM"}


def test_no_frame_close_to_a_photo_where_they_share_a_vector() -> None:
    with Stage("ILCE-7SM3", pace_s=3.0) as stage:
        stream_on(stage)
        stage.client.switch("STREAM_BLOB", "IMAGE")
        stage.run(5.0)
        asked = stage.clock.monotonic()
        assert stage.expose(1.0).serial == 1
        stage.run(6.0)
        (photo,) = [frame.at for frame in stage.client.frames if frame.format == ".fits"]
        times = [frame.at for frame in frames(stage)]
        assert not [at for at in times if asked + 0.1 < at < photo + 2.0]
        assert [at for at in times if at >= photo + 2.0]


def test_pixels_and_parts() -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        stage.client.switch("CCD_STREAM_ENCODER", "RAW")
        stage.run(1.0)
        shown = got(stage, 2.0)
        assert {(frame.format, len(frame.data)) for frame in shown} == {(".stream", SIZE[0] * SIZE[1] * 3)}
        numbers = [number_of(frame.data, frame.format) for frame in shown]
        assert all((b - a) % 48 == 1 for a, b in itertools.pairwise(numbers))
        stage.client.number("CCD_STREAM_FRAME", X=10, Y=20, WIDTH=12, HEIGHT=100)
        stage.run(1.0)
        mirror = stage.client["CCD_STREAM_FRAME"]
        assert [float(value) for value in mirror.values.values()] == [10, 20, 12, 28] and mirror.state == "Ok"
        assert len(frames(stage)[-1].data) == 12 * 28 * 3
        stage.client.switch("CCD_STREAM_ENCODER", "MJPEG")
        stage.run(1.0)
        cut = frames(stage)[-1]
        assert cut.format == ".stream_jpg" and number_of(cut.data, cut.format) >= 0
        stage.client.number("CCD_STREAM_FRAME", X=60, Y=0, WIDTH=20, HEIGHT=20)
        stage.run(0.1)
        assert mirror.state == "Alert" and mirror.number("X") == 10
        stage.assert_clean()


def test_a_picture_of_another_size_ends_a_part() -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        stage.client.number("CCD_STREAM_FRAME", X=40, Y=0, WIDTH=20, HEIGHT=20)
        stage.run(1.0)
        show(stage, (32, 24))
        stage.run(1.0)
        assert [float(value) for value in stage.client["CCD_STREAM_FRAME"].values.values()] == [0, 0, 32, 24]
        assert number_of(frames(stage)[-1].data, frames(stage)[-1].format) >= 0


def test_a_pulled_cable_and_a_killed_hand_and_it_goes_on() -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        stage.camera.do("unplug", back_s=5)
        stage.run(30.0)
        assert len(got(stage, 2.0)) > 50
        stage.kill_hand()
        stage.until(lambda: stage.client["CONNECTION"].state == "Ok", 60.0)
        stage.run(10.0)
        assert len(got(stage, 2.0)) > 50
        assert stage.client["CCD_VIDEO_STREAM"].chosen == "STREAM_ON"


def test_a_disconnect_ends_it_and_the_next_connection_begins_without() -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        stage.client.disconnect()
        stage.run(10.0)
        assert not stage.client.has("CCD_VIDEO_STREAM")
        stage.connect()
        assert (stage.client["CCD_VIDEO_STREAM"].state, stage.client["CCD_VIDEO_STREAM"].chosen) == (
            "Idle",
            "STREAM_OFF",
        )
        assert not got(stage, 5.0)
        stage.assert_clean()


def test_a_killed_driver_comes_back_without_a_stream() -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        stage.kill_face()
        stage.run(1.0)
        stage.start_face()
        stage.run(5.0)
        stage.connect()
        assert not got(stage, 5.0)
        assert stage.expose(1.0).serial == 1
        stage.assert_clean()


def test_a_camera_that_gives_no_picture_is_told_of_once() -> None:
    with Stage("ILCE-7SM3") as stage:
        stage.camera.fault("refuse", {"operation": 0x1009, "property": 0xFFFFC002, "count": 0}, code=0x2009)
        stage.connect()
        stage.client.switch("CCD_VIDEO_STREAM", "STREAM_ON")
        stage.run(40.0)
        assert len([text for text in stage.client.texts if "no picture" in text]) == 1
        assert stage.client["CCD_VIDEO_STREAM"].chosen == "STREAM_ON"


def test_a_camera_that_is_lost_in_it_twice_has_the_switch_off() -> None:
    with Stage("ILCE-7SM3") as stage:
        for nth in (20, 60):
            stage.camera.fault("no-answer", {"operation": 0x1009, "property": 0xFFFFC002, "nth": nth})
        stream_on(stage)
        stage.until(lambda: stage.client["CCD_VIDEO_STREAM"].state == "Alert", 200.0)
        assert stage.client["CCD_VIDEO_STREAM"].chosen == "STREAM_OFF"
        assert any("lost twice" in text for text in stage.client.texts)
        stage.run(20.0)
        assert not got(stage, 3.0)


def test_whoever_wanted_live_view_is_told_that_it_was_given_up_and_it_can_be_had_again() -> None:
    with Stage("ILCE-7SM3") as stage:
        for nth in (20, 60):
            stage.camera.fault("no-answer", {"operation": 0x1009, "property": 0xFFFFC002, "nth": nth})
        stream_on(stage)
        stage.client.switch("FOCUS_ASSIST", "INDI_ENABLED")
        stage.until(lambda: stage.client["CCD_VIDEO_STREAM"].state == "Alert", 200.0)
        stage.settle()
        assist = stage.client["FOCUS_ASSIST"]
        assert (assist.state, assist.chosen) == ("Alert", "INDI_DISABLED")
        assert not stage.client.has("FOCUS_STAR")
        stage.run(20.0)
        stage.client.switch("CCD_VIDEO_STREAM", "STREAM_ON")
        stage.run(3.0)
        assert len(got(stage, 2.0)) > 50


def test_no_rate_is_told_while_focus_assist_alone_wants_live_view() -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        stage.client.switch("FOCUS_ASSIST", "INDI_ENABLED")
        stage.run(2.0)
        assert stage.client["FPS"].number("AVG_FPS") > 25
        stage.client.switch("CCD_VIDEO_STREAM", "STREAM_OFF")
        stage.run(2.0)
        assert stage.client["FPS"].number("AVG_FPS") == stage.client["FPS"].number("EST_FPS") == 0
