"""Places in the network, the pairing identity, sockets with deadlines, and cameras that are looked for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indi_sony_py.clock import Deadline, SystemClock
from indi_sony_py.errors import CameraDenied, CameraGone, CameraSilent
from indi_sony_py.transport import discover
from indi_sony_py.transport.ipaddress import NetworkPlace, is_network_key
from indi_sony_py.transport.ipidentity import FILE, host_name, machine_guid
from indi_sony_py.transport.ipstream import SocketStream, dial
from tests.transport.test_ssdp import DEVICE, SERVICE

CLOCK = SystemClock()
LONG_S, SHORT_S = 10.0, 0.05


def within(seconds: float) -> Deadline:
    return Deadline.after(CLOCK, seconds)


@pytest.mark.parametrize(
    "text, place, shown",
    [
        ("192.168.1.20", NetworkPlace("192.168.1.20"), "192.168.1.20"),
        (" alpha.local:15741 ", NetworkPlace("alpha.local", 15741), "alpha.local:15741"),
        ("alpha:15740", NetworkPlace("alpha"), "alpha"),
        ("fe80::1%eth0", NetworkPlace("fe80::1%eth0"), "[fe80::1%eth0]"),
        ("[::1]:80", NetworkPlace("::1", 80), "[::1]:80"),
    ],
)
def test_places(text: str, place: NetworkPlace, shown: str) -> None:
    found = NetworkPlace.parse(text)
    assert (found, str(found)) == (place, shown)
    assert is_network_key(found.key)
    assert NetworkPlace.of_key(found.key) == place


@pytest.mark.parametrize(
    "text", ["", "a b", "http://x", "x:", "x:0", "x:70000", "x:1:2:3z", "[::1", "[x]", "-x", "x/../y", "x:٣", "a" * 300]
)
def test_no_places(text: str) -> None:
    with pytest.raises(ValueError, match="host name or an address"):
        NetworkPlace.parse(text)


def test_a_key_of_the_bus_is_no_place() -> None:
    with pytest.raises(ValueError, match="no camera in the network"):
        NetworkPlace.of_key("usb-1-2")


def test_the_identity_is_made_once_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    first = machine_guid(folder)
    assert len(first) == 16 and machine_guid(folder) == first
    assert machine_guid(tmp_path / "other") != first
    (folder / FILE).write_text("spoilt")
    second = machine_guid(folder)
    assert second == machine_guid(folder) != first
    assert [path.name for path in folder.iterdir()] == [FILE]


def test_an_identity_that_cannot_be_kept_is_the_same_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "state"
    machine = tmp_path / "machine-id"
    machine.write_text("0123")
    first = machine_guid(folder, machine)
    assert first == machine_guid(folder, machine)
    machine.write_text("4567")
    assert machine_guid(folder, machine) != first
    assert len(machine_guid(folder, tmp_path / "none")) == 16
    assert host_name()


@pytest.fixture
def pair() -> Iterator[tuple[SocketStream, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = dial(NetworkPlace("127.0.0.1", listener.getsockname()[1]), within(LONG_S))
        other, _ = listener.accept()
        with other:
            yield stream, other
        stream.close()


def test_a_stream_sends_and_receives(pair: tuple[SocketStream, socket.socket]) -> None:
    stream, other = pair
    stream.send(b"hello", within(LONG_S))
    assert other.recv(100) == b"hello"
    assert stream.receive(100, within(0)) == b""
    other.sendall(b"there")
    assert stream.receive(2, within(LONG_S)) == b"th"
    assert stream.receive(100, within(LONG_S)) == b"ere"
    assert stream.receive(100, within(SHORT_S)) == b""


def test_a_stream_that_takes_nothing(pair: tuple[SocketStream, socket.socket]) -> None:
    stream, _ = pair
    with pytest.raises(CameraSilent):
        stream.send(bytes(64 * 1024 * 1024), within(SHORT_S))


@pytest.mark.parametrize("how", ["end", "reset"])
def test_a_stream_that_ends(pair: tuple[SocketStream, socket.socket], how: str) -> None:
    stream, other = pair
    if how == "reset":
        other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    other.close()
    with pytest.raises(CameraGone, match="network connection"):
        stream.receive(10, within(LONG_S))
    with pytest.raises(CameraGone):
        for _ in range(100):
            stream.send(b"x" * 1000, within(LONG_S))


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = NetworkPlace("127.0.0.1", listener.getsockname()[1])
    with pytest.raises(CameraGone, match="No camera answers at 127"):
        dial(place, within(LONG_S))


def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(CameraGone, match=r"knows no host of the name nowhere\.invalid"):
        dial(NetworkPlace("nowhere.invalid"), within(30))


def test_a_name_that_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()

    def slow(*_: object, **__: object) -> list[object]:
        done.wait(LONG_S)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with pytest.raises(CameraSilent, match="does not tell in time where slow is"):
        dial(NetworkPlace("slow"), within(SHORT_S))
    done.set()
    for thread in threading.enumerate():
        if thread.name == "look-up":
            thread.join(LONG_S)


# ── looking for cameras ──────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def in_thread(body: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=body)
    thread.start()
    try:
        yield
    finally:
        thread.join(LONG_S)
        assert not thread.is_alive()


@contextmanager
def pages(answers: dict[str, bytes], count: int) -> Iterator[int]:
    """A tiny HTTP server for `count` requests; its port. A path that it does not know gets 404."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LONG_S)

        def run() -> None:
            for _ in range(count):
                client, _ = listener.accept()
                with client:
                    path = client.recv(4096).split(b" ")[1].decode()
                    body = answers.get(path)
                    head = b"HTTP/1.1 404 No\r\n\r\n" if body is None else b"HTTP/1.1 200 OK\r\n\r\n"
                    client.sendall(head + (body or b""))

        with in_thread(run):
            yield int(listener.getsockname()[1])


