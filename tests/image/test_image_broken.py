"""Broken, odd and foreign files: one documented error with its place, never another exception, never silence."""

from __future__ import annotations

import struct
from dataclasses import replace
from types import SimpleNamespace

import hypothesis.strategies as st
import numpy as np
import pytest
import rawpy
from astropy.io import fits
from hypothesis import example, given, settings

from indi_sony_py.errors import BadData, BrokenImage, NoMemory, RuleBroken, SonyError, UnknownImage, advise
from indi_sony_py.image.arw import read_arw
from indi_sony_py.image.cfa import Mosaic
from indi_sony_py.image.layout import Compression
from indi_sony_py.image.pipeline import develop, facts
from indi_sony_py.image.tiff import Entry, Tiff
from indi_sony_py.sim.arw_encoder import RAW_TYPES, encode_arw
from indi_sony_py.sim.geometry import Geometry, small
from indi_sony_py.sim.jpeg import preview_of
from tests.image.defects import (
    as_compressed_2,
    as_ycbcr,
    cut_off,
    patched,
    renamed,
    with_wrong_length,
    without_tone_curve,
    zero_hole,
)
from tests.image.frames import entry, noise, poked, record, spec, told

_FILES = {raw_type: encode_arw(noise(small(128, 96)), spec(raw_type, small(128, 96))) for raw_type in RAW_TYPES}
_VALUES = {raw_type: told(noise(small(128, 96)), raw_type)[:, :104] for raw_type in RAW_TYPES}
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
    with pytest.raises(UnknownImage, match="finished picture") as caught:
        develop(as_ycbcr(_FILES[raw_type]), record())
    assert "RAW File Type: Uncompressed" in advise(caught.value)


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


FAR = struct.pack("<I", 0xFFFFFF00)


@pytest.mark.parametrize(
    ("where", "tag", "at", "new", "word"),
    [
        ("IFD0", 0x8769, 8, FAR, "ExifIFD"),
        ("IFD0", 0x0110, 2, b"\x05\0", "Model"),
        ("IFD0", 0x0112, 2, b"\x02\0", "Orientation"),
        ("IFD0", 0xC634, 4, b"\x02\0", "SR2Private"),
        ("Exif", 0x829A, 2, b"\x03\0", "ExposureTime"),
        ("Exif", 0x829A, 8, FAR, "ExposureTime"),
        ("Exif", 0x8827, 2, b"\x02\0", "ISO"),
        ("Exif", 0x9003, 8, FAR, "DateTimeOriginal"),
        ("Exif", 0x9011, 2, b"\x09\0", "OffsetTimeOriginal"),
        ("Maker", 0x2008, 2, b"\x0c\0", "LongExposure"),
        ("Maker", 0x9403, 8, FAR, "tag 0x9403"),
        ("Maker", 0x9050, 4, b"\0\0\x20\0", "tag 0x9050"),
        ("Maker", 0xB000, 4, b"\x02\0", "FileFormat"),
        ("SR2", 0x7201, 8, b"\0\0\x7f\0", "SR2SubIFDLength"),
        ("SR2", 0x7200, 8, FAR, "SR2SubIFD"),
        ("raw", 0x7310, 4, b"\x02\0", "BlackLevel"),
        ("raw", 0x7313, 8, FAR, "WB_RGGB"),
        ("raw", 0x828E, 8, b"\0\0\0\0", "colour pattern"),
        ("raw", 0x828E, 8, b"\0\2\1\1", "colour pattern"),
        ("raw", 0xC61F, 8, b"\x60\xea\0\0", "crop"),
        ("raw", 0x7038, 8, FAR, "SonyRawImageSize"),
    ],
)
def test_a_fault_beside_the_pixels_costs_that_value_alone(where: str, tag: int, at: int, new: bytes, word: str) -> None:
    geometry = replace(small(128, 96), active=(110, 96))
    cfa = noise(geometry)
    data = encode_arw(cfa, spec("lossy", geometry))
    frame = develop(poked(data, entry(data, where, tag).at + at, new), record(), (104, 96))
    assert np.array_equal(frame.mosaic.whole(), told(cfa, "lossy")[:, :104])
    assert any(word in warning for warning in frame.warnings), frame.warnings
    assert frame.facts.black == 512


