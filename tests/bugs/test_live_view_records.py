"""Records about live view: bodies that stop by a wrong word in it, that refuse it at first, that have none."""

from __future__ import annotations

import pytest

from indi_sony_py.sony.codes import HANDLE_LIVE_VIEW
from tests.looking import frames, show, stream_on
from tests.stage import Stage

OBJECT = {"operation": 0x1009, "property": HANDLE_LIVE_VIEW}


def test_b48_two_hundred_frames_of_a_body_that_stops_when_its_settings_are_read_between_two() -> None:
    """A stop ends within 2 s, and an exposure right behind it works. (The pauses: tests/engine.)"""
    with Stage("ILCE-6300") as stage:
        stream_on(stage)
        stage.until(lambda: len(frames(stage)) >= 200, 30.0)
        stage.client.switch("CCD_VIDEO_STREAM", "STREAM_OFF")
        stage.settle()
        assert stage.client["CCD_VIDEO_STREAM"].state == "Idle"
        before = stage.clock.monotonic()
        assert stage.expose(0.5).serial == 1
        assert stage.clock.monotonic() - before < 2 + 0.5 + 3
        assert not stage.camera.camera.hung
        stage.assert_clean()


def test_b49_first_frames_that_are_refused_are_waited_for_without_a_word() -> None:
    """The first 8 requests are refused: a frame within 3 s, and no error text."""
    with Stage("DSC-RX100M7") as stage:
        stage.camera.fault("refuse", {**OBJECT, "count": 8}, code=0x200F)
        show(stage)
        stage.connect()
        stage.run(5.0)
        said = len(stage.client.texts)
        stage.client.switch("CCD_VIDEO_STREAM", "STREAM_ON")
        stage.until(lambda: frames(stage), 3.0)
        stage.run(2.0)
        assert stage.client["CCD_VIDEO_STREAM"].state == "Busy"
        assert not [text for text in stage.client.texts[said:] if "picture" in text or "ERROR" in text]
        stage.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-6000", "ILCE-5100"])
def test_b50_a_body_without_live_view_shows_none_and_is_never_asked(model: str) -> None:
    """The object would hang the body; a client that asks all the same gets no answer, as for any name that is none."""
    with Stage(model) as stage:
        for operation in (0x1008, 0x1009):
            stage.camera.fault("hang", {"operation": operation, "property": HANDLE_LIVE_VIEW})
        stage.connect()
        assert not [name for _, name in stage.client.vectors if "STREAM" in name or name in ("FPS", "LIMITS")]
        stage.client.switch("CCD_VIDEO_STREAM", "STREAM_ON")
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        assert [stage.expose(seconds).serial for seconds in (1.0, 3.3)] == [1, 2]
        stage.client.disconnect()
        stage.run(10.0)
        assert not stage.camera.camera.hung
        stage.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-7M3"])
def test_b50_an_exposure_alone_never_asks_for_it(model: str) -> None:
    with Stage(model) as stage:
        for operation in (0x1008, 0x1009):
            stage.camera.fault("hang", {"operation": operation, "property": HANDLE_LIVE_VIEW})
        stage.connect()
        assert stage.client.has("CCD_VIDEO_STREAM")
        assert stage.expose(1.0).serial == 1
        assert not stage.camera.camera.hung
        stage.assert_clean()


def test_b51_on_off_off_on() -> None:
    """One answer each, none of them Alert (Busy while it is on, else Idle, as with libindi); frames while on only."""
    with Stage("ILCE-7M3") as stage:
        show(stage)
        stage.connect()
        mirror = stage.client["CCD_VIDEO_STREAM"]
        for element, state in (
            ("STREAM_ON", "Busy"), ("STREAM_OFF", "Idle"), ("STREAM_OFF", "Idle"), ("STREAM_ON", "Busy"),
        ):  # fmt: skip
            answers, seen = len(mirror.history), len(frames(stage))
            stage.client.switch("CCD_VIDEO_STREAM", element)
            stage.settle()
            assert len(mirror.history) == answers + 1 and (mirror.state, mirror.chosen) == (state, element)
            stage.run(5.0)
            assert (len(frames(stage)) - seen > 10) is (element == "STREAM_ON")
        stage.assert_clean()
