"""A sequence of Ekos while KStars' live window is open: every photo arrives, and live view goes on.

With photos and live view in one BLOB vector KStars 3.6.2 crashed at the first of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.ekosbench import SAVED, Bench, bench, judge_file
from tools.processes import until
from tools.rig import DEVICE


@pytest.fixture(scope="module")
def ekos(kstars_home: Path) -> Iterator[Bench]:
    with bench(kstars_home, config=SAVED) as made:
        yield made


def frames_come(ekos: Bench) -> None:
    """One more word about them than there is now."""
    before = ekos.kstars.number(DEVICE, "FPS", "EST_FPS")
    until(lambda: ekos.kstars.number(DEVICE, "FPS", "EST_FPS"), lambda fps: fps > 1 and fps != before, 60, "frames")


def test_a_sequence_with_the_live_window_open(ekos: Bench) -> None:
    ekos.kstars.choose(DEVICE, "CCD_VIDEO_STREAM", "STREAM_ON")
    frames_come(ekos)
    files = ekos.run([ekos.job("Light", 1.5, 3)], 150.0)
    presses = ekos.camera.truth()
    assert len(files) == len(presses) == 3
    for path, press in zip(files, presses, strict=True):
        judge_file(path, press)
    assert ekos.kstars.child.running()
    assert ekos.kstars.switch(DEVICE, "CCD_VIDEO_STREAM", "STREAM_ON") == "On"
    frames_come(ekos)
    assert ekos.camera.broken_rules() == []
