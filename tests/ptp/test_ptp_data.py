"""PTP data types and data sets: round trips, exact ends, any bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.errors import BadData
from indi_sony_py.ptp.data import (
    DataType,
    DeviceInfo,
    ObjectInfo,
    Reader,
    Value,
    Writer,
    read_value,
    write_value,
)

PLAIN = [kind for kind in DataType if not kind.is_array and kind is not DataType.STR]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).filter(lambda t: "\0" not in t)
U16S = st.lists(st.integers(0, 0xFFFF), max_size=20).map(tuple)
U8, U16, U32 = st.integers(0, 0xFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)


def numbers(kind: DataType) -> st.SearchStrategy[int]:
    bits = 8 * kind.size
    return st.integers(-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if kind.signed else st.integers(0, (1 << bits) - 1)


def values(kind: DataType) -> st.SearchStrategy[Value]:
    if kind is DataType.STR:
        return TEXT
    if kind.is_array:
        return st.lists(numbers(kind.element), max_size=8).map(tuple)
    return numbers(kind)


TYPED = st.sampled_from(DataType).flatmap(lambda kind: st.tuples(st.just(kind), values(kind)))
DEVICE_INFOS = st.builds(DeviceInfo, U16, U32, U16, TEXT, U16, U16S, U16S, U16S, U16S, U16S, TEXT, TEXT, TEXT, TEXT)
OBJECT_INFOS = st.builds(
    ObjectInfo, U32, U16, U16, U32, U16, U32, U32, U32, U32, U32, U32, U32, U16, U32, U32, TEXT, TEXT, TEXT, TEXT
)


@pytest.mark.parametrize(
    "kind, size, signed",
    [
        (DataType.INT8, 1, True),
        (DataType.UINT8, 1, False),
        (DataType.INT16, 2, True),
        (DataType.UINT16, 2, False),
        (DataType.INT32, 4, True),
        (DataType.UINT32, 4, False),
        (DataType.INT64, 8, True),
        (DataType.UINT64, 8, False),
        (DataType.INT128, 16, True),
        (DataType.UINT128, 16, False),
    ],
)
def test_size_and_sign_of_each_type(kind: DataType, size: int, signed: bool) -> None:
    array = DataType(kind | 0x4000)
    assert (kind.size, kind.signed, kind.is_array, kind.element) == (size, signed, False, kind)
    assert (array.size, array.signed, array.is_array, array.element) == (size, signed, True, kind)


def test_a_string_is_no_array_and_has_no_size() -> None:
    assert not DataType.STR.is_array
    assert not DataType.STR.signed
    with pytest.raises(ValueError, match="size"):
        _ = DataType.STR.size


@given(st.lists(TYPED, max_size=6), st.binary(max_size=5))
def test_values_round_trip_and_what_is_behind_stays_unread(typed: list[tuple[DataType, Value]], behind: bytes) -> None:
    writer = Writer()
    for kind, value in typed:
        write_value(writer, kind, value)
    raw = writer.bytes()
    for data in (raw + behind, bytearray(raw + behind), memoryview(raw + behind)):
        reader = Reader(data)
        assert [read_value(reader, kind, "value") for kind, _ in typed] == [value for _, value in typed]
        assert (reader.offset, reader.left) == (len(raw), len(behind))
        if behind:
            with pytest.raises(BadData, match="too many"):
                reader.end("end")
        else:
            reader.end("end")


@given(TYPED)
def test_a_value_that_is_cut_off_is_refused_wherever(typed: tuple[DataType, Value]) -> None:
    kind, value = typed
    writer = Writer()
    write_value(writer, kind, value)
    raw = writer.bytes()
    for end in range(len(raw)):
        with pytest.raises(BadData) as refused:
            read_value(Reader(raw[:end]), kind, "value")
        assert refused.value.field == "value"
        assert 0 <= refused.value.offset <= end


@given(st.sampled_from(DataType), st.binary(max_size=40), st.integers(0, 50))
def test_any_bytes_give_a_value_or_bad_data(kind: DataType, data: bytes, offset: int) -> None:
    try:
        value = read_value(Reader(data, min(offset, len(data))), kind, "value")
    except BadData:
        return
    assert isinstance(value, (int, str, tuple))


@pytest.mark.parametrize("kind", [DataType.AUINT8, DataType.AUINT64, DataType.AINT128])
def test_a_count_is_not_believed(kind: DataType) -> None:
    with pytest.raises(BadData, match="needs"):
        read_value(Reader(struct.pack("<I", 0xFFFFFFFF) + bytes(64)), kind, "list")


def test_a_string_without_its_nul_is_refused_and_lone_surrogates_are_not() -> None:
    with pytest.raises(BadData, match="NUL"):
        Reader(b"\x01A\0").string("name")
    assert Reader(b"\x02\x00\xd8\0\0").string("name") == "\ufffd"
    assert Reader(b"\0rest").string("name") == ""
    assert Writer().string("\ud800").bytes() == b"\x02\x00\xd8\0\0"


def test_a_string_that_is_too_long_is_a_value_error() -> None:
    assert Writer().string("x" * 254).bytes()[0] == 255
    with pytest.raises(ValueError, match="254"):
        Writer().string("x" * 255)


@pytest.mark.parametrize(
    "kind, value",
    [
        (DataType.UINT8, "text"),
        (DataType.AUINT8, "text"),
        (DataType.UINT8, (1,)),
        (DataType.STR, (1,)),
        (DataType.STR, 1),
        (DataType.AUINT8, 1),
    ],
)
def test_a_value_of_another_kind_is_a_type_error(kind: DataType, value: Value) -> None:
    with pytest.raises(TypeError):
        write_value(Writer(), kind, value)


@pytest.mark.parametrize("kind", PLAIN)
def test_a_number_that_does_not_fit_is_not_written(kind: DataType) -> None:
    with pytest.raises((struct.error, OverflowError)):
        write_value(Writer(), kind, 1 << 200)


@pytest.mark.parametrize("value", [0, 1, 0xFF, 0xFFFFFFFF])
def test_writer_and_reader_shorthands_agree(value: int) -> None:
    raw = Writer().u8(value & 0xFF).u16(value & 0xFFFF).u32(value).u64(value).raw(b"ab").bytes()
    reader = Reader(raw)
    assert reader.u8("a") == value & 0xFF
    assert reader.u16("b") == value & 0xFFFF
    assert reader.u32("c") == value
    assert reader.u64("d") == value
    assert reader.take(2, "e") == b"ab"
    reader.end("end")


@given(DEVICE_INFOS, st.binary(max_size=8))
def test_device_info_round_trip_also_with_bytes_behind(info: DeviceInfo, behind: bytes) -> None:
    assert DeviceInfo.decode(info.encode()) == info
    assert DeviceInfo.decode(memoryview(info.encode() + behind)) == info


@given(OBJECT_INFOS)
def test_object_info_round_trip(info: ObjectInfo) -> None:
    raw = info.encode()
    assert len(raw) >= 56
    assert ObjectInfo.decode(raw) == info


@given(st.binary(max_size=120))
def test_any_bytes_are_an_info_or_bad_data(data: bytes) -> None:
    for decode in (DeviceInfo.decode, ObjectInfo.decode):
        try:
            decode(data)
        except BadData:
            continue


@given(DEVICE_INFOS, st.data())
def test_a_device_info_that_is_cut_off_is_refused(info: DeviceInfo, data: st.DataObject) -> None:
    raw = info.encode()
    with pytest.raises(BadData):
        DeviceInfo.decode(raw[: data.draw(st.integers(0, len(raw) - 1))])


@pytest.mark.parametrize("size", [0, 12, 52])
def test_an_empty_object_info_means_no_image(size: int) -> None:
    with pytest.raises(BadData, match="no image"):
        ObjectInfo.decode(bytes(size))
