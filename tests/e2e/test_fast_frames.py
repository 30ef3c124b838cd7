"""Twenty fast exposures through the real server: none lost, none twice, the photos of their presses, in order."""

from __future__ import annotations

import time

import pytest

from indi_sony_py.sim.serial_mark import read_serial
from tests.e2e.frames import Body, body_camera, finished_presses, read_fits
from tools.client import Client, What
from tools.processes import Late
from tools.rig import Rig

FRAMES = 20
LIMIT_S = 330.0


def follow(client: Client, frames: int) -> tuple[list[tuple[int | None, int]], list[str]]:
    """Serial number and FRAMESER of each frame until the series is over; and what was told in between. `Late`."""
    found: list[tuple[int | None, int]] = []
    told: list[str] = []
    until = time.monotonic() + LIMIT_S
    while (left := until - time.monotonic()) > 0:
        event = client.next(left)
        if event is None:
            break
        if event.what is What.BLOB and event.values["size"] > 0:
            header, cfa = read_fits(event.data)
            found.append((read_serial(cfa), int(header["FRAMESER"])))
            told.append("BLOB")
        elif event.what is What.CHANGED and event.name == "CCD_EXPOSURE" and event.state != "Busy":
            told.append(event.state)
        elif event.what is What.CHANGED and event.name == "CCD_FAST_COUNT":
            told.append(f"{event.values['FRAMES']:g}")
            if event.state == "Idle" and len(found) == frames:
                return found, told
    raise Late(f"{len(found)} of {frames} frames; told: {told[-12:]}; the driver said {client.messages[-5:]}")


@pytest.mark.timeout(400)
def test_twenty_fast_frames(rig: Rig) -> None:
    camera = body_camera(rig, Body("ILCE-7SM3", "uncompressed", "3.00"))
    client = rig.connected(rig.server())
    client.set_switch("CCD_FAST_TOGGLE", "INDI_ENABLED")
    client.wait_state("CCD_FAST_TOGGLE", "Ok", 10)
    client.set_number("CCD_FAST_COUNT", FRAMES=FRAMES)
    client.wait_state("CCD_FAST_COUNT", "Ok", 10)
    client.expose(0.1)
    frames, told = follow(client, FRAMES)

    presses = finished_presses(camera, FRAMES)
    assert [serial for serial, _ in frames] == [press["serial"] for press in presses]
    numbers = [number for _, number in frames]
    assert numbers == sorted(set(numbers)) and len(numbers) == FRAMES
    assert told.count("BLOB") == told.count("Ok") == FRAMES
    assert [word for word in told if word.isdecimal()] == [*(str(n) for n in range(FRAMES - 1, 0, -1)), "1"]
    assert rig.rescued() == [] and camera.broken_rules() == []
