"""FITS bytes: the standard's rules, judged by astropy; the table of cards, row by row."""

from __future__ import annotations

import io
import shutil
import string
import subprocess
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings

from indi_sony_py.errors import RuleBroken
from indi_sony_py.image.arw import read_arw
from indi_sony_py.image.cards import TABLE, Source, make_header, shifted_pattern
from indi_sony_py.image.exptime import exptime
from indi_sony_py.image.fits import card, clean, fits_size, header_bytes, valid_keyword, write_fits
from indi_sony_py.image.record import FRAME_TYPES, CardValue, FrameRecord
from indi_sony_py.sim.arw_encoder import encode_arw
from tests.image.frames import Pieces, noise, record, spec

_HEADER = read_arw(encode_arw(noise(spec().geometry), spec(camera_temperature_c=21, ambient_temperature_c=9)))


def _source(made: FrameRecord) -> Source:
    return Source(made, _HEADER, exptime(made, _HEADER.exposure_s), 488, 384, "RGGB", 512, 16383)


def _read(raw: bytes) -> fits.Header:
    assert len(raw) % 2880 == 0
    assert set(raw) <= set(range(32, 127))
    header = fits.Header.fromstring(raw)
    for made in header.cards:
        made.verify("exception")
    return header


def test_the_whole_header_of_a_light_frame() -> None:
    raw, notes = make_header(_source(record(battery_percent=77, expected_size=(488, 384))))
    assert notes == ()
    header = _read(raw)
    assert list(header)[:8] == ["SIMPLE", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "EXTEND", "BZERO", "BSCALE"]
    wanted = {
        "NAXIS1": 488,
        "NAXIS2": 384,
        "BZERO": 32768,
        "BSCALE": 1,
        "ROWORDER": "TOP-DOWN",
        "INSTRUME": "Sony Alpha",
        "CAMERA": "ILCE-7M3",
        "EXPTIME": 5.0,
        "EXPREQ": 5.0,
        "EXPFILE": 5.0,
        "SHUTMODE": "TIMED",
        "CCD-TEMP": 21.0,
        "AMBTEMP": 9.0,
        "PIXSIZE1": 5.95,
        "XPIXSZ": 5.95,
        "XBINNING": 1,
        "FRAME": "Light",
        "IMAGETYP": "Light Frame",
        "XBAYROFF": 0,
        "YBAYROFF": 0,
        "BAYERPAT": "RGGB",
        "DATE-OBS": "2026-01-15T20:30:12.123",
        "CAMCLOCK": "2026-01-15T21:30:12.345+01:00",
        "ISOSPEED": 800,
        "GAIN": 800,
        "BLKLEVEL": 512,
        "WHTLEVEL": 16383,
        "ADCBITS": 14,
        "RAWTYPE": "UNCOMPRESSED",
        "LONGEXNR": False,
        "SHUTCNT": 741,
        "FRAMESER": 7,
        "LENS": "FE 24mm F1.4 GM",
        "CAMSER": "1234567",
        "CAMFW": "3.10",
        "CAMPROTO": "2.00",
        "BATTERY": 77,
    }
    assert {keyword: header[keyword] for keyword in wanted} == wanted
    for absent in ("DARKTIME", "EXPMEAS", "TELESCOP", "OBJECT", "SCALE", "DUPLICAT"):
        assert absent not in header


@pytest.mark.parametrize(
    ("told", "in_file", "shown"),
    [("0" * 25 + "7654321", "", "7654321"), ("0" * 32, "1234567", "1234567"), ("0" * 32, "0" * 32, None)],
)
def test_a_serial_number_stands_there_as_on_the_body(told: str, in_file: str, shown: str | None) -> None:
    source = replace(_source(record(serial=told)), header=replace(_HEADER, serial=in_file))
    header = _read(make_header(source)[0])
    assert header.get("CAMSER") == shown


def test_a_long_text_is_announced() -> None:
    long: tuple[tuple[str, CardValue, str], ...] = (("OBSERVER", "x" * 100, "who"),)
    header = _read(make_header(_source(record(cards=long)))[0])
    assert list(header)[8] == "LONGSTRN"
    assert header["OBSERVER"] == "x" * 100
    assert "LONGSTRN" not in _read(make_header(_source(record()))[0])


