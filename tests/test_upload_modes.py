"""UPLOAD_MODE, UPLOAD_SETTINGS and CCD_FILE_PATH through the whole stack, as Ekos writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage("ILCE-7SM3") as made:
        made.connect()
        yield made


def local(stage: Stage, folder: Path, prefix: str, mode: str = "UPLOAD_LOCAL") -> None:
    stage.client.switch("UPLOAD_MODE", mode)
    stage.client.text("UPLOAD_SETTINGS", UPLOAD_DIR=str(folder), UPLOAD_PREFIX=prefix)
    stage.settle()


def path_of(stage: Stage) -> Path:
    """One exposure to its end; where CCD_FILE_PATH says that it is."""
    stage.client.expose(0.2)
    stage.settle()
    stage.until(lambda: stage.client["CCD_EXPOSURE"].state != "Busy")
    assert stage.client["CCD_EXPOSURE"].state == "Ok", stage.client.texts[-3:]
    return Path(stage.client["CCD_FILE_PATH"].values["FILE_PATH"])


def test_names_that_ekos_made_itself_are_taken_as_they_are_and_never_overwritten(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "M 31" / "Light" / "L"
    for number, name in ((1, "M_31_Light_L_300_secs_001"), (2, "M_31_Light_L_300_secs_002")):
        local(stage, folder, name)
        assert path_of(stage) == folder / f"{name}.fits"
        assert stage.serial_of((folder / f"{name}.fits").read_bytes(), ".fits") == number
    assert path_of(stage) == folder / "M_31_Light_L_300_secs_002_1.fits"
    assert stage.serial_of((folder / "M_31_Light_L_300_secs_002.fits").read_bytes(), ".fits") == 2
    assert not [path for path in folder.iterdir() if path.suffix != ".fits"], "nothing half written stays"


def test_index_and_time(stage: Stage, tmp_path: Path) -> None:
    local(stage, tmp_path, "D_ISO8601_XXX")
    (tmp_path / "D_2020-01-01T00-00-00_041.fits").touch()
    assert re.fullmatch(r"D_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d_042\.fits", path_of(stage).name)
    assert path_of(stage).name.endswith("_043.fits")


def test_both_tells_the_path_then_the_frame_then_ok(stage: Stage, tmp_path: Path) -> None:
    local(stage, tmp_path, "B_XXX", "UPLOAD_BOTH")
    start = len(stage.client.said)
    path = path_of(stage)
    told = [(e.tag, e.attrib.get("name"), e.attrib.get("state")) for _, e in stage.client.said[start:]]
    file, blob = (
        told.index((f"set{kind}Vector", name, "Ok")) for kind, name in (("Text", "CCD_FILE_PATH"), ("BLOB", "CCD1"))
    )
    assert file < blob < told.index(("setNumberVector", "CCD_EXPOSURE", "Ok"))
    assert path.read_bytes() == stage.client.frames[-1].data


@pytest.mark.parametrize(("before", "after"), [("LOCAL", "CLIENT"), ("CLIENT", "LOCAL"), ("BOTH", "CLIENT")])
def test_a_mode_that_is_written_meanwhile_holds_for_the_next_frame(
    stage: Stage, tmp_path: Path, before: str, after: str
) -> None:
    local(stage, tmp_path, "U_XXX", f"UPLOAD_{before}")
    stage.client.expose(2.0)
    stage.settle()
    stage.until(lambda: stage.client["CCD_EXPOSURE"].number() < 2.0)
    local(stage, tmp_path / "other", "V_XXX", f"UPLOAD_{after}")
    stage.until(lambda: stage.client["CCD_EXPOSURE"].state != "Busy")
    assert stage.client["CCD_EXPOSURE"].state == "Ok"
    assert len(list(tmp_path.glob("U_*.fits"))) == (before != "CLIENT")
    assert len(stage.client.frames) == (before != "LOCAL")
    assert stage.client.has("CCD_FILE_PATH") == (after != "CLIENT")
    stage.client.expose(0.2)
    stage.settle()
    stage.until(lambda: stage.client["CCD_EXPOSURE"].state != "Busy")
    assert len(list((tmp_path / "other").glob("V_*.fits"))) == (after != "CLIENT")


def test_a_folder_that_cannot_be_is_told_and_the_frame_is_elsewhere(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    local(stage, tmp_path / "file" / "below", "F_XXX")
    path = path_of(stage)
    assert path.is_file() and tmp_path / "file" not in path.parents
    assert any(str(path) in text and "below" in text for text in stage.client.texts)
