"""A program of its own, for a virtual machine: asks an INDI driver for frames in a row, and tells what came of each.

Run as `python -m tests.judges.rival_inside DRIVER DEVICE FOLDER SECONDS COUNT`, in the root of the clone; frame N
becomes FOLDER/frame-N. One JSON object is printed at the end.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tools.client import Client, What
from tools.processes import Late
from tools.rig import Server, own_environment

CONNECT_S = 90.0
FRAME_S = 150.0
"""The patience of a client after the end of the exposure; Ekos has 180 s."""
BACK_S = 60.0
PIXEL = {"CCD_PIXEL_SIZE": 3.9, "CCD_PIXEL_SIZE_X": 3.9, "CCD_PIXEL_SIZE_Y": 3.9}


def connect(client: Client) -> None:
    client.defined("CONNECTION", CONNECT_S)
    client.set_switch("CONNECTION", "CONNECT")
    # An Alert is not the end: a driver may go on looking for the camera.
    client.wait_state("CONNECTION", "Ok", CONNECT_S)
    client.defined("CCD_EXPOSURE", CONNECT_S)
    client.set_switch("CCD_TRANSFER_FORMAT", "FORMAT_NATIVE")


def prepare(client: Client, driver: str) -> None:
    """What a user of indi_gphoto_ccd has to set by hand."""
    if driver == "indi_gphoto_ccd":
        client.set_number("CCD_INFO", CCD_MAX_X=6000, CCD_MAX_Y=4000, CCD_BITSPERPIXEL=16, **PIXEL)
        client.set_switch("CCD_FORCE_BLOB", "Off")


def expose(client: Client, seconds: float, path: Path) -> dict[str, Any]:
    """One exposure: how it ended, after how long; the frame goes to `path`."""
    began, heard = time.monotonic(), len(client.messages)
    client.expose(seconds)
    until = began + seconds + FRAME_S
    outcome, frame = "nothing within the limit", None
    while (left := until - time.monotonic()) > 0:
        event = client.next(left)
        if event is None:
            break
        if event.what is What.BLOB:
            frame = event
        if event.what is What.GONE:
            outcome = "the server went away"
            break
        if event.what is What.CHANGED and event.name == "CCD_EXPOSURE" and event.state in ("Ok", "Alert", "Idle"):
            outcome = event.state
            if event.state != "Ok" or frame is not None:
                break
        if frame is not None and outcome == "Ok":
            break
    if frame is not None:
        path.write_bytes(frame.data)
    return {
        "outcome": outcome, "frame": path.name if frame is not None else None,
        "seconds": round(time.monotonic() - began, 1), "messages": client.messages[heard:],
    }  # fmt: skip


def main(driver: str, device: str, folder: Path, seconds: float, count: int) -> None:
    told: dict[str, Any] = {"exposures": []}
    with tempfile.TemporaryDirectory(dir="/run") as name:
        home = Path(name)
        more = {key: os.environ[key] for key in ("CAMLIBS", "IOLIBS") if key in os.environ}
        server = Server(home, own_environment(home, LC_ALL="C", **more), drivers=(driver,))
        try:
            with Client(server.port, device) as client:
                client.receive_blobs()
                connect(client)
                told["connecting"] = list(client.messages)
                prepare(client, driver)
                for number in range(1, count + 1):
                    told["exposures"].append(expose(client, seconds, folder / f"frame-{number}"))
                    if told["exposures"][-1]["outcome"] != "Ok":
                        _wait_for_the_camera(client)
        except Late as why:
            told["late"] = str(why)
        finally:
            server.stop()
            told["restarts"] = sum("restart #" in line for line in server.child.lines)
            for number, path in enumerate(sorted(home.rglob("*.arw")), start=1):
                (folder / f"kept-{number}").write_bytes(path.read_bytes())
    print(json.dumps(told))


def _wait_for_the_camera(client: Client) -> None:
    """A user who looks at the screen: goes on when the driver says that the camera is there."""
    until = time.monotonic() + BACK_S
    while (left := until - time.monotonic()) > 0:
        event = client.next(left)
        if event is None:
            return
        if event.name == "CONNECTION" and event.what is What.CHANGED and event.state == "Ok":
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
