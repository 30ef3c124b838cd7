"""The stage itself: the whole stack on one clock. What it can do, in the order in which it is told there."""

from __future__ import annotations

import pytest

from tests.stage import Stage


def test_an_exposure_from_the_client_to_its_frame() -> None:
    with Stage() as stage:
        stage.connect()
        frame = stage.expose(5.3)
        press = stage.camera.presses[1]
        assert frame.serial == 1
        assert press.exposure_s == pytest.approx(5.3, abs=0.001)
        assert stage.expose(1.0).serial == 2
        stage.assert_clean()


def test_a_hand_is_killed_in_a_bulb_and_its_image_is_saved() -> None:
    with Stage() as stage:
        stage.connect()
        stage.client.expose(60)
        stage.run(20)
        assert stage.camera.do("state")["full"]
        stage.kill_hand()
        stage.until(lambda: stage.client["CCD_EXPOSURE"].state == "Alert", 5)
        stage.until(lambda: stage.client["CONNECTION"].state == "Ok", 60)
        assert not stage.camera.do("state")["full"]
        stage.until(lambda: list(stage.saved().values()) == [1], 120)
        assert stage.expose(2.0).serial == 2
        assert [entry.rule for entry in stage.camera.broken] == ["R-HOST-GONE-DOWN"]


def test_a_face_is_killed_in_a_bulb_and_the_next_one_delivers() -> None:
    with Stage() as stage:
        stage.connect()
        stage.client.expose(60)
        stage.run(20)
        stage.kill_face()
        assert not stage.client.vectors
        stage.run(1)
        stage.start_face()
        stage.until(lambda: stage.client.has("CCD_EXPOSURE"), 10)
        frame = stage.until(lambda: stage.client.frames, 120)[0]
        assert frame.serial == 1
        assert stage.camera.presses[1].exposure_s == pytest.approx(60, abs=0.001)
        stage.assert_clean()


def test_a_camera_that_is_silent_holds_up_nobody_else() -> None:
    with Stage("ILCE-7SM3", "ILCE-6000") as stage:
        stage.connect()
        other = next(name for name, vector in stage.client.vectors if vector == "CONNECTION" and "6000" in name)
        stage.connect(other)
        stage.camera.fault("no-answer", {"operation": 0x9209, "count": 0})
        stage.run(2)
        frame = stage.expose(7.3, other)
        assert frame.serial == 1001
        assert stage.cameras[1].presses[1001].exposure_s == pytest.approx(7.3, abs=0.001)
        stage.until(lambda: stage.client["CONNECTION"].state == "Alert", 30)


def test_a_cable_is_pulled_and_comes_back() -> None:
    with Stage() as stage:
        stage.connect()
        stage.client.expose(30)
        stage.later(5, lambda: stage.camera.do("unplug", back_s=10.0))
        stage.until(lambda: stage.client["CONNECTION"].state == "Alert", 10)
        stage.until(lambda: stage.client["CONNECTION"].state == "Ok", 30)
        stage.run(60)
        assert stage.expose(1.0).serial == max(stage.camera.presses)


def test_a_server_that_stands_still_and_one_that_ends() -> None:
    with Stage() as stage:
        stage.connect()
        stage.client.expose(1)
        stage.reads = False
        stage.run(30)
        assert not stage.client.frames
        stage.reads = True
        stage.run(1)
        assert [frame.serial for frame in stage.client.frames] == [1]
        stage.client.expose(10)
        stage.run(3)
        stage.end_face()
        stage.until(lambda: not stage.hands, 100)
        assert list(stage.saved().values()) == [2]
        stage.assert_clean()


def test_what_blocks_may_not_hold_up_the_stage() -> None:
    with Stage() as stage, pytest.raises(AssertionError, match="only a task may wait"):
        stage.clock.sleep_until(stage.clock.monotonic() + 1)
