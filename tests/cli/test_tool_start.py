"""The program's first steps: Ctrl-C while it loads is an end without a word of Python."""

from __future__ import annotations

import builtins
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType

import pytest

from indi_sony_py.cli import main as program
from indi_sony_py.cli import start
from indi_sony_py.cli.status import Status
from indi_sony_py.cli.system.plan import PROGRAMS
from tests.texts.sources import ROOT


def test_ctrl_c_while_it_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def load(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        if name == "indi_sony_py.cli.main":
            raise KeyboardInterrupt
        return real(name, globals, locals, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", load)
    assert start.main() == Status.INTERRUPTED


def test_it_runs_the_command_and_gives_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "main", lambda: 3)
    assert start.main() == 3


def test_next_to_nothing_is_loaded_before_ctrl_c_is_listened_for() -> None:
    script = "import sys; had = set(sys.modules); import indi_sony_py.cli.start; print(*sorted(set(sys.modules) - had))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["__future__", "indi_sony_py", "indi_sony_py.cli", "indi_sony_py.cli.start"]


def test_the_programs_of_pip_and_of_the_package_begin_there() -> None:
    assert PROGRAMS["indi-sony"] == start.__name__
    assert f"indi-sony = {start.__name__}:main" in (ROOT / "setup.cfg").read_text("utf-8")
