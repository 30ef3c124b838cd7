"""The initiator's side of one transaction: cut anywhere, late answers, errors in place of data, any bytes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.errors import BadData
from indi_sony_py.ptp.codes import ContainerType, Operation, Response
from indi_sony_py.ptp.container import HEADER, Container, encode, parse
from indi_sony_py.ptp.transaction import Exchange, Reply, Request

OPERATION, ID = 0x9209, 8
U32 = st.integers(0, 0xFFFFFFFF)
PARAMS = st.lists(U32, max_size=5).map(tuple)
LATE = st.lists(
    st.one_of(
        st.builds(
            Container, st.just(ContainerType.RESPONSE), st.integers(0, 0xFFFF), U32.filter(lambda i: i != ID), PARAMS
        ),
        st.builds(
            Container,
            st.just(ContainerType.DATA),
            st.integers(0, 0xFFFF),
            U32.filter(lambda i: i != ID),
            st.just(()),
            st.binary(max_size=40),
        ),
        st.builds(Container, st.just(ContainerType.EVENT), st.integers(0, 0xFFFF), U32, PARAMS),
    ),
    max_size=3,
)


def data(payload: bytes, code: int = OPERATION, transaction: int = ID) -> bytes:
    return encode(Container(ContainerType.DATA, code, transaction, (), payload))


def response(code: int = Response.OK, params: tuple[int, ...] = (), transaction: int = ID) -> bytes:
    return encode(Container(ContainerType.RESPONSE, code, transaction, params))


@given(LATE, st.none() | st.binary(max_size=200), PARAMS, st.binary(max_size=9), st.data())
def test_cut_anywhere_late_answers_before_bytes_behind(
    late: list[Container], payload: bytes | None, params: tuple[int, ...], behind: bytes, draw: st.DataObject
) -> None:
    stream = b"".join(map(encode, late)) + (b"" if payload is None else data(payload))
    stream += response(Response.GENERAL_ERROR if payload is None else Response.OK, params)
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    exchange = Exchange(Request(OPERATION), ID)
    for start, end in pairwise([0, *cuts, len(stream)]):
        assert exchange.reply is None
        last = end == len(stream)
        chunk = stream[start:end] + (behind if last else b"")
        assert exchange.feed(memoryview(chunk)) == end - start
        if last:
            break
    code = Response.GENERAL_ERROR if payload is None else Response.OK
    assert exchange.reply == Reply(code, params, payload)
    assert (exchange.late, exchange.wanted, exchange.feed(b"more")) == (len(late), 0, 0)


@given(LATE, st.none() | st.binary(max_size=200))
def test_wanted_never_reaches_past_the_container_under_way(late: list[Container], payload: bytes | None) -> None:
    containers = [encode(c) for c in late] + ([] if payload is None else [data(payload)]) + [response()]
    exchange = Exchange(Request(OPERATION), ID)
    for container in containers:
        left = container
        while left:
            assert 0 < exchange.wanted <= len(left)
            used = exchange.feed(left[: exchange.wanted])
            left = left[used:]
    assert exchange.reply is not None
    assert exchange.reply.data == payload


def test_byte_by_byte() -> None:
    exchange = Exchange(Request(OPERATION), ID)
    stream = data(bytes(300)) + response(params=(1, 2))
    for count, byte in enumerate(stream):
        assert exchange.reply is None
        assert exchange.feed(bytes((byte,))) == 1
        assert exchange.received == min(300, max(0, count + 1 - HEADER))
    assert exchange.reply == Reply(Response.OK, (1, 2), bytes(300))


def test_what_goes_out() -> None:
    assert Exchange(Request(0x1002, (1,)), 0).outgoing() == (bytes.fromhex("10000000010002100000000001000000"),)
    command, out = Exchange(Request(0x9205, (0xD25A,), b"\x01"), 6).outgoing()
    assert command.hex(" ", 4) == bytes.fromhex("10000000 0100 0592 06000000 5ad20000").hex(" ", 4)
    assert out.hex(" ", 4) == bytes.fromhex("0d000000 0200 0592 06000000 01").hex(" ", 4)
    assert len(Exchange(Request(0x9205, (), b""), 1).outgoing()) == 2
    for raw in (command, out):
        parsed = parse(raw)
        assert parsed is not None and parsed[1] == len(raw)


def test_an_empty_data_phase_is_data() -> None:
    exchange = Exchange(Request(0x1008), ID)
    exchange.feed(data(b"", 0x1008))
    exchange.feed(response())
    assert exchange.reply == Reply(Response.OK, (), b"")


@pytest.mark.parametrize(
    "stream, why",
    [
        (encode(Container(ContainerType.COMMAND, OPERATION, ID)), "command"),
        (data(b"1") + data(b"2"), "second data"),
        (data(b"1", 0x1001), "data of operation 0x1001"),
        (data(bytes(101)), "limit"),
        (b"\xff" * 12, "not a type"),
    ],
)
def test_what_cannot_come_is_refused(stream: bytes, why: str) -> None:
    exchange = Exchange(Request(OPERATION), ID, limit=100)
    with pytest.raises(BadData, match=why):
        exchange.feed(stream)
    assert exchange.reply is None


def test_an_absurd_length_takes_no_memory_before_bytes_come() -> None:
    exchange = Exchange(Request(Operation.GET_OBJECT), ID)
    exchange.feed(bytes.fromhex("00000010 0200 0910 08000000"))
    assert exchange.received == 0
    assert exchange.wanted == 0x10000000 - HEADER


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_any_bytes_give_a_reply_more_to_come_or_bad_data(chunks: list[bytes]) -> None:
    exchange = Exchange(Request(OPERATION), ID)
    for chunk in chunks:
        try:
            used = exchange.feed(chunk)
        except BadData:
            return
        assert used == len(chunk) or exchange.reply is not None
        assert (exchange.wanted == 0) == (exchange.reply is not None)
