"""Trouble 2: an image that was there before is delivered as the new photo, and from then on each frame is one late.

Rules 2 and 10 keep it away with three guards: memory is empty before the press (`_left_over` in the capture machine),
an exposure that was made is followed through to its image whatever ends the request (`_abort_job` changes only what
becomes of it), and an image that cannot be ours is not taken for ours (`judge` in `engine.images`). Each test fails
without its guard, and the test below it shows that.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from indi_sony_py.engine.messages import Abort, Aborted, Collected, ExposureStarted, Role
from indi_sony_py.engine.phases import Phase
from indi_sony_py.sim.faults import Fault
from tests.engine.bench import Bench, serial_of
from tests.troubles.guards import BOTH, serials, take_out


def others(bench: Bench) -> list[Collected]:
    """Everything that was collected and is no answer."""
    return [image for image in bench.of(Collected) if image.role is not Role.FRAME]


def left_before_connect(model: str, count: int = 1) -> None:
    """An earlier program left images in the camera."""
    bench = Bench(model, [Fault.of("leftover", count=count)])
    bench.connect()
    for number in (1, 2):
        assert serial_of(bench.frame(0.5).data) == count + number, "stale"
    bench.settle()
    assert serials(others(bench)) == list(range(1, count + 1)), "what was left is kept"
    bench.assert_clean()


def left_by_a_crash(model: str) -> None:
    """The process dies after the press; the image waits in the camera when the next one comes."""
    bench = Bench(model)
    bench.connect()
    bench.ask(0.5)
    bench.until(lambda: bench.worker.state.phase is Phase.AWAITING or None)
    bench.kill()
    bench.reports.clear()
    bench.run(3.0)
    bench.worker = bench.new_worker()
    bench.connect()
    assert serial_of(bench.frame(0.5).data) == 2, "stale"
    assert serials(others(bench)) == [1]


def under_way_in_a_crash(model: str) -> None:
    """The process dies after the press, and the image is still being prepared when the next one is ready to shoot."""
    bench = Bench(model, [Fault.of("slow-image", {"count": 0}, seconds=12.0)])
    bench.connect()
    bench.ask(0.5)
    bench.until(lambda: bench.worker.state.phase is Phase.AWAITING or None)
    bench.kill()
    bench.reports.clear()
    bench.worker = bench.new_worker()
    bench.connect()
    assert serial_of(bench.frame(0.5).data) == 2, "stale"
    assert serials(others(bench)) == [1]
    assert "R-PRESS-TWICE" not in [b.rule for b in bench.referee.broken]


def left_by_an_abort(model: str, seconds: float) -> None:
    """The user aborts while the shutter is open, and asks for the next frame at once."""
    bench = Bench(model)
    bench.connect()
    first = bench.ask(seconds)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.run(1.0)
    bench.worker.post(Abort())
    bench.step()
    assert isinstance(bench.end_of(first), Aborted)
    assert serial_of(bench.frame(0.5).data) == 2, "stale"
    bench.settle()
    assert [(image.role, image.name) for image in others(bench)] == [(Role.DROPPED, "DSC00001.ARW")]
    bench.assert_clean()


def comes_while_another_is_awaited(model: str) -> None:
    """An image of an earlier time appears when the shutter is already open for ours."""
    bench = Bench(model)
    bench.connect()
    request = bench.ask(5.0)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.run(1.0)
    opened = bench.camera.body.serial
    bench.do("leave", count=1)
    found = bench.until(lambda: bench.end_of(request))
    assert isinstance(found, Collected) and serial_of(found.data) == opened, "stale"
    bench.settle()
    assert serials(others(bench)) == [opened + 1]


def comes_after_its_time_limit(model: str) -> None:
    """A camera that says nothing of an image for so long that it is given up, and then brings it during the next."""
    bench = Bench(model, [Fault.of("slow-image", {"press": 1}, seconds=50.0)])
    bench.connect()
    first = bench.ask(2.0)
    bench.until(lambda: bench.camera.memory.preparing or None)
    bench.run(0.5)
    bench.camera.memory.show(0)
    assert "No image came" in str(bench.until(lambda: bench.end_of(first)))
    bench.ask(30.0)
    bench.until(lambda: bench.of(ExposureStarted)[1:])
    bench.camera.memory.show(None)
    found = bench.until(lambda: [c for c in bench.of(Collected) if c.role is Role.FRAME])[0]
    assert serial_of(found.data) == 2, "stale"
    assert [(c.role, serial_of(c.data)) for c in others(bench)] == [(Role.KEPT, 1)]
    kept = others(bench)[0]
    assert kept.shot is not None and kept.shot.request.id == first.id, "kept under its own name"


@BOTH
@pytest.mark.parametrize("count", [1, 3])
def test_images_left_before_connect_are_no_answer(model: str, count: int) -> None:
    left_before_connect(model, count)


@BOTH
def test_an_image_left_by_a_crash_is_no_answer(model: str) -> None:
    left_by_a_crash(model)


@BOTH
def test_an_image_under_way_in_a_crash_is_awaited_and_is_no_answer(model: str) -> None:
    under_way_in_a_crash(model)


@BOTH
@pytest.mark.parametrize("check", [left_before_connect, left_by_a_crash, under_way_in_a_crash])
def test_without_the_drain_the_old_image_is_the_answer(
    model: str, check: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its time alone would give some of them away.
    take_out(monkeypatch, "memory empty at the press", "whose image is it")
    with pytest.raises(AssertionError, match="stale"):
        check(model)


@BOTH
@pytest.mark.parametrize("seconds", [4.0, 4.4], ids=["timed", "bulb"])
def test_the_image_of_an_aborted_exposure_is_no_answer(model: str, seconds: float) -> None:
    left_by_an_abort(model, seconds)


@BOTH
def test_without_following_an_abort_through_all_is_lost(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    take_out(monkeypatch, "followed through after an abort")
    with pytest.raises(AssertionError):
        left_by_an_abort(model, 4.0)


@BOTH
def test_an_image_that_appears_while_ours_is_open_is_no_answer(model: str) -> None:
    comes_while_another_is_awaited(model)


@BOTH
def test_an_image_that_comes_after_its_time_limit_is_kept_and_is_no_answer(model: str) -> None:
    comes_after_its_time_limit(model)


@BOTH
@pytest.mark.parametrize("check", [comes_while_another_is_awaited, comes_after_its_time_limit])
def test_without_asking_whose_image_it_is_the_old_one_is_the_answer(
    model: str, check: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_out(monkeypatch, "whose image is it")
    with pytest.raises(AssertionError, match="stale"):
        check(model)
