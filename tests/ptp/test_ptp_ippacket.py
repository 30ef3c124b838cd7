"""PTP/IP packets: bytes of real programs, round trips cut anywhere, what must be refused, any bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.errors import BadData
from indi_sony_py.ptp import ippacket as ip
from indi_sony_py.ptp.ippacket import IP_HEADER, MAX_NAME, PacketType

LIMIT = 1 << 20
U16, U32, U64 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 2**64 - 1)
PARAMS = st.lists(U32, max_size=5).map(tuple)
GUIDS = st.binary(min_size=16, max_size=16)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
PLAIN = st.sampled_from([PacketType.INIT_EVENT_ACK, PacketType.PING, PacketType.PONG])
PACKETS: st.SearchStrategy[ip.Packet] = st.one_of(
    st.builds(ip.InitCommand, GUIDS, NAMES, U32),
    st.builds(ip.InitAck, U32, GUIDS, NAMES, U32),
    st.builds(ip.InitEvent, U32),
    st.builds(ip.InitFail, U32),
    st.builds(ip.Command, U16, U32, PARAMS, U32),
    st.builds(ip.Response, U16, U32, PARAMS),
    st.builds(ip.Event, U16, PARAMS, U32),
    st.builds(ip.StartData, U32, U64),
    st.builds(ip.Payload, U32, st.binary(max_size=40), st.booleans()),
    st.builds(ip.Plain, PLAIN),
    st.builds(ip.Plain, st.just(PacketType.CANCEL), U32),
)
REAL: list[tuple[str, ip.Packet]] = [
    (
        "2c000000 01000000 0000000000000000ffff080027f5164f 49006d0070006f0072007400310000 00 00000100",
        ip.InitCommand(bytes(8) + bytes.fromhex("ffff080027f5164f"), "Import1", 0x00010000),
    ),
    ("0c000000 05000000 01000000", ip.InitFail(ip.FailReason.REJECTED)),
]
"""libgphoto2 and an ILCE-6000 that does not know this computer (falk0069/sony-pm-alt#23)."""


@pytest.mark.parametrize("text, packet", REAL)
def test_bytes_of_a_real_refusal(text: str, packet: ip.Packet) -> None:
    raw = bytes.fromhex(text)
    assert ip.parse(raw, LIMIT) == (packet, len(raw))
    assert ip.encode(packet) == raw


@given(PACKETS, st.binary(max_size=15))
def test_whole_byte_by_byte_and_with_bytes_behind(packet: ip.Packet, behind: bytes) -> None:
    raw = ip.encode(packet)
    for data in (raw + behind, bytearray(raw + behind), memoryview(raw + behind)):
        assert ip.parse(data, LIMIT) == (packet, len(raw))
    for end in range(len(raw)):
        assert ip.parse(raw[:end], LIMIT) is None
        assert (ip.read_header(raw[:end]) is None) == (end < IP_HEADER)


@given(PACKETS, st.integers(-9, 9).filter(bool))
def test_a_length_that_does_not_fit_its_type_is_refused_or_waited_for(packet: ip.Packet, by: int) -> None:
    """Never read past what was announced: a wrong length is refused, or is a right one of another packet."""
    raw = bytearray(ip.encode(packet))
    struct.pack_into("<I", raw, 0, max(0, len(raw) + by))
    try:
        parsed = ip.parse(raw, LIMIT)
    except BadData as error:
        assert error.field in ("packet length", "name")
    else:
        assert parsed is None if by > 0 else parsed is not None and parsed[1] == len(raw) + by


@pytest.mark.parametrize("kind", [k for k in PacketType if k not in (PacketType.DATA, PacketType.END_DATA)])
def test_every_type_but_data_has_an_end(kind: PacketType) -> None:
    with pytest.raises(BadData, match="packet length"):
        ip.read_header(struct.pack("<II", 5000, kind))
    with pytest.raises(BadData, match="packet length"):
        ip.read_header(struct.pack("<II", 7, kind))


@pytest.mark.parametrize("kind", [0, 15, 0x20001, 0xFFFFFFFF])
def test_no_other_types(kind: int) -> None:
    with pytest.raises(BadData, match=f"packet type at byte 4: {kind} is not a type"):
        ip.read_header(struct.pack("<II", 8, kind))


def test_a_packet_beyond_the_limit_is_not_waited_for() -> None:
    raw = ip.encode_payload_head(1, 5000, last=True)
    assert ip.parse(raw, 5012) is None
    with pytest.raises(BadData, match="too many"):
        ip.parse(raw, 5011)


@pytest.mark.parametrize("units", [[], [65], [65, 0, 66, 0], [0, 0]])
def test_a_name_ends_with_its_only_nul(units: list[int]) -> None:
    body = bytes(16) + struct.pack(f"<{len(units)}H", *units) + struct.pack("<I", 0x10000)
    raw = struct.pack("<II", 8 + len(body), PacketType.INIT_COMMAND) + body
    with pytest.raises(BadData, match=r"name|packet length"):
        ip.parse(raw, LIMIT)


def test_half_a_surrogate_in_a_name_breaks_no_log() -> None:
    body = bytes(16) + struct.pack("<3H", 0xD800, 65, 0) + struct.pack("<I", 0x10000)
    parsed = ip.parse(struct.pack("<II", 8 + len(body), PacketType.INIT_COMMAND) + body, LIMIT)
    assert parsed is not None and isinstance(parsed[0], ip.InitCommand)
    assert parsed[0].name.encode()


@pytest.mark.parametrize(
    "packet",
    [
        ip.InitCommand(bytes(15), "x"),
        ip.InitAck(1, bytes(17), "x"),
        ip.InitCommand(bytes(16), "x" * (MAX_NAME + 1)),
        ip.InitCommand(bytes(16), "a\0b"),
        ip.Command(0x1001, 0, (1, 2, 3, 4, 5, 6)),
        ip.Plain(PacketType.EVENT),
    ],
)
def test_what_no_packet_can_hold(packet: ip.Packet) -> None:
    with pytest.raises(ValueError, match=r"most|GUID|body"):
        ip.encode(packet)


@given(st.binary(max_size=80))
def test_any_bytes(data: bytes) -> None:
    try:
        parsed = ip.parse(data, LIMIT)
    except BadData:
        return
    if parsed is not None:
        packet, used = parsed
        assert 0 < used <= len(data)
        assert ip.parse(ip.encode(packet), LIMIT) == (packet, len(ip.encode(packet)))
