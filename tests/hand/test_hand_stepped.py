"""Hand, worker, developer, disk and a simulated camera in one thread on a virtual clock; kills between two steps."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from astropy.io import fits

from indi_sony_py import texts
from indi_sony_py.engine.messages import (
    Abort,
    Aborted,
    CameraStatus,
    Connect,
    Disconnect,
    Expose,
    ExposureFailed,
    ExposureProgress,
    ExposureRequest,
    ExposureStarted,
    Notice,
    Role,
    Stage,
)
from indi_sony_py.hand.journal import Journal
from indi_sony_py.hand.leaving import GRACE_S, LAST_OFFER_S, TRANSFER_S
from indi_sony_py.hand.marker import Marker
from indi_sony_py.hand.messages import FrameReady, FrameSaved, Goodbye, HandState, Hello, Message, Refused
from indi_sony_py.image.files import fallback_folder
from indi_sony_py.sim.serial_mark import read_serial
from tests.hand.handrig import KEY, Face, Rig, state_of


def silent(rig: Rig, *allowed: str) -> None:
    broken = [entry for entry in rig.referee.broken if entry.rule not in allowed]
    assert not broken, broken


def serial_in(frame: bytes) -> int | None:
    with fits.open(io.BytesIO(frame)) as hdus:
        hdus.verify("exception")
        return read_serial(hdus[0].data)


def header_of(frame: bytes) -> fits.Header:
    with fits.open(io.BytesIO(frame)) as hdus:
        return hdus[0].header.copy()


def saved_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


def test_a_frame_goes_to_the_client_and_is_kept_until_it_is_confirmed(rig: Rig) -> None:
    face = rig.ready()
    face.confirms = False
    rig.expose(2.0)
    rig.until(lambda: bool(face.all(FrameReady)))
    ready = face.last(FrameReady)
    assert (ready.exposure_id, ready.format, ready.duplicate) == (1, ".fits", False)
    assert serial_in(face.frames[ready.frame_id]) == 1
    assert rig.hand is not None and rig.hand._frames.pending == (ready.frame_id,)
    face.confirms = True
    rig.expose(2.0, 2)
    rig.until(lambda: len(face.all(FrameReady)) == 2)
    assert serial_in(face.frames[face.last(FrameReady).frame_id]) == 2
    rig.step()
    assert rig.hand._frames.pending == (ready.frame_id,)
    silent(rig)


def test_local_goes_to_disk_only_and_both_to_disk_first(rig: Rig, tmp_path: Path) -> None:
    face = rig.ready()
    rig.expose(1.0, 1, upload="local", folder=str(tmp_path / "out"), prefix="M31_XXX")
    rig.until(lambda: bool(face.all(FrameSaved)))
    rig.expose(1.0, 2, upload="both", folder=str(tmp_path / "out"), prefix="M31_XXX")
    rig.until(lambda: bool(face.all(FrameReady)))
    kinds = [type(m).__name__ for m in face.heard if isinstance(m, FrameSaved | FrameReady)]
    assert kinds == ["FrameSaved", "FrameSaved", "FrameReady"]
    assert saved_files(tmp_path / "out") == ["M31_001.fits", "M31_002.fits"]
    assert not any(saved.rescued for saved in face.all(FrameSaved))
    assert not Journal(*rig.places.journals).entries()


def test_native_is_the_cameras_own_file(rig: Rig) -> None:
    face = rig.ready()
    rig.expose(1.0, transfer="native")
    rig.until(lambda: bool(face.all(FrameReady)))
    assert face.last(FrameReady).format == ".arw"
    assert face.frames[1][:4] == b"II*\0"


def test_face_killed_in_a_bulb_shutter_closes_in_time_and_the_frame_is_saved_and_announced(rig: Rig) -> None:
    face = rig.ready()
    rig.expose(100.0, 7, prefix="NGC_XXX")
    rig.until(lambda: bool(face.all(ExposureStarted)))
    started = face.last(ExposureStarted)
    rig.wait(20.0)
    rig.kill_face()
    rig.until_gone(300.0)
    names = saved_files(fallback_folder())
    assert names == ["NGC_001.fits"]
    frame = (fallback_folder() / names[0]).read_bytes()
    assert serial_in(frame) == 1
    header = header_of(frame)
    assert header["EXPTIME"] == 100.0 and abs(header["EXPMEAS"] - 100.0) < 0.05
    (entry,) = Journal(*rig.places.journals).unannounced()
    assert entry.exposure_id == 7 and entry.exposure_s == 100.0 and entry.path.endswith("NGC_001.fits")
    assert entry.taken == started.started_utc
    assert not rig.places.marker(KEY).exists()
    silent(rig, "R-PRIORITY-LEFT")


def test_a_new_face_adopts_sees_the_time_that_is_left_and_gets_the_frame(rig: Rig) -> None:
    face = rig.ready()
    rig.expose(100.0, 7)
    rig.until(lambda: bool(face.all(ExposureStarted)))
    rig.wait(30.0)
    rig.kill_face()
    rig.wait(10.0)
    second = rig.attach()
    state = state_of(second)
    assert state.adopted and state.status.state == "ready"
    assert state.exposure is not None and state.exposure.stage is Stage.OPEN
    assert state.exposure.request.id == 7
    assert 55.0 < state.exposure.left_s(rig.clock.monotonic()) < 61.0
    rig.until(lambda: bool(second.all(FrameReady)), 200.0)
    assert serial_in(second.frames[1]) == 1
    rig.wait(200.0)
    assert rig.hand is not None, "the new face keeps the hand"
    assert not Journal(*rig.places.journals).entries()
    rig.expose(2.0, 8)
    rig.until(lambda: len(second.all(FrameReady)) == 2, 60.0)
    silent(rig)


def test_an_adopted_exposure_can_be_aborted(rig: Rig) -> None:
    face = rig.ready()
    rig.expose(100.0, 7)
    rig.until(lambda: bool(face.all(ExposureStarted)))
    rig.kill_face()
    rig.step()
    second = rig.attach()
    second.end.send(Abort())
    at = rig.clock.monotonic()
    rig.until(lambda: any("dropped" in notice.text for notice in second.all(Notice)), 60.0)
    assert second.last(Aborted).id == 7
    assert rig.clock.monotonic() - at < 10.0
    silent(rig)


def test_a_second_face_is_refused_with_the_reason_and_the_first_goes_on(rig: Rig) -> None:
    first = rig.ready()
    second = rig.attach()
    assert second.lost and "another driver" in second.last(Refused).reason
    assert not second.all(HandState)
    rig.face = first
    rig.expose(1.0)
    rig.until(lambda: bool(first.all(FrameReady)))


def test_a_guest_that_says_nothing_or_nonsense_is_shown_out(rig: Rig) -> None:
    rig.ready()
    from indi_sony_py.hand.messages import VERSION
    from indi_sony_py.hand.pair import local_pair

    assert rig.hand is not None
    mute, theirs = local_pair()
    rig.hand.attach(theirs)
    old, theirs = local_pair()
    rig.hand.attach(theirs)
    old.send(Hello(VERSION + 1, 1, "face", "x"))
    rude, theirs = local_pair()
    rig.hand.attach(theirs)
    rude.send(Disconnect())
    others = [Face(mute), Face(old), Face(rude)]
    rig.faces += others
    rig.until(lambda: all(face.lost for face in others), 20.0)
    assert "version" in others[1].last(Refused).reason
    assert "Hello first" in others[2].last(Refused).reason
    assert rig.hand is not None and rig.hand.connections()


def test_offered_but_not_confirmed_goes_to_disk_as_a_duplicate(rig: Rig) -> None:
    face = rig.ready()
    face.confirms = False
    rig.expose(1.0, 3, prefix="dup")
    rig.until(lambda: bool(face.all(FrameReady)))
    rig.kill_face()
    rig.until_gone(120.0)
    assert saved_files(fallback_folder()) == ["dup_duplicate.fits"]
    with fits.open(fallback_folder() / "dup_duplicate.fits") as hdus:
        hdus.verify("exception")
        assert hdus[0].header["DUPLICAT"] is True
        assert read_serial(hdus[0].data) == 1
    assert Journal(*rig.places.journals).unannounced()


def test_more_frames_than_a_face_takes_go_to_disk(rig: Rig, tmp_path: Path) -> None:
    face = rig.ready()
    face.confirms = False
    for number in (1, 2, 3, 4):
        rig.expose(1.0, number, folder=str(tmp_path / "out"), prefix="L_XXX")
        rig.until(lambda: len(face.all(FrameReady)) + len(face.all(FrameSaved)) == number)  # noqa: B023
    (saved,) = face.all(FrameSaved)
    assert saved.exposure_id == 4 and saved.rescued and "not taken" in saved.text
    assert saved_files(tmp_path / "out") == ["L_001.fits"]


def test_sigterm_closes_the_shutter_at_once_saves_and_leaves(rig: Rig) -> None:
    face = rig.ready()
    rig.expose(500.0, 4, prefix="T")
    rig.until(lambda: bool(face.all(ExposureStarted)))
    rig.wait(14.0)
    assert rig.hand is not None
    at = rig.clock.monotonic()
    rig.hand.terminate()
    rig.until_gone(60.0)
    assert rig.clock.monotonic() - at < 15.0
    assert face.lost and face.all(Goodbye)
    assert saved_files(fallback_folder()) == ["kept_T.fits"]
    frame = (fallback_folder() / "kept_T.fits").read_bytes()
    header = header_of(frame)
    assert 13.5 < header["EXPMEAS"] < 16.0 and header["EXPTIME"] == header["EXPMEAS"]
    # A look at the settings may stand just before a release that nobody could foresee.
    silent(rig, "R-PRIORITY-LEFT", "R-DELAYED-RELEASE")


def test_sigterm_leaves_a_face_the_time_to_take_what_it_was_offered(rig: Rig) -> None:
    face = rig.ready()
    face.confirms = False
    rig.expose(1.0, 4)
    rig.until(lambda: bool(face.all(FrameReady)))
    assert rig.hand is not None
    rig.hand.terminate()
    at = rig.clock.monotonic()
    rig.until_gone(60.0)
    assert rig.clock.monotonic() - at >= LAST_OFFER_S - 0.5
    assert saved_files(fallback_folder()) == ["IMAGE_001_duplicate.fits"]
    (entry,) = Journal(*rig.places.journals).unannounced()
    assert entry.why == texts.driver.ENDING(), "the driver is there: it is the hand that ends"


def test_a_hand_that_ends_writes_down_what_its_face_did_not_confirm_to_have_heard(rig: Rig, tmp_path: Path) -> None:
    face = rig.ready()
    face.confirms = False
    rig.expose(1.0, 4, upload="local", folder=str(tmp_path / "out"))
    rig.until(lambda: bool(face.all(FrameSaved)))
    assert rig.hand is not None
    rig.hand.terminate()
    rig.until_gone(60.0)
    assert [entry.exposure_id for entry in Journal(*rig.places.journals).unannounced()] == [4]


def test_kill_of_the_hand_in_a_bulb_the_next_one_releases_waits_and_saves(rig: Rig) -> None:
    face = rig.ready()
    rig.expose(100.0, 9, prefix="K")
    rig.until(lambda: bool(face.all(ExposureStarted)))
    rig.wait(10.0)
    rig.kill_hand()
    assert face.lost
    assert rig.places.marker(KEY).exists()
    assert rig.camera.body.exposing, "nobody has let go of the button yet"
    rig.start()
    at = rig.clock.monotonic()
    rig.until(lambda: not rig.camera.body.exposing, 20.0)
    assert rig.clock.monotonic() - at < 2.0
    second = rig.attach()
    second.end.send(Connect())
    rig.until(lambda: bool(second.all(FrameSaved)), 300.0)
    saved = second.last(FrameSaved)
    assert (saved.exposure_id, saved.role, saved.rescued) == (9, Role.KEPT, True)
    assert serial_in(Path(saved.path).read_bytes()) == 1
    assert not second.all(FrameReady)
    rig.step()
    assert not rig.places.marker(KEY).exists()
    rig.expose(1.0, 10)
    rig.until(lambda: bool(second.all(FrameReady)), 60.0)
    assert serial_in(second.frames[second.last(FrameReady).frame_id]) == 2


def test_a_rescuer_that_no_face_wants_disconnects_and_leaves(rig: Rig) -> None:
    face = rig.ready()
    rig.expose(60.0, 9, prefix="K")
    rig.until(lambda: bool(face.all(ExposureStarted)))
    rig.kill_hand()
    rig.start()
    rig.until_gone(400.0)
    assert saved_files(fallback_folder()) == ["kept_K.fits"]
    assert not rig.places.marker(KEY).exists()


def test_a_kill_while_a_frame_is_developed_leaves_its_bytes_to_the_next_hand(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.ready()
    assert rig.hand is not None
    with monkeypatch.context() as patched:
        patched.setattr(rig.hand._staff.developer, "step", lambda: False)
        rig.expose(1.0, 5, prefix="S")
        rig.until(lambda: rig.hand is not None and bool(rig.hand._frames.pending), 60.0)
    raw = rig.hand._frames._frames[1].data
    wanted = bytes(raw)
    rig.kill_hand()
    rig.start()
    second = rig.attach()
    rig.until(lambda: bool(second.all(FrameSaved)), 60.0)
    saved = second.last(FrameSaved)
    assert saved.rescued and saved.exposure_id == 5 and saved.path.endswith("kept_S.arw")
    assert Path(saved.path).read_bytes() == wanted
    rig.step()
    assert not list((rig.places.state / "spool").iterdir())


def test_a_kill_while_an_unasked_image_is_saved_leaves_its_bytes_to_the_next_hand(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.ready()
    assert rig.hand is not None
    with monkeypatch.context() as patched:
        patched.setattr(rig.hand._staff.disk, "step", lambda: False)
        rig.camera.leave_behind(1)
        rig.until(lambda: rig.hand is not None and bool(rig.hand._frames.pending), 60.0)
    rig.kill_hand()
    rig.start()
    second = rig.attach()
    rig.until(lambda: bool(second.all(FrameSaved)), 60.0)
    saved = second.last(FrameSaved)
    assert saved.rescued and saved.exposure_id is None and Path(saved.path).name.startswith("unasked_")
    assert Path(saved.path).read_bytes()[:4] == b"II*\0"


def test_what_the_spool_holds_is_not_awaited_from_the_camera(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.ready()
    hand = rig.hand
    assert hand is not None
    with monkeypatch.context() as patched:
        # Killed between the two: the bytes are kept, the marker still stands.
        patched.setattr(hand._staff.developer, "step", lambda: False)
        patched.setattr(hand._owed, "collected", lambda exposure_id: None)
        rig.expose(200.0, 5, prefix="S")
        rig.until(lambda: bool(hand._frames.pending), 300.0)
    assert rig.places.marker(KEY).exists()
    rig.kill_hand()
    rig.start()
    second = rig.attach()
    second.end.send(Connect())
    rig.until(lambda: any(status.state == "ready" for status in second.all(CameraStatus)))
    at = rig.clock.monotonic()
    rig.expose(1.0, 6)
    rig.until(lambda: bool(second.all(FrameReady)), 60.0)
    assert rig.clock.monotonic() - at < 20.0, "nothing that is here already is waited for"
    assert second.last(FrameSaved).exposure_id == 5 and serial_in(second.frames[second.last(FrameReady).frame_id]) == 2


def test_a_face_that_vanishes_while_it_is_spoken_to_costs_no_frame(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    face = rig.ready()
    hand = rig.hand
    assert hand is not None
    send = hand._frames._send

    def vanishes(message: Message, fd: int | None) -> bool:
        if isinstance(message, FrameReady) and rig.face is not None:
            rig.kill_face()
            heard = send(message, fd)
            assert hand._door.lost and not hand.connections()
            return heard
        return send(message, fd)

    monkeypatch.setattr(hand._frames, "_send", vanishes)
    rig.expose(1.0, 3, prefix="V")
    rig.until_gone(60.0)
    assert not face.all(FrameReady)
    assert saved_files(fallback_folder()) == ["V_duplicate.fits"]
    assert [entry.exposure_id for entry in Journal(*rig.places.journals).unannounced()] == [3]


def test_a_request_that_is_held_does_not_hide_what_is_owed(rig: Rig) -> None:
    face = rig.ready()
    rig.expose(100.0, 7, prefix="A")
    rig.until(lambda: bool(face.all(ExposureStarted)))
    rig.wait(99.0)
    rig.until(lambda: any(progress.stage is Stage.WAITING for progress in face.all(ExposureProgress)))
    marker = Marker(rig.places.marker(KEY))
    rig.expose(50.0, 8, prefix="B")
    mark = marker.read()
    assert mark is not None and mark.request.id == 7 and mark.mode is not None
    rig.until(lambda: len(face.all(ExposureStarted)) == 2, 300.0)
    mark = marker.read()
    assert mark is not None and mark.request.id == 8 and mark.mode is not None
    assert face.last(FrameSaved).exposure_id == 7


def test_a_face_that_comes_while_the_hand_ends_is_told_for_how_long(rig: Rig) -> None:
    face = rig.ready()
    rig.expose(500.0, 4)
    rig.until(lambda: bool(face.all(ExposureStarted)))
    assert rig.hand is not None
    rig.hand.terminate()
    rig.kill_face()
    late = rig.attach()
    refused = late.last(Refused)
    assert late.lost and "ending" in refused.reason and 0 < refused.left_s <= 1200


def test_no_face_and_nothing_to_do_ends_the_hand(rig: Rig) -> None:
    rig.start()
    rig.until_gone(60.0)


def test_the_lifetime_is_bound_even_if_the_camera_never_answers(rig: Rig) -> None:
    face = rig.ready()
    rig.expose(50.0, 6)
    rig.until(lambda: bool(face.all(ExposureStarted)))
    assert rig.hand is not None and rig.hand._staff.worker is not None
    rig.hand._staff.worker.step = lambda: None  # type: ignore[method-assign]
    at = rig.clock.monotonic()
    hand = rig.hand
    rig.kill_face()
    rig.until_gone(500.0)
    assert hand.overdue
    assert rig.clock.monotonic() - at <= 50.0 + 50.0 + GRACE_S + TRANSFER_S + 1.0


def test_leave_is_withdrawn_for_a_face_that_comes_back_after_the_worker_ended(rig: Rig) -> None:
    rig.ready()
    rig.kill_face()
    assert rig.hand is not None
    hand = rig.hand
    hand.turn()
    while hand._staff.worker is not None and not hand._staff.worker.finished:
        hand._staff.worker.step()
    second = Face.__new__(Face)
    from indi_sony_py.hand.launch import hello
    from indi_sony_py.hand.pair import local_pair

    ours, theirs = local_pair()
    second = Face(ours)
    rig.faces.append(second)
    rig.face = second
    hand.attach(theirs)
    ours.send(hello("face"))
    rig.step()
    assert rig.hand is hand and not second.lost
    second.end.send(Connect())
    rig.until(lambda: any(s.state == "ready" for s in second.all(CameraStatus)), 60.0)
    rig.expose(1.0, 2)
    rig.until(lambda: bool(second.all(FrameReady)), 60.0)


def test_an_exposure_without_a_camera_fails_in_words(rig: Rig) -> None:
    rig.start()
    face = rig.attach()
    face.end.send(Expose(ExposureRequest(1, 1.0)))
    rig.until(lambda: bool(face.all(ExposureFailed)), 10.0)
    assert "not connected" in face.last(ExposureFailed).text
    assert not rig.places.marker(KEY).exists()


def test_a_press_at_the_body_is_saved_as_unasked_and_announced(rig: Rig) -> None:
    face = rig.ready()
    rig.camera.leave_behind(1)
    rig.until(lambda: bool(face.all(FrameSaved)), 30.0)
    saved = face.last(FrameSaved)
    assert saved.role is Role.UNASKED and saved.exposure_id is None and saved.rescued
    assert Path(saved.path).name.startswith("unasked_") and saved.path.endswith(".arw")


@pytest.mark.parametrize("keep", ["keep", "discard"])
def test_companions_are_kept_with_their_raws_name_or_discarded(rig: Rig, tmp_path: Path, keep: str) -> None:
    face = rig.ready()
    out = tmp_path / "out"
    rig.expose(1.0, 1, upload="local", folder=str(out), prefix="P_XXX", capture_format="raw+jpeg", companions=keep)
    rig.until(lambda: len(face.all(FrameSaved)) == (2 if keep == "keep" else 1), 60.0)
    rig.wait(10.0)
    assert saved_files(out) == (["P_001.fits", "P_001.jpg"] if keep == "keep" else ["P_001.fits"])
