"""LENS_MEASURE through the whole stack: the lens is driven, live view's star is measured, the table is true."""

from __future__ import annotations

import pytest

from indi_sony_py.sim.lens import LENSES
from tests.onestar import OneStar
from tests.stage import Stage

ABS, MEASURE = "ABS_FOCUS_POSITION", "LENS_MEASURE"


@pytest.mark.timeout(240)
def test_a_lens_is_measured_kept_and_used_after_the_next_connection() -> None:
    true = LENSES["standard"]
    with Stage("ILCE-7SM3", live=OneStar, keep=4000) as stage:
        client = stage.client
        stage.connect()
        assert "not measured" in client["LENS"].values["STEPS"]
        stage.run(4.0)
        client.switch(MEASURE, "MEASURE")
        stage.settle()
        assert client[MEASURE].state == "Busy"
        stage.until(lambda: client[MEASURE].state != "Busy", 1500)
        assert client[MEASURE].state == "Ok", client.texts[-3:]
        stage.until(lambda: client[ABS].state != "Busy", 100)
        assert (client[ABS].state, client[ABS].number()) == ("Ok", 0)
        assert client["LENS"].values["STEPS"] == "measured"
        (told,) = (text for text in client.texts if " are measured: sizes " in text)
        sizes = [float(size.strip(",")) for size in told.split("sizes ")[1].split(" steps")[0].split()[:-1]]
        unit = sizes[-1] / true.sizes[-1]
        assert unit == pytest.approx(1, rel=0.12)
        assert sizes[1:] == pytest.approx([size * unit for size in true.sizes[1:]], rel=0.05)
        assert client["FOCUS_MAX"].number() == pytest.approx(true.span * unit, rel=0.05)
        client.disconnect()
        stage.run(3.0)
        stage.connect()
        assert client["LENS"].values["STEPS"] == "measured"
        # A position is where it says, by any steps: the unit alone is measured within a tenth.
        for units in (1000, 250):
            client.number(ABS, FOCUS_ABSOLUTE_POSITION=units)
            stage.settle()
            stage.until(lambda: client[ABS].state != "Busy", 100)
            assert stage.camera.camera.lens.glass * unit == pytest.approx(units, rel=0.05, abs=10)
        assert stage.expose(1.0).serial == 1
        stage.assert_clean()
