"""Ways that an exposure seldom takes: memory that never empties, photos in between, files that are missing."""

from __future__ import annotations

import pytest

from indi_sony_py.engine import capture
from indi_sony_py.engine.arrival import Grown, Told
from indi_sony_py.engine.capture import advance
from indi_sony_py.engine.messages import (
    Abort,
    Collected,
    Connect,
    Disconnect,
    ExposureFailed,
    ExposureStarted,
    Leave,
    Policy,
    Role,
)
from indi_sony_py.engine.moves import Tick
from indi_sony_py.engine.phases import Phase
from indi_sony_py.engine.state import State
from indi_sony_py.engine.step import DRAIN_S, GRACE_S
from indi_sony_py.errors import RuleBroken
from indi_sony_py.sim.darkroom import Files, Press
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sony.codes import Ctl
from indi_sony_py.texts.advice import FREE_SPACE
from indi_sony_py.transport.base import STILL_S
from tests.engine.bench import Bench, bench_files, serial_of
from tests.engine.netbench import NetBench
from tests.troubles.guards import BOTH, presses, serials


@pytest.fixture
def bench(model: str) -> Bench:
    made = Bench(model)
    made.connect()
    return made


@BOTH
def test_who_disconnects_in_the_warm_up_and_connects_again_waits_for_its_end(model: str) -> None:
    """The session was kept for an image that had to be collected: a body is deaf in it all the same."""
    bench = Bench(model)
    bench.do("press", hold_s=0.1)
    bench.worker.post(Connect())
    bench.until(lambda: bench.worker.state.phase is Phase.WARMING or None)
    bench.worker.post(Disconnect())
    bench.until(lambda: bench.worker.state.phase is Phase.DRAINING or None)
    bench.connect()
    assert bench.worker.state.ever_ready, "its readings at rest are known"
    assert serial_of(bench.frame(1.0).data) == 2
    assert [c.role for c in bench.of(Collected)] == [Role.UNASKED, Role.FRAME]
    bench.assert_clean()


@BOTH
def test_a_memory_that_never_empties_fails_the_exposure_in_words(bench: Bench) -> None:
    bench.camera.memory.show(1)
    before = bench.clock.monotonic()
    text = bench.failure(1.0)
    assert "still preparing an image" in text and "take its battery out" in text
    assert bench.clock.monotonic() - before < DRAIN_S + 5
    assert presses(bench) == 0
    bench.camera.memory.show(None)
    assert serial_of(bench.frame(1.0).data) == 1
    bench.assert_clean()


@BOTH
def test_leaving_does_not_wait_for_ever_for_a_memory_that_never_empties(bench: Bench) -> None:
    bench.camera.memory.show(1)
    bench.run(2.0)
    bench.worker.post(Leave())
    bench.until(lambda: bench.worker.finished or None, DRAIN_S + 30)


@BOTH
def test_a_photo_at_the_body_during_the_half_press_is_drained_first(bench: Bench) -> None:
    """The half press is answered late, and meanwhile somebody takes a photo: it waits when the full press is due."""
    for row in (
        {"kind": "late-answer", "when": {"property": 0xD2C1}, "seconds": 2.0},
        {"kind": "user", "when": {"property": 0xD2C1}, "command": "press", "args": {"hold_s": 0.05}},
    ):
        bench.do("fault", row=row)
    found = bench.frame(0.01)
    assert serial_of(found.data) == 2 and presses(bench) == 1
    bench.settle()
    assert serials([c for c in bench.of(Collected) if c.role is Role.UNASKED]) == [1]
    bench.assert_clean()


@BOTH
def test_a_jpeg_alone_is_saved_and_told(bench: Bench) -> None:
    """Somebody turns the format away in the moment of the press."""
    user = {"kind": "user", "when": {"press": 1}, "command": "format", "args": {"files": "jpeg"}}
    bench.do("fault", row=user)
    text = bench.failure(1.0)
    assert "Only a JPEG came" in text and "it is saved" in text and "RAW & JPEG" in text
    assert [(c.role, c.name) for c in bench.of(Collected)] == [(Role.KEPT, "DSC00001.JPG")]
    assert serial_of(bench.frame(1.0).data) == 2
    bench.assert_clean()


def test_files_that_go_to_the_card_after_all_are_told() -> None:
    bench = Bench("ILCE-7SM3")
    bench.connect()
    user = {"kind": "user", "when": {"press": 1}, "command": "save-to", "args": {"to": "card"}}
    bench.do("fault", row=user)
    assert "images are saved to the card only" in bench.failure(1.0)
    assert serial_of(bench.frame(1.0).data) == 2


