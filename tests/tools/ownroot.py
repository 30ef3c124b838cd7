"""Tools that run the suite in a root of another kind: for hours, so only when somebody asks for it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

__all__ = ["passes_when_asked"]

_CANNOT = 3


def passes_when_asked(tool: Path, variable: str) -> None:
    """Run it, if `variable` is set; skip with its own reason where it cannot be done here."""
    if not os.environ.get(variable):
        pytest.skip(f"takes too long for each run: {variable}=1 asks for it, docs/RIGS.md has the last result")
    done = subprocess.run([str(tool)], capture_output=True, text=True, check=False)
    if done.returncode == _CANNOT:
        pytest.skip(done.stderr.strip().rpartition("\n")[2])
    assert done.returncode == 0, done.stdout[-4000:]
