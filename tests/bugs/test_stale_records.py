"""Records of frames that are old, lost, or late by one. Serial numbers are those of the camera's presses."""

from __future__ import annotations

import logging

import pytest

from indi_sony_py.engine.messages import Collected, ExposureStarted, Role
from indi_sony_py.engine.phases import Phase
from indi_sony_py.sim.darkroom import Files, Press
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.memory import Memory
from tests.bugs.benches import BOTH, NEW, connected, images, kill_after, presses, serials
from tests.bugs.stages import BODIES
from tests.bugs.stages import presses as stage_presses
from tests.engine.bench import Bench, bench_files, serial_of
from tests.stage import Stage


@BOTH
def test_b01_what_waits_is_drained_and_the_frame_is_new(model: str, caplog: pytest.LogCaptureFixture) -> None:
    """Two old images lie in the memory. Guards: `_left_over` before the press, `judge` for what comes after it."""
    caplog.set_level(logging.INFO, "indi_sony_py.engine.worker")
    bench = connected(model, Fault.of("leftover", count=2))
    assert serial_of(bench.frame(1.0).data) == 3
    assert len(presses(bench)) == 1
    assert serials(bench, Role.UNASKED) == [1, 2], "kept, not thrown away unseen"
    drained = [m for m in caplog.messages if m.startswith("fetched DSC0000")]
    assert [m.split(",")[0] for m in drained[:2]] == ["fetched DSC00001.ARW", "fetched DSC00002.ARW"]
    assert all(m.endswith(" bytes") for m in drained)
    bench.settle()
    assert bench.camera.memory.counter() == 0
    bench.assert_clean()


