"""A program of its own, for a virtual machine: the driver under indiserver, and a client in bare XML.

Run as `python -m tests.guest.driver_inside FOLDER DRIVER` in the root of the clone. Two exposures of a second become
FOLDER/ours_001.fits and 002; between them camera 2, the only one, is unplugged and comes back.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.guest.inside import tell
from tests.judges.indi_inside import connected, state
from tools.wire import Wire, new_vector

DEVICE = "Sony Alpha"
PORT = 7812
LIMIT_S = 150.0
BACK_S = 3.0


def expose(wire: Wire) -> None:
    start = len(wire.received)
    wire.send(new_vector("Number", DEVICE, "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=1.0))
    state(wire, "CCD_EXPOSURE", "Ok", state(wire, "CCD_EXPOSURE", "Busy", start))


def main(folder: Path, driver: str) -> None:
    began = time.monotonic()

    def step(name: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s {name}", flush=True)

    env = os.environ | {"HOME": "/run/driver-home"}
    Path("/run/driver-home").mkdir(exist_ok=True)
    command = ["indiserver", "-u", "/run/ours.sock", "-p", str(PORT), "-m", "1000", driver]
    server = subprocess.Popen(command, env=env)
    try:
        with connected(PORT) as wire:
            wire.get_properties()
            wire.until(b'name="CONNECTION"', LIMIT_S)
            step("first property")
            wire.send(new_vector("Switch", DEVICE, "CONNECTION", CONNECT="On"))
            wire.until(b'name="CCD_EXPOSURE"', LIMIT_S)
            step("connected")
            wire.send(new_vector("Switch", DEVICE, "UPLOAD_MODE", UPLOAD_LOCAL="On"))
            wire.send(new_vector("Text", DEVICE, "UPLOAD_SETTINGS", UPLOAD_DIR=str(folder), UPLOAD_PREFIX="ours_XXX"))
            expose(wire)
            step("frame 1")
            start = len(wire.received)
            tell(2, command="unplug", back_s=BACK_S)
            start = state(wire, "CONNECTION", "Alert", start)
            step("the lost camera was told")
            state(wire, "CONNECTION", "Ok", start)
            step("healed")
            expose(wire)
            step("frame 2")
    finally:
        server.terminate()
        server.wait(LIMIT_S)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
