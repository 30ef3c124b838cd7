"""What is computed for a Raspberry Pi, and that its document says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.picost import BOARDS, KINDS, Board, Kind, Unavailable, computed_s, counted, main

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "PERFORMANCE.md").read_text("utf-8")
COUNTED = {"uncompressed": 1.2, "lossy": 10.7, "lossless": 35.9}


def test_the_longer_of_work_and_memory_counts() -> None:
    board = Board("any", 1e9, 4, 1e9, 1.0)
    work = Kind("any", bytes, 2.0, 1.0)
    assert computed_s(board, work, 10.0, 1e6, 1) == pytest.approx(0.010)
    assert computed_s(board, work, 10.0, 1e6, 4) == pytest.approx(0.0025)
    assert computed_s(board, work, 1.0, 1e6, 4) == pytest.approx(0.00225), "memory is shared"


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
@pytest.mark.parametrize("megapixels", [24, 61])
def test_the_document_says_what_is_computed(board: Board, megapixels: int) -> None:
    row = re.search(rf"^\| {board.name.removeprefix('Raspberry ')}, {megapixels} MP \| (.*) \|$", TEXT, re.MULTILINE)
    assert row is not None
    kinds = (("uncompressed", 1), ("lossy", 1), ("lossy", 4), ("lossless", 1), ("lossless", 4))
    made = [computed_s(board, KINDS[name], COUNTED[name], megapixels * 1e6, cores) for name, cores in kinds]
    assert [int(each) for each in row[1].split(" | ")] == [round(each * 1e3) for each in made]


def test_without_the_tools_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(Unavailable, match="is missing here"):
        counted(tmp_path)
    assert main() == 3
    assert capsys.readouterr().err.startswith("picost: ")
