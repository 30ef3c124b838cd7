"""A minute of what `tools/soak` does for hours: every frame true and in order, nothing grows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tools import soak


def test_a_short_soak_is_flat(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("indiserver") is None:
        pytest.skip("indiserver is not installed (Debian package indi-bin)")
    path = tmp_path / "report.json"
    options = ["--minutes", "0", "--at-least", "20", "--exposure", "0.1", "--body", "ILCE-7SM3"]
    status = soak.main([*options, "--report", str(path)])
    with capsys.disabled():
        print(capsys.readouterr().out)
    report = json.loads(path.read_text())
    assert report["failures"] == []
    assert status == 0 and report["frames"] == 20 and report["restarts"] == 0
    assert {name.split()[0] for name in report["processes"]} == {"indiserver", "driver", "hand", "simulated"}
