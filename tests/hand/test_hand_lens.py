"""The lens through the pair: moves from a face, a place that outlives it in a session, tables that outlive the hand."""

from __future__ import annotations

import pytest

from indi_sony_py.engine.focusmessages import FocusEnded, FocusReport, MoveFocus, StopFocus, To, UseLens
from indi_sony_py.engine.focustable import LensTable
from indi_sony_py.hand.lenses import Lenses
from indi_sony_py.hand.messages import FrameReady
from indi_sony_py.sim.lens import LENSES
from tests.hand.handrig import Face, Rig


def moved(rig: Rig, face: Face, number: int, units: float) -> FocusEnded:
    face.end.send(MoveFocus(number, To.PLACE, units))
    rig.until(lambda: any(ended.id == number for ended in face.all(FocusEnded)))
    return face.last(FocusEnded)


def test_a_place_outlives_the_face_at_work_and_a_table_the_hand(rig: Rig) -> None:
    face = rig.ready()
    lens = rig.camera.lens
    kind = LENSES["standard"]
    table = LensTable(lens.name, kind.sizes, kind.span, kind.backlash)
    face.end.send(UseLens(table))
    rig.until(lambda: face.last(FocusReport).measured)
    assert Lenses(rig.places.state).read() == (table,)
    assert moved(rig, face, 1, 500.0).ok and lens.glass == pytest.approx(500, abs=0.5)
    rig.expose(20.0)
    rig.wait(5.0)
    rig.kill_face()
    second = rig.attach()
    rig.until(lambda: bool(second.all(FocusReport)))
    assert second.last(FocusReport).place == pytest.approx(lens.glass), "the session went on, so nothing was lost"
    rig.until(lambda: bool(second.all(FrameReady)))
    rig.kill_hand()
    rig.start()
    third = rig.ready()
    rig.until(lambda: third.last(FocusReport).ready)
    assert third.last(FocusReport).measured and third.last(FocusReport).place is None
    assert moved(rig, third, 2, 300.0).ok and lens.glass == pytest.approx(300, abs=0.5)
    assert not rig.referee.broken


def test_a_face_stops_a_move(rig: Rig) -> None:
    face = rig.ready()
    face.end.send(MoveFocus(1, To.PLACE, 3000.0))
    rig.wait(2.0)
    face.end.send(StopFocus())
    rig.until(lambda: bool(face.all(FocusEnded)))
    assert not face.last(FocusEnded).ok
    rig.wait(1.0)
    before = rig.camera.lens.glass
    rig.wait(3.0)
    assert rig.camera.lens.glass == before and not rig.referee.broken
