"""The pair: messages and descriptors between one face and one hand (does I/O: sockets, descriptors).

Rules kept here:

- `send` never waits longer than `patience_s`. With 0 what the other side does not take at once is kept, up to
  `MAX_BACKLOG` bytes, and goes out with `flush`; a side that lets that run over is as good as gone.
- A descriptor rides on the first byte of its frame, so it is there when the frame is whole. The sender keeps its own;
  the receiver owns what it got, and closes it.
- The end of the pair, junk on it, and an overrun backlog are one error each time: `HandLost` on the face's side,
  `FaceLost` on the hand's. After it the connection is closed.
- One thread may receive while another one sends; no more than that.
- `local_pair` is the same in one process: same bytes, same descriptors, no socket; for tests on a virtual clock.
"""

from __future__ import annotations

import array
import os
import select
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn, Protocol

from indi_sony_py import texts
from indi_sony_py.errors import BadData, FaceLost, HandLost, OutsideError
from indi_sony_py.hand.codec import Splitter, decode, encode
from indi_sony_py.hand.messages import Message

__all__ = ["MAX_BACKLOG", "Connection", "LocalConnection", "Parcel", "SocketConnection", "local_pair"]

MAX_BACKLOG = 4 << 20
_READ = 1 << 16
_MAX_FDS = 16


@dataclass(frozen=True, slots=True)
class Parcel:
    """What came: a message, and the descriptor beside it, which the receiver closes."""

    message: Message
    fd: int | None = None


class Connection(Protocol):
    """One end of a pair."""

    def send(self, message: Message, fd: int | None = None) -> None:
        """Send, with a copy of `fd`. Raises the loss of the other side."""

    def poll(self) -> Parcel | None:
        """The next parcel that is there, or None. Never waits. Raises the loss of the other side, once all is read."""

    def flush(self) -> bool:
        """Send what was kept back; True when nothing is left."""

    def close(self) -> None:
        """End the pair; descriptors that nobody took are closed. Calling it again does nothing."""


