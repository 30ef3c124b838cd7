"""An abort in each phase of an exposure: answered at once, no frame of it is sent, the next exposure is true."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.frames import Body, body_camera, expose, judge
from tools.client import Client, Event, What
from tools.rig import Rig, Simulator

Session = tuple[Client, Simulator]
Reach = Callable[[Client, Simulator], None]

BODY = Body("ILCE-7SM3", "uncompressed", "3.00")
SLOW_MBPS = 20.0
"""A frame of this body takes more than a second of transfer then."""


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """One connection for all aborts: what one of them leaves behind hits the next."""
    with Rig() as rig:
        camera = body_camera(rig, BODY, transfer_mbps=SLOW_MBPS)
        client = rig.connected(rig.server())
        expose(client, 0.1)
        yield client, camera
        client.set_switch("CONNECTION", "DISCONNECT")
        client.wait_state("CONNECTION", ("Idle", "Ok"), 20)


def _is_countdown(event: Event) -> bool:
    return event.name == "CCD_EXPOSURE" and event.state == "Busy" and event.what is What.CHANGED


def _ask(client: Client, seconds: float) -> None:
    client.expose(seconds)
    client.wait(_is_countdown, 10, "Busy")


def _preparing(client: Client, camera: Simulator) -> None:
    camera.control(command="expect", seconds=3.45)
    _ask(client, 3.45)


def _open_in_bulb(client: Client, camera: Simulator) -> None:
    # One that is cut short is no late release: the referee must know how long it was meant to be.
    camera.control(command="expect", seconds=3.45)
    _ask(client, 3.45)
    client.wait(lambda e: _is_countdown(e) and e.values["CCD_EXPOSURE_VALUE"] < 3.0, 20, "countdown")


def _open_timed_by_the_body(client: Client, camera: Simulator) -> None:
    _ask(client, 4.0)
    client.wait(lambda e: _is_countdown(e) and e.values["CCD_EXPOSURE_VALUE"] < 3.5, 20, "countdown")


def _waiting(client: Client, camera: Simulator) -> None:
    _ask(client, 0.5)
    client.wait(lambda e: _is_countdown(e) and e.values["CCD_EXPOSURE_VALUE"] == 0, 20, "end of the countdown")


def _collecting(client: Client, camera: Simulator) -> None:
    """The first word of the image is its place in the memory of the camera: the transfer follows at once."""
    presses = len(camera.truth())
    _waiting(client, camera)
    while len(camera.truth()) == presses or camera.control(command="state")["counter"] < 0x8000:
        assert client.next(0.05) is None or client.latest[client.device, "CCD_EXPOSURE"].state == "Busy"


PHASES = (_preparing, _open_in_bulb, _open_timed_by_the_body, _waiting, _collecting)


def _button_goes_up(client: Client, camera: Simulator) -> None:
    """Long before the exposure would have ended by itself."""
    until = time.monotonic() + 1.5
    while camera.control(command="state")["full"]:
        assert time.monotonic() < until, "the abort did not reach the camera"
        client.next(0.05)


@pytest.mark.parametrize("reach", PHASES, ids=lambda reach: reach.__name__.strip("_").replace("_", " "))
def test_an_abort_is_answered_at_once_and_the_next_frame_is_true(session: Session, reach: Reach) -> None:
    client, camera = session
    reach(client, camera)
    first = len(client.seen)
    client.set_switch("CCD_ABORT_EXPOSURE", "ABORT")
    client.wait_state("CCD_ABORT_EXPOSURE", "Ok", 2)
    assert client.wait_state("CCD_EXPOSURE", "Idle", 2).values["CCD_EXPOSURE_VALUE"] == 0
    _button_goes_up(client, camera)
    frame = expose(client, 0.1)
    blobs = [event for event in client.seen[first:] if event.what is What.BLOB]
    assert blobs == [frame.event], "the aborted frame was sent"
    judge(frame, camera.truth()[-1], BODY)
    assert camera.broken_rules() == []


def test_an_abort_of_nothing_is_harmless(session: Session) -> None:
    client, camera = session
    client.set_switch("CCD_ABORT_EXPOSURE", "ABORT")
    client.wait_state("CCD_ABORT_EXPOSURE", "Ok", 2)
    judge(expose(client, 0.1), camera.truth()[-1], BODY)
    assert camera.broken_rules() == []


def test_an_exposure_during_another_takes_its_place(session: Session) -> None:
    client, camera = session
    _open_in_bulb(client, camera)
    first = len(client.seen)
    frame = expose(client, 0.1)
    assert [event for event in client.seen[first:] if event.what is What.BLOB] == [frame.event]
    assert "Alert" not in frame.states
    judge(frame, camera.truth()[-1], BODY)
    assert camera.broken_rules() == []
