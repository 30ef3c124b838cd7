"""docs/TOOL.md is true: its commands can be given, its tables name what is there."""

from __future__ import annotations

import re
import shlex

import pytest

from indi_sony_py.cli import main as program
from indi_sony_py.cli.status import Status
from tests.texts.sources import ROOT

TEXT = (ROOT / "docs" / "TOOL.md").read_text("utf-8")
COMMANDS = re.findall(r"^    indi-sony (.+)$", TEXT, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_document_can_be_given(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = shlex.split(line)
    try:
        program.parser_for(arguments).parse_args(arguments)
    except SystemExit as ended:
        assert ended.code == 0, capsys.readouterr().err


def test_each_command_stands_in_the_table_with_what_it_does() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", TEXT, re.MULTILINE))
    assert {name: told.get(name) for name in program.COMMANDS} == {
        n: does() for n, (_, does) in program.COMMANDS.items()
    }


def test_each_exit_status_stands_there() -> None:
    assert re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE) == [str(int(status)) for status in Status]
