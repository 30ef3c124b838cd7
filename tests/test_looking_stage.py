"""PREVIEW through the whole stack: what is seen in a frame is told of that frame, and no frame waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from indi_sony_py.cli.page.make import make, night_of
from indi_sony_py.cli.page.story import Fate
from indi_sony_py.hand import lookprocess
from indi_sony_py.hand.nights import nights
from tests.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage("ILCE-7SM3") as made:
        made.connect()
        yield made


def shoot(stage: Stage, seconds: float = 2.0) -> None:
    stage.client.expose(seconds)
    stage.settle()
    stage.until(lambda: stage.client["CCD_EXPOSURE"].state != "Busy")
    stage.settle()


def measured(stage: Stage) -> bool:
    return ("Sony Alpha", "FRAME_MEASURES") in stage.client.vectors


def test_what_is_seen_is_told_of_that_frame(stage: Stage) -> None:
    shoot(stage)
    assert not measured(stage)
    stage.client.switch("PREVIEW", "MEASURE")
    for number in (1, 2):
        shoot(stage, 2.0 * number)
        told = stage.client["FRAME_MEASURES"].values
        assert float(told["FRAME"]) == stage.client.frames[-1].header["FRAMESER"]
        assert float(told["STARS"]) > 0
    stage.client.switch("CCD_FRAME_TYPE", "FRAME_DARK")
    shoot(stage)
    assert float(stage.client["FRAME_MEASURES"].values["STARS"]) == -1


def test_a_fast_series_is_all_there_whatever_is_looked_at(stage: Stage) -> None:
    stage.client.switch("PREVIEW", "SAVE")
    stage.client.switch("CCD_FAST_TOGGLE", "INDI_ENABLED")
    stage.client.number("CCD_FAST_COUNT", FRAMES=6)
    stage.client.expose(0.01)
    stage.settle()
    stage.until(lambda: len(stage.client.frames) == 6)
    assert [frame.serial for frame in stage.client.frames] == [1, 2, 3, 4, 5, 6]


def test_a_look_that_fails_costs_no_frame(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(job: object, frame: object) -> None:
        raise RuntimeError("looking has a fault")

    monkeypatch.setattr(lookprocess, "_look", broken)
    stage.client.switch("PREVIEW", "SAVE")
    shoot(stage)
    shoot(stage)
    assert [frame.serial for frame in stage.client.frames] == [1, 2]
    assert not measured(stage)
    monkeypatch.undo()
    shoot(stage)
    assert measured(stage)


def test_the_page_of_it_tells_what_the_client_saw(stage: Stage, tmp_path: Path) -> None:
    stage.client.switch("PREVIEW", "MEASURE")
    shoot(stage)
    stage.client.switch("UPLOAD_MODE", "UPLOAD_LOCAL")
    stage.client.text("UPLOAD_SETTINGS", UPLOAD_DIR=str(tmp_path), UPLOAD_PREFIX="M31_XXX")
    shoot(stage)
    stage.client.expose(600.0)
    stage.until(lambda: stage.client["CCD_EXPOSURE"].number() < 600.0)
    stage.client.switch("CCD_ABORT_EXPOSURE", "ABORT")
    stage.run(60)
    folder = stage.places.nights
    night = night_of(folder, nights(folder)[-1])
    assert [frame.fate for frame in night.frames] == [Fate.DONE, Fate.DONE, Fate.ABORTED]
    first, second, _ = night.frames
    assert first.exposure == stage.client.frames[0].header["FRAMESER"] and first.delivered
    assert second.path == str(tmp_path / "M31_001.fits")
    assert first.glance is not None and second.glance is not None
    assert Path(first.picture).is_file() and Path(second.picture).is_file()
    assert make(night, tmp_path / "night.html") > 10_000
