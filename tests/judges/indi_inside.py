"""A program of its own, for a virtual machine: an indiserver with indi_gphoto_ccd, and a client that takes an exposure.

Run as `python -m tests.judges.indi_inside FOLDER`, in the root of the clone. The driver saves the frame itself (upload
mode "local", format "native") as FOLDER/judged_*.arw. Prints each step.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tools.wire import Wire, new_vector

DRIVER, DEVICE = "indi_gphoto_ccd", "GPhoto CCD"
PORT = 7811
LIMIT_S = 150.0
SENSOR = {
    "CCD_MAX_X": 6000, "CCD_MAX_Y": 4000, "CCD_BITSPERPIXEL": 16,
    "CCD_PIXEL_SIZE": 3.9, "CCD_PIXEL_SIZE_X": 3.9, "CCD_PIXEL_SIZE_Y": 3.9,
}  # fmt: skip


def connected(port: int) -> Wire:
    """A client; the server is given time to listen."""
    end = time.monotonic() + LIMIT_S
    while True:
        try:
            return Wire(port)
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def state(wire: Wire, name: str, wanted: str, start: int) -> int:
    """Until a vector has a state; where that stands."""
    while True:
        start = wire.until(f'name="{name}"'.encode(), LIMIT_S, start) + 1
        if f'state="{wanted}"'.encode() in wire.received[start : wire.until(b">", LIMIT_S, start)]:
            return start


def main(folder: Path) -> None:
    server = subprocess.Popen(["indiserver", "-u", "/run/judged.sock", "-p", str(PORT), DRIVER])
    try:
        with connected(PORT) as wire:
            wire.get_properties()
            wire.until(b"CONNECTION", LIMIT_S)
            wire.send(new_vector("Switch", DEVICE, "CONNECTION", CONNECT="On"))
            wire.until(b'defNumberVector device="GPhoto CCD" name="CCD_EXPOSURE"', LIMIT_S)
            print("connected", flush=True)
            wire.send(new_vector("Switch", DEVICE, "UPLOAD_MODE", UPLOAD_LOCAL="On"))
            place = {"UPLOAD_DIR": str(folder), "UPLOAD_PREFIX": "judged_XXX"}
            wire.send(new_vector("Text", DEVICE, "UPLOAD_SETTINGS", **place))
            wire.send(new_vector("Switch", DEVICE, "CCD_TRANSFER_FORMAT", FORMAT_NATIVE="On"))
            # Unasked it holds the button, with a shutter speed that libgphoto2 cannot set to bulb (docs/JUDGES.md).
            wire.send(new_vector("Switch", DEVICE, "CCD_FORCE_BLOB", Off="On"))
            wire.send(new_vector("Number", DEVICE, "CCD_INFO", **SENSOR))
            start = len(wire.received)
            wire.send(new_vector("Number", DEVICE, "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=0.5))
            start = state(wire, "CCD_EXPOSURE", "Busy", start)
            state(wire, "CCD_EXPOSURE", "Ok", start)
            print("a frame came", flush=True)
    finally:
        server.terminate()
        server.wait(LIMIT_S)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
