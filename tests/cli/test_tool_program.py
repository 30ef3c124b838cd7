"""The program `indi-sony` around its commands: help, errors, exit statuses, words for people and for scripts."""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from indi_sony_py import __version__, texts
from indi_sony_py.cli import main as program
from indi_sony_py.cli.output import Mark, Output
from indi_sony_py.cli.status import NoCamera, Status
from indi_sony_py.errors import CameraGone, CameraInUse, CameraSilent, SonyError
from indi_sony_py.hand.launch import HandRefused
from indi_sony_py.hand.nights import Nights
from indi_sony_py.hand.places import Places
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


def by_shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`TOOL` in the line is the program."""
    command = line.replace("TOOL", f"{sys.executable} -m indi_sony_py.cli.main")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False, env=environment | more
    )


@pytest.mark.parametrize("buffered", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"])
class TestOutput:
    """Where output goes wrong there is a status and, where anybody can read it, a sentence: never a traceback."""

    def test_a_reader_that_has_seen_enough_is_no_error(self, buffered: dict[str, str]) -> None:
        assert by_shell("TOOL frames | true", **buffered).stderr == ""

    def test_a_full_disk_is_told(self, buffered: dict[str, str]) -> None:
        done = by_shell("TOOL frames --json >/dev/full", **buffered)
        told = tool.UNWRITTEN.happened(reason="No space left on device")
        assert done.returncode == Status.FAILED and done.stderr.startswith(f"indi-sony: {told}")

    @pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
    def test_closed_output_is_no_fault(self, closed: str, buffered: dict[str, str]) -> None:
        done = by_shell(f"TOOL frames {closed}", **buffered)
        assert done.returncode == 0 and "Traceback" not in done.stderr + done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_what_the_terminal_cannot_show_is_escaped(encoding: str, own_home: Path, tmp_path: Path) -> None:
    """A folder with a name that is no text in any encoding, and one that only some have."""
    page = os.fsdecode(os.fsencode(tmp_path) + b"/\xff") + "\u03b1.html"
    Nights(Places.of().nights, "usb-1-2").write(datetime(2026, 1, 2, 21, tzinfo=UTC), "opened", {"exposure": 1})
    for more in ((), ("--json",)):
        command = [sys.executable, "-m", "indi_sony_py.cli.main", "frames", "--html", page, *more]
        environment = os.environ | {"PYTHONIOENCODING": encoding}
        done = subprocess.run(command, capture_output=True, timeout=60, check=False, env=environment)
        assert done.returncode == 0 and done.stderr == b"" and b"\\udcff" in done.stdout
        assert not more or json.loads(done.stdout)["page"] == page
    assert Path(page).exists()


@pytest.mark.parametrize("columns", ["1", "20", "1000", "x"])
def test_a_terminal_of_any_width_will_do(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    out, err = Terminal(), Terminal()
    shown = Output("x", out, err)
    shown.progress(0.5, "a long text " * 10)
    shown.mark(Mark.FAIL, "USB mode", "it is a disk " * 20, "choose PC Remote " * 10)
    shown.say("words " * 100)
    shown.table(("camera", "place"), [("ILCE-7SM3", "usb-1-2")])
    assert shown.finish(Status.DONE) == 0
    assert all(len(line) <= 140 for line in out.getvalue().splitlines())
