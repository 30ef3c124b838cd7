"""KStars starts the server and the driver itself, and the driver is killed while Ekos exposes.

KStars (3.6.2) mostly asks then whether to start the driver again, and ends itself (signal 11): at once when the answer
is yes, at the next start of a profile when it is no. It does so with INDI's own CCD simulator, too. So it is started
anew.
"""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

from tools.ekosbench import PROFILE, bench, judge_file
from tools.kstars import KStars
from tools.processes import until
from tools.rig import Rig


def test_frames_come_and_that_of_a_killed_driver_is_saved(kstars_home: Path) -> None:
    with Rig() as outside:
        other = outside.server(drivers=[])
        with bench(kstars_home, local=True) as ekos:
            folder = ekos.rig.folder / "frames"
            (path,) = ekos.run([ekos.job("Light", 1.2, folder=folder)], 120)
            judge_file(path, ekos.camera.truth()[0])
            # KStars looks for other servers of the machine to end them: not here.
            assert other.child.running()
            (driver,) = ekos.kstars.drivers()
            ekos.begin([ekos.job("Light", 5.3, folder=folder)])
            until(lambda: bool(ekos.camera.control(command="state")["exposing"]), bool, 60, "open shutter")
            os.kill(driver, signal.SIGKILL)
            desktop = ekos.kstars.desktop
            until(partial(ekos.kstars.status, "indiStatus"), lambda status: status == 0, 30, "end of the profile")
            ekos.kstars.end()
            (saved,) = until(lambda: [Path(frame["path"]) for frame in ekos.rig.rescued()], bool, 90, "saved frame")
            header = judge_file(saved, ekos.camera.truth()[1])
            assert abs(header["EXPTIME"] - 5.3) < 0.02
            with KStars(desktop) as ekos.kstars:
                ekos.kstars.start_profile(PROFILE)
                (path,) = ekos.run([ekos.job("Light", 1.3, folder=ekos.rig.folder / "again")], 120)
                judge_file(path, ekos.camera.truth()[2])
            assert ekos.camera.broken_rules() == []
