"""Ekos' own autofocus moves the camera's lens, and leaves it where stars are sharp."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.ekosbench import GAIN, Bench, bench
from tools.ekosfocus import BEGIN, SHARP, STEP, autofocus
from tools.rig import DEVICE


@pytest.fixture(scope="module")
def ekos(kstars_home: Path) -> Iterator[Bench]:
    with bench(kstars_home, config=GAIN, focuser=True) as made:
        yield made


@pytest.mark.timeout(420)
def test_ekos_finds_the_best_focus(ekos: Bench) -> None:
    curve = autofocus(ekos)
    assert len(curve) >= 5 and max(hfr for _, hfr in curve) > 1.3 * min(hfr for _, hfr in curve)
    lens = ekos.camera.control(command="state")
    assert lens["focus"] == pytest.approx(SHARP, abs=STEP), f"from {BEGIN}: {curve}"
    assert lens["focus"] == pytest.approx(ekos.kstars.position(DEVICE), abs=1)
    assert ekos.camera.broken_rules() == []