@BOTH
def test_an_image_that_is_prepared_for_ever_is_given_up_after_twice_the_limit(bench: Bench) -> None:
    request = bench.ask(1.0)
    bench.until(lambda: bench.of(ExposureStarted))
    before = bench.clock.monotonic()
    bench.camera.memory.show(1)
    end = bench.until(lambda: bench.end_of(request))
    assert isinstance(end, ExposureFailed) and "still preparing it" in end.text and "saved when it comes" in end.text
    assert GRACE_S < bench.clock.monotonic() - before < 2 * (GRACE_S + 2) + 5
    bench.camera.memory.show(None)
    found = bench.frame(1.0)
    assert serial_of(found.data) == 2
    assert [(c.role, serial_of(c.data)) for c in bench.of(Collected) if c.role is not Role.FRAME] == [(Role.KEPT, 1)]


@BOTH
@pytest.mark.parametrize("policy", ["timed", "bulb"])
def test_a_dark_frame_of_the_body_is_awaited_though_memory_reads_0(bench: Bench, policy: str) -> None:
    """A body that shows nothing until its own dark frame is done: only the limit keeps the frame."""
    bench.do("noise-reduction", on=True)
    request = bench.ask(50.0, policy=Policy(policy))
    bench.until(lambda: bench.of(ExposureStarted))
    bench.camera.memory.show(0)
    bench.until(lambda: bench.camera.memory.waiting or None)
    bench.camera.memory.show(None)
    end = bench.until(lambda: bench.end_of(request))
    assert isinstance(end, Collected), end


@pytest.mark.parametrize("seconds", [0.01, 0.02, 0.022, 0.025, 0.03, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-7M3"])
def test_a_value_that_falls_back_at_any_moment_is_seen_before_the_press(model: str, seconds: float) -> None:
    """It reads back right, and is another one when the button would have gone down."""
    row = Fault.of("fall-back", {"property": 0xD20D}, value=0x000100FA, seconds=seconds)
    bench = Bench(model, [row])
    bench.connect()
    bench.frame(8.0)
    (press,) = bench.presses.values()
    assert press.exposure_s == 8.0
    bench.assert_clean()


def test_a_walk_that_was_aborted_is_let_come_to_rest() -> None:
    """The body still follows a jump when the next exposure wants another speed."""
    bench = Bench("ILCE-6000")
    bench.connect()
    bench.ask(30.0)
    bench.until(lambda: bench.worker.state.settle_until > bench.clock.monotonic() or None)
    bench.worker.post(Abort())
    found = bench.frame(1 / 4000)
    assert found.shot is not None and found.shot.nominal_s == 1 / 4000
    bench.settle()
    bench.assert_clean()


@BOTH
def test_a_second_raw_that_waits_with_ours_is_nobodys(bench: Bench) -> None:
    row = {"kind": "user", "when": {"operation": 0x1008}, "command": "leave", "args": {"count": 1}}
    bench.do("fault", row=row)
    assert serial_of(bench.frame(1.0).data) == 1
    bench.settle()
    assert [(c.role, serial_of(c.data)) for c in bench.of(Collected)] == [(Role.FRAME, 1), (Role.UNASKED, 2)]
    bench.assert_clean()


@BOTH
def test_a_bulb_that_the_body_ends_itself_is_over_when_its_image_is_there(model: str) -> None:
    bench = Bench(model, [Fault.of("wrong-exposure", seconds=30.0)])
    bench.connect()
    before = bench.clock.monotonic()
    found = bench.frame(200.5)
    assert serial_of(found.data) == 1 and bench.clock.monotonic() - before < 60
    bench.run(1.0)
    assert not bench.camera.body.full and not bench.camera.body.half
    assert serial_of(bench.frame(1.0).data) == 2


@BOTH
def test_nothing_behind_the_handle_is_looked_for_again(model: str) -> None:
    bench = Bench(model, [Fault.of("empty-object-info", {"operation": 0x1008, "count": 3})])
    bench.connect()
    assert serial_of(bench.frame(1.0).data) == 1
    bench.settle()
    assert sum(e.kind == "fault" for e in bench.referee.entries) == 3
    bench.assert_clean()


@BOTH
def test_an_image_that_is_said_to_wait_and_never_is_there_ends_in_words(model: str) -> None:
    """Bit 15 stays set, and there is nothing behind the handle: looking again has an end, too."""
    bench = Bench(model, [Fault.of("empty-object-info", {"count": 0})])
    bench.connect()
    assert "No image came" in bench.failure(1.0, limit_s=2 * 1.0 + GRACE_S + 10)
    assert bench.camera.memory.counter() & 0x8000
    bench.camera.world.faults.__init__()  # type: ignore[misc]
    assert serial_of(bench.frame(1.0).data) == 2
    assert [serial_of(image.data) for image in bench.of(Collected) if image.role is Role.KEPT] == [1]
    bench.assert_clean()


@BOTH
def test_leaving_without_a_disk_lets_the_image_stay_in_the_camera_until_there_is_one(bench: Bench) -> None:
    full: list[str] = ["the disk is full"]
    asked: list[tuple[int, str]] = []

    def room(size: int, folder: str) -> str:
        asked.append((size, folder))
        return full[0] if full else ""

    bench.worker._fetcher._room = room
    bench.ask(2.2, folder="/somewhere")
    bench.until(lambda: bench.of(ExposureStarted))
    bench.worker.post(Leave())
    bench.run(20.0)
    assert not bench.of(Collected) and bench.camera.memory.waiting
    told = [n for n in bench.notices if "stays in the camera" in n]
    assert told == ["The image DSC00001.ARW stays in the camera for now: the disk is full. " + FREE_SPACE], "said once"
    assert asked[0][0] > 0 and asked[0][1] == "/somewhere"
    full.clear()
    bench.until(lambda: bench.worker.finished or None)
    assert [(c.role, serial_of(c.data)) for c in bench.of(Collected)] in ([(Role.FRAME, 1)], [(Role.KEPT, 1)])
    bench.assert_clean()


def test_a_machine_that_runs_in_a_circle_is_a_broken_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture._Machine, "_go_offline", lambda machine: machine._again())
    with pytest.raises(RuleBroken, match="circle at OFFLINE"):
        advance(State(), Tick(), 0.0)


def test_a_step_that_the_table_does_not_name_is_a_broken_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture._Machine, "_go_offline", lambda machine: machine._enter(Phase.EXPOSING))
    with pytest.raises(RuleBroken, match="OFFLINE may not lead to EXPOSING"):
        advance(State(), Connect(), 0.0)


