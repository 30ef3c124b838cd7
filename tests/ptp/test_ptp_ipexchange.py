"""The initiator's side of a transaction over PTP/IP: cut anywhere, late answers, what cannot be, any bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.errors import BadData
from indi_sony_py.ptp import ippacket as ip
from indi_sony_py.ptp.codes import Response
from indi_sony_py.ptp.ipexchange import PIECE, IpExchange
from indi_sony_py.ptp.ippacket import PacketType
from indi_sony_py.ptp.transaction import Reply, Request

OPERATION, ID = 0x9209, 8
U16, U32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
OTHER = U32.filter(lambda i: i != ID)
PARAMS = st.lists(U32, max_size=5).map(tuple)
STRAY: st.SearchStrategy[ip.Packet] = st.one_of(
    st.builds(ip.Response, U16, OTHER, PARAMS),
    st.builds(ip.StartData, OTHER, st.integers(0, 2**64 - 1)),
    st.builds(ip.Payload, OTHER, st.binary(max_size=30), st.booleans()),
    st.builds(ip.Event, U16, PARAMS),
    st.just(ip.Plain(PacketType.PING)),
    st.just(ip.Plain(PacketType.PONG)),
)


def data_phase(payload: bytes, cuts: int = 1, transaction: int = ID) -> list[ip.Packet]:
    size = max(1, -(-len(payload) // cuts))
    pieces = [payload[at : at + size] for at in range(0, len(payload), size)] or [b""]
    ends = [ip.Payload(transaction, piece, n == len(pieces)) for n, piece in enumerate(pieces, 1)]
    return [ip.StartData(transaction, len(payload)), *ends]


def raw(*packets: ip.Packet) -> bytes:
    return b"".join(map(ip.encode, packets))


def exchange(limit: int = 1 << 20) -> IpExchange:
    return IpExchange(Request(OPERATION), ID, limit)


@given(
    st.lists(STRAY, max_size=4), st.none() | st.binary(max_size=200), st.integers(1, 5), PARAMS,
    st.binary(max_size=9), st.data(),
)  # fmt: skip
def test_cut_anywhere_late_answers_before_bytes_behind(
    stray: list[ip.Packet], payload: bytes | None, cuts: int, params: tuple[int, ...], behind: bytes,
    draw: st.DataObject,
) -> None:  # fmt: skip
    answer = [] if payload is None else data_phase(payload, cuts)
    place = draw.draw(st.integers(0, len(answer)))
    answer[place:place] = stray
    stream = raw(*answer, ip.Response(Response.OK, ID, params)) + behind
    ends = draw.draw(st.lists(st.integers(0, len(stream)), max_size=8).map(sorted))
    x, used = exchange(), 0
    for end in (*ends, len(stream)):
        used += x.feed(stream[used:end])
    assert used == len(stream) - len(behind)
    assert x.reply == Reply(Response.OK, params, payload)
    assert (None if x.data is None else bytes(x.data)) == payload
    known = (ip.Event, ip.Plain)
    assert x.late == sum(not isinstance(p, known) for p in stray)
    assert x.events == [p for p in stray if isinstance(p, ip.Event)]
    assert x.due == [ip.encode(ip.Plain(PacketType.PONG))] * sum(p == ip.Plain(PacketType.PING) for p in stray)


@given(st.binary(max_size=60), st.integers(1, 4), st.data())
def test_given_up_anywhere_the_next_one_finds_its_own(payload: bytes, cuts: int, draw: st.DataObject) -> None:
    stream = raw(*data_phase(payload, cuts), ip.Response(Response.OK, ID))
    cut = draw.draw(st.integers(0, len(stream) - 1))
    old = exchange()
    assert old.feed(stream[:cut]) == cut and old.reply is None
    new = IpExchange(Request(OPERATION), ID + 1, after=old.rest)
    answer = raw(*data_phase(b"new", 2, ID + 1), ip.Response(Response.OK, ID + 1))
    left = stream[cut:] + answer
    assert new.feed(left) == len(left)
    assert new.reply == Reply(Response.OK, (), b"new")


def test_a_whole_data_phase_is_there_before_its_response() -> None:
    x, stream = exchange(), raw(*data_phase(b"image", 2))
    seen = []
    for part in (stream[:-1], stream[-1:]):
        x.feed(part)
        seen.append((x.data, x.received, x.reply))
    assert seen == [(None, 4, None), (b"image", 5, None)]


def test_a_data_phase_whose_end_is_a_packet_without_a_byte_is_there_before_that() -> None:
    x = exchange()
    head = raw(ip.StartData(ID, 5), ip.Payload(ID, b"imag", False), ip.Payload(ID, b"e", False))
    seen = []
    for part in (head[:-1], head[-1:]):
        x.feed(part)
        seen.append(bytes(x.data or b""))
    assert seen == [b"", b"image"]
    new = IpExchange(Request(OPERATION), ID + 1, after=x.rest)
    new.feed(raw(ip.Payload(ID, b"", True), ip.Response(Response.OK, ID), ip.Response(Response.OK, ID + 1)))
    assert new.reply == Reply(Response.OK, (), None)
    x = exchange()
    x.feed(raw(ip.StartData(ID, 0)))
    assert x.data is None


def test_an_error_in_place_of_data_or_in_the_middle_of_it() -> None:
    for begun in ([], data_phase(b"12345", 5)[:3]):
        x = exchange()
        x.feed(raw(*begun, ip.Response(Response.GENERAL_ERROR, ID)))
        assert x.reply == Reply(Response.GENERAL_ERROR, (), None)


BAD: list[tuple[str, list[ip.Packet]]] = [
    ("data without its start", [ip.Payload(ID, b"x", True)]),
    ("data after the end", [*data_phase(b"x"), ip.Payload(ID, b"", True)]),
    ("a second start", [ip.StartData(ID, 1), ip.StartData(ID, 1)]),
    ("more than announced", [ip.StartData(ID, 1), ip.Payload(ID, b"xx")]),
    ("less than announced", [ip.StartData(ID, 3), ip.Payload(ID, b"xx", True)]),
    ("beyond the limit", [ip.StartData(ID, 1001)]),
    ("a command", [ip.Command(1, ID)]),
    ("a greeting", [ip.InitFail(1)]),
]


@pytest.mark.parametrize("packets", [p for _, p in BAD], ids=[name for name, _ in BAD])
def test_what_cannot_come(packets: list[ip.Packet]) -> None:
    with pytest.raises(BadData):
        exchange(limit=1000).feed(raw(*packets))


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 3 * PIECE])
def test_data_out_in_pieces(size: int) -> None:
    sent = IpExchange(Request(0x9205, (0xD25A,), bytes(size)), ID).outgoing()
    assert ip.parse(sent[0], 1 << 20) == (ip.Command(0x9205, ID, (0xD25A,), ip.DataPhase.OUT), len(sent[0]))
    packets, left = [], sent[1]
    while left:
        parsed = ip.parse(left, 1 << 20)
        assert parsed is not None
        packets.append(parsed[0])
        left = left[parsed[1] :]
    assert packets[0] == ip.StartData(ID, size)
    ends = packets[1:]
    assert [p.last for p in ends if isinstance(p, ip.Payload)] == [False] * (len(ends) - 1) + [True]
    assert sum(len(p.data) for p in ends if isinstance(p, ip.Payload)) == size


def test_no_data_out_is_announced_so() -> None:
    (sent,) = exchange().outgoing()
    assert ip.parse(sent, 1 << 20) == (ip.Command(OPERATION, ID, (), ip.DataPhase.NONE_OR_IN), len(sent))


@given(st.binary(max_size=120))
def test_any_bytes(data: bytes) -> None:
    x = exchange(limit=100)
    try:
        used = x.feed(data)
    except BadData:
        return
    assert used == len(data) or x.reply is not None
    assert x.received <= 100
