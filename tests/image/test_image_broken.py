"""Broken, odd and foreign files: one documented error with its place, never another exception, never silence."""

from __future__ import annotations

import struct
from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given, settings

from indi_sony_py.errors import BrokenImage, UnknownImage, advise
from indi_sony_py.image.arw import read_arw
from indi_sony_py.image.developer import develop, facts
from indi_sony_py.image.tiff import Entry, Tiff
from indi_sony_py.sim.arw_defects import (
    as_compressed_2,
    as_ycbcr,
    cut_off,
    patched,
    renamed,
    with_wrong_length,
    without_tone_curve,
    zero_hole,
)
from indi_sony_py.sim.arw_encoder import RAW_TYPES, encode_arw
from indi_sony_py.sim.geometry import small
from indi_sony_py.sim.jpeg import preview_of
from tests.image.frames import noise, record, spec

_FILES = {raw_type: encode_arw(noise(small(128, 96)), spec(raw_type, small(128, 96))) for raw_type in RAW_TYPES}
_HEADS = {raw_type: data.index(b"\xff\xd8") for raw_type, data in _FILES.items()}


@pytest.mark.parametrize("raw_type", RAW_TYPES)
@pytest.mark.parametrize("share", [0.0, 0.0001, 0.3, 0.7, 0.9999])
def test_a_file_that_was_cut_off(raw_type: str, share: float) -> None:
    with pytest.raises(BrokenImage) as caught:
        develop(cut_off(_FILES[raw_type], share), record())
    assert "byte" in str(caught.value)
    assert "kept" in advise(caught.value)


@pytest.mark.parametrize("raw_type", RAW_TYPES)
def test_every_length_but_the_whole_is_refused(raw_type: str) -> None:
    data = _FILES[raw_type]
    for length in range(0, len(data), 97):
        with pytest.raises(BrokenImage):
            read_arw(data[:length])


@pytest.mark.parametrize("raw_type", RAW_TYPES)
@pytest.mark.parametrize("by", [-1, 1, 1000, 0x7FFF0000])
def test_a_wrong_length(raw_type: str, by: int) -> None:
    with pytest.raises(BrokenImage):
        read_arw(with_wrong_length(_FILES[raw_type], by))


def test_lossy_without_its_tone_curve() -> None:
    with pytest.raises(BrokenImage, match="SonyToneCurve"):
        read_arw(without_tone_curve(_FILES["lossy"]))


def test_a_hole_in_a_lossless_tile() -> None:
    data = _FILES["lossless"]
    with pytest.raises(BrokenImage, match=r"tile|raw data|decode"):
        develop(zero_hole(data, len(data) - 40000, 20000), record(), (104, 96)).mosaic.whole()


@pytest.mark.parametrize("raw_type", ["uncompressed", "lossy"])
@pytest.mark.parametrize("length", [2048, 4096])
def test_a_hole_of_zeros_is_found_and_placed(raw_type: str, length: int) -> None:
    geometry = small()
    data = encode_arw(noise(geometry), spec(raw_type, geometry))
    start = len(data) // 2
    with pytest.raises(BrokenImage, match=r"hole of zeros at row \d+") as caught:
        develop(zero_hole(data, start, length), record(), geometry.visible).mosaic.whole()
    assert start - 1024 <= caught.value.offset <= start + length


def test_zeros_of_a_sensor_without_a_pedestal_are_no_hole() -> None:
    geometry = replace(small(), black=0)
    cfa = np.zeros((geometry.height, geometry.width), np.uint16)
    assert not develop(encode_arw(cfa, spec(geometry=geometry)), record(), geometry.visible).mosaic.whole().any()


@pytest.mark.parametrize("raw_type", RAW_TYPES)
def test_a_finished_picture_is_refused_with_the_menu(raw_type: str) -> None:
    with pytest.raises(UnknownImage, match="RAW File Type") as caught:
        develop(as_ycbcr(_FILES[raw_type]), record())
    assert "Uncompressed" in str(caught.value)


def test_the_newest_compression_with_other_data() -> None:
    with pytest.raises((UnknownImage, BrokenImage)):
        develop(as_compressed_2(_FILES["uncompressed"]), record()).mosaic.whole()


@pytest.mark.parametrize("code", [0, 2, 8, 34892, 65000])
def test_an_unknown_compression(code: int) -> None:
    with pytest.raises(UnknownImage, match="Compression"):
        read_arw(patched(_FILES["uncompressed"], 0x0103, code))


@pytest.mark.parametrize("size", [0, 1, 65535])
def test_sizes_without_sense(size: int) -> None:
    with pytest.raises(BrokenImage, match="ImageWidth"):
        read_arw(patched(_FILES["uncompressed"], 0x0100, size))


