"""The computer's clock is set by an hour while a bulb is open: what the exposure, the header and the user get."""

from __future__ import annotations

from datetime import timedelta

import pytest

from indi_sony_py.image.cards import TABLE
from tests.stage import Stage
from tests.tools.test_documents import ROOT

HOUR_S = 3600.0


@pytest.mark.parametrize(
    ("step_s", "transfer"),
    [(HOUR_S, "FORMAT_FITS"), (-HOUR_S, "FORMAT_FITS"), (-0.7, "FORMAT_FITS"), (HOUR_S, "FORMAT_NATIVE")],
)
def test_a_step_in_a_bulb(step_s: float, transfer: str) -> None:
    with Stage() as stage:
        stage.connect()
        stage.client.switch("CCD_TRANSFER_FORMAT", transfer)
        stage.later(10, lambda: stage.clock.step_wall(step_s))
        began = stage.clock.utc()
        frame = stage.expose(31.7)
        press = stage.camera.presses[1]
        assert press.exposure_s == pytest.approx(31.7, abs=0.001)
        told = [text for text in stage.client.texts if "clock was moved" in text]
        assert len(told) == 1 and f"by {step_s:+.1f} s" in told[0]
        if transfer == "FORMAT_FITS":
            at = began + timedelta(seconds=press.opened - stage.clock.monotonic()) + (stage.clock.utc() - began)
            at -= timedelta(seconds=step_s)
            assert frame.header["DATE-OBS"] == at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
            assert frame.header["CLOCKSTP"] == pytest.approx(step_s, abs=0.01)
            assert frame.header["EXPTIME"] == 31.7 and frame.header["EXPMEAS"] == pytest.approx(31.7, abs=0.001)
        after = stage.expose(2.0)
        assert transfer == "FORMAT_NATIVE" or "CLOCKSTP" not in after.header
        assert len([text for text in stage.client.texts if "clock was moved" in text]) == 1
        countdown = [seconds for state, seconds in stage.client["CCD_EXPOSURE"].states() if state == "Busy"]
        assert all(seconds <= 31.7 for seconds in countdown)
        stage.assert_clean()


def test_a_clock_that_is_hardly_moved_says_nothing() -> None:
    with Stage() as stage:
        stage.connect()
        stage.later(10, lambda: stage.clock.step_wall(0.2))
        frame = stage.expose(31.7)
        assert "CLOCKSTP" not in frame.header and not [t for t in stage.client.texts if "clock was moved" in t]


def test_the_document_tells_of_it() -> None:
    assert "CLOCKSTP" in {row.keyword for row in TABLE}
    assert "## A clock that is moved" in (ROOT / "docs" / "FRAMES.md").read_text(encoding="utf-8")
