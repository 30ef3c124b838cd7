"""The two ends of the process, on real sockets and pipes of this process."""

from __future__ import annotations

import array
import fcntl
import os
import queue
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from indi_sony_py.clock import Deadline, SystemClock
from indi_sony_py.indi.blobs import Attached, Inline
from indi_sony_py.indi.messages import (
    BlobWritten,
    EndOfInput,
    GetProperties,
    Incoming,
    Junk,
    MessageText,
    OutputClosed,
    ProcessEvent,
)
from indi_sony_py.indi.notices import message
from indi_sony_py.indi.process import Reader, ReaderCore, Stderr, Writer, WriterCore
from indi_sony_py.indi.stream import Parser

GET = b"<getProperties version='1.7'/>"
LIMIT_S = 20.0


def soon() -> Deadline:
    return Deadline.after(SystemClock(), LIMIT_S)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Ours, and the server's end with a limit on its waits."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(LIMIT_S)
    with ours, theirs:
        yield ours, theirs


class _Inbox:
    def __init__(self) -> None:
        self.queue: queue.SimpleQueue[Incoming | ProcessEvent] = queue.SimpleQueue()

    def __call__(self, item: Incoming | ProcessEvent) -> None:
        self.queue.put(item)

    def next(self) -> Incoming | ProcessEvent:
        return self.queue.get(timeout=LIMIT_S)

    @property
    def empty(self) -> bool:
        return self.queue.empty()