class SocketConnection:
    """A connected Unix stream socket as one end. `lost` is the error that means "the other side is gone".

    One thread may send while another one receives; whichever of them meets the end closes it for both.
    """

    def __init__(
        self, sock: socket.socket, lost: type[OutsideError] = HandLost, patience_s: float = 0.0, who: str = "the hand"
    ) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._lost = lost
        self._patience_s = patience_s
        self._who = who
        self._splitter = Splitter()
        self._fds: deque[int] = deque()
        self._backlog: deque[tuple[memoryview, int | None]] = deque()
        self._kept = 0
        self._lock = threading.RLock()

    def fileno(self) -> int:
        return self._sock.fileno()

    @property
    def wants_write(self) -> bool:
        return bool(self._backlog)

    def send(self, message: Message, fd: int | None = None) -> None:
        frame = memoryview(encode(message, fd is not None))
        with self._lock:
            if self._kept + len(frame) > MAX_BACKLOG:
                self._end(f"{self._who} takes no more messages")
            self._backlog.append((frame, None if fd is None else os.dup(fd)))
            self._kept += len(frame)
        deadline = time.monotonic() + self._patience_s
        while not self.flush() and self._patience_s:
            left = deadline - time.monotonic()
            if left <= 0 or not self._select([], [self._sock], left)[1]:
                self._end(f"{self._who} took no message for {self._patience_s:g} s")

    def flush(self) -> bool:
        with self._lock:
            return self._flush()

    def _flush(self) -> bool:
        while self._backlog:
            frame, fd = self._backlog[0]
            ancillary = [] if fd is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
            try:
                sent = self._sock.sendmsg([frame], ancillary, socket.MSG_NOSIGNAL)
            except BlockingIOError:
                return False
            except OSError as error:
                self._end(f"{self._who} is gone ({error.strerror or error})")
            if fd is not None:
                os.close(fd)
            self._kept -= sent
            self._backlog.popleft()
            if sent < len(frame):
                self._backlog.appendleft((frame[sent:], None))
        return True

    def poll(self) -> Parcel | None:
        with self._lock:
            while True:
                parcel = self._whole()
                if parcel is not None or not self._read():
                    return parcel

    def receive(self, timeout_s: float | None = None) -> Parcel | None:
        """The next parcel; None when none came within `timeout_s` (None: for as long as the pair lives)."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            parcel = self.poll()
            if parcel is not None:
                return parcel
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not self._select([self._sock], [], left)[0]:
                return None

    def _select(
        self, readers: list[socket.socket], writers: list[socket.socket], left: float | None
    ) -> tuple[list[socket.socket], list[socket.socket], list[socket.socket]]:
        try:
            return select.select(readers, writers, [], left)
        except (OSError, ValueError):
            self._end("the connection was closed")

    def close(self) -> None:
        # Wakes a thread that waits for the socket; the lock is never held over a wait.
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._close()

    def _close(self) -> None:
        self._sock.close()
        while self._fds:
            os.close(self._fds.popleft())
        while self._backlog:
            fd = self._backlog.popleft()[1]
            if fd is not None:
                os.close(fd)
        self._kept = 0

    def _whole(self) -> Parcel | None:
        try:
            body = self._splitter.next()
            if body is None:
                return None
            message, with_fd = decode(body)
        except BadData as error:
            self._end(f"{self._who} sent what cannot be read: {error}")
        if with_fd and not self._fds:
            self._end(f"{self._who} sent {type(message).__name__} without its descriptor")
        return Parcel(message, self._fds.popleft() if with_fd else None)

    def _read(self) -> bool:
        try:
            data, ancillary, flags, _ = self._sock.recvmsg(
                _READ, socket.CMSG_SPACE(_MAX_FDS * array.array("i").itemsize), socket.MSG_CMSG_CLOEXEC
            )
        except BlockingIOError:
            return False
        except OSError as error:
            self._end(f"{self._who} is gone ({error.strerror or error})")
        for level, kind, value in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds = array.array("i")
                fds.frombytes(value[: len(value) - len(value) % fds.itemsize])
                self._fds.extend(fds)
        if flags & socket.MSG_CTRUNC or len(self._fds) > _MAX_FDS:
            self._end(f"{self._who} sent more descriptors than belong to messages")
        if not data:
            self._end(f"{self._who} is gone")
        self._splitter.feed(data)
        return True

    def _end(self, text: str) -> NoReturn:
        self.close()
        raise self._lost(texts.driver.PAIR_BROKE, detail=text)


class _Pipe:
    """One direction of a local pair: whole frames and copies of descriptors."""

    def __init__(self) -> None:
        self.frames: deque[tuple[bytes, int | None]] = deque()
        self.closed = False


class LocalConnection:
    """One end of a pair within a process. Encodes and decodes as the socket does."""

    def __init__(self, inward: _Pipe, outward: _Pipe, lost: type[OutsideError], who: str) -> None:
        self._inward = inward
        self._outward = outward
        self._lost = lost
        self._who = who

    def send(self, message: Message, fd: int | None = None) -> None:
        frame = encode(message, fd is not None)
        if self._outward.closed or self._inward.closed:
            self.close()
            raise self._lost(texts.driver.PAIR_BROKE, detail=f"{self._who} is gone")
        self._outward.frames.append((frame, None if fd is None else os.dup(fd)))

    def poll(self) -> Parcel | None:
        if self._inward.frames:
            frame, fd = self._inward.frames.popleft()
            splitter = Splitter()
            splitter.feed(frame)
            return Parcel(decode(splitter.next() or b"")[0], fd)
        if self._inward.closed:
            raise self._lost(texts.driver.PAIR_BROKE, detail=f"{self._who} is gone")
        return None

    def flush(self) -> bool:
        return True

    def close(self) -> None:
        """What was sent before stays readable for the other side, as on a socket; what was not read here is lost."""
        self._outward.closed = True
        self._inward.closed = True
        while self._inward.frames:
            fd = self._inward.frames.popleft()[1]
            if fd is not None:
                os.close(fd)


def local_pair() -> tuple[LocalConnection, LocalConnection]:
    """The face's end and the hand's end of a pair in one process."""
    to_hand, to_face = _Pipe(), _Pipe()
    return (
        LocalConnection(to_face, to_hand, HandLost, "the hand"),
        LocalConnection(to_hand, to_face, FaceLost, "the face"),
    )
