"""`indi-sony doctor` on simulated cameras with one fault at a time, in virtual time, through the hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indi_sony_py.cli.checks.camera import SETTINGS, setting
from indi_sony_py.cli.checks.check import Case
from indi_sony_py.cli.checks.machine import Machine
from indi_sony_py.cli.checks.table import CHECKS
from indi_sony_py.cli.output import Mark
from indi_sony_py.engine.messages import Choice, Identity, SettingsReport, SettingView
from indi_sony_py.engine.night import ITEMS
from indi_sony_py.hand.places import Places
from indi_sony_py.texts import doctor, tool
from tests.cli.commandrig import Desk

CAMERA_CHECKS = [check.name for check in CHECKS if check.name == "opens" or "opens" in check.needs]


def checks(desk: Desk, *arguments: str) -> dict[str, dict[str, Any]]:
    """What was found of the camera, by the names of the checks."""
    said = desk.run("doctor", "--json", *arguments)
    found = {row["name"]: row for row in said.data["checks"]}
    assert said.status == (1 if any(row["result"] == "fail" for row in found.values()) else 0)
    return found


def wrong(found: dict[str, dict[str, Any]]) -> list[str]:
    return [name for name in CAMERA_CHECKS if found[name]["result"] in ("fail", "warn")]


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-7M3"])
def test_a_camera_that_is_ready_has_no_obstacle(desk: Desk, model: str) -> None:
    desk.camera(model=model)
    found = checks(desk, "--shoot", "2")
    assert wrong(found) == []
    assert found["shot"]["text"].startswith("2 s exposed")
    assert desk.rig.referee.broken == [] and desk.rig.hand is None


def test_without_a_wish_nothing_is_exposed(desk: Desk) -> None:
    desk.camera()
    assert checks(desk)["shot"]["text"] == doctor.ASK_FOR_SHOT()
    assert desk.rig.camera.body.serial == 0


def test_what_needs_no_camera_is_looked_at_alone(desk: Desk) -> None:
    desk.camera()
    found = checks(desk, "--computer")
    assert {"python", "room", "usb"} <= set(found) and not {"search", "there", "opens"} & set(found)
    assert desk.links == []


@pytest.mark.parametrize(("model", "result"), [("ILCE-7SM3", "pass"), ("ILCE-6400", "skip")])
def test_the_crop_of_a_body_that_lists_no_switch_for_it_is_read(desk: Desk, model: str, result: str) -> None:
    """A body with an APS-C sensor always says that it crops."""
    desk.camera(model=model)
    desk.tell("crop", on=model == "ILCE-6400")
    assert checks(desk)["APS-C crop"]["result"] == result


def fault(**row: Any) -> Callable[[Desk], None]:
    return lambda desk: desk.tell("fault", row=row)


def command(do: str, **arguments: Any) -> Callable[[Desk], None]:
    return lambda desk: desk.tell(do, **arguments)


OLD, NEW = "ILCE-7M3", "ILCE-7SM3"
FAULTS: list[tuple[str, str, Callable[[Desk], None], str, str]] = [
    (NEW, "opens", command("usb-mode", mode="mtp"), "MTP", "PC Remote"),
    (NEW, "opens", command("hang"), "did not answer in time", "battery out"),
    (NEW, "opens", fault(kind="mute", when={"time": 0.0}, until="power"), "did not answer in time", "off and on"),
    (NEW, "opens", fault(kind="refuse", when={"operation": 0x1002}), "OpenSession (0x1002) with 0x2019", "off and on"),
    (NEW, "known", fault(kind="stranger"), "No table knows", "indi-sony report"),
    (NEW, "battery", command("battery", percent=20), "20 % left", "over USB"),
    (NEW, "battery", command("battery", percent=2), "battery is empty", "charged one"),
    (NEW, "images", command("leave", count=2), "Images of an earlier time", "indi-sony frames"),
    (NEW, "APS-C crop", command("crop", on=True), "It is On", "camera's menu"),
    (OLD, "mode dial", command("dial", program="P"), "The mode dial stands on P", "Turn it to M"),
    (
        OLD,
        "opens",
        fault(kind="unplug", when={"operation": 0x9201}, back_s=-1.0),
        "No camera is at",
        "Check the cable",
    ),
    (NEW, "shot", fault(kind="deaf", when={"press": 1}), "no image", "Check at the camera"),
    (NEW, "shot", fault(kind="no-image", when={"press": 1}), "no image", "Check at the camera"),
    (NEW, "shot", fault(kind="broken-file", when={"press": 1}, cut=100000), "damaged", "kept"),
]


@pytest.mark.parametrize(("model", "name", "do", "says", "remedy"), FAULTS)
def test_a_fault_is_told_where_it_lies_with_what_to_do(
    desk: Desk, model: str, name: str, do: Callable[[Desk], None], says: str, remedy: str
) -> None:
    desk.camera(model=model)
    do(desk)
    found = checks(desk, "--shoot", "2")
    alike = [n for n in wrong(found) if found[n]["result"] == found[name]["result"]]
    assert alike[:1] == [name], [(n, found[n]["text"]) for n in wrong(found)]
    told = f"{found[name]['text']} {found[name]['do']}"
    assert says.lower() in told.lower() and remedy in told
    if name == "opens":
        assert all(found[n]["text"] == doctor.NEEDS(title=doctor.OPENS()) for n in CAMERA_CHECKS[1:])


BAD = {
    "mode dial": 2, "drive mode": 0x8010, "file format": 3, "save destination": 0x10, "focus mode": 2, "RAW type": 4,
    "silent mode": 2, "noise reduction": 2, "SteadyShot": 2, "no lens": 1, "APS-C crop": 2,
}  # fmt: skip
"""A value of 3.00 that is wrong for each setting."""


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_the_driver_cannot_set_is_told(name: str, tmp_path: Path) -> None:
    row = SETTINGS[name]
    case = Case(Machine(tmp_path), Places(tmp_path), identity=Identity("ILCE-7SM3", version="3.00"))
    assert setting(name)(case).text == doctor.NOT_TOLD()
    view = SettingView(row.view, BAD[name], "this", (Choice(BAD[name], "this"),))
    case.settings = SettingsReport((view,))
    told = setting(name)(case)
    assert told.mark is (Mark.FAIL if name in list(SETTINGS)[:4] else Mark.WARN) and told.do
    if row.wrong is None:
        (item,) = (item for item in ITEMS if item.name == row.item)
        assert told.text == doctor.NOT_FOR_NIGHT.happened(value="this", wanted=item.words())
    case.settings = SettingsReport((replace(view, writable=True),))
    assert setting(name)(case).mark is told.mark, "a setting without a good choice is not set by the driver"


def test_words_tell_obstacles_first_and_pass_over_what_hangs_on_them(desk: Desk) -> None:
    desk.camera()
    desk.tell("usb-mode", mode="mass_storage")
    said = desk.run("doctor")
    assert said.status == 1 and "[FAIL] USB mode of the camera" in said.words
    assert f"] {doctor.BATTERY()}" not in said.words
    assert re.search(re.escape(doctor.BLOCKED(count=0)[:-1]) + r"\d\d", said.words)
    assert said.words.endswith("those behind it may hang on it.")


def test_no_obstacle_is_said_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.camera()
    kept = [check for check in CHECKS if check.name in ("python", "rescued", "programs")]
    monkeypatch.setattr("indi_sony_py.cli.checks.table.CHECKS", kept)
    assert doctor.NO_OBSTACLE(count=3) in desk.run("doctor").words


def test_a_held_camera_is_not_opened(desk: Desk) -> None:
    from indi_sony_py.hand import address

    desk.camera()
    listener = address.bind("sim-0")
    assert listener is not None
    with listener:
        found = checks(desk)
    assert found["free"]["result"] == "fail" and tool.HELD_BY_HAND() in found["free"]["text"] and desk.links == []
