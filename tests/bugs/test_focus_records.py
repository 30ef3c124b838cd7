"""Records about auto-focus in the exposure's way, and about live view on bodies that have none."""

from __future__ import annotations

import pytest

from indi_sony_py.sony.codes import HANDLE_LIVE_VIEW, Prop
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


@pytest.mark.parametrize("model", ["ILCE-6000", "ILCE-5100", "ILCE-7SM3"])
def test_b50_live_view_is_never_asked_of_a_body_by_an_exposure(model: str) -> None:
    """The first half of the record: a body that hangs at the live view's object never hears of it."""
    with Stage(model) as stage:
        for operation in (0x1008, 0x1009):
            stage.camera.fault("hang", {"operation": operation, "property": HANDLE_LIVE_VIEW})
        stage.connect()
        assert not stage.client.has("CCD_VIDEO_STREAM")
        assert [stage.expose(seconds).serial for seconds in (1.0, 3.3)] == [1, 2]
        stage.client.disconnect()
        stage.run(10.0)
        assert not stage.camera.camera.hung
        stage.assert_clean()