def page_set(ssh: bytes = b"Disable", pairing: bytes = b"Unnecessary") -> dict[str, bytes]:
    return {"/dd.xml": DEVICE, "/DigitalImagingDesc.xml": SERVICE % (ssh, pairing)}


def test_a_search_finds_what_answers_and_asks_nobody_else() -> None:
    with (
        pages(page_set(), 2) as port,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as camera,
    ):
        camera.bind(("127.0.0.1", 0))
        camera.settimeout(LONG_S)

        def run() -> None:
            asked, sender = camera.recvfrom(4096)
            assert asked.startswith(b"M-SEARCH * HTTP/1.1\r\n")
            answer = b"HTTP/1.1 200 OK\r\nST: urn:schemas-sony-com:service:DigitalImaging:1\r\nLOCATION: http://%s/dd.xml\r\n\r\n"
            camera.sendto(b"junk", sender)
            camera.sendto(answer % f"127.0.0.1:{port}".encode(), sender)
            camera.sendto(answer % b"127.0.0.2:1", sender)

        with in_thread(run):
            found = discover.find_network_cameras(within(LONG_S), camera.getsockname(), ["127.0.0.1"])
    assert [(str(c.place), c.description.model, c.description.serial) for c in found] == [
        ("127.0.0.1", "ILCE-7M5", "03802290")
    ]


@pytest.mark.parametrize(
    "ssh, pairing, words",
    [
        (b"Enable", b"Unnecessary", "ILCE-7M5 at 127.0.0.1 wants access authentication"),
        (b"Disable", b"Necessary", "ILCE-7M5 at 127.0.0.1 wants this computer to be paired"),
        (b"Disable", b"Unnecessary", ""),
    ],
)
def test_why_a_camera_refuses(ssh: bytes, pairing: bytes, words: str) -> None:
    with pages(page_set(ssh, pairing), 2) as port:
        why = discover.why_refused(NetworkPlace("127.0.0.1"), within(LONG_S), port)
    assert (why is None) is (words == "")
    if why is not None:
        assert isinstance(why, CameraDenied) and words in str(why) and "menu Network" in why.advice


def test_a_camera_that_says_nothing_of_itself() -> None:
    with pages({}, 1) as port:
        assert discover.describe("127.0.0.1", within(LONG_S), port) is None
    assert discover.describe("127.0.0.1", within(LONG_S), port) is None
    with pages({"/dd.xml": bytes(200_000)}, 1) as port:
        assert discover.describe("127.0.0.1", within(LONG_S), port) is None