@pytest.mark.parametrize(
    ("where", "tag", "new", "left"),
    [
        ("Exif", 0x829A, struct.pack("<2I", 5, 0), "exposure"),
        ("Exif", 0x9003, b"0000:00:00 00:00:00", "captured"),
        ("Maker", 0x9050, bytes(944), "shutter_count"),
        ("Maker", 0x9406, bytes(64), "battery"),
        ("Maker", 0xB000, b"", ""),
    ],
)
def test_what_a_camera_does_not_know_is_no_damage(where: str, tag: int, new: bytes, left: str) -> None:
    data = _FILES["uncompressed"]
    header = read_arw(poked(data, entry(data, where, tag).place, new))
    assert header.damage == ()
    known = {
        "exposure": header.exposure,
        "captured": header.captured,
        "shutter_count": header.maker.shutter_count,
        "battery": header.maker.battery_percent,
    }
    assert [name for name, value in known.items() if value is None] == [left] * bool(left)


@pytest.mark.parametrize("text", [b"2026-01-15 21:30:12", b"2026:13:45 99:99:99", b"?" * 19])
def test_a_date_that_is_none(text: bytes) -> None:
    data = _FILES["uncompressed"]
    header = read_arw(poked(data, entry(data, "Exif", 0x9003).place, text))
    assert header.captured is None
    assert "DateTimeOriginal" in header.damage[0]


def test_a_body_without_a_known_place_of_its_shutter_count() -> None:
    data = _FILES["uncompressed"]
    at = entry(data, "Maker", 0xB001).place
    assert read_arw(poked(data, at, struct.pack("<H", 341))).maker.shutter_count is None
    short = poked(data, entry(data, "Maker", 0x9050).at + 4, struct.pack("<I", 16))
    assert read_arw(short).maker.shutter_count is None


def test_a_block_of_levels_without_its_key() -> None:
    data = encode_arw(noise(small(128, 96)), spec(geometry=small(128, 96), plain_levels=False))
    header = read_arw(poked(data, entry(data, "SR2", 0x7221).at, b"\xfe\xff"))
    assert (header.black, header.damage) == (None, ())


def test_another_tone_curve_is_told() -> None:
    data = _FILES["lossy"]
    other = poked(data, entry(data, "raw", 0x7010).place, struct.pack("<4H", 8000, 10000, 12900, 14100))
    assert any("tone curve" in warning for warning in develop(other, record(), (104, 96)).warnings)


def test_pixels_upon_the_preview_are_told_and_upon_a_directory_refused() -> None:
    data = _FILES["uncompressed"]
    at = entry(data, "raw", 0x0111).at + 8
    (preview,) = struct.unpack_from("<I", data, entry(data, "IFD0", 0x0201).place)
    assert any("preview" in word for word in read_arw(poked(data, at, struct.pack("<I", preview))).damage)
    for place in (8, entry(data, "raw", 0x0111).at - 100):
        with pytest.raises(BrokenImage, match="lies upon"):
            read_arw(poked(data, at, struct.pack("<I", place)))


def test_two_tiles_at_one_place() -> None:
    geometry = Geometry(1024, 512, (1024, 512))
    data = encode_arw(noise(geometry), spec("lossless", geometry))
    assert read_arw(data).damage == ()
    for tag in (0x0144, 0x0145):
        place = entry(data, "raw", tag).place
        data = poked(data, place + 4, data[place : place + 4])
    with pytest.raises(BrokenImage, match=r"piece 1 of the data .* lies upon piece 0"):
        read_arw(data)


