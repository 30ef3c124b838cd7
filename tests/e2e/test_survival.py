"""What must not end a frame: servers that stop, processes that are killed, clients that vanish, disks that are full."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.frames import Body, Frame, body_camera, expose, judge, one_try, read_fits, said
from tools.client import Client, Event, What
from tools.processes import process_ended
from tools.rig import DEVICE, DRIVER, Rig, Server, Simulator
from tools.wire import Wire, new_vector

BODY = Body("ILCE-7SM3", "uncompressed", "3.00")
LONG_S = 3.45
"""No body has a speed within 1 % of it: a bulb."""


def _opened(client: Client, camera: Simulator, seconds: float) -> None:
    """Starts a bulb exposure; returns when its countdown runs."""
    # One that is cut short is no late release: the referee must know how long it was meant to be.
    camera.control(command="expect", seconds=seconds)
    client.expose(seconds)
    client.wait(
        lambda e: (
            e.name == "CCD_EXPOSURE"
            and e.what is What.CHANGED
            and e.state == "Busy"
            and 0 < e.values["CCD_EXPOSURE_VALUE"] < seconds - 0.3
        ),
        seconds + 20,
        "a running countdown",
    )
    assert camera.truth() == []


ALLOWED_FOR_A_KILL = {"R-HOST-GONE-DOWN"}
"""The host vanished with the button down: nobody can help that."""


def _judge_file(path: str, press: dict[str, Any]) -> None:
    header, cfa = read_fits(Path(path).read_bytes())
    judge(Frame(header, cfa, Event(What.BLOB, 0.0), ()), press, BODY)
    assert press["exposure_s"] == pytest.approx(LONG_S, rel=0.01)


def _face(server: Server) -> int:
    (pid,) = server.drivers()
    return pid


def _server_stops(rig: Rig, server: Server) -> None:
    """Standard input of the driver ends, as when indiserver is ended."""
    server.stop()


def _face_gets(number: signal.Signals) -> Callable[[Rig, Server], None]:
    def end(rig: Rig, server: Server) -> None:
        pid = _face(server)
        os.kill(pid, number)
        assert process_ended(pid, 10)
        server.stop()

    return end


def _fifo_stop(rig: Rig, server: Server) -> None:
    """What KStars and INDI Web Manager do: the server kills the driver."""
    pid = _face(server)
    server.order(f"stop {DRIVER}")
    assert process_ended(pid, 10)
    server.stop()


ENDS = {
    "the server ends": _server_stops,
    "SIGTERM for the face": _face_gets(signal.SIGTERM),
    "SIGKILL for the face": _face_gets(signal.SIGKILL),
    "stop through the server": _fifo_stop,
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_an_exposure_ends_on_time_and_its_frame_is_on_disk(rig: Rig, end: Callable[[Rig, Server], None]) -> None:
    """The face is gone: the hand closes the shutter, saves, leaves; the next face announces the frame and shoots."""
    camera = body_camera(rig, BODY)
    server = rig.server()
    client = rig.connected(server)
    _opened(client, camera, LONG_S)
    (hand,) = rig.hands()
    end(rig, server)
    assert process_ended(hand, LONG_S * 2 + 30)
    (press,) = camera.truth()
    (rescued,) = rig.rescued()
    _judge_file(rescued["path"], press)

    again = rig.connected(rig.server())
    said(again, rescued["path"], 10)
    if end is _fifo_stop:
        judge(expose(again, 0.25), camera.truth()[-1], BODY)
    assert camera.broken_rules() == []


def test_a_new_face_adopts_the_exposure_that_still_runs(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    server = rig.server()
    client = rig.connected(server)
    _opened(client, camera, 12.3)
    (hand,) = rig.hands()
    _face_gets(signal.SIGKILL)(rig, server)
    again = rig.connected(rig.server())
    assert rig.hands() == [hand]
    busy = again.latest[DEVICE, "CCD_EXPOSURE"]
    if busy.state != "Busy":
        busy = again.wait_state("CCD_EXPOSURE", "Busy", 5)
    assert 0 < busy.values["CCD_EXPOSURE_VALUE"] < 12.3
    frame = again.blob(60)
    _, cfa = read_fits(frame.data)
    (press,) = camera.truth()
    judge(Frame({}, cfa, frame, ()), press, BODY)
    assert press["exposure_s"] == pytest.approx(12.3, rel=0.01)
    assert camera.broken_rules() == []


def test_an_adopted_exposure_can_be_aborted(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    server = rig.server()
    client = rig.connected(server)
    _opened(client, camera, 60.3)
    _face_gets(signal.SIGKILL)(rig, server)
    again = rig.connected(rig.server())
    again.set_switch("CCD_ABORT_EXPOSURE", "ABORT")
    again.wait_state("CCD_ABORT_EXPOSURE", "Ok", 2)
    frame = expose(again, 0.25, limit_s=30)
    judge(frame, camera.truth()[-1], BODY)
    assert camera.broken_rules() == []


def test_a_hand_that_is_killed_is_missed_and_replaced(rig: Rig) -> None:
    """The new hand releases the button, fetches what the camera made, and saves it; the next frame is true."""
    camera = body_camera(rig, BODY)
    client = rig.connected(rig.server())
    one_try(client)
    _opened(client, camera, LONG_S)
    (hand,) = rig.hands()
    os.kill(hand, signal.SIGKILL)
    client.wait_state("CCD_EXPOSURE", "Alert", 20)
    client.wait(lambda e: e.what is What.MESSAGE and ".fits" in e.text, 60, "word of the image that was saved")
    frame = expose(client, 0.25)
    presses = camera.truth()
    assert len(presses) == 2
    judge(frame, presses[-1], BODY)
    (rescued,) = rig.rescued()
    _, cfa = read_fits(Path(rescued["path"]).read_bytes())
    judge(Frame({}, cfa, Event(What.BLOB, 0.0), ()), presses[0], BODY)
    alerts = [e for e in client.seen if e.name == "CCD_EXPOSURE" and e.state == "Alert"]
    assert len(alerts) == 1
    assert {row["rule"] for row in camera.broken_rules()} <= ALLOWED_FOR_A_KILL, camera.broken_rules()


def test_sigterm_for_the_hand_closes_the_shutter_at_once(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    client = rig.connected(rig.server())
    one_try(client)
    _opened(client, camera, 60.3)
    (hand,) = rig.hands()
    os.kill(hand, signal.SIGTERM)
    assert process_ended(hand, 30)
    (press,) = camera.truth()
    assert press["exposure_s"] < 20
    (rescued,) = rig.rescued()
    _, cfa = read_fits(Path(rescued["path"]).read_bytes())
    judge(Frame({}, cfa, Event(What.BLOB, 0.0), ()), press, BODY)
    assert camera.broken_rules() == []


def test_a_client_that_vanishes_and_one_that_never_reads_do_no_harm(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    server = rig.server()
    client = rig.connected(server)
    with Wire(server.port, buffer=4096) as deaf:
        deaf.get_properties()
        deaf.send(f"<enableBLOB device='{DEVICE}'>Also</enableBLOB>".encode())
        with Wire(server.port) as brief:
            brief.get_properties()
            brief.until(b"CCD_EXPOSURE", 10)
            brief.send(new_vector("Number", DEVICE, "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=1.3))
            client.wait_state("CCD_EXPOSURE", "Busy", 10)
        client.blob(30)
        client.wait_state("CCD_EXPOSURE", "Ok", 10)
        for _ in range(3):
            frame = expose(client, 0.25)
            judge(frame, camera.truth()[-1], BODY)
    assert camera.broken_rules() == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A tmpfs of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _saved_elsewhere(rig: Rig, client: Client, camera: Simulator, folder: Path) -> None:
    client.set_switch("UPLOAD_MODE", "UPLOAD_LOCAL")
    client.set_text("UPLOAD_SETTINGS", UPLOAD_DIR=str(folder), UPLOAD_PREFIX="night_XXX")
    client.expose(0.25)
    client.wait_state("CCD_EXPOSURE", ("Ok", "Alert"), 40)
    (press,) = camera.truth()
    (rescued,) = rig.rescued()
    assert not Path(rescued["path"]).is_relative_to(folder)
    _, cfa = read_fits(Path(rescued["path"]).read_bytes())
    judge(Frame({}, cfa, Event(What.BLOB, 0.0), ()), press, BODY)
    said(client, rescued["path"], 10)
    assert [path for path in folder.iterdir() if path.stat().st_size] == []


def test_a_full_disk_loses_no_frame(rig: Rig, small_disk: Path) -> None:
    camera = body_camera(rig, BODY)
    client = rig.connected(rig.server())
    _saved_elsewhere(rig, client, camera, small_disk)


NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")
WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--")


def _ordinary(rig: Rig) -> tuple[str, ...]:
    """The words that start a program with an ordinary user's rights; the rig's folder is that user's then."""
    if os.getuid() != 0:
        return ()
    for words in (NOBODY, WITHOUT_RIGHTS):
        # A shell between: what may be started by this process need not be what that user can start.
        tried = [*words, "sh", "-c", f"exec '{DRIVER}' --version"]
        if subprocess.run(tried, cwd="/", capture_output=True, check=False).returncode == 0:
            if words is NOBODY:
                for path in (rig.folder, *rig.folder.rglob("*")):
                    os.chown(path, 65534, 65534)
            return words
    pytest.skip("no program can be started with less rights than root's here")


def test_a_folder_that_cannot_be_written_loses_no_frame(rig: Rig) -> None:
    """As an ordinary user: root can write everywhere."""
    camera = body_camera(rig, BODY)
    server = rig.server(prefix=_ordinary(rig))
    locked = rig.folder / "locked"
    locked.mkdir(mode=0o555)
    _saved_elsewhere(rig, rig.connected(server), camera, locked)
