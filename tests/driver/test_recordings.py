"""Recordings of live view as a client makes them: SER files that hold each frame, whatever comes in between."""

from __future__ import annotations

import itertools
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indi_sony_py.driver.recording import expanded
from indi_sony_py.hand.recorder import Recorder
from indi_sony_py.image import files
from indi_sony_py.image.ser import HEAD_BYTES, decode_head, ticks
from tests.looking import SIZE, frames, number_of, show, stream_on
from tests.stage import Stage

BYTES = SIZE[0] * SIZE[1] * 3


def recordings(stage: Stage) -> list[Path]:
    return sorted(stage.home.rglob("*.ser"))


def read(path: Path, size: tuple[int, int] = SIZE) -> list[int]:
    """The numbers of the pictures in a file, which is whole."""
    data = path.read_bytes()
    head = decode_head(data)
    assert (head["width"], head["height"], head["bits"], head["color"]) == (*size, 8, 100)
    count, length = int(str(head["frames"])), size[0] * size[1] * 3
    assert len(data) == HEAD_BYTES + count * (length + 8)
    times = struct.unpack(f"<{count}q", data[HEAD_BYTES + count * length :])
    assert list(times) == sorted(times)
    return [number_of(data[at : at + length], ".stream") for at in range(HEAD_BYTES, len(data) - 8 * count, length)]


def in_a_row(numbers: list[int], step: int = 1) -> bool:
    return all((b - a) % 48 == step for a, b in itertools.pairwise(numbers))


def done(stage: Stage, limit_s: float = 60.0) -> None:
    stage.until(lambda: stage.client["RECORD_STREAM"].state != "Busy", limit_s)


@pytest.mark.parametrize("streams", [True, False])
def test_so_many_frames_with_and_without_a_stream(streams: bool) -> None:
    with Stage("ILCE-7SM3") as stage:
        show(stage)
        stage.connect()
        if streams:
            stage.client.switch("CCD_VIDEO_STREAM", "STREAM_ON")
        stage.client.number("RECORD_OPTIONS", RECORD_FRAME_TOTAL=40)
        stage.client.text("FITS_HEADER", FITS_OBSERVER="Ada")
        stage.client.switch("RECORD_STREAM", "RECORD_FRAME_ON")
        stage.settle()
        assert (stage.client["RECORD_STREAM"].state, stage.client["RECORD_STREAM"].chosen) == (
            "Busy",
            "RECORD_FRAME_ON",
        )
        done(stage)
        (path,) = recordings(stage)
        numbers = read(path)
        assert len(numbers) == 40 and in_a_row(numbers)
        head = decode_head(path.read_bytes())
        assert (head["observer"], head["instrument"]) == ("Ada", "ILCE-7SM3")
        began = ticks(stage.clock.utc())
        assert 0 < began - int(str(head["utc"])) < 60 * 10_000_000
        mirror = stage.client["RECORD_STREAM"]
        assert (mirror.state, mirror.chosen) == ("Idle", "RECORD_OFF")
        assert any("40 frames of live view" in text and str(path) in text for text in stage.client.texts)
        before = len(frames(stage))
        stage.run(2.0)
        assert bool(len(frames(stage)) - before) is streams
        stage.assert_clean()


def test_for_a_time_and_until_off() -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage, fps=1)
        stage.client.number("RECORD_OPTIONS", RECORD_DURATION=4)
        stage.client.switch("RECORD_STREAM", "RECORD_DURATION_ON")
        done(stage)
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        stage.run(3.0)
        stage.client.switch("RECORD_STREAM", "RECORD_OFF")
        done(stage)
        first, second = recordings(stage)
        assert 116 <= len(read(first)) <= 121
        assert 80 <= len(read(second)) <= 95 and in_a_row(read(second))


def test_a_recording_alone_tells_how_many_come() -> None:
    with Stage("ILCE-7SM3") as stage:
        show(stage)
        stage.connect()
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        stage.run(6.0)
        assert stage.client["FPS"].number("AVG_FPS") == pytest.approx(29.4, abs=1.0)
        stage.client.switch("RECORD_STREAM", "RECORD_OFF")
        done(stage)
        assert stage.client["FPS"].number("AVG_FPS") == 0 and not frames(stage)


def test_a_photo_in_between_is_taken_and_the_recording_goes_on() -> None:
    with Stage("ILCE-7M3") as stage:
        show(stage)
        stage.connect()
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        stage.run(4.0)
        assert stage.expose(2.0).serial == 1
        stage.run(4.0)
        stage.client.switch("RECORD_STREAM", "RECORD_OFF")
        done(stage)
        assert len(read(recordings(stage)[0])) > 100
        stage.assert_clean()


