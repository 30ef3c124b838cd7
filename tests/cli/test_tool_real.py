"""The programs as they are started by somebody: a report of one process is played by another. Starts processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from indi_sony_py.cli.status import Status
from tests.hand.realrig import ROOT, Camera, until

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


def test_two_cameras_at_once_are_asked_about_and_told_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    cameras = [
        Camera(tmp_path / "a", "--serial", "0001111"),
        Camera(tmp_path / "b", "--serial", "0002222", body="ILCE-6000"),
    ]
    bus = ("--bus", ",".join(f"unix:{camera.bus}" for camera in cameras))
    try:
        assert [(row["model"], row["serial"]) for row in tool("list", *bus)["cameras"]] == [
            ("ILCE-7SM3", "1111"), ("ILCE-6000", "2222"),
        ]  # fmt: skip
        asked = tool("shoot", "1", *bus, "--folder", str(tmp_path))
        assert asked["status"] == Status.WRONG_ARGUMENTS and cameras[1].key in asked["error"]["do"]
        shot = tool("shoot", "1", *bus, "--folder", str(tmp_path), "--camera", "2222")
        assert shot["camera"] == {"key": cameras[1].key, "model": "ILCE-6000", "serial": "2222"}
        assert [len(camera.truth()) for camera in cameras] == [0, 1]
        assert cameras[0].broken() == cameras[1].broken() == []
    finally:
        for camera in cameras:
            camera.child.stop()


def test_live_view_is_served_until_a_signal(tmp_path: Path) -> None:
    camera = Camera(tmp_path)
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{place.getsockname()[1]}/"
        command = [sys.executable, "-m", "indi_sony_py.cli.main", "live", "--bus", f"unix:{camera.bus}", "--json"]
        command += ["--port", str(place.getsockname()[1])]

    def get(name: str) -> bytes:
        with suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(url + name, timeout=20) as answer:
            found: bytes = answer.read()
            return found
        return b""

    def star() -> Any:
        told = get("status.json")
        return told and json.loads(told).get("star")

    with subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert until(star, 60, "star in live view")["hfr"] > 0.5
            assert get("frame.jpg").startswith(b"\xff\xd8")
            child.send_signal(signal.SIGINT)
            told = json.loads(child.communicate(timeout=60)[0])
        finally:
            child.kill()
    try:
        assert child.returncode == 0 and told["ok"] and told["frames"] > 1 and told["star"]
        assert camera.broken() == []
    finally:
        camera.child.stop()