def _receive(end: socket.socket, count: int) -> bytes:
    parts = []
    while count:
        part = end.recv(min(count, 65536))
        assert part, "the output ended early"
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def test_the_reader_posts_messages_then_the_end_once(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    inbox = _Inbox()
    core = ReaderCore(ours.fileno(), inbox)
    theirs.sendall(GET[:9])
    assert core.step() and inbox.empty
    theirs.sendall(GET[9:] + b"junk" + GET)
    assert core.step()
    wanted = [GetProperties("1.7"), Junk("text between elements", 30), GetProperties("1.7")]
    assert [inbox.next() for _ in wanted] == wanted
    theirs.shutdown(socket.SHUT_WR)
    assert not core.step() and not core.step()
    assert inbox.next() == EndOfInput("")
    assert inbox.empty


def test_a_closed_input_is_an_end() -> None:
    read, write = os.pipe()
    os.close(write)
    os.close(read)
    inbox = _Inbox()
    assert not ReaderCore(read, inbox).step()
    end = inbox.next()
    assert isinstance(end, EndOfInput) and end.reason


def test_a_parser_that_fails_is_an_end_and_not_a_deaf_driver(pair: tuple[socket.socket, socket.socket]) -> None:
    class Broken(Parser):
        def feed(self, data: bytes) -> list[Incoming]:
            raise ZeroDivisionError

    ours, theirs = pair
    inbox = _Inbox()
    theirs.sendall(GET)
    assert not ReaderCore(ours.fileno(), inbox, Broken()).step()
    end = inbox.next()
    assert isinstance(end, EndOfInput) and "ZeroDivisionError" in end.reason


def test_the_reader_thread_reads_until_the_end(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    inbox = _Inbox()
    reader = Reader(inbox, ours.fileno())
    reader.start()
    theirs.sendall(GET)
    assert inbox.next() == GetProperties("1.7")
    theirs.shutdown(socket.SHUT_WR)
    assert inbox.next() == EndOfInput("")
    reader.stop()
    reader.stop()


def test_the_reader_thread_can_be_stopped_while_nothing_comes(pair: tuple[socket.socket, socket.socket]) -> None:
    inbox = _Inbox()
    reader = Reader(inbox, pair[0].fileno())
    reader.start()
    reader.stop()
    assert inbox.empty
    Reader(inbox, pair[0].fileno()).stop()


def test_neither_end_is_ever_made_non_blocking(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    inbox = _Inbox()
    before = fcntl.fcntl(ours.fileno(), fcntl.F_GETFL)
    reader, writer = Reader(inbox, ours.fileno()), Writer(inbox, ours.fileno())
    reader.start()
    writer.start()
    with open(os.memfd_create("x"), "wb") as file:
        writer.put(Attached(b"abc", file.fileno(), 1))
        assert writer.flush(soon())
    assert fcntl.fcntl(ours.fileno(), fcntl.F_GETFL) == before
    assert not before & os.O_NONBLOCK
    assert writer.stop(soon())
    reader.stop()
    theirs.close()


def test_a_socket_that_somebody_else_made_non_blocking_still_works(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    ours.setblocking(False)
    inbox = _Inbox()
    reader, writer = Reader(inbox, ours.fileno()), Writer(inbox, ours.fileno())
    reader.start()
    writer.start()
    data = os.urandom(3_000_000)
    writer.put(data)
    assert _receive(theirs, len(data)) == data
    theirs.sendall(GET)
    assert inbox.next() == GetProperties("1.7")
    core, late = ReaderCore(ours.fileno(), inbox), threading.Timer(0, theirs.sendall, [GET])
    reader.stop()
    late.start()
    assert core.step() and inbox.next() == GetProperties("1.7")
    late.join()
    assert writer.stop(soon())


def test_items_leave_whole_and_in_order_through_short_writes(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    inbox = _Inbox()
    writer = Writer(inbox, ours.fileno())
    writer.start()
    big = os.urandom(1_000_000)
    writer.put(b"first")
    writer.put(Inline(iter([big[:400_000], b"", big[400_000:]]), 5))
    writer.put(b"last")
    assert _receive(theirs, len(big) + 9) == b"first" + big + b"last"
    assert writer.flush(soon())
    assert inbox.next() == BlobWritten(5)
    assert writer.stop(soon())


@pytest.mark.parametrize("size", [3, 500_000])
def test_a_descriptor_travels_with_the_first_byte_of_its_element(
    pair: tuple[socket.socket, socket.socket], size: int
) -> None:
    ours, theirs = pair
    inbox = _Inbox()
    writer = Writer(inbox, ours.fileno())
    writer.start()
    data = os.urandom(size)
    with open(os.memfd_create("frame"), "w+b") as frame:
        frame.write(b"pixels")
        frame.flush()
        writer.put(b"x" * 10)
        writer.put(Attached(data, frame.fileno(), 9))
        assert _receive(theirs, 10) == b"x" * 10
        first, ancillary, flags, _ = theirs.recvmsg(1, socket.CMSG_SPACE(64))
        assert first == data[:1] and not flags & socket.MSG_CTRUNC
        ((level, kind, raw),) = ancillary
        assert (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS)
        (fd,) = array.array("i", raw)
        assert _receive(theirs, size - 1) == data[1:]
        assert inbox.next() == BlobWritten(9)
        assert os.pread(fd, 100, 0) == b"pixels"
        os.close(fd)
    assert writer.stop(soon())


def test_a_closed_output_is_told_once_and_nothing_hangs(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.close()
    inbox = _Inbox()
    writer = Writer(inbox, ours.fileno())
    writer.start()
    for token in range(3):
        writer.put(b"x" * 100_000)
        writer.put(Inline(iter([b"y"]), token))
    with open(os.memfd_create("x"), "wb") as file:
        writer.put(Attached(b"abc", file.fileno(), 3))
        assert writer.flush(soon())
    closed = inbox.next()
    assert isinstance(closed, OutputClosed) and closed.reason
    assert [inbox.next() for _ in range(4)] == [BlobWritten(token) for token in range(4)]
    assert inbox.empty
    assert writer.stop(soon())


def test_a_closed_pipe_and_an_attachment_on_a_pipe_are_told() -> None:
    read, write = os.pipe()
    inbox = _Inbox()
    WriterCore(write, inbox).write(Attached(b"abc", 0, 4))
    assert isinstance(inbox.next(), OutputClosed) and inbox.next() == BlobWritten(4)
    os.close(read)
    core = WriterCore(write, inbox)
    core.write(b"abc")
    assert isinstance(inbox.next(), OutputClosed) and core.closed
    os.close(write)


def test_an_element_that_cannot_be_completed_ends_the_output(pair: tuple[socket.socket, socket.socket]) -> None:
    def broken() -> Iterator[bytes]:
        yield b"<setBLOB"
        raise ValueError("the file shrank")

    inbox = _Inbox()
    core = WriterCore(pair[0].fileno(), inbox)
    core.write(Inline(broken(), 1))
    core.write(b"never")
    closed = inbox.next()
    assert isinstance(closed, OutputClosed) and "the file shrank" in closed.reason
    assert inbox.next() == BlobWritten(1)
    assert pair[1].recv(100) == b"<setBLOB"


def test_a_flush_gives_up_at_its_deadline(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    writer = Writer(_Inbox(), ours.fileno())
    writer.start()
    writer.put(b"x" * 10_000_000)
    assert not writer.flush(Deadline.after(SystemClock(), 0.0))
    assert not writer.stop(Deadline.after(SystemClock(), 0.0))
    _receive(theirs, 10_000_000)
    assert writer.stop(soon())


def test_a_writer_can_be_stepped_without_a_thread(pair: tuple[socket.socket, socket.socket]) -> None:
    writer = Writer(_Inbox(), pair[0].fileno())
    writer.put(message("D", "hello", lambda: datetime(2026, 1, 1, tzinfo=UTC)))
    assert writer.step()
    assert Parser().feed(pair[1].recv(1000)) == [MessageText("D", "hello")]
    writer.stop(Deadline.after(SystemClock(), 0.0))
    assert not writer.step()


def test_stderr_lines_are_short_and_whole() -> None:
    read, write = os.pipe()
    log = Stderr(write)
    assert log.write("one\ntw") == 6
    log.write("o\n" + "é" * 1000 + "\n")
    log.write("x" * 5000)
    log.write("y" * 5000 + "\nend\rof \ud800 it")
    log.flush()
    log.flush()
    lines = os.read(read, 100_000).split(b"\n")
    assert lines[:2] == [b"one", b"two"]
    assert lines[2] == ("é" * 449).encode()
    assert lines[3] == b"x" * 899
    assert lines[4:] == [b"end of \\ud800 it", b""]
    os.close(read)
    log.write("nobody reads this\n")
    os.close(write)
    log.write("nor this\n")