def test_a_long_note_is_broken_between_words() -> None:
    raw = card("COMMENT", "note " * 40) + card("HISTORY", "") + card("COMMENT", "y" * 100)
    lines = [raw[at : at + 80].decode().rstrip() for at in range(0, len(raw), 80)]
    notes = ["note " * 13 + "note"] * 2 + ["note " * 11 + "note"]
    assert [line[8:] for line in lines] == [*notes, "", "y" * 72, "y" * 28]


@pytest.mark.skipif(shutil.which("fitsverify") is None, reason="fitsverify is not installed")
@pytest.mark.parametrize("frame_type", FRAME_TYPES)
def test_fitsverify_finds_nothing(frame_type: str, tmp_path: Path) -> None:
    cards: tuple[tuple[str, CardValue, str], ...] = (
        ("OBSERVER", "Göttingen, 'old' " * 8, "who"),
        ("FOCALLEN", 420.0, "[mm]"),
        ("CTYPE1", "RA---TAN", ""),
        ("CTYPE2", "DEC--TAN", ""),
        ("CRVAL1", 10.68, ""),
        ("CRVAL2", 41.2, ""),
        *((f"{name}{axis}", 0.5, "") for name in ("CRPIX", "CDELT", "CROTA") for axis in (1, 2)),
        ("EQUINOX", 2000, ""),
        ("MYCARD", True, ""),
    )
    made = record(frame_type=frame_type, cards=cards, notes=("a note " * 30,), battery_percent=50)
    raw, _ = make_header(_source(made))
    cfa = noise(spec().geometry)[:, :488]
    whole = bytearray(fits_size(len(raw), 488, 384))
    write_fits(memoryview(whole), raw, Pieces(cfa.shape, [(0, cfa)]))
    path = tmp_path / "frame.fits"
    path.write_bytes(whole)
    done = subprocess.run(["fitsverify", path], capture_output=True, text=True, check=False)
    assert "0 warning(s) and 0 error(s)" in done.stdout, done.stdout


def test_every_row_of_the_table() -> None:
    keywords = [row.keyword for row in TABLE]
    # It is the telescope's or the lens', and only one of them at a time.
    assert [keyword for keyword in dict.fromkeys(keywords) if keywords.count(keyword) > 1] == ["FOCALLEN"]
    for row in TABLE:
        assert valid_keyword(row.keyword)
        if row.value is not None:
            assert row.comment
            # A comment that is cut is a comment that is not read.
            value = row.value(_source(record(measured_s=5.01, frame_type="Dark")))
            if value is not None:
                assert card(row.keyword, value, row.comment).decode().rstrip().endswith(row.comment), row.keyword


def test_the_table_stands_in_the_docs() -> None:
    text = (Path(__file__).parents[2] / "docs" / "FRAMES.md").read_text()
    told = [line for line in text.splitlines() if line.startswith("| ")]
    at = told.index("| keyword | meaning |")
    wanted = [f"| {row.keyword} | {row.comment} |" for row in TABLE]
    assert told[at + 2 :] == wanted


def test_dark_bias_and_bulb_cards() -> None:
    dark = _read(make_header(_source(record(frame_type="Dark")))[0])
    assert (dark["DARKTIME"], dark["IMAGETYP"]) == (5.0, "Dark Frame")
    bulb = record(shutter_mode="bulb", nominal_s=None, measured_s=5.0312)
    header = _read(make_header(_source(bulb))[0])
    assert (header["SHUTMODE"], header["EXPTIME"], header["EXPMEAS"]) == ("BULB", 5.0, 5.0312)


def test_what_the_file_does_not_say_gives_no_card() -> None:
    bare = replace(_HEADER, maker=replace(_HEADER.maker, camera_temperature_c=None, shutter_count=None), iso=None)
    source = replace(_source(record(pixel_um=None, iso_set=None, iso_requested=None)), header=bare, white=None)
    header = _read(make_header(source)[0])
    for absent in ("CCD-TEMP", "SHUTCNT", "ISOSPEED", "GAIN", "PIXSIZE1", "WHTLEVEL"):
        assert absent not in header


