"""A client with PHD2's habits: its own connection, BLOBs for the device alone, short frames without a pause.

PHD2 itself is neither in Debian 12 nor on PyPI. What it uses: CCD_EXPOSURE, CCD_FRAME, CCD_BINNING, CCD1, an abort when
looping ends; it takes 16-bit mosaics and finds its star itself.
"""

from __future__ import annotations

import numpy as np

from tests.e2e.frames import Body, body_camera, expose, judge
from tools.rig import Rig

BODY = Body("ILCE-7SM3", "uncompressed", "3.00")


def test_a_loop_of_short_frames_finds_the_same_star_each_time(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    server = rig.server()
    rig.connected(server)
    guider = rig.client(server)
    guider.defined("CCD_EXPOSURE", 20)
    frame = guider.defined("CCD_FRAME").values
    guider.set_number("CCD_BINNING", HOR_BIN=1, VER_BIN=1)
    guider.set_number("CCD_FRAME", X=0, Y=0, WIDTH=frame["WIDTH"], HEIGHT=frame["HEIGHT"])
    places = []
    for count in range(1, 4):
        taken = expose(guider, 0.5)
        press = camera.truth()[count - 1]
        judge(taken, press, BODY)
        x, y, _ = max(press["stars"], key=lambda star: star[2])
        around = taken.cfa[round(y) - 6 : round(y) + 7, round(x) - 6 : round(x) + 7].astype(float)
        light = around - np.median(around)
        places.append((float((light.sum(0) * np.arange(13)).sum() / light.sum()), count))
    assert max(place for place, _ in places) - min(place for place, _ in places) < 0.2
    guider.set_switch("CCD_ABORT_EXPOSURE", "ABORT")
    assert guider.wait_state("CCD_EXPOSURE", "Idle", 10).values["CCD_EXPOSURE_VALUE"] == 0
    assert camera.broken_rules() == []
