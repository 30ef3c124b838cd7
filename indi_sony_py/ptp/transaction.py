"""One transaction as the initiator sees it: command, perhaps data out, perhaps data in, response. Pure.

- The transport writes `outgoing()`, then reads `wanted` bytes again and again and feeds them, until `reply` is there.
- The camera may answer with the response at once instead of data (an error), with an empty data container, or first
  with what it still owed to an earlier transaction ("late answer"): that is read away and counted in `late`.
- A container of our own transaction that cannot come at this point is `BadData`.
- A length is never believed: memory grows with what really arrives, up to `limit`, which is large for images alone.
  Who knows the length beforehand may give the place (`Request.into`); data of another length do not go there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indi_sony_py.errors import BadData
from indi_sony_py.ptp.codes import ContainerType, Operation
from indi_sony_py.ptp.container import HEADER, Container, Header, encode, parse, read_header
from indi_sony_py.ptp.data import Buffer
from indi_sony_py.ptp.landing import Landing

__all__ = ["DATA_LIMIT", "SMALL_LIMIT", "Exchange", "Reply", "Request", "bytes_of", "data_limit", "place_for"]

DATA_LIMIT = 512 * 1024 * 1024
"""No still camera sends more than this in one data phase (an uncompressed 102-megapixel RAW is 210 MB)."""
SMALL_LIMIT = 16 * 1024 * 1024
"""The same for all but an image: settings have some 40 kB, a live view frame below 1 MB."""


def data_limit(operation: int) -> int:
    """The most bytes that the data phase of an answer may have."""
    return DATA_LIMIT if operation == Operation.GET_OBJECT else SMALL_LIMIT


@dataclass(frozen=True, slots=True)
class Request:
    """An operation to carry out. `data` not None means a data-out phase.

    `into` is where a data-in phase of just that length goes: the reply's data are then its `view`.
    """

    operation: int
    params: tuple[int, ...] = ()
    data: bytes | None = None
    into: Landing | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """The response, and the data-in phase if there was one."""

    code: int
    params: tuple[int, ...] = ()
    data: bytes | bytearray | memoryview | None = None


def place_for(request: Request, length: int) -> bytearray | Landing:
    """Where a data phase of so many bytes goes."""
    into = request.into
    return into if into is not None and into.size == length and not len(into) else bytearray()


def bytes_of(place: bytearray | Landing | None) -> bytearray | memoryview | None:
    """What has arrived there, once it is all."""
    return place.view if isinstance(place, Landing) else place


class Exchange:
    """The bytes of one transaction, in both directions. `limit`: that of `data_limit`, if there is no other."""

    def __init__(self, request: Request, transaction: int, limit: int | None = None) -> None:
        self.request = request
        self.transaction = transaction
        self.late = 0
        self.reply: Reply | None = None
        self._limit = data_limit(request.operation) if limit is None else limit
        self._head: Header | None = None
        self._pending = bytearray()
        self._data: bytearray | Landing | None = None
        self._skip = 0

    def outgoing(self) -> tuple[bytes, ...]:
        """The containers to write, each in a USB transfer of its own."""
        r = self.request
        command = encode(Container(ContainerType.COMMAND, r.operation, self.transaction, r.params))
        if r.data is None:
            return (command,)
        return command, encode(Container(ContainerType.DATA, r.operation, self.transaction, (), r.data))

    @property
    def wanted(self) -> int:
        """How many bytes more make sense to read; never past the end of the container under way."""
        if self.reply is not None:
            return 0
        if self._skip:
            return self._skip
        if self._head is None:
            return HEADER - len(self._pending)
        done = len(self._data or b"") if self._head.type is ContainerType.DATA else len(self._pending) - HEADER
        return self._head.payload - done

    @property
    def received(self) -> int:
        """Bytes of the data phase that have arrived."""
        return len(self._data or b"")

    @property
    def whole(self) -> bytearray | memoryview | None:
        """The data phase, once its last byte has arrived, whether the response came or not. None: it has not."""
        return bytes_of(self._data) if self._head is None or self._head.type is not ContainerType.DATA else None

    def feed(self, chunk: Buffer) -> int:
        """Take bytes as they arrived; returns how many were used: fewer only once `reply` is there.

        Raises `BadData`.
        """
        view = memoryview(chunk)
        used = 0
        while used < len(view) and self.reply is None:
            used += self._take(view[used:])
        return used

    def _take(self, view: memoryview) -> int:
        if self._skip:
            count = min(self._skip, len(view))
            self._skip -= count
            return count
        if self._head is not None and self._head.type is ContainerType.DATA and self._data is not None:
            count = min(self._head.payload - len(self._data), len(view))
            self._data.extend(view[:count])
            if len(self._data) == self._head.payload:
                self._head = None
            return count
        goal = HEADER if self._head is None else self._head.length
        count = min(goal - len(self._pending), len(view))
        self._pending += view[:count]
        if len(self._pending) == goal:
            if self._head is None:
                self._begin()
            else:
                self._finish()
        return count

    def _begin(self) -> None:
        head = read_header(self._pending)
        assert head is not None
        if head.transaction != self.transaction or head.type is ContainerType.EVENT:
            self.late += 1
            self._skip = head.payload
            self._pending.clear()
            return
        if head.type is ContainerType.COMMAND:
            raise BadData("container type", 4, "the camera sent a command")
        if head.type is ContainerType.DATA:
            if self._data is not None:
                raise BadData("container type", 4, "a second data phase")
            if head.code != self.request.operation:
                raise BadData("container code", 6, f"data of operation 0x{head.code:04X}")
            if head.payload > self._limit:
                raise BadData("container length", 0, f"{head.length} bytes are beyond the limit")
            self._data = place_for(self.request, head.payload)
            self._pending.clear()
            self._head = head if head.payload else None
            return
        self._head = head
        if not head.payload:
            self._finish()

    def _finish(self) -> None:
        parsed = parse(self._pending)
        assert parsed is not None
        self.reply = Reply(parsed[0].code, parsed[0].params, bytes_of(self._data))
