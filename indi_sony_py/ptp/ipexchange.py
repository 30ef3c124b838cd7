"""One transaction over PTP/IP as the initiator sees it: the counterpart of `ptp.transaction`. Pure.

- The transport writes `outgoing()`, then feeds what arrives on the command connection until `reply` is there. Bytes
  after it stay unread: they belong to whatever comes next.
- Packets of an earlier transaction ("late answers") are read away and counted in `late`; a ping is answered by
  `due`; an event that strayed onto this connection is kept in `events`.
- An exchange that was given up may leave the stream in the middle of a packet: its successor begins with its `rest`.
- A data phase ends with exactly the bytes that it announced; a length is never believed beyond `limit`.
"""

from __future__ import annotations

from dataclasses import dataclass

from indi_sony_py.errors import BadData
from indi_sony_py.ptp.data import Buffer
from indi_sony_py.ptp.ippacket import (
    IP_HEADER,
    Command,
    DataPhase,
    Event,
    IpHeader,
    PacketType,
    Payload,
    Plain,
    Response,
    StartData,
    decode,
    encode,
    read_header,
)
from indi_sony_py.ptp.landing import Landing
from indi_sony_py.ptp.transaction import Reply, Request, bytes_of, data_limit, place_for

__all__ = ["PIECE", "IpExchange", "Rest"]

PIECE = 64 * 1024
"""Bytes of one data packet to the camera (libgphoto2 sends such pieces)."""
_ID_END = IP_HEADER + 4
_PAYLOAD = frozenset({PacketType.DATA, PacketType.END_DATA})
_PONG = encode(Plain(PacketType.PONG))


@dataclass(frozen=True, slots=True)
class Rest:
    """Where in a packet the stream stands: bytes of it that were read, and how many more are to be thrown away."""

    pending: bytes = b""
    skip: int = 0


class IpExchange:
    """The bytes of one transaction, in both directions. `limit`: that of `data_limit`, if there is no other."""

    def __init__(self, request: Request, transaction: int, limit: int | None = None, after: Rest | None = None) -> None:
        after = after or Rest()
        self.request = request
        self.transaction = transaction
        self.late = 0
        self.reply: Reply | None = None
        self.events: list[Event] = []
        self.due: list[bytes] = []
        self._limit = data_limit(request.operation) if limit is None else limit
        self._pending = bytearray(after.pending)
        self._skip = after.skip
        self._head: IpHeader | None = None
        self._data: bytearray | Landing | None = None
        self._total = 0
        self._left = 0
        self._ended = False

    def outgoing(self) -> tuple[bytes, ...]:
        """What to write: the command, and the data phase if there is one."""
        r = self.request
        phase = DataPhase.NONE_OR_IN if r.data is None else DataPhase.OUT
        command = encode(Command(r.operation, self.transaction, r.params, phase))
        if r.data is None:
            return (command,)
        size = len(r.data)
        pieces = [r.data[at : at + PIECE] for at in range(0, size, PIECE)] or [b""]
        packets = [encode(StartData(self.transaction, size))]
        for number, piece in enumerate(pieces, 1):
            packets.append(encode(Payload(self.transaction, piece, number == len(pieces))))
        return command, b"".join(packets)

    @property
    def received(self) -> int:
        """Bytes of the data phase that have arrived."""
        return len(self._data or b"")

    @property
    def data(self) -> bytearray | memoryview | None:
        """The data phase, once it is whole; the packet that ends it, and the response, may still be missing."""
        whole = self._data is not None and not self._left and (self._ended or 0 < self._total == len(self._data))
        return bytes_of(self._data) if whole else None

    @property
    def rest(self) -> Rest:
        """For the exchange that takes the stream over."""
        return Rest(bytes(self._pending), self._skip or self._left)

    def feed(self, chunk: Buffer) -> int:
        """Take bytes as they arrived; returns how many were used: fewer only once `reply` is there.

        Raises `BadData`; the stream cannot be followed after that.
        """
        view = memoryview(chunk)
        used = 0
        self._settle()
        while used < len(view) and self.reply is None:
            used += self._take(view[used:])
        return used

    def _take(self, view: memoryview) -> int:
        if self._skip:
            count = min(self._skip, len(view))
            self._skip -= count
            return count
        if self._left:
            assert self._data is not None
            count = min(self._left, len(view))
            self._data.extend(view[:count])
            self._left -= count
            return count
        count = min(self._goal - len(self._pending), len(view))
        self._pending += view[:count]
        self._settle()
        return count

    @property
    def _goal(self) -> int:
        if self._head is None:
            return IP_HEADER
        return _ID_END if self._head.type in _PAYLOAD else self._head.length

    def _settle(self) -> None:
        """Act on what is whole in `_pending`."""
        if self._head is None and len(self._pending) >= IP_HEADER:
            self._head = read_header(self._pending)
        head = self._head
        if head is None or len(self._pending) < self._goal:
            return
        self._head = None
        body = bytes(self._pending[IP_HEADER : len(self._pending)])
        self._pending.clear()
        if head.type in _PAYLOAD:
            self._payload(int.from_bytes(body, "little"), head.length - _ID_END, head.type is PacketType.END_DATA)
        else:
            self._packet(head, body)

    def _payload(self, transaction: int, size: int, last: bool) -> None:
        if transaction != self.transaction:
            self.late += 1
            self._skip = size
            return
        if self._data is None or self._ended:
            raise BadData("packet type", 4, "data without its start")
        missing = self._total - len(self._data)
        if size > missing or (last and size < missing):
            why = f"{size} bytes came where {missing} of {self._total} are missing"
            raise BadData("data phase", len(self._data), why)
        self._left = size
        self._ended = last

    def _packet(self, head: IpHeader, body: bytes) -> None:
        packet = decode(head, body)
        match packet:
            case StartData(transaction, total) if transaction == self.transaction:
                if self._data is not None:
                    raise BadData("packet type", 4, "a second data phase")
                if total > self._limit:
                    raise BadData("data length", 12, f"{total} bytes are beyond the limit")
                self._total, self._data = total, place_for(self.request, total)
            case Response(code, transaction, params) if transaction == self.transaction:
                self.reply = Reply(code, params, self.data)
            case StartData() | Response():
                self.late += 1
            case Event():
                self.events.append(packet)
            case Plain(PacketType.PING):
                self.due.append(_PONG)
            case Plain(PacketType.PONG | PacketType.CANCEL):
                pass
            case _:
                raise BadData("packet type", 4, f"the camera sent {head.type.name}")
