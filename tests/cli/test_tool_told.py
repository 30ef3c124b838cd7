"""What a command says fits to the command line: which camera, who holds it, what was done before it failed."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from indi_sony_py.cli.cameras import meant
from indi_sony_py.cli.checks import camera as checks
from indi_sony_py.cli.checks.check import Case
from indi_sony_py.cli.checks.machine import Machine
from indi_sony_py.cli.output import Mark
from indi_sony_py.cli.status import NoCamera
from indi_sony_py.driver.events import Camera
from indi_sony_py.hand.nights import nights, read_night
from indi_sony_py.hand.places import Places
from indi_sony_py.texts import cable, tool
from tests.cli.commandrig import Desk

_ONE = Camera("usb-1-2", model="ILCE-7M3", serial="00003456789")


@pytest.mark.parametrize("wanted", ["ILCE-7M4", "789", "usb-1-3", "nonsense"])
def test_a_camera_that_is_not_there_is_told_in_words_of_the_command_line(wanted: str) -> None:
    with pytest.raises(NoCamera) as raised:
        meant([_ONE], wanted)
    assert wanted in raised.value.happened and "ILCE-7M3" in raised.value.happened
    assert "--camera" in raised.value.advice and "Options" not in raised.value.advice


def test_without_a_simulated_camera_nobody_is_sent_to_a_cable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INDI_SONY_BUS", "unix:/none")
    with pytest.raises(NoCamera) as raised:
        meant([], "")
    assert str(raised.value) == tool.NO_SIMULATED(bus="unix:/none")
    monkeypatch.delenv("INDI_SONY_BUS")
    with pytest.raises(NoCamera) as raised:
        meant([], "")
    assert str(raised.value) == cable.NOTHING_FOUND()


def test_who_holds_a_camera_may_be_another_command() -> None:
    assert "indi-sony" in tool.HELD_BY_HAND() and "driver" in tool.HELD_BY_HAND()


def test_a_script_is_told_which_settings_were_made_before_one_that_cannot_be(desk: Desk) -> None:
    desk.camera()
    said = desk.run("settings", "iso=1600", "nonsense=1", "--json")
    assert said.status == 1 and "nonsense" in said.data["error"]["text"]
    assert said.data["changes"] == [{"name": "iso", "value": "1600", "ok": True, "text": ""}]


def test_each_test_exposure_of_a_night_is_one_of_its_own(desk: Desk) -> None:
    desk.camera()
    for _ in range(2):
        desk.run("doctor", "--shoot", "1")
    desk.run("probe")
    places = Places.of()
    (night,) = nights(places.nights)
    opened = [line["exposure"] for line in read_night(places.nights, night) if line["kind"] == "opened"]
    assert len(opened) == len(set(opened)) == 5


class _Session:
    """One frame, saved in `folder` for want of room elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "doctor_001.fits"

    def expose(self, request: Any, heard: Any) -> Any:
        self.path.write_bytes(b"SIMPLE" + b"\1\2" * 2877)
        return SimpleNamespace(path=str(self.path), rescued=True, text="There is no space left.")


def test_a_frame_of_doctor_that_found_another_place_is_told_and_deleted(tmp_path: Path) -> None:
    session: Any = _Session(tmp_path)
    case = Case(Machine(), Places.of(), shot_s=1.0, session=session)
    found = checks.shot(case)
    assert (found.mark, found.text) == (Mark.WARN, "There is no space left.") and not session.path.exists()


def test_where_no_folder_for_a_moment_can_be_made_doctor_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.TemporaryDirectory", refused)
    session: Any = _Session(tmp_path)
    found = checks.shot(Case(Machine(), Places.of(), shot_s=1.0, session=session))
    assert found.mark is Mark.FAIL and "No usable temporary directory" in found.text and os.listdir(tmp_path) == []
