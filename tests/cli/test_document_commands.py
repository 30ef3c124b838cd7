"""Every command of the tool that a document shows is run, on a camera in virtual time."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indi_sony_py.cli import main as program
from indi_sony_py.hand.nights import Nights
from indi_sony_py.hand.places import Places
from tests.cli.commandrig import Desk
from tests.texts.sources import ROOT

_DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
_COMMAND = re.compile(r"^(?: {4}|\t)(?:\S*/)?indi-sony (.+?)(?: &)?$", re.MULTILINE)
"""Those that need sudo change the system: the test of the package runs them in a system of its own."""
_SERVES = frozenset({"simulate", "live"})
"""They go on until they are stopped: tests with real processes run them."""


def commands() -> list[str]:
    found = {line for document in _DOCUMENTS for line in _COMMAND.findall(document.read_text("utf-8"))}
    return sorted(found)


@pytest.fixture(autouse=True)
def folder(own_home: Path, tmp_path: Path) -> Iterator[None]:
    old = Path.cwd()
    os.chdir(tmp_path)
    yield
    os.chdir(old)


@pytest.fixture(autouse=True)
def night(folder: None) -> None:
    """The record of a night, for those that make a page of one."""
    fields = {"exposure": 1, "seconds": 300.0, "type": "Light"}
    Nights(Places.of().nights, "usb-1-2").write(datetime(2026, 1, 2, 21, tzinfo=UTC), "opened", fields)


@pytest.mark.parametrize("line", commands())
def test_a_command_does_what_its_document_shows_it_for(
    line: str, desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = shlex.split(line.replace("~", str(Path.home())), comments=True)
    serves = arguments[0] in _SERVES and "--frames" not in arguments
    if serves or "--help" in arguments:
        try:
            program.parser_for(arguments).parse_args(arguments)
        except SystemExit as ended:
            assert ended.code == 0, capsys.readouterr().err
        return
    rig = desk.camera()
    monkeypatch.setattr("indi_sony_py.cli.cameras.look_in_network", lambda clock: ())
    said = desk.run(*arguments)
    # A doctor may well find something to say about the computer that the tests run on.
    assert said.status == 0 or (arguments[0] == "doctor" and said.status == 1), said.words + said.err
    assert rig.referee.broken == []


def test_there_are_commands_to_run() -> None:
    assert {shlex.split(line)[0] for line in commands()} >= {"list", "doctor", "shoot", "frames", "report", "simulate"}
