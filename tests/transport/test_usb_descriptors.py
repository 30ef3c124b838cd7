"""USB descriptors: round trips, descriptors in between, any bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.errors import BadData
from indi_sony_py.transport.descriptors import (
    Configuration,
    DeviceDescriptor,
    EndpointDescriptor,
    InterfaceDescriptor,
    decode_configuration,
    decode_device,
    encode_configuration,
    encode_device,
    encode_string,
)

U8, U16 = st.integers(0, 0xFF), st.integers(0, 0xFFFF)
ENDPOINTS = st.lists(st.builds(EndpointDescriptor, U8, U8, U16, U8), max_size=4).map(tuple)
INTERFACES = st.lists(st.builds(InterfaceDescriptor, U8, U8, U8, U8, U8, U8, ENDPOINTS), max_size=3).map(tuple)
CONFIGURATIONS = st.builds(Configuration, U8, U8, U8, U8, INTERFACES)
DEVICES = st.builds(DeviceDescriptor, U16, U8, U8, U8, U8, U16, U16, U16, U8, U8, U8, U8)


@given(DEVICES)
def test_device_round_trip(device: DeviceDescriptor) -> None:
    raw = encode_device(device)
    assert len(raw) == raw[0] == 18
    assert decode_device(raw) == device


@given(CONFIGURATIONS)
def test_configuration_round_trip(configuration: Configuration) -> None:
    raw = encode_configuration(configuration)
    assert int.from_bytes(raw[2:4], "little") == len(raw)
    assert decode_configuration(raw) == configuration


@given(st.binary(max_size=60))
def test_any_bytes_give_a_value_or_bad_data(data: bytes) -> None:
    for decoder in (decode_device, decode_configuration):
        try:
            decoder(data)
        except BadData:
            continue


@given(st.binary(max_size=60))
def test_any_bytes_behind_a_true_head_give_a_value_or_bad_data(data: bytes) -> None:
    head = bytes((9, 2)) + (9 + len(data)).to_bytes(2, "little") + bytes((1, 1, 0, 0xC0, 1))
    try:
        decode_configuration(head + data)
    except BadData as error:
        assert 9 <= error.offset <= 9 + len(data)


def test_companion_descriptors_are_stepped_over() -> None:
    ends = tuple(EndpointDescriptor(address, 2, 1024) for address in (0x81, 0x02))
    plain = encode_configuration(Configuration(interfaces=(InterfaceDescriptor(0, 0, 6, 1, 1, 0, ends),)))
    companion = bytes((6, 0x30, 0, 0, 0, 0))
    raw = plain[:25] + companion + plain[25:] + companion
    raw = raw[:2] + len(raw).to_bytes(2, "little") + raw[4:]
    assert decode_configuration(raw).interfaces[0].endpoints == ends


@pytest.mark.parametrize("cut", [1, 8, 9, 12, 20, 24])
def test_cut_off_is_refused(cut: int) -> None:
    ends = (EndpointDescriptor(0x81, 2, 512),)
    raw = encode_configuration(Configuration(interfaces=(InterfaceDescriptor(0, 0, 6, 1, 1, 0, ends),)))
    short = raw[:cut]
    if cut >= 4:
        short = short[:2] + cut.to_bytes(2, "little") + short[4:]
    if cut == 9:
        assert decode_configuration(short).interfaces == ()
    else:
        with pytest.raises(BadData):
            decode_configuration(short)


def test_a_string_is_cut_to_what_fits() -> None:
    assert encode_string("AB") == b"\x06\x03A\0B\0"
    assert len(encode_string("x" * 300)) == 254
