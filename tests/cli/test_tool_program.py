"""The program `indi-sony` around its commands: help, errors, exit statuses, words for people and for scripts."""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from indi_sony_py import __version__, texts
from indi_sony_py.cli import main as program
from indi_sony_py.cli.output import Mark, Output
from indi_sony_py.cli.status import NoCamera, Status
from indi_sony_py.errors import CameraGone, CameraInUse, CameraSilent, SonyError
from indi_sony_py.hand.launch import HandRefused
from indi_sony_py.texts import Label, tool
from tests.cli.toolrig import run


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(["--help"])
    assert ended.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    for name, (_, does) in program.COMMANDS.items():
        assert name in shown and does() in shown


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.main(["--version"])
    assert capsys.readouterr().out.strip() == f"indi-sony {__version__}"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CameraSilent(texts.cable.SILENT, detail="reading"), Status.FAILED),
        (CameraGone(texts.cable.GONE, detail="writing"), Status.NO_CAMERA),
        (NoCamera(texts.cable.NOTHING_FOUND), Status.NO_CAMERA),
        (CameraInUse(texts.cable.HELD, key="usb-1-2"), Status.HELD),
        (HandRefused("another driver is attached to this camera"), Status.HELD),
        (KeyboardInterrupt(), Status.INTERRUPTED),
    ],
)
def test_an_error_ends_a_command_with_its_text_and_status(
    error: BaseException, status: Status, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(arguments: argparse.Namespace, out: Output) -> int:
        out.data(half="done")
        raise error

    commands = {"broken": ("x", Label("x", "break"))}
    monkeypatch.setattr(program, "COMMANDS", commands)
    monkeypatch.setattr(program, "import_module", lambda name: SimpleNamespace(run=fail, add=lambda parser: None))
    happened = error.happened if isinstance(error, SonyError) else tool.INTERRUPTED()
    said = run(capsys, "broken")
    assert said.status == status and said.out == "" and happened in said.errors
    said = run(capsys, "broken", "--json")
    assert said.data["half"] == "done" and said.data["error"]["text"] == happened and said.err == ""


def test_a_terminal_gets_signs_in_colour_and_a_bar_that_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    out, err = Terminal(), Terminal()
    shown = Output("x", out, err)
    shown.progress(0.5, "half")
    assert err.getvalue().endswith("[" + "#" * 15 + "." * 15 + "] half")
    shown.mark(Mark.FAIL, "USB mode", "it is a disk", "choose PC Remote")
    assert err.getvalue().endswith("\r"), "the bar is wiped before the next line"
    first, second = out.getvalue().splitlines()
    assert first == "\x1b[31;1m[FAIL]\x1b[0m USB mode: it is a disk" and second == "       -> choose PC Remote"
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    Output("x", plain, err).mark(Mark.PASS, "USB mode")
    assert plain.getvalue() == "[ok]   USB mode\n"


def test_a_pipe_gets_neither_colour_nor_bar_and_columns_that_line_up() -> None:
    out, err = io.StringIO(), io.StringIO()
    shown = Output("x", out, err)
    shown.progress(0.5, "half")
    shown.table(("camera", "place"), [("ILCE-7SM3", "usb-1-2"), ("A", "ip-10.0.0.1")])
    assert err.getvalue() == ""
    assert out.getvalue().splitlines() == ["camera     place", "ILCE-7SM3  usb-1-2", "A          ip-10.0.0.1"]


def test_json_is_one_object_once() -> None:
    out = io.StringIO()
    shown = Output("x", out, io.StringIO(), as_json=True)
    shown.say("words")
    shown.data(a=1)
    assert shown.finish(Status.HELD) == shown.finish(Status.HELD) == 4
    assert json.loads(out.getvalue()) == {"command": "x", "version": __version__, "ok": False, "status": 4, "a": 1}


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = f"{sys.executable} -m indi_sony_py.cli.main frames | true"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