@pytest.mark.parametrize(
    ("raw_type", "tag", "at", "new", "error", "word"),
    [
        ("lossy", 0x0106, 8, b"\2\0", UnknownImage, "2 is not a mosaic"),
        ("lossy", 0x0111, 4, b"\2\0", BrokenImage, "StripOffsets"),
        ("lossless", 0x0142, 8, b"\x0f\0", BrokenImage, "tiles of 15"),
        ("lossless", 0x0142, 8, b"\xf4\1", BrokenImage, "1 tiles where 2 belong"),
        ("lossless", 0x0143, 8, b"\0\0", BrokenImage, "tiles of 512 x 0"),
        ("lossless", 0x0144, 4, b"\2\0", BrokenImage, "TileOffsets"),
        ("lossless", 0x0145, 8, b"\3\0\0\0", BrokenImage, "does not begin"),
        ("lossless", 0x0145, 8, b"\0\x10\0\0", BrokenImage, "does not end"),
    ],
)
def test_a_layout_that_cannot_be(raw_type: str, tag: int, at: int, new: bytes, error: type[BadData], word: str) -> None:
    data = _FILES[raw_type]
    with pytest.raises(error, match=word):
        read_arw(poked(data, entry(data, "raw", tag).at + at, new))


def _tiled(last: bytes) -> bytes:
    """A file of two tiles, the second one with other bytes after its code."""
    geometry = Geometry(1024, 512, (1024, 512))
    data = encode_arw(noise(geometry), spec("lossless", geometry))
    place = entry(data, "raw", 0x0145).place + 4
    (size,) = struct.unpack_from("<I", data, place)
    return poked(data[:-2] + last, place, struct.pack("<I", size - 2 + len(last)))


def test_filling_after_a_tile_is_no_fault() -> None:
    geometry = Geometry(1024, 512, (1024, 512))
    frame = develop(_tiled(b"\xff\xd9" + bytes(14)), record(), geometry.visible)
    assert np.array_equal(frame.mosaic.whole(), noise(geometry))
    with pytest.raises(BrokenImage, match=r"tile 1 .*does not end"):
        read_arw(_tiled(b"\xff\xd9" + bytes(1100)))


def test_tiles_end_alike() -> None:
    with pytest.raises(BrokenImage, match=r"tile 1 .*does not end"):
        read_arw(_tiled(b""))
    data = _tiled(b"")
    place = entry(data, "raw", 0x0145).place
    (size,) = struct.unpack_from("<I", data, place)
    alike = poked(data, place, struct.pack("<I", size - 2))
    geometry = Geometry(1024, 512, (1024, 512))
    assert np.array_equal(develop(alike, record(), geometry.visible).mosaic.whole(), noise(geometry))


def test_tiles_that_reach_beyond_the_frame() -> None:
    geometry = Geometry(600, 400, (576, 400))
    cfa = noise(geometry)
    data = encode_arw(cfa, spec("lossless", geometry))
    for tag, size in ((0x0100, 600), (0x0101, 400)):
        data = patched(data, tag, size)
    header = read_arw(data)
    assert (header.width, header.height) == (600, 400)
    assert np.array_equal(develop(data, record(), geometry.visible).mosaic.whole(), cfa[:, :576])


def test_two_strips() -> None:
    data = _FILES["lossy"]
    for tag in (0x0111, 0x0117):
        data = poked(data, entry(data, "raw", tag).at + 4, struct.pack("<II", 2, 8))
    with pytest.raises(BrokenImage, match="2 strips"):
        read_arw(data)


def test_no_raw_directory() -> None:
    data = _FILES["lossy"]
    with pytest.raises(UnknownImage, match="no raw directory"):
        read_arw(poked(data, entry(data, "IFD0", 0x014A).at, b"\xfe\xff"))


def test_the_format_of_the_first_alphas() -> None:
    data = renamed(_FILES["lossy"], 0x7010, 0xFFFE)
    assert data is not None
    at = entry(data, "raw", 0x0117).at + 8
    with pytest.raises(UnknownImage, match="first Alphas"):
        read_arw(poked(data, at, struct.pack("<I", 9000)))


