"""Cameras are found by a search, in a network of the test's own: its ports are free, and nobody else hears of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIMIT_S = 240.0
NEW_NETWORK = 'ip link set lo up || exit 77; exec "$0" -m tests.e2e.found_inside'


def test_cameras_that_nobody_named_are_found_and_one_takes_a_frame() -> None:
    for program in ("unshare", "ip", "indiserver"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} here")
    order = ["unshare", "-n", "sh", "-c", NEW_NETWORK, sys.executable]
    done = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if done.returncode == 77 or done.stderr.startswith("unshare"):
        pytest.skip(f"no network of its own can be had here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr[-3000:]
