"""The end-to-end tests on another release of Debian: tools/trixie, when it is asked for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.tools.ownroot import passes_when_asked

_TOOL = Path(__file__).parents[2] / "tools" / "trixie"


@pytest.mark.realtime
@pytest.mark.timeout(7200)
def test_the_end_to_end_tests_pass_on_debian_13() -> None:
    passes_when_asked(_TOOL, "INDI_SONY_TRIXIE")


def test_the_tool_refuses_what_it_does_not_know() -> None:
    done = subprocess.run([str(_TOOL), "--what"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.startswith("usage: tools/trixie")
