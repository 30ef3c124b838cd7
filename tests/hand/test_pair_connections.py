"""The two ends of a pair, over a socket and within a process: the same cases on both."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

import pytest

from indi_sony_py.engine.messages import Abort, Connect, Level, Notice
from indi_sony_py.errors import FaceLost, HandLost
from indi_sony_py.hand import address
from indi_sony_py.hand.messages import FrameReady, Goodbye, Hello
from indi_sony_py.hand.pair import MAX_BACKLOG, Connection, SocketConnection, local_pair

Ends = tuple[Connection, Connection]


@pytest.fixture(params=["socket", "process"])
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    """The face's end, the hand's end."""
    made: Ends
    if request.param == "socket":
        one, other = socket.socketpair()
        made = SocketConnection(one, HandLost, 1.0), SocketConnection(other, FaceLost, 0.0, "the face")
    else:
        made = local_pair()
    yield made
    for end in made:
        end.close()


def test_messages_come_in_their_order_and_polling_never_waits(ends: Ends) -> None:
    face, hand = ends
    assert hand.poll() is None
    face.send(Connect())
    face.send(Abort())
    got = [hand.poll(), hand.poll(), hand.poll()]
    assert [parcel and parcel.message for parcel in got] == [Connect(), Abort(), None]


def test_a_descriptor_comes_with_its_message_and_the_sender_keeps_its_own(ends: Ends) -> None:
    face, hand = ends
    for number in (1, 2):
        memory = os.memfd_create("frame")
        os.write(memory, b"%d" % number)
        hand.send(Notice(Level.INFO, "before"))
        hand.send(FrameReady(number, number, ".fits", 1), memory)
        os.close(memory)
    for number in (1, 2):
        before, frame = face.poll(), face.poll()
        assert before is not None and before.fd is None
        assert frame is not None and frame.fd is not None and isinstance(frame.message, FrameReady)
        assert frame.message.frame_id == number and os.pread(frame.fd, 9, 0) == b"%d" % number
        assert not os.get_inheritable(frame.fd)
        os.close(frame.fd)


def test_the_end_comes_after_everything_that_was_sent_before_it(ends: Ends) -> None:
    face, hand = ends
    face.send(Connect())
    face.close()
    face.close()
    parcel = hand.poll()
    assert parcel is not None and parcel.message == Connect()
    with pytest.raises(FaceLost, match="gone"):
        hand.poll()


def test_the_loss_is_named_by_the_side_that_notices(ends: Ends) -> None:
    face, hand = ends
    hand.close()
    with pytest.raises(HandLost):
        for _ in range(3):
            face.send(Connect())
            face.poll()


def test_a_descriptor_that_nobody_took_is_closed_with_the_connection(ends: Ends) -> None:
    face, hand = ends
    memory = os.memfd_create("frame")
    hand.send(FrameReady(1, 1, ".fits", 1), memory)
    os.close(memory)
    face.close()


@pytest.fixture
def pair() -> Iterator[tuple[SocketConnection, socket.socket]]:
    one, other = socket.socketpair()
    connection = SocketConnection(one, FaceLost, 0.0, "the face")
    yield connection, other
    connection.close()
    other.close()


@pytest.mark.parametrize("junk", [b"\xff\xff\xff\xff", b"\0\0\0\2{}", b"\0\0\0\4\xff\xfe\0\0"])
def test_junk_ends_the_connection(pair: tuple[SocketConnection, socket.socket], junk: bytes) -> None:
    connection, other = pair
    other.sendall(junk)
    with pytest.raises(FaceLost, match="cannot be read"):
        connection.poll()
    assert connection.fileno() < 0


def test_a_frame_without_its_descriptor_ends_the_connection(pair: tuple[SocketConnection, socket.socket]) -> None:
    from indi_sony_py.hand.codec import encode

    connection, other = pair
    other.sendall(encode(FrameReady(1, 1, ".fits", 1), True))
    with pytest.raises(FaceLost, match="without its descriptor"):
        connection.poll()


_CUT_OFF = """
import socket
one, other = socket.socketpair()
socket.send_fds(one, [b"x"], [0, 0])
print(bool(other.recvmsg(1, socket.CMSG_LEN(4))[2] & socket.MSG_CTRUNC))
"""


def cut_off_descriptors_are_told_of() -> bool:
    """QEMU's user mode (7.2) hands out as many as were asked for, does not say that there are more, and leaves those
    open: so this is asked for in a process of its own.
    """
    said = subprocess.run([sys.executable, "-c", _CUT_OFF], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return said.stdout == "True\n"


def test_descriptors_that_belong_to_nothing_are_closed(pair: tuple[SocketConnection, socket.socket]) -> None:
    if not cut_off_descriptors_are_told_of():
        pytest.skip("this system does not tell that descriptors were cut off")
    connection, other = pair
    null = os.open(os.devnull, os.O_RDONLY)
    socket.send_fds(other, [b"\0"], [null] * 17)
    os.close(null)
    with pytest.raises(FaceLost, match="descriptors"):
        connection.poll()


def test_a_side_that_never_reads_costs_a_bounded_backlog_and_no_wait(
    pair: tuple[SocketConnection, socket.socket],
) -> None:
    connection, _ = pair
    text = "x" * 60_000
    sent = 0
    with pytest.raises(FaceLost, match="takes no more"):
        for _ in range(2 * MAX_BACKLOG // len(text)):
            connection.send(Notice(Level.INFO, text))
            sent += len(text)
            assert connection.wants_write or sent < 1 << 20
    assert sent <= MAX_BACKLOG + (1 << 20)


def test_what_was_kept_back_goes_out_when_the_other_side_reads(pair: tuple[SocketConnection, socket.socket]) -> None:
    connection, other = pair
    reader = SocketConnection(other.dup(), HandLost)
    memory = os.memfd_create("frame")
    while not connection.wants_write:
        connection.send(Notice(Level.INFO, "x" * 60_000))
    connection.send(FrameReady(1, 1, ".fits", 1), memory)
    os.close(memory)
    got = []
    for _ in range(10_000):
        parcel = reader.poll()
        if parcel is not None:
            got.append(parcel)
        elif connection.flush():
            parcel = reader.poll()
            if parcel is None:
                break
            got.append(parcel)
    assert isinstance(got[-1].message, FrameReady) and got[-1].fd is not None
    os.close(got[-1].fd)
    reader.close()


def test_receive_waits_for_what_comes_and_gives_up_in_time() -> None:
    one, other = socket.socketpair()
    face, hand = SocketConnection(one, HandLost, 1.0), SocketConnection(other, FaceLost)
    assert face.receive(0.0) is None
    hand.send(Goodbye("bye"))
    parcel = face.receive(5.0)
    assert parcel is not None and parcel.message == Goodbye("bye")
    hand.close()
    with pytest.raises(HandLost):
        face.receive(5.0)
    face.close()


def test_one_address_for_one_place_and_user() -> None:
    assert address.name_of("usb-1-2.3", 1000) == b"\0indi_sony_py/1000/usb-1-2.3"
    names = {
        address.name_of(key, 0) for key in ("a/b", "a_b", "a b", "x" * 61, "x" * 62, "unix:/tmp/one", "unix:/tmp/two")
    }
    assert len(names) == 7 and all(len(name) < 108 for name in names)
    assert address.name_of("k", 1) != address.name_of("k", 2)


def test_binding_is_the_lock_and_a_stranger_finds_nobody() -> None:
    key = f"test-{os.getpid()}-lock"
    assert address.connect(key) is None
    first = address.bind(key)
    assert first is not None and address.bind(key) is None
    guest = address.connect(key)
    assert guest is not None and address.peer_is_us(guest)
    guest.close()
    first.close()
    again = address.bind(key)
    assert again is not None
    again.close()


def test_a_process_of_another_user_is_not_talked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    key = f"test-{os.getpid()}-stranger"
    listener = address.bind(key)
    assert listener is not None
    uid = os.getuid()
    name = address.name_of(key)
    monkeypatch.setattr(address, "name_of", lambda key: name)
    monkeypatch.setattr(os, "getuid", lambda: uid + 1)
    assert address.connect(key) is None
    listener.close()


def test_hello_names_this_process() -> None:
    from indi_sony_py.hand.launch import hello

    one, two = hello("face"), hello("face")
    assert isinstance(one, Hello) and one.pid == os.getpid() and one.nonce != two.nonce


class _Closing:
    """A socket in whose every system call another thread closes the connection."""

    def __init__(self, real: socket.socket) -> None:
        self.real = real
        self.connection: SocketConnection | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def _meanwhile(self) -> None:
        assert self.connection is not None
        closer = threading.Thread(target=self.connection.close)
        closer.start()
        # It has to wait for the end of this call: the limit is no wait for something that comes.
        closer.join(0.05)

    def sendmsg(self, *args: Any) -> int:
        sent = self.real.sendmsg(*args)
        self._meanwhile()
        return sent

    def recvmsg(self, *args: Any) -> Any:
        got = self.real.recvmsg(*args)
        self._meanwhile()
        return got


@pytest.mark.parametrize("with_fd", [False, True])
def test_another_thread_may_close_it_at_any_moment(with_fd: bool) -> None:
    one, other = socket.socketpair()
    closing = _Closing(one)
    face, hand = SocketConnection(cast(socket.socket, closing), HandLost), SocketConnection(other, FaceLost)
    closing.connection = face
    memory = os.memfd_create("frame")
    before = set(os.listdir("/proc/self/fd"))
    hand.send(FrameReady(1, 1, ".fits", 1) if with_fd else Notice(Level.INFO, "read"), memory if with_fd else None)
    parcel = face.poll()
    if parcel is not None and parcel.fd is not None:
        os.close(parcel.fd)
    with pytest.raises(HandLost):
        for _ in range(3):
            face.send(Notice(Level.INFO, "sent"), memory if with_fd else None)
    hand.close()
    assert len(before - set(os.listdir("/proc/self/fd"))) == 2, "both sockets, and no descriptor twice or never"
    os.close(memory)


def test_a_sender_of_whom_the_end_was_closed_by_another_thread_fails_in_words() -> None:
    one, other = socket.socketpair()
    face, hand = SocketConnection(one, HandLost), SocketConnection(other, FaceLost)
    closing = _Closing(one)
    closing.connection = face
    face._sock = cast(socket.socket, closing)
    with suppress(HandLost):
        face.send(Notice(Level.INFO, "sent"))
    with pytest.raises(HandLost, match="the hand is gone"):
        face.send(Notice(Level.INFO, "sent"))
    hand.close()
