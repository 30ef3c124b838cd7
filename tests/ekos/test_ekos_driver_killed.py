"""The driver is killed while Ekos exposes: its frame is saved, and the next profile goes on.

Ekos (3.6.2) closes its modules when the device vanishes, and does not open them by itself when it is back.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tools.ekosbench import PROFILE, bench, judge_file
from tools.processes import until
from tools.rig import DRIVER


def test_the_frame_is_saved_and_the_next_profile_goes_on(kstars_home: Path) -> None:
    with bench(kstars_home) as ekos:
        assert ekos.server is not None
        (driver,) = ekos.server.drivers()
        folder = ekos.rig.folder / "frames"
        ekos.begin([ekos.job("Light", 7.3, folder=folder)])
        until(lambda: bool(ekos.camera.control(command="state")["exposing"]), bool, 60, "open shutter")
        os.kill(driver, signal.SIGKILL)
        (saved,) = until(lambda: [Path(frame["path"]) for frame in ekos.rig.rescued()], bool, 90, "saved frame")
        # The shutter closed at its time, although nobody was there who had asked for it.
        header = judge_file(saved, ekos.camera.truth()[0])
        assert abs(header["EXPTIME"] - 7.3) < 0.02
        ekos.server.order(f"start {DRIVER}")
        until(ekos.server.drivers, bool, 20, "new driver")
        ekos.kstars.start_profile(PROFILE)
        (path,) = ekos.run([ekos.job("Light", 1.2, folder=folder)], 120)
        judge_file(path, ekos.camera.truth()[1])
        assert ekos.camera.broken_rules() == []
