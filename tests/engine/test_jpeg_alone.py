"""JPEG alone where it was asked for: the frame, by the rules that keep an old image from being taken for a new one."""

from __future__ import annotations

import pytest

from indi_sony_py.engine.messages import Collected, ExposureFailed, Role
from tests.engine.bench import Bench, serial_of


@pytest.fixture(params=["ILCE-7SM3", "ILCE-6000"])
def bench(request: pytest.FixtureRequest) -> Bench:
    found = Bench(request.param)
    found.connect()
    return found


def test_the_jpeg_is_the_frame_and_raw_comes_back_with_the_next_request(bench: Bench) -> None:
    for form, ending in (("jpeg", ".JPG"), ("raw", ".ARW"), ("jpeg", ".JPG"), ("raw+jpeg", ".ARW")):
        got = bench.frame(1.0, capture_format=form)
        assert got.name.endswith(ending) and serial_of(got.data) == max(bench.presses)
        bench.settle()
    assert [c.role for c in bench.of(Collected)] == [Role.FRAME] * 4 + [Role.COMPANION]
    bench.assert_clean()


def test_nothing_beside_it_is_waited_for(bench: Bench) -> None:
    bench.frame(0.01, capture_format="jpeg")
    began = bench.clock.monotonic()
    bench.settle()
    assert bench.clock.monotonic() - began < 1.0


def test_the_best_quality_that_is_offered_is_taken() -> None:
    bench = Bench("ILCE-6000")
    bench.connect()
    bench.frame(0.01, capture_format="jpeg")
    assert bench.worker.state.settings is not None
    assert bench.worker.state.settings.number(0x5004) == 3, "fine: this body has no extra fine"


def test_a_jpeg_of_somebody_else_is_never_the_answer(bench: Bench) -> None:
    bench.frame(1.0, capture_format="jpeg")
    bench.settle()
    bench.do("press", hold_s=0.1)
    bench.run(1.2)
    got = bench.frame(2.0, capture_format="jpeg")
    assert got.shot is not None and serial_of(got.data) == max(bench.presses)
    roles = {serial_of(c.data): c.role for c in bench.of(Collected)}
    assert roles[min(bench.presses) + 1] is Role.UNASKED


def test_an_owed_jpeg_is_kept_under_the_name_of_its_request(bench: Bench) -> None:
    bench.frame(1.0, capture_format="jpeg")
    bench.settle()
    bench.do("fault", row={"kind": "slow-image", "seconds": 120.0})
    assert bench.failure(1.0, capture_format="jpeg", limit_s=600.0)
    bench.settle()
    bench.run(150)
    kept = [c for c in bench.of(Collected) if c.role is Role.KEPT]
    assert [c.shot is not None and c.shot.request.id for c in kept] == [2]


def test_a_raw_that_comes_although_jpeg_alone_was_asked_for_is_kept(bench: Bench) -> None:
    bench.do("format", files="jpeg")
    bench.run(3)
    bench.ask(3.0, capture_format="jpeg")
    bench.until(lambda: (bench.worker.state.job is not None and bench.worker.state.job.shot is not None) or None)
    bench.do("format", files="raw+jpeg")
    bench.settle()
    bench.run(10)
    roles = {c.name[-3:]: c.role for c in bench.of(Collected)}
    assert roles.get("JPG") is Role.FRAME or bench.of(ExposureFailed)
    assert roles.get("ARW") in (None, Role.UNASKED)
