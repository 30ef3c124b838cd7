"""The focus magnifier as a change of the camera's settings: what may be chosen, what is written, what reads back."""

from __future__ import annotations

import pytest

from indi_sony_py.engine.adjust import Goal
from indi_sony_py.engine.messages import Change, ChangeResult, LiveFrame, LiveView
from indi_sony_py.engine.views import change_goal, report
from indi_sony_py.sim.composition import simulated_models
from indi_sony_py.sony.bodies import body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.magnifier import ANYWHERE, OFF
from indi_sony_py.sony.snapshot import Version
from tests.engine.bench import Bench
from tests.engine.made import altered, settings_of

X4 = 41 << 32
CODE = Prop.FOCUS_MAGNIFIER


def test_bodies_that_list_it_have_it_and_the_others_have_none() -> None:
    with_it = set()
    for model in simulated_models():
        for version in Version:
            try:
                settings = settings_of(model, version)
            except KeyError:
                continue
            shown = report(settings, body(model)).get("magnifier")
            assert (shown is not None) is (settings.get(CODE) is not None)
            if shown is not None:
                assert version is Version.V300 and shown.writable and shown.options[0].value == OFF
                with_it.add(model)
            else:
                assert isinstance(change_goal("magnifier", X4 | ANYWHERE, settings, body(model)), str)
    assert {"ILCE-7SM3", "ILCE-1M2", "ILCE-7M5"} <= with_it


def test_the_way_to_it() -> None:
    settings, row = settings_of("ILCE-7SM3", Version.V300), body("ILCE-7SM3")
    goal = change_goal("magnifier", X4 | ANYWHERE, settings, row)
    assert isinstance(goal, Goal) and (goal.code, goal.target) == (CODE, X4 | ANYWHERE)
    placed = change_goal("magnifier", X4 | 150 << 16 | 100, settings, row)
    assert isinstance(placed, Goal) and placed.target == X4 | 150 << 16 | 100
    assert change_goal("magnifier", OFF, settings, row) is None
    assert "x11" in str(change_goal("magnifier", 110 << 32 | ANYWHERE, settings, row))
    shown = altered(settings, CODE, current=X4 | 200 << 16 | 100)
    assert change_goal("magnifier", X4 | ANYWHERE, shown, row) is None
    assert isinstance(change_goal("magnifier", X4 | 150 << 16 | 100, shown, row), Goal)
    assert isinstance(change_goal("magnifier", OFF, shown, row), Goal)
    assert "x4.1" in str(change_goal("magnifier", X4 | ANYWHERE, altered(settings, CODE, get_set=0), row))
    assert "x4.1" in str(change_goal("magnifier", X4 | ANYWHERE, altered(settings, CODE, enabled=2), row))


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-1M2", "ILCE-7M5"])
def test_a_camera_takes_it_and_frames_say_so(model: str) -> None:
    bench = Bench(model)
    bench.connect()
    bench.worker.post(LiveView(True))
    bench.until(lambda: bench.of(LiveFrame))
    found = bench.camera.panel.book.get(CODE)
    assert found is not None
    wanted = max(found.choices) & ~ANYWHERE | 100 << 16 | 90
    bench.worker.post(Change("magnifier", wanted))
    (result,) = bench.until(lambda: bench.of(ChangeResult))
    assert result.ok and result.value == wanted
    bench.run(2.0)
    frames = bench.of(LiveFrame)
    assert frames[0].magnifier >> 32 == 0 and frames[-1].magnifier == wanted
    bench.worker.post(Change("magnifier", OFF))
    bench.until(lambda: len(bench.of(ChangeResult)) == 2)
    bench.run(2.0)
    assert bench.of(ChangeResult)[-1].ok and bench.of(LiveFrame)[-1].magnifier == 100 << 16 | 90
    bench.assert_clean()


def test_a_camera_that_does_not_take_it_is_told_of() -> None:
    bench = Bench("ILCE-7SM3")
    bench.connect()
    bench.do("fault", row={"kind": "ignore-set", "when": {"property": CODE, "count": 0}})
    bench.worker.post(Change("magnifier", X4 | ANYWHERE))
    (result,) = bench.until(lambda: bench.of(ChangeResult))
    assert not result.ok and "x4.1" in result.text