@BOTH
@pytest.mark.parametrize("row", [{"kind": "no-answer"}, {"kind": "late-answer", "seconds": 2.0}], ids=["lost", "late"])
def test_a_release_that_is_not_answered_is_repeated_in_the_same_session(bench: Bench, row: dict[str, object]) -> None:
    """A bulb is closed 2.5 s late where the command got lost, in its time where its answer did; the frame is kept."""
    request = bench.ask(5.3)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.do("fault", row={**row, "when": {"property": Ctl.FULL_PRESS}})
    bench.until(lambda: bench.end_of(request), 60.0)
    (found,) = bench.of(Collected)
    late = 2.5 if row["kind"] == "no-answer" else 0.0
    assert bench.presses[1].exposure_s == pytest.approx(5.3 + late, abs=0.15)
    assert (
        found.role is Role.FRAME
        and found.shot is not None
        and found.shot.measured_s == pytest.approx(5.3 + late, abs=0.15)
    )
    assert [entry.kind for entry in bench.referee.entries].count("session") == 1
    bench.settle()
    bench.assert_clean()


@BOTH
def test_a_camera_that_hears_no_release_is_opened_anew(bench: Bench) -> None:
    request = bench.ask(5.3)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.do("fault", row={"kind": "no-answer", "when": {"property": Ctl.FULL_PRESS, "count": 2}})
    assert isinstance(bench.until(lambda: bench.end_of(request), 60.0), ExposureFailed)
    bench.until(lambda: bench.of(Collected), 60.0)
    assert bench.of(Collected)[0].role is Role.KEPT
    assert bench.presses[1].exposure_s < 5.3 + 2 * 2.5 + 1.0


@pytest.mark.parametrize("make", [Bench, NetBench])
def test_a_camera_that_stops_in_a_long_transfer_is_told_of_within_seconds(make: type[Bench]) -> None:
    """However long the file: Ekos gives a frame up 180 s after its exposure."""

    def large(press: Press) -> Files:
        return [(name, kind, data + bytes(30_000_000)) for name, kind, data in bench_files(press)]

    bench = make("ILCE-7SM3", picture=large, transfer_mbps=20.0)
    bench.connect()
    request = bench.ask(2.3)
    bench.until(lambda: bench.of(ExposureStarted))
    stopped = bench.clock.monotonic() + 3.5
    bench.camera.world.agenda.at(stopped, bench.camera.hang)
    report, told = bench.worker._report, []

    def timed(item: Told) -> None:
        report(item)
        if isinstance(item, ExposureFailed):
            told.append(bench.clock.monotonic())

    bench.worker._report = timed
    bench.until(lambda: bench.end_of(request))
    assert any(isinstance(item, Grown) for item in bench.reports), "it stopped in the middle of the file"
    assert "switch" in bench.of(ExposureFailed)[0].text
    assert told[0] < stopped + 2 * STILL_S + 1
