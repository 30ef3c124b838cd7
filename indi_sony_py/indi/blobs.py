"""Does I/O (reads the file that is sent): BLOBs on their way out, how they travel, when the next may leave.

- Attached when standard output is a Unix socket (that is all there is to ask), else inline. There is no
  handshake.
- `size` always stands there and is a number: without it indiserver 1.9.9 kills the driver, with text it
  aborts.
- Inline: ONE base64 line and no `enclen`. With `enclen` and one line the server's parser hangs; line breaks
  make it run past its buffers when a client listens on its Unix socket.
- Attached: one file descriptor, sent with the first byte; size, len and the file's length are the same
  number.
- A ping request follows each BLOB; the next one waits for the reply, at most 5 s after the last byte.
- A frame is never held twice: inline, the base64 comes in pieces while it is written.

Sources: libindi and indiserver 1.9.9, observed and by their source; the 5 s are those of libindi's master.
"""

from __future__ import annotations

import binascii
import os
import socket
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias, assert_never

from ..errors import RuleBroken
from .messages import BlobAcknowledged, BlobWritten, Kind
from .text import attribute
from .vectors import Vector, set_head

__all__ = ["Attached", "BlobFlow", "BlobItem", "Inline", "Source", "Way", "blob", "choose_way"]

PIECE_BYTES = 3 * 256 * 1024
PING_LIMIT_S = 5.0
_REMEMBERED = 64

Source: TypeAlias = int | bytes | bytearray | memoryview


class Way(Enum):
    """How the bytes of a BLOB travel."""

    ATTACHED = "attached"
    INLINE = "inline"


@dataclass(frozen=True, slots=True)
class Attached:
    """A whole element, and the descriptor that goes with its first byte. The writer does not close `fd`."""

    data: bytes
    fd: int
    token: int


@dataclass(frozen=True, slots=True)
class Inline:
    """A whole element in pieces, made while they are written. `pieces` can be gone through once."""

    pieces: Iterator[bytes] = field(compare=False)
    token: int


BlobItem: TypeAlias = Attached | Inline


def choose_way(fd: int = 1) -> Way:
    """Attached if `fd` is a Unix socket; inline for a pipe, a file, another socket or a closed descriptor."""
    try:
        end = socket.socket(fileno=fd)
    except OSError:
        return Way.INLINE
    family = end.family
    end.detach()
    return Way.ATTACHED if family == socket.AF_UNIX else Way.INLINE


def blob(vector: Vector, element: str, source: Source, form: str, way: Way, uid: str, token: int = 0) -> BlobItem:
    """The set element of a BLOB and its ping request.

    `source` is a descriptor of a file that holds the payload and nothing else, or the bytes themselves
    (inline only); `form` is the suffix with its dot (`.fits`). The vector's state must be set before.
    The descriptor stays open until `BlobWritten(token)`, and its memory is never written again.
    Raises RuleBroken for bytes that are to be attached, and for an element that the vector does not have.
    """
    if vector.definition.kind is not Kind.BLOB or element not in vector.values:
        raise RuleBroken(f"{vector.name}.{element} holds no BLOB")
    size = os.fstat(source).st_size if isinstance(source, int) else memoryview(source).nbytes
    head = set_head(vector) + ">\n    <oneBLOB" + attribute("name", element) + attribute("size", str(size))
    head += attribute("format", form)
    tail = "</oneBLOB>\n</setBLOBVector>\n<pingRequest" + attribute("uid", uid) + "/>\n"
    match way:
        case Way.ATTACHED:
            if not isinstance(source, int):
                raise RuleBroken("only a file can be attached")
            head += attribute("len", str(size)) + attribute("attached", "true")
            return Attached(f"{head}>{tail}".encode(), source, token)
        case Way.INLINE:
            return Inline(_inline(f"{head}>".encode(), source, size, tail.encode()), token)
        case _:
            assert_never(way)


def _inline(head: bytes, source: Source, size: int, tail: bytes) -> Iterator[bytes]:
    yield head
    view = None if isinstance(source, int) else memoryview(source).cast("B")
    for start in range(0, size, PIECE_BYTES):
        count = min(PIECE_BYTES, size - start)
        if view is not None:
            piece: bytes | memoryview = view[start : start + count]
        else:
            assert isinstance(source, int)
            piece = _read(source, start, count)
        yield binascii.b2a_base64(piece, newline=False)
    yield tail


def _read(fd: int, start: int, count: int) -> bytes:
    parts = []
    while count:
        part = os.pread(fd, count, start)
        if not part:
            raise RuleBroken(f"the file of a BLOB ended at {start} while it was sent")
        parts.append(part)
        start += len(part)
        count -= len(part)
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class _Waiting:
    token: int
    make: Callable[[str], BlobItem]


@dataclass(slots=True)
class _Flying:
    token: int
    uid: str
    written_at: float | None = None


class BlobFlow:
    """Which BLOB may go to the writer now: one at a time, by the server's replies.

    Stepped by the thread that owns the vectors; nobody waits in here. `now` is always monotonic, in seconds.
    The element is made when its turn comes (`make` gets the ping's uid), so its state and stamp are of that
    moment.
    """

    def __init__(self) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._flying: _Flying | None = None
        self._tokens: dict[str, int] = {}
        self._count = 0

    def offer(self, token: int, make: Callable[[str], BlobItem]) -> None:
        """Queue a BLOB."""
        self._waiting.append(_Waiting(token, make))

    def withdraw(self, token: int) -> bool:
        """Take back a BLOB that has not left yet; False if it has, or was never here."""
        for waiting in self._waiting:
            if waiting.token == token:
                self._waiting.remove(waiting)
                return True
        return False

    def due(self, now: float) -> BlobItem | None:
        """The BLOB to hand to the writer now, or None."""
        flying = self._flying
        if flying is not None and (flying.written_at is None or now < flying.written_at + PING_LIMIT_S):
            return None
        self._flying = None
        if not self._waiting:
            return None
        waiting = self._waiting.popleft()
        self._count += 1
        uid = f"SetBLOB/{self._count}"
        item = waiting.make(uid)
        self._flying = _Flying(waiting.token, uid)
        self._tokens[uid] = waiting.token
        while len(self._tokens) > _REMEMBERED:
            del self._tokens[next(iter(self._tokens))]
        return item

    def written(self, event: BlobWritten, now: float) -> None:
        """The writer has written the last byte; the 5 s begin."""
        if self._flying is not None and self._flying.token == event.token:
            self._flying.written_at = now

    def unanswered(self, token: int) -> None:
        """This server answers no pings: the next BLOB need not wait for the reply to this one."""
        if self._flying is not None and self._flying.token == token:
            self._flying = None

    def replied(self, uid: str) -> BlobAcknowledged | None:
        """What a ping reply acknowledges: also a late one, but each once; None for a uid that is not ours."""
        if self._flying is not None and self._flying.uid == uid:
            self._flying = None
        token = self._tokens.pop(uid, None)
        return None if token is None else BlobAcknowledged(token)

    def wake_at(self) -> float | None:
        """When `due` has to be asked again even if nothing happens; None if only an event can change it."""
        if self._flying is None or self._flying.written_at is None or not self._waiting:
            return None
        return self._flying.written_at + PING_LIMIT_S

    @property
    def idle(self) -> bool:
        """Nothing waits, and nothing is without its reply."""
        return not self._waiting and self._flying is None
