"""The record of a failure without a cause: each obstacle is found by the tool, named in one line, with what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from indi_sony_py.cli.output import Mark
from indi_sony_py.driver.events import CameraKind
from tests.cli.commandrig import Desk
from tests.cli.computerrig import (
    CAMERA,
    COMPUTER,
    WAY,
    Place,
    denied,
    modules_without,
    no_libusb,
    nothing,
    opened_by,
    shows,
)


def two_cameras(place: Place) -> None:
    place.cameras = [CAMERA, replace(CAMERA, key="usb-1-4", serial="0004712")]


@pytest.mark.parametrize(
    ("fault", "name", "cause", "remedy"),
    [
        (denied, "rights", "denies access", "udev"),
        (opened_by("gphoto2"), "free", "gphoto2", "Disconnect it there"),
        (shows(CameraKind.MASS_STORAGE), "mode", "disk", "PC Remote"),
        (no_libusb, "libusb", "libusb", "libusb-1.0-0"),
        (modules_without("rawpy"), "rawpy", "rawpy", "rawpy"),
        (nothing, "there", "No", "PC Remote"),
    ],
    ids=["no permission", "claimed", "another mode", "no libusb", "no decoder", "no device"],
)
def test_b72_each_obstacle_of_the_computer_is_named_with_a_remedy(
    fault: Callable[[Place], None], name: str, cause: str, remedy: str,
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    place = Place(tmp_path, monkeypatch)
    assert {f.mark for f in place.found(*COMPUTER, *WAY).values()} == {Mark.PASS}
    fault(place)
    told = place.found(*COMPUTER, *WAY)[name]
    assert told.mark in (Mark.FAIL, Mark.WARN)
    assert "\n" not in told.text and cause in told.text
    assert remedy in f"{told.text} {told.do}"


def test_b72_two_cameras_are_both_named(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    place = Place(tmp_path, monkeypatch)
    two_cameras(place)
    told = place.found("usb", *WAY)["there"]
    assert told.mark is Mark.PASS and told.text.count("ILCE-7SM3") == 2


def test_b72_a_model_that_no_table_knows_is_named(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(tmp_path / "desk", monkeypatch, capsys)
    try:
        desk.camera()
        desk.tell("fault", row={"kind": "stranger"})
        (row,) = (row for row in desk.run("doctor", "--json").data["checks"] if row["name"] == "known")
        assert row["result"] == "warn" and "indi-sony report" in row["text"] + row["do"]
    finally:
        desk.close()
