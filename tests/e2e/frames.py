"""Frames as a client gets them, read by astropy and compared with the sky. Reads memory; drives a client."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy.io import fits

from tools.client import Client, Event, What
from tools.compare import Cfa, Comparison, compare, sensor_of
from tools.processes import Late
from tools.rig import Rig, Simulator

__all__ = [
    "SEED", "Body", "Frame", "body_camera", "expose", "finished_presses", "judge", "one_try", "read_fits", "said",
    "scene",
]  # fmt: skip

SEED = 4711


@dataclass(frozen=True, slots=True)
class Body:
    """A camera and the form of its RAW files; `protocol` is what it must end up with."""

    model: str
    raw: str
    protocol: str

    def __str__(self) -> str:
        return f"{self.model}-{self.raw}"


@dataclass(frozen=True, eq=False)
class Frame:
    """What came for one exposure."""

    header: Mapping[str, Any]
    cfa: Cfa
    event: Event
    states: tuple[str, ...]


def body_camera(rig: Rig, body: Body, **options: str | float | bool) -> Simulator:
    """A simulated camera of this body."""
    return rig.camera("", False, body=body.model, raw=body.raw, seed=SEED, **options)


def read_fits(data: bytes | bytearray) -> tuple[Mapping[str, Any], Cfa]:
    """Header and mosaic; anything that the standard forbids is an error."""
    with fits.open(io.BytesIO(data)) as opened:
        opened.verify("exception")
        cfa = np.array(opened[0].data)
        assert cfa.dtype == np.uint16
        return dict(opened[0].header), cfa


def expose(client: Client, seconds: float, frame_type: str = "FRAME_LIGHT", limit_s: float = 60.0) -> Frame:
    """One exposure from the request to CCD_EXPOSURE Ok, which must come after its frame. Raises `Late`."""
    client.set_switch("CCD_FRAME_TYPE", frame_type)
    client.expose(seconds)
    blob: Event | None = None
    states: list[str] = []
    until = time.monotonic() + limit_s + seconds
    while (left := until - time.monotonic()) > 0:
        event = client.next(left)
        if event is None:
            break
        if event.what is What.BLOB:
            blob = event
        if event.what is not What.CHANGED or event.name != "CCD_EXPOSURE":
            continue
        states.append(event.state)
        if event.state == "Alert":
            raise Late(f"the exposure failed: {client.messages[-3:]}")
        if event.state == "Ok":
            assert blob is not None, "CCD_EXPOSURE became Ok before the frame came"
            header, cfa = read_fits(blob.data)
            return Frame(header, cfa, blob, tuple(states))
    raise Late(f"no frame within {limit_s} s; the driver said {client.messages[-5:]}")


def one_try(client: Client) -> None:
    """One try a request: each failure is looked at."""
    client.set_number("RETAKES", TIMES=0)


def finished_presses(camera: Simulator, count: int) -> list[dict[str, Any]]:
    """The truth about all presses; there must be `count`."""
    presses = camera.truth()
    assert len(presses) == count, f"{len(presses)} presses instead of {count}"
    return presses


def judge(frame: Frame, press: Mapping[str, Any], body: Body) -> Comparison:
    """Compares a frame with its press, pixel for pixel; fails with what is wrong."""
    result = compare(frame.cfa, press, SEED, sensor_of(body.model), stars=False)
    assert not result.faults, result.faults
    assert press["raw"] == body.raw
    return result


def said(client: Client, words: str, limit_s: float) -> str:
    """What the driver said or will say with these words in it, without the time in front. Raises `Late`."""
    for text in client.messages:
        if words in text:
            return text.rstrip()
    event = client.wait(lambda e: e.what is What.MESSAGE and words in e.text, limit_s, f"word of {words!r}")
    return event.text.rstrip()


def scene(camera: Simulator, name: str) -> None:
    """What the camera looks at: "sky", "dark" or "flat"."""
    answer = camera.control(command="scene", scene=name)
    assert answer.get("ok"), answer
