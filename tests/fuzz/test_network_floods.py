"""A camera in the network that never stops talking, or hardly talks: every wait for it has its end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from indi_sony_py.clock import Deadline, SystemClock, VirtualClock
from indi_sony_py.errors import BadData, CameraError
from indi_sony_py.ptp import ippacket as ip
from indi_sony_py.ptp.transaction import Request
from indi_sony_py.transport import discover
from indi_sony_py.transport.ip import Host, IpTransport
from indi_sony_py.transport.ipaddress import NetworkPlace

_PING = ip.encode(ip.Plain(ip.PacketType.PING))
_PONG = ip.encode(ip.Plain(ip.PacketType.PONG))
_EVENT = ip.encode(ip.Event(0xC201))
_STRAY = ip.encode(ip.Payload(77, b"stray"))
_GUID = bytes(16)


class _Talker:
    """Says its greeting, then the same again and again; each time that it is listened to takes a tenth of a second."""

    def __init__(self, clock: VirtualClock, greeting: bytes, chatter: bytes) -> None:
        self._clock = clock
        self._greeting = greeting
        self._chatter = chatter
        self.heard = 0

    def send(self, data: bytes, deadline: Deadline) -> None:
        pass

    def receive(self, most: int, deadline: Deadline) -> bytes:
        self.heard += 1
        assert self.heard < 10_000, "it is listened to for ever"
        self._clock.sleep_until(self._clock.monotonic() + 0.1)
        if self._greeting:
            data, self._greeting = self._greeting[:most], self._greeting[most:]
            return data
        return self._chatter[:most]

    def close(self) -> None:
        pass


def _open(clock: VirtualClock, commands: bytes, events: bytes) -> IpTransport:
    greetings = iter(((ip.encode(ip.InitAck(1, _GUID, "camera")), commands),
                      (ip.encode(ip.Plain(ip.PacketType.INIT_EVENT_ACK)), events)))  # fmt: skip
    host, place = Host(_GUID, "here"), NetworkPlace("camera.test")
    limit = Deadline.after(clock, 40.0)
    return IpTransport.open(place, clock, host, limit, lambda limit: _Talker(clock, *next(greetings)))


@pytest.mark.parametrize(
    "chatter", [_PING, _PONG, _EVENT, _STRAY, _PING * 100], ids=("ping", "pong", "event", "stray", "pings")
)
def test_a_camera_that_talks_of_other_things_for_ever_is_given_up(chatter: bytes) -> None:
    clock = VirtualClock()
    transport = _open(clock, chatter, b"")
    before = clock.monotonic()
    with pytest.raises((CameraError, BadData)):
        transport.transact(Request(0x1001), Deadline.after(clock, 8.0))
    assert clock.monotonic() <= before + 8.2
    transport.close()


@pytest.mark.parametrize("chatter", [_PING, _PONG, b"\xff" * 64, _PING * 100], ids=("ping", "pong", "junk", "pings"))
def test_no_event_among_much_else_is_no_event(chatter: bytes) -> None:
    clock = VirtualClock()
    transport = _open(clock, b"", chatter)
    for seconds in (0.0, 3.0):
        before = clock.monotonic()
        assert transport.next_event(Deadline.after(clock, seconds)) is None
        assert clock.monotonic() <= before + seconds + 0.2
    transport.close()


@pytest.fixture
def slow_server() -> Iterator[Callable[[bytes], int]]:
    """A server on the loopback that answers a request with a beginning, then a byte now and then, for ever."""
    ended = threading.Event()
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def start(beginning: bytes) -> int:
            def serve() -> None:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(4096)
                    try:
                        connection.sendall(beginning)
                        while not ended.wait(0.02):
                            connection.sendall(b"x")
                    except OSError:
                        return

            threads.append(threading.Thread(target=serve))
            threads[-1].start()
            port: int = listener.getsockname()[1]
            return port

        yield start
        ended.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize(
    "beginning", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"]
)
def test_a_description_that_comes_byte_by_byte_has_an_end(
    beginning: bytes, slow_server: Callable[[bytes], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time-out for each byte alone would let somebody in the network hold the camera's thread for hours."""
    monkeypatch.setattr(discover, "_FETCH_S", 0.5)
    port = slow_server(beginning)
    assert discover.describe("127.0.0.1", Deadline.after(SystemClock(), 30.0), port) is None
