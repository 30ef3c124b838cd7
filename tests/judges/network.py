"""Simulated cameras in the network, for judges: what they were asked, and the files as they made them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tools.rig import Rig, Simulator, own_environment

__all__ = ["FOREIGN_HABITS", "gphoto2", "kept", "network_camera", "ours_broken", "version_of"]

LIMIT_S = 100.0
FOREIGN_HABITS = frozenset({"R-RELEASED-FIRST", "R-PRIORITY-LEFT"})
"""Rules that libgphoto2 does not know: it writes no release before the first press, and keeps priority when it leaves.
Real bodies take photos from it all the same (docs/JUDGES.md)."""


def network_camera(rig: Rig, body: str, **options: str | float | bool) -> Simulator:
    """A camera at a port of its own that keeps its files in `kept`."""
    folder = rig.folder / "kept"
    folder.mkdir(exist_ok=True)
    return rig.camera("", network=True, body=body, keep=str(folder), **options)


def kept(rig: Rig) -> list[Path]:
    """The files as the camera made them, in their order."""
    return sorted((rig.folder / "kept").iterdir())


def ours_broken(camera: Simulator) -> list[str]:
    """Rules that were broken beyond the judge's known habits."""
    return [row["rule"] for row in camera.broken_rules() if row["rule"] not in FOREIGN_HABITS]


def port_of(camera: Simulator) -> str:
    """The port as libgphoto2 names it; the second number is for the events, which else go to 15740."""
    return f"ptpip:127.0.0.1:{camera.port}:{camera.port}"


def gphoto2(rig: Rig, camera: Simulator, *words: str) -> str:
    """What Debian's gphoto2 printed. A status other than 0 fails the test."""
    program = shutil.which("gphoto2")
    if program is None:
        pytest.skip("gphoto2 is not installed (Debian package gphoto2)")
    command = [program, "--port", port_of(camera), "--camera", "PTP/IP Camera", *words]
    done = run(command, own_environment(rig.folder, LC_ALL="C"), rig.folder)
    assert done.returncode == 0, f"{words}: status {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def run(command: Sequence[str], env: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A judge, with a limit: over PTP/IP some of its waits have none."""
    return subprocess.run(
        command, env=env, cwd=folder, capture_output=True, text=True, errors="replace", timeout=LIMIT_S, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def version_of(*command: str) -> str:
    """The first line of what a program says of its version; "missing" without it."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except FileNotFoundError:
        return "missing"
    return next((line.strip() for line in done.stdout.splitlines() if line.strip()), "unknown")
