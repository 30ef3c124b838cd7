"""Focus moves on the simulated camera: B52 to B54, stops, exposures in between, and everything that loses the place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.engine import moving
from indi_sony_py.engine.focusmessages import FocusEnded, FocusReport, LensKept, MoveFocus, StopFocus, To, UseLens
from indi_sony_py.engine.focustable import LensTable
from indi_sony_py.engine.messages import Disconnect, Leave
from indi_sony_py.sim.faults import Fault, parse
from indi_sony_py.sim.lens import LENSES
from tests.engine.bench import Bench

TABLES = {name: LensTable("", kind.sizes, kind.span, kind.backlash) for name, kind in LENSES.items() if kind.motor}
"""The true tables, for the test to give a name."""


class Rig(Bench):
    """A camera with a lens whose table is known."""

    def __init__(self, kind: str = "standard", model: str = "ILCE-7SM3", *faults: Fault, **options: Any) -> None:
        super().__init__(model, faults, **options)
        self.do("lens", kind=kind)
        self.moves = 0
        self.table = LensTable(self.camera.lens.name, *_parts(TABLES[kind]))
        self.connect(lenses=(self.table,))

    @property
    def true(self) -> float:
        return self.camera.lens.glass

    @property
    def told(self) -> FocusReport:
        return self.of(FocusReport)[-1]

    def start(self, units: float = 0.0, to: To = To.PLACE) -> int:
        self.moves += 1
        self.worker.post(MoveFocus(self.moves, to, units))
        return self.moves

    def end(self, number: int) -> FocusEnded:
        found = self.until(lambda: next((e for e in self.of(FocusEnded) if e.id == number), None))
        assert found is not None
        return found

    def move(self, units: float = 0.0, to: To = To.PLACE) -> FocusEnded:
        return self.end(self.start(units, to))


def _parts(table: LensTable) -> tuple[tuple[float, ...], float, float]:
    return table.sizes, table.span, table.backlash


def test_b52_what_is_told_is_the_truth() -> None:
    """The table of the record: +100, -10 ten times, +37, -37, the end stop, 20 targets."""
    rig = Rig()
    assert rig.told.ready and rig.told.place is None

    def check(ended: FocusEnded, place: float) -> None:
        assert ended.ok and ended.place == pytest.approx(rig.true) == pytest.approx(place, abs=0.5)

    check(rig.move(500.0), 500)
    check(rig.move(100.0, To.NEARER), 600)
    for count in range(1, 11):
        check(rig.move(-10.0, To.NEARER), 600 - 10 * count)
    check(rig.move(37.0, To.NEARER), 537)
    check(rig.move(-37.0, To.NEARER), 500)
    check(rig.move(to=To.FAR_STOP), 0)
    for number in range(20):
        target = (number * 977) % 4100
        check(rig.move(float(target)), target)
    rig.assert_clean()


@given(
    st.sampled_from(("standard", "three-steps", "tele")),
    st.lists(
        st.one_of(
            st.tuples(st.just(To.PLACE), st.floats(-100, 10000)),
            st.tuples(st.just(To.NEARER), st.floats(-3000, 3000)),
            st.tuples(st.just(To.FAR_STOP), st.just(0.0)),
            st.tuples(st.just("stop"), st.floats(0.1, 8)),
        ),
        min_size=1,
        max_size=5,
    ),
)
@settings(max_examples=10, deadline=None)
def test_any_moves_and_stops_keep_the_place_true(kind: str, moves: list[tuple[Any, float]]) -> None:
    rig = Rig(kind, seam="session")
    rig.move(to=To.FAR_STOP)
    for to, units in moves:
        if to == "stop":
            number = rig.start(4000.0)
            rig.run(units)
            rig.worker.post(StopFocus())
        else:
            number = rig.start(units, to)
        ended = rig.end(number)
        rig.run(1.0)
        assert ended.place is not None and abs(ended.place - rig.true) <= rig.table.smallest
        assert ended.ok or to == "stop"
    rig.assert_clean()


def test_b53_a_stop_in_the_middle() -> None:
    rig = Rig()
    rig.move(to=To.FAR_STOP)
    number = rig.start(4000.0)
    rig.run(2.0)
    before = rig.clock.monotonic()
    rig.worker.post(StopFocus())
    ended = rig.end(number)
    assert rig.clock.monotonic() - before < 0.5 and not ended.ok and "was stopped" in ended.text
    rig.run(1.0)
    assert 0 < rig.true < 4000 and ended.place == pytest.approx(rig.true)
    assert not rig.told.moving
    assert rig.move(300.0).ok and rig.true == pytest.approx(300, abs=0.5)
    rig.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-7M4"])
def test_b54_a_control_that_is_not_announced_is_tried(model: str) -> None:
    rig = Bench(model)
    rig.connect(force_200=True)
    told = rig.of(FocusReport)[-1]
    assert told.ready and not told.measured
    rig.worker.post(MoveFocus(1, To.NEARER, 389.0))
    rig.until(lambda: rig.of(FocusEnded))
    assert rig.of(FocusEnded)[0].ok and rig.camera.lens.glass == pytest.approx(260 + 389)
    rig.assert_clean()


def test_b54_a_control_that_is_refused_is_remembered() -> None:
    rows = [{"kind": "refuse", "when": {"operation": 0x9207, "property": 0xD2D1, "count": 0}, "code": 0x2005}]
    rig = Rig("standard", "ILCE-7M4", *parse(rows))
    ended = rig.move(100.0, To.NEARER)
    assert not ended.ok and "refuses the lens' steps" in ended.text and "0x2005" in ended.text
    rig.run(3.0)
    assert not rig.told.ready and "refuses the lens' steps" in rig.told.text
    assert rig.frame(1.0)
    rig.assert_clean()


def test_a_lens_that_cannot_be_driven_is_told() -> None:
    for command, args, word in (
        ("focus", {"mode": "auto"}, "takes no steps"),
        ("lens", {"kind": "manual"}, "cannot be driven"),
    ):
        rig = Rig()
        rig.do(command, **args)
        rig.run(3.0)
        assert not rig.told.ready and word in rig.told.text
        ended = rig.move(100.0)
        assert not ended.ok and word in ended.text
        assert rig.true == rig.camera.lens.kind.infinity
        rig.assert_clean()


def test_a_move_waits_for_the_exposure_and_the_exposure_for_the_move() -> None:
    rig = Rig()
    rig.move(to=To.FAR_STOP)
    request = rig.ask(5.0)
    rig.run(2.0)
    number = rig.start(500.0)
    rig.until(lambda: rig.end_of(request))
    assert rig.true == 0, "not during the exposure"
    assert rig.end(number).ok
    number = rig.start(2000.0)
    rig.run(0.5)
    second = rig.ask(1.0)
    ended = rig.end(number)
    assert ended.ok and rig.true == pytest.approx(2000, abs=0.5)
    assert rig.end_of(second) is None
    rig.until(lambda: rig.end_of(second))
    assert rig.presses[2].night.blur_px == pytest.approx(rig.camera.lens.blur_px)
    rig.assert_clean()


def test_a_newer_move_takes_the_place_of_the_older() -> None:
    rig = Rig()
    rig.move(to=To.FAR_STOP)
    first = rig.start(4000.0)
    rig.run(1.0)
    second, third = rig.start(100.0), rig.start(200.0)
    assert not rig.end(first).ok and not rig.end(second).ok
    assert rig.end(third).ok and rig.true == pytest.approx(200, abs=0.5)
    rig.assert_clean()


@pytest.mark.parametrize(
    ("command", "args"), [("ring", {"steps": -900.0}), ("lens", {"kind": "tele"}), ("focus", {"mode": "auto"})]
)
def test_what_loses_the_place(command: str, args: dict[str, Any]) -> None:
    rig = Rig()
    rig.move(500.0)
    assert rig.told.place == pytest.approx(500, abs=0.5)
    rig.run(3.0)
    rig.do(command, **args)
    rig.until(lambda: rig.told.place is None or None, 10.0)
    rig.do("focus", mode="manual")
    rig.run(3.0)
    assert rig.told.place is None
    ended = rig.move(200.0)
    assert ended.ok and ended.place == pytest.approx(200, abs=0.5)
    if command != "lens":
        assert rig.true == pytest.approx(200, abs=0.5)
    assert rig.told.lens == rig.camera.lens.name
    rig.assert_clean()


def test_a_lost_session_loses_the_place_and_ends_the_move() -> None:
    rig = Rig()
    rig.move(to=To.FAR_STOP)
    number = rig.start(4000.0)
    rig.run(1.0)
    rig.do("unplug", back_s=2.0)
    ended = rig.end(number)
    assert not ended.ok and ended.place is None and "not known any more" in ended.text
    rig.until(lambda: rig.told.ready or None)
    assert rig.told.place is None
    assert rig.move(300.0).ok and rig.true == pytest.approx(300, abs=0.5)
    rig.assert_clean()


def test_a_step_without_an_answer() -> None:
    rows = [{"kind": "no-answer", "when": {"operation": 0x9207, "property": 0xD2D1, "nth": 20}, "carried_out": True}]
    rig = Rig("standard", "ILCE-7SM3", *parse(rows))
    rig.move(to=To.FAR_STOP)
    number = rig.start(4000.0)
    assert not rig.end(number).ok and rig.told.place is None
    rig.until(lambda: rig.told.ready or None)
    assert rig.move(300.0).ok and rig.true == pytest.approx(300, abs=0.5)
    rig.assert_clean()


def test_a_photo_at_the_body_meanwhile_makes_the_place_unknown_and_is_kept() -> None:
    rig = Rig()
    rig.move(to=To.FAR_STOP)
    number = rig.start(4000.0)
    rig.run(1.0)
    rig.do("press", hold_s=0.2)
    ended = rig.end(number)
    assert not ended.ok and ended.place is None and "moved the lens" in ended.text
    rig.settle()
    assert rig.move(300.0).ok and rig.true == pytest.approx(300, abs=0.5)
    rig.assert_clean()


@pytest.mark.parametrize("request_", [Disconnect(), Leave()])
def test_the_end_of_the_connection_ends_the_move(request_: Any) -> None:
    rig = Rig()
    number = rig.start(4000.0)
    rig.run(2.0)
    rig.worker.post(request_)
    assert not rig.end(number).ok
    rig.until(lambda: not rig.camera.responder.session_open or None, 30.0)
    rig.assert_clean()


def test_without_a_camera_it_is_refused_at_once() -> None:
    rig = Bench()
    rig.worker.post(MoveFocus(1, To.PLACE, 5.0))
    rig.until(lambda: rig.of(FocusEnded))
    assert "not connected" in rig.of(FocusEnded)[0].text


def test_a_move_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "MOVE_MAX_S", 3.0)
    rig = Rig()
    ended = rig.move(4000.0)
    assert not ended.ok and "was not there after" in ended.text
    rig.assert_clean()


def test_a_new_table_is_kept_and_used() -> None:
    rig = Rig("three-steps")
    rig.move(100.0)
    other = LensTable(rig.camera.lens.name, rig.table.sizes, 880.0, 5.0)
    rig.worker.post(UseLens(other))
    rig.until(lambda: rig.of(LensKept))
    assert rig.of(LensKept)[-1].table == other
    assert rig.told.place is None and rig.told.limit == other.reach
    rig.worker.post(UseLens(LensTable(rig.camera.lens.name, rig.table.sizes, 5.0)))
    rig.until(lambda: [text for text in rig.notices if "is not taken" in text])
    assert rig.told.limit == other.reach and len(rig.of(LensKept)) == 1
    rig.assert_clean()


def test_a_lens_that_nobody_measured_is_told_of_once() -> None:
    rig = Bench()
    rig.do("lens", kind="tele")
    rig.connect()
    for number, place in ((1, 500.0), (2, 100.0), (3, 500.0)):
        rig.worker.post(MoveFocus(number, To.PLACE, place))
        rig.until(lambda number=number: [e for e in rig.of(FocusEnded) if e.id == number])  # type: ignore[misc]
        if number == 1:
            first = rig.camera.lens.glass
    assert rig.camera.lens.glass == pytest.approx(first, abs=25), "the same position is about the same place"
    assert len([text for text in rig.notices if "not measured" in text]) == 1
    rig.assert_clean()
