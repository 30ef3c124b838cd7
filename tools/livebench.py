"""What live view costs: processor time of the driver's two processes while a client takes 30 frames a second.

    python -m tools.livebench [SECONDS]

For each form of the stream one line: frames a second that the camera gave and that came to the client, and how much of
a core the face and the hand took. Starts a simulated camera, an INDI server and a client on this machine.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.client import Client, What
from tools.interruptible import interruptible
from tools.rig import Rig

__all__ = ["main"]

_LIMIT_S = 60.0
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def _busy_s(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def _measured(client: Client, pids: Sequence[int], seconds: float) -> str:
    client.wait(lambda e: e.what is What.BLOB, _LIMIT_S, "frame")
    began, before, frames = time.monotonic(), [_busy_s(pid) for pid in pids], 0
    while (now := time.monotonic()) < began + seconds:
        event = client.next(began + seconds - now)
        frames += event is not None and event.what is What.BLOB
    took = time.monotonic() - began
    face, hand = (100 * (_busy_s(pid) - old) / took for pid, old in zip(pids, before, strict=True))
    given = client.defined("FPS").values["AVG_FPS"]
    return f"camera {given:.1f} a second, client {frames / took:.1f}; face {face:.1f} %, hand {hand:.1f} % of a core"


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    seconds = float(given[0]) if given else 20.0
    with Rig() as rig:
        rig.camera(body="ILCE-7SM3", seed=7)
        server = rig.server()
        client = rig.connected(server)
        client.set_number("LIMITS", LIMITS_PREVIEW_FPS=30)
        client.set_switch("CCD_VIDEO_STREAM", "STREAM_ON")
        pids = (server.drivers()[0], rig.hands()[0])
        for encoder in ("MJPEG", "RAW"):
            client.set_switch("CCD_STREAM_ENCODER", encoder)
            client.wait_state("CCD_STREAM_ENCODER", "Ok", _LIMIT_S)
            print(f"{encoder:5}: {_measured(client, pids, seconds)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(interruptible(main, "livebench"))
