"""tools/bench: figures of each path that is asked for, as multiples of a copy."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tools.bench import main


def test_figures_of_one_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cores, descriptors = os.sched_getaffinity(0), len(os.listdir("/proc/self/fd"))
    told = tmp_path / "figures.json"
    words = ["ILCE-7SM3:uncompressed", "--rounds", "1", "--path", "develop", "--json", str(told)]
    assert main([*words, "--cores", "1"]) == 0
    figures = json.loads(told.read_text())["figures"]
    assert [(each["path"], each["cores"]) for each in figures] == [("memcpy", 1), ("develop", 1)]
    assert figures[0]["copies"] == 1.0 and all(each["best_ms"] > 0 for each in figures)
    assert "ILCE-7SM3 uncompressed, 12.1 MP, 1 of" in capsys.readouterr().out
    assert os.sched_getaffinity(0) == cores and len(os.listdir("/proc/self/fd")) == descriptors


@pytest.mark.parametrize("words", [["ILCE-7SM3:jpeg"], ["ILCE-0"], ["--path", "magic"]])
def test_what_cannot_be_measured_is_said(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "bench: " in capsys.readouterr().err


def test_what_is_left_behind_the_last_byte(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "figures.json"
    words = ["overlap", "ILCE-7SM3:uncompressed", "--rounds", "1", "--speed", "1000", "--json", str(told)]
    assert main([*words, "--cores", "2"]) == 0
    (figure,) = json.loads(told.read_text())["figures"]
    assert (figure["file"], figure["megabytes_s"]) == ("ILCE-7SM3 uncompressed", 1000)
    assert figure["behind_ms"] > 0 and figure["without_ms"] > 0 and figure["develop_ms"] > 0
    assert "1000 MB/s" in capsys.readouterr().out


def test_how_late_a_release_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "figures.json"
    assert main(["bulb", "ILCE-7SM3:uncompressed", "--count", "20", "--cores", "1", "--json", str(told)]) == 0
    figures = json.loads(told.read_text())["figures"]
    assert [(each["who"], each["load"] == "none") for each in figures] == [
        ("release", True), ("bare sleep", True), ("release", False), ("bare sleep", False),
    ]  # fmt: skip
    assert all(0 <= each["median_ms"] <= each["p999_ms"] <= each["worst_ms"] for each in figures)
    assert "1 cores, release" in capsys.readouterr().out


@pytest.mark.realtime
def test_what_the_drivers_processes_cost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "figures.json"
    words = ["driver", "ILCE-7SM3:uncompressed", "--starts", "1", "--frames", "1", "--idle", "0.2", "--json", str(told)]
    assert main(words) == 0
    (figure,) = json.loads(told.read_text())["figures"]
    assert figure["first_property_ms"] > 0 and figure["face_start_mb"] > 5 and figure["hand_ready_mb"] > 5
    assert figure["file_mb"] > 20 and figure["frame_mb"] > 20
    assert figure["hand_peak_mb"] > figure["frame_mb"]
    assert "first property" in capsys.readouterr().out
