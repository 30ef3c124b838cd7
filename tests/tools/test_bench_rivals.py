"""tools/bench rivals: programs side by side on a tiny file; the steps of a frame; what is missing is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indi_sony_py.image.pixels import Pixels
from tools import rivalwhole
from tools.bench import main
from tools.benchchain import passage
from tools.cprogram import CannotBuild, build
from tools.rivalfile import difference


def note(t: float, kind: str, detail: str) -> dict[str, Any]:
    return {"t": t, "kind": kind, "detail": detail}


NOTES = [
    note(1.0, "object", "DSC00001.ARW, serial 1, 5000 bytes, ready"), note(1.5, "sending", "DSC00001.ARW, serial 1"),
    note(2.0, "fetched", "DSC00001.ARW, serial 1"), note(2.1, "press", "1/2 s by the host, serial 2"),
    note(3.0, "object", "DSC00002.ARW, serial 2, 6000 bytes, ready"), note(3.25, "sending", "DSC00002.ARW, serial 2"),
    note(4.25, "fetched", "DSC00002.ARW, serial 2"), note(9.0, "fetched", "DSC00003.ARW, serial 3"),
]  # fmt: skip


def test_the_steps_of_the_frame_that_came() -> None:
    found = passage(NOTES, 4.5)
    assert (found.name, found.size) == ("DSC00002.ARW", 6000)
    assert (found.wait_s, found.transfer_s, found.behind_s) == (0.25, 1.0, 0.25)


@pytest.mark.parametrize("notes", [[], NOTES[:2], NOTES[2:4]])
def test_no_steps_without_an_image(notes: list[dict[str, Any]]) -> None:
    with pytest.raises(LookupError, match="no image"):
        passage(notes, 4.5)


def pixels(values: list[list[int]]) -> Pixels:
    array = np.array(values, np.uint16)
    return Pixels(array.shape, "RGGB", 512, 16383, lambda top, bottom: array[top:bottom])


def test_how_pictures_differ_is_told() -> None:
    mine = pixels([[1, 2], [3, 4]])
    assert difference(mine, pixels([[1, 2], [3, 4]])) == ""
    assert difference(mine, pixels([[1, 9], [3, 9]])) == "2 of 4 pixels differ"
    assert difference(mine, pixels([[1, 2, 3]])) == "3 x 1 for 2 x 2"
    assert difference(mine, pixels([[1, 9, 3], [9, 4, 3]])) == "3 x 2 for 2 x 2, 2 of 4 pixels differ"


def test_programs_on_one_file(own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in (".config", ".cache"):
        # astropy warns of places that are not there.
        (own_home / folder).mkdir(parents=True)
    told = tmp_path / "figures.json"
    words = ["rivals", "1MP:lossy", "--part", "file", "--rounds", "1", "--json", str(told)]
    assert main(words) == 0
    figures = {each["program"]: each for each in json.loads(told.read_text())["figures"]}
    assert figures["develop"]["times"] == 1.0
    for each in figures.values():
        assert each["missing"] or (each["best_ms"] > 0 and each["picture"] == "")
    assert {"memcpy", "LibRaw alone", "rawpy + astropy", "siril-cli"} <= set(figures)
    assert any("raw2image" in name for name in figures)
    assert "1MP lossy" in capsys.readouterr().out


def test_a_library_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotBuild, match=r"no-such-library|pkg-config"):
        build("rivalpath.c", tmp_path / "program", packages=("no-such-library",))


@pytest.mark.realtime
def test_a_frame_through_the_whole_chain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """This driver alone: indi_gphoto_ccd has its own test among the judges."""
    monkeypatch.setattr(rivalwhole, "_PAINTED_S", 0.0)
    told = tmp_path / "figures.json"
    words = ["rivals", "ILCE-7SM3:uncompressed", "--part", "whole", "--program", "indi_sony_py"]
    assert main([*words, "--rounds", "1", "--rate", "1000", "--json", str(told)]) == 0
    figures = json.loads(told.read_text())["figures"]
    assert [(each["client"], each["picture"], each["missing"]) for each in figures] == [
        ("local", "", ""), ("network", "", ""),
    ]  # fmt: skip
    for each in figures:
        assert each["transfer_ms"] > 0 and each["wait_ms"] > 0 and each["behind_ms"] > 0
