"""What broke a decoder once and is too large, or too plain, to be kept as bytes in `found`."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from indi_sony_py.driver.config import ConfigFile
from indi_sony_py.engine.rows import MOST_CHOICES
from indi_sony_py.engine.views import report
from indi_sony_py.errors import BadData, BrokenImage
from indi_sony_py.hand.codec import HEAD, MAX_FRAME, encode
from indi_sony_py.hand.messages import FrameReady
from indi_sony_py.image.arw import file_facts, read_arw
from indi_sony_py.image.pipeline import develop
from indi_sony_py.image.tiff import MAX_TEXT
from indi_sony_py.ptp.container import encode_data_header
from indi_sony_py.ptp.data import DataType
from indi_sony_py.ptp.ipexchange import IpExchange
from indi_sony_py.ptp.ippacket import StartData
from indi_sony_py.ptp.ippacket import encode as encode_packet
from indi_sony_py.ptp.transaction import DATA_LIMIT, SMALL_LIMIT, Exchange, Request
from indi_sony_py.sony.bodies import body
from indi_sony_py.sony.snapshot import Descriptor, Form, Lists, Settings, Version, decode_settings, encode_settings
from tests.fuzz import seeds
from tests.image.frames import entry, poked, record


def _settings(code: int, kind: DataType, value: int, values: tuple[int, ...] = ()) -> bytes:
    form = Form.ENUM if values else Form.NONE
    made = Descriptor(code, kind, 1, 1, value, value, form, values, values)
    return encode_settings(Settings((made,), Version.V300, Lists.TWO))


@pytest.mark.parametrize("code", [0xD21E, 0xD20D, 0x5013])
def test_a_list_of_all_numbers_is_shown_in_part(code: int) -> None:
    data = _settings(code, DataType.UINT32, 100, tuple(range(1, 60_000)))
    told = report(decode_settings(data, Version.V300), body("ILCE-7SM3"))
    assert len(told.settings[0].options) <= MOST_CHOICES
    assert len(encode(told)) < MAX_FRAME // 2


@pytest.mark.parametrize(("kind", "value"), [(DataType.UINT64, 1 << 63), (DataType.UINT128, 1 << 127)])
def test_a_number_beyond_all_sense_is_not_shown(kind: DataType, value: int) -> None:
    data = _settings(0x5013, kind, value, (1, value))
    told = report(decode_settings(data, Version.V300), body("ILCE-7SM3"))
    assert told.settings[0].value is None
    assert [choice.value for choice in told.settings[0].options] == [1]
    assert len(encode(told)) > HEAD


@pytest.mark.parametrize("clock", [(b"0001:01:01 00:00:00", b"+14:00"), (b"9999:12:31 23:59:59", b"-14:00")])
def test_a_clock_at_the_end_of_all_years(clock: tuple[bytes, bytes]) -> None:
    data = seeds.arws()[0]
    for tag, text in zip((0x9003, 0x9011), clock, strict=True):
        data = poked(data, entry(data, "Exif", tag).place, text)
    header = read_arw(data)
    assert header.captured is not None and header.captured_utc is None
    assert file_facts(header).captured_local is not None


def test_a_lens_with_a_name_of_a_million_letters() -> None:
    data = seeds.arws()[0]
    place = entry(data, "Exif", 0xA434).at
    data = poked(data + b"L" * (1 << 20), place, struct.pack("<HHII", 0xA434, 2, 1 << 20, len(data)))
    facts = file_facts(read_arw(data))
    assert facts.lens == "L" * MAX_TEXT
    assert len(encode(FrameReady(1, 1, ".arw", len(data), facts=facts))) < 4096


@pytest.mark.parametrize("piece", [b"<?xml", b"<INDIDriver ", b"</INDIDriver "])
def test_a_config_of_beginnings_is_read_in_time(piece: bytes, tmp_path: Path) -> None:
    """The time grew with the square of the length: for a megabyte the face was busy beyond this test's limit."""
    path = tmp_path / "config.xml"
    path.write_bytes(piece * (1_000_000 // len(piece)))
    entries, left_out = ConfigFile(path).read("Sony Alpha")
    assert not entries and len(left_out) <= 2


def test_two_pictures_of_which_libraw_takes_the_other() -> None:
    """Its area did not lie in the buffer that the header tells of: an error that nobody expected."""
    data = seeds.arws()[0]
    ours, size = entry(data, "raw", 0x0100), entry(data, "IFD0", 0x014A)
    start = ours.at - 2 - 12
    while struct.unpack_from("<H", data, start)[0] > 100:
        start -= 12
    (count,) = struct.unpack_from("<H", data, start)
    small = bytearray(data[start : start + 2 + 12 * count + 4])
    (offset,) = struct.unpack_from("<I", data, entry(data, "raw", 0x0111).place)
    for tag, value in ((0x0100, 64), (0x0101, 48), (0x0111, offset), (0x0117, 2 * 64 * 48)):
        at = 2 + 12 * [struct.unpack_from("<H", small, 2 + 12 * n)[0] for n in range(count)].index(tag)
        struct.pack_into("<HII", small, at + 2, 4, 1, value)
    places = len(data) + len(small)
    data = poked(data, size.at, struct.pack("<HHII", 0x014A, 4, 2, places)) + bytes(small)
    data += struct.pack("<II", places - len(small), start)
    header = read_arw(data)
    assert header.size == (64, 48)
    with pytest.raises(BrokenImage, match="LibRaw finds"):
        develop(data, record(area="libraw"))


def test_only_an_image_may_be_large() -> None:
    """Settings of 512 MB were read to their end, and kept twice."""
    for operation, most in ((0x1009, DATA_LIMIT), (0x9209, SMALL_LIMIT), (0x1008, SMALL_LIMIT)):
        Exchange(Request(operation), 5).feed(encode_data_header(operation, 5, most))
        IpExchange(Request(operation), 5).feed(encode_packet(StartData(5, most)))
        with pytest.raises(BadData, match="limit"):
            Exchange(Request(operation), 5).feed(encode_data_header(operation, 5, most + 1))
        with pytest.raises(BadData, match="limit"):
            IpExchange(Request(operation), 5).feed(encode_packet(StartData(5, most + 1)))
