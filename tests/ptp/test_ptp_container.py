"""Containers: the examples of real cameras, round trips, any bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.errors import BadData
from indi_sony_py.ptp.codes import ContainerType, Operation, Response
from indi_sony_py.ptp.container import (
    HEADER,
    MAX_PARAMS,
    Container,
    Header,
    encode,
    encode_data_header,
    parse,
    read_header,
)

U16, U32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
PARAMS = st.lists(U32, max_size=MAX_PARAMS).map(tuple)
CONTAINERS = st.one_of(
    st.builds(
        Container,
        st.sampled_from([ContainerType.COMMAND, ContainerType.RESPONSE, ContainerType.EVENT]),
        U16,
        U32,
        PARAMS,
    ),
    st.builds(Container, st.just(ContainerType.DATA), U16, U32, st.just(()), st.binary(max_size=40)),
)
REAL = [
    ("10000000 0100 0210 00000000 01000000", Container(ContainerType.COMMAND, Operation.OPEN_SESSION, 0, (1,))),
    ("0c000000 0300 0120 00000000", Container(ContainerType.RESPONSE, Response.OK, 0)),
    ("18000000 0100 0192 05000000 03000000 00000000 00000000", Container(ContainerType.COMMAND, 0x9201, 5, (3, 0, 0))),
    ("14000000 0200 0192 05000000 0000000000000000", Container(ContainerType.DATA, 0x9201, 5, (), bytes(8))),
    ("10000000 0300 0120 04000000 36010000", Container(ContainerType.RESPONSE, Response.OK, 4, (0x136,))),
    ("0c000000 0200 0810 13000000", Container(ContainerType.DATA, Operation.GET_OBJECT_INFO, 0x13)),
    ("10000000 0400 03c2 ffffffff 1dd20000", Container(ContainerType.EVENT, 0xC203, 0xFFFFFFFF, (0xD21D,))),
]
"""Traces of an ILCE-7SM3 (libgphoto2), ILCE-6400 (libgphoto2#1058) and ILCE-5000 (gphoto2#80)."""


@pytest.mark.parametrize("text, container", REAL)
def test_bytes_of_real_cameras(text: str, container: Container) -> None:
    raw = bytes.fromhex(text)
    assert parse(raw) == (container, len(raw))
    assert encode(container) == raw


@given(CONTAINERS, st.binary(max_size=15))
def test_whole_byte_by_byte_and_with_bytes_behind(container: Container, behind: bytes) -> None:
    raw = encode(container)
    for data in (raw + behind, bytearray(raw + behind), memoryview(raw + behind)):
        assert parse(data) == (container, len(raw))
    for end in range(len(raw)):
        assert parse(raw[:end]) is None
        assert (read_header(raw[:end]) is None) == (end < HEADER)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_container_more_to_come_or_bad_data(data: bytes) -> None:
    try:
        parsed = parse(data)
    except BadData as error:
        assert error.offset in (0, 4)
        return
    if parsed is not None:
        assert encode(parsed[0]) == data[: parsed[1]]


@pytest.mark.parametrize(
    "text, field",
    [
        ("0c000000 0000 0120 00000000", "container type"),
        ("0c000000 0500 0120 00000000", "container type"),
        ("0b000000 0300 0120 00000000", "container length"),
        ("00000000 0200 0120 00000000", "container length"),
        ("ffffffff 0200 0910 00000000", "container length"),
        ("0d000000 0300 0120 00000000", "container length"),
        ("24000000 0300 0120 00000000", "container length"),
        ("24000000 0400 03c2 00000000", "container length"),
    ],
)
def test_headers_that_cannot_be(text: str, field: str) -> None:
    with pytest.raises(BadData) as refused:
        read_header(bytes.fromhex(text))
    assert refused.value.field == field


def test_a_data_header_is_sent_before_a_payload_of_its_own() -> None:
    payload = b"payload"
    whole = encode(Container(ContainerType.DATA, 0x1009, 7, (), payload))
    assert encode_data_header(0x1009, 7, len(payload)) + payload == whole
    assert read_header(whole) == Header(HEADER + len(payload), ContainerType.DATA, 0x1009, 7)
    assert Header(20, ContainerType.DATA, 1, 1).payload == 8


@pytest.mark.parametrize(
    "container",
    [
        Container(ContainerType.COMMAND, 1, 1, (1,) * 6),
        Container(ContainerType.RESPONSE, 1, 1, (), b"x"),
        Container(ContainerType.DATA, 1, 1, (1,), b"x"),
    ],
)
def test_what_is_no_container_is_not_written(container: Container) -> None:
    with pytest.raises(ValueError, match=r"param|payload"):
        encode(container)
