"""The record of a night: what a hand writes of its frames, within its bounds, and whatever happens to the file."""

from __future__ import annotations

import json
import logging
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indi_sony_py.engine.messages import Abort, Expose, ExposureRequest, Level, Notice
from indi_sony_py.hand import nights as module
from indi_sony_py.hand.diary import Diary
from indi_sony_py.hand.messages import FrameReady, FrameSaved, Looked
from indi_sony_py.hand.nights import KEEP, Nights, nights, read_night
from tests.hand.handrig import Rig

_AT = datetime(2026, 1, 2, 21, 3, 4, 123456, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    __import__("time").tzset()


def _lines(rig: Rig) -> list[dict[str, object]]:
    folder = rig.places.nights
    return [line for night in nights(folder) for line in read_night(folder, night)]


def test_a_frame_leaves_its_story(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    face = rig.ready()
    rig.expose(5.0, 7, cards=(("OBJECT", "M31", ""),))
    rig.until(lambda: bool(face.all(FrameReady)))
    rig.step()
    story = [line for line in _lines(rig) if line.get("exposure") == 7]
    assert [line["kind"] for line in story] == ["opened", "frame", "delivered"]
    opened, frame, _ = story
    assert (opened["asked"], opened["seconds"], opened["type"], opened["object"]) == (5.0, 5.0, "Light", "M31")
    assert opened["camera"] == "sim-0" and opened["device"] == "Sony Alpha"
    assert (frame["exposed"], frame["form"], frame["iso"]) == (5.0, ".fits", face.last(FrameReady).facts.iso)  # type: ignore[union-attr]
    assert any(line["kind"] == "battery" for line in _lines(rig))
    assert [line["state"] for line in _lines(rig) if line["kind"] == "camera"][-1] == "ready"


def test_what_goes_wrong_is_in_it(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    face = rig.ready()
    rig.expose(600.0, 1, upload="local", folder=str(tmp_path / "mine"), prefix="M31_XXX")
    rig.until(lambda: any(line["kind"] == "opened" for line in _lines(rig)))
    face.end.send(Abort())
    rig.until(lambda: any(line["kind"] == "aborted" for line in _lines(rig)))
    rig.expose(1.0, 2, upload="local", folder="/proc/none", prefix="M31_XXX")
    rig.until(lambda: bool(face.all(FrameSaved)))
    (saved,) = [line for line in _lines(rig) if line["kind"] == "file"]
    assert saved["rescued"] is True and "/proc/none" in str(saved["text"]) and saved["exposure"] == 2
    assert Path(str(saved["path"])).is_file()


def test_nothing_of_the_camera_or_the_user_that_a_page_must_not_show(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    face = rig.ready()
    rig.expose(1.0, 3)
    rig.until(lambda: bool(face.all(FrameReady)))
    text = json.dumps(_lines(rig))
    facts = face.last(FrameReady).facts
    assert facts is not None and facts.serial and facts.serial not in text


def test_the_night_begins_at_noon(tmp_path: Path) -> None:
    made = Nights(tmp_path, "usb-1-1")
    for hours in (-10, 0, 5, 14, 15.5):
        made.write(_AT + timedelta(hours=hours), "told", {"text": str(hours)})
    assert nights(tmp_path) == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert [line["text"] for line in read_night(tmp_path, "2026-01-02")] == ["0", "5", "14"]


def test_lines_that_were_cut_off_cost_only_themselves(tmp_path: Path) -> None:
    made = Nights(tmp_path, "usb-1-1")
    made.write(_AT, "told", {"text": "one"})
    path = tmp_path / "2026-01-02.jsonl"
    with path.open("ab") as file:
        file.write(b'{"at": "2026-01-02T21:03:05.000", "cam')
    made.write(_AT, "told", {"text": "two"})
    with path.open("ab") as file:
        file.write(b'\xff\xfe\n[1]\n{"at": 1, "camera": "x", "kind": "y"}\n' + b"[" * 5000 + b"\n")
    made.write(_AT, "told", {"text": "three"})
    assert [line["text"] for line in read_night(tmp_path, "2026-01-02")] == ["one", "two", "three"]


def test_a_night_has_its_bound_and_faults_have_a_reserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 2000)
    monkeypatch.setattr(module, "RESERVE", 1000)
    made = Nights(tmp_path, "usb-1-1")
    for number in range(100):
        made.write(_AT, "frame", {"exposure": number})
    assert (tmp_path / "2026-01-02.jsonl").stat().st_size <= 2000
    for number in range(100):
        made.write(_AT, "failed", {"exposure": number, "text": "x" * 5000})
    assert 2000 < (tmp_path / "2026-01-02.jsonl").stat().st_size <= 3000
    kinds = [line["kind"] for line in read_night(tmp_path, "2026-01-02")]
    assert kinds.count("failed") >= 1


def test_old_nights_go_and_their_pictures_with_them(tmp_path: Path) -> None:
    for day in range(KEEP + 5):
        at = _AT + timedelta(days=day)
        made = Nights(tmp_path, "usb-1-1")
        place = made.picture(at, 5)
        assert place is not None
        place.with_suffix(".jpg").write_bytes(b"")
        made.write(at, "told", {"text": "x"})
    assert len(nights(tmp_path)) == KEEP
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == nights(tmp_path)
    assert nights(tmp_path)[-1] == (_AT + timedelta(days=KEEP + 4)).strftime("%Y-%m-%d")


def test_a_clock_that_jumps_back_loses_no_newer_night(tmp_path: Path) -> None:
    for day in range(KEEP):
        Nights(tmp_path, "usb-1-1").write(_AT + timedelta(days=day), "told", {"text": "x"})
    Nights(tmp_path, "usb-1-1").write(_AT - timedelta(days=4000), "told", {"text": "old clock"})
    assert len(nights(tmp_path)) == KEEP
    assert read_night(tmp_path, "2015-01-20")[0]["text"] == "old clock"


def test_several_processes_write_into_one_night(tmp_path: Path) -> None:
    def fill(camera: str) -> None:
        made = Nights(tmp_path, camera)
        for number in range(200):
            made.write(_AT, "frame", {"exposure": number, "text": "y" * 300})

    threads = [threading.Thread(target=fill, args=(f"usb-1-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = read_night(tmp_path, "2026-01-02")
    assert len(lines) == 800
    for n in range(4):
        assert [line["exposure"] for line in lines if line["camera"] == f"usb-1-{n}"] == list(range(200))


@pytest.mark.skipif(os.getuid() != 0, reason="the folder is made unusable by a file in its place")
def test_a_record_that_cannot_be_written_is_said_once_and_costs_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(tmp_path)
    rig.places.state.mkdir()
    (rig.places.state / "nights").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        face = rig.ready()
        rig.expose(1.0, 3, look="save")
        rig.until(lambda: bool(face.all(Looked)))
    said = [record for record in caplog.records if "record of the night" in record.message]
    assert len(said) == 1
    assert face.all(FrameReady) and face.last(Looked).glance is not None and face.last(Looked).picture == ""


def test_what_the_diary_cannot_tell_reaches_nobody_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(tmp_path)
    diary = Diary(rig.clock, Nights(tmp_path, "sim-0"))
    with caplog.at_level(logging.ERROR):
        diary.overheard(Expose(ExposureRequest(1, 2.0)))
        diary.overheard(Notice(Level.WARNING, "a\nb" * 500))
        diary.overheard(Notice(Level.INFO, "nothing"))
    (line,) = read_night(tmp_path, nights(tmp_path)[0])
    assert line["level"] == "WARNING" and len(line["text"]) == 600


def test_random_bytes_are_no_night(tmp_path: Path) -> None:
    (tmp_path / "2026-01-02.jsonl").write_bytes(os.urandom(20000))
    assert read_night(tmp_path, "2026-01-02") == []
    assert read_night(tmp_path, "2026-01-03") == []
    os.mkfifo(tmp_path / "2026-01-04.jsonl")
    assert read_night(tmp_path, "2026-01-04") == []