def test_what_a_recording_depends_on_stays_while_it_runs() -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        stage.client.number("CCD_STREAM_FRAME", X=0, Y=0, WIDTH=20, HEIGHT=16)
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        stage.run(1.0)
        stage.client.number("CCD_STREAM_FRAME", X=0, Y=0, WIDTH=64, HEIGHT=48)
        stage.client.number("RECORD_OPTIONS", RECORD_DURATION=99)
        stage.client.switch("RECORD_STREAM", "RECORD_FRAME_ON")
        stage.run(1.0)
        assert len([text for text in stage.client.texts if "this stays as it is" in text]) == 3
        assert stage.client["RECORD_STREAM"].chosen == "RECORD_ON"
        assert stage.client["RECORD_OPTIONS"].number("RECORD_DURATION") == 1
        stage.client.switch("RECORD_STREAM", "RECORD_OFF")
        done(stage)
        assert len(read(recordings(stage)[0], (20, 16))) > 40


def test_where_it_goes_and_that_nothing_is_overwritten() -> None:
    with Stage("ILCE-7SM3") as stage:
        show(stage)
        stage.connect()
        stage.client.text("RECORD_FILE", RECORD_FILE_NAME="a/b")
        stage.settle()
        assert stage.client["RECORD_FILE"].state == "Alert"
        assert any("cannot be a path" in text for text in stage.client.texts)
        stage.client.text("RECORD_FILE", RECORD_FILE_DIR=str(stage.home / "moon _D_"), RECORD_FILE_NAME="moon.ser")
        for _ in range(2):
            stage.client.switch("RECORD_STREAM", "RECORD_FRAME_ON")
            stage.settle()
            done(stage)
        names = [str(path.relative_to(stage.home)) for path in recordings(stage)]
        assert names == ["moon 2026-01-15/moon.ser", "moon 2026-01-15/moon_1.ser"]


def test_marks_in_names() -> None:
    utc = datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC)
    assert expanded("a_D_", utc, "") == "a2026-03-01" and expanded("a_H_b", utc, "") == "a04-05-06b"
    assert expanded("indi_record__T_", utc, "") == "indi_record_2026-03-01@04-05-06"
    assert expanded("x_F_", utc, "") == "x_F_" and expanded("x_F_", utc, "Ha/OIII") == "xHa-OIII"


def test_a_picture_that_changes_its_size_ends_it_with_what_there_is() -> None:
    with Stage("ILCE-7SM3") as stage:
        show(stage)
        stage.connect()
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        stage.run(5.0)
        show(stage, (32, 24))
        done(stage)
        assert stage.client["RECORD_STREAM"].state == "Alert"
        assert any("changed its size" in text for text in stage.client.texts)
        assert len(read(recordings(stage)[0])) > 30


def test_a_disk_that_takes_no_more_leaves_whole_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    with Stage("ILCE-7SM3") as stage:
        show(stage)
        stage.connect()
        room = [HEAD_BYTES + 10 * BYTES + 1000]
        put = Recorder._put

        def full(self: Recorder, fd: int, data: bytes, at: int) -> None:
            if at + len(data) > room[0]:
                put(self, fd, data[: max(0, room[0] - at)], at)
                raise OSError(28, "No space left on device")
            put(self, fd, data, at)

        monkeypatch.setattr(Recorder, "_put", full)
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        stage.until(lambda: stage.client["RECORD_STREAM"].state == "Alert", 30.0)
        assert any("space" in text for text in stage.client.texts)
        (path,) = recordings(stage)
        assert len(read(path)) == 10


def test_a_folder_without_a_root_lies_where_the_driver_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Stage("ILCE-7SM3") as stage:
        show(stage)
        stage.connect()
        stage.client.text("RECORD_FILE", RECORD_FILE_DIR="moon", RECORD_FILE_NAME="moon.ser")
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        stage.run(6.0)
        stage.client.switch("RECORD_STREAM", "RECORD_OFF")
        stage.until((tmp_path / "moon" / "moon.ser").exists, 10.0)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    with Stage("ILCE-7SM3") as stage:
        show(stage)
        stage.connect()
        (tmp_path / "file").write_text("")
        stage.client.text("RECORD_FILE", RECORD_FILE_DIR=str(tmp_path / "file" / "below"))
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        stage.until(lambda: stage.client["RECORD_STREAM"].state == "Alert", 10.0)
        assert stage.client["RECORD_STREAM"].chosen == "RECORD_OFF"
        assert any("below" in text for text in stage.client.texts)


def test_ends_of_the_driver_of_the_connection_and_of_the_hand() -> None:
    with Stage("ILCE-7SM3") as stage:
        show(stage)
        stage.connect()
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        stage.run(6.0)
        stage.kill_face()
        stage.run(10.0)
        (first,) = recordings(stage)
        assert len(read(first)) > 60
        stage.start_face()
        stage.connect()
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        stage.run(6.0)
        stage.client.disconnect()
        stage.run(10.0)
        second = next(path for path in recordings(stage) if path != first)
        assert len(read(second)) > 60
        assert any(str(second) in text and "frames of live view" in text for text in stage.client.texts)
        stage.connect()
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        stage.run(6.0)
        stage.kill_hand()
        stage.until(lambda: stage.client["RECORD_STREAM"].state == "Alert", 60.0)
        third = next(path for path in recordings(stage) if path not in (first, second))
        assert any("cut short" in text and str(third) in text for text in stage.client.texts)
        head = decode_head(third.read_bytes())
        assert int(str(head["frames"])) >= 30 and third.stat().st_size >= HEAD_BYTES + int(str(head["frames"])) * BYTES
        stage.run(10.0)
        assert stage.client["CONNECTION"].state == "Ok"
        stage.assert_clean()


