"""docs/SIMULATOR.md names each option, command, argument, fault kind, rule and state key, and no other."""

from __future__ import annotations

import argparse
import json
import re
import tomllib
from pathlib import Path

import pytest

from indi_sony_py.cli import simulate
from indi_sony_py.sim.control import COMMANDS, answer_line
from indi_sony_py.sim.faultkinds import KINDS, Hook
from indi_sony_py.sim.faults import parse
from indi_sony_py.sim.referee import RULES
from tests.sim.plain_client import a7s3

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "SIMULATOR.md").read_text()
KNOBS = ("K1", "K2", "K3", "K4", "K5", "K6", "K7", "K8", "K9", "K10", "K11", "K12", "F")
WHERE = {
    Hook.COMMAND: "command", Hook.SET: "set", Hook.PRESS: "press", Hook.PHOTO: "photo", Hook.EVENT: "event",
    Hook.LISTED: "start", Hook.ANY: "any",
}  # fmt: skip


def rows(head: str) -> list[list[str]]:
    """The cells of the table whose first column is called `head`."""
    table = TEXT.split(f"\n| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def options() -> set[str]:
    parser = argparse.ArgumentParser(add_help=False)
    simulate.add(parser)
    return {action.option_strings[0] for action in parser._actions}


def test_options() -> None:
    assert {named(row[0])[0].split()[0] for row in rows("option")} == options()


def test_commands_and_their_arguments() -> None:
    found = {named(row[0])[0]: row for row in rows("command")}
    assert set(found) == set(COMMANDS)
    for name, row in found.items():
        assert set(named(row[1])) == set(COMMANDS[name].args)
        assert row[2] == COMMANDS[name].says
        for choices in COMMANDS[name].choices.values():
            assert ", ".join(choices) in row[1]


def test_fault_kinds_and_their_arguments() -> None:
    found = {named(row[0])[0]: row for row in rows("kind")}
    assert set(found) == set(KINDS)
    for kind, (_, where, arguments, says) in found.items():
        assert where == WHERE[KINDS[kind].hook] and says == KINDS[kind].says
        shown = tomllib.loads("\n".join(named(arguments)))
        assert shown == dict(KINDS[kind].args)


def test_rules() -> None:
    found = {named(row[0])[0]: tuple(row[1:]) for row in rows("rule")}
    assert found == {rule.id: (rule.says, rule.source) for rule in RULES.values()}


def test_each_knob_has_rows_that_exist() -> None:
    found = {row[0]: row[2] for row in rows("knob")}
    assert tuple(found) == KNOBS
    for knob, cell in found.items():
        kinds = [name for name in named(cell) if name in KINDS]
        assert kinds and set(named(cell)) <= set(KINDS) | set(COMMANDS) | options()
        assert {kind.id for kind in KINDS.values() if knob in kind.knob.split()} <= set(kinds), knob


def test_the_state_is_told_whole() -> None:
    state = json.loads(answer_line(a7s3().camera, '{"command": "state"}'))
    shown = TEXT.split("`state` answers, beside `ok`:", 1)[1].split("\n\n", 1)[0]
    assert set(named(shown)) == set(state) - {"ok"}


def test_the_examples_work() -> None:
    files = [part.split("```", 1)[0] for part in TEXT.split("```toml\n")[1:]]
    rows_of_files = [parse(tomllib.loads(toml)["fault"]) for toml in files]
    assert [len(found) for found in rows_of_files] == [2, 6]
    for found in rows_of_files:
        a7s3(*found)
    lines = [line.strip() for line in TEXT.splitlines() if line.startswith(('    {"command"', '    {"ok"'))]
    h = a7s3()
    for request, answer in zip(lines[::2], lines[1::2], strict=True):
        assert json.loads(answer_line(h.camera, request)) == json.loads(answer)


@pytest.mark.parametrize("place", re.findall(r"\]\(([A-Za-z-]+\.md)\)", TEXT))
def test_links_lead_somewhere(place: str) -> None:
    assert (DOCS / place).exists()