def test_a_press_without_a_time_gives_no_date() -> None:
    assert "DATE-OBS" not in _read(make_header(_source(record(pressed_utc="")))[0])
    zoned = _read(make_header(_source(record(pressed_utc="2026-01-15T20:30:12")))[0])
    assert zoned["DATE-OBS"] == "2026-01-15T20:30:12.000"


def test_a_scale_of_the_clients_own_wins() -> None:
    cards: tuple[tuple[str, CardValue, str], ...] = (("FOCALLEN", 420.0, ""), ("SCALE", 2.5, "measured"))
    header = _read(make_header(_source(record(cards=cards)))[0])
    assert header["SCALE"] == 2.5
    for focal in (0.0, -5.0, "long"):
        assert "SCALE" not in _read(make_header(_source(record(cards=(("FOCALLEN", focal, ""),))))[0])


def test_iso_of_the_file_wins() -> None:
    header = _read(make_header(_source(record(iso_set=1600)))[0])
    assert header["ISOSPEED"] == 800


def test_cards_of_user_and_snooped_devices_stand_at_their_places() -> None:
    cards: tuple[tuple[str, CardValue, str], ...] = (
        ("object", "M 31", "target"),
        ("TELESCOP", "EQ6 'old'", ""),
        ("FOCALLEN", 420.0, "[mm]"),
        ("OBJCTRA", "00 42 44.30", ""),
        ("MYCARD", 3, "mine"),
        ("COMMENT", "clear sky", ""),
    )
    raw, notes = make_header(_source(record(cards=cards, notes=("first of the night",))))
    header = _read(raw)
    assert notes == ()
    assert (header["OBJECT"], header["TELESCOP"], header["MYCARD"]) == ("M 31", "EQ6 'old'", 3)
    assert header["SCALE"] == pytest.approx(206.2648 * 5.95 / 420, rel=1e-5)
    keywords = list(header)
    assert keywords.index("INSTRUME") < keywords.index("OBJECT") < keywords.index("EXPTIME")
    assert keywords.index("BATTTEMP" if "BATTTEMP" in keywords else "CAMPROTO") < keywords.index("MYCARD")
    assert [str(line) for line in header["COMMENT"]][:2] == ["clear sky", "first of the night"]


@pytest.mark.parametrize(
    ("keyword", "value", "word"),
    [
        ("EXPTIME", 1.0, "itself"),
        ("NAXIS1", 5, "itself"),
        ("END", "x", "itself"),
        ("TOO LONG", 1, "not a keyword"),
        ("NINELETTE", 1, "not a keyword"),
        ("ÄRGER", 1, "not a keyword"),
        ("", 1, "not a keyword"),
        ("MYNUM", float("nan"), "no FITS number"),
        ("MYNUM", 10**30, "does not fit"),
    ],
)
def test_bad_cards_are_dropped_with_a_note(keyword: str, value: CardValue, word: str) -> None:
    raw, notes = make_header(_source(record(cards=((keyword, value, ""),))))
    assert len(notes) == 1 and word in notes[0]
    _read(raw)


@pytest.mark.parametrize(
    "text",
    ["", "short", "it's", "'" * 34, "'" * 35, "x" * 68, "x" * 69, "x'" * 40, "y" * 500, "a" * 66 + "'" * 5 + "b" * 66],
)
def test_text_of_any_length(text: str) -> None:
    raw = card("OBJECT", text, "the target of the night")
    assert len(raw) % 80 == 0
    assert _read(header_bytes([raw]))["OBJECT"] == text


def test_a_word_that_is_no_keyword() -> None:
    for keyword in ("", "lower", "NINELETTE", "A B"):
        with pytest.raises(ValueError, match="no FITS keyword"):
            card(keyword, 1)


def test_text_that_is_not_ascii() -> None:
    assert clean("Sébastien Łukasz \u03b1\n\t") == "Sebastien ?ukasz ???"