def test_damaged_frames_are_left_out_and_counted() -> None:
    with Stage("ILCE-7SM3") as stage:
        show(stage)
        stage.connect()
        whole = stage.camera.camera.live.pictures
        turn = itertools.count()

        def often_cut() -> bytes:
            jpeg = whole()
            assert jpeg is not None
            return jpeg[: len(jpeg) // 2] if next(turn) % 4 == 0 else jpeg

        stage.camera.camera.live.pictures = often_cut
        stage.client.switch("RECORD_STREAM", "RECORD_FRAME_ON")
        stage.settle()
        done(stage)
        assert len(read(recordings(stage)[0])) == 30
        assert any("were left out of the recording" in text for text in stage.client.texts)
        stage.client.switch("CCD_STREAM_ENCODER", "RAW")
        stage.client.switch("CCD_VIDEO_STREAM", "STREAM_ON")
        stage.run(5.0)
        assert len([text for text in stage.client.texts if "are damaged and left out" in text]) == 1
        assert len(frames(stage)) > 20


def test_without_pillow_the_stream_goes_and_a_recording_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with Stage("ILCE-7SM3") as stage:
        stream_on(stage)
        monkeypatch.setattr("indi_sony_py.image.installed._is_there", lambda name: False)
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        stage.until(lambda: stage.client["RECORD_STREAM"].state == "Alert", 10.0)
        assert any("Pillow is not installed" in text for text in stage.client.texts)
        assert not recordings(stage)
        before = len(frames(stage))
        stage.run(2.0)
        assert len(frames(stage)) - before > 50


def test_a_fault_of_the_recorder_is_told_and_the_next_one_works(monkeypatch: pytest.MonkeyPatch) -> None:
    with Stage("ILCE-7SM3") as stage:
        show(stage)
        stage.connect()

        def broken(folder: str, name: str, suffix: str) -> tuple[int, Path]:
            raise RuntimeError("a bug")

        with monkeypatch.context() as patched:
            patched.setattr(files, "create", broken)
            stage.client.switch("RECORD_STREAM", "RECORD_ON")
            stage.until(lambda: stage.client["RECORD_STREAM"].state == "Alert", 10.0)
        assert any("The recording failed" in text and "a bug" in text for text in stage.client.texts)
        stage.client.switch("RECORD_STREAM", "RECORD_FRAME_ON")
        stage.settle()
        done(stage)
        assert len(read(recordings(stage)[0])) == 30


@pytest.mark.parametrize("way", ["reconnected", "killed"])
def test_it_is_of_the_form_that_is_shown_also_by_a_new_hand(way: str) -> None:
    """The hand of before was told the divisor; nobody streams, so nothing else tells it to the next one."""
    with Stage("ILCE-7SM3") as stage:
        show(stage)
        stage.connect()
        stage.client.number("STREAMING_EXPOSURE", STREAMING_DIVISOR_VALUE=3)
        stage.settle()
        if way == "reconnected":
            stage.client.disconnect()
            stage.run(10.0)
            stage.connect()
        else:
            stage.kill_hand()
            stage.run(1.0)
            stage.until(lambda: stage.client["CONNECTION"].state == "Ok", 60.0)
            stage.run(5.0)
        stage.client.switch("RECORD_STREAM", "RECORD_FRAME_ON")
        stage.settle()
        done(stage)
        assert stage.client["STREAMING_EXPOSURE"].number("STREAMING_DIVISOR_VALUE") == 3
        numbers = read(recordings(stage)[0])
        assert len(numbers) == 30 and in_a_row(numbers, 3)


def test_without_a_frame_there_is_no_file() -> None:
    with Stage("ILCE-7SM3") as stage:
        stage.camera.fault("refuse", {"operation": 0x1009, "property": 0xFFFFC002, "count": 0}, code=0x2009)
        stage.connect()
        stage.client.switch("RECORD_STREAM", "RECORD_ON")
        stage.run(3.0)
        stage.client.switch("RECORD_STREAM", "RECORD_OFF")
        stage.settle()
        done(stage)
        assert stage.client["RECORD_STREAM"].state == "Idle"
        assert not recordings(stage)
        assert any("Nothing is recorded" in text for text in stage.client.texts)


def test_a_name_that_leaves_the_folder_is_refused_where_it_is_written() -> None:
    with Stage("ILCE-7SM3") as stage:
        stage.connect()
        before = stage.client["RECORD_FILE"].values["RECORD_FILE_NAME"]
        for name in ("..", "...ser", "a/b", "../x"):
            stage.client.text("RECORD_FILE", RECORD_FILE_NAME=name)
            stage.settle()
            assert stage.client["RECORD_FILE"].state == "Alert"
            assert stage.client["RECORD_FILE"].values["RECORD_FILE_NAME"] == before
