"""Several clients at once: each gets what it asked for, and none disturbs another."""

from __future__ import annotations

import os
import re

import pytest

from indi_sony_py import texts
from tests.e2e.frames import Body, Frame, body_camera, expose, finished_presses, judge, read_fits, said
from tools.client import Client, Event, What
from tools.rig import DEVICE, Rig, Server
from tools.wire import Wire, blobs, enable_blob, new_vector

BODY = Body("ILCE-7SM3", "uncompressed", "3.00")
_OK = b'name="CCD_EXPOSURE" state="Ok"'
_BEHIND = re.compile(r"Client \d+: (\d+) bytes behind, shutting down")


def _frame(data: bytes) -> Frame:
    header, cfa = read_fits(data)
    return Frame(header, cfa, Event(What.BLOB, 0.0), ())


def _watching(server: Server, until: bytes = b'name="CCD1"') -> Wire:
    """A client that has all definitions, and asked for no frames."""
    wire = Wire(server.port)
    wire.get_properties()
    wire.until(until, 20)
    return wire


def test_a_client_that_reads_too_slowly_is_cut_off_and_nobody_else_sees_it(rig: Rig) -> None:
    """24 MB a frame, 40 MB for each client in the server (-m): the second frame is one too many for who reads none."""
    camera = body_camera(rig, BODY)
    server = rig.server(options=("-r", "0", "-m", "40"))
    client = rig.connected(server)
    (driver,) = server.drivers()
    with Wire(server.port, buffer=4096) as deaf, _watching(server) as watching:
        deaf.get_properties()
        deaf.send(enable_blob("Also"))
        for _ in range(3):
            start = len(watching.received)
            judge(expose(client, 0.25), camera.truth()[-1], BODY)
            watching.until(_OK, 20, start)
        line = server.child.wait_line(lambda line: _BEHIND.search(line) is not None, 20, "word of a client cut off")
        assert deaf.closed_within(20)
        # Who asked for no frames gets none, and is never behind.
        assert blobs(watching.received) == []
        assert sum(_BEHIND.search(line) is not None for line in server.child.lines) == 1, line
    assert server.drivers() == [driver]
    with Wire(server.port) as again:
        again.send(enable_blob("Also"))
        again.get_properties()
        again.until(b'name="CCD1"', 20)
        client.expose(0.25)
        again.until(_OK, 40)
        (data,) = blobs(again.received)
    judge(_frame(data), finished_presses(camera, 4)[-1], BODY)
    assert camera.broken_rules() == []


