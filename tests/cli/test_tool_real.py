"""The programs as they are started by somebody: a report of one process is played by another. Starts processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hand.realrig import ROOT, Camera

pytestmark = pytest.mark.realtime


def tool(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "indi_sony_py.cli.main", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=100, check=False)
    assert done.stderr == "", done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_report_made_by_one_process_is_played_by_another(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    report = str(tmp_path / "report.zip")
    camera = Camera(tmp_path / "a", "--serial", "3456789", body="ILCE-6000")
    try:
        made = tool("report", "--bus", f"unix:{camera.bus}", "--output", report)
        assert made["camera"] is True and camera.broken() == []
    finally:
        camera.child.stop()
    played = Camera(tmp_path / "b", body=report)
    try:
        shot = tool("shoot", "1", "--bus", f"unix:{played.bus}", "--folder", str(tmp_path))
        assert (shot["camera"]["model"], shot["camera"]["serial"]) == ("ILCE-6000", "")
        assert Path(shot["frames"][0]["path"]).read_bytes().startswith(b"SIMPLE")
        assert played.broken() == []
    finally:
        played.child.stop()
