"""A request that follows another one: it waits for that one's image, ends with its failure, and may be taken back."""

from __future__ import annotations

from itertools import pairwise

import pytest

from indi_sony_py.engine.messages import (
    Abort,
    Aborted,
    Collected,
    Expose,
    ExposureFailed,
    ExposureHeld,
    ExposureProgress,
    ExposureRequest,
    ExposureStarted,
    Role,
    Stage,
)
from tests.engine.bench import Bench, serial_of


@pytest.fixture(params=["ILCE-7SM3", "ILCE-6000"])
def bench(request: pytest.FixtureRequest) -> Bench:
    found = Bench(request.param)
    found.connect()
    return found


def following(bench: Bench, seconds: float, after: ExposureRequest) -> ExposureRequest:
    """Asked for when the shutter of the one before has closed."""
    bench.until(lambda: any(r.id == after.id and r.stage is Stage.WAITING for r in bench.of(ExposureProgress)) or None)
    request = ExposureRequest(bench.next_id, seconds)
    bench.next_id += 1
    bench.worker.post(Expose(request, after.id))
    return request


def frames(bench: Bench) -> list[tuple[int, int | None]]:
    return [(r.shot.request.id, serial_of(r.data)) for r in bench.of(Collected) if r.role is Role.FRAME and r.shot]


@pytest.mark.parametrize("seconds", [0.01, 1.0, 5.3])
def test_each_one_begins_as_soon_as_the_one_before_is_out_of_the_camera(bench: Bench, seconds: float) -> None:
    requests = [bench.ask(seconds)]
    for _ in range(4):
        requests.append(following(bench, seconds, requests[-1]))
    bench.settle()
    assert [number for number, _ in frames(bench)] == [r.id for r in requests]
    serials = [serial for _, serial in frames(bench)]
    assert serials == sorted(set(serials), key=lambda s: s or 0)
    assert not bench.of(ExposureHeld) and not bench.of(Aborted) and not bench.of(ExposureFailed)
    starts = {r.id: r.started_at for r in bench.of(ExposureStarted)}
    gaps = [starts[b.id] - starts[a.id] for a, b in pairwise(requests)]
    assert max(gaps[1:]) < seconds + 4.0, "nothing is waited for but the camera"
    bench.assert_clean()


def test_it_ends_with_the_failure_of_the_one_before(bench: Bench) -> None:
    bench.do("fault", row={"kind": "deaf"})
    first = bench.ask(1.0)
    second = following(bench, 1.0, first)
    bench.settle()
    assert [r.id for r in bench.of(ExposureFailed)] == [first.id, second.id]
    assert [r.id for r in bench.of(ExposureStarted)] == [first.id]


def test_a_pulled_cable_ends_both_once(bench: Bench) -> None:
    first = bench.ask(1.0)
    second = following(bench, 1.0, first)
    bench.do("unplug", back_s=3.0)
    bench.until(lambda: len(bench.of(ExposureFailed)) == 2 or None)
    assert [r.id for r in bench.of(ExposureFailed)] == [first.id, second.id]
    bench.settle()
    assert [r.role for r in bench.of(Collected)] == [Role.KEPT]


def test_taken_back_it_does_not_begin_and_the_one_before_goes_on(bench: Bench) -> None:
    first = bench.ask(1.0)
    second = following(bench, 1.0, first)
    bench.worker.post(Abort(second.id))
    bench.settle()
    assert [number for number, _ in frames(bench)] == [first.id]
    assert bench.of(Aborted) == [Aborted(second.id, "")]
    bench.run(5)
    assert [r.id for r in bench.of(ExposureStarted)] == [first.id]


def test_taken_back_with_its_shutter_open_it_goes_on(bench: Bench) -> None:
    first = bench.ask(1.0)
    second = following(bench, 2.5, first)
    bench.until(lambda: any(r.id == second.id for r in bench.of(ExposureStarted)) or None)
    bench.worker.post(Abort(second.id))
    bench.settle()
    assert [number for number, _ in frames(bench)] == [first.id, second.id] and not bench.of(Aborted)


def test_taken_back_before_its_press_it_does_not_happen(bench: Bench) -> None:
    first = bench.ask(1.0)
    second = following(bench, 2.5, first)
    bench.until(lambda: any(r.id == second.id for r in bench.of(ExposureProgress)) or None)
    bench.worker.post(Abort(second.id))
    bench.settle()
    assert [number for number, _ in frames(bench)] == [first.id] and bench.of(Aborted) == [Aborted(second.id, "")]
    bench.assert_clean()


def test_an_abort_ends_both(bench: Bench) -> None:
    first = bench.ask(1.0)
    second = following(bench, 1.0, first)
    bench.worker.post(Abort())
    bench.settle()
    assert {r.id for r in bench.of(Aborted)} == {first.id, second.id}
    assert [r.role for r in bench.of(Collected)] == [Role.KEPT]


def test_one_that_comes_late_begins_at_once(bench: Bench) -> None:
    first = bench.ask(1.0)
    bench.settle()
    second = ExposureRequest(bench.next_id, 1.0)
    bench.worker.post(Expose(second, first.id))
    bench.until(lambda: len(frames(bench)) == 2 or None, 30.0)


def test_behind_one_that_is_not_there_it_takes_the_place_of_what_runs(bench: Bench) -> None:
    first = bench.ask(20.0)
    bench.until(lambda: bench.of(ExposureStarted) or None)
    bench.worker.post(Expose(ExposureRequest(bench.next_id, 1.0), 999))
    bench.settle()
    assert [r.id for r in bench.of(Aborted)] == [first.id]
    assert [number for number, _ in frames(bench)] == [first.id + 1]
