"""Does I/O: the two ends of the process (standard input, standard output) and its standard error.

- Input and output of a driver are ONE socket: nobody here ever makes it non-blocking. If somebody else has,
  reads and writes wait for it by poll.
- One reader and one writer. The reader posts messages, then `EndOfInput` once; the writer is the only one
  that writes to the output, and writes each item whole.
- While `full` says that too much waits already, no message is posted and nothing is read: what somebody sends faster
  than it can be answered waits in the server, not in the memory of this process. `full` is told whether the other side
  has ended: what it still left must be read before its end can be posted.
- A closed output is told once (`OutputClosed`); what is written after it goes nowhere, and nobody hangs.
- Standard error: lines of at most 900 bytes. At 1024 indiserver 1.9.9 closes the pipe, and then every write
  fails: that is ignored, for a log must not end the driver.

Each end is an object with a `step()`, for use without threads; `Reader` and `Writer` are such a step in a
thread.
"""

from __future__ import annotations

import array
import os
import queue
import select
import socket
import threading
from collections.abc import Callable
from typing import TypeAlias, assert_never

from ..clock import Deadline
from .blobs import Attached, Inline
from .messages import BlobWritten, EndOfInput, Incoming, OutputClosed, ProcessEvent
from .stream import Parser
from .text import cut

__all__ = ["Outgoing", "Post", "Reader", "ReaderCore", "Stderr", "Writer", "WriterCore"]

READ_BYTES = 65536
FULL_TURN_MS = 5
"""So often a reader that is held up looks whether there is room again."""
STDERR_BYTES = 900

Outgoing: TypeAlias = bytes | Attached | Inline
Post: TypeAlias = Callable[[Incoming | ProcessEvent], object]


class ReaderCore:
    """Bytes of `fd` through the parser to `post`. One thread. `room` waits until there is room; False: give up."""

    def __init__(
        self, fd: int, post: Post, parser: Parser | None = None, room: Callable[[], bool] = lambda: True
    ) -> None:
        self._fd = fd
        self._post = post
        self._parser = parser or Parser()
        self._room = room
        self.ended = False

    def step(self) -> bool:
        """Read once (waiting for bytes), post what they complete.

        False after the end of input, posted once.
        """
        if self.ended:
            return False
        try:
            data = _read(self._fd)
        except OSError as error:
            return self._end(error.strerror or str(error))
        if not data:
            return self._end("")
        try:
            items = self._parser.feed(data)
        except Exception as error:  # must not happen; a driver that is deaf without knowing would be worse
            return self._end(f"a fault in the parser: {error!r}")
        for item in items:
            if not self._room():
                return False
            self._post(item)
        return True

    def _end(self, reason: str) -> bool:
        self.ended = True
        self._post(EndOfInput(reason))
        return False


