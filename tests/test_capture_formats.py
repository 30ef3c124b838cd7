"""RAW, RAW+JPEG and JPEG alone through the whole stack: which file reaches whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stage import Stage
from tests.stagehand import digest


@pytest.fixture(params=["ILCE-7SM3", "ILCE-6000"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with Stage(request.param) as made:
        made.connect()
        yield made


def choose(stage: Stage, form: str, transfer: str = "FORMAT_FITS") -> None:
    stage.client.switch("CCD_CAPTURE_FORMAT", form)
    stage.client.switch("CCD_TRANSFER_FORMAT", transfer)
    stage.settle()


@pytest.mark.parametrize("transfer", ["FORMAT_FITS", "FORMAT_NATIVE"])
def test_jpeg_alone_reaches_the_client_as_the_camera_wrote_it(stage: Stage, transfer: str) -> None:
    before = dict(stage.client["CCD_INFO"].values)
    choose(stage, "INDI_JPEG", transfer)
    frame = stage.expose(0.5)
    assert frame.format == ".jpg" and frame.data[:2] == b"\xff\xd8"
    assert stage.camera.stored[digest(frame.data)] == max(stage.camera.presses)
    assert stage.client["CCD_INFO"].values == before
    choose(stage, "INDI_RAW", "FORMAT_FITS")
    assert stage.expose(0.5).serial == max(stage.camera.presses)
    stage.assert_clean()


@pytest.mark.parametrize("transfer", ["FORMAT_FITS", "FORMAT_NATIVE"])
@pytest.mark.parametrize("keep", [False, True])
def test_a_pair_is_the_raw_for_the_client_and_the_jpeg_beside_it(stage: Stage, transfer: str, keep: bool) -> None:
    stage.client.switch("COMPANIONS", "KEEP" if keep else "DISCARD")
    choose(stage, "INDI_RAW_JPEG", transfer)
    frame = stage.expose(0.5)
    assert frame.format == (".fits" if transfer == "FORMAT_FITS" else ".arw")
    stage.run(10)
    assert len(list(stage.home.rglob("*.jpg"))) == keep


def test_a_pair_in_a_folder_has_one_name(stage: Stage, tmp_path: Path) -> None:
    stage.client.switch("COMPANIONS", "KEEP")
    stage.client.switch("UPLOAD_MODE", "UPLOAD_BOTH")
    stage.client.text("UPLOAD_SETTINGS", UPLOAD_DIR=str(tmp_path), UPLOAD_PREFIX="P_XXX")
    choose(stage, "INDI_RAW_JPEG", "FORMAT_NATIVE")
    for _ in range(2):
        stage.expose(0.5)
        stage.run(10)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["P_001.arw", "P_001.jpg", "P_002.arw", "P_002.jpg"]


def test_jpegs_in_a_folder(stage: Stage, tmp_path: Path) -> None:
    stage.client.switch("UPLOAD_MODE", "UPLOAD_LOCAL")
    stage.client.text("UPLOAD_SETTINGS", UPLOAD_DIR=str(tmp_path), UPLOAD_PREFIX="J_XXX")
    choose(stage, "INDI_JPEG")
    for number in (1, 2):
        stage.client.expose(0.5)
        stage.settle()
        stage.until(lambda: stage.client["CCD_EXPOSURE"].state == "Ok")
        assert stage.client["CCD_FILE_PATH"].values["FILE_PATH"] == str(tmp_path / f"J_{number:03d}.jpg")
    assert not stage.client.frames


def test_fast_jpegs(stage: Stage) -> None:
    choose(stage, "INDI_JPEG")
    stage.client.switch("CCD_FAST_TOGGLE", "INDI_ENABLED")
    stage.client.number("CCD_FAST_COUNT", FRAMES=4)
    stage.client.expose(0.2)
    stage.settle()
    stage.until(lambda: len(stage.client.frames) == 4)
    assert [stage.camera.stored[digest(f.data)] for f in stage.client.frames] == [1, 2, 3, 4]


def test_the_driver_is_killed_while_a_jpeg_is_awaited(stage: Stage) -> None:
    choose(stage, "INDI_JPEG")
    stage.client.expose(2.0)
    stage.settle()
    stage.until(lambda: stage.client["CCD_EXPOSURE"].number() < 2.0)
    stage.kill_face()
    stage.run(60)
    (path,) = stage.home.rglob("*.jpg")
    assert stage.camera.stored[digest(path.read_bytes())] == 1


def test_a_choice_that_there_is_not_leaves_the_one_before(stage: Stage) -> None:
    choose(stage, "INDI_RAW_JPEG")
    names = list(stage.client["CCD_CAPTURE_FORMAT"].values)
    heard = len(stage.client["CCD_CAPTURE_FORMAT"].history)
    stage.client.new("Switch", "CCD_CAPTURE_FORMAT", **dict.fromkeys(names, "Off"))
    stage.settle()
    assert stage.client["CCD_CAPTURE_FORMAT"].chosen == "INDI_RAW_JPEG"
    assert len(stage.client["CCD_CAPTURE_FORMAT"].history) == heard + 1, "it is answered"
    stage.client.new("Switch", "CCD_CAPTURE_FORMAT", FORMAT_7="On")
    stage.settle()
    assert stage.client["CCD_CAPTURE_FORMAT"].chosen == "INDI_RAW_JPEG"
    assert stage.expose(0.5).format == ".fits"
