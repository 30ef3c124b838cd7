"""BLOBs: the two forms, their traps, and the order in which they may leave."""

from __future__ import annotations

import base64
import os
import re
import socket
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from indi_sony_py.errors import RuleBroken
from indi_sony_py.indi.blobs import (
    PIECE_BYTES,
    PING_LIMIT_S,
    Attached,
    BlobFlow,
    BlobItem,
    Inline,
    Source,
    Way,
    blob,
    choose_way,
)
from indi_sony_py.indi.messages import BlobAcknowledged, BlobWritten, Kind, Permission, SetVector, State, Unknown
from indi_sony_py.indi.stream import Parser
from indi_sony_py.indi.vectors import BlobDef, TextDef, Vector, VectorDef


def _vector() -> Vector:
    row = VectorDef(
        "CCD1", "Image Data", "Image Info", Kind.BLOB, Permission.READ_ONLY, (BlobDef("CCD1", "Image"),), timeout_s=60
    )
    return Vector(row, lambda: datetime(2026, 1, 15, tzinfo=UTC), state=State.OK, device="Sony <Alpha>")


@pytest.fixture
def memory() -> Iterator[int]:
    fd = os.memfd_create("frame")
    yield fd
    os.close(fd)


def _payload(size: int) -> bytes:
    return (bytes(range(256)) * (size // 256 + 1))[:size]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 100, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES + 5])
@pytest.mark.parametrize("kind", ["fd", "bytes", "view"])
def test_inline_is_one_line_without_enclen_and_comes_back(size: int, kind: str, memory: int) -> None:
    payload = _payload(size)
    os.write(memory, payload)
    sources: dict[str, Source] = {"fd": memory, "bytes": payload, "view": memoryview(bytearray(payload))}
    item = blob(_vector(), "CCD1", sources[kind], ".fits", Way.INLINE, "SetBLOB/1", 7)
    assert isinstance(item, Inline) and item.token == 7
    pieces = list(item.pieces)
    assert max(map(len, pieces)) <= PIECE_BYTES * 4 // 3
    whole = b"".join(pieces)
    match = re.search(rb"<oneBLOB ([^>]*)>([^<]*)</oneBLOB>", whole)
    assert match is not None
    assert match[1].decode() == f'name="CCD1" size="{size}" format=".fits"'
    assert match[2] == base64.b64encode(payload)
    vector, ping = Parser().feed(whole)
    assert isinstance(vector, SetVector) and vector.state is State.OK and vector.device == "Sony <Alpha>"
    assert ping == Unknown("pingRequest") and b'<pingRequest uid="SetBLOB/1"/>' in whole


def test_inline_makes_its_pieces_one_at_a_time(memory: int) -> None:
    os.ftruncate(memory, 20 * PIECE_BYTES)
    item = blob(_vector(), "CCD1", memory, ".fits", Way.INLINE, "u")
    assert isinstance(item, Inline)
    tracemalloc.start()
    try:
        count = sum(len(piece) for piece in item.pieces)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count > 20 * PIECE_BYTES * 4 // 3
    assert peak < 5 * PIECE_BYTES


def test_a_file_that_shrinks_while_it_is_sent_is_told(memory: int) -> None:
    os.ftruncate(memory, 3 * PIECE_BYTES)
    item = blob(_vector(), "CCD1", memory, ".fits", Way.INLINE, "u")
    assert isinstance(item, Inline)
    next(item.pieces)
    os.ftruncate(memory, 10)
    with pytest.raises(RuleBroken, match="ended at 10"):
        list(item.pieces)


def test_attached_says_the_length_of_the_file_three_times(memory: int) -> None:
    os.write(memory, b"x" * 1001)
    item = blob(_vector(), "CCD1", memory, ".arw", Way.ATTACHED, "SetBLOB/2", 3)
    assert isinstance(item, Attached) and (item.fd, item.token) == (memory, 3)
    vector, _ = Parser().feed(item.data)
    assert isinstance(vector, SetVector)
    attributes = {"size": "1001", "format": ".arw", "len": "1001", "attached": "true"}
    assert dict(vector.elements[0].attributes) == attributes
    assert os.fstat(memory).st_size == 1001


def test_what_cannot_be_sent_is_our_own_bug(memory: int) -> None:
    with pytest.raises(RuleBroken, match="only a file"):
        blob(_vector(), "CCD1", b"abc", ".fits", Way.ATTACHED, "u")
    with pytest.raises(RuleBroken, match="no BLOB"):
        blob(_vector(), "CCD2", memory, ".fits", Way.INLINE, "u")
    row = VectorDef("T", "t", "g", Kind.TEXT, Permission.READ_ONLY, (TextDef("A", "a"),), device="D")
    with pytest.raises(RuleBroken, match="no BLOB"):
        blob(Vector(row, lambda: datetime.now(UTC)), "A", memory, ".fits", Way.INLINE, "u")


def test_only_a_unix_socket_takes_attachments(memory: int) -> None:
    left, right = socket.socketpair()
    read, write = os.pipe()
    tcp = socket.socket()
    with left, right, tcp:
        assert choose_way(left.fileno()) is Way.ATTACHED
        assert choose_way(tcp.fileno()) is Way.INLINE
        assert choose_way(write) is Way.INLINE
        assert choose_way(memory) is Way.INLINE
        os.fstat(left.fileno())
        assert os.get_blocking(left.fileno())
    os.close(read)
    os.close(write)
    assert choose_way(write) is Way.INLINE


class _Desk:
    """What the device loop does with a flow."""

    def __init__(self) -> None:
        self.flow = BlobFlow()
        self.uids: dict[int, str] = {}

    def offer(self, token: int) -> None:
        def make(uid: str) -> BlobItem:
            self.uids[token] = uid
            return Inline(iter(()), token)

        self.flow.offer(token, make)

    def idle(self) -> bool:
        return self.flow.idle

    def due(self, now: float) -> int | None:
        item = self.flow.due(now)
        return None if item is None else item.token


def test_the_next_blob_waits_for_the_reply_of_the_last() -> None:
    desk = _Desk()
    assert desk.idle() and desk.due(0) is None
    desk.offer(1)
    desk.offer(2)
    assert not desk.idle()
    assert desk.due(0) == 1
    assert desk.due(0) is None
    assert desk.flow.wake_at() is None
    desk.flow.written(BlobWritten(1), 100.0)
    assert desk.due(100) is None
    assert desk.flow.replied(desk.uids[1]) == BlobAcknowledged(1)
    assert desk.due(100) == 2
    assert desk.flow.replied(desk.uids[2]) == BlobAcknowledged(2)
    assert desk.idle()
    assert desk.uids == {1: "SetBLOB/1", 2: "SetBLOB/2"}


def test_a_reply_that_does_not_come_holds_up_for_five_seconds_after_the_last_byte() -> None:
    desk = _Desk()
    desk.offer(1)
    desk.offer(2)
    assert desk.due(0) == 1
    assert desk.due(1000) is None
    desk.flow.written(BlobWritten(1), 1000.0)
    assert desk.flow.wake_at() == 1000 + PING_LIMIT_S
    assert desk.due(1000 + PING_LIMIT_S - 0.01) is None
    assert desk.due(1000 + PING_LIMIT_S) == 2
    assert desk.flow.replied(desk.uids[1]) == BlobAcknowledged(1)
    assert desk.flow.replied(desk.uids[1]) is None
    assert desk.due(2000) is None
    desk.flow.written(BlobWritten(1), 2000)
    assert desk.flow.wake_at() is None
    assert desk.flow.replied("somebody else's") is None
    assert not desk.idle()


def test_a_blob_that_has_not_left_can_be_taken_back() -> None:
    desk = _Desk()
    for token in (1, 2, 3):
        desk.offer(token)
    assert desk.due(0) == 1
    assert desk.flow.withdraw(2)
    assert not desk.flow.withdraw(1)
    assert not desk.flow.withdraw(9)
    desk.flow.replied(desk.uids[1])
    assert desk.due(0) == 3


def test_replies_that_never_come_do_not_pile_up() -> None:
    desk = _Desk()
    for token in range(200):
        desk.offer(token)
        assert desk.due(10.0 * token) == token
        desk.flow.written(BlobWritten(token), 10.0 * token)
    assert desk.flow.replied(desk.uids[0]) is None
    assert desk.flow.replied(desk.uids[150]) == BlobAcknowledged(150)
