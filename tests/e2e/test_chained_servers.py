"""A server that takes its camera from another one (`device@host:port`): the way for a computer that cannot develop.

INDI_SONY_OTHER_INDISERVER names a second indiserver, of another version: then each of the two stands at each end.
A server reads 8 bytes at a time from another one (1.9.9 and 2.2): a frame takes it 10 s of computing here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.frames import Body, body_camera, expose, finished_presses, judge
from tools.client import What
from tools.processes import Late
from tools.rig import DEVICE, Rig, Server, own_environment

BODY = Body("ILCE-7SM3", "uncompressed", "3.00")
_OURS = "indiserver"
_OTHER = os.environ.get("INDI_SONY_OTHER_INDISERVER", "")
_PAIRS = [(_OURS, _OURS)]
if _OTHER:
    _PAIRS += [(_OURS, _OTHER), (_OTHER, _OURS)]


@contextmanager
def _chained(rig: Rig, camera_port: int, program: str) -> Iterator[Server]:
    """The user's server: its only device is the other one's."""
    folder = rig.folder / "near"
    folder.mkdir()
    device = f"{DEVICE}@127.0.0.1:{camera_port}"
    server = Server(folder, own_environment(rig.home), (device,), ("-r", "2", "-m", "1000"), program=program)
    try:
        yield server
    finally:
        server.stop()


def _camera_server(rig: Rig, program: str) -> Server:
    if shutil.which(program) is None and not Path(program).exists():
        pytest.skip(f"{program} is not there")
    return rig.server(program=program)


def _name(pair: tuple[str, str]) -> str:
    return " before ".join("other" if program == _OTHER else "indiserver" for program in pair)


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("near", "far"), _PAIRS, ids=map(_name, _PAIRS))
def test_frames_come_true_through_a_second_server(rig: Rig, near: str, far: str) -> None:
    camera = body_camera(rig, BODY)
    first = _camera_server(rig, far)
    with _chained(rig, first.port, near) as second:
        client = rig.connected(second)
        client.expose(30.3)
        client.wait_state("CCD_EXPOSURE", "Busy", 20)
        client.set_switch("CCD_ABORT_EXPOSURE", "ABORT")
        client.wait_state("CCD_ABORT_EXPOSURE", "Ok", 20)
        judge(expose(client, 0.25, limit_s=300), camera.truth()[-1], BODY)
        # Who sits at the camera's own computer is served beside.
        judge(expose(rig.connected(first), 0.25), camera.truth()[-1], BODY)
    assert camera.broken_rules() == []


def test_a_line_that_breaks_between_the_servers_costs_no_exposure(rig: Rig) -> None:
    """The user's server ends in mid exposure: the camera's goes on, and its frame comes there."""
    camera = body_camera(rig, BODY)
    first = _camera_server(rig, _OURS)
    with _chained(rig, first.port, _OURS) as second:
        client = rig.connected(second)
        at_the_camera = rig.client(first)
        client.expose(4.3)
        at_the_camera.defined("CCD_EXPOSURE", 10)
        client.wait_state("CCD_EXPOSURE", "Busy", 20)
    try:
        frame = at_the_camera.blob(60)
    except Late as error:
        raise AssertionError("the exposure ended with the user's server") from error
    assert frame.what is What.BLOB
    press = finished_presses(camera, 1)[0]
    assert press["exposure_s"] == pytest.approx(4.3, rel=0.1)
    assert camera.broken_rules() == []
