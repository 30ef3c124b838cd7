"""XISF files, read by a reader of another hand (PyPI xisf) and by their XML: values, colours, keywords, properties."""

from __future__ import annotations

import os
import struct
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from indi_sony_py.errors import RuleBroken
from indi_sony_py.image.pipeline import Form, develop, develop_to_memfd
from indi_sony_py.image.record import SUPERPIXEL
from indi_sony_py.image.xisf import PROPERTIES, write_xisf, xisf_head, xisf_size
from indi_sony_py.sim.arw_encoder import encode_arw
from tests.image.frames import Pieces, fits_of, noise, record, spec

_VISIBLE = (488, 384)
_CFA = noise(spec().geometry)
_DATA = encode_arw(_CFA, spec())
_SPACE = "{http://www.pixinsight.com/xisf}"
_CARDS = (
    ("TELESCOP", "a \"very\" <long> & 'quoted' name, longer than the sixty-eight characters that one card holds", ""),
    ("FOCALLEN", 530.0, "[mm]"),
    ("OBJECT", "M 31", ""),
    ("FILTER", "L", ""),
    ("RA", 10.6847, "[deg]"),
    ("COMMENT", "a user's remark", ""),
)


def _xml(data: bytes) -> ElementTree.Element:
    assert data[:8] == b"XISF0100"
    length, zero = struct.unpack("<II", data[8:16])
    assert zero == 0
    return ElementTree.fromstring(data[16 : 16 + length])


def test_the_values_and_the_place_of_the_block() -> None:
    data = fits_of(develop(_DATA, record(cards=_CARDS), _VISIBLE, form=Form.XISF))
    image = _xml(data).find(f"{_SPACE}Image")
    assert image is not None
    assert (image.get("geometry"), image.get("sampleFormat"), image.get("colorSpace")) == (
        "488:384:1",
        "UInt16",
        "Gray",
    )
    assert image.get("imageType") == "Light"
    kind, place, size = (image.get("location") or "").split(":")
    assert kind == "attachment" and int(place) % 4096 == 0 and int(place) + int(size) == len(data)
    values = np.frombuffer(data, "<u2", 488 * 384, int(place)).reshape(384, 488)
    assert np.array_equal(values, _CFA[:, :488])


def test_another_reader_gets_the_same(tmp_path: Path) -> None:
    reader = pytest.importorskip("xisf", reason="PyPI xisf is not installed")
    frame = develop_to_memfd(_DATA, record(cards=_CARDS), _VISIBLE, form=Form.XISF)
    assert frame.suffix == ".xisf"
    path = tmp_path / "frame.xisf"
    path.write_bytes(os.pread(frame.fd, frame.length, 0))
    frame.close()
    opened = reader.XISF(str(path))
    (meta,) = opened.get_images_metadata()
    assert np.array_equal(opened.read_image(0)[:, :, 0], _CFA[:, :488])
    keywords = {name: found[0]["value"] for name, found in meta["FITSKeywords"].items()}
    assert keywords["ROWORDER"].strip("'") == "TOP-DOWN" and keywords["BAYERPAT"].strip("'") == "RGGB"
    assert float(keywords["EXPTIME"]) == 5.0 and int(keywords["ISOSPEED"]) == 800
    assert meta["XISFProperties"]["Instrument:ExposureTime"]["value"] == 5.0


def test_keywords_are_those_of_the_fits_and_properties_have_their_own_units() -> None:
    made = record(cards=_CARDS)
    image = _xml(fits_of(develop(_DATA, made, _VISIBLE, form=Form.XISF))).find(f"{_SPACE}Image")
    assert image is not None
    header = develop(_DATA, made, _VISIBLE).header
    wanted = {header[at : at + 8].decode().strip() for at in range(0, len(header), 80)}
    found = [each.get("name") for each in image.iter(f"{_SPACE}FITSKeyword")]
    structure = {"", "SIMPLE", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "EXTEND", "BZERO", "BSCALE", "END"}
    assert set(found) == wanted - structure - {"LONGSTRN", "CONTINUE"}
    texts = {each.get("name"): (each.get("value"), each.get("comment")) for each in image.iter(f"{_SPACE}FITSKeyword")}
    assert texts["TELESCOP"][0] == "'" + str(_CARDS[0][1]).replace("'", "''") + "'"
    assert ("", "a user's remark") in [
        (e.get("value"), e.get("comment")) for e in image.iter(f"{_SPACE}FITSKeyword") if e.get("name") == "COMMENT"
    ]
    properties = {each.get("id"): each for each in image.iter(f"{_SPACE}Property")}
    assert properties["Instrument:Telescope:Name"].text == _CARDS[0][1]
    assert float(properties["Instrument:Telescope:FocalLength"].get("value") or 0) == pytest.approx(0.53)
    start = (properties["Observation:Time:Start"].get("value") or "").removesuffix("Z")
    assert datetime.fromisoformat(start) == datetime(2026, 1, 15, 20, 30, 12, 123000)
    assert "Instrument:Telescope:Aperture" not in properties
    assert len({each.id for each in PROPERTIES}) == len({each.keyword for each in PROPERTIES}) == len(PROPERTIES)


def test_colours_of_a_part_and_of_grey() -> None:
    part = develop(_DATA, record(part=(16, 32, 64, 48), binning=2), _VISIBLE, form=Form.XISF)
    image = _xml(fits_of(part)).find(f"{_SPACE}Image")
    assert image is not None and image.get("geometry") == "32:24:1"
    colours = image.find(f"{_SPACE}ColorFilterArray")
    assert colours is not None
    assert (colours.get("pattern"), colours.get("width"), colours.get("height")) == ("RGGB", "2", "2")
    grey = develop(_DATA, record(binning=2, bin_mode=SUPERPIXEL, frame_type="Flat"), _VISIBLE, form=Form.XISF)
    image = _xml(fits_of(grey)).find(f"{_SPACE}Image")
    assert image is not None and image.find(f"{_SPACE}ColorFilterArray") is None
    assert image.get("imageType") == "Flat"


def test_a_head_of_any_length_ends_on_a_whole_block() -> None:
    for count in (0, 40, 100, 400):
        rows = [(f"KEY{number}", "x" * 60, "comment") for number in range(count)]
        head = xisf_head(rows, 4, 2, "RGGB", "Light")
        image = _xml(head).find(f"{_SPACE}Image")
        assert image is not None and image.get("location") == f"attachment:{len(head)}:16"
        assert len(head) % 4096 == 0


def test_a_picture_that_is_none_is_a_fault_of_our_own() -> None:
    head = xisf_head([], 4, 2, "", "Light")
    size = xisf_size(len(head), 4, 2)
    rows = np.zeros((2, 4), np.uint16)
    for length, bands in ((size - 1, [(0, rows)]), (size, [(1, rows)]), (size, [(0, rows[:1])])):
        with pytest.raises(RuleBroken):
            write_xisf(memoryview(bytearray(length)), head, Pieces((2, 4), bands))