def test_a_jpeg_is_not_an_arw() -> None:
    with pytest.raises(UnknownImage, match="JPEG"):
        read_arw(preview_of(noise(small()), 160, 120, 512))


def test_a_broken_makernote_costs_its_values_alone() -> None:
    data = bytearray(_FILES["uncompressed"])
    at = data.index(struct.pack("<HHI", 0x927C, 7, 0)[:4])
    (place,) = struct.unpack_from("<I", data, at + 8)
    data[place : place + 2] = b"\xff\xff"
    found = facts(bytes(data))
    assert found.exposure_s == 5
    assert found.shutter_count is None
    assert "MakerNote" in found.damage[0]
    assert "head is damaged" in develop(bytes(data), record(), (104, 96)).warnings[0]


@pytest.mark.parametrize(("count", "legal"), [(0, False), (1024, True), (1025, False), (65535, False)])
def test_a_directory_has_a_bound(count: int, legal: bool) -> None:
    data = struct.pack("<2sHIH", b"II", 42, 8, count) + struct.pack("<HHII", 0x014A, 4, 1, 8) * 66000
    with pytest.raises(BrokenImage, match="raw directory" if legal else "entries"):
        read_arw(data)


def test_a_value_has_a_bound() -> None:
    data = bytearray(_FILES["uncompressed"]) + bytes(2 << 20)
    at = data.index(struct.pack("<HH", 0x010E, 2))
    struct.pack_into("<II", data, at + 4, (1 << 20) + 1, 100)
    with pytest.raises(BrokenImage, match="1048577 bytes"):
        Tiff(memoryview(bytes(data))).text(Entry(0x010E, 2, (1 << 20) + 1, 100, at), "ImageDescription")


@pytest.mark.parametrize("tag", [0x0100, 0x0101, 0x0103, 0x0111, 0x0117, 0x0142, 0x0144, 0x0145])
@pytest.mark.parametrize("raw_type", RAW_TYPES)
def test_a_tag_that_the_pixels_need_is_missing(raw_type: str, tag: int) -> None:
    data = renamed(_FILES[raw_type], tag, 0xFFFE)
    if data is None or (raw_type == "lossless" and tag in (0x0111, 0x0117)):
        return
    with pytest.raises(BrokenImage):
        read_arw(data)


@pytest.mark.parametrize("tag", [0x7000, 0x7310, 0x7313, 0x828E, 0xC61D, 0xC61F, 0x74C7, 0x7038, 0x0102])
@pytest.mark.parametrize("raw_type", RAW_TYPES)
def test_a_tag_that_only_informs_is_missing(raw_type: str, tag: int) -> None:
    data = renamed(_FILES[raw_type], tag, 0xFFFE)
    if data is not None:
        header = read_arw(data)
        assert header.black == (512,) * 4
        assert header.cfa == "RGGB"


@given(st.binary(max_size=400))
@example(b"")
@example(b"II*\0\x08\0\0\0")
@example(b"II*\0\x08\0\0\0\xff\xff" + b"\0" * 200)
def test_any_bytes_give_a_value_or_the_one_error(data: bytes) -> None:
    for start in (b"", b"II*\0\x08\0\0\0"):
        try:
            read_arw(start + data)
        except (BrokenImage, UnknownImage) as fault:
            assert fault.offset >= 0


@settings(max_examples=300)
@given(
    raw_type=st.sampled_from(RAW_TYPES),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=5)), max_size=6),
    share=st.one_of(st.just(1.0), st.floats(0, 1)),
)
def test_any_damage_gives_a_value_or_the_one_error(
    raw_type: str, changes: list[tuple[float, bytes]], share: float
) -> None:
    data = bytearray(_FILES[raw_type])
    for where, new in changes:
        at = int(where * _HEADS[raw_type])
        data[at : at + len(new)] = new
    try:
        header = read_arw(bytes(data[: int(len(data) * share)]))
    except (BrokenImage, UnknownImage):
        return
    assert 0 < header.width <= 20000
    assert sum(header.strip) <= len(data)


@settings(max_examples=60)
@given(
    raw_type=st.sampled_from(RAW_TYPES),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=5)), max_size=4),
)
def test_any_damage_develops_or_gives_the_one_error(raw_type: str, changes: list[tuple[float, bytes]]) -> None:
    data = bytearray(_FILES[raw_type])
    for where, new in changes:
        at = int(where * len(data))
        data[at : at + len(new)] = new[: len(data) - at]
    try:
        frame = develop(bytes(data), record(), (104, 96))
        pixels = frame.mosaic.whole()
    except (BrokenImage, UnknownImage):
        return
    assert pixels.shape == (frame.height, frame.width)
    assert len(frame.header) % 2880 == 0
