"""Programs that the driver starts run the same package, wherever it lies, and are as isolated as the driver."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from indi_sony_py import interpreter

PACKAGE = Path(interpreter.__file__).parent

ASKS = """
import sys
sys.path.insert(0, sys.argv[1])
import subprocess
from indi_sony_py import interpreter
command = interpreter.command("indi_sony_py.told", ["a", "b"])
print(subprocess.check_output(command, text=True, cwd=sys.argv[2]), end="")
"""
TELLS = """
import sys, indi_sony_py
def main(arguments):
    found = "seen" if any(path.endswith("elsewhere") for path in sys.path) else "hidden"
    print(indi_sony_py.__file__, *arguments, sys.flags.isolated, found)
"""


@pytest.mark.parametrize(("options", "isolated", "elsewhere"), [(["-I"], 1, "hidden"), ([], 0, "seen")])
def test_a_package_in_a_folder_of_its_own_starts_itself(
    tmp_path: Path, options: list[str], isolated: int, elsewhere: str
) -> None:
    private, here = tmp_path / "private", tmp_path / "elsewhere"
    for folder in (private, here):
        (folder / "indi_sony_py").mkdir(parents=True)
        shutil.copy(PACKAGE / "__init__.py", folder / "indi_sony_py")
        shutil.copy(PACKAGE / "interpreter.py", folder / "indi_sony_py")
        (folder / "indi_sony_py" / "told.py").write_text(TELLS)
    said = subprocess.check_output(
        [sys.executable, *options, "-c", ASKS, str(private), str(here)], text=True, cwd=here,
        env={**os.environ, "PYTHONPATH": str(here)},
    )  # fmt: skip
    assert said.split() == [str(private / "indi_sony_py" / "__init__.py"), "a", "b", str(isolated), elsewhere]


def test_a_python_that_does_not_know_its_path_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(FileNotFoundError, match="path"):
        interpreter.command("indi_sony_py.hand.process")
