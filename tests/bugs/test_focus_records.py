"""Records about auto-focus in the exposure's way, and the lens' steps."""

from __future__ import annotations

import pytest

from indi_sony_py.sony.codes import Prop
from tests.bugs.stages import BODIES, alert, presses
from tests.stage import Stage


def fixed_on_auto(stage: Stage) -> None:
    """Auto-focus is on and cannot be switched off from here, as with a switch at the lens."""
    stage.camera.camera.panel.book.amend(Prop.FOCUS_MODE, get_set=0, enabled=2)
    stage.camera.fault("ignore-set", {"property": int(Prop.FOCUS_MODE), "count": 0})
    stage.camera.do("focus", mode="auto")


@BODIES
def test_b38_a_focus_that_never_comes_ends_soon_and_lets_go(model: str) -> None:
    """Alert within 6 s with the remedy, the button up, nothing pressed; with MF the next exposure works.

    Old bodies are asked for MF against their word, once in a session, for 9 s: the first exposure may take longer.
    """
    with Stage(model) as stage:
        stage.connect()
        fixed_on_auto(stage)
        assert stage.expose(1 / 60).serial == 1
        stage.camera.do("focus-finds", on=False)
        stage.run(2.0)
        before = stage.clock.monotonic()
        text = alert(stage, 1 / 60)
        assert stage.clock.monotonic() - before < 6.0
        assert "could not focus" in text and "MF (manual focus)" in text
        assert len(presses(stage.camera)) == 1
        body = stage.camera.camera.body
        assert not body.half and not body.full
        stage.camera.do("focus", mode="manual")
        assert stage.expose(1.0).serial == 2
        stage.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-7M3"])
def test_b38_where_the_body_lets_it_focus_is_set_to_manual(model: str) -> None:
    with Stage(model) as stage:
        stage.connect()
        stage.camera.do("focus", mode="auto")
        stage.camera.do("focus-finds", on=False)
        assert stage.expose(1.0).serial == 1
        assert stage.camera.do("state")["manual_focus"]
        stage.assert_clean()


@BODIES
def test_b56_half_press_that_does_not_focus_is_no_matter(model: str) -> None:
    """Back-button focus: in MF at once, in AF after the 5 s that the focus may take, with a word for MF."""
    with Stage(model) as stage:
        stage.camera.do("half-press-focuses", on=False)
        stage.connect()
        assert stage.expose(1.0).serial == 1
        fixed_on_auto(stage)
        stage.run(2.0)
        assert stage.expose(1.0).serial == 2
        assert any("Auto-focus is on" in text and "Set the focus mode to MF" in text for text in stage.client.texts)
        stage.assert_clean()


@BODIES
def test_b56_a_body_that_does_not_release_without_focus_is_told_of_mf(model: str) -> None:
    with Stage(model) as stage:
        stage.camera.do("half-press-focuses", on=False)
        stage.connect()
        fixed_on_auto(stage)
        stage.camera.fault("deaf", {"press": 1})
        stage.run(2.0)
        assert "MF" in alert(stage, 1.0)


FOCUSER = {
    "FOCUS_MOTION", "REL_FOCUS_POSITION", "ABS_FOCUS_POSITION", "FOCUS_MAX", "FOCUS_ABORT_MOTION", "FOCUS_SYNC",
    "FOCUS_BACKLASH_TOGGLE", "FOCUS_BACKLASH_STEPS",
}  # fmt: skip


def move(stage: Stage, way: str, steps: float) -> str:
    """A relative move to its end."""
    stage.client.switch("FOCUS_MOTION", way)
    stage.client.number("REL_FOCUS_POSITION", FOCUS_RELATIVE_POSITION=steps)
    stage.settle()
    stage.until(lambda: stage.client["REL_FOCUS_POSITION"].state != "Busy", 100)
    return stage.client["REL_FOCUS_POSITION"].state


def glass(stage: Stage) -> float:
    return stage.camera.camera.lens.glass


def test_b52_steps_that_are_not_linear_make_a_linear_focuser() -> None:
    """Sizes 1 to 7 are 1, 2.5, 8, 20, 55, 146, 389 units: ten times ten in is a hundred out all the same."""
    with Stage("ILCE-7SM3") as stage:
        stage.connect()
        stage.client.number("ABS_FOCUS_POSITION", FOCUS_ABSOLUTE_POSITION=1000)
        stage.until(lambda: stage.client["ABS_FOCUS_POSITION"].state == "Ok", 100)
        assert move(stage, "FOCUS_OUTWARD", 100) == "Ok"
        for count in range(1, 11):
            assert move(stage, "FOCUS_INWARD", 10) == "Ok"
            assert glass(stage) == pytest.approx(1100 - 10 * count, abs=1)
            assert stage.client["ABS_FOCUS_POSITION"].number() == pytest.approx(glass(stage), abs=1)
        stage.assert_clean()


def test_b53_a_move_is_as_long_as_it_was_asked_for() -> None:
    with Stage("ILCE-7RM4") as stage:
        stage.connect()
        before = glass(stage)
        assert move(stage, "FOCUS_OUTWARD", 3000) == "Ok"
        assert glass(stage) == pytest.approx(before + 3000, abs=1)
        stage.assert_clean()


@pytest.mark.parametrize("refused", [False, True])
def test_b54_a_control_that_is_not_announced_is_offered_until_it_is_refused(refused: bool) -> None:
    """An ILCE-7M4 in 2.00 names no control of the focus, and has one."""
    with Stage("ILCE-7M4") as stage:
        if refused:
            stage.camera.fault("refuse", {"operation": 0x9207, "property": 0xD2D1, "count": 0}, code=0x2005)
        stage.client.get_properties()
        stage.settle()
        stage.client.switch("PROTOCOL", "FORCE_200")
        stage.connect()
        stage.run(2.0)
        before = glass(stage)
        assert stage.client.has("REL_FOCUS_POSITION")
        if refused:
            stage.client.number("REL_FOCUS_POSITION", FOCUS_RELATIVE_POSITION=389)
            stage.run(10.0)
            assert any("refuses the lens' steps (0x2005)" in text for text in stage.client.texts)
        else:
            assert move(stage, "FOCUS_OUTWARD", 389) == "Ok"
        assert glass(stage) == (before if refused else pytest.approx(before + 389, abs=1))
        assert stage.client.has("REL_FOCUS_POSITION") is not refused
        assert stage.client["DRIVER_INFO"].values["DRIVER_INTERFACE"] == ("2" if refused else "10")
        assert stage.expose(1.0).serial == 1
        stage.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-7RM4", "ILCE-7SM3", "ILCE-6400"])
def test_b55_the_lens_is_a_complete_focuser(model: str) -> None:
    with Stage(model) as stage:
        stage.connect()
        stage.run(2.0)
        names = {name for _, name in stage.client.vectors}
        assert names >= FOCUSER
        assert int(stage.client["DRIVER_INFO"].values["DRIVER_INTERFACE"]) & 8
        for name in FOCUSER - {"FOCUS_MAX"}:
            assert stage.client[name].permission == "rw"


@pytest.mark.parametrize("model", ["ILCE-6000", "ILCE-7S"])
def test_b55_a_body_that_cannot_drive_a_lens_has_none(model: str) -> None:
    with Stage(model) as stage:
        stage.connect()
        stage.run(2.0)
        assert not FOCUSER & {name for _, name in stage.client.vectors}
        assert stage.client["DRIVER_INFO"].values["DRIVER_INTERFACE"] == "2"
