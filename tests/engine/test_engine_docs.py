"""docs/ENGINE.md says what the tables say: its diagram, its phases, its rules, and every bounded wait."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import indi_sony_py.engine
from indi_sony_py.engine import (
    adjust,
    fetching,
    handshake,
    liveview,
    moves,
    moving,
    nightly,
    phases,
    step,
    viewing,
    worker,
)
from indi_sony_py.engine.phases import COMMITTED, NEXT, Phase

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "ENGINE.md").read_text(encoding="utf-8")
MODULES = {
    module.__name__.rpartition(".")[2]: module
    for module in (adjust, fetching, handshake, liveview, moving, nightly, step, viewing, worker)
}


def drawn() -> str:
    """The state diagram of the table."""
    lines = ["stateDiagram-v2", f"    [*] --> {Phase.OFFLINE.name}"]
    for phase in Phase:
        lines += [f"    {phase.name} --> {after.name}" for after in Phase if after in NEXT[phase]]
    lines.append("    classDef committed font-weight:bold")
    lines.append(f"    class {','.join(phase.name for phase in Phase if phase in COMMITTED)} committed")
    return "\n".join(lines)


def rows(heading: str) -> list[list[str]]:
    """The cells of the last table under a heading."""
    part = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    begin = max(i for i, line in enumerate(lines) if line.startswith("| ---"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[begin + 1 :]]


def test_the_diagram_is_that_of_the_table() -> None:
    assert f"```mermaid\n{drawn()}\n```" in TEXT, f"docs/ENGINE.md must hold:\n{drawn()}"


def test_the_phases_in_the_words_of_the_module() -> None:
    assert [row[0] for row in rows("Phases")] == [phase.name for phase in Phase]
    for name, says in rows("Phases"):
        assert re.search(rf"\n    {name} +{re.escape(says)}\n", phases.__doc__ or ""), name


def test_the_rules_are_all_there_and_what_they_name_exists() -> None:
    found = rows("The camera rules")
    assert [row[0] for row in found] == [str(number) for number in range(1, 12)]
    for number, _, kept, shown in found:
        for name, handlers in re.findall(r"`(\w+\.py)`((?: `\w+`,?)*)", kept):
            source = (Path(indi_sony_py.engine.__file__).parent / name).read_text(encoding="utf-8")
            for handler in re.findall(r"`(\w+)`", handlers):
                assert f"def {handler}(" in source, f"rule {number}: {name} has no {handler}"
        assert "::" in shown, f"rule {number} is shown by no test"


@pytest.mark.parametrize(("file", "test"), sorted(set(re.findall(r"`(test_\w+)::(test_\w+)`", TEXT))))
def test_each_test_that_is_named_exists(file: str, test: str) -> None:
    (path,) = (ROOT / "tests").rglob(f"{file}.py")
    assert f"def {test}(" in path.read_text(encoding="utf-8")


def own_numbers() -> dict[str, float]:
    """Every constant of the modules that is a number and is made there."""
    found: dict[str, float] = {"moves.Read.limit_s": moves.Read().limit_s}
    for name, module in MODULES.items():
        source = Path(module.__file__ or "").read_text(encoding="utf-8")
        for constant in re.findall(r"^(_?[A-Z][A-Z0-9_]*) = [0-9]", source, re.MULTILINE):
            found[f"{name}.{constant}"] = getattr(module, constant)
    return found


def test_each_bounded_wait_has_its_row() -> None:
    written = {row[0].strip("`"): float(row[1]) for row in rows("Bounded waits")}
    assert written == pytest.approx(own_numbers())
    assert all(len(row) == 4 and row[2] and row[3] for row in rows("Bounded waits")), "what for, and from where"
