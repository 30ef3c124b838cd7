"""Two cameras at once, in virtual time: each command asks which one, or takes the one that is named and no other."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from indi_sony_py.cli.status import Status
from indi_sony_py.clock import Clock
from indi_sony_py.hand.launch import Attached
from indi_sony_py.sim.attach import local_backend
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.sim.geometry import small
from indi_sony_py.sim.pictures import SkyPictures
from indi_sony_py.sim.profile import profile_of
from indi_sony_py.sim.referee import Referee
from indi_sony_py.texts import tool
from tests.cli.commandrig import Desk

FIRST, SECOND = "sim-0", "sim-1"
ASKS = ("info", "settings", "settings iso=1600", "shoot 1", "live --frames 1 --folder live", "probe", "report")


class Ears(Referee):
    """A referee that knows whether the camera was ever spoken to."""

    spoken_to = False

    def during(self, operation: int | None, transaction: int | None) -> None:
        self.spoken_to |= operation is not None
        super().during(operation, transaction)


@dataclass
class Pair:
    """Two cameras on the desk; the commands reach the one whose place they were given."""

    desk: Desk
    cameras: dict[str, Camera]
    ears: dict[str, Ears]

    def touched(self) -> list[str]:
        """The places of those that were spoken to."""
        return [key for key, ears in self.ears.items() if ears.spoken_to]


def made(desk: Desk, monkeypatch: pytest.MonkeyPatch, models: tuple[str, str], serials: tuple[str, str]) -> Pair:
    rig = desk.camera(model=models[0])
    cameras, ears = {}, {FIRST: Ears(), SECOND: Ears()}
    for key, model, serial in zip((FIRST, SECOND), models, serials, strict=True):
        profile = profile_of(model)
        picture = SkyPictures(profile, 1, small(512, 384))
        cameras[key] = Camera(clock=rig.clock, profile=profile, serial=serial, referee=ears[key], picture=picture)
    rig.backend = local_backend([UsbDevice(camera) for camera in cameras.values()], rig.clock)
    reach = desk._reach

    def reach_of(key: str) -> tuple[Attached, Clock]:
        rig.camera = cameras[key]
        monkeypatch.setattr("tests.hand.handrig.KEY", key)
        return reach(key)

    monkeypatch.setattr("indi_sony_py.cli.session.reach", reach_of)
    return Pair(desk, cameras, ears)


@pytest.fixture
def pair(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Pair:
    monkeypatch.chdir(tmp_path)
    return made(desk, monkeypatch, ("ILCE-7SM3", "ILCE-7M3"), ("0001111", "0002222"))


@pytest.mark.parametrize("line", ASKS)
def test_a_command_asks_which_camera_is_meant_and_touches_none(pair: Pair, line: str, tmp_path: Path) -> None:
    said = pair.desk.run(*line.split())
    assert said.status == Status.WRONG_ARGUMENTS
    assert said.errors.startswith(f"indi-sony {line.split()[0]}: {tool.SEVERAL.happened(count=2, names='')}")
    for words in ("--camera", "sim-0 (ILCE-7SM3, 1111)", "sim-1 (ILCE-7M3, 2222)"):
        assert words in said.errors
    assert pair.desk.links == [] and pair.touched() == []
    told = json.loads(pair.desk.run(*line.split(), "--json").out)
    assert [row["key"] for row in told["cameras"]] == [FIRST, SECOND] and "--camera" in told["error"]["do"]
    assert not list(tmp_path.glob("*.zip")) and not list(tmp_path.glob("*.fits"))


@pytest.mark.parametrize("word", [SECOND, "2222", "0002222", "ilce-7m3"])
def test_the_one_that_is_named_is_taken(pair: Pair, word: str) -> None:
    assert pair.desk.run("info", "--camera", word, "--json").data["identity"]["model"] == "ILCE-7M3"
    assert pair.touched() == [SECOND]


def test_each_command_goes_to_the_camera_that_is_named(pair: Pair, tmp_path: Path) -> None:
    named = ("--camera", SECOND, "--json")
    assert pair.desk.run("settings", "iso=1600", *named).data["changes"][0]["ok"]
    assert pair.desk.run("shoot", "1", *named).data["camera"]["serial"] == "2222"
    assert pair.desk.run("live", "--frames", "2", "--folder", "live", *named).data["frames"] == 2
    assert pair.desk.run("report", "--output", "two.zip", *named).data["camera"] is True
    with zipfile.ZipFile(tmp_path / "two.zip") as bundle:
        told = json.loads(bundle.read("report.json"))
    assert told["identity"]["model"] == "ILCE-7M3" and len(told["cameras"]) == 2
    assert pair.touched() == [SECOND] and pair.ears[SECOND].broken == []


def test_list_shows_both_and_doctor_looks_at_the_first_and_names_the_other(pair: Pair) -> None:
    rows = pair.desk.run("list", "--json").data["cameras"]
    assert [(row["key"], row["serial"]) for row in rows] == [(FIRST, "1111"), (SECOND, "2222")]
    checks = {row["name"]: row for row in json.loads(pair.desk.run("doctor", "--json").out)["checks"]}
    assert checks["there"]["text"].startswith("ILCE-7SM3 at sim-0") and "ILCE-7M3 at sim-1" in checks["there"]["text"]
    assert checks["opens"]["result"] == "pass" and pair.touched() == [FIRST]


def test_two_of_one_model_are_told_apart_by_their_numbers(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = made(desk, monkeypatch, ("ILCE-7SM3", "ILCE-7SM3"), ("0001111", "0002222"))
    said = desk.run("info", "--camera", "ILCE-7SM3")
    assert said.status == Status.WRONG_ARGUMENTS and "sim-1 (ILCE-7SM3, 2222)" in said.errors
    assert pair.touched() == []
    assert desk.run("info", "--camera", "2222", "--json").data["identity"]["serial"] == "2222"


def test_one_that_cannot_be_controlled_leaves_no_question(pair: Pair) -> None:
    pair.desk.rig.camera = pair.cameras[FIRST]
    pair.desk.tell("usb-mode", mode="mass_storage")
    assert pair.desk.run("info", "--json").data["identity"]["model"] == "ILCE-7M3"