class Reader:
    """The thread that alone reads `fd` (0). `stop` ends it without an `EndOfInput`, at once. `full`: see above."""

    def __init__(
        self,
        post: Post,
        fd: int = 0,
        parser: Parser | None = None,
        full: Callable[[bool], bool] = lambda ended: False,
    ) -> None:
        self._core = ReaderCore(fd, post, parser, self._room)
        self._full = full
        self._fd = fd
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name="indi-reader", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it. Not from the thread itself."""
        if self._wake_write < 0:
            return
        os.write(self._wake_write, b".")
        if self._thread.ident is not None:
            self._thread.join()
        os.close(self._wake_read)
        os.close(self._wake_write)
        self._wake_read = self._wake_write = -1

    def _room(self) -> bool:
        ended = False
        while self._full(ended):
            poll = select.poll()
            poll.register(self._wake_read, select.POLLIN)
            if not ended:
                poll.register(self._fd, select.POLLRDHUP)
            found = [fd for fd, _ in poll.poll(FULL_TURN_MS)]
            if self._wake_read in found:
                return False
            ended = ended or self._fd in found
        return True

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        poll.register(self._wake_read, select.POLLIN)
        while True:
            if any(fd == self._wake_read for fd, _ in poll.poll()):
                return
            if not self._core.step():
                return


class WriterCore:
    """Writes items whole to `fd`, one after the other. One thread."""

    def __init__(self, fd: int, post: Post) -> None:
        self._fd = fd
        self._post = post
        self.closed = False

    def write(self, item: Outgoing) -> None:
        """Write all of `item`; a BLOB's `BlobWritten` is posted, also when nobody is there to read it.

        An item that cannot be completed (its file shrank) ends the output: half an element cannot be taken
        back.
        """
        if not self.closed:
            try:
                self._write(item)
            except OSError as error:
                self._close(error.strerror or str(error))
            except Exception as error:
                self._close(f"an element that could not be completed: {error}")
        if isinstance(item, Attached | Inline):
            self._post(BlobWritten(item.token))

    def _write(self, item: Outgoing) -> None:
        match item:
            case bytes():
                _write_all(self._fd, item)
            case Attached():
                _write_all(self._fd, memoryview(item.data)[_send_first(self._fd, item) :])
            case Inline():
                for piece in item.pieces:
                    _write_all(self._fd, piece)
            case _:
                assert_never(item)

    def _close(self, reason: str) -> None:
        self.closed = True
        self._post(OutputClosed(reason))


class Writer:
    """The thread that alone writes to `fd` (1). Any thread may call `put`; items leave in that order."""

    def __init__(self, post: Post, fd: int = 1) -> None:
        self._core = WriterCore(fd, post)
        self._queue: queue.SimpleQueue[Outgoing | threading.Event | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="indi-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, item: Outgoing) -> None:
        """Queue an item; never waits."""
        self._queue.put(item)

    @property
    def waiting(self) -> int:
        """How many items are not written yet, about."""
        return self._queue.qsize()

    def flush(self, deadline: Deadline) -> bool:
        """Wait until everything put before is written, or the deadline passes (False)."""
        done = threading.Event()
        self._queue.put(done)
        return done.wait(deadline.remaining())

    def stop(self, deadline: Deadline) -> bool:
        """Write what was put, then end the thread.

        False if the deadline passed first; the thread is a daemon.
        """
        self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join(deadline.remaining())
        return not self._thread.is_alive()

    def step(self) -> bool:
        """Take one thing from the queue and do it. False when that was the end."""
        item = self._queue.get()
        match item:
            case None:
                return False
            case threading.Event():
                item.set()
            case _:
                self._core.write(item)
        return True

    def _run(self) -> None:
        while self.step():
            pass


class Stderr:
    """A text stream for logging: whole lines, short enough for the server, and no error if nobody reads.

    A longer line is cut; the rest of it is lost. Made for one handler of `logging`, which holds a lock.
    """

    def __init__(self, fd: int = 2) -> None:
        self._fd = fd
        self._line = ""

    def write(self, text: str) -> int:
        """Take text; each complete line is written at once."""
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._emit(line)
        self._line = self._line[: STDERR_BYTES + 1]
        return len(text)

    def flush(self) -> None:
        """Write a line that has no end yet."""
        if self._line:
            line, self._line = self._line, ""
            self._emit(line)

    def _emit(self, line: str) -> None:
        raw = line.encode("utf-8", "backslashreplace").decode("utf-8").replace("\r", " ").replace("\0", " ")
        try:
            _write_all(self._fd, (cut(raw, STDERR_BYTES - 1) + "\n").encode())
        except OSError:
            return


def _read(fd: int) -> bytes:
    while True:
        try:
            return os.read(fd, READ_BYTES)
        except BlockingIOError:
            _wait(fd, select.POLLIN)


def _write_all(fd: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:
            _wait(fd, select.POLLOUT)


def _send_first(fd: int, item: Attached) -> int:
    """Send the descriptor with as much of the element as goes at once; the number of bytes sent."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [item.fd]))]
    end = socket.socket(fileno=fd)
    try:
        while True:
            try:
                return end.sendmsg([item.data], rights, socket.MSG_NOSIGNAL)
            except BlockingIOError:
                _wait(fd, select.POLLOUT)
    finally:
        end.detach()


def _wait(fd: int, what: int) -> None:
    poll = select.poll()
    poll.register(fd, what)
    poll.poll()
