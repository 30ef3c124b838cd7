"""Ctrl-C in each command that opens a camera, early and late: the camera is put back, and the hand gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from indi_sony_py.cli import session
from indi_sony_py.cli.status import Status
from indi_sony_py.sony.codes import Prop
from indi_sony_py.texts import tool
from tests.cli.commandrig import Desk
from tests.hand.handrig import Rig

COMMANDS = (
    ("info",),
    ("settings", "iso=3200"),
    ("doctor", "--shoot", "1"),
    ("report", "--shoot", "1", "--output", "report.zip"),
    ("probe",),
    ("shoot", "2", "--setup", "set", "--preview"),
    ("live", "--folder", "live"),
)


def settings_of(rig: Rig, *passed: int) -> dict[int, object]:
    """What the camera's dials and menus stand at; counters are none of these, nor are `passed`."""
    book = rig.camera.panel.book
    kept = {code: book.get(code) for code in book.codes if code not in (Prop.OBJECTS_IN_MEMORY, *passed)}
    return {code: found.current for code, found in kept.items() if found is not None}


def shoots(arguments: tuple[str, ...]) -> bool:
    return arguments[0] == "shoot" or "--shoot" in arguments


@pytest.mark.parametrize("moment", [1, 4, 11, 30, 90])
@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda words: words[0])
def test_the_camera_is_put_back(
    arguments: tuple[str, ...], moment: int, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = desk.camera(model="ILCE-7M3")
    monkeypatch.chdir(tmp_path)
    real = session.Session._hear
    heard = 0

    def hear(self: session.Session, seconds: float) -> object:
        nonlocal heard
        heard += 1
        if heard == moment:
            raise KeyboardInterrupt
        return real(self, seconds)

    # An exposure's own speed is set for each and stays; what `settings` sets is meant to.
    passed = {"settings": Prop.ISO}.get(arguments[0], Prop.SHUTTER_SPEED if shoots(arguments) else 0)
    before = settings_of(rig, passed)
    monkeypatch.setattr(session.Session, "_hear", hear)
    said = desk.run(*arguments)
    if heard >= moment:
        assert said.status == Status.INTERRUPTED or (arguments[0] == "live" and said.status == Status.DONE)
        assert said.status == Status.DONE or tool.INTERRUPTED() in said.errors or arguments[0] == "shoot"
    rig.until(lambda: rig.hand is None)
    assert not rig.camera.body.exposing and rig.referee.broken == []
    assert settings_of(rig, passed) == before
    assert not Path("report.zip").exists() or said.status == Status.DONE
