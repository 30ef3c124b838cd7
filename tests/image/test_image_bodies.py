"""Every body and RAW type in small, and what the simulated camera puts into its files."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from PIL import Image

from indi_sony_py.image.arw import read_arw
from indi_sony_py.image.pipeline import develop, native_to_memfd
from indi_sony_py.image.stars import find_stars
from indi_sony_py.ptp.codes import ObjectFormat
from indi_sony_py.sim.arw_encoder import encode_arw
from indi_sony_py.sim.darkroom import Press
from indi_sony_py.sim.geometry import geometry_of, small
from indi_sony_py.sim.pictures import SkyPictures
from indi_sony_py.sim.profile import profile_of
from indi_sony_py.sim.serial_mark import MARK, read_serial
from indi_sony_py.sony.bodies import Body
from indi_sony_py.sony.modes import FileFormat
from tests.image.all_bodies import check, pairs
from tests.image.frames import noise, record, spec

_PAIRS = list(pairs())
_NAMES = [f"{row.model}-{raw_type}" for row, raw_type in _PAIRS]


@pytest.mark.parametrize(("row", "raw_type"), _PAIRS, ids=_NAMES)
def test_every_body_has_one_size_and_the_skys_values(row: Body, raw_type: str) -> None:
    geometry = geometry_of(row).scaled(576, 448)
    assert check(row, raw_type, geometry, geometry.visible) == geometry.visible


@pytest.mark.parametrize("model", ["ILCE-7M3", "ILCE-7RM5"])
def test_an_aps_c_crop_has_one_size_too(model: str) -> None:
    sizes = set()
    for row, raw_type in _PAIRS:
        if row.model == model:
            geometry = geometry_of(row, apsc=True).scaled(576, 448)
            sizes.add(check(row, raw_type, geometry, (864, 672)))
    assert len(sizes) == 1


@pytest.mark.parametrize("area", ["visible", "crop", "libraw"])
def test_an_aps_c_crop_is_told_whatever_the_area_and_the_form(area: str) -> None:
    geometry = small(320, 256)
    data = encode_arw(noise(geometry), spec(geometry=geometry))
    told = record(area=area)
    native = native_to_memfd(data, told, (488, 384))
    os.close(native.fd)
    for warnings in (develop(data, told, (488, 384)).warnings, native.warnings):
        assert len(warnings) == 1 and "APS-C" in warnings[0] and "488 x 384" in warnings[0]


@pytest.mark.parametrize("area", ["visible", "crop", "libraw"])
def test_the_cameras_own_file_has_the_size_of_its_frame(area: str) -> None:
    geometry = small()
    data = encode_arw(noise(geometry), spec("lossy", plain_levels=False))
    frame = native_to_memfd(data, record(area=area), geometry.visible, (464, 360))
    os.close(frame.fd)
    assert frame.warnings == ()
    assert (frame.width, frame.height) == {"visible": (488, 384), "crop": (464, 360), "libraw": (512, 384)}[area]


def _press(**changes: Any) -> Press:
    facts: dict[str, Any] = {
        "serial": 12,
        "opened": 5.0,
        "opened_utc": datetime(2026, 1, 15, 20, 30, 12, 345000, UTC),
        "exposure_s": 5.0004,
        "nominal_s": Fraction(5),
        "iso": 800,
        "format": FileFormat(True, False),
        "scene": "sky",
        "noise_reduction": False,
        "by": "host",
        "raw_type": "uncompressed",
    }
    return Press(**(facts | changes))


def test_a_photo_is_a_raw_of_that_body_with_its_press() -> None:
    profile = profile_of("ILCE-7M3")
    pictures = SkyPictures(profile, 1, small())
    ((name, kind, data),) = pictures(_press())
    assert (name, kind) == ("DSC00012.ARW", ObjectFormat.ARW)
    header = read_arw(data)
    assert (header.model, header.exposure_s, header.iso, header.maker.shutter_count) == ("ILCE-7M3", 5, 800, 12)
    assert header.captured_utc == datetime(2026, 1, 15, 20, 30, 12, 345000, UTC)
    assert (header.maker.camera_temperature_c, header.maker.ambient_temperature_c) == (24, 22)
    cfa = develop(data, record(), (488, 384)).mosaic.whole()
    assert read_serial(cfa) == 12
    places = {(round(x), round(y)) for x, y, _ in find_stars(cfa, ignore=MARK)}
    truth = pictures.stars()
    assert len(truth) >= 5
    assert all(any(abs(star[0] - x) < 2 and abs(star[1] - y) < 2 for x, y in places) for star in truth)


def test_a_body_that_tells_no_temperature() -> None:
    ((_, _, data),) = SkyPictures(profile_of("ILCE-6000"), 1, small())(_press(raw_type="lossy"))
    maker = read_arw(data).maker
    assert (maker.camera_temperature_c, maker.ambient_temperature_c) == (None, 22)


@pytest.mark.parametrize(
    ("true", "nominal", "told"),
    [
        (5.0004, Fraction(5), Fraction(5)),
        (300.014, None, Fraction(30001, 100)),
        (2.5, Fraction(5), Fraction(5, 2)),
        (0.0, None, Fraction(1, 8000)),
    ],
)
def test_the_files_exposure_time(true: float, nominal: Fraction | None, told: Fraction) -> None:
    press = _press(exposure_s=true, nominal_s=nominal)
    ((_, _, data),) = SkyPictures(profile_of("ILCE-7M3"), 1, small())(press)
    assert read_arw(data).exposure == told


def test_raw_and_jpeg_of_one_press() -> None:
    files = SkyPictures(profile_of("ILCE-7SM3"), 1, small())(_press(format=FileFormat(True, True)))
    assert [(name, kind) for name, kind, _ in files] == [
        ("DSC00012.JPG", ObjectFormat.EXIF_JPEG),
        ("DSC00012.ARW", ObjectFormat.ARW),
    ]
    with Image.open(io.BytesIO(files[0][2])) as picture:
        assert picture.getexif()[0x0110] == "ILCE-7SM3"
    only = SkyPictures(profile_of("ILCE-7SM3"), 1, small())(_press(format=FileFormat(False, True)))
    assert [name for name, _, _ in only] == ["DSC00012.JPG"]


def test_a_cropped_press_of_a_full_frame_body() -> None:
    profile = profile_of("ILCE-7SM3")
    pictures = SkyPictures(profile, 1)
    ((_, _, data),) = pictures(_press(cropped=True))
    geometry = geometry_of(profile.row, apsc=True)
    header = read_arw(data)
    assert header.size == geometry.visible
    frame = develop(data, record(body="ILCE-7SM3"), profile.row.visible)
    assert np.array_equal((frame.width, frame.height), geometry.visible)
    assert "APS-C" in frame.warnings[0]
