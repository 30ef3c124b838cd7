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
