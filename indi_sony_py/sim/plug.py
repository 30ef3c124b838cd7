"""A simulated camera behind a Unix socket (does I/O), in the frames of `transport.busframe`.

- The socket is there while the camera is plugged in: unplugging takes it away and cuts every connection; plugged in
  again it is there anew, with a new address on the bus.
- A connection's end is the end of that program: what it had claimed is free, the camera goes on as it stood.
- Time-outs of a host are real seconds, the camera's own time may run faster (`ScaledClock`).
"""

from __future__ import annotations

import errno
import logging
import selectors
import socket
import time
from collections.abc import Callable
from pathlib import Path

from indi_sony_py.clock import Clock
from indi_sony_py.errors import BadData
from indi_sony_py.sim.front import TICK_S, next_change_s
from indi_sony_py.sim.hostside import HostSide
from indi_sony_py.sim.listener import Listener
from indi_sony_py.sim.stream import Stream
from indi_sony_py.transport.busframe import (
    HEAD,
    MAX_BODY,
    MAX_DATA,
    VERSION,
    BulkRead,
    BulkWrite,
    Claim,
    ClearHalt,
    Control,
    Data,
    Done,
    Failed,
    Frame,
    Identify,
    Identity,
    InterruptRead,
    Kind,
    Release,
    Reset,
    encode,
    encode_head,
    parse,
)

__all__ = ["Plug"]

_log = logging.getLogger(__name__)
_Read = Callable[[memoryview, int], tuple[int, bool]]


class Plug:
    """A camera's place: its listener while it is plugged in, and the programs that are connected."""

    def __init__(self, host: HostSide, path: Path, selector: selectors.BaseSelector) -> None:
        self.host = host
        self._path = path
        self._selector = selector
        self._listener: Listener | None = None
        self._connections: list[_Connection] = []

    @property
    def used(self) -> bool:
        """Whether a program is connected."""
        return bool(self._connections)

    def follow(self) -> None:
        """Bring the camera up to now, and the sockets to what it is: plugged in or not."""
        self.host.device.advance()
        for connection in list(self._connections):
            if connection.cut():
                self._connections.remove(connection)
        if self.host.device.present and self._listener is None:
            self._listener = Listener(self._path, self._accept, self._selector)
        elif not self.host.device.present and self._listener is not None:
            self._listener.close()
            self._listener = None

    def wait(self, clock: Clock, speed: float, looked: float) -> float | None:
        """Real seconds until something happens here without anybody's doing that `follow` at `looked` did not see."""
        waits = [c.due - time.monotonic() for c in self._connections if c.due is not None]
        change = next_change_s(self.host.device, clock, speed, looked)
        if change is not None:
            waits.append(change)
        return max(TICK_S, min(waits)) if waits else None

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
        if self._listener is not None:
            self._listener.close()

    def _accept(self, client: socket.socket) -> None:
        self._connections.append(_Connection(client, self.host, self._selector))


class _Connection:
    """One program. It has at most one question open, since it waits for each answer."""

    def __init__(self, client: socket.socket, host: HostSide, selector: selectors.BaseSelector) -> None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_DATA)
        self.identity: Identity = host.identity
        self.due: float | None = None
        self._host = host
        self._inbox = bytearray()
        self._outbox: list[memoryview] = []
        self._read: _Read | None = None
        self._buffer = memoryview(b"")
        self._got = 0
        self._ended = False
        self._stream = Stream(client, selector, self._on_ready)

    def cut(self) -> bool:
        """Go on with an open read; True when this connection is over."""
        if not self._ended and not self._host.alive(self):
            self.close()
        if not self._ended and self._read is not None:
            self._go_on()
            self._work()
        return self._ended

    def close(self) -> None:
        if not self._ended:
            self._ended = True
            self._host.leave(self)
            self._stream.close()

    def _on_ready(self, mask: int) -> None:
        if self._ended:
            return
        if mask & selectors.EVENT_WRITE:
            self._send()
            self._work()
        if mask & selectors.EVENT_READ and not self._ended:
            self._receive()

    def _receive(self) -> None:
        data = self._stream.receive()
        if data is None:
            return
        if not data or len(self._inbox) + len(data) > HEAD + MAX_BODY:
            self.close()
            return
        self._inbox += data
        self._work()

    def _work(self) -> None:
        while not (self._ended or self._outbox or self._read):
            try:
                parsed = parse(self._inbox)
            except BadData as error:
                _log.warning("a client does not speak the protocol: %s", error)
                self.close()
                return
            if parsed is None:
                return
            frame, used = parsed
            del self._inbox[:used]
            try:
                self._carry_out(frame)
            except OSError as error:
                self._answer(Failed(error.errno or errno.EIO))

    def _carry_out(self, frame: Frame) -> None:
        host = self._host
        match frame:
            case Identify():
                known = frame.version == VERSION
                self._answer(self.identity if known else Failed(errno.EPROTONOSUPPORT))
            case Claim():
                host.claim(self)
                self._answer(Done())
            case Release():
                host.leave(self)
                self._answer(Done())
            case BulkWrite():
                self._answer(Done(host.bulk_write(self, frame.data)))
            case BulkRead():
                self._begin(frame, lambda into, got: host.bulk_read(self, into, got))
            case InterruptRead():
                self._begin(frame, lambda into, got: host.interrupt_read(self, into, got))
            case Control():
                load = frame.length if frame.request_type & 0x80 else frame.data
                answer = host.control(self, frame.request_type, frame.request, frame.value, frame.index, load)
                self._answer(Done(answer) if isinstance(answer, int) else Data(answer))
            case ClearHalt():
                host.clear_halt(self, frame.endpoint)
                self._answer(Done())
            case Reset():
                host.reset(self)
                self._answer(Done())
            case _:
                self._answer(Failed(errno.EINVAL))

    def _begin(self, frame: BulkRead | InterruptRead, read: _Read) -> None:
        if frame.length > MAX_DATA:
            raise OSError(errno.EINVAL, "too long a read")
        self._buffer = memoryview(bytearray(frame.length))
        self._got = 0
        self._read = read
        self.due = time.monotonic() + frame.timeout_ms / 1000 if frame.timeout_ms else None
        self._go_on()

    def _go_on(self) -> None:
        assert self._read is not None
        try:
            self._got, complete = self._read(self._buffer, self._got)
        except OSError as error:
            self._end_read(Failed(error.errno or errno.EIO))
            return
        late = self.due is not None and time.monotonic() >= self.due
        if complete or (late and self._got):
            self._end_read(None)
        elif late:
            self._end_read(Failed(errno.ETIMEDOUT))

    def _end_read(self, failed: Failed | None) -> None:
        self._read, self.due = None, None
        if failed is not None:
            self._answer(failed)
        else:
            self._outbox = [memoryview(encode_head(Kind.DATA, self._got)), self._buffer[: self._got]]
            self._send()

    def _answer(self, frame: Frame) -> None:
        self._outbox = [memoryview(encode(frame))]
        self._send()

    def _send(self) -> None:
        if not self._stream.send(self._outbox):
            self.close()
