"""Sky to ARW to CFA to FITS: every flavour gives back the pixels that went in; LibRaw and astropy are the judges."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import rawpy
from astropy.io import fits

from indi_sony_py.image.arw import frame_area, read_arw
from indi_sony_py.image.cfa import Mosaic
from indi_sony_py.image.layout import Compression
from indi_sony_py.image.pipeline import develop, develop_to_memfd
from indi_sony_py.sim.arw_encoder import RAW_TYPES, encode_arw, encode_pixels, stored_cfa, wrap_pixels
from indi_sony_py.sim.geometry import Geometry, geometry_of, small, tells_levels
from indi_sony_py.sim.sky import Sky, read_serial
from indi_sony_py.sony.bodies import all_bodies, body
from tests.image.frames import BODIES, fits_of, noise, record, spec, told


def _fits_pixels(whole: bytes) -> np.ndarray:
    with fits.open(io.BytesIO(whole)) as hdus:
        hdus.verify("exception")
        return np.array(hdus[0].data)


@pytest.mark.parametrize("raw_type", RAW_TYPES)
@pytest.mark.parametrize(("model", "model_id", "plain"), BODIES)
def test_every_flavour_of_every_age_is_pixel_exact(raw_type: str, model: str, model_id: int, plain: bool) -> None:
    geometry = small()
    cfa = noise(geometry)
    made = spec(raw_type, geometry, model=model, model_id=model_id, plain_levels=plain)
    data = encode_arw(cfa, made)
    expected = told(cfa, raw_type)

    with rawpy.imread(io.BytesIO(data)) as raw:
        assert np.array_equal(raw.raw_image, told(stored_cfa(cfa, made), raw_type))
        assert raw.black_level_per_channel == [512] * 4

    header = read_arw(data)
    assert header.damage == ()
    decoded = Mosaic(data, header, (0, 0, *geometry.visible)).whole()
    assert np.array_equal(decoded, expected[:, : geometry.visible[0]])

    frame = develop(data, record(body=model), geometry.visible)
    assert frame.warnings == ()
    assert np.array_equal(_fits_pixels(fits_of(frame)), expected[:, : geometry.visible[0]])


FULL = (
    ("ILCE-7SM3", "uncompressed"),
    ("ILCE-6000", "lossy"),
    ("ILCE-7M4", "lossless"),
)


@pytest.mark.parametrize(("model", "raw_type"), FULL)
def test_full_size_bodies(model: str, raw_type: str) -> None:
    row = body(model)
    geometry = geometry_of(row)
    shot = Sky(3, geometry).render(5.0, 800, "sky", serial=4711)
    made = spec(raw_type, geometry, model=model, model_id=row.exif_id, plain_levels=tells_levels(row))
    data = encode_arw(shot.cfa, made)
    frame = develop_to_memfd(data, record(body=model, expected_size=row.visible), row.visible, row.crop)
    try:
        pixels = _fits_pixels(os.pread(frame.fd, frame.length, 0))
    finally:
        os.close(frame.fd)
    assert frame.warnings == ()
    assert (frame.width, frame.height) == row.visible
    width, height = frame.width, frame.height
    assert np.array_equal(pixels, told(shot.cfa, raw_type)[:height, :width])
    assert read_serial(pixels) == 4711


@pytest.mark.parametrize("raw_type", RAW_TYPES)
def test_one_size_for_a_body_whatever_the_raw_type(raw_type: str) -> None:
    geometry = replace(small(576, 416), active=(556, 416))
    data = encode_arw(noise(geometry), spec(raw_type, geometry))
    frame = develop(data, record(), (552, 416))
    assert (frame.width, frame.height) == (552, 416)
    assert frame.warnings == ()


def test_a_lossy_row_that_is_no_whole_number_of_blocks() -> None:
    # RX0: 4808 columns are stored, 4800 of them in blocks.
    geometry = Geometry(488, 384, (480, 384))
    cfa = noise(geometry)
    data = encode_arw(cfa, spec("lossy", geometry))
    with rawpy.imread(io.BytesIO(data)) as raw:
        assert np.array_equal(raw.raw_image[:, :480], told(cfa, "lossy")[:, :480])
    header = read_arw(data)
    assert header.size == (480, 384)
    assert np.array_equal(develop(data, record()).mosaic.whole(), told(cfa, "lossy")[:, :480])
    tall = replace(geometry, active=(486, 380))
    assert read_arw(encode_arw(cfa, spec("lossy", tall))).size == (480, 380)
    assert read_arw(encode_arw(cfa, spec(geometry=tall))).size == (486, 380)


def test_sizes_that_differ_by_a_few_pixels_are_one_body() -> None:
    # A7 R V: 9564 x 6376 uncompressed, 9566 x 6374 lossless; the frame is 9564 x 6376 in both.
    geometry = Geometry(576, 416, (556, 414), (556, 414))
    data = encode_arw(noise(geometry), spec("lossless", geometry))
    assert frame_area(read_arw(data), "visible", (552, 416)) == (0, 0, 552, 416)


def test_an_aps_c_crop_is_a_size_of_its_own_and_said() -> None:
    geometry = replace(small(320, 256), active=(312, 256))
    data = encode_arw(noise(geometry), spec("uncompressed", geometry))
    frame = develop(data, record(expected_size=(488, 384)), (488, 384))
    assert (frame.width, frame.height) == (312, 256)
    assert "312 x 256" in frame.warnings[0] and "APS-C" in frame.warnings[0]


@pytest.mark.parametrize("raw_type", RAW_TYPES)
@pytest.mark.parametrize("area", ["visible", "crop", "libraw"])
def test_the_serial_survives_every_codec_and_area(raw_type: str, area: str) -> None:
    geometry = small()
    shot = Sky(5, geometry).render(2.0, 1600, "sky", serial=0xDEADBEEF)
    data = encode_arw(shot.cfa, spec(raw_type, geometry, iso=1600, exposure=Fraction(2)))
    frame = develop(data, record(area=area, requested_s=2.0, nominal_s=2.0), geometry.visible)
    assert read_serial(frame.mosaic.whole()) == 0xDEADBEEF


def test_the_official_crop_and_its_pattern() -> None:
    geometry = replace(small(), crop=(13, 8, 400, 300))
    cfa = noise(geometry)
    frame = develop(encode_arw(cfa, spec(geometry=geometry)), record(area="crop"), geometry.visible)
    assert frame.pattern == "GRBG"
    assert np.array_equal(frame.mosaic.whole(), cfa[8:308, 13:413])


def test_an_old_body_without_a_crop_tag_gets_the_crop_of_its_row() -> None:
    geometry = small()
    data = encode_arw(noise(geometry), spec(plain_levels=False))
    assert frame_area(read_arw(data), "crop", (488, 384), (464, 360)) == (12, 12, 464, 360)
    assert frame_area(read_arw(data), "crop", (488, 384)) == (0, 0, 488, 384)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_camera_on_its_side_turns_nothing(orientation: int) -> None:
    geometry = small()
    cfa = noise(geometry)
    frame = develop(encode_arw(cfa, spec("lossy", orientation=orientation)), record(), geometry.visible)
    assert np.array_equal(frame.mosaic.whole(), told(cfa, "lossy")[:, :488])


def test_twelve_bits_are_told_and_not_scaled() -> None:
    geometry = replace(small(), bits=12)
    cfa = noise(geometry) & np.uint16(0xFFFC)
    data = encode_arw(cfa, spec(geometry=geometry))
    frame = develop(data, record(), geometry.visible)
    assert np.array_equal(frame.mosaic.whole(), cfa[:, :488])
    assert fits.Header.fromstring(frame.header)["ADCBITS"] == 12


def test_one_encoding_serves_many_headers() -> None:
    geometry = small()
    cfa = noise(geometry)
    pixels = encode_pixels(cfa, spec("lossless"))
    first = wrap_pixels(pixels, spec("lossless", shutter_count=1))
    second = wrap_pixels(pixels, spec("lossless", shutter_count=2, exposure=Fraction(1, 8000)))
    assert read_arw(first).maker.shutter_count == 1
    assert read_arw(second).exposure == Fraction(1, 8000)
    assert np.array_equal(develop(second, record(), geometry.visible).mosaic.whole(), cfa[:, :488])


def test_every_bodys_geometry_can_be_stored() -> None:
    for row in all_bodies():
        for apsc in (False, True):
            geometry = geometry_of(row, apsc)
            assert geometry.width % 2 == 0 and geometry.height % 2 == 0, row.model
            # The lossy code stores whole blocks of 32 columns.
            assert geometry.visible[0] <= geometry.width // 32 * 32, row.model
            assert geometry.visible[1] <= geometry.height, row.model
            if geometry.crop is not None:
                x, y, width, height = geometry.crop
                assert not (x | y) & 1, row.model
                assert x + width <= geometry.visible[0] and y + height <= geometry.visible[1], row.model
                assert x <= 64 and y <= 40, row.model


def test_uncompressed_needs_no_libraw(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_libraw(*args: object) -> object:
        raise AssertionError("LibRaw was asked")

    monkeypatch.setattr(rawpy, "imread", no_libraw)
    geometry = small()
    cfa = noise(geometry)
    data = encode_arw(cfa, spec())
    assert read_arw(data).compression is Compression.UNCOMPRESSED
    assert np.array_equal(develop(data, record(), geometry.visible).mosaic.whole(), cfa[:, :488])


@pytest.mark.parametrize("size", [(2048, 512), (1024, 1024), (512, 1024)])
def test_any_number_of_tiles(size: tuple[int, int]) -> None:
    # LibRaw takes a file of four tiles for something else.
    geometry = Geometry(*size, size)
    cfa = noise(geometry)
    data = encode_arw(cfa, spec("lossless", geometry))
    assert np.array_equal(develop(data, record(), size).mosaic.whole(), cfa)


@pytest.mark.parametrize("raw_type", RAW_TYPES)
def test_bands_follow_each_other_without_gaps(raw_type: str) -> None:
    geometry = Geometry(64, 1600, (64, 1600))
    cfa = noise(geometry)
    data = encode_arw(cfa, spec(raw_type, geometry))
    mosaic = Mosaic(data, read_arw(data), (3, 500, 50, 600))
    row = 0
    for top, band in mosaic.bands():
        assert top == row
        assert np.array_equal(band, told(cfa, raw_type)[500 + top : 500 + top + band.shape[0], 3:53])
        row += band.shape[0]
    assert row == 600
    assert np.array_equal(mosaic.whole(), told(cfa, raw_type)[500:1100, 3:53])


def test_an_old_libraw_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    from indi_sony_py.errors import UnknownImage

    monkeypatch.setattr(rawpy, "libraw_version", (0, 21, 3))
    monkeypatch.setattr("indi_sony_py.image.cfa.compiled", lambda: None)
    with pytest.raises(UnknownImage, match=r"0\.21\.3"):
        develop(encode_arw(noise(small()), spec("lossless")), record(), (488, 384)).mosaic.whole()
