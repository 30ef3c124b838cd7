"""A simulated camera behind a Unix socket, as a port (does I/O): the client half of the framed bus.

- Time-outs are enforced by the other side; one that does not answer within the time-out and `_GRACE_S` more counts as
  unplugged, so nothing waits for ever.
- Whatever cannot be an answer, and the end of the stream, is an unplugging too: OSError 19, and it is final.

Frames: `transport.busframe`.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from indi_sony_py.errors import BadData
from indi_sony_py.transport.busframe import (
    HEAD,
    MAX_DATA,
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
    decode,
    encode,
    read_head,
)

__all__ = ["SocketPort", "SocketSlot", "parse_address", "socket_slots"]

_PREFIX = "unix:"
_GRACE_S = 5.0
_CONNECT_S = 5.0


def parse_address(text: str) -> Path:
    """The path in `unix:/PATH`. ValueError for anything else."""
    path = text.removeprefix(_PREFIX)
    if path == text or not path.startswith("/"):
        raise ValueError(f"{text!r} is not unix:/PATH")
    return Path(path)


class SocketPort:
    """The client of one simulated camera. One thread uses it; an OSError of errno 19 is final."""

    def __init__(self, path: Path) -> None:
        self._socket: socket.socket | None = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MAX_DATA)
            self._socket.settimeout(_CONNECT_S)
            self._socket.connect(os.fspath(path))
            answer = self._ask(Identify(), 0.0)
        except OSError:
            self.close()
            raise
        if not isinstance(answer, Identity):
            self._lost()
        self.identity = answer

    def claim(self, interface: int) -> None:
        self._done(Claim(interface))

    def release(self, interface: int) -> None:
        self._done(Release(interface))

    def bulk_write(self, data: bytes, timeout_s: float | None) -> int:
        if len(data) > MAX_DATA:
            raise OSError(errno.EINVAL, f"a transfer of more than {MAX_DATA} bytes")
        return self._done(BulkWrite(_ms(timeout_s), data), timeout_s)

    def bulk_read(self, buffer: memoryview, timeout_s: float | None) -> int:
        got = 0
        while got < len(buffer):
            piece = buffer[got : got + MAX_DATA]
            count = self._read(BulkRead(_ms(timeout_s), len(piece)), piece, timeout_s)
            got += count
            if count < len(piece):
                break
        return got

    def interrupt_read(self, buffer: memoryview, timeout_s: float | None) -> int:
        return self._read(InterruptRead(_ms(timeout_s), len(buffer)), buffer, timeout_s)

    def control(
        self,
        request_type: int,
        request: int,
        value: int,
        index: int,
        data: bytes | int,
        timeout_s: float | None,
    ) -> bytes | int:
        if isinstance(data, int):
            frame = Control(_ms(timeout_s), request_type, request, value, index, data)
            answer = self._ask(frame, timeout_s)
            return answer.data if isinstance(answer, Data) else self._lost()
        return self._done(Control(_ms(timeout_s), request_type, request, value, index, len(data), data), timeout_s)

    def clear_halt(self, endpoint: int) -> None:
        self._done(ClearHalt(endpoint))

    def reset(self) -> None:
        self._done(Reset())

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _lost(self) -> NoReturn:
        self.close()
        raise OSError(errno.ENODEV, "the simulated camera was unplugged")

    def _done(self, frame: Frame, timeout_s: float | None = 0.0) -> int:
        answer = self._ask(frame, timeout_s)
        return answer.count if isinstance(answer, Done) else self._lost()

    def _read(self, frame: Frame, into: memoryview, timeout_s: float | None) -> int:
        kind, length = self._send(frame, timeout_s)
        if kind is not Kind.DATA:
            self._take_answer(kind, length)
            self._lost()
        if length > len(into):
            self._lost()
        self._fill(into[:length])
        return length

    def _ask(self, frame: Frame, timeout_s: float | None) -> Frame:
        kind, length = self._send(frame, timeout_s)
        return self._take_answer(kind, length)

    def _send(self, frame: Frame, timeout_s: float | None) -> tuple[Kind, int]:
        if self._socket is None:
            self._lost()
        self._socket.settimeout(None if timeout_s is None else timeout_s + _GRACE_S)
        try:
            self._socket.sendall(encode(frame))
        except OSError:
            self._lost()
        raw = bytearray(HEAD)
        self._fill(memoryview(raw))
        try:
            head = read_head(raw)
        except BadData:
            self._lost()
        assert head is not None
        return head

    def _take_answer(self, kind: Kind, length: int) -> Frame:
        body = bytearray(length)
        self._fill(memoryview(body))
        try:
            answer = decode(kind, bytes(body))
        except BadData:
            self._lost()
        if isinstance(answer, Failed):
            if answer.errno == errno.ENODEV:
                self._lost()
            raise OSError(answer.errno, os.strerror(answer.errno))
        return answer

    def _fill(self, into: memoryview) -> None:
        if self._socket is None:
            self._lost()
        got = 0
        while got < len(into):
            try:
                count = self._socket.recv_into(into[got:])
            except OSError:
                self._lost()
            if count == 0:
                self._lost()
            got += count


def _ms(timeout_s: float | None) -> int:
    return 0 if timeout_s is None else min(0xFFFFFFFF, max(1, round(timeout_s * 1000)))


class SocketSlot:
    """A simulated camera behind a path, as it was when it was looked at."""

    def __init__(self, path: Path, identity: Identity) -> None:
        self._path = path
        self.identity = identity
        self.key = _PREFIX + os.fspath(path)

    def open(self) -> SocketPort:
        """Connect. OSError 19 when the camera is gone, or another one (or the same, plugged in again) sits there."""
        try:
            port = SocketPort(self._path)
        except OSError as error:
            raise OSError(errno.ENODEV, f"nothing at {self._path}") from error
        if port.identity != self.identity:
            port.close()
            raise OSError(errno.ENODEV, f"another camera at {self._path}")
        return port


def socket_slots(paths: Iterable[Path]) -> list[SocketSlot]:
    """The paths that a camera listens at now."""
    found = []
    for path in paths:
        with suppress(OSError):
            port = SocketPort(path)
            found.append(SocketSlot(path, port.identity))
            port.close()
    return found
