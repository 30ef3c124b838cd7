"""Frames in trouble: files that are none, disks that take nothing, threads that fail."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from astropy.io import fits

from indi_sony_py.engine.messages import CameraStatus, Connect, ExposureFailed, ExposureStarted, Level, Notice, Stage
from indi_sony_py.hand.journal import Journal
from indi_sony_py.hand.messages import Declined, FrameReady, FrameSaved
from indi_sony_py.image.files import fallback_folder
from indi_sony_py.sim.camera import plain_files
from tests.hand.handrig import KEY, Rig, state_of


@pytest.fixture
def no_disk(rig: Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Every folder that a frame could go to lies below this file."""
    wall = tmp_path / "wall"
    wall.write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(wall / "data"))
    object.__setattr__(rig.places, "last_resorts", (wall / "last",))
    yield wall


def test_a_file_that_is_no_raw_is_kept_and_its_exposure_fails_with_the_place(tmp_path: Path) -> None:
    rig = Rig(tmp_path, picture=plain_files)
    try:
        face = rig.ready()
        rig.expose(1.0, 3, prefix="B")
        rig.until(lambda: bool(face.all(ExposureFailed)), 60.0)
        saved = face.last(FrameSaved)
        assert saved.rescued and Path(saved.path).read_bytes().startswith(b"ARW ")
        assert saved.path in face.last(ExposureFailed).text and face.last(ExposureFailed).id == 3
        assert not face.last(ExposureFailed).again, "the next file will be of the same kind"
        failed_at = face.heard.index(face.last(ExposureFailed))
        assert failed_at < face.heard.index(saved), "for an upload to a folder the file alone would mean success"
        assert not face.all(FrameReady)
    finally:
        rig.close()


