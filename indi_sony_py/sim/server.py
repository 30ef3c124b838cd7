"""Simulated cameras behind Unix sockets (does I/O): one thread, one loop, no waiting but in select.

- A camera's socket is there while the camera is plugged in: unplugging takes it away and cuts every
  connection; plugged in again it is there anew, with a new address on the bus.
- A connection's end is the end of that program: what it had claimed is free, the camera goes on as it stood.
- Time-outs of a host are real seconds, the camera's own time may run faster (`ScaledClock`).
- A socket that somebody listens at is never taken over; one that was left behind is replaced. The sockets are
  removed at the end.

Frames: `transport.busframe`. A control socket takes lines, each is handed to a callable, its answer is sent
as a line.
"""

from __future__ import annotations

import errno
import logging
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from indi_sony_py.clock import Clock, ScaledClock
from indi_sony_py.errors import BadData
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.sim.hostside import HostSide
from indi_sony_py.sim.listener import Listener
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

__all__ = ["serve", "stop_on_signals"]

_log = logging.getLogger(__name__)
TICK_S = 0.001
_RECEIVE = 256 * 1024
_LINE = 64 * 1024
_Read = Callable[[memoryview, int], tuple[int, bool]]


class HasFileno(Protocol):
    def fileno(self) -> int: ...


class Front(Protocol):
    """A way to a camera, as the loop sees it."""

    @property
    def used(self) -> bool:
        """Whether somebody is connected."""

    def follow(self) -> None:
        """Bring the camera up to now, and what is connected to what it is."""

    def wait(self, clock: Clock, speed: float, looked: float) -> float | None:
        """Real seconds until something happens here without anybody's doing that `follow` at `looked` did not see."""

    def close(self) -> None:
        """Let go of everything."""


MakeFront = Callable[[selectors.BaseSelector], Front]
"""Makes a front that listens by itself at the loop's selector."""


