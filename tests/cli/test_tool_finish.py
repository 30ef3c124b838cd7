"""`indi-sony finish`: the cameras' processes of this user are asked to end, and waited for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indi_sony_py.cli import finish
from indi_sony_py.texts import system
from tests.cli.toolrig import run

ENDS = "print('ready', flush=True); import signal; signal.pause()"
STAYS = """
import signal
signal.signal(15, lambda *_: print("asked", flush=True))
print("ready", flush=True)
while True:
    signal.pause()
"""


@contextmanager
def process(code: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A process whose command line looks like that of a hand, or nearly."""
    with subprocess.Popen([sys.executable, "-c", code, *words], stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None and child.stdout.readline() == "ready\n"
            yield child
        finally:
            child.kill()


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Other processes of this machine, real hands among them, are not seen: only what a test links here."""
    monkeypatch.setattr(finish, "_PROC", tmp_path)
    return tmp_path


def test_nothing_is_to_be_finished(only: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "finish")
    assert said.status == 0 and said.words == system.NO_HANDS()


def test_hands_are_asked_and_waited_for_and_nobody_else(only: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (
        process(ENDS, "indi_sony_py.hand.process", "--key", "usb-1-2") as hand,
        process(ENDS, "indi_sony_py.cli.main", "simulate") as other,
        process(ENDS, "another.program", "--key", "usb-1-2") as stranger,
    ):
        for child in (hand, other, stranger):
            (only / str(child.pid)).symlink_to(f"/proc/{child.pid}")
        said = run(capsys, "finish")
        assert said.status == 0
        assert said.words == f"{system.FINISHING(process=hand.pid)} {system.FINISHED(process=hand.pid)}"
        assert hand.wait(10) == -15 and other.poll() is None and stranger.poll() is None


def test_one_that_takes_longer_than_its_limit_is_told(only: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with process(STAYS, "indi_sony_py.hand.process", "--key", "usb-1-2") as hand:
        (only / str(hand.pid)).symlink_to(f"/proc/{hand.pid}")
        said = run(capsys, "finish", "--limit", "0.05", "--json")
        assert said.status == 1 and said.data["asked"] == said.data["late"] == [hand.pid]
        assert hand.stdout is not None and hand.stdout.readline() == "asked\n"
        words = run(capsys, "finish", "--limit", "0.05").words
        assert system.NOT_FINISHED(process=hand.pid, seconds=0.05) in words


def test_a_hand_that_the_driver_starts_is_known_by_its_command() -> None:
    """The command line is made elsewhere: this is what holds both together."""
    from indi_sony_py.hand.launch import command

    words = command("usb-1-2")
    assert "--key" in words and any("indi_sony_py.hand" in word for word in words)