def test_the_newest_compression_in_tiles() -> None:
    data = renamed(patched(_FILES["lossless"], 0x0103, 32766), 0x0111, 0xFFFE)
    assert data is not None
    assert read_arw(data).compression is Compression.ARW6
    with pytest.raises(BrokenImage, match="0 lengths for 1 tiles"):
        read_arw(renamed(data, 0x0145, 0xFFFE) or b"")


def test_values_of_the_newest_compression_are_on_libraws_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    cfa = noise(small(128, 96))
    libraw = SimpleNamespace(raw_image=cfa, black_level_per_channel=[1024] * 4, white_level=39002)
    monkeypatch.setattr(rawpy, "imread", lambda file: libraw)
    frame = develop(patched(_FILES["uncompressed"], 0x0103, 32766), record(), (104, 96))
    header = fits.Header.fromstring(frame.header)
    assert (header["BLKLEVEL"], header["WHTLEVEL"], header["RAWTYPE"]) == (1024, 39002, "COMPRESSED 2")
    assert np.array_equal(frame.mosaic.whole(), cfa[:, :104])


class _Libraw:
    def __init__(self, image: object) -> None:
        self._image = image

    @property
    def raw_image(self) -> object:
        if isinstance(self._image, BaseException):
            raise self._image
        return self._image


@pytest.mark.parametrize(
    ("found", "error", "word"),
    [
        (rawpy.LibRawFileUnsupportedError(b"no"), UnknownImage, "does not know this kind: no"),
        (rawpy.LibRawIOError(b"cut"), BrokenImage, "cannot open the file: cut"),
        (MemoryError(), NoMemory, "memory"),
        (_Libraw(rawpy.LibRawDataError(b"bad")), BrokenImage, "cannot decode them: bad"),
        (_Libraw(RuntimeError("unsupported raw data")), UnknownImage, "no values"),
        (_Libraw(MemoryError()), NoMemory, "memory"),
        (_Libraw(np.zeros((96, 128, 3), np.uint16)), UnknownImage, "no mosaic"),
        (_Libraw(np.zeros((96, 127), np.uint16)), BrokenImage, "127 x 96"),
    ],
)
def test_what_libraw_may_answer(
    monkeypatch: pytest.MonkeyPatch, found: object, error: type[SonyError], word: str
) -> None:
    def imread(file: object) -> object:
        if isinstance(found, BaseException):
            raise found
        return found

    monkeypatch.setattr(rawpy, "imread", imread)
    monkeypatch.setattr("indi_sony_py.image.cfa.compiled", lambda: None)
    with pytest.raises(error, match=word):
        develop(_FILES["lossy"], record(), (104, 96)).mosaic.whole()


def test_an_area_outside_the_buffer_is_our_fault() -> None:
    header = read_arw(_FILES["lossy"])
    for rect in ((0, 0, 129, 96), (-1, 0, 10, 10), (0, 90, 10, 7), (0, 0, 0, 5)):
        with pytest.raises(RuleBroken, match="does not lie"):
            Mosaic(_FILES["lossy"], header, rect)


@settings(max_examples=400, deadline=None)
@given(raw_type=st.sampled_from(RAW_TYPES), where=st.floats(0, 1, exclude_max=True), new=st.integers(0, 255))
def test_a_wrong_byte_in_the_head_is_never_a_wrong_frame_without_a_word(raw_type: str, where: float, new: int) -> None:
    data = bytearray(_FILES[raw_type])
    data[int(where * _HEADS[raw_type])] = new
    try:
        frame = develop(bytes(data), record(expected_size=(104, 96)), (104, 96))
        pixels = frame.mosaic.whole()
    except (BrokenImage, UnknownImage):
        return
    assert frame.warnings or np.array_equal(pixels, _VALUES[raw_type])


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
