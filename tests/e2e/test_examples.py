"""The examples of docs/examples do what they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.e2e.frames import finished_presses, read_fits
from tools.rig import Rig

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


def run(rig: Rig, *words: object) -> str:
    command = [str(word) for word in words]
    done = subprocess.run(
        command, env=rig.environment(), capture_output=True, text=True, timeout=90, check=False, cwd=rig.folder
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout


def test_a_frame_is_taken_with_the_python_client(rig: Rig) -> None:
    camera = rig.camera(body="ILCE-7SM3")
    server = rig.server()
    path = rig.folder / "frame.fits"
    said = run(rig, sys.executable, EXAMPLES / "take_frame.py", 0.5, path, "127.0.0.1", server.port)
    header, _ = read_fits(path.read_bytes())
    assert header["EXPTIME"] == 0.5 and "frame.fits: " in said
    finished_presses(camera, 1)


def test_frames_are_taken_with_the_shell_alone(rig: Rig) -> None:
    camera = rig.camera(body="ILCE-7SM3")
    server = rig.server()
    folder = rig.folder / "night"
    folder.mkdir()
    said = run(rig, "sh", EXAMPLES / "night.sh", 2, 0.5, folder, server.port)
    assert sorted(path.name for path in folder.iterdir()) == ["night_001.fits", "night_002.fits"]
    assert str(folder / "night_002.fits") in said
    finished_presses(camera, 2)
