"""Fast exposure through the whole stack in virtual time: every frame once, in order, the photo of its own press."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage("ILCE-7SM3") as made:
        made.connect()
        yield made


def begin(stage: Stage, frames: int, seconds: float) -> None:
    stage.client.switch("CCD_FAST_TOGGLE", "INDI_ENABLED")
    stage.client.number("CCD_FAST_COUNT", FRAMES=frames)
    stage.client.expose(seconds)
    stage.settle()


def go(stage: Stage, frames: int, after_s: float) -> None:
    """So long after the first shutter of 1 s exposures has opened."""
    begin(stage, frames, 1.0)
    stage.until(lambda: stage.client["CCD_EXPOSURE"].number() < 1.0)
    stage.run(after_s)


def over(stage: Stage, limit_s: float = 900.0) -> str:
    """How it ended for the client, after everything was told."""
    mirror = stage.client["CCD_EXPOSURE"]
    count = stage.client["CCD_FAST_COUNT"]
    stage.until(lambda: mirror.state != "Busy" and count.state == "Idle", limit_s)
    stage.run(30)
    return mirror.state


def serials(stage: Stage) -> list[int | None]:
    return [frame.serial for frame in stage.client.frames]


@pytest.mark.parametrize(("model", "seconds"), [("ILCE-7SM3", 0.01), ("ILCE-7SM3", 4.7), ("ILCE-6000", 2.0)])
def test_every_frame_comes_once_and_in_order(model: str, seconds: float) -> None:
    with Stage(model) as stage:
        stage.connect()
        begin(stage, 8, seconds)
        _all_there(stage, seconds)


def _all_there(stage: Stage, seconds: float) -> None:
    assert over(stage) == "Ok"
    assert serials(stage) == list(range(1, 9))
    assert {frame.header["EXPREQ"] for frame in stage.client.frames} == {seconds}
    numbers = [frame.header["FRAMESER"] for frame in stage.client.frames]
    assert len(set(numbers)) == 8
    assert not stage.saved()
    states = [state for state, _ in stage.client["CCD_EXPOSURE"].states() if state != "Busy"]
    assert states[-8:] == ["Ok"] * 8
    counts = [value for _, value in stage.client["CCD_FAST_COUNT"].states()]
    assert counts == [1, 8, 7, 6, 5, 4, 3, 2, 1, 1]
    stage.assert_clean()


def test_the_camera_works_on_the_next_one_while_a_frame_is_developed() -> None:
    with Stage("ILCE-7SM3", pace_s=1.5) as stage:
        stage.connect()
        begin(stage, 6, 0.5)
        started = stage.clock.monotonic()
        assert over(stage) == "Ok"
        arrived = [frame.at - started for frame in stage.client.frames]
        opened = [press.opened - started for press in stage.camera.presses.values()]
        assert serials(stage) == [1, 2, 3, 4, 5, 6]
        # The shutter opens for the second frame before the first one is there.
        assert all(later < come for later, come in zip(opened[1:], arrived[:-1], strict=True))


def test_a_server_that_does_not_read_is_waited_for(stage: Stage) -> None:
    begin(stage, 30, 0.5)
    stage.until(lambda: len(stage.client.frames) >= 3)
    stage.reads = False
    stage.run(120)
    taken = len(stage.camera.presses)
    stage.run(120)
    assert len(stage.camera.presses) == taken <= 7, "the camera rests"
    stage.reads = True
    assert over(stage) == "Ok"
    assert serials(stage) == list(range(1, 31))
    assert not stage.saved()


@pytest.mark.parametrize("after_s", [0.3, 1.1, 1.4, 1.7, 2.2])
def test_an_abort_at_any_moment_loses_nothing_and_the_camera_is_free(stage: Stage, after_s: float) -> None:
    go(stage, 100000, after_s)
    stage.client.abort()
    stage.settle()
    assert stage.client["CCD_EXPOSURE"].state == "Idle" and stage.client["CCD_FAST_COUNT"].number() == 1
    got = len(stage.client.frames)
    stage.run(60)
    assert len(stage.client.frames) == got, "nothing comes after an abort"
    stored = {serial for serial in stage.camera.stored.values()}
    told = {s for s in (*serials(stage), *stage.saved().values())}
    named = " ".join(stage.client.texts)
    assert all(s in told or f"DSC{s:05d}" in named for s in stored)
    frame = stage.expose(0.5)
    assert frame.serial == max(stage.camera.presses)
    stage.assert_clean()


@pytest.mark.parametrize("after_s", [0.1, 0.9, 1.2, 1.5, 2.1])
def test_a_pulled_cable_is_one_alert_behind_the_frames_that_are_here(stage: Stage, after_s: float) -> None:
    go(stage, 50, after_s)
    stage.camera.do("unplug", back_s=5)
    assert over(stage) == "Alert"
    alerts = [s for s, _ in stage.client["CCD_EXPOSURE"].states() if s == "Alert"]
    assert len(alerts) == 1
    stage.run(120)
    everything = [s for s in (*serials(stage), *stage.saved().values())]
    assert sorted(everything, key=lambda s: s or 0) == sorted(stage.camera.presses)
    assert stage.expose(0.5).serial == max(stage.camera.presses)


@pytest.mark.parametrize("after_s", [0.5, 1.2, 1.6])
@pytest.mark.parametrize("who", ["hand", "driver"])
def test_a_killed_process_in_a_series_loses_no_photo(stage: Stage, who: str, after_s: float) -> None:
    go(stage, 50, after_s)
    if who == "hand":
        stage.kill_hand()
    else:
        stage.kill_face()
        stage.run(1)
        stage.start_face()
        stage.connect()
    stage.run(120)
    out = [*serials(stage), *stage.saved().values()]
    assert set(out) >= set(stage.camera.stored.values())
    assert stage.expose(0.5).serial == max(stage.camera.presses)


def test_local_files_have_an_index_each(stage: Stage, tmp_path: Path) -> None:
    stage.client.switch("UPLOAD_MODE", "UPLOAD_LOCAL")
    stage.client.text("UPLOAD_SETTINGS", UPLOAD_DIR=str(tmp_path), UPLOAD_PREFIX="L_XXX")
    begin(stage, 5, 0.5)
    assert over(stage) == "Ok"
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"L_{n:03d}.fits" for n in range(1, 6)]
    found = [stage.serial_of((tmp_path / name).read_bytes(), ".fits") for name in names]
    assert found == [1, 2, 3, 4, 5] and not stage.client.frames