def test_a_client_that_comes_in_mid_exposure_sees_it_and_gets_the_frame(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    server = rig.server()
    client = rig.connected(server)
    seconds = 5.3
    client.expose(seconds)
    client.wait(
        lambda e: e.name == "CCD_EXPOSURE" and 0 < e.values.get("CCD_EXPOSURE_VALUE", 0) < seconds, 20, "countdown"
    )
    with Wire(server.port) as late:
        late.send(enable_blob("Also"))
        late.get_properties()
        end = late.until(b"</defNumberVector>", 10, late.until(b'name="CCD_EXPOSURE"', 10))
        defined = bytes(late.received[late.received.rfind(b"<defNumberVector", 0, end) : end])
        assert b'state="Busy"' in defined
        left = re.search(rb"<defNumber[^>]*>\s*([0-9.e+-]+)", defined)
        assert left is not None and 0 < float(left[1]) < seconds
        # It does not disturb: the countdown goes on, and the frame comes to both.
        late.until(b'state="Busy"', 10, end)
        late.until(_OK, 60, end)
        (data,) = blobs(late.received)
    assert bytes(client.blob(20).data) == data
    judge(_frame(data), finished_presses(camera, 1)[0], BODY)
    assert camera.broken_rules() == []


def test_a_client_that_vanishes_in_the_middle_of_a_frame_takes_nobody_with_it(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    server = rig.server()
    client = rig.connected(server)
    with Wire(server.port, buffer=4096) as brief:
        brief.get_properties()
        brief.send(enable_blob("Also"))
        brief.until(b'name="CCD1"', 20)
        client.expose(0.25)
        brief.until(b"<oneBLOB", 40)
        assert b"</oneBLOB>" not in brief.received
    # Whether the frame came whole is seen by the other one, whether the server lives by the next frame.
    judge(_frame(bytes(client.blob(40).data)), finished_presses(camera, 1)[0], BODY)
    client.wait_state("CCD_EXPOSURE", "Ok", 20)
    judge(expose(client, 0.25), finished_presses(camera, 2)[-1], BODY)
    assert camera.broken_rules() == []


def _on(client: Client, name: str) -> str:
    (element,) = [element for element, on in client.latest[DEVICE, name].values.items() if on]
    return element


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [("CCD_ISO", "ISO2", "ISO5"), ("CCD_TRANSFER_FORMAT", "FORMAT_FITS", "FORMAT_NATIVE")],
    ids=["a setting of the camera", "a choice of the driver"],
)
def test_two_clients_that_want_opposite_things_end_with_the_same_word(
    rig: Rig, name: str, first: str, second: str
) -> None:
    camera = body_camera(rig, BODY)
    server = rig.server()
    one = rig.connected(server)
    other = rig.client(server)
    other.defined(name, 20)
    for _ in range(4):
        one.set_switch(name, first)
        other.set_switch(name, second)
    # Whoever came last has been heard once a write behind all of those is answered, to both.
    one.set_text("UPLOAD_SETTINGS", UPLOAD_DIR=str(rig.folder), UPLOAD_PREFIX="end")
    for client in (one, other):
        client.wait_state("UPLOAD_SETTINGS", "Ok", 20)
        while client.latest[DEVICE, name].state == "Busy":
            client.wait_state(name, ("Ok", "Alert"), 20)
    assert _on(one, name) == _on(other, name)
    assert one.latest[DEVICE, name].state == other.latest[DEVICE, name].state == "Ok"
    assert camera.broken_rules() == []


def test_of_two_clients_that_expose_at_once_the_last_one_is_served_and_both_see_it(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    server = rig.server()
    one = rig.connected(server)
    other = rig.client(server)
    other.defined("CCD_EXPOSURE", 20)
    one.expose(4.3)
    other.wait_state("CCD_EXPOSURE", "Busy", 20)
    other.expose(0.25)
    frames = [_frame(bytes(client.blob(60).data)) for client in (one, other)]
    for client, frame in zip((one, other), frames, strict=True):
        assert frame.header["EXPREQ"] == pytest.approx(0.25)
        client.wait_state("CCD_EXPOSURE", "Ok", 20)
        assert not any(e.name == "CCD_EXPOSURE" and e.state == "Alert" for e in client.seen)
        judge(frame, camera.truth()[-1], BODY)
    assert sum(event.what is What.BLOB for event in one.seen) == 1
    assert camera.broken_rules() == []


def test_kstars_takes_frames_through_a_second_connection_for_each_camera(rig: Rig) -> None:
    """The first one asks for no frames; a further one, made when CCD1 is defined, for that property alone."""
    camera = body_camera(rig, BODY)
    server = rig.server()
    with Wire(server.port) as main:
        main.get_properties()
        main.until(b'name="CONNECTION"', 20)
        main.send(enable_blob("Never"))
        for turn in range(2):
            start = len(main.received)
            main.send(new_vector("Switch", DEVICE, "CONNECTION", CONNECT="On"))
            main.until(b'name="CCD1"', 40, start)
            with Wire(server.port) as frames:
                frames.send(f"<getProperties version='1.7' device='{DEVICE}'/>".encode())
                frames.send(enable_blob("Only", "CCD1"))
                frames.until(b'name="CCD1"', 20)
                start = len(main.received)
                main.send(new_vector("Number", DEVICE, "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=0.25))
                main.until(_OK, 60, start)
                frames.until(b"</setBLOBVector>", 20)
                (data,) = blobs(frames.received)
            judge(_frame(data), finished_presses(camera, turn + 1)[-1], BODY)
            start = len(main.received)
            main.send(new_vector("Switch", DEVICE, "CONNECTION", DISCONNECT="On"))
            main.until(b'name="CCD1"', 20, main.until(b"<delProperty", 20, start))
        assert blobs(main.received) == []
    assert camera.broken_rules() == []


def test_a_client_on_the_servers_unix_socket_gets_the_frames_own_memory(rig: Rig) -> None:
    camera = body_camera(rig, BODY)
    server = rig.server()
    client = rig.connected(server)
    with Wire(rig.folder / "indi.sock") as local:
        local.get_properties()
        local.send(enable_blob("Also"))
        local.until(b'name="CCD1"', 20)
        client.expose(0.25)
        start = local.until(b"<oneBLOB", 40)
        end = local.until(b"</setBLOBVector>", 20, start)
        assert b'attached="true"' in local.received[start:end]
        (fd,) = local.fds
        size = os.fstat(fd).st_size
        assert f'size="{size}"'.encode() in local.received[start:end]
        data = os.pread(fd, size, 0)
    assert bytes(client.blob(20).data) == data
    judge(_frame(data), finished_presses(camera, 1)[0], BODY)
    assert camera.broken_rules() == []


def test_frames_that_are_large_for_a_server_are_told_of(rig: Rig) -> None:
    """61 megapixels, with what a server keeps for a client by itself (-m 128): who reads gets them."""
    body = Body("ILCE-7RM4", "uncompressed", "2.00")
    camera = body_camera(rig, body)
    server = rig.server(options=("-r", "0"))
    client = rig.connected(server)
    judge(expose(client, 0.25), camera.truth()[-1], body)
    said(client, texts.frames.BIG(megabytes=122), 10)
    assert not any(_BEHIND.search(line) for line in server.child.lines)
    assert camera.broken_rules() == []