def test_a_folder_that_cannot_be_used_means_the_fall_back_with_the_reason(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    face = rig.ready()
    rig.expose(1.0, 3, upload="local", folder=str(tmp_path / "file" / "x"), prefix="F_XXX")
    rig.until(lambda: bool(face.all(FrameSaved)), 60.0)
    saved = face.last(FrameSaved)
    assert Path(saved.path).parent == fallback_folder() and saved.rescued and "cannot be made" in saved.text


def test_no_disk_at_all_sends_a_local_frame_to_the_client(rig: Rig, no_disk: Path) -> None:
    face = rig.ready()
    rig.expose(1.0, 3, upload="local", folder=str(no_disk / "x"))
    rig.until(lambda: bool(face.all(FrameReady)), 60.0)
    assert "no disk" in face.last(FrameReady).text
    assert any(n.level is Level.ERROR and "cannot be saved" in n.text for n in face.all(Notice))
    rig.step()
    assert rig.hand is not None and not rig.hand._frames.pending


def test_no_disk_and_no_face_leaves_the_image_in_the_camera_for_the_face_that_comes(rig: Rig, no_disk: Path) -> None:
    face = rig.ready()
    rig.expose(20.0, 3)
    rig.until(lambda: bool(face.all(ExposureStarted)))
    rig.kill_face()
    rig.wait(60.0)
    assert rig.hand is not None and not rig.hand._frames.pending
    second = rig.attach()
    state = state_of(second)
    assert state.exposure is not None and state.exposure.stage is Stage.COLLECTING and state.waiting == ()
    rig.until(lambda: bool(second.all(FrameReady)), 30.0)
    with fits.open(io.BytesIO(second.frames[1])) as hdus:
        hdus.verify("exception")
    assert not rig.referee.broken


def test_no_disk_and_no_face_to_the_end_leaves_the_image_to_the_next_hand(rig: Rig, no_disk: Path) -> None:
    face = rig.ready()
    rig.expose(20.0, 3, prefix="L")
    rig.until(lambda: bool(face.all(ExposureStarted)))
    rig.kill_face()
    hand = rig.hand
    assert hand is not None
    rig.until_gone(200.0)
    assert hand.overdue and rig.places.marker(KEY).exists()
    rig.kill_late(hand)
    no_disk.unlink()
    rig.start()
    second = rig.attach()
    rig.until(lambda: bool(second.all(FrameSaved)), 60.0)
    saved = second.last(FrameSaved)
    assert saved.exposure_id == 3 and saved.rescued and Path(saved.path).name == "kept_L.fits"
    rig.step()
    assert not rig.places.marker(KEY).exists()


def test_a_disk_that_is_full_for_an_image_nobody_asked_for_leaves_it_in_the_camera(rig: Rig, no_disk: Path) -> None:
    rig.ready()
    rig.kill_face()
    rig.camera.leave_behind(1)
    hand = rig.hand
    assert hand is not None
    rig.until_gone(200.0)
    rig.kill_late(hand)
    no_disk.unlink()
    rig.start()
    second = rig.attach()
    second.end.send(Connect())
    rig.until(lambda: bool(second.all(FrameSaved)), 60.0)
    assert Path(second.last(FrameSaved).path).name.startswith("unasked_")


def test_no_disk_and_no_face_keeps_what_left_the_camera_for_the_face_that_comes(
    rig: Rig, no_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk took no file although it seemed to have room."""
    monkeypatch.setattr("indi_sony_py.hand.wiring.room_for", lambda size, folders: "")
    face = rig.ready()
    rig.expose(20.0, 3)
    rig.until(lambda: bool(face.all(ExposureStarted)))
    rig.kill_face()
    rig.wait(60.0)
    second = rig.attach()
    state = state_of(second)
    assert state.waiting == state.unsaved == (1,)
    rig.until(lambda: bool(second.all(FrameReady)), 30.0)
    with fits.open(io.BytesIO(second.frames[1])) as hdus:
        hdus.verify("exception")
    rig.step()
    assert rig.hand is not None and not rig.hand._frames.pending


@pytest.mark.parametrize("seems", ["full", "to have room"])
def test_a_disk_that_comes_back_gets_the_frame(
    rig: Rig, no_disk: Path, monkeypatch: pytest.MonkeyPatch, seems: str
) -> None:
    if seems == "to have room":
        monkeypatch.setattr("indi_sony_py.hand.wiring.room_for", lambda size, folders: "")
    face = rig.ready()
    rig.expose(20.0, 3)
    rig.until(lambda: bool(face.all(ExposureStarted)))
    rig.kill_face()
    rig.wait(50.0)
    assert rig.hand is not None and rig.hand._frames.stuck == (() if seems == "full" else (1,))
    no_disk.unlink()
    rig.until_gone(200.0)
    (saved,) = (no_disk / "data" / "indi_sony_py" / "frames").iterdir()
    assert saved.name == "IMAGE_001.fits"
    assert Journal(*rig.places.journals).unannounced()[0].path == str(saved)


def test_trouble_with_the_disk_is_said_often_at_first_then_rarely_and_the_hand_ends_in_time(
    rig: Rig, no_disk: Path
) -> None:
    face = rig.ready()
    rig.camera.leave_behind(1)
    rig.until(lambda: bool(face.all(Notice)), 60.0)
    rig.wait(1000.0)
    said = [n for n in face.all(Notice) if "cannot be saved" in n.text]
    assert 4 <= len(said) <= 8
    at = rig.clock.monotonic()
    rig.kill_face()
    rig.until_gone(300.0)
    assert rig.clock.monotonic() - at < 100.0


def test_a_frame_that_the_face_declines_goes_to_disk(rig: Rig) -> None:
    face = rig.ready()
    face.confirms = False
    rig.expose(1.0, 3, prefix="D")
    rig.until(lambda: bool(face.all(FrameReady)))
    face.end.send(Declined(1, "the exposure was aborted"))
    face.end.send(Declined(99, "never heard of"))
    rig.until(lambda: bool(face.all(FrameSaved)), 10.0)
    saved = face.last(FrameSaved)
    assert saved.rescued and saved.text == "the exposure was aborted" and saved.exposure_id == 3
    assert Path(saved.path).name == "D.fits"
    assert b"DUPLICAT" not in Path(saved.path).read_bytes()[:28800], "nobody has it"


def test_a_file_that_nobody_confirmed_to_have_heard_of_stands_in_the_journal(rig: Rig) -> None:
    face = rig.ready()
    face.confirms = False
    rig.expose(1.0, 3, upload="local", prefix="U")
    rig.until(lambda: bool(face.all(FrameSaved)))
    assert not Journal(*rig.places.journals).entries()
    rig.kill_face()
    rig.until_gone(120.0)
    (entry,) = Journal(*rig.places.journals).unannounced()
    assert entry.path == face.last(FrameSaved).path


def test_what_the_face_confirmed_is_marked_as_announced(rig: Rig) -> None:
    face = rig.ready()
    rig.camera.leave_behind(1)
    rig.until(lambda: bool(face.all(FrameSaved)), 30.0)
    rig.step()
    journal = Journal(*rig.places.journals)
    assert len(journal.entries()) == 1 and not journal.unannounced()


@pytest.mark.parametrize("name", ["developer", "disk"])
def test_a_helping_thread_that_fails_costs_no_frame(rig: Rig, name: str) -> None:
    from indi_sony_py.hand.crew import ThreadEnded

    face = rig.ready()
    assert rig.hand is not None
    broken = getattr(rig.hand._staff, name)
    broken.step = lambda: False
    rig.expose(1.0, 3, upload="local", prefix="H")
    rig.until(lambda: rig.hand is not None and bool(rig.hand._frames.pending), 60.0)
    rig.wait(2.0)
    rig.hand._crew.post(ThreadEnded(name, "MemoryError"))
    rig.until(lambda: bool(face.all(FrameSaved)), 60.0)
    assert Path(face.last(FrameSaved).path).exists()
    if name == "developer":
        broken._release()
        assert "MemoryError" in face.last(ExposureFailed).text and face.last(ExposureFailed).again


def test_a_worker_that_fails_ends_the_hand_and_leaves_the_marker(rig: Rig) -> None:
    from indi_sony_py.hand.crew import ThreadEnded

    face = rig.ready()
    rig.expose(50.0, 3)
    rig.until(lambda: bool(face.all(ExposureStarted)))
    hand = rig.hand
    assert hand is not None
    hand._crew.post(ThreadEnded("worker", "SystemError: x"))
    rig.until_gone(30.0)
    assert face.lost and any("a new one takes over" in n.text for n in face.all(Notice))
    assert rig.places.marker(KEY).exists()
    rig.kill_late(hand)
    rig.start()
    second = rig.attach()
    rig.until(lambda: bool(second.all(FrameSaved)), 200.0)
    assert second.last(FrameSaved).exposure_id == 3


def test_state_that_cannot_be_written_stops_nothing(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    face = rig.ready()
    rig.expose(1.0, 3)
    rig.until(lambda: bool(face.all(FrameReady)), 60.0)
    rig.expose(5.0, 4)
    rig.until(lambda: len(face.all(ExposureStarted)) == 2)
    rig.kill_face()
    rig.until_gone(200.0)
    assert [path.name for path in fallback_folder().iterdir()] == ["IMAGE_001.fits"]


def test_a_camera_that_is_not_there_is_said_and_the_hand_stays(rig: Rig) -> None:
    rig.camera.unplug()
    rig.start()
    face = rig.attach()
    face.end.send(Connect())
    rig.until(lambda: any(s.failed for s in face.all(CameraStatus)), 60.0)
    rig.wait(100.0)
    assert rig.hand is not None
