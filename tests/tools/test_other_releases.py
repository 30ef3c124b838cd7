"""The end-to-end tests on another release of Debian: tools/trixie, when it is asked for."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

_TOOL = Path(__file__).parents[2] / "tools" / "trixie"
_CANNOT = 3


@pytest.mark.realtime
@pytest.mark.timeout(7200)
def test_the_end_to_end_tests_pass_on_debian_13() -> None:
    if not os.environ.get("INDI_SONY_TRIXIE"):
        pytest.skip("takes too long for each run: INDI_SONY_TRIXIE=1 asks for it, docs/RIGS.md has the last result")
    done = subprocess.run([str(_TOOL)], capture_output=True, text=True, check=False)
    if done.returncode == _CANNOT:
        pytest.skip(done.stderr.strip().rpartition("\n")[2])
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_tool_refuses_what_it_does_not_know() -> None:
    done = subprocess.run([str(_TOOL), "--what"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.startswith("usage: tools/trixie")
