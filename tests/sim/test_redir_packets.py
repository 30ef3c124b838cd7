"""usbredir's packets: whole, byte by byte, with bytes behind; junk; the hello decides how wide ids are."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.errors import BadData
from indi_sony_py.sim.redirpackets import (
    LAYOUTS,
    MAX_DATA,
    Capability,
    Kind,
    Packet,
    Parser,
    encode_head,
    hello,
    slot_of,
)

HELLO = hello("a guest", Capability.IDS_64_BITS)
KINDS = sorted(set(Kind) - {Kind.HELLO})
WITH_DATA = (Kind.FILTER_FILTER, Kind.CONTROL_PACKET, Kind.BULK_PACKET, Kind.INTERRUPT_PACKET)


def raw(packet: Packet) -> bytes:
    return encode_head(packet) + bytes(packet.data)


def greeted() -> Parser:
    parser = Parser()
    assert [p.kind for p in parser.feed(raw(HELLO))] == [Kind.HELLO]
    return parser


@st.composite
def packets(draw: st.DrawFn) -> Packet:
    kind = draw(st.sampled_from(KINDS))
    values = LAYOUTS[kind].unpack(draw(st.binary(min_size=LAYOUTS[kind].size, max_size=LAYOUTS[kind].size)))
    data = draw(st.binary(max_size=20)) if kind in WITH_DATA else b""
    return Packet(kind, draw(st.integers(0, 2**64 - 1)), values, data)


@given(st.lists(packets(), max_size=3), st.binary(max_size=15))
def test_whole_byte_by_byte_and_with_bytes_behind(sent: list[Packet], behind: bytes) -> None:
    stream = b"".join(map(raw, sent))
    assert greeted().feed(stream) == sent
    slow = greeted()
    assert [packet for byte in stream for packet in slow.feed(bytes([byte]))] == sent
    late = greeted()
    assert late.feed(stream + behind[:3]) == sent


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_packets_more_to_come_or_bad_data(data: bytes, after_hello: bool) -> None:
    parser = greeted() if after_hello else Parser()
    try:
        parser.feed(data)
    except BadData as error:
        assert error.field


def test_a_hello_has_narrow_ids_and_everything_after_it_wide_ones() -> None:
    assert raw(HELLO)[:12] == struct.pack("<III", 0, 68, 0)
    assert raw(Packet(Kind.RESET, 2**40)) == struct.pack("<IIQ", 3, 0, 2**40)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (struct.pack("<III", 3, 0, 0), "before the hello"),
        (struct.pack("<III", 77, 0, 0), "not known"),
        (struct.pack("<III", 0, 10, 0), "too few"),
        (raw(hello("old", Capability.BULK_LENGTH_32_BITS)), "64-bit"),
        (struct.pack("<III", 0, 64, 0) + bytes(64), "64-bit"),
        (raw(HELLO) + struct.pack("<IIQ", 0, 68, 0) + raw(HELLO)[12:], "second hello"),
        (raw(HELLO) + struct.pack("<IIQ", 101, 11 + MAX_DATA, 0), "too many"),
        (raw(HELLO) + struct.pack("<IIQ", 3, 1, 0), "too many"),
    ],
)
def test_what_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(BadData, match=why):
        Parser().feed(data)


def test_places_of_endpoints() -> None:
    assert [slot_of(e) for e in (0x00, 0x80, 0x81, 0x02, 0x83)] == [0, 16, 17, 2, 19]
