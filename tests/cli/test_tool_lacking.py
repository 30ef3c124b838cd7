"""What is lacking: a library (each command says so, or does without), sense in a number, somebody who reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from indi_sony_py.cli import main as program
from indi_sony_py.cli.status import Status
from indi_sony_py.texts import tool
from tests.texts.sources import ROOT

_SCRIPT = """
import sys
from importlib.abc import MetaPathFinder

class Gone(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Gone())
from indi_sony_py.cli.main import main
sys.exit(main(sys.argv[2:]))
"""


def run(gone: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "INDI_SONY_BUS": f"unix:{home}/none"}
    command = [sys.executable, "-c", _SCRIPT, gone, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=100)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.mark.parametrize("gone", ["usb", "numpy"])
def test_doctor_and_report_do_without(gone: str, tmp_path: Path) -> None:
    said = json.loads(run(gone, tmp_path, "doctor", "--json").stdout)
    failed = {check["name"] for check in said["checks"] if check["result"] == "fail"}
    assert {"usb": "pyusb", "numpy": "numpy"}[gone] in failed and said["status"] == 1
    done = run(gone, tmp_path, "report", "--output", str(tmp_path / "a.zip"))
    assert done.returncode == 0 and (tmp_path / "a.zip").stat().st_size > 500


@pytest.mark.parametrize(
    "arguments",
    [("frames", "--last", "-3"), ("frames", "--last", "0"), ("finish", "--limit", "nan"), ("finish", "--limit", "-1")],
)
def test_a_number_that_makes_no_sense_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(arguments)
    assert ended.value.code == Status.WRONG_ARGUMENTS


def test_a_simulated_camera_that_nobody_hears_ends_without_a_false_word(tmp_path: Path) -> None:
    words = ("simulate", "--body", "ILCE-7SM3", "--listen", f"unix:{tmp_path}/bus")
    command = [sys.executable, "-m", "indi_sony_py.cli.main", *words]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=100)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (Status.FAILED, "") and not (tmp_path / "bus").exists()


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_command_that_needs_it_says_so(options: tuple[str, ...], tmp_path: Path) -> None:
    done = run("numpy", tmp_path, "simulate", *options, "--body", "ILCE-7SM3", "--listen", f"unix:{tmp_path}/bus")
    assert done.returncode == 1
    told = json.loads(done.stdout)["error"]["text"] if options else " ".join(done.stderr.split())
    assert tool.NO_MODULE.happened(name="numpy") in told