@BOTH
def test_b02_a_program_killed_in_mid_transfer_shifts_nothing(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL while the image is being fetched, a new start on the same camera, three frames.

    The rules differ from the record in one point: the image of the killed program is no error, it is fetched, kept and
    named. Guards: the drain of the new life, which knows nothing of the old one.
    """

    def large(press: Press) -> Files:
        return [(name, kind, bytes(2_000_000) + data) for name, kind, data in bench_files(press)]

    bench = connected(model, picture=large, transfer_mbps=1.0)
    bench.ask(2.0)
    bench.until(lambda: bench.of(ExposureStarted))
    kill_after(monkeypatch, bench, 1.0, lambda: bench.worker.state.phase is Phase.COLLECTING)
    assert bench.camera.memory.counter() & 0x8000, "it was killed before the image was out"
    bench.worker = bench.new_worker()
    bench.connect()
    found = []
    for _ in range(3):
        found.append(serial_of(bench.frame(1.0).data))
        bench.settle()
        assert bench.camera.memory.counter() == 0, "a surplus image would be the next frame"
    assert found == [2, 3, 4]
    assert serials(bench, Role.UNASKED) == [1]


def pairing(model: str, raw_first: bool, silently: bool, gap_s: float) -> Bench:
    """A body that makes pairs, whatever it is told; `silently`: its format says RAW alone."""
    pair = Fault.of("pair", {"count": 0}, raw_first=raw_first, gap_s=gap_s)
    stays = [Fault.of("ignore-set", {"property": code, "count": 0}) for code in (0x5004, 0xD253)]
    bench = connected(model, pair, *([Fault.of("always-pair", {"count": 0})] if silently else stays))
    if not silently:
        bench.do("format", files="raw+jpeg")
        bench.run(2.0)
    return bench


@BOTH
@pytest.mark.parametrize("raw_first", [False, True], ids=["JPEG first", "RAW first"])
@pytest.mark.parametrize("gap_s", [0.0, 0.8])
@pytest.mark.parametrize("silently", [False, True], ids=["reads RAW+JPEG", "reads RAW"])
def test_b03_the_raw_is_the_frame_whatever_comes_with_it(
    model: str, raw_first: bool, gap_s: float, silently: bool
) -> None:
    """RAW is asked for and the body goes on making pairs, as its setting says or against it.

    A format that stays at RAW+JPEG is told once and stops nothing, for the RAW comes. Guards: companions are told by
    their sequence number, also behind the end of the exposure.
    """
    bench = pairing(model, raw_first, silently, gap_s)
    for number in (1, 2, 3):
        found = bench.frame(1.0)
        assert serial_of(found.data) == number and found.name.endswith(".ARW")
        bench.settle()
        bench.run(2.0)
        assert bench.camera.memory.counter() == 0
    assert serials(bench, Role.COMPANION) == [1, 2, 3]
    assert images(bench, Role.UNASKED) == []
    assert sum("file format stays at RAW & JPEG" in text for text in bench.notices) == (0 if silently else 1)
    bench.assert_clean()


@BOTH
@pytest.mark.parametrize("raw_first", [False, True], ids=["JPEG first", "RAW first"])
@pytest.mark.parametrize("silently", [False, True], ids=["reads RAW+JPEG", "reads RAW"])
def test_b03_a_partner_that_no_counter_announces(
    model: str, raw_first: bool, silently: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0xD215 reads 0 between the two halves. Guard: the time that a partner is given."""
    monkeypatch.setattr(Memory, "counter", lambda memory: 0x8000 | len(memory.files) if memory.files else 0)
    bench = pairing(model, raw_first, silently, 0.8)
    for number in (1, 2, 3):
        assert serial_of(bench.frame(1.0).data) == number
        bench.settle()
        bench.run(2.0)
    assert serials(bench, Role.COMPANION) == [1, 2, 3]
    assert images(bench, Role.UNASKED) == []


@BOTH
def test_b04_presses_at_the_body_during_an_exposure_never_take_its_place(model: str) -> None:
    """Six presses of the body's button during 30 s: the simulated body ignores them while its shutter is open."""
    bench = connected(model)
    request = bench.ask(30.0)
    bench.until(lambda: bench.of(ExposureStarted))
    for _ in range(6):
        bench.do("press", hold_s=0.2)
        bench.run(4.0)
    end = bench.until(lambda: bench.end_of(request))
    assert isinstance(end, Collected) and serial_of(end.data) == 1
    bench.settle()
    assert bench.camera.memory.counter() == 0
    bench.assert_clean()


@BOTH
@pytest.mark.parametrize("late", [False, True], ids=["while it is open", "just after it"])
def test_b04_six_photos_of_the_body_are_kept_and_named(model: str, late: bool) -> None:
    """A body that takes the six photos all the same: each is collected, kept under its name, and none is the frame."""
    bench = connected(model)
    request = bench.ask(30.0)
    bench.until(lambda: bench.of(ExposureStarted))
    if late:
        bench.until(lambda: bench.of(Collected))
    for _ in range(6):
        bench.run(0.5 if late else 4.0)
        bench.do("leave", count=1)
    end = bench.until(lambda: bench.end_of(request))
    assert isinstance(end, Collected) and serial_of(end.data) == 1
    bench.settle()
    bench.run(5.0)
    others = images(bench, Role.UNASKED)
    assert [serial_of(image.data) for image in others] == [2, 3, 4, 5, 6, 7]
    assert [image.name for image in others] == [f"DSC0000{n}.ARW" for n in range(2, 8)]
    assert serial_of(bench.frame(1.0).data) == 8
    bench.assert_clean()


PATHS = {
    "timed": {"seconds": 2.0},
    "bulb": {"seconds": 2.3},
    "bias": {"seconds": 0.0, "frame_type": "Bias"},
    "flat": {"seconds": 0.1, "frame_type": "Flat"},
    "RAW+JPEG": {"seconds": 1.0, "capture_format": "raw+jpeg"},
}


def flooded(bench: Bench, path: str) -> int | None:
    """The serial number of an exposure that is made in one of the ways, with stray events just before its press."""
    request = bench.ask(**PATHS[path])  # type: ignore[arg-type]
    bench.until(lambda: bench.worker.state.phase is Phase.FOCUSING or bench.end_of(request))
    bench.do("fault", row={"kind": "flood"})
    bench.do("fault", row={"kind": "flood", "number": 1, "event": 0xC201, "parameter": 0xFFFFC001})
    end = bench.until(lambda: bench.end_of(request))
    assert isinstance(end, Collected), end
    bench.settle()
    return serial_of(end.data)


@BOTH
@pytest.mark.parametrize("path", PATHS)
def test_b05_late_events_change_nothing_in_any_way_to_the_shutter(model: str, path: str) -> None:
    """20 PropertyChanged and one ObjectAdded of nothing, just before the press. Guards: events only shorten waits."""
    bench = connected(model)
    assert [flooded(bench, path) for _ in range(3)] == [1, 2, 3]
    assert images(bench, Role.UNASKED) == []
    bench.assert_clean()


def test_b05_events_that_nobody_could_read_are_read_as_soon_as_may_be() -> None:
    """300 events in an open bulb: none is left when the next exposure begins, and the release is on time."""
    bench = connected(NEW)
    request = bench.ask(10.4)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.do("fault", row={"kind": "flood", "number": 300})
    found = bench.until(lambda: bench.end_of(request))
    assert isinstance(found, Collected) and found.shot is not None
    assert found.shot.measured_s == pytest.approx(10.4, abs=0.001)
    assert serial_of(bench.frame(1.0).data) == 2


def test_b01_every_third_preview_in_a_row_is_new() -> None:
    """Ten previews one after another, as the report had it."""
    bench = Bench(NEW)
    bench.connect()
    assert [serial_of(bench.frame(1.0).data) for _ in range(10)] == list(range(1, 11))
    assert len(presses(bench)) == 10


@BODIES
def test_b01_a_client_gets_the_new_frame_and_reads_what_became_of_the_old_ones(model: str) -> None:
    """The same for a client: serial number in the pixels, one message for each old image with its file."""
    with Stage(model) as stage:
        stage.camera.do("leave", count=2)
        stage.connect()
        new = stage.expose(1.0)
        assert new.serial == 3 and new.state == "Ok"
        assert len(stage_presses(stage.camera)) == 1
        saved = {path: serial for path, serial in stage.saved().items() if serial in (1, 2)}
        assert sorted(saved.values()) == [1, 2]
        for path in saved:
            assert path.name.startswith("unasked_") and any(str(path) in text for text in stage.client.texts)
        stage.assert_clean()


@BODIES
@pytest.mark.parametrize("who", ["driver", "driver and hand"])
def test_b02_a_client_gets_only_frames_of_after_the_restart(model: str, who: str) -> None:
    """SIGKILL in mid transfer, the server starts the driver again, three frames: n+1 to n+3, and n is on disk."""
    with Stage(model, transfer_mbps=0.5) as stage:
        stage.connect()
        stage.client.expose(2.0)
        stage.until(lambda: stage.hand.worker is not None and stage.hand.worker.state.phase is Phase.COLLECTING, 30.0)
        stage.run(0.3)
        assert stage.camera.camera.memory.counter() & 0x8000, "it was killed before the image was out"
        stage.kill_face()
        if who != "driver":
            stage.kill_hand()
        stage.run(2.0)
        stage.client.frames.clear()
        stage.start_face()
        stage.connect()
        stage.until(lambda: stage.client["CCD_EXPOSURE"].state != "Busy", 60.0)
        found = [stage.expose(1.0).serial for _ in range(3)]
        assert found == [2, 3, 4]
        stage.run(5.0)
        assert stage.camera.camera.memory.counter() == 0
        first = [frame.serial for frame in stage.client.frames if frame.serial == 1]
        kept = [serial for serial in stage.saved().values() if serial == 1]
        assert len(first) + len(kept) == 1, "the image of before is neither lost nor twice"