@pytest.mark.parametrize("value", [0.0, 5.0, 1 / 8000, 1e-7, 123456789.125, -0.5, 1e20, 3.3333333333])
def test_numbers(value: float) -> None:
    assert _read(header_bytes([card("X", value, "c")]))["X"] == pytest.approx(value, rel=1e-11)


@settings(max_examples=200)
@given(
    keyword=st.text(string.ascii_uppercase + string.digits + "-_", min_size=1, max_size=8),
    value=st.one_of(st.text(max_size=200), st.integers(), st.floats(), st.booleans()),
    comment=st.text(max_size=100),
)
def test_any_card_is_legal_or_refused(keyword: str, value: CardValue, comment: str) -> None:
    if keyword in ("COMMENT", "HISTORY", "CONTINUE", "END", "HIERARCH", "SIMPLE", "XTENSION"):
        return
    try:
        raw = card(keyword, value, comment)
    except ValueError:
        assert not isinstance(value, str)
        return
    found = _read(header_bytes([raw]))[keyword]
    if isinstance(value, str):
        assert found == clean(value).rstrip()
    elif isinstance(value, bool | int):
        assert found == value
    else:
        assert found == pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (384, 488), (1200, 1441)])
def test_pixels_are_written_as_astropy_reads_them(shape: tuple[int, int]) -> None:
    cfa = np.random.default_rng(2).integers(0, 65536, shape).astype(np.uint16)
    head = header_bytes(
        [
            card("SIMPLE", True),
            card("BITPIX", 16),
            card("NAXIS", 2),
            card("NAXIS1", shape[1]),
            card("NAXIS2", shape[0]),
            card("BZERO", 32768),
            card("BSCALE", 1),
        ]
    )
    size = fits_size(len(head), shape[1], shape[0])
    assert size % 2880 == 0
    buffer = bytearray(b"\xaa" * size)
    write_fits(memoryview(buffer), head, Pieces(shape, [(0, cfa)]))
    with fits.open(io.BytesIO(bytes(buffer))) as hdus:
        hdus.verify("exception")
        assert np.array_equal(hdus[0].data, cfa)
    assert not any(buffer[len(head) + 2 * cfa.size :])


def test_a_view_on_a_larger_frame_is_written_without_its_margins() -> None:
    whole = np.arange(40 * 50, dtype=np.uint16).reshape(40, 50)
    head = header_bytes([card("SIMPLE", True)])
    buffer = bytearray(fits_size(len(head), 20, 10))
    write_fits(memoryview(buffer), head, Pieces((10, 20), [(0, whole[5:9, 7:27]), (4, whole[9:15, 7:27])]))
    stored = np.frombuffer(buffer, ">i2", 200, len(head)).reshape(10, 20).astype(np.int32) + 32768
    assert np.array_equal(stored, whole[5:15, 7:27])


@pytest.mark.parametrize("bands", [[(0, 5)], [(0, 4), (5, 5)], [(0, 4), (4, 7)], [(4, 6)]])
def test_bands_with_a_gap_are_our_fault(bands: list[tuple[int, int]]) -> None:
    head = header_bytes([card("SIMPLE", True)])
    buffer = memoryview(bytearray(fits_size(len(head), 20, 10)))
    with pytest.raises(RuleBroken):
        zeros = [(top, np.zeros((rows, 20), np.uint16)) for top, rows in bands]
        write_fits(buffer, head, Pieces((10, 20), zeros))


def test_a_buffer_of_another_size_is_our_fault() -> None:
    with pytest.raises(RuleBroken):
        write_fits(memoryview(bytearray(10)), b" " * 2880, Pieces((2, 2), [(0, np.zeros((2, 2), np.uint16))]))


@pytest.mark.parametrize(("x", "y", "pattern"), [(0, 0, "RGGB"), (1, 0, "GRBG"), (0, 1, "GBRG"), (13, 7, "BGGR")])
def test_the_pattern_moves_with_the_origin(x: int, y: int, pattern: str) -> None:
    assert shifted_pattern("RGGB", x, y) == pattern


def test_a_record_knows_its_words() -> None:
    with pytest.raises(ValueError, match="frame_type"):
        record(frame_type="light")
    with pytest.raises(ValueError, match="area"):
        record(area="all")
