"""The demonstration's own parts: arguments, progress, and the report that docs/DEMO.md describes."""

from __future__ import annotations

import io
import re
from dataclasses import fields
from pathlib import Path

import pytest

from tools.client import Event, What
from tools.demo import Progress, Report, _take, main
from tools.rig import Rig

ROOT = Path(__file__).resolve().parents[2]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_is_one_line_that_is_drawn_anew() -> None:
    stream = _Terminal()
    progress = Progress(stream)
    progress.show("half", 0.5)
    progress.show("half", 0.5)
    progress.show("done", 1.0)
    progress.end()
    progress.end()
    bar = "[" + "#" * 20 + "." * 20 + "] half"
    assert stream.getvalue() == f"\r\033[K{bar}\r\033[K[{'#' * 40}] done\n"


def test_progress_elsewhere_is_a_line_a_step() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    progress.show("starting")
    progress.show("more than there is", 7.0)
    progress.end()
    assert stream.getvalue() == f"starting\n[{'#' * 40}] more than there is\n"


@pytest.mark.parametrize("words", [["--exposure", "0"], ["--exposure", "4000"], ["--raw", "jpeg"], ["--frames", "2"]])
def test_a_bad_argument_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2 and words[0] in capsys.readouterr().err


def test_the_document_describes_every_field_of_the_report() -> None:
    text = (ROOT / "docs" / "DEMO.md").read_text()
    described = {
        name for row in re.findall(r"^\| (`[a-z_`, ]+`) \|", text, re.M) for name in re.findall(r"`(\w+)`", row)
    }
    assert {field.name for field in fields(Report)} == described


class _Client:
    """What a driver tells of an exposure whose shutter has been open for 20 s when the first countdown comes."""

    messages: tuple[str, ...] = ()

    def __init__(self) -> None:
        told = [("Busy", 30.0), ("Busy", 10.0), ("Busy", 0.0)]
        self._events = [
            Event(What.CHANGED, 0.0, "Sony Alpha", "CCD_EXPOSURE", state, {"CCD_EXPOSURE_VALUE": left})
            for state, left in told
        ]
        self._events.append(Event(What.BLOB, 0.0, "Sony Alpha", "CCD1"))
        self._events.append(Event(What.CHANGED, 0.0, "Sony Alpha", "CCD_EXPOSURE", "Ok", {"CCD_EXPOSURE_VALUE": 0.0}))

    def expose(self, seconds: float) -> None: ...

    def next(self, limit_s: float) -> Event:
        return self._events.pop(0)


def test_the_shutter_opened_when_the_countdown_says_and_not_when_it_first_came() -> None:
    rig = Rig()
    frame = _take(_Client(), 30.0, rig, Progress(io.StringIO()))  # type: ignore[arg-type]
    assert frame.what is What.BLOB
    assert rig.times["shutter open"] == pytest.approx(rig.times["exposure over"] - 20.0, abs=1.0)