@contextmanager
def stop_on_signals(*signals: signal.Signals) -> Iterator[socket.socket]:
    """Something for `serve`'s `stop` that becomes readable at SIGTERM and SIGINT (or those named). Main thread only."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    wanted = signals or (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: None) for number in wanted}
    wakeup = signal.set_wakeup_fd(writer.fileno())
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        reader.close()
        writer.close()


def serve(
    devices: Sequence[UsbDevice | HostSide],
    paths: Sequence[Path],
    clock: Clock,
    *,
    more: Sequence[MakeFront] = (),
    stop: HasFileno,
    control: Callable[[str], str] | None = None,
    control_path: Path | None = None,
    ready: Callable[[], None] | None = None,
    linger_s: float | None = None,
) -> None:
    """Serve each device at its path until `stop` is readable. `ready` is called once everything listens.

    `more`: other ways to the same cameras; one that shares a camera with a path is given that camera's `HostSide`.
    `linger_s`: also until no program has been connected for so many real seconds. `clock` is the devices' clock.
    Raises OSError EADDRINUSE when somebody listens at a path, EEXIST when something else than a socket is there, and
    what the file system says otherwise.
    """
    if len(devices) != len(paths):
        raise ValueError("each device needs a path of its own")
    with selectors.DefaultSelector() as selector:
        plugs: list[Front] = []
        console = None
        try:
            selector.register(stop, selectors.EVENT_READ, None)
            for device, path in zip(devices, paths, strict=True):
                plugs.append(_Plug(_host(device), path, selector))
            for make in more:
                plugs.append(make(selector))
            for plug in plugs:
                plug.follow()
            if control is not None and control_path is not None:
                console = _Console(control_path, _followed(control, plugs), selector)
            if ready is not None:
                ready()
            _loop(plugs, selector, clock, linger_s)
        finally:
            for plug in plugs:
                plug.close()
            if console is not None:
                console.close()


def _followed(control: Callable[[str], str], plugs: Sequence[Front]) -> Callable[[str], str]:
    """What a line did has happened on the bus, too, when its answer goes out."""

    def handle(line: str) -> str:
        answer = control(line)
        for plug in plugs:
            plug.follow()
        return answer

    return handle


def _loop(plugs: Sequence[Front], selector: selectors.BaseSelector, clock: Clock, linger_s: float | None) -> None:
    speed = clock.speed if isinstance(clock, ScaledClock) else 1.0
    used_at = time.monotonic()
    while True:
        looked = clock.monotonic()
        for plug in plugs:
            plug.follow()
        waits = [wait for plug in plugs if (wait := plug.wait(clock, speed, looked)) is not None]
        if any(plug.used for plug in plugs):
            used_at = time.monotonic()
        elif linger_s is not None:
            left = used_at + linger_s - time.monotonic()
            if left <= 0:
                return
            waits.append(left)
        for key, mask in selector.select(min(waits) if waits else None):
            if key.data is None:
                return
            key.data(mask)


def _host(device: UsbDevice | HostSide) -> HostSide:
    return device if isinstance(device, HostSide) else HostSide(device)


class _Changing(Protocol):
    """A camera at any of its fronts."""

    def next_change(self, since: float | None = None) -> float | None: ...


def next_change_s(device: _Changing, clock: Clock, speed: float, looked: float) -> float | None:
    """Real seconds until the camera does something by itself that a look at `looked` did not see."""
    change = device.next_change(looked)
    return None if change is None else max(TICK_S, (change - clock.monotonic()) / speed)


class _Plug:
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
        client.setblocking(False)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_DATA)
        self.identity: Identity = host.identity
        self.due: float | None = None
        self._socket = client
        self._host = host
        self._selector = selector
        self._inbox = bytearray()
        self._outbox: list[memoryview] = []
        self._read: _Read | None = None
        self._buffer = memoryview(b"")
        self._got = 0
        self._ended = False
        self._blocked = False
        selector.register(client, selectors.EVENT_READ, self._on_ready)

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
            self._selector.unregister(self._socket)
            self._socket.close()

    def _on_ready(self, mask: int) -> None:
        if self._ended:
            return
        if mask & selectors.EVENT_WRITE:
            self._send()
            self._work()
        if mask & selectors.EVENT_READ and not self._ended:
            self._receive()

    def _receive(self) -> None:
        try:
            data = self._socket.recv(_RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
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
        try:
            while self._outbox:
                sent = self._socket.sendmsg(self._outbox)
                while self._outbox and sent >= len(self._outbox[0]):
                    sent -= len(self._outbox.pop(0))
                if self._outbox:
                    self._outbox[0] = self._outbox[0][sent:]
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            return
        if bool(self._outbox) is not self._blocked:
            self._blocked = bool(self._outbox)
            mask = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._blocked else 0)
            self._selector.modify(self._socket, mask, self._on_ready)


class _Console:
    """The control socket: lines in, lines out, to any number of clients."""

    def __init__(self, path: Path, handler: Callable[[str], str], selector: selectors.BaseSelector) -> None:
        self._handler = handler
        self._selector = selector
        self._clients: dict[socket.socket, bytearray] = {}
        self._listener = Listener(path, self._accept, selector)

    def close(self) -> None:
        for client in list(self._clients):
            self._drop(client)
        self._listener.close()

    def _accept(self, client: socket.socket) -> None:
        # An answer is one short line: a client that does not read it within a second is dropped.
        client.settimeout(1.0)
        self._clients[client] = bytearray()
        self._selector.register(client, selectors.EVENT_READ, lambda _: self._on_ready(client))

    def _on_ready(self, client: socket.socket) -> None:
        inbox = self._clients.get(client)
        if inbox is None:
            return
        try:
            data = client.recv(_LINE)
            inbox += data
            *lines, rest = inbox.split(b"\n")
            inbox[:] = rest
            for line in lines:
                if line.strip():
                    client.sendall(self._handler(line.decode(errors="replace")).encode() + b"\n")
        except OSError:
            data = b""
        if not data or len(inbox) > _LINE:
            self._drop(client)

    def _drop(self, client: socket.socket) -> None:
        del self._clients[client]
        self._selector.unregister(client)
        client.close()
