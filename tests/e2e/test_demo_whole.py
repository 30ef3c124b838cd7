"""The demonstration as a user runs it, once its set-up is done."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tools.processes import Child
from tools.rig import own_environment

ROOT = Path(__file__).resolve().parents[2]


Start = Callable[..., Child]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a demonstration whose home and temporary files are in the test's folder."""
    with ExitStack() as stack:

        def run(*words: str, **env: str) -> Child:
            home = own_environment(tmp_path, PYTHONPATH=str(ROOT), TMPDIR=str(tmp_path), **env)
            child = Child([sys.executable, "-m", "tools.demo", *words], home, cwd=ROOT, name="demo")
            stack.callback(child.stop, 40)
            return child

        yield run


def _documented() -> dict[str, set[str]]:
    """Field of the report to the names in its description in docs/DEMO.md."""
    rows = re.findall(r"^\| `(\w+)` \| object \| (.*) \|$", (ROOT / "docs" / "DEMO.md").read_text(), re.M)
    return {name: set(re.findall(r"`(\w+)`", text)) for name, text in rows}


def _left_behind(folder: Path) -> list[str]:
    """The command lines of processes whose temporary files are in this folder."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and b"TMPDIR=" + os.fsencode(folder) in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def test_it_ends_with_0_for_a_true_frame(tmp_path: Path, start: Start) -> None:
    out = tmp_path / "made" / "anew"
    child = start("--out", str(out), "--exposure", "1", "--body", "ILCE-7S", "--raw", "lossy")
    assert child.wait(100) == 0, child.tail()
    report = json.loads((out / "report.json").read_text())
    assert report["ok"] and report["failures"] == [] and report["schema"] == 1
    assert report["pixels"]["different"] == 0 and report["referee"]["broken"] == 0
    assert report["serial"]["found"] == report["serial"]["expected"]
    assert report["stars"]["matched"] > 0.9 * report["stars"]["put_in"]
    assert (out / "frame.fits").stat().st_size == report["frame"]["bytes"]
    assert (out / "preview.png").read_bytes().startswith(b"\x89PNG")
    for name in ("frame", "serial", "pixels", "stars", "referee", "files"):
        assert set(report[name]) <= _documented()[name], name
    assert _left_behind(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--body", "NIKON-1"), "ILCE-7SM3"),
        (("--body", "ILCE-7S", "--raw", "lossless"), "lossy"),
        (("--out", "/proc/nowhere"), "Choose a folder that can be written"),
        (("--out", str(Path(__file__))), "Choose a folder that can be written"),
    ],
    ids=["body", "RAW type", "folder", "a file as folder"],
)
def test_a_bad_argument_ends_with_2_and_names_what_is_allowed(
    tmp_path: Path, start: Start, words: tuple[str, ...], named: str
) -> None:
    child = start("--out", str(tmp_path / "out"), *words)
    assert child.wait(30) == 2
    assert named in child.tail() and "Traceback" not in child.tail()


def test_without_a_server_it_says_what_to_install(tmp_path: Path, start: Start) -> None:
    child = start("--out", str(tmp_path), PATH=str(tmp_path))
    assert child.wait(30) == 1
    assert "apt-get install indi-bin" in child.tail() and "Traceback" not in child.tail()
    assert json.loads((tmp_path / "report.json").read_text())["ok"] is False


def test_a_body_without_a_remote_mode_is_named(tmp_path: Path, start: Start) -> None:
    child = start("--out", str(tmp_path), "--body", "DSLR-A350")
    assert child.wait(60) == 1
    assert "could not connect: " in child.tail() and "has no remote control over USB" in child.tail()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_in_an_exposure_it_leaves_nothing_running(
    tmp_path: Path, start: Start, number: signal.Signals
) -> None:
    child = start("--out", str(tmp_path / "out"), "--exposure", "60.5")
    child.wait_line(lambda line: " left" in line and "60.5 s of" not in line, 30, "a countdown")
    child.signal(number)
    assert child.wait(60) == 128 + number, child.tail()
    assert "nothing is left running" in child.tail() and "Traceback" not in child.tail()
    assert _left_behind(tmp_path) == []
