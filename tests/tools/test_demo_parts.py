"""The demonstration's own parts: arguments, progress, and the report that docs/DEMO.md describes."""

from __future__ import annotations

import io
import re
from dataclasses import fields
from pathlib import Path

import pytest

from tools.demo import Progress, Report, main

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
