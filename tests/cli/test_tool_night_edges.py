"""The page of a night with odd names, values that cannot be, and targets that are no files; its size is bounded."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indi_sony_py.cli.page.sheet import MOST_CARDS, page
from indi_sony_py.cli.page.story import tell
from indi_sony_py.hand.nights import Nights
from indi_sony_py.hand.places import Places
from indi_sony_py.texts import tool
from tests.cli.toolrig import run

_DATE = "2026-01-02"
_AT = datetime(2026, 1, 2, 21, tzinfo=UTC)


@pytest.fixture
def record(own_home: Path) -> Nights:
    kept = Nights(Places.of().nights, "usb-1-2")
    kept.write(_AT, "opened", {"exposure": 1, "seconds": 300.0, "type": "Light", "object": "M31 <b>&"})
    return kept


def test_a_file_whose_name_is_no_text(record: Nights, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"/frames/M31 \xff<script>'\".fits")
    record.write(_AT, "file", {"exposure": 1, "path": name, "role": "frame"})
    said = run(capsys, "frames", "--html", str(tmp_path / "night.html"), "--night", _DATE)
    assert said.status == 0
    text = (tmp_path / "night.html").read_text("utf-8")
    assert "M31 \\udcff&lt;script&gt;" in text and "<script" not in text and "M31 &lt;b&gt;&amp;" in text


@pytest.mark.parametrize("kind", ["device", "pipe", "folder"])
def test_what_is_no_file_is_not_replaced(
    record: Nights, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    target = tmp_path / "there"
    match kind:
        case "device":
            target.symlink_to("/dev/null")
        case "pipe":
            os.mkfifo(target)
        case _:
            target.mkdir()
    said = run(capsys, "frames", "--html", str(target), "--night", _DATE)
    assert said.status == 1 and tool.NOT_A_FILE() in said.errors
    assert not target.is_file() and sorted(tmp_path.glob(".*")) == []


def test_a_link_stays_a_link(record: Nights, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "night.html").symlink_to("web/index.html")
    assert run(capsys, "frames", "--html", str(tmp_path / "night.html"), "--night", _DATE).status == 0
    assert (tmp_path / "night.html").is_symlink() and (tmp_path / "web/index.html").is_file()


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00", "9999-12-31T23:59:59", "1970-01-01T00:00:10"])
def test_a_line_of_another_age_is_passed_over(at: str) -> None:
    good = {"at": f"{_DATE}T21:00:00", "camera": "a", "kind": "opened", "exposure": 1, "seconds": 30.0}
    night = tell(_DATE, [{**good, "at": at, "exposure": 2}, good])
    assert [frame.exposure for frame in night.frames] == [1] and len(page(night, {})) < 50_000


@pytest.mark.parametrize("seconds", [1e14, -5.0, float("nan"), float("inf"), 1e6])
def test_a_length_that_no_exposure_has_is_not_known(seconds: float) -> None:
    line = {"at": f"{_DATE}T21:00:00", "camera": "a", "kind": "opened", "exposure": 1, "seconds": seconds}
    night = tell(_DATE, [line])
    assert night.frames[0].seconds == 0.0 and night.span is not None and "</html>" in page(night, {})


def test_two_cameras_of_one_model_are_told_apart() -> None:
    lines: list[dict[str, object]] = []
    for number, (place, model) in enumerate(
        [("usb-1-1", "ILCE-7M3"), ("usb-1-2", "ILCE-7M3"), ("usb-2-1", "ZV-E1")], 1
    ):
        lines.append({"at": f"{_DATE}T21:00:00", "camera": place, "kind": "camera", "state": "ready", "model": model})
        lines.append({"at": f"{_DATE}T21:0{number}:00", "camera": place, "kind": "opened", "exposure": number})
    night = tell(_DATE, lines)
    names = [night.label(camera) for camera in night.cameras]
    assert names == ["ILCE-7M3 (usb-1-1)", "ILCE-7M3 (usb-1-2)", "ZV-E1"]
    assert all(page(night, {}).count(name) == 2 for name in names)


def test_the_page_of_five_thousand_frames_has_the_newest() -> None:
    lines = []
    for number in range(1, 5001):
        at = (_AT + timedelta(seconds=5 * number)).strftime("%Y-%m-%dT%H:%M:%S")
        lines.append({"at": at, "camera": "a", "kind": "opened", "exposure": number, "seconds": 2.0, "type": "Light"})
    text = page(tell(_DATE, lines), {})
    assert text.count("<article") == MOST_CARDS and 'id="f5000"' in text and len(text) < 4_000_000
